//! What commands of continuous integration are good for.

use crate::project::paths::file_name;
use crate::project::{CiStep, Pipeline};

/// A part of what continuous integration should do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Anything of cargo that compiles or checks.
    Cargo,
    /// The tests of Rust are run.
    Test,
    /// Clippy is run.
    Clippy,
    /// The formatting of Rust is checked.
    Format,
    /// A package manager of JavaScript is run.
    Node,
    /// The tests of JavaScript are run.
    NodeTest,
    /// Dependencies are checked for known vulnerabilities.
    Audit,
    /// A list of what is in the product is made.
    Sbom,
    /// An image is scanned for known vulnerabilities.
    ImageScan,
    /// Programs are built so that a scan sees what they were built from.
    Auditable,
}

/// Whether any command does the task.
pub fn runs(pipeline: &Pipeline, task: Task) -> bool {
    pipeline.commands.iter().any(|(_, words)| does(words, task))
}

/// Whether something that cannot be read may do the task. Programs of the project are often told
/// by a word what to do.
pub fn may_run(pipeline: &Pipeline, task: Task) -> bool {
    pipeline.unread.iter().any(|it| may_do(it, task))
}

fn may_do(unread: &str, task: Task) -> bool {
    const OTHERS: &[&str] = &[
        "assets", "bench", "changelog", "codegen", "dist", "doc", "docs", "generate", "install",
        "list-features", "package", "publish", "release",
    ];
    if !unread.starts_with("cargo ") {
        return true;
    }
    let has = |names: &[&str]| unread.split_whitespace().any(|word| names.contains(&word));
    if has(&["test", "tests"]) {
        return matches!(task, Task::Test | Task::NodeTest);
    }
    if has(&["fmt", "format", "lint", "clippy"]) {
        return matches!(task, Task::Format | Task::Clippy);
    }
    !has(OTHERS)
}

/// The steps that do the task, each once.
pub fn steps(pipeline: &Pipeline, task: Task) -> impl Iterator<Item = &CiStep> {
    let mut last = None;
    let commands = pipeline.commands.iter().filter(move |(_, words)| does(words, task));
    let indices = commands.filter_map(move |(index, _)| {
        let is_new = last.replace(*index) != Some(*index);
        is_new.then_some(*index)
    });
    indices.filter_map(|index| pipeline.steps.get(index))
}

/// Whether a command, as its words, does the task.
pub fn does(words: &[String], task: Task) -> bool {
    if let [uses, name, inputs @ ..] = words
        && uses == "uses"
    {
        return action_does(name, inputs, task);
    }
    if words.first().is_some_and(|it| matches!(it.as_str(), "echo" | "printf" | "which")) {
        return false;
    }
    let cargo = words.iter().position(|word| is_cargo(word));
    let after = cargo.and_then(|at| words.get(at + 1..)).unwrap_or_default();
    let arguments: Vec<&str> =
        after.iter().map(String::as_str).take_while(|it| *it != "--").collect();
    let is_install = arguments.iter().any(|it| matches!(*it, "install" | "binstall" | "add"));
    let cargo_runs = |names: &[&str]| {
        !is_install && arguments.iter().any(|it| names.contains(it))
            || words.iter().any(|word| {
                let name = file_name(word);
                let tool = name.strip_prefix("cargo-").filter(|_| cargo.is_none());
                tool.is_some_and(|it| names.contains(&it)) && !installs(words)
            })
    };
    let program = |names: &[&str]| {
        !installs(words)
            && words.iter().any(|word| {
                let name = file_name(word);
                names.contains(&name.split(['@', ':']).next().unwrap_or(name))
            })
    };
    let has = |names: &[&str]| words.iter().any(|word| names.contains(&word.as_str()));
    match task {
        Task::Cargo => {
            cargo_runs(&["build", "b", "check", "c", "run", "doc", "hack"])
                || [Task::Test, Task::Clippy, Task::Format].iter().any(|it| does(words, *it))
        }
        Task::Test => cargo_runs(&[
            "test", "t", "nextest", "llvm-cov", "tarpaulin", "mutants", "careful", "ntest",
        ]),
        Task::Clippy => cargo_runs(&["clippy"]),
        Task::Format => cargo_runs(&["fmt"]) || program(&["rustfmt", "treefmt", "dprint"]),
        Task::Node => program(&["npm", "yarn", "pnpm", "bun"]),
        Task::NodeTest => {
            program(&["vitest", "jest", "mocha", "ava", "karma", "playwright", "cypress", "wdio"])
                || program(&["npm", "yarn", "pnpm", "bun", "npx", "node", "deno", "wireit"])
                    && words.iter().any(|word| {
                        matches!(word.as_str(), "t" | "tst" | "--test") || word.contains("test")
                    })
        }
        Task::Audit => {
            cargo_runs(&["audit", "deny"])
                || program(&["osv-scanner", "dependency-check"])
                || program(&["snyk"]) && !has(&["container"])
                || program(&["grype"]) && words.iter().any(|it| is_folder(it))
                || program(&["trivy"]) && has(&["fs", "filesystem", "repo", "rootfs", "sbom"])
        }
        Task::ImageScan => {
            program(&["trivy", "grype"]) && !does(words, Task::Audit)
                || program(&["snyk"]) && has(&["container"])
        }
        Task::Auditable => cargo_runs(&["auditable"]),
        Task::Sbom => {
            cargo_runs(&["cyclonedx", "sbom", "auditable", "spdx"])
                || program(&["syft", "cyclonedx", "cdxgen", "bom", "cargo-sbom"])
                || words.iter().any(|word| word.contains("sbom"))
        }
    }
}

/// Whether what Grype is given is no image.
fn is_folder(word: &str) -> bool {
    ["dir:", "file:", "sbom:", "./", "/"].iter().any(|it| word.starts_with(it)) || word == "."
}

/// Whether an action does the task, with its inputs as `key=value`. A scan of an image sees the
/// packages of its system: a program has no list of what it was built from.
fn action_does(name: &str, inputs: &[String], task: Task) -> bool {
    let action = name.split('@').next().unwrap_or(name);
    let has = |words: &[&str]| words.iter().any(|it| action.contains(it));
    let input = |key: &str| inputs.iter().find_map(|it| it.strip_prefix(key)?.strip_prefix('='));
    let scans_image = || {
        let is_image = |kind: &str| matches!(kind, "image" | "docker-archive");
        match input("scan-type") {
            Some(kind) => is_image(kind),
            None => ["image-ref", "image"].iter().any(|it| input(it).is_some()),
        }
    };
    match task {
        Task::Cargo => {
            let tasks = [Task::Test, Task::Clippy, Task::Format];
            tasks.iter().any(|it| action_does(name, inputs, *it))
        }
        Task::Test => has(&["tarpaulin", "rust/test", "cargo-test", "cargo-llvm-cov-action"]),
        Task::Clippy => has(&["clippy"]),
        Task::Format => has(&["rustfmt", "cargo-fmt", "rust/format", "rust-fmt"]),
        Task::Node => has(&["actions/setup-node", "pnpm/action-setup"]),
        Task::NodeTest => has(&["cypress-io", "playwright", "node/test"]),
        Task::Audit if has(&["trivy", "anchore/scan-action", "grype"]) => !scans_image(),
        Task::Audit if has(&["snyk"]) => !has(&["docker"]),
        Task::Audit => has(&[
            "audit", "cargo-deny", "osv-scanner", "dependency-review", "dependency-scanning",
            "dependency_scanning", "vuln", "fossa",
        ]),
        Task::ImageScan => has(&["trivy", "anchore/scan-action", "grype"]) && scans_image(),
        Task::Auditable => false,
        Task::Sbom => has(&["sbom", "cyclonedx", "syft"]),
    }
}

/// `cargo`, `cross`, `$CARGO`, `${{env.CARGO}}`, `/usr/bin/cargo`.
fn is_cargo(word: &str) -> bool {
    let name = file_name(word);
    let is_variable = || name.starts_with('$') && name.to_ascii_lowercase().contains("cargo");
    matches!(name, "cargo" | "cross" | "cargo.exe" | "cargo-zigbuild" | "cargo-xwin")
        || is_variable()
}

/// Whether a command brings programs in rather than running them.
fn installs(words: &[String]) -> bool {
    words.iter().any(|it| {
        matches!(
            it.as_str(),
            "install" | "binstall" | "add" | "apt-get" | "apk" | "brew" | "component"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_told_apart() {
        for (command, task, expected) in [
            ("cargo test --locked", Task::Test, true),
            ("cargo +nightly --config x=1 nextest run", Task::Test, true),
            ("cargo hack test --each-feature", Task::Test, true),
            ("cross test --target x", Task::Test, true),
            ("${{env.CARGO}} test", Task::Test, true),
            ("cargo llvm-cov --lcov", Task::Test, true),
            ("cargo install cargo-nextest", Task::Test, false),
            ("cargo build --tests", Task::Test, false),
            ("cargo run -- test", Task::Test, false),
            ("docker run -v x rust cargo test", Task::Test, true),
            ("cargo clippy", Task::Clippy, true),
            ("rustup component add clippy rustfmt", Task::Clippy, false),
            ("rustup component add clippy rustfmt", Task::Format, false),
            ("rustfmt --check src/a.rs", Task::Format, true),
            ("uses giraffate/clippy-action@v1", Task::Clippy, true),
            ("cargo deny check", Task::Audit, true),
            ("cargo-audit audit", Task::Audit, true),
            ("cargo install --locked cargo-deny", Task::Audit, false),
            ("cargo install --locked cargo-audit", Task::Audit, false),
            ("trivy fs .", Task::Audit, true),
            ("trivy image x", Task::Audit, false),
            ("uses aquasecurity/trivy-action@v1 image-ref=a:b", Task::Audit, false),
            ("uses aquasecurity/trivy-action@v1 scan-type=fs image-ref=a:b", Task::Audit, true),
            ("uses aquasecurity/trivy-action@v1 scan-type=image", Task::Audit, false),
            ("uses anchore/scan-action@v6 path=.", Task::Audit, true),
            ("uses anchore/scan-action@v6 image=a", Task::Audit, false),
            ("uses snyk/actions/docker@master image=a", Task::Audit, false),
            ("grype ghcr.io/a/b:1", Task::Audit, false),
            ("grype dir:.", Task::Audit, true),
            ("snyk container test a", Task::Audit, false),
            ("uses rustsec/audit-check@v2", Task::Audit, true),
            ("npm test", Task::NodeTest, true),
            ("pnpm run test:unit", Task::NodeTest, true),
            ("npm ci", Task::NodeTest, false),
            ("npm install -g vitest", Task::NodeTest, false),
            ("cargo cyclonedx", Task::Sbom, true),
        ] {
            let words: Vec<String> = command.split(' ').map(str::to_string).collect();
            assert_eq!(does(&words, task), expected, "{command} {task:?}");
        }
    }
}
