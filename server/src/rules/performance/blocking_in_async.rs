//! Blocking call in async code.
//!
//! An async runtime runs many tasks on few threads. A task that reads a file, sleeps, waits for
//! another process or hashes a password without an `.await` blocks its thread, and with it all
//! other tasks on that thread, including timers and health checks.
//!
//! ```rust,bad
//! async fn config(path: &str) -> std::io::Result<String> {
//!     std::fs::read_to_string(path)
//! }
//! ```
//!
//! Use the async counterpart, or `spawn_blocking`:
//!
//! ```rust
//! async fn config(path: &str) -> std::io::Result<String> {
//!     tokio::fs::read_to_string(path).await
//! }
//!
//! async fn hash(password: String) -> Result<String, Error> {
//!     tokio::task::spawn_blocking(move || bcrypt::hash(password, 12)).await?
//! }
//! ```
//!
//! The body of `async fn main` does not run on a worker thread, so that only `thread::sleep` is
//! reported there.
//!
//! Known problems: blocking calls inside functions that async code calls are not found.

use super::AREA;
use crate::analysis::{Applicability, Context, Fix, FixContext, Query, Report, Rule, Severity};
use crate::project::SymbolIndex;
use crate::semantics::bindings::local_value;
use crate::semantics::calls::{argument_count, call_range};
use crate::semantics::execution::{Runner, is_async_block, is_awaited, runner};
use crate::semantics::expressions::{chain_root, identifier};
use crate::semantics::literals::string_literal;
use crate::semantics::paths::{resolve_at, resolved_callee};
use crate::syntax::ast::{self, HasArgList, HasName};
use crate::syntax::{AstNode, SyntaxNode};
use crate::text::{FileRange, TextEdit};

pub static RULE: Rule = Rule {
    id: "blocking-in-async",
    severity: Severity::High,
    raised_when_critical: false,
    source: include_str!("blocking_in_async.rs"),
    queries: &[
        Query::Call(
            &[
                "read", "read_to_string", "write", "copy", "rename", "remove_file", "remove_dir",
                "remove_dir_all", "create_dir", "create_dir_all", "read_dir", "metadata",
                "symlink_metadata", "canonicalize", "hard_link", "read_link", "set_permissions",
                "exists", "open", "create", "create_new", "sleep", "connect", "connect_timeout",
                "get", "post", "put", "delete", "hash", "hash_with_salt", "hash_with_result",
                "verify", "hash_encoded", "hash_raw", "verify_encoded", "scrypt", "pbkdf2",
                "pbkdf2_hmac", "pbkdf2_hmac_array",
            ],
            check_function,
        ),
        Query::Method(
            &[
                "open", "output", "status", "send", "read_line", "to_socket_addrs",
                "hash_password", "hash_password_into", "verify_password",
            ],
            check_method,
        ),
    ],
    ..Rule::source(AREA)
};

/// Functions of `std::fs` that `tokio::fs` has with the same arguments and results.
const FS_WITH_COUNTERPART: &[&str] = &[
    "read", "read_to_string", "write", "copy", "rename", "remove_file", "remove_dir",
    "remove_dir_all", "create_dir", "create_dir_all", "metadata", "symlink_metadata",
    "canonicalize", "hard_link", "read_link", "set_permissions",
];

/// Other blocking functions, by their paths.
const OTHERS: &[&str] = &[
    "std::fs::read_dir",
    "std::fs::exists",
    "std::fs::File::open",
    "std::fs::File::create",
    "std::fs::File::create_new",
    "std::thread::sleep",
    "std::net::TcpStream::connect",
    "std::net::TcpStream::connect_timeout",
    "std::os::unix::net::UnixStream::connect",
    "reqwest::blocking::get",
    "ureq::get",
    "ureq::post",
    "ureq::put",
    "ureq::delete",
    "bcrypt::hash",
    "bcrypt::hash_with_salt",
    "bcrypt::hash_with_result",
    "bcrypt::verify",
    "argon2::hash_encoded",
    "argon2::hash_raw",
    "argon2::verify_encoded",
    "scrypt::scrypt",
    "pbkdf2::pbkdf2",
    "pbkdf2::pbkdf2_hmac",
    "pbkdf2::pbkdf2_hmac_array",
];

fn check_function(call: &ast::CallExpr, cx: &mut Context<'_>) {
    if is_awaited(call.syntax()) {
        return;
    }
    let Some(path) = resolved_callee(cx, call) else { return };
    let name = path.strip_prefix("std::fs::").unwrap_or_default();
    if !OTHERS.contains(&path.as_str()) && !FS_WITH_COUNTERPART.contains(&name)
        || reads_kernel_file(call)
    {
        return;
    }
    let Some(runner) = blocked_runner(cx, call.syntax(), path == "std::thread::sleep") else {
        return;
    };
    let message = format!("`{}` blocks the thread that runs this async code", short(&path));
    let callee = call.expr().map(|callee| cx.file_range(callee.syntax().text_range()));
    let end = cx.file_range(call.syntax().text_range()).end();
    let range = call_range(&call.clone().into());
    let report = Report::new(range, message).fix(move |fix| {
        let callee = callee.filter(|_| runner == Runner::Async);
        counterpart(fix, &path, callee, end).into_iter().collect()
    });
    cx.report(call.syntax(), report);
}

fn check_method(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let Some(name) = call.name_ref().map(|name| name.text().to_string()) else { return };
    if is_awaited(call.syntax()) {
        return;
    }
    let Some(receiver) = call.receiver() else { return };
    let blocks = match name.as_str() {
        "hash_password" | "hash_password_into" | "verify_password" => {
            ["argon2", "scrypt", "pbkdf2", "bcrypt"].iter().any(|it| cx.file().depends_on(it))
        }
        "to_socket_addrs" => {
            argument_count(call) == 0
                && resolve_at(cx, call.syntax(), "ToSocketAddrs") == "std::net::ToSocketAddrs"
        }
        "send" => {
            argument_count(call) == 0
                && origin(cx, &receiver).is_some_and(|path| path.starts_with("reqwest::blocking::"))
        }
        "output" | "status" => {
            argument_count(call) == 0
                && origin(cx, &receiver).is_some_and(|path| path == "std::process::Command::new")
        }
        "open" => origin(cx, &receiver).is_some_and(|path| {
            path == "std::fs::OpenOptions::new" || path == "std::fs::File::options"
        }),
        "read_line" => origin(cx, &receiver).is_some_and(|path| path == "std::io::stdin"),
        _ => false,
    };
    if !blocks || blocked_runner(cx, call.syntax(), false).is_none() {
        return;
    }
    let message = format!("`{name}` blocks the thread that runs this async code");
    let mut report = Report::new(call_range(&call.clone().into()), message);
    if name.ends_with("_password") || name.ends_with("_into") {
        // A method of the workspace with this name may be a different one.
        report =
            report.when(move |symbols: &SymbolIndex| symbols.functions(&name).next().is_none());
    }
    cx.report(call.syntax(), report);
}

/// The path of the call that creates a receiver: `std::process::Command::new`.
fn origin(cx: &mut Context<'_>, receiver: &ast::Expr) -> Option<String> {
    let mut root = chain_root(receiver);
    if let Some(name) = identifier(&root) {
        root = chain_root(&local_value(cx, receiver.syntax(), &name)?);
    }
    let ast::Expr::CallExpr(call) = root else { return None };
    resolved_callee(cx, &call)
}

/// What runs the code of a node, if blocking it affects other tasks.
fn blocked_runner(cx: &Context<'_>, node: &SyntaxNode, sleeps: bool) -> Option<Runner> {
    let runner = runner(cx, node);
    if runner == Runner::Sync || (!sleeps && is_body_of_main(cx, node)) {
        return None;
    }
    Some(runner)
}

/// Whether a node is in `async fn main` itself, and in no task that it starts.
fn is_body_of_main(cx: &Context<'_>, node: &SyntaxNode) -> bool {
    for node in cx.ancestors(node) {
        if is_async_block(&node) {
            return false;
        }
        if let Some(function) = ast::Fn::cast(node) {
            return function.name().is_some_and(|name| name.text() == "main");
        }
    }
    false
}

/// Whether a call reads a file of `/proc` or `/sys`, which the kernel generates without disk access.
fn reads_kernel_file(call: &ast::CallExpr) -> bool {
    let first = call.arg_list().and_then(|list| list.args().next());
    let path = first.as_ref().and_then(string_literal);
    path.is_some_and(|path| path.starts_with("/proc/") || path.starts_with("/sys/"))
}

/// The last two segments of a path: `fs::read` for `std::fs::read`.
fn short(path: &str) -> &str {
    let start = path.rmatch_indices("::").nth(1).map_or(0, |(at, _)| at + 2);
    path.get(start..).unwrap_or(path)
}

fn counterpart(
    fix: &FixContext<'_>,
    path: &str,
    callee: Option<FileRange>,
    end: crate::syntax::TextSize,
) -> Option<Fix> {
    let (feature, replacement) = if path == "std::thread::sleep" {
        ("time", "tokio::time::sleep".to_string())
    } else {
        let name = path.strip_prefix("std::fs::")?;
        let known = FS_WITH_COUNTERPART.contains(&name);
        ("fs", format!("tokio::fs::{}", known.then_some(name)?))
    };
    if !has_tokio_feature(fix, feature) {
        return None;
    }
    let edits = vec![TextEdit::replace(callee?, &replacement), TextEdit::insert(end, ".await")];
    Some(fix.here(format!("Use `{replacement}`"), Applicability::Suggested, edits))
}

/// Whether the manifest turns a feature of tokio on, itself or by the workspace's dependencies.
fn has_tokio_feature(fix: &FixContext<'_>, feature: &str) -> bool {
    let Some(package) = &fix.file.package else { return false };
    let Some(manifest) = fix.toml_of(&package.manifest()) else { return false };
    let has = |dependency: Option<&toml::Value>| {
        let features = dependency.and_then(|it| it.get("features")?.as_array());
        let mut names = features.into_iter().flatten().filter_map(toml::Value::as_str);
        names.any(|name| name == "full" || name == feature)
    };
    let tokio = manifest.get("dependencies").and_then(|it| it.get("tokio"));
    if has(tokio) {
        return true;
    }
    let inherits =
        tokio.and_then(|it| it.get("workspace")).and_then(toml::Value::as_bool) == Some(true);
    let workspace = match manifest.contains_key("workspace") {
        true => Some(manifest),
        false => fix.toml_of("Cargo.toml"),
    };
    let shared = workspace.as_ref().and_then(|it| it.get("workspace")?.get("dependencies"));
    inherits && has(shared.and_then(|it| it.get("tokio")))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, check_fix, no_fix, no_safe_fix, silent};

    #[test]
    fn blocking_calls_are_known_by_their_imports() {
        check(
            &RULE,
            r#"
use std::fs::{self, File};
use std::thread;
use std::process::Command;
async fn f(path: &Path) {
    let text = fs::read_to_string(path)?;
             //^^^^^^^^^^^^^^^^^^^^^^^^ blocking-in-async: `fs::read_to_string` blocks the thread that runs this async code
    let file = File::open(path)?;
             //^^^^^^^^^^^^^^^^ blocking-in-async: `File::open` blocks the thread that runs this async code
    thread::sleep(Duration::from_secs(1));
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ blocking-in-async
    let out = Command::new("git").arg("status").output()?;
                                              //^^^^^^^^ blocking-in-async: `output` blocks the thread that runs this async code
    let mut command = Command::new("git");
    command.arg("x");
    command.status()?;
          //^^^^^^^^ blocking-in-async
    info!("{}", fs::read(path)?);
              //^^^^^^^^^^^^^^ blocking-in-async
    let all = paths.iter().map(|path| fs::metadata(path)).collect();
                                    //^^^^^^^^^^^^^^^^^^ blocking-in-async
    let options = std::fs::OpenOptions::new().append(true).open(path)?;
                                                         //^^^^^^^^^^ blocking-in-async
}
fn g() {
    tokio::spawn(async move {
        let stream = std::net::TcpStream::connect(address)?;
                   //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ blocking-in-async
        std::io::stdin().read_line(&mut line);
                       //^^^^^^^^^^^^^^^^^^^^ blocking-in-async
        let body = reqwest::blocking::Client::new().get(url).send()?;
                                                           //^^^^^^ blocking-in-async
        let ok = bcrypt::verify(password, &hash)?;
               //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ blocking-in-async
    });
}
async fn h() {
    use std::net::ToSocketAddrs;
    "example.org:443".to_socket_addrs()?;
                    //^^^^^^^^^^^^^^^^^ blocking-in-async
}
"#,
        );
    }

    #[test]
    fn what_does_not_block_the_runtime_is_left_alone() {
        silent(
            &RULE,
            r#"
//- src/lib.rs
use tokio::fs;
use tokio::process::Command;
async fn f(path: &Path) {
    fs::read(path).await?;
    tokio::time::sleep(d).await;
    let future = fs::read(path);
    let out = Command::new("git").output().await?;
    let text = std::fs::read_to_string("/proc/self/status")?;
    tokio::task::spawn_blocking(move || std::fs::read(path)).await?;
    tokio::task::spawn_blocking(move || paths.iter().map(|it| std::fs::read(it)).count()).await?;
    tokio::task::block_in_place(|| std::thread::sleep(d));
    std::thread::spawn(move || { std::thread::sleep(d) });
    response.status();
    map.get(key);
    fn inner() { std::fs::read("x"); }
    tx.send(x);
}
fn g(path: &Path) { std::fs::read(path); }
fn h() { runtime.block_on(async { std::fs::read("config") }); }
#[tokio::test]
async fn i() { std::fs::read("x"); }
//- src/other.rs
async fn f() { fs::read("x"); File::open("x"); sleep(d); let a = hasher.verify_password(b); }
//- src/main.rs
#[tokio::main]
async fn main() { let config = std::fs::read_to_string("config.toml")?; }
"#,
        );
    }

    #[test]
    fn sleeping_in_main_and_blocking_in_its_tasks_are_reported() {
        check(
            &RULE,
            r#"
//- src/main.rs
#[tokio::main]
async fn main() {
    std::thread::sleep(d);
  //^^^^^^^^^^^^^^^^^^^^^ blocking-in-async
    tokio::spawn(async { std::fs::read("x") });
                       //^^^^^^^^^^^^^^^^^^ blocking-in-async
}
"#,
        );
    }

    #[test]
    fn password_hashes_are_known_by_the_crate() {
        let source = r#"
//- Cargo.toml
[package]
name = "fixture"
edition = "2024"
[dependencies]
argon2 = "0.5"
//- src/lib.rs
async fn f() {
    let hash = Argon2::default().hash_password(password, &salt)?;
                               //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ blocking-in-async
}
"#;
        check(&RULE, source);
        let own = source.replace("                               //^", "//");
        let own = own.replace("^", "") + "impl Hasher { fn hash_password(&self) {} }";
        silent(&RULE, &own);
    }

    const MANIFEST: &str = r#"//- Cargo.toml
[package]
name = "fixture"
edition = "2024"
[dependencies]
tokio = { version = "1", features = ["fs"] }
//- src/lib.rs
"#;

    #[test]
    fn the_counterpart_of_tokio_is_offered_where_its_feature_is_on() {
        let with = |code: &str| format!("{MANIFEST}{code}");
        check_fix(
            &RULE,
            "Use `tokio::fs::read`",
            &with(
                r#"use std::fs;
async fn f() { let x = fs::read("a")?; }
"#,
            ),
            r#"use std::fs;
async fn f() { let x = tokio::fs::read("a").await?; }
"#,
        );
        // In the lines that rustfmt would make of it.
        check_fix(
            &RULE,
            "Use `tokio::fs::canonicalize`",
            &with(
                r#"async fn f() {
    let folder = std::fs::canonicalize(&all_of_them).unwrap_or_else(|_| all_of_them.clone());
}
"#,
            ),
            r#"async fn f() {
    let folder = tokio::fs::canonicalize(&all_of_them)
        .await
        .unwrap_or_else(|_| all_of_them.clone());
}
"#,
        );
        no_safe_fix(&RULE, &with("async fn f() { std::fs::read(\"a\"); }\n"));
        no_fix(&RULE, &with("async fn f() { std::thread::sleep(d); }\n"));
        no_fix(&RULE, &with("async fn f() { a.map(|x| std::fs::read(x)); }\n"));
        no_fix(&RULE, "async fn f() { std::fs::read(\"a\"); }\n");
    }

    #[test]
    fn features_may_come_from_the_workspace() {
        check_fix(
            &RULE,
            "Use `tokio::time::sleep`",
            r#"
//- Cargo.toml
[workspace]
members = ["a"]
[workspace.dependencies]
tokio = { version = "1", features = ["full"] }
//- a/Cargo.toml
[package]
name = "a"
edition = "2024"
[dependencies]
tokio.workspace = true
//- a/src/lib.rs
async fn f() { std::thread::sleep(d); }
"#,
            r#"//- a/src/lib.rs
async fn f() { tokio::time::sleep(d).await; }
"#,
        );
    }
}
