//! Text of an internal error in an answer to a client.
//!
//! What a database, a file system or another service says of a failure names tables, paths, hosts
//! and versions. It tells an attacker where to go on, and users nothing that they can act on.
//!
//! ```rust,bad
//! async fn list(State(pool): State<PgPool>) -> Result<Json<Vec<User>>, (StatusCode, String)> {
//!     let users = load(&pool).await;
//!     users.map(Json).map_err(|e| (StatusCode::INTERNAL_SERVER_ERROR, e.to_string()))
//! }
//! ```
//!
//! Log the error, and answer with a text of your own:
//!
//! ```rust
//! async fn list(State(pool): State<PgPool>) -> Result<Json<Vec<User>>, (StatusCode, String)> {
//!     let users = load(&pool).await;
//!     users.map(Json).map_err(|e| {
//!         tracing::error!("loading users: {e}");
//!         (StatusCode::INTERNAL_SERVER_ERROR, "internal error".to_string())
//!     })
//! }
//! ```
//!
//! Reported where the status says that the failure is the server's own. What a client did wrong may
//! be told.

use super::AREA;
use crate::analysis::{Applicability, Confidence, Context, On, Query, Report, Rule, Severity};
use crate::semantics::calls::call_range;
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::imports::compact;
use crate::syntax::names::has_any_word;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};
use crate::text::TextEdit;

pub static RULE: Rule = Rule {
    id: "error-detail-leak",
    severity: Severity::Low,
    raised_when_critical: false,
    cwe: &[209],
    seeds: &["D.errors"],
    source: include_str!("error_detail_leak.rs"),
    queries: &[
        Query::Node(&On(check_tuple)),
        Query::Node(&On(check_call)),
        Query::Method(&["body", "json", "message_body", "set_body"], check_method),
    ],
    ..Rule::source(AREA)
};

/// Statuses of failures that are the server's own, as they are written.
const INTERNAL: &[&str] = &[
    "INTERNAL_SERVER_ERROR", "InternalServerError", "BAD_GATEWAY", "BadGateway",
    "SERVICE_UNAVAILABLE", "ServiceUnavailable", "GATEWAY_TIMEOUT",
];

/// Functions that make such an answer of a text, by the last two segments of their paths.
const ANSWERS: &[&str] = &[
    "Status::internal",
    "Status::unknown",
    "Status::unavailable",
    "Status::data_loss",
    "Status::aborted",
    "Status::from_error",
    "ErrorInternalServerError",
    "ErrorBadGateway",
    "ErrorServiceUnavailable",
    "HttpError::for_internal_error",
];

/// `(StatusCode::INTERNAL_SERVER_ERROR, e.to_string())`
fn check_tuple(tuple: &ast::TupleExpr, cx: &mut Context<'_>) {
    let fields: Vec<ast::Expr> = tuple.fields().collect();
    check_parts(tuple.syntax(), &fields, cx);
}

fn check_call(call: &ast::CallExpr, cx: &mut Context<'_>) {
    let callee = call.expr().map(|it| compact(it.syntax())).unwrap_or_default();
    let arguments: Vec<ast::Expr> = call.arg_list().into_iter().flat_map(|it| it.args()).collect();
    if ANSWERS.iter().any(|it| callee == *it || callee.ends_with(&format!("::{it}"))) {
        if let Some(text) = arguments.iter().find_map(|it| error_text(it, cx)) {
            report(call.syntax(), text, cx);
        }
        return;
    }
    check_parts(call.syntax(), &arguments, cx);
}

/// `HttpResponse::InternalServerError().body(e.to_string())`
fn check_method(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let receiver = call.receiver().map(|it| compact(it.syntax())).unwrap_or_default();
    let is_numeric = receiver.contains("status(500)") || receiver.contains("from_u16(500)");
    if !is_numeric && !INTERNAL.iter().any(|it| receiver.contains(it)) {
        return;
    }
    let first = call.arg_list().and_then(|it| it.args().next());
    if let Some(text) = first.and_then(|it| error_text(&it, cx)) {
        report(call.syntax(), text, cx);
    }
}

/// A status and the text of an error side by side.
fn check_parts(node: &SyntaxNode, parts: &[ast::Expr], cx: &mut Context<'_>) {
    let is_status = |it: &ast::Expr| {
        let text = compact(it.syntax());
        let is_path = matches!(it, ast::Expr::PathExpr(_));
        is_path && INTERNAL.iter().any(|name| text.ends_with(name))
    };
    if parts.len() < 2 || !parts.iter().any(is_status) {
        return;
    }
    if let Some(text) = parts.iter().find_map(|it| error_text(it, cx)) {
        report(node, text, cx);
    }
}

/// Where the text of an error is in an expression.
struct ErrorText {
    node: SyntaxNode,
    /// The variable, when the text is nothing but its `to_string()`.
    plain: Option<String>,
    is_own: bool,
}

fn error_text(expr: &ast::Expr, cx: &Context<'_>) -> Option<ErrorText> {
    let names = errors_around(expr.syntax(), cx);
    let found = |node: SyntaxNode, plain, is_own| Some(ErrorText { node, plain, is_own });
    for node in expr.syntax().descendants() {
        match node.kind() {
            SyntaxKind::METHOD_CALL_EXPR => {
                let text = compact(&node);
                let Some(name) = text.strip_suffix(".to_string()") else { continue };
                let is_own = name == "self" && answers_for_error(&node, cx);
                if is_own || names.iter().any(|it| it == name) {
                    let plain = (!is_own).then(|| name.to_string());
                    return found(node, plain, is_own);
                }
            }
            SyntaxKind::MACRO_CALL => {
                let text = compact(&node);
                if names.iter().any(|name| shows(&text, name)) {
                    return found(node, None, false);
                }
            }
            _ => {}
        }
    }
    // `ErrorInternalServerError(e)`
    let text = compact(expr.syntax());
    let is_bare = matches!(expr, ast::Expr::PathExpr(_)) && names.contains(&text);
    if is_bare { found(expr.syntax().clone(), None, false) } else { None }
}

/// Whether the arguments of a macro call show a variable.
fn shows(call: &str, name: &str) -> bool {
    let inline =
        ["}", ":?}", ":#}", ":#?}"].iter().any(|it| call.contains(&format!("{{{name}{it}")));
    let given = [",", "(", ":"].iter().any(|before| {
        [",", ")", ".to_string()", "}"]
            .iter()
            .any(|after| call.contains(&format!("{before}{name}{after}")))
    });
    let formats = ["format!", "json!", "anyhow!"].iter().any(|it| call.starts_with(it));
    formats && (inline || given)
}

/// The names of errors around a node: what the closure of `map_err` is given, or `Err(e)` binds.
fn errors_around(node: &SyntaxNode, cx: &Context<'_>) -> Vec<String> {
    let mut names = Vec::new();
    for around in cx.ancestors(node) {
        match around.kind() {
            SyntaxKind::CLOSURE_EXPR => {
                let Some(closure) = ast::ClosureExpr::cast(around.clone()) else { continue };
                let call =
                    around.parent().and_then(|it| it.parent()).and_then(ast::MethodCallExpr::cast);
                let method = call.and_then(|it| it.name_ref()).map(|it| it.text().to_string());
                let of_error = ["map_err", "unwrap_or_else", "or_else", "map_or_else"];
                let made = around.parent().and_then(|it| it.parent()).map(|it| compact(&it));
                if method.is_some_and(|it| of_error.contains(&it.as_str()))
                    && !made.is_some_and(|it| writes_answer(&it))
                {
                    let params = closure.param_list().into_iter().flat_map(|it| it.params());
                    names.extend(params.filter_map(|it| Some(compact(it.pat()?.syntax()))));
                }
            }
            SyntaxKind::MATCH_ARM => {
                let matched = around.ancestors().find_map(ast::MatchExpr::cast);
                let matched = matched.and_then(|it| it.expr()).map(|it| compact(it.syntax()));
                if matched.is_some_and(|it| writes_answer(&it)) {
                    continue;
                }
                let pattern = ast::MatchArm::cast(around).and_then(|it| it.pat());
                names.extend(pattern.and_then(|it| bound_error(&compact(it.syntax()), cx, node)));
            }
            SyntaxKind::IF_EXPR => {
                let condition = ast::IfExpr::cast(around).and_then(|it| it.condition());
                let pattern = match condition {
                    Some(ast::Expr::LetExpr(it)) => it.pat(),
                    _ => None,
                };
                names.extend(pattern.and_then(|it| bound_error(&compact(it.syntax()), cx, node)));
            }
            SyntaxKind::FN => break,
            _ => {}
        }
    }
    names
}

/// Whether a call makes the text of the answer itself: its error tells nothing of what is behind.
fn writes_answer(call: &str) -> bool {
    [
        "serde_json::to_", "serde_yaml::to_", "serde_yml::to_", "json5::to_", "toml::to_",
        "json5::ser::", ".render()", ".render(&", "from_utf8(", "HeaderValue::",
    ]
    .iter()
    .any(|it| call.contains(it))
}

/// The variable that a pattern of an error binds: `Err(e)`, and `Self::Database(e)` where an error
/// makes an answer of itself.
fn bound_error(pattern: &str, cx: &Context<'_>, node: &SyntaxNode) -> Option<String> {
    let (variant, rest) = pattern.split_once('(')?;
    let name = rest.strip_suffix(')')?.trim_start_matches("ref");
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let is_error_name = matches!(name, "e" | "err" | "error" | "source" | "inner" | "cause");
    let holds = variant == "Err" || is_error_name && answers_for_error(node, cx);
    (is_name && holds).then(|| name.to_string())
}

/// Whether the function around a node makes the answer that an error stands for.
fn answers_for_error(node: &SyntaxNode, cx: &Context<'_>) -> bool {
    use crate::syntax::ast::HasName;
    let name = cx.function(node).and_then(|it| it.name()).map(|it| it.text().to_string());
    name.is_some_and(|it| matches!(it.as_str(), "into_response" | "error_response" | "respond_to"))
}

fn report(node: &SyntaxNode, text: ErrorText, cx: &mut Context<'_>) {
    // Operators want to see what went wrong.
    let for_operators = has_any_word(&cx.file().path, &["admin", "health", "metrics", "telemetry"]);
    if !cx.may_answer() || for_operators {
        return;
    }
    let range = text.node.text_range();
    let message = "the text of an internal error is sent to the client";
    let confidence = if text.is_own { Confidence::Possible } else { Confidence::Likely };
    let place = ast::Expr::cast(text.node).map_or(range, |it| call_range(&it));
    let target = cx.file_range(range);
    let logs = cx.file().depends_on("tracing");
    let report = Report::new(place, message).confidence(confidence).fix(move |fix| {
        let Some(name) = text.plain.filter(|_| logs) else { return Vec::new() };
        let code = format!("{{ tracing::error!(\"{{{name}}}\"); \"internal error\".to_string() }}");
        let edits = vec![TextEdit::replace(target, &code)];
        vec![fix.here(
            "Log the error and answer with a general text",
            Applicability::Suggested,
            edits,
        )]
    });
    cx.report(node, report);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, check_fix, silent};

    #[test]
    fn internal_errors_in_answers_are_found() {
        check(
            &RULE,
            r#"
async fn tuple(State(pool): State<Pool>) -> Result<String, (StatusCode, String)> {
    let row = load(&pool).await.map_err(|e| (StatusCode::INTERNAL_SERVER_ERROR, e.to_string()))?;
    //~ error-detail-leak: the text of an internal error is sent to the client
    match other(&pool).await {
        Ok(it) => Ok(it),
        Err(err) => Err((StatusCode::INTERNAL_SERVER_ERROR, format!("database: {err}"))),
        //~ error-detail-leak
    }
}
async fn actix(pool: web::Data<Pool>) -> HttpResponse {
    match load(&pool).await {
        Ok(it) => HttpResponse::Ok().json(it),
        Err(e) => HttpResponse::InternalServerError().body(e.to_string()),
        //~ error-detail-leak
    }
}
async fn json(pool: web::Data<Pool>) -> HttpResponse {
    if let Err(e) = save(&pool).await {
        return HttpResponse::InternalServerError().json(json!({ "error": format!("{:?}", e) }));
        //~ error-detail-leak
    }
    HttpResponse::Ok().finish()
}
impl Users for Service {
    async fn get(&self, request: Request<Get>) -> Result<Response<User>, Status> {
        let user = self.db.find(1).await.map_err(|e| Status::internal(e.to_string()))?;
        //~ error-detail-leak
        let other = self.db.find(2).await.map_err(|e| Status::internal(format!("find: {}", e)))?;
        //~ error-detail-leak
        Ok(Response::new(user))
    }
}
impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND.into_response(),
            Self::Database(e) => (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({ "error": e.to_string() }))).into_response(),
            //~ error-detail-leak
        }
    }
}
fn warped(result: Result<(), Error>) -> impl Reply {
    match result {
        Ok(()) => warp::reply::with_status("ok".to_string(), StatusCode::OK),
        Err(e) => warp::reply::with_status(e.to_string(), StatusCode::INTERNAL_SERVER_ERROR),
        //~ error-detail-leak
    }
}
"#,
        );
    }

    #[test]
    fn texts_of_its_own_and_errors_of_clients_are_left_alone() {
        silent(
            &RULE,
            r#"
async fn status(State(state): State<App>) -> Result<String, (StatusCode, String)> {
    serde_json::to_string(&state.status())
        .map_err(|e| (StatusCode::INTERNAL_SERVER_ERROR, e.to_string()))
}
async fn tuple(State(pool): State<Pool>) -> Result<String, (StatusCode, String)> {
    let body = parse(&text).map_err(|e| (StatusCode::BAD_REQUEST, e.to_string()))?;
    let row = load(&pool).await.map_err(|e| {
        tracing::error!("loading: {e}");
        (StatusCode::INTERNAL_SERVER_ERROR, "internal error".to_string())
    })?;
    match other(&pool).await {
        Ok(it) => Ok((StatusCode::OK, it.to_string())),
        Err(e) => {
            error!("{e}");
            Err((StatusCode::INTERNAL_SERVER_ERROR, id.to_string()))
        }
    }
}
async fn grpc() -> Result<(), Status> {
    load().await.map_err(|e| Status::invalid_argument(e.to_string()))?;
    save().await.map_err(|_| Status::internal("save failed"))
}
fn store(e: Error) -> String {
    e.to_string()
}
"#,
        );
    }

    #[test]
    fn the_error_is_logged_instead() {
        check_fix(
            &RULE,
            "Log the error and answer with a general text",
            r#"
//- Cargo.toml
[package]
name = "server"
[dependencies]
axum = "1"
tracing = "1"
//- src/lib.rs
fn f() -> Result<(), (StatusCode, String)> {
    load().map_err(|e| (StatusCode::INTERNAL_SERVER_ERROR, e.to_string()))
}
"#,
            r#"
//- src/lib.rs
fn f() -> Result<(), (StatusCode, String)> {
    load().map_err(|e| {
        (
            StatusCode::INTERNAL_SERVER_ERROR,
            { tracing::error!("{e}"); "internal error".to_string() },
        )
    })
}
"#,
        );
    }
}
