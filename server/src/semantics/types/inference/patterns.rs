//! Patterns: the types of the parts that they bind.

use super::{Inference, Position};
use crate::project::base_name;
use crate::semantics::lets::lets_before;
use crate::semantics::shape::{bare, surroundings};
use crate::semantics::type_text::arguments;
use crate::semantics::types::signatures::methods::{element, tuple_part};
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::green::binds;
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

/// What a pattern is matched with.
enum Matched {
    With(ast::Expr),
    /// What the expression holds or iterates over.
    Each(ast::Expr),
    Typed(ast::Type),
}

impl Inference<'_> {
    /// The type of a name that a pattern binds to a part of what it is matched with.
    pub(super) fn of_pattern(&self, name: &str, position: Position<'_>) -> Option<String> {
        let (pattern, matched) = position.around.windows(2).find_map(|pair| {
            let [child, parent] = pair else { return None };
            binder(name, child, parent)
        })?;
        let of = |value: &ast::Expr| {
            let around = surroundings(value.syntax(), position.around);
            self.type_of(value, Position { around: &around, depth: position.depth })
        };
        let ty = match &matched? {
            Matched::With(value) => of(value)?,
            Matched::Each(value) => element(&of(value)?)?,
            Matched::Typed(ty) => self.canonical(&compact(ty.syntax()), self.scope.file),
        };
        self.part(&pattern, &ty, name)
    }

    /// The part of a value of a type that a name in a pattern is bound to.
    fn part(&self, pattern: &ast::Pat, ty: &str, name: &str) -> Option<String> {
        if !binds(pattern, name) {
            return None;
        }
        // Patterns look through references, and bind references then.
        let (mark, inner) = match ty.strip_prefix('&') {
            Some(_) => ("&", bare(ty)),
            None => ("", ty),
        };
        let of = |pattern: Option<ast::Pat>, ty: &str| {
            self.part(&pattern?, &format!("{mark}{}", ty.trim_start_matches('&')), name)
        };
        match pattern {
            ast::Pat::IdentPat(it) => match it.pat() {
                Some(_) => None,
                None if it.ref_token().is_some() => Some(format!("&{ty}")),
                None => Some(ty.to_string()),
            },
            ast::Pat::ParenPat(it) => self.part(&it.pat()?, ty, name),
            ast::Pat::RefPat(it) => self.part(&it.pat()?, bare(ty), name),
            ast::Pat::OrPat(it) => it.pats().find_map(|it| self.part(&it, ty, name)),
            ast::Pat::TuplePat(it) => {
                let mut fields = it.fields().take_while(|it| !matches!(it, ast::Pat::RestPat(_)));
                let at = fields.position(|it| binds(&it, name))?;
                of(it.fields().nth(at), &tuple_part(inner, &at.to_string())?)
            }
            ast::Pat::SlicePat(it) => {
                let held = element(inner)?;
                of(it.pats().find(|it| binds(it, name)), &held)
            }
            ast::Pat::TupleStructPat(it) => {
                let path = compact(it.path()?.syntax());
                let mut fields = it.fields().take_while(|it| !matches!(it, ast::Pat::RestPat(_)));
                let at = fields.position(|it| binds(&it, name))?;
                let held = match (path.as_str(), base_name(inner)) {
                    ("Some", "Option") | ("Ok", "Result") => arguments(inner).first()?.to_string(),
                    ("Err", "Result") => arguments(inner).get(1)?.to_string(),
                    (path, "Entry") if path.ends_with("Entry::Occupied") => {
                        inner.replacen("Entry<", "OccupiedEntry<", 1)
                    }
                    _ => self.of_variant(&path, inner, &at.to_string())?,
                };
                of(it.fields().nth(at), &held)
            }
            ast::Pat::RecordPat(it) => {
                let path = compact(it.path()?.syntax());
                let mut fields = it.record_pat_field_list()?.fields();
                let field = fields.find(|it| it.pat().is_some_and(|it| binds(&it, name)))?;
                let own = match field.name_ref() {
                    Some(it) => it.text().to_string(),
                    None => name.to_string(),
                };
                let held = self.of_variant(&path, inner, &own)?;
                of(field.pat(), &held)
            }
            _ => None,
        }
    }

    /// The type of a field of the struct or variant that a pattern names.
    fn of_variant(&self, path: &str, matched: &str, field: &str) -> Option<String> {
        let (owner, last) = path.rsplit_once("::").unwrap_or(("", path));
        let of_enum = [owner, matched].into_iter().filter(|it| !it.is_empty()).find_map(|ty| {
            let (file, def) = self.type_def(ty)?;
            Some((file, &def.variants.iter().find(|it| it.name == last)?.fields))
        });
        let of_struct = || self.type_def(path).map(|(file, def)| (file, &def.fields));
        let (file, fields) = of_enum.or_else(of_struct)?;
        let (_, ty) = fields.iter().find(|(it, _)| it == field)?;
        Some(self.canonical(ty, file))
    }
}

/// The pattern that binds a name in `parent`, for what stands in `child` of it, and what it is
/// matched with where that is told.
fn binder(
    name: &str,
    child: &SyntaxNode,
    parent: &SyntaxNode,
) -> Option<(ast::Pat, Option<Matched>)> {
    let binding = |it: &ast::Pat| binds(it, name);
    match parent.kind() {
        SyntaxKind::STMT_LIST => {
            let statement = lets_before(parent, name, child.text_range().start()).next()?;
            let value = statement.initializer().map(Matched::With);
            Some((statement.pat()?, statement.ty().map(Matched::Typed).or(value)))
        }
        SyntaxKind::FN => {
            let list = ast::Fn::cast(parent.clone())?.param_list()?;
            let param = list.params().find(|it| it.pat().is_some_and(|it| binding(&it)))?;
            Some((param.pat()?, param.ty().map(Matched::Typed)))
        }
        SyntaxKind::CLOSURE_EXPR => {
            let list = ast::ClosureExpr::cast(parent.clone())?.param_list()?;
            let param = list.params().find(|it| it.pat().is_some_and(|it| binding(&it)))?;
            let each = || each(parent).filter(|_| list.params().count() == 1).map(Matched::Each);
            Some((param.pat()?, param.ty().map(Matched::Typed).or_else(each)))
        }
        SyntaxKind::FOR_EXPR => {
            let item = ast::ForExpr::cast(parent.clone())?;
            Some((item.pat().filter(binding)?, item.iterable().map(Matched::Each)))
        }
        SyntaxKind::MATCH_ARM => {
            let pattern = ast::MatchArm::cast(parent.clone())?.pat().filter(binding)?;
            let matched = parent.ancestors().find_map(ast::MatchExpr::cast)?.expr();
            Some((pattern, matched.map(Matched::With)))
        }
        SyntaxKind::IF_EXPR | SyntaxKind::WHILE_EXPR | SyntaxKind::BIN_EXPR => {
            let first = parent.children().next()?;
            if first == *child && parent.kind() != SyntaxKind::BIN_EXPR {
                return None;
            }
            let mut lets = first.descendants().filter_map(ast::LetExpr::cast);
            let found = lets.find(|it| it.pat().is_some_and(|it| binding(&it)))?;
            Some((found.pat()?, found.expr().map(Matched::With)))
        }
        _ => None,
    }
}

/// What a closure is called with each element of.
fn each(closure: &SyntaxNode) -> Option<ast::Expr> {
    let call = closure.parent()?.parent().and_then(ast::MethodCallExpr::cast)?;
    let by_value =
        ["map", "for_each", "filter_map", "flat_map", "find_map", "and_then", "any", "all"];
    let name = call.name_ref()?;
    let only = call.arg_list()?.args().count() == 1;
    (only && by_value.contains(&name.text())).then(|| call.receiver())?
}
