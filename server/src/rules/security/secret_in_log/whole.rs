//! Values that are no secrets themselves and have some in them: settings, forms, the headers of a
//! request.

use super::LogPlace;
use super::access::Access;
use super::values::PrintedValue;
use crate::analysis::{Confidence, Context, Report, Severity};
use crate::project::{Dump, SymbolIndex, base_name};
use crate::semantics::secrets::{Output, SecretKind, SecretNames, TypeContent, secret_in_output};
use crate::semantics::value_type::{ValueType, success_type};
use crate::syntax::SyntaxNode;
use crate::syntax::names::has_any_word;

/// Crates whose requests have headers.
const HTTP_CRATES: &[&str] = &[
    "actix_http", "actix_web", "axum", "http", "hyper", "poem", "reqwest", "rocket", "salvo",
    "tide", "tonic", "tower_http", "ureq", "warp",
];

/// Reports a value that is printed as a whole, reached by `access`.
pub fn check(
    call: &SyntaxNode,
    value: &PrintedValue,
    access: &Access,
    place: &LogPlace,
    cx: &mut Context<'_>,
) {
    let name = value.access.name().to_string();
    let debug = value.is_debug();
    if let Access::Entry(_) | Access::Composed(_) = access {
        return;
    }
    let is_const = !name.chars().any(char::is_lowercase);
    if is_const {
        return;
    }
    let names = cx.file().secret_names.clone();
    let printer = place.printer.clone();
    let is_command =
        move |symbols: &SymbolIndex| printer.as_ref().is_some_and(|it| it.is_command(symbols));
    let from = cx.file().path.clone();
    let new = |message: String| {
        Report::new(value.range, message)
            .severity(place.sink.severity(place.serves, SecretKind::Other, ""))
            .confidence(Confidence::Likely)
    };
    if debug && has_request_headers(access, call, cx) {
        let message = format!("debug output of `{name}` includes `Authorization` and cookies");
        // Which headers there are depends on who asks.
        let report = new(message).severity(Severity::Medium);
        cx.report(call, report.when(move |symbols| !is_command(symbols)));
        return;
    }
    let ty = |access: &Access, cx: &Context<'_>| access.value_type(cx, call);
    let (message, written) = match access {
        Access::Written(inner, output) => {
            let Some(ty) = ty(inner, cx) else { return };
            let name = inner.name();
            let message = format!("`{name}` is written out with the secrets in its fields");
            (message, Written::Value(ty, *output))
        }
        Access::Method(method, receiver) => {
            let owner = receiver.as_ref().and_then(|it| ty(it, cx));
            let returned = ty(access, cx).filter(|_| debug);
            let message = format!("output of `{method}` includes the secrets in the fields");
            (message, Written::ByMethod { method: method.clone(), owner, returned })
        }
        _ if debug => {
            let Some(ty) = ty(access, cx) else { return };
            let message = format!("debug output of `{name}` includes the secrets in its fields");
            (message, Written::Value(ty, Output::Debug))
        }
        _ => return,
    };
    let report = new(message).when(move |symbols| {
        let view = View { symbols, from: &from, names: &names };
        view.shows(&written) && !is_command(symbols)
    });
    cx.report(call, report);
}

/// A value that is written as a whole.
enum Written {
    /// By what its type derives.
    Value(ValueType, Output),
    /// By a method, which may return it or make a text of what it is called on.
    ByMethod { method: String, owner: Option<ValueType>, returned: Option<ValueType> },
}

/// What the workspace declares, as the file of the finding sees it.
struct View<'a> {
    symbols: &'a SymbolIndex,
    from: &'a str,
    names: &'a SecretNames,
}

impl View<'_> {
    fn shows(&self, written: &Written) -> bool {
        match written {
            Written::Value(ty, output) => self.has_secret(ty, *output),
            Written::ByMethod { method, owner, returned } => {
                let shows_returned =
                    || returned.as_ref().is_some_and(|it| self.has_secret(it, Output::Debug));
                self.is_dumped(method, owner) || shows_returned()
            }
        }
    }

    /// Whether writing a value of a type shows a secret, whichever of the declared types it has.
    fn has_secret(&self, ty: &ValueType, output: Output) -> bool {
        let types = ty.resolve(self.symbols, self.from);
        !types.is_empty() && types.iter().all(|ty| self.shows_secret(success_type(ty), output))
    }

    fn shows_secret(&self, ty: &str, output: Output) -> bool {
        secret_in_output(self.symbols, self.from, ty, output, self.names).is_some()
    }

    /// Whether a method makes a text of a whole value that has a secret in it.
    fn is_dumped(&self, method: &str, owner: &Option<ValueType>) -> bool {
        let owners = owner.as_ref().map(|it| it.resolve(self.symbols, self.from));
        let named = owners.unwrap_or_default().into_iter().map(|ty| match TypeContent::of(&ty) {
            TypeContent::Named(name) => Some(name),
            _ => None,
        });
        let owners: Vec<Option<String>> = named.collect();
        let functions = self.symbols.functions_in_view(self.from, method);
        let mut functions = functions
            .filter(|it| it.has_self && (owners.is_empty() || owners.contains(&it.owner)))
            .peekable();
        functions.peek().is_some()
            && functions.all(|function| {
                let output = match function.facts.dump {
                    Some(Dump::Debug) => Output::Debug,
                    Some(Dump::Serialize) => Output::Serialize,
                    None => return false,
                };
                function.owner.as_deref().is_some_and(|owner| self.shows_secret(owner, output))
            })
    }
}

/// Whether a value is the headers of a request, or a request whose `Debug` shows them.
fn has_request_headers(access: &Access, call: &SyntaxNode, cx: &mut Context<'_>) -> bool {
    let of_response = |name: &str| has_any_word(name, &["reply", "res", "resp", "response"]);
    let of_request = |name: &str| has_any_word(name, &["parts", "req", "request"]);
    if of_response(access.name()) {
        return false;
    }
    if let Access::Method(method, receiver) = access
        && (method == "headers" || method == "metadata" && cx.file().depends_on("tonic"))
    {
        let of_name = receiver.as_ref().is_some_and(|it| of_request(it.name()));
        let ty = receiver.as_ref().and_then(|it| it.value_type(cx, call));
        return of_name || ty.is_some_and(|ty| is_http_type(&ty, &["Request", "HttpRequest"], cx));
    }
    if let Access::Field(path) = access
        && let [.., owner, field] = path.as_slice()
        && field == "headers"
    {
        return of_request(owner);
    }
    let ty = access.value_type(cx, call);
    ty.is_some_and(|ty| is_http_type(&ty, &["HeaderMap", "HttpRequest", "Request"], cx))
}

/// Whether a type is one of `list`, of a crate for HTTP.
fn is_http_type(ty: &ValueType, list: &[&str], cx: &mut Context<'_>) -> bool {
    let ValueType::Written(ty) = ty else { return false };
    let ty = ty.trim_start_matches(['&', ' ']).trim_start_matches("mut ").trim();
    if !list.contains(&base_name(ty)) {
        return false;
    }
    let path = ty.split('<').next().unwrap_or(ty).trim().to_string();
    let resolved = cx.resolve(&path);
    resolved.split("::").next().is_some_and(|root| HTTP_CRATES.contains(&root))
}
