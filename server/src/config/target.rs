use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Question, Severity};

/// What a project is for, and with that what keeps it from being ready.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// Shown to a few people, on data that nobody needs. Critical findings block.
    Prototype,
    /// Used inside one organisation. Critical findings block, and a service needs to say who
    /// responds to incidents and how data is restored.
    Internal,
    /// Used by customers. Critical and high findings block, and a service needs evidence for
    /// restore, incident response, rollback and its threat model.
    #[default]
    Production,
    /// People or money depend on it. Medium findings block as well, and every question needs
    /// evidence.
    Critical,
}

impl Target {
    /// Its name in settings and output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Prototype => "prototype",
            Self::Internal => "internal",
            Self::Production => "production",
            Self::Critical => "critical",
        }
    }

    /// The lowest severity whose findings keep a project from being ready.
    pub fn blocking_severity(self) -> Severity {
        match self {
            Self::Prototype | Self::Internal => Severity::Critical,
            Self::Production => Severity::High,
            Self::Critical => Severity::Medium,
        }
    }

    /// Whether a service is not ready without evidence for a question. Those about data are asked
    /// of services that keep some.
    pub fn requires(self, question: Question) -> bool {
        match self {
            Self::Prototype => false,
            Self::Internal => {
                matches!(question, Question::BackupAndRestore | Question::IncidentResponse)
            }
            Self::Production => matches!(
                question,
                Question::ThreatModel
                    | Question::BackupAndRestore
                    | Question::IncidentResponse
                    | Question::RolloutAndRollback
            ),
            Self::Critical => true,
        }
    }
}
