use ls_types::Position;
use tower_lsp::jsonrpc::Result;

use crate::lsp::convert;
use crate::lsp::snapshot::{DocumentSnapshot, content_modified};
use crate::review::claims::Judged;
use crate::text::Text;
use crate::workspace::is_document_of_claims;

/// The claim at a position of a document, with its verdict; nothing in other files.
///
/// # Errors
///
/// When the text changed since the request came.
pub fn claim_at(document: &DocumentSnapshot, position: Position) -> Result<Option<(Judged, Text)>> {
    let path = &document.file.path;
    if !is_document_of_claims(path) {
        return Ok(None);
    }
    let workspace = document.workspace();
    let Some((text, version)) = workspace.buffer_text(path) else { return Ok(None) };
    if Some(version) != document.version {
        return Err(content_modified());
    }
    let offset = text.offset(convert::to_position(position), document.support.encoding);
    let judged = workspace.claim_at(path, &text.to_string(), offset);
    Ok(judged.map(|it| (it, text)))
}
