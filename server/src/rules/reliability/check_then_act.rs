//! File that is looked for before it is opened, created or removed.
//!
//! Between `exists()` and the operation somebody else may create or remove the file. Two
//! processes that both find nothing both create it, and one overwrites what the other wrote; or the file
//! is gone, and the operation fails in a way that the code does not expect.
//!
//! ```rust,bad
//! fn create(path: &Path) -> std::io::Result<std::fs::File> {
//!     if path.exists() {
//!         return Err(std::io::ErrorKind::AlreadyExists.into());
//!     }
//!     std::fs::File::create(path)
//! }
//! ```
//!
//! Do it, and look at the error:
//!
//! ```rust
//! fn create(path: &Path) -> std::io::Result<std::fs::File> {
//!     std::fs::File::create_new(path)
//! }
//! ```
//!
//! To create a file is medium. To remove or to open one fails at worst, and is shown with `--confidence
//! possible` alone. `create_dir_all` after a look is not reported: it does nothing when the folder is there.

use super::AREA;
use crate::analysis::{Applicability, Confidence, Context, Query, Report, Rule, Severity};
use crate::semantics::calls::call_range;
use crate::semantics::paths::{callee, resolved_callee};
use crate::semantics::rust_version::supports_rust;
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};
use crate::text::{FileRange, TextEdit};

pub static RULE: Rule = Rule {
    id: "check-then-act",
    severity: Severity::Medium,
    raised_when_critical: false,
    cwe: &[367],
    seeds: &["E.9"],
    source: include_str!("check_then_act.rs"),
    queries: &[
        Query::Method(&["exists", "is_file", "try_exists"], check_method),
        Query::Call(&["exists", "try_exists", "metadata", "symlink_metadata"], check_call),
    ],
    ..Rule::source(AREA)
};

/// What is done to the file afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Create,
    Open,
    Remove,
}

fn check_method(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let takes = call.arg_list().is_some_and(|it| it.args().next().is_some());
    if let Some(path) = call.receiver().filter(|_| !takes) {
        check(&ast::Expr::MethodCallExpr(call.clone()), &path, cx);
    }
}

fn check_call(call: &ast::CallExpr, cx: &mut Context<'_>) {
    let function = callee(call).unwrap_or_default();
    let of_fs = ["fs::exists", "fs::try_exists", "fs::metadata", "fs::symlink_metadata"];
    let Some(path) = call.arg_list().and_then(|it| it.args().next()) else { return };
    if of_fs.iter().any(|it| function.ends_with(it)) {
        check(&ast::Expr::CallExpr(call.clone()), &path, cx);
    }
}

fn check(test: &ast::Expr, path: &ast::Expr, cx: &mut Context<'_>) {
    let node = test.syntax();
    let name = place(path);
    // What a query or a map is asked is no file.
    if name.is_empty() || name.contains("{") {
        return;
    }
    let Some((branch, negated)) = condition(node) else { return };
    let Some((act, operation)) = act_after(&branch, negated, &name) else { return };
    // That something else is in the place of a file says nothing of a race.
    let of_kind = crate::semantics::expressions::last_name(test).is_some_and(|it| it == "is_file");
    if of_kind && act != Act::Create || act == Act::Remove && is_ignored(&operation) {
        return;
    }
    let fix = (act == Act::Create).then(|| creation(&operation, cx)).flatten();
    // To open or to remove what is gone gives an error, which is what the check is for.
    let confidence = if act == Act::Create { Confidence::Likely } else { Confidence::Possible };
    let shown = if name.len() > 30 { "the path".to_string() } else { format!("`{name}`") };
    let (verb, severity) = match act {
        Act::Create => ("created", Severity::Medium),
        Act::Open => ("opened", Severity::Low),
        Act::Remove => ("removed", Severity::Low),
    };
    let message = format!("{shown} may change between this check and where it is {verb}");
    let report = Report::new(call_range(test), message)
        .severity(severity)
        .related(operation.text_range(), format!("it is {verb} here"))
        .confidence(confidence)
        .fix(move |context| {
            let fix = fix.filter(|_| supports_rust(&context.view, 77)).map(|range| {
                let edits = vec![TextEdit::replace(range, "create_new".to_string())];
                context.here("Use `File::create_new`", Applicability::Suggested, edits)
            });
            fix.into_iter().collect()
        });
    cx.report(node, report);
}

/// Where `create` of `std::fs::File::create` stands.
fn creation(operation: &SyntaxNode, cx: &mut Context<'_>) -> Option<FileRange> {
    let call = ast::CallExpr::cast(operation.clone())?;
    let resolved = resolved_callee(cx, &call)?;
    let ast::Expr::PathExpr(path) = call.expr()? else { return None };
    let name = path.path()?.segment()?.name_ref()?;
    let of_std = resolved == "std::fs::File::create";
    of_std.then(|| cx.file_range(name.syntax().text_range()))
}

/// Whether the failure of an operation is of no interest: `fs::remove_file(path).ok();`
fn is_ignored(operation: &SyntaxNode) -> bool {
    let statement = operation
        .ancestors()
        .find(|it| matches!(it.kind(), SyntaxKind::LET_STMT | SyntaxKind::EXPR_STMT));
    statement.is_some_and(|it| {
        let text = compact(&it);
        text.starts_with("let_") || text.ends_with(".ok();") || text.contains("NotFound")
    })
}

/// A path without references and conversions.
fn place(path: &ast::Expr) -> String {
    let text = compact(path.syntax());
    let mut text = text.trim_start_matches(['&', '*']);
    loop {
        let shorter = [".clone()", ".as_path()", ".as_ref()", ".to_path_buf()", ".as_str()"]
            .iter()
            .find_map(|it| text.strip_suffix(it));
        match shorter {
            Some(shorter) => text = shorter,
            None => break,
        }
    }
    let text = text.strip_prefix("std::path::").unwrap_or(text);
    let inner = text.strip_prefix("Path::new(").and_then(|it| it.strip_suffix(')'));
    inner.unwrap_or(text).trim_start_matches('&').to_string()
}

/// The `if` whose condition a test is, and whether the test is negated.
fn condition(test: &SyntaxNode) -> Option<(SyntaxNode, bool)> {
    let mut below = test.clone();
    let mut negated = false;
    loop {
        let parent = below.parent()?;
        match parent.kind() {
            SyntaxKind::IF_EXPR => {
                let is_condition = ast::IfExpr::cast(parent.clone())?
                    .condition()
                    .is_some_and(|it| it.syntax() == &below);
                return is_condition.then_some((parent, negated));
            }
            SyntaxKind::PREFIX_EXPR => negated = !negated,
            SyntaxKind::METHOD_CALL_EXPR => {
                let name = ast::MethodCallExpr::cast(parent.clone())?.name_ref()?;
                match name.text() {
                    "is_err" => negated = !negated,
                    "is_ok" | "unwrap_or" | "unwrap_or_default" | "unwrap" => {}
                    _ => return None,
                }
            }
            SyntaxKind::PAREN_EXPR
            | SyntaxKind::BIN_EXPR
            | SyntaxKind::TRY_EXPR
            | SyntaxKind::AWAIT_EXPR
            | SyntaxKind::LET_EXPR => {}
            _ => return None,
        }
        below = parent;
    }
}

/// What is done to the path in the branch for it, or behind an `if` that goes away otherwise.
fn act_after(branch: &SyntaxNode, negated: bool, name: &str) -> Option<(Act, SyntaxNode)> {
    let expr = ast::IfExpr::cast(branch.clone())?;
    let then = expr.then_branch()?;
    let otherwise = expr.else_branch().map(|it| match it {
        ast::ElseBranch::Block(it) => it.syntax().clone(),
        ast::ElseBranch::IfExpr(it) => it.syntax().clone(),
    });
    let leaves = then.syntax().descendants().any(|it| it.kind() == SyntaxKind::RETURN_EXPR)
        || compact(then.syntax()).contains("bail!(");
    let (found, missing) = match negated {
        true => (otherwise.clone(), Some(then.syntax().clone())),
        false => (Some(then.syntax().clone()), otherwise.clone()),
    };
    if let Some(done) = missing.and_then(|it| act_in(&it, name, true)) {
        return Some(done);
    }
    if let Some(done) = found.and_then(|it| act_in(&it, name, false)) {
        return Some(done);
    }
    if !leaves {
        return None;
    }
    // `if path.exists() { return …; } File::create(path)`
    let statement = branch.parent().filter(|it| it.kind() == SyntaxKind::EXPR_STMT);
    let mut next = statement.as_ref().unwrap_or(branch).next_sibling();
    while let Some(node) = next {
        if let Some(done) = act_in(&node, name, !negated) {
            return Some(done);
        }
        next = node.next_sibling();
    }
    None
}

/// The operation on the path below a node: when it is `absent`, one that creates it.
fn act_in(node: &SyntaxNode, name: &str, absent: bool) -> Option<(Act, SyntaxNode)> {
    node.descendants().find_map(|node| {
        let (act, argument) = match node.kind() {
            SyntaxKind::CALL_EXPR => {
                let call = ast::CallExpr::cast(node.clone())?;
                let path = callee(&call)?;
                let mut parts = path.rsplit("::");
                let (function, owner) = (parts.next()?, parts.next().unwrap_or_default());
                let act = match (owner, function) {
                    ("File", "create") | ("fs", "write" | "create_dir") => Act::Create,
                    ("File", "open") | ("fs", "read" | "read_to_string" | "read_dir") => Act::Open,
                    ("fs", "remove_file" | "remove_dir" | "remove_dir_all") => Act::Remove,
                    _ => return None,
                };
                (act, call.arg_list()?.args().next()?)
            }
            SyntaxKind::METHOD_CALL_EXPR => {
                let call = ast::MethodCallExpr::cast(node.clone())?;
                let options = call.receiver().map(|it| compact(it.syntax()))?;
                let opens = call.name_ref()?.text() == "open" && options.contains("OpenOptions");
                if !opens || options.contains(".create_new(true)") {
                    return None;
                }
                let act = if options.contains(".create(true)") { Act::Create } else { Act::Open };
                (act, call.arg_list()?.args().next()?)
            }
            _ => return None,
        };
        let fits = if absent { act == Act::Create } else { act != Act::Create };
        (fits && place(&argument) == name).then_some((act, node))
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, check_fix, silent};

    #[test]
    fn a_file_is_created_only_if_it_is_new() {
        check_fix(
            &RULE,
            "Use `File::create_new`",
            "use std::fs::File;\nfn f(path: &Path) -> io::Result<()> {\n    if !path.exists() {\n        File::create(path)?;\n    }\n    Ok(())\n}\n",
            "use std::fs::File;\nfn f(path: &Path) -> io::Result<()> {\n    if !path.exists() {\n        File::create_new(path)?;\n    }\n    Ok(())\n}\n",
        );
    }

    #[test]
    fn checks_before_operations_are_reported() {
        check(
            &RULE,
            r#"
fn create(path: &Path) -> Result<()> {
    if !path.exists() {
           //^^^^^^^^ check-then-act: `path` may change between this check and where it is created
        fs::write(path, "")?;
    }
}
fn refuse(path: &Path) -> Result<File> {
    if path.exists() {
          //^^^^^^^^ check-then-act
        return Err(Error::Exists);
    }
    Ok(File::create(&path)?)
}
async fn remove(&self) -> Result<()> {
    if self.socket.exists() {
                 //^^^^^^^^ check-then-act: `self.socket` may change between this check and where it is removed
        tokio::fs::remove_file(&self.socket).await?;
    }
    if fs::metadata(&self.lock).is_err() {
     //^^^^^^^^^^^^^^^^^^^^^^^^ check-then-act
        OpenOptions::new().write(true).create(true).open(&self.lock)?;
    }
}
fn read(path: &Path) -> Result<String> {
    if !Path::new("state.json").try_exists()? {
                              //^^^^^^^^^^^^ check-then-act
        return Ok(String::new());
    }
    Ok(fs::read_to_string("state.json")?)
}
"#,
        );
    }

    #[test]
    fn other_checks_are_left_alone() {
        silent(
            &RULE,
            r#"
fn folder(path: &Path) -> Result<()> {
    if !path.exists() { fs::create_dir_all(path)?; }
    if !path.exists() { File::create(other)?; }
    if !path.exists() { return Err(Error::Missing); }
    if path.exists() { println!("{}", path.display()); }
    if !path.exists() { OpenOptions::new().write(true).create_new(true).open(path)?; }
}
fn row(table: &Table) -> bool { table.exists(id) }
fn open(path: &Path) -> Result<String> { Ok(fs::read_to_string(path)?) }
#[test]
fn t() { if path.exists() { fs::remove_file(path).unwrap(); } }
"#,
        );
    }
}
