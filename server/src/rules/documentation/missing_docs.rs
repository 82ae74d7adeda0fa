//! Public item without documentation.
//!
//! Users of a crate have to read its source to find out what an undocumented item expects,
//! guarantees and returns in case of an error.
//!
//! ```rust,bad
//! pub fn rotate(key: &mut Key) {}
//! ```
//!
//! Describe what the item is for, and what a caller has to know:
//!
//! ```rust
//! /// Replaces the key; messages under the old one can no longer be read.
//! pub fn rotate(key: &mut Key) {}
//! ```
//!
//! The same items are reported as by rustc's `missing_docs`: items of a library that are reachable
//! from outside, with their fields, variants and methods.

use super::AREA;
use crate::analysis::{Context, On, Query, Report, Rule};
use crate::project::{Role, SymbolIndex, is_documented, is_hidden, modules_around};
use crate::syntax::ast::{self, HasName};
use crate::syntax::green::{has_token, is_fully_public};
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode, T};

pub static RULE: Rule = Rule {
    id: "missing-docs",
    raised_when_critical: false,
    lints: &["missing_docs"],
    source: include_str!("missing_docs.rs"),
    queries: &[
        Query::Node(&On(check::<ast::Fn>)),
        Query::Node(&On(check::<ast::Struct>)),
        Query::Node(&On(check::<ast::Enum>)),
        Query::Node(&On(check::<ast::Union>)),
        Query::Node(&On(check::<ast::Trait>)),
        Query::Node(&On(check::<ast::TypeAlias>)),
        Query::Node(&On(check::<ast::Const>)),
        Query::Node(&On(check::<ast::Static>)),
        Query::Node(&On(check::<ast::Module>)),
        Query::Node(&On(check::<ast::MacroRules>)),
    ],
    ..Rule::source(AREA)
};

fn check<N: AstNode>(item: &N, cx: &mut Context<'_>) {
    let item = item.syntax();
    if cx.file().role != Role::Lib || cx.in_macro() {
        return;
    }
    // Most items are documented and have no fields or variants.
    let has_parts =
        matches!(item.kind(), SyntaxKind::STRUCT | SyntaxKind::ENUM | SyntaxKind::UNION);
    if !has_parts && is_documented(item) {
        return;
    }
    let Some(owner) = owner(item) else { return };
    let mut places = parts(item);
    places.insert(0, (item.clone(), kind_name(item, &owner)));
    places.retain(|(place, _)| !is_documented(place));
    if places.is_empty() || item.ancestors().any(|node| is_hidden(&node)) {
        return;
    }
    for (place, kind) in places {
        if let Some(name) = name(&place)
            && !place.ancestors().take_while(|it| it != item).any(|it| is_hidden(&it))
        {
            let module = is_declared_elsewhere(&place).then(|| text(&name));
            report(&place, &name, kind, &owner, module, cx);
        }
    }
}

/// The item whose visibility decides whether an item is visible from outside.
enum Owner {
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
        let exported = crate::syntax::attrs::attrs(item)
            .any(|attr| attr.syntax().text().to_string().contains("macro_export"));
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

fn report(
    node: &SyntaxNode,
    name: &ast::Name,
    kind: &str,
    owner: &Owner,
    module: Option<String>,
    cx: &mut Context<'_>,
) {
    let path = cx.file().path.clone();
    let within = modules_around(node);
    let message = format!("public {kind} `{}` has no documentation", name.text());
    let owner = match owner {
        Owner::Name(name) => Owner::Name(name.clone()),
        Owner::Type(name) => Owner::Type(name.clone()),
        Owner::Nothing => Owner::Nothing,
    };
    let visible = move |symbols: &SymbolIndex| {
        let hidden = symbols.module(&path).is_none_or(|module| module.hidden);
        let documented = module.as_ref().is_some_and(|module| {
            let file = symbols.module_file(&path, &within, module);
            file.and_then(|file| symbols.file(file)).is_none_or(|file| file.documented)
        });
        !hidden
            && !documented
            && match &owner {
                Owner::Name(name) => symbols.is_exported(&path, &within, name),
                Owner::Type(name) => symbols.is_exported_type(&path, name),
                Owner::Nothing => true,
            }
    };
    cx.report(node, Report::new(name.syntax().text_range(), message).when(visible));
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn what_can_be_named_from_outside_is_documented() {
        check(
            &RULE,
            r#"
pub fn f() {}
     //^ missing-docs: public function `f` has no documentation
pub struct S { pub a: u8, b: u8 }
         //^ missing-docs: public struct `S` has no documentation
                 //^ missing-docs: public field `a` has no documentation
pub enum E {
       //^ missing-docs
    /// Documented.
    A { x: u8 },
      //^ missing-docs
    B(u8),
  //^ missing-docs: public variant `B` has no documentation
}
impl S {
    pub fn new() -> Self { S }
         //^^^ missing-docs: public method `new` has no documentation
    pub(crate) fn inner() {}
    fn private() {}
}
pub trait T {
        //^ missing-docs
    type Item;
       //^^^^ missing-docs
    const N: u8;
        //^ missing-docs
    fn go(&self);
     //^^ missing-docs
}
pub const C: u8 = 1;
        //^ missing-docs: public constant `C` has no documentation
pub static G: u8 = 1;
         //^ missing-docs
pub type A = u8;
       //^ missing-docs
#[macro_export]
macro_rules! m { () => {} }
           //^ missing-docs: public macro `m` has no documentation
pub mod inner {
      //^^^^^ missing-docs
    pub fn g() {}
         //^ missing-docs
}
"#,
        );
    }

    #[test]
    fn private_documented_and_hidden_items_are_silent() {
        silent(
            &RULE,
            r#"
/// Documented.
pub fn f() {}
#[doc = "Documented."]
pub fn g() {}
#[doc(hidden)]
pub struct Hidden { pub x: u8 }
impl Hidden { pub fn h() {} }
#[doc(hidden)]
pub mod hidden { pub fn i() {} }
pub(crate) fn j() {}
fn k() { pub struct Local; }
struct Private { pub x: u8 }
impl Private { pub fn l() {} }
impl Clone for S { fn clone(&self) -> S { S } }
/** Documented. */
pub struct Tuple(pub u8);
#[allow(missing_docs)]
pub mod allowed { pub fn m() {} }
pub mod documented { //! Documented.
}
mod private { pub fn n() {} pub mod deeper { pub fn o() {} } }
macro_rules! m { () => { pub fn p() {} } }
pub use std::fmt;
#[cfg(test)]
pub mod tests { pub fn t() {} }
"#,
        );
    }

    #[test]
    fn a_module_may_be_documented_in_its_file() {
        check(
            &RULE,
            r#"
//- src/lib.rs
pub mod a;
pub mod b;
      //^ missing-docs
pub mod absent;
//- src/a.rs
//! Documented.
//- src/b.rs
pub fn f() {}
     //^ missing-docs
"#,
        );
    }

    #[test]
    fn private_modules_show_what_is_exported_from_them() {
        check(
            &RULE,
            r#"
//- src/lib.rs
mod inner;
pub use inner::Shown;
pub use inner::below::*;
//- src/inner.rs
pub struct Shown;
         //^^^^^ missing-docs
pub struct Kept;
impl Shown { pub fn f() {} }
                  //^ missing-docs
impl Kept { pub fn f() {} }
pub mod below { pub fn g() {} }
                     //^ missing-docs
"#,
        );
    }

    #[test]
    fn programs_have_no_outside() {
        silent(
            &RULE,
            r#"
//- Cargo.toml
[package]
name = "tool"
//- src/main.rs
pub fn f() {}
"#,
        );
    }
}
