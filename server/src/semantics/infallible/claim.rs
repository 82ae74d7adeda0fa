//! What has to be so for a value to be there, and what it follows from.

use super::constant::arguments;
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::fragment::macro_name;
use crate::syntax::green::any_token;
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxNode};

/// What has to be so for a value to be there. Names are texts of variables and fields without white
/// space.
#[derive(Debug)]
pub enum Claim {
    /// An option or result holds a value.
    Present(String),
    /// A result holds an error.
    Failed(String),
    /// A collection has as many elements, or more.
    Longer(String, usize),
    /// A map has a key: its name, and the text of the key.
    HasKey(String, String),
}

/// What the code on the way to a place tells.
#[derive(Debug)]
pub enum Fact {
    /// A condition is met, or is not.
    Condition(ast::Expr, bool),
    /// A value is matched by a pattern.
    Matches(ast::Expr, ast::Pat),
    /// A value is not matched by a pattern.
    MatchesNot(ast::Expr, ast::Pat),
}

impl Claim {
    /// What has to be so for a result to hold an error.
    pub fn of_error(value: &ast::Expr) -> Option<Self> {
        place(value).map(Self::Failed)
    }

    /// What has to be so for an option or result to hold a value.
    pub fn of(value: &ast::Expr) -> Option<Self> {
        if let Some(name) = place(value) {
            return Some(Self::Present(name));
        }
        let ast::Expr::MethodCallExpr(call) = value else { return None };
        let (receiver, name) = (call.receiver()?, call.name_ref()?);
        let given = arguments(call);
        match (name.text(), given.as_slice()) {
            ("copied" | "cloned" | "as_ref" | "as_mut" | "as_deref", []) => Self::of(&receiver),
            (
                "first" | "last" | "first_mut" | "last_mut" | "pop" | "pop_front" | "pop_back"
                | "front" | "back" | "front_mut" | "back_mut" | "split_first" | "split_last"
                | "peek",
                [],
            ) => Some(Self::Longer(place(&receiver).or_else(|| iterated(&receiver))?, 1)),
            ("next" | "next_back" | "min" | "max", []) => {
                Some(Self::Longer(iterated(&receiver)?, 1))
            }
            ("min_by" | "max_by" | "min_by_key" | "max_by_key" | "reduce", [_]) => {
                Some(Self::Longer(iterated(&receiver)?, 1))
            }
            ("get" | "get_mut" | "remove" | "remove_entry" | "get_key_value", [key]) => {
                let name = place(&receiver)?;
                Some(match compact(key.syntax()).parse::<usize>() {
                    Ok(index) => Self::Longer(name, index + 1),
                    Err(_) => Self::HasKey(name, key_text(key)),
                })
            }
            _ => None,
        }
    }

    /// Whether a fact says that the claim holds.
    pub fn follows_from(&self, fact: &Fact) -> bool {
        match fact {
            Fact::Condition(condition, met) => self.follows_from_condition(condition, *met),
            Fact::Matches(value, pattern) => self.follows_from_match(value, pattern),
            Fact::MatchesNot(value, pattern) => {
                let text = compact(pattern.syntax());
                match self {
                    Self::Present(name) => {
                        let is_absent =
                            text == "None" || text.starts_with("Err(") && is_wild(&text);
                        is_absent && is_place(value, name)
                    }
                    Self::Longer(name, 1) => {
                        text == "0" && is_length(value, name)
                            || text == "[]" && is_place(value, name)
                    }
                    Self::Failed(name) => {
                        text.starts_with("Ok(") && is_wild(&text) && is_place(value, name)
                    }
                    Self::Longer(..) | Self::HasKey(..) => false,
                }
            }
        }
    }

    fn follows_from_condition(&self, condition: &ast::Expr, met: bool) -> bool {
        let part =
            |it: Option<ast::Expr>, met| it.is_some_and(|it| self.follows_from_condition(&it, met));
        match condition {
            ast::Expr::ParenExpr(it) => part(it.expr(), met),
            ast::Expr::PrefixExpr(it) if it.op_kind() == Some(ast::UnaryOp::Not) => {
                part(it.expr(), !met)
            }
            ast::Expr::BinExpr(it) => match it.op_kind() {
                // All parts of what is met with `and` are, and none of what is not with `or`.
                Some(ast::BinaryOp::LogicOp(ast::LogicOp::And)) => {
                    met && (part(it.lhs(), true) || part(it.rhs(), true))
                }
                Some(ast::BinaryOp::LogicOp(ast::LogicOp::Or)) => {
                    !met && (part(it.lhs(), false) || part(it.rhs(), false))
                }
                Some(ast::BinaryOp::CmpOp(operator)) => self.follows_from_length(it, operator, met),
                _ => false,
            },
            ast::Expr::LetExpr(it) => {
                let (Some(pattern), Some(value)) = (it.pat(), it.expr()) else { return false };
                let fact = if met {
                    Fact::Matches(value, pattern)
                } else {
                    Fact::MatchesNot(value, pattern)
                };
                self.follows_from(&fact)
            }
            ast::Expr::MethodCallExpr(call) => {
                let (Some(receiver), Some(method)) = (call.receiver(), call.name_ref()) else {
                    return false;
                };
                let given = arguments(call);
                match (self, method.text(), given.as_slice()) {
                    (Self::Present(name), "is_some" | "is_ok", []) => {
                        met && is_place(&receiver, name)
                    }
                    (Self::Present(name), "is_some_and" | "is_ok_and", [_]) => {
                        met && is_place(&receiver, name)
                    }
                    (Self::Present(name), "is_none" | "is_err", []) => {
                        !met && is_place(&receiver, name)
                    }
                    (Self::Failed(name), "is_err", []) => met && is_place(&receiver, name),
                    (Self::Failed(name), "is_ok", []) => !met && is_place(&receiver, name),
                    (Self::Longer(name, 1), "is_empty", []) => !met && is_place(&receiver, name),
                    (Self::HasKey(name, key), "contains_key" | "contains", [other]) => {
                        met && is_place(&receiver, name) && key_text(other) == *key
                    }
                    _ => false,
                }
            }
            ast::Expr::MacroExpr(it) => {
                let text = it
                    .macro_call()
                    .filter(|call| macro_name(call.syntax()).is_some_and(|name| name == "matches"));
                let Self::Present(name) = self else { return false };
                let text = text.map(|it| compact(it.syntax())).unwrap_or_default();
                met && [format!("matches!({name},Some("), format!("matches!({name},Ok(")]
                    .iter()
                    .any(|start| text.starts_with(start))
            }
            _ => false,
        }
    }

    /// `x.len() > 2`, `x.len() != 0`, `1 <= x.len()`
    fn follows_from_length(
        &self,
        compared: &ast::BinExpr,
        operator: ast::CmpOp,
        met: bool,
    ) -> bool {
        let Self::Longer(name, least) = self else { return false };
        let (Some(left), Some(right)) = (compared.lhs(), compared.rhs()) else { return false };
        let number = |it: &ast::Expr| compact(it.syntax()).parse::<usize>().ok();
        let (length, number, swapped) = match (number(&left), number(&right)) {
            (None, Some(number)) => (left, number, false),
            (Some(number), None) => (right, number, true),
            _ => return false,
        };
        if !is_length(&length, name) {
            return false;
        }
        let known = match operator {
            ast::CmpOp::Eq { negated } => match negated != met {
                true => Some(number),
                // What is not empty has one.
                false => (number == 0).then_some(1),
            },
            ast::CmpOp::Ord { ordering, strict } => {
                let is_greater = (ordering == ast::Ordering::Greater) != swapped;
                match (is_greater, met) {
                    (true, true) => Some(number + usize::from(strict)),
                    (false, false) => Some(number + usize::from(!strict)),
                    _ => None,
                }
            }
        };
        known.is_some_and(|known| known >= *least)
    }

    fn follows_from_match(&self, value: &ast::Expr, pattern: &ast::Pat) -> bool {
        if let (ast::Expr::TupleExpr(values), ast::Pat::TuplePat(patterns)) = (value, pattern) {
            return values
                .fields()
                .zip(patterns.fields())
                .any(|(value, pattern)| self.follows_from_match(&value, &pattern));
        }
        let text = compact(pattern.syntax());
        match self {
            Self::Present(name) => {
                is_place(value, name) && (text.starts_with("Some(") || text.starts_with("Ok("))
            }
            Self::Failed(name) => is_place(value, name) && text.starts_with("Err("),
            Self::Longer(name, least) => {
                let of_length = || {
                    let start = text.split(['.', '|']).next().unwrap_or_default();
                    start.parse::<usize>().is_ok_and(|it| it >= *least) && !text.contains('|')
                };
                let of_slice = || {
                    let parts = text.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
                    parts.is_some_and(|it| {
                        it.split(',').filter(|it| !it.is_empty() && !it.contains("..")).count()
                            >= *least
                    })
                };
                is_length(value, name) && of_length() || is_place(value, name) && of_slice()
            }
            Self::HasKey(..) => false,
        }
    }

    /// Whether the text of a condition, without white space, is the claim itself.
    pub fn is_written_as(&self, condition: &str) -> bool {
        match self {
            Self::Present(name) => {
                condition == format!("{name}.is_some()") || condition == format!("{name}.is_ok()")
            }
            Self::Failed(name) => condition == format!("{name}.is_err()"),
            Self::Longer(name, least) => {
                *least == 1
                    && (condition == format!("!{name}.is_empty()")
                        || condition == format!("{name}.len()>0"))
                    || condition == format!("{name}.len()>={least}")
                    || condition == format!("{name}.len()>{}", least - 1)
            }
            Self::HasKey(name, key) => {
                condition == format!("{name}.contains_key({key})")
                    || condition == format!("{name}.contains_key(&{key})")
            }
        }
    }

    /// Whether `value`, given to the variable or field `to`, makes the claim hold.
    pub fn is_put(&self, to: &str, value: &ast::Expr) -> bool {
        let text = compact(value.syntax());
        match self {
            Self::Present(name) => {
                to == name && (text.starts_with("Some(") || text.starts_with("Ok("))
            }
            Self::Longer(name, 1) => {
                to == name && text.starts_with("vec![") && text != "vec![]" && !text.contains(';')
            }
            Self::Failed(..) | Self::Longer(..) | Self::HasKey(..) => false,
        }
    }

    /// Whether a method called on `receiver` makes the claim hold.
    pub fn is_added(&self, receiver: &str, method: &str, given: &[ast::Expr]) -> bool {
        match (self, method) {
            (Self::Longer(name, 1), "push" | "push_back" | "push_front" | "push_str") => {
                receiver == name
            }
            (
                Self::Present(name),
                "replace" | "insert" | "get_or_insert" | "get_or_insert_with",
            ) => receiver == name,
            (Self::HasKey(name, key), "insert") => {
                receiver == name
                    && given.len() == 2
                    && given.first().is_some_and(|it| key_text(it) == *key)
            }
            _ => false,
        }
    }

    /// Whether code has the variable in it that the claim is about, told cheaply.
    pub fn may_be_about(&self, node: &SyntaxNode) -> bool {
        let root = self.name().split(|c: char| !c.is_alphanumeric() && c != '_').next();
        let root = root.unwrap_or_default();
        any_token(node.green(), &|_, text: &str| text.contains(root))
    }

    fn name(&self) -> &str {
        let (Self::Present(name)
        | Self::Failed(name)
        | Self::Longer(name, _)
        | Self::HasKey(name, _)) = self;
        name
    }

    /// Whether something in a node may end what was known before.
    pub fn is_changed_in(&self, node: &SyntaxNode) -> bool {
        let name = self.name();
        let text = compact(node);
        let mut rest = text.as_str();
        while let Some(at) = rest.find(name) {
            let before = rest.get(..at).unwrap_or_default();
            let after = rest.get(at + name.len()..).unwrap_or_default();
            let whole = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_')
                && !after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
            let assigned = after.starts_with('=') && !after.starts_with("==");
            let taken = REMOVING.iter().any(|method| {
                after
                    .strip_prefix('.')
                    .and_then(|it| it.strip_prefix(method))
                    .is_some_and(|it| it.starts_with('('))
            });
            if whole && (assigned || taken || before.ends_with("&mut")) {
                return true;
            }
            rest = after;
        }
        false
    }
}

/// Methods that take something out of what they are called on, sorted.
const REMOVING: &[&str] = &[
    "clear", "dequeue", "drain", "pop", "pop_back", "pop_front", "remove", "retain", "split_off",
    "swap_remove", "take", "truncate",
];

/// The text of a variable or field, which has the same value when it is read again.
fn place(value: &ast::Expr) -> Option<String> {
    match value {
        ast::Expr::PathExpr(path) => Some(compact(path.syntax())),
        ast::Expr::FieldExpr(field) => {
            place(&field.expr()?)?;
            Some(compact(field.syntax()))
        }
        ast::Expr::RefExpr(it) => place(&it.expr()?),
        ast::Expr::ParenExpr(it) => place(&it.expr()?),
        ast::Expr::MethodCallExpr(call) => {
            let keeps = matches!(
                call.name_ref()?.text(),
                "as_ref" | "as_mut" | "as_deref" | "as_slice" | "clone" | "take"
            );
            place(&call.receiver().filter(|_| keeps && arguments(call).is_empty())?)
        }
        _ => None,
    }
}

fn is_place(value: &ast::Expr, name: &str) -> bool {
    place(value).is_some_and(|it| it == name)
}

/// The collection of which an iterator gives all elements.
fn iterated(iterator: &ast::Expr) -> Option<String> {
    let ast::Expr::MethodCallExpr(call) = iterator else { return None };
    let receiver = call
        .receiver()
        .filter(|_| call.arg_list().is_some_and(|it| it.args().next().is_none() || is_map(call)))?;
    match call.name_ref()?.text() {
        "iter" | "iter_mut" | "into_iter" | "keys" | "values" | "into_values" | "into_keys"
        | "chars" | "bytes" | "drain" => place(&receiver),
        "copied" | "cloned" | "rev" | "enumerate" | "map" => iterated(&receiver),
        _ => None,
    }
}

fn is_map(call: &ast::MethodCallExpr) -> bool {
    call.name_ref().is_some_and(|it| it.text() == "map")
}

/// Whether an expression is the length of a collection.
fn is_length(value: &ast::Expr, name: &str) -> bool {
    let ast::Expr::MethodCallExpr(call) = value else { return false };
    call.name_ref().is_some_and(|it| it.text() == "len")
        && call.receiver().is_some_and(|it| is_place(&it, name))
}

/// The text of a key, however it is passed.
fn key_text(key: &ast::Expr) -> String {
    let text = compact(key.syntax());
    let text = text.trim_start_matches('&');
    text.strip_suffix(".clone()").unwrap_or(text).to_string()
}

/// Whether a pattern of one part matches whatever is in it.
fn is_wild(pattern: &str) -> bool {
    let part = pattern.split_once('(').map_or("", |(_, part)| part.trim_end_matches(')'));
    part.chars().all(|c| c.is_lowercase() || c.is_ascii_digit() || c == '_')
}
