use std::sync::Arc;

use super::rule::Rule;
use crate::config::Tier;
use crate::project::Facts;
use crate::text::TextRange;

/// A problem that a rule reports.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub rule: &'static Rule,
    pub tier: Tier,
    /// Bytes of the file.
    pub range: TextRange,
    /// Starts in lower case and has no full stop, like the messages of rustc.
    pub message: Arc<str>,
    /// Further places in the same file that explain the finding.
    pub related: Vec<Related>,
    pub tag: Option<Tag>,
    /// What the rest of the workspace must say for the finding to hold.
    pub condition: Option<Condition>,
}

/// A place that a finding refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    pub range: TextRange,
    pub message: String,
}

/// How an editor may render a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// The code does nothing and can go.
    Unnecessary,
    Deprecated,
}

/// A question to the merged facts of the workspace.
///
/// An item is analysed on its own, and what was found in it stays valid while other files change;
/// a condition is asked anew each time findings are shown.
#[derive(Clone)]
pub struct Condition(Arc<dyn Fn(&Facts) -> bool + Send + Sync>);

impl Condition {
    pub fn new(holds: impl Fn(&Facts) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(holds))
    }

    pub fn holds(&self, facts: &Facts) -> bool {
        (self.0)(facts)
    }
}

impl std::fmt::Debug for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Condition")
    }
}

/// Conditions have no identity of their own: equal findings of equal code have equal ones.
impl PartialEq for Condition {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
