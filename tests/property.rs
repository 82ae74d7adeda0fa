//! Random edits over real files: whatever is typed, the text is exact, the settled tree is that of
//! a full parse, and findings that come from the cache equal those computed anew.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use readiness_lsp::analysis::Finding;
use readiness_lsp::rules;
use readiness_lsp::syntax::{Document, Edition, parse_root};
use readiness_lsp::text::{Encoding, FileRange, Text, TextEdit, TextSize, apply_edits};
use readiness_lsp::workspace::{Change, Workspace};

const EDITS: usize = 20_000;
/// Typing settles after so many edits.
const BURST: usize = 16;
/// What is typed: braces and quotes that match nothing, line breaks of every kind, characters of
/// one to four bytes, and code.
const TYPED: &[&str] = &[
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "\"",
    "'",
    "/*",
    "*/",
    "//",
    "///",
    "#",
    "!",
    ";",
    ",",
    ".",
    "::",
    "\n",
    "\r\n",
    "\r",
    " ",
    "    ",
    "é",
    "𝄞",
    "漢字",
    "\u{2028}",
    "x",
    "fn f() {}",
    "impl S { ",
    "mod m { ",
    "use a::{b, c};",
    "x.unwrap()",
    "println!(\"{}\", x.unwrap());",
    "r#\"",
    "\"#",
    "b'",
    "0x",
    "1.",
    "#[cfg(test)]",
    "#![allow(x)]",
    "// readiness: allow(unwrap-used) checked\n",
    "macro_rules! m { ",
    "async move { ",
    "|x| ",
    "=> ",
    "let x = ",
    "unsafe { ",
    "'a",
    "<",
    ">",
    "&",
    "?",
    "_",
];

#[test]
fn twenty_thousand_random_edits() {
    let texts = sources();
    assert!(texts.len() > 20, "too few files to edit: {}", texts.len());
    let runs = texts.len();
    let edits = EDITS / runs + 1;
    texts.into_par_iter().enumerate().for_each(|(seed, text)| edit_at_random(seed, text, edits));
}

fn edit_at_random(seed: usize, source: String, edits: usize) {
    let mut random = fastrand::Rng::with_seed(seed as u64);
    let encoding = if seed.is_multiple_of(2) { Encoding::Utf8 } else { Encoding::Utf16 };
    let mut model = source;
    let mut document = Document::new(&model, Edition::CURRENT);
    let workspace = Workspace::without_folder(rules::all());
    workspace.open_buffer("a.rs", &model, 0);
    for number in 1..=edits {
        let edit = random_edit(&mut random, &model);
        let positions = Text::new(&model);
        let change = Change::Range {
            start: positions.position(edit.range.start(), encoding),
            end: positions.position(edit.range.end(), encoding),
            text: edit.insert.clone(),
        };
        model = apply_edits(&model, std::slice::from_ref(&edit));
        document.apply(&edit);
        workspace.change_buffer("a.rs", vec![change], number as i32, encoding);
        assert!(document.text().to_string() == model, "seed {seed}, edit {number}: {edit:?}");
        assert!(
            workspace.snapshot().text_of("a.rs").as_ref() == Some(&model),
            "seed {seed}: {edit:?}"
        );
        // Now and then several edits come before anyone asks.
        if random.u8(0..4) != 0 {
            let len = document.root().map(|root| root.text_range().len());
            assert_eq!(len, Ok(document.text().len()), "seed {seed}, edit {number}: {edit:?}");
            workspace.analyze_buffer("a.rs");
        }
        if number.is_multiple_of(BURST) {
            document.settle();
            let full = parse_root(&model, Edition::CURRENT).map(|root| root.green().to_owned());
            let settled = document.root().map(|root| root.green().to_owned());
            assert!(full.is_ok(), "seed {seed}, edit {number}: {full:?}");
            assert!(settled == full, "seed {seed}, edit {number}: another tree");
            let cached = settled_findings(&workspace);
            let fresh = uncached_findings(&workspace, number);
            let only = |a: &[Finding], b: &[Finding]| -> Vec<String> {
                let missing = a.iter().filter(|it| !b.contains(it));
                missing
                    .map(|it| format!("{}: {} at {:?}", it.rule.id, it.message, it.range))
                    .collect()
            };
            assert!(
                cached == fresh,
                "seed {seed}, edit {number}: only cached {:#?}, only fresh {:#?}",
                only(&cached, &fresh),
                only(&fresh, &cached)
            );
        }
    }
}

/// The findings without those kept from before braces stopped matching.
fn settled_findings(workspace: &Workspace) -> Vec<Finding> {
    workspace.settle_buffer("a.rs");
    workspace.snapshot().findings("a.rs")
}

/// The findings of the same buffer with nothing cached: other settings empty the cache. The symbols
/// stay those of the workspace, which holds on to the last ones known while braces do not match.
fn uncached_findings(workspace: &Workspace, number: usize) -> Vec<Finding> {
    workspace.open_buffer("readiness.toml", &format!("# {number}\n"), 0);
    assert!(workspace.reload_settings());
    settled_findings(workspace)
}

/// Typing somewhere, deleting a few characters, or deleting across lines and items.
fn random_edit(random: &mut fastrand::Rng, text: &str) -> TextEdit {
    let start = boundary(text, random.usize(0..=text.len()));
    let len = match random.u8(0..10) {
        0..=5 => 0,
        6..=8 => random.usize(0..8),
        _ => random.usize(0..400),
    };
    let end = boundary(text, (start + len).min(text.len())).max(start);
    let insert = match random.u8(0..5) {
        0 if end > start => "",
        // Keep the text from wasting away.
        1 if text.len() < 2_000 => "fn again(x: Option<u8>) -> u8 { x.unwrap() }\n",
        _ => TYPED[random.usize(0..TYPED.len())],
    };
    let range = FileRange::new(TextSize::new(start as u32), TextSize::new(end as u32));
    TextEdit::replace(range, insert)
}

/// A place that a position can name: between characters, and not inside a line break.
fn boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) || (text[..at].ends_with('\r') && text[at..].starts_with('\n'))
    {
        at -= 1;
    }
    at
}

/// This project's own sources and fixtures; every third with the line breaks of Windows, and every
/// fourth with wide characters in its comments.
fn sources() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut paths: Vec<PathBuf> = Vec::new();
    for folder in ["server/src", "fixtures"] {
        collect(&root.join(folder), &mut paths);
    }
    paths.sort();
    let texts = paths.iter().filter_map(|path| std::fs::read_to_string(path).ok()).enumerate();
    texts
        .map(|(number, mut text)| {
            if number.is_multiple_of(3) {
                text = text.replace('\n', "\r\n");
            }
            if number.is_multiple_of(4) {
                text = text.replace("// ", "// 𝄞é漢 ");
            }
            // Long files cost time and try nothing new.
            text.truncate(boundary(&text, text.len().min(12_000)));
            text
        })
        .collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}
