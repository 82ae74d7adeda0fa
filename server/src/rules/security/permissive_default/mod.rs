//! Permissive CORS, or a limit that is turned off.
//!
//! With permissive CORS any page that a user visits may call the API from the browser and read the
//! answers; with credentials it does so in the user's name. A limit of `usize::MAX` is none: one request
//! may take all memory.
//!
//! ```rust,bad
//! fn router() -> Router {
//!     Router::new().route("/orders", post(create)).layer(CorsLayer::permissive())
//! }
//! ```
//!
//! Name the origins that the API is for, in the settings:
//!
//! ```rust
//! fn router(origins: Vec<HeaderValue>) -> Router {
//!     let cors = CorsLayer::new().allow_origin(origins).allow_methods([Method::GET, Method::POST]);
//!     Router::new().route("/orders", post(create)).layer(cors)
//! }
//! ```
//!
//! Any origin without credentials is medium, and low for an API that only reads, as what everybody may
//! read pages may read as well, and where a header of the answer is all that says so.
//!
//! Known problems: routes of another function are not seen, so that an API which only reads may be
//! reported as medium.

mod script;
#[cfg(test)]
mod tests;

use super::AREA;
use crate::analysis::{Confidence, Context, On, Query, Report, Rule, Severity};
use crate::project::Indexed;
use crate::semantics::calls::{argument_count, call_range};
use crate::semantics::clients::{chain_methods, methods_on};
use crate::semantics::expressions::chain_root;
use crate::semantics::literals::literal_of;
use crate::semantics::paths::{last_segment, resolved_callee};
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::condition::Decision;
use crate::syntax::green::any_token;
use crate::syntax::names::has_any_word;
use crate::syntax::{AstNode, NodeOrToken, SyntaxKind, SyntaxNode, SyntaxToken};

pub static RULE: Rule = Rule {
    id: "permissive-default",
    severity: Severity::High,
    source: include_str!("mod.rs"),
    queries: &[
        Query::Call(&["permissive", "very_permissive", "all"], check_constructor),
        Query::Method(&["allow_origin", "allow_any_origin", "allowed_origin"], check_origin),
        Query::Literal(is_star, check_star),
        Query::Method(LIMITING, check_limit),
        Query::Call(&["max", "new", "limit"], check_limit_call),
        Query::Node(&On(check_limit_field)),
    ],
    indexed: &[Indexed::Scripts(script::PATTERNS)],
    project: Some(script::check),
    raised_when_critical: false,
    cwe: &[942, 770],
    seeds: &["A.M3", "D.cors"],
    ..Rule::source(AREA)
};

/// Methods that set how much a peer may send.
const LIMITING: &[&str] = &[
    "limit",
    "max_body_size",
    "max_decoding_message_size",
    "max_frame_size",
    "max_message_size",
    "max_payload_size",
    "max_request_body_size",
    "set_max_frame_length",
    "max_frame_length",
    "memory_limit",
    "total_limit",
];

/// Types whose constructor takes a limit.
const LIMIT_TYPES: &[&str] = &[
    "ConcurrencyLimitLayer", "DefaultBodyLimit", "FormConfig", "JsonConfig", "PayloadConfig",
    "RequestBodyLimitLayer", "SizeLimit",
];

/// Routes and methods that change something.
const WRITING: &[&str] = &[
    "delete", "delete_service", "patch", "patch_service", "post", "post_service", "put",
    "put_service",
];

/// `CorsLayer::permissive()`, `Cors::permissive()`, `AllowedOrigins::all()`.
fn check_constructor(call: &ast::CallExpr, cx: &mut Context<'_>) {
    if argument_count(call) != 0 {
        return;
    }
    let Some(path) = resolved_callee(cx, call) else { return };
    let mut parts = path.rsplit("::");
    let (function, owner) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let range = call.syntax().text_range();
    let origin = Origin::around(call.syntax(), cx);
    let report = match (owner, function) {
        ("CorsLayer", "very_permissive") => {
            Report::new(range, "`CorsLayer::very_permissive` lets any origin call with credentials")
        }
        // It allows credentials as well.
        ("Cors", "permissive")
            if cx.file().depends_on("actix_cors") || path.starts_with("actix") =>
        {
            Report::new(range, "`Cors::permissive` lets any origin call with credentials")
        }
        ("CorsLayer" | "Cors", "permissive" | "very_permissive") => {
            let message =
                format!("`{owner}::{function}` lets any origin call and read the answers");
            origin.graded(Report::new(range, message), Severity::Medium)
        }
        ("AllowedOrigins", "all") => {
            let message = "`AllowedOrigins::all` lets any origin call and read the answers";
            origin.graded(Report::new(range, message), Severity::Medium)
        }
        _ => return,
    };
    report_unless_switched(report, call.syntax(), cx);
}

/// `.allow_origin(Any)`, `.allow_any_origin()`.
fn check_origin(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let Some(receiver) = call.receiver() else { return };
    let name = call.name_ref().map(|it| it.text().to_string()).unwrap_or_default();
    let argument = call.arg_list().and_then(|it| it.args().next());
    let text = argument.map(|it| it.syntax().text().to_string()).unwrap_or_default();
    let is_any = match name.as_str() {
        "allow_any_origin" => argument_count(call) == 0,
        _ => {
            matches!(last_segment(&text), "Any" | "any()" | "\"*\"" | "mirror_request()")
                || text.contains("from_static(\"*\")")
        }
    };
    if !is_any || !is_cors(&receiver, cx) {
        return;
    }
    let methods: Vec<String> =
        chain_methods(&receiver).into_iter().chain(methods_on(call.syntax())).collect();
    let mut chain = call.syntax().clone();
    while let Some(parent) = chain.parent().filter(|it| ast::MethodCallExpr::can_cast(it.kind())) {
        chain = parent;
    }
    let text = chain.text().to_string();
    let refuses = text.contains("allow_credentials(false)");
    let with_credentials = !refuses
        && methods
            .iter()
            .any(|it| matches!(it.as_str(), "allow_credentials" | "supports_credentials"));
    let range = call_range(&call.clone().into());
    let report = if with_credentials {
        Report::new(range, "any origin may call with credentials")
    } else {
        let origin = Origin::around(call.syntax(), cx);
        origin.graded(
            Report::new(range, "any origin may call and read the answers"),
            Severity::Medium,
        )
    };
    report_unless_switched(report, call.syntax(), cx);
}

/// Whether a chain configures CORS.
fn is_cors(receiver: &ast::Expr, cx: &mut Context<'_>) -> bool {
    let root = chain_root(receiver);
    let text = root.syntax().text().to_string();
    let names_cors = |text: &str| has_any_word(text, &["cors"]);
    let resolved = match &root {
        ast::Expr::CallExpr(call) => resolved_callee(cx, call).unwrap_or_default(),
        _ => String::new(),
    };
    names_cors(&text) || names_cors(&resolved)
}

fn is_star(text: &str) -> bool {
    text == "\"*\""
}

/// `.header("Access-Control-Allow-Origin", "*")` and the like.
fn check_star(literal: &SyntaxToken, cx: &mut Context<'_>) {
    let Some(node) = literal.parent() else { return };
    // `HeaderValue::from_static("*")` is an argument itself.
    let mut lists = node.ancestors().filter(|it| {
        matches!(it.kind(), SyntaxKind::ARG_LIST | SyntaxKind::TUPLE_EXPR | SyntaxKind::ARRAY_EXPR)
    });
    let is_header = lists.by_ref().take(2).any(|it| {
        let text = it.text().to_string().to_ascii_lowercase().replace('_', "-");
        text.len() < 200 && text.contains("access-control-allow-origin")
    });
    if !is_header {
        return;
    }
    // One answer after the other says so: the first one stands for all.
    let is_repeated = cx.ancestors(&node).last().is_some_and(|file| {
        let start = cx.file_range(literal.text_range()).start();
        let before = file.descendants_with_tokens().filter_map(NodeOrToken::into_token);
        before
            .take_while(|it| it.text_range().start() < start)
            .any(|it| it.text() == literal.text())
    });
    if is_repeated {
        return;
    }
    let message = "`Access-Control-Allow-Origin: *` lets any origin read the answers";
    // Credentials do not go with it, and most who write it mean to.
    let report = Report::new(literal.text_range(), message).severity(Severity::Low);
    cx.report(&node, report.confidence(Confidence::Possible));
}

/// What is known of the routes that CORS is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// Some route changes something, or nothing is known of them.
    Open,
    /// All routes of the function only read.
    ReadsOnly,
}

impl Origin {
    fn around(node: &SyntaxNode, cx: &Context<'_>) -> Self {
        let Some(function) = cx.function(node) else { return Self::Open };
        let names = cx.names_in(function.syntax());
        let has = |list: &[&str]| names.has_any(list);
        let reads = has(&["get", "get_service"]) && has(&["route", "Router", "resource"]);
        let writes = has(WRITING)
            || has(&["merge", "nest", "any", "POST", "PUT", "DELETE", "PATCH", "configure"]);
        if reads && !writes { Self::ReadsOnly } else { Self::Open }
    }

    fn graded<'r>(self, report: Report<'r>, open: Severity) -> Report<'r> {
        match self {
            Self::Open => report.severity(open),
            Self::ReadsOnly => report.lowered(Severity::Low, "the routes only read"),
        }
    }
}

fn report_unless_switched(report: Report<'_>, node: &SyntaxNode, cx: &mut Context<'_>) {
    if cx.file().package.as_ref().is_some_and(|it| it.is_developer_tool()) {
        return;
    }
    let report = report.confidence(Confidence::Likely);
    // `if origins.contains("*")`
    let asks = |it: SyntaxNode| {
        let condition = ast::IfExpr::cast(it).and_then(|it| it.condition());
        condition.is_some_and(|it| it.syntax().text().to_string().contains("\"*\""))
    };
    if node.ancestors().any(asks) {
        let report = report.lowered(Severity::Low, "the settings ask for it");
        return cx.report(node, report);
    }
    let report = match cx.decision(node) {
        Some(Decision::Switch) => report.lowered(Severity::Low, "behind a setting"),
        _ => report,
    };
    cx.report(node, report);
}

/// The sizes from which on a limit on what a peer sends is none, in bytes.
const HUGE: u128 = 1 << 32;

/// Whether an expression is no limit: `usize::MAX`, `None`, gigabytes.
fn is_no_limit(expr: &ast::Expr) -> bool {
    let text = expr.syntax().text().to_string().replace([' ', '_'], "");
    let text = text.trim_start_matches('&');
    if matches!(text, "usize::MAX" | "u64::MAX" | "u32::MAX" | "std::usize::MAX" | "std::u64::MAX")
    {
        return true;
    }
    product(text).is_some_and(|it| it >= HUGE)
}

/// What a product of numbers is: `10 * 1024 * 1024`.
fn product(text: &str) -> Option<u128> {
    let mut factors = text
        .split('*')
        .map(|it| it.trim_end_matches("usize").trim_end_matches("u64").parse::<u128>().ok());
    factors.try_fold(1u128, |product, factor| product.checked_mul(factor?))
}

fn check_limit(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let arguments: Vec<ast::Expr> = call.arg_list().into_iter().flat_map(|it| it.args()).collect();
    let [argument] = arguments.as_slice() else { return };
    let name = call.name_ref().map(|it| it.text().to_string()).unwrap_or_default();
    let is_none = argument.syntax().text() == "None" && name.starts_with("max_");
    // `limit` of a query counts rows.
    let is_about_bytes = name != "limit"
        || call.receiver().is_some_and(|it| {
            let root = chain_root(&it).syntax().text().to_string();
            has_any_word(&root, &["config", "body", "form", "payload"])
        });
    if is_about_bytes && (is_none || is_no_limit(argument)) {
        report_limit(&name, argument, call.syntax(), cx);
    }
}

fn check_limit_call(call: &ast::CallExpr, cx: &mut Context<'_>) {
    let arguments: Vec<ast::Expr> = call.arg_list().into_iter().flat_map(|it| it.args()).collect();
    let [argument] = arguments.as_slice() else { return };
    if literal_of(argument).is_none() && !is_no_limit(argument) {
        return;
    }
    let Some(path) = resolved_callee(cx, call) else { return };
    let owner = path.rsplit("::").nth(1).unwrap_or_default();
    if LIMIT_TYPES.contains(&owner) && is_no_limit(argument) {
        report_limit(owner, argument, call.syntax(), cx);
    }
}

/// `max_message_size: None` and `max_frame_size: Some(usize::MAX)`.
fn check_limit_field(field: &ast::RecordExprField, cx: &mut Context<'_>) {
    let Some(name) = field.field_name() else { return };
    let name = name.text().to_string();
    if !name.starts_with("max_")
        || !has_any_word(&name, &["body", "frame", "message", "payload", "request"])
    {
        return;
    }
    if !has_any_word(&name, &["bytes", "length", "len", "size"]) {
        return;
    }
    let Some(value) = field.expr() else { return };
    let inner = match &value {
        ast::Expr::CallExpr(call) => call.arg_list().and_then(|it| it.args().next()),
        _ => None,
    };
    let is_websocket = cx.function(field.syntax()).is_some_and(|it| {
        any_token(it.syntax().green(), &|_, text: &str| text == "WebSocketConfig")
    });
    let is_none = value.syntax().text() == "None" && is_websocket;
    if is_none || is_no_limit(inner.as_ref().unwrap_or(&value)) {
        report_limit(&name, &value, field.syntax(), cx);
    }
}

fn report_limit(name: &str, value: &ast::Expr, node: &SyntaxNode, cx: &mut Context<'_>) {
    let value_text = value.syntax().text().to_string();
    let message = format!("`{name}` is `{value_text}`: a peer may send as much as memory holds");
    let report = Report::new(node.text_range(), message).confidence(Confidence::Likely);
    let report = match cx.file().in_server() {
        true => report,
        false => report.severity(Severity::Medium),
    };
    cx.report(node, report);
}
