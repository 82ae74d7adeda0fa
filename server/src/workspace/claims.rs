//! Documents of the workspace held against its code.
//!
//! It is done once typing settled, after everything else is known: a claim may be about what rules
//! found. No lock of a buffer is held meanwhile, as the texts of others are read. What is read of the
//! project is read once for all documents, and only when a claim asks for it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use super::{Phase, Snapshot, Workspace, lock};
use crate::analysis::{
    Applicability, Confidence, FileAnalysis, FileEdit, Finding, Fix, Related, Severity,
};
use crate::project::paths::file_name;
use crate::project::{FileKind, History, Input, ProjectFile, TrackedProject};
use crate::review::claims::{Claim, ClaimKind, Code, CountCache, Judged, Sources, claims, judge};
use crate::rules::STALE_CLAIM;
use crate::semantics::SourceFiles;
use crate::syntax::names::has_any_word;
use crate::text::{FileRange, TextEdit, TextSize, shift_range};

/// How long a command may look through the history for a document.
const VERIFY_BUDGET: Duration = Duration::from_secs(20);

/// How long all documents together may be looked for in the history while someone waits.
const CHECK_BUDGET: Duration = Duration::from_secs(2);

/// A document with the verdicts on what it claims.
#[derive(Debug)]
pub(super) struct CheckedDocument {
    /// The text that the claims stand in.
    text: Arc<str>,
    /// What it claims: nothing of a document that does not speak of the code.
    claims: Arc<[Claim]>,
    judged: Vec<Judged>,
    basis: Basis,
}

/// What verdicts rest on: they stand for as long as none of it changes.
#[derive(Debug, Default)]
struct Basis {
    inputs: BTreeMap<Input, u64>,
    /// Sources, by their analyses.
    sources: Vec<(String, Option<Weak<FileAnalysis>>)>,
    /// All sources, by the number of changes so far.
    all_sources: Option<u64>,
    /// The settings.
    epoch: u64,
}

/// What is kept from one check of the documents to the next.
#[derive(Debug, Default)]
pub(super) struct ClaimChecks {
    counts: CountCache,
    /// With what names its state.
    history: Mutex<Option<(String, Arc<History>)>>,
}

impl CheckedDocument {
    /// Whether another check of the document says the same.
    pub fn has_findings_of(&self, other: &Self) -> bool {
        self.text == other.text && self.judged == other.judged
    }
}

impl Basis {
    fn is_current(&self, snapshot: &Snapshot) -> bool {
        let is_same = |(path, seen): &(String, Option<Weak<FileAnalysis>>)| {
            let now = snapshot.analysis(path).map(Arc::downgrade);
            match (seen, &now) {
                (Some(seen), Some(now)) => seen.ptr_eq(now),
                (None, None) => true,
                _ => false,
            }
        };
        let mut inputs = self.inputs.iter();
        self.epoch == snapshot.settings.epoch
            && self.all_sources.is_none_or(|it| it == snapshot.source_changes)
            && inputs.all(|(input, seen)| snapshot.project.revision(*input) == *seen)
            && self.sources.iter().all(is_same)
    }
}

impl Workspace {
    /// Holds the documents against the code whose verdicts may have changed. Returns the documents
    /// whose findings changed.
    pub(super) fn check_claims(&self) -> Vec<String> {
        if self.snapshot().phase != Phase::Known {
            return Vec::new();
        }
        let checks = lock(&self.claims);
        let snapshot = self.snapshot();
        if snapshot.phase != Phase::Known {
            return Vec::new();
        }
        let checked = checks.run(&snapshot);
        drop(snapshot);
        self.change(|state| state.set_claims(checked))
    }
}

impl ClaimChecks {
    fn run(&self, snapshot: &Snapshot) -> BTreeMap<String, Arc<CheckedDocument>> {
        let mut checked = BTreeMap::new();
        if snapshot.settings.rule_set.severity(&STALE_CLAIM).is_none() {
            return checked;
        }
        let mut waiting = Vec::new();
        for file in snapshot.project.files(FileKind::Markdown).filter(|it| is_checked(&it.path)) {
            match snapshot.claims.get(&file.path) {
                Some(known) if known.text == file.text && known.basis.is_current(snapshot) => {
                    checked.insert(file.path.clone(), Arc::clone(known));
                }
                _ => waiting.push(file),
            }
        }
        let files = snapshot.fix_files();
        let history = || self.history(snapshot);
        let sources = snapshot.sources(files, &self.counts, history);
        for file in waiting {
            let same = snapshot.claims.get(&file.path).filter(|known| known.text == file.text);
            let made = match same {
                Some(known) => Arc::clone(&known.claims),
                None => claims_about_code(&file.path, &file.text),
            };
            let document = snapshot.check(&sources, file, made);
            checked.insert(file.path.clone(), Arc::new(document));
        }
        checked
    }

    /// The history of the checkout, read anew when another revision is checked out.
    fn history(&self, snapshot: &Snapshot) -> Option<Arc<History>> {
        let root = snapshot.project.root()?;
        let mut known = lock(&self.history);
        let (state, history) = match known.take().filter(|(state, it)| it.state() == *state) {
            Some(known) => known,
            None => {
                let history = Arc::new(History::open(root, CHECK_BUDGET)?);
                (history.state(), history)
            }
        };
        *known = Some((state, Arc::clone(&history)));
        Some(history)
    }
}

/// The claims of a document that are reported while one works; nothing of one that does not speak of
/// the code.
fn claims_about_code(path: &str, text: &str) -> Arc<[Claim]> {
    let made = claims(path, text);
    match made.iter().any(cites_code) {
        true => made.into_iter().filter(|it| !is_lookup(it)).collect(),
        false => Arc::default(),
    }
}

/// Whether a document speaks of the code as it is, and is the project's own.
fn is_checked(path: &str) -> bool {
    const LOGS: &[&str] = &["changelog", "changes", "history", "news", "release", "releases"];
    const OTHERS: &[&str] =
        &["archive", "archived", "blog", "third_party", "third-party", "vendor", "templates"];
    let lower = path.to_ascii_lowercase();
    let name = file_name(&lower);
    let is_log = name.split(['-', '_', '.']).any(|word| LOGS.contains(&word));
    !is_log && !lower.split('/').any(|folder| OTHERS.contains(&folder))
}

/// Whether a claim is about code, and no link to another document.
fn cites_code(claim: &Claim) -> bool {
    !matches!(claim.kind, ClaimKind::Path { is_link: true, .. } | ClaimKind::Symbol { .. })
}

/// Whether a claim is seldom wrong and costly to judge: to go to an item it is judged by itself.
fn is_lookup(claim: &Claim) -> bool {
    matches!(&claim.kind, ClaimKind::Symbol { path, file } if file.is_none() && path.len() < 2)
}

impl Snapshot {
    /// The claims of documents with their verdicts, each given by its path and its text. The paths are
    /// relative to the root.
    pub fn verify(&self, documents: &[(String, String)]) -> Vec<Vec<Judged>> {
        let counts = CountCache::default();
        let sources = self.sources(self.fix_files(), &counts, || self.open_history());
        let verify = |(path, text): &(String, String)| {
            let code = self.code(&sources);
            claims(path, text).iter().filter_map(|claim| judge(&code, path, claim)).collect()
        };
        documents.iter().map(verify).collect()
    }

    /// The claim of a document at an offset, with its verdict.
    pub fn claim_at(&self, path: &str, text: &str, offset: TextSize) -> Option<Judged> {
        let counts = CountCache::default();
        let sources = self.sources(self.fix_files(), &counts, || self.open_history());
        let code = self.code(&sources);
        let made = claims(path, text);
        let here = made.iter().filter(|it| it.range.contains_inclusive(offset));
        // The smallest one says most about what the cursor is at.
        let mut here: Vec<&Claim> = here.collect();
        here.sort_by_key(|it| it.range.len());
        here.into_iter().find_map(|claim| judge(&code, path, claim))
    }

    /// Holds a document against the code.
    fn check(
        &self,
        sources: &Sources<'_>,
        file: &ProjectFile,
        claims: Arc<[Claim]>,
    ) -> CheckedDocument {
        // One for each document: it notes what was looked at.
        let code = self.code(sources);
        let judged = claims.iter().filter_map(|claim| judge(&code, &file.path, claim)).collect();
        let looked = code.take_looked();
        let looked_at = looked.files.into_iter().map(|path| {
            let analysis = self.analysis(&path).map(Arc::downgrade);
            (path, analysis)
        });
        let basis = Basis {
            inputs: code.cx.seen(),
            sources: looked_at.collect(),
            all_sources: looked.at_all.then_some(self.source_changes),
            epoch: self.settings.epoch,
        };
        CheckedDocument { text: Arc::clone(&file.text), claims, judged, basis }
    }

    /// What claims are held against.
    fn code<'a>(&'a self, sources: &'a Sources<'a>) -> Code<'a> {
        let cx = TrackedProject::new(&self.project, &self.symbols, &self.settings.config);
        Code::new(cx, sources, |path: &str| self.findings(path))
    }

    fn sources<'a>(
        &'a self,
        files: SourceFiles<'a>,
        counts: &'a CountCache,
        history: impl Fn() -> Option<Arc<History>> + Sync + 'a,
    ) -> Sources<'a> {
        let listing = self.project.listing();
        let analysis = |path: &str| self.analysis(path).cloned();
        Sources::new(listing, &self.symbols, files, counts, analysis, history)
    }

    fn open_history(&self) -> Option<Arc<History>> {
        History::open(self.project.root()?, VERIFY_BUDGET).map(Arc::new)
    }

    /// The documents that have such findings.
    pub(super) fn documents_with_claims(&self) -> impl Iterator<Item = &str> {
        let is_reported = |it: &Judged| it.verdict.is_stale() || it.verdict.is_wrong();
        let claims = self.claims.iter();
        let reported = claims.filter(move |(_, it)| it.judged.iter().any(is_reported));
        reported.map(|(path, _)| path.as_str())
    }

    /// The findings of wrong and stale claims in a document, whose text may have been edited since
    /// it was held against the code.
    pub(super) fn claim_findings(&self, path: &str, text: &str) -> Vec<Finding> {
        let found = self.claims_in(path, text).into_iter();
        found.filter_map(|(judged, range)| self.claim_finding(path, &judged, range)).collect()
    }

    /// The fix of such a finding.
    pub(super) fn claim_fixes(&self, path: &str, finding: &Finding) -> Vec<Fix> {
        let Some(text) = self.text_of(path) else { return Vec::new() };
        let found = self
            .claims_in(path, &text)
            .into_iter()
            .find(|(judged, range)| *range == finding.range && message(judged) == *finding.message);
        let Some((judged, range)) = found else { return Vec::new() };
        let Some(correction) = judged.correction else { return Vec::new() };
        let by = range.start().checked_sub(judged.claim.range.start());
        let back = judged.claim.range.start().checked_sub(range.start());
        let moved = match (by, back) {
            (Some(by), _) => Some(correction.range + by),
            (None, Some(back)) => correction.range.checked_sub(back),
            (None, None) => None,
        };
        let Some(range) = moved else { return Vec::new() };
        let edits = vec![TextEdit::replace(range, correction.text)];
        vec![Fix {
            title: correction.title,
            applicability: Applicability::Suggested,
            edits: vec![FileEdit { path: path.to_string(), edits }],
        }]
    }

    /// The claims of a document with where they stand in a text of it; without those in the part
    /// that was edited.
    fn claims_in(&self, path: &str, text: &str) -> Vec<(Judged, FileRange)> {
        let Some(document) = self.claims.get(path) else { return Vec::new() };
        let edit = difference(&document.text, text);
        let place = |judged: &Judged| {
            let range = judged.claim.range;
            let Some(edit) = &edit else { return Some((judged.clone(), range)) };
            let is_touched = edit.range.start() <= range.end() && range.start() <= edit.range.end();
            let shifted = shift_range(range, std::slice::from_ref(edit));
            (!is_touched).then(|| (judged.clone(), shifted))
        };
        document.judged.iter().filter_map(place).collect()
    }

    fn claim_finding(&self, path: &str, judged: &Judged, range: FileRange) -> Option<Finding> {
        let verdict = judged.verdict;
        if !verdict.is_stale() && !verdict.is_wrong() {
            return None;
        }
        let mut severity = self.settings.rule_set.severity(&STALE_CLAIM)?;
        if severity == STALE_CLAIM.severity && verdict.is_stale() {
            severity = Severity::Low;
        }
        let mut finding = Finding::new(&STALE_CLAIM, severity, range, message(judged));
        // Tutorials and the pages of websites name files that are not those of the project.
        let is_bare = matches!(judged.claim.kind, ClaimKind::Path { .. });
        finding.confidence = match is_bare && !states_facts(path) {
            true => Confidence::Possible,
            false => Confidence::Likely,
        };
        if let Some(target) = &judged.target
            && let Some(range) = self.line_range(&target.path, target.line)
        {
            let message = judged.evidence.to_string();
            finding.related =
                vec![Related { path: Some(target.path.as_str().into()), range, message }];
        }
        Some(finding)
    }

    /// A line of a file without its indentation.
    pub fn line_range(&self, path: &str, line: u32) -> Option<FileRange> {
        let text = self.text_of(path)?;
        let mut start = 0;
        for _ in 1..line {
            start += text.get(start..)?.find('\n')? + 1;
        }
        let rest = text.get(start..)?;
        let end = rest.find('\n').unwrap_or(rest.len());
        let line = rest.get(..end)?;
        let indent = line.len() - line.trim_start().len();
        let size = |it: usize| TextSize::new(it as u32);
        let end = (start + line.trim_end().len()).max(start + indent);
        Some(FileRange::new(size(start + indent), size(end)))
    }
}

fn message(judged: &Judged) -> String {
    format!("{}: {}", judged.verdict.name(), judged.evidence)
}

/// The one edit that makes a text of another; nothing for equal ones.
fn difference(before: &str, after: &str) -> Option<TextEdit> {
    if before == after {
        return None;
    }
    let same =
        |a: &mut dyn Iterator<Item = char>, b: &mut dyn Iterator<Item = char>, most: usize| {
            let mut len = 0;
            for (a, b) in a.zip(b) {
                if a != b || len + a.len_utf8() > most {
                    break;
                }
                len += a.len_utf8();
            }
            len
        };
    let most = before.len().min(after.len());
    let start = same(&mut before.chars(), &mut after.chars(), most);
    let end = same(&mut before.chars().rev(), &mut after.chars().rev(), most - start);
    let size = |it: usize| TextSize::new(it as u32);
    let range = FileRange::new(size(start), size(before.len() - end));
    Some(TextEdit::replace(range, after.get(start..after.len() - end)?))
}

/// Whether a document speaks of the code that it lies beside, by its name: reviews, audits, records of
/// decisions, instructions for agents, and the README at the root.
fn states_facts(path: &str) -> bool {
    const WORDS: &[&str] = &[
        "adr", "adrs", "agents", "architecture", "assessment", "audit", "audits", "checklist",
        "claude", "contributing", "design", "internals", "readiness", "review", "reviews",
        "security", "status",
    ];
    path.eq_ignore_ascii_case("readme.md") || has_any_word(path, WORDS)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::rules;
    use crate::text::Encoding;
    use crate::workspace::{Change, Workspace};

    const DOCUMENT: &str = "# Review\n\n`start()` (`src/main.rs:1`) opens the socket.\n";
    const SOURCE: &str = "fn main() {}\n\nfn start() {}\n";

    fn project(root: &Path) -> Workspace {
        std::fs::create_dir_all(root.join("src")).expect("made");
        let manifest = "[package]\nname = \"a\"\nedition = \"2024\"\n";
        for (path, text) in
            [("Cargo.toml", manifest), ("src/main.rs", SOURCE), ("REVIEW.md", DOCUMENT)]
        {
            std::fs::write(root.join(path), text).expect("written");
        }
        let workspace = Workspace::open(root, rules::all()).expect("it opens");
        workspace.scan(|_, _| {});
        workspace
    }

    /// The messages of the document's findings, with what they are about.
    fn found(workspace: &Workspace, text: &str) -> Vec<String> {
        let findings = workspace.snapshot().findings("REVIEW.md").into_iter();
        let own = findings.filter(|it| it.rule == &STALE_CLAIM);
        own.map(|it| format!("{}: {}", &text[it.range], it.message)).collect()
    }

    #[test]
    fn findings_follow_the_code_and_the_document() {
        let folder = tempfile::tempdir().expect("a folder");
        let workspace = project(folder.path());
        assert_eq!(found(&workspace, DOCUMENT), ["src/main.rs:1: moved: `start` is at line 3"]);
        // The code is edited, and moves further.
        workspace.open_buffer("src/main.rs", SOURCE, 0);
        let full = vec![Change::Full(format!("// a\n{SOURCE}"))];
        workspace.change_buffer("src/main.rs", full, 1, Encoding::Utf8);
        let settled = workspace.settle_buffer("src/main.rs").expect("it is open");
        assert!(settled.affects_others);
        assert_eq!(found(&workspace, DOCUMENT), ["src/main.rs:1: moved: `start` is at line 4"]);
        // While the document is typed in, its findings move with their text.
        workspace.open_buffer("REVIEW.md", DOCUMENT, 0);
        let typed = DOCUMENT.replace("# Review", "# The review");
        let full = vec![Change::Full(typed.clone())];
        workspace.change_buffer("REVIEW.md", full, 1, Encoding::Utf8);
        let shown = workspace.analyze_buffer("REVIEW.md").expect("it is open").findings;
        assert_eq!(&typed[shown[0].range], "src/main.rs:1");
        let finding = &shown[0];
        let fixes = workspace.snapshot().fixes("REVIEW.md", std::slice::from_ref(finding));
        assert_eq!(fixes[0][0].title, "Update the line to 4");
        let fixed = crate::text::apply_edits(&typed, &fixes[0][0].edits[0].edits);
        assert!(fixed.contains("`src/main.rs:4`"), "{fixed}");
        workspace.change_buffer("REVIEW.md", vec![Change::Full(fixed)], 2, Encoding::Utf8);
        let settled = workspace.settle_buffer("REVIEW.md").expect("it is open");
        assert!(settled.findings.iter().all(|it| it.rule != &STALE_CLAIM));
    }

    #[test]
    fn the_difference_of_two_texts_is_one_edit() {
        for (before, after) in [("abc", "abxc"), ("aa", "aaa"), ("é", "è"), ("abc", ""), ("", "x")]
        {
            let edit = difference(before, after).expect("they differ");
            assert_eq!(crate::text::apply_edits(before, &[edit]), after);
        }
        assert_eq!(difference("a", "a"), None);
    }
}
