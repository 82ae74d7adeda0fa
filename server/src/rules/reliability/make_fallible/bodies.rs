//! The body around a call: whether it can return a failure, and which.

use super::errors::{BodyError, Named, definition};
use super::names::Scope;
use super::site::Site;
use super::why_not::WhyNot;
use crate::analysis::FixContext;
use crate::semantics::type_text::{arguments, base};
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

/// The nearest body around a call. Closures, `async` blocks, constants and macros that may put
/// their arguments elsewhere end the search.
pub fn body(site: &Site, fix: &FixContext<'_>) -> Result<Body, WhyNot> {
    for node in &site.around {
        match node.kind() {
            SyntaxKind::FN => {
                let function = ast::Fn::cast(node.clone()).ok_or(WhyNot::Place)?;
                return of_function(&function, site, fix);
            }
            // `#[cfg(windows)] call()?;`: the attribute would be that of the call, without its `?`.
            SyntaxKind::METHOD_CALL_EXPR | SyntaxKind::TRY_EXPR | SyntaxKind::AWAIT_EXPR
                if node.children().any(|it| it.kind() == SyntaxKind::ATTR) =>
            {
                return Err(WhyNot::Place);
            }
            SyntaxKind::MACRO_CALL
                if !macro_name(node).is_some_and(|name| evaluates_in_place(&name)) =>
            {
                return Err(WhyNot::Macro);
            }
            SyntaxKind::BLOCK_EXPR if changes_return(node) => return Err(WhyNot::AsyncBlock),
            SyntaxKind::CLOSURE_EXPR => return of_closure(node, site, fix).ok_or(WhyNot::Closure),
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

/// What a closure returns, where that is written.
fn of_closure(node: &SyntaxNode, site: &Site, fix: &FixContext<'_>) -> Option<Body> {
    let closure = ast::ClosureExpr::cast(node.clone())?;
    returned(&closure.ret_type()?.ty()?, site, fix)
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
    let is_fallible =
        matches!(base(&text), "Option" | "Result" | "Poll") || base(&text).ends_with("Result");
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

fn returned(ty: &ast::Type, site: &Site, fix: &FixContext<'_>) -> Option<Body> {
    let ast::Type::PathType(_) = ty else { return None };
    returned_as(&compact(ty.syntax()), site, fix)
}

fn returned_as(text: &str, site: &Site, fix: &FixContext<'_>) -> Option<Body> {
    let scope = Scope { symbols: fix.symbols, file: &fix.file.path, imports: Some(&site.imports) };
    if let [inner] = arguments(text).as_slice()
        && base(text) == "Poll"
        && scope.resolve(text.split('<').next()?).starts_with("std::task::")
    {
        let polled =
            if base(inner) == "Option" { arguments(inner).first().copied()? } else { inner };
        return match returned_as(polled, site, fix)? {
            Body::Result(error) => Some(Body::Poll(error)),
            Body::Option | Body::Poll(_) => None,
        };
    }
    let text = text.to_string();
    let (text, within) = match is_declared_option(&text, site) {
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
    if base(&resolved) == "Result"
        && let [_, error] = given.as_slice()
    {
        let here = within.file == scope.file;
        if let Some(own) = associated(error, site).filter(|_| here) {
            return error_of(&own, scope, site, fix).map(Body::Result);
        }
        return error_of(error, if here { scope } else { within }, site, fix).map(Body::Result);
    }
    None
}

/// What `Self::Error` is in the `impl` around.
fn associated(error: &str, site: &Site) -> Option<String> {
    let name = error.strip_prefix("Self::")?;
    let item = site.around.iter().cloned().find_map(ast::Impl::cast)?;
    item.assoc_item_list()?.assoc_items().find_map(|item| match item {
        ast::AssocItem::TypeAlias(it) if it.name()?.text() == name => {
            Some(compact(it.ty()?.syntax()))
        }
        _ => None,
    })
}

fn is_declared_option(text: &str, site: &Site) -> bool {
    text.starts_with("Option<") && site.declares("Option")
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
fn error_of(error: &str, scope: Scope<'_>, site: &Site, fix: &FixContext<'_>) -> Option<BodyError> {
    if let Some(inner) = error.strip_prefix("Box<dyn").and_then(|it| it.strip_suffix('>')) {
        let first = inner.split('+').next().unwrap_or(inner);
        return (base(first) == "Error" || base(first) == "StdError").then_some(BodyError::Boxed);
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
    if error.starts_with("Self") || is_parameter(error, &site.around) {
        return None;
    }
    if let Some((file, def)) = scope.type_def(without_generics) {
        let of = Named { name: def.name.clone(), file: file.to_string() };
        let written = written(without_generics, &of, scope, site, fix);
        return Some(BodyError::Named { of, written });
    }
    let is_foreign = resolved.contains("::")
        && resolved.starts_with(char::is_lowercase)
        && !["crate::", "super::", "self::"].iter().any(|it| resolved.starts_with(it));
    is_foreign.then_some(BodyError::Foreign(resolved))
}

/// How a type of the workspace can be written at a place of any file.
pub fn named_at(of: &Named, site: &Site, fix: &FixContext<'_>) -> Option<String> {
    let declared = Scope { symbols: fix.symbols, file: &of.file, imports: None };
    written(&of.name, of, declared, site, fix)
}

/// How an error type can be written where the call stands.
fn written(
    text: &str,
    of: &Named,
    scope: Scope<'_>,
    site: &Site,
    fix: &FixContext<'_>,
) -> Option<String> {
    if scope.imports.is_some() {
        return Some(text.to_string());
    }
    let here = Scope { symbols: fix.symbols, file: &fix.file.path, imports: Some(&site.imports) };
    let is_it = |path: &str| {
        let found = here.type_def(path);
        found.is_some_and(|(file, def)| file == of.file && def.name == of.name)
    };
    if (site.declares(&of.name) && of.file == fix.file.path)
        || site.imports.path_of(&of.name).is_some() && is_it(&of.name)
    {
        return Some(of.name.clone());
    }
    // Modules at the root of a crate are in view everywhere in it.
    let (folder, root) = crate_root(&fix.file.path, fix)?;
    let (of_folder, of_root) = crate_root(&of.file, fix)?;
    if (&folder, &root) != (&of_folder, &of_root) {
        return None;
    }
    let def = definition(of, fix.symbols).filter(|it| it.within.is_empty())?;
    let inside = of.file.strip_prefix(&folder)?;
    // What the root imports or exports is in view as well, by its own name where all of the root is
    // imported.
    let there = here.of(&root).type_def(&of.name);
    if fix.symbols.outcome_import(&root, &of.name).is_some()
        && there.is_some_and(|(file, it)| file == of.file && it.name == of.name)
    {
        let free = site.imports.path_of(&of.name).is_none() && !site.declares(&of.name);
        let is_top = !fix.file.path.strip_prefix(&folder)?.contains('/');
        let outer = site.items().is_some_and(|it| it.kind() == SyntaxKind::SOURCE_FILE);
        let all = |it: &str| it == "crate" || it == "super" && is_top && outer;
        return Some(match free && site.imports.globs().any(all) {
            true => of.name.clone(),
            false => format!("crate::{}", of.name),
        });
    }
    match inside {
        "lib.rs" | "main.rs" => Some(format!("crate::{}", def.name)),
        _ => {
            let module = inside.strip_suffix("/mod.rs").or_else(|| inside.strip_suffix(".rs"))?;
            (!module.contains('/') && (def.public || def.crate_wide))
                .then(|| format!("crate::{module}::{}", def.name))
        }
    }
}

/// The folder of the sources of the crate that a file is part of, with a slash at its end, and the
/// root of the crate.
pub fn crate_root(file: &str, fix: &FixContext<'_>) -> Option<(String, String)> {
    let package = &fix.symbols.packages().owner(file)?.folder;
    let folder = format!("{package}/src/").trim_start_matches('/').to_string();
    let inside = file.strip_prefix(&folder)?;
    let top = inside.split('/').next()?.trim_end_matches(".rs");
    let roots = ["lib.rs", "main.rs"].map(|name| format!("{folder}{name}"));
    let root = roots.into_iter().find(|root| {
        let declared = fix.symbols.file(root);
        root == file || declared.is_some_and(|it| it.modules().any(|it| it.name == top))
    })?;
    Some((folder, root))
}

/// Whether a name is that of a generic parameter of the function or of its `impl`.
pub fn is_parameter(name: &str, around: &[SyntaxNode]) -> bool {
    around
        .iter()
        .filter(|node| matches!(node.kind(), SyntaxKind::FN | SyntaxKind::IMPL | SyntaxKind::TRAIT))
        .flat_map(|node| node.children().filter_map(ast::GenericParamList::cast))
        .flat_map(|list| list.generic_params())
        .any(|parameter| match parameter {
            ast::GenericParam::TypeParam(it) => it.name().is_some_and(|it| it.text() == name),
            _ => false,
        })
}
