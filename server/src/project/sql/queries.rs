//! By which columns queries look rows up.

use std::sync::LazyLock;

use regex::Regex;
use sqlparser::ast::{
    BinaryOperator, Expr, FromTable, GroupByExpr, JoinConstraint, JoinOperator, LimitClause,
    Query as Select, Select as SelectBody, SetExpr, Statement, TableFactor, TableWithJoins,
    UnaryOperator, Value,
};

use super::definitions::{lower, name_of};
use super::{ColumnRef, Condition, Query, Scope, Source};

/// Functions that make one row of many.
static AGGREGATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:count|sum|total|avg|min|max|bool_and|bool_or|every|(?:group_concat)|(?:string|array|jsonb?|jsonb?_object)_(?:agg|group_array))\s*\(",
    )
    .ok()
});

/// The rows that a statement looks up; nothing when it looks up none.
pub(super) fn query(statement: &Statement) -> Option<Query> {
    let mut reader = Reader::default();
    let returns_all = match statement {
        Statement::Query(select) => reader.select(select),
        Statement::Update(update) => {
            let mut scope = Scope::default();
            reader.table(&update.table, &mut scope);
            scope.has_others |= update.from.is_some();
            reader.selection(update.selection.as_ref(), &mut scope);
            reader.add(scope);
            false
        }
        Statement::Delete(delete) => {
            let mut scope = Scope::default();
            let (FromTable::WithFromKeyword(tables) | FromTable::WithoutKeyword(tables)) =
                &delete.from;
            tables.iter().for_each(|table| reader.table(table, &mut scope));
            scope.has_others |= delete.using.is_some() || !delete.tables.is_empty();
            reader.selection(delete.selection.as_ref(), &mut scope);
            reader.add(scope);
            false
        }
        _ => false,
    };
    (!reader.scopes.is_empty()).then_some(Query { scopes: reader.scopes, returns_all })
}

#[derive(Default)]
struct Reader {
    scopes: Vec<Scope>,
    /// Names that `WITH` gives to queries.
    with: Vec<String>,
}

impl Reader {
    /// Reads a query and those inside it. Returns whether it gives out all rows of its first scope.
    fn select(&mut self, query: &Select) -> bool {
        let tables = query.with.iter().flat_map(|with| &with.cte_tables);
        for table in tables.clone() {
            self.with.push(lower(&table.alias.name));
        }
        let is_limited = query.fetch.is_some()
            || match &query.limit_clause {
                Some(LimitClause::LimitOffset { limit, limit_by, .. }) => {
                    limit.is_some() || !limit_by.is_empty()
                }
                Some(LimitClause::OffsetCommaLimit { .. }) => true,
                None => false,
            };
        let returns_all = self.body(&query.body) && !is_limited;
        for table in tables {
            self.select(&table.query);
        }
        returns_all
    }

    fn body(&mut self, body: &SetExpr) -> bool {
        match body {
            SetExpr::Select(select) => {
                self.select_body(select);
                returns_every_row(select)
            }
            SetExpr::Query(query) => self.select(query),
            SetExpr::SetOperation { left, right, .. } => {
                self.body(left);
                self.body(right);
                false
            }
            _ => false,
        }
    }

    fn select_body(&mut self, select: &SelectBody) {
        // Its place is before those of the queries inside it.
        let at = self.scopes.len();
        self.scopes.push(Scope::default());
        let mut scope = Scope::default();
        select.from.iter().for_each(|table| self.table(table, &mut scope));
        self.selection(select.selection.as_ref(), &mut scope);
        if let Some(place) = self.scopes.get_mut(at) {
            *place = scope;
        }
    }

    fn add(&mut self, scope: Scope) {
        self.scopes.insert(0, scope);
    }

    fn table(&mut self, table: &TableWithJoins, scope: &mut Scope) {
        self.factor(&table.relation, scope);
        for join in &table.joins {
            self.factor(&join.relation, scope);
            let (JoinOperator::Join(constraint)
            | JoinOperator::Inner(constraint)
            | JoinOperator::Left(constraint)
            | JoinOperator::LeftOuter(constraint)
            | JoinOperator::Right(constraint)
            | JoinOperator::RightOuter(constraint)
            | JoinOperator::FullOuter(constraint)
            | JoinOperator::CrossJoin(constraint)
            | JoinOperator::StraightJoin(constraint)) = &join.join_operator
            else {
                scope.has_others = true;
                continue;
            };
            match constraint {
                JoinConstraint::On(condition) => self.selection(Some(condition), scope),
                JoinConstraint::Using(names) => {
                    if let [.., left, right] = scope.tables.as_slice() {
                        let column = |source: &Source, name: String| ColumnRef {
                            alias: Some(source.alias.clone()),
                            name,
                        };
                        let joined: Vec<Condition> = names
                            .iter()
                            .filter_map(name_of)
                            .map(|it| Condition::Join(column(left, it.clone()), column(right, it)))
                            .collect();
                        scope.conditions.extend(joined);
                    }
                }
                JoinConstraint::Natural | JoinConstraint::None => {}
            }
        }
    }

    fn factor(&mut self, factor: &TableFactor, scope: &mut Scope) {
        match factor {
            TableFactor::Table { name, alias, args: None, .. } => {
                let table = name_of(name).unwrap_or_default();
                // A name of `WITH` stands without a schema.
                if name.0.len() == 1 && self.with.contains(&table) {
                    scope.has_others = true;
                    return;
                }
                let alias = alias.as_ref().map_or(table.clone(), |it| lower(&it.name));
                scope.tables.push(Source { table, alias });
            }
            TableFactor::Derived { subquery, .. } => {
                scope.has_others = true;
                self.select(subquery);
            }
            TableFactor::NestedJoin { table_with_joins, .. } => self.table(table_with_joins, scope),
            _ => scope.has_others = true,
        }
    }

    /// The conditions that `AND` joins.
    fn selection(&mut self, condition: Option<&Expr>, scope: &mut Scope) {
        let mut rest: Vec<&Expr> = condition.into_iter().collect();
        while let Some(expr) = rest.pop() {
            match expr {
                Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
                    rest.push(right);
                    rest.push(left);
                }
                Expr::Nested(inner) => rest.push(inner),
                Expr::Exists { subquery, .. } => {
                    self.select(subquery);
                    scope.conditions.push(Condition::Other);
                }
                Expr::InSubquery { subquery, expr, negated } => {
                    self.select(subquery);
                    let column = column_of(expr).filter(|_| !negated);
                    scope.conditions.push(column.map_or(Condition::Other, Condition::Equal));
                }
                _ => scope.conditions.push(simple(expr)),
            }
        }
    }
}

fn returns_every_row(select: &SelectBody) -> bool {
    let groups = match &select.group_by {
        GroupByExpr::All(_) => true,
        GroupByExpr::Expressions(expressions, _) => !expressions.is_empty(),
    };
    let is_aggregate = || {
        let aggregate = AGGREGATE.as_ref();
        select.projection.iter().any(|it| aggregate.is_none_or(|re| re.is_match(&it.to_string())))
    };
    !groups
        && select.top.is_none()
        && select.having.is_none()
        && select.into.is_none()
        && !is_aggregate()
}

/// A condition without another inside it.
fn simple(expr: &Expr) -> Condition {
    let compared =
        |column: Option<ColumnRef>, values: &[&Expr], condition: &dyn Fn(_) -> _| match column {
            Some(column) if values.iter().all(|it| is_constant(it)) => Condition::Constant(column),
            Some(column) => condition(column),
            None => Condition::Other,
        };
    let range = |is_closed: bool| move |column| Condition::Range { column, is_closed };
    match expr {
        Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => {
            match (column_of(left), column_of(right)) {
                (Some(left), Some(right)) => Condition::Join(left, right),
                (Some(column), None) => compared(Some(column), &[right], &Condition::Equal),
                (None, column) => match **right {
                    _ if matches!(**left, Expr::Function(_)) => Condition::Other,
                    _ => compared(column, &[left], &Condition::Equal),
                },
            }
        }
        Expr::BinaryOp {
            left,
            op:
                BinaryOperator::Lt | BinaryOperator::LtEq | BinaryOperator::Gt | BinaryOperator::GtEq,
            right,
        } => match (column_of(left), column_of(right)) {
            (Some(_), Some(_)) => Condition::Other,
            (Some(column), None) => compared(Some(column), &[right], &range(false)),
            (None, column) => compared(column, &[left], &range(false)),
        },
        Expr::Between { expr, negated: false, low, high } => {
            compared(column_of(expr), &[low, high], &range(true))
        }
        Expr::InList { expr, list, negated: false } => {
            let values: Vec<&Expr> = list.iter().collect();
            compared(column_of(expr), &values, &Condition::Equal)
        }
        Expr::AnyOp { left, compare_op: BinaryOperator::Eq, .. } => {
            column_of(left).map_or(Condition::Other, Condition::Equal)
        }
        Expr::IsNull(inner)
        | Expr::IsNotNull(inner)
        | Expr::IsTrue(inner)
        | Expr::IsFalse(inner)
        | Expr::IsNotTrue(inner)
        | Expr::IsNotFalse(inner)
        | Expr::UnaryOp { op: UnaryOperator::Not, expr: inner } => {
            column_of(inner).map_or(Condition::Other, Condition::Constant)
        }
        _ => column_of(expr).map_or(Condition::Other, Condition::Constant),
    }
}

fn column_of(expr: &Expr) -> Option<ColumnRef> {
    match expr {
        Expr::Identifier(name) if !is_constant_name(&name.value) => {
            Some(ColumnRef { alias: None, name: lower(name) })
        }
        Expr::CompoundIdentifier(parts) => {
            let [.., table, name] = parts.as_slice() else { return None };
            Some(ColumnRef { alias: Some(lower(table)), name: lower(name) })
        }
        Expr::Collate { expr, .. } | Expr::Nested(expr) => column_of(expr),
        _ => None,
    }
}

/// SQLite reads these as names, other databases as what they say.
fn is_constant_name(name: &str) -> bool {
    ["true", "false", "current_timestamp", "current_date"]
        .iter()
        .any(|it| name.eq_ignore_ascii_case(it))
}

/// Whether the value is the same each time.
fn is_constant(expr: &Expr) -> bool {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::Placeholder(_) => false,
            // A value was pasted in between the quotes.
            Value::SingleQuotedString(text) => !text.contains('?'),
            _ => true,
        },
        Expr::Identifier(name) => {
            name.value.eq_ignore_ascii_case("true") || name.value.eq_ignore_ascii_case("false")
        }
        Expr::Nested(inner)
        | Expr::Cast { expr: inner, .. }
        | Expr::UnaryOp { expr: inner, .. } => is_constant(inner),
        _ => false,
    }
}
