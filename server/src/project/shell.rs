//! Shell scripts as the simple commands in them.

/// Quoted scripts inside quoted scripts, no deeper.
const MAX_DEPTH: usize = 3;

/// Commands whose arguments are text for people.
const SPEAKERS: &[&str] = &["echo", "printf", "git", "gh", "which", "type", "grep"];

/// A simple command of a script.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Command {
    /// Its words without quotes. Nothing is expanded.
    pub words: Vec<String>,
    /// Whether the script goes on when it fails: `|| …` follows.
    pub may_fail: bool,
    /// Quoted words of several words.
    quoted: Vec<String>,
}

/// The simple commands of a script, in order. Not a shell's grammar: quotes hold words together,
/// and operators, brackets and line breaks end a command.
pub fn commands(script: &str) -> Vec<Command> {
    let mut lexer = Lexer { rest: script, command: Command::default() };
    let mut commands = Vec::new();
    while lexer.next_command() {
        commands.push(std::mem::take(&mut lexer.command));
    }
    commands
}

/// The [`commands`] of a script as the programs that they run: without assignments and words such
/// as `if` and `then` in front.
pub fn programs(script: &str) -> Vec<Command> {
    let mut commands = commands(script);
    for command in &mut commands {
        let start = command.words.iter().position(|it| !is_prefix(it));
        command.words.drain(..start.unwrap_or(command.words.len()));
    }
    commands.retain(|command| !command.words.is_empty());
    commands
}

/// The words of the [`commands`] of a script. What stands in a quoted argument
/// (`bash -c "cargo test"`) comes after the command that it is given to.
pub fn nested_commands(script: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    collect(script, 0, &mut found);
    found
}

fn collect(script: &str, depth: usize, found: &mut Vec<Vec<String>>) {
    for Command { words, quoted, .. } in commands(script) {
        let speaks = words.first().is_some_and(|it| SPEAKERS.contains(&it.as_str()));
        found.push(words);
        if !speaks && depth < MAX_DEPTH {
            quoted.iter().for_each(|inner| collect(inner, depth + 1, found));
        }
    }
}

/// Whether a word may stand in front of the program's name.
fn is_prefix(word: &str) -> bool {
    let is_assignment = word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
    });
    is_assignment
        || matches!(word, "if" | "then" | "else" | "do" | "!" | "{" | "time" | "env" | "exec")
}

struct Lexer<'t> {
    rest: &'t str,
    command: Command,
}

impl Lexer<'_> {
    /// Reads up to the end of a command; `false` at the end of the script.
    fn next_command(&mut self) -> bool {
        let mut word: Option<String> = None;
        let mut was_quoted = false;
        loop {
            let mut chars = self.rest.chars();
            let Some(c) = chars.next() else {
                self.finish(word, was_quoted);
                return !self.command.words.is_empty();
            };
            let after = chars.as_str();
            match c {
                '$' if self.rest.starts_with("${{") => {
                    let end = self.rest.find("}}").map_or(self.rest.len(), |at| at + 2);
                    let (expression, rest) = self.rest.split_at(end);
                    let text = expression.split_whitespace().collect::<String>();
                    word.get_or_insert_default().push_str(&text);
                    self.rest = rest;
                    continue;
                }
                '\\' => {
                    let next = chars.next();
                    self.rest = chars.as_str();
                    match next {
                        Some('\n') | None => {}
                        Some('\r') => self.rest = self.rest.trim_start_matches('\n'),
                        Some(next) => word.get_or_insert_default().push(next),
                    }
                    continue;
                }
                '\'' | '"' => {
                    let (text, rest) = quoted(after, c);
                    word.get_or_insert_default().push_str(&text);
                    was_quoted = true;
                    self.rest = rest;
                    continue;
                }
                '#' if word.is_none() => {
                    let end = self.rest.find('\n').unwrap_or(self.rest.len());
                    self.rest = self.rest.get(end..).unwrap_or_default();
                    continue;
                }
                ' ' | '\t' | '\r' => {
                    self.finish(word.take(), was_quoted);
                    was_quoted = false;
                }
                '\n' | ';' | '|' | '&' | '(' | ')' | '`' => {
                    self.finish(word.take(), was_quoted);
                    was_quoted = false;
                    self.rest = after;
                    if !self.command.words.is_empty() {
                        self.command.may_fail = c == '|' && after.starts_with('|');
                        return true;
                    }
                    continue;
                }
                _ => word.get_or_insert_default().push(c),
            }
            self.rest = after;
        }
    }

    fn finish(&mut self, word: Option<String>, was_quoted: bool) {
        let Some(word) = word else { return };
        if was_quoted && word.trim().contains(char::is_whitespace) {
            self.command.quoted.push(word.clone());
        }
        self.command.words.push(word);
    }
}

/// What stands in quotes, and what comes after them.
fn quoted(text: &str, quote: char) -> (String, &str) {
    let mut content = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            _ if c == quote => break,
            '\\' if quote == '"' => match chars.next() {
                Some('\n') => {}
                Some(next) => content.push(next),
                None => break,
            },
            _ => content.push(c),
        }
    }
    (content, chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(script: &str, expected: &[&str]) {
        let found: Vec<String> =
            nested_commands(script).iter().map(|words| words.join(" ")).collect();
        assert_eq!(found, expected, "{script}");
    }

    #[test]
    fn a_script_is_cut_into_commands() {
        check("cargo fmt && cargo test # all\n", &["cargo fmt", "cargo test"]);
        check(
            "set -e\ncargo test \\\n  --locked | tee log",
            &["set -e", "cargo test --locked", "tee log"],
        );
        check("cargo ${{ matrix.command }} -q", &["cargo ${{matrix.command}} -q"]);
        check("(cd a; \"$CARGO\" test)", &["cd a", "$CARGO test"]);
    }

    #[test]
    fn quoted_scripts_are_read_and_quoted_prose_is_not() {
        check(
            "bash -c 'cargo test; cargo fmt'",
            &["bash -c cargo test; cargo fmt", "cargo test", "cargo fmt"],
        );
        check("echo 'run cargo test first'", &["echo run cargo test first"]);
    }

    #[test]
    fn unfinished_scripts_come_to_an_end() {
        for script in ["'", "\"a\\", "a \\", "${{ x", "(", "\\"] {
            nested_commands(script);
        }
    }

    #[test]
    fn programs_are_named_first() {
        let script = "set -e; FOO=1 cargo build --bin 'a b' || true\n# cargo x\nif [ -f a ]; then cd /x && ls; fi";
        let shown: Vec<String> = programs(script)
            .iter()
            .map(|it| format!("{}{}", it.words.join("|"), if it.may_fail { " ?" } else { "" }))
            .collect();
        assert_eq!(
            shown,
            ["set|-e", "cargo|build|--bin|a b ?", "true", "[|-f|a|]", "cd|/x", "ls", "fi"]
        );
    }
}
