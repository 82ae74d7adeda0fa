//! Texts of every format, changed at random: nothing panics, the editor's text stays exact, what is
//! settled is what a fresh server finds, and fixes keep their promises.
//!
//! It runs for `READINESS_FUZZ_SECONDS` (two of them without it), from `READINESS_FUZZ_SEED` on. What
//! fails names its seed.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use readiness_lsp::analysis::{Applicability, Finding};
use readiness_lsp::rules;
use readiness_lsp::syntax::{Edition, SyntaxKind, parse_root};
use readiness_lsp::text::{Encoding, Position, Text, TextEdit};
use readiness_lsp::workspace::{Change, STACK_BYTES, Workspace, is_rust};

/// What formats are made of, and what breaks them.
const TOKENS: &[&str] = &[
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "<",
    ">",
    "\"",
    "'",
    "`",
    "\\",
    "/*",
    "*/",
    "//",
    "#",
    "--",
    "<!--",
    "-->",
    "\n",
    "\r\n",
    "\r",
    "\t",
    " ",
    "\0",
    "\u{feff}",
    "\u{2028}",
    "é",
    "𝄞",
    ":",
    "=",
    ",",
    ";",
    ".",
    "$",
    "${",
    "${{",
    "}}",
    "%",
    "@",
    "&",
    "*",
    "!",
    "|",
    "- ",
    "> ",
    "```",
    "---\n",
    "&a ",
    "*a",
    "<<EOF\n",
    "EOF\n",
    "\"\"\"",
    "'''",
    "r#\"",
    "// readiness: allow(",
    "# readiness: allow(unwrap-used) x\n",
    ".unwrap()",
    "x.lock().unwrap()",
    "async ",
    "unsafe { ",
    "SELECT * FROM a WHERE b = ",
    "CREATE TABLE a (b INTEGER",
    "FROM rust:1.80\n",
    "RUN ",
    "ARG A=$A\n",
    "password = \"s3cr3t-x\"",
    "TODO",
    "mod a;",
    "#[cfg(test)]",
    "fn f() { ",
    "match x { ",
    "=> ",
    "0",
    "-1",
    "1e999",
    "true",
    "null",
];

/// Files of all formats: those of the fixtures.
fn corpus() -> Vec<(String, String)> {
    fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { collect(&path, files) } else { files.push(path) }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    let read = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).ok().filter(|it| it.len() < 30_000)?;
        // Below the folder of the fixture, as in the project.
        let inside = path.strip_prefix(&root).ok()?.iter().skip(1);
        let path = inside.map(|it| it.to_string_lossy()).collect::<Vec<_>>().join("/");
        Some((path, text))
    };
    let files: Vec<_> =
        files.iter().filter_map(read).filter(|(path, _)| !path.is_empty()).collect();
    assert!(files.len() > 60, "too few files: {}", files.len());
    files
}

/// Ends with a panic that names the seed.
struct Run {
    seed: u64,
    path: String,
}

impl Drop for Run {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("READINESS_FUZZ_SEED={} ({})", self.seed, self.path);
        }
    }
}

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Runs something with one seed after the other until time is over.
fn fuzz(run: impl Fn(&mut fastrand::Rng, &[(String, String)], &mut Run) + Send + Sync) {
    let budget = Duration::from_secs(variable("READINESS_FUZZ_SECONDS").unwrap_or(2));
    let (first, files, start) =
        (variable("READINESS_FUZZ_SEED").unwrap_or(1), corpus(), Instant::now());
    let work = || {
        let mut seed = first;
        while seed == first || start.elapsed() < budget {
            let mut current = Run { seed, path: String::new() };
            run(&mut fastrand::Rng::with_seed(seed), &files, &mut current);
            seed += 1;
        }
        eprintln!("{} runs", seed - first);
    };
    // Trees are walked by recursion.
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work);
        thread.expect("a thread").join().expect("no panic");
    });
}

/// A place in a text, between two characters.
fn place(random: &mut fastrand::Rng, text: &str) -> usize {
    let mut at = random.usize(..=text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// What is put into a text: a token, or a piece of another file.
fn piece(random: &mut fastrand::Rng, files: &[(String, String)]) -> String {
    if random.u8(..4) > 0 {
        return TOKENS[random.usize(..TOKENS.len())].to_string();
    }
    let (_, text) = &files[random.usize(..files.len())];
    let (a, b) = (place(random, text), place(random, text));
    text[a.min(b)..a.max(b)].chars().take(200).collect()
}

fn mutated(random: &mut fastrand::Rng, text: &str, files: &[(String, String)]) -> String {
    let mut text = text.to_string();
    for _ in 0..random.usize(1..6) {
        let (a, b) = (place(random, &text), place(random, &text));
        let end = match random.u8(..3) {
            0 => a,
            1 => {
                text[a..].char_indices().nth(random.usize(1..20)).map_or(text.len(), |it| a + it.0)
            }
            _ => a.max(b).min(a + 400),
        };
        let end = (end..=text.len()).find(|it| text.is_char_boundary(*it)).unwrap_or(a);
        text.replace_range(a..end, &piece(random, files));
    }
    text
}

fn key(finding: &Finding) -> (String, u32, u32, String) {
    let (start, end) = (finding.range.start().into(), finding.range.end().into());
    (finding.rule.id.to_string(), start, end, finding.message.to_string())
}

/// Findings of a text in a workspace of its own.
fn settled(path: &str, text: &str) -> Vec<(String, u32, u32, String)> {
    let workspace = Workspace::without_folder(rules::all());
    workspace.open_buffer(path, text, 1);
    let found = workspace.settle_buffer(path).expect("it is open");
    assert!(
        found.panicked.is_empty(),
        "{:?} in {text:?}",
        found.panicked.iter().map(|it| it.id).collect::<Vec<_>>()
    );
    found.findings.iter().map(key).collect()
}

#[test]
fn edits_at_any_position_leave_the_text_that_was_typed() {
    fuzz(|random, files, run| {
        let (path, text) = &files[random.usize(..files.len())];
        run.path.clone_from(path);
        let encoding = [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32][random.usize(..3)];
        let workspace = Workspace::without_folder(rules::all());
        workspace.open_buffer(path, text, 1);
        let mut expected = Text::new(text);
        for version in 2..random.i32(3..12) {
            let mut changes = Vec::new();
            for _ in 0..random.usize(1..4) {
                let mut position = || Position {
                    // Some lie outside, or inside of a character.
                    line: if random.u8(..20) == 0 { u32::MAX } else { random.u32(..300) },
                    character: if random.u8(..20) == 0 { u32::MAX } else { random.u32(..60) },
                };
                let (start, end) = (position(), position());
                let end = if random.bool() { start } else { end };
                let insert = piece(random, files);
                let range = expected.range(start, end, encoding);
                expected.apply(&TextEdit::replace(range, insert.clone()));
                changes.push(Change::Range { start, end, text: insert });
            }
            workspace.change_buffer(path, changes, version, encoding);
            workspace.analyze_buffer(path).expect("it is open");
        }
        let found = workspace.settle_buffer(path).expect("it is open");
        assert_eq!(found.text.to_string(), expected.to_string());
        let found: Vec<_> = found.findings.iter().map(key).collect();
        assert_eq!(found, settled(path, &expected.to_string()));
    });
}

#[test]
fn every_format_is_read_whatever_is_in_it() {
    fuzz(|random, files, run| {
        let (path, text) = &files[random.usize(..files.len())];
        run.path.clone_from(path);
        let text = mutated(random, text, files);
        for (_, start, end, _) in settled(path, &text) {
            assert!(start <= end && end as usize <= text.len(), "{start}..{end} of {}", text.len());
            assert!(text.is_char_boundary(start as usize) && text.is_char_boundary(end as usize));
        }
    });
}

#[test]
fn fixed_text_parses_and_needs_no_further_fix() {
    fuzz(|random, files, run| {
        let sources: Vec<_> = files.iter().filter(|(path, _)| is_rust(path)).collect();
        let (path, text) = sources[random.usize(..sources.len())];
        run.path.clone_from(path);
        let text = if random.bool() { mutated(random, text, files) } else { text.clone() };
        let up_to = if random.bool() { Applicability::Safe } else { Applicability::Suggested };
        let has_errors = |text: &str| {
            let root = parse_root(text, Edition::CURRENT);
            root.map_or(true, |it| it.descendants().any(|it| it.kind() == SyntaxKind::ERROR))
        };
        let workspace = Workspace::without_folder(rules::all());
        workspace.open_buffer(path, &text, 1);
        workspace.settle_buffer(path);
        let paths = [path.clone()];
        let applied = workspace.snapshot().fix_all(&paths, up_to, |_| true);
        let Some(fixed) = applied.files.get(path) else { return };
        assert!(has_errors(&text) || !has_errors(fixed), "{fixed}");
        assert_ne!(*fixed, text);
        // What was promised: no fix of the same kind is left.
        let again = Workspace::without_folder(rules::all());
        again.open_buffer(path, fixed, 1);
        again.settle_buffer(path);
        let left = again.snapshot().fix_all(&paths, up_to, |_| true);
        let titles: Vec<&str> = left.fixes.iter().map(|it| it.title.as_str()).collect();
        assert!(titles.is_empty() || has_errors(&text), "{titles:?} in {fixed}");
    });
}
