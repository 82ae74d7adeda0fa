//! What documents say of CI, dependencies, the environment, containers and tasks.

use std::ops::Range;
use std::sync::LazyLock;

use super::document::{Unit, UnitKind};
use super::extractor::{Extractor, file_range};
use super::pattern::{Pattern, pattern};
use super::places::CitedPath;
use super::stance;
use super::{CiTask, ClaimKind, ImageUser, Thing};

static CI_RUNS: Pattern = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:CI|GitHub Actions|the pipeline|workflows?)\b[^.;]{0,40}?\b(?:runs?|executes?|checks?|enforces?|includes?)\b",
    )
});

static CI_LACKS: Pattern = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:CI)\b[^.;]{0,30}?\b(?:does\s+not|doesn['’]t|never)\s+(?:run|execute|include|check)\b",
    )
});

static DEPENDENCY: Pattern = LazyLock::new(|| {
    pattern(
        r"^\s*(?:=|:|\||\(|version|v)?\s*(?:=\s*)?v?(?P<version>\d+\.\d+(?:\.\d+)?)(?P<after>$|[\s).,;|])",
    )
});

static IN_MANIFEST: Pattern = LazyLock::new(|| {
    pattern(
        r#"^(?P<name>[a-z][a-z0-9_-]+)\s*(?:=\s*"?|@|\s|v)=?(?P<version>\d+\.\d+(?:\.\d+)?)"?$"#,
    )
});

static VARIABLE: Pattern = LazyLock::new(|| pattern(r"^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$"));

static DEFAULT: Pattern = LazyLock::new(|| {
    pattern(r"(?i)^\s*(?:\(?(?:the\s+)?default(?:s\s+to|:|\s+is|\s+value:?)?\s*:?\s*)$")
});

static USER: Pattern = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:USER\s+(?P<named>[a-z_][\w-]*)|runs?\s+as\s+(?:the\s+)?(?:(?P<root>root)\b|user\s+)?)",
    )
});

static NOT_ROOT: Pattern = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:non-root\s+user|runs?\s+as\s+(?:a\s+)?non-root|not\s+(?:run(?:ning)?\s+)?as\s+root)",
    )
});

static TASK: Pattern =
    LazyLock::new(|| pattern(r"(?i)^(?:add|create|write|include|provide)\s+(?:an?\s+|the\s+)?$"));

/// The claims that a unit makes of these.
pub(super) fn claims(extractor: &mut Extractor<'_>, unit: &Unit, cited: &[CitedPath]) {
    ci(extractor, unit);
    dependencies(extractor, unit);
    variables(extractor, unit);
    image_user(extractor, unit, cited);
    task(extractor, unit, cited);
}

/// The part of CI that a command is.
fn ci_task(command: &str) -> Option<CiTask> {
    let mut words = command.split_whitespace();
    if words.next() != Some("cargo") {
        return None;
    }
    Some(match words.find(|it| !it.starts_with('+'))? {
        "audit" | "deny" => CiTask::Audit,
        "test" | "nextest" => CiTask::Test,
        "clippy" => CiTask::Clippy,
        "fmt" => CiTask::Format,
        "cyclonedx" | "sbom" => CiTask::Sbom,
        _ => return None,
    })
}

fn ci(extractor: &mut Extractor<'_>, unit: &Unit) {
    let text = unit.text.clone();
    let is_proposed = stance::is_labelled_as_fix(extractor.units, unit)
        || stance::is_below_proposal(extractor.units, unit);
    if extractor.is_loose || unit.task.is_some() || is_proposed {
        return;
    }
    let runs = CI_RUNS.as_ref().and_then(|it| it.find(&text));
    let lacks = CI_LACKS.as_ref().and_then(|it| it.find(&text));
    let (start, is_there) = match (runs, lacks) {
        (_, Some(it)) => (it.start(), false),
        (Some(it), None) => (it.start(), true),
        (None, None) => return,
    };
    let codes: Vec<(Range<usize>, String)> =
        unit.codes().map(|(span, code)| (span.range.clone(), code.to_string())).collect();
    for (range, code) in codes.into_iter().filter(|(range, _)| range.start > start) {
        let Some(task) = ci_task(&code) else { continue };
        let sentence = stance::sentence(unit, &range);
        let words = unit.text.get(sentence.clone()).unwrap_or_default().to_lowercase();
        let is_asked = ["should", "must", "will", "before ", "expects", "requires", "need"]
            .iter()
            .any(|it| words.contains(it));
        let is_asked = is_asked || is_there && words.contains("not ");
        if sentence.contains(&start) && !is_asked {
            let thing = Thing::CiTask(task);
            let kind = if is_there { ClaimKind::Present(thing) } else { ClaimKind::Missing(thing) };
            extractor.push(unit, range, kind);
        }
    }
}

fn dependencies(extractor: &mut Extractor<'_>, unit: &Unit) {
    if extractor.is_loose {
        return;
    }
    let codes: Vec<(Range<usize>, String)> =
        unit.codes().map(|(span, code)| (span.range.clone(), code.to_string())).collect();
    for (range, code) in codes {
        let in_code = IN_MANIFEST.as_ref().and_then(|it| it.captures(&code));
        let found = match in_code {
            Some(captures) => {
                captures.name("name").zip(captures.name("version")).map(|(name, version)| {
                    let at = range.start + version.start()..range.start + version.end();
                    (name.as_str().to_string(), version.as_str().to_string(), at)
                })
            }
            None if is_crate_name(&code) => {
                let rest = unit.text.get(range.end..).unwrap_or_default();
                let captures = DEPENDENCY.as_ref().and_then(|it| it.captures(rest));
                captures.and_then(|it| it.name("version")).map(|version| {
                    let at = range.end + version.start()..range.end + version.end();
                    (code.clone(), version.as_str().to_string(), at)
                })
            }
            None => None,
        };
        let Some((name, version, at)) = found else { continue };
        // Two names share a cell of a table with their versions.
        if unit.text.contains(" / ") || !is_of_dependencies(extractor, unit) {
            continue;
        }
        let stance = extractor.stance(unit, &range);
        let after = unit.text.get(at.end..).unwrap_or_default();
        let is_range = after.starts_with(['+', '-', '/', '→'])
            || after.trim_start().starts_with("→")
            || after.trim_start().starts_with("or ")
            || after.trim_start().starts_with("to ")
            || unit.text.contains('→')
            || unit.text.contains("->")
            || unit.text.contains(['≥', '>', '<', '^', '~']);
        if stance.is_plain() && !is_range {
            let digits = file_range(unit.place(at.clone()));
            let range = range.start..at.end.max(range.end);
            extractor.push(unit, range, ClaimKind::Dependency { name, version, digits });
        }
    }
}

/// Whether a table is one of what the project depends on: another one has packages with the versions
/// that they are at themselves.
fn is_of_dependencies(extractor: &Extractor<'_>, unit: &Unit) -> bool {
    if unit.kind != UnitKind::Row {
        return true;
    }
    let header = stance::header_of(extractor.units, unit);
    let heading = unit.heading.and_then(|it| extractor.units.get(it));
    let above = header.into_iter().chain(heading).map(|it| it.text.to_lowercase());
    const WORDS: &[&str] = &["depend", "crate", "librar", "cargo"];
    above.into_iter().any(|text| WORDS.iter().any(|it| text.contains(it)))
}

fn is_crate_name(code: &str) -> bool {
    code.len() > 1
        && code.starts_with(|it: char| it.is_ascii_lowercase())
        && code
            .bytes()
            .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || b"-_".contains(&it))
}

fn variables(extractor: &mut Extractor<'_>, unit: &Unit) {
    let lower = unit.text.to_lowercase();
    let is_about =
        ["environment", "env var", "env.", "variable"].iter().any(|it| lower.contains(it));
    let codes: Vec<(Range<usize>, String)> =
        unit.codes().map(|(span, code)| (span.range.clone(), code.to_string())).collect();
    for (at, (range, code)) in codes.iter().enumerate() {
        if VARIABLE.as_ref().is_none_or(|it| !it.is_match(code)) {
            continue;
        }
        let stance = extractor.stance(unit, range);
        let next = codes.get(at + 1);
        let value = next.filter(|(value, _)| {
            let between = unit.text.get(range.end..value.start).unwrap_or_default();
            DEFAULT.as_ref().is_some_and(|it| it.is_match(between))
        });
        if let Some((value_range, value)) = value {
            let written = file_range(unit.place(value_range.clone()));
            let (name, value) = (code.clone(), value.clone());
            let kind = ClaimKind::Default { name, value, written };
            extractor.push(unit, range.start..value_range.end, kind);
        } else if is_about && !stance.is_negated && !stance.is_past {
            extractor.push(unit, range.clone(), ClaimKind::Variable(code.clone()));
        }
    }
}

fn image_user(extractor: &mut Extractor<'_>, unit: &Unit, cited: &[CitedPath]) {
    let text = unit.text.clone();
    let is_about =
        ["Docker", "docker", "container", "Container", "image"].iter().any(|it| text.contains(it));
    let heading = unit.heading.and_then(|it| extractor.units.get(it));
    let below = heading.is_some_and(|it| it.text.contains("Docker"));
    if !is_about && !below || extractor.is_loose || cited.len() > 1 {
        return;
    }
    let range;
    let user = if let Some(found) = NOT_ROOT.as_ref().and_then(|it| it.find(&text)) {
        range = found.range();
        ImageUser::NotRoot
    } else if let Some(captures) = USER.as_ref().and_then(|it| it.captures(&text)) {
        let Some(whole) = captures.get(0) else { return };
        range = whole.range();
        let named = captures.name("named").map(|it| it.as_str().to_string());
        let in_code = || {
            let (span, code) = unit.codes().find(|(span, _)| span.range.start == whole.end())?;
            let is_name = code.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_".contains(&it));
            (is_name && !span.range.is_empty()).then(|| code.to_string())
        };
        match named.or_else(in_code) {
            Some(name) if name == "root" => ImageUser::Root,
            Some(name) => ImageUser::Named(name),
            None if captures.name("root").is_some() => ImageUser::Root,
            None => return,
        }
    } else {
        return;
    };
    let stance = extractor.stance(unit, &range);
    let is_other = stance.is_proposed
        || stance.is_past
        || stance.is_negated && user != ImageUser::NotRoot && !text.contains("Good");
    if !is_other {
        extractor.push(unit, range, ClaimKind::ImageUser(user));
    }
}

/// `- [ ] Add deny.toml`.
fn task(extractor: &mut Extractor<'_>, unit: &Unit, cited: &[CitedPath]) {
    let (Some((is_done, mark)), [path]) = (&unit.task, cited) else { return };
    let before = unit.text.get(..path.range.start).unwrap_or_default();
    let after = unit.text.get(path.range.end..).unwrap_or_default().trim();
    let is_whole = after.is_empty() || after.starts_with(['(', ':', '.', '—', '-']);
    if path.lines.is_empty() && is_whole && TASK.as_ref().is_some_and(|it| it.is_match(before)) {
        let (path_text, is_done) = (path.path.clone(), *is_done);
        let mark = file_range(mark.clone());
        let kind = ClaimKind::Task { path: path_text, is_done, mark };
        extractor.push(unit, path.range.clone(), kind);
    }
}
