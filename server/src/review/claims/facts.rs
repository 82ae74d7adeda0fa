//! Claims about manifests, the environment and tasks.

use super::code::Code;
use super::ruling::Ruling;
use super::{Correction, Verdict};
use crate::project::lockfile::Lockfile;
use crate::project::{FileKind, ReferenceKind};
use crate::text::FileRange;

/// A package in a version.
pub fn dependency(code: &Code<'_>, name: &str, version: &str, digits: FileRange) -> Option<Ruling> {
    let mut locked: Vec<(String, String)> = Vec::new();
    for file in code.cx.files(FileKind::Lockfile) {
        let lockfile = Lockfile::read(file);
        let found = lockfile.named(name).map(|(_, it)| (file.path.clone(), it.version.to_string()));
        locked.extend(found);
    }
    let is_version = |it: &str| it == version || it.starts_with(&format!("{version}."));
    if let Some((path, found)) = locked.iter().find(|(_, it)| is_version(it)) {
        let evidence = format!("`{path}` has `{name}` {found}");
        return Some(Ruling::new(Verdict::Holds, evidence).at(path, 1));
    }
    let [(path, found)] = locked.as_slice() else {
        // Of several versions the document may mean one that a manifest names.
        return (!locked.is_empty()).then(|| {
            let versions: Vec<&str> = locked.iter().map(|(_, it)| it.as_str()).collect();
            let evidence = format!("the lock files have `{name}` {}", versions.join(", "));
            Ruling::new(Verdict::Undecidable, evidence)
        });
    };
    let asks = |line: &str| {
        let key = line.split(['=', '.']).next().unwrap_or_default().trim();
        key == name && line.contains(&format!("\"{version}"))
    };
    let manifest = code.cx.files(FileKind::Manifest).find(|it| it.text.lines().any(asks));
    if let Some(manifest) = manifest {
        let evidence = format!("`{}` asks for it", manifest.path);
        return Some(Ruling::new(Verdict::Holds, evidence).at(&manifest.path, 1));
    }
    // What is asked for may be less than what is taken.
    if is_compatible(version, found) {
        let evidence = format!("`{path}` has `{name}` {found}");
        return Some(Ruling::new(Verdict::Undecidable, evidence).at(path, 1));
    }
    // As many numbers as the document has.
    let parts = version.split('.').count();
    let text = found.split('.').take(parts).collect::<Vec<_>>().join(".");
    let title = format!("Update the version to {text}");
    let evidence = format!("`{path}` has `{name}` {found}");
    let correction = Correction { range: digits, text, title };
    // Was it so once, it is out of date and no mistake.
    let entry = format!("name = \"{name}\"\nversion = \"{version}");
    let once = code.versions(path).is_some_and(|it| {
        it.texts.iter().any(|(_, text)| text.replace("\r\n", "\n").contains(&entry))
    });
    let verdict = if once { Verdict::Changed } else { Verdict::Contradicted };
    let ruling = Ruling::new(verdict, evidence).at(path, 1);
    Some(ruling.correct(Some(correction)))
}

/// Whether a version does where an older one is asked for.
fn is_compatible(asked: &str, found: &str) -> bool {
    let numbers = |it: &str| -> Vec<u64> {
        it.split(['.', '-', '+']).map_while(|it| it.parse().ok()).collect()
    };
    let (asked, found) = (numbers(asked), numbers(found));
    let significant = asked.iter().position(|it| *it > 0).map_or(1, |at| at + 1);
    asked.get(..significant).is_some_and(|it| found.get(..significant) == Some(it)) && asked < found
}

/// An environment variable that is read.
pub fn variable(code: &Code<'_>, name: &str) -> Option<Ruling> {
    let reads = code.cx.references().find(|(_, it)| {
        matches!(&it.kind, ReferenceKind::Env { name: read, prefix: false, .. } if read == name)
    });
    if let Some((path, reference)) = reads {
        let line = super::absence::line_of(code, path, reference.range.start().into());
        let evidence = format!("`{path}:{line}` reads it");
        return Some(Ruling::new(Verdict::Holds, evidence).at(path, line));
    }
    if code.has_word(name) {
        return Some(Ruling::new(Verdict::Holds, "the project names it"));
    }
    // Other programs read the variables of the environment, too: only one that is named as those
    // of the project are is missed.
    let first = name.split('_').next().unwrap_or(name);
    let own = |it: &str| it.split('_').next() == Some(first);
    let mut is_open = false;
    let mut is_own = false;
    for (_, reference) in code.cx.references() {
        if let ReferenceKind::Env { name: read, prefix, .. } = &reference.kind {
            is_open |= *prefix;
            is_own |= !prefix && own(read);
        }
    }
    (is_own && !is_open && first.len() > 3).then(|| {
        Ruling::new(Verdict::Absent, format!("nothing in the project reads or sets `{name}`"))
    })
}

/// What is taken for a variable that is not set.
pub fn default(code: &Code<'_>, name: &str, value: &str, written: FileRange) -> Option<Ruling> {
    let plain = |it: &str| it.trim_matches(['"', '\'']).replace('_', "");
    let mut found: Vec<(&str, u32, String)> = Vec::new();
    for (path, reference) in code.cx.references().filter(|(_, it)| !it.in_test) {
        if let ReferenceKind::EnvDefault { name: of, value, .. } = &reference.kind
            && of == name
        {
            found.push((path, reference.range.start().into(), value.clone()));
        }
    }
    let place = |path: &str, at: u32| super::absence::line_of(code, path, at as usize);
    if let Some((path, at, _)) = found.iter().find(|(_, _, it)| plain(it) == plain(value)) {
        let line = place(path, *at);
        let evidence = format!("`{path}:{line}` has this default");
        return Some(Ruling::new(Verdict::Holds, evidence).at(path, line));
    }
    let mut values: Vec<String> = found.iter().map(|(_, _, it)| plain(it)).collect();
    values.sort();
    values.dedup();
    let (path, at, right) = found.first()?;
    let line = place(path, *at);
    let evidence = format!("`{path}:{line}` takes `{right}`");
    if values.len() > 1 {
        return Some(Ruling::new(Verdict::Undecidable, evidence).at(path, line));
    }
    let correction = Correction {
        range: written,
        text: right.clone(),
        title: format!("Update the default to `{right}`"),
    };
    Some(Ruling::new(Verdict::Contradicted, evidence).at(path, line).correct(Some(correction)))
}

/// A task to add a file.
pub fn task(path: &str, is_done: bool, mark: FileRange, is_there: bool) -> Ruling {
    let correction = |text: &str, title: &str| {
        Some(Correction { range: mark, text: text.to_string(), title: title.to_string() })
    };
    match (is_done, is_there) {
        (true, true) => Ruling::new(Verdict::Holds, format!("`{path}` is there")).at(path, 1),
        (false, false) => Ruling::new(Verdict::Holds, format!("`{path}` is not there")),
        (false, true) => Ruling::new(Verdict::Fixed, format!("`{path}` is there"))
            .at(path, 1)
            .correct(correction("[x]", "Mark the task as done")),
        (true, false) => Ruling::new(Verdict::Contradicted, format!("`{path}` is not there"))
            .correct(correction("[ ]", "Mark the task as open")),
    }
}
