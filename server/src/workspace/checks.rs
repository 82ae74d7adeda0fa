//! The rules that look at the project as a whole.

use std::collections::BTreeMap;

use super::{Phase, Snapshot, Workspace, lock};
use crate::analysis::{Finding, Fix, ProjectChecks, ProjectFinding};

impl Workspace {
    /// Runs the rules about the project that have something new to look at. Returns the files whose
    /// findings changed.
    ///
    /// A half known project is never checked: what is read only in sources that were not seen yet
    /// would be called unread. A scan that is under way ends with a check.
    pub fn check_project(&self) -> Vec<String> {
        // Looked at before the lock is waited for, which a scan holds for long.
        if self.snapshot().phase != Phase::Known {
            return Vec::new();
        }
        let mut checks = lock(&self.checks);
        let snapshot = self.snapshot();
        if snapshot.phase != Phase::Known {
            return Vec::new();
        }
        let found = run(&mut checks, &snapshot);
        drop(snapshot);
        self.change(|state| state.set_project_findings(found))
    }

    /// Runs the rules about the project while it is half known, for what they find in documents
    /// alone: that need not be looked for again once all of it is known.
    pub(super) fn prepare_project_check(&self) {
        let mut checks = lock(&self.checks);
        let snapshot = self.snapshot();
        // Many rules ask for it, and would wait for one another.
        snapshot.project().pipeline();
        run(&mut checks, &snapshot);
    }
}

/// What the rules about the project find, by file.
fn run(checks: &mut ProjectChecks, snapshot: &Snapshot) -> BTreeMap<String, Vec<ProjectFinding>> {
    let Snapshot { project, symbols, settings, .. } = snapshot;
    let (config, rules, epoch) = (&settings.config, &settings.rule_set, settings.epoch);
    let (found, panicked) = checks.run(project, symbols, config, rules, epoch);
    for rule in panicked {
        tracing::error!(rule = rule.id, "a project rule panicked");
    }
    found
}

impl Snapshot {
    /// The fixes of a finding of a rule about the project, against the texts as they are now.
    pub(super) fn project_fixes(&self, path: &str, finding: &Finding) -> Vec<Fix> {
        let is_same = |it: &&ProjectFinding| {
            it.finding.rule == finding.rule
                && it.finding.range == finding.range
                && it.finding.message == finding.message
        };
        let found = self.project_findings.get(path).into_iter().flatten().find(is_same);
        let mut fixes = found.map(|found| found.fixes(&self.project)).unwrap_or_default();
        // The ranges of a fix are those of the text that the rule saw.
        fixes.retain(|fix| {
            fix.edits.iter().all(|edit| {
                let seen = self.project.file(&edit.path).map(|file| file.text.to_string());
                seen.is_none() || seen == self.text_of(&edit.path)
            })
        });
        fixes
    }
}
