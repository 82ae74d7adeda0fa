//! What one source declares.

use std::sync::Arc;

use rowan::GreenNodeData;

use super::constants::{Constant, constant};
use super::derives::{derives_of, fields_with, hides_from_debug, hides_from_serialize};
use super::documentation::{has_example, is_documented, is_hidden, modules_around};
use super::doubles::{NamedDouble, named_doubles};
use super::facts::{FunctionFacts, Mentions};
use super::text_constructors::{TextConstructor, text_constructor};
use super::type_names::{base_name, owner};
use super::undocumented::{UndocumentedItem, undocumented};
use super::used_values::{Refused, listened, refused};
use crate::syntax::ast::{self, HasGenericParams, HasName};
use crate::syntax::attrs::{allowed_lints, attrs, green_attrs, makes_tests, marks_test_code};
use crate::syntax::generated::is_generated;
use crate::syntax::green::{
    any_token, child_nodes, child_of_kind, child_type, child_types, compact_text, declared_name,
    has_token, is_fully_public, node_kind, path_name,
};
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, Imports, SyntaxKind, SyntaxNode, cfg};

/// `mod name;` or `mod name { … }`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ModuleDecl {
    /// The inline modules around the declaration, outermost first.
    pub within: Vec<String>,
    /// The name of the module.
    pub name: String,
    /// The `#[path = "…"]` of the declaration.
    pub path: Option<String>,
    /// Whether it is `pub` without restriction.
    pub public: bool,
    /// Whether it is compiled for tests only.
    pub test_only: bool,
    /// Whether its body stands in the declaration.
    pub inline: bool,
    /// Left out of the documentation by `#[doc(hidden)]`.
    pub hidden: bool,
    /// The lints that attributes of the declaration allow.
    pub allows: Vec<String>,
}

/// A function's signature, and what its body does.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Function {
    /// The name of the function.
    pub name: String,
    /// The type or trait whose `impl` or `trait` block holds it, without generics.
    pub owner: Option<String>,
    /// The return type as written, without white space.
    pub returns: Option<String>,
    /// Whether it is an `async fn`.
    pub is_async: bool,
    /// Whether it is `pub` without restriction.
    pub public: bool,
    /// Whether something calls it that does not name it: a trait it is a method of, what an
    /// attribute makes, the system.
    pub is_entry: bool,
    /// Whether it takes `self`.
    pub has_self: bool,
    /// The names of its parameters, without `self`, each with a comma behind it; of a pattern
    /// nothing but the comma.
    pub parameters: Box<str>,
    /// Whether it is `pub` and has a parameter that is a slice of bytes or `Bytes`.
    pub takes_bytes: bool,
    /// For an associated function, of no trait, that makes its type of one text.
    pub text_constructor: Option<TextConstructor>,
    /// What its body does.
    pub facts: FunctionFacts,
}

/// A struct, enum or union.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct TypeDef {
    /// The name of the type, without generics.
    pub name: String,
    /// The inline modules around the definition, outermost first.
    pub within: Vec<String>,
    /// Whether it has generic parameters.
    pub generic: bool,
    /// Whether it is `pub` without restriction.
    pub public: bool,
    /// Whether it is `pub(crate)`.
    pub crate_wide: bool,
    /// Left out of the documentation by `#[doc(hidden)]`.
    pub hidden: bool,
    /// Names and types of named fields; of tuple fields with their number as the name.
    pub fields: Vec<(String, String)>,
    /// Of an enum.
    pub variants: Vec<Variant>,
    /// The traits that its attributes derive.
    pub derives: Vec<String>,
    /// Fields that attributes keep out of a derived `Debug`; those of a variant as `Variant.field`.
    pub hidden_from_debug: Vec<String>,
    /// Fields that attributes keep out of a derived `Serialize`, named alike.
    pub hidden_from_serialize: Vec<String>,
}

/// A variant of an enum.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Variant {
    /// The name of the variant.
    pub name: String,
    /// As those of [`TypeDef`].
    pub fields: Vec<(String, String)>,
    /// The variant or its field bears `#[from]`: its field converts into the enum.
    pub from: bool,
    /// Whether it is there under a `#[cfg(…)]` only.
    pub conditional: bool,
}

/// `impl Trait for Type`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Impl {
    /// The trait as written, generics included, without its path: `From<io::Error>`.
    pub of_trait: String,
    /// The type without generics and path.
    pub for_type: String,
}

/// `type Name<Parameters> = Target;`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Alias {
    /// The name of the alias.
    pub name: String,
    /// Its generic parameters as written, without white space: `E=Error`, `'a`.
    pub parameters: Vec<String>,
    /// What it stands for, without white space.
    pub target: String,
    /// The type whose `impl` holds it, for an associated type.
    pub owner: Option<String>,
}

/// A name that `pub use` exports.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reexport {
    /// The inline modules around the declaration, outermost first.
    pub within: Vec<String>,
    /// The segments of what is exported as they are written, `crate` and `self` among them.
    pub path: Vec<String>,
    /// The name it is exported by; nothing for a glob.
    pub name: Option<String>,
}

/// What one item declares.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct ItemSymbols {
    /// Module declarations.
    pub modules: Vec<ModuleDecl>,
    /// What `pub use` exports.
    pub reexports: Vec<Reexport>,
    /// Signatures of functions and methods.
    pub functions: Vec<Function>,
    /// Structs, enums and unions.
    pub types: Vec<TypeDef>,
    /// Implementations of traits.
    pub impls: Vec<Impl>,
    /// Type aliases and associated types.
    pub aliases: Vec<Alias>,
    /// Constants and statics.
    pub constants: Vec<Constant>,
    /// Imports of names that end in `Result`, `Error` or `Report`, each with the full path: what
    /// signatures mean that are written with them.
    pub outcomes: Vec<(String, String)>,
    /// What of it is public and undocumented.
    pub undocumented: Vec<UndocumentedItem>,
    /// The condition under which a `compile_error!` stands, if it is one: no code of the same file
    /// is compiled under it.
    pub refused: Option<String>,
    /// Values that it refuses to work with.
    pub refusals: Vec<Refused>,
    /// Constants that it listens on.
    pub listened: Vec<String>,
    /// The types it names that may be doubles of tests, where it is no test itself.
    pub doubles: Vec<NamedDouble>,
    /// Whether it is a test, makes tests, or has an example in its documentation that is one.
    pub tests: bool,
    /// Whether it is a function that is a test.
    pub is_test: bool,
}

impl ItemSymbols {
    /// The symbols of an item, which is not a module, impl or trait with a body.
    pub fn of_leaf(node: &SyntaxNode) -> Self {
        let is_or_makes = makes_tests(node);
        let mut symbols = Self {
            tests: is_or_makes || has_example(node.green()),
            is_test: is_or_makes && node.kind() == SyntaxKind::FN,
            doubles: named_doubles(node),
            ..Self::undocumented(node)
        };
        match node.kind() {
            SyntaxKind::FN => {
                let mentions = Mentions::of(node.green());
                symbols.functions.extend(function(node, mentions));
                if mentions.may_refuse() {
                    symbols.refusals = refused(node);
                }
                if !symbols.refusals.is_empty() && node.ancestors().any(|it| marks_test_code(&it)) {
                    symbols.refusals.clear();
                }
                if mentions.may_listen() {
                    symbols.listened = listened(node);
                }
            }
            SyntaxKind::STRUCT | SyntaxKind::ENUM | SyntaxKind::UNION => {
                symbols.types.extend(type_def(node));
            }
            SyntaxKind::MACRO_CALL if path_name(node.green()) == Some("compile_error") => {
                symbols.refused = cfg::conditions(node).pop();
            }
            SyntaxKind::CONST | SyntaxKind::STATIC => symbols.constants.extend(constant(node)),
            SyntaxKind::TYPE_ALIAS => symbols.aliases.extend(alias(node)),
            SyntaxKind::USE => {
                symbols.outcomes = outcomes(node);
                if !is_fully_public(node.green()) || marks_test_code(node) {
                    return symbols;
                }
                if let Some(tree) = ast::Use::cast(node.clone()).and_then(|it| it.use_tree()) {
                    let within = modules_around(node);
                    reexports(&tree, &within, &[], &mut symbols.reexports);
                }
            }
            _ => {}
        }
        symbols
    }

    fn undocumented(node: &SyntaxNode) -> Self {
        let undocumented = undocumented(node).into_iter().map(|(_, item)| item).collect();
        Self { undocumented, ..Self::default() }
    }

    /// The symbols that the header of a module, impl or trait states.
    pub fn of_container(node: &SyntaxNode) -> Self {
        let mut symbols = Self { tests: has_example(node.green()), ..Self::undocumented(node) };
        if let Some(module) = ast::Module::cast(node.clone()) {
            symbols.modules.extend(module_decl(&module));
        } else if let Some(item) = ast::Impl::cast(node.clone())
            && let (Some(of_trait), Some(for_type)) = (item.trait_(), item.self_ty())
        {
            let of_trait = compact(of_trait.syntax());
            let generics = of_trait.find('<').unwrap_or(of_trait.len());
            let start = of_trait[..generics].rfind("::").map_or(0, |at| at + 2);
            symbols.impls.push(Impl {
                of_trait: of_trait[start..].to_string(),
                for_type: base_name(&compact(for_type.syntax())).to_string(),
            });
        }
        symbols
    }
}

/// What one file declares.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileSymbols {
    /// What its items declare, in text order; items that declare nothing are left out.
    pub items: Vec<Arc<ItemSymbols>>,
    /// Lints that `#![allow(…)]` at the top of the file allows.
    pub allows: Vec<String>,
    /// Whether `#![cfg(test)]` or its like stands at the top of the file.
    pub test_only: bool,
    /// Whether a program wrote the file.
    pub generated: bool,
    /// Whether the file opens with documentation of its module.
    pub documented: bool,
    /// Whether that documentation has an example that is run as a test.
    pub example: bool,
}

impl FileSymbols {
    /// The module declarations of all its items.
    pub fn modules(&self) -> impl Iterator<Item = &ModuleDecl> {
        self.items.iter().flat_map(|item| &item.modules)
    }

    /// Whether a `compile_error!` keeps code from being compiled that stands under some conditions,
    /// in the form of [`cfg::conditions`].
    pub fn refuses(&self, conditions: &[String]) -> bool {
        let mut refused = self.items.iter().filter_map(|item| item.refused.as_ref());
        refused.any(|it| conditions.contains(it))
    }

    /// Whether anything in it is run by `cargo test`.
    pub fn has_tests(&self) -> bool {
        self.example || self.items.iter().any(|item| item.tests)
    }

    /// Whether the file says the same of modules and what they export as `other` does.
    pub(super) fn relates_as(&self, other: &Self) -> bool {
        let reexports = |file: &Self| -> Vec<Reexport> {
            file.items.iter().flat_map(|item| &item.reexports).cloned().collect()
        };
        self.allows == other.allows
            && self.test_only == other.test_only
            && self.modules().eq(other.modules())
            && reexports(self) == reexports(other)
    }

    /// Reads what the file's own inner attributes say.
    pub fn read_header(&mut self, root: &SyntaxNode) {
        self.allows = allowed_lints(root);
        self.test_only = marks_test_code(root);
        self.generated = is_generated(root);
        self.documented = is_documented(root);
        self.example = has_example(root.green());
    }
}

fn function(node: &SyntaxNode, mentions: Mentions) -> Option<Function> {
    let green = node.green();
    let parameters = child_of_kind(green, SyntaxKind::PARAM_LIST);
    let name = declared_name(green)?.to_string();
    let owner = owner(node);
    Some(Function {
        takes_bytes: takes_bytes(green),
        facts: FunctionFacts::of(node, mentions),
        text_constructor: owner
            .as_deref()
            .filter(|_| is_inherent(node))
            .and_then(|it| text_constructor(green, it)),
        name,
        owner,
        returns: child_of_kind(green, SyntaxKind::RET_TYPE).and_then(child_type).map(compact_text),
        is_async: has_token(green, SyntaxKind::ASYNC_KW),
        public: is_fully_public(green),
        is_entry: is_entry(node),
        has_self: parameters
            .is_some_and(|list| child_of_kind(list, SyntaxKind::SELF_PARAM).is_some()),
        parameters: parameters.map(parameter_names).unwrap_or_default().into(),
    })
}

impl Function {
    /// The name of the parameter at a place, `self` not counted.
    pub fn parameter(&self, at: usize) -> Option<&str> {
        self.parameters.split(',').nth(at).filter(|name| !name.is_empty())
    }
}

/// The names of parameters as [`Function::parameters`] has them.
fn parameter_names(list: &GreenNodeData) -> String {
    let mut names = String::new();
    for param in child_nodes(list).filter(|it| node_kind(it) == SyntaxKind::PARAM) {
        let pattern = child_of_kind(param, SyntaxKind::IDENT_PAT);
        names += pattern.and_then(declared_name).unwrap_or_default();
        names.push(',');
    }
    names
}

/// Attributes that have a function called by nothing else than its name; sorted.
const PLAIN_ATTRIBUTES: &[&str] = &[
    "allow", "async_recursion", "cfg", "cfg_attr", "cold", "deny", "deprecated", "doc", "expect",
    "inline", "instrument", "must_use", "rustfmt", "target_feature", "tracing", "track_caller",
    "warn",
];

/// Whether a function is called by something that does not name it.
fn is_entry(node: &SyntaxNode) -> bool {
    let green = node.green();
    let in_trait = node.parent().and_then(|it| it.parent()).is_some_and(|it| {
        it.kind() == SyntaxKind::TRAIT
            || it.kind() == SyntaxKind::IMPL
                && (!is_inherent(node) || green_attrs(it.green()).any(|it| !is_plain(it)))
    });
    in_trait
        || declared_name(green) == Some("main")
        || child_of_kind(green, SyntaxKind::ABI).is_some()
        || green_attrs(green).any(|it| !is_plain(it))
}

/// Whether an attribute says nothing about who calls a function.
fn is_plain(attr: &GreenNodeData) -> bool {
    let text = compact_text(attr);
    let name = text.trim_start_matches(['#', '!', '[']);
    let end = name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
    PLAIN_ATTRIBUTES.binary_search(&name.get(..end).unwrap_or_default()).is_ok()
}

/// Whether an item stands in an `impl` that is of no trait.
fn is_inherent(node: &SyntaxNode) -> bool {
    let container = node.parent().and_then(|it| it.parent());
    container.is_some_and(|it| {
        it.kind() == SyntaxKind::IMPL && child_types(it.green()).take(2).count() == 1
    })
}

/// What parameters of bytes are written as, without white space and lifetimes.
const BYTES: &[&str] = &["&Bytes", "&[u8]", "&mut&[u8]", "&mutBytes", "Bytes", "bytes::Bytes"];

/// Whether a function is `pub` and has a parameter of bytes.
fn takes_bytes(item: &GreenNodeData) -> bool {
    if !is_fully_public(item) {
        return false;
    }
    let Some(list) = child_of_kind(item, SyntaxKind::PARAM_LIST) else { return false };
    // Most functions need no closer look.
    let names_bytes =
        |kind, text: &str| kind == SyntaxKind::IDENT && matches!(text, "u8" | "Bytes");
    if !any_token(list, &names_bytes) {
        return false;
    }
    child_nodes(list).filter_map(child_type).map(compact_text).any(|text| {
        // Without the lifetime of a reference.
        let text = text.split_once('\'').map_or(text.clone(), |(before, rest)| {
            let rest = rest.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
            format!("{before}{rest}")
        });
        BYTES.contains(&text.as_str())
    })
}

fn type_def(node: &SyntaxNode) -> Option<TypeDef> {
    let green = node.green();
    let variants = child_of_kind(green, SyntaxKind::VARIANT_LIST);
    let variants = variants.into_iter().flat_map(child_nodes).filter_map(|variant| {
        Some(Variant {
            name: declared_name(variant)
                .filter(|_| node_kind(variant) == SyntaxKind::VARIANT)?
                .to_string(),
            fields: fields(variant),
            from: converts(variant),
            conditional: green_attrs(variant).any(|it| compact_text(it).starts_with("#[cfg(")),
        })
    });
    Some(TypeDef {
        name: declared_name(green)?.to_string(),
        within: modules_around(node),
        generic: child_of_kind(green, SyntaxKind::GENERIC_PARAM_LIST).is_some(),
        public: is_fully_public(green),
        crate_wide: child_of_kind(green, SyntaxKind::VISIBILITY)
            .is_some_and(|it| compact_text(it) == "pub(crate)"),
        hidden: is_hidden(node),
        fields: fields(green),
        variants: variants.collect(),
        hidden_from_debug: hidden_fields(green, hides_from_debug),
        hidden_from_serialize: hidden_fields(green, hides_from_serialize),
        derives: derives(node),
    })
}

/// The fields of a type and of its variants whose attributes pass a test.
fn hidden_fields(node: &GreenNodeData, hides: fn(&str) -> bool) -> Vec<String> {
    let mut names = fields_with(node, hides);
    let variants = child_of_kind(node, SyntaxKind::VARIANT_LIST);
    for variant in variants.into_iter().flat_map(child_nodes) {
        let of_variant = declared_name(variant).unwrap_or_default();
        let fields = fields_with(variant, hides).into_iter();
        names.extend(fields.map(|field| format!("{of_variant}.{field}")));
    }
    names
}

fn fields(node: &GreenNodeData) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for list in child_nodes(node) {
        match node_kind(list) {
            SyntaxKind::RECORD_FIELD_LIST => {
                for field in child_nodes(list) {
                    if let (Some(name), Some(ty)) = (declared_name(field), child_type(field)) {
                        fields.push((name.to_string(), compact_text(ty)));
                    }
                }
            }
            SyntaxKind::TUPLE_FIELD_LIST => {
                let tuple = child_nodes(list).filter(|it| node_kind(it) == SyntaxKind::TUPLE_FIELD);
                for (number, field) in tuple.enumerate() {
                    if let Some(ty) = child_type(field) {
                        fields.push((number.to_string(), compact_text(ty)));
                    }
                }
            }
            _ => {}
        }
    }
    fields
}

/// Whether `#[from]` stands somewhere in a variant.
fn converts(node: &GreenNodeData) -> bool {
    child_nodes(node).any(|child| match node_kind(child) {
        SyntaxKind::ATTR => compact_text(child) == "#[from]",
        _ => converts(child),
    })
}

/// The last segments of the traits that the attributes of a type derive.
pub fn derives(node: &SyntaxNode) -> Vec<String> {
    derives_of(node.green())
}

fn alias(node: &SyntaxNode) -> Option<Alias> {
    let item = ast::TypeAlias::cast(node.clone())?;
    let parameters = item.generic_param_list().into_iter().flat_map(|it| it.generic_params());
    Some(Alias {
        name: item.name()?.text().to_string(),
        parameters: parameters.map(|it| compact(it.syntax())).collect(),
        target: compact(item.ty()?.syntax()),
        owner: owner(node),
    })
}

fn outcomes(node: &SyntaxNode) -> Vec<(String, String)> {
    let imports = Imports::of_uses(ast::Use::cast(node.clone()).into_iter());
    let of_outcomes = imports
        .iter()
        .filter(|(name, _)| ["Result", "Error", "Report"].iter().any(|it| name.ends_with(it)));
    let mut found: Vec<(String, String)> =
        of_outcomes.map(|(name, path)| (name.to_string(), path.to_string())).collect();
    found.sort_unstable();
    found
}

fn reexports(tree: &ast::UseTree, within: &[String], prefix: &[String], out: &mut Vec<Reexport>) {
    let text = tree.path().map(|path| compact(path.syntax())).unwrap_or_default();
    let mut path = prefix.to_vec();
    path.extend(text.split("::").filter(|it| !it.is_empty()).map(str::to_string));
    if let Some(list) = tree.use_tree_list() {
        for tree in list.use_trees() {
            reexports(&tree, within, &path, out);
        }
        return;
    }
    let within = within.to_vec();
    if tree.star_token().is_some() {
        out.push(Reexport { within, path, name: None });
        return;
    }
    // `self` in a list stands for the module before the list.
    if !prefix.is_empty() && path.last().is_some_and(|last| last == "self") {
        path.pop();
    }
    let name = match tree.rename() {
        Some(rename) => rename.name().map(|name| name.text().to_string()),
        None => path.last().cloned(),
    };
    if name.is_some() {
        out.push(Reexport { within, path, name });
    }
}

fn module_decl(module: &ast::Module) -> Option<ModuleDecl> {
    let within = modules_around(module.syntax());
    let path = attrs(module.syntax()).filter_map(|attr| attr.meta()).find_map(|meta| {
        let ast::Meta::KeyValueMeta(it) = meta else { return None };
        let is_path = it.path().is_some_and(|path| path.syntax().text() == "path");
        let value = it.expr().filter(|_| is_path)?.syntax().text().to_string();
        Some(value.trim_matches('"').to_string())
    });
    let test_only = module
        .syntax()
        .ancestors()
        .any(|node| ast::Module::can_cast(node.kind()) && marks_test_code(&node));
    Some(ModuleDecl {
        within,
        name: module.name()?.text().to_string(),
        path,
        public: is_fully_public(module.syntax().green()),
        test_only,
        inline: module.item_list().is_some(),
        hidden: is_hidden(module.syntax()),
        allows: allowed_lints(module.syntax()),
    })
}
