//! The settings of the client.

use serde::Deserialize;

use crate::config::Severity;

/// The settings of the client, under `readiness`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ClientSettings {
    /// Which files have diagnostics.
    pub scope: Scope,
    /// Findings below this severity are not shown.
    pub min_severity: Option<Severity>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Scope {
    #[default]
    OpenFiles,
    Workspace,
}
