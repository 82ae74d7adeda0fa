//! What constants and statics hold.

use super::type_names::base_name;
use crate::syntax::green::{
    child_nodes, child_of_kind, child_type, compact_text, declared_name, node_kind,
};
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode, ast};

/// What a `const` or `static` holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ConstantValue {
    /// A text of the source.
    Text(String),
    /// What is loaded when the program is built or runs: `env!(…)`, a `LazyLock`.
    Loaded,
    /// Anything else of the source.
    Plain,
}

/// Types of statics that are set when the program runs.
const LOADED_TYPES: &[&str] = &[
    "ArcSwap", "Lazy", "LazyCell", "LazyLock", "LocalKey", "Mutex", "OnceCell", "OnceLock",
    "RwLock", "SetOnce",
];

/// Texts of constants are kept up to this length.
const LONGEST_TEXT: usize = 200;

impl ConstantValue {
    /// The value of a `const` or `static`; nothing for one that has none.
    pub fn of(item: &SyntaxNode) -> Option<Self> {
        let green = item.green();
        let value = child_nodes(green).filter(|it| ast::Expr::can_cast(node_kind(it))).last()?;
        let ty = child_type(green).map(compact_text).unwrap_or_default();
        if LOADED_TYPES.contains(&base_name(&ty)) {
            return Some(Self::Loaded);
        }
        let literal = match node_kind(value) {
            SyntaxKind::REF_EXPR => child_of_kind(value, SyntaxKind::LITERAL).unwrap_or(value),
            _ => value,
        };
        Some(match node_kind(literal) {
            SyntaxKind::LITERAL => {
                let text = compact_text(literal);
                let text = text.trim_start_matches(['b', 'c', 'r', '#']).trim_end_matches('#');
                match text.strip_prefix('"').and_then(|it| it.strip_suffix('"')) {
                    Some(text) => Self::Text(text.chars().take(LONGEST_TEXT).collect()),
                    None => Self::Plain,
                }
            }
            SyntaxKind::MACRO_EXPR => Self::Loaded,
            _ => Self::Plain,
        })
    }
}

/// A `const` or `static`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Constant {
    /// The name of the constant.
    pub name: String,
    /// What it holds.
    pub value: ConstantValue,
}

/// What a `const` or `static` item declares; nothing for one without a value.
pub(super) fn constant(node: &SyntaxNode) -> Option<Constant> {
    let name = declared_name(node.green())?.to_string();
    Some(Constant { name, value: ConstantValue::of(node)? })
}
