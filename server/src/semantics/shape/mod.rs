//! What can be told of an expression's type without a type checker.
//!
//! A shape says where a value comes from: a parameter with a type, a field, a call. It holds no
//! nodes, so that a finding can keep it and ask the symbols of the workspace for the type later.

mod binding;
mod kind;

pub use binding::{Binding, binding, surroundings};
use kind::inner;
pub use kind::{Kind, bare, kind, pointee};

use crate::project::{SymbolIndex, base_name};
use crate::semantics::type_text::arguments;
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxNode};

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    Unknown,
    /// Of a type as it is written, without white space.
    Typed(String),
    Field(Box<Shape>, String),
    /// What a function returns.
    Call(String),
    /// What a method returns.
    Method(Box<Shape>, String),
    /// The value in an `Option` or `Result`.
    Inner(Box<Shape>),
    /// An `Option` of the value.
    Some(Box<Shape>),
    /// An element of a collection or an iterator.
    Element(Box<Shape>),
    /// A part of a slice, array or string.
    Part(Box<Shape>),
}

impl Shape {
    /// The shape of an expression. `around` is as for [`binding`].
    pub fn of(expr: &ast::Expr, around: &[SyntaxNode]) -> Self {
        Self::at_depth(expr, around, 0)
    }

    fn at_depth(expr: &ast::Expr, around: &[SyntaxNode], depth: usize) -> Self {
        // Bindings lead to expressions that lead to bindings.
        if depth > 12 {
            return Self::Unknown;
        }
        let of = |expr: Option<ast::Expr>| {
            expr.map_or(Self::Unknown, |it| Self::at_depth(&it, around, depth + 1))
        };
        match expr {
            ast::Expr::ParenExpr(it) => of(it.expr()),
            ast::Expr::RefExpr(it) => of(it.expr()),
            ast::Expr::AwaitExpr(it) => of(it.expr()),
            ast::Expr::PrefixExpr(it) if it.op_kind() == Some(ast::UnaryOp::Deref) => of(it.expr()),
            ast::Expr::TryExpr(it) => Self::Inner(Box::new(of(it.expr()))),
            ast::Expr::CastExpr(it) => it.ty().map_or(Self::Unknown, |ty| typed(&ty)),
            ast::Expr::Literal(it) => literal(it),
            ast::Expr::FieldExpr(it) => match it.name_ref() {
                Some(name) => Self::Field(Box::new(of(it.expr())), name.text().to_string()),
                None => Self::Unknown,
            },
            ast::Expr::IndexExpr(it) => {
                let base = Box::new(of(it.base()));
                match it.index() {
                    Some(ast::Expr::RangeExpr(_)) => Self::Part(base),
                    _ => Self::Element(base),
                }
            }
            ast::Expr::MethodCallExpr(it) => Self::of_method(it, around, depth),
            ast::Expr::CallExpr(it) => {
                let Some(path) = it.expr().map(|it| compact(it.syntax())) else {
                    return Self::Unknown;
                };
                if path != "Some" {
                    return Self::Call(path);
                }
                Self::Some(Box::new(of(it.arg_list().and_then(|list| list.args().next()))))
            }
            ast::Expr::MacroExpr(it) => {
                let name = it.macro_call().and_then(|it| it.path());
                match name.map(|it| it.syntax().text().to_string()).as_deref() {
                    Some("format") => Self::Typed("String".to_string()),
                    Some("concat" | "env" | "stringify") => Self::Typed("&str".to_string()),
                    _ => Self::Unknown,
                }
            }
            ast::Expr::PathExpr(it) => {
                let name = compact(it.syntax());
                if name == "self" {
                    return self_type(around).map_or(Self::Unknown, Self::Typed);
                }
                // What a binding's own expression names was bound before it.
                match binding(&name, around) {
                    Some(Binding::Typed(ty)) => typed_in(&ty, around),
                    Some(Binding::Value(value)) => within(&value, around, depth),
                    Some(Binding::Inner(value)) => {
                        Self::Inner(Box::new(within(&value, around, depth)))
                    }
                    Some(Binding::Element(value) | Binding::Part(value)) => {
                        Self::Element(Box::new(within(&value, around, depth)))
                    }
                    Some(Binding::Field(value, name)) => {
                        Self::Field(Box::new(within(&value, around, depth)), name)
                    }
                    _ => Self::Unknown,
                }
            }
            _ => Self::Unknown,
        }
    }

    fn of_method(call: &ast::MethodCallExpr, around: &[SyntaxNode], depth: usize) -> Self {
        let Some(name) = call.name_ref() else { return Self::Unknown };
        match name.text() {
            // `headers.get("authorization").and_then(|it| it.to_str().ok())`
            "and_then" if ends_as_text(call) => Self::Typed("Option<&str>".to_string()),
            // `given.map(|it| it.trim())`
            "map" | "and_then" => {
                let mapped = mapped(call).map(|it| within(&it, around, depth));
                match (mapped, name.text()) {
                    (Some(option), "and_then") => option,
                    (Some(value), _) => Self::Some(Box::new(value)),
                    (None, _) => Self::Unknown,
                }
            }
            other => {
                let receiver = call.receiver();
                let shape =
                    receiver.map_or(Self::Unknown, |it| Self::at_depth(&it, around, depth + 1));
                Self::Method(Box::new(shape), other.to_string())
            }
        }
    }

    /// The type as far as it can be told, without references; `symbols` tell of the workspace's own
    /// functions and types.
    pub fn resolve(&self, symbols: Option<&SymbolIndex>) -> Option<String> {
        match self {
            Self::Unknown => None,
            Self::Typed(ty) => Some(ty.clone()),
            Self::Field(owner, name) => {
                let owner = owner.resolve(symbols)?;
                let owner = base_name(pointee(bare(&owner)));
                let mut fields = symbols?.types(owner).filter_map(|it| {
                    it.fields.iter().find(|(it, _)| it == name).map(|(_, ty)| ty.clone())
                });
                let first = fields.next()?;
                fields.all(|it| it == first).then_some(first)
            }
            Self::Call(path) => called(path, symbols),
            Self::Method(receiver, name) => method(receiver, name, symbols),
            Self::Inner(shape) => inner(bare(&shape.resolve(symbols)?)),
            Self::Some(shape) => Some(format!("Option<{}>", shape.resolve(symbols)?)),
            Self::Element(shape) => {
                let ty = shape.resolve(symbols)?;
                let ty = bare(&ty);
                if base_name(ty) == "HeaderMap" {
                    return Some("HeaderValue".to_string());
                }
                for list in ["Vec<", "HashSet<", "BTreeSet<", "VecDeque<", "Iter<", "Option<"] {
                    if let Some(rest) = ty.strip_prefix(list) {
                        return Some(rest.strip_suffix('>').unwrap_or(rest).to_string());
                    }
                }
                let list = ty.strip_prefix('[')?.strip_suffix(']')?;
                // `[u8;16]` in `[[u8;16];4]` and in `[[u8;16]]`
                let length = list.rsplit_once(';').filter(|(_, it)| !it.contains([']', '>', ')']));
                Some(length.map_or(list, |(element, _)| element).to_string())
            }
            Self::Part(shape) => match kind(&shape.resolve(symbols)?, symbols) {
                Kind::Text => Some("str".to_string()),
                Kind::Bytes => Some("[u8]".to_string()),
                _ => None,
            },
        }
    }

    pub fn kind(&self, symbols: Option<&SymbolIndex>) -> Option<Kind> {
        Some(kind(&self.resolve(symbols)?, symbols))
    }
}

/// What the closure that a call is given makes of its argument.
fn mapped(call: &ast::MethodCallExpr) -> Option<ast::Expr> {
    let ast::Expr::ClosureExpr(closure) = call.arg_list()?.args().next()? else { return None };
    closure.body()
}

/// Whether the closure that a call is given makes a text of a header's value.
fn ends_as_text(call: &ast::MethodCallExpr) -> bool {
    let argument = call.arg_list().and_then(|list| list.args().next());
    argument.is_some_and(|it| compact(it.syntax()).ends_with(".to_str().ok()"))
}

/// The shape of a value that a binding has, as seen from where the value stands.
fn within(value: &ast::Expr, around: &[SyntaxNode], depth: usize) -> Shape {
    let around = surroundings(value.syntax(), around);
    Shape::at_depth(value, &around, depth + 1)
}

fn typed(ty: &ast::Type) -> Shape {
    let text = compact(ty.syntax());
    match text.as_str() {
        "_" => Shape::Unknown,
        _ => Shape::Typed(text),
    }
}

/// The type of a parameter or of a local, which may be `Self`.
fn typed_in(ty: &ast::Type, around: &[SyntaxNode]) -> Shape {
    match (typed(ty), self_type(around)) {
        (Shape::Typed(text), Some(own)) if bare(&text) == "Self" => Shape::Typed(own),
        (shape, _) => shape,
    }
}

fn literal(literal: &ast::Literal) -> Shape {
    let ty = match literal.kind() {
        ast::LiteralKind::String(_) => "&str",
        ast::LiteralKind::ByteString(_) => "&[u8]",
        ast::LiteralKind::CString(_) => "&CStr",
        ast::LiteralKind::Char(_) => "char",
        ast::LiteralKind::Bool(_) => "bool",
        _ => "i32",
    };
    Shape::Typed(ty.to_string())
}

/// The type that `self` is in the method around.
pub fn self_type(around: &[SyntaxNode]) -> Option<String> {
    let item = around.iter().find_map(|it| ast::Impl::cast(it.clone()))?;
    Some(compact(item.self_ty()?.syntax()))
}

fn called(path: &str, symbols: Option<&SymbolIndex>) -> Option<String> {
    let segments: Vec<&str> = path.split("::").collect();
    let name = segments.last()?;
    let owner = segments.iter().rev().nth(1).copied().unwrap_or_default();
    let ty = match (owner, *name) {
        ("hex" | "base64" | "bs58" | "HEXLOWER" | "BASE64", "encode") | ("String", _) => "String",
        ("env", "var") => "Result<String>",
        ("fs", "read_to_string") => "Result<String>",
        ("fs", "read") => "Result<Vec<u8>>",
        ("hex", "decode") => "Result<Vec<u8>>",
        ("Sha256" | "Sha512" | "Sha384" | "Sha1" | "Md5" | "Sha3_256", "digest") => {
            "GenericArray<u8>"
        }
        (_, "new_from_slice") if path.to_lowercase().contains("mac") => "Result<Hmac>",
        _ => {
            let symbols = symbols?;
            let owned = |it: &&crate::project::Function| {
                let wanted = owner.starts_with(char::is_uppercase).then_some(owner);
                !it.has_self && (owner == "Self" || it.owner.as_deref() == wanted)
            };
            let mut known = symbols.functions(name).filter(owned).peekable();
            // What another crate's `Type::new` makes is of that type.
            let makes = *name == "new" && owner.starts_with(char::is_uppercase);
            if known.peek().is_none() && makes && !WRAPPERS.contains(&owner) {
                return Some(owner.to_string());
            }
            return agreed(known);
        }
    };
    Some(ty.to_string())
}

/// Types that are used like what they hold.
const WRAPPERS: &[&str] =
    &["Arc", "Box", "Cow", "Option", "Rc", "Secret", "Self", "Vec", "Wrapping", "Zeroizing"];

fn agreed<'a>(functions: impl Iterator<Item = &'a crate::project::Function>) -> Option<String> {
    let mut types = functions.map(|it| match (&it.returns, &it.owner) {
        (Some(ty), Some(owner)) => ty.replace("Self", owner),
        (Some(ty), None) => ty.clone(),
        (None, _) => "()".to_string(),
    });
    let first = types.next()?;
    types.all(|it| it == first).then_some(first)
}

fn method(receiver: &Shape, name: &str, symbols: Option<&SymbolIndex>) -> Option<String> {
    let base = receiver.resolve(symbols);
    let base_kind = base.as_deref().map(|it| kind(it, symbols));
    let ty = match (name, &base_kind) {
        ("as_bytes" | "as_slice" | "as_mut_slice" | "to_be_bytes" | "to_le_bytes", _) => "&[u8]",
        ("as_str" | "trim" | "trim_start" | "trim_end", _) => "&str",
        ("trim_start_matches" | "trim_end_matches" | "trim_matches", _) => "&str",
        ("to_string" | "to_lowercase" | "to_uppercase", _) => "String",
        ("to_ascii_lowercase" | "to_ascii_uppercase", Some(Kind::Text)) => "String",
        ("to_str", Some(Kind::Text)) => "Result<&str>",
        ("strip_prefix" | "strip_suffix", _) => "Option<&str>",
        ("get", Some(Kind::Named(map))) if map == "HeaderMap" => "Option<&HeaderValue>",
        ("get" | "get_mut", Some(Kind::Named(map))) if is_map(map) => {
            return Some(format!("Option<&{}>", value_of_map(&base?)?));
        }
        ("remove", Some(Kind::Named(map))) if is_map(map) => {
            return Some(format!("Option<{}>", value_of_map(&base?)?));
        }
        ("len" | "count" | "capacity", _) => "usize",
        ("is_empty" | "is_some" | "is_none" | "is_ok" | "is_err", _) => "bool",
        ("to_owned" | "into_owned", Some(Kind::Text)) => "String",
        ("to_vec", Some(Kind::Bytes)) => "Vec<u8>",
        ("into_bytes", Some(Kind::Text)) => "Vec<u8>",
        ("into_bytes", _) if is_mac(base.as_deref()) => "GenericArray<u8>",
        ("finalize", _) if is_mac(base.as_deref()) => "CtOutput",
        ("expose_secret", _) if base.as_deref().map(bare) == Some("SecretString") => "&str",
        ("clone" | "as_ref" | "borrow" | "as_mut" | "deref" | "iter" | "into_iter", _)
        | ("cloned" | "copied" | "to_owned" | "by_ref" | "filter" | "lock" | "read", _) => {
            return base.filter(|it| name != "as_ref" || bare(it).starts_with("Option<"));
        }
        ("as_deref", _) => {
            // What other types dereference to is not known.
            return match kind(&inner(bare(&base?))?, symbols) {
                Kind::Text => Some("Option<&str>".to_string()),
                Kind::Bytes => Some("Option<&[u8]>".to_string()),
                _ => None,
            };
        }
        ("ok", _) => return Some(format!("Option<{}>", inner(bare(&base?))?)),
        ("map_err", _) | ("or", _) | ("context", _) | ("with_context", _) => return base,
        ("unwrap" | "expect" | "unwrap_or" | "unwrap_or_default" | "unwrap_or_else", _)
        | ("ok_or" | "ok_or_else", _) => {
            let inner = inner(bare(&base?))?;
            return Some(if name.starts_with("ok_") { format!("Result<{inner}>") } else { inner });
        }
        _ => {
            let symbols = symbols?;
            let owner = base.as_deref().map(|it| base_name(pointee(bare(it))).to_string());
            // A parameter of a type, such as `T`, may be any type that has the method.
            let owner = owner.filter(|it| it.len() > 1);
            let found = symbols.functions(name).filter(|it| {
                it.has_self && (owner.is_none() || it.owner.as_deref() == owner.as_deref())
            });
            return agreed(found);
        }
    };
    Some(ty.to_string())
}

fn is_map(name: &str) -> bool {
    matches!(name, "HashMap" | "BTreeMap" | "FxHashMap" | "AHashMap" | "IndexMap")
}

/// `V` in `HashMap<K, V>`.
fn value_of_map(ty: &str) -> Option<String> {
    arguments(pointee(bare(ty))).get(1).map(|it| it.to_string())
}

fn is_mac(ty: Option<&str>) -> bool {
    ty.is_some_and(|ty| base_name(ty).to_lowercase().contains("mac") || ty == "CtOutput")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::{FileSymbols, ItemSymbols, Packages};
    use crate::syntax::{Document, Edition};
    use std::sync::Arc;

    /// The kind of the last expression statement of the file's last function.
    fn kind_of(source: &str) -> Option<Kind> {
        let root = Document::new(source, Edition::CURRENT).root().expect("it parses");
        let mut file = FileSymbols::default();
        for item in root.descendants() {
            file.items.push(Arc::new(ItemSymbols::of_leaf(&item)));
        }
        let files = [("src/lib.rs".to_string(), Arc::new(file))].into();
        let symbols = SymbolIndex::new(Packages::default(), files);
        let macro_call = |it: &ast::MacroCall| it.path().is_some_and(|it| it.to_string() == "of");
        let call = root
            .descendants()
            .filter_map(ast::CallExpr::cast)
            .find(|it| it.expr().is_some_and(|it| it.syntax().text() == "of"));
        assert!(!root.descendants().filter_map(ast::MacroCall::cast).any(|it| macro_call(&it)));
        let expr = call?.arg_list()?.args().next()?;
        let around: Vec<_> = expr.syntax().ancestors().collect();
        Shape::of(&expr, &around).kind(Some(&symbols))
    }

    #[test]
    fn annotations_tell_types() {
        for (params, expr, expected) in [
            ("a: &str", "a", Kind::Text),
            ("a: &'static str", "a", Kind::Text),
            ("a: &'src str", "a", Kind::Text),
            ("a: &'run mut Token<'src>", "a", Kind::Named("Token".into())),
            ("a: &mut String", "a.as_bytes()", Kind::Bytes),
            ("a: [u8; 32]", "a[..4]", Kind::Bytes),
            ("a: &[u8]", "*a", Kind::Bytes),
            ("a: Vec<u8>", "&a", Kind::Bytes),
            ("a: Zeroizing<Vec<u8>>", "a", Kind::Bytes),
            ("a: Arc<str>", "a", Kind::Text),
            ("a: u64", "a", Kind::Number),
            ("a: Token", "a", Kind::Named("Token".into())),
            ("a: Option<String>", "a.as_deref()", Kind::Option(Box::new(Kind::Text))),
            ("a: Option<&str>", "a.unwrap()", Kind::Text),
            ("a: &[String]", "a[0]", Kind::Text),
            ("a: &[[u8; 16]]", "a[0]", Kind::Bytes),
            ("a: [[u8; 16]; 4]", "a[0]", Kind::Bytes),
            ("a: [[u16; 8]; 4]", "a[0]", Kind::Named("[u16;8]".into())),
            ("a: Vec<Vec<u8>>", "a[0]", Kind::Bytes),
            ("a: &HeaderMap", "a[\"x\"]", Kind::Text),
            ("a: &HeaderMap", "a.get(\"x\")", Kind::Option(Box::new(Kind::Text))),
        ] {
            let source = format!("fn f({params}) {{ of({expr}); }}");
            assert_eq!(kind_of(&source), Some(expected), "{source}");
        }
    }

    #[test]
    fn bindings_lead_to_types() {
        for (body, expected) in [
            ("let a = x; of(a);", Kind::Text),
            ("let a = hex::encode(x); of(a);", Kind::Text),
            ("let a: [u8; 4] = y(); of(a);", Kind::Bytes),
            ("if let Some(a) = o { of(a); }", Kind::Bytes),
            ("match o { Some(a) if of(a) => {} _ => {} }", Kind::Bytes),
            ("for a in &l { of(a); }", Kind::Text),
            ("l.iter().any(|a| of(a));", Kind::Text),
            ("let a = s.token; of(a);", Kind::Text),
            ("of(s.mac());", Kind::Bytes),
            ("of(make(x));", Kind::Bytes),
            ("let x = x.len(); of(x);", Kind::Number),
        ] {
            let source = format!(
                "struct S {{ token: String }} impl S {{ fn mac(&self) -> [u8; 4] {{}} }} \
                 type Id = Vec<u8>; fn make(a: u8) -> Id {{}} \
                 fn f(x: &str, o: Option<&[u8]>, l: Vec<String>, s: &S) {{ {body} }}"
            );
            assert_eq!(kind_of(&source), Some(expected), "{body}");
        }
        assert_eq!(kind_of("fn f(x: &str) { of(y); }"), None);
    }
}
