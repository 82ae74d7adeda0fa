//! Path of a file written into the code.
//!
//! A service whose paths cannot be set runs on one layout only: not twice on a machine, not in a container
//! with its data elsewhere, not in a test without the rights of root.
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "mail"
//! edition = "2024"
//! [dependencies]
//! axum = "0.8"
//! //- src/main.rs
//! fn open() -> std::io::Result<String> {
//!     std::fs::read_to_string("/etc/mail/users.yml")
//! }
//! ```
//!
//! Take it from the settings, with the path as their default:
//!
//! ```rust
//! fn open(settings: &Settings) -> std::io::Result<String> {
//!     std::fs::read_to_string(&settings.users)
//! }
//! ```
//!
//! Reported in servers: literals that are opened, read or written. Defaults of settings are not
//! reported, nor are files of the operating system.

use super::AREA;
use crate::analysis::{Confidence, Context, Query, Report, Rule, Severity};
use crate::project::Role;
use crate::semantics::body_words::function_name;
use crate::semantics::literals::text_of;
use crate::semantics::paths::callee;
use crate::syntax::ast::{self, HasName};
use crate::syntax::names::has_any_word;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode, SyntaxToken};

pub static RULE: Rule = Rule {
    id: "hardcoded-path",
    severity: Severity::Low,
    raised_when_critical: false,
    seeds: &["E.18"],
    source: include_str!("hardcoded_path.rs"),
    queries: &[Query::Literal(may_be_path, check)],
    ..Rule::source(AREA)
};

/// Functions that use what is at a path.
const USING: &[&str] = &[
    "copy", "create", "create_dir", "create_dir_all", "create_new", "exists", "from_file",
    "from_path", "load", "load_from", "load_from_file", "new", "open", "read", "read_dir",
    "read_from", "read_to_string", "remove_dir_all", "remove_file", "rename", "write",
];

/// Beginnings of the paths of a service.
const OWN_FOLDERS: &[&str] = &[
    "./", "../", "/data/", "/etc/", "/home/", "/mnt/", "/opt/", "/srv/", "/usr/local/", "/var/",
    "assets/", "certs/", "conf/", "config/", "data/", "db/", "logs/", "state/", "storage/",
];

/// Files and folders of the operating system, and of what runs the service.
const SYSTEM: &[&str] = &[
    "/etc/alternatives", "/etc/apt", "/etc/ca-certificates", "/etc/fstab", "/etc/group",
    "/etc/host", "/etc/localtime", "/etc/machine-id", "/etc/mtab", "/etc/nsswitch",
    "/etc/os-release", "/etc/passwd", "/etc/pki", "/etc/protocols", "/etc/redhat", "/etc/resolv",
    "/etc/services", "/etc/shadow", "/etc/ssl", "/etc/sub", "/etc/systemd", "/etc/timezone",
    "/usr/local/bin", "/var/lib/dbus", "/var/run/docker", "/var/run/secrets", "/var/run/utmp",
];

fn may_be_path(text: &str) -> bool {
    let inner = text.trim_start_matches('"');
    inner.len() < 120 && OWN_FOLDERS.iter().any(|it| inner.starts_with(it))
}

fn check(token: &SyntaxToken, cx: &mut Context<'_>) {
    let (Some(node), Some(text)) = (token.parent(), text_of(token)) else { return };
    let is_path = !text.contains([' ', '{', '*', '<', '?', '\n'])
        && !SYSTEM.iter().any(|it| text.starts_with(it))
        && text.len() > 4;
    let serves = cx.file().in_server() && cx.file().role != Role::Build;
    if !is_path || !serves || node.ancestors().any(|it| it.kind() == SyntaxKind::ATTR) {
        return;
    }
    if !is_used(&node, cx) || is_default(&node, cx) {
        return;
    }
    let message = format!("path `{text}` is hardcoded");
    let report = Report::new(token.text_range(), message).confidence(Confidence::Likely);
    cx.report(&node, report);
}

/// Whether a literal is opened, read or written, directly or as a constant.
fn is_used(literal: &SyntaxNode, cx: &Context<'_>) -> bool {
    let mut below = literal.clone();
    for node in cx.ancestors(literal).skip(1) {
        match node.kind() {
            SyntaxKind::REF_EXPR | SyntaxKind::ARG_LIST | SyntaxKind::PAREN_EXPR => {}
            SyntaxKind::CALL_EXPR => {
                let name = ast::CallExpr::cast(node.clone()).and_then(|it| callee(&it));
                let name = name.unwrap_or_default();
                let (owner, function) = name.rsplit_once("::").unwrap_or(("", &name));
                if matches!(
                    owner.rsplit("::").next(),
                    Some("Path" | "PathBuf" | "String" | "OsString")
                ) {
                    below = node;
                    continue;
                }
                return USING.contains(&function) && (function != "new" || owner.contains("File"));
            }
            SyntaxKind::METHOD_CALL_EXPR => {
                let call = ast::MethodCallExpr::cast(node.clone());
                let Some(name) = call.as_ref().and_then(|it| it.name_ref()) else { return false };
                let is_receiver =
                    call.and_then(|it| it.receiver()).is_some_and(|it| it.syntax() == &below);
                let converts = ["into", "to_string", "to_owned", "to_path_buf", "join", "as_ref"];
                match is_receiver {
                    true if converts.contains(&name.text()) => {}
                    true => return matches!(name.text(), "exists" | "is_file" | "is_dir"),
                    false => {
                        return matches!(
                            name.text(),
                            "open" | "nest_service" | "load" | "filename"
                        );
                    }
                }
            }
            SyntaxKind::CONST | SyntaxKind::STATIC => {
                let name = node.children().find_map(ast::Name::cast);
                let words = [
                    "dir", "directory", "file", "folder", "path", "spool", "db", "database",
                    "socket",
                ];
                let is_absolute = literal.text().to_string().starts_with("\"/");
                return is_absolute || name.is_some_and(|it| has_any_word(it.text(), &words));
            }
            _ => return false,
        }
        below = node;
    }
    false
}

/// Whether the code around gives a setting its default.
fn is_default(literal: &SyntaxNode, cx: &Context<'_>) -> bool {
    let words = ["default", "defaults", "fallback", "search", "candidates"];
    let in_function = function_name(cx, literal).is_some_and(|it| has_any_word(&it, &words));
    let in_constant = cx.ancestors(literal).any(|it| {
        let name = match it.kind() {
            SyntaxKind::CONST => ast::Const::cast(it).and_then(|it| it.name()),
            SyntaxKind::STATIC => ast::Static::cast(it).and_then(|it| it.name()),
            _ => None,
        };
        name.is_some_and(|it| has_any_word(it.text(), &words))
    });
    let as_fallback = cx.ancestors(literal).filter_map(ast::MethodCallExpr::cast).any(|it| {
        it.name_ref().is_some_and(|it| it.text().contains("or"))
            && it.name_ref().is_some_and(|it| has_any_word(it.text(), &["or", "default"]))
    });
    in_function || in_constant || as_fallback
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, silent};

    const MANIFEST: &str = "//- Cargo.toml\n[package]\nname = \"a\"\nedition = \"2024\"\n\
        [dependencies]\naxum = \"1\"\n//- src/main.rs\n";

    #[test]
    fn paths_in_code_are_reported() {
        let code = r#"
const SPOOL: &str = "/var/lib/pigeon/spool.json";
                  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^ hardcoded-path: path `/var/lib/pigeon/spool.json` is hardcoded
async fn start() -> Result<()> {
    let users = Users::load("/etc/pigeon/users.yml").await?;
                          //^^^^^^^^^^^^^^^^^^^^^^^ hardcoded-path
    let text = tokio::fs::read_to_string("config/app.toml").await?;
                                       //^^^^^^^^^^^^^^^^^ hardcoded-path
    let file = File::open(Path::new("./data/ioc_store.json"))?;
                                  //^^^^^^^^^^^^^^^^^^^^^^^ hardcoded-path
    let conn = Connection::open("data/app.db")?;
                              //^^^^^^^^^^^^^ hardcoded-path
}
"#;
        check(&RULE, &format!("{MANIFEST}{}", code.trim_start()));
    }

    #[test]
    fn defaults_and_other_texts_are_left_alone() {
        let code = r#"
const DEFAULT_CONFIG: &str = "/etc/pigeon/pigeon.toml";
fn default_path() -> PathBuf { PathBuf::from("/var/lib/pigeon") }
fn routes() -> Router { Router::new().route("/data/users", get(list)).nest("/var/x", x) }
fn start() -> Result<()> {
    let path = std::env::var("CONFIG").unwrap_or_else(|_| "/etc/pigeon/pigeon.toml".into());
    let dns = fs::read_to_string("/etc/resolv.conf")?;
    println!("reading {}", "./data/x");
    let name = load("users");
}
#[test]
fn t() { File::open("./data/x.json"); }
"#;
        silent(&RULE, &format!("{MANIFEST}{}", code.trim_start()));
        silent(&RULE, "fn f() { File::open(\"./data/x.json\"); }");
    }
}
