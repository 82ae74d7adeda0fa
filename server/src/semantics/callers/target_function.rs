//! A function whose callers are looked for, and how a name can use it.

use crate::project::base_name;
use crate::syntax::ast::{self, HasName};
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode, SyntaxToken};

/// A function whose callers are looked for.
#[derive(Debug, Clone)]
pub struct TargetFunction {
    /// The file that it stands in.
    pub path: String,
    pub node: ast::Fn,
    pub name: String,
    /// The type whose `impl` holds it.
    pub owner: Option<String>,
    pub has_self: bool,
    /// Without `self`.
    pub parameters: usize,
    /// Whether it stands in the body of another function.
    pub is_nested: bool,
}

impl TargetFunction {
    pub fn new(path: &str, node: ast::Fn) -> Option<Self> {
        let name = node.name()?.text().to_string();
        let parent = node.syntax().ancestors().skip(1).find(|it| {
            matches!(it.kind(), SyntaxKind::IMPL | SyntaxKind::BLOCK_EXPR | SyntaxKind::MODULE)
        });
        let owner = parent.and_then(ast::Impl::cast).and_then(|it| it.self_ty());
        let list = node.param_list()?;
        Some(Self {
            path: path.to_string(),
            name,
            owner: owner.map(|ty| base_name(&compact(ty.syntax())).to_string()),
            has_self: list.self_param().is_some(),
            parameters: list.params().count(),
            is_nested: node.syntax().parent().is_some_and(|it| it.kind() == SyntaxKind::STMT_LIST),
            node,
        })
    }

    pub fn is_async(&self) -> bool {
        self.node.async_token().is_some()
    }

    pub fn is(&self, path: &str, function: &ast::Fn) -> bool {
        self.path == path && self.node == *function
    }
}

/// How a name uses a function of that name.
pub enum Usage {
    Unrelated,
    /// The function of this call.
    Call(SyntaxNode),
    /// An import that gives it this other name.
    Renamed(String),
    /// It may be the function, and is not called.
    Value,
    /// Whether it is the function cannot be told.
    Unclear,
}

/// What a name among loose tokens has to do with the target: nothing, where methods and functions
/// are written otherwise.
pub fn usage_in_tokens(target: &TargetFunction, token: &SyntaxToken) -> Usage {
    let text = |token: Option<SyntaxToken>| token.map(|it| it.text().to_string());
    let before = text(neighbour(token, SyntaxToken::prev_token));
    let after = text(neighbour(token, SyntaxToken::next_token));
    let may_be = match (before.as_deref(), after.as_deref()) {
        (Some("fn"), _) | (_, Some("!")) => false,
        (Some("."), Some("(" | ":")) => target.has_self,
        (Some("."), _) => false,
        (Some(":"), _) => {
            let colons = neighbour(token, SyntaxToken::prev_token);
            let colon = colons.and_then(|it| neighbour(&it, SyntaxToken::prev_token));
            let qualifier = colon.and_then(|it| neighbour(&it, SyntaxToken::prev_token));
            let sigil = qualifier.as_ref().and_then(|it| it.prev_token());
            let is_type = |name: &str| name.starts_with(char::is_uppercase);
            match (qualifier, &target.owner) {
                _ if sigil.is_some_and(|it| it.text() == "$") => true,
                (Some(name), Some(owner)) if is_type(name.text()) => {
                    matches!(name.text(), "Self") || name.text() == owner
                }
                (Some(name), None) => !is_type(name.text()),
                _ => true,
            }
        }
        _ => target.owner.is_none(),
    };
    if may_be { Usage::Unclear } else { Usage::Unrelated }
}

fn neighbour(
    token: &SyntaxToken,
    step: impl Fn(&SyntaxToken) -> Option<SyntaxToken>,
) -> Option<SyntaxToken> {
    let mut next = step(token)?;
    while next.kind().is_trivia() {
        next = step(&next)?;
    }
    Some(next)
}
