//! Where values come from: what frameworks hand over with a request, and what is read from a peer.

use std::sync::LazyLock;

use rowan::{GreenNodeData, NodeOrToken};
use rustc_hash::FxHashSet;

use super::value::{Number, Type, Value, nature};
use super::{Nature, Outside, Walk};
use crate::syntax::ast::{self, HasName};
use crate::syntax::attrs::attrs;
use crate::syntax::green::{child_of_kind, declared_name, token_kind};
use crate::syntax::imports::compact;
use crate::syntax::names::has_any_word;
use crate::syntax::{AstNode, SyntaxKind};

/// Types by which frameworks hand over what a client sent; those in the second list do only with
/// generic arguments, as `Path` is one of the standard library as well. Sorted.
const EXTRACTORS: &[&str] = &[
    "Body", "BodyStream", "CookieJar", "Cookies", "Event", "HeaderMap", "HttpRequest", "Incoming",
    "LambdaEvent", "Multipart", "MultipartForm", "OriginalUri", "Parts", "Payload", "RawForm",
    "RawPathParams", "RawQuery", "Request", "ServiceRequest", "TypedBody", "TypedMultipart",
    "UntypedBody", "Uri", "WebSocket",
];
const GENERIC_EXTRACTORS: &[&str] = &[
    "Form", "Json", "JsonBody", "LenientForm", "Path", "QsQuery", "Query", "Request",
    "TypedHeader", "Xml",
];

/// Types of connections to a peer; a socket of Unix leads to the same machine. Sorted.
const CONNECTIONS: &[&str] = &[
    "Connection", "Framed", "RecvStream", "TcpStream", "TlsStream", "UdpSocket", "WebSocketStream",
];

/// Attributes of functions that answer requests.
const HANDLER_ATTRIBUTES: &[&str] = &[
    "connect", "delete", "get", "handler", "head", "oai", "options", "patch", "post", "put",
    "route",
];

/// Words in the names of functions that decode what they are given; sorted.
const DECODING: &[&str] = &[
    "decode", "decoder", "decompress", "deserialise", "deserialize", "inflate", "parse", "parser",
    "unmarshal", "unpack",
];

/// Methods that read a number which a peer wrote, by the number that they read.
pub(super) fn number_read(method: &str) -> Option<Number> {
    let rest = method.strip_prefix("read_").or(method.strip_prefix("get_"))?;
    let rest = rest.trim_end_matches("_le").trim_end_matches("_be").trim_end_matches("_ne");
    match rest {
        "varint" | "var_int" | "uvarint" | "varint64" | "compact_size" | "leb128" => {
            Number::of("u64")
        }
        "varint32" => Number::of("u32"),
        other => Number::of(other).filter(|_| other.len() > 1 && !other.ends_with("size")),
    }
}

/// Identifiers in a function that may have a value from outside.
static SOURCE_WORDS: LazyLock<FxHashSet<&str>> = LazyLock::new(|| {
    let others = [
        "accept", "by_index", "by_name", "entries", "from_be_bytes", "from_le_bytes", "incoming",
        "recv", "recv_from", "warp", "Bytes", "BytesMut", "u8", "UploadedFile", "TempFile",
    ];
    EXTRACTORS.iter().chain(GENERIC_EXTRACTORS).chain(CONNECTIONS).copied().chain(others).collect()
});

/// Whether a function may have a value from outside.
pub fn mentions_source(function: &GreenNodeData) -> bool {
    let handled = child_of_kind(function, SyntaxKind::ATTR).is_some();
    handled
        || has_ident(function, &|text| {
            SOURCE_WORDS.contains(text) || text.starts_with("read_") || text.starts_with("get_")
        })
}

/// Whether a function may give a value to a place where it does harm.
pub fn mentions_sink(function: &GreenNodeData) -> bool {
    has_ident(function, &|text| super::sinks::is_sink_word(text))
}

fn has_ident(node: &GreenNodeData, test: &impl Fn(&str) -> bool) -> bool {
    node.children().any(|child| match child {
        NodeOrToken::Node(node) => has_ident(node, test),
        NodeOrToken::Token(token) => token_kind(token) == SyntaxKind::IDENT && test(token.text()),
    })
}

/// Whether a function of a name decodes what it is given.
pub fn decodes_by_name(name: &str) -> bool {
    has_any_word(name, DECODING)
}

/// Whether a function decodes bytes or text, as its name says.
pub fn decodes(function: &ast::Fn) -> bool {
    let green = function.syntax().green();
    let named = declared_name(green).is_some_and(decodes_by_name);
    named || {
        let item = function.syntax().parent().and_then(|it| it.parent()).and_then(ast::Impl::cast);
        let ty = item.and_then(|it| it.trait_()).map(|it| compact(it.syntax()));
        ty.is_some_and(|it| has_any_word(it.rsplit("::").next().unwrap_or(&it), DECODING))
    }
}

/// The last name of a type's path, and whether it has generic arguments.
fn base(ty: &str) -> (&str, bool) {
    let ty = ty.trim_start_matches('&').trim_start_matches("mut");
    let end = ty.find('<').unwrap_or(ty.len());
    let path = &ty[..end];
    (path.rsplit("::").next().unwrap_or(path), end < ty.len())
}

/// Whether a framework hands over what a client sent by a type, which is written without white space.
pub fn is_extractor(ty: &str) -> bool {
    let (name, has_arguments) = base(ty);
    EXTRACTORS.contains(&name) || has_arguments && GENERIC_EXTRACTORS.contains(&name)
}

/// Who chooses a value of a type that a function is given.
fn outside_of(ty: &str) -> Option<Outside> {
    if is_extractor(ty) {
        return Some(Outside::Request);
    }
    let (name, has_arguments) = base(ty);
    match name {
        // `Result<Json<T>, JsonRejection>`, `Option<Query<T>>`
        "Result" | "Option" if has_arguments => {
            let inner = ty.split_once('<').map(|(_, inner)| inner)?;
            let (first, _) = inner.split_once(',').unwrap_or((inner.strip_suffix('>')?, ""));
            outside_of(first)
        }
        _ => CONNECTIONS.contains(&name).then_some(Outside::Peer),
    }
}

/// Whether a type is that of a whole request, and not of a message in one.
fn is_whole_request(ty: &str) -> bool {
    const BODIES: &[&str] =
        &["Body", "BoxBody", "Bytes", "Incoming", "Vec<u8>", "()", "B", "ReqBody", "T"];
    let of = ty.split_once('<').and_then(|(_, inner)| inner.strip_suffix('>'));
    let is_bare = of.is_none_or(|of| BODIES.contains(&of.rsplit("::").next().unwrap_or(of)));
    match base(ty).0 {
        "Request" => is_bare,
        name => matches!(
            name,
            "Body"
                | "BodyStream"
                | "HttpRequest"
                | "Incoming"
                | "OriginalUri"
                | "Parts"
                | "Payload"
                | "ServiceRequest"
                | "Uri"
        ),
    }
}

impl Walk<'_> {
    /// Binds the parameters of a function.
    pub(super) fn parameters(&mut self, function: &ast::Fn) {
        let routed = routed_names(function);
        let params: Vec<ast::Param> =
            function.param_list().into_iter().flat_map(|it| it.params()).collect();
        let types: Vec<String> = params
            .iter()
            .map(|it| it.ty().map(|ty| compact(ty.syntax())).unwrap_or_default())
            .collect();
        let is_state = |ty: &String| matches!(base(ty), ("State" | "Extension" | "Data", true));
        self.handles =
            types.iter().any(|ty| is_state(ty) || outside_of(ty) == Some(Outside::Request));
        for (at, (param, ty)) in params.iter().zip(&types).enumerate() {
            let Some(pattern) = param.pat() else { continue };
            let name = pattern_name(&pattern);
            let is_body = self.handles
                && function.async_token().is_some()
                && (ty == "String" || base(ty) == ("Bytes", false));
            let is_fed = self.decodes && matches!(nature(ty), Some(Nature::Text));
            let outside = match outside_of(ty) {
                Some(outside) => Some(outside),
                // A path of rocket has no `..` in it.
                None if is_body || routed.contains(&name) && !ty.contains("PathBuf") => {
                    Some(Outside::Request)
                }
                None => is_fed.then_some(Outside::Author),
            };
            let sources = self.source(pattern.syntax(), &name, outside, Some(at));
            if let Some(source) = self.sources.last_mut() {
                source.is_request = is_whole_request(ty);
            }
            self.bind_source(&pattern, sources, ty);
        }
    }

    fn bind_source(&mut self, pattern: &ast::Pat, sources: u64, ty: &str) {
        let value = Value { sources, ty: Some(Type::Written(ty.into())), ..Value::default() };
        let value = match nature(ty) {
            Some(Nature::Plain) => Value::constant(),
            Some(Nature::Number(number)) => Value { number: Some(number), ..value },
            _ => value,
        };
        self.bind(pattern, value);
    }

    /// Binds a parameter of a closure, which is given a value.
    pub(super) fn closure_parameter(&mut self, param: &ast::Param, given: Value) {
        let Some(pattern) = param.pat() else { return };
        let Some(ty) = param.ty().map(|it| compact(it.syntax())) else {
            return self.bind(&pattern, given);
        };
        let outside = match outside_of(&ty) {
            None if given.written_type() == Some(FILTER) => Some(Outside::Request),
            outside => outside,
        };
        match outside {
            Some(_) if !given.is_from_source() => {
                let name = pattern_name(&pattern);
                let sources = self.source(pattern.syntax(), &name, outside, None);
                self.bind_source(&pattern, sources, &ty);
            }
            _ => self.bind(&pattern, super::bind::typed(given, &ty)),
        }
    }
}

/// The type that filters of warp are known by.
pub(super) const FILTER: &str = "warp::Filter";

/// The name by which a parameter is known: that of its pattern.
fn pattern_name(pattern: &ast::Pat) -> String {
    let mut names = pattern.syntax().descendants().filter_map(ast::IdentPat::cast);
    match (names.next().and_then(|it| it.name()), names.next()) {
        (Some(name), None) => name.text().to_string(),
        _ => "the request".to_string(),
    }
}

/// The parameters that a route fills in: `name` of `#[get("/files/<name>")]`. All of a function that
/// poem calls.
fn routed_names(function: &ast::Fn) -> Vec<String> {
    let mut names = Vec::new();
    for attr in attrs(function.syntax()) {
        let name = attr.path().and_then(|it| it.segment()).and_then(|it| it.name_ref());
        let is_handler = name.is_some_and(|it| HANDLER_ATTRIBUTES.contains(&it.text()));
        if !is_handler {
            continue;
        }
        let text = compact(attr.syntax());
        for part in text.split('<').skip(1) {
            let Some((name, _)) = part.split_once('>') else { continue };
            names.push(name.trim_end_matches("..").to_string());
        }
    }
    names
}
