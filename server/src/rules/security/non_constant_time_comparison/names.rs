//! What the operands of a comparison are called.

use super::constants::{is_constant, is_list_of_literals};
use super::place::Place;
use crate::rules::support::clues::{Clue, What, clue, computes, is_expectation};
use crate::rules::support::shape::{Binding, binding, surroundings};
use crate::rules::support::string_literal;
use crate::semantics::FileContext;
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::{AstNode, NodeOrToken, SyntaxKind, SyntaxNode};

/// The names that an expression goes by.
pub struct Names<'p, 'a> {
    pub place: &'p Place<'a>,
    pub names: Vec<String>,
    pub clue: Option<(Clue, String)>,
}

impl Names<'_, '_> {
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
                            crate::syntax::fragment::inline_captures(token.text())
                                .into_iter()
                                .map(|(name, _)| name)
                                .collect()
                        }
                        _ => Vec::new(),
                    })
                    .collect();
                for text in texts {
                    if clue(&text, self.place.file).is_some() {
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
        let told = clue(name, self.place.file);
        if let Some(told) = told {
            self.learn(told, name);
        }
        match told {
            None if is_about_a_secret(name) => None,
            _ => Some(()),
        }
    }

    /// Keeps a clue that tells more than the one there is, under the name that is nearer.
    fn learn(&mut self, told: Clue, name: &str) {
        match &mut self.clue {
            Some((old, _)) if told.strong && !old.strong => *old = told,
            Some(_) => {}
            None => self.clue = Some((told, name.to_string())),
        }
    }

    fn add_header(&mut self, name: &str) -> Option<()> {
        let told = clue(name, self.place.file);
        self.names.push(name.to_string());
        if let Some(told) = told {
            // In a header a signature or a token is one that somebody presents.
            self.learn(Clue { strong: true, ..told }, name);
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
        if path.qualifier().is_some() || self.clue.as_ref().is_some_and(|(it, _)| it.strong) {
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
        let owner = self.place.owner.clone()?;
        self.names.push("self".to_string());
        if let Some(told) = type_clue(&owner, self.place.file) {
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
            "as_bytes" | "as_ref" | "as_str" | "as_slice" | "as_deref" | "clone" | "to_string"
            | "to_owned" | "into" | "to_vec" | "trim" | "trim_start" | "trim_end"
            | "to_lowercase" | "to_uppercase" | "to_ascii_lowercase" | "unwrap" | "expect"
            | "unwrap_or" | "unwrap_or_default" | "unwrap_or_else" | "ok" | "iter"
            | "into_iter" | "as_mut" | "borrow" | "deref" | "get_ref" | "inner" | "into_inner"
            | "expose_secret" | "reveal" | "to_str" | "into_bytes" | "to_bytes" | "as_array"
            | "copied" | "cloned" | "map_err" | "ok_or" | "ok_or_else" | "context"
            | "with_context" | "strip_prefix" | "strip_suffix" | "trim_start_matches" | "map"
            | "and_then" | "filter" | "values" | "lock" | "read" | "chars" | "bytes" | "rev"
            | "to_hex" | "as_hex" | "first" | "last" | "as_deref_mut" | "value" | "enumerate"
            | "unsecure" | "secret" | "into_string" | "into_boxed_slice" | "find" | "zip" => {
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
                let told = crate::syntax::names::words(&origin)
                    .any(|word| word.contains("hmac") || word == "mac" || word == "cmac");
                if told || method == "sign" {
                    self.names.push(method.clone());
                    let what = if told { What::Mac } else { What::Signature };
                    self.learn(Clue { what, strong: told }, &method);
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
            "Some" | "Ok" | "encode" | "decode" | "from_utf8" | "from" | "to_hex" | "from_str"
            | "from_bytes" | "from_slice" | "new" | "encode_lower" | "hex" | "from_utf8_lossy"
            | "black_box" => match argument {
                Some(argument) => self.collect(&argument, around, depth + 1),
                None => Some(()),
            },
            "digest" | "sha256" | "hash" | "sha256_hex" => {
                // The digest of a secret is as secret as what it proves.
                let mut inner = Names { place: self.place, names: Vec::new(), clue: None };
                if let Some(argument) = argument {
                    inner.collect(&argument, around, depth + 1);
                }
                if let Some((told, name)) = inner.clue.filter(|(told, _)| told.strong) {
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
        if let Some(told) = computes(name) {
            self.names.push(name.to_string());
            self.learn(told, name);
            return Some(());
        }
        let list: Vec<String> = crate::syntax::names::words(name).collect();
        let is_verb = list.len() > 1
            && matches!(
                list.first().map(String::as_str),
                Some(
                    "parse"
                        | "verify"
                        | "validate"
                        | "check"
                        | "decode"
                        | "is"
                        | "has"
                        | "find"
                        | "issue"
                        | "revoke"
                        | "store"
                        | "save"
                        | "delete"
                        | "create"
                        | "next"
                        | "peek"
                        | "current"
                        | "read"
                        | "write"
                        | "with"
                        | "set"
                        | "try"
                        | "split"
                        | "lookup"
                        | "count"
                        | "from"
                        | "to"
                        | "into"
                        | "as"
                        | "use"
                        | "skip"
                        | "insert"
                        | "new"
                        | "refresh"
                        | "consume"
                        | "send"
                        | "register"
                )
            );
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

pub fn type_clue(name: &str, file: &FileContext) -> Option<Clue> {
    let name = name.trim_start_matches('&').split('<').next().unwrap_or_default();
    let name = name.rsplit("::").next().unwrap_or(name);
    match clue(name, file)? {
        // `Token` and `Signature` are the names of many types.
        Clue { what: What::Mac, strong: true } => clue(name, file),
        told @ Clue { strong: true, .. } => Some(told),
        _ => None,
    }
}

/// Names with a secret's word in them that are about it: `token_len`, `password_id`, and not
/// `expected_key`.
fn is_about_a_secret(name: &str) -> bool {
    let list: Vec<String> = crate::syntax::names::words(name).collect();
    list.len() > 1
        && list.iter().any(|word| is_secret_noun(word))
        && !list.iter().all(|word| is_secret_noun(word) || is_expectation(word))
}

pub fn is_secret_noun(word: &str) -> bool {
    matches!(
        word,
        "token"
            | "password"
            | "secret"
            | "mac"
            | "hmac"
            | "signature"
            | "passphrase"
            | "sig"
            | "passwd"
            | "pin"
            | "otp"
            | "totp"
            | "fingerprint"
            | "key"
            | "apikey"
    )
}

pub fn is_of_a_key(name: &str) -> bool {
    crate::syntax::names::words(name).any(|word| {
        matches!(word.as_str(), "key" | "cert" | "certificate" | "peer" | "host" | "pinned" | "tls")
    })
}
