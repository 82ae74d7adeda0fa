//! The engine: it walks a file once, hands each rule the places it asked for, and keeps what they
//! found for as long as the code they found it in stays the same.

mod baseline;
mod cache;
mod context;
mod dispatch;
mod file;
mod finding;
pub mod fix;
mod identity;
mod meta;
mod opportunity;
mod practice;
mod project;
mod report;
mod rule;
mod run;
mod suppression;

pub use baseline::{BASELINE_NAME, Baseline, Matched};
pub use cache::{Cache, Evicted};
pub use context::{Context, Offer};
pub use dispatch::RuleSet;
pub use file::{FileAnalysis, FileIndex, analyze, analyze_edited, analyze_text, offers_for};
pub use finding::{Condition, Confidence, Finding, Related, Tag};
pub use fix::{Applicability, FileEdit, Fix, FixContext};
pub use identity::Identity;
pub use meta::{INVALID_CONFIG, INVALID_SUPPRESSION, UNREADABLE_FILE, UNUSED_SUPPRESSION};
pub use opportunity::{Census, Opportunity};
pub use practice::{PRACTICES, Practice};
pub use project::{
    ProjectChecks, ProjectContext, ProjectFinding, resolve_lines, resolve_lines_noting,
};
pub use report::{Place, Report};
pub use rule::{Area, Check, Code, NodeCheck, On, Query, Rule};
pub use suppression::{Suppressed, Suppression, may_suppress};

pub use crate::config::Severity;
