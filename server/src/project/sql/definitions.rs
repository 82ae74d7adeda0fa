//! What `CREATE`, `ALTER` and `DROP` say.

use sqlparser::ast::{
    AlterTableOperation, ColumnDef, ColumnOption, CreateTable, Expr, Ident, IndexColumn,
    ObjectName, ObjectType, RenameTableNameKind, Statement, TableConstraint,
};
use sqlparser::tokenizer::Location;

use super::{Change, Column, Effect, Key};
use crate::text::{FileRange, TextSize};

/// What a definition does; nothing when no rule asks for it. `place` turns a place into a byte of
/// the text.
pub(super) fn effect(
    statement: &Statement,
    place: impl FnMut(Location) -> TextSize,
) -> Option<Effect> {
    match statement {
        Statement::CreateTable(table) if table.temporary => None,
        Statement::CreateTable(table) => create_table(table, place),
        Statement::CreateIndex(index) => {
            let name = index.name.as_ref().and_then(name_of);
            let key = Key { name, ..key(&index.columns, index.unique) };
            Some(Effect::Alter {
                table: name_of(&index.table_name)?,
                changes: vec![Change::AddKey(key)],
            })
        }
        Statement::AlterTable(alter) => Some(Effect::Alter {
            table: name_of(&alter.name)?,
            changes: alter.operations.iter().flat_map(changes).collect(),
        }),
        Statement::Drop { object_type, names, .. } => {
            let names = names.iter().filter_map(name_of).collect();
            match object_type {
                ObjectType::Table => Some(Effect::DropTables(names)),
                ObjectType::Index => Some(Effect::DropIndexes(names)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The last part of a name, in lower case.
pub(super) fn name_of(name: &ObjectName) -> Option<String> {
    Some(lower(name.0.last()?.as_ident()?))
}

pub(super) fn lower(name: &Ident) -> String {
    name.value.to_ascii_lowercase()
}

fn create_table(
    table: &CreateTable,
    mut place: impl FnMut(Location) -> TextSize,
) -> Option<Effect> {
    let written = table.name.0.last()?.as_ident()?;
    let start = place(written.span.start);
    let name_range = FileRange::new(start, place(written.span.end).max(start));
    let keys = table.columns.iter().flat_map(keys_of_column);
    let keys = keys.chain(table.constraints.iter().filter_map(constraint)).collect();
    let columns = table.columns.iter().map(column).collect();
    let is_mysql = table.table_options.to_string().to_ascii_lowercase().contains("engine")
        || table
            .columns
            .iter()
            .flat_map(|it| &it.options)
            .any(|option| counter(&option.option).is_some_and(|it| it.contains('_')));
    Some(Effect::CreateTable { name: lower(written), name_range, columns, keys, is_mysql })
}

fn column(column: &ColumnDef) -> Column {
    let data_type = column.data_type.to_string().to_ascii_lowercase();
    let counts = |option: &ColumnOption| {
        matches!(option, ColumnOption::Identity(_)) || counter(option).is_some()
    };
    let is_counted =
        data_type.contains("serial") || column.options.iter().any(|it| counts(&it.option));
    Column { name: lower(&column.name), data_type, is_counted }
}

/// `AUTOINCREMENT` of SQLite and `AUTO_INCREMENT` of MySQL, in lower case.
fn counter(option: &ColumnOption) -> Option<String> {
    let ColumnOption::DialectSpecific(tokens) = option else { return None };
    let text = tokens.iter().map(ToString::to_string).collect::<String>().to_ascii_lowercase();
    (text.replace('_', "") == "autoincrement").then_some(text)
}

fn keys_of_column(column: &ColumnDef) -> impl Iterator<Item = Key> {
    let name = lower(&column.name);
    column.options.iter().filter_map(move |option| {
        let (is_primary, is_foreign) = match &option.option {
            ColumnOption::PrimaryKey(_) => (true, false),
            ColumnOption::Unique(_) => (false, false),
            ColumnOption::ForeignKey(_) => (false, true),
            _ => return None,
        };
        let columns = vec![Some(name.clone())];
        Some(Key { name: None, columns, is_unique: !is_foreign, is_primary, is_foreign })
    })
}

fn constraint(constraint: &TableConstraint) -> Option<Key> {
    match constraint {
        TableConstraint::Unique(unique) => {
            let name = unique.name.as_ref().or(unique.index_name.as_ref()).map(lower);
            Some(Key { name, ..key(&unique.columns, true) })
        }
        TableConstraint::PrimaryKey(primary) => {
            let name = primary.name.as_ref().map(lower);
            Some(Key { name, is_primary: true, ..key(&primary.columns, true) })
        }
        TableConstraint::ForeignKey(foreign) => Some(Key {
            name: foreign.name.as_ref().map(lower),
            columns: foreign.columns.iter().map(|it| Some(lower(it))).collect(),
            is_unique: false,
            is_primary: false,
            is_foreign: true,
        }),
        TableConstraint::Index(index) => {
            Some(Key { name: index.name.as_ref().map(lower), ..key(&index.columns, false) })
        }
        _ => None,
    }
}

fn key(columns: &[IndexColumn], is_unique: bool) -> Key {
    let column = |it: &IndexColumn| match &it.column.expr {
        Expr::Identifier(name) => Some(lower(name)),
        _ => None,
    };
    let columns = columns.iter().map(column).collect();
    Key { name: None, columns, is_unique, is_primary: false, is_foreign: false }
}

fn changes(operation: &AlterTableOperation) -> Vec<Change> {
    let one = |change| vec![change];
    match operation {
        AlterTableOperation::AddConstraint { constraint: added, .. } => {
            constraint(added).map(Change::AddKey).into_iter().collect()
        }
        AlterTableOperation::AddColumn { column_def, .. } => {
            one(Change::AddColumn(column(column_def), keys_of_column(column_def).collect()))
        }
        AlterTableOperation::DropColumn { column_names, .. } => {
            column_names.iter().map(|name| Change::DropColumn(lower(name))).collect()
        }
        AlterTableOperation::DropConstraint { name, .. }
        | AlterTableOperation::DropIndex { name } => one(Change::DropKey(lower(name))),
        AlterTableOperation::DropPrimaryKey { .. } => one(Change::DropPrimaryKey),
        AlterTableOperation::RenameColumn { old_column_name, new_column_name } => {
            one(Change::RenameColumn(lower(old_column_name), lower(new_column_name)))
        }
        AlterTableOperation::ChangeColumn { old_name, new_name, .. } => {
            one(Change::RenameColumn(lower(old_name), lower(new_name)))
        }
        AlterTableOperation::RenameTable {
            table_name: RenameTableNameKind::As(name) | RenameTableNameKind::To(name),
        } => name_of(name).map(Change::Rename).into_iter().collect(),
        _ => Vec::new(),
    }
}
