//! `println!`, `eprintln!` or `dbg!` instead of a logger.
//!
//! Output of a service on stdout or stderr has no level, no timestamp and no request that it
//! belongs to. It cannot be filtered, and it blocks when the reader of the pipe does.
//!
//! ```rust,bad
//! pub fn connected(peer: &str) {
//!     println!("connected to {peer}");
//! }
//! ```
//!
//! Log it, and let the program configure the output:
//!
//! ```rust
//! pub fn connected(peer: &str) {
//!     tracing::info!("connected to {peer}");
//! }
//! ```
//!
//! Not reported: the output of command-line programs. A `dbg!` is reported everywhere outside
//! tests.

use super::AREA;
use crate::analysis::{Applicability, Context, FixContext, Query, Report, Rule};
use crate::project::Role;
use crate::semantics::calls::std_macro_call;
use crate::syntax::{AstNode, Edition, NodeOrToken, SyntaxKind, ast};
use crate::text::TextEdit;

pub static RULE: Rule = Rule {
    id: "print-logging",
    raised_when_critical: false,
    lints: &["clippy::print_stdout", "clippy::print_stderr", "clippy::dbg_macro"],
    source: include_str!("print_logging.rs"),
    queries: &[Query::Macro(&["println", "eprintln", "print", "eprint", "dbg"], check)],
    ..Rule::source(AREA)
};

fn check(call: &ast::MacroCall, cx: &mut Context<'_>) {
    let Some((name, range)) = std_macro_call(call) else { return };
    let is_program_output = cx.file().role == Role::Bin && !cx.file().in_server();
    if name != "dbg" && is_program_output {
        return;
    }
    let message = match name.as_str() {
        "dbg" => "`dbg!` was left in the code".to_string(),
        "eprintln" | "eprint" => format!("`{name}!` writes to stderr instead of the logger"),
        _ => format!("`{name}!` writes to stdout instead of the logger"),
    };
    let level = match name.as_str() {
        "println" => "info",
        "eprintln" => "error",
        _ => return cx.report(call.syntax(), Report::new(range, message)),
    };
    let imported = cx.resolve(level);
    let path_range = call.path().map(|path| cx.file_range(path.syntax().text_range()));
    let report = Report::new(range, message).fix(|fix_cx| {
        let macro_path = logger(call, level, &imported, fix_cx);
        let (Some(macro_path), Some(path_range)) = (macro_path, path_range) else {
            return Vec::new();
        };
        let title = format!("Use `{macro_path}!`");
        let edit = TextEdit::replace(path_range, macro_path);
        vec![fix_cx.here(title, Applicability::Suggested, vec![edit])]
    });
    cx.report(call.syntax(), report);
}

/// The path of the macro that logs the same arguments, when the package has one and they are a
/// format string with what it formats.
fn logger(
    call: &ast::MacroCall,
    level: &str,
    imported: &str,
    fix_cx: &FixContext<'_>,
) -> Option<String> {
    let first = call
        .token_tree()?
        .syntax()
        .children_with_tokens()
        .filter_map(NodeOrToken::into_token)
        .filter(|token| !matches!(token.kind(), SyntaxKind::WHITESPACE | SyntaxKind::COMMENT))
        .nth(1)?;
    // Before the 2018 edition macros have no paths.
    if first.kind() != SyntaxKind::STRING || fix_cx.file.edition == Edition::Edition2015 {
        return None;
    }
    let logger =
        ["tracing", "log"].into_iter().find(|name| fix_cx.has_required_dependency(name))?;
    let path = format!("{logger}::{level}");
    Some(if imported == path { level.to_string() } else { path })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, check_fix, no_fix, silent};

    #[test]
    fn libraries_and_servers_log() {
        check(
            &RULE,
            r#"
//- Cargo.toml
[package]
name = "service"
[dependencies]
axum = "0.8"
//- src/lib.rs
pub fn f() {
    println!("started");
  //^^^^^^^^^^^^^^^^^^^ print-logging: `println!` writes to stdout instead of the logger
    match x { 0 => std::eprint!("no"), _ => dbg!(x) }
                 //^^^^^^^^^^^^^^^^^^ print-logging: `eprint!` writes to stderr instead of the logger
                                          //^^^^^^^ print-logging: `dbg!` was left in the code
}
//- src/main.rs
fn main() { eprintln!("failed"); }
          //^^^^^^^^^^^^^^^^^^^ print-logging
"#,
        );
    }

    #[test]
    fn the_output_of_a_program_is_its_own() {
        check(
            &RULE,
            r#"
//- Cargo.toml
[package]
name = "tool"
//- src/main.rs
mod report;
fn main() { println!("usage: tool"); dbg!(1); }
                                   //^^^^^^^ print-logging
//- src/report.rs
pub fn show() { print!("{}", 1); }
//- build.rs
fn main() { println!("cargo:rerun-if-changed=build.rs"); }
"#,
        );
    }

    #[test]
    fn tests_other_macros_and_allowed_output_are_silent() {
        silent(
            &RULE,
            r#"
fn f() { writeln!(out, "x"); defmt::println!("x"); tracing::info!("println!"); }
#[cfg(test)]
mod tests { fn t() { println!("x"); } }
#[allow(clippy::print_stdout)]
fn g() { println!("x"); }
macro_rules! say { () => { println!("x") } }
//- tests/it.rs
fn t() { dbg!(1); }
//- src/runtime/tests/mod.rs
fn t() { println!("declared in the arguments of a macro"); }
"#,
        );
    }

    const MANIFEST: &str = r#"//- Cargo.toml
[package]
name = "a"
edition = "2024"
"#;

    #[test]
    fn the_log_takes_the_same_arguments() {
        check_fix(
            &RULE,
            "Use `tracing::info!`",
            &format!(
                r#"{MANIFEST}[dependencies]
tracing = "0.1"
//- src/lib.rs
fn f() {{
    println!(
        "{{}} {{b:?}}",
        a,
    );
}}
"#
            ),
            r#"fn f() {
    tracing::info!(
        "{} {b:?}",
        a,
    );
}
"#,
        );
        check_fix(
            &RULE,
            "Use `error!`",
            &format!(
                r#"{MANIFEST}[dependencies]
log.workspace = true
//- src/lib.rs
use log::error;
fn f() {{ std::eprintln!("x") }}
"#
            ),
            r#"use log::error;
fn f() { error!("x") }
"#,
        );
    }

    #[test]
    fn without_a_logger_or_a_text_there_is_no_fix() {
        no_fix(&RULE, "fn f() { println!(\"x\"); }\n");
        let dependency = format!(
            r#"{MANIFEST}[dependencies]
log = "0.4"
//- src/lib.rs
"#
        );
        no_fix(&RULE, &format!("{dependency}fn f() {{ println!(); }}\n"));
        no_fix(&RULE, &format!("{dependency}fn f() {{ print!(\"x\"); }}\n"));
        no_fix(&RULE, &format!("{dependency}fn f() {{ println!(concat!(\"x\", \"y\")); }}\n"));
        no_fix(
            &RULE,
            &format!(
                r#"{MANIFEST}[dependencies]
log = {{ version = "0.4", optional = true }}
//- src/lib.rs
fn f() {{ println!("x"); }}
"#
            ),
        );
    }
}
