//! Code actions: the fixes of findings, the ways to silence them, and fix-all.

use std::collections::HashMap;
use std::sync::Arc;

use ls_types::*;
use serde::{Deserialize, Serialize};

use super::capabilities::FIX_ALL;
use super::session::{Place, Session};
use super::{convert, diagnostics};
use crate::analysis::{Applicability, FileEdit, Finding, Fix};
use crate::text::{FileRange, Text, TextEdit as Edit, TextSize};
use crate::workspace::{BufferFindings, Workspace};

/// What an action is resolved from.
#[derive(Debug, Serialize, Deserialize)]
struct Unresolved {
    uri: Uri,
    /// The version of the text that the action is for.
    version: i32,
    rule: String,
    /// Of the finding, in bytes.
    start: u32,
    end: u32,
    /// Which of the finding's actions; the title of the action tells.
    title: String,
}

/// The actions for a range of a document, whose text had `version` when they were asked for.
///
/// # Errors
///
/// When the text changed since then: the range means another place by now.
pub fn actions(
    session: &Session,
    params: &CodeActionParams,
    version: Option<i32>,
) -> Result<CodeActionResponse, ResolveError> {
    unchanged(session, || {
        let same = session.version(&params.text_document.uri) == version;
        same.then(|| actions_now(session, params))
    })
    .flatten()
    .ok_or(ResolveError::Stale)
}

/// What `compute` gives, unless a text changed while it did: edits would then mix two texts.
fn unchanged<T>(session: &Session, compute: impl FnOnce() -> T) -> Option<T> {
    let before = session.versions();
    let result = compute();
    (session.versions() == before).then_some(result)
}

fn actions_now(session: &Session, params: &CodeActionParams) -> CodeActionResponse {
    let uri = &params.text_document.uri;
    let place = session.place(uri);
    let Some(mut analyzed) = place.workspace.analyze_buffer(&place.path) else {
        return Vec::new();
    };
    analyzed.findings.retain(diagnostics::shown(session, uri));
    let range = convert::to_range(&analyzed.text, params.range, session.support().encoding);
    let mut response = Vec::new();
    if wants(params, CodeActionKind::QUICKFIX.as_str()) {
        quick_fixes(session, uri, &place, &analyzed, range, &mut response);
    }
    if wants(params, FIX_ALL) {
        response.extend(fix_all(session, uri, &place, &analyzed));
    }
    response.into_iter().map(CodeActionOrCommand::CodeAction).collect()
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
    session: &Session,
    uri: &Uri,
    place: &Place,
    analyzed: &BufferFindings,
    range: FileRange,
    response: &mut Vec<CodeAction>,
) {
    let support = session.support();
    // A cursor right behind the squiggle is at it as well.
    let here = |finding: &&Finding| finding.range.intersect(range).is_some();
    let findings: Vec<Finding> = analyzed.findings.iter().filter(here).cloned().collect();
    let fixes = place.workspace.snapshot().fixes(&place.path, &findings);
    let mut silencing = Vec::new();
    for (finding, fixes) in findings.iter().zip(fixes) {
        let diagnostic = {
            let elsewhere = diagnostics::elsewhere(session, uri);
            convert::diagnostic(finding, uri, &analyzed.text, support, &elsewhere)
        };
        let first_safe = fixes.iter().position(|it| it.applicability == Applicability::Safe);
        let action = |fix: Fix, preferred: bool| -> Option<CodeAction> {
            let mut action = CodeAction {
                title: fix.title.clone(),
                kind: Some(CodeActionKind::QUICKFIX),
                diagnostics: Some(vec![diagnostic.clone()]),
                is_preferred: (support.preferred_actions && preferred).then_some(true),
                ..Default::default()
            };
            if !can_edit(session, &place.workspace, &fix.edits) {
                return None;
            }
            if support.code_action_resolve {
                let data = Unresolved {
                    uri: uri.clone(),
                    version: analyzed.version,
                    rule: finding.rule.id.to_string(),
                    start: finding.range.start().into(),
                    end: finding.range.end().into(),
                    title: fix.title,
                };
                action.data = Some(serde_json::to_value(data).ok()?);
            } else {
                action.edit = Some(workspace_edit(session, &place.workspace, &fix.edits)?);
            }
            Some(action)
        };
        for (index, fix) in fixes.into_iter().enumerate() {
            response.extend(action(fix, Some(index) == first_safe));
        }
        let suppress = place.workspace.snapshot().suppressions(&place.path, finding);
        silencing.extend(suppress.comment.and_then(|fix| action(fix, false)));
        if place.workspace.disk().is_some() {
            silencing.extend(action(suppress.setting, false));
        }
    }
    // Repairs come before ways to look away.
    response.extend(silencing);
}

fn fix_all(
    session: &Session,
    uri: &Uri,
    place: &Place,
    analyzed: &BufferFindings,
) -> Option<CodeAction> {
    let edit = if session.support().code_action_resolve {
        // Only whether there is anything to fix: the edit is made when it is wanted.
        let fixes = place.workspace.snapshot().fixes(&place.path, &analyzed.findings);
        fixes.iter().flatten().find(|fix| fix.applicability == Applicability::Safe)?;
        None
    } else {
        Some(fix_all_edit(session, uri, place)?)
    };
    let data = Unresolved {
        uri: uri.clone(),
        version: analyzed.version,
        rule: String::new(),
        start: 0,
        end: 0,
        title: FIX_ALL.to_string(),
    };
    Some(CodeAction {
        title: "Apply all safe readiness fixes".to_string(),
        kind: Some(CodeActionKind::from(FIX_ALL)),
        data: if edit.is_none() { serde_json::to_value(data).ok() } else { None },
        edit,
        ..Default::default()
    })
}

fn fix_all_edit(session: &Session, uri: &Uri, place: &Place) -> Option<WorkspaceEdit> {
    let paths = [place.path.clone()];
    let shown = diagnostics::shown(session, uri);
    let applied = place.workspace.snapshot().fix_all(&paths, Applicability::Safe, shown);
    let edits: Vec<FileEdit> = applied
        .files
        .iter()
        .map(|(path, new)| {
            let old = place.workspace.snapshot().text_of(path).unwrap_or_default();
            FileEdit { path: path.clone(), edits: difference(&old, new) }
        })
        .collect();
    if edits.is_empty() {
        return None;
    }
    workspace_edit(session, &place.workspace, &edits)
}

/// Edits that turn one text into another, line by line, so that cursors and folds stay.
fn difference(old: &str, new: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut offset = TextSize::new(0);
    let mut pending: Option<Edit> = None;
    let diff = similar::TextDiff::from_lines(old, new);
    for change in diff.iter_all_changes() {
        let len = TextSize::of(change.value());
        match change.tag() {
            similar::ChangeTag::Equal => {
                edits.extend(pending.take());
                offset += len;
            }
            similar::ChangeTag::Delete => {
                let edit = pending.get_or_insert_with(|| Edit::insert(offset, ""));
                edit.range = FileRange::new(edit.range.start(), offset + len);
                offset += len;
            }
            similar::ChangeTag::Insert => {
                let edit = pending.get_or_insert_with(|| Edit::insert(offset, ""));
                edit.insert.push_str(change.value());
            }
        }
    }
    edits.extend(pending);
    edits
}

/// Why an action cannot be resolved.
#[derive(Debug)]
pub enum ResolveError {
    /// The text changed since the action was offered.
    Stale,
    Malformed,
}

/// Adds the edit to an action that was offered without one.
///
/// # Errors
///
/// When the text changed since, or the action is none of ours.
pub fn resolve(session: &Session, action: CodeAction) -> Result<CodeAction, ResolveError> {
    unchanged(session, || resolve_now(session, action)).unwrap_or(Err(ResolveError::Stale))
}

fn resolve_now(session: &Session, mut action: CodeAction) -> Result<CodeAction, ResolveError> {
    let Some(data) = action.data.clone() else { return Ok(action) };
    let data: Unresolved = serde_json::from_value(data).map_err(|_| ResolveError::Malformed)?;
    let place = session.place(&data.uri);
    let analyzed = place.workspace.analyze_buffer(&place.path).ok_or(ResolveError::Stale)?;
    if analyzed.version != data.version {
        return Err(ResolveError::Stale);
    }
    if data.title == FIX_ALL {
        action.edit = fix_all_edit(session, &data.uri, &place);
        return Ok(action);
    }
    if data.start > data.end {
        return Err(ResolveError::Malformed);
    }
    let range = FileRange::new(data.start.into(), data.end.into());
    let finding = analyzed
        .findings
        .iter()
        .find(|it| it.rule.id == data.rule && it.range == range)
        .ok_or(ResolveError::Stale)?;
    let suppress = place.workspace.snapshot().suppressions(&place.path, finding);
    let fixes = place.workspace.snapshot().fixes(&place.path, std::slice::from_ref(finding));
    let fix = fixes
        .into_iter()
        .flatten()
        .chain(suppress.comment)
        .chain([suppress.setting])
        .find(|fix| fix.title == data.title)
        .ok_or(ResolveError::Stale)?;
    action.edit = workspace_edit(session, &place.workspace, &fix.edits);
    Ok(action)
}

/// Whether the client can make these edits: a file that is not there must be created first.
fn can_edit(session: &Session, workspace: &Workspace, edits: &[FileEdit]) -> bool {
    let support = session.support();
    let creates = edits.iter().any(|file| workspace.snapshot().text_of(&file.path).is_none());
    !creates || (support.create_files && support.document_changes)
}

fn workspace_edit(
    session: &Session,
    workspace: &Arc<Workspace>,
    files: &[FileEdit],
) -> Option<WorkspaceEdit> {
    let support = session.support();
    let mut operations = Vec::new();
    let mut changes: HashMap<Uri, Vec<TextEdit>> = HashMap::new();
    for file in files {
        let uri = match session.uri(workspace, &file.path) {
            Some(uri) => uri,
            // An unsaved buffer: its path is its URI.
            None => file.path.parse().ok()?,
        };
        let existing = workspace.snapshot().text_of(&file.path);
        if existing.is_none() {
            let options =
                CreateFileOptions { overwrite: Some(false), ignore_if_exists: Some(true) };
            operations.push(DocumentChangeOperation::Op(ResourceOp::Create(CreateFile {
                uri: uri.clone(),
                options: Some(options),
                annotation_id: None,
            })));
        }
        let text = Text::new(&existing.unwrap_or_default());
        let edits = file.edits.iter().map(|edit| TextEdit {
            range: convert::range(&text, edit.range, support.encoding),
            new_text: edit.insert.clone(),
        });
        if support.document_changes {
            let version = workspace.snapshot().buffer_version(&file.path);
            operations.push(DocumentChangeOperation::Edit(TextDocumentEdit {
                text_document: OptionalVersionedTextDocumentIdentifier { uri, version },
                edits: edits.map(OneOf::Left).collect(),
            }));
        } else {
            changes.entry(uri).or_default().extend(edits);
        }
    }
    Some(if support.document_changes {
        WorkspaceEdit {
            document_changes: Some(DocumentChanges::Operations(operations)),
            ..Default::default()
        }
    } else {
        WorkspaceEdit { changes: Some(changes), ..Default::default() }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::apply_edits;

    #[test]
    fn a_difference_turns_one_text_into_the_other() {
        for (old, new) in [
            ("a\nb\nc\n", "a\nB\nc\nd\n"),
            ("", "x\n"),
            ("x\r\ny\r\n", "y\r\n"),
            ("a", "a\nb"),
            ("é\nb\n", "é\nc\n"),
        ] {
            assert_eq!(apply_edits(old, &difference(old, new)), new, "{old:?}");
        }
    }
}
