//! The editor and the command line never disagree.

use std::process::Command;

use serde_json::{Value, json};

use crate::client::{Client, change, diagnostics};
use crate::project::Project;

const SAMPLE: &str = r#"//! A sample: ünïcode, 𝄞, and findings of several kinds.
use std::collections::HashMap;

/// Never called: `x.unwrap()`.
pub fn first(map: &HashMap<String, u8>) -> u8 {
    let naïve = "𝄞𝄞"; let _ = map.get(naïve).unwrap();
    println!("{} {}", map["é"], map.get("𝄞").unwrap());
    *map.get("a").unwrap() // readiness: allow(unwrap-used) it is always there
}

// readiness: allow(unwrap-used)
fn second() { None::<u8>.unwrap(); }

impl Sample {
    // readiness: allow(unwrap-used) nothing does
    fn third(&self) -> u8 { if self.a { return 1 } else { self.b.unwrap() } }

    #[allow(clippy::unwrap_used)]
    fn fourth(&self) { self.b.unwrap_err(); { let c = || self.b.unwrap(); c() } }
}

// readiness: allow(no-such-rule) because
trait Fifth { fn fifth(&self) { self.x.unwrap_err(); } }

mod inner {
    pub async fn sixth() { loop { match x.await.unwrap() { 'x' => {} _ => break } } }
    macro_rules! seventh { () => { x.unwrap() } }
}

#[cfg(test)]
mod tests {
    #[test]
    fn works() { super::first(&Default::default()).unwrap(); }
}
"#;

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

/// The position of a byte offset, in UTF-16.
fn position(text: &str, offset: usize) -> (u32, u32) {
    let before = &text[..offset];
    let line = before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (line as u32, before[start..].encode_utf16().count() as u32)
}

/// Line and column as `check` counts them: from one, in characters.
fn counted(text: &str, position: &Value) -> (u64, u64) {
    let (line, units) =
        (position["line"].as_u64().expect("a line"), position["character"].as_u64().expect("one"));
    let content = text.split('\n').nth(line as usize).unwrap_or_default();
    let (mut left, mut characters) = (units, 0);
    for character in content.chars() {
        if left == 0 {
            break;
        }
        left -= character.len_utf16() as u64;
        characters += 1;
    }
    assert_eq!(left, 0, "a column inside a character");
    (line + 1, characters + 1)
}

type Row = (String, String, (u64, u64), (u64, u64), String);

fn of_editor(text: &str, params: &Value) -> Vec<Row> {
    let row = |it: &Value| {
        let severity = match it["severity"].as_u64() {
            Some(1) => "critical",
            Some(2) => "high",
            Some(3) => "medium",
            _ => "low",
        };
        (
            it["code"].as_str().expect("a code").to_string(),
            severity.to_string(),
            counted(text, &it["range"]["start"]),
            counted(text, &it["range"]["end"]),
            it["message"].as_str().expect("a message").to_string(),
        )
    };
    diagnostics(params).iter().map(row).collect()
}

fn of_check(project: &Project) -> Vec<Row> {
    let output = Command::new(env!("CARGO_BIN_EXE_readiness-lsp"))
        .args(["check", "--format", "json"])
        .arg(project.path())
        .output()
        .expect("check runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let rows = text.lines().map(|line| serde_json::from_str(line).expect("JSON"));
    let rows = rows.filter(|it: &Value| it["file"] == "src/lib.rs").map(|it| {
        let word = |key: &str| it[key].as_str().expect("a word").to_string();
        let number = |key: &str| it[key].as_u64().expect("a number");
        (
            word("rule"),
            word("severity"),
            (number("line"), number("column")),
            (number("end_line"), number("end_column")),
            word("message"),
        )
    });
    rows.collect()
}

/// Types a text in small pieces, in any order, with slips of the finger that are taken back.
fn type_into_shape(newline: &str, seed: u64) {
    let target = SAMPLE.replace('\n', newline);
    let project = Project::new(&[("src/lib.rs", "")]);
    let uri = project.uri("src/lib.rs");
    let mut random = Random(seed);
    let mut client = Client::open(&[&project.root()], json!({}));
    client.did_open(&uri, "");

    let characters: Vec<char> = target.chars().collect();
    let mut pieces: Vec<String> = Vec::new();
    let mut at = 0;
    while at < characters.len() {
        let mut end = (at + 1 + random.below(12)).min(characters.len());
        // A client does not split a line break.
        if characters[end - 1] == '\r' {
            end += 1;
        }
        pieces.push(characters[at..end].iter().collect());
        at = end;
    }
    let mut order: Vec<usize> = (0..pieces.len()).collect();
    for index in (1..order.len()).rev() {
        // Mostly from top to bottom, as people type.
        let other = index.saturating_sub(random.below(6));
        order.swap(index, other);
    }
    let mut typed = vec![false; pieces.len()];
    let mut text = String::new();
    let mut version = 1;
    for piece in order {
        let offset: usize = (0..piece).filter(|it| typed[*it]).map(|it| pieces[it].len()).sum();
        typed[piece] = true;
        let from = position(&text, offset);
        let mut changes = Vec::new();
        if random.below(5) == 0 {
            let slip = ["{", "\"", "x.unwrap();", "é𝄞", "/*", "}"][random.below(6)];
            let to = (from.0, from.1 + slip.encode_utf16().count() as u32);
            changes.push(change(from, from, slip));
            changes.push(change(from, to, ""));
        }
        changes.push(change(from, from, &pieces[piece]));
        text.insert_str(offset, &pieces[piece]);
        if random.below(2) == 0 {
            version += 1;
            client.did_change(&uri, version, Value::Array(changes));
        } else {
            for change in changes {
                version += 1;
                client.did_change(&uri, version, json!([change]));
                if random.below(3) == 0 {
                    client.hover(&uri, from.0, from.1);
                }
            }
        }
    }
    assert_eq!(text, target);
    project.write("src/lib.rs", &target);
    let expected = of_check(&project);
    assert!(expected.len() >= 6, "{expected:?}");
    client.notify("textDocument/didSave", json!({ "textDocument": { "uri": uri } }));
    client.until("the same findings", |client| {
        let last = client.published(&uri).pop()?;
        (of_editor(&target, &last) == expected).then_some(())
    });
    // What is asked for afterwards is the same.
    let rows = of_editor(&target, &client.published(&uri).pop().expect("published"));
    assert_eq!(rows, expected);
}

#[test]
fn a_file_typed_into_shape_has_the_findings_of_check() {
    for seed in [1, 77, 4_242] {
        type_into_shape("\n", seed);
    }
}

#[test]
fn a_file_typed_with_carriage_returns_as_well() {
    type_into_shape("\r\n", 9);
}
