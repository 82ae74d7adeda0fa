//! From what a step says to what is run: through scripts, recipes and actions of the project.

use std::collections::BTreeSet;

use super::recipes::{recipe, variables};
use super::{CiRun, CiStep};
use crate::project::paths::{file_name, join};
use crate::project::shell;
use crate::project::values::Node;
use crate::project::{FileKind, Project, ProjectFile};

/// Scripts that call scripts, no deeper.
const MAX_DEPTH: usize = 12;

/// More commands than any project runs.
const MAX_COMMANDS: usize = 20_000;

/// Programs that run tasks which are written down in files that nobody here reads.
const TASK_RUNNERS: &[&str] = &[
    "bazel", "bazelisk", "buck2", "chomp", "dagger", "doit", "earthly", "hk", "invoke", "lefthook",
    "lerna", "mise", "moon", "nox", "nx", "pants", "please", "pre-commit", "prek", "rush", "task",
    "tox", "trunk", "turbo",
];

/// Names of developers' own programs.
const OWN_TASKS: &[&str] = &["ci", "dev", "make", "task", "tasks", "tidy", "x", "xtask", "xtasks"];

/// Words in the names of actions that run more than they say.
const UNREAD_ACTIONS: &[&str] = &[
    "action-just", "cargo-make", "megalinter", "moonrepo", "nix-build", "pre-commit",
    "prek-action", "rust-ci", "super-linter", "trunk-action",
];

/// Words in the names of workflows of other repositories that build and test nothing.
const HARMLESS_WORKFLOWS: &[&str] = &[
    "backport", "changelog", "code-quality", "commit", "container-scanning", "dependabot",
    "dependency-scanning", "deploy", "docker", "docs", "label", "publish", "release", "renovate",
    "sast", "secret-detection", "semver", "stale", "title", "triage",
];

pub(super) struct Follower<'a> {
    project: &'a Project,
    pub(super) commands: Vec<(usize, Vec<String>)>,
    pub(super) unread: Vec<String>,
    /// Scripts and recipes that were read already.
    read: BTreeSet<String>,
    depth: usize,
    /// Variables that scripts find set.
    variables: Vec<(String, String)>,
}

impl<'a> Follower<'a> {
    pub(super) fn new(project: &'a Project) -> Self {
        let (commands, unread) = (Vec::new(), Vec::new());
        let (read, variables) = Default::default();
        Self { project, commands, unread, read, depth: 0, variables }
    }

    /// What a step runs.
    pub(super) fn step(&mut self, index: usize, step: &CiStep) {
        self.variables.clone_from(&step.variables);
        match &step.run {
            CiRun::Shell(script) => self.script(index, script, ""),
            CiRun::Action { name, inputs } => self.action(index, name, inputs),
        }
    }

    /// The commands of a script that lies in `folder`.
    pub(super) fn script(&mut self, step: usize, script: &str, folder: &str) {
        if self.depth > MAX_DEPTH {
            return;
        }
        self.depth += 1;
        let mut entered = folder.to_string();
        for words in shell::nested_commands(script, &self.variables) {
            if self.commands.len() >= MAX_COMMANDS {
                break;
            }
            if let [cd, to] = words.as_slice()
                && cd == "cd"
            {
                entered = join(&entered, to);
            }
            self.command(step, words, folder, &entered);
        }
        self.depth -= 1;
    }

    /// An action of the project is read; those of others are known by their names.
    pub(super) fn action(&mut self, step: usize, name: &str, inputs: &[(String, String)]) {
        if name.starts_with("./") || name.starts_with("../") {
            let folder = join("", name);
            if CI_WORKFLOWS.iter().any(|it| folder.starts_with(it)) {
                return;
            }
            let files = ["action.yml", "action.yaml"].map(|it| join(&folder, it));
            match files.iter().find_map(|it| self.project.file(it)) {
                Some(file) if self.read.insert(file.path.clone()) => {
                    for root in file.documents() {
                        self.composite(step, root);
                    }
                }
                Some(_) => {}
                None => self.unread.push(name.to_string()),
            }
            return;
        }
        let lower = name.to_ascii_lowercase();
        let input = |key: &str| {
            inputs.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
        };
        let is_cargo = lower.contains("cargo") || lower.contains("rust-cross");
        if let Some(command) = input("command").filter(|_| is_cargo && !lower.contains("deny")) {
            // Every line of the input is a value of the matrix.
            for command in command.lines() {
                let arguments = input("args").unwrap_or_default();
                self.script(step, &format!("cargo {command} {arguments}"), "");
            }
            return;
        }
        // What such actions are given is a script.
        for key in ["run", "script", "cmd", "commands"] {
            if let Some(script) = input(key) {
                self.script(step, script, "");
            }
        }
        let is_workflow = lower.contains(".yml") || lower.contains(".yaml");
        let is_harmless = HARMLESS_WORKFLOWS.iter().any(|it| lower.contains(it));
        if UNREAD_ACTIONS.iter().any(|it| lower.contains(it)) || is_workflow && !is_harmless {
            self.unread.push(name.to_string());
        }
        let mut words = vec!["uses".to_string(), lower];
        words.extend(inputs.iter().map(|(key, value)| format!("{key}={value}")));
        self.commands.push((step, words));
    }

    fn composite(&mut self, step: usize, root: &Node) {
        if self.depth > MAX_DEPTH {
            return;
        }
        self.depth += 1;
        for node in root.at(&["runs", "steps"]).into_iter().flat_map(Node::items) {
            if let Some(script) = node.get("run").and_then(Node::as_str) {
                self.script(step, script, "");
            }
            if let Some(name) = node.get("uses").and_then(Node::as_str) {
                let inputs = node.get("with").into_iter().flat_map(Node::entries);
                let inputs: Vec<_> = inputs
                    .filter_map(|it| Some((it.key.clone(), it.value.as_str()?.to_string())))
                    .collect();
                self.action(step, name, &inputs);
            }
        }
        self.depth -= 1;
    }

    /// A command of a script that lies in `folder` and has `entered` one. Other scripts are mostly
    /// called by paths from the top, and recipes are those of the folder that was entered.
    fn command(&mut self, step: usize, words: Vec<String>, folder: &str, entered: &str) {
        let start = words.iter().position(|word| !is_prefix(word)).unwrap_or(words.len());
        let rest = words.get(start..).unwrap_or_default();
        let Some(program) = rest.first() else { return };
        let name = file_name(program);
        let arguments: Vec<&str> = rest.iter().skip(1).map(String::as_str).collect();
        match name {
            "make" | "gmake" | "${MAKE}" | "$MAKE" => self.make(step, &arguments, entered),
            "just" => self.just(step, &arguments, folder),
            "npm" | "yarn" | "pnpm" | "bun" => self.package_script(step, &arguments, folder),
            "bash" | "sh" | "zsh" | "dash" | "source" | "." | "pwsh" | "powershell" | "python"
            | "python3" | "node" | "deno" | "ruby" | "perl" => {
                let script = arguments.iter().find(|it| !it.starts_with('-'));
                if let Some(script) = script {
                    self.called(step, script, folder);
                }
            }
            "nix"
                if arguments.first().is_some_and(|it| matches!(*it, "flake" | "build" | "run")) =>
            {
                self.unread.push(words.join(" "));
            }
            "nix-build" => self.unread.push(words.join(" ")),
            "nix" | "devbox" | "direnv" => {
                if let Some(script) = wrapped(name, rest) {
                    self.script(step, &script, entered);
                }
            }
            _ if TASK_RUNNERS.contains(&name) => self.unread.push(words.join(" ")),
            _ if program.contains('/') => self.called(step, program, folder),
            _ => {}
        }
        self.cargo(step, &words, folder);
        self.commands.push((step, words));
    }

    /// `cargo` runs aliases, and programs of the project.
    fn cargo(&mut self, step: usize, words: &[String], folder: &str) {
        let Some(at) = words.iter().position(|word| word == "cargo") else { return };
        let rest = words.get(at + 1..).unwrap_or_default();
        let Some(name) = rest.iter().find(|it| !it.starts_with(['-', '+'])) else { return };
        let alias = ["config.toml", "config"].iter().find_map(|it| {
            let file = self.project.file(&format!(".cargo/{it}"))?;
            let alias = file.root()?.at(&["alias", name])?;
            let words: Vec<&str> = match alias.as_str() {
                Some(text) => text.split_whitespace().collect(),
                None => alias.items().iter().filter_map(Node::as_str).collect(),
            };
            let given = rest.iter().skip_while(|it| *it != name).skip(1).map(String::as_str);
            let all: Vec<&str> = words.into_iter().chain(given).collect();
            Some(format!("cargo {}", all.join(" ")))
        });
        if let Some(alias) = alias {
            if self.read.insert(alias.clone()) {
                self.script(step, &alias, folder);
            }
            return;
        }
        let is_own = |it: &str| {
            let last = it.trim_end_matches("/Cargo.toml").rsplit('/').next().unwrap_or(it);
            OWN_TASKS.contains(&last)
                || OWN_TASKS.iter().any(|task| {
                    last.strip_suffix(task).is_some_and(|it| it.ends_with(['-', '_']))
                        && task.len() > 1
                })
        };
        let runs_own = match name.as_str() {
            "run" | "r" => rest.iter().any(|it| is_own(it.rsplit('=').next().unwrap_or(it))),
            name => is_own(name),
        };
        if runs_own {
            self.unread.push(words.join(" "));
        }
    }

    fn make(&mut self, step: usize, arguments: &[&str], folder: &str) {
        let mut targets = Vec::new();
        let mut folder = folder.to_string();
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            match *word {
                "-C" | "--directory" => {
                    folder = words.next().map(|it| join("", it)).unwrap_or_default();
                }
                "-f" | "-j" | "-o" => drop(words.next()),
                word if word.starts_with('-') || word.contains('=') => {}
                word => targets.push(word.to_string()),
            }
        }
        self.recipes(step, &["Makefile", "makefile", "GNUmakefile"], &folder, &targets);
    }

    fn just(&mut self, step: usize, arguments: &[&str], folder: &str) {
        // Behind the name of a recipe come its arguments, or the names of others.
        let targets = arguments.iter().filter(|it| !it.starts_with('-') && !it.contains('='));
        let targets: Vec<String> = targets.map(|it| it.to_string()).collect();
        self.recipes(step, &["justfile", "Justfile", ".justfile"], folder, &targets);
    }

    fn recipes(&mut self, step: usize, names: &[&str], folder: &str, targets: &[String]) {
        let folders = [folder, ""];
        let mut paths = folders.iter().flat_map(|folder| names.iter().map(|it| join(folder, it)));
        let Some(file) = paths.find_map(|path| self.project.file(&path)) else {
            // Without any such file it is about something that was brought in.
            let is_name = |path: &&String| names.iter().any(|it| path.ends_with(it));
            self.unread.extend(self.project.listing().iter().find(is_name).cloned());
            return;
        };
        let mut known = false;
        let wanted: Vec<Option<&str>> = match targets {
            [] => vec![None],
            targets => targets.iter().map(|it| Some(it.as_str())).collect(),
        };
        for target in wanted {
            let Some(recipe) = recipe(&file.text, target) else { continue };
            known = true;
            let key = format!("{}:{}", file.path, target.unwrap_or_default());
            if self.depth > MAX_DEPTH || !self.read.insert(key) {
                continue;
            }
            self.depth += 1;
            let outer = self.variables.len();
            self.variables.extend(variables(&file.text));
            if !recipe.needs.is_empty() {
                self.recipes(step, names, folder, &recipe.needs);
            }
            // Each line is run by a shell of its own, unless it goes on.
            match recipe.script.contains("\\\n") {
                true => self.script(step, &recipe.script, file.folder()),
                false => recipe.script.lines().for_each(|it| self.script(step, it, file.folder())),
            }
            self.variables.truncate(outer);
            self.depth -= 1;
        }
        if !known && self.depth == 0 {
            // A recipe that is made up, or that stands in another file.
            self.unread.push(file.path.clone());
        }
    }

    fn package_script(&mut self, step: usize, arguments: &[&str], folder: &str) {
        let mut words = arguments.iter().filter(|it| !it.starts_with('-'));
        let Some(first) = words.next() else { return };
        let name = if matches!(*first, "run" | "run-script") { words.next() } else { Some(first) };
        let Some(name) = name else { return };
        let project = self.project;
        for file in project.files(FileKind::PackageJson) {
            let script = file.root().and_then(|root| root.at(&["scripts", name])?.as_str());
            if let Some(script) = script
                && self.read.insert(format!("{}:{name}", file.path))
            {
                self.script(step, script, folder);
            }
        }
    }

    /// A script by its path, from the root or from the folder of the one that calls it.
    fn called(&mut self, step: usize, path: &str, folder: &str) {
        // `$DIR/lint.sh`, `${{github.workspace}}/ci/test.sh`.
        let path = match path.rfind('}').or(path.starts_with('$').then_some(0)) {
            Some(at) => path.get(at..).and_then(|it| it.split_once('/')).map_or("", |it| it.1),
            None => path,
        };
        if path.is_empty() || path.starts_with('/') || path.starts_with('~') {
            return;
        }
        let candidates = [join("", path), join(folder, path)];
        let listed = candidates.iter().find(|it| self.project.listing().contains(it.as_str()));
        let Some(listed) = listed else { return };
        match self.project.file(listed) {
            Some(file) if is_shell_script(file) => {
                if self.read.insert(file.path.clone()) {
                    self.script(step, &file.text, file.folder());
                }
            }
            _ => self.unread.push(listed.clone()),
        }
    }
}

/// Whether a file that is run is a script of a shell: what it begins with tells, or its name.
fn is_shell_script(file: &ProjectFile) -> bool {
    let interpreter = file.text.lines().next().and_then(|line| line.strip_prefix("#!"));
    let is_named = file.kind == FileKind::Ci || file.name().contains('.');
    matches!(file.kind, FileKind::Script | FileKind::Ci)
        && interpreter.map_or(is_named, |it| it.contains("sh") || it.contains("nix"))
}

/// Folders whose workflows are read as files of the service.
const CI_WORKFLOWS: &[&str] = &[".github/workflows", ".forgejo/workflows", ".gitea/workflows"];

/// What may stand in front of a command.
fn is_prefix(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "!", "command", "do", "elif", "else", "env", "exec", "function", "if", "nice", "nohup",
        "retry", "run", "sudo", "then", "time", "until", "while", "xvfb-run", "{", "}",
    ];
    WORDS.contains(&word)
        || word.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
        })
}

/// The command that runs in an environment which a program sets up first:
/// `nix develop -c make test`, `devbox run -- make test`. Of a quoted one the shell tells.
fn wrapped(program: &str, words: &[String]) -> Option<String> {
    let flags: &[&str] = if program == "nix" { &["--command", "-c"] } else { &["--"] };
    let at = words.iter().position(|it| flags.contains(&it.as_str()))?;
    Some(words.get(at + 1..)?.join(" "))
}

#[cfg(test)]
mod tests {
    use super::super::Pipeline;
    use super::*;

    #[track_caller]
    fn check(run: &str, files: &[(&str, &str)], expected: &[&str], unread: usize) {
        let mut project = Project::new(None);
        let ci = format!("jobs:\n  a:\n    steps:\n      - run: {run}\n");
        project.set_text(".github/workflows/ci.yml", Some(&ci));
        for (path, text) in files {
            project.set_text(path, Some(text));
        }
        let pipeline = Pipeline::read(&project);
        let commands: Vec<String> =
            pipeline.commands.iter().map(|(_, words)| words.join(" ")).collect();
        for command in expected {
            assert!(commands.contains(&command.to_string()), "{command}: {commands:#?}");
        }
        assert_eq!(pipeline.unread.len(), unread, "{run}: {:?}", pipeline.unread);
    }

    #[test]
    fn what_a_step_calls_is_read() {
        let script = ("scripts/test.sh", "cd x\n./scripts/lint.sh\n");
        let lint = ("scripts/lint.sh", "cargo clippy\n");
        check("./scripts/test.sh --all", &[script, lint], &["cargo clippy"], 0);
        check(
            "bash scripts/test.sh",
            &[script, ("scripts/scripts/lint.sh", "cargo fmt")],
            &["cargo fmt"],
            0,
        );
        let make =
            ("Makefile", "ci: lint\n\t$(MAKE) test\nlint:\n\tcargo clippy\ntest:\n\tcargo test\n");
        check("make ci", &[make], &["cargo clippy", "cargo test"], 0);
        for environment in ["nix-shell --command 'make ci'", "nix develop -c make ci"] {
            check(environment, &[make], &["cargo clippy", "cargo test"], 0);
        }
        let below = ("Makefile", "test:\n\tcd server && make test\n");
        let inner = ("server/Makefile", "test:\n\tcargo fmt --check\n");
        check("make test", &[below, inner], &["cargo fmt --check"], 0);
        check("just ci", &[("justfile", "ci: fmt\nfmt:\n  cargo fmt\n")], &["cargo fmt"], 0);
        let package =
            ("package.json", "{\"scripts\": {\"ci\": \"npm run unit\", \"unit\": \"vitest\"}}");
        check("npm run ci", &[package], &["vitest"], 0);
        let alias = (".cargo/config.toml", "[alias]\nlint = \"clippy -- -D warnings\"\n");
        check("cargo lint", &[alias], &["cargo clippy -- -D warnings"], 0);
    }

    #[test]
    fn programs_that_nobody_reads_are_named() {
        let alias = (".cargo/config.toml", "[alias]\nxtask = \"run --package xtask --\"\n");
        check("cargo xtask ci", &[alias], &[], 1);
        check("cargo xtask ci", &[], &[], 1);
        check("cargo run -p my-xtask -- ci", &[], &[], 1);
        check("cargo run --bin server", &[], &[], 0);
        check("nix flake check", &[], &[], 1);
        check("make test", &[], &[], 0);
        check("make test", &[("a/Makefile", "test:\n\tx\n")], &[], 1);
        check("earthly +all", &[], &[], 1);
    }

    #[test]
    fn scripts_that_call_themselves_are_read_once() {
        check(
            "./a.sh",
            &[("a.sh", "./b.sh\ncargo test\n"), ("b.sh", "./a.sh\n")],
            &["cargo test"],
            0,
        );
        check("make a", &[("Makefile", "a: b\nb: a\n\tcargo test\n")], &["cargo test"], 0);
    }
}
