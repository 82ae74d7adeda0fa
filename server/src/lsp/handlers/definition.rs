use ls_types::{GotoDefinitionParams, GotoDefinitionResponse, Location};
use tower_lsp::jsonrpc::Result;

use super::claim::claim_at;
use crate::lsp::convert;
use crate::lsp::snapshot::DocumentSnapshot;

/// The code that a claim of a document is about.
pub fn definition(
    document: &DocumentSnapshot,
    params: GotoDefinitionParams,
) -> Result<Option<GotoDefinitionResponse>> {
    let position = params.text_document_position_params.position;
    let Some((judged, _)) = claim_at(document, position)? else { return Ok(None) };
    let Some(target) = judged.target else { return Ok(None) };
    let workspace = document.workspace();
    let Some((uri, text)) = document.other_file(&target.path) else { return Ok(None) };
    let Some(range) = workspace.line_range(&target.path, target.line) else { return Ok(None) };
    let range = convert::range(&text, range, document.support.encoding);
    Ok(Some(GotoDefinitionResponse::Scalar(Location { uri, range })))
}
