//! Programs of others that a project uses, which read variables of their own.

use std::collections::BTreeSet;

use crate::project::docker::dockerfile::{Action, Dockerfile};
use crate::project::docker::{image_name, is_fetched};
use crate::project::paths::file_name;
use crate::project::shell::programs;
use crate::project::values::Node;
use crate::project::{FileKind, TrackedProject};

/// Managers of packages, which are told by name what to install.
const INSTALLERS: &[&str] = &[
    "apk", "apt", "apt-get", "dnf", "gem", "go", "microdnf", "npm", "pacman", "pip", "pip3",
    "pipx", "pnpm", "yarn", "yum", "zypper",
];

/// Names of programs of others, in upper case with `_` between their words.
#[derive(Debug, Default)]
pub struct ForeignTools(BTreeSet<String>);

impl ForeignTools {
    /// Those that images bring in or install, that CI runs, and that scripts of JavaScript depend
    /// on. What is called as a package of the project is its own.
    pub fn of(cx: &TrackedProject<'_>) -> Self {
        let mut tools = Self::default();
        for file in cx.files(FileKind::Dockerfile) {
            file.dockerfile().into_iter().for_each(|it| tools.of_dockerfile(it));
        }
        let pipeline = cx.pipeline();
        let run = pipeline.commands.iter().filter_map(|(_, words)| words.first());
        run.filter(|it| *it != "uses").for_each(|it| tools.add(it));
        for file in cx.files(FileKind::PackageJson) {
            let root = file.root().into_iter();
            let tables = root.flat_map(|root| {
                ["dependencies", "devDependencies"].into_iter().filter_map(|it| root.get(it))
            });
            for entry in tables.flat_map(Node::entries) {
                entry.key.trim_start_matches('@').split('/').for_each(|it| tools.add(it));
            }
        }
        for package in cx.packages().iter() {
            let own = written(&package.name);
            let is_part =
                |of: &str, it: &str| of.strip_prefix(it).is_some_and(|rest| rest.starts_with('_'));
            tools.0.retain(|tool| own != *tool && !is_part(&own, tool) && !is_part(tool, &own));
        }
        tools
    }

    /// Whether a variable is one of such a program: its name begins with that of the program.
    pub fn reads(&self, variable: &str) -> bool {
        let ends = variable.match_indices('_').filter_map(|(at, _)| variable.get(..at));
        ends.into_iter().any(|start| self.0.contains(start))
    }

    fn of_dockerfile(&mut self, dockerfile: &Dockerfile) {
        for instruction in dockerfile.stages.iter().flat_map(|it| &it.instructions) {
            match &instruction.action {
                Action::Copy { from: Some(from), .. } if dockerfile.stage(&from.text).is_none() => {
                    self.add(image_name(&from.text));
                }
                Action::Copy { from: None, sources, is_add: true, .. } => {
                    let fetched = sources.iter().filter(|it| is_fetched(&it.text));
                    fetched.for_each(|it| self.of_address(&it.text));
                }
                Action::Run { script, .. } => {
                    for command in programs(&script.text) {
                        let mut words = command.words.iter().map(String::as_str);
                        let program = words.next().map_or("", file_name);
                        self.add(program);
                        for word in words {
                            if INSTALLERS.contains(&program) {
                                self.add(
                                    word.split(['=', '@', '~', '<', '>']).next().unwrap_or(word),
                                );
                            } else if is_fetched(word) {
                                self.of_address(word);
                            }
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// What an address downloads is called after one of its parts.
    fn of_address(&mut self, address: &str) {
        let path = address.split_once("://").map_or(address, |(_, path)| path);
        path.split('/').skip(1).for_each(|it| self.add(it));
    }

    fn add(&mut self, name: &str) {
        let name = written(file_name(name));
        if name.len() > 2 && name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            self.0.insert(name);
        }
    }
}

/// A name as variables are written.
fn written(name: &str) -> String {
    name.replace(['-', '.'], "_").to_ascii_uppercase()
}
