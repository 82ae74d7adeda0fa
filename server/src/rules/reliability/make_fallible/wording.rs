//! The text of a failure as the code that carries it.

use super::context_text::context_text;
use crate::project::SymbolIndex;
use crate::semantics::literals::string_literal;
use crate::semantics::types::LocatedExpr;
use crate::semantics::types::errors::{ErrorType, is_displayed};
use crate::syntax::{AstNode, ast};

/// The context of a failure.
pub enum Text {
    /// The text itself.
    Plain(String),
    /// A `format!(…)`, as it is written.
    Formatted(String),
    /// A constant, as it is written.
    Constant(String),
}

/// How the error of a result is written into a text.
#[derive(Clone, Copy)]
pub enum Shown {
    /// `{error}`
    Displayed,
    /// `{error:?}`, which every error can that can be unwrapped.
    Debugged,
}

impl Shown {
    pub fn of(error: &ErrorType, symbols: &SymbolIndex) -> Self {
        if is_displayed(error, symbols) { Self::Displayed } else { Self::Debugged }
    }

    fn hole(self) -> &'static str {
        match self {
            Self::Displayed => "{error}",
            Self::Debugged => "{error:?}",
        }
    }
}

impl Text {
    /// The message of an `expect`, or what is written from the call, which gives an option where
    /// it `is_absent`.
    pub fn of(located: &LocatedExpr, message: Option<&ast::Expr>, is_absent: bool) -> Option<Self> {
        let Some(message) = message else {
            return Some(Self::Plain(context_text(located, is_absent)));
        };
        if let Some(text) = string_literal(message) {
            return Some(Self::Plain(text));
        }
        let written = message.syntax().text().to_string();
        let written = written.trim_start_matches('&');
        if written.starts_with("format!") && !written.contains(['?', '\n']) {
            let moves = written.contains(".await") || written.contains("return");
            return (!moves).then(|| Self::Formatted(written.to_string()));
        }
        let name = written.rsplit("::").next().unwrap_or(written);
        let constant =
            name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        constant.then(|| Self::Constant(written.to_string()))
    }

    /// As an expression that is a `&'static str`.
    pub fn borrowed(&self) -> Option<String> {
        match self {
            Self::Plain(text) => Some(literal(text)),
            Self::Constant(path) => Some(path.clone()),
            Self::Formatted(_) => None,
        }
    }

    /// As an expression that gives a `String`.
    pub fn owned(&self) -> String {
        match self {
            Self::Plain(text) => format!("{}.to_string()", literal(text)),
            Self::Constant(path) => format!("{path}.to_string()"),
            Self::Formatted(call) => call.clone(),
        }
    }

    /// As the arguments of a formatting macro, with the error that is in view as `error`.
    pub fn arguments_with(&self, shown: Shown) -> Option<String> {
        let hole = shown.hole();
        match self {
            Self::Plain(text) => Some(literal(&format!("{}: {hole}", braced(text)))),
            Self::Constant(path) => Some(format!("\"{{}}: {hole}\", {path}")),
            // `format!("no {name}")`
            Self::Formatted(call) => {
                let inner = call.strip_prefix("format!(\"")?.strip_suffix("\")")?;
                (!inner.contains('"')).then(|| format!("\"{inner}: {hole}\""))
            }
        }
    }

    /// As the arguments of a formatting macro.
    pub fn arguments(&self) -> Option<String> {
        match self {
            Self::Plain(text) => Some(literal(&braced(text))),
            Self::Constant(path) => Some(format!("\"{{}}\", {path}")),
            Self::Formatted(call) => {
                let inner = call.strip_prefix("format!(")?.strip_suffix(')')?;
                Some(inner.to_string())
            }
        }
    }
}

fn braced(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

fn literal(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{}\"", escaped.replace('\r', "\\r").replace('\t', "\\t"))
}
