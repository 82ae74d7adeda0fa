//! Which findings are known already.

use std::sync::Arc;

use super::fixes::Fixing;
use super::{Snapshot, is_rust, lock};
use crate::analysis::{Baseline, Finding, Identity};
use crate::syntax::{SyntaxNode, parse_root};

impl Fixing<'_> {
    /// What the findings of one file are recognised by later.
    pub fn identities(&self, path: &str, findings: &[Finding]) -> Vec<Identity> {
        if findings.is_empty() {
            return Vec::new();
        }
        if is_rust(path)
            && let Some(root) = self.root_of(path)
        {
            return Identity::in_source(path, &root, findings);
        }
        Identity::in_document(path, &self.text_of(path).unwrap_or_default(), findings)
    }
}

impl Snapshot {
    /// The findings that the settings say are known; nothing where they name no baseline.
    pub fn baseline(&self) -> Option<&Arc<Baseline>> {
        self.settings.baseline.as_ref()
    }

    /// For each of the findings in a text whether it is known; nothing without a baseline.
    pub fn known_findings(
        &self,
        path: &str,
        text: &str,
        findings: &[Finding],
    ) -> Option<Vec<bool>> {
        let baseline = self.baseline()?;
        let identities = match is_rust(path).then(|| self.root_of_text(path, text)).flatten() {
            Some(root) => Identity::in_source(path, &root, findings),
            None => Identity::in_document(path, text, findings),
        };
        Some(baseline.matched(&identities).is_known)
    }

    /// The root of the tree of a text, which is that of the buffer unless it was changed meanwhile.
    fn root_of_text(&self, path: &str, text: &str) -> Option<SyntaxNode> {
        let of_buffer = self.buffer(path).and_then(|buffer| lock(buffer).root());
        let of_buffer = of_buffer.filter(|it| usize::from(it.text_range().len()) == text.len());
        of_buffer.or_else(|| parse_root(text, self.context(path).edition).ok())
    }
}
