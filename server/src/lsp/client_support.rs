//! What the client can do.

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
    /// The client shows the verdict and the score of its folders: `experimental.readinessScore`.
    pub shows_score: bool,
    /// The client has the command `readiness.choose`, which lets a person choose one of several actions:
    /// `experimental.readinessChoose`.
    pub chooses: bool,
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
        let experimental = capabilities.experimental.as_ref();
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
            shows_score: experimental.is_some_and(|it| it["readinessScore"] == true),
            chooses: experimental.is_some_and(|it| it["readinessChoose"] == true),
            hover_markdown: hover.is_none_or(|it| it.contains(&MarkupKind::Markdown)),
        }
    }
}
