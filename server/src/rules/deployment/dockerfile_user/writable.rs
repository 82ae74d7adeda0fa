//! Data folders that the user of an image cannot write to.

use super::{is_root, starts_as_root};
use crate::analysis::{ProjectContext, Report};
use crate::project::ProjectFile;
use crate::project::docker::Shipped;
use crate::project::docker::dockerfile::{Action, Dockerfile, Instruction, Spanned};
use crate::project::paths::{file_name, is_below};
use crate::project::shell::{Command, programs};
use crate::text::FileRange;

/// Reports a data folder that the user cannot write to, if that is certain.
pub(super) fn unwritable(
    cx: &ProjectContext<'_>,
    file: &ProjectFile,
    shipped: &Shipped<'_>,
    user: &Spanned,
    name: &str,
) -> Option<Report<'static>> {
    let is_known = shipped.base.as_deref().is_some_and(starts_as_root);
    let is_helped = shipped.entry_scripts(cx).iter().any(|it| it.text.contains("chown"));
    if !is_known || is_helped {
        return None;
    }
    let name = name.split(':').next().unwrap_or_default();
    let (folder, declared) = declared(shipped)
        .into_iter()
        .find(|(folder, _)| !may_be_writable(shipped.dockerfile, &shipped.instructions, folder))?;
    let message = format!("`{name}` cannot write to `{folder}`, which is owned by root");
    Some(Report::new(user.range, message).related_in(
        &file.path,
        declared,
        "the folder is declared here",
    ))
}

/// The data folders that the image declares, with their places: volumes, and variables whose names
/// say so.
pub(super) fn declared<'d>(shipped: &Shipped<'d>) -> Vec<(&'d str, FileRange)> {
    let mut folders: Vec<(&str, FileRange)> = Vec::new();
    let mut add = |path: &'d Spanned| {
        let text = path.text.trim_end_matches('/');
        let is_plain = text.len() > 1 && text.starts_with('/') && !text.contains(['$', ' ', '"']);
        let is_open = ["/tmp", "/dev", "/proc", "/home", "/run/", "/var/tmp", "/root"]
            .iter()
            .any(|it| text.starts_with(it));
        if is_plain && !is_open && folders.iter().all(|(known, _)| *known != text) {
            folders.push((text, path.range));
        }
    };
    for instruction in &shipped.instructions {
        match &instruction.action {
            Action::Volume(paths) => paths.iter().for_each(&mut add),
            Action::Env(pairs) => {
                for (name, value) in pairs {
                    let is_data =
                        ["DATA_DIR", "DATA_PATH", "STORAGE_DIR", "STATE_DIR", "DATA_FOLDER"]
                            .iter()
                            .any(|it| name.text.ends_with(it));
                    if is_data {
                        add(value);
                    }
                }
            }
            _ => {}
        }
    }
    folders
}

/// Whether an instruction may make a folder writable for the user. Unknown commands may.
fn may_be_writable(dockerfile: &Dockerfile, instructions: &[&Instruction], folder: &str) -> bool {
    let covers = |path: &str| {
        let path = path.trim_matches(['"', '\'']).trim_end_matches('/');
        path.is_empty()
            || path.contains(['$', '*', '{'])
            || !path.starts_with('/')
            || is_below(folder, path)
    };
    let mut is_user = false;
    instructions.iter().any(|instruction| match &instruction.action {
        Action::User(it) => {
            is_user = !is_root(&it.text);
            false
        }
        Action::Copy { from, sources, dest, flags, .. } => {
            let is_given = flags.iter().any(|(name, _)| name == "chown" || name == "chmod");
            covers(&dest.text)
                && (is_given
                    || is_user
                    || from.as_ref().is_some_and(|from| {
                        may_come_writable(dockerfile, &from.text, sources, &dest.text, folder)
                    }))
        }
        // Some builders create the folder with the current user as its owner.
        Action::Workdir(path) => is_user && covers(&path.text),
        Action::Run { script, .. } => {
            programs(&script.text).iter().any(|command| gives(command, folder, covers, is_user))
        }
        _ => false,
    })
}

/// Whether a folder may be writable in the stage that it is copied from: a copy keeps the owner.
/// What other images have is not known.
fn may_come_writable(
    dockerfile: &Dockerfile,
    from: &str,
    sources: &[Spanned],
    dest: &str,
    folder: &str,
) -> bool {
    let Some(stage) = dockerfile.stage(from) else { return true };
    let chain = dockerfile.chain(stage);
    let instructions: Vec<&Instruction> =
        chain.iter().rev().flat_map(|stage| &stage.instructions).collect();
    // A stage that is copied into itself is no Dockerfile, and would have no end.
    let is_earlier = |it: &&Instruction| {
        !matches!(&it.action, Action::Copy { from: Some(from), .. }
            if dockerfile.stage(&from.text).is_some_and(|it| it.from.start() >= stage.from.start()))
    };
    let instructions: Vec<&Instruction> = instructions.into_iter().filter(is_earlier).collect();
    sources.iter().any(|source| {
        // The content of a folder goes to `dest`, a file goes there or into it.
        let below = folder.strip_prefix(dest.trim_end_matches('/')).unwrap_or_default();
        let origin = format!("{}{below}", source.text.trim_end_matches('/'));
        !origin.starts_with('/') || may_be_writable(dockerfile, &instructions, &origin)
    })
}

/// Whether a command may give a folder to the user.
fn gives(command: &Command, folder: &str, covers: impl Fn(&str) -> bool, is_user: bool) -> bool {
    let mut words = command.words.iter().map(String::as_str);
    let program = file_name(words.next().unwrap_or_default());
    let mut paths = words.clone().skip(1).filter(|it| !it.starts_with('-'));
    match program {
        "chown" | "chmod" | "chgrp" | "setfacl" => paths.any(covers),
        // A new user owns its home folder.
        "install" | "useradd" | "adduser" => words.any(covers_absolute(folder)),
        "mkdir" => is_user && words.any(covers_absolute(folder)),
        "sh" | "bash" | "make" | "python" | "python3" => true,
        _ => {
            program.starts_with('.') || command.words.first().is_some_and(|it| it.starts_with('/'))
        }
    }
}

/// Whether a word is the folder or one that it lies in, or is put together from variables.
fn covers_absolute(folder: &str) -> impl Fn(&str) -> bool {
    move |word| {
        let path = word.rsplit_once('=').map_or(word, |(_, value)| value).trim_end_matches('/');
        let is_above =
            folder.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        path.contains('$') || path.len() > 1 && path.starts_with('/') && is_above
    }
}
