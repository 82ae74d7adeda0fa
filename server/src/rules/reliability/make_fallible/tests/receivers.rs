//! What receivers are, told from types, patterns and the names of what is called.

use super::{UNWRAP, fixed, is_safe};
use crate::rules::fixture::{no_fix, no_safe_fix, silent};

/// A body of `Result<(), Box<dyn Error>>`: `?` alone for errors, `ok_or` for absences.
fn body(call: &str) -> String {
    format!(
        "use std::collections::HashMap;\nuse std::path::Path;\nuse std::process::Command;\n\nstruct Row {{ parent: Option<u8>, next: Next }}\nstruct Next {{ at: Option<u8> }}\nenum Cell {{ Full {{ row: Option<u8> }}, Pair(u8, Option<u8>) }}\nstruct Table {{ rows: Vec<Row>, cells: Vec<Cell> }}\nimpl std::ops::Index<usize> for Table {{ type Output = Row; fn index(&self, at: usize) -> &Row {{ &self.rows[at] }} }}\nimpl std::ops::Deref for Row {{ type Target = Next; fn deref(&self) -> &Next {{ &self.next }} }}\n\nfn f<P: AsRef<Path>>(table: &Table, path: P, map: HashMap<String, (u8, Option<u8>)>) -> Result<(), Box<dyn std::error::Error>> {{\n    {call}\n}}\n"
    )
}

#[test]
fn parts_of_patterns_indexed_values_and_targets_have_types() {
    for (before, after) in [
        ("table[1].parent.unwrap();", "table[1].parent.ok_or(\"parent is missing\")?;"),
        ("table.rows[0].at.unwrap();", "table.rows[0].at.ok_or(\"at is missing\")?;"),
        (
            "for (key, (_, value)) in map { value.unwrap(); }",
            "for (key, (_, value)) in map { value.ok_or(\"value is missing\")?; }",
        ),
        (
            "let Row { parent, .. } = &table[1]; parent.unwrap();",
            "let Row { parent, .. } = &table[1]; parent.ok_or(\"parent is missing\")?;",
        ),
        (
            "match &table.cells[0] { Cell::Full { row } => { row.unwrap(); } _ => {} }",
            "match &table.cells[0] { Cell::Full { row } => { row.ok_or(\"row is missing\")?; } _ => {} }",
        ),
        (
            "if let Some(Cell::Pair(_, last)) = table.cells.first() { last.unwrap(); }",
            "if let Some(Cell::Pair(_, last)) = table.cells.first() { last.ok_or(\"last is missing\")?; }",
        ),
        (
            "let path = path.as_ref(); path.parent().unwrap();",
            "let path = path.as_ref(); path.parent().ok_or(\"path has no parent\")?;",
        ),
        (
            "let mut child = Command::new(\"ls\").spawn()?; child.stdin.take().unwrap();",
            "let mut child = Command::new(\"ls\").spawn()?; child.stdin.take().ok_or(\"stdin is missing\")?;",
        ),
        (
            "Command::new(\"ls\").arg(\"a\").output().unwrap();",
            "Command::new(\"ls\").arg(\"a\").output()?;",
        ),
        (
            "let bytes: &[u8] = &[]; u32::from_be_bytes(bytes[..n].try_into().unwrap());",
            "let bytes: &[u8] = &[]; u32::from_be_bytes(bytes[..n].try_into()?);",
        ),
        (
            "let last = if table.rows.is_empty() { None } else { Some(unknown::parse(1)) }; last.unwrap();",
            "let last = if table.rows.is_empty() { None } else { Some(unknown::parse(1)) }; last.ok_or(\"last is missing\")?;",
        ),
        (
            "let row = match map.get(\"a\") { Some(row) => row, None => return Ok(()) }; row.1.unwrap();",
            "let row = match map.get(\"a\") { Some(row) => row, None => return Ok(()) }; row.1.ok_or(\"row is missing\")?;",
        ),
        (
            "let small: u8 = (1u64 as u64).try_into().unwrap();",
            "let small: u8 = (1u64 as u64).try_into()?;",
        ),
    ] {
        assert_eq!(fixed(&UNWRAP, &body(before)), body(after));
        assert!(is_safe(&UNWRAP, &body(before)), "{before}");
    }
}

#[test]
fn what_may_be_of_several_kinds_is_not_told() {
    for call in [
        "unknown().strip_prefix(1).unwrap();",
        "let (first, second) = unknown(); second.unwrap();",
        "match unknown() { Other::Full { row } => { row.unwrap(); } _ => {} }",
    ] {
        no_fix(&UNWRAP, &body(call));
    }
    no_safe_fix(&UNWRAP, &body("unknown::thing().load_all().unwrap();"));
}

#[test]
fn a_well_known_name_that_comes_with_all_of_a_module_is_that_of_its_crate() {
    let source = |manifest: &str, call: &str| {
        format!(
            "//- Cargo.toml\n[package]\nname = \"a\"\n[dependencies]\n{manifest}\n//- src/lib.rs\nmod run;\nuse regex::Regex;\n//- src/run.rs\nuse super::*;\nfn f() -> Result<(), Box<dyn std::error::Error>> {{ {call}; }}\n"
        )
    };
    let fixes = |manifest: &str| {
        let source = source(manifest, "Regex::new(pattern).unwrap()");
        crate::rules::fixture::first_fixes(&UNWRAP, &source).1
    };
    let fix = fixes("regex = \"1\"").remove(0);
    assert_eq!(fix.applicability, crate::analysis::Applicability::Safe);
    assert_eq!(fix.title, "Propagate the error with `?`");
    let fix = fixes("fancy = \"1\"").remove(0);
    assert_eq!(fix.applicability, crate::analysis::Applicability::Suggested);
}

#[test]
fn locks_that_cannot_be_poisoned_give_what_they_hold() {
    let source = |lock: &str| {
        format!(
            "use {lock}::RwLock;\nstruct S {{ merge: RwLock<Option<u8>> }}\nimpl S {{ fn f(&self) -> Result<(), String> {{ let merge = self.merge.read(); merge.as_ref().unwrap(); Ok(()) }} }}\n"
        )
    };
    no_safe_fix(&UNWRAP, &source("parking_lot"));
    let awaited = "use tokio::sync::Mutex;\nasync fn f(m: &Mutex<Option<u8>>) -> Option<u8> { m.lock().await.take().unwrap(); None }\n";
    assert_eq!(fixed(&UNWRAP, awaited), awaited.replace(".unwrap()", "?"));
}

#[test]
fn a_type_of_the_workspace_is_not_the_one_it_is_named_after() {
    no_safe_fix(
        &UNWRAP,
        "struct Child { id: u8 }\nfn f(child: Child) -> Result<(), String> { child.wait_all().unwrap(); child.kill().unwrap(); Ok(()) }\n",
    );
}

#[test]
fn a_method_of_the_workspace_is_known_by_what_fields_and_calls_give() {
    silent(
        &UNWRAP,
        "enum Slot { Nil, At(usize) }\nimpl Slot { fn unwrap(&self) -> usize { 1 } }\nstruct Row { parent: Slot }\nimpl Row { fn pair(&self) -> Slot { Slot::Nil } }\nfn f(row: Row) -> usize { row.pair().unwrap() + row.parent.unwrap() }\n",
    );
}

#[test]
fn what_gives_a_tuple_is_not_what_is_unwrapped() {
    let around = |call: &str, returns: &str| {
        format!(
            "struct Own;\nimpl Own {{ fn next(&mut self) -> {returns} {{ todo!() }} }}\nfn f(keys: Keys) -> anyhow::Result<()> {{ {call} }}\n"
        )
    };
    no_safe_fix(&UNWRAP, &around("keys.next().unwrap();", "Result<u8, u8>"));
    assert!(is_safe(&UNWRAP, &around("keys.next().unwrap();", "(u16, u16)")));
}
