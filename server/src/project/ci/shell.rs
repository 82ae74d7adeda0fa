//! Shell scripts as the simple commands in them.

/// Quoted scripts inside quoted scripts, no deeper.
const MAX_DEPTH: usize = 3;

/// Commands whose arguments are text for people.
const SPEAKERS: &[&str] = &["echo", "printf", "git", "gh", "which", "type", "grep"];

/// The simple commands of a script, each as its words without quotes. What stands in a quoted
/// argument (`bash -c "cargo test"`) comes after the command that it is given to. Nothing is
/// expanded.
pub(super) fn commands(script: &str) -> Vec<Vec<String>> {
    let mut commands = Vec::new();
    collect(script, 0, &mut commands);
    commands
}

fn collect(script: &str, depth: usize, commands: &mut Vec<Vec<String>>) {
    let mut lexer = Lexer { rest: script, words: Vec::new(), quoted: Vec::new() };
    while lexer.next_command() {
        let words = std::mem::take(&mut lexer.words);
        let quoted = std::mem::take(&mut lexer.quoted);
        let Some(first) = words.first() else { continue };
        let speaks = SPEAKERS.contains(&first.as_str());
        commands.push(words);
        if !speaks && depth < MAX_DEPTH {
            quoted.iter().for_each(|inner| collect(inner, depth + 1, commands));
        }
    }
}

struct Lexer<'t> {
    rest: &'t str,
    words: Vec<String>,
    /// Quoted words of several words.
    quoted: Vec<String>,
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
                return !self.words.is_empty();
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
                    if !self.words.is_empty() {
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
            self.quoted.push(word.clone());
        }
        self.words.push(word);
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
        let found: Vec<String> = commands(script).iter().map(|words| words.join(" ")).collect();
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
            commands(script);
        }
    }
}
