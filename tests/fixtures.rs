//! The findings in `fixtures/` are those that its marks name, line by line, and their repaired
//! twins have none about the project.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use readiness_lsp::analysis::{Applicability, Finding};
use readiness_lsp::rules;
use readiness_lsp::workspace::Workspace;

/// How a mark begins, in Rust and in other languages.
const MARKS: [&str; 3] = ["//~ ", "#~ ", "--~ "];

/// Marks of files that have no comments: `path:line rule, rule` on each line.
const MARKS_FILE: &str = "marks.txt";

/// The folder of what differs in the repaired twins: whole files, laid over those of the fixture.
const REPAIRED: &str = "repaired";

/// What every twin is given: the documents that a service has.
const EVERY_SERVICE: &str = "every-service";

/// Fixtures whose twins are hardened in the source as well, and have no finding at all.
const HARDENED: [&str; 1] = ["account-service"];

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
        marked.retain(|(_, _, rule)| rules::find(rule).is_some());
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
        for (file, line, rule) in marks(&workspace) {
            assert!(rules::find(&rule).is_some(), "{file}:{line}: there is no rule {rule}");
        }
    }
}

#[test]
fn every_rule_has_a_fixture() {
    let mut marked = BTreeSet::new();
    for fixture in fixtures() {
        let workspace = Workspace::open(&fixture, rules::all()).unwrap();
        workspace.scan(|_, _| {});
        marked.extend(marks(&workspace).into_iter().map(|(_, _, rule)| rule));
    }
    // A rule that looks at nothing is the engine's own, such as `invalid-suppression`.
    let unmarked: Vec<&str> = rules::all()
        .filter(|rule| !rule.queries.is_empty() || rule.project.is_some())
        .filter(|rule| !marked.contains(rule.id))
        .map(|rule| rule.id)
        .collect();
    assert!(unmarked.is_empty(), "no fixture shows {unmarked:?}");
}

#[test]
fn repaired_twins_have_no_finding_about_the_project() {
    for fixture in fixtures() {
        let folder = repaired(&fixture, None);
        let before: BTreeSet<PathBuf> = files_below(folder.path()).into_iter().collect();
        // What is absent altogether is created by the fixes; what is there is repaired by hand.
        for path in fix(folder.path()) {
            let is_new = !before.contains(Path::new(&path));
            assert!(is_new, "{}: {path} still has something to fix", fixture.display());
            fill_in(&folder.path().join(path));
        }
        let left = findings_to_repair(&fixture, folder.path());
        assert!(left.is_empty(), "{}: {left:#?}", fixture.display());
    }
}

#[test]
fn each_file_of_a_twin_repairs_something() {
    let mut as_good = Vec::new();
    for fixture in fixtures() {
        let whole = findings_to_repair(&fixture, repaired(&fixture, None).path());
        for path in files_below(&overlay(&fixture)) {
            if !fixture.join(&path).is_file() {
                continue;
            }
            let folder = repaired(&fixture, Some(&path));
            let found = findings_to_repair(&fixture, folder.path());
            if missing_in(&whole, &found).is_empty() {
                as_good.push(format!("{} without {}", fixture.display(), path.display()));
            }
        }
    }
    assert!(as_good.is_empty(), "{as_good:#?}");
}

#[test]
fn fixes_leave_only_what_a_person_has_to_repair() {
    for fixture in fixtures() {
        let folder = tempfile::tempdir().unwrap();
        lay(&fixture, folder.path());
        let before = findings_about_the_project(folder.path());
        fix(folder.path());
        assert!(findings_about_the_project(folder.path()).len() < before.len());
        let workspace = Workspace::open(folder.path(), rules::all()).unwrap();
        workspace.scan(|_, _| {});
        let snapshot = workspace.snapshot();
        for path in snapshot.files() {
            let mut findings = snapshot.findings(&path);
            findings.retain(|finding| finding.rule.project.is_some());
            for (finding, fixes) in findings.iter().zip(snapshot.fixes(&path, &findings)) {
                let id = finding.rule.id;
                assert!(fixes.is_empty(), "{}: {path}: {id}: {fixes:#?}", fixture.display());
            }
        }
    }
}

/// The repaired twin of a fixture in a folder of its own, but for one of its files.
fn repaired(fixture: &Path, unrepaired: Option<&Path>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    lay(fixture, folder.path());
    lay(&fixture.join("..").join(REPAIRED).join(EVERY_SERVICE), folder.path());
    lay(&overlay(fixture), folder.path());
    if let Some(path) = unrepaired {
        fs::copy(fixture.join(path), folder.path().join(path)).unwrap();
    }
    folder
}

/// Fills in what a fix leaves to a person.
fn fill_in(file: &Path) {
    let text = fs::read_to_string(file).unwrap();
    let text = text.replace("@OWNER", "@example/backend");
    fs::write(file, text.replace("SECURITY-CONTACT", "security@example.org")).unwrap();
}

/// What differs in the twin of a fixture.
fn overlay(fixture: &Path) -> PathBuf {
    fixture.join("..").join(REPAIRED).join(fixture.file_name().unwrap())
}

/// Copies the files below `from`.
fn lay(from: &Path, to: &Path) {
    for path in files_below(from) {
        let target = to.join(&path);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(from.join(path), target).unwrap();
    }
}

/// The files below a folder, relative to it.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for path in fs::read_dir(next).into_iter().flatten().flatten().map(|it| it.path()) {
            match path.is_dir() {
                true => open.push(path),
                false => files.push(path.strip_prefix(folder).unwrap().to_path_buf()),
            }
        }
    }
    files.sort();
    files
}

/// Applies all fixes of rules about the project; returns the paths of what changed.
fn fix(folder: &Path) -> Vec<String> {
    let workspace = Workspace::open(folder, rules::all()).unwrap();
    workspace.scan(|_, _| {});
    let about_project = |finding: &Finding| finding.rule.project.is_some();
    let snapshot = workspace.snapshot();
    let applied = snapshot.fix_all(&snapshot.files(), Applicability::Suggested, about_project);
    for (path, text) in &applied.files {
        let before = applied.before[path].as_deref();
        workspace.disk().unwrap().write(path, before, text).unwrap();
    }
    applied.files.into_keys().collect()
}

/// The findings that the twin of a fixture must not have.
fn findings_to_repair(fixture: &Path, folder: &Path) -> Vec<Place> {
    if !HARDENED.iter().any(|it| fixture.ends_with(it)) {
        return findings_about_the_project(folder);
    }
    let workspace = Workspace::open(folder, rules::all()).unwrap();
    workspace.scan(|_, _| {});
    findings(&workspace)
}

fn findings_about_the_project(folder: &Path) -> Vec<Place> {
    let workspace = Workspace::open(folder, rules::all()).unwrap();
    workspace.scan(|_, _| {});
    let mut found = findings(&workspace);
    found.retain(|(_, _, rule)| rules::find(rule).is_some_and(|it| it.project.is_some()));
    found
}

/// The folders of the fixtures.
fn fixtures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let entries = fs::read_dir(root).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    folders.retain(|path| !path.ends_with(REPAIRED));
    folders.sort();
    assert!(folders.len() >= 5, "{folders:?}");
    folders
}

fn findings(workspace: &Workspace) -> Vec<Place> {
    let mut places = Vec::new();
    let snapshot = workspace.snapshot();
    for file in snapshot.files() {
        let text = snapshot.text_of(&file).unwrap_or_default();
        for finding in snapshot.findings(&file) {
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
        let text = workspace.snapshot().text_of(&file).unwrap_or_default();
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
