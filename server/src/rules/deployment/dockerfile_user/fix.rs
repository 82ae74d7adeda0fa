//! Setting a user, where it is known that what the image starts needs no root.

use super::writable::declared;
use crate::analysis::{Applicability, FileEdit, Fix, ProjectContext};
use crate::project::ProjectFile;
use crate::project::docker::Shipped;
use crate::project::docker::dockerfile::{Action, Spanned};
use crate::project::paths::{file_name, is_below};
use crate::project::shell::{Command, programs};
use crate::text::TextEdit;

/// The user that is set: the one of distroless images.
const NONROOT: &str = "65532:65532";

/// Commands of entry scripts that do nothing to the system.
const HARMLESS: &[&str] = &[
    ":", "[", "[[", "case", "cd", "done", "echo", "elif", "else", "esac", "exit", "export",
    "false", "fi", "for", "local", "printf", "read", "set", "shift", "sleep", "test", "trap",
    "true", "umask", "unset", "until", "wait", "while", "}",
];

/// Programs that start another one and reap its children.
const INITS: &[&str] = &["catatonit", "dumb-init", "tini"];

/// Sets another user than root; nothing where the image may need root for what it starts.
pub(super) fn set_user(
    cx: &ProjectContext<'_>,
    file: &ProjectFile,
    shipped: &Shipped<'_>,
    user: Option<&Spanned>,
) -> Option<Fix> {
    if !needs_no_root(cx, shipped) {
        return None;
    }
    let own = &shipped.stage.instructions;
    let edit = match user {
        // A user that an earlier stage sets may be needed there, and one that is an argument is
        // chosen where the image is built.
        Some(user) => {
            let is_own = own.iter().any(|it| it.range.contains_range(user.range));
            let is_plain = is_own && !user.text.contains('$');
            is_plain.then(|| TextEdit::replace(user.range, NONROOT))?
        }
        None => {
            let start = own.iter().position(|it| matches!(it.action, Action::Start { .. }))?;
            let (_, behind) = own.split_at(start);
            let builds = |it: &Action| matches!(it, Action::Run { .. } | Action::Copy { .. });
            if behind.iter().any(|it| builds(&it.action)) {
                return None;
            }
            let folders: Vec<&str> = declared(shipped).into_iter().map(|(path, _)| path).collect();
            let base = shipped.dockerfile.image(shipped.stage);
            let has_shell = base.is_some_and(|it| it != "scratch" && !it.contains("distroless"));
            if !folders.is_empty() && !has_shell {
                return None;
            }
            let mut insert = String::new();
            if !folders.is_empty() {
                let folders = folders.join(" ");
                insert = format!("RUN mkdir -p {folders} && chown -R {NONROOT} {folders}\n");
            }
            insert += &format!("USER {NONROOT}\n");
            TextEdit::insert(behind.first()?.range.start(), insert)
        }
    };
    Some(Fix {
        title: format!("Set `USER {NONROOT}`"),
        applicability: Applicability::Suggested,
        edits: vec![FileEdit { path: file.path.clone(), edits: vec![edit] }],
    })
}

/// Whether all that the image starts is known: programs that are built for it, and scripts of the
/// project that start those and do nothing else.
fn needs_no_root(cx: &ProjectContext<'_>, shipped: &Shipped<'_>) -> bool {
    let scripts = shipped.entry_scripts(cx);
    let is_script = |name: &str| scripts.iter().any(|it| it.name() == name);
    let starts: Vec<Command> = shipped.commands().flat_map(|it| programs(&it.text)).collect();
    // Of an entry point and its arguments the second is no program.
    let is_entry = |name: &str| is_own(cx, shipped, name) || is_script(name);
    let begins = starts.first().map(|it| program_of(&it.words));
    begins.is_some_and(is_entry)
        && starts.iter().all(|it| is_entry(program_of(&it.words)) || it.words.len() == 1)
        && starts.iter().all(|it| writes_nowhere_else(shipped, it))
        && scripts.iter().flat_map(|it| programs(&it.text)).all(|command| {
            let name = program_of(&command.words);
            let is_passed_on = name.starts_with(['"', '$']) && name.contains('@');
            (is_passed_on || HARMLESS.contains(&name) || is_own(cx, shipped, name))
                && writes_nowhere_else(shipped, &command)
        })
}

/// The name of the program that a command starts, behind an init.
fn program_of(words: &[String]) -> &str {
    let mut names = words.iter().map(|it| file_name(it));
    let first = names.next().unwrap_or_default();
    match INITS.contains(&first) {
        true => names.find(|it| !it.starts_with('-')).unwrap_or_default(),
        false => first,
    }
}

/// Whether a program is one of the project, or is copied into the image.
fn is_own(cx: &ProjectContext<'_>, shipped: &Shipped<'_>, name: &str) -> bool {
    let is_copied = |it: &Action| match it {
        Action::Copy { sources, dest, .. } => {
            sources.iter().chain([dest]).any(|it| file_name(&it.text) == name)
        }
        _ => false,
    };
    !name.is_empty()
        && (cx.packages().iter().any(|it| it.name == name)
            || shipped.instructions.iter().any(|it| is_copied(&it.action)))
}

/// Whether a command names no folder to write to that stays with root.
fn writes_nowhere_else(shipped: &Shipped<'_>, command: &Command) -> bool {
    let declared = declared(shipped);
    command.words.iter().skip(1).all(|word| {
        let path = word.rsplit_once('=').map_or(word.as_str(), |(_, value)| value);
        let name = file_name(path);
        !path.starts_with('/')
            || name.contains('.')
            || ["/tmp", "/dev"].iter().any(|it| is_below(path, it))
            || declared.iter().any(|(folder, _)| is_below(path, folder))
            || is_copied_to(shipped, path)
    })
}

/// Whether a path is one that an instruction copies to: a program, or what it reads.
fn is_copied_to(shipped: &Shipped<'_>, path: &str) -> bool {
    shipped.instructions.iter().any(|it| match &it.action {
        Action::Copy { sources, dest, .. } => {
            let dest = dest.text.trim_end_matches('/');
            dest == path
                || sources.iter().any(|it| format!("{dest}/{}", file_name(&it.text)) == path)
        }
        _ => false,
    })
}
