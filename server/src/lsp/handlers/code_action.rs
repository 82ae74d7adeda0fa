use std::collections::HashSet;

use ls_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, CodeActionResponse, Command,
    Diagnostic,
};
use tower_lsp::jsonrpc::Result;

use super::action_data::{ActionData, FixData};
use super::fix_all;
use crate::analysis::{Applicability, Finding, Fix};
use crate::lsp::capabilities::{CHOOSE, FIX_ALL};
use crate::lsp::snapshot::DocumentSnapshot;
use crate::lsp::{convert, diagnostics, workspace_edit};
use crate::text::FileRange;
use crate::workspace::BufferFindings;

/// The fixes of the findings in a range, the ways to silence them, and fix-all.
///
/// # Errors
///
/// When a text changed since the request came.
pub fn code_action(
    document: &DocumentSnapshot,
    params: CodeActionParams,
) -> Result<Option<CodeActionResponse>> {
    document.unless_changed(|| {
        let Some(analyzed) = document.analyze()? else { return Ok(Some(Vec::new())) };
        let mut actions = Vec::new();
        if wants(&params, CodeActionKind::QUICKFIX.as_str()) {
            let encoding = document.support.encoding;
            let range = convert::to_range(&analyzed.text, params.range, encoding);
            actions = quick_fixes(document, &analyzed, range);
        }
        if wants(&params, FIX_ALL) {
            actions.extend(fix_all::action(document, &analyzed));
        }
        Ok(Some(actions.into_iter().map(CodeActionOrCommand::CodeAction).collect()))
    })
}

/// Whether a client that asked for some kinds of actions asked for this one. A kind stands for the
/// kinds below it: `source` for `source.fixAll`.
fn wants(params: &CodeActionParams, kind: &str) -> bool {
    let Some(only) = &params.context.only else { return true };
    only.iter().any(|asked| {
        let asked = asked.as_str();
        asked.is_empty()
            || kind == asked
            || kind.strip_prefix(asked).is_some_and(|rest| rest.starts_with('.'))
    })
}

fn quick_fixes(
    document: &DocumentSnapshot,
    analyzed: &BufferFindings,
    range: FileRange,
) -> Vec<CodeAction> {
    let (workspace, path) = (document.workspace(), &document.file.path);
    // A cursor right behind the squiggle is at it as well.
    let here = |finding: &&Finding| finding.range.intersect(range).is_some();
    let findings: Vec<Finding> = analyzed.findings.iter().filter(here).cloned().collect();
    let fixes = match document.support.code_action_resolve {
        true => workspace.listed_fixes(path, &findings),
        false => workspace.fixes(path, &findings),
    };
    let (mut repairing, mut suppressing, mut turning_off) = (Vec::new(), Vec::new(), Vec::new());
    for (finding, fixes) in findings.iter().zip(fixes) {
        let actions = FindingActions {
            document,
            version: analyzed.version,
            finding,
            diagnostic: diagnostics::of_finding(finding, document, &analyzed.text),
        };
        let first_safe = fixes.iter().position(|it| it.applicability == Applicability::Safe);
        for (index, fix) in fixes.into_iter().enumerate() {
            repairing.extend(actions.of_fix(fix, Some(index) == first_safe));
        }
        let suppressions = workspace.suppressions(path, finding);
        suppressing.extend(suppressions.comment.and_then(|fix| actions.of_fix(fix, false)));
        if document.file.workspace.disk().is_some() {
            turning_off.extend(actions.of_fix(suppressions.setting, false));
        }
    }
    // Repairs come before ways to look away.
    let lets_choose = document.support.chooses && document.support.code_action_resolve;
    let ways_out = [
        ("Suppress a finding here…", suppressing),
        ("Turn a rule off for the whole project…", turning_off),
    ];
    for (title, mut actions) in ways_out {
        // Of several findings of one rule each has the same ones.
        let mut known = HashSet::new();
        actions.retain(|it: &CodeAction| known.insert(it.title.clone()));
        match actions.len() > 1 && lets_choose {
            true => repairing.extend(choice(title, &actions)),
            false => repairing.extend(actions),
        }
    }
    repairing
}

/// One entry of the menu in place of several: the client lets the person choose, and asks for the edit of what
/// was chosen.
fn choice(title: &str, actions: &[CodeAction]) -> Option<CodeAction> {
    let command = Command {
        title: title.to_string(),
        command: CHOOSE.to_string(),
        arguments: Some(vec![serde_json::to_value(actions).ok()?]),
    };
    Some(CodeAction {
        title: title.to_string(),
        kind: Some(CodeActionKind::QUICKFIX),
        command: Some(command),
        ..Default::default()
    })
}

/// The actions of one finding.
struct FindingActions<'a> {
    document: &'a DocumentSnapshot,
    version: i32,
    finding: &'a Finding,
    diagnostic: Diagnostic,
}

impl FindingActions<'_> {
    /// Nothing for a fix that the client cannot apply.
    fn of_fix(&self, fix: Fix, is_preferred: bool) -> Option<CodeAction> {
        let support = self.document.support;
        if !workspace_edit::can_apply(self.document, &fix.edits) {
            return None;
        }
        let mut action = CodeAction {
            title: fix.title.clone(),
            kind: Some(CodeActionKind::QUICKFIX),
            diagnostics: Some(vec![self.diagnostic.clone()]),
            is_preferred: (support.preferred_actions && is_preferred).then_some(true),
            ..Default::default()
        };
        if support.code_action_resolve {
            action.data = Some(serde_json::to_value(self.data(fix.title)).ok()?);
        } else {
            action.edit = Some(workspace_edit::of_edits(self.document, &fix.edits)?);
        }
        Some(action)
    }

    fn data(&self, title: String) -> ActionData {
        ActionData {
            uri: self.document.uri.clone(),
            version: self.version,
            fix: Some(FixData {
                rule: self.finding.rule.id.to_string(),
                start: self.finding.range.start().into(),
                end: self.finding.range.end().into(),
                title,
            }),
        }
    }
}
