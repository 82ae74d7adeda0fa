//! Persistent state overwritten in place.
//!
//! `fs::write` and `File::create` empty the file before they write it. When the process is killed, the
//! machine loses power or the disk is full in between, the old state is lost and the new one is cut
//! short; a reader at that moment gets half of it.
//!
//! ```rust,bad
//! fn save(&self) -> anyhow::Result<()> {
//!     let text = serde_json::to_string(&self.accounts)?;
//!     std::fs::write(&self.path, text)?;
//!     Ok(())
//! }
//! ```
//!
//! Write another file beside it, sync it, and rename it over the old one:
//!
//! ```rust
//! fn save(&self) -> anyhow::Result<()> {
//!     let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
//!     serde_json::to_writer(&mut file, &self.accounts)?;
//!     file.as_file().sync_all()?;
//!     file.persist(&self.path)?;
//!     Ok(())
//! }
//! ```
//!
//! Reported are files that a program writes anew from what it holds: what it serializes, under a path of
//! its own. Not reported: files for somebody who asked for them, caches, and temporary files. Known
//! problems: a helper that writes atomically under the name `write` is not known as such.

use super::AREA;
use crate::analysis::{Confidence, Context, Query, Report, Rule, Severity};
use crate::semantics::bindings::{bound_type, initializer};
use crate::semantics::body_words::{BodyNames, function_name};
use crate::semantics::expressions::{chain_root, identifier};
use crate::semantics::paths::callee;
use crate::syntax::ast::{self, HasArgList, HasName};
use crate::syntax::imports::compact;
use crate::syntax::names::has_any_word;
use crate::syntax::{AstNode, SyntaxNode};

pub static RULE: Rule = Rule {
    id: "non-atomic-write",
    severity: Severity::Medium,
    raised_when_critical: false,
    seeds: &["E.6"],
    source: include_str!("non_atomic_write.rs"),
    queries: &[
        Query::Call(&["write"], check_write),
        Query::Call(&["create"], check_create),
        Query::Method(&["open"], check_open),
    ],
    ..Rule::source(AREA)
};

/// What makes a write atomic, or what follows one that is not the state itself.
const ATOMIC: &[&str] = &[
    "AtomicFile", "AtomicWriteFile", "NamedTempFile", "persist", "persist_noclobber", "rename",
    "renameat", "tempfile", "write_atomic", "atomic_write",
];

/// Words of paths that hold no state.
const PASSING_WORDS: &[&str] = &[
    "artifact", "backup", "cache", "cached", "debug", "dest", "destination", "dist", "dump",
    "export", "generated", "log", "out", "output", "pid", "proc", "report", "scratch", "socket",
    "svg", "sys", "target", "temp", "temporary", "tmp",
];

/// Words of functions that write what somebody asked for, or write it once.
const ASKED_WORDS: &[&str] = &[
    "build", "bundle", "convert", "debug", "download", "dump", "emit", "export", "extract",
    "generate", "init", "install", "new", "print", "render", "report", "scaffold", "template",
];

/// Words of functions that keep the state of a program.
const KEEPING_WORDS: &[&str] = &[
    "add", "append", "checkpoint", "commit", "delete", "flush", "insert", "mark", "persist",
    "push", "put", "record", "register", "remove", "rotate", "save", "set", "snapshot", "spool",
    "store", "sync", "update",
];

/// Words of what a program keeps.
const STATE_WORDS: &[&str] = &[
    "accounts", "checkpoint", "config", "cursor", "data", "database", "db", "history", "index",
    "journal", "keystore", "ledger", "manifest", "metadata", "offset", "offsets", "peers",
    "position", "progress", "queue", "registry", "session", "sessions", "settings", "snapshot",
    "spool", "state", "store", "sync", "users", "wallet",
];

/// `fs::write(&self.path, text)`
fn check_write(call: &ast::CallExpr, cx: &mut Context<'_>) {
    let path = callee(call).unwrap_or_default();
    if !path.ends_with("fs::write") {
        return;
    }
    let mut arguments = call.arg_list().into_iter().flat_map(|it| it.args());
    let (Some(file), Some(content)) = (arguments.next(), arguments.next()) else { return };
    if !holds_state(&file, Some(&content), cx) {
        return;
    }
    report(call.syntax(), "write", &file, cx);
}

/// `File::create(&self.path)`
fn check_create(call: &ast::CallExpr, cx: &mut Context<'_>) {
    let path = callee(call).unwrap_or_default();
    if !path.ends_with("File::create") {
        return;
    }
    let Some(file) = call.arg_list().and_then(|it| it.args().next()) else { return };
    if holds_state(&file, None, cx) {
        report(call.syntax(), "File::create", &file, cx);
    }
}

/// `OpenOptions::new().write(true).truncate(true).open(&self.path)`
fn check_open(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let options = call.receiver().map(|it| compact(it.syntax())).unwrap_or_default();
    if !options.contains("OpenOptions") || !options.contains(".truncate(true)") {
        return;
    }
    let Some(file) = call.arg_list().and_then(|it| it.args().next()) else { return };
    if holds_state(&file, None, cx) {
        report(call.syntax(), "truncate", &file, cx);
    }
}

/// Whether a file that is written anew holds the state of the program.
fn holds_state(file: &ast::Expr, content: Option<&ast::Expr>, cx: &Context<'_>) -> bool {
    let Some(function) = cx.function(file.syntax()) else { return false };
    let Some(body) = function.body() else { return false };
    let names = cx.names_in(body.syntax());
    let name = function_name(cx, file.syntax()).unwrap_or_default();
    let path = path_text(file, cx);
    let keeps = has_any_word(&name, KEEPING_WORDS) && !has_any_word(&name, PASSING_WORDS);
    let is_cache = names.has_words(&["cache", "cached", "caching"])
        || has_any_word(&cx.file().path, &["cache", "caches", "caching"]);
    if names.has_any(ATOMIC)
        || is_cache
        || has_any_word(&path, PASSING_WORDS)
        || path.contains("/proc/")
        || path.contains("/sys/")
        || has_any_word(&name, ASKED_WORDS) && !keeps
    {
        return false;
    }
    let serialized = match content {
        Some(content) => is_serialized(content, cx),
        None => serializes(&function, &names),
    };
    let of_self = path.starts_with("self.") || path.starts_with("&self.");
    let is_own = of_self
        || !path.contains(|c: char| c.is_ascii_lowercase())
        || has_any_word(&path, STATE_WORDS);
    // What was not there before cannot be lost.
    let is_first = names.has_words(&["exists"]) && !keeps;
    serialized && is_own && (keeps || of_self) && !is_first
}

/// A path as it is written, with how it was made.
fn path_text(file: &ast::Expr, cx: &Context<'_>) -> String {
    let text = compact(file.syntax());
    let root = chain_root(file);
    let name = identifier(&root);
    let made = name.and_then(|name| initializer(cx, file.syntax(), &name));
    let made = made.map(|it| compact(it.syntax())).unwrap_or_default();
    format!("{} {made}", text.trim_start_matches('&')).trim_end().to_string()
}

/// Functions and methods that make a text or bytes of a value.
const SERIALIZERS: &[&str] = &[
    "to_string_pretty", "to_vec", "to_vec_pretty", "to_writer", "to_writer_pretty", "serialize",
    "serialize_into", "encode_to_vec", "encode", "to_bytes", "to_allocvec", "into_writer",
];

/// Whether the content of a file was serialized: `serde_json::to_string(&self.accounts)?`.
fn is_serialized(content: &ast::Expr, cx: &Context<'_>) -> bool {
    let root = chain_root(content);
    if let ast::Expr::CallExpr(call) = &root {
        let path = callee(call).unwrap_or_default();
        let name = path.rsplit("::").next().unwrap_or(&path);
        let of_serde = [
            "serde_json", "serde_yaml", "toml", "ron", "bincode", "postcard", "rmp_serde",
            "serde_yml",
        ];
        let is_serde = path.split("::").next().is_some_and(|it| of_serde.contains(&it));
        return is_serde && (name.starts_with("to_") || name == "serialize" || name == "encode")
            || SERIALIZERS.contains(&name) && path.contains("::");
    }
    let text = compact(content.syntax());
    if ["encode_to_vec(", ".serialize(", ".to_toml(", ".to_json("]
        .iter()
        .any(|it| text.contains(it))
    {
        return true;
    }
    let Some(name) = identifier(&root) else { return false };
    // A parameter that is text or bytes was serialized by the caller, if at all.
    if bound_type(cx, content.syntax(), &name).is_some() {
        return false;
    }
    let made = initializer(cx, content.syntax(), &name);
    made.is_some_and(|it| {
        let place = it.clone();
        !matches!(&place, ast::Expr::PathExpr(_)) && is_serialized(&place, cx)
    })
}

/// Whether a function serializes something into the file that it makes.
fn serializes(function: &ast::Fn, names: &BodyNames) -> bool {
    names.has_any(&["to_writer", "to_writer_pretty", "serialize_into", "into_writer"])
        || names.has_any(&["write_all"])
            && names.has_any(&[
                "serde_json", "bincode", "toml", "serde_yaml", "postcard", "rmp_serde", "ron",
            ])
        || names.has_words(&["serialize"])
            && function.name().is_some_and(|it| has_any_word(it.text(), KEEPING_WORDS))
}

fn report(node: &SyntaxNode, how: &str, file: &ast::Expr, cx: &mut Context<'_>) {
    let text = compact(file.syntax());
    let shown = text.trim_start_matches('&');
    let shown = if shown.len() > 30 { "the file" } else { shown };
    let shown = match shown {
        "the file" => shown.to_string(),
        shown => format!("`{shown}`"),
    };
    let message = format!("{shown} is overwritten in place (`{how}`): a crash leaves half of it");
    let report = Report::new(node.text_range(), message).confidence(Confidence::Likely);
    let is_command = cx
        .file()
        .package
        .as_ref()
        .is_some_and(|it| !it.is_server() && (it.reads_command_line() || !it.has_program));
    let report = if is_command { report.severity(Severity::Low) } else { report };
    let package = cx.file().package.as_ref();
    let by_command = package.is_some_and(|it| it.is_command_line() && !it.is_server());
    let report = match by_command {
        true => report.lowered(Severity::Low, "by a command"),
        false => report,
    };
    cx.report(node, report);
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn state_that_is_overwritten_is_reported() {
        check(
            &RULE,
            r#"
impl Store {
    fn save(&self) -> Result<()> {
        let text = serde_json::to_string_pretty(&self.accounts)?;
        fs::write(&self.path, text)?;
      //^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-atomic-write: `self.path` is overwritten in place (`write`): a crash leaves half of it
    }
    async fn persist(&self) -> Result<()> {
        tokio::fs::write(self.dir.join("state.json"), serde_json::to_vec(&self.state)?).await?;
      //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-atomic-write
    }
    fn checkpoint(&self) -> Result<()> {
        let file = File::create(&self.checkpoint_path)?;
                 //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-atomic-write
        bincode::serialize_into(BufWriter::new(file), &self.offsets)?;
    }
}
fn push(message: Message) -> Result<()> {
    let spooled = serde_json::to_string(&message).unwrap();
    std::fs::write(SPOOL, spooled)?;
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-atomic-write
}
fn update_settings(settings: &Settings, config_path: &Path) -> Result<()> {
    let file = OpenOptions::new().write(true).create(true).truncate(true).open(config_path)?;
             //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-atomic-write
    serde_yaml::to_writer(file, settings)?;
}
"#,
        );
    }

    #[test]
    fn atomic_writes_and_outputs_are_left_alone() {
        silent(
            &RULE,
            r#"
impl Store {
    fn save(&self) -> Result<()> {
        let temporary = self.path.with_extension("tmp");
        fs::write(&temporary, serde_json::to_string(&self.accounts)?)?;
        fs::rename(&temporary, &self.path)?;
    }
    fn save_cache(&self) -> Result<()> {
        fs::write(&self.cache_path, serde_json::to_string(&self.entries)?)?;
    }
}
fn export(report: &Report, output: &Path) -> Result<()> {
    fs::write(output, serde_json::to_string(report)?)?;
}
fn generate(settings: &Settings, config: &Path) -> Result<()> {
    fs::write(config, toml::to_string(settings)?)?;
}
fn write_pid(path: &Path) -> Result<()> { fs::write(path, std::process::id().to_string())?; }
fn put(body: &[u8], path: &Path) -> Result<()> { fs::write(path, body)?; }
#[test]
fn t() { fs::write("state.json", serde_json::to_string(&state).unwrap()); }
"#,
        );
    }
}
