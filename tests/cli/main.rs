//! The command line as other tools call it: the real binary.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod baseline;
mod hostile;
mod integrations;
mod layout;
mod mcp;
mod output;
mod review;
mod services;
mod targets;
#[cfg(unix)]
mod terminal;
mod verify;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const MANIFEST: &str = r#"[package]
name = "sample"
version = "0.1.0"
edition = "2024"
"#;
const BAD: &str = "fn f() { x.unwrap(); }\n";
/// Settings that fix the severity of what is bad there, wherever it runs.
const CRITICAL: &str = "rules.unwrap-used = \"critical\"\n";

struct Project(tempfile::TempDir);

impl Project {
    fn new(files: &[(&str, &str)]) -> Self {
        let project = Self(tempfile::tempdir().expect("a temporary folder"));
        project.write("Cargo.toml", MANIFEST);
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn file(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.file(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("created");
        fs::write(path, text).expect("written");
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.file(path)).expect("a text")
    }

    /// Runs `check` in the folder.
    fn check(&self, arguments: &[&str]) -> Run {
        run(program().arg("check").args(arguments).current_dir(self.path()))
    }

    fn findings(&self, arguments: &[&str]) -> Vec<Value> {
        self.check(&[arguments, &["--format", "json"]].concat()).json()
    }
}

struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Run {
    fn json(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }
}

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_readiness-lsp"));
    for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "READINESS_LOG", "CI"] {
        command.env_remove(variable);
    }
    command
}

fn run(command: &mut Command) -> Run {
    let Output { status, stdout, stderr } =
        command.stdin(Stdio::null()).output().expect("the program runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Run { code: status.code(), out: text(stdout), err: text(stderr) }
}

#[test]
fn the_exit_code_tells_the_outcome() {
    let good = Project::new(&[("src/lib.rs", "fn f() {}\n")]);
    let bad = Project::new(&[("src/lib.rs", BAD)]);
    assert_eq!(good.check(&["--rule", "unwrap-used"]).code, Some(0));
    assert_eq!(bad.check(&[]).code, Some(1));
    assert_eq!(bad.check(&["--min-severity", "critical", "--rule", "unwrap-used"]).code, Some(0));
    for usage in [
        &["--rule", "no-such-rule"][..],
        &["--min-severity", "loud"],
        &["--format", "xml"],
        &["--suggested"],
        &["--no-such-flag"],
        &["no/such/folder"],
        &[".", "twice"],
    ] {
        let run = bad.check(usage);
        assert_eq!(run.code, Some(2), "{usage:?}");
        assert_eq!(run.out, "", "{usage:?}");
        assert!(run.err.starts_with("error: "), "{usage:?}: {}", run.err);
    }
    let unknown = bad.check(&["--rule", "unwrap-usd"]);
    assert_eq!(unknown.err, "error: unknown rule `unwrap-usd`; did you mean `unwrap-used`?\n");
    for written in ["unwrap_used", "clippy::unwrap_used"] {
        let unknown = bad.check(&["--rule", written]).err;
        assert!(unknown.ends_with("; did you mean `unwrap-used`?\n"), "{unknown}");
    }
    let help = bad.check(&["--help"]).out;
    assert!(help.contains("Exit codes:\n  0  no finding"), "{help}");
    // Where it fails is a setting.
    bad.write("readiness.toml", "fail-on = \"critical\"\n");
    let run = bad.check(&["--rule", "unwrap-used"]);
    assert_eq!((run.code, run.out.is_empty()), (Some(0), false));
}

#[test]
fn json_is_one_object_a_line_with_its_fields_in_order() {
    let project = Project::new(&[
        ("src/deep/a b.rs", "fn f() { \"é𝄞\"; x.unwrap(); }\r\n"),
        ("readiness.toml", CRITICAL),
    ]);
    let run = project.check(&["--format", "json", "--rule", "unwrap-used"]);
    let line = run.out.strip_suffix('\n').expect("a line");
    let start = "{\"rule\":\"unwrap-used\",\"area\":\"reliability\",\"severity\":\"critical\",\
                 \"confidence\":\"certain\",\"file\":\"src/deep/a b.rs\",\"line\":1,\"column\":18,\"end_line\":1,\
                 \"end_column\":26,\"message\":\"`unwrap` panics when there is no value\",\
                 \"fixes\":[";
    assert!(line.starts_with(start), "{line}");
    assert!(line.ends_with("]}"), "{line}");
    for fix in project.findings(&["--rule", "unwrap-used"])[0]["fixes"].as_array().expect("fixes") {
        assert!(fix["title"].is_string());
        assert!(["safe", "suggested"].contains(&fix["applicability"].as_str().expect("a word")));
    }
}

#[test]
fn the_path_is_what_findings_are_relative_to() {
    let project = Project::new(&[("src/lib.rs", BAD)]);
    let run = run(program()
        .args(["check", "--rule", "unwrap-used", "--format", "json"])
        .arg(project.path())
        .current_dir("/"));
    assert_eq!(run.json()[0]["file"], "src/lib.rs");
}

#[test]
fn findings_are_in_order_and_every_run_prints_the_same() {
    let project = Project::new(&[]);
    for n in 0..30 {
        project.write(&format!("src/m{n}.rs"), BAD.repeat(3));
    }
    let first = project.check(&["--format", "json"]);
    let places: Vec<(String, u64)> = first
        .json()
        .iter()
        .map(|it| (it["file"].as_str().expect("a path").into(), it["line"].as_u64().expect("one")))
        .collect();
    assert!(places.is_sorted());
    assert!(places.len() >= 90);
    for _ in 0..3 {
        assert_eq!(project.check(&["--format", "json"]).out, first.out);
    }
}

#[test]
fn rules_and_severities_narrow_what_is_reported() {
    let unused = "// readiness: allow(unwrap-used) nothing\nfn g() {}\n";
    let bad = format!("{BAD}{unused}");
    let project = Project::new(&[("src/lib.rs", &bad), ("readiness.toml", CRITICAL)]);
    let rules = |arguments: &[&str]| -> Vec<String> {
        let found = project.findings(arguments);
        found.iter().map(|it| it["rule"].as_str().expect("a rule").into()).collect()
    };
    assert_eq!(rules(&["--rule", "unwrap-used"]), ["unwrap-used"]);
    assert_eq!(rules(&["--rule", "unused-suppression"]), ["unused-suppression"]);
    assert_eq!(
        rules(&["--rule", "unwrap-used", "--rule", "unused-suppression"]),
        ["unwrap-used", "unused-suppression"]
    );
    let both = ["--rule", "unwrap-used", "--rule", "unused-suppression"];
    assert_eq!(rules(&[&both[..], &["--min-severity", "medium"]].concat()), ["unwrap-used"]);
    assert_eq!(rules(&[&both[..], &["--min-severity", "low"]].concat()).len(), 2);
}

#[test]
fn what_is_only_possible_is_shown_to_those_who_ask() {
    let lock = "version = 4\n\n[[package]]\nname = \"demo\"\nversion = \"0.1.0\"\n";
    let project = Project::new(&[("src/lib.rs", ""), ("Cargo.lock", lock)]);
    let found = |arguments: &[&str]| {
        let mut command = program();
        // Whoever runs this may have a database of advisories.
        command.arg("check").arg(project.path()).args(["--format", "json"]).args(arguments);
        run(command.env("CARGO_HOME", project.path())).out
    };
    let rule = ["--rule", "vulnerable-dependency"];
    assert_eq!(found(&rule), "");
    let shown = found(&[&rule[..], &["--confidence", "possible"]].concat());
    assert!(shown.contains("\"confidence\":\"possible\""), "{shown}");
}

#[test]
fn ignored_and_excluded_files_are_left_out() {
    let project = Project::new(&[
        (".gitignore", "/gen\n*.bak.rs\n"),
        ("src/lib.rs", "fn f() {}\n"),
        ("gen/a.rs", BAD),
        ("src/old.bak.rs", BAD),
        ("src/parts/b.rs", BAD),
        ("src/generated/c.rs", BAD),
        ("target/CACHEDIR.TAG", ""),
        ("target/d.rs", BAD),
        ("node_modules/e.rs", BAD),
        ("readiness.toml", "exclude = [\"src/parts\", \"**/generated/**\"]\n"),
    ]);
    assert_eq!(project.findings(&["--rule", "unwrap-used"]), Vec::<Value>::new());
    project.write("readiness.toml", "exclude = []\n");
    let found = project.findings(&["--rule", "unwrap-used"]);
    let files: Vec<&str> = found.iter().filter_map(|it| it["file"].as_str()).collect();
    assert_eq!(files, ["src/generated/c.rs", "src/parts/b.rs"]);
}

#[test]
fn a_dockerignore_that_git_ignores_counts() {
    let project = Project::new(&[
        ("Dockerfile", "FROM rust\nCOPY . .\n"),
        (".gitignore", ".dockerignore\n"),
        (".dockerignore", "target\n"),
    ]);
    let rule = ["--rule", "missing-dockerignore"];
    assert_eq!(project.findings(&rule), [] as [Value; 0]);
    fs::remove_file(project.file(".dockerignore")).unwrap();
    assert_eq!(project.findings(&rule).len(), 1);
}

const MISTAKEN: &str = r#"[rules]
unwrap-usd = "off"
unwrap-used = "low"
"#;

#[test]
fn mistakes_in_the_settings_and_unread_files_are_findings() {
    let project = Project::new(&[("src/lib.rs", BAD), ("readiness.toml", MISTAKEN)]);
    project.write("src/latin.rs", b"// \xe9\n");
    let found = project.findings(&[]);
    let of = |file: &str, rule: &str| {
        found.iter().find(|it| it["file"] == file && it["rule"] == rule).expect("reported").clone()
    };
    let mistake = of("readiness.toml", "invalid-config");
    assert_eq!((&mistake["line"], &mistake["column"]), (&2.into(), &1.into()));
    assert_eq!(of("src/lib.rs", "unwrap-used")["severity"], "low");
    of("src/latin.rs", "unreadable-file");
    // All formats can show them.
    for format in ["text", "sarif", "github"] {
        let run = project.check(&["--format", format]);
        assert_eq!(run.code, Some(1), "{}", run.err);
        assert!(run.out.contains("unreadable-file"), "{format}");
    }
}

#[test]
fn suppressions_in_documents_without_other_findings_are_reported() {
    let project = Project::new(&[
        ("docs/a.md", "<!-- readiness: allow(no-such-rule) x -->\n\ntext\n"),
        ("a.sql", "-- readiness: allow(missing-index)\nCREATE TABLE a (b INTEGER);\n"),
    ]);
    let found = project.findings(&[]);
    for file in ["docs/a.md", "a.sql"] {
        assert!(found.iter().any(|it| it["file"] == file), "{file}: {found:?}");
    }
}

#[test]
fn text_shows_the_source_and_a_summary() {
    let project = Project::new(&[("src/lib.rs", BAD)]);
    let run = project.check(&["--rule", "unwrap-used"]);
    assert!(run.out.contains("src/lib.rs:1:12"), "{}", run.out);
    assert!(run.out.contains("fn f() { x.unwrap(); }"), "{}", run.out);
    assert!(run.out.contains("[unwrap-used]"), "{}", run.out);
    assert!(run.out.contains("1 finding in 1 file: 1 low"), "{}", run.out);
    assert_eq!(run.err, "");
    let good = Project::new(&[]);
    assert_eq!(good.check(&["--rule", "unwrap-used"]).out, "No findings.\n");
}

#[test]
fn colours_are_for_terminals() {
    let project = Project::new(&[("src/lib.rs", BAD)]);
    let output = |variables: &[(&str, &str)]| {
        let mut command = program();
        command.args(["check"]).arg(project.path()).envs(variables.iter().copied());
        run(&mut command).out
    };
    assert!(!output(&[]).contains('\x1b'));
    assert!(output(&[("CLICOLOR_FORCE", "1")]).contains("\x1b["));
    assert!(!output(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]).contains('\x1b'));
    // What other tools read has none in any case.
    let mut command = program();
    command.args(["check", "--format", "json"]).arg(project.path()).env("CLICOLOR_FORCE", "1");
    assert!(!run(&mut command).out.contains('\x1b'));
}

#[test]
fn sarif_is_what_its_schema_says() {
    let project = Project::new(&[
        ("src/a b/é.rs", "fn f() { \"𝄞\"; x.unwrap(); }\n"),
        ("readiness.toml", CRITICAL),
    ]);
    let run = project.check(&["--format", "sarif", "--rule", "unwrap-used"]);
    assert_eq!(run.code, Some(1));
    let log: serde_sarif::sarif::Sarif = serde_json::from_str(&run.out).expect("SARIF");
    assert_eq!(log.runs.len(), 1);
    let value: Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!(value["version"], "2.1.0");
    assert!(value["$schema"].as_str().is_some_and(|it| it.contains("sarif")));
    let driver = &value["runs"][0]["tool"]["driver"];
    assert_eq!(driver["name"], "readiness-lsp");
    let rules = driver["rules"].as_array().expect("rules");
    let result = &value["runs"][0]["results"][0];
    assert!(rules.iter().any(|rule| rule["id"] == result["ruleId"]));
    assert_eq!(result["level"], "error");
    assert_eq!(result["properties"]["confidence"], "certain");
    let location = &result["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "src/a%20b/%C3%A9.rs");
    assert_eq!(
        location["region"],
        serde_json::json!({ "startLine": 1, "startColumn": 17, "endLine": 1, "endColumn": 25 })
    );
    // Columns are characters, which has to be said.
    assert_eq!(value["runs"][0]["columnKind"], "unicodeCodePoints");
    // Without findings it is a log as well.
    let good = Project::new(&[]).check(&["--format", "sarif", "--rule", "unwrap-used"]);
    let value: Value = serde_json::from_str(&good.out).expect("JSON");
    assert_eq!((good.code, &value["runs"][0]["results"]), (Some(0), &serde_json::json!([])));
}

#[test]
fn github_commands_annotate_the_place() {
    let project = Project::new(&[("src/a,b:c.rs", BAD), ("readiness.toml", CRITICAL)]);
    let run = project.check(&["--format", "github", "--rule", "unwrap-used"]);
    assert_eq!(
        run.out,
        "::error file=src/a%2Cb%3Ac.rs,line=1,col=12,endLine=1,endColumn=20,\
         title=unwrap-used::`unwrap` panics when there is no value\n"
    );
}

#[test]
fn rules_are_listed_and_explained() {
    let list = run(program().args(["rules", "--format", "json"]));
    assert_eq!(list.code, Some(0));
    let rules: Vec<Value> = serde_json::from_str(&list.out).expect("JSON");
    let text = run(program().arg("rules")).out;
    assert!(text.lines().is_sorted());
    for rule in &rules {
        let id = rule["rule"].as_str().expect("an id");
        for key in ["area", "severity", "summary", "documentation"] {
            assert!(rule[key].as_str().is_some_and(|it| !it.is_empty()), "{id}: {key}");
        }
        assert!(text.lines().any(|line| line.starts_with(&format!("{id} "))), "{id}");
        let page = run(program().args(["explain", id]));
        assert_eq!(page.code, Some(0));
        assert!(page.out.starts_with(&format!("# {id}\n")), "{id}");
    }
    let unwrap = rules.iter().find(|rule| rule["rule"] == "unwrap-used").expect("the rule");
    assert_eq!(
        (&unwrap["cwe"], &unwrap["seeds"][0]),
        (&serde_json::json!([248]), &serde_json::json!("A.C3"))
    );
    let unknown = run(program().args(["explain", "unwrap-use"]));
    assert_eq!((unknown.code, unknown.out.as_str()), (Some(2), ""));
    assert_eq!(unknown.err, "error: unknown rule `unwrap-use`; did you mean `unwrap-used`?\n");
}

#[test]
fn the_schema_is_of_the_settings_file() {
    let schema = run(program().arg("schema"));
    let schema: Value = serde_json::from_str(&schema.out).expect("JSON");
    let rules = &schema["properties"]["rules"]["properties"];
    assert!(rules["unwrap-used"]["description"].is_string());
    assert!(schema["properties"]["exclude"].is_object());
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let project = Project::new(&[]);
    for n in 0..20 {
        project.write(&format!("src/m{n}.rs"), BAD.repeat(300));
    }
    for format in ["text", "json", "sarif", "github"] {
        let mut child = program()
            .args(["check", "--format", format])
            .arg(project.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let mut start = [0; 10];
        let mut out = child.stdout.take().expect("piped");
        out.read_exact(&mut start).expect("some output");
        drop(out);
        let ended = child.wait_with_output().expect("it ends");
        assert_eq!(String::from_utf8_lossy(&ended.stderr), "", "{format}");
        // What was found stays found.
        assert_eq!(ended.status.code(), Some(1), "{format}");
    }
}

#[test]
fn fixing_leaves_what_has_no_fix_as_it_is() {
    let source = "// é 𝄞\r\nfn f() { x.unwrap(); }\r\n";
    let project = Project::new(&[("src/lib.rs", source)]);
    let run = project.check(&["--fix", "--format", "json", "--rule", "unwrap-used"]);
    // Nothing is known of `x`: no fix is safe.
    assert_eq!(project.read("src/lib.rs"), source);
    assert_eq!(run.code, Some(1));
    assert_eq!(run.json().len(), 1);
    let left: Vec<String> = fs::read_dir(project.file("src"))
        .expect("listed")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(left, ["lib.rs"]);
}

/// Its finding has a safe fix.
const FIXABLE: &str = "\
fn f(all: &[u8]) -> Result<u8, String> {
    Ok(*all.first().unwrap())
}
";

#[test]
fn a_diff_shows_what_fixes_would_do_and_changes_nothing() {
    let project = Project::new(&[("src/lib.rs", FIXABLE)]);
    let run = project.check(&["--fix", "--diff", "--rule", "unwrap-used"]);
    assert_eq!(
        run.out,
        "\
--- a/src/lib.rs
+++ b/src/lib.rs
@@ -1,3 +1,3 @@
 fn f(all: &[u8]) -> Result<u8, String> {
-    Ok(*all.first().unwrap())
+    Ok(*all.first().ok_or(\"all is empty\")?)
 }
"
    );
    assert_eq!(run.code, Some(1));
    assert_eq!(project.read("src/lib.rs"), FIXABLE);
    // Once it is applied there is nothing left to show.
    project.check(&["--fix", "--rule", "unwrap-used"]);
    let run = project.check(&["--fix", "--diff", "--rule", "unwrap-used"]);
    assert_eq!((run.out.as_str(), run.code), ("", Some(0)));
}

#[test]
fn a_dirty_checkout_is_not_changed_unless_it_is_said() {
    let project = Project::new(&[("src/lib.rs", FIXABLE), ("notes.md", "one\n")]);
    let git = |args: &[&str]| {
        let mut command = Command::new("git");
        command.arg("-C").arg(project.file("")).args(args);
        assert!(command.output().expect("git is there").status.success(), "{args:?}");
    };
    git(&["init", "-q"]);
    let fix = ["--fix", "--rule", "unwrap-used"];
    let refused = |name: &str| {
        let run = project.check(&fix);
        assert_eq!((run.code, project.read("src/lib.rs").as_str()), (Some(2), FIXABLE));
        let start = "error: the working tree has uncommitted changes:\n\n";
        assert!(run.err.starts_with(start), "{}", run.err);
        assert!(run.err.contains(name) && run.err.contains("--allow-dirty"), "{}", run.err);
    };
    // Git knows of no file yet.
    refused("src/lib.rs");
    git(&["add", "."]);
    // Text that the fixes would stand beside counts as well.
    project.write("notes.md", "one\ntwo\n");
    refused("notes.md");
    // To look is always allowed.
    assert_eq!(project.check(&[&fix[..], &["--diff"]].concat()).code, Some(1));
    let run = project.check(&[&fix[..], &["--allow-dirty"]].concat());
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(project.read("src/lib.rs").contains("first().ok_or("));
    project.write("src/lib.rs", FIXABLE);
    git(&["add", "."]);
    assert_eq!(project.check(&fix).code, Some(0));
    assert!(project.read("src/lib.rs").contains("first().ok_or("));
}

#[test]
fn fixes_of_the_project_are_applied_and_create_files() {
    let manifest = MANIFEST.replace("edition", "rust-version = \"1.85\"\nedition");
    let project = Project::new(&[("Dockerfile", "FROM rust:1.74 AS build\r\nCOPY . .\r\n")]);
    project.write("Cargo.toml", &manifest);
    let rules = ["--rule", "dockerfile-toolchain", "--rule", "missing-codeowners"];
    // What a fix decides is not decided unseen.
    let run = project.check(&[&["--fix"][..], &rules].concat());
    assert_eq!(run.code, Some(1));
    assert!(project.read("Dockerfile").contains("1.74"));
    let all = ["--fix", "--suggested"];
    let run = project.check(&[&all[..], &rules].concat());
    // Whom it names is left to a person, and a finding until then.
    assert_eq!(run.code, Some(1), "{}", run.out);
    assert!(run.out.contains(".github/CODEOWNERS:3:3"), "{}", run.out);
    assert_eq!(project.read("Dockerfile"), "FROM rust:1.85 AS build\r\nCOPY . .\r\n");
    assert!(project.read(".github/CODEOWNERS").contains("@OWNER"));
    assert!(run.err.contains("Applied 2 fixes in 2 files."), "{}", run.err);
}

#[test]
fn a_project_without_rust_is_checked_as_well() {
    let project = Project::new(&[("package.json", "{ \"name\": \"x\" }\n")]);
    fs::remove_file(project.file("Cargo.toml")).expect("removed");
    let findings = project.findings(&["--rule", "missing-codeowners"]);
    assert_eq!(findings.len(), 1);
    assert_eq!((&findings[0]["file"], &findings[0]["line"]), (&"package.json".into(), &1.into()));
}

#[test]
fn the_version_is_printed() {
    let version = run(program().arg("--version"));
    assert_eq!(version.out, format!("readiness-lsp {}\n", env!("CARGO_PKG_VERSION")));
    assert_eq!(run(program().arg("no-such-command")).code, Some(2));
}
