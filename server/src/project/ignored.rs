//! Which files git ignores, by the files that say so.
//!
//! The `ignore` crate would open these files wherever they lead and whatever they are, and those in
//! every folder above, where git does not look. Here they are read through the one door, from the
//! top of the checkout down.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use rustc_hash::FxHashMap;

use super::checkout::{checkout_root, git_folder};
use super::disk::Disk;
use super::read;

/// Larger files ignore nothing.
const MAX_IGNORE_BYTES: u64 = 256 * 1024;

/// Longer patterns ignore nothing.
const MAX_PATTERN_BYTES: usize = 500;

/// So many patterns of one file are taken.
const MAX_PATTERNS: usize = 5_000;

/// What is ignored below a folder.
#[derive(Debug)]
pub(super) struct Ignored {
    /// The checkout around the folder, or the folder where there is none: nothing above it counts.
    top: Disk,
    /// `.git/info/exclude`, and the file that Git's own settings name.
    everywhere: Vec<Gitignore>,
    folders: RwLock<FxHashMap<PathBuf, Rules>>,
}

/// The ignore files of a folder and of those above it; nothing where there are none.
type Rules = Option<Arc<FolderRules>>;

#[derive(Debug)]
struct FolderRules {
    above: Rules,
    /// `.ignore`, which counts before what git reads.
    search: Gitignore,
    /// `.gitignore`.
    git: Gitignore,
}

impl Ignored {
    /// What is ignored below `root`, a canonical path.
    pub fn below(root: &Path) -> Self {
        let top = checkout_root(root).unwrap_or(root);
        let ignored = Self::new(top, everywhere(top));
        // Someone asked for this folder: what ignores all of it is not about what is in it.
        let mut asked = root.ancestors().take_while(|it| *it != top);
        if top == root || !asked.any(|folder| ignored.matches(folder, true)) {
            return ignored;
        }
        Self::new(root, Vec::new())
    }

    fn new(top: &Path, everywhere: Vec<Gitignore>) -> Self {
        Self { top: Disk::of_canonical(top), everywhere, folders: RwLock::default() }
    }

    /// Whether a file or folder is ignored whose folder is not.
    pub fn matches(&self, path: &Path, is_folder: bool) -> bool {
        let Some(folder) = path.parent() else { return false };
        let rules = self.rules(folder);
        let chain = || std::iter::successors(rules.as_deref(), |it| it.above.as_deref());
        let search = chain().map(|it| &it.search);
        let git = chain().map(|it| &it.git);
        let found = search.chain(git).chain(&self.everywhere);
        let mut found = found.map(|it| it.matched(path, is_folder));
        found.find(|it| !it.is_none()).is_some_and(|it| matches!(it, Match::Ignore(_)))
    }

    fn rules(&self, folder: &Path) -> Rules {
        let known =
            self.folders.read().unwrap_or_else(PoisonError::into_inner).get(folder).cloned();
        if let Some(rules) = known {
            return rules;
        }
        let above = match folder.parent() {
            Some(parent) if folder != self.top.root() && folder.starts_with(self.top.root()) => {
                self.rules(parent)
            }
            _ => None,
        };
        let (search, git) = (self.file(folder, ".ignore"), self.file(folder, ".gitignore"));
        let rules = match (search, git) {
            (None, None) => above,
            (search, git) => Some(Arc::new(FolderRules {
                above,
                search: search.unwrap_or_else(Gitignore::empty),
                git: git.unwrap_or_else(Gitignore::empty),
            })),
        };
        let mut folders = self.folders.write().unwrap_or_else(PoisonError::into_inner);
        folders.insert(folder.to_path_buf(), rules.clone());
        rules
    }

    fn file(&self, folder: &Path, name: &str) -> Option<Gitignore> {
        let path = folder.join(name);
        // Mostly there is none, which is cheap to see.
        path.symlink_metadata().ok()?;
        let relative = self.top.relative(&path)?;
        match self.top.read_at_most(&relative, MAX_IGNORE_BYTES) {
            Ok(text) => Some(patterns(folder, &text)),
            Err(error) => {
                tracing::warn!(path = relative, %error, "an ignore file is not read");
                None
            }
        }
    }
}

/// What is ignored in all folders of a checkout.
fn everywhere(top: &Path) -> Vec<Gitignore> {
    let exclude = git_folder(&top.join(".git")).map(|it| it.join("info/exclude"));
    let exclude = exclude.and_then(|it| read::text(&it, MAX_IGNORE_BYTES).ok());
    let exclude = exclude.map(|text| patterns(top, &text));
    // A file of the person who runs this.
    let (own, _) = GitignoreBuilder::new(top).build_global();
    exclude.into_iter().chain([own]).collect()
}

/// The patterns of an ignore file in a folder.
pub(super) fn patterns(folder: impl AsRef<Path>, text: &str) -> Gitignore {
    let mut builder = GitignoreBuilder::new(folder);
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for line in text.lines().filter(|it| it.len() <= MAX_PATTERN_BYTES).take(MAX_PATTERNS) {
        // A line that is no pattern ignores nothing, for git as well.
        let _ = builder.add_line(None, &without_alternatives(line));
    }
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}

/// Braces stand for themselves in the patterns of git, and for alternatives in those of the crate.
pub(super) fn without_alternatives(pattern: &str) -> String {
    let mut plain = String::with_capacity(pattern.len());
    let mut is_escaped = false;
    for character in pattern.chars() {
        if matches!(character, '{' | '}') && !is_escaped {
            plain.push('\\');
        }
        is_escaped = character == '\\' && !is_escaped;
        plain.push(character);
    }
    plain
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::project::folder_fixture::folder;

    fn listed(files: &[(&str, &str)], root: &str) -> Vec<String> {
        let (folder, _) = folder(files);
        let files = Disk::open(&folder.path().join(root)).expect("opened").files();
        files.into_iter().filter(|it| !it.ends_with("ignore")).collect()
    }

    #[test]
    fn nothing_above_the_checkout_counts() {
        let files = [
            (".gitignore", "a.rs\n"),
            (".ignore", "b.rs\n"),
            ("repo/.git/HEAD", ""),
            ("repo/.git/info/exclude", "c.rs\n"),
            ("repo/a.rs", ""),
            ("repo/b.rs", ""),
            ("repo/c.rs", ""),
        ];
        assert_eq!(listed(&files, "repo"), ["a.rs", "b.rs"]);
    }

    #[test]
    fn what_ignores_the_whole_folder_does_not_empty_it() {
        for ignored in ["*\n", "/part\n", "*\n!*.toml\n"] {
            let files = [("x/.git/HEAD", ""), ("x/.gitignore", ignored), ("x/part/a.rs", "")];
            assert_eq!(listed(&files, "x/part"), ["a.rs"], "{ignored}");
        }
        let files = [("x/.git/HEAD", ""), ("x/.gitignore", "a.rs\n"), ("x/part/a.rs", "")];
        assert_eq!(listed(&files, "x/part"), [""; 0]);
    }

    #[test]
    fn the_nearest_file_decides_and_that_for_searches_first() {
        let files = [
            (".gitignore", "*.rs\n/gen/\n"),
            ("a/.gitignore", "!kept.rs\n"),
            ("a/kept.rs", ""),
            ("a/b/kept.rs", ""),
            ("a/lost.rs", ""),
            ("gen/kept.rs", ""),
            ("shown/.ignore", "!c.rs\n"),
            ("shown/c.rs", ""),
        ];
        assert_eq!(listed(&files, ""), ["a/b/kept.rs", "a/kept.rs", "shown/c.rs"]);
    }

    #[test]
    fn patterns_are_bounded_and_have_no_alternatives() {
        let nested = format!("{}a{}", "{".repeat(200_000), "}".repeat(200_000));
        let text = format!("{nested}\n{}\n{{a,b}}.rs\n", "x\n".repeat(4_000));
        let files = [(".gitignore", text.as_str()), ("a.rs", ""), ("{a,b}.rs", ""), ("x", "")];
        // The nested one alone makes the file too large, and none of it counts.
        assert_eq!(listed(&files, ""), ["a.rs", "x", "{a,b}.rs"]);
        let text = text.replace(&nested, &nested[199_000..201_001]);
        let files = [(".gitignore", text.as_str()), ("a.rs", ""), ("{a,b}.rs", ""), ("x", "")];
        assert_eq!(listed(&files, ""), ["a.rs"]);
    }

    #[cfg(unix)]
    #[test]
    fn files_that_are_elsewhere_or_no_files_do_not_count() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = |it: &str| folder.path().join(it);
        for (file, text) in [("outside", "a.rs\n"), ("root/.git/HEAD", ""), ("root/a.rs", "")] {
            fs::create_dir_all(path(file).parent().expect("a folder")).expect("created");
            fs::write(path(file), text).expect("written");
        }
        let files = || {
            let files = Disk::open(&path("root")).expect("opened").files();
            files.into_iter().filter(|it| it.ends_with(".rs")).collect::<Vec<_>>()
        };
        for target in [path("outside"), PathBuf::from("/dev/zero")] {
            for name in [".gitignore", ".ignore"] {
                std::os::unix::fs::symlink(&target, path("root").join(name)).expect("linked");
                assert_eq!(files(), ["a.rs"]);
                fs::remove_file(path("root").join(name)).expect("removed");
            }
        }
        fs::create_dir_all(path("root/.git/info")).expect("made");
        for name in [".gitignore", ".ignore", ".git/info/exclude"] {
            let fifo = path("root").join(name);
            let made = std::process::Command::new("mkfifo").arg(fifo).status().expect("run");
            assert!(made.success());
        }
        assert_eq!(files(), ["a.rs"]);
    }
}
