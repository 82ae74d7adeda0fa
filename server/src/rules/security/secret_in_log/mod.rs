//! Secret in a log line, on the terminal, in a panic or in an error message.
//!
//! Logs are copied to systems that many people can read, and are kept for long. A token or password
//! that was logged has to be treated as stolen.
//!
//! ```rust,bad
//! fn login(user: &str, password: &str) {
//!     tracing::info!("login of {user} with {password}");
//! }
//! ```
//!
//! Log what identifies the event, and not the secret:
//!
//! ```rust
//! fn login(user: &str, password: &str) {
//!     tracing::info!(user, password_length = password.len(), "login");
//! }
//! ```
//!
//! A value printed with `{:?}`, written as JSON or recorded by `#[instrument]` counts when its type has
//! secret fields, and so do the headers of a request. A bare `token` counts only in servers and
//! security-critical code: elsewhere it is a word of a parser. What a command prints was asked for.

mod access;
mod instrument;
mod sink;
#[cfg(test)]
mod tests;
mod values;
mod whole;

use rowan::GreenNodeData;

use self::access::{Access, Origin, is_concealing, origin};
use self::sink::{MACROS, Sink};
use self::values::{PrintedValue, printed_values};
use super::AREA;
use crate::analysis::{Confidence, Context, On, Opportunity, Query, Report, Rule, Severity};
use crate::project::{Role, SymbolIndex};
use crate::semantics::commands::{CommandCode, is_in_arm};
use crate::semantics::is_critical_name;
use crate::semantics::reach::Reach;
use crate::semantics::secrets::{
    SecretKind, SecretNames, TypeContent, is_about_parsing, is_about_something, is_bare_token,
    is_redacted_type,
};
use crate::semantics::value_type::{ValueType, success_type};
use crate::syntax::ast::{self, HasName};
use crate::syntax::fragment::macro_name;
use crate::syntax::green::{any_token, child_of_kind, token_kind};
use crate::syntax::names::has_any_word;
use crate::syntax::{AstNode, NodeOrToken, SyntaxKind, SyntaxNode, T};

pub static RULE: Rule = Rule {
    id: "secret-in-log",
    opportunity: Opportunity::LogLines,
    effort: 10,
    severity: Severity::High,
    raised_when_critical: false,
    serious_in_servers: true,
    cwe: &[532],
    seeds: &["C.secrets", "C.logging"],
    source: include_str!("mod.rs"),
    queries: &[Query::Macro(MACROS, check), Query::Node(&On(instrument::check))],
    ..Rule::source(AREA)
};

/// How many bindings are followed from a variable to where its value comes from.
const MAX_STEPS: u8 = 2;

fn check(call: &ast::MacroCall, cx: &mut Context<'_>) {
    let call = call.syntax();
    let Some(name) = macro_name(call) else { return };
    let names = cx.file().secret_names.clone();
    let Some(tree) = child_of_kind(call.green(), SyntaxKind::TOKEN_TREE) else { return };
    let is_named = names.may_occur_in(tree) || writes_whole(tree);
    let follows = has_argument(tree) && body_names_secret(call, &names, cx);
    if name != "dbg" && !has_debug_mark(tree) && !is_named && !follows {
        return;
    }
    let Some(tree) = call.children().find(|node| node.kind() == SyntaxKind::TOKEN_TREE) else {
        return;
    };
    let sink = Sink::of(&name, &tree);
    if name == "format" && !feeds_error(call, cx)
        || sink == Sink::Terminal && name != "dbg" && is_command_output(call, &name, cx)
    {
        return;
    }
    let all = follows || writes_whole(tree.green());
    let (values, text) = printed_values(&tree, &name, &names, all);
    let place = LogPlace::of(call, sink, &text, cx);
    for value in values {
        check_value(call, &value, &place, cx);
    }
}

/// Whether a value is among the arguments of a macro, or captured by its format string.
fn has_argument(tree: &GreenNodeData) -> bool {
    tree.children().filter_map(NodeOrToken::into_token).any(|token| match token_kind(token) {
        SyntaxKind::IDENT => true,
        SyntaxKind::STRING => token.text().contains('{'),
        _ => false,
    })
}

/// Whether the function around a macro call has a secret, which a variable may hold under another
/// name.
fn body_names_secret(call: &SyntaxNode, names: &SecretNames, cx: &mut Context<'_>) -> bool {
    let is_header =
        |_, text: &str| matches!(text, "AUTHORIZATION" | "COOKIE") || text == "\"authorization\"";
    let Some(function) = cx.function(call) else { return false };
    *cx.once("names a secret", function.syntax(), || {
        let green = function.syntax().green();
        names.may_occur_in(green) || any_token(green, &is_header) || writes_whole(green)
    })
}

/// Words of calls that make a text of a whole value.
const WRITING_WORDS: &[&str] =
    &["dump", "json", "pretty", "ron", "serialize", "toml", "yaml", "yml"];

/// Whether something below a node is named as what makes a text of a whole value.
fn writes_whole(node: &GreenNodeData) -> bool {
    any_token(node, &|kind, text: &str| {
        kind == SyntaxKind::IDENT
            && WRITING_WORDS.iter().any(|word| text.contains(word))
            && has_any_word(text, WRITING_WORDS)
    })
}

/// Where values are printed, and what the code there is about.
struct LogPlace {
    sink: Sink,
    /// Tokens are words of a text here.
    parses: bool,
    /// Tokens are rights here.
    serves: bool,
    /// For a standard stream: the code around, which may carry out a command.
    printer: Option<Printer>,
}

impl LogPlace {
    fn of(node: &SyntaxNode, sink: Sink, text: &str, cx: &Context<'_>) -> Self {
        let function = cx.function(node);
        let name = function.as_ref().and_then(|it| it.name()).map(|it| it.text().to_string());
        let name = name.unwrap_or_default();
        let serves = cx.file().in_server() || cx.file().critical || is_critical_name(&name);
        let is_parsing = is_about_parsing(&cx.file().path) || is_about_parsing(&name);
        Self {
            sink,
            parses: is_parsing || speaks_of_words(text, serves),
            serves,
            printer: (sink == Sink::Terminal).then(|| Printer::around(cx, node)),
        }
    }
}

/// Whether a message is about the words of a text, or about a number that a peer has to send back.
fn speaks_of_words(text: &str, serves: bool) -> bool {
    let text = text.to_lowercase();
    ["unexpected", "unrecognized", "unknown token", "path_", "challenge", "parse"]
        .iter()
        .any(|word| text.contains(word))
        || !serves && text.contains("expected")
}

fn has_debug_mark(tree: &GreenNodeData) -> bool {
    tree.children().filter_map(NodeOrToken::into_token).any(|token| match token_kind(token) {
        T![?] => true,
        SyntaxKind::STRING => token.text().contains("?}"),
        _ => false,
    })
}

/// Whether a command of a program prints, which was asked for what it shows.
fn is_command_output(call: &SyntaxNode, name: &str, cx: &Context<'_>) -> bool {
    let is_stdout = matches!(name, "print" | "println");
    is_stdout && cx.file().role == Role::Bin && !cx.file().in_server()
        || cx.reach(call) == Reach::OneShot
        || is_in_arm(cx, call)
}

/// Code that prints, and may carry out a command of the program.
#[derive(Clone)]
struct Printer {
    code: CommandCode,
    /// The type whose method it is.
    owner: Option<String>,
}

impl Printer {
    fn around(cx: &Context<'_>, node: &SyntaxNode) -> Self {
        let owner = cx.ancestors(node).find_map(ast::Impl::cast).and_then(|it| it.self_ty());
        let owner = owner.map(|it| it.syntax().text().to_string());
        Self { code: CommandCode::around(cx, node), owner }
    }

    /// Whether a command calls it, or its type is what the command line is parsed into.
    fn is_command(&self, symbols: &SymbolIndex) -> bool {
        let is_parsed =
            |derive: &String| matches!(derive.as_str(), "Args" | "Parser" | "Subcommand");
        let mut owners = self.owner.iter().flat_map(|owner| symbols.types(owner));
        owners.any(|def| def.derives.iter().any(is_parsed))
            || self.code.is_called_by_command(symbols)
    }
}

/// Whether the text that a `format!` makes becomes an error or a log line.
fn feeds_error(call: &SyntaxNode, cx: &Context<'_>) -> bool {
    for node in cx.ancestors(call).skip(1) {
        match node.kind() {
            SyntaxKind::FN | SyntaxKind::LET_STMT | SyntaxKind::EXPR_STMT => return false,
            SyntaxKind::MACRO_CALL => {
                let name = macro_name(&node).unwrap_or_default();
                return name != "format" && MACROS.contains(&name.as_str());
            }
            SyntaxKind::CALL_EXPR => {
                let callee = node.first_child().map(|it| it.text().to_string()).unwrap_or_default();
                if callee == "Err" || callee.split("::").any(|part| part.ends_with("Error")) {
                    return true;
                }
            }
            SyntaxKind::RECORD_EXPR => {
                let path = node.first_child().map(|it| it.text().to_string()).unwrap_or_default();
                if path.split("::").any(|part| part.ends_with("Error")) {
                    return true;
                }
            }
            SyntaxKind::METHOD_CALL_EXPR => {
                let method = ast::MethodCallExpr::cast(node.clone()).and_then(|it| it.name_ref());
                let method = method.map(|it| it.text().to_string()).unwrap_or_default();
                // Only what is passed to the method, not what it is called on.
                let passed = node.last_child().is_some_and(|args| {
                    !cx.in_macro() && args.text_range().contains_range(call.text_range())
                });
                let fails = matches!(
                    method.as_str(),
                    "map_err" | "ok_or" | "ok_or_else" | "context" | "with_context" | "expect"
                );
                if fails && passed {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

/// A secret that is printed.
struct Subject {
    name: String,
    kind: SecretKind,
    /// It is an address with a password in it.
    is_address: bool,
    /// How it is reached, for its type.
    access: Access,
}

fn check_value(call: &SyntaxNode, value: &PrintedValue, place: &LogPlace, cx: &mut Context<'_>) {
    if value.spec.ends_with('p') || value.is_cut_off() {
        return;
    }
    let names = cx.file().secret_names.clone();
    let from = match &value.access {
        Access::Variable(name) => origin(cx, call, name, MAX_STEPS),
        _ => None,
    };
    let from = match from {
        Some(Origin::Concealed) => return,
        Some(Origin::Known(access)) => Some(access),
        None => None,
    };
    let name = value.access.name();
    let label = value
        .field
        .as_deref()
        .filter(|label| !is_bare_token(label) && !is_about_something(name) && !is_concealing(name));
    let subject = subject(&value.access, &names)
        .or_else(|| from.as_ref().and_then(|access| subject(access, &names)))
        .or_else(|| {
            let kind = names.kind(label?)?;
            let (name, access) = (label?.to_string(), value.access.clone());
            Some(Subject { name, kind, is_address: false, access })
        });
    match subject {
        Some(subject) => check_secret(call, value, subject, place, cx),
        None => {
            let access = from.as_ref().unwrap_or(&value.access);
            whole::check(call, value, access, place, cx);
        }
    }
}

/// The secret that a value is by the name that it is reached by.
fn subject(access: &Access, names: &SecretNames) -> Option<Subject> {
    let name = access.name();
    let is_const = !name.chars().any(char::is_lowercase);
    let is_address = || names.is_address_with_password(name);
    let found = |kind, is_address| {
        Some(Subject { name: name.to_string(), kind, is_address, access: access.clone() })
    };
    match access {
        Access::Call(..) | Access::Written(..) => None,
        Access::Entry(_) if is_header_with_secret(name) => found(SecretKind::Token, false),
        Access::Entry(_) | Access::Composed(_) => found(names.kind(name)?, false),
        _ if is_const => None,
        _ => match names.kind(name) {
            Some(kind) => found(kind, false),
            None => is_address().then(|| found(SecretKind::Other, true))?,
        },
    }
}

fn is_header_with_secret(name: &str) -> bool {
    ["authorization", "proxy-authorization", "proxy_authorization", "cookie", "set-cookie"]
        .iter()
        .any(|header| name.eq_ignore_ascii_case(header))
}

fn check_secret(
    call: &SyntaxNode,
    value: &PrintedValue,
    subject: Subject,
    place: &LogPlace,
    cx: &mut Context<'_>,
) {
    let Subject { name, kind, is_address, access } = subject;
    let bare = is_bare_token(&name) && kind == SecretKind::Token;
    let is_getter = matches!(access, Access::Method(..));
    if bare && (place.parses || !place.serves || value.is_number() || is_getter) {
        return;
    }
    let ty = access.value_type(cx, call);
    let written = match &ty {
        Some(ValueType::Written(ty)) => Some(TypeContent::of(ty)),
        _ => None,
    };
    if matches!(written, Some(TypeContent::Redacted | TypeContent::Other)) {
        return;
    }
    let is_plain = written.is_some_and(|it| it.is_plain());
    let is_known = is_plain || matches!(access, Access::Field(ref path) if path.len() > 1);
    let confidence = match () {
        // A bare word alone may be a piece of any text; what is cut out of it is mostly a secret.
        () if bare && !is_plain && usize::from(value.range.len()) <= name.len() + 1 => {
            Confidence::Possible
        }
        () if is_known && !bare && !is_address => Confidence::Certain,
        () => Confidence::Likely,
    };
    let what = if is_address { "address with a password" } else { "secret" };
    let message = format!("{what} `{name}` is written to {}", place.sink.name());
    let debug = value.is_debug();
    // A key has no text of its own: what displays as one is mostly the path of its file.
    let must_be_known = is_getter && kind == SecretKind::Key && !debug && !value.is_number();
    let names = cx.file().secret_names.clone();
    let path = cx.file().path.clone();
    let printer = place.printer.clone();
    // `db` may be that of anything: of advisories, of symbols.
    let may_be_other = is_address && names.is_address_of_some_database(&name);
    let may_be_path = !is_address && matches!(kind, SecretKind::Key | SecretKind::Other);
    let report = Report::new(value.range, message)
        .severity(place.sink.severity(place.serves, kind, &name))
        .confidence(confidence)
        .when(move |symbols| {
            let types = ty.as_ref().map(|it| it.resolve(symbols, &path)).unwrap_or_default();
            let is_shown = match types.is_empty() {
                true => !must_be_known,
                false => types.iter().any(|ty| shows(symbols, &path, ty, debug, &names)),
            };
            is_shown
                && (!may_be_other || uses_store(symbols, &path))
                && !(may_be_path && symbols.is_used_as_path(&path, &name))
                && !printer.as_ref().is_some_and(|it| it.is_command(symbols))
        });
    cx.report(call, report);
}

/// Whether the package of a file has a client of a database or a broker, whose address has a
/// password.
fn uses_store(symbols: &SymbolIndex, path: &str) -> bool {
    const CLIENTS: &[&str] = &[
        "amqprs", "bb8", "clickhouse", "couchbase", "deadpool", "deadpool_postgres", "diesel",
        "diesel_async", "elasticsearch", "fred", "influxdb", "lapin", "memcache", "mongodb",
        "mysql", "mysql_async", "neo4rs", "postgres", "r2d2", "rdkafka", "redis", "rumqttc",
        "scylla", "sea_orm", "sqlx", "surrealdb", "tiberius", "tokio_postgres",
    ];
    let package = symbols.packages().owner(path);
    package.is_none_or(|it| CLIENTS.iter().any(|client| it.depends_on(client)))
}

/// Whether printing a value of a type shows it.
fn shows(symbols: &SymbolIndex, from: &str, ty: &str, debug: bool, names: &SecretNames) -> bool {
    match TypeContent::of(success_type(ty)) {
        TypeContent::Text | TypeContent::Bytes | TypeContent::Url => true,
        TypeContent::Redacted | TypeContent::Other => false,
        TypeContent::Named(name) if matches!(name.as_str(), "Uuid" | "Ulid") => true,
        // How the type displays itself is its own decision.
        TypeContent::Named(name) => debug && !is_redacted_type(symbols, from, &name, names),
    }
}
