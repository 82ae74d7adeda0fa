//! What an expression is called, by its name, by what it is bound to, and by what it was made of.

use super::buffers::{fed, filled_by};
use super::constants::{Constant, is_list_of_literals, is_public};
use super::enclosing::EnclosingCode;
use super::operands::{Operand, bare, type_authenticator};
use crate::semantics::expressions::identifier;
use crate::semantics::literals::{literal_of, string_literal};
use crate::semantics::paths::{callee, last_segment};
use crate::semantics::secrets::{
    Authenticator, AuthenticatorKind, authenticator, computed_authenticator, exports_secret,
    is_generic, is_hashing, is_making, is_presented,
};
use crate::semantics::shape::{Binding, Kind, Shape, binding, surroundings};
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::format_string::inline_captures;
use crate::syntax::names::{has_any_word, words};
use crate::syntax::{AstNode, NodeOrToken, SyntaxKind, SyntaxNode};

/// Methods whose result is another form or a part of what they are called on, beside those that
/// say so by the first word of their names.
const UNWRAPPING_METHODS: &[&str] = &[
    "and_then", "borrow", "bytes", "chars", "clone", "cloned", "context", "copied", "deref",
    "enumerate", "expect", "expose_secret", "filter", "find", "first", "get_ref", "inner", "iter",
    "last", "lock", "map", "map_err", "next", "nth", "ok", "ok_or", "ok_or_else", "parse", "pop",
    "read", "rev", "reveal", "secret", "split", "split_once", "split_whitespace", "strip_prefix",
    "strip_suffix", "trim", "trim_end", "trim_matches", "trim_start", "trim_start_matches",
    "unsecure", "unwrap", "unwrap_or", "unwrap_or_default", "unwrap_or_else", "value", "values",
    "with_context", "write", "zip",
];

/// First words of methods and functions that convert a value.
const CONVERTING_WORDS: &[&str] =
    &["as", "decode", "encode", "escape", "from", "into", "normalize", "to", "try", "unescape"];

/// Functions whose result is another form of their argument.
const UNWRAPPING_FUNCTIONS: &[&str] = &["Ok", "Some", "black_box", "hex", "new", "unwrap"];

/// Methods that look something up, by a name when their argument is a literal.
const LOOKING_UP: &[&str] =
    &["get", "get_first", "get_header", "header", "headers", "remove", "typed_get"];

/// Words of secrets whose hashes functions are named for: `hash_password`.
const HASHED_WORDS: &[&str] =
    &["passphrase", "passwd", "password", "pin", "pwd", "secret", "token"];

/// First words of functions that are named for what they do, and not for what they return.
const VERBS: &[&str] = &[
    "check", "consume", "count", "create", "current", "delete", "find", "has", "insert", "is",
    "issue", "lookup", "new", "next", "parse", "peek", "read", "refresh", "register", "revoke",
    "save", "send", "set", "skip", "store", "use", "validate", "verify", "with", "write",
];

/// Words of the types of requests and of their parts.
const REQUEST_WORDS: &[&str] = &[
    "basic", "bearer", "cookie", "cookies", "form", "header", "headers", "json", "metadata",
    "multipart", "params", "payload", "query", "req", "request",
];

/// Words of functions that ask a person for a secret.
const PROMPTING_WORDS: &[&str] = &["ask", "interact", "prompt", "readline"];

/// Words before what a name is about, and not of: `user` in `user_by_token`.
const PREPOSITIONS: &[&str] = &["at", "by", "for", "from", "in", "of", "with"];

impl Operand {
    /// What is known of an expression.
    pub fn new(expr: &ast::Expr, code: &EnclosingCode<'_>) -> Self {
        let mut operand = Self::default();
        Reader { code, operand: &mut operand }.collect(expr, code.around, 0);
        let shape = Shape::of(expr, code.around);
        let kind = shape.kind(None);
        operand.is_public |= kind == Some(Kind::Number);
        // `PublicKey::from(&private_key)` is made of the other half, and known to all.
        if operand.names.first().is_some_and(|it| has_any_word(it, &["pub", "public"])) {
            operand.authenticator = None;
        }
        if operand.authenticator.is_none()
            && let Some(Kind::Named(ty)) = kind.clone()
            && let Some(told) = type_authenticator(&ty, code.file)
        {
            let name = operand.names.first().cloned().unwrap_or(ty);
            operand.authenticator = Some((told, name));
        }
        // Bytes that are called so are no key of a map.
        if operand.authenticator.is_none()
            && kind == Some(Kind::Bytes)
            && let Some(name) = operand.names.first().cloned()
            && code.file.secret_names.bytes_kind(&name).is_some()
        {
            let told = Authenticator { kind: AuthenticatorKind::Secret, strong: true };
            operand.authenticator = Some((told, name));
        }
        operand.shape = Some(shape);
        operand.text = bare(expr).syntax().text().to_string();
        operand
    }
}

/// Reads an expression and what it was made of.
struct Reader<'p, 'a> {
    code: &'p EnclosingCode<'a>,
    operand: &'p mut Operand,
}

impl Reader<'_, '_> {
    fn collect(&mut self, expr: &ast::Expr, around: &[SyntaxNode], depth: usize) {
        if depth > 12 {
            return;
        }
        if is_public(expr) {
            self.operand.is_public = true;
            return;
        }
        let inner = match expr {
            ast::Expr::ParenExpr(it) => it.expr(),
            ast::Expr::RefExpr(it) => it.expr(),
            ast::Expr::PrefixExpr(it) => it.expr(),
            ast::Expr::TryExpr(it) => it.expr(),
            ast::Expr::AwaitExpr(it) => it.expr(),
            ast::Expr::PathExpr(it) => return self.path(it, around, depth),
            ast::Expr::FieldExpr(it) => return self.field(it, around, depth),
            ast::Expr::IndexExpr(it) => match it.index().as_ref().and_then(looked_up_name) {
                Some(name) => return self.presented(&name),
                None => it.base(),
            },
            ast::Expr::MethodCallExpr(it) => return self.method(it, around, depth),
            ast::Expr::CallExpr(it) => return self.call(it, around, depth),
            ast::Expr::MacroExpr(it) => return self.format(it),
            _ => None,
        };
        if let Some(inner) = inner {
            self.collect(&inner, around, depth + 1);
        }
    }

    fn add(&mut self, name: &str) {
        self.operand.names.push(name.to_string());
        self.operand.is_presented |= is_presented(name);
        if let Some(told) = authenticator(name, &self.code.file.secret_names) {
            self.operand.learn(told, name);
        }
    }

    /// What a request, a header or a form holds by this name.
    fn presented(&mut self, name: &str) {
        self.operand.is_presented = true;
        self.operand.names.push(name.to_string());
        if let Some(told) = authenticator(name, &self.code.file.secret_names) {
            // A signature or a token in a header is one that a client presents.
            self.operand.learn(Authenticator { strong: true, ..told }, name);
        }
    }

    fn path(&mut self, expr: &ast::PathExpr, around: &[SyntaxNode], depth: usize) {
        let Some(path) = expr.path() else { return };
        let name = path.segment().and_then(|it| it.name_ref()).map(|it| it.text().to_string());
        let Some(name) = name.filter(|it| it != "self") else { return self.owner() };
        if name.chars().all(|c| !c.is_lowercase()) {
            self.operand.constant = Some(Constant::new(&path, around, &self.code.imports));
            return self.add(&name);
        }
        if path.qualifier().is_some() {
            return self.add(&name);
        }
        match binding(&name, around) {
            // One of several words of the program's own text, whatever they are about.
            Some(Binding::Element(list)) if is_list_of_literals(&list) => {
                self.operand.is_public = true;
            }
            Some(Binding::Field(of, field)) => {
                self.add(&name);
                if field != name {
                    self.add(&field);
                }
                self.own(&of, around, depth);
            }
            Some(Binding::Value(value)) => {
                self.add(&name);
                let filled = filled_by(&name, &value, around);
                let value = filled.unwrap_or(value);
                self.bound(&value, around, depth);
            }
            Some(Binding::Inner(value) | Binding::Element(value) | Binding::Payload(value)) => {
                self.add(&name);
                self.bound(&value, around, depth);
            }
            // Which part of the value it is, is not known.
            Some(Binding::Part(_) | Binding::Opaque) | None => self.add(&name),
            Some(Binding::Typed(ty)) => {
                self.add(&name);
                let text = ty.syntax().text().to_string();
                self.operand.comes_with_request |= has_any_word(&text, REQUEST_WORDS);
            }
        }
    }

    /// Reads what a name is bound to.
    fn bound(&mut self, value: &ast::Expr, around: &[SyntaxNode], depth: usize) {
        if self.operand.origin.is_none() {
            self.operand.origin = Some(value.syntax().text().to_string());
        }
        if is_public(value) {
            // What is computed of something tells less than its name.
            self.operand.is_public |= literal_of(value).is_some();
            return;
        }
        let around = surroundings(value.syntax(), around);
        self.collect(value, &around, depth + 1);
    }

    fn field(&mut self, expr: &ast::FieldExpr, around: &[SyntaxNode], depth: usize) {
        let (Some(name), Some(base)) = (expr.name_ref(), expr.expr()) else { return };
        let name = name.text().to_string();
        if name.starts_with(|c: char| c.is_ascii_digit()) {
            return self.collect(&base, around, depth + 1);
        }
        self.add(&name);
        let shape = Shape::of(&base, around);
        // The only field of a `…Mac` is the MAC.
        if self.operand.authenticator.is_none()
            && is_generic(&name)
            && let Some(ty) = shape.resolve(None)
            && let Some(told) = type_authenticator(&ty, self.code.file)
        {
            self.operand.learn(told, &name);
        }
        if self.operand.field.is_none() {
            let root = base.syntax().text().to_string();
            self.operand.field = Some((root, name, shape));
        }
        self.own(&base, around, depth);
    }

    /// Reads the names of what holds a value.
    fn own(&mut self, base: &ast::Expr, around: &[SyntaxNode], depth: usize) {
        let mut owner = Operand::default();
        let here = surroundings(base.syntax(), around);
        Reader { code: self.code, operand: &mut owner }.collect(base, &here, depth + 1);
        self.operand.comes_with_request |= owner.comes_with_request;
        if self.operand.holder_origin.is_none() {
            self.operand.holder_origin = owner.origin;
        }
        self.operand.owners.extend(owner.names);
        self.operand.owners.extend(owner.owners);
    }

    fn owner(&mut self) {
        let Some(owner) = self.code.owner.clone() else { return };
        self.operand.names.push("self".to_string());
        if let Some(told) = type_authenticator(&owner, self.code.file) {
            self.operand.learn(told, &owner);
        }
    }

    fn method(&mut self, call: &ast::MethodCallExpr, around: &[SyntaxNode], depth: usize) {
        let Some(method) = call.name_ref().map(|it| it.text().to_string()) else { return };
        let receiver = call.receiver();
        let argument = call.arg_list().and_then(|list| list.args().next());
        let first = words(&method).next().unwrap_or_default();
        let inner = match method.as_str() {
            _ if LOOKING_UP.contains(&method.as_str()) && argument.is_some() => {
                match argument.as_ref().and_then(looked_up_name) {
                    Some(name) => return self.presented(&name),
                    None => return self.operand.is_presented |= method.contains("header"),
                }
            }
            "chain" | "or" => argument.or(receiver),
            "finalize" | "finalize_fixed" | "result" | "code" | "finalize_reset" | "finish" => {
                return self.finished(call, &method, around, depth);
            }
            "result_str" => return self.finished(call, &method, around, depth),
            _ if UNWRAPPING_METHODS.contains(&method.as_str()) => receiver,
            // `value.to_hex()`, `STANDARD.encode(value)`.
            _ if CONVERTING_WORDS.contains(&first.as_str()) => argument.or(receiver),
            _ => return self.function(&method, call.arg_list(), around, depth),
        };
        if let Some(inner) = inner {
            self.collect(&inner, around, depth + 1);
        }
    }

    /// The output of a MAC or a digest that was fed before.
    fn finished(
        &mut self,
        call: &ast::MethodCallExpr,
        method: &str,
        around: &[SyntaxNode],
        depth: usize,
    ) {
        let Some(receiver) = call.receiver() else { return };
        let mut origin = receiver.syntax().text().to_string();
        let name = identifier(&receiver);
        if let Some(name) = &name
            && let Some(Binding::Value(value)) = binding(name, around)
        {
            origin.push_str(&value.syntax().text().to_string());
        }
        let mut words = words(&origin);
        if words.any(|word| word.contains("hmac") || word == "mac" || word == "cmac") {
            self.operand.names.push(method.to_string());
            self.operand.is_keyed = true;
            let told = Authenticator { kind: AuthenticatorKind::Mac, strong: true };
            return self.operand.learn(told, method);
        }
        let fed = name.into_iter().flat_map(|name| fed(&name, around));
        for argument in fed {
            self.hashed(&argument, around, depth);
        }
    }

    /// A digest of a secret is as secret as what it proves.
    fn hashed(&mut self, argument: &ast::Expr, around: &[SyntaxNode], depth: usize) {
        let mut made_of = Operand::default();
        Reader { code: self.code, operand: &mut made_of }.collect(argument, around, depth + 1);
        if let Some((told, name)) = made_of.authenticator {
            self.operand.names.push(name.clone());
            let kind = AuthenticatorKind::Digest;
            self.operand.learn(Authenticator { kind, ..told }, &name);
        }
    }

    fn call(&mut self, call: &ast::CallExpr, around: &[SyntaxNode], depth: usize) {
        let Some(path) = callee(call) else { return };
        let name = last_segment(&path);
        let first = words(name).next().unwrap_or_default();
        let converts =
            UNWRAPPING_FUNCTIONS.contains(&name) || CONVERTING_WORDS.contains(&first.as_str());
        match call.arg_list().and_then(|list| list.args().next()) {
            Some(argument) if converts => self.collect(&argument, around, depth + 1),
            _ => self.function(name, call.arg_list(), around, depth),
        }
    }

    /// What the name of a function says of the value that it returns, and what its arguments do.
    fn function(
        &mut self,
        name: &str,
        arguments: Option<ast::ArgList>,
        around: &[SyntaxNode],
        depth: usize,
    ) {
        if words(name).any(|word| PROMPTING_WORDS.contains(&word.as_str())) {
            self.operand.prompt = Some(name.to_string());
        }
        self.operand.is_presented |= is_presented(name);
        if exports_secret(name) {
            self.operand.is_keyed = true;
            self.operand.names.push(name.to_string());
            let told = Authenticator { kind: AuthenticatorKind::Secret, strong: true };
            return self.operand.learn(told, name);
        }
        self.made_of(name, arguments, around, depth);
        if let Some(told) = computed_authenticator(name) {
            self.operand.names.push(name.to_string());
            return self.operand.learn(told, name);
        }
        let list: Vec<String> = words(name).collect();
        if is_hashing(name) && list.iter().any(|it| HASHED_WORDS.contains(&it.as_str())) {
            self.operand.names.push(name.to_string());
            let told = Authenticator { kind: AuthenticatorKind::Digest, strong: true };
            return self.operand.learn(told, name);
        }
        let is_verb = match list.as_slice() {
            [only] => is_making(only),
            [first, ..] => VERBS.contains(&first.as_str()),
            [] => true,
        };
        // The name of a value tells more than where it was fetched.
        let is_told = self.operand.is_nameless() || self.operand.authenticator.is_some();
        if is_verb || !is_told {
            return;
        }
        let end = list.iter().skip(1).position(|it| PREPOSITIONS.contains(&it.as_str()));
        match end {
            Some(end) => self.add(&list.get(..=end).unwrap_or_default().join("_")),
            None => self.add(name),
        }
    }

    /// What a function makes of a secret is as secret as what it proves.
    fn made_of(
        &mut self,
        name: &str,
        arguments: Option<ast::ArgList>,
        around: &[SyntaxNode],
        depth: usize,
    ) {
        let hashes = is_hashing(name);
        if !hashes && !is_making(name) {
            return;
        }
        let arguments: Vec<ast::Expr> = arguments.into_iter().flat_map(|it| it.args()).collect();
        let count = arguments.len();
        for argument in arguments {
            let mut made_of = Operand::default();
            Reader { code: self.code, operand: &mut made_of }.collect(&argument, around, depth + 1);
            let is_key = made_of.any_name(|name| words(name).last().is_some_and(|it| it == "key"));
            self.operand.is_keyed |= count > 1 && is_key;
            let Some((told, name)) = made_of.authenticator.filter(|(it, _)| hashes || it.strong)
            else {
                continue;
            };
            self.operand.names.push(name.clone());
            self.operand.is_keyed |= count > 1 && told.strong;
            let kind = if hashes { AuthenticatorKind::Digest } else { told.kind };
            self.operand.learn(Authenticator { kind, ..told }, &name);
        }
    }

    /// `format!("Bearer {token}")`: the name among the arguments.
    fn format(&mut self, expr: &ast::MacroExpr) {
        let Some(call) = expr.macro_call() else { return };
        let tokens = call.syntax().descendants_with_tokens().filter_map(NodeOrToken::into_token);
        for token in tokens {
            let names = match token.kind() {
                SyntaxKind::IDENT => vec![token.text().to_string()],
                SyntaxKind::STRING => {
                    inline_captures(token.text()).into_iter().map(|(name, _)| name).collect()
                }
                _ => Vec::new(),
            };
            for name in names {
                if authenticator(&name, &self.code.file.secret_names).is_some() {
                    self.add(&name);
                }
            }
        }
    }
}

/// The header or parameter that a literal or a constant names.
fn looked_up_name(expr: &ast::Expr) -> Option<String> {
    match bare(expr) {
        literal @ ast::Expr::Literal(_) => string_literal(&literal),
        ast::Expr::PathExpr(it) => {
            let name = it.path()?.segment()?.name_ref()?.text().to_string();
            let is_const = name.chars().all(|c| !c.is_lowercase());
            is_const.then(|| name.to_lowercase())
        }
        ast::Expr::CallExpr(it) => {
            let name = it.arg_list()?.args().next()?;
            callee(&it).filter(|it| it.ends_with("HeaderName::from_static"))?;
            string_literal(&name)
        }
        _ => None,
    }
}
