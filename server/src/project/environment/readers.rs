//! Where environment variables are read, and where they are named.

use std::collections::{HashMap, HashSet};

use aho_corasick::{AhoCorasick, Match, MatchKind};
use rustc_hash::FxHashSet;

use super::foreign::ForeignTools;
use crate::project::docker::dockerfile::Action;
use crate::project::{FileKind, ReferenceKind, TrackedProject, WhenUnset};

/// What is known to read variables.
pub struct Readers {
    names: HashSet<String>,
    prefixes: Vec<String>,
    tools: ForeignTools,
}

impl Readers {
    /// Who reads one of `wanted`: the sources, and the files that hand variables on.
    pub fn of(cx: &TrackedProject<'_>, wanted: &FxHashSet<&str>) -> Self {
        let tools = ForeignTools::of(cx);
        let mut readers = Self { names: HashSet::new(), prefixes: Vec::new(), tools };
        let functions = env_readers(cx);
        for (_, reference) in cx.references() {
            let ReferenceKind::Env { name, prefix, via, .. } = &reference.kind else { continue };
            // A function of the project that is given a name reads that variable alone.
            let is_name = via.as_deref().is_some_and(|it| functions.contains_key(it));
            if *prefix && !reference.in_test && !is_name {
                readers.prefixes.push(name.clone());
            } else if wanted.contains(name.as_str()) {
                readers.names.insert(name.clone());
            }
        }
        let Some(search) = Search::of(wanted) else {
            // None of them is called unread.
            readers.names.extend(wanted.iter().map(|name| name.to_string()));
            return readers;
        };
        let mut read = |text: &str, how: Words| {
            readers.names.extend(search.find(text, how).map(str::to_string));
        };
        for file in cx.files(FileKind::Dockerfile) {
            read(&file.text, Words::References);
            let stages = file.dockerfile().into_iter().flat_map(|it| &it.stages);
            for instruction in stages.flat_map(|it| &it.instructions) {
                match &instruction.action {
                    Action::Run { script, .. } => read(&script.text, Words::All),
                    Action::Start { command, .. } | Action::Healthcheck(Some(command)) => {
                        read(&command.text, Words::All);
                    }
                    _ => {}
                }
            }
        }
        for kind in [FileKind::Compose, FileKind::Env] {
            cx.files(kind).for_each(|file| read(&file.text, Words::References));
        }
        for kind in
            [FileKind::Script, FileKind::Ci, FileKind::PackageJson, FileKind::Toml, FileKind::Json]
        {
            cx.files(kind).for_each(|file| read(&file.text, Words::All));
        }
        for file in cx.files(FileKind::Yaml) {
            // Manifests of Kubernetes set variables by name.
            let is_manifest = file.text.contains("apiVersion:");
            read(&file.text, if is_manifest { Words::References } else { Words::All });
        }
        readers
    }

    /// Whether names are put together, or left to a crate: then others may be read as well.
    pub fn are_open(&self) -> bool {
        !self.prefixes.is_empty()
    }

    /// Whether a variable is read, by its name or by what it starts with.
    pub fn read(&self, name: &str) -> bool {
        let starts = |prefix: &String| {
            name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
        };
        self.names.contains(name) || self.prefixes.iter().any(starts) || self.tools.reads(name)
    }
}

/// Which names in a text are meant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Words {
    /// All that may be those of variables.
    All,
    /// Those behind a `$`, also in `${…}` and `$(…)`.
    References,
}

/// Looks for the names of variables in texts.
struct Search<'w> {
    names: Vec<&'w str>,
    automaton: AhoCorasick,
}

impl<'w> Search<'w> {
    /// Nothing where so many are wanted that no automaton can be built.
    fn of(wanted: &FxHashSet<&'w str>) -> Option<Self> {
        let names: Vec<&str> = wanted.iter().copied().collect();
        // Of names that begin alike the longest is the one that stands there.
        let built = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&names);
        Some(Self { names, automaton: built.ok()? })
    }

    /// Those that are whole words of a text.
    fn find(&self, text: &str, how: Words) -> impl Iterator<Item = &'w str> {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let is_meant = move |found: &Match| {
            let (before, rest) = text.as_bytes().split_at(found.start());
            let after = rest.get(found.len());
            let is_reference =
                || [&b"$"[..], b"${", b"$(", b"env:"].iter().any(|sign| before.ends_with(sign));
            !before.last().is_some_and(is_part)
                && !after.is_some_and(is_part)
                && (how == Words::All || is_reference())
        };
        let found = self.automaton.find_iter(text).filter(is_meant);
        found.filter_map(|found| self.names.get(found.pattern().as_usize()).copied())
    }
}

/// Every file that may name a variable, apart from sources.
const NAMING: &[FileKind] = &[
    FileKind::Dockerfile,
    FileKind::Compose,
    FileKind::Ci,
    FileKind::Env,
    FileKind::Wrangler,
    FileKind::Markdown,
    FileKind::Script,
    FileKind::Toml,
    FileKind::Yaml,
    FileKind::Json,
    FileKind::PackageJson,
    FileKind::Manifest,
];

/// Which of `wanted` are named in a file that is no source: all where they are too many to look for.
pub fn named_in_files<'w>(
    cx: &TrackedProject<'_>,
    wanted: &FxHashSet<&'w str>,
) -> HashSet<&'w str> {
    let Some(search) = Search::of(wanted) else { return wanted.iter().copied().collect() };
    let files = NAMING.iter().flat_map(|kind| cx.files(*kind));
    files.flat_map(|file| search.find(&file.text, Words::All)).collect()
}

/// What the functions of the sources do that read the variable they are given.
pub fn env_readers<'a>(cx: &TrackedProject<'a>) -> HashMap<&'a str, WhenUnset> {
    let readers = cx.references().filter_map(|(_, reference)| match &reference.kind {
        ReferenceKind::EnvReader { function, when_unset } => Some((function.as_str(), *when_unset)),
        _ => None,
    });
    readers.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_where_they_are_meant() {
        let wanted = ["A", "B_1", "B_12", "C", "D", "E"].into_iter().collect();
        let search = Search::of(&wanted).expect("they are few");
        let found = |text: &str, how| search.find(text, how).collect::<Vec<_>>().join(" ");
        let text = "A=${B_1} $C $(D) echo E B_12 B_123 A_B_1 éA";
        assert_eq!(found(text, Words::References), "B_1 C D");
        assert_eq!(found(text, Words::All), "A B_1 C D E B_12 A");
    }
}
