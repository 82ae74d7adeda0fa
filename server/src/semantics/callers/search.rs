//! Who calls a function, and whether that can take a failure on.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::occurrence::Occurrence;
use super::target_function::{TargetFunction, Usage, usage_in_tokens};
use super::usage::usage_of;
use crate::semantics::types::LocatedExpr;
use crate::semantics::types::enclosing_body::{Body, CannotReturn, body, evaluates_in_place};
use crate::semantics::types::errors::BodyError;

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
    Fallible(FallibleCaller),
    /// One that can be changed.
    Infallible(ast::Fn),
}

/// A body that returns failures.
pub struct FallibleCaller {
    pub error: BodyError,
    pub function: ast::Fn,
}

/// Why a function cannot be made to return failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CannotChange {
    /// Code that is not in view may call it.
    Exported,
    /// An attribute, a trait or the linker gives its signature.
    FixedSignature,
    /// It is used as a value, or a future of it is.
    UsedAsValue,
    /// Some uses of its name may be calls of it, and may not.
    UnclearUse,
    /// A caller has nowhere to return the failure to.
    InfallibleCaller,
    /// Too many files or functions would have to be looked at.
    TooMany,
}

/// A search for callers in the files of the workspace.
pub struct CallerSearch<'a> {
    view: &'a WorkspaceView<'a>,
    parsed: RefCell<BTreeMap<String, Option<Rc<SourceFile>>>>,
}

pub struct SourceFile {
    pub file: FileContext,
    pub root: SyntaxNode,
}

impl<'a> CallerSearch<'a> {
    pub fn new(view: &'a WorkspaceView<'a>) -> Self {
        Self { view, parsed: RefCell::default() }
    }

    pub fn parsed(&self, path: &str) -> Option<Rc<SourceFile>> {
        let mut parsed = self.parsed.borrow_mut();
        let source = parsed.entry(path.to_string()).or_insert_with(|| {
            let file = match path == self.view.file.path {
                true => self.view.file.clone(),
                false => {
                    FileContext::new(path, self.view.symbols.packages(), &self.view.file.config)
                }
            };
            let root = self.view.root_of(path, file.edition)?;
            Some(Rc::new(SourceFile { file, root }))
        });
        source.clone()
    }

    /// The workspace as seen from another file.
    pub fn view_from<'s>(&'s self, source: &'s SourceFile) -> WorkspaceView<'s> {
        WorkspaceView {
            file: &source.file,
            root: &source.root,
            symbols: self.view.symbols,
            files: self.view.files,
            roots: Rc::clone(&self.view.roots),
        }
    }

    /// All calls of a function.
    ///
    /// # Errors
    ///
    /// Says why not all uses of its name are known to be calls that can take a failure on.
    pub fn callers(&self, target: &TargetFunction) -> Result<Vec<Call>, CannotChange> {
        if !can_change(&target.node) {
            return Err(CannotChange::FixedSignature);
        }
        let symbols = self.view.symbols;
        let package = symbols.packages().owner(&target.path).ok_or(CannotChange::Exported)?.clone();
        if target.name == "main" && is_root_item(&target.node) {
            let is_program = package.is_crate_root(&target.path);
            return if is_program { Ok(Vec::new()) } else { Err(CannotChange::FixedSignature) };
        }
        let is_public = target.node.visibility().is_some_and(|it| compact(it.syntax()) == "pub");
        if is_public && package.has_lib && self.is_exported(target) && self.is_published(&package) {
            return Err(CannotChange::Exported);
        }
        let is_near = |file: &&str| {
            is_public
                || symbols.packages().owner(file).is_some_and(|it| it.folder == package.folder)
        };
        let files: Vec<&str> = symbols.files().filter(is_near).take(MAX_FILES + 1).collect();
        if files.len() > MAX_FILES {
            return Err(CannotChange::TooMany);
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
        target: &TargetFunction,
        calls: &mut Vec<Call>,
        names: &mut Vec<String>,
    ) -> Result<(), CannotChange> {
        let text = self.view.text_of(path).ok_or(CannotChange::UnclearUse)?;
        let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        for at in memchr::memmem::find_iter(text.as_bytes(), name) {
            let (before, after) = text.split_at(at);
            let behind = after.get(name.len()..).unwrap_or_default();
            if is_part(before.chars().next_back()) || is_part(behind.chars().next()) {
                continue;
            }
            let source = self.parsed(path).ok_or(CannotChange::UnclearUse)?;
            let offset = TextSize::try_from(at).map_err(|_| CannotChange::UnclearUse)?;
            let Some(token) = token_after(&source.root, offset) else { continue };
            // `#[serde(default = "default_port")]`
            if token.kind() == SyntaxKind::STRING && names_in_attribute(&token, name) {
                return Err(CannotChange::UsedAsValue);
            }
            if token.kind() != SyntaxKind::IDENT || token.text() != name {
                continue;
            }
            let context = self.view_from(&source);
            let Some(occurrence) = Occurrence::new(&token, source.file.edition) else {
                match usage_in_tokens(target, &token) {
                    Usage::Unrelated => continue,
                    _ => return Err(CannotChange::UnclearUse),
                }
            };
            match usage_of(target, &occurrence, &context) {
                Usage::Unrelated => {}
                Usage::Call(call) => calls.push(self.call(target, &occurrence, &call, &context)?),
                Usage::Renamed(other) if names.contains(&other) => {}
                Usage::Renamed(other) => names.push(other),
                Usage::Value => return Err(CannotChange::UsedAsValue),
                Usage::Unclear => return Err(CannotChange::UnclearUse),
            }
        }
        Ok(())
    }

    /// Whether code that is not in the workspace may use a package.
    fn is_published(&self, package: &Package) -> bool {
        let manifest = self.view.toml_of(&package.manifest());
        let publish = manifest.and_then(|it| it.get("package")?.get("publish")?.as_bool());
        publish != Some(false)
    }

    /// Whether code outside the workspace can call a function that is `pub`.
    fn is_exported(&self, target: &TargetFunction) -> bool {
        let symbols = self.view.symbols;
        let within: Vec<String> = crate::project::modules_around(target.node.syntax());
        match &target.owner {
            Some(owner) => symbols.is_exported_type(&target.path, owner),
            None => symbols.is_exported(&target.path, &within, &target.name),
        }
    }

    /// A call, with what the body around it can do with a failure.
    fn call(
        &self,
        target: &TargetFunction,
        occurrence: &Occurrence,
        call: &SyntaxNode,
        view: &WorkspaceView<'_>,
    ) -> Result<Call, CannotChange> {
        let whole = match target.is_async() {
            // A future that is not awaited where it is made.
            true => call
                .parent()
                .filter(|it| it.kind() == SyntaxKind::AWAIT_EXPR)
                .ok_or(CannotChange::UsedAsValue)?,
            false => call.clone(),
        };
        if whole.children().chain(call.children()).any(|it| it.kind() == SyntaxKind::ATTR) {
            return Err(CannotChange::InfallibleCaller);
        }
        let by = self.caller(occurrence, call, view)?;
        let end = occurrence.end(&whole);
        let is_long = whole.text().contains_char('\n');
        let indent = is_long.then(|| indent_before(view.root, end));
        Ok(Call { path: view.file.path.clone(), end, indent, by })
    }

    /// What the body around a call can do with a failure.
    fn caller(
        &self,
        occurrence: &Occurrence,
        call: &SyntaxNode,
        view: &WorkspaceView<'_>,
    ) -> Result<Caller, CannotChange> {
        let path = &view.file.path;
        let is_test = view.file.role == Role::Test
            || self.view.symbols.module(path).is_some_and(|it| it.test_only)
            || occurrence.around.iter().any(marks_test_code);
        if is_test {
            let mut macros =
                occurrence.around.iter().filter(|it| it.kind() == SyntaxKind::MACRO_CALL);
            let in_place = macros.all(|it| {
                macro_name(it)
                    .is_some_and(|name| evaluates_in_place(&name) || name.starts_with("assert"))
            });
            return if in_place { Ok(Caller::Test) } else { Err(CannotChange::InfallibleCaller) };
        }
        let around: Vec<SyntaxNode> =
            occurrence.around.iter().skip_while(|it| *it != call).cloned().collect();
        let function = around.iter().find_map(|it| ast::Fn::cast(it.clone()));
        let expr = ast::Expr::cast(call.clone());
        let (Some(function), Some(expr)) = (function, expr) else {
            return Err(CannotChange::InfallibleCaller);
        };
        // What a closure returns is not what the function does.
        let mut within = around.iter().take_while(|it| *it != function.syntax());
        if within.any(|it| it.kind() == SyntaxKind::CLOSURE_EXPR) {
            return Err(CannotChange::InfallibleCaller);
        }
        let located = LocatedExpr::new(expr, around, occurrence.imports());
        match body(&located, view) {
            Ok(Body::Option) => Ok(Caller::Absent),
            Ok(Body::Result(error)) => Ok(Caller::Fallible(FallibleCaller { error, function })),
            Err(CannotReturn::Infallible | CannotReturn::Main) => Ok(Caller::Infallible(function)),
            Ok(Body::Poll(_)) | Err(_) => Err(CannotChange::InfallibleCaller),
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
