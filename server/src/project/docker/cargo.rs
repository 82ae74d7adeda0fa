/// A command of a script: words without their quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The name of the program and its arguments; assignments in front are left out.
    pub words: Vec<String>,
    /// Whether the script goes on when it fails.
    pub may_fail: bool,
}

/// A call of cargo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CargoCall {
    /// Behind `cargo`, without the toolchain; `chef prepare` is one.
    pub subcommand: String,
    /// What `-p` and `--package` name.
    pub packages: Vec<String>,
    /// What `--bin` names.
    pub bins: Vec<String>,
    /// Whether it is about all members.
    pub is_all: bool,
    /// The argument of `--manifest-path`, or of `install --path`, as a folder.
    pub folder: Option<String>,
}

/// The commands of a script, in order. Not a shell's grammar: quotes hold words together, operators
/// end a command, and words such as `if` and `then` are passed over.
pub fn commands(script: &str) -> Vec<Command> {
    let mut found: Vec<Command> = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut in_comment = false;
    let mut chars = script.chars().peekable();
    let mut end = |words: &mut Vec<String>, word: &mut String, may_fail| {
        if !word.is_empty() {
            words.push(std::mem::take(word));
        }
        let start = words.iter().position(|it| !is_prefix(it)).unwrap_or(words.len());
        let words: Vec<String> = words.drain(..).skip(start).collect();
        if !words.is_empty() {
            found.push(Command { words, may_fail });
        }
    };
    while let Some(c) = chars.next() {
        match c {
            '\n' => {
                in_comment = false;
                end(&mut words, &mut word, false);
            }
            _ if in_comment => {}
            '\\' => word.extend(chars.next()),
            _ if quote == Some(c) => quote = None,
            _ if quote.is_some() => word.push(c),
            '"' | '\'' => quote = Some(c),
            '#' if word.is_empty() => in_comment = true,
            ';' | '(' | ')' => end(&mut words, &mut word, false),
            '&' | '|' => {
                let is_double = chars.next_if_eq(&c).is_some();
                end(&mut words, &mut word, c == '|' && is_double);
            }
            _ if c.is_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            _ => word.push(c),
        }
    }
    end(&mut words, &mut word, false);
    found
}

/// Whether a word may stand in front of the program's name.
fn is_prefix(word: &str) -> bool {
    let is_assignment = word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
    });
    is_assignment
        || matches!(word, "if" | "then" | "else" | "do" | "!" | "{" | "time" | "env" | "exec")
}

impl CargoCall {
    /// Nothing when the command is no call of cargo.
    pub fn of(command: &Command) -> Option<Self> {
        let mut words = command.words.iter().map(String::as_str);
        if !matches!(words.next()?, "cargo" | "xx-cargo" | "cross") {
            return None;
        }
        let mut words = words.filter(|it| !it.starts_with('+')).peekable();
        let mut call = Self {
            subcommand: words.by_ref().find(|it| !it.starts_with('-'))?.to_string(),
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
        self.compiles()
            || matches!(
                self.subcommand.as_str(),
                "fetch" | "metadata" | "tree" | "vendor" | "chef prepare"
            )
    }

    /// Whether it compiles the sources of the workspace.
    pub fn compiles(&self) -> bool {
        match self.subcommand.as_str() {
            "install" => self.folder.is_some(),
            name => matches!(
                name,
                "build"
                    | "b"
                    | "check"
                    | "c"
                    | "test"
                    | "t"
                    | "run"
                    | "r"
                    | "rustc"
                    | "clippy"
                    | "nextest"
                    | "zigbuild"
                    | "auditable build"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_taken_apart() {
        let script = "set -e; FOO=1 cargo build --bin 'a b' || true\n# cargo x\nif [ -f a ]; then cd /x && ls; fi";
        let shown: Vec<String> = commands(script)
            .iter()
            .map(|it| format!("{}{}", it.words.join("|"), if it.may_fail { " ?" } else { "" }))
            .collect();
        assert_eq!(
            shown,
            ["set|-e", "cargo|build|--bin|a b ?", "true", "[|-f|a|]", "cd|/x", "ls", "fi"]
        );
    }

    #[test]
    fn calls_of_cargo_are_understood() {
        let call = |script: &str| commands(script).iter().find_map(CargoCall::of);
        let build =
            call("cargo +nightly build --release -p a --package=b --bin c").expect("a call");
        assert_eq!((build.subcommand.as_str(), build.packages.len()), ("build", 2));
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
