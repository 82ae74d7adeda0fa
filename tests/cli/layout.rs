//! Carriage returns and byte order marks change neither what is found nor what fixes write.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{program, run};

/// The files of a folder, by their paths relative to it.
fn files(folder: &Path) -> BTreeMap<String, String> {
    fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { collect(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    collect(folder, &mut found);
    let name = |path: &PathBuf| path.strip_prefix(folder).ok()?.to_str().map(str::to_string);
    found.iter().filter_map(|it| Some((name(it)?, std::fs::read_to_string(it).ok()?))).collect()
}

/// What is found in a folder, and its files after all fixes.
fn checked(files_in: &BTreeMap<String, String>) -> (BTreeSet<String>, BTreeMap<String, String>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, text) in files_in {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    }
    let found = run(program().args(["check", "--format", "json"]).current_dir(folder.path()));
    let row = |line: &str| {
        let it: Value = serde_json::from_str(line).expect("JSON");
        // The mark is a character of the first line.
        let is_marked = it["line"] == 1
            && files_in.get(it["file"].as_str()?).is_some_and(|it| it.starts_with('\u{feff}'));
        let column = it["column"].as_u64()? - u64::from(is_marked);
        Some(format!("{} {}:{column} {} {}", it["file"], it["line"], it["rule"], it["message"]))
    };
    let rows = found.out.lines().filter_map(row).collect();
    let fixing = ["check", "--fix", "--suggested", "--allow-dirty", "--format", "json"];
    run(program().args(fixing).current_dir(folder.path()));
    (rows, files(folder.path()))
}

#[test]
fn carriage_returns_and_marks_change_nothing() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/chat-server");
    let plain = files(&fixture);
    let (rows, fixed) = checked(&plain);
    assert!(rows.len() > 40, "{rows:?}");
    let with = |change: fn(&str) -> String| -> BTreeMap<String, String> {
        plain.iter().map(|(path, text)| (path.clone(), change(text))).collect()
    };
    let (of_crlf, crlf) = checked(&with(|text| text.replace('\n', "\r\n")));
    let (of_marked, marked) = checked(&with(|text| format!("\u{feff}{text}")));
    assert_eq!(of_crlf, rows);
    assert_eq!(of_marked, rows);
    for (path, text) in &fixed {
        assert_eq!(crlf[path].replace("\r\n", "\n"), *text, "{path}");
        if plain.contains_key(path) {
            assert!(!crlf[path].replace("\r\n", "").contains('\n'), "{path}: {}", crlf[path]);
            assert_eq!(marked[path], format!("\u{feff}{text}"), "{path}");
        }
    }
}
