//! The database of a project: its tables, by migrations and by what sources create, and the queries
//! in sources.

use std::collections::BTreeSet;

use super::TrackedProject;
use crate::project::sql::{
    ColumnRef, Effect, Query, Schema, Scope, Source, Statement, Table, schemas,
};
use crate::project::{FileKind, ReferenceKind, Rows};
use crate::text::FileRange;

/// Tables and queries.
pub struct Database<'a> {
    /// One for each place of migrations.
    pub schemas: Vec<Schema>,
    /// The queries of code that is no test.
    pub lookups: Vec<Lookup<'a>>,
    /// The tables that sources add rows to.
    filled: BTreeSet<&'a str>,
}

/// A query where it stands.
pub struct Lookup<'a> {
    /// The file.
    pub path: &'a str,
    /// Bytes of the file.
    pub range: FileRange,
    /// What is looked up.
    pub query: &'a Query,
    /// The function that it is given to; empty when nothing tells.
    pub callee: &'a str,
    /// How many of the rows are read.
    pub rows: Rows,
}

impl<'a> Database<'a> {
    /// Reads everything that is SQL in a project.
    pub fn read(cx: &TrackedProject<'a>) -> Self {
        let mut lookups = Vec::new();
        let mut filled = BTreeSet::new();
        let mut created: Vec<(&str, Vec<Statement>)> = Vec::new();
        for (path, reference) in cx.references().filter(|(_, it)| !it.in_test) {
            let ReferenceKind::Sql { sql, callee, rows } = &reference.kind else { continue };
            for statement in sql.statements() {
                match &statement.what {
                    Effect::Query(query) => {
                        let (range, rows) = (reference.range, *rows);
                        lookups.push(Lookup { path, range, query, callee, rows });
                    }
                    Effect::Insert(table) => {
                        filled.insert(table.as_str());
                    }
                    _ => {
                        let statement = statement.moved(|it| sql.place(reference.range, it));
                        match created.last_mut() {
                            Some((last, statements)) if *last == path => statements.push(statement),
                            _ => created.push((path, vec![statement])),
                        }
                    }
                }
            }
        }
        for file in cx.files(FileKind::Sql).filter(|file| is_of_queries(&file.path)) {
            for statement in file.statements() {
                if let Effect::Query(query) = &statement.what {
                    let (path, range, callee) = (file.path.as_str(), statement.range, "query_file");
                    lookups.push(Lookup { path, range, query, callee, rows: Rows::Unknown });
                }
            }
        }
        let files = cx.files(FileKind::Sql).map(|file| (file.path.as_str(), file.statements()));
        let created = created.iter().map(|(path, statements)| (*path, statements.as_slice()));
        let schemas = schemas(files.chain(created));
        Self { schemas, lookups, filled }
    }

    /// The schemas that have a table which a file asks for: of several those nearest to the file,
    /// and files of SQL before what sources create.
    pub fn schemas_of(&self, table: &str, path: &str) -> impl Iterator<Item = &Schema> {
        let shared = |schema: &Schema| {
            let table = schema.tables.get(table)?;
            let parts = table.path.split('/').zip(path.split('/'));
            let shared = parts.take_while(|(left, right)| left == right).count();
            Some((table.path.ends_with(".sql"), shared))
        };
        let nearest = self.schemas.iter().filter_map(shared).max();
        self.schemas.iter().filter(move |it| nearest.is_some() && shared(it) == nearest)
    }

    /// Whether a table gets more rows the longer the program runs: tables of kinds, roles and
    /// settings do not.
    pub fn grows(&self, name: &str, table: &Table) -> bool {
        if is_small(name) {
            return false;
        }
        self.filled.contains(name)
            || table.columns.iter().any(|it| it.is_time() || it.name.ends_with("_id"))
    }
}

/// Whether a table is called like those that people fill by hand, or that have a row for each
/// process.
pub fn is_small(name: &str) -> bool {
    const SMALL: &[&str] = &[
        "categorie", "category", "config", "configuration", "constraint", "countrie", "country",
        "currencie", "currency", "cursor", "feature", "flag", "index", "indice", "language",
        "leader", "lease", "lock", "metadata", "migration", "node", "permission", "plan",
        "preference", "provider", "role", "schedule", "setting", "template", "worker",
    ];
    // The last word is what the rows are.
    let last = name.rsplit('_').next().unwrap_or(name);
    SMALL.contains(&last) || last.strip_suffix('s').is_some_and(|it| SMALL.contains(&it))
}

/// The table of a scope that a column belongs to; nothing when it is from outside of it, or when it
/// may be of several.
pub fn owner<'s>(schema: &Schema, scope: &'s Scope, column: &ColumnRef) -> Option<&'s Source> {
    let has = |source: &&Source| {
        schema.tables.get(&source.table).is_some_and(|it| it.column(&column.name).is_some())
    };
    match &column.alias {
        Some(alias) => scope.tables.iter().find(|it| it.alias == *alias).filter(has),
        None => {
            let mut owners = scope.tables.iter().filter(has);
            let owner = owners.next();
            owner.filter(|_| owners.next().is_none())
        }
    }
}

/// Whether a file holds queries of the program, and not migrations, which run once.
fn is_of_queries(path: &str) -> bool {
    path.rsplit('/').skip(1).any(|folder| matches!(folder, "queries" | "query"))
}
