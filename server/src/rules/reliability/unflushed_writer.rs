//! Buffered writer dropped without `flush`.
//!
//! The last bytes are in the buffer until it is flushed. The `BufWriter` of `std` writes them as it is
//! dropped, and drops the error with it: a full disk goes unnoticed. That of `tokio` does not
//! write them at all.
//!
//! ```rust,bad
//! fn save(path: &Path, lines: &[String]) -> std::io::Result<()> {
//!     let mut writer = BufWriter::new(File::create(path)?);
//!     for line in lines {
//!         writeln!(writer, "{line}")?;
//!     }
//!     Ok(())
//! }
//! ```
//!
//! Flush it, and return the error:
//!
//! ```rust
//! fn save(path: &Path, lines: &[String]) -> std::io::Result<()> {
//!     let mut writer = BufWriter::new(File::create(path)?);
//!     for line in lines {
//!         writeln!(writer, "{line}")?;
//!     }
//!     writer.flush()
//! }
//! ```
//!
//! A writer that is returned, kept or handed on by value is not reported: its new owner flushes it.

use super::AREA;
use crate::analysis::{Applicability, Confidence, Context, Query, Report, Rule, Severity};
use crate::semantics::paths::{callee, resolved_callee};
use crate::syntax::ast::{self, HasArgList, HasName};
use crate::syntax::fragment::Fragment;
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};
use crate::text::TextEdit;

pub static RULE: Rule = Rule {
    id: "unflushed-writer",
    severity: Severity::Medium,
    raised_when_critical: false,
    source: include_str!("unflushed_writer.rs"),
    queries: &[Query::Call(&["new", "with_capacity"], check)],
    ..Rule::source(AREA)
};

/// Methods that write what is in the buffer, or hand it over.
const FLUSHING: &[&str] = &[
    "close", "finish", "flush", "get_mut", "into_inner", "into_parts", "shutdown", "sync_all",
    "try_finish",
];

/// Functions that write into what they are lent, and flush nothing.
const WRITING: &[&str] = &[
    "copy", "into_writer", "serialize_into", "to_writer", "to_writer_pretty", "write_all",
    "write_fmt", "write_message",
];

fn check(call: &ast::CallExpr, cx: &mut Context<'_>) {
    let Some(path) = callee(call) else { return };
    let Some((owner, _)) = path.rsplit_once("::") else { return };
    if owner.rsplit("::").next() != Some("BufWriter") {
        return;
    }
    let of_tokio = resolved_callee(cx, call).is_some_and(|it| it.starts_with("tokio::"));
    // A buffer in memory or a standard stream loses nothing on its way.
    let inner = call.arg_list().and_then(|it| it.args().last());
    let inner = inner.map(|it| compact(it.syntax())).unwrap_or_default();
    if ["Vec::", "vec![", "stdout", "stderr", "Cursor", "sink()"]
        .iter()
        .any(|it| inner.contains(it))
    {
        return;
    }
    let node = call.syntax();
    let kind = Writer::of(node);
    let what = match &kind {
        Some(Writer::Bound(name, list)) if !is_flushed(name, list, node) => format!("`{name}`"),
        Some(Writer::Lent) => "the `BufWriter`".to_string(),
        _ => return,
    };
    let message = match of_tokio {
        true => format!("{what} is dropped without `flush`: its last bytes are never written"),
        false => format!("{what} is dropped without `flush`: errors of the last bytes are lost"),
    };
    let insertion = match &kind {
        Some(Writer::Bound(name, list)) => insertion(name, list, of_tokio, cx),
        _ => None,
    };
    let report = Report::new(node.text_range(), message).confidence(Confidence::Likely);
    let report = match of_tokio {
        true => report.severity(Severity::High),
        false => report,
    };
    let report = report.fix(move |context| {
        let fix = insertion.map(|(at, text)| {
            let edits = vec![TextEdit::insert(at, text)];
            context.here("Add `flush` before the result", Applicability::Suggested, edits)
        });
        fix.into_iter().collect()
    });
    cx.report(node, report);
}

/// What is done with a new writer.
enum Writer {
    /// It has a name in a block.
    Bound(String, SyntaxNode),
    /// It is lent to a function that writes into it, and dropped.
    Lent,
}

impl Writer {
    fn of(call: &SyntaxNode) -> Option<Self> {
        let mut node = call.clone();
        loop {
            let parent = node.parent()?;
            match parent.kind() {
                SyntaxKind::LET_STMT => {
                    let statement = ast::LetStmt::cast(parent)?;
                    let ast::Pat::IdentPat(pat) = statement.pat()? else { return None };
                    let list = statement.syntax().parent()?;
                    return Some(Self::Bound(pat.name()?.text().to_string(), list));
                }
                SyntaxKind::ARG_LIST => {
                    let outer = ast::CallExpr::cast(parent.parent()?)?;
                    let name = callee(&outer)?;
                    let name = name.rsplit("::").next()?;
                    return WRITING.contains(&name).then_some(Self::Lent);
                }
                SyntaxKind::REF_EXPR | SyntaxKind::PAREN_EXPR | SyntaxKind::TRY_EXPR => {
                    node = parent
                }
                _ => return None,
            }
        }
    }
}

/// Whether a writer is flushed or handed on somewhere in its block. What is not understood counts as
/// handed on.
fn is_flushed(name: &str, list: &SyntaxNode, made: &SyntaxNode) -> bool {
    let is_after = |node: &SyntaxNode| node.text_range().start() >= made.text_range().end();
    let uses = list.descendants().filter(is_after).filter(|it| is_name(it, name));
    let in_macros =
        list.descendants().filter(|it| it.kind() == SyntaxKind::MACRO_CALL && is_after(it));
    let macro_uses = in_macros.filter_map(|call| {
        let fragment = Fragment::of_macro_call(&call, crate::syntax::Edition::CURRENT)?;
        let macro_name = crate::syntax::fragment::macro_name(&call)?;
        let all: Vec<SyntaxNode> =
            fragment.root.descendants().filter(|it| is_name(it, name)).collect();
        Some((macro_name, all))
    });
    let mut used = false;
    for (macro_name, all) in macro_uses {
        used |= !all.is_empty();
        let writes = matches!(macro_name.as_str(), "write" | "writeln" | "assert" | "debug");
        if !all.is_empty() && !writes && all.iter().any(hands_on) {
            return true;
        }
    }
    for found in uses {
        used = true;
        if hands_on(&found) {
            return true;
        }
    }
    !used
}

fn is_name(node: &SyntaxNode, name: &str) -> bool {
    node.kind() == SyntaxKind::PATH_EXPR && node.text() == name
}

/// Whether a use of a writer flushes it or hands it on.
fn hands_on(found: &SyntaxNode) -> bool {
    let Some(parent) = found.parent() else { return true };
    match parent.kind() {
        SyntaxKind::METHOD_CALL_EXPR => {
            let Some(call) = ast::MethodCallExpr::cast(parent) else { return true };
            let Some(name) = call.name_ref().map(|it| it.text().to_string()) else { return true };
            let is_receiver = call.receiver().is_some_and(|it| it.syntax() == found);
            !is_receiver || FLUSHING.contains(&name.as_str()) || !name.starts_with("write")
        }
        SyntaxKind::REF_EXPR => {
            let list = parent.parent().filter(|it| it.kind() == SyntaxKind::ARG_LIST);
            let Some(call) = list.and_then(|it| it.parent()) else { return true };
            let name = match ast::CallExpr::cast(call.clone()) {
                Some(call) => callee(&call),
                None => ast::MethodCallExpr::cast(call)
                    .and_then(|it| it.name_ref())
                    .map(|it| it.text().to_string()),
            };
            let name = name.unwrap_or_default();
            !WRITING.contains(&name.rsplit("::").next().unwrap_or(&name))
        }
        // `to_writer(writer, &value)`: it is dropped there.
        SyntaxKind::ARG_LIST => {
            let call = parent.parent().and_then(ast::CallExpr::cast);
            let name = call.and_then(|it| callee(&it)).unwrap_or_default();
            !WRITING.contains(&name.rsplit("::").next().unwrap_or(&name))
        }
        _ => true,
    }
}

/// Where `flush` is added, and how: before the result of the block, when that is the function's own and
/// returns one that can take the error.
fn insertion(
    name: &str,
    list: &SyntaxNode,
    of_tokio: bool,
    cx: &Context<'_>,
) -> Option<(crate::text::TextSize, String)> {
    let tail = ast::StmtList::cast(list.clone())?.tail_expr()?;
    let function = list.parent()?.parent().and_then(ast::Fn::cast)?;
    let returns = compact(function.ret_type()?.ty()?.syntax());
    let takes = ["io::Result<", "std::io::Result<", "anyhow::Result<", "eyre::Result<"];
    let is_ok = compact(tail.syntax()).starts_with("Ok(");
    let in_view = writes_already(list);
    if !is_ok || !takes.iter().any(|it| returns.starts_with(it)) || !in_view {
        return None;
    }
    let wait = if of_tokio { ".await" } else { "" };
    let text = tail.syntax().prev_sibling_or_token().map(|it| it.to_string()).unwrap_or_default();
    let indent = text.rsplit('\n').next().unwrap_or_default().to_string();
    let at = cx.file_range(tail.syntax().text_range()).start();
    Some((at, format!("{name}.flush(){wait}?;\n{indent}")))
}

/// Whether the block has a macro or a method of the trait that `flush` is of, which is in view then.
fn writes_already(list: &SyntaxNode) -> bool {
    let text = list.text().to_string();
    ["writeln!(", "write!(", ".write_all("].iter().any(|it| text.contains(it))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, check_fix, silent};

    #[test]
    fn writers_that_are_not_flushed_are_reported() {
        check(
            &RULE,
            r#"
use tokio::io::BufWriter as TokioWriter;
fn save(path: &Path, lines: &[String]) -> io::Result<()> {
    let mut writer = BufWriter::new(File::create(path)?);
                   //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ unflushed-writer: `writer` is dropped without `flush`: errors of the last bytes are lost
    for line in lines {
        writeln!(writer, "{line}")?;
    }
    Ok(())
}
fn json(path: &Path, value: &Value) -> Result<()> {
    let file = File::create(path)?;
    serde_json::to_writer(BufWriter::new(file), value)?;
                        //^^^^^^^^^^^^^^^^^^^^ unflushed-writer: the `BufWriter` is dropped without `flush`: errors of the last bytes are lost
}
fn bound(path: &Path, value: &Value) -> Result<()> {
    let mut out = std::io::BufWriter::with_capacity(4096, File::create(path)?);
                //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ unflushed-writer
    serde_json::to_writer_pretty(&mut out, value)?;
    out.write_all(b"\n")?;
}
async fn send(stream: TcpStream) -> io::Result<()> {
    let mut writer = tokio::io::BufWriter::new(stream);
                   //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ unflushed-writer: `writer` is dropped without `flush`: its last bytes are never written
    writer.write_all(b"hello").await?;
    Ok(())
}
"#,
        );
    }

    #[test]
    fn flushed_and_kept_writers_are_left_alone() {
        silent(
            &RULE,
            r#"
fn save(path: &Path) -> io::Result<()> {
    let mut writer = BufWriter::new(File::create(path)?);
    writeln!(writer, "a")?;
    writer.flush()
}
fn given(path: &Path) -> io::Result<()> {
    let mut writer = BufWriter::new(File::create(path)?);
    render(&mut writer)?;
    let other = BufWriter::new(File::create(path)?);
    encode(other)
}
fn made(path: &Path) -> io::Result<BufWriter<File>> { Ok(BufWriter::new(File::create(path)?)) }
fn kept(path: &Path) -> Self { Self { writer: BufWriter::new(file) } }
fn stream() { let mut out = BufWriter::new(io::stdout().lock()); writeln!(out, "a"); }
fn inner(path: &Path) { let mut w = BufWriter::new(f); w.write_all(b"a")?; w.into_inner()?.sync_all() }
#[test]
fn t() { let mut w = BufWriter::new(f); w.write_all(b"a"); }
"#,
        );
    }

    #[test]
    fn flush_is_added() {
        check_fix(
            &RULE,
            "Add `flush` before the result",
            r#"
fn save(path: &Path) -> io::Result<()> {
    let mut writer = BufWriter::new(File::create(path)?);
    writer.write_all(b"a")?;
    Ok(())
}
"#,
            r#"fn save(path: &Path) -> io::Result<()> {
    let mut writer = BufWriter::new(File::create(path)?);
    writer.write_all(b"a")?;
    writer.flush()?;
    Ok(())
}
"#,
        );
    }
}
