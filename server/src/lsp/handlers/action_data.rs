use ls_types::Uri;
use serde::{Deserialize, Serialize};

/// What a code action carries to be resolved later.
#[derive(Debug, Serialize, Deserialize)]
pub struct ActionData {
    pub uri: Uri,
    /// The version of the text that the action is for.
    pub version: i32,
    /// The fix of one finding; nothing for the action that applies all safe fixes.
    pub fix: Option<FixData>,
}

/// One of the fixes of a finding.
#[derive(Debug, Serialize, Deserialize)]
pub struct FixData {
    pub rule: String,
    /// Of the finding, in bytes.
    pub start: u32,
    pub end: u32,
    /// Tells which of the fixes it is.
    pub title: String,
}
