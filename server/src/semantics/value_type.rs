//! The types that values have, as the code around them writes them and as the workspace declares
//! them.

use super::NodeContext;
use super::bindings::{bound_type, initializer};
use super::type_text::arguments;
use crate::project::{SymbolIndex, base_name};
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxNode};

/// The type of a value, as far as its place tells: the rest is asked of the symbol index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueType {
    /// It is written in the code.
    Written(String),
    /// What a function returns.
    Returned {
        /// The type that it is called on, or that its path names.
        owner: Option<Box<ValueType>>,
        /// Its name.
        function: String,
        /// Whether it is called on a value.
        is_method: bool,
    },
    /// That of a field.
    Field {
        /// The type that has it.
        owner: Option<Box<ValueType>>,
        /// Its name.
        field: String,
    },
}

impl ValueType {
    /// The types that the value may have: more than one where names are declared several times,
    /// none where nothing is known.
    /// Names are those that the file `from` can mean.
    pub fn resolve(&self, symbols: &SymbolIndex, from: &str) -> Vec<String> {
        match self {
            Self::Written(ty) => vec![ty.clone()],
            Self::Returned { owner, function, is_method } => {
                let owners = names_of(owner, symbols, from);
                let functions = symbols.functions_in_view(from, function).filter(|it| {
                    let is_own = || it.owner.as_ref().is_some_and(|own| owners.contains(own));
                    it.has_self == *is_method
                        && if owner.is_some() { is_own() } else { *is_method || it.owner.is_none() }
                });
                let mut known = functions.peekable();
                // What the workspace does not declare is mostly a constructor of a trait.
                if known.peek().is_none() && !is_method {
                    return owners;
                }
                let returned = known.map(|it| {
                    let ty = it.returns.as_deref().unwrap_or("()");
                    match (success_type(ty), &it.owner) {
                        ("Self", Some(owner)) => owner.clone(),
                        (ty, _) => ty.to_string(),
                    }
                });
                returned.collect()
            }
            Self::Field { owner, field } => {
                let owners = names_of(owner, symbols, from);
                let types: Vec<_> =
                    owners.iter().flat_map(|it| symbols.types_in_view(from, it)).collect();
                if types.is_empty() {
                    return symbols.fields_in_view(from, field).map(str::to_string).collect();
                }
                let fields = types.iter().flat_map(|(_, def)| &def.fields);
                fields.filter(|(name, _)| name == field).map(|(_, ty)| ty.clone()).collect()
            }
        }
    }
}

/// The names of the types that an owner may be of, without references and wrappers.
fn names_of(owner: &Option<Box<ValueType>>, symbols: &SymbolIndex, from: &str) -> Vec<String> {
    let types = owner.as_ref().map(|it| it.resolve(symbols, from)).unwrap_or_default();
    types.iter().map(|ty| base_name(pointee(ty)).to_string()).collect()
}

/// What a reference or a smart pointer leads to.
fn pointee(ty: &str) -> &str {
    let ty = ty.trim_start_matches(['&', ' ']);
    let ty = ty.strip_prefix("mut ").unwrap_or(ty).trim();
    match (base_name(ty), arguments(ty).as_slice()) {
        ("Arc" | "Box" | "Rc" | "Option" | "Mutex" | "RwLock" | "State" | "Data", [inner]) => {
            pointee(inner)
        }
        _ => ty,
    }
}

/// What a function's result is when it succeeds: `T` of `Result<T, E>` and of a future.
pub fn success_type(ty: &str) -> &str {
    let ty = ty.trim();
    if let Some((_, output)) = ty.split_once("Future<Output=") {
        return success_type(output.strip_suffix('>').unwrap_or(output));
    }
    match arguments(ty).first() {
        Some(first) if base_name(ty).ends_with("Result") => success_type(first),
        _ => ty,
    }
}

/// How many bindings are followed from a name to its type.
const MAX_STEPS: usize = 6;

/// The type of a local variable or parameter, as it is bound nearest to `node`.
pub fn type_of_variable(cx: &NodeContext<'_>, node: &SyntaxNode, name: &str) -> Option<ValueType> {
    Search { cx, node, steps: MAX_STEPS }.variable(name)
}

#[derive(Clone, Copy)]
struct Search<'a> {
    cx: &'a NodeContext<'a>,
    /// Where names are looked up.
    node: &'a SyntaxNode,
    steps: usize,
}

impl Search<'_> {
    fn variable(self, name: &str) -> Option<ValueType> {
        if let Some(ty) = bound_type(self.cx, self.node, name) {
            return Some(ValueType::Written(self.own_type(&ty)));
        }
        let value = initializer(self.cx, self.node, name)?;
        let steps = self.steps.checked_sub(1)?;
        // A name that is bound anew by itself is looked up where it is bound.
        Search { cx: self.cx, node: value.syntax(), steps }.expr(&value)
    }

    fn expr(self, expr: &ast::Expr) -> Option<ValueType> {
        match expr {
            ast::Expr::TryExpr(it) => self.expr(&it.expr()?),
            ast::Expr::AwaitExpr(it) => self.expr(&it.expr()?),
            ast::Expr::RefExpr(it) => self.expr(&it.expr()?),
            ast::Expr::ParenExpr(it) => self.expr(&it.expr()?),
            ast::Expr::RecordExpr(it) => {
                Some(ValueType::Written(self.own_type(&compact(it.path()?.syntax()))))
            }
            ast::Expr::PathExpr(it) => {
                let path = it.path()?;
                let name = path.segment()?.name_ref()?.text().to_string();
                path.qualifier().is_none().then(|| self.variable(&name)).flatten()
            }
            ast::Expr::FieldExpr(it) => {
                let field = it.name_ref()?.text().to_string();
                let owner = self.expr(&it.expr()?);
                if field == "0" {
                    // What an extractor of a request holds; a bare number names no field.
                    let owner = owner?;
                    let is_extractor = matches!(&owner, ValueType::Written(ty) if is_extractor(ty));
                    return Some(match is_extractor {
                        true => owner,
                        false => ValueType::Field { owner: Some(Box::new(owner)), field },
                    });
                }
                Some(ValueType::Field { owner: owner.map(Box::new), field })
            }
            ast::Expr::MethodCallExpr(it) => {
                let function = it.name_ref()?.text().to_string();
                let receiver = it.receiver()?;
                if KEEPING_METHODS.contains(&function.as_str()) {
                    return self.expr(&receiver);
                }
                // A method of an unknown type may be any of that name.
                let owner = Some(Box::new(self.expr(&receiver)?));
                Some(ValueType::Returned { owner, function, is_method: true })
            }
            ast::Expr::CallExpr(it) => self.call(it),
            _ => None,
        }
    }

    fn call(self, call: &ast::CallExpr) -> Option<ValueType> {
        let ast::Expr::PathExpr(path) = call.expr()? else { return None };
        let path = path.path()?;
        let function = path.segment()?.name_ref()?.text().to_string();
        if matches!(function.as_str(), "Some" | "Ok") {
            return self.expr(&call.arg_list()?.args().next()?);
        }
        if function.starts_with(char::is_uppercase) {
            return Some(ValueType::Written(self.own_type(&function)));
        }
        let qualifier = path.qualifier().and_then(|it| it.segment()?.name_ref());
        let ty = qualifier.map(|it| it.text().to_string());
        let ty = ty.filter(|it| it.starts_with(char::is_uppercase));
        if ty.is_some() && function == "builder" {
            return None;
        }
        let owner = ty.map(|ty| Box::new(ValueType::Written(self.own_type(&ty))));
        Some(ValueType::Returned { owner, function, is_method: false })
    }

    /// `Self` as the type whose `impl` is around.
    fn own_type(self, ty: &str) -> String {
        if base_name(ty.trim()) != "Self" {
            return ty.to_string();
        }
        let item = self.cx.ancestors(self.node).find_map(ast::Impl::cast);
        let own = item.and_then(|it| it.self_ty());
        own.map_or_else(|| ty.to_string(), |it| it.syntax().text().to_string())
    }
}

/// Whether a type is a wrapper in which frameworks hand over what is in a request.
fn is_extractor(ty: &str) -> bool {
    matches!(
        base_name(ty.trim()),
        "Data" | "Extension" | "Form" | "Json" | "Path" | "Query" | "State"
    )
}

/// Methods that return what they are called on, or what is in it.
const KEEPING_METHODS: &[&str] = &[
    "as_deref", "as_mut", "as_ref", "borrow", "clone", "cloned", "context", "deref", "expect",
    "get_ref", "into_inner", "lock", "map_err", "ok_or", "ok_or_else", "read", "to_owned",
    "unwrap", "unwrap_or", "unwrap_or_default", "unwrap_or_else", "with_context", "write",
];
