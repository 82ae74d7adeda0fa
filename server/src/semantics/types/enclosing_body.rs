//! The body around a call: whether it can return a failure, and which.

use super::LocatedExpr;
use super::errors::{BodyError, Named};
use super::find_path::path_at;
use super::scope::{Scope, is_type_parameter};
use crate::project::base_name;

use crate::semantics::WorkspaceView;
use crate::semantics::type_text::arguments;
use crate::syntax::ast::{self, HasName};
use crate::syntax::fragment::macro_name;
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

/// What the nearest body returns, when `?` can return it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    Option,
    Result(BodyError),
    /// `Poll<Result<…>>`, which takes the failure of a result as well.
    Poll(BodyError),
}

/// Why `?` cannot return a failure from an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CannotReturn {
    /// The body returns nothing that could hold a failure.
    Infallible,
    /// So does `main`.
    Main,
    /// So does a method whose signature a trait gives.
    TraitMethod,
    Drop,
    /// The return type of a closure is not written.
    Closure,
    AsyncBlock,
    Constant,
    /// A macro may evaluate its arguments elsewhere.
    Macro,
    /// An attribute makes another function of the body.
    Generated,
    /// The body's error type cannot be told.
    UnknownError,
    /// The expression is in no body, or has an attribute of its own.
    NotInBody,
}

/// The nearest body around a call. Closures, `async` blocks, constants and macros that may put
/// their arguments elsewhere end the search.
pub fn body(located: &LocatedExpr, view: &WorkspaceView<'_>) -> Result<Body, CannotReturn> {
    for node in &located.around {
        match node.kind() {
            SyntaxKind::FN => {
                let function = ast::Fn::cast(node.clone()).ok_or(CannotReturn::NotInBody)?;
                return of_function(&function, located, view);
            }
            // `#[cfg(windows)] call()?;`: the attribute would be that of the call, without its `?`.
            SyntaxKind::METHOD_CALL_EXPR | SyntaxKind::TRY_EXPR | SyntaxKind::AWAIT_EXPR
                if node.children().any(|it| it.kind() == SyntaxKind::ATTR) =>
            {
                return Err(CannotReturn::NotInBody);
            }
            SyntaxKind::MACRO_CALL
                if !macro_name(node).is_some_and(|name| evaluates_in_place(&name)) =>
            {
                return Err(CannotReturn::Macro);
            }
            SyntaxKind::BLOCK_EXPR if changes_return(node) => return Err(CannotReturn::AsyncBlock),
            SyntaxKind::CLOSURE_EXPR => {
                return of_closure(node, located, view).ok_or(CannotReturn::Closure);
            }
            SyntaxKind::CONST
            | SyntaxKind::STATIC
            | SyntaxKind::VARIANT
            | SyntaxKind::CONST_ARG
            | SyntaxKind::ARRAY_TYPE
            | SyntaxKind::ATTR => return Err(CannotReturn::Constant),
            _ => {}
        }
    }
    Err(CannotReturn::NotInBody)
}

/// What a closure returns, where that is written.
fn of_closure(node: &SyntaxNode, located: &LocatedExpr, view: &WorkspaceView<'_>) -> Option<Body> {
    let closure = ast::ClosureExpr::cast(node.clone())?;
    returned(&closure.ret_type()?.ty()?, located, view)
}

fn of_function(
    function: &ast::Fn,
    located: &LocatedExpr,
    view: &WorkspaceView<'_>,
) -> Result<Body, CannotReturn> {
    if function.const_token().is_some() {
        return Err(CannotReturn::Constant);
    }
    if is_generated(function) {
        return Err(CannotReturn::Generated);
    }
    let ty = function.ret_type().and_then(|it| it.ty());
    if let Some(body) = ty.as_ref().and_then(|ty| returned(ty, located, view)) {
        return Ok(body);
    }
    let text = ty.map(|ty| compact(ty.syntax())).unwrap_or_default();
    let is_fallible = matches!(base_name(&text), "Option" | "Result" | "Poll")
        || base_name(&text).ends_with("Result");
    let of_trait = located.around.iter().find_map(|node| match node.kind() {
        SyntaxKind::IMPL => {
            Some(ast::Impl::cast(node.clone())?.trait_().map(|it| compact(it.syntax())))
        }
        SyntaxKind::TRAIT => Some(Some(String::new())),
        _ => None,
    });
    Err(match of_trait.flatten() {
        _ if is_fallible => CannotReturn::UnknownError,
        Some(name) if name == "Drop" => CannotReturn::Drop,
        Some(_) => CannotReturn::TraitMethod,
        None if function.name().is_some_and(|it| it.text() == "main") => CannotReturn::Main,
        None => CannotReturn::Infallible,
    })
}

/// Macros of attributes that put the body into a block of their own type.
fn is_generated(function: &ast::Fn) -> bool {
    crate::syntax::attrs::attrs(function.syntax()).any(|attr| {
        let text = compact(attr.syntax());
        text.contains("try_stream") || text.contains("component") || text.contains("throws")
    })
}

fn changes_return(block: &SyntaxNode) -> bool {
    ast::BlockExpr::cast(block.clone()).is_some_and(|block| {
        block.async_token().is_some()
            || block.const_token().is_some()
            || block.syntax().first_token().is_some_and(|it| matches!(it.text(), "try" | "gen"))
    })
}

/// Macros whose arguments are evaluated in the function that calls them.
pub fn evaluates_in_place(name: &str) -> bool {
    const FORMATS: &[&str] = &[
        "print", "println", "eprint", "eprintln", "format", "format_args", "write", "writeln",
        "panic", "anyhow", "bail", "ensure", "eyre",
    ];
    const STD: &[&str] = &[
        "vec", "assert", "assert_eq", "assert_ne", "debug_assert", "debug_assert_eq",
        "debug_assert_ne", "dbg", "matches",
    ];
    const EVENTS: &[&str] = &["trace", "debug", "info", "warn", "error"];
    [FORMATS, STD, EVENTS].iter().any(|names| names.contains(&name))
}

fn returned(ty: &ast::Type, located: &LocatedExpr, view: &WorkspaceView<'_>) -> Option<Body> {
    let ast::Type::PathType(_) = ty else { return None };
    returned_as(&compact(ty.syntax()), located, view)
}

fn returned_as(text: &str, located: &LocatedExpr, view: &WorkspaceView<'_>) -> Option<Body> {
    let scope =
        Scope { symbols: view.symbols, file: &view.file.path, imports: Some(&located.imports) };
    if let [inner] = arguments(text).as_slice()
        && base_name(text) == "Poll"
        && scope.resolve(text.split('<').next()?).starts_with("std::task::")
    {
        let polled =
            if base_name(inner) == "Option" { arguments(inner).first().copied()? } else { inner };
        return match returned_as(polled, located, view)? {
            Body::Result(error) => Some(Body::Poll(error)),
            Body::Option | Body::Poll(_) => None,
        };
    }
    let text = text.to_string();
    let (text, within) = match is_declared_option(&text, located) {
        true => return None,
        false => scope.expanded(&text),
    };
    let path = text.split('<').next().unwrap_or(&text);
    let resolved = within.resolve(path);
    let given = arguments(&text);
    match resolved.as_str() {
        "Option" | "std::option::Option" => return Some(Body::Option),
        "std::io::Result"
        | "tokio::io::Result"
        | "async_std::io::Result"
        | "futures::io::Result" => return Some(Body::Result(BodyError::Io)),
        "std::fmt::Result" => return Some(Body::Result(BodyError::Fmt)),
        _ => {}
    }
    if given.len() <= 1
        && let Some(report) = resolved.strip_suffix("::Result").and_then(report_of)
    {
        return Some(Body::Result(report));
    }
    // `some_crate::Result<T>`, as crates name it.
    if let ([_], Some((module, "Result"))) = (given.as_slice(), resolved.rsplit_once("::"))
        && module.starts_with(char::is_lowercase)
        && !["crate", "super", "self"].iter().any(|it| module.starts_with(it))
    {
        return Some(Body::Result(BodyError::Foreign(format!("{module}::Error"))));
    }
    if base_name(&resolved) == "Result"
        && let [_, error] = given.as_slice()
    {
        let here = within.file == scope.file;
        if let Some(own) = associated(error, located).filter(|_| here) {
            return error_of(&own, scope, located, view).map(Body::Result);
        }
        return error_of(error, if here { scope } else { within }, located, view).map(Body::Result);
    }
    None
}

/// What `Self::Error` is in the `impl` around.
fn associated(error: &str, located: &LocatedExpr) -> Option<String> {
    let name = error.strip_prefix("Self::")?;
    let item = located.around.iter().cloned().find_map(ast::Impl::cast)?;
    item.assoc_item_list()?.assoc_items().find_map(|item| match item {
        ast::AssocItem::TypeAlias(it) if it.name()?.text() == name => {
            Some(compact(it.ty()?.syntax()))
        }
        _ => None,
    })
}

fn is_declared_option(text: &str, located: &LocatedExpr) -> bool {
    text.starts_with("Option<") && located.declares("Option")
}

/// The error of a crate's results that take any other error in, by the path of the crate.
fn report_of(module: &str) -> Option<BodyError> {
    match module {
        "anyhow" => Some(BodyError::Anyhow),
        "eyre" => Some(BodyError::Eyre("eyre")),
        "color_eyre" | "color_eyre::eyre" => Some(BodyError::Eyre("color_eyre::eyre")),
        "miette" => Some(BodyError::Miette),
        _ => None,
    }
}

/// The error of a body's result, from the type as it is written in `scope`.
fn error_of(
    error: &str,
    scope: Scope<'_>,
    located: &LocatedExpr,
    view: &WorkspaceView<'_>,
) -> Option<BodyError> {
    if let Some(inner) = error.strip_prefix("Box<dyn").and_then(|it| it.strip_suffix('>')) {
        let first = inner.split('+').next().unwrap_or(inner);
        return (base_name(first) == "Error" || base_name(first) == "StdError")
            .then_some(BodyError::Boxed);
    }
    if let Some(inner) = error.strip_prefix("Box<").and_then(|it| it.strip_suffix('>')) {
        let boxed = scope.resolve(inner);
        return (boxed == "rhai::EvalAltResult")
            .then(|| BodyError::Foreign(format!("Box<{boxed}>")));
    }
    let resolved = scope.resolve(error);
    if let Some((module, "Error" | "Report")) = resolved.rsplit_once("::")
        && let Some(report) = report_of(module)
    {
        return Some(report);
    }
    match resolved.as_str() {
        "std::io::Error" => return Some(BodyError::Io),
        "std::fmt::Error" => return Some(BodyError::Fmt),
        "()" => return Some(BodyError::Unit),
        "String" | "std::string::String" => return Some(BodyError::Text),
        _ => {}
    }
    let plain = |text: &str| text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == ':');
    let without_generics = error.split('<').next().unwrap_or(error);
    let only_lifetimes = arguments(error).iter().all(|it| it.starts_with('\''));
    if !plain(without_generics) || !only_lifetimes {
        return None;
    }
    if error.starts_with("Self") || is_type_parameter(error, &located.around) {
        return None;
    }
    if let Some((file, def)) = scope.type_def(without_generics) {
        let of = Named { name: def.name.clone(), file: file.to_string() };
        let written = path_at(without_generics, &of, scope, located, view);
        return Some(BodyError::Named { of, written });
    }
    let is_foreign = resolved.contains("::")
        && resolved.starts_with(char::is_lowercase)
        && !["crate::", "super::", "self::"].iter().any(|it| resolved.starts_with(it));
    is_foreign.then_some(BodyError::Foreign(resolved))
}
