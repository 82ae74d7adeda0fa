//! Calls of cargo in the scripts of Dockerfiles.

use crate::project::shell::Command;

/// Subcommands that read the manifests of the workspace and compile nothing.
const READS_MANIFESTS: &[&str] = &["chef prepare", "fetch", "metadata", "tree", "vendor"];

/// Subcommands that compile the sources of the workspace.
const COMPILES: &[&str] = &[
    "auditable build", "b", "build", "c", "check", "clippy", "nextest", "r", "run", "rustc", "t",
    "test", "zigbuild",
];

/// A call of cargo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CargoCall {
    /// Behind `cargo`, without the toolchain; `chef prepare` is one.
    pub subcommand: String,
    /// The toolchain behind `+`.
    pub toolchain: Option<String>,
    /// What `-p` and `--package` name.
    pub packages: Vec<String>,
    /// What `--bin` names.
    pub bins: Vec<String>,
    /// Whether it is about all members.
    pub is_all: bool,
    /// The argument of `--manifest-path`, or of `install --path`, as a folder.
    pub folder: Option<String>,
}

impl CargoCall {
    /// Nothing when the command is no call of cargo.
    pub fn of(command: &Command) -> Option<Self> {
        let mut words = command.words.iter().map(String::as_str);
        if !matches!(words.next()?, "cargo" | "xx-cargo" | "cross") {
            return None;
        }
        let mut words = words.peekable();
        let toolchain =
            words.next_if(|it| it.starts_with('+')).map(|it| it.trim_start_matches('+'));
        let mut call = Self {
            subcommand: words.by_ref().find(|it| !it.starts_with('-'))?.to_string(),
            toolchain: toolchain.map(str::to_string),
            packages: Vec::new(),
            bins: Vec::new(),
            is_all: false,
            folder: None,
        };
        if call.subcommand == "chef" || call.subcommand == "auditable" {
            call.subcommand = format!("{} {}", call.subcommand, words.next()?);
        }
        while let Some(word) = words.next() {
            let (flag, mut value) = match word.split_once('=') {
                Some((flag, value)) => (flag, Some(value)),
                None => (word, None),
            };
            let takes_value =
                matches!(flag, "-p" | "--package" | "--bin" | "--manifest-path" | "--path");
            if takes_value && value.is_none() {
                value = words.next();
            }
            let value = value.unwrap_or_default();
            match flag {
                "-p" | "--package" => call.packages.push(value.to_string()),
                "--bin" => call.bins.push(value.to_string()),
                "--manifest-path" => {
                    let folder = value.strip_suffix("Cargo.toml").unwrap_or(value);
                    call.folder = Some(folder.to_string());
                }
                "--path" => call.folder = Some(value.to_string()),
                "--workspace" | "--all" => call.is_all = true,
                "--" => break,
                _ => {}
            }
        }
        Some(call)
    }

    /// Whether it reads the manifests of the workspace.
    pub fn loads_workspace(&self) -> bool {
        self.compiles() || READS_MANIFESTS.contains(&self.subcommand.as_str())
    }

    /// Whether it compiles the sources of the workspace.
    pub fn compiles(&self) -> bool {
        match self.subcommand.as_str() {
            "install" => self.folder.is_some(),
            name => COMPILES.contains(&name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::shell::programs;

    #[test]
    fn calls_of_cargo_are_understood() {
        let call = |script: &str| programs(script).iter().find_map(CargoCall::of);
        let build =
            call("cargo +nightly build --release -p a --package=b --bin c").expect("a call");
        assert_eq!((build.subcommand.as_str(), build.packages.len()), ("build", 2));
        assert_eq!(build.toolchain.as_deref(), Some("nightly"));
        assert_eq!(build.bins, ["c"]);
        assert!(build.compiles());
        let path = call("cargo build --manifest-path=tools/x/Cargo.toml").expect("a call");
        assert_eq!(path.folder.as_deref(), Some("tools/x/"));
        assert!(call("cargo chef prepare").is_some_and(|it| it.loads_workspace()));
        assert!(call("cargo chef cook --release").is_some_and(|it| !it.loads_workspace()));
        assert!(call("cargo install sqlx-cli").is_some_and(|it| !it.compiles()));
        assert_eq!(call("echo cargo build"), None);
    }
}
