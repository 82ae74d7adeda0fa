//! Whether the failure of a command is the failure of its step.

use super::{CiRun, CiStep, Task, does};
use crate::project::shell::{self, Command, Link};

/// Whether a step succeeds although what it does for a task fails. Not where nothing in it does the
/// task, as then a script that it calls does.
pub fn ignores_failure(step: &CiStep, task: Task) -> bool {
    let CiRun::Shell(script) = &step.run else { return step.may_fail };
    let commands = shell::commands(script);
    let mut options = Options::of(step);
    let mut is_found = false;
    for (at, command) in commands.iter().enumerate() {
        options.set(&command.words);
        if !does(&command.words, task) {
            continue;
        }
        is_found = true;
        let behind = commands.get(at + 1..).unwrap_or_default();
        if !step.may_fail && !is_lost(command, behind, &options, script) {
            return false;
        }
    }
    step.may_fail || is_found
}

/// What the shell of a step does when a command fails.
struct Options {
    /// `-e`: the script ends.
    stops: bool,
    /// Whether commands in front of the end of a pipe count.
    pipefail: bool,
}

impl Options {
    /// GitHub starts `bash -e`, and with `shell: bash` also `pipefail`. Other services have it, or
    /// are not known to lack it.
    fn of(step: &CiStep) -> Self {
        let is_plain = step.shell.as_deref().is_none_or(|it| it == "sh");
        Self { stops: true, pipefail: !step.service.is_like_github() || !is_plain }
    }

    /// Takes in `set -e`, `set +e`, `set -euo pipefail` and the like.
    fn set(&mut self, words: &[String]) {
        let [set, arguments @ ..] = words else { return };
        if set != "set" {
            return;
        }
        let mut is_on = true;
        for word in arguments {
            if word == "pipefail" {
                self.pipefail = is_on;
            } else if word == "errexit" {
                self.stops = is_on;
            }
            is_on = !word.starts_with('+');
            if word.starts_with(['-', '+']) && word.contains('e') {
                self.stops = is_on;
            }
        }
    }
}

/// Whether the failure of a command is lost, given those behind it.
fn is_lost(command: &Command, behind: &[Command], options: &Options, script: &str) -> bool {
    // The script looks at the status itself.
    if ["$?", "PIPESTATUS", "GITHUB_OUTPUT", "GITHUB_ENV"].iter().any(|it| script.contains(it)) {
        return false;
    }
    let first = command.words.first().map_or("", String::as_str);
    if matches!(first, "if" | "elif" | "while" | "until") {
        let inside = behind.iter().take_while(|it| it.words.first().is_none_or(|it| it != "fi"));
        return !inside.into_iter().any(|it| fails(&it.words));
    }
    match command.next {
        Link::Or => behind.first().is_some_and(|next| {
            let fails_after = behind.get(1).is_some_and(|it| fails(&it.words));
            succeeds(&next.words) && (!fails_after || next.words.iter().any(|it| it == "0"))
        }),
        Link::Pipe => !options.pipefail,
        Link::End | Link::And => !options.stops && behind.iter().any(|it| !it.words.is_empty()),
        Link::Background => false,
    }
}

/// Whether a command always succeeds.
fn succeeds(words: &[String]) -> bool {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    matches!(words.as_slice(), ["true" | ":"] | ["exit", "0"] | ["echo" | "printf", ..])
}

/// Whether a command ends the script as failed.
fn fails(words: &[String]) -> bool {
    let mut words = words.iter().map(String::as_str);
    let mut words = words.by_ref().skip_while(|it| matches!(*it, "then" | "else" | "do" | "{"));
    match words.next() {
        Some("false") => true,
        Some("exit" | "return") => words.next().is_some_and(|it| it != "0"),
        _ => false,
    }
}
