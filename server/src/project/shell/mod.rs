//! Shell scripts as the simple commands in them.

mod lexer;
#[cfg(test)]
mod tests;
mod variables;

use self::lexer::Lexer;
pub(super) use self::lexer::is_end;
use self::variables::Variables;
use crate::project::paths::file_name;

/// Quoted scripts inside quoted scripts, no deeper.
const MAX_DEPTH: usize = 3;

/// Commands whose arguments are text for people.
const SPEAKERS: &[&str] = &["echo", "printf", "git", "gh", "which", "type", "grep"];

/// Programs that run the script that they are given.
const SHELLS: &[&str] = &["ash", "bash", "dash", "ksh", "sh", "zsh"];

/// A simple command of a script.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Command {
    /// Its words without quotes, with the variables that the script gives a value itself.
    pub words: Vec<String>,
    /// What stands between it and the next command.
    pub next: Link,
    /// Quoted words of several words.
    quoted: Vec<String>,
    /// The text of its here-documents.
    input: Vec<String>,
}

/// What stands behind a command.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Link {
    /// A line break, a semicolon, a bracket, or nothing.
    #[default]
    End,
    /// `&&`: the next command runs when this one succeeds.
    And,
    /// `||`: the next command runs when this one fails.
    Or,
    /// `|`: the next command reads what this one prints.
    Pipe,
    /// `&`: the script does not wait for it.
    Background,
}

/// The simple commands of a script, in order. Not a shell's grammar: quotes hold words together,
/// and operators, brackets and line breaks end a command. Here-documents are commands where a shell
/// reads them, and text everywhere else.
pub fn commands(script: &str) -> Vec<Command> {
    let mut found = Vec::new();
    read(script, 0, &mut Variables::default(), &mut found);
    found
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
///
/// `known` are variables that have their values from elsewhere.
pub fn nested_commands(script: &str, known: &[(String, String)]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    collect(script, known, 0, &mut found);
    found
}

fn collect(script: &str, known: &[(String, String)], depth: usize, found: &mut Vec<Vec<String>>) {
    let mut commands = Vec::new();
    read(script, 0, &mut Variables::new(known), &mut commands);
    for Command { words, quoted, .. } in commands {
        let speaks = words.first().is_some_and(|it| SPEAKERS.contains(&it.as_str()));
        found.push(words);
        if !speaks && depth < MAX_DEPTH {
            quoted.iter().for_each(|inner| collect(inner, known, depth + 1, found));
        }
    }
}

/// Adds the commands of a script, with those of the here-documents that are scripts themselves.
fn read(script: &str, depth: usize, variables: &mut Variables, found: &mut Vec<Command>) {
    let commands = Lexer::new(script).commands();
    let mut next = commands.iter().skip(1);
    let is_read: Vec<bool> = commands
        .iter()
        .map(|command| {
            let reader = next.next().filter(|_| command.next == Link::Pipe);
            command.words.is_empty() || is_shell(command) || reader.is_some_and(is_shell)
        })
        .collect();
    for (mut command, is_read) in commands.into_iter().zip(is_read) {
        let input = std::mem::take(&mut command.input);
        if !command.words.is_empty() {
            variables.expand(&mut command.words);
            variables.assign(&command.words);
            found.push(command);
        }
        if is_read && depth < MAX_DEPTH {
            input.iter().for_each(|inner| read(inner, depth + 1, variables, found));
        }
    }
}

/// Whether a command runs a shell, by itself or in a container or another environment.
fn is_shell(command: &Command) -> bool {
    command.words.iter().any(|word| SHELLS.contains(&file_name(word)))
}

/// Whether a word gives a variable a value.
fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| is_name(name))
}

/// Whether a word may be the name of a variable.
fn is_name(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
}

/// Whether a word may stand in front of the program's name.
fn is_prefix(word: &str) -> bool {
    is_assignment(word)
        || matches!(word, "if" | "then" | "else" | "do" | "!" | "{" | "time" | "env" | "exec")
}
