//! What the receiver of a panicking call is.

mod calls;
mod patterns;
mod places;
mod workspace;

use std::cell::Cell;

use super::errors::{ErrorType, Outcome, error_type};
use super::known;
use super::known::by_type::pointee;
use super::names::Scope;
use super::site::Site;
use crate::analysis::FixContext;
use crate::semantics::calls::argument_count;
use crate::semantics::shape::{bare, surroundings};
use crate::semantics::type_text::{arguments, base};
use crate::syntax::ast;
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxNode};

/// Receivers are followed this deep through bindings and chains.
const MAX_DEPTH: usize = 24;

/// What the receiver of a call gives.
#[derive(Debug)]
pub struct Found {
    pub outcome: Outcome,
    /// Told by a name alone, which all but always means this.
    pub is_guess: bool,
}

/// What the receiver of a call gives; nothing where that cannot be told.
pub fn outcome(site: &Site, fix: &FixContext<'_>) -> Option<Found> {
    let inference = Inference::new(site, fix);
    let Some(outcome) = inference.outcome_of(&site.receiver) else {
        // Another crate's call gives an absence or an error, and the one trait of `anyhow` serves
        // both.
        let guess = called_name(&site.receiver).filter(|name| {
            fix.file.depends_on("anyhow") && fix.symbols.functions(name).next().is_none()
        });
        return guess.map(|_| Found { outcome: Outcome::Unknown, is_guess: true });
    };
    Some(Found { outcome, is_guess: inference.guessed.get() })
}

/// The type of an expression at a panicking call, as it is written, without what only points to
/// it; nothing where that rests on a guess.
pub fn type_of(expr: &ast::Expr, site: &Site, fix: &FixContext<'_>) -> Option<String> {
    let inference = Inference::new(site, fix);
    let ty = inference.type_of(expr, Place { around: &site.around, depth: MAX_DEPTH })?;
    (!inference.guessed.get()).then(|| pointee(&ty).to_string())
}

/// Whether the receiver is `write!` into a `String`.
pub fn is_written_to_text(site: &Site, fix: &FixContext<'_>) -> bool {
    let ast::Expr::MacroExpr(it) = &site.receiver else { return false };
    let inference = Inference::new(site, fix);
    let place = Place { around: &site.around, depth: MAX_DEPTH };
    let target = it.macro_call().and_then(|call| inference.written_to(&call, place));
    !inference.guessed.get() && target.is_some_and(|it| base(pointee(&it)) == "String")
}

struct Inference<'a> {
    site: &'a Site,
    fix: &'a FixContext<'a>,
    scope: Scope<'a>,
    /// Whether the answer rests on a name alone.
    guessed: Cell<bool>,
}

/// Where an expression stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    /// The place of use and what surrounds it, innermost first.
    around: &'a [SyntaxNode],
    /// How many more steps may be taken.
    depth: usize,
}

impl<'a> Inference<'a> {
    fn new(site: &'a Site, fix: &'a FixContext<'a>) -> Self {
        let scope =
            Scope { symbols: fix.symbols, file: &fix.file.path, imports: Some(&site.imports) };
        Self { site, fix, scope, guessed: Cell::new(false) }
    }
}

impl Inference<'_> {
    fn outcome_of(&self, expr: &ast::Expr) -> Option<Outcome> {
        let place = Place { around: &self.site.around, depth: MAX_DEPTH };
        let ty = self.type_of(expr, place).filter(|ty| ty != "_")?;
        self.classified(&ty).or_else(|| self.classified(&self.canonical(&ty, self.scope.file)))
    }

    /// What a value of a type is.
    fn classified(&self, ty: &str) -> Option<Outcome> {
        if ty.starts_with('&') && !ty.contains("Option<&") && base(ty) != "Option" {
            return None;
        }
        let ty = bare(ty);
        match base(ty) {
            "Option" => Some(Outcome::Option),
            "Result" => Some(Outcome::Result(match arguments(ty).as_slice() {
                [_, error] => self.error(error),
                _ => ErrorType::Unknown,
            })),
            _ if ty == known::EITHER => Some(Outcome::Either),
            _ => None,
        }
    }

    /// An error's text, as [`Self::canonical`] writes it.
    fn error(&self, text: &str) -> ErrorType {
        if text == known::SOME_ERROR {
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
        if base(&head) != "Result" {
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
    fn type_of(&self, expr: &ast::Expr, place: Place<'_>) -> Option<String> {
        let place = Place { depth: place.depth.checked_sub(1)?, ..place };
        let of = |expr: Option<ast::Expr>| self.type_of(&expr?, place);
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
            ast::Expr::PathExpr(it) => self.of_path(&compact(it.syntax()), place),
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
                let is_fallible = matches!(base(&ty), "Option" | "Result");
                arguments(&ty).first().filter(|_| is_fallible).map(|it| it.to_string())
            }
            ast::Expr::AwaitExpr(it) => self.of_awaited(&it.expr()?, place),
            ast::Expr::CallExpr(it) => self.of_call(it, place),
            ast::Expr::MethodCallExpr(it) => self.of_method(it, place),
            ast::Expr::RecordExpr(it) => {
                let path = compact(it.path()?.syntax());
                Some(if path == "Self" { self.site.self_type()? } else { path })
            }
            ast::Expr::BlockExpr(it) => self.of_end(&it.stmt_list()?.tail_expr()?, place),
            ast::Expr::IfExpr(it) => {
                let then = it.then_branch().and_then(|it| it.stmt_list()?.tail_expr());
                let other = match it.else_branch() {
                    Some(ast::ElseBranch::Block(it)) => {
                        it.stmt_list().and_then(|it| it.tail_expr())
                    }
                    Some(ast::ElseBranch::IfExpr(it)) => Some(ast::Expr::IfExpr(it)),
                    None => None,
                };
                [then, other].into_iter().flatten().find_map(|it| self.of_end(&it, place))
            }
            ast::Expr::MatchExpr(it) => {
                it.match_arm_list()?.arms().find_map(|it| self.of_end(&it.expr()?, place))
            }
            ast::Expr::MacroExpr(it) => self.of_macro(&it.macro_call()?, place),
            _ => None,
        }
    }

    /// The type of what a block or branch ends with.
    fn of_end(&self, end: &ast::Expr, place: Place<'_>) -> Option<String> {
        let around = surroundings(end.syntax(), place.around);
        let ty = self.type_of(end, Place { around: &around, depth: place.depth });
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
