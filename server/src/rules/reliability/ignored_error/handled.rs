//! Errors that are looked at before they are dropped.

use crate::project::{SymbolIndex, is_log_macro};
use crate::semantics::expressions::last_name;
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::fragment::macro_name;
use crate::syntax::names::words;
use crate::syntax::{AstNode, SyntaxKind};

/// What the adapters between a call and the end of an expression do with the error.
#[derive(Debug, Clone, Default)]
pub struct Handling {
    /// It is logged, or looked at for the sake of something else.
    pub is_handled: bool,
    /// Functions that it is given to: it is handled where one of them logs.
    helpers: Vec<String>,
}

impl Handling {
    /// In `call().map_err(|error| warn!("{error}")).ok()`.
    pub fn of(value: &ast::Expr) -> Self {
        let mut handling = Self::default();
        handling.read(value);
        handling
    }

    /// Whether a function that the error is given to logs it.
    pub fn is_logged(&self, symbols: &SymbolIndex) -> bool {
        self.helpers.iter().any(|name| symbols.functions(name).any(|it| it.facts.logs))
    }

    fn read(&mut self, value: &ast::Expr) {
        match value {
            ast::Expr::AwaitExpr(it) => self.read_inner(it.expr()),
            ast::Expr::ParenExpr(it) => self.read_inner(it.expr()),
            ast::Expr::MethodCallExpr(call) => {
                let name = call.name_ref().map(|name| name.text().to_string()).unwrap_or_default();
                let takes_error = matches!(
                    name.as_str(),
                    "map_err"
                        | "inspect_err"
                        | "tap_err"
                        | "or_else"
                        | "unwrap_or_else"
                        | "map_or_else"
                );
                for argument in call.arg_list().into_iter().flat_map(|list| list.args()) {
                    if takes_error {
                        self.read_argument(&argument);
                    }
                }
                // `result.log_err()`, an own trait of results.
                if words(&name).any(|word| matches!(word.as_str(), "log" | "warn" | "logged")) {
                    self.is_handled = true;
                }
                self.read_inner(call.receiver());
            }
            _ => {}
        }
    }

    fn read_inner(&mut self, expr: Option<ast::Expr>) {
        if let Some(expr) = expr {
            self.read(&expr);
        }
    }

    fn read_argument(&mut self, argument: &ast::Expr) {
        match argument {
            ast::Expr::ClosureExpr(closure) => {
                for node in closure.syntax().descendants() {
                    match node.kind() {
                        SyntaxKind::MACRO_CALL => {
                            self.is_handled |= macro_name(&node).is_some_and(|it| logs(&it));
                        }
                        SyntaxKind::CALL_EXPR | SyntaxKind::METHOD_CALL_EXPR => {
                            let call = ast::Expr::cast(node);
                            let called = call.and_then(|it| match &it {
                                ast::Expr::CallExpr(it) => last_name(&it.expr()?),
                                it => last_name(it),
                            });
                            self.helpers.extend(called);
                        }
                        _ => {}
                    }
                }
            }
            path => self.helpers.extend(last_name(path)),
        }
    }
}

/// Whether a macro of this name logs: `warn!`, `log_error!`.
fn logs(name: &str) -> bool {
    let levels = |word: String| matches!(word.as_str(), "log" | "warn" | "warning" | "error");
    is_log_macro(name) || words(name).any(levels)
}
