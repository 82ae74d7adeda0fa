use ls_types::{CodeAction, Uri};
use tower_lsp::jsonrpc::{Error, Result};

use super::action_data::{ActionData, FixData};
use super::fix_all;
use crate::analysis::Fix;
use crate::lsp::snapshot::{DocumentSnapshot, content_modified};
use crate::lsp::workspace_edit;
use crate::text::FileRange;

/// The document that an action is about; nothing for an action without data, which has nothing to
/// be resolved.
///
/// # Errors
///
/// When the data is not that of an action of this server.
pub fn action_document(action: &CodeAction) -> Result<Option<Uri>> {
    Ok(data_of(action)?.map(|data| data.uri))
}

/// Adds the edit to an action that was offered without one.
///
/// # Errors
///
/// When the text changed since it was offered.
pub fn code_action_resolve(
    document: &DocumentSnapshot,
    mut action: CodeAction,
) -> Result<CodeAction> {
    let Some(data) = data_of(&action)? else { return Ok(action) };
    action.edit = document.unless_changed(|| {
        if document.version != Some(data.version) {
            return Err(content_modified());
        }
        match &data.fix {
            None => Ok(fix_all::edit(document)),
            Some(data) => Ok(workspace_edit::of_edits(document, &find(document, data)?.edits)),
        }
    })?;
    Ok(action)
}

fn data_of(action: &CodeAction) -> Result<Option<ActionData>> {
    let Some(data) = action.data.clone() else { return Ok(None) };
    let data: ActionData = serde_json::from_value(data).map_err(|_| invalid_data())?;
    match &data.fix {
        Some(fix) if fix.start > fix.end => Err(invalid_data()),
        _ => Ok(Some(data)),
    }
}

fn invalid_data() -> Error {
    Error::invalid_params("the data of this code action is not from this server")
}

/// The fix that an action was offered for.
fn find(document: &DocumentSnapshot, data: &FixData) -> Result<Fix> {
    let analyzed = document.analyze()?.ok_or_else(content_modified)?;
    let range = FileRange::new(data.start.into(), data.end.into());
    let mut findings = analyzed.findings.iter();
    let finding = findings.find(|it| it.rule.id == data.rule && it.range == range);
    let finding = finding.ok_or_else(content_modified)?;
    let (workspace, path) = (document.workspace(), &document.file.path);
    let suppressions = workspace.suppressions(path, finding);
    let fixes = workspace.fixes(path, std::slice::from_ref(finding));
    let mut fixes =
        fixes.into_iter().flatten().chain(suppressions.comment).chain([suppressions.setting]);
    fixes.find(|fix| fix.title == data.title).ok_or_else(content_modified)
}
