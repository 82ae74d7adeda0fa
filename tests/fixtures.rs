//! The findings in `fixtures/` are those that its marks name, line by line.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use readiness_lsp::rules;
use readiness_lsp::workspace::Workspace;

/// How a mark begins, in Rust and in other languages.
const MARKS: [&str; 3] = ["//~ ", "#~ ", "--~ "];

/// Marks of files that have no comments: `path:line rule, rule` on each line.
const MARKS_FILE: &str = "marks.txt";

/// A finding or a mark: file, line from 1, rule.
type Place = (String, usize, String);

#[test]
fn findings_are_where_the_marks_are() {
    let mut differences = Vec::new();
    for fixture in fixtures() {
        let name = fixture.file_name().unwrap().to_string_lossy().into_owned();
        let workspace = Workspace::open(&fixture, rules::all()).unwrap();
        workspace.scan(|_, _| {});
        let mut marked = marks(&workspace);
        marked.retain(|(_, _, rule)| workspace.rule(rule).is_some());
        assert!(!marked.is_empty(), "{name} has no mark");
        let found = findings(&workspace);
        for (file, line, rule) in missing_in(&found, &marked) {
            differences.push(format!("{name}/{file}:{line}: {rule} is not reported"));
        }
        for (file, line, rule) in missing_in(&marked, &found) {
            differences.push(format!("{name}/{file}:{line}: {rule} is reported without a mark"));
        }
    }
    assert!(differences.is_empty(), "\n{}\n", differences.join("\n"));
}

#[test]
fn marks_name_rules() {
    for fixture in fixtures() {
        let workspace = Workspace::open(&fixture, rules::all()).unwrap();
        workspace.scan(|_, _| {});
        for (file, line, rule) in marks(&workspace).into_iter().filter(|it| it.0.ends_with(".rs")) {
            assert!(workspace.rule(&rule).is_some(), "{file}:{line}: there is no rule {rule}");
        }
    }
}

#[test]
fn every_rule_about_sources_has_a_fixture() {
    let mut marked = BTreeSet::new();
    for fixture in fixtures() {
        let workspace = Workspace::open(&fixture, rules::all()).unwrap();
        workspace.scan(|_, _| {});
        marked.extend(marks(&workspace).into_iter().map(|(_, _, rule)| rule));
    }
    // A rule without interests is the engine's own, such as `invalid-suppression`.
    let unmarked: Vec<&str> = rules::all()
        .filter(|rule| !rule.interests.is_empty() && !marked.contains(rule.id))
        .map(|rule| rule.id)
        .collect();
    assert!(unmarked.is_empty(), "no fixture shows {unmarked:?}");
}

/// The folders of the fixtures.
fn fixtures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let entries = fs::read_dir(root).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    assert!(folders.len() >= 5, "{folders:?}");
    folders
}

fn findings(workspace: &Workspace) -> Vec<Place> {
    let mut places = Vec::new();
    for file in workspace.files() {
        let text = workspace.text_of(&file).unwrap_or_default();
        for finding in workspace.findings(&file) {
            let before = &text[..usize::from(finding.range.start())];
            let line = before.matches('\n').count() + 1;
            places.push((file.clone(), line, finding.rule.id.to_string()));
        }
    }
    places
}

fn marks(workspace: &Workspace) -> Vec<Place> {
    let mut places = Vec::new();
    let mut add = |file: &str, line: usize, rules: &str| {
        let rules = rules.split(',').map(|rule| rule.trim().to_string());
        places.extend(rules.map(|rule| (file.to_string(), line, rule)));
    };
    for file in workspace.disk().map(|disk| disk.files()).unwrap_or_default() {
        let text = workspace.text_of(&file).unwrap_or_default();
        for (number, line) in text.lines().enumerate() {
            if file == MARKS_FILE {
                let mark = line.split_once(' ').and_then(|(place, rules)| {
                    let (file, line) = place.rsplit_once(':')?;
                    Some((file, line.parse().ok()?, rules))
                });
                let Some((file, line, rules)) = mark else { panic!("{line:?} is no mark") };
                add(file, line, rules);
                continue;
            }
            let split = MARKS.iter().find_map(|mark| line.split_once(mark));
            let Some((before, rules)) = split else { continue };
            // A mark by itself is for the next line, where the format wants no comment behind it.
            let alone = before.trim().is_empty() && !file.ends_with(".rs");
            add(&file, number + 1 + usize::from(alone), rules);
        }
    }
    places
}

/// The places of `expected` that `places` lacks, each counted as often as it occurs.
fn missing_in(places: &[Place], expected: &[Place]) -> Vec<Place> {
    let mut left = places.to_vec();
    let mut missing = Vec::new();
    for place in expected {
        match left.iter().position(|it| it == place) {
            Some(at) => drop(left.swap_remove(at)),
            None => missing.push(place.clone()),
        }
    }
    missing
}
