//! What decides whether code runs.

use ra_ap_syntax::ast::{self, HasArgList};
use ra_ap_syntax::{AstNode, SyntaxKind, SyntaxNode, TextSize};

use super::attrs::leading_attrs;
use super::names::has_any_word;

/// What decides whether code runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Decision {
    /// A condition on what the code is given.
    Data,
    /// A setting: a flag, a mode, a feature.
    Switch,
}

/// What decides within its function whether a node is evaluated, if anything does.
pub fn decision(node: &SyntaxNode) -> Option<Decision> {
    decision_by(node, first_exit)
}

/// The same. `first_exit` gives what [`first_exit`] does: who asks about many nodes of one block
/// knows it.
pub fn decision_by(
    node: &SyntaxNode,
    first_exit: impl Fn(&SyntaxNode) -> Option<TextSize>,
) -> Option<Decision> {
    let mut strongest = None;
    let mut child = node.clone();
    loop {
        if is_conditionally_compiled(&child) {
            return Some(Decision::Switch);
        }
        if ast::Fn::can_cast(child.kind()) {
            return strongest;
        }
        let Some(parent) = child.parent() else { return strongest };
        let found = match parent.kind() {
            SyntaxKind::IF_EXPR => of_branch(&parent, &child),
            SyntaxKind::MATCH_ARM => of_arm(&parent, &child),
            SyntaxKind::STMT_LIST => first_exit(&parent)
                .filter(|exit| *exit < child.text_range().start())
                .map(|_| Decision::Switch),
            SyntaxKind::ARG_LIST => of_then(&parent),
            _ => None,
        };
        strongest = strongest.max(found);
        child = parent;
    }
}

/// Whether a node is left out of a release, unless a feature says otherwise.
fn is_conditionally_compiled(node: &SyntaxNode) -> bool {
    leading_attrs(node).any(|attr| {
        let text = attr.syntax().text().to_string();
        let features = ["danger", "debug_assertions", "insecure", "unsafe"];
        text.starts_with("#[cfg(") && features.iter().any(|it| text.contains(it))
    })
}

fn of_branch(parent: &SyntaxNode, child: &SyntaxNode) -> Option<Decision> {
    let condition = ast::IfExpr::cast(parent.clone())?.condition()?;
    (condition.syntax() != child).then(|| of_condition(&condition))
}

fn of_arm(parent: &SyntaxNode, child: &SyntaxNode) -> Option<Decision> {
    let arm = ast::MatchArm::cast(parent.clone())?;
    arm.expr().filter(|it| it.syntax() == child)?;
    let matched = parent.ancestors().find_map(ast::MatchExpr::cast)?.expr()?;
    let by_pattern = arm.pat().is_some_and(|it| names_setting(&it));
    Some(if by_pattern { of_condition(&matched) } else { Decision::Data })
}

/// `insecure.then(|| …)`
fn of_then(arguments: &SyntaxNode) -> Option<Decision> {
    let call = arguments.parent().and_then(ast::MethodCallExpr::cast)?;
    call.name_ref().filter(|it| matches!(it.text(), "then" | "then_some"))?;
    call.receiver().map(|it| of_condition(&it))
}

/// Whether a pattern is one of the choices of a setting.
fn names_setting(pattern: &ast::Pat) -> bool {
    match pattern {
        ast::Pat::OrPat(it) => it.pats().all(|it| names_setting(&it)),
        ast::Pat::TupleStructPat(it) => it.fields().all(|it| names_setting(&it)),
        ast::Pat::PathPat(_) | ast::Pat::WildcardPat(_) | ast::Pat::IdentPat(_) => true,
        ast::Pat::LiteralPat(it) => {
            matches!(it.syntax().text().to_string().as_str(), "true" | "false")
        }
        _ => false,
    }
}

/// Where the first `if verify { return …; }` of a block stands.
pub fn first_exit(list: &SyntaxNode) -> Option<TextSize> {
    let mut exits = list.children().filter_map(|it| {
        let start = it.text_range().start();
        let branch = ast::ExprStmt::cast(it)?.expr()?;
        let ast::Expr::IfExpr(branch) = branch else { return None };
        let exits = branch.then_branch()?.stmt_list().is_some_and(|it| exits(&it));
        let is_exit = exits && branch.else_branch().is_none();
        let decided = branch.condition().filter(|_| is_exit).map(|it| of_condition(&it))?;
        (decided == Decision::Switch).then_some(start)
    });
    exits.next()
}

fn exits(list: &ast::StmtList) -> bool {
    let last = list.tail_expr().or_else(|| match list.statements().last()? {
        ast::Stmt::ExprStmt(it) => it.expr(),
        _ => None,
    });
    matches!(last, Some(ast::Expr::ReturnExpr(_)))
}

fn of_condition(condition: &ast::Expr) -> Decision {
    use Decision::{Data, Switch};
    let is_switch = match condition {
        ast::Expr::ParenExpr(it) => return it.expr().map_or(Data, |it| of_condition(&it)),
        ast::Expr::PrefixExpr(it) => return it.expr().map_or(Data, |it| of_condition(&it)),
        ast::Expr::RefExpr(it) => return it.expr().map_or(Data, |it| of_condition(&it)),
        ast::Expr::AwaitExpr(it) => return it.expr().map_or(Data, |it| of_condition(&it)),
        ast::Expr::TryExpr(it) => return it.expr().map_or(Data, |it| of_condition(&it)),
        ast::Expr::PathExpr(_) | ast::Expr::FieldExpr(_) => true,
        ast::Expr::MacroExpr(it) => {
            let path = it.macro_call().and_then(|it| it.path());
            let name = path.map(|it| it.syntax().text().to_string()).unwrap_or_default();
            matches!(name.as_str(), "cfg" | "matches")
        }
        ast::Expr::BinExpr(it) => {
            let sides = [it.lhs(), it.rhs()];
            match it.op_kind() {
                Some(ast::BinaryOp::LogicOp(_)) => {
                    sides.iter().flatten().any(|it| of_condition(it) == Switch)
                }
                Some(ast::BinaryOp::CmpOp(ast::CmpOp::Eq { .. })) => {
                    sides.iter().flatten().all(is_setting)
                }
                _ => false,
            }
        }
        ast::Expr::LetExpr(it) => {
            it.pat().is_some_and(|it| it.syntax().text().to_string().ends_with("(true)"))
                || it.expr().is_some_and(|it| reads_variable(&it))
        }
        ast::Expr::MethodCallExpr(it) => {
            let takes = it.arg_list().and_then(|list| list.args().next());
            match takes {
                None => it.receiver().is_some_and(|it| !asks_of_text(&it)),
                // `matches.get_flag("insecure")`, `insecure.unwrap_or(false)`
                Some(ast::Expr::Literal(_)) => {
                    it.name_ref().is_some_and(|it| !is_text_method(it.text()))
                }
                Some(ast::Expr::ClosureExpr(_)) => true,
                Some(_) => false,
            }
        }
        ast::Expr::CallExpr(it) => it
            .arg_list()
            .is_none_or(|list| list.args().all(|it| matches!(it, ast::Expr::Literal(_)))),
        _ => false,
    };
    if is_switch { Switch } else { Data }
}

/// A setting, or one of the values that it may have.
fn is_setting(expr: &ast::Expr) -> bool {
    match expr {
        ast::Expr::Literal(it) => {
            matches!(it.syntax().text().to_string().as_str(), "true" | "false")
        }
        ast::Expr::PathExpr(_) | ast::Expr::FieldExpr(_) => true,
        ast::Expr::MethodCallExpr(it) => it.arg_list().is_none_or(|it| it.args().next().is_none()),
        ast::Expr::CallExpr(_) => true,
        _ => reads_variable(expr),
    }
}

fn reads_variable(expr: &ast::Expr) -> bool {
    let text = expr.syntax().text().to_string();
    text.contains("env::var") || text.contains("var_os(")
}

/// `url.host().is_none()`: the answer depends on an address. A list of hosts in the settings is a
/// setting.
fn asks_of_text(expr: &ast::Expr) -> bool {
    const SETTINGS: &[&str] = &["args", "cfg", "cli", "config", "options", "opts", "settings"];
    let text = expr.syntax().text().to_string();
    !has_any_word(&text, SETTINGS)
        && ["host", "url", "uri", "addr", "domain"].iter().any(|it| text.contains(it))
}

fn is_text_method(name: &str) -> bool {
    matches!(name, "starts_with" | "ends_with" | "contains" | "eq" | "eq_ignore_ascii_case")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ra_ap_syntax::{Edition, SourceFile};

    fn of(body: &str) -> Option<Decision> {
        let source = format!("fn f() {{ {body} }}");
        let root = SourceFile::parse(&source, Edition::CURRENT).tree();
        let mut calls = root.syntax().descendants().filter_map(ast::CallExpr::cast);
        let call = calls.find(|it| it.syntax().text() == "here()").expect("a call of `here`");
        decision(call.syntax())
    }

    #[test]
    fn a_setting_is_a_switch() {
        for body in [
            "if insecure { here(); }",
            "if !self.options.verify { a(); here(); }",
            "if verify { a() } else { here() }",
            "if verify { return a(); } here()",
            "match mode { Mode::Require => here(), Mode::Full => {} }",
            "if mode == Mode::None { here() }",
            "if config.insecure.unwrap_or(false) && x > 1 { here() }",
            "if matches.get_flag(\"insecure\") { here() }",
            "if std::env::var(\"INSECURE\").is_ok() { here() }",
            "if cfg!(debug_assertions) { here() }",
            "if config.ignored_hosts.is_empty() { a() } else { here() }",
            "insecure.then(|| here())",
            "#[cfg(feature = \"insecure\")] { here(); }",
        ] {
            assert_eq!(of(body), Some(Decision::Switch), "{body}");
        }
    }

    #[test]
    fn data_and_nothing_are_none() {
        for body in [
            "if url.starts_with(\"https\") { here() }",
            "if let Some(authority) = authority { a() } else { here() }",
            "if host == \"localhost\" { here() }",
            "if url.host().is_none() { here() }",
            "match scheme { \"https\" => here(), _ => {} }",
        ] {
            assert_eq!(of(body), Some(Decision::Data), "{body}");
        }
        for body in ["here()", "if here() { a() }", "if a { b() } here()", "a.map(|| here())"] {
            assert_eq!(of(body), None, "{body}");
        }
    }
}
