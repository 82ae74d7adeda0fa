//! What the operands of a comparison are called.

use super::constants::{is_constant, is_list_of_literals};
use super::enclosing::EnclosingCode;
use crate::semantics::FileContext;
use crate::semantics::literals::string_literal;
use crate::semantics::secrets::{
    Authenticator, AuthenticatorKind, authenticator, computed_authenticator, is_expectation,
};
use crate::semantics::shape::{Binding, binding, surroundings};
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::names::{has_any_word, words};
use crate::syntax::{AstNode, NodeOrToken, SyntaxKind, SyntaxNode};

/// The names that an expression goes by.
pub struct OperandNames<'p, 'a> {
    pub code: &'p EnclosingCode<'a>,
    pub names: Vec<String>,
    /// What the names say of the value, and the name that says it.
    pub authenticator: Option<(Authenticator, String)>,
}

/// Methods whose result is another form of what they are called on.
const UNWRAPPING_METHODS: &[&str] = &[
    "and_then", "as_array", "as_bytes", "as_deref", "as_deref_mut", "as_hex", "as_mut", "as_ref",
    "as_slice", "as_str", "borrow", "bytes", "chars", "clone", "cloned", "context", "copied",
    "deref", "enumerate", "expect", "expose_secret", "filter", "find", "first", "get_ref", "inner",
    "into", "into_boxed_slice", "into_bytes", "into_inner", "into_iter", "into_string", "iter",
    "last", "lock", "map", "map_err", "ok", "ok_or", "ok_or_else", "read", "rev", "reveal",
    "secret", "strip_prefix", "strip_suffix", "to_ascii_lowercase", "to_bytes", "to_hex",
    "to_lowercase", "to_owned", "to_str", "to_string", "to_uppercase", "to_vec", "trim",
    "trim_end", "trim_start", "trim_start_matches", "unsecure", "unwrap", "unwrap_or",
    "unwrap_or_default", "unwrap_or_else", "value", "values", "with_context", "zip",
];

/// Functions whose result is another form of their argument.
const UNWRAPPING_FUNCTIONS: &[&str] = &[
    "Ok", "Some", "black_box", "decode", "encode", "encode_lower", "from", "from_bytes",
    "from_slice", "from_str", "from_utf8", "from_utf8_lossy", "hex", "new", "to_hex",
];

/// First words of functions that are named for what they do, and not for what they return.
const VERBS: &[&str] = &[
    "as", "check", "consume", "count", "create", "current", "decode", "delete", "find", "from",
    "has", "insert", "into", "is", "issue", "lookup", "new", "next", "parse", "peek", "read",
    "refresh", "register", "revoke", "save", "send", "set", "skip", "split", "store", "to", "try",
    "use", "validate", "verify", "with", "write",
];

/// Words of the names of authenticators.
const SECRET_NOUNS: &[&str] = &[
    "apikey", "fingerprint", "hmac", "key", "mac", "otp", "passphrase", "passwd", "password",
    "pin", "secret", "sig", "signature", "token", "totp",
];

impl OperandNames<'_, '_> {
    /// Collects the names of an expression and of what it was made of. Nothing is returned when
    /// they tell that the value is no secret.
    pub fn collect(&mut self, expr: &ast::Expr, around: &[SyntaxNode], depth: usize) -> Option<()> {
        if depth > 10 {
            return Some(());
        }
        match expr {
            ast::Expr::ParenExpr(it) => self.collect(&it.expr()?, around, depth + 1),
            ast::Expr::RefExpr(it) => self.collect(&it.expr()?, around, depth + 1),
            ast::Expr::PrefixExpr(it) => self.collect(&it.expr()?, around, depth + 1),
            ast::Expr::TryExpr(it) => self.collect(&it.expr()?, around, depth + 1),
            ast::Expr::AwaitExpr(it) => self.collect(&it.expr()?, around, depth + 1),
            ast::Expr::PathExpr(it) => self.path(it, around, depth),
            ast::Expr::FieldExpr(it) => {
                let name = it.name_ref()?.text().to_string();
                if name.starts_with(|c: char| c.is_ascii_digit()) {
                    return self.collect(&it.expr()?, around, depth + 1);
                }
                self.add(&name)
            }
            ast::Expr::IndexExpr(it) => match it.index()? {
                index @ (ast::Expr::PathExpr(_) | ast::Expr::Literal(_)) => {
                    match header_name(&index) {
                        Some(name) => self.add_header(&name),
                        None => self.collect(&it.base()?, around, depth + 1),
                    }
                }
                _ => self.collect(&it.base()?, around, depth + 1),
            },
            ast::Expr::MethodCallExpr(it) => self.method(it, around, depth),
            ast::Expr::CallExpr(it) => self.call(it, around, depth),
            ast::Expr::MacroExpr(it) => {
                // `format!("Bearer {}", token)`: the name among the arguments.
                let call = it.macro_call()?;
                let tokens = call.syntax().descendants_with_tokens();
                let texts: Vec<String> = tokens
                    .filter_map(NodeOrToken::into_token)
                    .flat_map(|token| match token.kind() {
                        SyntaxKind::IDENT => vec![token.text().to_string()],
                        SyntaxKind::STRING => {
                            crate::syntax::format_string::inline_captures(token.text())
                                .into_iter()
                                .map(|(name, _)| name)
                                .collect()
                        }
                        _ => Vec::new(),
                    })
                    .collect();
                for text in texts {
                    if authenticator(&text, &self.code.file.secret_names).is_some() {
                        self.add(&text);
                    }
                }
                Some(())
            }
            _ => Some(()),
        }
    }

    /// Adds a name; nothing is returned when it is that of something about a secret.
    fn add(&mut self, name: &str) -> Option<()> {
        self.names.push(name.to_string());
        let told = authenticator(name, &self.code.file.secret_names);
        if let Some(told) = told {
            self.learn(told, name);
        }
        match told {
            None if is_about_a_secret(name) => None,
            _ => Some(()),
        }
    }

    /// Keeps what tells more than what is known so far, under the name that is nearer.
    fn learn(&mut self, told: Authenticator, name: &str) {
        match &mut self.authenticator {
            Some((old, _)) if told.strong && !old.strong => *old = told,
            Some(_) => {}
            None => self.authenticator = Some((told, name.to_string())),
        }
    }

    fn add_header(&mut self, name: &str) -> Option<()> {
        let told = authenticator(name, &self.code.file.secret_names);
        self.names.push(name.to_string());
        if let Some(told) = told {
            // In a header a signature or a token is one that a client presents.
            self.learn(Authenticator { strong: true, ..told }, name);
        }
        Some(())
    }

    fn path(&mut self, expr: &ast::PathExpr, around: &[SyntaxNode], depth: usize) -> Option<()> {
        let path = expr.path()?;
        let name = path.segment()?.name_ref().map(|it| it.text().to_string());
        let Some(name) = name else { return self.owner() };
        if name == "self" {
            return self.owner();
        }
        let bound = binding(&name, around);
        // One of several words of the program's own text, whatever they are about.
        if let Some(Binding::Element(list)) = &bound
            && is_list_of_literals(list)
        {
            return None;
        }
        self.add(&name)?;
        if path.qualifier().is_some()
            || self.authenticator.as_ref().is_some_and(|(it, _)| it.strong)
        {
            return Some(());
        }
        let (value, is_inner) = match bound {
            Some(Binding::Value(value)) => (value, false),
            Some(Binding::Inner(value) | Binding::Element(value)) => (value, true),
            _ => return Some(()),
        };
        if !is_inner && is_constant(&value) {
            return Some(());
        }
        let around = surroundings(value.syntax(), around);
        // What a value was made of may tell what it is, and cannot tell that it is no secret.
        self.collect(&value, &around, depth + 1);
        Some(())
    }

    fn owner(&mut self) -> Option<()> {
        let owner = self.code.owner.clone()?;
        self.names.push("self".to_string());
        if let Some(told) = type_authenticator(&owner, self.code.file) {
            self.learn(told, &owner);
        }
        Some(())
    }

    fn method(
        &mut self,
        call: &ast::MethodCallExpr,
        around: &[SyntaxNode],
        depth: usize,
    ) -> Option<()> {
        let method = call.name_ref()?.text().to_string();
        let argument = call.arg_list().and_then(|list| list.args().next());
        match method.as_str() {
            "get" | "header" | "get_header" | "typed_get" | "get_first" | "headers" | "remove"
                if argument.is_some() =>
            {
                match argument.as_ref().and_then(header_name) {
                    Some(name) => self.add_header(&name),
                    None => Some(()),
                }
            }
            "encode" | "encode_lower" | "decode" | "chain" | "or" => {
                let inner = argument.or_else(|| call.receiver())?;
                self.collect(&inner, around, depth + 1)
            }
            _ if UNWRAPPING_METHODS.contains(&method.as_str()) => {
                self.collect(&call.receiver()?, around, depth + 1)
            }
            "finalize" | "finalize_fixed" | "result" | "code" | "finalize_reset" | "finish"
            | "sign" => {
                let receiver = call.receiver()?;
                let mut origin = receiver.syntax().text().to_string();
                if let ast::Expr::PathExpr(path) = &receiver
                    && let Some(Binding::Value(value)) =
                        binding(&path.syntax().text().to_string(), around)
                {
                    origin.push_str(&value.syntax().text().to_string());
                }
                let told = words(&origin)
                    .any(|word| word.contains("hmac") || word == "mac" || word == "cmac");
                if told || method == "sign" {
                    self.names.push(method.clone());
                    let kind =
                        if told { AuthenticatorKind::Mac } else { AuthenticatorKind::Signature };
                    self.learn(Authenticator { kind, strong: told }, &method);
                }
                Some(())
            }
            _ => self.function(&method),
        }
    }

    fn call(&mut self, call: &ast::CallExpr, around: &[SyntaxNode], depth: usize) -> Option<()> {
        let path = call.expr()?.syntax().text().to_string();
        let name = path.rsplit("::").next().unwrap_or(&path).to_string();
        let argument = call.arg_list().and_then(|list| list.args().next());
        match name.as_str() {
            _ if UNWRAPPING_FUNCTIONS.contains(&name.as_str()) => match argument {
                Some(argument) => self.collect(&argument, around, depth + 1),
                None => Some(()),
            },
            "digest" | "sha256" | "hash" | "sha256_hex" => {
                // The digest of a secret is as secret as what it proves.
                let mut inner =
                    OperandNames { code: self.code, names: Vec::new(), authenticator: None };
                if let Some(argument) = argument {
                    inner.collect(&argument, around, depth + 1);
                }
                if let Some((told, name)) = inner.authenticator.filter(|(told, _)| told.strong) {
                    self.names.push(name.clone());
                    self.learn(told, &name);
                }
                Some(())
            }
            _ => self.function(&name),
        }
    }

    /// What the name of a function says of the value that it returns.
    fn function(&mut self, name: &str) -> Option<()> {
        if let Some(told) = computed_authenticator(name) {
            self.names.push(name.to_string());
            self.learn(told, name);
            return Some(());
        }
        let list: Vec<String> = words(name).collect();
        let is_verb = match list.as_slice() {
            [first, _, ..] => VERBS.contains(&first.as_str()),
            _ => false,
        };
        match is_verb {
            true => None,
            false => self.add(name),
        }
    }
}

/// The header or parameter that a literal or a constant names.
fn header_name(expr: &ast::Expr) -> Option<String> {
    match bare(expr) {
        literal @ ast::Expr::Literal(_) => string_literal(&literal),
        ast::Expr::PathExpr(it) => {
            let name = it.path()?.segment()?.name_ref()?.text().to_string();
            let is_const = name.chars().all(|c| !c.is_lowercase());
            is_const.then(|| name.to_lowercase())
        }
        _ => None,
    }
}

pub fn bare(expr: &ast::Expr) -> ast::Expr {
    let inner = match expr {
        ast::Expr::ParenExpr(it) => it.expr(),
        ast::Expr::RefExpr(it) => it.expr(),
        ast::Expr::PrefixExpr(it) if it.op_kind() == Some(ast::UnaryOp::Deref) => it.expr(),
        _ => None,
    };
    inner.map_or_else(|| expr.clone(), |inner| bare(&inner))
}

/// What the name of a type says of its values. Of weak names nothing: `Token` and `Signature` are
/// the names of many types.
pub fn type_authenticator(name: &str, file: &FileContext) -> Option<Authenticator> {
    let name = name.trim_start_matches('&').split('<').next().unwrap_or_default();
    let name = name.rsplit("::").next().unwrap_or(name);
    authenticator(name, &file.secret_names).filter(|told| told.strong)
}

/// Names with a secret's word in them that are about it: `token_len`, `password_id`, and not
/// `expected_key`.
fn is_about_a_secret(name: &str) -> bool {
    let list: Vec<String> = words(name).collect();
    list.len() > 1
        && list.iter().any(|word| is_secret_noun(word))
        && !list.iter().all(|word| is_secret_noun(word) || is_expectation(word))
}

/// Whether a word is one of the names of authenticators.
pub fn is_secret_noun(word: &str) -> bool {
    SECRET_NOUNS.contains(&word)
}

/// Whether a name is that of something about a key, a certificate or a peer.
pub fn is_of_a_key(name: &str) -> bool {
    has_any_word(name, &["cert", "certificate", "host", "key", "peer", "pinned", "tls"])
}
