//! Findings that are known, and those that a change brought.

use std::fmt::Write;
use std::process::Command;

use serde_json::Value;

use super::{Project, program, run};

const RULES: [&str; 4] = ["--rule", "unwrap-used", "--rule", "todo-comment"];

/// A source with many findings: `functions` of them, each with its own code.
fn source(functions: std::ops::Range<usize>, name: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for n in functions {
        let (own, next) = (name(n), name(n + 1));
        write!(
            text,
            "// TODO: bound {n}
pub fn {own}(values: &[Option<u8>], limit: usize) -> u8 {{
    let first = values.get({n}).copied().flatten().unwrap();
    let doubled = values.iter().map(|it| it.unwrap()).map(|it| it.wrapping_mul(2)).max();
    match doubled {{
        Some(value) if usize::from(value) > limit => {next}(values, limit).checked_add(first).unwrap(),
        _ => first,
    }}
}}

"
        )
        .expect("written");
    }
    text
}

fn formatted(project: &Project, width: usize) {
    let mut rustfmt = Command::new("rustfmt");
    let config = format!("max_width={width},use_small_heuristics=Max");
    rustfmt.args(["--edition", "2024", "--config", &config]);
    let files = ["src/a.rs", "src/b.rs"].map(|it| project.file(it));
    assert!(rustfmt.args(files).status().expect("rustfmt is there").success());
}

/// As `find -exec` and `sed` would.
fn rename(text: &str, names: &[(&str, &str)]) -> String {
    names.iter().fold(text.to_string(), |text, (old, new)| {
        text.replace(&format!("{old}("), &format!("{new}("))
    })
}

#[test]
fn one_new_finding_is_reported_after_moves_renames_and_another_width() {
    let name = |n: usize| format!("f{n}");
    let (a, b) = (source(0..40, name), source(40..60, name));
    let project =
        Project::new(&[("src/lib.rs", "mod a;\nmod b;\n"), ("src/a.rs", &a), ("src/b.rs", &b)]);
    let all = project.findings(&RULES).len();
    assert!(all >= 180, "{all}");
    let written = project.check(&[]).out;
    assert!(!written.is_empty());
    let baseline = run(program().arg("baseline").arg(project.path()));
    assert_eq!(baseline.code, Some(0), "{}", baseline.err);
    let with = ["--baseline", "readiness-baseline.txt"];
    let old = project.check(&[&with[..], &["--quiet"]].concat());
    assert_eq!((old.code, old.out.as_str()), (Some(0), ""));

    // Two hundred lines go to the other file, three functions get new names, and one finding comes.
    let lines: Vec<&str> = a.lines().collect();
    let (moved, kept) = lines.split_at(200);
    let names = [("f3", "third"), ("f25", "twenty_fifth"), ("f50", "fiftieth")];
    let kept = rename(&(kept.join("\n") + "\n"), &names);
    let b = rename(&(b + &moved.join("\n") + "\n"), &names);
    let new = "pub fn another(value: Option<u8>) -> u8 {\n    value.unwrap()\n}\n";
    project.write("src/a.rs", kept + new);
    project.write("src/b.rs", b);
    formatted(&project, 60);
    let found = project.findings(&[&RULES[..], &with].concat());
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!((&found[0]["file"], &found[0]["rule"]), (&"src/a.rs".into(), &"unwrap-used".into()));
}

#[test]
fn what_is_mended_is_pruned_and_the_file_is_the_same_each_time() {
    let bad = "fn f(x: Option<u8>) { x.unwrap(); }\nfn g(y: Option<u8>) { y.unwrap(); }\n";
    let project = Project::new(&[
        ("src/lib.rs", bad),
        ("readiness.toml", "baseline = \"known/list.txt\"\n"),
        ("known/list.txt", ""),
    ]);
    let write = |arguments: &[&str]| {
        let mut command = program();
        assert_eq!(
            run(command.arg("baseline").args(arguments).current_dir(project.path())).code,
            Some(0)
        );
        project.read("known/list.txt")
    };
    let first = write(&[]);
    assert_eq!(first, write(&[]));
    assert!(first.lines().skip(2).is_sorted());
    assert_eq!(first.matches("::f unwrap-used ").count(), 1, "{first}");
    // The settings name it: nothing has to be said.
    assert_eq!(project.check(&[]).code, Some(0));
    project.write(
        "src/lib.rs",
        "fn g(y: Option<u8>) { y.unwrap(); }\nfn h(z: Option<u8>) { z.unwrap(); }\n",
    );
    let text = project.check(&[]).out;
    assert!(text.contains("1 entry of the baseline mended"), "{text}");
    assert!(text.contains("known findings left out"), "{text}");
    let pruned = write(&["--prune"]);
    assert!(!pruned.contains("::f unwrap-used") && pruned.contains("::g unwrap-used"), "{pruned}");
    assert!(!pruned.contains("::h"), "{pruned}");
    assert_eq!(project.findings(&["--rule", "unwrap-used"]).len(), 1);
    project.write("known/list.txt", "not a line\n");
    let broken = project.check(&["--format", "json"]);
    assert_eq!(broken.code, Some(1));
    assert!(
        broken.out.contains("cannot read the baseline `known/list.txt`, line 1"),
        "{}",
        broken.out
    );
}

#[test]
fn only_what_came_since_a_revision_is_reported() {
    let project = Project::new(&[
        ("src/lib.rs", "mod gone;\nfn f(x: Option<u8>) { x.unwrap(); }\n"),
        ("src/gone.rs", "fn g(y: Option<u8>) { y.unwrap(); }\n"),
    ]);
    let git = |args: &[&str]| {
        let mut command = Command::new("git");
        command.arg("-C").arg(project.path());
        command.args(["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"]);
        let output = command.args(args).output().expect("git is there");
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    git(&["init", "-q", "-b", "main"]);
    git(&["add", "."]);
    git(&["commit", "-qm", "one"]);
    git(&["checkout", "-qb", "topic"]);
    std::fs::remove_file(project.file("src/gone.rs")).expect("removed");
    project.write("src/moved.rs", "\n\nfn g(y: Option<u8>) {\n    y.unwrap();\n}\n");
    project.write("src/lib.rs", "mod moved;\nmod new;\nfn f(x: Option<u8>) { x.unwrap(); }\n");
    git(&["add", "."]);
    git(&["commit", "-qm", "two"]);
    project.write("src/new.rs", "fn h(z: Option<u8>) { z.unwrap(); }\n");
    let rule = ["--rule", "unwrap-used"];
    let found = |revision: &str| -> Vec<Value> {
        project.findings(&[&rule[..], &["--since", revision]].concat())
    };
    for revision in ["main", "HEAD~1", "HEAD^", "refs/heads/main"] {
        let files: Vec<Value> = found(revision).iter().map(|it| it["file"].clone()).collect();
        assert_eq!(files, ["src/new.rs"], "{revision}");
    }
    assert_eq!(project.findings(&rule).len(), 3);
    // What the other line got meanwhile is not of this change.
    git(&["stash", "-qu"]);
    git(&["checkout", "-q", "main"]);
    project.write("src/lib.rs", "mod gone;\n");
    git(&["commit", "-qam", "three"]);
    git(&["checkout", "-q", "topic"]);
    git(&["stash", "pop", "-q"]);
    assert_eq!(found("main").len(), 1);
    let unknown = project.check(&["--since", "no-such-branch"]);
    assert_eq!(
        (unknown.code, unknown.err.as_str()),
        (Some(2), "error: no revision `no-such-branch`\n")
    );
}
