//! The settings of the client.

use serde::Deserialize;

use crate::analysis::{Confidence, Severity};

/// The settings of the client, under `readiness`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ClientSettings {
    /// Which files have diagnostics.
    pub scope: Scope,
    /// Findings below this severity are not shown.
    pub min_severity: Option<Severity>,
    /// Findings less certain than this are not shown; without it, [`Confidence::SHOWN`].
    pub confidence: Option<Confidence>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Scope {
    #[default]
    OpenFiles,
    Workspace,
}
