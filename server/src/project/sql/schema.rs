//! The tables that migrations leave behind, each place of migrations for itself.

use std::collections::BTreeMap;

use super::{Change, Column, Effect, Key, Statement};
use crate::project::paths::{file_name, folder_of};
use crate::text::{FileRange, TextSize};

/// The tables of a database.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    /// By name.
    pub tables: BTreeMap<String, Table>,
    /// Keys of tables that are defined elsewhere.
    loose: Vec<(String, Key)>,
}

/// A table, as it is after all migrations.
#[derive(Debug, Clone)]
pub struct Table {
    /// The file that creates it.
    pub path: String,
    /// Bytes of the file: the name in `CREATE TABLE`.
    pub range: FileRange,
    /// The byte of the file behind the statement.
    pub end: TextSize,
    /// In the order of the statement.
    pub columns: Vec<Column>,
    /// Primary keys, unique constraints and indexes.
    pub keys: Vec<Key>,
    /// Whether it is written for MySQL or MariaDB.
    pub is_mysql: bool,
}

impl Table {
    /// A column by its name in lower case.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// The schemas that files of definitions make, each given by its path and statements: one for each
/// folder of migrations. Statements outside such files, with paths of sources, make one for each
/// source.
pub fn schemas<'a>(files: impl Iterator<Item = (&'a str, &'a [Statement])>) -> Vec<Schema> {
    let mut files: Vec<_> = files.filter(|(path, _)| !is_undone(path)).collect();
    files.sort_by_key(|(path, _)| migration_order(path));
    let mut schemas: BTreeMap<&str, Schema> = BTreeMap::new();
    for (path, statements) in files {
        let schema = schemas.entry(place(path)).or_default();
        statements.iter().for_each(|statement| schema.apply(path, statement));
    }
    let loose: Vec<_> = schemas.values_mut().flat_map(|it| std::mem::take(&mut it.loose)).collect();
    for (table, key) in loose {
        let tables = schemas.values_mut().filter_map(|it| it.tables.get_mut(&table));
        tables.for_each(|it| it.keys.push(key.clone()));
    }
    for schema in schemas.values_mut() {
        let is_mysql = schema.tables.values().any(|it| it.is_mysql);
        for table in schema.tables.values_mut() {
            table.is_mysql = is_mysql;
            table.keys.retain(|key| is_mysql || !key.is_foreign);
        }
    }
    schemas.into_values().filter(|it| !it.tables.is_empty()).collect()
}

/// Sorts migrations as tools run them: numbers by their value.
pub fn migration_order(path: &str) -> Vec<(String, u128)> {
    let mut parts = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (text, numbered) = rest.split_at(digits);
        let end = numbered.find(|c: char| !c.is_ascii_digit()).unwrap_or(numbered.len());
        let (number, behind) = numbered.split_at(end);
        parts.push((text.to_ascii_lowercase(), number.parse().unwrap_or(u128::MAX)));
        rest = behind;
    }
    parts
}

/// Whether a file takes back what a migration did.
fn is_undone(path: &str) -> bool {
    let name = file_name(path).to_ascii_lowercase();
    let stem = name.strip_suffix(".sql").unwrap_or(&name);
    stem == "down"
        || stem.ends_with(".down")
        || stem.ends_with("_down")
        || stem.ends_with("-down")
        || stem.contains("rollback")
        || stem.strip_prefix('u').is_some_and(|it| it.starts_with(|c: char| c.is_ascii_digit()))
}

/// The folder that migrations of one database are in. Some tools give each its own folder.
fn place(path: &str) -> &str {
    let Some((folder, name)) = path.rsplit_once('/') else { return "" };
    match name {
        _ if !name.ends_with(".sql") => path,
        "up.sql" | "migration.sql" => folder_of(folder),
        _ => folder,
    }
}

impl Schema {
    fn apply(&mut self, path: &str, statement: &Statement) {
        match &statement.what {
            Effect::CreateTable { name, name_range, columns, keys, is_mysql } => {
                let table = || Table {
                    path: path.to_string(),
                    range: *name_range,
                    end: statement.range.end(),
                    columns: columns.clone(),
                    keys: keys.clone(),
                    is_mysql: *is_mysql || path.contains("mysql") || path.contains("maria"),
                };
                self.tables.entry(name.clone()).or_insert_with(table);
            }
            Effect::Alter { table, changes } => {
                for change in changes {
                    self.change(table, change);
                }
            }
            Effect::DropTables(names) => names.iter().for_each(|it| drop(self.tables.remove(it))),
            Effect::DropIndexes(names) => {
                let dropped =
                    |key: &Key| key.name.as_ref().is_some_and(|name| names.contains(name));
                self.tables.values_mut().for_each(|table| table.keys.retain(|it| !dropped(it)));
            }
            Effect::Obscure(name) => drop(self.tables.remove(name)),
            Effect::Insert(_) | Effect::Query(_) => {}
        }
    }

    fn change(&mut self, name: &str, change: &Change) {
        if let Change::Rename(new) = change {
            if let Some(table) = self.tables.remove(name) {
                self.tables.insert(new.clone(), table);
            }
            return;
        }
        let Some(table) = self.tables.get_mut(name) else {
            if let Change::AddKey(key) = change {
                self.loose.push((name.to_string(), key.clone()));
            }
            return;
        };
        let references = |key: &Key, name: &str| key.columns.iter().flatten().any(|it| it == name);
        match change {
            Change::AddColumn(column, keys) => {
                table.columns.push(column.clone());
                table.keys.extend_from_slice(keys);
            }
            Change::AddKey(key) => table.keys.push(key.clone()),
            Change::DropColumn(name) => {
                table.columns.retain(|column| column.name != *name);
                table.keys.retain(|key| !references(key, name));
            }
            Change::DropKey(name) => table.keys.retain(|key| key.name.as_ref() != Some(name)),
            Change::DropPrimaryKey => table.keys.retain(|key| !key.is_primary),
            Change::RenameColumn(old, new) => {
                let columns = table.columns.iter_mut().map(|column| &mut column.name);
                let keys = table.keys.iter_mut().flat_map(|key| key.columns.iter_mut().flatten());
                columns.chain(keys).filter(|name| *name == old).for_each(|it| it.clone_from(new));
            }
            Change::Rename(_) => {}
        }
    }
}
