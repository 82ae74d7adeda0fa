//! What the client can do, and what the server offers it.

use ls_types::*;

use crate::text::Encoding;

/// The client's capabilities, resolved once.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClientSupport {
    pub encoding: Encoding,
    /// The client asks for diagnostics, and asks again when it is told to. One that cannot be told
    /// would keep what an edit elsewhere, or the first reading of the folder, made out of date.
    pub pull_diagnostics: bool,
    pub diagnostic_data: bool,
    pub diagnostic_tags: bool,
    pub related_information: bool,
    pub code_description: bool,
    pub code_action_literals: bool,
    pub code_action_resolve: bool,
    pub preferred_actions: bool,
    pub document_changes: bool,
    pub create_files: bool,
    pub configuration: bool,
    pub watched_files: bool,
    pub watched_configuration: bool,
    pub progress: bool,
    pub hover_markdown: bool,
    /// Completion can be offered for some files only.
    pub completion_registration: bool,
}

impl ClientSupport {
    pub fn of(capabilities: &ClientCapabilities) -> Self {
        let workspace = capabilities.workspace.as_ref();
        let document = capabilities.text_document.as_ref();
        let encodings = capabilities.general.as_ref().and_then(|it| it.position_encodings.as_ref());
        let utf8 = encodings.is_some_and(|it| it.contains(&PositionEncodingKind::UTF8));
        let action = document.and_then(|it| it.code_action.as_ref());
        let published = document.and_then(|it| it.publish_diagnostics.as_ref());
        let edit = workspace.and_then(|it| it.workspace_edit.as_ref());
        let hover =
            document.and_then(|it| it.hover.as_ref()).and_then(|it| it.content_format.as_ref());
        Self {
            encoding: if utf8 { Encoding::Utf8 } else { Encoding::Utf16 },
            pull_diagnostics: document.is_some_and(|it| it.diagnostic.is_some())
                && workspace
                    .and_then(|it| it.diagnostics.as_ref())
                    .is_some_and(|it| it.refresh_support == Some(true)),
            diagnostic_data: published.is_some_and(|it| it.data_support == Some(true)),
            diagnostic_tags: published.is_some_and(|it| it.tag_support.is_some()),
            related_information: published.is_some_and(|it| it.related_information == Some(true)),
            code_description: published.is_some_and(|it| it.code_description_support == Some(true)),
            code_action_literals: action.is_some_and(|it| it.code_action_literal_support.is_some()),
            code_action_resolve: action
                .and_then(|it| it.resolve_support.as_ref())
                .is_some_and(|it| it.properties.iter().any(|property| property == "edit"))
                && action.is_some_and(|it| it.data_support == Some(true)),
            preferred_actions: action.is_some_and(|it| it.is_preferred_support == Some(true)),
            document_changes: edit.is_some_and(|it| it.document_changes == Some(true)),
            create_files: edit
                .and_then(|it| it.resource_operations.as_ref())
                .is_some_and(|it| it.contains(&ResourceOperationKind::Create)),
            configuration: workspace.is_some_and(|it| it.configuration == Some(true)),
            watched_files: workspace
                .and_then(|it| it.did_change_watched_files)
                .is_some_and(|it| it.dynamic_registration == Some(true)),
            watched_configuration: workspace
                .and_then(|it| it.did_change_configuration)
                .is_some_and(|it| it.dynamic_registration == Some(true)),
            progress: capabilities
                .window
                .as_ref()
                .is_some_and(|it| it.work_done_progress == Some(true)),
            completion_registration: document
                .and_then(|it| it.completion.as_ref())
                .is_some_and(|it| it.dynamic_registration == Some(true)),
            hover_markdown: hover.is_none_or(|it| it.contains(&MarkupKind::Markdown)),
        }
    }
}

/// The kind of the action that applies every safe fix of a file.
pub const FIX_ALL: &str = "source.fixAll.readiness";

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
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        diagnostic_provider: client.pull_diagnostics.then(|| {
            DiagnosticServerCapabilities::Options(DiagnosticOptions {
                identifier: Some("readiness".to_string()),
                inter_file_dependencies: true,
                workspace_diagnostics: false,
                ..Default::default()
            })
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
    "**/{Dockerfile,Containerfile,Makefile,justfile,Jenkinsfile,CODEOWNERS,LICENSE}*",
    "**/{.env,.gitignore,.dockerignore}*",
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
