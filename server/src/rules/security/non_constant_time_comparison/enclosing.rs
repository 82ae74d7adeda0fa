//! The code around a comparison.

use std::sync::Arc;

use crate::semantics::development::serves_own_machine;
use crate::semantics::expressions::chain_root;
use crate::semantics::paths::callee;
use crate::semantics::secrets::{
    decides_access, is_about_text, is_authenticating, is_password_policy, looks_for_change,
    owner_decides_access,
};
use crate::semantics::shape::self_type;
use crate::semantics::{FileContext, NodeContext};
use crate::syntax::ast::{self, BinaryOp, HasName};
use crate::syntax::fragment::{is_assertion, macro_name};
use crate::syntax::green::any_token;
use crate::syntax::names::has_any_word;
use crate::syntax::{AstNode, Imports, SyntaxKind, SyntaxNode};

/// What the code around a comparison says of it.
pub struct EnclosingCode<'a> {
    /// The nodes around, innermost first.
    pub around: &'a [SyntaxNode],
    pub file: &'a FileContext,
    pub imports: Arc<Imports>,
    /// The names of the functions around, innermost first.
    pub functions: Vec<String>,
    /// The type that `self` is.
    pub owner: Option<String>,
    /// In the method of `PartialEq`.
    pub in_partial_eq: bool,
    pub in_const: bool,
    pub in_assertion: bool,
    /// The code is about texts, where tokens are words.
    pub parses: bool,
    cx: &'a NodeContext<'a>,
}

impl<'a> EnclosingCode<'a> {
    pub fn new(around: &'a [SyntaxNode], cx: &'a mut NodeContext<'_>) -> Self {
        let imports = cx.imports();
        let cx: &NodeContext<'_> = cx;
        let file = cx.file();
        let function = around.iter().find_map(|it| ast::Fn::cast(it.clone()));
        let functions: Vec<String> = around
            .iter()
            .filter_map(|it| ast::Fn::cast(it.clone())?.name())
            .map(|name| name.text().to_string())
            .collect();
        let of_trait = around.iter().find_map(|it| ast::Impl::cast(it.clone())?.trait_());
        let of_trait = of_trait.map(|it| it.syntax().text().to_string()).unwrap_or_default();
        let owner = self_type(around);
        let in_const = function.is_none_or(|it| it.const_token().is_some());
        let modules = around
            .iter()
            .filter_map(|it| ast::Module::cast(it.clone())?.name())
            .map(|it| it.text().to_string());
        let parses = modules
            .chain(functions.iter().cloned())
            .chain(owner.clone())
            .chain([file.path.clone()])
            .any(|it| is_about_text(&it));
        let in_assertion = around.iter().any(|it| {
            it.kind() == SyntaxKind::MACRO_CALL
                && macro_name(it).is_some_and(|name| is_assertion(&name))
        });
        Self {
            around,
            file,
            imports,
            functions,
            owner,
            in_partial_eq: of_trait.contains("PartialEq"),
            in_const,
            in_assertion,
            parses,
            cx,
        }
    }

    /// Whether the code around decides about access.
    pub fn decides_access(&self) -> bool {
        self.functions.iter().any(|function| {
            let owners = self.owner.iter().map(String::as_str).chain([self.file_name()]);
            decides_access(function)
                || owners.into_iter().any(|owner| owner_decides_access(function, owner))
        })
    }

    /// Whether the type or the file around is named for the proof of who someone is.
    pub fn is_authenticating(&self) -> bool {
        self.owner.as_deref().is_some_and(is_authenticating) || is_authenticating(self.file_name())
    }

    /// Whether a password is judged that its owner chooses.
    pub fn judges_passwords(&self) -> bool {
        let names = self.functions.iter().chain(&self.owner).map(String::as_str);
        names.chain([self.file_name()]).any(is_password_policy)
    }

    /// Whether two states of a setting are held against each other.
    pub fn looks_for_change(&self) -> bool {
        let bound =
            self.around.iter().cloned().filter_map(ast::LetStmt::cast).find_map(|it| it.pat());
        self.functions.iter().any(|it| looks_for_change(it))
            || bound.is_some_and(|it| looks_for_change(&it.syntax().text().to_string()))
    }

    /// Whether what is compared is set or removed when it is the same, or is not: a state is kept
    /// up to date, and nobody is let in. `places` are the texts of what is compared.
    pub fn sets_or_removes(&self, places: &[&str]) -> bool {
        self.around.windows(2).any(|pair| match pair {
            [child, parent] if parent.kind() == SyntaxKind::IF_EXPR => {
                let branch = ast::IfExpr::cast(parent.clone())
                    .filter(|it| it.condition().is_some_and(|it| it.syntax() == child));
                let body = branch.and_then(|it| it.then_branch());
                body.is_some_and(|it| it.syntax().descendants().any(|it| sets(&it, places)))
            }
            [child, _] if child.kind() == SyntaxKind::CLOSURE_EXPR => {
                let call = child.ancestors().find_map(ast::MethodCallExpr::cast);
                let method = call.and_then(|it| it.name_ref());
                method.is_some_and(|it| matches!(it.text(), "retain" | "retain_mut"))
            }
            _ => false,
        })
    }

    /// Whether a guess that is wrong is answered after a while, which hides how long the comparison
    /// took.
    pub fn delays_failure(&self) -> bool {
        let is_condition = |child: &SyntaxNode, branch: &ast::IfExpr| {
            branch
                .condition()
                .is_some_and(|it| it.syntax().text_range().contains_range(child.text_range()))
        };
        let branch = self.around.windows(2).find_map(|pair| match pair {
            [child, parent] => {
                ast::IfExpr::cast(parent.clone()).filter(|it| is_condition(child, it))
            }
            _ => None,
        });
        branch.is_some_and(|it| {
            any_token(it.syntax().green(), &|kind, text: &str| {
                kind == SyntaxKind::IDENT && text.starts_with("sleep")
            })
        })
    }

    /// Whether the file has the server that asks, and it listens on the loopback interface alone.
    pub fn serves_own_machine(&self) -> bool {
        self.around.first().is_some_and(|it| serves_own_machine(self.cx, it))
    }

    /// The name of the file, or of the folder whose module it is.
    fn file_name(&self) -> &'a str {
        let path = self.file.path.strip_suffix(".rs").unwrap_or(&self.file.path);
        let path = path.strip_suffix("/mod").unwrap_or(path);
        path.rsplit('/').next().unwrap_or(path)
    }

    /// Whether the function says of itself that it takes constant time.
    pub fn claims_constant_time(&self) -> bool {
        let function = self.around.iter().find(|it| it.kind() == SyntaxKind::FN);
        let text = function.map(|it| it.text().to_string().to_lowercase()).unwrap_or_default();
        ["constant_time", "constant-time", "constant time", "timing", "ct_eq", "secure_compare"]
            .iter()
            .any(|claim| text.contains(claim))
    }
}

/// Whether a node sets one of some places, or adds to it: `state.token = …`, `tokens.push(…)`.
fn sets(node: &SyntaxNode, places: &[&str]) -> bool {
    let place = if let Some(it) = ast::BinExpr::cast(node.clone()) {
        let is_set = matches!(it.op_kind(), Some(BinaryOp::Assignment { op: None }));
        it.lhs().filter(|_| is_set)
    } else {
        ast::MethodCallExpr::cast(node.clone()).and_then(|it| {
            let name = it.name_ref()?;
            let adds = matches!(name.text(), "push" | "insert" | "replace" | "clone_from");
            it.receiver().filter(|_| adds)
        })
    };
    let place = place.map(|it| chain_root(&it).syntax().text().to_string());
    place.is_some_and(|place| {
        let place = place.trim_start_matches('*');
        places.iter().any(|it| it.split_once(".as_").map_or(*it, |(it, _)| it) == place)
    })
}

/// Words of functions that open or check sealed messages.
const CRYPTOGRAPHIC_WORDS: &[&str] =
    &["aead", "cipher", "decrypt", "mac", "open", "unprotect", "unseal", "verify"];

/// Macros whose arguments are compiled as they stand.
const PLAIN_MACROS: &[&str] = &[
    "bail", "ensure", "eprintln", "format", "join", "matches", "println", "select", "try_join",
    "vec", "write", "writeln",
];

/// Methods that take conditions and assignments of a query as their arguments.
const QUERY_METHODS: &[&str] = &[
    "add", "and", "and_where", "cond_where", "filter", "find", "having", "on", "or", "or_filter",
    "set", "values", "where_",
];

/// Whether a call of `eq` builds a part of a query: its value is handed to a method that takes no
/// truth value, or it is called on the path of a column.
pub fn builds_query(call: &ast::MethodCallExpr, around: &[SyntaxNode]) -> bool {
    let mut outer = around.iter().skip(1).skip_while(|it| {
        matches!(it.kind(), SyntaxKind::TUPLE_EXPR | SyntaxKind::PAREN_EXPR | SyntaxKind::ARG_LIST)
    });
    let taker = outer.next().and_then(|it| ast::MethodCallExpr::cast(it.clone())?.name_ref());
    let is_receiver = around.get(1).is_some_and(|it| it.kind() == SyntaxKind::METHOD_CALL_EXPR);
    if taker.is_some_and(|it| match is_receiver {
        true => matches!(it.text(), "and" | "or"),
        false => QUERY_METHODS.contains(&it.text()),
    }) {
        return true;
    }
    let Some(ast::Expr::PathExpr(column)) = call.receiver().map(|it| chain_root(&it)) else {
        return false;
    };
    let text = column.syntax().text().to_string();
    let name = text.rsplit("::").next().unwrap_or(&text);
    // No variable has a path, and no constant is written so.
    text.contains("::") && name.starts_with(char::is_lowercase)
        || call.receiver().is_some_and(|it| is_type_call(&it))
}

/// `Expr::col(…)`: what an associated function of a type returns.
fn is_type_call(expr: &ast::Expr) -> bool {
    let ast::Expr::CallExpr(call) = expr else { return false };
    callee(call).is_some_and(|path| path.ends_with("::col"))
}

/// Whether the code around opens or checks sealed messages.
pub fn is_cryptographic(code: &EnclosingCode<'_>) -> bool {
    code.functions.iter().any(|it| has_any_word(it, CRYPTOGRAPHIC_WORDS))
}

/// Whether the comparison can be edited: macros may give `==` a meaning of their own.
pub fn may_edit(around: &[SyntaxNode]) -> bool {
    around
        .iter()
        .filter(|it| it.kind() == SyntaxKind::MACRO_CALL)
        .all(|it| macro_name(it).is_some_and(|name| PLAIN_MACROS.contains(&name.as_str())))
}
