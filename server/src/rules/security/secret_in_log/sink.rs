//! Where a macro writes, and how much a secret matters there.

use crate::analysis::Severity;
use crate::semantics::secrets::SecretKind;
use crate::syntax::SyntaxNode;
use crate::syntax::names::has_any_word;

/// Macros whose text is read by people or becomes an error.
pub const MACROS: &[&str] = &[
    "trace", "debug", "info", "warn", "error", "event", "log", "span", "trace_span", "debug_span",
    "info_span", "warn_span", "error_span", "print", "println", "eprint", "eprintln", "dbg",
    "panic", "unreachable", "anyhow", "bail", "eyre", "ensure", "format_err", "format",
];

/// Where a macro writes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sink {
    /// A log line or a span that is written at its level `trace`.
    Trace,
    /// One that is written at the level `debug`.
    Debug,
    /// One that is written at the level `info` or above.
    Log,
    /// A standard stream.
    Terminal,
    /// The message of a panic.
    Panic,
    /// An error, which is logged, shown or returned.
    Error,
}

impl Sink {
    /// Where a macro of this name writes to, with the tree of its arguments.
    pub fn of(macro_name: &str, arguments: &SyntaxNode) -> Self {
        match macro_name {
            "print" | "println" | "eprint" | "eprintln" | "dbg" => Self::Terminal,
            "panic" | "unreachable" => Self::Panic,
            "anyhow" | "bail" | "eyre" | "ensure" | "format_err" | "format" => Self::Error,
            "event" | "log" | "span" => {
                let text = arguments.text().to_string();
                let level = text.split("Level::").nth(1).unwrap_or_default();
                Self::of_level(level.split(|c: char| !c.is_alphanumeric()).next().unwrap_or(level))
            }
            name => Self::of_level(name.split('_').next().unwrap_or(name)),
        }
    }

    /// The log at a level, by its name.
    pub fn of_level(level: &str) -> Self {
        match level.to_lowercase().as_str() {
            "trace" => Self::Trace,
            "debug" => Self::Debug,
            _ => Self::Log,
        }
    }

    /// What it is called in a message.
    pub fn name(self) -> &'static str {
        match self {
            Self::Trace | Self::Debug | Self::Log => "the log",
            Self::Terminal => "the terminal",
            Self::Panic => "a panic message",
            Self::Error => "an error message",
        }
    }

    /// How much a secret of this kind and name matters there, in a program that `serves` or not.
    pub fn severity(self, serves: bool, kind: SecretKind, name: &str) -> Severity {
        let is_grave = matches!(kind, SecretKind::Password | SecretKind::Key)
            || has_any_word(name, &["recovery", "reset"]);
        match self {
            // Who waits for a command sees its panics, and an error may be written nowhere.
            Self::Panic if !serves => Severity::Medium,
            Self::Trace | Self::Error => Severity::Medium,
            Self::Log | Self::Terminal if is_grave => Severity::Critical,
            _ => Severity::High,
        }
    }
}
