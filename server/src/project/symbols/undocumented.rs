//! Public items without documentation.

use super::documentation::{is_documented, is_hidden, modules_around};
use crate::syntax::ast::{self, HasName};
use crate::syntax::attrs::{allowed_lints, attrs, marks_test_code};
use crate::syntax::green::{has_token, is_fully_public};
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode, T};

/// The lint of rustc that looks for the same.
const LINT: &str = "missing_docs";

/// A public item, field or variant without documentation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UndocumentedItem {
    /// What it is: `method`, `field`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    pub(super) owner: Owner,
    /// The inline modules around it, outermost first.
    pub(super) within: Vec<String>,
    /// Whether it is `mod name;`, whose file may document it.
    pub(super) declared_elsewhere: bool,
}

/// What has no documentation of an item, its fields and its variants, each with its name. An item
/// that is not public, that is hidden or allowed to be undocumented, or test code, has nothing.
pub fn undocumented(item: &SyntaxNode) -> Vec<(ast::Name, UndocumentedItem)> {
    // Most items are documented and have no fields or variants.
    let has_parts =
        matches!(item.kind(), SyntaxKind::STRUCT | SyntaxKind::ENUM | SyntaxKind::UNION);
    if !has_parts && is_documented(item) {
        return Vec::new();
    }
    let Some(owner) = owner(item) else { return Vec::new() };
    let mut places = parts(item);
    places.insert(0, (item.clone(), kind_name(item, &owner)));
    places.retain(|(place, _)| !is_documented(place));
    let is_excused = |node: &SyntaxNode| {
        is_hidden(node) || marks_test_code(node) || allowed_lints(node).iter().any(|it| it == LINT)
    };
    if places.is_empty() || item.ancestors().any(|node| is_excused(&node)) {
        return Vec::new();
    }
    let within = modules_around(item);
    let undocumented = |(place, kind): (SyntaxNode, &'static str)| {
        let excused = place.ancestors().take_while(|it| it != item).any(|it| is_excused(&it));
        let name = name(&place).filter(|_| !excused)?;
        let found = UndocumentedItem {
            kind,
            name: text(&name),
            owner: owner.clone(),
            within: within.clone(),
            declared_elsewhere: is_declared_elsewhere(&place),
        };
        Some((name, found))
    };
    places.into_iter().filter_map(undocumented).collect()
}

/// The item whose visibility decides whether an item is visible from outside.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Owner {
    /// The item itself, or the trait that it belongs to.
    Name(String),
    /// The type of the `impl` that it belongs to.
    Type(String),
    /// An exported macro is always visible.
    Nothing,
}

/// The item that decides about the visibility of an item; none if it is not public.
fn owner(item: &SyntaxNode) -> Option<Owner> {
    if ast::MacroRules::can_cast(item.kind()) {
        let exported =
            attrs(item).any(|attr| attr.syntax().text().to_string().contains("macro_export"));
        return exported.then_some(Owner::Nothing);
    }
    let list = item.parent()?;
    match list.kind() {
        SyntaxKind::ASSOC_ITEM_LIST => {
            let container = list.parent()?;
            if let Some(item) = ast::Trait::cast(container.clone()) {
                let name = item.name().filter(|_| is_fully_public(item.syntax().green()))?;
                return Some(Owner::Name(text(&name)));
            }
            if !is_public(item) || has_token(container.green(), T![for]) {
                return None;
            }
            let container = ast::Impl::cast(container)?;
            let ast::Type::PathType(ty) = container.self_ty()? else { return None };
            let name = ty.path()?.segment()?.name_ref()?.text().to_string();
            Some(Owner::Type(name))
        }
        SyntaxKind::SOURCE_FILE | SyntaxKind::ITEM_LIST | SyntaxKind::EXTERN_ITEM_LIST => {
            // A function may hold modules of its own.
            if !is_public(item) || list.ancestors().any(|it| ast::Fn::can_cast(it.kind())) {
                return None;
            }
            Some(Owner::Name(text(&name(item)?)))
        }
        _ => None,
    }
}

fn is_public(item: &SyntaxNode) -> bool {
    is_fully_public(item.green())
}

fn name(item: &SyntaxNode) -> Option<ast::Name> {
    item.children().find_map(ast::Name::cast)
}

fn text(name: &ast::Name) -> String {
    name.text().to_string()
}

/// Whether an item is `mod name;`, whose file may document it.
fn is_declared_elsewhere(item: &SyntaxNode) -> bool {
    ast::Module::cast(item.clone()).is_some_and(|module| module.item_list().is_none())
}

/// The fields and variants of a type that are as visible as it is.
fn parts(item: &SyntaxNode) -> Vec<(SyntaxNode, &'static str)> {
    let fields = |list: &SyntaxNode| -> Vec<ast::RecordField> {
        list.children().filter_map(ast::RecordField::cast).collect()
    };
    let mut parts = Vec::new();
    for list in item.children() {
        match list.kind() {
            SyntaxKind::RECORD_FIELD_LIST => {
                let public = fields(&list).into_iter().filter(|it| is_public(it.syntax()));
                parts.extend(public.map(|it| (it.syntax().clone(), "field")));
            }
            SyntaxKind::VARIANT_LIST => {
                for variant in list.children().filter(|it| ast::Variant::can_cast(it.kind())) {
                    for list in variant.children() {
                        if list.kind() == SyntaxKind::RECORD_FIELD_LIST {
                            let fields = fields(&list).into_iter();
                            parts.extend(fields.map(|it| (it.syntax().clone(), "field")));
                        }
                    }
                    parts.push((variant, "variant"));
                }
            }
            _ => {}
        }
    }
    parts
}

fn kind_name(item: &SyntaxNode, owner: &Owner) -> &'static str {
    let in_list = item.parent().is_some_and(|it| it.kind() == SyntaxKind::ASSOC_ITEM_LIST);
    match item.kind() {
        SyntaxKind::FN if in_list => "method",
        SyntaxKind::FN => "function",
        SyntaxKind::STRUCT => "struct",
        SyntaxKind::ENUM => "enum",
        SyntaxKind::UNION => "union",
        SyntaxKind::TRAIT => "trait",
        SyntaxKind::TYPE_ALIAS => "type",
        SyntaxKind::CONST => "constant",
        SyntaxKind::STATIC => "static",
        SyntaxKind::MODULE => "module",
        _ if matches!(owner, Owner::Nothing) => "macro",
        _ => "item",
    }
}
