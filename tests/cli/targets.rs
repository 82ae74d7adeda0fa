//! What is checked: directories, files, a text on stdin, and what settings and options leave out.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{BAD, CRITICAL, MANIFEST, Project, Run, program, run};

const RULE: [&str; 2] = ["--rule", "unwrap-used"];

fn files(found: &[Value]) -> Vec<&str> {
    found.iter().filter_map(|it| it["file"].as_str()).collect()
}

fn init_git(project: &Project) {
    let status = Command::new("git").args(["init", "-q"]).arg(project.path()).status();
    assert!(status.expect("git is there").success());
}

#[test]
fn files_are_checked_as_part_of_their_project() {
    let project = Project::new(&[
        ("src/lib.rs", "#[cfg(test)]\nmod helpers;\npub mod api;\nmod other;\n"),
        ("src/helpers.rs", BAD),
        ("src/api.rs", BAD),
        ("src/other.rs", BAD),
    ]);
    let found = project.findings(&[&RULE[..], &["src/api.rs", "src/helpers.rs"]].concat());
    // The parent says that the other one is for tests only.
    assert_eq!(files(&found), ["src/api.rs"]);
    let from_within = run(program()
        .args(["check", "--format", "json", "api.rs", "other.rs"])
        .args(RULE)
        .current_dir(project.file("src")));
    assert_eq!(files(&from_within.json()), ["api.rs", "other.rs"]);
    let text = run(program().args(["check", "api.rs"]).args(RULE).current_dir(project.file("src")));
    assert!(text.out.contains("--> api.rs:1:12"), "{}", text.out);
    assert_eq!(text.code, Some(1));
}

#[test]
fn several_projects_are_checked_at_once() {
    let project = Project::new(&[
        ("a/Cargo.toml", MANIFEST),
        ("a/src/lib.rs", BAD),
        ("b/Cargo.toml", MANIFEST),
        ("b/src/lib.rs", BAD),
        ("b/readiness.toml", CRITICAL),
    ]);
    let found = project.findings(&[&RULE[..], &["a", "./b"]].concat());
    assert_eq!(files(&found), ["a/src/lib.rs", "b/src/lib.rs"]);
    // Text has the worst first, in whichever project it is.
    let out = project.check(&[&RULE[..], &["a", "b"]].concat()).out;
    assert!(out.find("critical[").expect("one") < out.find("low[").expect("one"), "{out}");
    assert!(out.contains("2 findings in 2 files: 1 critical, 1 low"), "{out}");
}

#[test]
fn text_on_stdin_takes_the_place_of_the_file() {
    let project = Project::new(&[("src/lib.rs", "mod api;\n"), ("src/api.rs", BAD)]);
    let check = |file: &str, text: &str| -> Run {
        let mut child = program()
            .args(["check", "--stdin-filename", file, "--format", "json"])
            .args(RULE)
            .current_dir(project.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it runs");
        child.stdin.take().expect("piped").write_all(text.as_bytes()).expect("written");
        let output = child.wait_with_output().expect("it ends");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Run { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    };
    let run = check("src/api.rs", &format!("\n\n{BAD}"));
    assert_eq!((run.json().len(), &run.json()[0]["line"]), (1, &3.into()));
    assert_eq!(check("src/api.rs", "fn f() {}\n").code, Some(0));
    // A file that is not saved yet.
    assert_eq!(files(&check("src/new.rs", BAD).json()), ["src/new.rs"]);
}

#[test]
fn options_take_the_place_of_settings() {
    let project = Project::new(&[
        ("src/lib.rs", BAD),
        ("src/gen/a.rs", BAD),
        ("readiness.toml", "fail-on = \"critical\"\nexclude = [\"src/old\"]\n"),
        ("src/old/b.rs", BAD),
    ]);
    let found = |arguments: &[&str]| project.findings(&[&RULE[..], arguments].concat());
    assert_eq!(files(&found(&[])), ["src/gen/a.rs", "src/lib.rs"]);
    assert_eq!(files(&found(&["--exclude", "**/gen"])), ["src/lib.rs"]);
    assert_eq!(found(&["--config", "rules.unwrap-used=off"]), [] as [Value; 0]);
    let raised = found(&["--config", "rules.unwrap-used=high"]);
    assert_eq!(raised[0]["severity"], "high");
    assert_eq!(project.check(&RULE).code, Some(0));
    assert_eq!(project.check(&[&RULE[..], &["--config", "fail-on=low"]].concat()).code, Some(1));
    let mistaken = project.check(&["--config", "fial-on=low"]);
    assert_eq!((mistaken.code, mistaken.out.as_str()), (Some(2), ""));
}

#[test]
fn a_folder_without_anything_to_review_is_no_success() {
    let empty = Project::new(&[]);
    std::fs::remove_file(empty.file("Cargo.toml")).expect("removed");
    for format in ["text", "json", "sarif", "github"] {
        let run = empty.check(&["--format", format]);
        assert_eq!((run.code, run.out.as_str()), (Some(2), ""), "{format}");
        assert!(run.err.starts_with("error: nothing to review in `"), "{}", run.err);
    }
    empty.write("notes.md", "Nothing to see.\n");
    assert_eq!(empty.check(&[]).code, Some(2));
    empty.write("src/lib.rs", "fn f() {}\n");
    assert_eq!(empty.check(&RULE).code, Some(0));
}

#[test]
fn a_mistake_in_the_settings_fails_whatever_else_counts() {
    let settings = "fail-on = \"high\"\nrules.unwrap-usd = \"critical\"\n";
    let project = Project::new(&[("src/lib.rs", BAD), ("readiness.toml", settings)]);
    let all = project.check(&[]);
    assert_eq!(all.code, Some(1));
    assert!(all.out.contains("did you mean `unwrap-used`?"), "{}", all.out);
    // It is told as well where other findings are asked for.
    let narrowed = project.check(&[&RULE[..], &["--format", "json"]].concat());
    assert_eq!(narrowed.code, Some(1));
    assert_eq!(
        narrowed.err,
        "error: readiness.toml:2: unknown rule `unwrap-usd`; did you mean `unwrap-used`?\n"
    );
}

#[test]
fn settings_are_looked_for_up_to_the_root_of_the_repository() {
    let project = Project::new(&[
        ("services/a/Cargo.toml", MANIFEST),
        ("services/a/src/lib.rs", BAD),
        ("services/a/src/gen/x.rs", BAD),
        ("fixtures/b/Cargo.toml", MANIFEST),
        ("fixtures/b/src/lib.rs", BAD),
        (
            "readiness.toml",
            "exclude = [\"fixtures\", \"services/a/src/gen\"]\nrules.unwrap-used = \"high\"\n",
        ),
    ]);
    let severities = |folder: &str| -> Vec<(String, String)> {
        let found = project.findings(&[&RULE[..], &[folder]].concat());
        let text = |it: &Value, key: &str| it[key].as_str().expect("a text").to_string();
        found.iter().map(|it| (text(it, "file"), text(it, "severity"))).collect()
    };
    // Without a checkout nothing says how far up the project goes.
    assert_eq!(severities("services/a").len(), 2);
    init_git(&project);
    assert_eq!(severities("services/a"), [("src/lib.rs".to_string(), "high".to_string())]);
    // What they exclude is another project.
    assert_eq!(severities("fixtures/b"), [("src/lib.rs".to_string(), "low".to_string())]);
    // A mistake above is told, and nearer settings win.
    project.write("readiness.toml", "rules.unwrap-usd = \"high\"\n");
    let run = project.check(&["services/a", "--format", "json", "--rule", "todo-comment"]);
    assert_eq!(run.code, Some(1));
    assert!(run.err.starts_with("error: ../../readiness.toml:1: unknown rule"), "{}", run.err);
    project.write("services/a/readiness.toml", CRITICAL);
    assert_eq!(severities("services/a")[0].1, "critical");
}

#[test]
fn services_get_paths_in_the_repository_and_people_paths_from_where_they_are() {
    let project = Project::new(&[("a/Cargo.toml", MANIFEST), ("a/src/lib.rs", BAD)]);
    let run_in = |folder: &str, path: &[&str], format: &str| {
        let mut command = program();
        command.arg("check").args(path).args(RULE).args(["--format", format]);
        run(command.current_dir(project.file(folder))).out
    };
    // From the working directory on where there is no checkout.
    assert!(run_in(".", &["a"], "github").contains("file=a/src/lib.rs,"));
    init_git(&project);
    assert!(run_in("a", &[], "github").contains("file=a/src/lib.rs,"));
    assert!(run_in("a", &[], "sarif").contains("\"uri\": \"a/src/lib.rs\""));
    assert!(run_in(".", &["a"], "text").contains("--> a/src/lib.rs:1:12"));
    assert!(run_in("a", &[], "text").contains("--> src/lib.rs:1:12"));
    assert!(run_in("a/src", &[".."], "text").contains("--> ../src/lib.rs:1:12"));
    assert!(run_in(".", &["a"], "json").contains("\"file\":\"src/lib.rs\""));
}

#[test]
fn statistics_count_by_rule() {
    let project = Project::new(&[("src/lib.rs", &BAD.repeat(3)), ("src/a.rs", "// TODO: b\n")]);
    let rules = [&RULE[..], &["--rule", "todo-comment", "--statistics"]].concat();
    let text = project.check(&rules);
    assert_eq!(text.code, Some(1));
    assert_eq!(
        text.out,
        "  low       3  unwrap-used   `unwrap` in production code
  low       1  todo-comment  `TODO`, `FIXME`, `XXX` or `HACK` comment
4 findings in 2 files: 4 low
"
    );
    let counts = project.findings(&rules);
    assert_eq!((&counts[0]["rule"], &counts[0]["count"]), (&"unwrap-used".into(), &3.into()));
    assert_eq!(project.check(&[&rules[..], &["--format", "sarif"]].concat()).code, Some(2));
}

#[test]
fn quiet_prints_findings_alone() {
    let project = Project::new(&[("src/lib.rs", BAD)]);
    let all = project.check(&[]).out;
    assert!(all.starts_with("READY for production use: score "), "{all}");
    assert!(all.contains("\nnext: readiness-lsp check"), "{all}");
    let quiet = project.check(&["--quiet", "--rule", "unwrap-used"]).out;
    assert!(quiet.starts_with("low[unwrap-used]") && quiet.ends_with("^\n\n"), "{quiet}");
}
