//! What Git has of a file in all revisions: its objects are read, and nothing is run.
//!
//! A library for this, `gix-odb`, brings forty crates and maps packs into memory, which a file that
//! is cut short meanwhile turns into a crash. All that is wanted here are commits, trees and blobs.

mod objects;
mod revision;

use std::collections::{BTreeSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use rustc_hash::{FxHashMap, FxHashSet};

use super::checkout::{checkout_root, git_folder};
use super::read;
use objects::{Object, ObjectKind, Objects};

pub use objects::Id;
pub use revision::Revision;

/// The most revisions that are looked at.
const MAX_COMMITS: usize = 20_000;

/// The most versions of one file that are read.
const MAX_VERSIONS: usize = 500;

/// A branch or tag may name another one.
const MAX_LINKS: usize = 5;

/// The revisions of a checkout.
#[derive(Debug)]
pub struct History {
    objects: Objects,
    git: PathBuf,
    /// The folder of the project inside of the checkout, with a `/` at its end unless it is empty.
    prefix: String,
    head: String,
    commits: OnceLock<Commits>,
    /// How long all questions together may take, and how long they took.
    budget: Duration,
    spent: Mutex<Duration>,
    /// What folders have by name, of trees that were read.
    entries: Mutex<FxHashMap<(Id, String), Option<Id>>>,
}

/// The revisions that were gathered.
#[derive(Debug, Default)]
struct Commits {
    all: Vec<Commit>,
    /// Whether these are all that Git has.
    is_complete: bool,
}

#[derive(Debug, Clone, Copy)]
struct Commit {
    id: Id,
    tree: Id,
    /// In seconds since 1970.
    time: i64,
}

/// What a file was in the revisions.
#[derive(Debug, Default)]
pub struct Versions {
    /// Its distinct texts, each with a revision that has it.
    pub texts: Vec<(String, Arc<str>)>,
    /// When it was first there, in seconds since 1970; nothing for a file that never was.
    pub first_seen: Option<i64>,
    /// Whether all revisions that Git has were looked at.
    pub is_complete: bool,
}

impl History {
    /// The history of the checkout around a folder; nothing without one.
    ///
    /// All questions together take no longer than `budget`: then what is found is not complete.
    pub fn open(root: &Path, budget: Duration) -> Option<Self> {
        let checkout = checkout_root(root)?;
        let own = git_folder(&checkout.join(".git"))?;
        // A work tree beside the first one shares its objects.
        let common = text_of(&own.join("commondir"));
        let git = common.map_or_else(|| own.clone(), |it| own.join(it.trim()));
        let prefix = root.strip_prefix(checkout).ok()?.to_str()?.replace('\\', "/");
        let prefix = if prefix.is_empty() { prefix } else { format!("{prefix}/") };
        Some(Self {
            head: text_of(&own.join("HEAD")).unwrap_or_default(),
            objects: Objects::open(&git.join("objects"))?,
            git,
            prefix,
            commits: OnceLock::new(),
            budget,
            spent: Mutex::default(),
            entries: Mutex::default(),
        })
    }

    /// What names the revision that is checked out: another one means another history.
    pub fn state(&self) -> String {
        let head = self.head.trim();
        let name = head.strip_prefix("ref: ").unwrap_or_default();
        let tip = text_of(&self.git.join(name)).unwrap_or_default();
        format!("{head} {}", tip.trim())
    }

    /// The texts that a file has had.
    pub fn versions(&self, path: &str) -> Versions {
        let commits = self.commits();
        let clock = Clock::start(self);
        let mut versions = Versions { is_complete: commits.is_complete, ..Versions::default() };
        let mut seen = FxHashSet::default();
        for commit in &commits.all {
            if clock.is_over() || versions.texts.len() >= MAX_VERSIONS {
                versions.is_complete = false;
                break;
            }
            let Some(blob) = self.find(commit.tree, path) else { continue };
            versions.first_seen =
                Some(versions.first_seen.map_or(commit.time, |it| it.min(commit.time)));
            if seen.insert(blob)
                && let Some(text) = self.blob(blob)
            {
                versions.texts.push((commit.id.short(), text));
            }
        }
        versions
    }

    /// When a file or folder was first there, in seconds since 1970.
    pub fn first_seen(&self, path: &str) -> Option<i64> {
        let commits = self.commits().all.iter();
        let clock = Clock::start(self);
        let in_time = commits.take_while(|_| !clock.is_over());
        in_time.filter(|it| self.find(it.tree, path).is_some()).map(|it| it.time).min()
    }

    /// The text of a file in the revision that a prefix of its name stands for.
    pub fn text_at(&self, path: &str, revision: &str) -> Option<Arc<str>> {
        let commit = self.commits().all.iter().find(|it| it.id.hex().starts_with(revision))?;
        self.blob(self.find(commit.tree, path)?)
    }

    fn blob(&self, id: Id) -> Option<Arc<str>> {
        let object = self.objects.read(id).filter(|it| it.kind == ObjectKind::Blob)?;
        Some(Arc::from(String::from_utf8_lossy(&object.data)))
    }

    /// The object at a path, seen from the folder of the project.
    fn find(&self, tree: Id, path: &str) -> Option<Id> {
        let path = format!("{}{}", self.prefix, path.trim_end_matches('/'));
        path.split('/').try_fold(tree, |tree, name| self.entry(tree, name))
    }

    fn entry(&self, tree: Id, name: &str) -> Option<Id> {
        let key = (tree, name.to_string());
        let known = || self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = known().get(&key) {
            return *entry;
        }
        let object = self.objects.read(tree).filter(|it| it.kind == ObjectKind::Tree);
        let entry = object.and_then(|it| entry_of(&it.data, name));
        known().insert(key, entry);
        entry
    }

    fn commits(&self) -> &Commits {
        self.commits.get_or_init(|| self.gather())
    }

    fn gather(&self) -> Commits {
        let clock = Clock::start(self);
        let mut commits = Commits::default();
        let tips = self.tips();
        let mut seen: FxHashSet<Id> = tips.iter().copied().collect();
        let mut waiting: VecDeque<Id> = tips.into();
        let mut is_cut = self.git.join("shallow").exists();
        while let Some(id) = waiting.pop_front() {
            if commits.all.len() >= MAX_COMMITS || clock.is_over() {
                is_cut = true;
                break;
            }
            let Some(object) = self.objects.read(id) else {
                is_cut = true;
                continue;
            };
            let Some((commit, parents)) = commit_of(id, &object) else {
                // A tag stands for what it names.
                waiting.extend(tagged(&object).filter(|it| seen.insert(*it)));
                continue;
            };
            commits.all.push(commit);
            waiting.extend(parents.into_iter().filter(|it| seen.insert(*it)));
        }
        commits.is_complete = !is_cut && !commits.all.is_empty();
        commits
    }

    /// What the branches and tags name, that which is checked out first.
    fn tips(&self) -> Vec<Id> {
        let packed = text_of(&self.git.join("packed-refs")).unwrap_or_default();
        let mut tips: Vec<Id> = self.resolve(&self.head, &packed, 0).into_iter().collect();
        let mut others = BTreeSet::new();
        others.extend(packed.lines().filter_map(|line| Id::parse(line.split(' ').next()?)));
        loose_refs(&self.git.join("refs"), 0, &mut others);
        others.retain(|it| !tips.contains(it));
        tips.extend(others);
        tips
    }

    fn resolve(&self, text: &str, packed: &str, depth: usize) -> Option<Id> {
        let text = text.trim();
        let Some(name) = text.strip_prefix("ref: ") else { return Id::parse(text) };
        let is_plain = name.starts_with("refs/") && !name.contains("..");
        if depth > MAX_LINKS || !is_plain {
            return None;
        }
        if let Some(target) = text_of(&self.git.join(name)) {
            return self.resolve(&target, packed, depth + 1);
        }
        let line = packed.lines().find(|line| line.ends_with(&format!(" {name}")))?;
        Id::parse(line.split(' ').next()?)
    }
}

/// Counts the time that a question takes.
struct Clock<'a> {
    history: &'a History,
    start: Instant,
}

impl<'a> Clock<'a> {
    fn start(history: &'a History) -> Self {
        Self { history, start: Instant::now() }
    }

    fn is_over(&self) -> bool {
        let spent = self.history.spent.lock().unwrap_or_else(PoisonError::into_inner);
        *spent + self.start.elapsed() > self.history.budget
    }
}

impl Drop for Clock<'_> {
    fn drop(&mut self) {
        let mut spent = self.history.spent.lock().unwrap_or_else(PoisonError::into_inner);
        *spent += self.start.elapsed();
    }
}

/// Lists of packed references are a few hundred bytes for each of them.
const MAX_TEXT_BYTES: u64 = 1 << 26;

/// The text of a file, unless it is not there.
fn text_of(path: &Path) -> Option<String> {
    read::text(path, MAX_TEXT_BYTES).ok()
}

/// What the files of branches and tags name.
fn loose_refs(folder: &Path, depth: usize, found: &mut BTreeSet<Id>) {
    if depth > 6 || found.len() > MAX_COMMITS {
        return;
    }
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => loose_refs(&entry.path(), depth + 1, found),
            Ok(kind) if kind.is_file() => {
                found.extend(text_of(&entry.path()).and_then(|text| Id::parse(text.trim())));
            }
            _ => {}
        }
    }
}

/// A commit and its parents, by the lines at its top.
fn commit_of(id: Id, object: &Object) -> Option<(Commit, Vec<Id>)> {
    if object.kind != ObjectKind::Commit {
        return None;
    }
    let text = String::from_utf8_lossy(&object.data);
    let header = text.split("\n\n").next()?;
    let field = |name: &str| header.lines().find_map(|line| line.strip_prefix(name));
    let time = field("committer ").and_then(|it| it.rsplit(' ').nth(1)?.parse().ok());
    let tree = Id::parse(field("tree ")?)?;
    let parents = header.lines().filter_map(|line| Id::parse(line.strip_prefix("parent ")?));
    Some((Commit { id, tree, time: time.unwrap_or(0) }, parents.collect()))
}

fn tagged(object: &Object) -> impl Iterator<Item = Id> + use<> {
    let text = String::from_utf8_lossy(&object.data).into_owned();
    let is_tag = object.kind == ObjectKind::Tag;
    let target = text.lines().next().and_then(|it| it.strip_prefix("object ")).and_then(Id::parse);
    target.filter(|_| is_tag).into_iter()
}

/// The object that a tree has under a name.
fn entry_of(tree: &[u8], name: &str) -> Option<Id> {
    let mut rest = tree;
    loop {
        let end = rest.iter().position(|it| *it == 0)?;
        let header = rest.get(..end)?;
        let id = rest.get(end + 1..end + 21)?;
        let space = header.iter().position(|it| *it == b' ')?;
        if header.get(space + 1..)? == name.as_bytes() {
            return Id::of_bytes(id);
        }
        rest = rest.get(end + 21..)?;
    }
}
