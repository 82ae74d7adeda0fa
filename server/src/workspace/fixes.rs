//! The fixes that rules offer for findings.

use std::sync::Arc;

use super::{Snapshot, Workspace, is_rust, lock};
use crate::analysis::fix::format::formatted;
use crate::analysis::{Applicability, Finding, Fix, FixContext, Offer, offers_for};
use crate::rules::STALE_CLAIM;
use crate::semantics::{SourceFiles, WorkspaceView};
use crate::syntax::SyntaxNode;
use crate::syntax::items::Outline;

/// So many findings are asked for a safe fix at a time.
const SAFE_FIX_CHUNK: usize = 32;

/// Makes the fixes of findings, reading and parsing each file that they look at once. No file is
/// to change meanwhile.
pub struct Fixing<'a> {
    snapshot: &'a Snapshot,
    files: &'a SourceFiles<'a>,
}

impl Fixing<'_> {
    /// The fixes of findings of one file, to be named to somebody: titles and applicability are as
    /// [`fixes`](Self::fixes) has them, and edits are not laid out, which takes longest.
    pub fn listed(&self, path: &str, findings: &[Finding]) -> Vec<Vec<Fix>> {
        self.of_findings(path, findings, false)
    }

    /// The fixes of findings of one file.
    pub fn fixes(&self, path: &str, findings: &[Finding]) -> Vec<Vec<Fix>> {
        self.of_findings(path, findings, true)
    }

    /// The text of a file.
    pub fn text_of(&self, path: &str) -> Option<Arc<str>> {
        self.files.text_of(path)
    }

    fn of_findings(&self, path: &str, findings: &[Finding], laid_out: bool) -> Vec<Vec<Fix>> {
        let is_about_project =
            |finding: &Finding| finding.rule.project.is_some() || finding.rule == &STALE_CLAIM;
        let (about_project, in_source): (Vec<_>, Vec<_>) =
            findings.iter().cloned().partition(is_about_project);
        let mut in_source = self.source_fixes(path, &in_source, laid_out).into_iter();
        let mut about_project = about_project.iter().map(|it| match it.rule == &STALE_CLAIM {
            true => self.snapshot.claim_fixes(path, it),
            false => self.snapshot.project_fixes(path, it),
        });
        let fixes = findings.iter().map(|finding| match is_about_project(finding) {
            true => about_project.next(),
            false => in_source.next(),
        });
        fixes.map(Option::unwrap_or_default).collect()
    }

    /// The root of a Rust file's tree.
    pub(super) fn root_of(&self, path: &str) -> Option<SyntaxNode> {
        match self.snapshot.buffer(path) {
            Some(buffer) => lock(buffer).root(),
            None => self.files.root_of(path, self.snapshot.context(path).edition),
        }
    }

    fn source_fixes(&self, path: &str, findings: &[Finding], laid_out: bool) -> Vec<Vec<Fix>> {
        let is_asked = is_rust(path) && !findings.is_empty();
        let root = is_asked.then(|| self.root_of(path)).flatten();
        let Some(root) = root else { return vec![Vec::new(); findings.len()] };
        let offers = self.snapshot.offers(path, &root, findings, self.files, laid_out);
        offers.into_iter().map(|offer| offer.fixes).collect()
    }
}

impl Workspace {
    /// The files that fixes look at, for as long as none of them changes.
    pub fn fix_files(&self) -> SourceFiles<'_> {
        SourceFiles::new(|path| self.snapshot().text_of(path))
    }
}

impl Snapshot {
    /// Makes fixes with files that may have been read already.
    pub fn fixing<'a>(&'a self, files: &'a SourceFiles<'a>) -> Fixing<'a> {
        Fixing { snapshot: self, files }
    }

    /// The fixes of findings of one file, each against the file's text as it is now.
    pub fn fixes(&self, path: &str, findings: &[Finding]) -> Vec<Vec<Fix>> {
        self.fixing(&self.fix_files()).fixes(path, findings)
    }

    /// The same, to be named: see [`Fixing::listed`].
    pub fn listed_fixes(&self, path: &str, findings: &[Finding]) -> Vec<Vec<Fix>> {
        self.fixing(&self.fix_files()).listed(path, findings)
    }

    /// Why findings of a closed Rust file have no fix, in a few words that can be counted; nothing
    /// for those that have one, and for rules that never have.
    pub fn declined(&self, path: &str, findings: &[Finding]) -> Vec<Option<&'static str>> {
        let files = self.fix_files();
        let root = files.root_of(path, self.context(path).edition);
        let Some(root) = root else { return vec![None; findings.len()] };
        let offers = self.offers(path, &root, findings, &files, false).into_iter();
        offers.map(|offer| offer.declined.filter(|_| offer.fixes.is_empty())).collect()
    }

    /// Whether one of these findings of a file has a safe fix. Findings of rules that never have
    /// one are not looked at, and the rest a few at a time, in text order.
    pub fn has_safe_fix(&self, path: &str, findings: &[Finding]) -> bool {
        let fixing_files = self.fix_files();
        let fixing = self.fixing(&fixing_files);
        let candidates = findings.iter().filter(|it| it.rule.safe_fix);
        let candidates: Vec<Finding> = candidates.cloned().collect();
        candidates.chunks(SAFE_FIX_CHUNK).any(|findings| {
            let fixes = fixing.listed(path, findings);
            fixes.iter().flatten().any(|fix| fix.applicability == Applicability::Safe)
        })
    }

    pub(super) fn fix_files(&self) -> SourceFiles<'_> {
        SourceFiles::new(|path| self.text_of(path))
    }

    /// What rules offer for findings in a tree of Rust, with edits as rustfmt lays them out where
    /// `laid_out` says so.
    pub(super) fn offers(
        &self,
        path: &str,
        root: &SyntaxNode,
        findings: &[Finding],
        files: &SourceFiles<'_>,
        laid_out: bool,
    ) -> Vec<Offer> {
        let file = self.context(path);
        let roots = Default::default();
        let view = WorkspaceView { file: &file, root, symbols: &self.symbols, files, roots };
        let context = FixContext::new(view);
        let outline = Outline::of(root);
        let mut offers = offers_for(&context, &outline, &self.settings.rule_set, findings);
        for offer in offers.iter_mut().filter(|_| laid_out) {
            let fixes = std::mem::take(&mut offer.fixes).into_iter();
            offer.fixes = fixes.map(|fix| formatted(fix, &context)).collect();
        }
        offers
    }
}
