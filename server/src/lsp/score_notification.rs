//! What clients that show scores are told.

use ls_types::Uri;
use ls_types::notification::Notification;
use serde::{Deserialize, Serialize};

/// `readiness/score`, to clients with the capability `experimental.readinessScore`.
#[derive(Debug)]
pub enum ScoreNotification {}

impl Notification for ScoreNotification {
    type Params = ScoreParams;
    const METHOD: &'static str = "readiness/score";
}

/// The verdict and the score of a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoreParams {
    /// The folder.
    pub folder: Uri,
    /// Whether nothing blocks.
    pub ready: bool,
    /// How much blocks.
    pub blockers: usize,
    /// From 0 to 100; nothing when nothing can be judged.
    pub score: Option<u32>,
    /// What the project is meant for.
    pub level: String,
}
