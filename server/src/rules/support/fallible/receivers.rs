//! What the receiver of a panicking call is.

use super::errors::{ErrorType, Outcome, arguments, base, is_error};
use super::known;
use super::site::Site;
use crate::analysis::FixContext;
use crate::project::Function;
use crate::rules::support::{argument_count, string_literal};
use crate::syntax::AstNode;
use crate::syntax::ast::{self, HasArgList, HasGenericArgs};
use crate::syntax::imports::compact;

/// Receivers are followed this deep through bindings and chains.
const MAX_DEPTH: usize = 12;

/// What the receiver of a call gives; nothing where that cannot be told.
pub fn outcome(site: &Site, fix: &FixContext<'_>) -> Option<Outcome> {
    Inference { site, fix }.of(&site.receiver, MAX_DEPTH)
}

struct Inference<'a> {
    site: &'a Site,
    fix: &'a FixContext<'a>,
}

impl Inference<'_> {
    fn of(&self, expr: &ast::Expr, depth: usize) -> Option<Outcome> {
        let depth = depth.checked_sub(1)?;
        match expr {
            ast::Expr::ParenExpr(it) => self.of(&it.expr()?, depth),
            ast::Expr::AwaitExpr(it) => self.of_awaited(&it.expr()?, depth),
            ast::Expr::MethodCallExpr(it) => self.of_method(it, depth),
            ast::Expr::CallExpr(it) => {
                let path = self.called_path(it)?;
                match path.as_str() {
                    "Some" => return Some(Outcome::Option),
                    "Ok" | "Err" => return Some(Outcome::Result(ErrorType::Unknown)),
                    _ => {}
                }
                let found = known::function(&path);
                found.or_else(|| self.of_workspace_function(&path, false))
            }
            ast::Expr::PathExpr(_) | ast::Expr::FieldExpr(_) => {
                if let Some(ty) = self.type_of(expr, depth) {
                    return self.of_type(&ty);
                }
                let ast::Expr::PathExpr(path) = expr else { return None };
                let binding = self.site.binding(&path.syntax().text().to_string())?;
                let statement = ast::LetStmt::cast(binding)?;
                // The pattern of a `let … else` is refutable and names a part.
                self.of(&statement.initializer()?, depth)
            }
            _ => None,
        }
    }

    fn of_awaited(&self, expr: &ast::Expr, depth: usize) -> Option<Outcome> {
        match expr {
            ast::Expr::CallExpr(it) => {
                let path = self.called_path(it)?;
                let found = known::awaited_function(&path);
                found.or_else(|| self.of_workspace_function(&path, true))
            }
            ast::Expr::MethodCallExpr(it) => {
                let name = it.name_ref()?.text().to_string();
                if let Some(found) = self.of_own_method(it, &name, true, depth) {
                    return found;
                }
                let arguments = argument_count(it);
                let known = known::awaited_method(&name, arguments).or_else(|| {
                    let request = name == "send" && arguments == 0;
                    let reqwest = request && self.fix.file.depends_on("reqwest");
                    reqwest.then_some(Outcome::Result(ErrorType::Path("reqwest::Error")))
                });
                known.filter(|_| !self.defines_method(&name))
            }
            _ => None,
        }
    }

    fn of_method(&self, call: &ast::MethodCallExpr, depth: usize) -> Option<Outcome> {
        let name = call.name_ref()?.text().to_string();
        let arguments = argument_count(call);
        let receiver = call.receiver()?;
        match (name.as_str(), arguments) {
            ("ok_or" | "ok_or_else", 1) => {
                let argument = call.arg_list()?.args().next()?;
                let text = argument.syntax().text().to_string();
                let text = text.trim_start_matches("||").trim_start();
                let is_text = text.starts_with('"') || text.starts_with("format!");
                let error = if is_text { ErrorType::Text } else { ErrorType::Unknown };
                return Some(Outcome::Result(error));
            }
            ("map_err", 1) => return Some(Outcome::Result(ErrorType::Unknown)),
            ("context" | "with_context" | "wrap_err" | "wrap_err_with", 1)
                if self.fix.file.depends_on("anyhow") || self.fix.file.depends_on("eyre") =>
            {
                return Some(Outcome::Result(ErrorType::Some));
            }
            ("map" | "and_then" | "inspect", 1) | ("copied" | "cloned", 0) => {
                let inner = self.of(&receiver, depth)?;
                let keeps_error = name != "and_then" || inner == Outcome::Option;
                return if keeps_error {
                    Some(inner)
                } else {
                    match inner {
                        Outcome::Option => Some(Outcome::Option),
                        // The error type stays what it was.
                        Outcome::Result(error) => Some(Outcome::Result(error)),
                        Outcome::Either => None,
                    }
                };
            }
            ("as_ref" | "as_mut" | "as_deref" | "as_deref_mut", 0) => {
                return match self.of(&receiver, depth)? {
                    Outcome::Option => Some(Outcome::Option),
                    _ => None,
                };
            }
            ("or" | "or_else" | "filter" | "xor" | "zip", 1) => {
                return match self.of(&receiver, depth)? {
                    Outcome::Option => Some(Outcome::Option),
                    _ => None,
                };
            }
            ("parse", 0) => return self.of_parse(call, &receiver),
            ("try_into", 0) => {
                let ast::Expr::IndexExpr(index) = &receiver else { return None };
                let is_slice = matches!(index.index(), Some(ast::Expr::RangeExpr(_)));
                let path = "std::array::TryFromSliceError";
                return is_slice.then_some(Outcome::Result(ErrorType::Path(path)));
            }
            _ => {}
        }
        if let Some(found) = self.of_own_method(call, &name, false, depth) {
            return found;
        }
        if let Some(ty) = self.type_of(&receiver, depth) {
            let ty = if ty.trim_start_matches('&').starts_with('[') { "[]" } else { base(&ty) };
            if let Some(found) = known::method_of(ty, &name, arguments) {
                return Some(found);
            }
        }
        if let Some(found) = self.of_shared_name(&name) {
            return Some(found);
        }
        let known = known::method(&name, arguments)?;
        let redefined = known::redefines(&name, |it| self.fix.file.depends_on(it));
        if redefined || self.disagrees(&name, &known) {
            return None;
        }
        Some(known)
    }

    /// `"0.0.0.0:0".parse()`: the error is that of the type it is parsed into.
    fn of_parse(&self, call: &ast::MethodCallExpr, receiver: &ast::Expr) -> Option<Outcome> {
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
            Some(text) => text.trim_start_matches("::").trim_matches(['<', '>']).to_string(),
            None => match annotated() {
                Some(ty) => ty,
                None => {
                    let text = string_literal(receiver)?;
                    let is_address = text.parse::<std::net::SocketAddr>().is_ok()
                        || text.parse::<std::net::IpAddr>().is_ok();
                    return is_address
                        .then_some(Outcome::Result(ErrorType::Path("std::net::AddrParseError")));
                }
            },
        };
        if self.fix.facts.types(base(&target)).next().is_some() {
            return None;
        }
        let error = match known::parse_error(&target) {
            Some(path) => ErrorType::Path(path),
            None => return None,
        };
        Some(Outcome::Result(error))
    }

    /// What a method of a type of the workspace gives, when the receiver's type is known. The
    /// inner `None` says that it is such a method and that its outcome is not clear.
    fn of_own_method(
        &self,
        call: &ast::MethodCallExpr,
        name: &str,
        awaited: bool,
        depth: usize,
    ) -> Option<Option<Outcome>> {
        let ty = self.type_of(&call.receiver()?, depth)?;
        let owner = base(&ty);
        let methods: Vec<&Function> = self
            .fix
            .facts
            .functions(name)
            .filter(|it| it.has_self && it.owner.as_deref() == Some(owner))
            .collect();
        if methods.is_empty() || self.fix.facts.types(owner).count() != 1 {
            return None;
        }
        Some(self.agreed(&methods, awaited))
    }

    /// What the methods of a name give that only the workspace uses: two words or more.
    fn of_shared_name(&self, name: &str) -> Option<Outcome> {
        if !name.contains('_') || known::method(name, 0).or(known::method(name, 1)).is_some() {
            return None;
        }
        let methods: Vec<&Function> =
            self.fix.facts.functions(name).filter(|it| it.has_self).collect();
        if methods.is_empty() {
            return None;
        }
        self.agreed(&methods, false)
    }

    fn of_workspace_function(&self, path: &str, awaited: bool) -> Option<Outcome> {
        let (owner, name) = match path.rsplit_once("::") {
            Some((owner, name)) => (Some(owner), name),
            None => (None, path),
        };
        let foreign = owner.is_some_and(|owner| {
            let first = owner.split("::").next().unwrap_or(owner);
            let lower = first.starts_with(char::is_lowercase);
            lower && !matches!(first, "crate" | "self" | "super") && !self.site.declares(first)
        });
        if foreign {
            return None;
        }
        let owner = owner.map(base).filter(|it| it.starts_with(char::is_uppercase));
        let owner = match owner {
            Some("Self") => Some(self.site.self_type()?),
            other => other.map(str::to_string),
        };
        if let Some(owner) = &owner
            && self.fix.facts.types(owner).count() != 1
        {
            return None;
        }
        let functions: Vec<&Function> =
            self.fix.facts.functions(name).filter(|it| it.owner == owner).collect();
        self.agreed(&functions, awaited)
    }

    /// What all of some functions give.
    fn agreed(&self, functions: &[&Function], awaited: bool) -> Option<Outcome> {
        let mut agreed = None;
        for function in functions {
            if function.is_async != awaited {
                return None;
            }
            let outcome = self.of_type(function.returns.as_deref()?)?;
            match &agreed {
                None => agreed = Some(outcome),
                Some(known) if *known == outcome => {}
                Some(_) => return None,
            }
        }
        agreed
    }

    /// Whether a method of the workspace has this name and gives something else.
    fn disagrees(&self, name: &str, known: &Outcome) -> bool {
        self.fix.facts.functions(name).filter(|it| it.has_self).any(|function| {
            let Some(returns) = function.returns.as_deref() else { return false };
            let option = base(returns) == "Option";
            let result = base(returns).ends_with("Result");
            match known {
                Outcome::Option => !option,
                Outcome::Result(_) => !result || self.of_type(returns).as_ref() != Some(known),
                Outcome::Either => true,
            }
        })
    }

    fn defines_method(&self, name: &str) -> bool {
        self.fix.facts.functions(name).any(|it| it.has_self)
    }

    /// What a value of a type is, by the type as it is written somewhere in the workspace.
    fn of_type(&self, ty: &str) -> Option<Outcome> {
        if ty.starts_with('&') {
            return None;
        }
        let head = ty.split('<').next().unwrap_or(ty);
        let arguments = arguments(ty);
        match head {
            "Option" | "std::option::Option" => return Some(Outcome::Option),
            "io::Result" | "std::io::Result" => {
                return Some(Outcome::Result(ErrorType::Path("std::io::Error")));
            }
            "anyhow::Result" if arguments.len() <= 1 => {
                return Some(Outcome::Result(ErrorType::Some));
            }
            _ => {}
        }
        if base(head) != "Result" {
            return None;
        }
        let error = match arguments.as_slice() {
            [_, error] => self.named_error(error),
            [_] => {
                let mut aliases = self.fix.facts.aliases("Result");
                match (aliases.next(), aliases.next()) {
                    (None, None) if self.fix.file.depends_on("anyhow") => ErrorType::Some,
                    (Some((_, target)), None) if head == "Result" || head.starts_with("crate") => {
                        match super::errors::arguments(target).as_slice() {
                            [_, error] => self.named_error(error),
                            [_] if target.starts_with("anyhow::") => ErrorType::Some,
                            _ => ErrorType::Unknown,
                        }
                    }
                    _ => ErrorType::Unknown,
                }
            }
            _ => ErrorType::Unknown,
        };
        Some(Outcome::Result(error))
    }

    fn named_error(&self, error: &str) -> ErrorType {
        match error {
            "String" | "&'staticstr" => ErrorType::Text,
            "io::Error" | "std::io::Error" => ErrorType::Path("std::io::Error"),
            "anyhow::Error" => ErrorType::Some,
            _ if is_error(base(error), self.fix.facts) && !error.contains('<') => {
                ErrorType::Named(base(error).to_string())
            }
            _ => ErrorType::Unknown,
        }
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

    /// The type of an expression as it is written where it is declared.
    fn type_of(&self, expr: &ast::Expr, depth: usize) -> Option<String> {
        let depth = depth.checked_sub(1)?;
        match expr {
            ast::Expr::ParenExpr(it) => self.type_of(&it.expr()?, depth),
            ast::Expr::RefExpr(it) => self.type_of(&it.expr()?, depth),
            ast::Expr::Literal(_) => string_literal(expr).map(|_| "str".to_string()),
            ast::Expr::PathExpr(path) => {
                let name = path.syntax().text().to_string();
                if name == "self" {
                    return self.site.self_type();
                }
                let binding = self.site.binding(&name)?;
                if let Some(parameter) = ast::Param::cast(binding.clone()) {
                    return Some(compact(parameter.ty()?.syntax()));
                }
                let statement = ast::LetStmt::cast(binding)?;
                match statement.ty() {
                    Some(ty) => Some(compact(ty.syntax())),
                    None => self.constructed(&statement.initializer()?, depth),
                }
            }
            ast::Expr::FieldExpr(field) => {
                let owner = self.type_of(&field.expr()?, depth)?;
                let name = field.name_ref()?.text().to_string();
                let owner = transparent(&owner);
                let mut types = self.fix.facts.types(base(owner));
                let (Some(def), None) = (types.next(), types.next()) else { return None };
                let field = def.fields.iter().find(|(it, _)| *it == name)?;
                Some(field.1.clone())
            }
            _ => self.constructed(expr, depth),
        }
    }

    /// The type that a constructor's call gives.
    fn constructed(&self, expr: &ast::Expr, depth: usize) -> Option<String> {
        match expr {
            ast::Expr::CallExpr(call) => {
                let path = self.called_path(call)?;
                let (ty, name) = path.rsplit_once("::")?;
                let constructs = matches!(name, "new" | "with_capacity" | "default");
                let std = ["Vec", "VecDeque", "HashMap", "BTreeMap", "String"];
                if constructs && std.contains(&base(ty)) {
                    return Some(base(ty).to_string());
                }
                let owner =
                    if ty == "Self" { self.site.self_type()? } else { base(ty).to_string() };
                let mut functions = self.fix.facts.functions(name);
                let function = functions.find(|it| it.owner.as_deref() == Some(owner.as_str()))?;
                let returns = function.returns.as_deref()?;
                (returns == "Self" || returns == owner).then_some(owner)
            }
            // `Config::load(path)?` and `Config::load(path).unwrap()`
            ast::Expr::TryExpr(it) => self.unwrapped(&it.expr()?),
            ast::Expr::MethodCallExpr(it)
                if it.name_ref().is_some_and(|name| matches!(name.text(), "unwrap" | "expect")) =>
            {
                self.unwrapped(&it.receiver()?)
            }
            ast::Expr::MacroExpr(it) => {
                let name = crate::syntax::fragment::macro_name(it.macro_call()?.syntax())?;
                match name.as_str() {
                    "vec" => Some("Vec".to_string()),
                    "format" => Some("String".to_string()),
                    _ => None,
                }
            }
            ast::Expr::MethodCallExpr(it) => {
                let name = it.name_ref()?.text().to_string();
                match (name.as_str(), argument_count(it)) {
                    ("to_string" | "to_lowercase" | "to_uppercase" | "to_owned", 0) => {
                        (name != "to_owned").then(|| "String".to_string())
                    }
                    ("trim" | "trim_start" | "trim_end", 0) => Some("str".to_string()),
                    ("clone", 0) => self.type_of(&it.receiver()?, depth),
                    ("as_bytes", 0) => Some("&[u8]".to_string()),
                    ("collect", 0) => {
                        let list = it.generic_arg_list()?;
                        let text = compact(list.syntax());
                        Some(arguments(&text).first()?.to_string())
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

impl Inference<'_> {
    /// The type of the workspace that a fallible constructor's call gives on success.
    fn unwrapped(&self, expr: &ast::Expr) -> Option<String> {
        let call = match expr {
            ast::Expr::CallExpr(call) => call.clone(),
            ast::Expr::AwaitExpr(it) => return self.unwrapped(&it.expr()?),
            ast::Expr::MethodCallExpr(it) => {
                let name = it.name_ref()?.text().to_string();
                let passes_on = matches!(name.as_str(), "context" | "with_context" | "map_err");
                return if passes_on { self.unwrapped(&it.receiver()?) } else { None };
            }
            _ => return None,
        };
        let path = self.called_path(&call)?;
        let (ty, name) = path.rsplit_once("::")?;
        let owner = if ty == "Self" { self.site.self_type()? } else { base(ty).to_string() };
        let mut functions = self.fix.facts.functions(name);
        let function = functions.find(|it| it.owner.as_deref() == Some(owner.as_str()))?;
        let value = arguments(function.returns.as_deref()?).first().copied()?;
        (value == "Self" || value == owner).then_some(owner)
    }
}

/// The type that the fields of a smart pointer's value are reached through.
fn transparent(ty: &str) -> &str {
    let ty = ty.trim_start_matches('&').trim_start_matches("mut");
    match base(ty) {
        "Box" | "Arc" | "Rc" => arguments(ty).first().copied().unwrap_or(ty),
        _ => ty,
    }
}
