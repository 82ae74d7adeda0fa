//! What a project has or has not.

use super::code::Code;
use super::counts::{Counted, counted};
use super::{CiTask, ImageUser, Subject, Target, Thing};
use crate::project::docker::dockerfile::Action;
use crate::project::paths::{file_name, folder_of, join};
use crate::project::{CiService, FileKind, ci};

/// Whether there is something, with what was found or where it was looked for.
pub struct Presence {
    /// Nothing when the code does not tell.
    pub is_there: Option<bool>,
    pub evidence: String,
    pub target: Option<Target>,
}

impl Presence {
    fn found(evidence: String, path: &str) -> Self {
        let target = Some(Target { path: path.to_string(), line: 1 });
        Self { is_there: Some(true), evidence, target }
    }

    fn none(searched: impl Into<String>) -> Self {
        Self {
            is_there: Some(false),
            evidence: format!("not found: {}", searched.into()),
            target: None,
        }
    }

    fn unknown(evidence: impl Into<String>) -> Self {
        Self { is_there: None, evidence: evidence.into(), target: None }
    }
}

/// Looks for something.
pub fn presence(code: &Code<'_>, document: &str, thing: &Thing) -> Presence {
    match thing {
        Thing::Path(path) => path_presence(code, document, path),
        Thing::Ignored(path) => {
            let inside = format!("{}/x", path.trim_end_matches('/'));
            let path_or_inside = if path.ends_with('/') { &inside } else { path };
            match code.cx.ignores().is_ignored(path_or_inside) {
                true => Presence::found(format!("Git ignores `{path}`"), ".gitignore"),
                false => Presence::none(format!("no `.gitignore` matches `{path}`")),
            }
        }
        Thing::Ci => ci_presence(code),
        Thing::CiTask(task) => task_presence(code, *task),
        Thing::CodeOwners => named(code, "a `CODEOWNERS` file", |it| it == "CODEOWNERS"),
        Thing::Dockerfile => match code.cx.files(FileKind::Dockerfile).next() {
            Some(file) => Presence::found(format!("`{}` is there", file.path), &file.path),
            None => Presence::none("a Dockerfile"),
        },
        Thing::DenyConfig => {
            named(code, "`deny.toml`", |it| matches!(it, "deny.toml" | ".deny.toml"))
        }
        Thing::Document(name) => {
            let lower = name.to_ascii_lowercase();
            named(code, &format!("a `{name}` file"), |it| {
                let it = it.to_ascii_lowercase();
                it == lower
                    || it.starts_with(&format!("{lower}."))
                    || it.starts_with(&format!("{lower}-"))
            })
        }
        Thing::Tests => of_count(&counted(code, Subject::Test, None)),
        Thing::Unsafe => of_count(&counted(code, Subject::Unsafe, None)),
        Thing::Cron => cron_presence(code),
        Thing::Concept(name, words) => concept(code, name, words),
    }
}

fn path_presence(code: &Code<'_>, document: &str, path: &str) -> Presence {
    match super::resolve::resolve(code, document, path) {
        // A file of the name elsewhere may be another one.
        super::resolve::Resolved::Found(found)
            if found != path.trim_matches('/') && found != join(folder_of(document), path) =>
        {
            Presence::unknown(format!("`{found}` is there"))
        }
        super::resolve::Resolved::Found(found) => {
            let count = code.cx.listing().iter().filter(|it| it.starts_with(&format!("{found}/")));
            let evidence = match count.count() {
                0 => format!("`{found}` is there"),
                1 => format!("`{found}` is there, with 1 file"),
                count => format!("`{found}` is there, with {count} files"),
            };
            Presence::found(evidence, &found)
        }
        super::resolve::Resolved::Many(found) => {
            let first = found.first().cloned().unwrap_or_default();
            Presence::unknown(format!("`{first}` is there"))
        }
        _ => Presence::none(format!("a file or folder `{path}`")),
    }
}

fn ci_presence(code: &Code<'_>) -> Presence {
    if let Some(path) = code.cx.listing().iter().find(|it| CiService::of(it).is_some()) {
        return Presence::found(format!("`{path}` is run by CI"), path);
    }
    match code.cx.is_repository() {
        true => Presence::none("the workflow files of the CI services"),
        false => Presence::unknown("the folder is no whole repository"),
    }
}

fn task_presence(code: &Code<'_>, task: CiTask) -> Presence {
    let (task, name) = match task {
        CiTask::Audit => (ci::Task::Audit, "an audit of the dependencies"),
        CiTask::Test => (ci::Task::Test, "tests"),
        CiTask::Clippy => (ci::Task::Clippy, "clippy"),
        CiTask::Format => (ci::Task::Format, "rustfmt"),
        CiTask::Sbom => (ci::Task::Sbom, "an SBOM"),
    };
    let pipeline = code.cx.pipeline();
    if let Some(step) = ci::steps(&pipeline, task).next() {
        let line = line_of(code, &step.path, step.range.start().into());
        return Presence {
            is_there: Some(true),
            evidence: format!("CI runs {name} in `{}:{line}`", step.path),
            target: Some(Target { path: step.path.clone(), line }),
        };
    }
    if ci::may_run(&pipeline, task) {
        return Presence::unknown(format!("what CI calls outside the project may run {name}"));
    }
    match pipeline.steps.is_empty() && !code.cx.is_repository() {
        true => Presence::unknown("the folder is no whole repository"),
        false => Presence::none(format!("{name} in {} steps of CI", pipeline.steps.len())),
    }
}

fn named(code: &Code<'_>, what: &str, is_it: impl Fn(&str) -> bool) -> Presence {
    let mut found = code.cx.listing().iter().filter(|it| is_it(file_name(it)));
    let first = found.next();
    // What lies deeper is that of a part.
    let is_of_all = |it: &&String| matches!(folder_of(it), "" | ".github" | ".gitlab" | "docs");
    match first.into_iter().chain(found).find(is_of_all).or(first) {
        Some(path) if !is_of_all(&path) => Presence::unknown(format!("`{path}` is there")),
        Some(path) => Presence::found(format!("`{path}` is there"), path),
        None => Presence::none(what),
    }
}

fn of_count(counted: &Counted) -> Presence {
    let number = counted.numbers.iter().map(|(_, it)| *it).max().unwrap_or(0);
    let numbers: Vec<String> =
        counted.numbers.iter().map(|(by, number)| format!("{number} {by}")).collect();
    let evidence = numbers.join(", ");
    match number {
        0 if counted.may_be_more => Presence::unknown("macros may make some"),
        0 => Presence { is_there: Some(false), evidence, target: None },
        _ => Presence { is_there: Some(true), evidence, target: None },
    }
}

fn cron_presence(code: &Code<'_>) -> Presence {
    let file = code.cx.files(FileKind::Wrangler).next();
    let Some(file) = file else { return Presence::unknown("no configuration of Workers") };
    match file.root().and_then(|it| it.at(&["triggers", "crons"])) {
        Some(_) => Presence::found(format!("`{}` has cron triggers", file.path), &file.path),
        None => Presence::none(format!("`crons` in `{}`", file.path)),
    }
}

/// A concept that no file of the project names is not there; one that is named may be.
fn concept(code: &Code<'_>, name: &str, words: &[&str]) -> Presence {
    let found: Vec<&str> = words.iter().copied().filter(|it| code.has_word_like(it)).collect();
    match found.as_slice() {
        [] => Presence::none(format!("{} in the sources", quoted(words))),
        found => Presence::unknown(format!("{name}: the sources have {}", quoted(found))),
    }
}

fn quoted(words: &[&str]) -> String {
    words.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ")
}

/// The line of a byte of a file, from one.
pub fn line_of(code: &Code<'_>, path: &str, offset: usize) -> u32 {
    let text = code.text(path).unwrap_or_default();
    let before = text.get(..offset.min(text.len())).unwrap_or_default();
    before.matches('\n').count() as u32 + 1
}

/// Who the containers of the project run as: nothing when no Dockerfile tells.
pub fn image_user(code: &Code<'_>, user: &ImageUser) -> Presence {
    let mut users: Vec<(String, String, u32)> = Vec::new();
    for file in code.cx.files(FileKind::Dockerfile) {
        let Some(dockerfile) = file.dockerfile() else { continue };
        let Some(stage) = dockerfile.last_stage() else { continue };
        let chain = dockerfile.chain(stage);
        let instructions = chain.iter().flat_map(|it| it.instructions.iter().rev());
        let user = instructions.into_iter().find_map(|it| match &it.action {
            Action::User(user) => Some((user.text.clone(), user.range.start())),
            _ => None,
        });
        let Some((name, at)) = user else {
            return Presence::unknown(format!("`{}` sets no user", file.path));
        };
        users.push((file.path.clone(), name, line_of(code, &file.path, at.into())));
    }
    let [(path, name, line)] = users.as_slice() else {
        return Presence::unknown("there is not one Dockerfile");
    };
    let own = name.split(':').next().unwrap_or(name);
    if own.contains('$') {
        return Presence::unknown(format!("`{path}` takes the user from a variable"));
    }
    let is_root = matches!(own, "root" | "0");
    let is_so = match user {
        ImageUser::Root => is_root,
        ImageUser::NotRoot => !is_root,
        ImageUser::Named(named) => own == named,
    };
    Presence {
        is_there: Some(is_so),
        evidence: format!("`{path}:{line}` sets the user `{own}`"),
        target: Some(Target { path: path.clone(), line: *line }),
    }
}
