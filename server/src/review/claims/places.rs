//! Paths and lines as people write them: `src/a.rs:12-20`, `a.rs:3, 8`, `src/a.rs` (lines 3-5),
//! `src/a.rs#L3`, `src/a.rs:3@1a2b3c4`.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Captures;

use super::document::{Unit, UnitKind};
use super::pattern::{Pattern, pattern};
use crate::project::FileKind;
use crate::project::paths::file_name;

/// A path in the text of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CitedPath {
    /// Bytes of the unit's text: the path with its lines.
    pub range: Range<usize>,
    pub path: String,
    /// The lines, each with where its numbers stand.
    pub lines: Vec<CitedLines>,
    pub commit: Option<String>,
    /// Whether it is written as code.
    pub is_code: bool,
}

/// Lines of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CitedLines {
    pub first: u32,
    pub last: u32,
    /// Bytes of the unit's text.
    pub range: Range<usize>,
}

/// A path with what may follow it.
const PATTERN: &str = r"(?x)
    (?P<path> (?:\.{1,2}/)* [A-Za-z0-9_.@+\-]+ (?: / [A-Za-z0-9_.@+\-]+ )* /? )
    (?: (?: : | \#L ) (?P<lines> \d+ (?: [-–—]L?\d+ )? (?: \s?[,/]\s? :? \d+ (?: [-–—]\d+ )? )* ) )?
    (?: @ (?P<commit> [0-9a-f]{7,40} ) )?";

static WHOLE: Pattern = LazyLock::new(|| pattern(&format!("^{PATTERN}$")));
static WITHIN: Pattern = LazyLock::new(|| pattern(PATTERN));

/// Lines in words, behind a path or at the beginning of an item: `(lines 3-5)`, `Line 12`.
static IN_WORDS: Pattern = LazyLock::new(|| {
    let number = r"\d+(?:\s*[-–—]\s*\d+)?";
    pattern(&format!(
        r"^[\s,:]*[\[(]?(?:at |on |around )?(?i:lines?|L\.)\s+(?P<lines>{number}(?:\s*(?:,|and|,\s*and|&)\s*{number})*)"
    ))
});

static NUMBERS: Pattern = LazyLock::new(|| pattern(r"(\d+)(?:\s*[-–—]\s*L?(\d+))?"));

/// The paths in a unit that is no code block.
pub fn cited(unit: &Unit) -> Vec<CitedPath> {
    let mut found = Vec::new();
    if matches!(unit.kind, UnitKind::Code(_)) {
        return found;
    }
    for span in &unit.spans {
        let Some(text) = unit.text.get(span.range.clone()) else { continue };
        if span.is_code {
            let whole = WHOLE.as_ref().and_then(|it| it.captures(text));
            found.extend(whole.and_then(|it| cited_path(&it, span.range.start, true)));
        } else if let Some(pattern) = WITHIN.as_ref() {
            // Every word of a sentence is found; few may be a path.
            for whole in pattern.find_iter(text).filter(|it| it.as_str().contains(['/', ':', '#']))
            {
                let before = text.get(..whole.start()).and_then(|it| it.chars().next_back());
                let after = text.get(whole.end()..).and_then(|it| it.chars().next());
                let is_part = before.is_some_and(|it| "/:\\~$<{%*@=&?#".contains(it))
                    || after.is_some_and(|it| "\\<{*/(=".contains(it));
                if !is_part && let Some(captures) = pattern.captures_at(text, whole.start()) {
                    found.extend(cited_path(&captures, span.range.start, false));
                }
            }
        }
    }
    for at in 0..found.len() {
        add_lines_in_words(unit, &mut found, at);
    }
    found
}

/// Lines that an item names at its beginning, for a file that is named above it.
pub fn lines_at_start(unit: &Unit) -> Vec<CitedLines> {
    let words = IN_WORDS.as_ref().and_then(|it| it.captures(&unit.text));
    words.map(|it| lines_of(&it, 0)).unwrap_or_default()
}

fn add_lines_in_words(unit: &Unit, found: &mut [CitedPath], at: usize) {
    let next = found.get(at + 1).map_or(unit.text.len(), |it| it.range.start);
    let Some(cited) = found.get_mut(at).filter(|it| it.lines.is_empty()) else { return };
    let end = cited.range.end;
    let Some(rest) = unit.text.get(end..next) else { return };
    if let Some(captures) = IN_WORDS.as_ref().and_then(|it| it.captures(rest)) {
        cited.lines = lines_of(&captures, end);
        cited.range.end = cited.lines.last().map_or(end, |it| it.range.end);
    }
}

fn cited_path(captures: &Captures<'_>, base: usize, is_code: bool) -> Option<CitedPath> {
    let (whole, path) = (captures.get(0)?, captures.name("path")?);
    let lines = lines_of(captures, base);
    // The full stop of a sentence.
    let written = path.as_str();
    let trimmed = match is_code {
        true => written,
        false => written.trim_end_matches(['.', '-']),
    };
    let cut = if lines.is_empty() { written.len() - trimmed.len() } else { 0 };
    let range = base + whole.start()..base + whole.end() - cut;
    is_path(trimmed, is_code, !lines.is_empty()).then(|| CitedPath {
        range,
        path: trimmed.to_string(),
        lines,
        commit: captures.name("commit").map(|it| it.as_str().to_string()),
        is_code,
    })
}

fn lines_of(captures: &Captures<'_>, base: usize) -> Vec<CitedLines> {
    let (Some(lines), Some(numbers)) = (captures.name("lines"), NUMBERS.as_ref()) else {
        return Vec::new();
    };
    let base = base + lines.start();
    let lines = numbers.captures_iter(lines.as_str()).filter_map(|it| {
        let whole = it.get(0)?;
        let first = it.get(1)?.as_str().parse().ok().filter(|it| *it > 0)?;
        let last = it.get(2).and_then(|it| it.as_str().parse().ok()).unwrap_or(first);
        let range = base + whole.start()..base + whole.end();
        (last >= first).then_some(CitedLines { first, last, range })
    });
    lines.collect()
}

/// Whether a word is the path of a file or folder of a project.
fn is_path(path: &str, is_code: bool, has_lines: bool) -> bool {
    let name = file_name(path.trim_end_matches('/'));
    let is_placeholder = name.is_empty()
        || path.split('/').any(|it| {
            matches!(it, "path" | "to" | "foo" | "bar" | "xxx" | "XXX" | "example.com")
                || it.contains("...")
                || it.starts_with("your")
                || it.starts_with("my-")
                || it.starts_with("my_")
        });
    let is_mail = path.contains('@') && !path.contains('/');
    if is_placeholder || is_mail || path.starts_with('@') {
        return false;
    }
    let is_rust = name.ends_with(".rs") && name.len() > 3;
    if has_lines {
        return is_rust || is_known(path);
    }
    match path.contains('/') {
        true => path.ends_with('/') && is_code || is_known(path) || is_rust,
        false => is_code && (is_rust || is_known(path) && name.contains('.') || is_file(name)),
    }
}

/// Names of files without an extension.
fn is_file(name: &str) -> bool {
    matches!(name, "Dockerfile" | "Makefile" | "CODEOWNERS" | "LICENSE" | "justfile")
}

fn is_known(path: &str) -> bool {
    const OTHERS: &[&str] = &["txt", "proto", "html", "css", "lock", "xml", "capnp", "pest"];
    let name = file_name(path);
    let extension = name.rsplit_once('.').map(|(stem, it)| (!stem.is_empty(), it));
    let is_word = |it: &str| it.len() <= 10 && it.bytes().all(|it| it.is_ascii_lowercase());
    is_file(name)
        || extension.is_some_and(|(has_stem, it)| {
            is_word(it) && (FileKind::of(path).is_some() || has_stem && OTHERS.contains(&it))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::claims::document::units;

    fn shown(text: &str) -> Vec<String> {
        let units = units(text);
        let cited = units.iter().flat_map(cited);
        cited
            .map(|it| {
                let lines: Vec<String> =
                    it.lines.iter().map(|it| format!("{}-{}", it.first, it.last)).collect();
                format!("{} {}", it.path, lines.join(",")).trim_end().to_string()
            })
            .collect()
    }

    #[test]
    fn places_are_read_as_people_write_them() {
        for (text, expected) in [
            ("at `src/a.rs:12`", vec!["src/a.rs 12-12"]),
            ("(`lib/src/server.rs:323, 342`)", vec!["lib/src/server.rs 323-323,342-342"]),
            ("`src/a.rs:245-302` and b/c.rs:7.", vec!["src/a.rs 245-302", "b/c.rs 7-7"]),
            ("**src/tracing/event.rs** (Line 13)", vec!["src/tracing/event.rs 13-13"]),
            ("`src/pool.rs` (Lines 215, 224)", vec!["src/pool.rs 215-215,224-224"]),
            ("`Dockerfile` lines 44-46", vec!["Dockerfile 44-46"]),
            ("(`config.ts` line 94): x", vec!["config.ts 94-94"]),
            ("admin_server.cpp:41-42", vec!["admin_server.cpp 41-42"]),
            ("[x](b.md), `rfcs/` and `.github/workflows`", vec!["rfcs/"]),
            ("see src/a.rs#L10-L20", vec!["src/a.rs 10-20"]),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn other_words_are_no_paths() {
        for text in [
            "https://example.org/src/a.rs:3 and http://x.y/b.rs",
            "e.g. and/or, client/server, 1.2.3, `Foo::bar`, `a.b()`",
            "`src/<name>.rs`, `src/*.rs`, `~/.cargo/config.toml`, `$HOME/a.toml`, path/to/a.rs",
            "`target.rs()`, `std::io`, `tokio/full`, `serde/derive`",
        ] {
            assert_eq!(shown(text), Vec::<String>::new(), "{text}");
        }
    }
}
