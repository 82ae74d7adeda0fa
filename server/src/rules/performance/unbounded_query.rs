//! Query without a `LIMIT` on a table that grows.
//!
//! The result grows with the table, until it does not fit into memory or takes longer than the
//! client waits.
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "orders"
//! //- migrations/0001_init.sql
//! CREATE TABLE orders (
//!     id BIGSERIAL PRIMARY KEY,
//!     total BIGINT NOT NULL,
//!     created_at TIMESTAMPTZ NOT NULL
//! );
//! //- src/main.rs
//! async fn orders(db: &PgPool) {
//!     sqlx::query("SELECT id, total FROM orders ORDER BY created_at DESC").fetch_all(db).await;
//! }
//! ```
//!
//! Read one page at a time:
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "orders"
//! //- migrations/0001_init.sql
//! CREATE TABLE orders (
//!     id BIGSERIAL PRIMARY KEY,
//!     total BIGINT NOT NULL,
//!     created_at TIMESTAMPTZ NOT NULL
//! );
//! //- src/main.rs
//! async fn orders(db: &PgPool, before: i64) {
//!     sqlx::query("SELECT id, total FROM orders WHERE id < $1 ORDER BY id DESC LIMIT 100")
//!         .bind(before)
//!         .fetch_all(db)
//!         .await;
//! }
//! ```
//!
//! A table is taken to grow if its rows are numbered or have a timestamp. Not reported: queries
//! that look rows up by a value, aggregate them, or stream them.

use super::AREA;
use crate::analysis::{Opportunity, ProjectContext, Report, Rule, Severity};
use crate::project::database::{Database, Lookup, is_small};
use crate::project::sql::{Condition, Scope, Table};
use crate::project::{Indexed, Rows};

pub static RULE: Rule = Rule {
    id: "unbounded-query",
    opportunity: Opportunity::Queries,
    effort: 30,
    severity: Severity::Low,
    cwe: &[770],
    seeds: &["D.perf"],
    source: include_str!("unbounded_query.rs"),
    indexed: &[Indexed::Queries],
    project: Some(check),
    ..Rule::project(AREA)
};

/// Functions that run or prepare a query. A query in any other string may be extended by a `LIMIT`.
const CALLEES: &[&str] = &[
    "query", "query_as", "query_scalar", "query_unchecked", "query_as_unchecked",
    "query_scalar_unchecked", "query_with", "query_as_with", "query_file", "query_map",
    "query_all", "sql_query", "prepare", "prepare_cached", "sql", "all", "execute", "fetch",
    "fetchall", "Query", "QueryContext", "Queryx", "Select", "SelectContext",
];

/// Parts of the names of columns by which only few rows are excluded.
const ALMOST_ALL: &[&str] = &["delet", "archiv", "hidden", "active", "enabled", "disabled"];

/// Folders of programs that are run by hand.
const BY_HAND: &[&str] =
    &["scripts", "script", "migrations", "seeds", "tools", "bench", "examples"];

fn check(cx: &mut ProjectContext<'_>) {
    let database = Database::read(cx);
    for lookup in database.lookups.iter().filter(|it| may_read_all(it)) {
        let Some(scope) = lookup.query.scopes.first().filter(|it| !is_bounded(it)) else {
            continue;
        };
        // Joined tables rarely add rows.
        let Some(source) = scope.tables.first().filter(|it| !is_small(&it.table)) else { continue };
        let name = &source.table;
        let schemas = database.schemas_of(name, lookup.path);
        let mut tables = schemas.filter_map(|it| it.tables.get(name));
        let growing = tables.find(|table| grows(table) && !spans_time(scope, table));
        let Some(table) = growing else { continue };
        let message = format!("query without a `LIMIT` on `{name}`, a table that grows");
        let report = Report::new(lookup.range, message);
        cx.report(
            lookup.path,
            report.related_in(&table.path, table.range, "the table is defined here"),
        );
    }
}

fn may_read_all(lookup: &Lookup<'_>) -> bool {
    lookup.query.returns_all
        && matches!(lookup.rows, Rows::All | Rows::Unknown)
        && CALLEES.contains(&lookup.callee)
        && !lookup.path.split('/').any(|folder| BY_HAND.contains(&folder))
}

/// Whether a condition limits the rows. A half-open range does not, nor does a condition that rows
/// are not deleted.
fn is_bounded(scope: &Scope) -> bool {
    let mut ranges: Vec<&str> = Vec::new();
    scope.has_others
        || scope.conditions.iter().any(|condition| match condition {
            Condition::Join(..) => false,
            Condition::Constant(column) => !ALMOST_ALL.iter().any(|it| column.name.contains(it)),
            Condition::Range { column, is_closed } => {
                let is_second = ranges.contains(&column.name.as_str());
                ranges.push(&column.name);
                *is_closed || is_second
            }
            Condition::Equal(_) | Condition::Other => true,
        })
}

/// Whether only the rows of a period are read.
fn spans_time(scope: &Scope, table: &Table) -> bool {
    scope.conditions.iter().any(|condition| match condition {
        Condition::Range { column, .. } => {
            table.column(&column.name).is_some_and(|it| it.is_time())
        }
        _ => false,
    })
}

fn grows(table: &Table) -> bool {
    table.columns.iter().any(|column| column.is_counted || column.is_time())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, silent};

    const TABLE: &str = "\
//- migrations/0001_init.sql
CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, state TEXT, shop TEXT);
CREATE TABLE roles (id TEXT PRIMARY KEY, name TEXT);
CREATE TABLE sales (id BIGSERIAL, sold_at TIMESTAMPTZ);
CREATE TABLE app_settings (name TEXT PRIMARY KEY, changed_at TEXT);
//- src/main.rs
";

    #[test]
    fn all_rows_of_a_growing_table_are_reported() {
        for call in [
            "sqlx::query!(\"SELECT * FROM orders\").fetch_all(db).await?",
            "sqlx::query_as::<_, Order>(\"SELECT id FROM orders WHERE deleted IS NULL\").fetch_all(db)",
            "let mut s = db.prepare(\"SELECT o.id FROM orders o JOIN roles r ON r.id = o.shop\")?; s.query_map([], f)",
            "client.query(\"SELECT id FROM orders WHERE id > $1 ORDER BY id\", &[&id])",
        ] {
            check(
                &RULE,
                &format!(
                    r#"{TABLE}fn f() {{ {call}; }}
//~ unbounded-query
"#
                ),
            );
        }
        check(
            &RULE,
            r#"
//- package.json
{ "name": "a" }
//- schema.sql
CREATE TABLE users (id TEXT PRIMARY KEY, created_at INTEGER);
//- queries/all.sql
SELECT id FROM users;
--~ unbounded-query: query without a `LIMIT` on `users`, a table that grows
"#,
        );
    }

    #[test]
    fn bounded_reads_are_left_alone() {
        for call in [
            "sqlx::query!(\"SELECT * FROM orders LIMIT 10\").fetch_all(db)",
            "sqlx::query!(\"SELECT * FROM orders\").fetch_one(db)",
            "sqlx::query!(\"SELECT * FROM orders\").fetch(db)",
            "sqlx::query!(\"SELECT * FROM orders WHERE shop = $1\").fetch_all(db)",
            "sqlx::query!(\"SELECT * FROM orders WHERE id BETWEEN $1 AND $2\").fetch_all(db)",
            "sqlx::query_scalar(\"SELECT count(*) FROM orders\").fetch_all(db)",
            "sqlx::query!(\"SELECT * FROM orders WHERE id > $1 AND id <= $2\").fetch_all(db)",
            "sqlx::query!(\"SELECT * FROM orders WHERE state = 'new'\").fetch_all(db)",
            "sqlx::query!(\"SELECT * FROM roles\").fetch_all(db)",
            "sqlx::query!(\"SELECT * FROM sales WHERE sold_at > now() - interval '7 days'\").fetch_all(db)",
            "sqlx::query!(\"SELECT * FROM app_settings\").fetch_all(db)",
            "sqlx::query!(\"SELECT * FROM roles r LEFT JOIN orders o ON o.shop = r.id\").fetch_all(db)",
            "sqlx::query(\"SELECT state, max(id) FROM orders GROUP BY state\").fetch_all(db)",
            "db.query_row(\"SELECT id FROM orders\", [], f)",
            "QueryBuilder::new(\"SELECT id FROM orders\").push(\" LIMIT 5\")",
            "let mut sql = String::from(\"SELECT id FROM orders\"); sql += limit",
            "sqlx::query(&format!(\"SELECT id FROM orders {limit}\")).fetch_all(db)",
        ] {
            silent(&RULE, &format!("{TABLE}fn f() {{ {call}; }}\n"));
        }
        let test =
            "#[cfg(test)] mod t { fn f() { query(\"SELECT id FROM orders\").fetch_all(); } }";
        silent(&RULE, &format!("{TABLE}{test}\n"));
    }
}
