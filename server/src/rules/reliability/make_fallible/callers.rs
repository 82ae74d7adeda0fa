//! Who calls a function, and whether that can take a failure on.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::bodies::{Body, body, evaluates_in_place};
use super::errors::BodyError;
use super::site::Site;
use super::spot::Spot;
use super::target::{Target, Use, loose_use_of};
use super::whose::use_of;
use super::why_not::WhyNot;
use crate::analysis::FixContext;
use crate::project::{Package, Role};
use crate::semantics::{FileContext, WorkspaceView};
use crate::syntax::ast::{self, HasAttrs, HasName, HasVisibility};
use crate::syntax::attrs::{attrs, marks_test_code};
use crate::syntax::fragment::macro_name;
use crate::syntax::imports::compact;
use crate::syntax::lines::indent_before;
use crate::syntax::tokens::token_after;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode, SyntaxToken};
use crate::text::TextSize;

/// In larger packages nobody looks for callers.
const MAX_FILES: usize = 400;

/// A place that calls a function.
pub struct Call {
    pub path: String,
    /// Where the call, or its `.await`, ends.
    pub end: TextSize,
    /// The indent of the line on which a call of several lines ends.
    pub indent: Option<String>,
    pub by: Caller,
}

pub enum Caller {
    /// Test code, which may panic.
    Test,
    /// A body that returns an `Option`.
    Absent,
    /// A body that returns failures.
    Fallible(Fallible),
    /// One that can be changed.
    Infallible(ast::Fn),
}

/// A body that returns failures.
pub struct Fallible {
    pub error: BodyError,
    pub function: ast::Fn,
}

/// The files of the workspace.
pub struct Sources<'a> {
    fix: &'a FixContext<'a>,
    parsed: RefCell<BTreeMap<String, Option<Rc<Source>>>>,
}

pub struct Source {
    pub file: FileContext,
    pub root: SyntaxNode,
}

impl<'a> Sources<'a> {
    pub fn new(fix: &'a FixContext<'a>) -> Self {
        Self { fix, parsed: RefCell::default() }
    }

    pub fn parsed(&self, path: &str) -> Option<Rc<Source>> {
        let mut parsed = self.parsed.borrow_mut();
        let source = parsed.entry(path.to_string()).or_insert_with(|| {
            let file = match path == self.fix.file.path {
                true => self.fix.file.clone(),
                false => FileContext::new(path, self.fix.symbols.packages(), &self.fix.file.config),
            };
            let root = self.fix.root_of(path, file.edition)?;
            Some(Rc::new(Source { file, root }))
        });
        source.clone()
    }

    /// What a fix sees of another file.
    pub fn context<'s>(&'s self, source: &'s Source) -> FixContext<'s> {
        FixContext::new(WorkspaceView {
            file: &source.file,
            root: &source.root,
            symbols: self.fix.symbols,
            files: self.fix.files,
            roots: Rc::clone(&self.fix.roots),
        })
    }

    /// All calls of a function.
    ///
    /// # Errors
    ///
    /// Says why not all uses of its name are known to be calls that can take a failure on.
    pub fn callers(&self, target: &Target) -> Result<Vec<Call>, WhyNot> {
        if !can_change(&target.node) {
            return Err(WhyNot::Settled);
        }
        let symbols = self.fix.symbols;
        let package = symbols.packages().owner(&target.path).ok_or(WhyNot::Exported)?.clone();
        if target.name == "main" && is_root_item(&target.node) {
            let is_program = package.is_crate_root(&target.path);
            return if is_program { Ok(Vec::new()) } else { Err(WhyNot::Settled) };
        }
        let is_public = target.node.visibility().is_some_and(|it| compact(it.syntax()) == "pub");
        if is_public && package.has_lib && self.is_exported(target) && self.is_published(&package) {
            return Err(WhyNot::Exported);
        }
        let is_near = |file: &&str| {
            is_public
                || symbols.packages().owner(file).is_some_and(|it| it.folder == package.folder)
        };
        let files: Vec<&str> = symbols.files().filter(is_near).take(MAX_FILES + 1).collect();
        if files.len() > MAX_FILES {
            return Err(WhyNot::TooMany);
        }
        let mut calls = Vec::new();
        let mut names = vec![target.name.clone()];
        let mut at = 0;
        while let Some(name) = names.get(at).cloned() {
            for file in &files {
                self.add_calls(file, &name, target, &mut calls, &mut names)?;
            }
            at += 1;
        }
        Ok(calls)
    }

    /// Adds the calls by a name in a file, and the other names that imports there give.
    fn add_calls(
        &self,
        path: &str,
        name: &str,
        target: &Target,
        calls: &mut Vec<Call>,
        names: &mut Vec<String>,
    ) -> Result<(), WhyNot> {
        let text = self.fix.text_of(path).ok_or(WhyNot::Untold)?;
        let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        for at in memchr::memmem::find_iter(text.as_bytes(), name) {
            let (before, after) = text.split_at(at);
            let behind = after.get(name.len()..).unwrap_or_default();
            if is_part(before.chars().next_back()) || is_part(behind.chars().next()) {
                continue;
            }
            let source = self.parsed(path).ok_or(WhyNot::Untold)?;
            let offset = TextSize::try_from(at).map_err(|_| WhyNot::Untold)?;
            let Some(token) = token_after(&source.root, offset) else { continue };
            // `#[serde(default = "default_port")]`
            if token.kind() == SyntaxKind::STRING && names_in_attribute(&token, name) {
                return Err(WhyNot::Value);
            }
            if token.kind() != SyntaxKind::IDENT || token.text() != name {
                continue;
            }
            let context = self.context(&source);
            let Some(spot) = Spot::new(&token, source.file.edition) else {
                match loose_use_of(target, &token) {
                    Use::Unrelated => continue,
                    _ => return Err(WhyNot::Untold),
                }
            };
            match use_of(target, &spot, &context) {
                Use::Unrelated => {}
                Use::Call(call) => calls.push(self.call(target, &spot, &call, &context)?),
                Use::Renamed(other) if names.contains(&other) => {}
                Use::Renamed(other) => names.push(other),
                Use::Value => return Err(WhyNot::Value),
                Use::Unclear => return Err(WhyNot::Untold),
            }
        }
        Ok(())
    }

    /// Whether code that is not in the workspace may use a package.
    fn is_published(&self, package: &Package) -> bool {
        let manifest = self.fix.toml_of(&package.manifest());
        let publish = manifest.and_then(|it| it.get("package")?.get("publish")?.as_bool());
        publish != Some(false)
    }

    /// Whether code outside the workspace can call a function that is `pub`.
    fn is_exported(&self, target: &Target) -> bool {
        let symbols = self.fix.symbols;
        let within: Vec<String> = crate::project::modules_around(target.node.syntax());
        match &target.owner {
            Some(owner) => symbols.is_exported_type(&target.path, owner),
            None => symbols.is_exported(&target.path, &within, &target.name),
        }
    }

    /// A call, with what the body around it can do with a failure.
    fn call(
        &self,
        target: &Target,
        spot: &Spot,
        call: &SyntaxNode,
        fix: &FixContext<'_>,
    ) -> Result<Call, WhyNot> {
        let whole = match target.is_async() {
            // A future that is not awaited where it is made.
            true => call
                .parent()
                .filter(|it| it.kind() == SyntaxKind::AWAIT_EXPR)
                .ok_or(WhyNot::Value)?,
            false => call.clone(),
        };
        if whole.children().chain(call.children()).any(|it| it.kind() == SyntaxKind::ATTR) {
            return Err(WhyNot::Caller);
        }
        let by = self.caller(spot, call, fix)?;
        let end = spot.end(&whole);
        let is_long = whole.text().contains_char('\n');
        let indent = is_long.then(|| indent_before(fix.root, end));
        Ok(Call { path: fix.file.path.clone(), end, indent, by })
    }

    /// What the body around a call can do with a failure.
    fn caller(
        &self,
        spot: &Spot,
        call: &SyntaxNode,
        fix: &FixContext<'_>,
    ) -> Result<Caller, WhyNot> {
        let path = &fix.file.path;
        let is_test = fix.file.role == Role::Test
            || self.fix.symbols.module(path).is_some_and(|it| it.test_only)
            || spot.around.iter().any(marks_test_code);
        if is_test {
            let mut macros = spot.around.iter().filter(|it| it.kind() == SyntaxKind::MACRO_CALL);
            let in_place = macros.all(|it| {
                macro_name(it)
                    .is_some_and(|name| evaluates_in_place(&name) || name.starts_with("assert"))
            });
            return if in_place { Ok(Caller::Test) } else { Err(WhyNot::Caller) };
        }
        let around: Vec<SyntaxNode> =
            spot.around.iter().skip_while(|it| *it != call).cloned().collect();
        let function = around.iter().find_map(|it| ast::Fn::cast(it.clone()));
        let expr = ast::Expr::cast(call.clone());
        let (Some(function), Some(expr)) = (function, expr) else { return Err(WhyNot::Caller) };
        // What a closure returns is not what the function does.
        let mut within = around.iter().take_while(|it| *it != function.syntax());
        if within.any(|it| it.kind() == SyntaxKind::CLOSURE_EXPR) {
            return Err(WhyNot::Caller);
        }
        let site = Site::of(expr, around, spot.imports());
        match body(&site, fix) {
            Ok(Body::Option) => Ok(Caller::Absent),
            Ok(Body::Result(error)) => Ok(Caller::Fallible(Fallible { error, function })),
            Err(WhyNot::Infallible | WhyNot::Main) => Ok(Caller::Infallible(function)),
            Ok(Body::Poll(_)) | Err(_) => Err(WhyNot::Caller),
        }
    }
}

fn names_in_attribute(token: &SyntaxToken, name: &str) -> bool {
    let text = token.text().trim_matches('"');
    text.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with("::"))
        && token.parent_ancestors().any(|it| it.kind() == SyntaxKind::ATTR)
}

/// Whether nothing but its callers settles a function's signature.
fn can_change(function: &ast::Fn) -> bool {
    let around = function.syntax().ancestors().skip(1);
    let is_settled = around.into_iter().enumerate().any(|(distance, it)| match it.kind() {
        SyntaxKind::IMPL => {
            let attributes = attrs(&it).any(|attr| !is_known(&attr));
            let of_trait = ast::Impl::cast(it).is_some_and(|it| it.trait_().is_some());
            // Functions in the bodies of methods are no methods.
            attributes || of_trait && distance < 2
        }
        SyntaxKind::TRAIT | SyntaxKind::EXTERN_BLOCK | SyntaxKind::MACRO_CALL => distance < 2,
        _ => false,
    });
    // Of two with the same name, each is compiled on another platform.
    let name = function.name().map(|it| it.text().to_string());
    let siblings = function.syntax().parent().into_iter().flat_map(|it| it.children());
    let same = siblings
        .filter_map(ast::Fn::cast)
        .filter(|it| it.name().map(|it| it.text().to_string()) == name);
    function.attrs().all(|attr| is_known(&attr))
        && !is_settled
        && same.count() == 1
        && function.const_token().is_none()
        && function.abi().is_none()
        && function.body().is_some()
}

/// Whether an attribute leaves a function's signature alone.
fn is_known(attr: &ast::Attr) -> bool {
    const KNOWN: &[&str] = &[
        "inline", "allow", "expect", "warn", "doc", "cold", "must_use", "cfg", "track_caller",
        "deprecated", "rustfmt::skip", "instrument", "tracing::instrument",
    ];
    let text = compact(attr.syntax());
    let path = text.trim_start_matches("#[").trim_start_matches("#![");
    let end = path.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | ':'));
    let path = path.get(..end.unwrap_or(path.len())).unwrap_or(path);
    KNOWN.contains(&path) || path.ends_with("::main")
}

fn is_root_item(function: &ast::Fn) -> bool {
    function.syntax().parent().is_some_and(|it| it.kind() == SyntaxKind::SOURCE_FILE)
}
