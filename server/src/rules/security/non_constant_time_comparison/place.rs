//! What surrounds a comparison.

use crate::rules::support::clues::{authenticates, is_about_parsing};
use crate::rules::support::shape::self_type;
use crate::semantics::FileContext;
use crate::syntax::ast::{self, HasName};
use crate::syntax::fragment::{is_assertion, macro_name};
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

/// What surrounds a comparison.
pub struct Place<'a> {
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
    pub parses: bool,
}

impl<'a> Place<'a> {
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
            .any(|it| is_about_parsing(&it));
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

    /// Whether the code around decides who may pass.
    pub fn authenticates(&self) -> bool {
        self.functions.iter().any(|it| authenticates(it))
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

/// Whether the code around opens or checks sealed messages.
pub fn is_cryptographic(place: &Place<'_>) -> bool {
    place.functions.iter().any(|it| {
        crate::syntax::names::words(it).any(|word| {
            matches!(
                word.as_str(),
                "decrypt" | "unseal" | "open" | "verify" | "mac" | "aead" | "unprotect" | "cipher"
            )
        })
    })
}
/// Whether the place can be edited: macros may give `==` a meaning of their own.
pub fn may_edit(around: &[SyntaxNode]) -> bool {
    around.iter().filter(|it| it.kind() == SyntaxKind::MACRO_CALL).all(|it| {
        macro_name(it).is_some_and(|name| {
            matches!(
                name.as_str(),
                "matches"
                    | "ensure"
                    | "format"
                    | "println"
                    | "eprintln"
                    | "write"
                    | "writeln"
                    | "vec"
                    | "select"
                    | "join"
                    | "try_join"
                    | "bail"
            )
        })
    })
}
