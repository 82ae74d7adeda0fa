//! Setting with different defaults in different places.
//!
//! If a variable is not set, one part of the program uses one value and another part a different
//! one, or the documentation states a value that the code does not use. The effect of leaving the
//! variable out then depends on which part reads it.
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "signalling"
//! //- src/auth.rs
//! fn window() -> u64 {
//!     std::env::var("TIMESTAMP_MAX_AGE").ok().and_then(|it| it.parse().ok()).unwrap_or(60_000)
//! }
//! //- src/worker.ts
//! const window = Number(env.TIMESTAMP_MAX_AGE ?? "300000");
//! ```
//!
//! Read a setting in one place, and document the default of that place:
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "signalling"
//! //- src/auth.rs
//! fn window() -> u64 {
//!     std::env::var("TIMESTAMP_MAX_AGE").ok().and_then(|it| it.parse().ok()).unwrap_or(60_000)
//! }
//! //- src/worker.ts
//! const window = Number(env.TIMESTAMP_MAX_AGE ?? "60000");
//! //- README.md
//! | Variable | Default |
//! |---|---|
//! | `TIMESTAMP_MAX_AGE` | `60000` |
//! ```
//!
//! Compared are the literal defaults in the sources of one package, and the defaults that Markdown
//! states in a table or as ``(default: `60000`)``. Values that a Dockerfile, a compose file or
//! `.env` sets are choices of that deployment and are not compared. Programs in `src/bin` have
//! their own defaults. A field of an object in a script counts as the variable of its name, and one of
//! three words or more is compared with itself: `timestampMaxAge: 60000`.

mod fields;

use super::AREA;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::analysis::{Opportunity, ProjectContext, Report, Rule, Severity};
use crate::project::config_purpose::{Purpose, purpose};
use crate::project::environment::{env_readers, is_of_tools, settings};
use crate::project::{FileKind, Indexed, ProjectFile, ReferenceKind};
use crate::text::{FileRange, TextSize};

pub static RULE: Rule = Rule {
    id: "inconsistent-setting",
    opportunity: Opportunity::Variables,
    effort: 15,
    severity: Severity::Medium,
    seeds: &["D.4"],
    source: include_str!("mod.rs"),
    indexed: &[Indexed::Variables, Indexed::Scripts(fields::PATTERNS)],
    project: Some(check),
    ..Rule::project(AREA)
};

/// How many places that read a variable are compared: each is compared with all others.
const MAX_PLACES: usize = 100;

/// `default: x`, `defaults to x`, behind the name of a variable; the value is quoted as code.
static STATED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\bdefaults?(?:\s+(?:is|to|value(?:\s+is)?))?\s*[:=]?\s*`([^`]+)`").ok()
});

/// A default of a variable, in the code or in the documentation.
struct Default<'a> {
    path: &'a str,
    range: FileRange,
    value: &'a str,
}

fn check(cx: &mut ProjectContext<'_>) {
    let by_unit = defaults_of_sources(cx);
    for ((_, name), defaults) in &by_unit {
        let Some(usual) = usual(defaults) else { continue };
        for other in defaults.iter().filter(|it| !is_same(it.value, usual.value)) {
            let message = format!(
                "inconsistent default for `{name}`: `{}` here, `{}` in `{}`",
                other.value, usual.value, usual.path
            );
            let report = Report::new(other.range, message);
            cx.report(other.path, report.related_in(usual.path, usual.range, "the other default"));
        }
    }
    let mut by_name: BTreeMap<&str, Vec<&Default<'_>>> = BTreeMap::new();
    for ((_, name), defaults) in &by_unit {
        by_name.entry(name).or_default().extend(defaults);
    }
    // The documentation may state a value that an image or a service sets.
    let mut set: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for it in settings(cx).into_iter().filter(|it| by_name.contains_key(it.name.as_str())) {
        let value = it.file.slice(it.value_range).trim_matches(['"', '\'', ' ', '=']);
        set.entry(it.name).or_default().push(value);
    }
    let names_any = |text: &str| by_name.keys().any(|name| text.contains(name));
    for file in cx.files(FileKind::Markdown) {
        if !documents(&file.path) || !names_any(&file.text) {
            continue;
        }
        for (name, stated) in stated_in(file) {
            let Some(defaults) = by_name.get(name) else { continue };
            let mut set = set.get(name).into_iter().flatten();
            let is_set = set.any(|value| is_same(value, stated.value));
            if is_set || defaults.iter().any(|it| is_same(it.value, stated.value)) {
                continue;
            }
            let Some(code) = defaults.first() else { continue };
            let message = format!(
                "inconsistent default for `{name}`: `{}` documented here, `{}` in `{}`",
                stated.value, code.value, code.path
            );
            let report = Report::new(stated.range, message);
            cx.report(
                &file.path,
                report.related_in(code.path, code.range, "the default in the code"),
            );
        }
    }
}

/// The literal defaults of variables in the sources, by package and name.
fn defaults_of_sources<'a>(
    cx: &ProjectContext<'a>,
) -> BTreeMap<(&'a str, String), Vec<Default<'a>>> {
    let readers = env_readers(cx);
    let manifests =
        [FileKind::Manifest, FileKind::PackageJson].into_iter().flat_map(|it| cx.files(it));
    let mut packages: Vec<&str> = manifests.map(|file| file.folder()).collect();
    packages.sort_by_key(|folder| std::cmp::Reverse(folder.len()));
    let mut found: BTreeMap<_, Vec<Default<'_>>> = BTreeMap::new();
    for (path, reference) in cx.references() {
        let ReferenceKind::EnvDefault { name, value, via } = &reference.kind else { continue };
        let is_read = via.as_deref().is_none_or(|it| readers.contains_key(it));
        if reference.in_test
            || !is_read
            || is_of_tools(name)
            || purpose(path) != Purpose::Deployment
        {
            continue;
        }
        let unit = unit_of(path, &packages);
        let default = Default { path, range: reference.range, value };
        let places = found.entry((unit, name.clone())).or_default();
        if places.len() < MAX_PLACES {
            places.push(default);
        }
    }
    fields::add(cx, |path| unit_of(path, &packages), &mut found);
    found
}

/// What a file shares its defaults with: the package, or nothing for a program beside others.
fn unit_of<'a>(path: &'a str, packages: &[&'a str]) -> &'a str {
    let is_inside = |folder: &&&str| {
        folder.is_empty() || path.strip_prefix(**folder).is_some_and(|it| it.starts_with('/'))
    };
    match path.contains("/bin/") || path.ends_with("build.rs") {
        true => path,
        false => packages.iter().find(is_inside).copied().unwrap_or_default(),
    }
}

/// The most frequent default; of equally frequent ones the first.
fn usual<'d, 'a>(defaults: &'d [Default<'a>]) -> Option<&'d Default<'a>> {
    let shared =
        |it: &&Default<'_>| defaults.iter().filter(|other| is_same(other.value, it.value)).count();
    defaults.iter().rev().max_by_key(shared)
}

/// Whether two values mean the same, or may.
fn is_same(a: &str, b: &str) -> bool {
    let plain = |value: &str| {
        let value = value.trim().trim_start_matches("./").trim_end_matches('/');
        value.replace("127.0.0.1", "localhost").to_ascii_lowercase()
    };
    let (a, b) = (plain(a), plain(b));
    let number = |value: &str| value.replace(['_', ','], "").parse::<f64>().ok();
    let truth = |value: &str| match value {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    };
    match (number(&a), number(&b)) {
        (Some(a), Some(b)) => a == b,
        _ if truth(&a).is_some() && truth(&b).is_some() => truth(&a) == truth(&b),
        // One has a unit, or is a word for a number.
        (Some(_), None) | (None, Some(_)) => true,
        (None, None) => a == b,
    }
}

/// Whether a file documents the current behaviour, and not that of a past release.
fn documents(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let is_past = ["changelog", "changes", "history", "release", "migrat", "upgrad", "blog", "rfc"]
        .iter()
        .any(|it| lower.contains(it));
    !is_past && purpose(path) != Purpose::Test
}

/// The variables for which a text states defaults.
fn stated_in(file: &ProjectFile) -> impl Iterator<Item = (&str, Default<'_>)> {
    let mut found = Vec::new();
    // Which column of the table around the line has the defaults.
    let mut column = None;
    let mut start = 0;
    for line in file.text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let cells = cells(line);
        if cells.len() < 2 {
            column = None;
            found.extend(in_sentence(line).map(|(name, value)| (at, line, name, value)));
            continue;
        }
        let is_header = |cell: &&str| {
            let cell = cell.trim_matches(['*', '`', ' ']);
            cell.eq_ignore_ascii_case("default") || cell.eq_ignore_ascii_case("default value")
        };
        if let Some(found) = cells.iter().position(is_header) {
            column = Some(found);
            continue;
        }
        let Some(cell) = column.and_then(|column: usize| cells.get(column)) else { continue };
        let name = cells.first().map(|cell| cell.trim_matches(['`', '*', ' ']));
        if let (Some(name), Some(value)) = (name.filter(|it| is_name(it)), value_of(cell)) {
            found.push((at, line, name, value));
        }
    }
    found.into_iter().filter_map(|(at, line, name, value)| {
        // It is a part of the line.
        let offset = (value.as_ptr() as usize).checked_sub(line.as_ptr() as usize)?;
        let start = TextSize::try_from(at + offset).ok()?;
        let range = FileRange::at(start, TextSize::of(value));
        Some((name, Default { path: &file.path, range, value }))
    })
}

/// The cells of a line of a table; one for any other line.
fn cells(line: &str) -> Vec<&str> {
    let inner = line.trim().trim_start_matches('|').trim_end_matches('|');
    inner.split('|').map(str::trim).collect()
}

/// What a cell states: the first piece of code in it, or its only word.
fn value_of(cell: &str) -> Option<&str> {
    let value = match cell.split_once('`') {
        Some((_, rest)) => rest.split('`').next()?,
        None => cell,
    };
    let value = value.trim().trim_matches('"');
    let bare = value.trim_matches(['(', ')', '_', '*', '<', '>', ' ']);
    let is_none = ["none", "n/a", "unset", "empty", "required", "random", "auto", "not set"]
        .iter()
        .any(|it| bare.eq_ignore_ascii_case(it));
    let is_word = value.chars().any(char::is_alphanumeric)
        && !value.contains(|c: char| c.is_whitespace() || matches!(c, '<' | '$' | '{' | '*' | '['));
    (is_word && !is_none).then_some(value)
}

/// The variable that a line is about, with the default that it states.
fn in_sentence(line: &str) -> Option<(&str, &str)> {
    let mut codes = line.split('`').skip(1).step_by(2);
    let name = codes.next().filter(|it| is_name(it))?;
    if codes.any(is_name) {
        return None;
    }
    let stated = STATED.as_ref()?.captures(line)?.get(1)?.as_str();
    Some((name, value_of(stated)?))
}

/// Whether a word may be the name of a variable.
fn is_name(word: &str) -> bool {
    word.contains('_')
        && word.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, silent};

    const READ: &str = r#"//- src/config.rs
fn f() { let a = std::env::var("MAX_AGE").unwrap_or_else(|_| "60000".into()); }
"#;

    #[test]
    fn fields_of_objects_are_compared() {
        check(
            &RULE,
            r#"
//- package.json
{ "name": "a" }
//- src/config.ts
const age = Number(env.TIMESTAMP_MAX_AGE ?? "60000");
//- src/worker.ts
export const config = {
  timestampMaxAge: 300000,
//~ inconsistent-setting: inconsistent default for `TIMESTAMP_MAX_AGE`: `300000` here, `60000` in `src/config.ts`
  other: 1,
}
"#,
        );
        check(
            &RULE,
            r#"
//- package.json
{ "name": "a" }
//- src/index.ts
const config = { offerMaxTtl: 86_400_000, maxAge: 5 };
//- src/worker.ts
const config = { offerMaxTtl: 3600000, maxAge: 6 };
//~ inconsistent-setting
"#,
        );
        silent(
            &RULE,
            r#"
//- package.json
{ "name": "a" }
//- src/index.ts
const config = { offerMaxTtl: 60000, maxAge: 5, clientTimeoutMs: 60 * 1000 };
//- src/worker.ts
const config = { offerMaxTtl: 60_000, maxAge: 6, clientTimeoutMs: 5000 };
"#,
        );
    }

    #[test]
    fn sources_that_disagree_are_reported() {
        check(
            &RULE,
            &format!(
                r#"{READ}//- src/server.rs
fn g() {{ let a = std::env::var("MAX_AGE").ok().and_then(|it| it.parse().ok()).unwrap_or(300_000); }}
//~ inconsistent-setting: inconsistent default for `MAX_AGE`: `300000` here, `60000` in `src/config.rs`
"#
            ),
        );
        check(
            &RULE,
            &format!(
                r#"{READ}//- src/worker.ts
const age = Number(env.MAX_AGE ?? "300000");
//~ inconsistent-setting
"#
            ),
        );
        check(
            &RULE,
            r#"//- src/main.rs
struct A { #[arg(env = "LOG_FORMAT", default_value = "json")] a: String }
fn env_or(name: &str, or: &str) -> String { std::env::var(name).unwrap_or(or.into()) }
fn f() { env_or("LOG_FORMAT", "text"); }
                            //^^^^^^ inconsistent-setting
"#,
        );
    }

    #[test]
    fn documentation_that_states_another_default_is_reported() {
        check(
            &RULE,
            &format!(
                r#"{READ}//- README.md
| Variable | Meaning | Default |
|---|---|---|
| `MAX_AGE` | How long a timestamp is good | `300000` |
#~ inconsistent-setting: inconsistent default for `MAX_AGE`: `300000` documented here, `60000` in `src/config.rs`
"#
            ),
        );
        check(
            &RULE,
            &format!(
                r#"{READ}//- docs/settings.md
- `MAX_AGE`: milliseconds (default: `300000`)
#~ inconsistent-setting
- `MAX_AGE` defaults to `60000`.
"#
            ),
        );
    }

    #[test]
    fn what_agrees_or_may_is_left_alone() {
        for rest in [
            r#"//- src/worker.ts
const age = Number(env.MAX_AGE ?? 60_000);
"#,
            r#"//- README.md
| Variable | Default |
|---|---|
| `MAX_AGE` | `60000` (a minute) |
| `OTHER_AGE` | `3` |
"#,
            r#"//- README.md
| Variable | Default |
|---|---|
| `MAX_AGE` | 60s |
"#,
            r#"//- README.md
| Variable | Default |
|---|---|
| `MAX_AGE` | none |
"#,
            r#"//- README.md
| Variable | Example |
|---|---|
| `MAX_AGE` | `3` |
"#,
            r#"//- CHANGELOG.md
- `MAX_AGE` (default: `300000`)
"#,
            // The image has its own.
            r#"//- Dockerfile
FROM debian
ENV MAX_AGE=300000
//- README.md
- `MAX_AGE` (default: `300000`)
"#,
            r#"//- .env
MAX_AGE=5
"#,
        ] {
            silent(&RULE, &format!("{READ}{rest}"));
        }
    }

    #[test]
    fn other_programs_have_defaults_of_their_own() {
        let other = "fn g() { let a = std::env::var(\"MAX_AGE\").unwrap_or(\"5\".into()); }\n";
        for path in ["src/bin/tool.rs", "tests/a.rs", "examples/a.rs"] {
            silent(
                &RULE,
                &format!(
                    r#"{READ}//- {path}
{other}"#
                ),
            );
        }
        silent(
            &RULE,
            &format!(
                r#"{READ}//- Cargo.toml
[package]
name = "a"
//- b/Cargo.toml
[package]
name = "b"
//- b/src/main.rs
{other}"#
            ),
        );
        silent(
            &RULE,
            &format!(
                r#"{READ}//- src/port.rs
fn f() {{ std::env::var("PORT").unwrap_or("1".into()); std::env::var("PORT").unwrap_or("2".into()); }}
"#
            ),
        );
    }

    #[test]
    fn values_are_compared_by_what_they_mean() {
        for (a, b) in
            [("1", "true"), ("Info", "info"), ("./data/", "data"), ("60.0", "60"), ("60", "1m")]
        {
            assert!(is_same(a, b), "{a} {b}");
        }
        for (a, b) in [("60", "600"), ("json", "text"), ("true", "0")] {
            assert!(!is_same(a, b), "{a} {b}");
        }
    }
}
