//! The verdicts.

use std::sync::Arc;

use super::absence::{self, Presence};
use super::at_place;
use super::code::Code;
use super::counts::{self, agrees, counted};
use super::facts;
use super::resolve::{Resolved, has_folder, resolve, resolve_link};
use super::ruling::Ruling;
use super::{Bound, Claim, ClaimKind, Correction, Judged, Subject, Thing, Verdict};
use crate::project::paths::{file_name, folder_of, join};

/// The verdict on a claim of the document at a path; nothing for what turns out to be no claim.
pub fn judge(code: &Code<'_>, document: &str, claim: &Claim) -> Option<Judged> {
    let ruling = match &claim.kind {
        ClaimKind::Path { path, is_link, is_loose } => {
            path_ruling(code, document, claim, path, *is_link, *is_loose)?
        }
        ClaimKind::Place { place, names, is_bound, quotes, is_quoted, subject } => {
            let said = at_place::Said {
                names,
                is_bound: *is_bound,
                quotes,
                is_quoted: *is_quoted,
                subject: *subject,
            };
            at_place::place(code, document, place, &said)?
        }
        ClaimKind::Quote { place, lines } => at_place::quote(code, document, place, lines)?,
        ClaimKind::Symbol { path, file } => {
            at_place::symbol(code, document, path, file.as_deref())?
        }
        ClaimKind::Count { .. } => count(code, document, claim)?,
        ClaimKind::Missing(thing) => missing(code, document, &presence_of(code, document, thing)),
        ClaimKind::Present(thing) => present(&presence_of(code, document, thing)),
        ClaimKind::Finding { subject, path, .. } => {
            at_place::finding(code, document, *subject, path)?
        }
        ClaimKind::Task { path, is_done, mark } => {
            let found = resolve(code, document, path);
            let is_there = matches!(found, Resolved::Found(_) | Resolved::Many(_));
            facts::task(path, *is_done, *mark, is_there)
        }
        ClaimKind::Dependency { name, version, digits } => {
            facts::dependency(code, name, version, *digits)?
        }
        ClaimKind::Variable(name) => facts::variable(code, name)?,
        ClaimKind::Default { name, value, written } => facts::default(code, name, value, *written)?,
        ClaimKind::ImageUser(user) => present(&absence::image_user(code, user)),
    };
    Some(Judged {
        claim: claim.clone(),
        verdict: ruling.verdict,
        evidence: Arc::from(ruling.evidence),
        target: ruling.target,
        correction: ruling.correction,
    })
}

fn presence_of(code: &Code<'_>, document: &str, thing: &Thing) -> Presence {
    absence::presence(code, document, thing)
}

fn present(presence: &Presence) -> Ruling {
    let verdict = match presence.is_there {
        Some(true) => Verdict::Holds,
        Some(false) => Verdict::Contradicted,
        None => Verdict::Undecidable,
    };
    Ruling { target: presence.target.clone(), ..Ruling::new(verdict, presence.evidence.clone()) }
}

fn missing(code: &Code<'_>, document: &str, presence: &Presence) -> Ruling {
    let verdict = match presence.is_there {
        Some(true) if is_newer(code, document, presence) => Verdict::Fixed,
        Some(true) if came_together(code, document, presence) => Verdict::Undecidable,
        Some(true) => Verdict::Contradicted,
        Some(false) => Verdict::Holds,
        None => Verdict::Undecidable,
    };
    Ruling { target: presence.target.clone(), ..Ruling::new(verdict, presence.evidence.clone()) }
}

/// Whether what is said to be missing came after the document.
fn is_newer(code: &Code<'_>, document: &str, presence: &Presence) -> bool {
    let Some((history, target)) = code.history().zip(presence.target.as_ref()) else {
        return false;
    };
    let (thing, said) = (history.first_seen(&target.path), history.first_seen(document));
    thing.zip(said).is_some_and(|(thing, said)| thing > said)
}

/// Whether what is said to be missing came with the document, into a project that was there before:
/// it may be the repair.
fn came_together(code: &Code<'_>, document: &str, presence: &Presence) -> bool {
    let Some((history, target)) = code.history().zip(presence.target.as_ref()) else {
        return false;
    };
    let at = |path: &str| history.first_seen(path);
    let said = at(document);
    said.is_some() && at(&target.path) == said && at("Cargo.toml") < said
}

fn path_ruling(
    code: &Code<'_>,
    document: &str,
    claim: &Claim,
    path: &str,
    is_link: bool,
    is_loose: bool,
) -> Option<Ruling> {
    let resolved = match is_link {
        true => resolve_link(code, document, path),
        false => resolve(code, document, path),
    };
    match resolved {
        Resolved::Found(found) => {
            Some(Ruling::new(Verdict::Holds, format!("`{found}` is there")).at(&found, 1))
        }
        Resolved::Many(found) => {
            let count = found.len();
            let first = found.first()?;
            Some(Ruling::new(Verdict::Holds, format!("{count} files end so")).at(first, 1))
        }
        // A folder without files is none for Git: it may be made by what runs.
        Resolved::Missing if path.ends_with('/') => None,
        Resolved::Missing if !is_loose => Some(gone(code, document, claim, path, is_link)),
        Resolved::Missing | Resolved::Foreign => None,
    }
}

/// A path that leads to nothing.
fn gone(code: &Code<'_>, document: &str, claim: &Claim, path: &str, is_link: bool) -> Ruling {
    const GENERIC: &[&str] =
        &["mod.rs", "lib.rs", "main.rs", "Cargo.toml", "README.md", "index.md", "tests.rs"];
    let name = file_name(path);
    let others: Vec<&String> = code.named(name).iter().filter(|it| **it != document).collect();
    if let [other] = others.as_slice()
        && !GENERIC.contains(&name)
    {
        let text = match is_link {
            true => relative_to(folder_of(document), other),
            false => other.to_string(),
        };
        // Of a link the range is what is shown, not the destination.
        let correction = (!is_link).then(|| Correction {
            range: claim.range,
            text: text.clone(),
            title: format!("Update the path to `{text}`"),
        });
        let evidence = format!("`{path}` is not there; `{other}` is");
        return Ruling::new(Verdict::Moved, evidence).at(other, 1).correct(correction);
    }
    let ruling = match is_link || has_folder(code, document, path) {
        true => Ruling::new(Verdict::Absent, format!("`{path}` is not there")),
        false => {
            let evidence = format!("there is no folder `{}`", folder_of(path));
            Ruling::new(Verdict::Undecidable, evidence)
        }
    };
    let Some(versions) = code.versions(path).filter(|_| !is_link) else { return ruling };
    // Paths are often written from the folder of their package.
    let packages = code.cx.packages().iter().filter(|it| !it.folder.is_empty());
    let was_in_package = || {
        let mut paths = packages.map(|it| join(&it.folder, path));
        paths.find(|it| code.history().is_some_and(|history| history.first_seen(it).is_some()))
    };
    let was = versions.first_seen.map(|_| path.to_string()).or_else(was_in_package);
    match (was, versions.is_complete) {
        (Some(was), _) => Ruling::new(Verdict::Absent, format!("`{was}` is not there any more")),
        (None, _) if !has_folder(code, document, path) => {
            let evidence = format!("there is no folder `{}`", folder_of(path));
            Ruling::new(Verdict::Undecidable, evidence)
        }
        (None, true) => {
            let evidence = format!("no revision has `{path}`");
            Ruling::new(Verdict::NeverMatched, evidence)
        }
        (None, false) => ruling,
    }
}

fn relative_to(folder: &str, path: &str) -> String {
    let above = if folder.is_empty() { 0 } else { folder.split('/').count() };
    format!("{}{path}", "../".repeat(above))
}

fn count(code: &Code<'_>, document: &str, claim: &Claim) -> Option<Ruling> {
    let ClaimKind::Count { subject, number, bound, scope, is_part, digits } = &claim.kind else {
        return None;
    };
    let scope = match scope {
        None => None,
        Some(path) => match resolve(code, document, path) {
            Resolved::Found(found) => Some(found),
            // The folder of another package may bear the name.
            _ => return None,
        },
    };
    let counted = counted(code, *subject, scope.as_deref());
    if counted.numbers.is_empty() {
        return None;
    }
    let what = counts::name(*subject);
    let place = scope.as_ref().map(|it| format!(" in `{it}`")).unwrap_or_default();
    let all: Vec<String> =
        counted.numbers.iter().map(|(by, number)| format!("{number} {by}")).collect();
    let all = format!("{what}{place}: {}", all.join(", "));
    let found = counted.numbers.iter().find(|(_, it)| agrees(*it, *number, *bound));
    let most = counted.numbers.iter().map(|(_, it)| *it).max().unwrap_or(0);
    let least = counted.numbers.iter().map(|(_, it)| *it).min().unwrap_or(0);
    let may_be_part = counted.may_be_part || *is_part;
    let target = |ruling: Ruling| match &scope {
        Some(path) => ruling.at(path, 1),
        None => ruling,
    };
    if let Some((by, number)) = found
        && !is_part
    {
        return Some(target(Ruling::new(Verdict::Holds, format!("{what}{place}: {number} {by}"))));
    }
    let is_too_many = *number > most && *bound != Bound::AtMost;
    let is_of_file = scope.as_ref().is_some_and(|it| file_name(it).contains('.'));
    let is_near = |it: u64| counts::is_near(it, *number, *subject, is_of_file);
    let is_near = counted.numbers.iter().any(|(_, it)| is_near(*it))
        // Those of some of the files are between those of all and those outside of tests.
        || !is_of_file && !is_too_many && *number > least && matches!(bound, Bound::Exactly | Bound::About)
        // How many tests there are roughly is said of a module, wherever its tests stand.
        || *subject == Subject::Test && scope.is_some() && *bound != Bound::Exactly;
    let is_decided = !is_near && if is_too_many { !counted.may_be_more } else { !may_be_part };
    if !is_decided || found.is_some() {
        return Some(target(Ruling::new(Verdict::Undecidable, all)));
    }
    let (_, right) = counted.numbers.first()?;
    let correction = (*right > 0 || *subject == Subject::Todo).then(|| Correction {
        range: *digits,
        text: right.to_string(),
        title: format!("Update the number to {right}"),
    });
    Some(target(Ruling::new(Verdict::Contradicted, all)).correct(correction.filter(|_| !is_part)))
}
