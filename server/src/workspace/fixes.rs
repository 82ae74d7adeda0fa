//! The fixes that rules offer for findings.

use std::sync::Arc;

use super::{Snapshot, Workspace, is_rust, lock};
use crate::analysis::{Finding, Fix, FixContext, fixes_at};
use crate::rules::STALE_CLAIM;
use crate::semantics::{SourceFiles, WorkspaceView};
use crate::syntax::SyntaxNode;
use crate::syntax::items::Outline;

/// Makes the fixes of findings, reading and parsing each file that they look at once. No file is
/// to change meanwhile.
pub struct Fixing<'a> {
    snapshot: &'a Snapshot,
    files: &'a SourceFiles<'a>,
}

/// The fixes of a finding, or why a rule offers none, in a few words that can be counted.
pub(super) struct Offer {
    pub fixes: Vec<Fix>,
    pub declined: Option<&'static str>,
}

impl Fixing<'_> {
    /// The fixes of findings of one file.
    pub fn fixes(&self, path: &str, findings: &[Finding]) -> Vec<Vec<Fix>> {
        let is_about_project =
            |finding: &Finding| finding.rule.project.is_some() || finding.rule == &STALE_CLAIM;
        let (about_project, in_source): (Vec<_>, Vec<_>) =
            findings.iter().cloned().partition(is_about_project);
        let mut in_source = self.source_fixes(path, &in_source).into_iter();
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

    /// The text of a file.
    pub fn text_of(&self, path: &str) -> Option<Arc<str>> {
        self.files.text_of(path)
    }

    fn source_fixes(&self, path: &str, findings: &[Finding]) -> Vec<Vec<Fix>> {
        let root = match self.snapshot.buffer(path) {
            _ if !is_rust(path) || findings.is_empty() => None,
            Some(buffer) => lock(buffer).root(),
            None => self.files.root_of(path, self.snapshot.context(path).edition),
        };
        let Some(root) = root else { return vec![Vec::new(); findings.len()] };
        let offers = self.snapshot.offers(path, &root, findings, self.files);
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

    /// Why findings of a closed Rust file have no fix, in a few words that can be counted; nothing
    /// for those that have one, and for rules that never have.
    pub fn declined(&self, path: &str, findings: &[Finding]) -> Vec<Option<&'static str>> {
        let files = self.fix_files();
        let root = files.root_of(path, self.context(path).edition);
        let Some(root) = root else { return vec![None; findings.len()] };
        let offers = self.offers(path, &root, findings, &files).into_iter();
        offers.map(|offer| offer.declined.filter(|_| offer.fixes.is_empty())).collect()
    }

    pub(super) fn fix_files(&self) -> SourceFiles<'_> {
        SourceFiles::new(|path| self.text_of(path))
    }

    /// What rules offer for findings in a tree of Rust.
    pub(super) fn offers(
        &self,
        path: &str,
        root: &SyntaxNode,
        findings: &[Finding],
        files: &SourceFiles<'_>,
    ) -> Vec<Offer> {
        let file = self.context(path);
        let roots = Default::default();
        let view = WorkspaceView { file: &file, root, symbols: &self.symbols, files, roots };
        let context = FixContext::new(view);
        let outline = Outline::of(root);
        let offer = |finding: &Finding| {
            context.declined.set(None);
            let rules = &self.settings.rule_set;
            let fixes = fixes_at(&context, &outline, rules, finding.rule, finding.range);
            Offer { fixes, declined: context.declined.get() }
        };
        findings.iter().map(offer).collect()
    }
}
