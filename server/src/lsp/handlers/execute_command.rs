use std::sync::Arc;

use ls_types::{ExecuteCommandParams, LSPAny, Uri};
use serde::Deserialize;
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};

use crate::lsp::capabilities::REVIEW;
use crate::lsp::session::Session;
use crate::review::{html, markdown};
use crate::workspace::{Phase, Workspace};

/// What the review command is given.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Arguments {
    format: Format,
    /// A file or folder of the project; without it the first folder is reviewed.
    uri: Option<Uri>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Markdown,
    Html,
    Json,
}

/// Reviews a folder, and returns the document.
pub fn execute_command(session: &Session, params: ExecuteCommandParams) -> Result<LSPAny> {
    if params.command != REVIEW {
        return Err(Error::invalid_params(format!("unknown command `{}`", params.command)));
    }
    let first = params.arguments.into_iter().next();
    let arguments: Arguments = match first {
        Some(value) => serde_json::from_value(value)
            .map_err(|error| Error::invalid_params(error.to_string()))?,
        None => Arguments::default(),
    };
    let workspace = workspace(session, arguments.uri.as_ref());
    let workspace = workspace.ok_or_else(|| failed("no folder is open"))?;
    let snapshot = workspace.snapshot();
    if *snapshot.phase() != Phase::Known {
        return Err(failed("the project is still being read"));
    }
    let review = snapshot.review();
    Ok(match arguments.format {
        Format::Markdown => markdown(&review).into(),
        Format::Html => html(&review).into(),
        Format::Json => serde_json::to_value(&review).map_err(|it| failed(&it.to_string()))?,
    })
}

/// The folder that a file lies in, or the first one.
fn workspace(session: &Session, uri: Option<&Uri>) -> Option<Arc<Workspace>> {
    let of_file = uri.map(|uri| session.file(uri).workspace);
    of_file.filter(|it| it.disk().is_some()).or_else(|| session.folders().into_iter().next())
}

fn failed(message: &str) -> Error {
    /// `RequestFailed` of LSP.
    const REQUEST_FAILED: i64 = -32803;
    let code = ErrorCode::ServerError(REQUEST_FAILED);
    Error { code, message: message.to_string().into(), data: None }
}
