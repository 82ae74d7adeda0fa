//! Documents held against the code, as other tools call it.
//!
//! `UPDATE_EXPECT=1 cargo test --test cli verify` writes the files in `expected/` anew.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use expect_test::expect_file;
use serde_json::Value;

use super::{Project, Run, program, run};

const SOURCE: &str = "\
//! Signing in.

/// Who is signed in.
pub struct Session {
    pub user: String,
}

impl Session {
    pub fn open(user: &str) -> Self {
        let limit = 60_000;
        Self { user: user.to_string() }
    }
}

pub fn close(session: Session) {
    drop(session);
}
";

/// One claim for each verdict.
const REVIEW: &str = "\
# Review

| item | place |
|---|---|
| `Session` | `src/auth.rs:4` |
| `close()` | `src/auth.rs:4` |

1. **No CODEOWNERS**
2. `let limit = 30_000;` (`src/auth.rs:10`) is too low.
3. The loop at `src/auth.rs:154` never ends.
4. Tokens are read in `src/token.rs` and keys in `src/key.rs`.
5. A user has no address (`src/auth.rs:5`).
";

/// Only what holds.
const TRUE: &str = "# Notes\n\n`Session` is in `src/auth.rs`.\n";

/// A project of two revisions: a file is gone since the first, and another one is new.
fn project() -> Project {
    let project = Project::new(&[("src/auth.rs", SOURCE), ("src/lib.rs", "pub mod auth;\n")]);
    project.write("src/token.rs", "pub fn read() {}\n");
    project.write("docs/REVIEW.md", REVIEW);
    git(project.path(), &["init", "--quiet", "--initial-branch", "main"]);
    commit(project.path(), "2026-01-01T00:00:00Z");
    std::fs::remove_file(project.file("src/token.rs")).expect("removed");
    project.write("CODEOWNERS", "* @a\n");
    commit(project.path(), "2026-01-02T00:00:00Z");
    project
}

fn commit(root: &Path, date: &str) {
    git(root, &["add", "--all"]);
    git_at(root, &["commit", "--quiet", "--message", "change"], date);
}

fn git(root: &Path, arguments: &[&str]) {
    git_at(root, arguments, "2026-01-01T00:00:00Z");
}

/// Runs Git without the settings of whoever runs the tests.
fn git_at(root: &Path, arguments: &[&str], date: &str) {
    let mut command = Command::new("git");
    command.arg("-C").arg(root).args(arguments);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    for who in ["AUTHOR", "COMMITTER"] {
        command
            .env(format!("GIT_{who}_NAME"), "a")
            .env(format!("GIT_{who}_EMAIL"), "a@example.org");
        command.env(format!("GIT_{who}_DATE"), date);
    }
    assert!(command.status().expect("Git runs").success(), "{arguments:?}");
}

fn verify(folder: &Path, arguments: &[&str]) -> Run {
    run(program().arg("verify").args(arguments).current_dir(folder))
}

/// Runs `verify` with a document on stdin.
fn verify_stdin(folder: &Path, arguments: &[&str], document: &[u8]) -> Run {
    let mut command = program();
    command.arg("verify").args(arguments).current_dir(folder).stdin(Stdio::piped());
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    child.stdin.take().expect("a pipe").write_all(document).expect("written");
    let output = child.wait_with_output().expect("the program ends");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Run { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// The verdicts, each with its claim.
fn verdicts(run: &Run) -> Vec<(String, String)> {
    let [document] = run.json().try_into().expect("one document");
    let text = |claim: &Value, key: &str| claim[key].as_str().expect("a text").to_string();
    let claims = document["claims"].as_array().expect("claims");
    claims.iter().map(|it| (text(it, "claim"), text(it, "verdict"))).collect()
}

#[test]
fn every_verdict_is_shown_with_what_it_rests_on() {
    let run = verify(project().path(), &["docs/REVIEW.md"]);
    assert_eq!((run.code, run.err.as_str()), (Some(1), ""));
    for verdict in [
        "holds", "moved", "changed", "fixed", "contradicted", "absent", "never matched",
        "undecidable",
    ] {
        assert!(run.out.contains(&format!("  {verdict} ")), "no claim is {verdict}:\n{}", run.out);
    }
    expect_file!["expected/verify.txt"].assert_eq(&run.out);
}

#[test]
fn json_has_an_object_for_each_document() {
    let project = project();
    project.write("NOTES.md", TRUE);
    let run = verify(project.path(), &["--format", "json", "NOTES.md", "docs/REVIEW.md"]);
    assert_eq!(run.code, Some(1), "{}", run.err);
    let documents = run.json();
    let files: Vec<&Value> = documents.iter().map(|it| &it["file"]).collect();
    assert_eq!(files, ["NOTES.md", "docs/REVIEW.md"]);
    let moved = documents[1]["claims"].as_array().expect("claims");
    let moved = moved.iter().find(|it| it["verdict"] == "moved").expect("one moved");
    assert_eq!(
        *moved,
        serde_json::json!({
            "line": 6, "column": 16, "end_line": 6, "end_column": 29,
            "claim": "src/auth.rs:4", "kind": "place", "verdict": "moved",
            "evidence": "`close` is at line 15",
            "target": { "file": "src/auth.rs", "line": 15 },
            "fix": "Update the line to 15",
        })
    );
    let summary = &documents[1]["summary"];
    let numbers = ["claims", "held", "stale", "wrong", "undecidable", "wrong_percent"];
    let numbers: Vec<u64> = numbers.iter().filter_map(|it| summary[it].as_u64()).collect();
    assert_eq!(numbers, [8, 1, 3, 3, 1, 43]);
}

#[test]
fn the_exit_code_tells_whether_a_claim_is_wrong() {
    let project = project();
    project.write("NOTES.md", TRUE);
    project.write("STALE.md", "`close()` (`src/auth.rs:4`)\n");
    assert_eq!(verify(project.path(), &["NOTES.md"]).code, Some(0));
    assert_eq!(verify(project.path(), &["STALE.md"]).code, Some(0), "stale is not wrong");
    assert_eq!(verify(project.path(), &["NOTES.md", "docs/REVIEW.md"]).code, Some(1));
    for usage in [
        &[][..],
        &["no-such-file.md"],
        &["NOTES.md", "no-such-file.md"],
        &["src"],
        &["--format", "sarif", "NOTES.md"],
        &["--root", "no/such/folder", "NOTES.md"],
    ] {
        let run = verify(project.path(), usage);
        assert_eq!((run.code, run.out.as_str()), (Some(2), ""), "{usage:?}");
        assert!(!run.err.is_empty(), "{usage:?}");
    }
}

#[test]
fn a_document_is_read_from_stdin() {
    let project = project();
    let run = verify_stdin(project.path(), &["--format", "json", "-"], TRUE.as_bytes());
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(verdicts(&run).iter().all(|(_, verdict)| verdict == "holds"), "{}", run.out);
    let run = verify_stdin(project.path(), &["-"], b"See `src/auth.rs:154`.\n");
    assert_eq!(run.code, Some(1), "{}", run.out);
    assert!(run.out.starts_with("-\n     1  contradicted"), "{}", run.out);
}

#[test]
fn the_project_of_a_document_from_elsewhere_is_given() {
    let project = project();
    let elsewhere = tempfile::tempdir().expect("a folder");
    std::fs::write(elsewhere.path().join("REVIEW.md"), REVIEW).expect("written");
    let root = project.path().to_str().expect("UTF-8");
    let run = verify(elsewhere.path(), &["--root", root, "--format", "json", "REVIEW.md"]);
    assert_eq!(run.code, Some(1), "{}", run.err);
    let found = verdicts(&run);
    let close = found.iter().find(|(_, verdict)| verdict == "moved");
    assert_eq!(close.map(|(claim, _)| claim.as_str()), Some("src/auth.rs:4"));
}

#[test]
fn broken_utf_8_does_not_hide_a_claim() {
    let project = project();
    let mut document = b"Caf\xe9 \xff\xfe: \x82\xfa\xc5\n\n".to_vec();
    document.extend(b"The loop at `src/auth.rs:154` never ends.\n");
    project.write("BROKEN.md", &document);
    let run = verify(project.path(), &["--format", "json", "BROKEN.md"]);
    assert_eq!(run.code, Some(1), "{}", run.err);
    let expected = ("src/auth.rs:154".to_string(), "contradicted".to_string());
    assert_eq!(verdicts(&run), [expected]);
    assert_eq!(run.json()[0]["claims"][0]["line"], 3);
}
