//! Revisions by name, and the files of one.

use std::collections::VecDeque;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::objects::{Id, ObjectKind};
use super::{Commit, History, commit_of, tagged, text_of};

/// Folders in folders are followed this deep.
const MAX_DEPTH: usize = 64;

/// A revision of the checkout.
#[derive(Debug, Clone, Copy)]
pub struct Revision(Commit);

impl History {
    /// The revision of a name as Git takes it: a branch, a tag, `HEAD`, the beginning of a hash, with
    /// `~3` or `^` behind it.
    pub fn revision(&self, name: &str) -> Option<Revision> {
        let end = name.find(['~', '^']).unwrap_or(name.len());
        let (base, mut rest) = name.split_at(end);
        let mut commit = self.named(base)?;
        while let Some(sign) = rest.chars().next() {
            rest = rest.get(1..)?;
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (number, after) = rest.split_at(digits);
            rest = after;
            let number: usize = if number.is_empty() { 1 } else { number.parse().ok()? };
            match sign {
                '~' => {
                    for _ in 0..number {
                        commit = self.commit(*self.commit(commit)?.1.first()?)?.0.id;
                    }
                }
                '^' => commit = *self.commit(commit)?.1.get(number.checked_sub(1)?)?,
                _ => return None,
            }
        }
        Some(Revision(self.commit(commit)?.0))
    }

    /// The revision at which what is checked out left the line of another one: what came since is
    /// the change.
    pub fn fork_point(&self, other: Revision) -> Option<Revision> {
        let of_other: FxHashSet<Id> = self.ancestors(other.0.id).collect();
        let head = self.named("HEAD")?;
        let common = self.ancestors(head).find(|it| of_other.contains(it))?;
        Some(Revision(self.commit(common)?.0))
    }

    /// The files of a revision below the folder of the project, with their objects.
    pub fn files_at(&self, revision: Revision) -> Vec<(String, Id)> {
        let mut files = Vec::new();
        let folder = self.prefix.trim_end_matches('/');
        let parts = folder.split('/').filter(|it| !it.is_empty());
        let root = parts.into_iter().try_fold(revision.0.tree, |tree, it| self.entry(tree, it));
        if let Some(root) = root {
            self.list(root, "", 0, &mut files);
        }
        files
    }

    /// The text of a file's object; nothing for what is no text.
    pub fn text(&self, id: Id) -> Option<Arc<str>> {
        let object = self.objects.read(id).filter(|it| it.kind == ObjectKind::Blob)?;
        Some(Arc::from(std::str::from_utf8(&object.data).ok()?))
    }

    fn named(&self, name: &str) -> Option<Id> {
        let packed = text_of(&self.git.join("packed-refs")).unwrap_or_default();
        let resolve = |text: &str| self.resolve(text, &packed, 0);
        if matches!(name, "HEAD" | "@" | "") {
            return resolve(&self.head);
        }
        let places = ["refs/tags/", "refs/heads/", "refs/remotes/", ""];
        let by_name = places.iter().find_map(|place| resolve(&format!("ref: {place}{name}")));
        let is_hash = name.len() >= 4 && name.chars().all(|c| c.is_ascii_hexdigit());
        let by_hash = || {
            let mut all = self.commits().all.iter().map(|it| it.id);
            all.find(|it| is_hash && it.hex().starts_with(&name.to_ascii_lowercase()))
        };
        let id = by_name.or_else(by_hash)?;
        // A tag stands for what it names.
        match self.objects.read(id)? {
            object if object.kind == ObjectKind::Tag => tagged(&object).next(),
            _ => Some(id),
        }
    }

    fn commit(&self, id: Id) -> Option<(Commit, Vec<Id>)> {
        commit_of(id, &self.objects.read(id)?)
    }

    /// A revision and those before it, the nearest first.
    fn ancestors(&self, id: Id) -> impl Iterator<Item = Id> {
        let mut waiting = VecDeque::from([id]);
        let mut seen = FxHashSet::from_iter([id]);
        std::iter::from_fn(move || {
            let id = waiting.pop_front()?;
            let parents = self.commit(id).map(|it| it.1).unwrap_or_default();
            waiting.extend(parents.into_iter().filter(|it| seen.insert(*it)));
            Some(id)
        })
        .take(super::MAX_COMMITS)
    }

    fn list(&self, tree: Id, folder: &str, depth: usize, files: &mut Vec<(String, Id)>) {
        let object = self.objects.read(tree).filter(|it| it.kind == ObjectKind::Tree);
        let Some(object) = object.filter(|_| depth < MAX_DEPTH) else { return };
        for (mode, name, id) in entries(&object.data) {
            let path = format!("{folder}{name}");
            match mode.as_str() {
                "40000" => self.list(id, &format!("{path}/"), depth + 1, files),
                "100644" | "100755" => files.push((path, id)),
                // Links and other checkouts.
                _ => {}
            }
        }
    }
}

/// The entries of a tree: mode, name, object.
fn entries(tree: &[u8]) -> Vec<(String, String, Id)> {
    let mut found = Vec::new();
    let mut rest = tree;
    while let Some(end) = rest.iter().position(|it| *it == 0) {
        let header = String::from_utf8_lossy(rest.get(..end).unwrap_or_default()).into_owned();
        let Some(id) = rest.get(end + 1..end + 21).and_then(Id::of_bytes) else { break };
        if let Some((mode, name)) = header.split_once(' ') {
            found.push((mode.to_string(), name.to_string(), id));
        }
        rest = rest.get(end + 21..).unwrap_or_default();
    }
    found
}
