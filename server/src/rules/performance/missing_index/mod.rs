//! Query on columns without an index.
//!
//! Without an index the database reads the whole table for each such query. That goes unnoticed
//! with a hundred rows; with a million rows every request waits, and an `UPDATE` or `DELETE` holds
//! its locks during the scan.
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "signalling"
//! //- migrations/0001_init.sql
//! CREATE TABLE candidates (
//!     id INTEGER PRIMARY KEY,
//!     offer_id TEXT NOT NULL,
//!     candidate TEXT NOT NULL
//! );
//! //- src/main.rs
//! fn candidates(db: &Connection) {
//!     db.prepare("SELECT candidate FROM candidates WHERE offer_id = ?1");
//! }
//! ```
//!
//! Add the index, in the schema or in a new migration:
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "signalling"
//! //- migrations/0001_init.sql
//! CREATE TABLE candidates (
//!     id INTEGER PRIMARY KEY,
//!     offer_id TEXT NOT NULL,
//!     candidate TEXT NOT NULL
//! );
//! CREATE INDEX IF NOT EXISTS idx_candidates_offer_id ON candidates (offer_id);
//! //- src/main.rs
//! fn candidates(db: &Connection) {
//!     db.prepare("SELECT candidate FROM candidates WHERE offer_id = ?1");
//! }
//! ```
//!
//! An index serves a query if it begins with one of the columns that the query compares. Not
//! reported: flags, small enumerations, tables that do not grow, and conditions that no plain index
//! serves.

mod migration;

use super::AREA;
use std::collections::BTreeMap;

use crate::analysis::{Applicability, Fix, Opportunity, ProjectContext, Report, Rule, Severity};
use crate::project::database::{Database, Lookup, owner};
use crate::project::sql::{ColumnRef, Condition, Schema, Scope, Source, Table};
use crate::project::{Indexed, Project};

pub static RULE: Rule = Rule {
    id: "missing-index",
    opportunity: Opportunity::Queries,
    effort: 30,
    severity: Severity::Low,
    seeds: &["D.perf"],
    source: include_str!("mod.rs"),
    indexed: &[Indexed::Queries],
    project: Some(check),
    ..Rule::project(AREA)
};

/// Names of columns with few values, on which an index alone is not selective; sorted.
const ENUMERATIONS: &[&str] = &[
    "active", "archived", "category", "country", "currency", "deleted", "disabled", "enabled",
    "gender", "kind", "lang", "language", "level", "locale", "priority", "published", "role",
    "state", "status", "type", "version", "visible",
];

/// Row identifiers that every table has, in SQLite and PostgreSQL.
const ROW_IDS: &[&str] = &["rowid", "oid", "_rowid_", "ctid"];

/// The most columns of a suggested index: more make it large and save little.
const MAX_COLUMNS: usize = 3;

/// How many queries are listed with a missing index.
const MAX_RELATED: usize = 4;

/// The columns of an index, and the query that needs it.
type Wanted<'l, 'a> = (Vec<String>, &'l Lookup<'a>);

fn check(cx: &mut ProjectContext<'_>) {
    let database = Database::read(cx);
    // The columns of the indexes that queries need, by file and table.
    let mut wanted: BTreeMap<(&str, &str), Vec<Wanted<'_, '_>>> = BTreeMap::new();
    let mut tables: BTreeMap<(&str, &str), &Table> = BTreeMap::new();
    for lookup in &database.lookups {
        for scope in &lookup.query.scopes {
            for source in &scope.tables {
                let needs = database.schemas_of(&source.table, lookup.path);
                let needs: Option<Vec<_>> =
                    needs.map(|it| needed(&database, it, scope, source)).collect();
                // An index in one of several schemas is taken for one in all of them.
                let Some((table, columns)) = needs.and_then(|it| it.into_iter().next()) else {
                    continue;
                };
                let place = (table.path.as_str(), source.table.as_str());
                tables.insert(place, table);
                wanted.entry(place).or_default().push((columns, lookup));
            }
        }
    }
    for (place, lookups) in wanted {
        let Some(table) = tables.get(&place) else { continue };
        for (columns, served) in indexes(lookups) {
            report(cx, place.1, table, &columns, &served);
        }
    }
}

/// The columns of the index that a scope needs for a table; none if an index exists, or if none
/// would help.
fn needed<'d>(
    database: &Database<'_>,
    schema: &'d Schema,
    scope: &Scope,
    source: &Source,
) -> Option<(&'d Table, Vec<String>)> {
    let table = schema.tables.get(&source.table).filter(|it| database.grows(&source.table, it))?;
    let is_own = |column: &ColumnRef| owner(schema, scope, column) == Some(source);
    let mut served: Vec<&str> = Vec::new();
    let mut equal: Vec<&str> = Vec::new();
    let mut ranges: Vec<&str> = Vec::new();
    let mut driven: Vec<&str> = Vec::new();
    let mut is_opaque = false;
    for condition in &scope.conditions {
        match condition {
            Condition::Equal(column) if is_own(column) => equal.push(&column.name),
            Condition::Constant(column) if is_own(column) => served.push(&column.name),
            Condition::Range { column, .. } if is_own(column) => {
                served.push(&column.name);
                if table.column(&column.name).is_some_and(|it| it.is_time()) {
                    ranges.push(&column.name);
                }
            }
            Condition::Join(left, right) => {
                let (own, other) = match (is_own(left), is_own(right)) {
                    (true, false) => (left, right),
                    (false, true) => (right, left),
                    _ => continue,
                };
                served.push(&own.name);
                match owner(schema, scope, other) {
                    Some(driver) if is_looked_up(schema, scope, driver) => driven.push(&own.name),
                    Some(_) => {}
                    // A column of the query around this one is a value in it.
                    None if other.alias.is_some() => equal.push(&own.name),
                    None => {}
                }
            }
            Condition::Other => is_opaque = true,
            _ => {}
        }
    }
    let is_flag = |name: &str| table.column(name).is_some_and(|it| it.is_flag());
    let selective = |name: &&str| !ENUMERATIONS.contains(name) && !is_flag(name);
    served.extend(&equal);
    let is_served = table.keys.iter().any(|key| key.serves(&served))
        || served.iter().any(|name| ROW_IDS.contains(name))
        || (is_opaque && table.keys.iter().any(|key| key.columns.first() == Some(&None)));
    if is_served {
        return None;
    }
    let mut columns = match equal.iter().any(selective) {
        true => [equal, ranges].concat(),
        false if !ranges.is_empty() => ranges,
        false => driven,
    };
    columns.retain(|name| !is_flag(name));
    // Columns with few values come last.
    columns.sort_by_key(|name| ENUMERATIONS.contains(name));
    let mut index: Vec<String> = Vec::new();
    for name in columns {
        if index.len() < MAX_COLUMNS && !index.iter().any(|it| it == name) {
            index.push(name.to_string());
        }
    }
    (!index.is_empty()).then_some((table, index))
}

/// Whether rows of a table are found by values, so that joined rows are found by its rows.
fn is_looked_up(schema: &Schema, scope: &Scope, source: &Source) -> bool {
    let of = |column| owner(schema, scope, column) == Some(source);
    scope.conditions.iter().any(|it| matches!(it, Condition::Equal(column) if of(column)))
}

/// The fewest indexes that serve all lookups, with the lookups that each of them serves.
fn indexes<'l, 'a>(mut lookups: Vec<Wanted<'l, 'a>>) -> Vec<(Vec<String>, Vec<&'l Lookup<'a>>)> {
    lookups.sort_by_key(|(columns, _)| columns.len());
    let mut chosen: Vec<(Vec<String>, Vec<&Lookup<'_>>)> = Vec::new();
    for (columns, lookup) in lookups {
        let serves = |index: &[String]| index.first().is_some_and(|it| columns.contains(it));
        match chosen.iter_mut().find(|(index, _)| serves(index)) {
            Some((_, served)) => served.push(lookup),
            None => chosen.push((columns, vec![lookup])),
        }
    }
    chosen
}

fn report(
    cx: &mut ProjectContext<'_>,
    name: &str,
    table: &Table,
    columns: &[String],
    served: &[&Lookup<'_>],
) {
    let quoted: Vec<String> = columns.iter().map(|it| format!("`{it}`")).collect();
    let message = format!("no index on `{name}` for queries by {}", quoted.join(", "));
    let mut report = Report::new(table.range, message)
        .note("an index serves a query if it begins with one of the columns that are compared");
    for lookup in served.iter().take(MAX_RELATED) {
        report = report.related_in(lookup.path, lookup.range, "queried here");
    }
    let (name, table, columns) = (name.to_string(), table.clone(), columns.to_vec());
    let path = table.path.clone();
    cx.report(
        &path,
        report.project_fix(move |project| add_index(project, &name, &table, &columns)),
    );
}

fn add_index(project: &Project, name: &str, table: &Table, columns: &[String]) -> Vec<Fix> {
    let index = format!("idx_{name}_{}", columns.join("_"));
    let columns = columns.join(", ");
    // MySQL does not know `IF NOT EXISTS` here.
    let (condition, on) = match table.is_mysql {
        true => ("", format!(" ON {name}")),
        false => ("IF NOT EXISTS ", String::new()),
    };
    let forth = format!("CREATE INDEX {condition}{index} ON {name} ({columns});");
    let back = format!("DROP INDEX {index}{on};");
    let edits = migration::change(project, table, &format!("add_{index}"), &forth, &back);
    let title = format!("Add an index on `{name} ({columns})`");
    let fix = |edits| Fix { title, applicability: Applicability::Suggested, edits };
    edits.map(fix).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, check_fix, fixed, no_fix, silent};

    const TABLE: &str = "\
//- migrations/0001_init.sql
CREATE TABLE sessions (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL,
    status TEXT NOT NULL,
    is_admin BOOLEAN NOT NULL,
    email TEXT UNIQUE,
    expires_at TIMESTAMPTZ NOT NULL
);
";

    fn with(query: &str) -> String {
        format!(
            r#"{TABLE}//- src/main.rs
fn f() {{ query({query:?}); }}
"#
        )
    }

    fn marked(query: &str, message: &str) {
        let mark = format!(
            r#"(
#~ missing-index: {message}
    id UUID PRIMARY KEY"#
        );
        check(
            &RULE,
            &with(query).replace(
                r#"(
    id UUID PRIMARY KEY"#,
                &mark,
            ),
        );
    }

    #[test]
    fn queries_without_an_index_are_reported_at_the_table() {
        let by = |columns: &str| format!("no index on `sessions` for queries by {columns}");
        for query in [
            "SELECT id FROM sessions WHERE user_id = $1",
            "SELECT s.id FROM sessions s WHERE s.user_id = ANY($1) ORDER BY s.id LIMIT 5",
            "UPDATE public.sessions SET status = ? WHERE user_id = ?",
            "SELECT id FROM sessions WHERE user_id = $1 AND is_admin",
            "SELECT 1 WHERE EXISTS (SELECT 1 FROM sessions s WHERE s.user_id = u.id)",
        ] {
            marked(query, &by("`user_id`"));
        }
        marked("DELETE FROM sessions WHERE expires_at < now()", &by("`expires_at`"));
        marked(
            "SELECT id FROM sessions WHERE status = ? AND user_id = ? AND expires_at > ?",
            &by("`user_id`, `expires_at`, `status`"),
        );
    }

    #[test]
    fn a_joined_table_is_queried_as_well() {
        let users = "CREATE TABLE users (id UUID PRIMARY KEY, name TEXT);\n";
        let join = "SELECT s.id FROM users u JOIN sessions s ON s.user_id = u.id WHERE u.id = $1";
        let source = with(join).replace("//- src", &format!("{users}//- src"));
        let mark = r#"CREATE TABLE sessions (
#            ^^^^^^^^ missing-index
"#;
        check(&RULE, &source.replace("CREATE TABLE sessions (\n", mark));
        // From sessions to users there is the primary key.
        silent(&RULE, &source.replace("u.id = $1", "s.id = $1"));
    }

    #[test]
    fn an_index_that_begins_with_one_of_the_columns_serves() {
        for index in [
            "CREATE INDEX a ON sessions (user_id);",
            "CREATE INDEX a ON sessions USING btree (user_id DESC, status) WHERE is_admin;",
            "ALTER TABLE sessions ADD CONSTRAINT a UNIQUE (status, email);",
            "CREATE UNIQUE INDEX a ON sessions (status);",
            "CREATE INDEX broken ON sessions USING such WITH (nonsense;",
            "DROP TABLE sessions;",
        ] {
            let query = "SELECT id FROM sessions WHERE user_id = $1 AND status = $2";
            let added = format!(
                r#"//- migrations/0002_a.sql
{index}
//- src"#
            );
            silent(&RULE, &with(query).replace("//- src", &added));
        }
        check(
            &RULE,
            &with("SELECT id FROM sessions WHERE user_id = $1")
                .replace(
                    "sessions (\n",
                    r#"sessions (
#~ missing-index
"#,
                )
                .replace(
                    "//- src",
                    r#"//- migrations/2.sql
CREATE INDEX a ON sessions (status, user_id);
//- src"#,
                ),
        );
    }

    #[test]
    fn what_no_index_helps_with_is_left_alone() {
        for query in [
            "SELECT status FROM sessions WHERE id = $1",
            "SELECT status FROM sessions WHERE email = $1",
            "SELECT id FROM sessions WHERE is_admin = $1",
            "SELECT id FROM sessions WHERE status = 'new'",
            "SELECT id FROM sessions WHERE status = $1",
            "SELECT id FROM sessions WHERE status LIKE '%x'",
            "SELECT id FROM sessions WHERE lower(status) = $1",
            "SELECT id FROM sessions WHERE rowid = ?",
            "SELECT id FROM sessions",
            "SELECT id FROM unknown WHERE user_id = $1",
            "WITH sessions AS (SELECT 1 AS user_id) SELECT 1 FROM sessions WHERE user_id = $1",
            "SELECT id FROM sessions WHERE user_id = $1 OR email = $2",
            "SELECT id FROM {table} WHERE user_id = $1",
        ] {
            silent(&RULE, &with(query));
        }
        let roles = r#"//- m/1.sql
CREATE TABLE roles (id SERIAL PRIMARY KEY, name TEXT);
"#;
        let query = r#"//- src/main.rs
fn f() { query("SELECT id FROM roles WHERE name = $1"); }
"#;
        silent(&RULE, &format!("{roles}{query}"));
        let test =
            "#[cfg(test)] mod t { fn f() { q(\"SELECT id FROM sessions WHERE user_id = ?\"); } }";
        silent(
            &RULE,
            &format!(
                r#"{TABLE}//- src/main.rs
{test}
"#
            ),
        );
    }

    #[test]
    fn mysql_indexes_foreign_keys_itself() {
        let table = r#"CREATE TABLE a (id INT AUTO_INCREMENT PRIMARY KEY, b_id INT,
            FOREIGN KEY (b_id) REFERENCES b (id));
"#;
        let query = "fn f() { query(\"SELECT id FROM a WHERE b_id = ?\"); }\n";
        silent(
            &RULE,
            &format!(
                r#"//- m/1.sql
{table}//- src/main.rs
{query}"#
            ),
        );
        // Of several databases the one beside the query is meant.
        let other = table.replace("INT AUTO_INCREMENT", "SERIAL");
        check(
            &RULE,
            &format!(
                r#"//- my/m/1.sql
{table}//- pg/m/1.sql
{}//- pg/src/main.rs
{query}"#,
                other.replace(
                    "CREATE TABLE a (",
                    r#"CREATE TABLE a (
--~ missing-index
"#
                )
            ),
        );
    }

    #[test]
    fn tables_that_sources_create_are_known() {
        check(
            &RULE,
            r#"
//- src/main.rs
fn f() {
    db.execute_batch("CREATE TABLE IF NOT EXISTS mails (id INTEGER PRIMARY KEY, recipient TEXT)");
                                               //^^^^^ missing-index
    db.execute("INSERT INTO mails (recipient) VALUES (?1)", []);
    db.prepare("SELECT id FROM mails WHERE recipient = ?1");
}
"#,
        );
        check(
            &RULE,
            r#"
//- package.json
{ "name": "a" }
//- schema.sql
CREATE TABLE users (id TEXT PRIMARY KEY, mail TEXT, created_at INTEGER);
--           ^^^^^ missing-index
//- src/worker.ts
const row = await env.DB.prepare(`SELECT id FROM users WHERE mail = ${mail}`).first();
"#,
        );
    }

    #[test]
    fn the_index_follows_the_table() {
        let source = with("SELECT id FROM sessions WHERE user_id = $1");
        let files = fixed(&RULE, &source);
        let index = "CREATE INDEX IF NOT EXISTS idx_sessions_user_id ON sessions (user_id);";
        assert!(files["migrations/0001_init.sql"].ends_with(&format!(
            r#");
{index}
"#
        )));
    }

    #[test]
    fn another_migration_follows_those_that_may_have_run() {
        let title = "Add an index on `sessions (user_id)`";
        let forth = "CREATE INDEX IF NOT EXISTS idx_sessions_user_id ON sessions (user_id);\n";
        let back = "DROP INDEX idx_sessions_user_id;\n";
        for (first, second, expected) in [
            ("0001_init.sql", "0009_b.sql", vec![("0010_", ".sql", forth)]),
            ("V1__a.sql", "V2__b.sql", vec![("V3__", ".sql", forth)]),
            (
                "20240131_a.up.sql",
                "20240201_b.down.sql",
                vec![("20240202_", ".up.sql", forth), ("20240202_", ".down.sql", back)],
            ),
            ("2024-01-31-000000_a/up.sql", "2024-01-31-000000_a/down.sql", vec![]),
        ] {
            let source = with("SELECT id FROM sessions WHERE user_id = $1")
                .replace("0001_init.sql", first)
                .replace(
                    "//- src",
                    &format!(
                        r#"//- migrations/{second}
SELECT 1;
//- src"#
                    ),
                );
            let after: String = expected
                .iter()
                .map(|(start, end, text)| {
                    format!(
                        r#"//- migrations/{start}add_idx_sessions_user_id{end}
{text}"#
                    )
                })
                .collect();
            check_fix(&RULE, title, &source, &after);
        }
        let folders = with("SELECT id FROM sessions WHERE user_id = $1")
            .replace("0001_init.sql", "2024-01-31-000000_a/up.sql")
            .replace(
                "//- src",
                r#"//- migrations/2024-02-01-000009_b/up.sql
SELECT 1;
//- src"#,
            );
        let path = "migrations/2024-02-01-000010_add_idx_sessions_user_id/up.sql";
        assert_eq!(fixed(&RULE, &folders)[path], forth);
        let prisma = with("SELECT id FROM sessions WHERE user_id = $1")
            .replace("0001_init.sql", "1_a/migration.sql");
        no_fix(&RULE, &prisma);
    }
}
