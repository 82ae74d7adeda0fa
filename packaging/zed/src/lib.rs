//! The Zed extension: starts `readiness-lsp` of the settings or of `PATH`, and passes on its settings.

use zed_extension_api::settings::LspSettings;
use zed_extension_api::{self as zed, LanguageServerId, Result, Worktree, serde_json::Value};

const PROGRAM: &str = "readiness-lsp";

struct Readiness;

impl zed::Extension for Readiness {
    fn new() -> Self {
        Self
    }

    fn language_server_command(
        &mut self,
        server: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<zed::Command> {
        let settings = LspSettings::for_worktree(server.as_ref(), worktree)?;
        let (path, arguments) =
            settings.binary.map_or((None, None), |it| (it.path, it.arguments));
        let command = path.or_else(|| worktree.which(PROGRAM)).ok_or_else(|| {
            format!("{PROGRAM} is not on PATH: install it, or set `lsp.readiness.binary.path`")
        })?;
        Ok(zed::Command { command, args: arguments.unwrap_or_default(), env: worktree.shell_env() })
    }

    fn language_server_workspace_configuration(
        &mut self,
        server: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Option<Value>> {
        let settings = LspSettings::for_worktree(server.as_ref(), worktree)?.settings;
        Ok(settings.map(|it| zed::serde_json::json!({ "readiness": it })))
    }
}

zed::register_extension!(Readiness);
