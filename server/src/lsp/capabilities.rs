//! What the server offers the client.

use ls_types::*;

use super::client_support::ClientSupport;
use crate::text::Encoding;

/// The kind of the action that applies every safe fix of a file.
pub const FIX_ALL: &str = "source.fixAll.readiness";

/// The command that reviews a folder. Editors have commands of their own that call it.
pub const REVIEW: &str = "readiness.server.review";

/// The command of a client that lets a person choose one of the actions that it is given.
pub const CHOOSE: &str = "readiness.choose";

pub fn server_capabilities(client: ClientSupport) -> ServerCapabilities {
    let encoding = match client.encoding {
        Encoding::Utf8 => PositionEncodingKind::UTF8,
        _ => PositionEncodingKind::UTF16,
    };
    let sync = TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(TextDocumentSyncKind::INCREMENTAL),
        save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions {
            include_text: Some(false),
        })),
        ..Default::default()
    };
    let actions = CodeActionOptions {
        code_action_kinds: Some(vec![CodeActionKind::QUICKFIX, CodeActionKind::from(FIX_ALL)]),
        resolve_provider: Some(client.code_action_resolve),
        ..Default::default()
    };
    let folders = WorkspaceFoldersServerCapabilities {
        supported: Some(true),
        change_notifications: Some(OneOf::Left(true)),
    };
    ServerCapabilities {
        position_encoding: Some(encoding),
        text_document_sync: Some(TextDocumentSyncCapability::Options(sync)),
        code_action_provider: client
            .code_action_literals
            .then_some(CodeActionProviderCapability::Options(actions)),
        // From a claim of a document to the code that it is about.
        definition_provider: Some(OneOf::Left(true)),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        diagnostic_provider: client.pull_diagnostics.then(|| {
            DiagnosticServerCapabilities::Options(DiagnosticOptions {
                identifier: Some("readiness".to_string()),
                inter_file_dependencies: true,
                workspace_diagnostics: false,
                ..Default::default()
            })
        }),
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: vec![REVIEW.to_string()],
            ..Default::default()
        }),
        workspace: Some(WorkspaceServerCapabilities {
            workspace_folders: Some(folders),
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// The files that findings depend on. Keys and databases are among them for their being there.
const WATCHED: [&str; 4] = [
    "**/*.{rs,toml,lock,yml,yaml,json,jsonc,sql,md,sh,env,pem,key,crt,p12,db,sqlite,sqlite3}",
    "**/*.{js,mjs,cjs,jsx,ts,mts,cts,tsx,vue,svelte,py,go,rb,php,java,kt,cs,ex}",
    "**/{Dockerfile,Containerfile,Makefile,justfile,Jenkinsfile,CODEOWNERS,LICENSE,readiness-baseline}*",
    "**/{.env,.gitignore,.ignore,.gitattributes,.dockerignore}*",
];

/// What is asked of the client once it is initialised.
pub fn registrations(client: ClientSupport) -> Vec<Registration> {
    let mut registrations = Vec::new();
    if client.watched_files {
        let watchers = WATCHED.map(|glob| serde_json::json!({ "globPattern": glob }));
        registrations.push(Registration {
            id: "watched-files".to_string(),
            method: "workspace/didChangeWatchedFiles".to_string(),
            register_options: Some(serde_json::json!({ "watchers": watchers })),
        });
    }
    if client.completion_registration {
        // Offered for all files, it would be asked for with every letter typed in Rust.
        let pattern = format!("**/{}", crate::config::FILE_NAME);
        registrations.push(Registration {
            id: "completion".to_string(),
            method: "textDocument/completion".to_string(),
            register_options: Some(serde_json::json!({
                "documentSelector": [{ "scheme": "file", "pattern": pattern }],
                "triggerCharacters": ["[", "=", " ", "\""],
            })),
        });
    }
    if client.watched_configuration {
        registrations.push(Registration {
            id: "configuration".to_string(),
            method: "workspace/didChangeConfiguration".to_string(),
            register_options: Some(serde_json::json!({ "section": "readiness" })),
        });
    }
    registrations
}
