//! Input that is read, or allocated for, without a limit.
//!
//! A peer decides how much it sends and which length it announces. A server that reads a body or a
//! connection to its end, or allocates as much as four bytes of a header say, gives its memory to
//! any client that asks for it.
//!
//! ```rust,bad
//! use axum::{body::to_bytes, extract::Request};
//!
//! async fn upload(request: Request) -> Result<(), StatusCode> {
//!     let body = to_bytes(request.into_body(), usize::MAX).await;
//!     store(body).await
//! }
//! ```
//!
//! Set a limit that fits what is expected:
//!
//! ```rust
//! use axum::{body::to_bytes, extract::Request};
//!
//! const MAX_BODY: usize = 1024 * 1024;
//!
//! async fn upload(request: Request) -> Result<(), StatusCode> {
//!     let body = to_bytes(request.into_body(), MAX_BODY).await;
//!     store(body).await
//! }
//! ```
//!
//! A length that a peer announces is compared with a limit before anything is allocated:
//!
//! ```rust
//! async fn read_frame(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
//!     let length = stream.read_u32().await?;
//!     if length > MAX_FRAME {
//!         return Err(io::ErrorKind::InvalidData.into());
//!     }
//!     let mut frame = vec![0; length as usize];
//!     stream.read_exact(&mut frame).await?;
//!     Ok(frame)
//! }
//! ```
//!
//! Known problems: a limit that a proxy before the server sets is not known.

use super::AREA;
use crate::analysis::{
    Applicability, Confidence, Context, Fix, FixContext, On, Query, Report, Rule, Severity,
};
use crate::project::flow::{Kind, Outside};
use crate::rules::reached::report;
use crate::semantics::Reach;
use crate::semantics::calls::{call_range, method_range};
use crate::semantics::flow::{Reached, reached};
use crate::semantics::paths::resolved_callee;
use crate::syntax::ast::{self, HasArgList, HasName};
use crate::syntax::imports::compact;
use crate::syntax::names::has_any_word;
use crate::syntax::{AstNode, SyntaxNode};
use crate::text::{FileRange, TextEdit};

pub static RULE: Rule = Rule {
    id: "unbounded-input",
    severity: Severity::High,
    raised_when_critical: false,
    serious_in_servers: true,
    cwe: &[770, 789],
    seeds: &["A.M3", "C.input", "C.abuse"],
    source: include_str!("unbounded_input.rs"),
    queries: &[
        Query::Node(&On(check_flow)),
        Query::Call(&["disable", "max", "new", "to_bytes"], check_limit),
        Query::Method(LIMITS, check_setting),
    ],
    ..Rule::source(AREA)
};

/// Methods that set the most that is read from a peer.
const LIMITS: &[&str] = &[
    "content_length_limit",
    "json_limit",
    "limit",
    "max_body_size",
    "max_decoding_message_size",
    "max_frame_size",
    "max_message_size",
    "max_request_body_size",
    "payload_limit",
];

fn check_flow(function: &ast::Fn, cx: &mut Context<'_>) {
    for it in reached(function, cx, &[Kind::Capacity, Kind::Whole]) {
        if it.kind == Kind::Whole && it.outside == Outside::Request && !it.of_request {
            continue;
        }
        let message = match it.kind {
            Kind::Capacity => format!("`{}` allocates as much as a peer announces", it.sink),
            _ => format!("`{}` reads what a peer sends without a limit", it.sink),
        };
        let is_line = matches!(it.sink.as_str(), "read_line" | "read_until");
        let serves = it.outside != Outside::Author || cx.reach(&it.node).serves();
        let mut found = report(&it, message).confidence(Confidence::Likely);
        let for_operators = has_any_word(&cx.file().path, OPERATOR_WORDS);
        if !serves || is_line || for_operators {
            found = found.severity(Severity::Low);
        } else if cx.reach(&it.node) != Reach::Handling {
            found = found.severity(Severity::Medium);
        }
        let target = take_target(&it, function).map(|(range, text)| (cx.file_range(range), text));
        cx.report(
            &it.node,
            found.fix(move |fix| target.and_then(|it| take(fix, it)).into_iter().collect()),
        );
    }
}

/// The variable that is read to its end, and what stands for it when only a part is read.
fn take_target(it: &Reached, function: &ast::Fn) -> Option<(crate::syntax::TextRange, String)> {
    if !matches!(it.sink.as_str(), "read_to_end" | "read_to_string") {
        return None;
    }
    let call = ast::MethodCallExpr::cast(it.node.clone())?;
    let receiver = call.receiver()?;
    let ast::Expr::PathExpr(_) = &receiver else { return None };
    let name = compact(receiver.syntax());
    let pats = function.syntax().descendants().filter_map(ast::IdentPat::cast);
    let binding = pats.filter(|it| it.name().is_some_and(|it| it.text() == name)).last()?;
    let param = binding.syntax().parent().and_then(ast::Param::cast);
    let ty = param.and_then(|it| it.ty()).map(|it| compact(it.syntax())).unwrap_or_default();
    let text = match (ty.starts_with("&mut"), binding.mut_token().is_some()) {
        (true, _) => format!("(&mut *{name})"),
        (false, true) => format!("(&mut {name})"),
        _ => return None,
    };
    Some((receiver.syntax().text_range(), text))
}

/// Reads at most a mebibyte.
fn take(fix: &FixContext<'_>, (receiver, text): (FileRange, String)) -> Option<Fix> {
    let edits = vec![TextEdit::replace(receiver, format!("{text}.take(1024 * 1024)"))];
    Some(fix.here("Read at most 1 MiB", Applicability::Suggested, edits))
}

/// Limits that are switched off, or set to the largest number.
fn check_limit(call: &ast::CallExpr, cx: &mut Context<'_>) {
    let Some(path) = resolved_callee(cx, call) else { return };
    let mut segments = path.rsplit("::");
    let (name, owner) = (segments.next().unwrap_or_default(), segments.next().unwrap_or_default());
    let arguments: Vec<ast::Expr> = call.arg_list().into_iter().flat_map(|it| it.args()).collect();
    let message = match (owner, name, arguments.as_slice()) {
        ("DefaultBodyLimit", "disable", []) if !sets_other_limit(call.syntax(), cx) => {
            "the limit of request bodies is switched off"
        }
        ("body", "to_bytes", [_, limit]) if is_unlimited(limit) => {
            "`to_bytes` reads a body without a limit"
        }
        ("DefaultBodyLimit", "max", [limit])
        | ("PayloadConfig" | "RequestBodyLimitLayer", "new", [limit])
            if is_unlimited(limit) =>
        {
            "the limit of request bodies is the largest number"
        }
        _ => return,
    };
    // The answer of the program's own handlers is no larger than they make it.
    let function = cx.function(call.syntax());
    let is_answer = name == "to_bytes"
        && (arguments.first().is_some_and(|it| has_any_word(&compact(it.syntax()), ANSWER_WORDS))
            || function
                .is_some_and(|it| *cx.once("makes an answer", it.syntax(), || makes_answer(&it))));
    if is_answer {
        return;
    }
    let report = Report::new(call_range(&call.clone().into()), message);
    let report = match cx.decision(call.syntax()) {
        Some(_) if name != "to_bytes" => report.lowered(Severity::Low, "behind a setting"),
        _ => report,
    };
    cx.report(call.syntax(), report);
}

/// Words of what a handler answered.
const ANSWER_WORDS: &[&str] = &["answer", "reply", "res", "resp", "response"];

/// Whether a function takes an answer apart, and puts it together again.
fn makes_answer(function: &ast::Fn) -> bool {
    compact(function.syntax()).contains("Response::from_parts(")
}

/// Words of files about what operators look at, which no client of the service reaches.
const OPERATOR_WORDS: &[&str] = &["admin", "debug", "logs", "metrics", "pprof", "telemetry"];

fn check_setting(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let Some(limit) = call.arg_list().and_then(|it| it.args().next()) else { return };
    let name = call.name_ref().map(|it| it.text().to_string()).unwrap_or_default();
    let is_off = name == "max_message_size" && compact(limit.syntax()) == "None";
    if !is_unlimited(&limit) && !is_off {
        return;
    }
    let receiver = call.receiver().map(|it| compact(it.syntax())).unwrap_or_default();
    let is_config =
        ["Config", "Limit", "payload", "multipart"].iter().any(|it| receiver.contains(it));
    if name == "limit" && !is_config {
        return;
    }
    let message = format!("`{name}` sets no limit");
    cx.report(call.syntax(), Report::new(method_range(call), message));
}

/// `usize::MAX`
fn is_unlimited(limit: &ast::Expr) -> bool {
    let text = compact(limit.syntax());
    ["usize::MAX", "u64::MAX", "u32::MAX", "usize::max_value()"]
        .iter()
        .any(|it| text.starts_with(it))
}

/// Whether another layer of the same router sets a limit.
fn sets_other_limit(node: &SyntaxNode, cx: &Context<'_>) -> bool {
    let function = node.ancestors().find(|it| ast::Fn::can_cast(it.kind()));
    function.is_some_and(|it| {
        *cx.once("other limit", &it, || compact(&it).contains("RequestBodyLimit"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, check_fix, silent};

    #[test]
    fn bodies_without_a_limit_are_found() {
        check(
            &RULE,
            r#"
use axum::body::{self, to_bytes};
use axum::extract::DefaultBodyLimit;

async fn whole(request: Request<Body>) -> Result<()> {
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, usize::MAX).await?;
              //^^^^^^^^^^^^^^^^^^^^^^^^^^ unbounded-input: `to_bytes` reads a body without a limit
    Ok(())
}
fn router() -> Router {
    Router::new().route("/", post(whole)).layer(DefaultBodyLimit::disable())
                                              //^^^^^^^^^^^^^^^^^^^^^^^^^^^ unbounded-input: the limit of request bodies is switched off
}
fn config(cfg: &mut web::ServiceConfig) {
    cfg.app_data(web::JsonConfig::default().limit(usize::MAX));
                                          //^^^^^^^^^^^^^^^^^ unbounded-input: `limit` sets no limit
    cfg.app_data(web::PayloadConfig::new(usize::MAX));
               //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ unbounded-input
}
fn grpc(service: Service) -> FooServer<Service> {
    FooServer::new(service).max_decoding_message_size(usize::MAX)
                          //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ unbounded-input
}
async fn collected(req: Request<Incoming>) -> Result<Response> {
    let bytes = req.into_body().collect().await?.to_bytes();
                              //^^^^^^^^^ unbounded-input: `collect` reads what a peer sends without a limit
    let other = hyper::body::to_bytes(req).await?;
              //^^^^^^^^^^^^^^^^^^^^^^^^^^ unbounded-input
    Ok(respond(bytes))
}
async fn in_pieces(mut payload: web::Payload) -> Result<HttpResponse> {
    let mut body = web::BytesMut::new();
    while let Some(chunk) = payload.next().await {
        body.extend_from_slice(&chunk?);
           //^^^^^^^^^^^^^^^^^^^^^^^^^^ unbounded-input
    }
    Ok(HttpResponse::Ok().finish())
}
"#,
        );
    }

    #[test]
    fn connections_and_announced_lengths_are_found() {
        check(
            &RULE,
            r#"
async fn serve(mut stream: TcpStream) -> io::Result<()> {
    let mut text = String::new();
    stream.read_to_string(&mut text).await?;
         //^^^^^^^^^^^^^^^^^^^^^^^^^ unbounded-input: `read_to_string` reads what a peer sends without a limit
    Ok(())
}
async fn read_frame<R: AsyncRead + Unpin>(reader: &mut R) -> io::Result<Vec<u8>> {
    let length = reader.read_u32().await? as usize;
    let mut frame = vec![0u8; length];
                            //^^^^^^ unbounded-input: `vec!` allocates as much as a peer announces
    reader.read_exact(&mut frame).await?;
    Ok(frame)
}
fn decode(buf: &mut impl Buf) -> Vec<u64> {
    let count = buf.get_u32_le();
    let mut values = Vec::with_capacity(count as usize);
                   //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ unbounded-input
    values
}
fn decode_header(bytes: &[u8]) -> Vec<u8> {
    let length = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    let mut out = BytesMut::with_capacity(length as usize);
                //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ unbounded-input
    out.to_vec()
}
#[derive(Deserialize)]
struct Params { count: usize }
async fn list(Query(params): Query<Params>) -> Vec<u8> {
    vec![0; params.count]
          //^^^^^^^^^^^^ unbounded-input
}
fn accept(listener: TcpListener) -> io::Result<()> {
    for stream in listener.incoming() {
        let mut stream = stream?;
        let mut body = Vec::new();
        stream.read_to_end(&mut body)?;
             //^^^^^^^^^^^^^^^^^^^^^^ unbounded-input
    }
    Ok(())
}
"#,
        );
    }

    #[test]
    fn limits_are_left_alone() {
        silent(
            &RULE,
            r#"
use axum::body::to_bytes;
use axum::extract::DefaultBodyLimit;

const MAX: usize = 1024;
async fn tag(response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    Response::from_parts(parts, Body::from(bytes))
}
async fn own(resp: Response) -> Result<Bytes> { to_bytes(resp.into_body(), usize::MAX).await }

async fn limited(request: Request<Body>) -> Result<()> {
    let bytes = to_bytes(request.into_body(), MAX).await?;
    let other = Limited::new(request.into_body(), MAX).collect().await?;
    Ok(())
}
fn router() -> Router {
    Router::new().layer(DefaultBodyLimit::disable()).layer(RequestBodyLimitLayer::new(MAX))
}
async fn serve(stream: TcpStream) -> io::Result<()> {
    let mut text = String::new();
    stream.take(1024).read_to_string(&mut text).await?;
    Ok(())
}
async fn read_frame(reader: &mut Reader) -> io::Result<Vec<u8>> {
    let length = reader.read_u32().await? as usize;
    if length > MAX {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut frame = vec![0u8; length];
    let small = vec![0u8; reader.read_u16().await? as usize];
    let least = Vec::with_capacity((reader.read_u32().await? as usize).min(MAX));
    Ok(frame)
}
async fn in_pieces(mut payload: web::Payload) -> Result<HttpResponse> {
    let mut body = web::BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk?;
        if body.len() + chunk.len() > MAX {
            return Err(error::ErrorPayloadTooLarge("too large"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(HttpResponse::Ok().finish())
}
fn file(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.read_to_string(&mut text)?;
    let mut list = Vec::with_capacity(text.len());
    Ok(text)
}
"#,
        );
    }

    #[test]
    fn a_connection_is_read_up_to_a_limit() {
        check_fix(
            &RULE,
            "Read at most 1 MiB",
            "async fn serve(mut stream: TcpStream) {\n    stream.read_to_end(&mut buf).await;\n}\n",
            "async fn serve(mut stream: TcpStream) {\n    (&mut stream).take(1024 * 1024).read_to_end(&mut buf).await;\n}\n",
        );
    }
}
