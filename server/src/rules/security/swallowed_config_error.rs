//! Failure to read settings or a permission, replaced by a default.
//!
//! A typing mistake in the configuration makes the program run with its defaults, which may be those of
//! development. An error of the database makes a banned user look like any other one. Nothing
//! is logged, so that the service seems to work.
//!
//! ```rust,bad
//! fn settings(path: &Path) -> Settings {
//!     load_settings(path).unwrap_or_default()
//! }
//!
//! async fn may_post(db: &Database, user: i64) -> bool {
//!     let ban = db.find_ban(user).await.ok().flatten();
//!     ban.is_none()
//! }
//! ```
//!
//! Return the error; only what is absent has a default:
//!
//! ```rust
//! fn settings(path: &Path) -> anyhow::Result<Settings> {
//!     load_settings(path).context("read the settings")
//! }
//!
//! async fn may_post(db: &Database, user: i64) -> Result<bool, DbError> {
//!     Ok(db.find_ban(user).await?.is_none())
//! }
//! ```
//!
//! The severity is low in a command that ends at once.
//! A default after the error was logged is not reported.

use super::AREA;
use crate::analysis::{Confidence, Context, On, Query, Report, Rule, Severity};
use crate::semantics::Reach;
use crate::semantics::body_words::writes_log;
use crate::semantics::calls::{call_range, method_range};
use crate::semantics::paths::callee;
use crate::semantics::presence::{Presence, Test, refuses};
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::imports::compact;
use crate::syntax::names::{has_any_word, words};
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};
use crate::text::TextRange;

pub static RULE: Rule = Rule {
    id: "swallowed-config-error",
    severity: Severity::Medium,
    raised_when_critical: false,
    cwe: &[636, 391],
    source: include_str!("swallowed_config_error.rs"),
    queries: &[
        Query::Method(
            &["flatten", "unwrap_or_default", "unwrap_or", "unwrap_or_else", "is_ok_and"],
            check_default,
        ),
        Query::Node(&On(check_branch::<ast::IfExpr>)),
        Query::Node(&On(check_branch::<ast::MatchExpr>)),
    ],
    ..Rule::source(AREA)
};

/// Words of settings.
const SETTINGS_WORDS: &[&str] =
    &["cfg", "conf", "config", "configs", "configuration", "policy", "settings"];

/// Words of functions that read them.
const READING_WORDS: &[&str] = &[
    "build", "deserialize", "extract", "fetch", "file", "find", "from", "get", "init", "load",
    "lookup", "new", "open", "parse", "path", "query", "read",
];

/// Words of what a user may do.
const PERMISSION_WORDS: &[&str] = &[
    "acl", "admin", "allowed", "authorized", "entitlements", "grant", "grants", "membership",
    "owner", "permission", "permissions", "permitted", "privileges", "role", "roles",
];

/// Words of what keeps a user out.
const DENIAL_WORDS: &[&str] = &[
    "ban", "banned", "bans", "blacklist", "blacklisted", "blocked", "blocklist", "deactivated",
    "denied", "denylist", "disabled", "expired", "lockout", "locked", "mute", "muted",
    "quarantined", "revocation", "revoked", "suspended", "suspension",
];

/// What a call whose error is dropped reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    Settings,
    Permission,
    Denial,
}

fn check_default(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let (Some(method), Some(receiver)) = (call.name_ref(), call.receiver()) else { return };
    let method = method.text().to_string();
    let argument = call.arg_list().and_then(|it| it.args().next());
    let fallback = argument.as_ref().map(|it| compact(it.syntax())).unwrap_or_default();
    let Some(source) = fallible(&receiver) else { return };
    let is_dropped = match method.as_str() {
        // `.ok().flatten()` of a result of an option.
        "flatten" => matches!(&receiver, ast::Expr::MethodCallExpr(it)
            if it.name_ref().is_some_and(|it| it.text() == "ok")),
        "unwrap_or_default" => true,
        "unwrap_or_else" => argument.as_ref().is_some_and(|it| {
            // The error is not even looked at.
            !writes_log(it.syntax()) && !refuses(it.syntax()) && is_ignored(it)
        }),
        "is_ok_and" => true,
        _ => argument.is_some(),
    };
    if !is_dropped || is_logged(&receiver) {
        return;
    }
    let Some((name, subject)) = subject(&source, cx) else { return };
    let is_closed = subject == Subject::Denial && fallback == "true"
        || subject == Subject::Permission && fallback == "false" && method == "unwrap_or";
    if is_closed {
        return;
    }
    let lets_pass = match (subject, method.as_str()) {
        (Subject::Denial, "unwrap_or") => fallback == "false" || fallback == "None",
        (Subject::Denial, _) => true,
        (Subject::Permission, "unwrap_or") => fallback == "true",
        _ => false,
    };
    // What is told to be absent has no error in it.
    if subject == Subject::Settings
        && (method == "is_ok_and" || method == "unwrap_or" && is_text(&fallback))
    {
        return;
    }
    let range = method_range(call);
    report(call.syntax(), range, &name, (subject, lets_pass), cx);
}

/// `if let Ok(Some(ban)) = find_ban(user).await { … }`, `match load_config() { Ok(it) => it, Err(_) => … }`
fn check_branch<N: AstNode>(node: &N, cx: &mut Context<'_>) {
    let Some(presence) = Presence::of(node.syntax()) else { return };
    let is_result = match node.syntax().kind() {
        SyntaxKind::IF_EXPR => {
            let condition = ast::IfExpr::cast(node.syntax().clone()).and_then(|it| it.condition());
            let text = condition.map(|it| compact(it.syntax())).unwrap_or_default();
            text.contains("letOk(") || presence.test == Test::Read && text.ends_with(".is_ok()")
        }
        _ => presence.test == Test::Read,
    };
    let handled = presence.absent.as_ref().is_some_and(|it| writes_log(it) || refuses(it));
    // The error is bound and used.
    let binds_error = node.syntax().descendants().filter_map(ast::MatchArm::cast).any(|arm| {
        let pattern = arm.pat().map(|it| compact(it.syntax())).unwrap_or_default();
        pattern.starts_with("Err(")
            && !matches!(pattern.as_str(), "Err(_)" | "Err(..)")
            && !pattern.starts_with("Err(_")
    });
    let Some(source) =
        fallible(&presence.subject).filter(|_| is_result && !handled && !binds_error)
    else {
        return;
    };
    let Some((name, subject)) = subject(&source, cx) else { return };
    let lets_pass = match subject {
        Subject::Denial => presence.absent.as_ref().is_none_or(|it| !compact(it).contains("true")),
        Subject::Permission => presence.absent.as_ref().is_some_and(|it| {
            matches!(compact(it).as_str(), "true" | "{true}" | "Ok(true)" | "{Ok(true)}")
        }),
        Subject::Settings => false,
    };
    report(node.syntax(), call_range(&source), &name, (subject, lets_pass), cx);
}

fn report(
    node: &SyntaxNode,
    range: TextRange,
    name: &str,
    (subject, lets_pass): (Subject, bool),
    cx: &mut Context<'_>,
) {
    let message = match (subject, lets_pass) {
        (_, true) => format!("an error of `{name}` lets the request pass"),
        (Subject::Settings, _) => format!("an error of `{name}` is replaced by defaults"),
        _ => format!("an error of `{name}` looks like a missing permission"),
    };
    let report = Report::new(range, message).confidence(Confidence::Likely);
    let report = match (subject, cx.reach(node)) {
        (Subject::Settings, Reach::OneShot) => {
            report.lowered(Severity::Low, "in a one-shot command")
        }
        // Defaults are often what is meant.
        (Subject::Settings, _) if cx.file().in_server() => {
            report.severity(Severity::Medium).confidence(Confidence::Possible)
        }
        (Subject::Settings, _) => report.severity(Severity::Low).confidence(Confidence::Possible),
        _ if lets_pass => report,
        _ => report.severity(Severity::Medium),
    };
    cx.report(node, report);
}

/// The call whose error reaches the end of an expression.
fn fallible(value: &ast::Expr) -> Option<ast::Expr> {
    match value {
        ast::Expr::AwaitExpr(it) => fallible(&it.expr()?),
        ast::Expr::ParenExpr(it) => fallible(&it.expr()?),
        ast::Expr::RefExpr(it) => fallible(&it.expr()?),
        ast::Expr::MethodCallExpr(call) => match call.name_ref()?.text() {
            "ok" | "map_err" | "context" | "with_context" | "map" | "and_then" | "wrap_err"
            | "flatten" => fallible(&call.receiver()?),
            _ => Some(value.clone()),
        },
        ast::Expr::CallExpr(_) => Some(value.clone()),
        _ => None,
    }
}

/// Whether an adapter on the way logs the error.
fn is_logged(receiver: &ast::Expr) -> bool {
    writes_log(receiver.syntax())
        || compact(receiver.syntax()).contains(".inspect_err(")
        || receiver
            .syntax()
            .descendants_with_tokens()
            .any(|it| it.as_token().is_some_and(|it| has_any_word(it.text(), &["log", "warn"])))
}

/// Whether a closure, or a function in its place, does not look at the error.
fn is_ignored(argument: &ast::Expr) -> bool {
    match argument {
        ast::Expr::ClosureExpr(it) => it.param_list().is_none_or(|list| {
            list.params().all(|it| {
                let text = compact(it.syntax());
                text.starts_with('_')
            })
        }),
        _ => false,
    }
}

fn is_text(fallback: &str) -> bool {
    fallback.starts_with('"') || fallback.chars().all(|it| it.is_ascii_digit())
}

/// What a call reads, with the name to show.
fn subject(source: &ast::Expr, cx: &Context<'_>) -> Option<(String, Subject)> {
    let (path, name) = match source {
        ast::Expr::CallExpr(call) => {
            let path = callee(call)?;
            let name = path.rsplit("::").next()?.to_string();
            (path, name)
        }
        ast::Expr::MethodCallExpr(call) => {
            let name = call.name_ref()?.text().to_string();
            (name.clone(), name)
        }
        _ => return None,
    };
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) || path.contains("env::") {
        return None;
    }
    // An option has no error in it: `get`, `first`.
    let list: Vec<String> = words(&name).collect();
    // An error of these is the answer.
    let verdicts = ["authenticate", "check", "decode", "ensure", "parse", "validate", "verify"];
    let is_verdict = list.first().is_some_and(|it| verdicts.contains(&it.as_str()));
    if has_any_word(&name, DENIAL_WORDS) && asks_elsewhere(source, &list) {
        return Some((name, Subject::Denial));
    }
    if has_any_word(&name, PERMISSION_WORDS) && !is_verdict && asks_elsewhere(source, &list) {
        return Some((name, Subject::Permission));
    }
    let owner = path.rsplit("::").nth(1).unwrap_or_default();
    // A getter has an option to give.
    let is_getter = list.first().is_some_and(|it| it == "get") && !is_awaited(source);
    let is_reading = has_any_word(&name, READING_WORDS) && !is_getter;
    let of_settings = has_any_word(&name, SETTINGS_WORDS) && is_reading
        || has_any_word(owner, SETTINGS_WORDS)
            && is_reading
            && owner.starts_with(char::is_uppercase);
    let parsers = ["toml", "serde_yaml", "serde_yml", "serde_json", "envy", "ron", "json5"];
    let first = path.split("::").next().unwrap_or_default();
    let parses = parsers.contains(&first)
        && matches!(name.as_str(), "from_str" | "from_reader" | "from_slice" | "from_env")
        && is_for_settings(source, cx);
    let extracts =
        matches!(name.as_str(), "try_deserialize" | "extract") && is_for_settings(source, cx);
    (of_settings || parses || extracts).then_some((name, Subject::Settings))
}

/// Whether a call is one to a database or a service: it is awaited, or named for asking.
fn asks_elsewhere(source: &ast::Expr, words: &[String]) -> bool {
    let asks = ["find", "fetch", "get", "has", "is", "load", "lookup", "query", "read", "select"];
    let first = words.first().map(String::as_str).unwrap_or_default();
    is_awaited(source) || asks.contains(&first) && !matches!(first, "is" | "get" | "has")
}

fn is_awaited(source: &ast::Expr) -> bool {
    source.syntax().parent().is_some_and(|it| it.kind() == SyntaxKind::AWAIT_EXPR)
}

/// Whether what is read is bound to, returned as, or given as settings.
fn is_for_settings(source: &ast::Expr, cx: &Context<'_>) -> bool {
    let text = compact(source.syntax());
    if has_any_word(&text, SETTINGS_WORDS) {
        return true;
    }
    let function = cx.function(source.syntax());
    let returned = function.and_then(|it| it.ret_type()).map(|it| compact(it.syntax()));
    let bound = source.syntax().ancestors().find_map(ast::LetStmt::cast).map(|it| {
        match (it.ty(), it.pat()) {
            (Some(ty), _) => compact(ty.syntax()),
            (None, Some(pat)) => compact(pat.syntax()),
            (None, None) => String::new(),
        }
    });
    // The last word is the noun: a `RepositoryConfig`, but no `config_refs`.
    let is_settings = |name: &str| {
        let last = words(name.split('<').next().unwrap_or(name)).last();
        last.is_some_and(|it| SETTINGS_WORDS.contains(&it.as_str()))
    };
    match bound {
        Some(bound) => is_settings(&bound),
        None => returned.is_some_and(|it| {
            is_settings(it.trim_start_matches("->").trim_start_matches("Result<"))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn defaults_for_errors_are_reported() {
        check(
            &RULE,
            r#"
fn start(path: &Path) -> Result<()> {
    let settings = load_config(path).unwrap_or_default();
                                   //^^^^^^^^^^^^^^^^^^^ swallowed-config-error: an error of `load_config` is replaced by defaults
    let other = Config::from_file(path).unwrap_or_else(|_| Config::default());
                                      //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ swallowed-config-error
    let config: Config = toml::from_str(&text).unwrap_or_default();
                                             //^^^^^^^^^^^^^^^^^^^ swallowed-config-error
    if let Ok(settings) = Settings::load(path) {
                        //^^^^^^^^^^^^^^^^^^^^ swallowed-config-error
        apply(settings);
    }
    let policy = match Policy::load(path) {
                     //^^^^^^^^^^^^^^^^^^ swallowed-config-error
        Ok(policy) => policy,
        Err(_) => Policy::default(),
    };
}
async fn allowed(db: &Database, user: i64) -> Result<bool> {
    let role = db.fetch_role(user).await.ok().flatten();
                                            //^^^^^^^^^ swallowed-config-error: an error of `fetch_role` looks like a missing permission
    if db.is_banned(user).await.unwrap_or(false) {
                              //^^^^^^^^^^^^^^^^ swallowed-config-error: an error of `is_banned` lets the request pass
        return Ok(false);
    }
    if let Ok(Some(ban)) = db.find_ban(user).await {
                            //^^^^^^^^^^^^^^ swallowed-config-error
        return Ok(false);
    }
    let permitted = db.has_permission(user).await.unwrap_or(true);
                                                //^^^^^^^^^^^^^^^ swallowed-config-error: an error of `has_permission` lets the request pass
    let permissions = db.permissions_of(user).await.unwrap_or_default();
                                                  //^^^^^^^^^^^^^^^^^^^ swallowed-config-error
}
"#,
        );
    }

    #[test]
    fn logged_errors_and_absent_values_are_left_alone() {
        silent(
            &RULE,
            r#"
fn start(path: &Path) -> Result<()> {
    let settings = load_config(path)?;
    let settings = load_config(path).unwrap_or_else(|error| {
        warn!(%error, "defaults are used");
        Config::default()
    });
    let settings = load_config(path).inspect_err(|error| warn!("{error}")).unwrap_or_default();
    match load_config(path) {
        Ok(config) => run(config),
        Err(error) => eprintln!("{error}"),
    }
    let config = match load_config(path) { Ok(it) => it, Err(_) => return Err(Error::Config) };
    let name = config.get("name").unwrap_or_default();
    let text = std::env::var("NAME").unwrap_or_default();
    let rows = list.iter().flatten().count();
}
async fn allowed(db: &Database, user: i64) -> Result<bool> {
    let role = db.fetch_role(user).await?.unwrap_or_default();
    let name = db.fetch_name(user).await.unwrap_or_default();
    Ok(!db.is_banned(user).await.unwrap_or(true))
}
"#,
        );
    }
}
