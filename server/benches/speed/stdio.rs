//! From a keystroke to its published diagnostics, through real servers.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use readiness_lsp::text::{Encoding, Position, Text, TextEdit};
use serde_json::{Value, json};

use super::client::Server;
use super::{floor, median, ms, print_percentiles, strokes};

/// What ast-grep is asked to find.
const PATTERNS: [&str; 5] =
    ["$X.unwrap()", "$X.expect($M)", "panic!($$$)", "todo!($$$)", "$X as u8"];
/// It is so much slower that some of the strokes tell.
const FEWER: usize = 10;

/// This server between the floor of the protocol and, where it is there, ast-grep.
pub fn compare(text: &str) {
    let strokes = strokes(text);
    let mut own = Command::new(env!("CARGO_BIN_EXE_readiness-lsp"));
    own.env("READINESS_LOG", "off");
    let mut server = Server::start(&mut own, &Value::Null, None);
    let found = server.open(text);
    println!("  {} lines, {} findings", text.lines().count(), found.len());
    let mut times = type_all(&mut server, text, &strokes);
    let mut floor = Command::new(std::env::current_exe().expect("this program"));
    let mut floor = Server::start(floor.arg(floor::ARGUMENT), &json!(found), None);
    floor.open(text);
    let mut least = type_all(&mut floor, text, &strokes);
    print_percentiles("floor of the protocol", &mut least);
    print_percentiles("readiness-lsp", &mut times);
    if times.is_empty() || least.is_empty() {
        return;
    }
    let own = ms(median(&mut times));
    println!("    = {:.2} × the floor", own / ms(median(&mut least)));
    if let Some(program) = std::env::var_os("READINESS_BENCH_AST_GREP") {
        let fewer: Vec<_> = strokes.into_iter().take(strokes_of(FEWER)).collect();
        let mut theirs = ast_grep(Path::new(&program), text, &fewer);
        print_percentiles("ast-grep", &mut theirs);
        if !theirs.is_empty() {
            println!("    = 1/{:.0} of ast-grep", ms(median(&mut theirs)) / own);
        }
    }
}

fn strokes_of(places: usize) -> usize {
    places * 2 * super::TYPED.len()
}

fn type_all(server: &mut Server, text: &str, strokes: &[(Position, u32, String)]) -> Vec<Duration> {
    let mut text = Text::new(text);
    let mut times = Vec::new();
    for (start, removed, typed) in strokes {
        let end = Position { character: start.character + removed, ..*start };
        let range = text.range(*start, end, Encoding::Utf16);
        text.apply(&TextEdit::replace(range, typed.as_str()));
        let at = |it: &Position| json!({ "line": it.line, "character": it.character });
        let change = json!({ "range": { "start": at(start), "end": at(&end) }, "text": typed });
        times.extend(server.stroke(&change, || text.to_string()));
    }
    times
}

fn ast_grep(program: &Path, text: &str, strokes: &[(Position, u32, String)]) -> Vec<Duration> {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("it is made");
        std::fs::write(path, text).expect("it is written");
    };
    write("sgconfig.yml", "ruleDirs: [rules]\n");
    for (number, pattern) in PATTERNS.iter().enumerate() {
        let rule = format!("rule: {{ pattern: '{pattern}' }}");
        let head = format!("id: rule-{number}\nlanguage: rust\nseverity: warning\nmessage: found");
        write(&format!("rules/{number}.yml"), &format!("{head}\n{rule}\n"));
    }
    write("bench.rs", text);
    let mut command = Command::new(program);
    command.arg("lsp").current_dir(folder.path());
    let uri = format!("file://{}", folder.path().display());
    let mut server = Server::start(&mut command, &Value::Null, Some(&uri));
    server.open(text);
    type_all(&mut server, text, strokes)
}
