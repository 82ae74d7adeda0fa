use std::path::PathBuf;

use ls_types::{InitializeParams, InitializeResult, ServerInfo};

use crate::lsp::capabilities::server_capabilities;
use crate::lsp::client_support::ClientSupport;
use crate::lsp::session::Session;
use crate::lsp::{convert, exit};

/// Opens the folders of the client. They are scanned once it is initialised.
pub fn initialize(session: &Session, params: InitializeParams) -> InitializeResult {
    let support = ClientSupport::of(&params.capabilities);
    session.set_support(support);
    for folder in folders(&params) {
        session.add_folder(&folder);
    }
    if let Some(client) = params.process_id {
        exit::exit_with_process(client);
    }
    if let Some(options) = params.initialization_options {
        session.set_initial_settings(options);
    }
    InitializeResult {
        capabilities: server_capabilities(support),
        server_info: Some(ServerInfo {
            name: "readiness-lsp".to_string(),
            version: Some(env!("CARGO_PKG_VERSION").to_string()),
        }),
        ..Default::default()
    }
}

fn folders(params: &InitializeParams) -> Vec<PathBuf> {
    let named = params.workspace_folders.iter().flatten().map(|folder| &folder.uri);
    let mut folders: Vec<PathBuf> = named.filter_map(convert::file_path).collect();
    if folders.is_empty() {
        // Older clients, and some newer ones, say only this.
        #[allow(deprecated)]
        let root = params.root_uri.as_ref().and_then(convert::file_path);
        #[allow(deprecated)]
        folders.extend(root.or_else(|| params.root_path.as_ref().map(PathBuf::from)));
    }
    folders
}
