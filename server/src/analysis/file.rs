//! The analysis of one file.

use std::collections::BTreeMap;
use std::sync::Arc;

use rowan::GreenNode;

use super::cache::{Analyzed, Cache, ItemAnalysis};
use super::context::{FixRequest, Offer, covers};
use super::dispatch::RuleSet;
use super::finding::Finding;
use super::fix::FixContext;
use super::opportunity::Census;
use super::rule::{Code, Rule};
use super::run::{Found, Walk, any_in};
use super::suppression::{self, Suppressed, Suppression};
use crate::project::{
    FileSymbols, FileUses, ItemSymbols, ItemUses, Reference, Role, SymbolIndex, references_of_item,
};
use crate::semantics::FileContext;
use crate::syntax::attrs::marks_test_code;
use crate::syntax::generated::is_generated;
use crate::syntax::green::any_token;
use crate::syntax::items::{Item, Outline};
use crate::syntax::{SyntaxKind, SyntaxNode, TooComplex, parse_seeing};
use crate::text::{FileRange, TextRange, TextSize};

/// What a file says on its own. What the rest of the workspace adds comes in
/// [`FileAnalysis::resolve`].
#[derive(Debug, Clone, Default)]
pub struct FileAnalysis {
    findings: Vec<Finding>,
    suppressions: Vec<Suppression>,
    /// Whether the file is compiled for tests only, or a program wrote it, by what stands at its
    /// top.
    aside: bool,
    /// What it tells the rest of the workspace.
    pub index: FileIndex,
    /// Rules that panicked, and were switched off for the file.
    pub panicked: Vec<&'static Rule>,
    /// Braces do not match, in an item or between items; see [`Outline::broken`].
    pub broken: bool,
    /// The ranges of the items, in text order.
    pub items: Vec<FileRange>,
}

/// What a file declares, and what it refers to that other files have to provide.
#[derive(Debug, Clone, Default)]
pub struct FileIndex {
    /// What it declares, for the symbol index.
    pub symbols: Arc<FileSymbols>,
    /// What its production code names.
    pub uses: Arc<FileUses>,
    /// What its items refer to, with their starts; items that refer to nothing are left out.
    references: Arc<[(TextSize, Arc<[Reference]>)]>,
    /// What rules about production code are held against.
    pub census: Census,
}

/// Analyses a file.
pub fn analyze(root: &SyntaxNode, file: &FileContext, rules: &RuleSet) -> FileAnalysis {
    analyze_tree(root, file, rules, None)
}

/// Parses and analyses a text that is not going to be edited; the tree comes second.
///
/// # Errors
///
/// When the text is too deeply nested or too large to be parsed.
pub fn analyze_text(
    text: &str,
    file: &FileContext,
    rules: &RuleSet,
) -> Result<(FileAnalysis, GreenNode), TooComplex> {
    let mut seen = Seen::default();
    let spec = rules.index_spec();
    let tree = parse_seeing(text, file.edition, |kind, token, offset| {
        if kind == SyntaxKind::COMMENT {
            seen.comments.push(offset);
        } else if spec.may_refer(kind, token) {
            seen.references.push(offset);
        }
    })?;
    let root = SyntaxNode::new_root(tree.clone());
    Ok((analyze_tree(&root, file, rules, Some(&seen)), tree))
}

/// The offsets of tokens that the walk needs not look for, in text order.
#[derive(Debug, Default)]
struct Seen {
    /// Those that may refer to something.
    references: Vec<TextSize>,
    comments: Vec<TextSize>,
}

fn analyze_tree(
    root: &SyntaxNode,
    file: &FileContext,
    rules: &RuleSet,
    seen: Option<&Seen>,
) -> FileAnalysis {
    let outline = Outline::of(root);
    let mut walk = Walk::new(file, rules);
    walk.comments = seen.map(|seen| seen.comments.as_slice());
    let analyzed = |item: &Item<'_>| {
        let node = item.node(root)?;
        Some((item.range.start(), analyze_item(&mut walk, &node, item, seen)))
    };
    let items: Vec<(TextSize, ItemAnalysis)> = outline.items().filter_map(analyzed).collect();
    let found = || items.iter().map(|(start, found)| (*start, found));
    let mut analysis = FileAnalysis::of_items(root, &outline, found(), walk.panicked);
    analysis.index = FileIndex::by(root, found());
    analysis
}

/// Analyses a file that is being edited: only items that changed since the last time are walked.
/// What it declares is for the cache to tell, see [`Cache::index`].
///
/// `epoch` identifies what findings depend on outside of the file, as the settings: when it
/// changed, all items are walked.
pub fn analyze_edited(
    root: &SyntaxNode,
    file: &FileContext,
    rules: &RuleSet,
    cache: &mut Cache,
    epoch: u64,
) -> FileAnalysis {
    let outline = Outline::of(root);
    let mut walk = Walk::new(file, rules);
    cache.begin(epoch);
    walk.fragments = Some(std::mem::take(&mut cache.fragments));
    walk.imports = std::mem::take(&mut cache.imports);
    let analyzed = |item: &Item<'_>| {
        cache.get(item).or_else(|| {
            let node = item.node(root)?;
            let found = Arc::new(analyze_item(&mut walk, &node, item, None));
            if walk.panicked.is_empty() {
                cache.insert(item, Arc::clone(&found));
            }
            Some(Analyzed::new(item, found))
        })
    };
    let mut items = Vec::with_capacity(outline.containers.len() + outline.leaves.len());
    items.extend(outline.items().filter_map(analyzed));
    cache.fragments = walk.fragments.take().unwrap_or_default();
    cache.imports = walk.imports;
    let shown = items.iter().filter(|item| item.shows).map(Analyzed::found);
    let analysis = FileAnalysis::of_items(root, &outline, shown, walk.panicked);
    cache.end(items, !analysis.panicked.is_empty());
    analysis
}

fn analyze_item(
    walk: &mut Walk<'_>,
    node: &SyntaxNode,
    item: &Item<'_>,
    seen: Option<&Seen>,
) -> ItemAnalysis {
    let Found { mut findings, mut suppressions, census } = walk.item(node, item.surroundings);
    let start = item.range.start();
    for finding in &mut findings {
        finding.in_test = census.is_none();
        finding.range -= start;
        for related in &mut finding.related {
            related.range = related.range.checked_sub(start).unwrap_or_default();
        }
    }
    for suppression in &mut suppressions {
        suppression.comment -= start;
        suppression.target = suppression.target.map(|it| it.checked_sub(start).unwrap_or_default());
        for (_, range) in &mut suppression.rules {
            *range -= start;
        }
    }
    let spec = walk.rules.index_spec();
    let refers_to_something = || match seen {
        Some(seen) => any_in(&seen.references, item.range),
        None => any_token(item.green, &|kind, text: &str| spec.may_refer(kind, text)),
    };
    let (symbols, references) = match item.is_container() {
        true => (ItemSymbols::of_container(node), Vec::new()),
        false if refers_to_something() => {
            (ItemSymbols::of_leaf(node), references_of_item(node, spec))
        }
        false => (ItemSymbols::of_leaf(node), Vec::new()),
    };
    ItemAnalysis {
        findings,
        suppressions,
        census: census.unwrap_or_default(),
        symbols: Some(symbols).filter(|it| *it != ItemSymbols::default()).map(Arc::new),
        uses: (!item.is_container()).then(|| ItemUses::of_leaf(node)).flatten().map(Arc::new),
        references: references.into(),
        unclosed: item.is_unclosed(),
    }
}

fn shifted(finding: &Finding, by: TextSize) -> Finding {
    let mut finding = finding.clone();
    finding.range += by;
    for related in &mut finding.related {
        related.range += by;
    }
    finding
}

fn shift_suppression(suppression: &Suppression, by: TextSize) -> Suppression {
    let mut suppression = suppression.clone();
    suppression.comment += by;
    suppression.target = suppression.target.map(|target| target + by);
    for (_, range) in &mut suppression.rules {
        *range += by;
    }
    suppression
}

impl FileAnalysis {
    /// Puts together what was found in the items, given with their starts.
    fn of_items<'i>(
        root: &SyntaxNode,
        outline: &Outline<'_>,
        items: impl Iterator<Item = (TextSize, &'i ItemAnalysis)>,
        panicked: Vec<&'static Rule>,
    ) -> Self {
        let mut analysis = Self {
            aside: marks_test_code(root) || is_generated(root),
            broken: outline.broken,
            items: outline.leaves.iter().map(|leaf| FileRange::in_file_tree(leaf.range)).collect(),
            ..Self::default()
        };
        for (start, found) in items {
            analysis.findings.extend(found.findings.iter().map(|it| shifted(it, start)));
            let suppressions = found.suppressions.iter().map(|it| shift_suppression(it, start));
            analysis.suppressions.extend(suppressions);
            analysis.broken |= found.unclosed;
        }
        // What a rule found before it failed is no more to be trusted than what it did not find.
        analysis.findings.retain(|finding| !panicked.contains(&finding.rule));
        analysis.panicked = panicked;
        analysis
    }

    /// The findings of the file as part of its workspace, in text order; `project` are those that
    /// rules about the project as a whole have in it.
    pub fn resolve(
        &self,
        file: &FileContext,
        rules: &RuleSet,
        symbols: &SymbolIndex,
        project: Vec<Finding>,
        known: impl Fn(&str) -> bool,
    ) -> Vec<Finding> {
        self.resolve_noting(file, rules, symbols, project, known, |_| {})
    }

    /// Whether only tests compile the file, or a program wrote it.
    pub fn is_aside(&self, file: &FileContext, symbols: &SymbolIndex) -> bool {
        let module = symbols.module(&file.path);
        matches!(file.role, Role::Test | Role::Build)
            || self.aside
            || match module {
                Some(module) => module.test_only,
                // Declared where it is not seen, as in the arguments of a macro.
                None => {
                    file.path.contains("/tests/")
                        || file.path.ends_with("/tests.rs")
                        || file.is_outside_of_sources()
                }
            }
    }

    /// The same as [`resolve`](Self::resolve); what comments, attributes and manifests allow goes to
    /// `suppressed`.
    pub fn resolve_noting(
        &self,
        file: &FileContext,
        rules: &RuleSet,
        symbols: &SymbolIndex,
        project: Vec<Finding>,
        known: impl Fn(&str) -> bool,
        mut suppressed: impl FnMut(Suppressed),
    ) -> Vec<Finding> {
        let module = symbols.module(&file.path);
        let test = self.is_aside(file, symbols);
        let package_lints = file.package.iter().flat_map(|package| &package.allowed_lints);
        let allows: Vec<&String> =
            module.into_iter().flat_map(|it| &it.allows).chain(package_lints).collect();
        let mut findings: Vec<Finding> = self
            .findings
            .iter()
            .filter(|finding| !(test && finding.rule.code == Code::Production))
            .filter(|finding| finding.condition.as_ref().is_none_or(|it| it.holds(symbols)))
            .filter(|finding| {
                let is_allowed = finding.is_allowed_in_file
                    || allows.iter().any(|lint| covers(finding.rule, lint));
                if is_allowed {
                    let finding = Finding::clone(finding);
                    suppressed(Suppressed { finding, reason: None, is_blanket: true });
                }
                !is_allowed
            })
            .cloned()
            .chain(project)
            .collect();
        if !self.suppressions.is_empty() {
            suppression::apply(&mut findings, &self.suppressions, known, rules, suppressed);
        }
        findings.sort_by_key(|it| (it.range.start(), it.range.end(), it.rule.id));
        findings.dedup_by(|a, b| a.rule == b.rule && a.range == b.range);
        findings
    }
}

impl FileIndex {
    fn by<'i>(
        root: &SyntaxNode,
        items: impl Iterator<Item = (TextSize, &'i ItemAnalysis)>,
    ) -> Self {
        let mut symbols = FileSymbols::default();
        symbols.read_header(root);
        let mut references = Vec::new();
        let mut uses = Vec::new();
        let mut census = Census::default();
        for (start, found) in items {
            census.add(&found.census);
            symbols.items.extend(found.symbols.clone());
            uses.extend(found.uses.clone());
            if !found.references.is_empty() {
                references.push((start, Arc::clone(&found.references)));
            }
        }
        let (symbols, uses) = (Arc::new(symbols), uses.into());
        Self { symbols, uses, references: references.into(), census }
    }

    /// What the file refers to, in text order.
    pub fn references(&self, file: &FileContext) -> Arc<[Reference]> {
        let all_test = file.role == Role::Test;
        let items = self.references.iter().flat_map(|(start, list)| {
            list.iter().map(|it| {
                let reference = it.shifted(*start);
                Reference { in_test: reference.in_test || all_test, ..reference }
            })
        });
        items.collect()
    }
}

impl Cache {
    /// What the file declares, as of the last time that it was analysed; `root` is that of then.
    pub fn index(&self, root: &SyntaxNode) -> FileIndex {
        FileIndex::by(root, self.items.iter().map(Analyzed::found))
    }
}

/// What rules offer for findings of the file with this outline, in the order of the findings. Each
/// item is walked once, for all findings in it.
pub fn offers_for(
    context: &FixContext<'_>,
    outline: &Outline<'_>,
    rules: &RuleSet,
    findings: &[Finding],
) -> Vec<Offer> {
    let mut walk = Walk::new(context.file, rules);
    let mut by_item: BTreeMap<(bool, usize), Vec<usize>> = BTreeMap::new();
    for (number, finding) in findings.iter().enumerate() {
        if let Some(item) = item_around(outline, finding.range.to_file_tree()) {
            by_item.entry(item).or_default().push(number);
        }
    }
    let mut offers = vec![Offer::default(); findings.len()];
    for ((is_leaf, at), numbers) in by_item {
        let items = if is_leaf { &outline.leaves } else { &outline.containers };
        let Some(item) = items.get(at) else { continue };
        let Some(node) = item.node(context.root) else { continue };
        let of_item = numbers.iter().filter_map(|number| Some((*number, findings.get(*number)?)));
        let of_item = of_item.map(|(number, it)| (number, (it.rule.id, it.range)));
        let request = FixRequest::new(context, of_item.clone().map(|(_, wanted)| wanted));
        let Some(mut request) = walk.fix(&node, item.surroundings, request) else { continue };
        for (number, wanted) in of_item {
            if let Some(offer) = offers.get_mut(number) {
                *offer = request.take(wanted);
            }
        }
    }
    offers
}

/// The item that a range is in: whether it is a leaf, and its number there.
fn item_around(outline: &Outline<'_>, range: TextRange) -> Option<(bool, usize)> {
    let before = |items: &[Item<'_>]| {
        let end = items.partition_point(|item| item.range.start() <= range.start());
        items.iter().take(end).rposition(|item| item.range.contains_range(range))
    };
    let leaf = outline.leaves.partition_point(|item| item.range.start() <= range.start());
    let leaf = leaf
        .checked_sub(1)
        .filter(|at| outline.leaves.get(*at).is_some_and(|item| item.range.contains_range(range)));
    // Inner containers come after those around them.
    leaf.map(|at| (true, at)).or_else(|| before(&outline.containers).map(|at| (false, at)))
}
