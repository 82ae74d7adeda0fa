//! What somebody sees at a terminal: the real binary at the other end of a pseudoterminal.

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use super::{BAD, Project, program, run};

/// Runs a command at a terminal of so many columns; what it prints, and its exit code.
fn at_terminal(command: &mut Command, columns: u16) -> (String, Option<i32>) {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
    let controller = openpt(flags).expect("a pseudoterminal");
    grantpt(&controller).expect("granted");
    unlockpt(&controller).expect("unlocked");
    let size = Winsize { ws_row: 40, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(&controller, size).expect("a size");
    let name = ptsname(&controller, Vec::new()).expect("a name").into_string().expect("UTF-8");
    let open = || {
        let flags = rustix::fs::OFlags::RDWR | rustix::fs::OFlags::NOCTTY;
        let fd: OwnedFd = rustix::fs::open(name.as_str(), flags, 0.into()).expect("opened");
        Stdio::from(fd)
    };
    let mut child = command.stdin(open()).stdout(open()).stderr(open()).spawn().expect("it runs");
    // The command holds its ends of the terminal open until it is gone.
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut out = Vec::new();
    // Once nobody writes any more, Linux says that the terminal is gone.
    let _ = File::from(controller).read_to_end(&mut out);
    let code = child.wait().expect("it ends").code();
    (String::from_utf8(out).expect("UTF-8").replace("\r\n", "\n"), code)
}

fn check(project: &Project, arguments: &[&str], columns: u16) -> String {
    let mut command = program();
    command.arg("check").args(arguments).current_dir(project.path()).env("TERM", "xterm");
    at_terminal(&mut command, columns).0
}

/// A text without its escape sequences.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("\x1b[") {
        out += &rest[..at];
        let end = rest[at + 2..].find(|c: char| c.is_ascii_alphabetic()).expect("an end");
        rest = &rest[at + 2 + end + 1..];
    }
    out + rest
}

#[test]
fn findings_of_one_rule_in_one_file_are_folded() {
    let project = Project::new(&[("src/lib.rs", &BAD.repeat(12))]);
    let rule = ["--rule", "unwrap-used"];
    let out = plain(&check(&project, &rule, 100));
    assert_eq!(out.matches("low[unwrap-used]").count(), 1, "{out}");
    assert!(out.contains("11 more in this file, lines 2, 3, 4, 5, 6, 7, 8, 9 and others"), "{out}");
    assert!(out.contains("12 findings in 1 file: 12 low"), "{out}");
    let all = plain(&check(&project, &[&rule[..], &["--all"]].concat(), 100));
    assert_eq!(all.matches("low[unwrap-used]").count(), 12);
    // What is written to a file or read by a program is never folded.
    let piped = project.check(&rule).out;
    assert_eq!(piped.matches("low[unwrap-used]").count(), 12);
}

#[test]
fn the_verdict_comes_first_and_nothing_is_wider_than_the_terminal() {
    let long = format!("fn f() {{ x.unwrap(); }} // {}\n", "a comment that goes on ".repeat(20));
    let project = Project::new(&[("src/lib.rs", &long), ("src/a.rs", "fn g() { todo!() }\n")]);
    let out = plain(&check(&project, &[], 60));
    let shown = out.rsplit("\x1b[K").next().expect("a text").trim_start_matches('\r');
    let first = shown.lines().find(|line| !line.is_empty()).expect("a line");
    assert!(first.contains("READY for production use: "), "{shown}");
    assert!(shown.trim_end().lines().last().expect("one").starts_with("next: "), "{shown}");
    let findings = shown.lines().skip(1);
    let wide: Vec<&str> = findings.filter(|line| line.chars().count() > 60).collect();
    assert_eq!(wide, [] as [&str; 0], "{shown}");
}

#[test]
fn colours_can_be_forced_and_switched_off() {
    let project = Project::new(&[("src/lib.rs", BAD)]);
    let rule = ["--rule", "unwrap-used", "--quiet"];
    let out = check(&project, &rule, 80);
    assert!(out.contains("\x1b["), "{out}");
    // Green would say that all is well.
    assert!(!out.contains("\x1b[32m") && !out.contains("\x1b[92m"), "{out:?}");
    let never = check(&project, &[&rule[..], &["--color", "never"]].concat(), 80);
    assert!(!never.contains('\x1b'), "{never:?}");
    let piped = project.check(&[&rule[..], &["--color", "always"]].concat()).out;
    assert!(piped.contains("\x1b["), "{piped}");
}

#[test]
fn without_a_command_it_says_what_to_do() {
    let (out, code) = at_terminal(&mut program(), 80);
    assert_eq!(code, Some(2));
    assert!(out.contains("readiness-lsp check") && out.contains("language server"), "{out}");
}

#[test]
fn a_page_is_laid_out_and_rules_fit() {
    let mut explain = program();
    explain.args(["explain", "unwrap-used", "--color", "never"]);
    let (page, code) = at_terminal(&mut explain, 60);
    assert_eq!(code, Some(0));
    assert!(page.starts_with("unwrap-used\n") && !page.contains("```"), "{page}");
    assert!(page.lines().all(|line| line.chars().count() <= 60), "{page}");
    let (rules, _) = at_terminal(program().arg("rules"), 70);
    assert!(rules.lines().all(|line| line.chars().count() <= 70), "{rules}");
    assert!(rules.lines().is_sorted());
}

#[test]
fn exit_codes_are_told() {
    for command in [&["--help"][..], &["check", "--help"], &["review", "--help"]] {
        let help = run(program().args(command)).out;
        assert!(help.contains("Exit codes:"), "{command:?}");
    }
}

#[test]
fn fixing_what_nothing_can_bring_back_is_asked_for() {
    let source = "fn f(all: &[u8]) -> Result<u8, String> {\n    Ok(*all.first().unwrap())\n}\n";
    let project = Project::new(&[("src/lib.rs", source)]);
    let fix = ["--fix", "--rule", "unwrap-used"];
    let asked = plain(&check(&project, &fix, 100));
    assert!(asked.contains("pass `--allow-no-vcs`"), "{asked}");
    assert_eq!(project.read("src/lib.rs"), source);
    check(&project, &[&fix[..], &["--allow-no-vcs"]].concat(), 100);
    assert!(project.read("src/lib.rs").contains("ok_or"));
}
