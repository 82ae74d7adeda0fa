//! Calls of functions and methods: the types of what they give.

use super::{Inference, Position};
use crate::project::base_name;
use crate::semantics::calls::argument_count;
use crate::semantics::literals::string_literal;
use crate::semantics::type_text::arguments;
use crate::semantics::types::signatures::methods::{self, pointee};
use crate::semantics::types::signatures::{self, functions, method_names};
use crate::syntax::ast::{self, HasArgList, HasGenericArgs};
use crate::syntax::fragment::macro_name;
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxKind};

impl Inference<'_> {
    pub(super) fn of_awaited(&self, expr: &ast::Expr, position: Position<'_>) -> Option<String> {
        // The guard of an asynchronous lock.
        if let ast::Expr::MethodCallExpr(it) = expr
            && matches!(it.name_ref()?.text(), "lock" | "read" | "write")
            && let Some(ty) = it.receiver().and_then(|it| self.type_of(&it, position))
            && matches!(base_name(pointee(&ty)), "Mutex" | "RwLock")
        {
            return arguments(pointee(&ty)).first().map(|it| it.to_string());
        }
        if let Some(ty) = self.type_of(expr, position) {
            if base_name(&ty) == "Future" {
                return arguments(&ty).first().map(|it| it.to_string());
            }
            if base_name(&ty) == "JoinHandle" {
                return Some("Result<_,tokio::task::JoinError>".to_string());
            }
        }
        match expr {
            ast::Expr::CallExpr(it) => {
                let path = self.called_path(it)?;
                self.guessed(method_names::guessed_function(&path))
            }
            ast::Expr::MethodCallExpr(it) => {
                let name = it.name_ref()?.text().to_string();
                let count = argument_count(it);
                let request = name == "send" && count == 0 && self.view.file.depends_on("reqwest");
                if request && !self.defines_method(&name) {
                    return Some("Result<_,reqwest::Error>".to_string());
                }
                if self.defines_method(&name) {
                    return None;
                }
                match method_names::awaited_method(&name, count) {
                    Some(known) => Some(known.to_string()),
                    None => self.guessed(method_names::guessed_awaited_method(&name)),
                }
            }
            _ => None,
        }
    }

    pub(super) fn of_call(&self, call: &ast::CallExpr, position: Position<'_>) -> Option<String> {
        let path = self.called_path(call)?;
        let argument = || call.arg_list()?.args().next();
        match path.as_str() {
            "Some" => {
                // It is an `Option` whatever is guessed of the value.
                let sure = self.guessed.get();
                let inner = argument().and_then(|it| self.type_of(&it, position));
                self.guessed.set(sure);
                return Some(format!("Option<{}>", inner.as_deref().unwrap_or("_")));
            }
            "Ok" | "Err" => return Some("Result<_,_>".to_string()),
            _ => {}
        }
        if let Some(known) = functions::function(&self.without_alias(&path)) {
            return Some(known);
        }
        if let Some(own) = self.of_workspace_function(&path) {
            return own;
        }
        let (owner, name) = path.rsplit_once("::")?;
        let ty = base_name(owner);
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
                let inner = argument().and_then(|it| self.type_of(&it, position));
                return Some(format!("{ty}<{}>", inner.as_deref().unwrap_or("_")));
            }
            "clone" if matches!(ty, "Arc" | "Rc") => return self.type_of(&argument()?, position),
            // The traits `TryFrom` and `FromStr` give a result.
            "try_from" | "from_str" if ty.starts_with(char::is_uppercase) => {
                let associated = if name == "try_from" { "Error" } else { "Err" };
                let mut errors = self.scope.symbols.aliases(associated);
                let own = errors.find(|(_, it)| it.owner.as_deref() == Some(ty));
                return match own {
                    Some((file, alias)) => Some(format!("Result<{ty},{}@{file}>", alias.target)),
                    None if name == "try_from" => Some(format!("Result<{ty},_>")),
                    None => self.guessed(Some("Result<_,_>")),
                };
            }
            _ => {}
        }
        self.guessed(method_names::guessed_function(&path))
    }

    pub(super) fn of_method(
        &self,
        call: &ast::MethodCallExpr,
        position: Position<'_>,
    ) -> Option<String> {
        let name = call.name_ref()?.text().to_string();
        let count = argument_count(call);
        let receiver = call.receiver()?;
        if let Some(found) = self.of_adaptor(call, &name, &receiver, position) {
            return found;
        }
        let sure = self.guessed.get();
        let ty = self.type_of(&receiver, position).filter(|it| it != "_");
        if let Some(ty) = &ty {
            if let Some(found) = self.of_own_method(ty, &name) {
                return found;
            }
            // `self: Pin<&mut Self>`
            let pinned = receiver.syntax().text() == "self"
                && matches!(name.as_str(), "get_mut" | "get_ref" | "as_mut")
                && count == 0
                && self.is_pinned(position);
            if pinned {
                return Some(ty.clone());
            }
            if matches!(base_name(pointee(ty)), "Mutex" | "RwLock")
                && !self.is_std_lock(pointee(ty))
            {
                return None;
            }
            let depends_on = |name: &str| self.view.file.depends_on(name);
            // A type of the workspace may have the name of a well-known one.
            let path = pointee(ty).split('<').next().unwrap_or(ty);
            let own = self.scope.type_def(path).is_some();
            let known = methods::method(ty, &name, count).filter(|_| !own);
            let known =
                known.or_else(|| signatures::crate_method(pointee(ty), &name, count, depends_on));
            if known.is_some() {
                return known;
            }
        }
        // What was guessed of the receiver is of no matter from here on.
        self.guessed.set(sure);
        if let Some(found) = self.of_shared_name(&name) {
            return Some(found);
        }
        // What a name means on most types says nothing of one that is known and not in the table.
        let Some(known) = method_names::method(&name, count) else {
            let guess = method_names::guessed_method(&name, count);
            return self.guessed(guess.filter(|_| !self.defines_method(&name)));
        };
        let redefined = method_names::redefines(&name, |it| self.view.file.depends_on(it));
        if redefined || self.disagrees(&name, known, self.unwrapped(call).is_some()) {
            return None;
        }
        Some(known.to_string())
    }

    /// What methods give that change a value or its error, or make it of another type. The inner
    /// `None` says that it is such a method and that what it gives is not known.
    fn of_adaptor(
        &self,
        call: &ast::MethodCallExpr,
        name: &str,
        receiver: &ast::Expr,
        position: Position<'_>,
    ) -> Option<Option<String>> {
        let known = match (name, argument_count(call)) {
            ("context" | "with_context" | "wrap_err" | "wrap_err_with", 1) => {
                self.of_context(receiver, position)
            }
            ("ok_or" | "ok_or_else", 1) => {
                self.of_ok_or(call.arg_list().and_then(|it| it.args().next()), receiver, position)
            }
            ("map_err", 1) => Some(format!("Result<{},_>", self.value_of(receiver, position))),
            ("parse", 0) => self.of_parse(call, receiver),
            ("try_into", 0) => self.of_try_into(call, receiver, position),
            ("collect", 0) => call.generic_arg_list().and_then(|list| {
                arguments(&compact(list.syntax())).first().map(|it| it.to_string())
            }),
            _ => return None,
        };
        Some(known)
    }

    /// The value in the `Option` or `Result` that an expression gives.
    fn value_of(&self, expr: &ast::Expr, position: Position<'_>) -> String {
        let ty = self.type_of(expr, position);
        let value = ty.as_deref().and_then(|it| arguments(it).first().copied());
        value.unwrap_or("_").to_string()
    }

    fn of_context(&self, receiver: &ast::Expr, position: Position<'_>) -> Option<String> {
        let reports = ["anyhow", "eyre", "color_eyre", "miette"];
        let report = reports.iter().find(|it| self.view.file.depends_on(it))?;
        let error = if *report == "anyhow" { "anyhow::Error" } else { "eyre::Report" };
        Some(format!("Result<{},{error}>", self.value_of(receiver, position)))
    }

    fn of_ok_or(
        &self,
        argument: Option<ast::Expr>,
        receiver: &ast::Expr,
        position: Position<'_>,
    ) -> Option<String> {
        let text = argument?.syntax().text().to_string();
        let text = text.trim_start_matches("||").trim_start();
        let is_text = text.starts_with('"') || text.starts_with("format!");
        let error = if is_text { "String" } else { "_" };
        Some(format!("Result<{},{error}>", self.value_of(receiver, position)))
    }

    /// Whether a lock is that of the standard library, and not one that cannot be poisoned.
    fn is_std_lock(&self, ty: &str) -> bool {
        const OTHERS: &[&str] = &[
            "parking_lot", "tokio", "futures", "futures_util", "async_lock", "async_std", "spin",
            "lock_api",
        ];
        let full = self.scope.resolve(ty.split('<').next().unwrap_or(ty));
        match full.contains("::") {
            true => full.starts_with("std::sync::"),
            false => !OTHERS.iter().any(|it| self.view.file.depends_on(it)),
        }
    }

    /// Whether the method around takes `self: Pin<…>`.
    fn is_pinned(&self, position: Position<'_>) -> bool {
        let function = position.around.iter().find_map(|it| ast::Fn::cast(it.clone()));
        let parameter = function.and_then(|it| it.param_list()?.self_param()?.ty());
        parameter.is_some_and(|it| base_name(&compact(it.syntax())) == "Pin")
    }

    /// `text.try_into()`: the error is that of the type that is made, which the annotation of a
    /// binding tells, or the numbers that are made of bytes.
    fn of_try_into(
        &self,
        call: &ast::MethodCallExpr,
        receiver: &ast::Expr,
        position: Position<'_>,
    ) -> Option<String> {
        if self.defines_method("try_into") {
            return None;
        }
        let ty = self.type_of(receiver, position).map(|it| pointee(&it).to_string());
        let is_slice = ty.as_deref().is_some_and(|it| it.starts_with('[') && !it.contains(';'));
        let is_range = matches!(receiver, ast::Expr::IndexExpr(it) if matches!(it.index(), Some(ast::Expr::RangeExpr(_))));
        let target = self.annotation(call);
        let to_number = target.as_deref().is_some_and(functions::is_integer);
        let to_array = target.is_some_and(|it| it.trim_start_matches('&').starts_with('['));
        let error = if is_slice && (to_array || self.makes_number_of_bytes(call))
            || is_range && self.makes_number_of_bytes(call)
        {
            "std::array::TryFromSliceError"
        } else if to_number && ty.as_deref().is_some_and(functions::is_integer) {
            signatures::SOME_ERROR
        } else {
            "_"
        };
        Some(format!("Result<_,{error}>"))
    }

    /// `u32::from_be_bytes(bytes.try_into().unwrap())`
    fn makes_number_of_bytes(&self, call: &ast::MethodCallExpr) -> bool {
        let Some(unwrap) = self.unwrapped(call) else { return false };
        let outer = unwrap.parent().and_then(|it| it.parent()).and_then(ast::CallExpr::cast);
        let path = outer.and_then(|it| it.expr()).map(|it| compact(it.syntax()));
        path.is_some_and(|path| {
            let (ty, name) = path.rsplit_once("::").unwrap_or_default();
            functions::is_integer(ty)
                && matches!(name, "from_be_bytes" | "from_le_bytes" | "from_ne_bytes")
        })
    }

    /// The panicking call, when it is that of `call`.
    fn unwrapped(&self, call: &ast::MethodCallExpr) -> Option<&crate::syntax::SyntaxNode> {
        let unwrap = self.located.around.first()?;
        (call.syntax().parent().as_ref() == Some(unwrap)).then_some(unwrap)
    }

    /// The type in `let bind: SocketAddr = text.parse().unwrap();`
    fn annotation(&self, call: &ast::MethodCallExpr) -> Option<String> {
        let statement = ast::LetStmt::cast(self.unwrapped(call)?.parent()?)?;
        Some(compact(statement.ty()?.syntax()))
    }

    /// What a macro gives.
    pub(super) fn of_macro(&self, call: &ast::MacroCall, position: Position<'_>) -> Option<String> {
        match macro_name(call.syntax())?.as_str() {
            "vec" => Some("Vec<_>".to_string()),
            "format" => Some("String".to_string()),
            "write" | "writeln" => {
                let target = self.written_to(call, position);
                let target = target.as_deref().map(|it| base_name(pointee(it)).to_string());
                let error = match target.as_deref() {
                    Some("String" | "Formatter") => "std::fmt::Error",
                    Some("Vec" | "File" | "Stdout" | "StdoutLock" | "Stderr" | "BufWriter") => {
                        "std::io::Error"
                    }
                    _ => signatures::SOME_ERROR,
                };
                Some(format!("Result<(),{error}>"))
            }
            "env" | "concat" | "stringify" | "include_str" => Some("&str".to_string()),
            _ => None,
        }
    }

    /// The type of the first argument of `write!`, where that is a name.
    pub(super) fn written_to(
        &self,
        call: &ast::MacroCall,
        position: Position<'_>,
    ) -> Option<String> {
        let tree = call.token_tree()?;
        let tokens = tree.syntax().children_with_tokens().skip(1);
        let mut own = tokens.take_while(|it| it.kind() != SyntaxKind::COMMA).filter(|it| {
            !matches!(
                it.kind(),
                SyntaxKind::WHITESPACE | SyntaxKind::AMP | SyntaxKind::MUT_KW | SyntaxKind::STAR
            )
        });
        let name = own.next()?.into_token().filter(|it| it.kind() == SyntaxKind::IDENT)?;
        own.next().is_none().then(|| self.of_path(name.text(), position))?
    }

    /// `"0.0.0.0:0".parse()`: the error is that of the type it is parsed into.
    fn of_parse(&self, call: &ast::MethodCallExpr, receiver: &ast::Expr) -> Option<String> {
        let own = self.scope.symbols.functions("parse");
        if own.filter(|it| it.has_self).count() > 0 && string_literal(receiver).is_none() {
            return None;
        }
        let turbofish = call.generic_arg_list().map(|list| compact(list.syntax()));
        let target = match &turbofish {
            Some(text) => Some(text.trim_start_matches("::").trim_matches(['<', '>']).to_string()),
            None => self.annotation(call),
        };
        let Some(target) = target else {
            let is_address = string_literal(receiver).is_some_and(|text| {
                text.parse::<std::net::SocketAddr>().is_ok()
                    || text.parse::<std::net::IpAddr>().is_ok()
            });
            let error = if is_address { "std::net::AddrParseError" } else { "_" };
            return Some(format!("Result<_,{error}>"));
        };
        let error = match functions::parse_error(&target) {
            Some(path) if self.type_def(&target).is_none() => path.to_string(),
            _ => {
                let mut errors = self.scope.symbols.aliases("Err");
                let own = errors.find(|(_, it)| it.owner.as_deref() == Some(base_name(&target)));
                own.map_or("_".to_string(), |(file, alias)| format!("{}@{file}", alias.target))
            }
        };
        Some(format!("Result<{target},{error}>"))
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
        Some(self.with_module(self.located.imports.resolve(plain)))
    }

    /// A path that no import leads to, where all of a module's names are imported, with the module
    /// in front of it that has a well-known function of the name.
    fn with_module(&self, path: String) -> String {
        const STD: &[&str] = &["std::", "std::fs::", "std::process::"];
        const CRATES: &[&str] = &["regex::", "url::", "uuid::", "semver::"];
        let first = path.split("::").next().unwrap_or(&path);
        let symbols = self.scope.symbols;
        let is_module = |name: &str| {
            symbols.files().filter_map(|it| symbols.module(it)).any(|it| it.name == name)
        };
        let own = ["crate", "super", "self", "Self"].contains(&first)
            || self.type_def(first).is_some()
            || is_module(first);
        let mut globs = self.located.imports.globs();
        let globs = globs.any(|it| it.starts_with("super") || it.starts_with("crate"));
        if own || !globs || !path.contains("::") || functions::function(&path).is_some() {
            return path;
        }
        let crates =
            CRATES.iter().filter(|it| self.view.file.depends_on(it.trim_end_matches("::")));
        let full = STD.iter().chain(crates).map(|module| format!("{module}{path}"));
        full.into_iter().find(|it| functions::function(it).is_some()).unwrap_or(path)
    }

    /// A path with the alias in front of its last name followed: `i64::try_from` for
    /// `Offset::try_from`.
    fn without_alias(&self, path: &str) -> String {
        let Some((owner, name)) = path.rsplit_once("::") else { return path.to_string() };
        let (expanded, _) = self.scope.expanded(owner);
        format!("{expanded}::{name}")
    }
}
