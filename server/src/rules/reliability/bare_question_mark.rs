//! I/O or parse error that leaves a public function without context.
//!
//! "No such file or directory (os error 2)" does not say which file. With `anyhow` and `eyre` a caller can no
//! longer tell either: the place that knows what was being done has to say it.
//!
//! ```rust,bad
//! pub fn load(path: &Path) -> anyhow::Result<Settings> {
//!     let text = std::fs::read_to_string(path)?;
//!     Ok(toml::from_str(&text)?)
//! }
//! ```
//!
//! Attach it:
//!
//! ```rust
//! use anyhow::Context;
//!
//! pub fn load(path: &Path) -> anyhow::Result<Settings> {
//!     let text = std::fs::read_to_string(path)
//!         .with_context(|| format!("read {}", path.display()))?;
//!     toml::from_str(&text).context("parse the settings")
//! }
//! ```
//!
//! Hidden by default (`--confidence possible`), as the caller may attach the context.

use super::AREA;
use crate::analysis::fix::imports::import_edit;
use crate::analysis::{Applicability, Confidence, Context, On, Query, Report, Rule, Severity};
use crate::semantics::bindings::bound_type;
use crate::semantics::calls::call_range;
use crate::semantics::expressions::identifier;
use crate::semantics::paths::callee;
use crate::syntax::AstNode;
use crate::syntax::ast::{self, HasArgList, HasVisibility};
use crate::syntax::imports::compact;
use crate::text::TextEdit;

pub static RULE: Rule = Rule {
    id: "bare-question-mark",
    severity: Severity::Low,
    raised_when_critical: false,
    lowered_by_reach: false,
    source: include_str!("bare_question_mark.rs"),
    queries: &[Query::Node(&On(check))],
    ..Rule::source(AREA)
};

/// Functions whose errors do not say what they were given, and what they do.
const OPERATIONS: &[(&str, &str)] = &[
    ("File::create", "create the file"),
    ("File::open", "open the file"),
    ("TcpListener::bind", "bind the listener"),
    ("TcpStream::connect", "connect to the peer"),
    ("UdpSocket::bind", "bind the socket"),
    ("env::var", "read the variable"),
    ("fs::copy", "copy the file"),
    ("fs::create_dir_all", "create the folder"),
    ("fs::metadata", "look at the file"),
    ("fs::read", "read the file"),
    ("fs::read_dir", "list the folder"),
    ("fs::read_to_string", "read the file"),
    ("fs::remove_file", "remove the file"),
    ("fs::rename", "rename the file"),
    ("fs::write", "write the file"),
    ("serde_json::from_reader", "parse the JSON"),
    ("serde_json::from_slice", "parse the JSON"),
    ("serde_json::from_str", "parse the JSON"),
    ("serde_yaml::from_str", "parse the YAML"),
    ("toml::from_str", "parse the TOML"),
];

fn check(attempt: &ast::TryExpr, cx: &mut Context<'_>) {
    let operand = match attempt.expr() {
        Some(ast::Expr::AwaitExpr(it)) => it.expr(),
        it => it,
    };
    let Some(ast::Expr::CallExpr(call)) = operand else { return };
    let Some(path) = callee(&call) else { return };
    let Some((_, what)) = OPERATIONS.iter().find(|(it, _)| {
        path == *it || path.strip_suffix(it).is_some_and(|before| before.ends_with("::"))
    }) else {
        return;
    };
    let Some(function) = cx.function(attempt.syntax()) else { return };
    let Some(library) = error_library(&function, cx) else { return };
    let is_public = function.visibility().is_some_and(|it| it.visibility_inner().is_none());
    let in_closure = cx.ancestors(attempt.syntax()).any(|it| ast::ClosureExpr::can_cast(it.kind()));
    if !is_public || in_closure || cx.in_macro() {
        return;
    }
    let name = path.rsplit("::").next().unwrap_or(&path);
    let message = format!("the error of `{name}` leaves the function without context");
    let expr = ast::Expr::CallExpr(call.clone());
    let range = call_range(&expr);
    let text = context(&call, what, cx);
    let at = attempt.expr().map(|it| cx.file_range(it.syntax().text_range()).end());
    let report = Report::new(range, message).confidence(Confidence::Possible);
    let report = report.fix(move |fix| {
        let Some(at) = at else { return Vec::new() };
        let (title, import) = match library {
            "anyhow" => ("Attach context with `anyhow::Context`", "anyhow::Context"),
            _ => ("Attach context with `eyre::WrapErr`", "eyre::WrapErr"),
        };
        let text = match library {
            "anyhow" => text,
            _ => {
                text.replace(".with_context(", ".wrap_err_with(").replace(".context(", ".wrap_err(")
            }
        };
        let mut edits = vec![TextEdit::insert(at, text)];
        edits.extend(import_edit(fix, at, import));
        vec![fix.here(title, Applicability::Suggested, edits)]
    });
    cx.report(attempt.syntax(), report);
}

/// The crate of the error that a function returns, when that is one which takes any other in.
fn error_library(function: &ast::Fn, cx: &mut Context<'_>) -> Option<&'static str> {
    let returns = compact(function.ret_type()?.ty()?.syntax());
    let (head, _) = returns.split_once('<')?;
    let resolved = cx.resolve(head);
    match resolved.as_str() {
        "anyhow::Result" => Some("anyhow"),
        "eyre::Result" => Some("eyre"),
        _ => None,
    }
}

/// The call that attaches the context, with the path when it is still there after the call.
fn context(call: &ast::CallExpr, what: &str, cx: &Context<'_>) -> String {
    let argument = call.arg_list().and_then(|it| it.args().next());
    let path = argument.as_ref().and_then(|argument| match argument {
        ast::Expr::RefExpr(it) => it.expr().as_ref().and_then(identifier),
        _ => identifier(argument),
    });
    let shown = path.filter(|name| {
        let ty = bound_type(cx, call.syntax(), name).unwrap_or_default();
        let is_lent = matches!(argument, Some(ast::Expr::RefExpr(_)));
        ty.trim() == "&Path" || is_lent && ty.trim() == "PathBuf"
    });
    let verb = what.split(' ').next().unwrap_or(what);
    match shown {
        Some(name) => format!(".with_context(|| format!(\"{verb} {{}}\", {name}.display()))"),
        None => format!(".context(\"{what}\")"),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, check_fix, silent};

    #[test]
    fn bare_errors_of_public_functions_are_reported() {
        check(
            &RULE,
            r#"
use anyhow::Result;
pub fn load(path: &Path) -> Result<Settings> {
    let text = std::fs::read_to_string(path)?;
             //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ bare-question-mark: the error of `read_to_string` leaves the function without context
    Ok(toml::from_str(&text)?)
     //^^^^^^^^^^^^^^^^^^^^^ bare-question-mark
}
pub async fn bind(address: &str) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).await?;
                 //^^^^^^^^^^^^^^^^^^^^^^^^^^ bare-question-mark
    let file = File::open("a")?;
             //^^^^^^^^^^^^^^^ bare-question-mark
}
"#,
        );
    }

    #[test]
    fn errors_with_context_and_inner_functions_are_left_alone() {
        silent(
            &RULE,
            r#"
use anyhow::{Context, Result};
pub fn load(path: &Path) -> Result<Settings> {
    let text = fs::read_to_string(path).context("read the settings")?;
    helper(path)?;
}
fn inner(path: &Path) -> Result<String> { Ok(fs::read_to_string(path)?) }
pub fn io(path: &Path) -> std::io::Result<String> { let x = fs::read_to_string(path)?; Ok(x) }
pub fn own(path: &Path) -> Result<String, Error> { Ok(fs::read_to_string(path).map_err(E)?) }
pub(crate) fn narrow(path: &Path) -> Result<String> { Ok(fs::read_to_string(path)?) }
"#,
        );
    }

    #[test]
    fn context_is_attached() {
        check_fix(
            &RULE,
            "Attach context with `anyhow::Context`",
            "use anyhow::Result;\n\npub fn load(path: &Path) -> Result<String> {\n    let text = fs::read_to_string(path)?;\n    Ok(text)\n}\n",
            "use anyhow::{Context, Result};\n\npub fn load(path: &Path) -> Result<String> {\n    let text = fs::read_to_string(path).with_context(|| format!(\"read {}\", path.display()))?;\n    Ok(text)\n}\n",
        );
    }
}
