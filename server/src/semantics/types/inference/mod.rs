//! The type of an expression, inferred from signatures, fields and bindings.
//!
//! Nothing is type checked: what the text, the signatures of the workspace and the tables of
//! well-known functions do not say is not known.

mod calls;
mod patterns;
mod variables;
mod workspace;

use crate::project::base_name;
use std::cell::Cell;

use crate::semantics::WorkspaceView;
use crate::semantics::calls::argument_count;
use crate::semantics::shape::{bare, surroundings};
use crate::semantics::type_text::arguments;
use crate::semantics::types::errors::{ErrorType, Outcome, error_type};
use crate::semantics::types::scope::Scope;
use crate::semantics::types::signatures::methods::pointee;
use crate::semantics::types::{LocatedExpr, signatures};
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxNode, ast};

/// Receivers are followed this deep through bindings and chains.
const MAX_DEPTH: usize = 24;

/// What the receiver of a call gives.
#[derive(Debug)]
pub struct InferredOutcome {
    pub outcome: Outcome,
    /// Told by a name alone, which all but always means this.
    pub is_guess: bool,
}

/// What the receiver of a call gives; nothing where that cannot be told.
pub fn outcome(located: &LocatedExpr, view: &WorkspaceView<'_>) -> Option<InferredOutcome> {
    let inference = Inference::new(located, view);
    let Some(outcome) = inference.outcome_of(&located.expr) else {
        // Another crate's call gives an absence or an error, and the one trait of `anyhow` serves
        // both.
        let guess = called_name(&located.expr).filter(|name| {
            view.file.depends_on("anyhow") && view.symbols.functions(name).next().is_none()
        });
        return guess.map(|_| InferredOutcome { outcome: Outcome::Unknown, is_guess: true });
    };
    Some(InferredOutcome { outcome, is_guess: inference.guessed.get() })
}

/// The type of an expression at `located`, as it is written, without what only points to
/// it; nothing where that rests on a guess.
pub fn type_of(
    expr: &ast::Expr,
    located: &LocatedExpr,
    view: &WorkspaceView<'_>,
) -> Option<String> {
    let inference = Inference::new(located, view);
    let ty = inference.type_of(expr, Position { around: &located.around, depth: MAX_DEPTH })?;
    (!inference.guessed.get()).then(|| pointee(&ty).to_string())
}

/// Whether the receiver is `write!` into a `String`.
pub fn writes_to_string(located: &LocatedExpr, view: &WorkspaceView<'_>) -> bool {
    let ast::Expr::MacroExpr(it) = &located.expr else { return false };
    let inference = Inference::new(located, view);
    let position = Position { around: &located.around, depth: MAX_DEPTH };
    let target = it.macro_call().and_then(|call| inference.written_to(&call, position));
    !inference.guessed.get() && target.is_some_and(|it| base_name(pointee(&it)) == "String")
}

struct Inference<'a> {
    located: &'a LocatedExpr,
    view: &'a WorkspaceView<'a>,
    scope: Scope<'a>,
    /// Whether the answer rests on a name alone.
    guessed: Cell<bool>,
}

/// Where an expression is evaluated.
#[derive(Clone, Copy)]
struct Position<'a> {
    /// The place of use and what surrounds it, innermost first.
    around: &'a [SyntaxNode],
    /// How many more steps may be taken.
    depth: usize,
}

impl<'a> Inference<'a> {
    fn new(located: &'a LocatedExpr, view: &'a WorkspaceView<'a>) -> Self {
        let scope =
            Scope { symbols: view.symbols, file: &view.file.path, imports: Some(&located.imports) };
        Self { located, view, scope, guessed: Cell::new(false) }
    }
}

impl Inference<'_> {
    fn outcome_of(&self, expr: &ast::Expr) -> Option<Outcome> {
        let position = Position { around: &self.located.around, depth: MAX_DEPTH };
        let ty = self.type_of(expr, position).filter(|ty| ty != "_")?;
        self.classified(&ty).or_else(|| self.classified(&self.canonical(&ty, self.scope.file)))
    }

    /// What a value of a type is.
    fn classified(&self, ty: &str) -> Option<Outcome> {
        if ty.starts_with('&') && !ty.contains("Option<&") && base_name(ty) != "Option" {
            return None;
        }
        let ty = bare(ty);
        match base_name(ty) {
            "Option" => Some(Outcome::Option),
            "Result" => Some(Outcome::Result(match arguments(ty).as_slice() {
                [_, error] => self.error(error),
                _ => ErrorType::Unknown,
            })),
            _ if ty == signatures::EITHER => Some(Outcome::Either),
            _ => None,
        }
    }

    /// An error's text, as [`Self::canonical`] writes it.
    fn error(&self, text: &str) -> ErrorType {
        if text == signatures::SOME_ERROR {
            return ErrorType::Some;
        }
        match text.split_once('@') {
            Some((error, file)) => error_type(error, self.scope.of(file)),
            None => error_type(text, self.scope),
        }
    }

    /// A type as a signature has it, with aliases followed and the file of the error noted.
    fn canonical(&self, ty: &str, file: &str) -> String {
        let scope = match file == self.scope.file {
            true => self.scope,
            false => Scope { file, imports: None, ..self.scope },
        };
        let (expanded, within) = scope.expanded(ty);
        let head = within.resolve(expanded.split('<').next().unwrap_or(&expanded));
        let given = arguments(&expanded);
        let value = given.first().copied().unwrap_or("_");
        if base_name(&head) != "Result" {
            return expanded;
        }
        match (head.rsplit_once("::").map(|it| it.0), given.as_slice()) {
            (Some("std::io"), _) => format!("Result<{value},std::io::Error>"),
            (Some("std::fmt"), _) => "Result<(),std::fmt::Error>".to_string(),
            (
                Some(krate @ ("anyhow" | "eyre" | "color_eyre" | "color_eyre::eyre" | "miette")),
                [] | [_],
            ) => {
                let error = if krate == "anyhow" { "anyhow::Error" } else { "eyre::Report" };
                format!("Result<{value},{error}>")
            }
            (_, [_, error]) => {
                let text = match *error {
                    "_" | "String" | "&'staticstr" => error.to_string(),
                    _ => format!("{error}@{}", within.file),
                };
                format!("Result<{value},{text}>")
            }
            (Some(module), [] | [_]) => format!("Result<{value},{module}::Error>"),
            _ => format!("Result<{value},_>"),
        }
    }

    /// The type of an expression; `_` stands for what is not known of it.
    fn type_of(&self, expr: &ast::Expr, position: Position<'_>) -> Option<String> {
        let position = Position { depth: position.depth.checked_sub(1)?, ..position };
        let of = |expr: Option<ast::Expr>| self.type_of(&expr?, position);
        match expr {
            ast::Expr::ParenExpr(it) => of(it.expr()),
            ast::Expr::RefExpr(it) => of(it.expr()),
            ast::Expr::PrefixExpr(it) => match it.op_kind()? {
                ast::UnaryOp::Deref => {
                    let ty = of(it.expr())?;
                    Some(if ty.starts_with('&') { bare(&ty) } else { pointee(&ty) }.to_string())
                }
                ast::UnaryOp::Not | ast::UnaryOp::Neg => of(it.expr()),
            },
            ast::Expr::Literal(it) => match it.kind() {
                ast::LiteralKind::String(_) => Some("&str".to_string()),
                ast::LiteralKind::ByteString(_) => Some("&[u8;_]".to_string()),
                ast::LiteralKind::Char(_) => Some("char".to_string()),
                _ => None,
            },
            ast::Expr::CastExpr(it) => Some(compact(it.ty()?.syntax())),
            ast::Expr::PathExpr(it) => self.of_path(&compact(it.syntax()), position),
            ast::Expr::FieldExpr(it) => {
                let name = it.name_ref()?.text().to_string();
                self.of_field(&of(it.expr())?, &name)
            }
            ast::Expr::IndexExpr(it) => {
                let is_range = matches!(it.index()?, ast::Expr::RangeExpr(_));
                self.of_index(&of(it.base())?, is_range)
            }
            ast::Expr::TryExpr(it) => {
                let ty = of(it.expr())?;
                let is_fallible = matches!(base_name(&ty), "Option" | "Result");
                arguments(&ty).first().filter(|_| is_fallible).map(|it| it.to_string())
            }
            ast::Expr::AwaitExpr(it) => self.of_awaited(&it.expr()?, position),
            ast::Expr::CallExpr(it) => self.of_call(it, position),
            ast::Expr::MethodCallExpr(it) => self.of_method(it, position),
            ast::Expr::RecordExpr(it) => {
                let path = compact(it.path()?.syntax());
                Some(if path == "Self" { self.located.self_type()? } else { path })
            }
            ast::Expr::BlockExpr(it) => self.of_end(&it.stmt_list()?.tail_expr()?, position),
            ast::Expr::IfExpr(it) => {
                let then = it.then_branch().and_then(|it| it.stmt_list()?.tail_expr());
                let other = match it.else_branch() {
                    Some(ast::ElseBranch::Block(it)) => {
                        it.stmt_list().and_then(|it| it.tail_expr())
                    }
                    Some(ast::ElseBranch::IfExpr(it)) => Some(ast::Expr::IfExpr(it)),
                    None => None,
                };
                [then, other].into_iter().flatten().find_map(|it| self.of_end(&it, position))
            }
            ast::Expr::MatchExpr(it) => {
                it.match_arm_list()?.arms().find_map(|it| self.of_end(&it.expr()?, position))
            }
            ast::Expr::MacroExpr(it) => self.of_macro(&it.macro_call()?, position),
            _ => None,
        }
    }

    /// The type of what a block or branch ends with.
    fn of_end(&self, end: &ast::Expr, position: Position<'_>) -> Option<String> {
        let around = surroundings(end.syntax(), position.around);
        let ty = self.type_of(end, Position { around: &around, depth: position.depth });
        ty.filter(|ty| ty != "_")
    }

    fn guessed(&self, guess: Option<&str>) -> Option<String> {
        let guess = guess?;
        self.guessed.set(true);
        Some(guess.to_string())
    }
}

/// The name of the method or function that an expression calls.
fn called_name(expr: &ast::Expr) -> Option<String> {
    match expr {
        ast::Expr::AwaitExpr(it) => called_name(&it.expr()?),
        ast::Expr::CallExpr(it) => {
            let path = compact(it.expr()?.syntax());
            Some(path.rsplit("::").next().unwrap_or(&path).to_string())
        }
        _ => called(expr).map(|it| it.0),
    }
}

/// The name of the method or function that an expression calls, the number of its arguments, and
/// whether the call is awaited.
fn called(expr: &ast::Expr) -> Option<(String, usize, bool)> {
    match expr {
        ast::Expr::MethodCallExpr(it) => {
            Some((it.name_ref()?.text().to_string(), argument_count(it), false))
        }
        ast::Expr::AwaitExpr(it) => {
            let (name, count, _) = called(&it.expr()?)?;
            Some((name, count, true))
        }
        _ => None,
    }
}
