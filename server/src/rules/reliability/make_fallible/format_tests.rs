//! Fixes in code that rustfmt formats leave it so.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::analysis::Rule;
use crate::rules::fixture::{Fixture, first_fixes};
use crate::rules::reliability::expect_used::RULE as EXPECT;
use crate::rules::reliability::lock_unwrap::RULE as LOCK;
use crate::rules::reliability::unwrap_used::RULE as UNWRAP;

/// What rustfmt makes of a text; nothing where there is no rustfmt.
fn formatted(text: &str) -> Option<String> {
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path", "/dev/null"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    rustfmt.stdin.take()?.write_all(text.as_bytes()).ok()?;
    let output = rustfmt.wait_with_output().ok().filter(|it| it.status.success())?;
    String::from_utf8(output.stdout).ok()
}

/// A file with statements in the body of a method that returns `body`.
fn file(body: &str, statements: &str) -> String {
    let statements = statements.replace('\n', "\n        ");
    format!(
        "use anyhow::Context;\nuse std::sync::Mutex;\n\nstruct S {{\n    names: Mutex<Vec<String>>,\n    items: Vec<String>,\n}}\n\nimpl S {{\n    fn f(&self, text: &str, items: Vec<String>) -> {body} {{\n        {statements}\n        Ok(())\n    }}\n}}\n"
    )
}

#[track_caller]
fn fixed(rule: &'static Rule, body: &str, before: &str, after: &str) {
    let (before, after) = (file(body, before), file(body, after));
    for text in [&before, &after] {
        if let Some(formatted) = formatted(text) {
            assert_eq!(formatted, **text, "the example is not formatted");
        }
    }
    let (fixture, fixes) = first_fixes(rule, &before);
    let fix = fixes.first().expect("a fix");
    assert_eq!(fixture.apply(fix).remove("src/lib.rs").expect("the root"), after);
}

const ANYHOW: &str = "anyhow::Result<()>";
const BOXED: &str = "Result<(), Box<dyn std::error::Error>>";

#[test]
fn a_chain_breaks_where_it_gets_too_long() {
    fixed(
        &EXPECT,
        ANYHOW,
        "let item = self.items.first().expect(\"there are no items in the list\");",
        "let item = self\n    .items\n    .first()\n    .context(\"there are no items in the list\")?;",
    );
    fixed(
        &EXPECT,
        BOXED,
        "let text = std::fs::read_to_string(\"a-file-of-some-length\")\n    .expect(\"a message that takes a line of its own\");",
        "let text = std::fs::read_to_string(\"a-file-of-some-length\")?;",
    );
    fixed(
        &LOCK,
        ANYHOW,
        "*self.names.lock().unwrap() = Vec::new();",
        "*self\n    .names\n    .lock()\n    .map_err(|error| anyhow::anyhow!(\"lock names: {error}\"))? = Vec::new();",
    );
}

#[test]
fn arguments_go_to_lines_of_their_own() {
    fixed(
        &LOCK,
        ANYHOW,
        "let names = std::mem::take(&mut *self.names.lock().unwrap());",
        "let names = std::mem::take(\n    &mut *self\n        .names\n        .lock()\n        .map_err(|error| anyhow::anyhow!(\"lock names: {error}\"))?,\n);",
    );
    fixed(
        &EXPECT,
        ANYHOW,
        "println!(\"{}\", std::fs::read_to_string(text).expect(\"it is no file\"));",
        "println!(\n    \"{}\",\n    std::fs::read_to_string(text).context(\"it is no file\")?\n);",
    );
    fixed(
        &EXPECT,
        BOXED,
        "compare(\n    std::fs::read_to_string(text).expect(\"the text is in a file\"),\n    items,\n);",
        "compare(std::fs::read_to_string(text)?, items);",
    );
}

#[test]
fn the_last_argument_goes_on_below_its_line() {
    fixed(
        &UNWRAP,
        ANYHOW,
        "drop(Some(\n    self.items.first().unwrap().to_string() + \"and a text that is long enough\" + text,\n));",
        "drop(Some(\n    self.items.first().context(\"items is empty\")?.to_string()\n        + \"and a text that is long enough\"\n        + text,\n));",
    );
    fixed(
        &EXPECT,
        ANYHOW,
        "drop(Err(self.items.first().expect(\"there is no item over here\")));",
        "drop(Err(self\n    .items\n    .first()\n    .context(\"there is no item over here\")?));",
    );
    fixed(
        &EXPECT,
        ANYHOW,
        "let item = items.pop();\nPoll::Ready(Err(item.expect(\"there is no item at this place right now\")));",
        "let item = items.pop();\nPoll::Ready(Err(\n    item.context(\"there is no item at this place right now\")?\n));",
    );
    fixed(
        &EXPECT,
        ANYHOW,
        "let names: Vec<String> = vec![self.items.first().expect(\"there is no item at all\").into()];",
        "let names: Vec<String> = vec![\n    self.items\n        .first()\n        .context(\"there is no item at all\")?\n        .into(),\n];",
    );
}

#[test]
fn attributes_of_a_statement_stay_above_it() {
    fixed(
        &LOCK,
        ANYHOW,
        "#[expect(deprecated)]\nlet names_of_all_items = self.names.lock().unwrap().to_vec();",
        "#[expect(deprecated)]\nlet names_of_all_items = self\n    .names\n    .lock()\n    .map_err(|error| anyhow::anyhow!(\"lock names: {error}\"))?\n    .to_vec();",
    );
}

#[test]
fn the_brace_of_a_condition_moves_below_it() {
    fixed(
        &LOCK,
        ANYHOW,
        "if let Some(name) = self.names.lock().unwrap().pop() {\n    println!(\"{name}\");\n}",
        "if let Some(name) = self\n    .names\n    .lock()\n    .map_err(|error| anyhow::anyhow!(\"lock names: {error}\"))?\n    .pop()\n{\n    println!(\"{name}\");\n}",
    );
    fixed(
        &LOCK,
        ANYHOW,
        "let Some(name) = self.names.lock().unwrap().pop() else {\n    return Ok(());\n};",
        "let Some(name) = self\n    .names\n    .lock()\n    .map_err(|error| anyhow::anyhow!(\"lock names: {error}\"))?\n    .pop()\nelse {\n    return Ok(());\n};",
    );
    fixed(
        &LOCK,
        ANYHOW,
        "if text.is_empty() || self.names.lock().unwrap().is_empty() {\n    return Ok(());\n}",
        "if text.is_empty()\n    || self\n        .names\n        .lock()\n        .map_err(|error| anyhow::anyhow!(\"lock names: {error}\"))?\n        .is_empty()\n{\n    return Ok(());\n}",
    );
}

#[test]
fn the_brace_of_a_match_behind_a_name_moves_below_it() {
    fixed(
        &LOCK,
        ANYHOW,
        "let name_of_them = match &self.names.lock().unwrap().first() {\n    Some(name) => name,\n    _ => text,\n};",
        "let name_of_them = match &self\n    .names\n    .lock()\n    .map_err(|error| anyhow::anyhow!(\"lock names: {error}\"))?\n    .first()\n{\n    Some(name) => name,\n    _ => text,\n};",
    );
}

#[test]
fn the_body_of_an_arm_gets_a_block() {
    fixed(
        &EXPECT,
        ANYHOW,
        "let text = match items.len() {\n    0 => std::fs::read_to_string(\"a-file-of-some-length\").expect(\"it is a name of files\"),\n    _ => text.to_string(),\n};",
        "let text = match items.len() {\n    0 => {\n        std::fs::read_to_string(\"a-file-of-some-length\").context(\"it is a name of files\")?\n    }\n    _ => text.to_string(),\n};",
    );
}

#[test]
fn what_is_not_formatted_is_edited_in_place() {
    for body in [
        "let names=std::mem::take(&mut *self.names.lock().unwrap());",
        "let names = std::mem::take( &mut *self.names.lock().unwrap() );",
        "let names = std::mem::take(/* all */ &mut *self.names.lock().unwrap());",
    ] {
        let source = file(ANYHOW, body);
        let (fixture, fixes) = first_fixes(&LOCK, &source);
        let after = fixture.apply(fixes.first().expect("a fix")).remove("src/lib.rs");
        let returned = "map_err(|error| anyhow::anyhow!(\"lock names: {error}\"))?";
        assert_eq!(after.expect("the root"), source.replace("unwrap()", returned));
    }
}

#[test]
fn the_width_is_that_of_the_settings() {
    let source = |text: &str| {
        format!(
            "//- rustfmt.toml\nmax_width = 60\ntab_spaces = 2\n//- src/lib.rs\nfn f(names: &Mutex<Vec<String>>) {{\n  {text}\n}}\n"
        )
    };
    let (fixture, fixes) = first_fixes(&LOCK, &source("drop(names.lock().unwrap().pop());"));
    let after = fixture.apply(fixes.first().expect("a fix")).remove("src/lib.rs");
    assert_eq!(
        after.expect("the root"),
        "fn f(names: &Mutex<Vec<String>>) {\n  drop(\n    names\n      .lock()\n      .unwrap_or_else(std::sync::PoisonError::into_inner)\n      .pop(),\n  );\n}\n"
    );
}

#[test]
fn deep_nesting_is_left_in_place() {
    let deep = format!("{}self.names.lock().unwrap(){}", "g(a, ".repeat(60), ")".repeat(60));
    let source = file(ANYHOW, &format!("{deep};"));
    let (fixture, fixes) = first_fixes(&LOCK, &source);
    let after = fixture.apply(fixes.first().expect("a fix")).remove("src/lib.rs");
    assert!(after.expect("the root").contains("g(a, g(a, "));
}

#[test]
fn what_was_formatted_stays_so() {
    let statements = [
        "let bind: SocketAddr = \"0.0.0.0:0\".parse().unwrap();",
        "let text = std::fs::read_to_string(\"a-file-of-some-length-at-some-path\").unwrap();",
        "std::fs::write(path, contents_of_the_file_that_is_written_here_with_a_name).unwrap();",
        "let first = self.items.first().unwrap();",
        "let first = self\n    .items_of_all_that_there_is\n    .first()\n    .unwrap()\n    .to_string();",
        "self.items.first().unwrap().to_string().push_str(\"other text\");",
        "let count = text.lines().map(|line| line.len()).max().unwrap();",
        "let value = text\n    .parse::<std::net::SocketAddr>()\n    .expect(\"Invalid listen address\");",
        "let (a, b) = text.split_once(\"a separator that is long\").unwrap();",
        "let pair = (items.first().unwrap().to_string(), text.parse::<u64>().unwrap_or(1));",
        "let limits = Limits { first: items.first().unwrap().len(), all: items.len() };",
        "let sum = items.first().unwrap().len() + items.iter().map(|it| it.len()).sum::<usize>();",
        "for (number, item) in items.first().unwrap().chars().enumerate() {\n    show(number, item);\n}",
        "match items.first().unwrap().as_str() {\n    \"a\" => show(1),\n    _ => show(2),\n}",
        "run(|it| it.push(text), items.first().unwrap(), text.len(), self.items.len() + 1);",
        "return Ok(self.items.first().unwrap().parse::<u64>().map(|it| show(it + 1))?);",
    ];
    let bodies = [ANYHOW, BOXED, "std::io::Result<()>", "Result<(), String>"];
    let mut seen = 0;
    for (statement, body) in
        statements.iter().flat_map(|it| bodies.iter().map(move |body| (it, body)))
    {
        let Some(source) = formatted(&file(body, statement)) else { return };
        let rule = [&UNWRAP, &EXPECT]
            .into_iter()
            .find(|rule| !Fixture::new(&source, [*rule]).findings().is_empty());
        let (fixture, fixes) = first_fixes(rule.expect("it is reported"), &source);
        let Some(fix) = fixes.first() else { continue };
        let after = fixture.apply(fix).remove("src/lib.rs").expect("the root");
        assert_eq!(formatted(&after).as_deref(), Some(after.as_str()), "{statement}");
        seen += 1;
    }
    assert!(seen > 50, "{seen}");
}
