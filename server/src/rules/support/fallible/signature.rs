//! The change of a signature: a function that cannot return a failure is made to, and everything
//! that calls it takes the failure on.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::bodies::{Body, body, evaluates_in_place};
use super::bridges::{Bridge, bridge};
use super::errors::BodyError;
use super::known::by_name;
use super::receivers::Found;
use super::site::Site;
use super::why_not::WhyNot;
use super::wording::Text;
use super::written::base;
use crate::analysis::{FileContext, FileEdit, FixContext};
use crate::project::Role;
use crate::syntax::ast::{self, HasAttrs, HasGenericArgs, HasName, HasVisibility};
use crate::syntax::attrs::marks_test_code;
use crate::syntax::fragment::macro_name;
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, Imports, SyntaxKind, SyntaxNode, SyntaxToken, parse_root};
use crate::text::{TextEdit, TextSize};

/// Callers are changed this many levels up.
const MAX_LEVELS: usize = 2;
/// In larger packages nobody looks for callers.
const MAX_FILES: usize = 300;

/// A function that is made fallible, with all that follows from it.
pub struct Change {
    pub name: String,
    /// What takes the place of the panicking call.
    pub bridge: Bridge,
    /// The edits, without that of the call itself.
    pub edits: Vec<FileEdit>,
}

/// The change that lets the function around a call return the call's failure.
pub fn change(site: &Site, fix: &FixContext<'_>, found: &Found, text: &Text) -> Option<Change> {
    let node = site.around.iter().find(|it| it.kind() == SyntaxKind::FN)?;
    let function = ast::Fn::cast(node.clone())?;
    // The tree of the file, not that of a macro's arguments.
    (node.ancestors().last()? == *fix.root).then_some(())?;
    let mut search =
        Search { fix, sources: BTreeMap::new(), edits: BTreeMap::new(), changed: Vec::new() };
    let path = fix.file.path.clone();
    let calls = search.callers(&path, &function)?;
    let result = search.result_type(&function, &calls)?;
    let bridge = bridge(site, fix, &Body::Result(result.error.clone()), found, text)?;
    search.make_fallible(&path, &function, calls, &result, 0)?;
    let edits =
        search.edits.into_iter().map(|(path, edits)| FileEdit { path, edits: joined(edits) });
    let edits = edits.collect();
    Some(Change { name: function.name()?.text().to_string(), bridge, edits })
}

/// How the results of changed functions are written.
struct ResultType {
    error: BodyError,
    /// What stands before and after the type of the value.
    before: String,
    after: String,
}

/// A place that calls a function.
struct Call {
    path: String,
    /// Where the call, or its `.await`, ends.
    end: TextSize,
    by: Caller,
}

enum Caller {
    /// Test code, which may panic.
    Test,
    /// A body that can return failures, by its return type.
    Fallible(BodyError, Option<ast::Type>),
    /// One that can be changed.
    Infallible(ast::Fn),
}

struct Search<'a> {
    fix: &'a FixContext<'a>,
    sources: BTreeMap<String, Option<(Rc<FileContext>, SyntaxNode)>>,
    edits: BTreeMap<String, Vec<TextEdit>>,
    changed: Vec<SyntaxNode>,
}

impl Search<'_> {
    /// All calls of a function; nothing when not every use of its name is a call in view.
    fn callers(&mut self, path: &str, function: &ast::Fn) -> Option<Vec<Call>> {
        let name = function.name()?.text().to_string();
        if !can_change(function) {
            return None;
        }
        if name == "main" && is_root_item(function) {
            let package = self.fix.file.package.as_ref()?;
            return package.is_crate_root(path).then(Vec::new);
        }
        let package = self.fix.facts.packages().owner(path)?.clone();
        let is_public = function.visibility().is_some_and(|it| compact(it.syntax()) == "pub");
        if is_public && package.has_lib || self.fix.facts.functions(&name).count() != 1 {
            return None;
        }
        let owner = |file: &&str| {
            self.fix.facts.packages().owner(file).is_some_and(|it| it.folder == package.folder)
        };
        let files: Vec<String> =
            self.fix.facts.files().filter(owner).map(str::to_string).take(MAX_FILES + 1).collect();
        if files.len() > MAX_FILES {
            return None;
        }
        let mut calls = Vec::new();
        for file in &files {
            let text = (self.fix.read)(file)?;
            if !text.contains(&name) {
                continue;
            }
            let (_, root) = self.source(file, &text)?;
            let tokens = root.descendants_with_tokens().filter_map(|it| it.into_token());
            let uses = tokens.filter(|it| it.kind() == SyntaxKind::IDENT && it.text() == name);
            for token in uses.collect::<Vec<_>>() {
                if token.parent()?.parent().as_ref() == Some(function.syntax())
                    && token.parent()?.kind() == SyntaxKind::NAME
                    || token.parent_ancestors().any(|it| it.kind() == SyntaxKind::USE)
                {
                    continue;
                }
                calls.push(self.call(file, &token, function)?);
            }
        }
        Some(calls)
    }

    fn source(&mut self, path: &str, text: &str) -> Option<(Rc<FileContext>, SyntaxNode)> {
        if path == self.fix.file.path {
            return Some((Rc::new(self.fix.file.clone()), self.fix.root.clone()));
        }
        let fix = self.fix;
        let entry = self.sources.entry(path.to_string()).or_insert_with(|| {
            let file = FileContext::new(path, fix.facts.packages(), &fix.file.config);
            let root = parse_root(text, file.edition).ok()?;
            Some((Rc::new(file), root))
        });
        entry.clone()
    }

    /// The call whose function a name stands for.
    fn call(&mut self, path: &str, token: &SyntaxToken, function: &ast::Fn) -> Option<Call> {
        let is_async = function.async_token().is_some();
        let in_macro = token.parent()?.kind() == SyntaxKind::TOKEN_TREE;
        let name = function.name()?.text().to_string();
        let home = self.fix.facts.functions_at(&name).next().map(|(file, _)| file);
        let module = home.and_then(|file| self.fix.facts.module(file)).map(|it| it.name.clone());
        let module = module.unwrap_or_default();
        let (node, end) = match in_macro {
            true => {
                let arguments = token.next_sibling_or_token()?.into_node()?;
                let opens = arguments.first_token().is_some_and(|it| it.text() == "(");
                let before = token.prev_token().map(|it| it.text().to_string()).unwrap_or_default();
                let plain = opens && !matches!(before.as_str(), "." | ":" | "fn") && !is_async;
                (arguments.kind() == SyntaxKind::TOKEN_TREE && plain).then_some(())?;
                let end = arguments.text_range().end();
                (token.parent()?, end)
            }
            false => {
                let call = called_by(token, function, &module)?;
                let whole = match is_async {
                    true => call.parent().filter(|it| it.kind() == SyntaxKind::AWAIT_EXPR)?,
                    false => call,
                };
                let end = whole.text_range().end();
                (whole, end)
            }
        };
        let text = (self.fix.read)(path)?;
        let (file, root) = self.source(path, &text)?;
        let imports = Imports::around(&node);
        let foreign = imports.path_of(token.text()).is_some_and(|it| {
            !["crate::", "super::", "self::"].iter().any(|own| it.starts_with(own))
        });
        if foreign {
            return None;
        }
        let is_test = file.role == Role::Test
            || self.fix.facts.module(path).is_some_and(|it| it.test_only)
            || node.ancestors().any(|it| marks_test_code(&it));
        let in_place =
            node.ancestors().filter(|it| it.kind() == SyntaxKind::MACRO_CALL).all(|it| {
                let name = macro_name(&it);
                name.is_some_and(|name| {
                    evaluates_in_place(&name) || is_test && name.starts_with("assert")
                })
            });
        if !in_place {
            return None;
        }
        let by = if is_test {
            Caller::Test
        } else {
            let site = Site::at(&node, imports)?;
            let context = FixContext {
                file: &file,
                root: &root,
                facts: self.fix.facts,
                read: self.fix.read,
                declined: Cell::default(),
            };
            let around = node.ancestors().find_map(ast::Fn::cast)?;
            let mut within = node.ancestors().take_while(|it| it != around.syntax());
            if within.any(|it| it.kind() == SyntaxKind::CLOSURE_EXPR) {
                return None;
            }
            match body(&site, &context) {
                Ok(Body::Result(error)) => {
                    Caller::Fallible(error, around.ret_type().and_then(|it| it.ty()))
                }
                Err(WhyNot::Infallible | WhyNot::Main) => Caller::Infallible(around),
                _ => return None,
            }
        };
        Some(Call { path: path.to_string(), end, by })
    }

    /// The result that a function can have for all that call it.
    fn result_type(&self, function: &ast::Fn, calls: &[Call]) -> Option<ResultType> {
        let mut found: Option<(&BodyError, &Option<ast::Type>, &str)> = None;
        for call in calls {
            let Caller::Fallible(error, ty) = &call.by else { continue };
            match found {
                None => found = Some((error, ty, &call.path)),
                Some((known, _, _)) if known == error => {}
                Some(_) => return None,
            }
        }
        let of = |error, before: &str, after: &str| {
            Some(ResultType { error, before: before.to_string(), after: after.to_string() })
        };
        let in_view =
            |path: &str| Imports::around(function.syntax()).path_of("Result") == Some(path);
        match found {
            Some((BodyError::Anyhow, ..)) => match in_view("anyhow::Result") {
                true => of(BodyError::Anyhow, "Result<", ">"),
                false => of(BodyError::Anyhow, "anyhow::Result<", ">"),
            },
            Some((BodyError::Eyre(krate), ..)) => {
                of(BodyError::Eyre(krate), &format!("{krate}::Result<"), ">")
            }
            Some((BodyError::Io, ..)) => of(BodyError::Io, "std::io::Result<", ">"),
            Some((error, Some(ast::Type::PathType(ty)), path)) if path == self.fix.file.path => {
                // As it is written there, with another value.
                let arguments = ty.path()?.segment()?.generic_arg_list()?;
                let value = arguments.generic_args().next()?;
                let whole = ty.syntax().text().to_string();
                let start = ty.syntax().text_range().start();
                let range = value.syntax().text_range() - start;
                let before = whole.get(..usize::from(range.start()))?;
                let after = whole.get(usize::from(range.end())..)?;
                of(error.clone(), before, after)
            }
            Some(_) => None,
            None if self.has("anyhow") => match in_view("anyhow::Result") {
                true => of(BodyError::Anyhow, "Result<", ">"),
                false => of(BodyError::Anyhow, "anyhow::Result<", ">"),
            },
            None if self.has("color_eyre") => {
                of(BodyError::Eyre("color_eyre::eyre"), "color_eyre::Result<", ">")
            }
            None if self.has("eyre") => of(BodyError::Eyre("eyre"), "eyre::Result<", ">"),
            // An alias under the name of the result would take other arguments.
            None if Imports::around(function.syntax()).path_of("Result").is_some() => None,
            None => of(BodyError::Boxed, "Result<", ", Box<dyn std::error::Error>>"),
        }
    }

    /// Whether the package always has a dependency.
    fn has(&self, name: &str) -> bool {
        let Some(package) = &self.fix.file.package else { return false };
        let manifest = (self.fix.read)(&package.manifest());
        let table = manifest.and_then(|text| text.parse::<toml::Table>().ok());
        let entry = |table: toml::Table| {
            let dependencies = table.get("dependencies")?.as_table()?;
            let entry =
                dependencies.get(name).or_else(|| dependencies.get(&name.replace('_', "-")));
            Some(entry?.get("optional").and_then(toml::Value::as_bool) != Some(true))
        };
        table.and_then(entry) == Some(true)
    }

    fn make_fallible(
        &mut self,
        path: &str,
        function: &ast::Fn,
        calls: Vec<Call>,
        result: &ResultType,
        level: usize,
    ) -> Option<()> {
        if self.changed.contains(function.syntax()) {
            return Some(());
        }
        self.changed.push(function.syntax().clone());
        for call in calls {
            let insert = match call.by {
                Caller::Test => ".unwrap()",
                Caller::Fallible(..) | Caller::Infallible(_) => "?",
            };
            self.edit(&call.path, TextEdit::insert(call.end, insert));
            if let Caller::Infallible(caller) = call.by
                && !self.changed.contains(caller.syntax())
            {
                (level < MAX_LEVELS && call.path == self.fix.file.path).then_some(())?;
                let calls = self.callers(&call.path, &caller)?;
                let agrees = calls.iter().all(|call| match &call.by {
                    Caller::Fallible(error, _) => *error == result.error,
                    _ => true,
                });
                agrees.then_some(())?;
                self.make_fallible(&call.path, &caller, calls, result, level + 1)?;
            }
        }
        for edit in rewritten(function, result)? {
            self.edit(path, edit);
        }
        Some(())
    }

    fn edit(&mut self, path: &str, edit: TextEdit) {
        self.edits.entry(path.to_string()).or_default().push(edit);
    }
}

/// Whether nothing but its callers settles a function's signature.
fn can_change(function: &ast::Fn) -> bool {
    let known = |attr: ast::Attr| {
        let text = compact(attr.syntax());
        let path = text.trim_start_matches("#[");
        let end = path.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | ':'));
        let path = path.get(..end.unwrap_or(path.len())).unwrap_or(path);
        matches!(path, "inline" | "allow" | "expect" | "warn" | "doc" | "cold" | "must_use")
            || path.ends_with("::main")
    };
    let in_trait =
        function.syntax().ancestors().skip(1).any(|it| match ast::Impl::cast(it.clone()) {
            Some(item) => item.trait_().is_some(),
            None => matches!(
                it.kind(),
                SyntaxKind::TRAIT | SyntaxKind::EXTERN_BLOCK | SyntaxKind::MACRO_CALL
            ),
        });
    function.attrs().all(known)
        && !in_trait
        && function.const_token().is_none()
        && function.abi().is_none()
        && function.body().is_some()
}

fn is_root_item(function: &ast::Fn) -> bool {
    function.syntax().parent().is_some_and(|it| it.kind() == SyntaxKind::SOURCE_FILE)
}

/// The call that a name is the function of: `name(…)`, `self.name(…)`, `Self::name(…)`.
fn called_by(token: &SyntaxToken, function: &ast::Fn, module: &str) -> Option<SyntaxNode> {
    let name = ast::NameRef::cast(token.parent()?)?;
    let owner = function.syntax().ancestors().find_map(ast::Impl::cast);
    let owner = owner.and_then(|it| Some(base(&compact(it.self_ty()?.syntax())).to_string()));
    let parent = name.syntax().parent()?;
    if let Some(call) = ast::MethodCallExpr::cast(parent.clone()) {
        let receiver = call.receiver()?.syntax().text().to_string();
        // A name of several words is that of the one method of the workspace.
        if receiver != "self" {
            let distinct =
                token.text().matches('_').count() > 0 && !by_name::is_known(token.text());
            return (distinct && owner.is_some()).then(|| call.syntax().clone());
        }
        let item = call.syntax().ancestors().find_map(ast::Impl::cast)?;
        let same = owner.as_deref() == Some(base(&compact(item.self_ty()?.syntax())));
        return same.then(|| call.syntax().clone());
    }
    let segment = ast::PathSegment::cast(parent)?;
    let path = segment.syntax().parent().and_then(ast::Path::cast)?;
    let qualifier = path.qualifier().map(|it| compact(it.syntax()));
    let fits = match (&owner, qualifier.as_deref()) {
        (Some(owner), Some(qualifier)) => qualifier == "Self" || qualifier == owner,
        (Some(_), None) => false,
        (None, None) => true,
        (None, Some(qualifier)) => {
            matches!(qualifier.split("::").next(), Some("crate" | "self" | "super"))
                || qualifier == module
        }
    };
    let expr = ast::PathExpr::cast(path.syntax().parent()?).filter(|_| fits)?;
    let call = ast::CallExpr::cast(expr.syntax().parent()?)?;
    (call.expr()?.syntax() == expr.syntax()).then(|| call.syntax().clone())
}

/// The edits of a function's own return type, its returns and its end.
fn rewritten(function: &ast::Fn, result: &ResultType) -> Option<Vec<TextEdit>> {
    let mut edits = Vec::new();
    let ResultType { before, after, .. } = result;
    let list = function.body()?.stmt_list()?;
    let returned = function.ret_type();
    match &returned {
        Some(ty) => {
            let ty = ty.ty()?;
            let range = ty.syntax().text_range();
            let unchangeable = matches!(ty, ast::Type::NeverType(_) | ast::Type::ImplTraitType(_));
            (!unchangeable).then_some(())?;
            edits.push(TextEdit::insert(range.start(), before.clone()));
            edits.push(TextEdit::insert(range.end(), after.clone()));
        }
        None => {
            let at = function.param_list()?.syntax().text_range().end();
            edits.push(TextEdit::insert(at, format!(" -> {before}(){after}")));
        }
    }
    returns(list.syntax(), &mut edits)?;
    let tail = list.tail_expr();
    match (&returned, tail) {
        (Some(_), Some(tail)) => {
            let range = tail.syntax().text_range();
            // What only loops or returns is of every type.
            if !matches!(tail, ast::Expr::ReturnExpr(_)) {
                edits.push(TextEdit::insert(range.start(), "Ok("));
                edits.push(TextEdit::insert(range.end(), ")"));
            }
        }
        (Some(_), None) => {}
        (None, tail) => {
            let closing = list.r_curly_token()?;
            let indent = indent_of(function.syntax());
            let is_statement = tail.as_ref().is_none_or(|tail| {
                matches!(
                    tail,
                    ast::Expr::IfExpr(_)
                        | ast::Expr::MatchExpr(_)
                        | ast::Expr::ForExpr(_)
                        | ast::Expr::WhileExpr(_)
                        | ast::Expr::LoopExpr(_)
                        | ast::Expr::BlockExpr(_)
                )
            });
            if let Some(tail) = tail.filter(|_| !is_statement) {
                edits.push(TextEdit::insert(tail.syntax().text_range().end(), ";"));
            }
            let gap = closing.prev_token().filter(|it| it.kind() == SyntaxKind::WHITESPACE);
            let own_line = gap.as_ref().is_some_and(|it| it.text().contains('\n'));
            let at = gap.map_or(closing.text_range().start(), |it| it.text_range().start());
            edits.push(TextEdit::insert(
                at,
                match own_line {
                    true => format!("\n{indent}    Ok(())"),
                    false => " Ok(())".to_string(),
                },
            ));
        }
    }
    Some(edits)
}

/// Wraps what a body returns early. Nothing when a macro may return.
fn returns(node: &SyntaxNode, edits: &mut Vec<TextEdit>) -> Option<()> {
    for child in node.children() {
        match child.kind() {
            SyntaxKind::CLOSURE_EXPR | SyntaxKind::FN | SyntaxKind::IMPL => continue,
            SyntaxKind::BLOCK_EXPR
                if ast::BlockExpr::cast(child.clone())
                    .is_some_and(|it| it.async_token().is_some()) =>
            {
                continue;
            }
            SyntaxKind::TOKEN_TREE => {
                let mut tokens = child.descendants_with_tokens().filter_map(|it| it.into_token());
                if tokens.any(|it| it.text() == "return" || it.text() == "?") {
                    return None;
                }
            }
            SyntaxKind::RETURN_EXPR => {
                let item = ast::ReturnExpr::cast(child.clone())?;
                match item.expr() {
                    Some(value) => {
                        let range = value.syntax().text_range();
                        edits.push(TextEdit::insert(range.start(), "Ok("));
                        edits.push(TextEdit::insert(range.end(), ")"));
                    }
                    None => edits.push(TextEdit::insert(child.text_range().end(), " Ok(())")),
                }
            }
            _ => {}
        }
        returns(&child, edits)?;
    }
    Some(())
}

fn indent_of(node: &SyntaxNode) -> String {
    let before = node.first_token().and_then(|it| it.prev_token());
    let space = before.filter(|it| it.kind() == SyntaxKind::WHITESPACE);
    let text = space.map(|it| it.text().to_string()).unwrap_or_default();
    text.rsplit('\n').next().unwrap_or_default().to_string()
}

/// The edits with those at one place made one: what a call gains comes before what the expression
/// around it does.
fn joined(edits: Vec<TextEdit>) -> Vec<TextEdit> {
    let mut sorted = edits;
    let rank = |edit: &TextEdit| match edit.insert.as_str() {
        "?" | ".unwrap()" => 0,
        ";" => 2,
        _ => 1,
    };
    sorted.sort_by_key(|edit| (edit.range.start(), rank(edit)));
    let mut joined: Vec<TextEdit> = Vec::new();
    for edit in sorted {
        match joined.last_mut() {
            Some(last) if last.range == edit.range => last.insert.push_str(&edit.insert),
            _ => joined.push(edit),
        }
    }
    joined
}
