//! The analysis of one file.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use rustc_hash::FxHasher;

use super::cache::{Cache, ItemAnalysis};
use super::context::{FileContext, FixRequest, covers};
use super::dispatch::RuleSet;
use super::finding::Finding;
use super::fix::{Fix, FixContext};
use super::rule::{Code, Rule};
use super::run::{Found, Walk};
use super::suppression::{self, Suppression};
use crate::project::{Facts, FileFacts, ItemFacts, Mention, Role, mentions_of_item};
use crate::syntax::green::node_kind;
use crate::syntax::items::{Container, Leaf, Outline, node_at};
use crate::syntax::{AstNode, SyntaxNode, ast};
use crate::text::{TextRange, TextSize};

/// What a file says on its own. What the rest of the workspace adds comes in
/// [`FileAnalysis::resolve`].
#[derive(Debug, Clone, Default)]
pub struct FileAnalysis {
    findings: Vec<Finding>,
    suppressions: Vec<Suppression>,
    /// What the file declares, for the merged facts.
    pub facts: Arc<FileFacts>,
    /// What its items mention, with their starts; items that mention nothing are left out.
    mentions: Vec<(TextSize, Arc<[Mention]>)>,
    /// Rules that panicked, and were switched off for the file.
    pub panicked: Vec<&'static Rule>,
    /// Braces do not match; see [`Outline::broken`].
    pub broken: bool,
    /// The ranges of the items, in text order.
    pub items: Vec<TextRange>,
}

/// Analyses a file. With a cache, only items that changed since the last time are walked.
pub fn analyze(
    root: &SyntaxNode,
    file: &FileContext,
    rules: &RuleSet,
    cache: Option<(&mut Cache, u64)>,
) -> FileAnalysis {
    let outline = Outline::of(root);
    let mut walk = Walk::new(file, rules);
    let mut analysis = FileAnalysis { broken: outline.broken, ..FileAnalysis::default() };
    let mut facts = FileFacts::default();
    facts.read_header(root);
    for container in &outline.containers {
        let Some(node) = container_node(root, container) else { continue };
        let found = walk.container(&node, surroundings_of(container, &outline));
        analysis.add(found, TextSize::new(0));
        facts.add(Arc::new(ItemFacts::of_container(&node)));
    }
    let mut cache = cache.map(|(cache, epoch)| {
        cache.begin(epoch, outline.leaves.len());
        walk.fragments = Some(std::mem::take(&mut cache.fragments));
        cache
    });
    for leaf in &outline.leaves {
        analysis.items.push(leaf.range);
        let cached = cache.as_mut().and_then(|cache| cache.get(leaf));
        let item = match cached {
            Some(item) => item,
            None => {
                let Some(node) = node_at(root, node_kind(&leaf.green), leaf.range) else {
                    continue;
                };
                let item = Arc::new(analyze_item(&mut walk, &node, leaf));
                if let Some(cache) = &mut cache
                    && walk.panicked.is_empty()
                {
                    cache.insert(leaf, Arc::clone(&item));
                }
                item
            }
        };
        let start = leaf.range.start();
        analysis.findings.extend(item.findings.iter().map(|it| shifted(it, start)));
        analysis
            .suppressions
            .extend(item.suppressions.iter().map(|it| shift_suppression(it, start)));
        facts.add(Arc::clone(&item.facts));
        if !item.mentions.is_empty() {
            analysis.mentions.push((start, Arc::clone(&item.mentions)));
        }
    }
    if let Some(cache) = cache {
        cache.fragments = walk.fragments.take().unwrap_or_default();
    }
    // What a rule found before it failed is no more to be trusted than what it did not find.
    analysis.findings.retain(|finding| !walk.panicked.contains(&finding.rule));
    analysis.panicked = walk.panicked;
    analysis.facts = Arc::new(facts);
    analysis
}

fn analyze_item(walk: &mut Walk<'_>, node: &SyntaxNode, leaf: &Leaf) -> ItemAnalysis {
    let Found { mut findings, mut suppressions } = walk.leaf(node, leaf.surroundings);
    let start = leaf.range.start();
    for finding in &mut findings {
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
    let facts = Arc::new(ItemFacts::of_leaf(node));
    ItemAnalysis { findings, suppressions, facts, mentions: mentions_of_item(node).into() }
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

fn container_node(root: &SyntaxNode, container: &Container) -> Option<SyntaxNode> {
    if ast::SourceFile::can_cast(container.kind) {
        return Some(root.clone());
    }
    node_at(root, container.kind, container.range)
}

/// What identifies the imports in view of a container; no two containers share it.
fn surroundings_of(container: &Container, outline: &Outline) -> u64 {
    let mut hasher = FxHasher::default();
    (container.range.start(), container.range.len()).hash(&mut hasher);
    let inside = outline.leaves.iter().find(|leaf| container.range.contains_range(leaf.range));
    inside.map(|leaf| leaf.surroundings).hash(&mut hasher);
    hasher.finish()
}

impl FileAnalysis {
    fn add(&mut self, found: Found, by: TextSize) {
        self.findings.extend(found.findings.iter().map(|it| shifted(it, by)));
        self.suppressions.extend(found.suppressions.iter().map(|it| shift_suppression(it, by)));
    }

    /// What the file mentions that other files have to provide, in text order.
    pub fn mentions(&self, file: &FileContext) -> Arc<[Mention]> {
        let all_test = file.role == Role::Test;
        let items = self.mentions.iter().flat_map(|(start, list)| {
            list.iter().map(|it| {
                let mention = it.shifted(*start);
                Mention { in_test: mention.in_test || all_test, ..mention }
            })
        });
        items.collect()
    }

    /// The findings of the file as part of its workspace, in text order; `project` are those that
    /// rules about the project as a whole have in it.
    pub fn resolve(
        &self,
        file: &FileContext,
        rules: &RuleSet,
        facts: &Facts,
        project: Vec<Finding>,
        known: impl Fn(&str) -> bool,
    ) -> Vec<Finding> {
        let module = facts.module(&file.path);
        let test = matches!(file.role, Role::Test | Role::Build)
            || self.facts.test_only
            || match module {
                Some(module) => module.test_only,
                // Declared where it is not seen, as in the arguments of a macro.
                None => file.path.contains("/tests/") || file.path.ends_with("/tests.rs"),
            };
        let package_lints = file.package.iter().flat_map(|package| &package.allowed_lints);
        let allows: Vec<&String> =
            module.into_iter().flat_map(|it| &it.allows).chain(package_lints).collect();
        let mut findings: Vec<Finding> = self
            .findings
            .iter()
            .filter(|finding| !(test && finding.rule.code == Code::Production))
            .filter(|finding| !allows.iter().any(|lint| covers(finding.rule, lint)))
            .filter(|finding| finding.condition.as_ref().is_none_or(|it| it.holds(facts)))
            .cloned()
            .chain(project)
            .collect();
        if !self.suppressions.is_empty() {
            suppression::apply(&mut findings, &self.suppressions, known, |rule| rules.tier(rule));
        }
        findings.sort_by_key(|it| (it.range.start(), it.range.end(), it.rule.id));
        findings.dedup_by(|a, b| a.rule == b.rule && a.range == b.range);
        findings
    }
}

/// The fixes of the finding of `rule` at `range`.
pub fn fixes_at(
    context: &FixContext<'_>,
    rules: &RuleSet,
    rule: &'static Rule,
    range: TextRange,
) -> Vec<Fix> {
    let outline = Outline::of(context.root);
    let leaf = outline.leaves.iter().find(|leaf| leaf.range.contains_range(range));
    let (item, surroundings) = match leaf {
        Some(leaf) => {
            (node_at(context.root, node_kind(&leaf.green), leaf.range), leaf.surroundings)
        }
        None => {
            let inner = outline.containers.iter().rev().find(|it| it.range.contains_range(range));
            let node = inner.and_then(|container| container_node(context.root, container));
            (node, inner.map_or(0, |container| surroundings_of(container, &outline)))
        }
    };
    let Some(item) = item else { return Vec::new() };
    let mut walk = Walk::new(context.file, rules);
    let request = FixRequest { context, rule, range, fixes: Vec::new() };
    walk.fix(&item, surroundings, request).map(|request| request.fixes).unwrap_or_default()
}
