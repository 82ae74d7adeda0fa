//! The body around a call: whether it can return a failure, and which.

use super::errors::{BodyError, arguments, base};
use super::site::Site;
use super::why_not::WhyNot;
use crate::analysis::FixContext;
use crate::syntax::ast::{self, HasName};
use crate::syntax::fragment::macro_name;
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

/// What the nearest body returns, when `?` can return it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    Option,
    Result(BodyError),
}

/// The nearest body around a call. Closures, `async` blocks, constants and macros that may put
/// their arguments elsewhere end the search.
pub fn body(site: &Site, fix: &FixContext<'_>) -> Result<Body, WhyNot> {
    for node in &site.around {
        match node.kind() {
            SyntaxKind::FN => {
                let function = ast::Fn::cast(node.clone()).ok_or(WhyNot::Place)?;
                return of_function(&function, site, fix);
            }
            SyntaxKind::MACRO_CALL
                if !macro_name(node).is_some_and(|name| evaluates_in_place(&name)) =>
            {
                return Err(WhyNot::Macro);
            }
            SyntaxKind::BLOCK_EXPR if changes_return(node) => return Err(WhyNot::AsyncBlock),
            SyntaxKind::CLOSURE_EXPR => return Err(WhyNot::Closure),
            SyntaxKind::CONST
            | SyntaxKind::STATIC
            | SyntaxKind::VARIANT
            | SyntaxKind::CONST_ARG
            | SyntaxKind::ARRAY_TYPE
            | SyntaxKind::ATTR => return Err(WhyNot::Constant),
            _ => {}
        }
    }
    Err(WhyNot::Place)
}

fn of_function(function: &ast::Fn, site: &Site, fix: &FixContext<'_>) -> Result<Body, WhyNot> {
    if function.const_token().is_some() {
        return Err(WhyNot::Constant);
    }
    if is_generated(function) {
        return Err(WhyNot::Generated);
    }
    let ty = function.ret_type().and_then(|it| it.ty());
    if let Some(body) = ty.as_ref().and_then(|ty| returned(ty, site, fix)) {
        return Ok(body);
    }
    let text = ty.map(|ty| compact(ty.syntax())).unwrap_or_default();
    let is_fallible = matches!(base(&text), "Option" | "Result") || base(&text).ends_with("Result");
    let of_trait = site.around.iter().find_map(|node| match node.kind() {
        SyntaxKind::IMPL => {
            Some(ast::Impl::cast(node.clone())?.trait_().map(|it| compact(it.syntax())))
        }
        SyntaxKind::TRAIT => Some(Some(String::new())),
        _ => None,
    });
    Err(match of_trait.flatten() {
        _ if is_fallible => WhyNot::BodyError,
        Some(name) if name == "Drop" => WhyNot::Drop,
        Some(_) => WhyNot::TraitMethod,
        None if function.name().is_some_and(|it| it.text() == "main") => WhyNot::Main,
        None => WhyNot::Infallible,
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
fn evaluates_in_place(name: &str) -> bool {
    matches!(
        name,
        "print"
            | "println"
            | "eprint"
            | "eprintln"
            | "format"
            | "write"
            | "writeln"
            | "vec"
            | "assert"
            | "assert_eq"
            | "assert_ne"
            | "debug_assert"
            | "dbg"
            | "panic"
            | "anyhow"
            | "bail"
            | "ensure"
            | "eyre"
            | "matches"
    )
}

fn returned(ty: &ast::Type, site: &Site, fix: &FixContext<'_>) -> Option<Body> {
    let ast::Type::PathType(_) = ty else { return None };
    let text = compact(ty.syntax());
    let path = text.split('<').next().unwrap_or(&text).to_string();
    let resolved = site.imports.resolve(&path);
    match resolved.as_str() {
        "Option" | "std::option::Option" if !site.declares("Option") => {
            return Some(Body::Option);
        }
        "anyhow::Result" if arguments(&text).len() <= 1 => {
            return Some(Body::Result(BodyError::Anyhow));
        }
        "eyre::Result" if arguments(&text).len() <= 1 => {
            return Some(Body::Result(BodyError::Eyre("eyre")));
        }
        "color_eyre::Result" | "color_eyre::eyre::Result" if arguments(&text).len() <= 1 => {
            return Some(Body::Result(BodyError::Eyre("color_eyre::eyre")));
        }
        "std::io::Result" => return Some(Body::Result(BodyError::Io)),
        _ => {}
    }
    let arguments = arguments(&text);
    if base(&path) == "Result"
        && let [_, error] = arguments.as_slice()
    {
        return error_type(error, Some(error), site).map(Body::Result);
    }
    // An alias: its name, where it stands, and its target must leave no doubt.
    let mut aliases = fix
        .facts
        .aliases(base(&path))
        .filter(|(file, _)| !fix.facts.module(file).is_some_and(|module| module.test_only));
    let ((file, target), None) = (aliases.next()?, aliases.next()) else { return None };
    let local = resolved.starts_with("crate::")
        || resolved.starts_with("super::")
        || file == fix.file.path && site.declares(base(&path));
    let globbed = site.imports.globs().any(|it| it.starts_with("crate") || it.starts_with("super"));
    if !(local || globbed && site.imports.path_of(&path).is_none()) {
        return None;
    }
    let target_arguments = super::errors::arguments(target);
    let head = target.split('<').next().unwrap_or(target);
    if head == "anyhow::Result" {
        return Some(Body::Result(BodyError::Anyhow));
    }
    let [_, error] = target_arguments.as_slice() else { return None };
    let written = (file == fix.file.path && site.declares(base(error))).then_some(*error);
    error_type(error, written, site).map(Body::Result)
}

/// The error of a body's result, from the type as it is written. `written` is how it can be named
/// where the call stands.
fn error_type(error: &str, written: Option<&str>, site: &Site) -> Option<BodyError> {
    if let Some(inner) = error.strip_prefix("Box<dyn").and_then(|it| it.strip_suffix('>')) {
        let first = inner.split('+').next().unwrap_or(inner);
        return (base(first) == "Error" || base(first) == "StdError").then_some(BodyError::Boxed);
    }
    let resolved = site.imports.resolve(error);
    match resolved.as_str() {
        "anyhow::Error" => return Some(BodyError::Anyhow),
        "eyre::Report" | "eyre::Error" => return Some(BodyError::Eyre("eyre")),
        "color_eyre::Report" | "color_eyre::eyre::Report" => {
            return Some(BodyError::Eyre("color_eyre::eyre"));
        }
        "std::io::Error" => return Some(BodyError::Io),
        "String" | "std::string::String" => return Some(BodyError::Text),
        _ => {}
    }
    let plain = |text: &str| text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == ':');
    if !plain(error) || error.starts_with("Self") || is_parameter(error, site) {
        return None;
    }
    let foreign = resolved.contains("::")
        && !["crate::", "super::", "self::"].iter().any(|it| resolved.starts_with(it));
    if foreign && !site.declares(error.split("::").next().unwrap_or(error)) {
        return None;
    }
    Some(BodyError::Named {
        name: base(&resolved).to_string(),
        written: written.map(str::to_string),
    })
}

/// Whether a name is that of a generic parameter of the function or of its `impl`.
fn is_parameter(name: &str, site: &Site) -> bool {
    site.around
        .iter()
        .filter(|node| matches!(node.kind(), SyntaxKind::FN | SyntaxKind::IMPL | SyntaxKind::TRAIT))
        .flat_map(|node| node.children().filter_map(ast::GenericParamList::cast))
        .flat_map(|list| list.generic_params())
        .any(|parameter| match parameter {
            ast::GenericParam::TypeParam(it) => it.name().is_some_and(|it| it.text() == name),
            _ => false,
        })
}
