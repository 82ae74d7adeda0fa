use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::rule::Rule;
use crate::config::Severity;
use crate::project::SymbolIndex;
use crate::text::FileRange;

/// A problem that a rule reports.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// How much it stands in the way of production, after settings and security-critical code.
    pub severity: Severity,
    /// Where it is shown.
    pub range: FileRange,
    /// Starts in lower case and has no full stop, like the messages of rustc.
    pub message: Arc<str>,
    /// Causes and consequences, in the form of the message.
    pub notes: Vec<String>,
    /// How sure the rule is.
    pub confidence: Confidence,
    /// Further places that explain the finding.
    pub related: Vec<Related>,
    /// How an editor renders it.
    pub tag: Option<Tag>,
    /// What the rest of the workspace must say for the finding to hold.
    pub condition: Option<Condition>,
    /// Whether an attribute at the top of its file allows a lint of the rule: it is not shown.
    pub is_allowed_in_file: bool,
    /// Whether it stands in test code.
    pub in_test: bool,
}

impl Finding {
    /// A certain finding without anything beside its message.
    pub fn new(
        rule: &'static Rule,
        severity: Severity,
        range: FileRange,
        message: impl Into<Arc<str>>,
    ) -> Self {
        Self {
            rule,
            severity,
            range,
            message: message.into(),
            notes: Vec::new(),
            confidence: Confidence::Certain,
            related: Vec::new(),
            tag: None,
            condition: None,
            is_allowed_in_file: false,
            in_test: false,
        }
    }
}

/// How sure a rule is of a finding.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A name alone, or one side of the evidence.
    Possible,
    /// Names, types and flow agree.
    Likely,
    /// The syntax alone proves the defect.
    Certain,
}

impl Confidence {
    /// Findings that are less sure are shown only to those who ask for them.
    pub const SHOWN: Self = Self::Likely;

    /// The name in settings and output, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Certain => "certain",
        }
    }
}

/// A place that a finding refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// The file, relative to the workspace root; nothing for the file of the finding.
    pub path: Option<Arc<str>>,
    /// Where the place is in the file.
    pub range: FileRange,
    /// What the place has to do with the finding.
    pub message: String,
}

/// How an editor may render a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// The code does nothing and can go.
    Unnecessary,
    /// The code works and should be replaced.
    Deprecated,
}

/// A question to the symbol index of the workspace.
///
/// An item is analysed on its own, and what was found in it stays valid while other files change;
/// a condition is asked anew each time findings are shown.
#[derive(Clone)]
pub struct Condition(Arc<dyn Fn(&SymbolIndex) -> bool + Send + Sync>);

impl Condition {
    /// A condition that is asked each time findings are shown, so it must be cheap.
    pub fn new(holds: impl Fn(&SymbolIndex) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(holds))
    }

    /// A condition, if there is one, and another that has to hold as well.
    pub fn and(
        first: Option<Self>,
        holds: impl Fn(&SymbolIndex) -> bool + Send + Sync + 'static,
    ) -> Self {
        match first {
            Some(first) => Self::new(move |symbols| first.holds(symbols) && holds(symbols)),
            None => Self::new(holds),
        }
    }

    /// Whether the finding stands in a workspace with these symbols.
    pub fn holds(&self, symbols: &SymbolIndex) -> bool {
        (self.0)(symbols)
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
