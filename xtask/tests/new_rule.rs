//! `cargo xtask new-rule`, on a copy of the folders that it writes to.

#![allow(clippy::expect_used)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use ra_ap_syntax::ast::{HasModuleItem, HasName};
use ra_ap_syntax::{AstNode, Edition, SourceFile, ast};

/// A copy of the rules, the engine's own among them, and of the settings of rustfmt.
fn checkout() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for source in ["server/src/rules", "server/src/analysis"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(source);
        copy(&from, &folder.path().join(source));
    }
    let settings = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rustfmt.toml");
    fs::copy(settings, folder.path().join("rustfmt.toml")).expect("copied");
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("created");
    for entry in fs::read_dir(from).expect("listed") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("copied");
        }
    }
}

fn new_rule(root: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.arg("new-rule").args(arguments).arg("--root").arg(root);
    command.output().expect("it runs")
}

fn read(root: &Path, path: &str) -> String {
    fs::read_to_string(root.join("server/src/rules").join(path)).expect("a text")
}

fn parsed(text: &str) -> SourceFile {
    let parse = SourceFile::parse(text, Edition::CURRENT);
    assert!(parse.errors().is_empty(), "{:?}\n{text}", parse.errors());
    parse.tree()
}

/// The modules that a file declares, in order.
fn modules(file: &SourceFile) -> Vec<String> {
    let modules = file.items().filter_map(|it| ast::Module::cast(it.syntax().clone()));
    modules.filter_map(|it| Some(it.name()?.to_string())).collect()
}

/// The elements of the list of rules.
fn listed(file: &SourceFile) -> Vec<String> {
    let mut arrays = file.syntax().descendants().filter_map(ast::ArrayExpr::cast);
    let list = arrays.next().expect("the list");
    ast::Expr::cast(list.syntax().clone())
        .into_iter()
        .flat_map(|it| it.syntax().children().filter_map(ast::Expr::cast))
        .map(|it| it.to_string())
        .collect()
}

#[test]
fn a_rule_is_written_and_registered() {
    for (area, flags) in [
        ("reliability", &[][..]),
        ("maintainability", &[]),
        ("compliance", &[]),
        ("deployment", &["--project"]),
    ] {
        let root = checkout();
        let before = parsed(&read(root.path(), &format!("{area}/mod.rs")));
        let output = new_rule(root.path(), &[&["new-example", area], flags].concat());
        let printed = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{printed}");
        assert!(printed.contains(&format!("server/src/rules/{area}/new_example.rs")), "{printed}");

        let text = read(root.path(), &format!("{area}/new_example.rs"));
        parsed(&text);
        assert!(text.starts_with("//! "), "{text}");
        assert!(text.contains("id: \"new-example\""), "{text}");
        assert!(text.contains("include_str!(\"new_example.rs\")"), "{text}");
        assert_eq!(text.matches("#[test]").count(), 1);
        assert_eq!(text.contains("Rule::project"), flags.contains(&"--project"));

        let after = parsed(&read(root.path(), &format!("{area}/mod.rs")));
        let mut expected = modules(&before);
        expected.push("new_example".to_string());
        expected.sort();
        assert_eq!(modules(&after), expected);
        let mut expected = listed(&before);
        expected.push("&new_example::RULE".to_string());
        assert_eq!(listed(&after), expected);
    }
}

#[test]
fn what_is_written_is_as_rustfmt_lays_it_out() {
    let root = checkout();
    for (area, name, flags) in [
        ("maintainability", "aaa-first", &[][..]),
        ("maintainability", "zzz-last", &[]),
        ("maintainability", "a-name-that-makes-the-line-too-long", &[]),
        ("testing", "some-project-rule", &["--project"]),
    ] {
        let output = new_rule(root.path(), &[&[name, area], flags].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        // It reads the modules that the file declares as well, the new one among them.
        let mod_file = root.path().join("server/src/rules").join(area).join("mod.rs");
        let rustfmt = Command::new("rustfmt")
            .args(["--check", "--edition", "2024"])
            .arg(&mod_file)
            .output()
            .expect("rustfmt runs");
        assert!(rustfmt.status.success(), "{}", String::from_utf8_lossy(&rustfmt.stdout));
    }
}

#[test]
fn mistakes_are_named_and_nothing_is_written() {
    let root = checkout();
    let before = read(root.path(), "reliability/mod.rs");
    for (arguments, message) in [
        (["new-example", "realiability"], "unknown area `realiability`; the areas are compliance,"),
        (["new-example", "support"], "unknown area `support`"),
        (["NewExample", "reliability"], "`NewExample` is not in kebab-case"),
        (["new_example", "reliability"], "`new_example` is not in kebab-case"),
        (["new--example", "reliability"], "`new--example` is not in kebab-case"),
        (["loop", "reliability"], "`loop` is one word"),
        (["unwrap-used", "reliability"], "the rule `unwrap-used` exists: server/src/rules/reliab"),
        (["todo-comment", "reliability"], "`todo-comment` exists: server/src/rules/maintainabil"),
        (["unused-suppression", "reliability"], "`unused-suppression` exists: server/src/analysis"),
    ] {
        let output = new_rule(root.path(), &arguments);
        let printed = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{arguments:?}");
        assert!(printed.contains(message), "{arguments:?}: {printed}");
    }
    assert_eq!(read(root.path(), "reliability/mod.rs"), before);
    assert!(!root.path().join("server/src/rules/reliability/new_example.rs").exists());
}
