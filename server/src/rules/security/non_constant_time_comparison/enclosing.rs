//! The code around a comparison.

use crate::semantics::FileContext;
use crate::semantics::secrets::{decides_access, is_about_text};
use crate::semantics::shape::self_type;
use crate::syntax::ast::{self, HasName};
use crate::syntax::fragment::{is_assertion, macro_name};
use crate::syntax::names::has_any_word;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

/// What the code around a comparison says of it.
pub struct EnclosingCode<'a> {
    /// The nodes around, innermost first.
    pub around: &'a [SyntaxNode],
    pub file: &'a FileContext,
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
}

impl<'a> EnclosingCode<'a> {
    pub fn new(around: &'a [SyntaxNode], file: &'a FileContext) -> Self {
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
            functions,
            owner,
            in_partial_eq: of_trait.contains("PartialEq"),
            in_const,
            in_assertion,
            parses,
        }
    }

    /// Whether the code around decides about access.
    pub fn decides_access(&self) -> bool {
        self.functions.iter().any(|it| decides_access(it))
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

/// Words of functions that open or check sealed messages.
const CRYPTOGRAPHIC_WORDS: &[&str] =
    &["aead", "cipher", "decrypt", "mac", "open", "unprotect", "unseal", "verify"];

/// Macros whose arguments are compiled as they stand.
const PLAIN_MACROS: &[&str] = &[
    "bail", "ensure", "eprintln", "format", "join", "matches", "println", "select", "try_join",
    "vec", "write", "writeln",
];

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
