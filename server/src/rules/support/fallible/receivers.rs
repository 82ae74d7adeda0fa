//! What the receiver of a panicking call is.

use std::cell::Cell;

use super::errors::{ErrorType, Outcome, error_type};
use super::names::Scope;
use super::site::Site;
use super::types::{self, element, pointee, tuple_part};
use super::written::{arguments, base};
use super::{guesses, known};
use crate::analysis::FixContext;
use crate::project::Function;
use crate::rules::support::shape::{Binding, bare, binding, self_type, surroundings};
use crate::rules::support::{argument_count, string_literal};
use crate::syntax::ast::{self, HasArgList, HasGenericArgs};
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

/// Receivers are followed this deep through bindings and chains.
const MAX_DEPTH: usize = 24;

/// What the receiver of a call gives.
#[derive(Debug)]
pub struct Found {
    pub outcome: Outcome,
    /// Told by a name alone, which all but always means this.
    pub is_guess: bool,
}

/// What the receiver of a call gives; nothing where that cannot be told.
pub fn outcome(site: &Site, fix: &FixContext<'_>) -> Option<Found> {
    let scope = Scope { facts: fix.facts, file: &fix.file.path, imports: Some(&site.imports) };
    let inference = Inference { site, fix, scope, guessed: Cell::new(false) };
    let place = Place { around: &site.around, depth: MAX_DEPTH };
    let found = inference.outcome_of(&site.receiver, place);
    let Some(outcome) = found else {
        // Another crate's call gives an absence or an error, and the one trait of `anyhow` serves
        // both.
        let guess = called_name(&site.receiver).filter(|name| {
            fix.file.depends_on("anyhow") && fix.facts.functions(name).next().is_none()
        });
        return guess.map(|_| Found { outcome: Outcome::Unknown, is_guess: true });
    };
    Some(Found { outcome, is_guess: inference.guessed.get() })
}

/// The type of a site's receiver without white space, where more than a name tells it.
pub fn receiver_type(site: &Site, fix: &FixContext<'_>) -> Option<String> {
    let scope = Scope { facts: fix.facts, file: &fix.file.path, imports: Some(&site.imports) };
    let inference = Inference { site, fix, scope, guessed: Cell::new(false) };
    let ty = inference.type_of(&site.receiver, Place { around: &site.around, depth: MAX_DEPTH })?;
    (!inference.guessed.get()).then_some(ty)
}

struct Inference<'a> {
    site: &'a Site,
    fix: &'a FixContext<'a>,
    scope: Scope<'a>,
    /// Whether the answer rests on a name alone.
    guessed: Cell<bool>,
}

/// Where an expression stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    /// The place of use and what surrounds it, innermost first.
    around: &'a [SyntaxNode],
    /// How many more steps may be taken.
    depth: usize,
}

impl Inference<'_> {
    fn outcome_of(&self, expr: &ast::Expr, place: Place<'_>) -> Option<Outcome> {
        if let Some(ty) = self.type_of(expr, place).filter(|ty| ty != "_") {
            return self.classified(&ty);
        }
        let (name, count, awaited) = called(expr)?;
        if awaited && known::awaited_method(&name, count) == Some(Outcome::Either)
            || !awaited && known::method(&name, count) == Some(Outcome::Either)
        {
            return (!self.defines_method(&name)).then_some(Outcome::Either);
        }
        None
    }

    /// What a value of a type is.
    fn classified(&self, ty: &str) -> Option<Outcome> {
        if ty.starts_with('&') && !ty.contains("Option<&") && base(ty) != "Option" {
            return None;
        }
        let ty = bare(ty);
        match base(ty) {
            "Option" => Some(Outcome::Option),
            "Result" => Some(Outcome::Result(match arguments(ty).as_slice() {
                [_, error] => self.error(error),
                _ => ErrorType::Unknown,
            })),
            _ => None,
        }
    }

    /// An error's text, as [`Self::canonical`] writes it.
    fn error(&self, text: &str) -> ErrorType {
        if text == known::SOME_ERROR {
            return ErrorType::Some;
        }
        match text.split_once('@') {
            Some((error, file)) => error_type(error, self.scope.of(file)),
            None => error_type(text, self.scope),
        }
    }

    /// A type as a signature has it, with aliases followed and the file of the error noted.
    fn canonical(&self, ty: &str, file: &str) -> String {
        let scope = match file == self.scope.file {
            true => self.scope,
            false => Scope { file, imports: None, ..self.scope },
        };
        let (expanded, within) = scope.expanded(ty);
        let head = within.resolve(expanded.split('<').next().unwrap_or(&expanded));
        let given = arguments(&expanded);
        let value = given.first().copied().unwrap_or("_");
        if base(&head) != "Result" {
            return expanded;
        }
        match (head.rsplit_once("::").map(|it| it.0), given.as_slice()) {
            (Some("std::io"), _) => format!("Result<{value},std::io::Error>"),
            (Some("std::fmt"), _) => "Result<(),std::fmt::Error>".to_string(),
            (
                Some(krate @ ("anyhow" | "eyre" | "color_eyre" | "color_eyre::eyre" | "miette")),
                [] | [_],
            ) => {
                let error = if krate == "anyhow" { "anyhow::Error" } else { "eyre::Report" };
                format!("Result<{value},{error}>")
            }
            (_, [_, error]) => {
                let text = match *error {
                    "_" | "String" | "&'staticstr" => error.to_string(),
                    _ => format!("{error}@{}", within.file),
                };
                format!("Result<{value},{text}>")
            }
            (Some(module), [] | [_]) => format!("Result<{value},{module}::Error>"),
            _ => format!("Result<{value},_>"),
        }
    }

    /// The type of an expression; `_` stands for what is not known of it.
    fn type_of(&self, expr: &ast::Expr, place: Place<'_>) -> Option<String> {
        let place = Place { depth: place.depth.checked_sub(1)?, ..place };
        let of = |expr: Option<ast::Expr>| self.type_of(&expr?, place);
        match expr {
            ast::Expr::ParenExpr(it) => of(it.expr()),
            ast::Expr::RefExpr(it) => of(it.expr()),
            ast::Expr::PrefixExpr(it) => match it.op_kind()? {
                ast::UnaryOp::Deref => {
                    let ty = of(it.expr())?;
                    Some(if ty.starts_with('&') { bare(&ty) } else { pointee(&ty) }.to_string())
                }
                ast::UnaryOp::Not | ast::UnaryOp::Neg => of(it.expr()),
            },
            ast::Expr::Literal(it) => match it.kind() {
                ast::LiteralKind::String(_) => Some("&str".to_string()),
                ast::LiteralKind::ByteString(_) => Some("&[u8;_]".to_string()),
                ast::LiteralKind::Char(_) => Some("char".to_string()),
                _ => None,
            },
            ast::Expr::CastExpr(it) => Some(compact(it.ty()?.syntax())),
            ast::Expr::PathExpr(it) => self.of_path(&compact(it.syntax()), place),
            ast::Expr::FieldExpr(it) => {
                let name = it.name_ref()?.text().to_string();
                self.of_field(&of(it.expr())?, &name)
            }
            ast::Expr::IndexExpr(it) => {
                let ty = of(it.base())?;
                match it.index()? {
                    ast::Expr::RangeExpr(_) => match element(&ty) {
                        Some(element) => Some(format!("[{element}]")),
                        None => Some(pointee(&ty).to_string())
                            .filter(|it| base(it) == "String" || it == "str"),
                    },
                    _ => match arguments(pointee(&ty)).as_slice() {
                        [_, value, ..] if base(pointee(&ty)).ends_with("Map") => {
                            Some(value.to_string())
                        }
                        _ => element(&ty),
                    },
                }
            }
            ast::Expr::TryExpr(it) => {
                let ty = of(it.expr())?;
                let is_fallible = matches!(base(&ty), "Option" | "Result");
                arguments(&ty).first().filter(|_| is_fallible).map(|it| it.to_string())
            }
            ast::Expr::AwaitExpr(it) => self.of_awaited(&it.expr()?, place),
            ast::Expr::CallExpr(it) => self.of_call(it, place),
            ast::Expr::MethodCallExpr(it) => self.of_method(it, place),
            ast::Expr::RecordExpr(it) => {
                let path = compact(it.path()?.syntax());
                Some(if path == "Self" { self.site.self_type()? } else { path })
            }
            ast::Expr::MacroExpr(it) => {
                let name = crate::syntax::fragment::macro_name(it.macro_call()?.syntax())?;
                match name.as_str() {
                    "vec" => Some("Vec<_>".to_string()),
                    "format" => Some("String".to_string()),
                    "write" | "writeln" => Some(format!("Result<(),{}>", known::SOME_ERROR)),
                    "env" | "concat" | "stringify" | "include_str" => Some("&str".to_string()),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn of_path(&self, name: &str, place: Place<'_>) -> Option<String> {
        if name == "self" {
            return self_type(place.around);
        }
        if name == "None" {
            return Some("Option<_>".to_string());
        }
        if name.contains("::") {
            return None;
        }
        if name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_') {
            return self.of_static(name);
        }
        let valued = |value: &ast::Expr| {
            let around = surroundings(value.syntax(), place.around);
            self.type_of(value, Place { around: &around, depth: place.depth })
        };
        match binding(name, place.around)? {
            Binding::Typed(ty) => Some(self.canonical(&compact(ty.syntax()), self.scope.file)),
            Binding::Value(value) => valued(&value),
            Binding::Inner(value) => {
                let ty = valued(&value)?;
                let is_fallible = matches!(base(&ty), "Option" | "Result");
                arguments(bare(&ty)).first().filter(|_| is_fallible).map(|it| it.to_string())
            }
            Binding::Element(value) => {
                let parent = value.syntax().parent().and_then(ast::MethodCallExpr::cast);
                let name = parent.and_then(|it| Some(it.name_ref()?.text().to_string()));
                let by_reference = match name.as_deref() {
                    // Of a `for` loop.
                    None => false,
                    Some("filter" | "find" | "skip_while" | "take_while" | "inspect") => true,
                    Some(
                        "map" | "for_each" | "any" | "all" | "filter_map" | "flat_map" | "position"
                        | "find_map" | "and_then" | "is_some_and" | "map_while" | "max_by_key"
                        | "min_by_key" | "retain",
                    ) => false,
                    Some(_) => return None,
                };
                let ty = valued(&value)?;
                if base(&ty) == "Result" {
                    return arguments(&ty).first().map(|it| it.to_string());
                }
                element(&ty).map(|it| if by_reference { format!("&{it}") } else { it })
            }
            Binding::Part(_) | Binding::Opaque => None,
        }
    }

    /// The type of a constant or static of the same module or file.
    fn of_static(&self, name: &str) -> Option<String> {
        let lists = [self.site.items()?.clone(), self.fix.root.clone()];
        let item = lists.iter().flat_map(|list| list.children()).find(|item| {
            matches!(item.kind(), SyntaxKind::STATIC | SyntaxKind::CONST)
                && item.children().find_map(ast::Name::cast).is_some_and(|it| it.text() == name)
        })?;
        let ty = item.children().find_map(ast::Type::cast)?;
        Some(compact(ty.syntax()))
    }

    fn of_field(&self, owner: &str, name: &str) -> Option<String> {
        if owner.trim_start_matches('&').starts_with('(') {
            return tuple_part(owner, name);
        }
        let owner = pointee(owner);
        let (file, def) = self.type_def(owner)?;
        let (_, ty) = def.fields.iter().find(|(it, _)| it == name)?;
        Some(self.canonical(ty, file))
    }

    /// The type of the workspace that a text means, wherever it was written.
    fn type_def(&self, ty: &str) -> Option<(&str, &crate::project::TypeDef)> {
        let path = ty.split('<').next().unwrap_or(ty);
        let path = if path == "Self" { self.site.self_type()? } else { path.to_string() };
        self.scope.type_def(&path).or_else(|| {
            // It may have been written in another file.
            let mut types = self.scope.facts.types_at(base(&path));
            let (only, None) = (types.next()?, types.next()) else { return None };
            Some(only)
        })
    }

    fn of_awaited(&self, expr: &ast::Expr, place: Place<'_>) -> Option<String> {
        if let Some(ty) = self.type_of(expr, place) {
            if base(&ty) == "Future" {
                return arguments(&ty).first().map(|it| it.to_string());
            }
            // The guard of an asynchronous lock.
            if base(&ty) == "Result"
                && called(expr).is_some_and(|it| matches!(it.0.as_str(), "lock" | "read" | "write"))
            {
                return arguments(&ty).first().map(|it| it.to_string());
            }
            if base(&ty) == "JoinHandle" {
                return Some("Result<_,tokio::task::JoinError>".to_string());
            }
        }
        match expr {
            ast::Expr::CallExpr(it) => {
                let path = self.called_path(it)?;
                let known = known::awaited_function(&path).and_then(known::text);
                known.or_else(|| self.guessed(guesses::function(&path)))
            }
            ast::Expr::MethodCallExpr(it) => {
                let name = it.name_ref()?.text().to_string();
                let count = argument_count(it);
                let request = name == "send" && count == 0 && self.fix.file.depends_on("reqwest");
                if request && !self.defines_method(&name) {
                    return Some("Result<_,reqwest::Error>".to_string());
                }
                let known = known::awaited_method(&name, count).and_then(known::text);
                let known = known.or_else(|| self.guessed(guesses::awaited_method(&name)));
                known.filter(|_| !self.defines_method(&name))
            }
            _ => None,
        }
    }

    fn of_call(&self, call: &ast::CallExpr, place: Place<'_>) -> Option<String> {
        let path = self.called_path(call)?;
        let argument = || call.arg_list()?.args().next();
        match path.as_str() {
            "Some" => {
                let inner = argument().and_then(|it| self.type_of(&it, place));
                return Some(format!("Option<{}>", inner.as_deref().unwrap_or("_")));
            }
            "Ok" | "Err" => return Some("Result<_,_>".to_string()),
            _ => {}
        }
        if let Some(known) = known::function(&path).and_then(known::text) {
            return Some(known);
        }
        if let Some(own) = self.of_workspace_function(&path) {
            return own;
        }
        let (owner, name) = path.rsplit_once("::")?;
        let ty = base(owner);
        match name {
            "new" | "with_capacity" | "from" | "default"
                if [
                    "Vec", "VecDeque", "HashMap", "BTreeMap", "String", "HashSet", "BTreeSet",
                    "PathBuf", "Path",
                ]
                .contains(&ty) =>
            {
                return Some(ty.to_string());
            }
            "new" if matches!(ty, "Arc" | "Rc" | "Box" | "Mutex" | "RwLock") => {
                let inner = argument().and_then(|it| self.type_of(&it, place));
                return Some(format!("{ty}<{}>", inner.as_deref().unwrap_or("_")));
            }
            "clone" if matches!(ty, "Arc" | "Rc") => return self.type_of(&argument()?, place),
            "now" if matches!(ty, "SystemTime" | "Instant") => return Some(ty.to_string()),
            // The traits `TryFrom` and `FromStr` give a result.
            "try_from" | "from_str" if ty.starts_with(char::is_uppercase) => {
                let associated = if name == "try_from" { "Error" } else { "Err" };
                let mut errors = self.scope.facts.aliases(associated);
                let own = errors.find(|(_, it)| it.owner.as_deref() == Some(ty));
                return match own {
                    Some((file, alias)) => Some(format!("Result<{ty},{}@{file}>", alias.target)),
                    None if name == "try_from" => Some(format!("Result<{ty},_>")),
                    None => self.guessed(Some("Result<_,_>")),
                };
            }
            _ => {}
        }
        self.guessed(guesses::function(&path))
    }

    fn of_method(&self, call: &ast::MethodCallExpr, place: Place<'_>) -> Option<String> {
        let name = call.name_ref()?.text().to_string();
        let count = argument_count(call);
        let receiver = call.receiver()?;
        let reports = ["anyhow", "eyre", "color_eyre", "miette"];
        match (name.as_str(), count) {
            ("context" | "with_context" | "wrap_err" | "wrap_err_with", 1) => {
                let report = reports.iter().find(|it| self.fix.file.depends_on(it))?;
                let error = if *report == "anyhow" { "anyhow::Error" } else { "eyre::Report" };
                let inner = self.type_of(&receiver, place);
                let value = inner.as_deref().and_then(|it| arguments(it).first().copied());
                return Some(format!("Result<{},{error}>", value.unwrap_or("_")));
            }
            ("ok_or" | "ok_or_else", 1) => {
                let argument = call.arg_list()?.args().next()?;
                let text = argument.syntax().text().to_string();
                let text = text.trim_start_matches("||").trim_start();
                let is_text = text.starts_with('"') || text.starts_with("format!");
                let inner = self.type_of(&receiver, place);
                let value = inner.as_deref().and_then(|it| arguments(it).first().copied());
                let error = if is_text { "String" } else { "_" };
                return Some(format!("Result<{},{error}>", value.unwrap_or("_")));
            }
            ("map_err", 1) => {
                let inner = self.type_of(&receiver, place);
                let value = inner.as_deref().and_then(|it| arguments(it).first().copied());
                return Some(format!("Result<{},_>", value.unwrap_or("_")));
            }
            ("parse", 0) => return self.of_parse(call, &receiver),
            ("collect", 0) => {
                let list = compact(call.generic_arg_list()?.syntax());
                return arguments(&list).first().map(|it| it.to_string());
            }
            _ => {}
        }
        let ty = self.type_of(&receiver, place).filter(|it| it != "_");
        if let Some(ty) = &ty {
            if let Some(found) = self.of_own_method(ty, &name) {
                return found;
            }
            if let Some(found) = types::method(ty, &name, count) {
                return Some(found);
            }
        }
        if (name.as_str(), count) == ("try_into", 0) {
            return (!self.defines_method(&name)).then(|| "Result<_,_>".to_string());
        }
        if let Some(found) = self.of_shared_name(&name) {
            return Some(found);
        }
        // What a name means on most types says nothing of one that is known and not in the table.
        let known = known::method(&name, count).and_then(known::text);
        let Some(known) = known else {
            let guess = guesses::method(&name, count).filter(|_| !self.defines_method(&name));
            return self.guessed(guess);
        };
        let redefined = known::redefines(&name, |it| self.fix.file.depends_on(it));
        if redefined || self.disagrees(&name, &known) {
            return None;
        }
        Some(known)
    }

    fn guessed(&self, guess: Option<&str>) -> Option<String> {
        let guess = guess?;
        self.guessed.set(true);
        Some(guess.to_string())
    }

    /// `"0.0.0.0:0".parse()`: the error is that of the type it is parsed into.
    fn of_parse(&self, call: &ast::MethodCallExpr, receiver: &ast::Expr) -> Option<String> {
        let own = self.scope.facts.functions("parse");
        if own.filter(|it| it.has_self).count() > 0 && string_literal(receiver).is_none() {
            return None;
        }
        let turbofish = call.generic_arg_list().map(|list| compact(list.syntax()));
        let annotated = || {
            // `let bind: SocketAddr = text.parse().unwrap();`
            let unwrap = self.site.around.first()?;
            if call.syntax().parent().as_ref() != Some(unwrap) {
                return None;
            }
            let statement = ast::LetStmt::cast(unwrap.parent()?)?;
            Some(compact(statement.ty()?.syntax()))
        };
        let target = match &turbofish {
            Some(text) => Some(text.trim_start_matches("::").trim_matches(['<', '>']).to_string()),
            None => annotated(),
        };
        let Some(target) = target else {
            let is_address = string_literal(receiver).is_some_and(|text| {
                text.parse::<std::net::SocketAddr>().is_ok()
                    || text.parse::<std::net::IpAddr>().is_ok()
            });
            let error = if is_address { "std::net::AddrParseError" } else { "_" };
            return Some(format!("Result<_,{error}>"));
        };
        let error = match known::parse_error(&target) {
            Some(path) if self.type_def(&target).is_none() => path.to_string(),
            _ => {
                let mut errors = self.scope.facts.aliases("Err");
                let own = errors.find(|(_, it)| it.owner.as_deref() == Some(base(&target)));
                own.map_or("_".to_string(), |(file, alias)| format!("{}@{file}", alias.target))
            }
        };
        Some(format!("Result<{target},{error}>"))
    }

    /// What a method of a type of the workspace gives. The inner `None` says that it is such a
    /// method and that its outcome is not clear.
    fn of_own_method(&self, ty: &str, name: &str) -> Option<Option<String>> {
        let (of, _) = self.type_def(pointee(ty))?;
        let packages = self.scope.facts.packages();
        let package = packages.owner(of).map(|it| &it.folder);
        let owner = base(pointee(ty));
        let owner = if owner == "Self" { self.site.self_type()? } else { owner.to_string() };
        let methods: Vec<(&str, &Function)> = self
            .scope
            .facts
            .functions_at(name)
            .filter(|(file, it)| {
                it.has_self
                    && it.owner.as_deref() == Some(&owner)
                    && packages.owner(file).map(|it| &it.folder) == package
            })
            .collect();
        (!methods.is_empty()).then(|| self.agreed(&methods))
    }

    /// What the methods of a name give that only the workspace uses: two words or more.
    fn of_shared_name(&self, name: &str) -> Option<String> {
        if !name.contains('_') || known::method(name, 0).or(known::method(name, 1)).is_some() {
            return None;
        }
        let methods: Vec<(&str, &Function)> =
            self.scope.facts.functions_at(name).filter(|(_, it)| it.has_self).collect();
        if methods.is_empty() {
            return None;
        }
        self.agreed(&methods)
    }

    /// The inner `None` says that it is a function of the workspace whose outcome is not clear.
    fn of_workspace_function(&self, path: &str) -> Option<Option<String>> {
        let (owner, name) = match path.rsplit_once("::") {
            Some((owner, name)) => (Some(owner), name),
            None => (None, path),
        };
        let packages = self.scope.facts.packages();
        let first = owner.map(|owner| owner.split("::").next().unwrap_or(owner));
        let named = packages.iter().find(|it| Some(it.name.replace('-', "_").as_str()) == first);
        let file = self.scope.facts.file(self.scope.file);
        let is_module =
            file.is_some_and(|file| file.modules().any(|it| Some(it.name.as_str()) == first));
        let foreign = first.is_some_and(|first| {
            let lower = first.starts_with(char::is_lowercase);
            lower && !matches!(first, "crate" | "self" | "super") && !is_module && named.is_none()
        });
        if foreign {
            return None;
        }
        let package = match named {
            Some(package) => Some(&package.folder),
            None => packages.owner(self.scope.file).map(|it| &it.folder),
        };
        let owner = owner.map(base).filter(|it| it.starts_with(char::is_uppercase));
        let owner = match owner {
            Some("Self") => Some(self.site.self_type()?),
            other => other.map(str::to_string),
        };
        let functions: Vec<(&str, &Function)> = self
            .scope
            .facts
            .functions_at(name)
            .filter(|(file, it)| {
                it.owner == owner && packages.owner(file).map(|it| &it.folder) == package
            })
            .collect();
        if functions.is_empty() {
            return None;
        }
        Some(self.agreed(&functions))
    }

    /// What all of some functions give, each with its file.
    fn agreed(&self, functions: &[(&str, &Function)]) -> Option<String> {
        let mut agreed: Option<String> = None;
        for (file, function) in functions {
            let returns = function.returns.as_deref().unwrap_or("()");
            let mut ty = self.canonical(returns, file);
            if let Some(owner) = &function.owner
                && !ty.contains("Self::")
            {
                ty = ty.replace("Self", owner);
            }
            if function.is_async {
                ty = format!("Future<{ty}>");
            }
            match &agreed {
                None => agreed = Some(ty),
                Some(known) if *known == ty => {}
                // Of functions that differ only in what they hold, the outcome is the same.
                Some(known) => {
                    let (a, b) = (self.classified(known)?, self.classified(&ty)?);
                    let same = a == b && base(known) == base(&ty);
                    agreed = Some(if !same {
                        return None;
                    } else if base(known) == "Option" {
                        "Option<_>".to_string()
                    } else {
                        format!("Result<_,{}>", arguments(known).get(1)?)
                    });
                }
            }
        }
        agreed
    }

    /// Whether a method of the workspace has this name and gives something else.
    fn disagrees(&self, name: &str, known: &str) -> bool {
        self.scope.facts.functions_at(name).filter(|(_, it)| it.has_self).any(|(file, function)| {
            let Some(returns) = function.returns.as_deref() else { return false };
            let ty = self.canonical(returns, file);
            match self.classified(known) {
                Some(Outcome::Option) => base(&ty) != "Option",
                other => other != self.classified(&ty),
            }
        })
    }

    fn defines_method(&self, name: &str) -> bool {
        self.scope.facts.functions(name).any(|it| it.has_self)
    }

    /// The full path of the function that a call names.
    fn called_path(&self, call: &ast::CallExpr) -> Option<String> {
        let ast::Expr::PathExpr(path) = call.expr()? else { return None };
        let text = compact(path.syntax());
        // `parse::<u8>` is the function `parse`.
        let mut plain = String::new();
        let mut depth = 0i32;
        for c in text.chars() {
            match c {
                '<' => depth += 1,
                '>' => depth -= 1,
                _ if depth == 0 => plain.push(c),
                _ => {}
            }
        }
        let plain = plain.replace("::::", "::");
        let plain = plain.trim_end_matches("::");
        Some(self.site.imports.resolve(plain))
    }
}

/// The name of the method or function that an expression calls.
fn called_name(expr: &ast::Expr) -> Option<String> {
    match expr {
        ast::Expr::AwaitExpr(it) => called_name(&it.expr()?),
        ast::Expr::CallExpr(it) => {
            let path = compact(it.expr()?.syntax());
            Some(path.rsplit("::").next().unwrap_or(&path).to_string())
        }
        _ => called(expr).map(|it| it.0),
    }
}

/// The name of the method or function that an expression calls, the number of its arguments, and
/// whether the call is awaited.
fn called(expr: &ast::Expr) -> Option<(String, usize, bool)> {
    match expr {
        ast::Expr::MethodCallExpr(it) => {
            Some((it.name_ref()?.text().to_string(), argument_count(it), false))
        }
        ast::Expr::AwaitExpr(it) => {
            let (name, count, _) = called(&it.expr()?)?;
            Some((name, count, true))
        }
        _ => None,
    }
}
