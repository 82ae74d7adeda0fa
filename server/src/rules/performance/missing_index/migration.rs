//! Where a change of a database is to be written.

use crate::analysis::FileEdit;
use crate::project::sql::{Table, migration_order};
use crate::project::{FileKind, Project};
use crate::text::TextEdit;

/// The files that a change of a table needs, with `forth` as its statement, `back` as the one that
/// takes it back and `name` in the names of files. One of several numbered migrations may have run
/// already: another follows it. Nothing when tools keep a record of migrations that has to be made
/// with them.
pub fn change(
    project: &Project,
    table: &Table,
    name: &str,
    forth: &str,
    back: &str,
) -> Option<Vec<FileEdit>> {
    let file = project.file(&table.path).filter(|file| file.kind == FileKind::Sql)?;
    let is_recorded = file.name() == "migration.sql"
        || project.is_listed(&format!("{}/meta/_journal.json", file.folder()));
    if is_recorded {
        return None;
    }
    let unit = Unit::of(&file.path)?;
    let siblings = project.files(FileKind::Sql).filter_map(|it| Unit::of(&it.path));
    let mut siblings: Vec<Unit<'_>> =
        siblings.filter(|it| it.folder == unit.folder && it.version.is_some()).collect();
    siblings.sort_by_key(|it| migration_order(it.name));
    siblings.dedup_by_key(|it| it.version);
    match siblings.as_slice() {
        [.., _, last] if unit.version.is_some() => next(project, last, name, forth, back),
        _ => {
            let written = file.text.get(..usize::from(table.end))?;
            let end = if written.ends_with(';') { "" } else { ";" };
            let edits = vec![TextEdit::insert(table.end, format!("{end}\n{forth}"))];
            Some(vec![FileEdit { path: file.path.clone(), edits }])
        }
    }
}

/// A migration: a file, or a folder with `up.sql` in it.
#[derive(Clone, Copy)]
struct Unit<'a> {
    /// Where all of them are; empty or with a trailing `/`.
    folder: &'a str,
    /// What the file or the folder is called.
    name: &'a str,
    /// What the name begins with, such as `0001`, `V2` and `2024-01-31-120000`.
    version: Option<&'a str>,
    is_folder: bool,
}

impl<'a> Unit<'a> {
    fn of(path: &'a str) -> Option<Self> {
        let folder = path.strip_suffix("/up.sql").or_else(|| path.strip_suffix("/down.sql"));
        let unit = folder.unwrap_or(path);
        let at = unit.rfind('/').map_or(0, |at| at + 1);
        let name = unit.get(at..)?;
        let letter = usize::from(name.starts_with(['V', 'v']));
        let digits = name.get(letter..)?;
        let end = digits.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(digits.len());
        let version = name.get(..letter + end)?.trim_end_matches('-');
        let version = Some(version).filter(|it| it.len() > letter);
        Some(Self { folder: unit.get(..at)?, name, version, is_folder: folder.is_some() })
    }
}

/// The migration after the last one.
fn next(
    project: &Project,
    last: &Unit<'_>,
    name: &str,
    forth: &str,
    back: &str,
) -> Option<Vec<FileEdit>> {
    let version = last.version?;
    let at = version.rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1);
    let digits = version.get(at..)?;
    let number = digits.parse::<u128>().ok()?.checked_add(1)?;
    let number = format!("{number:0width$}", width = digits.len());
    let rest = last.name.get(version.len()..)?;
    let separator: String = rest.chars().take_while(|c| matches!(c, '_' | '-')).collect();
    let stem = format!("{}{}{number}{separator}{name}", last.folder, version.get(..at)?);
    let create = |path: String, text: &str| FileEdit {
        path,
        edits: vec![TextEdit::insert(0.into(), format!("{text}\n"))],
    };
    if last.is_folder {
        let mut files = vec![create(format!("{stem}/up.sql"), forth)];
        if project.is_listed(&format!("{}{}/down.sql", last.folder, last.name)) {
            files.push(create(format!("{stem}/down.sql"), back));
        }
        return Some(files);
    }
    match last.name.ends_with(".up.sql") || last.name.ends_with(".down.sql") {
        true => Some(vec![
            create(format!("{stem}.up.sql"), forth),
            create(format!("{stem}.down.sql"), back),
        ]),
        false => Some(vec![create(format!("{stem}.sql"), forth)]),
    }
}
