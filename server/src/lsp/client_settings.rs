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
    /// The file of known findings, instead of the one that `readiness.toml` names.
    pub baseline: Option<String>,
    /// Findings less certain than this are not shown; without it, [`Confidence::SHOWN`].
    pub confidence: Option<Confidence>,
}

impl ClientSettings {
    /// The settings that hold for workspaces, as entries of a settings file.
    pub fn as_overrides(&self) -> String {
        let baseline = self.baseline.as_ref().filter(|it| !it.is_empty());
        let entry = |name: &String| format!("baseline = {}\n", toml::Value::from(name.as_str()));
        baseline.map(entry).unwrap_or_default()
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Scope {
    #[default]
    OpenFiles,
    Workspace,
}
