//! What lies in a folder neither hangs `check` nor ends it, and nothing of it is run or followed
//! outside.

use std::io::Read;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::{BAD, Project, program};

/// Nothing in these tests takes as long, on a machine that does other things as well.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs `check` and returns the rules and files of its findings.
fn check(project: &Project) -> Vec<(String, String)> {
    let mut child = program()
        .args(["check", "--format", "json"])
        .current_dir(project.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut stdout = child.stdout.take().expect("piped");
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        stdout.read_to_string(&mut text).map(|_| text)
    });
    let end = Instant::now() + PATIENCE;
    let status = loop {
        if let Some(status) = child.try_wait().expect("waited") {
            break status;
        }
        if Instant::now() > end {
            child.kill().expect("killed");
            panic!("it does not end");
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert!(matches!(status.code(), Some(0 | 1)), "{status}");
    let text = reader.join().expect("read").expect("UTF-8");
    let finding = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let field = |name: &str| value[name].as_str().unwrap_or_default().to_string();
        (field("rule"), field("file"))
    };
    text.lines().map(finding).collect()
}

fn has(found: &[(String, String)], rule: &str, file: &str) -> bool {
    found.iter().any(|it| it.0 == rule && it.1 == file)
}

#[cfg(unix)]
fn fifo(path: &Path) {
    let _ = std::fs::remove_file(path);
    assert!(std::process::Command::new("mkfifo").arg(path).status().expect("run").success());
}

#[cfg(unix)]
#[test]
fn pipes_and_devices_are_not_read() {
    let names = [
        ".gitignore",
        ".ignore",
        ".git/info/exclude",
        ".git/index",
        ".git/HEAD",
        "readiness.toml",
        "Cargo.toml",
        "Cargo.lock",
        "src/a.rs",
        "Dockerfile",
        "a.sql",
        ".gitattributes",
        "clippy.toml",
        ".env",
        ".github/workflows/ci.yml",
    ];
    for device in [None, Some("/dev/zero"), Some("/dev/tty")] {
        let project = Project::new(&[("src/lib.rs", BAD), (".git/HEAD", "ref: refs/heads/main\n")]);
        for name in names {
            let path = project.file(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            match device {
                None => fifo(&path),
                Some(device) => {
                    let _ = std::fs::remove_file(&path);
                    std::os::unix::fs::symlink(device, &path).expect("linked");
                }
            }
        }
        let found = check(&project);
        assert!(has(&found, "unwrap-used", "src/lib.rs"), "{device:?}: {found:?}");
        assert!(has(&found, "invalid-config", "readiness.toml"), "{device:?}: {found:?}");
    }
}

#[test]
fn settings_that_are_not_utf8_are_reported_and_apply() {
    let project = Project::new(&[("src/lib.rs", BAD)]);
    project.write("readiness.toml", b"# caf\xe9\n[rules]\nunwrap-used = \"off\"\n");
    let found = check(&project);
    assert!(has(&found, "invalid-config", "readiness.toml"), "{found:?}");
    assert!(!has(&found, "unwrap-used", "src/lib.rs"), "{found:?}");
}

#[test]
fn what_ignores_everything_above_a_folder_does_not_empty_it() {
    let project = Project::new(&[
        (".gitignore", "*\n"),
        ("inner/.git/HEAD", ""),
        ("inner/src/lib.rs", BAD),
        ("inner/Cargo.toml", crate::MANIFEST),
        ("part/src/lib.rs", BAD),
        ("part/Cargo.toml", crate::MANIFEST),
    ]);
    for folder in ["inner", "part"] {
        let found = project.check(&[folder, "--rule", "unwrap-used"]);
        assert_eq!(found.code, Some(1), "{folder}: {}", found.out);
    }
}

/// Each alone is small, and takes minutes, gigabytes or the whole stack when nothing stops it.
#[test]
fn no_file_takes_the_process_down() {
    let kilobytes = |text: &str| text.repeat(240_000 / text.len());
    let source = |before: &str, link: &str| format!("{BAD}{before}{}", kilobytes(link));
    let values = "a".repeat(100);
    let matrix = vec![values; 60].join(", ");
    let arguments: String =
        (1..60).map(|at| format!("ARG A{at}={}\n", format!("$A{}+1", at - 1).repeat(10))).collect();
    let sum = format!("SELECT {}1 FROM a WHERE b = 1;\n", "1+".repeat(1_900));
    let files = [
        ("src/lib.rs", BAD.to_string()),
        ("src/types.rs", source("type A = ", "A<u8, ")),
        ("src/closures.rs", source("fn g() { ", "|a, b| ")),
        ("src/attributes.rs", source("fn g() { ", "#[a] !")),
        ("src/calls.rs", source("fn g() { f", "(0)(0)")),
        ("src/methods.rs", source("fn g() { f", ".b(0,0)")),
        ("src/branches.rs", source("fn g() { ", "if a {} else ")),
        ("src/sums.rs", source("fn g() { ", "a + ")),
        ("src/arguments.rs", format!("{BAD}fn g() {{ m!({}) }}", kilobytes("A<u8, "))),
        ("a.sql", sum.clone()),
        ("b.sql", ";".repeat(1_000_000)),
        ("c.sql", "SELECT a FROM b WHERE c = 1; ".repeat(28_000)),
        ("d.sql", format!("SELECT {}1;", "(".repeat(100_000))),
        ("a.js", format!("db.query(`{sum}`);\n")),
        ("b.js", format!("f({}", "(".repeat(200_000))),
        ("Dockerfile", format!("FROM rust\nARG A0=1\n{arguments}RUN echo $A59\n")),
        (
            ".github/workflows/a.yml",
            format!(
                "on: push\njobs:\n  a:\n    strategy:\n      matrix:\n        x: [{matrix}]\n    steps:\n      - run: {}\n",
                "${{ matrix.x }} ".repeat(500)
            ),
        ),
        (".gitignore", format!("{}a{}\n", "{".repeat(200_000), "}".repeat(200_000))),
        (
            "readiness.toml",
            format!("exclude = [\"{}a{}\"]\n", "{".repeat(200_000), "}".repeat(200_000)),
        ),
        ("deep.json", "[".repeat(200_000)),
        ("deep.yaml", format!("a: {}", "[".repeat(200_000))),
        ("deep.toml", format!("a = {}", "[".repeat(200_000))),
        ("deep.md", "> ".repeat(100_000)),
        ("list.md", "- ".repeat(100_000)),
    ];
    let files: Vec<(&str, &str)> =
        files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let found = check(&Project::new(&files));
    assert!(has(&found, "unwrap-used", "src/lib.rs"), "{found:?}");
    for file in ["types", "closures", "attributes", "calls", "methods", "branches", "sums"] {
        assert!(has(&found, "unreadable-file", &format!("src/{file}.rs")), "{file}: {found:?}");
    }
    assert!(has(&found, "invalid-config", "readiness.toml"), "{found:?}");
}

/// Many ignore files of which each is as large as one may be.
#[test]
fn large_ignore_files_cost_what_they_are_worth() {
    let line = |at: usize| format!("**/*a*b?c{at}*/[x-z]*\n");
    let text: String = (0..200_000).map(line).collect();
    let project = Project::new(&[("src/lib.rs", BAD)]);
    for folder in 0..4 {
        project.write(&format!("src/f{folder}/.gitignore"), &text);
        project.write(&format!("src/f{folder}/a.rs"), BAD);
    }
    let found = check(&project);
    assert!(has(&found, "unwrap-used", "src/f3/a.rs"), "{found:?}");
}

/// Good files are not refused for their number of items.
#[test]
fn long_files_of_short_items_are_read() {
    let functions: String =
        (0..2_000).map(|it| format!("fn f{it}(a: &A) -> Option<u8> {{ a.b()?.c }}\n")).collect();
    let impls: String = (0..4_000).map(|it| format!("impl Marker for A{it} {{}}\n")).collect();
    let project = Project::new(&[
        ("src/lib.rs", &format!("{functions}{BAD}")),
        ("src/impls.rs", &format!("{impls}{BAD}")),
    ]);
    let found = check(&project);
    for file in ["src/lib.rs", "src/impls.rs"] {
        assert!(has(&found, "unwrap-used", file), "{file}");
    }
}

/// Programs and settings of the folder that other tools would run or follow.
#[cfg(unix)]
#[test]
fn nothing_is_run_and_nothing_outside_is_read() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let outside = Project::new(&[("secret.rs", BAD), ("settings.toml", crate::CRITICAL)]);
    let project = Project::new(&[("src/lib.rs", BAD), ("build.rs", "fn main() { panic!() }\n")]);
    let marker = project.file("executed");
    let script = format!("#!/bin/sh\ntouch {}\n", marker.display());
    for name in ["bin/cargo", "bin/rustc", "bin/git", "bin/rustup", "bin/sh", "hook", "askpass"] {
        project.write(name, &script);
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(project.file(name), mode).expect("made executable");
    }
    let hook = project.file("hook").display().to_string();
    project.write(
        ".cargo/config.toml",
        format!(
            "[build]\nrustc-wrapper = {hook:?}\n[target.'cfg(all())']\nrunner = {hook:?}\n\
             [alias]\ncheck = \"run\"\n[registry]\nglobal-credential-providers = [{hook:?}]\n"
        ),
    );
    project.write(
        ".git/config",
        format!(
            "[core]\n\tfsmonitor = {hook}\n\tsshCommand = {hook}\n\thooksPath = .\n\
             [filter \"a\"]\n\tclean = {hook}\n[diff]\n\texternal = {hook}\n"
        ),
    );
    project.write(".git/HEAD", "ref: refs/heads/main\n");
    project.write(".git/objects/info/alternates", outside.path().display().to_string());
    project.write(".gitattributes", "* filter=a\n");
    project.write(".envrc", format!("touch {}\n", marker.display()));
    symlink(outside.file("secret.rs"), project.file("src/secret.rs")).expect("linked");
    symlink(outside.path(), project.file("src/outside")).expect("linked");
    symlink(outside.file("settings.toml"), project.file("readiness.toml")).expect("linked");
    symlink(project.path(), project.file("src/round")).expect("linked");
    let path = std::env::var("PATH").unwrap_or_default();
    for arguments in [
        &["check", "--format", "json"][..],
        &["check", "--fix", "--diff"],
        &["review"],
        &["verify", "README.md"],
    ] {
        project.write("README.md", "`src/lib.rs:1` calls `unwrap`. See `../secret.rs:1`.\n");
        let run = crate::run(
            program()
                .args(arguments)
                .current_dir(project.path())
                .env("PATH", format!("{}:{path}", project.file("bin").display())),
        );
        assert!(run.code.is_some(), "{arguments:?}: {}", run.err);
        assert!(!run.out.contains("secret.rs\""), "{arguments:?}: {}", run.out);
        assert!(!marker.exists(), "{arguments:?}");
    }
    let found = check(&project);
    assert!(has(&found, "unwrap-used", "src/lib.rs"), "{found:?}");
    assert!(has(&found, "invalid-config", "readiness.toml"), "{found:?}");
    assert!(!found.iter().any(|it| it.1.contains("secret") || it.1.contains("round")), "{found:?}");
}
