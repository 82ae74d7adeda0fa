use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use ignore::gitignore::Gitignore;
use rustc_hash::FxHashMap;

use super::ignored;
use super::values::Node;
use super::{Checkout, Disk, FileKind, Pipeline, ProjectFile, Reference};
use crate::text::FileRange;

/// The files of a project other than their Rust declarations: which there are, what those that are
/// no sources say, and what sources refer to. A snapshot, cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Project {
    disk: Option<Disk>,
    /// Every file that git would not ignore.
    listing: Arc<BTreeSet<String>>,
    files: BTreeMap<String, Arc<ProjectFile>>,
    references: BTreeMap<String, Arc<[Reference]>>,
    revisions: FxHashMap<Input, u64>,
    /// The number of changes so far.
    revision: u64,
    /// What continuous integration runs, read when someone asks.
    pipeline: OnceLock<Arc<Pipeline>>,
}

/// A part of the project that a rule may look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Input {
    /// Which files there are.
    Listing,
    /// The files of a kind.
    Kind(FileKind),
    /// What sources refer to.
    References,
    /// What Rust sources declare.
    SymbolIndex,
}

impl Project {
    /// A project without files yet. Without a disk it has only what is laid into it.
    pub fn new(disk: Option<Disk>) -> Self {
        Self { disk, ..Self::default() }
    }

    /// Replaces the list of files. Documents that are not on it are forgotten, unless `keep` wants
    /// them.
    pub fn set_listing(&mut self, paths: Vec<String>, keep: impl Fn(&str) -> bool) {
        let listing: BTreeSet<String> = paths.into_iter().collect();
        if *self.listing != listing {
            self.listing = Arc::new(listing);
            self.touch(Input::Listing);
        }
        let listed = |path: &str| self.listing.contains(path) || keep(path);
        let gone: Vec<String> = self.files.keys().filter(|it| !listed(it)).cloned().collect();
        let silent: Vec<String> =
            self.references.keys().filter(|it| !listed(it)).cloned().collect();
        gone.iter().for_each(|path| self.set_text(path, None));
        silent.iter().for_each(|path| self.set_references(path, Arc::from([])));
    }

    /// Lays a text over a file, or takes the file away. A file that no rule reads is left out.
    pub fn set_text(&mut self, path: &str, text: Option<&str>) {
        let Some(kind) = FileKind::of(path).filter(|kind| kind.is_document()) else { return };
        match text {
            Some(text) => self.set_file(Arc::new(ProjectFile::new(path, kind, Arc::from(text)))),
            None if self.files.remove(path).is_some() => self.touch(Input::Kind(kind)),
            None => {}
        }
    }

    /// Lays a file over the one at its path, unless both have the same text.
    pub fn set_file(&mut self, file: Arc<ProjectFile>) {
        if self.files.get(&file.path).is_some_and(|it| it.text == file.text) {
            return;
        }
        if !self.listing.contains(&file.path) {
            Arc::make_mut(&mut self.listing).insert(file.path.clone());
            self.touch(Input::Listing);
        }
        self.touch(Input::Kind(file.kind));
        self.files.insert(file.path.clone(), file);
    }

    /// Replaces what a source refers to.
    pub fn set_references(&mut self, path: &str, references: Arc<[Reference]>) {
        let same =
            self.references.get(path).map_or(references.is_empty(), |old| *old == references);
        if same {
            return;
        }
        if references.is_empty() {
            self.references.remove(path);
        } else {
            self.references.insert(path.to_string(), references);
        }
        self.touch(Input::References);
    }

    /// Notes that a part changed.
    pub fn touch(&mut self, input: Input) {
        self.revision += 1;
        if !matches!(input, Input::SymbolIndex | Input::References) {
            self.pipeline = OnceLock::new();
        }
        self.revisions.insert(input, self.revision);
    }

    /// Another number means that the part changed.
    pub fn revision(&self, input: Input) -> u64 {
        self.revisions.get(&input).copied().unwrap_or(0)
    }

    /// The files of a kind whose texts are kept, in order of their paths.
    pub fn files(&self, kind: FileKind) -> impl Iterator<Item = &Arc<ProjectFile>> {
        self.files.values().filter(move |file| file.kind == kind)
    }

    /// The files whose texts are kept, in order of their paths.
    pub fn all_files(&self) -> impl Iterator<Item = &Arc<ProjectFile>> {
        self.files.values()
    }

    /// A file whose text is kept.
    pub fn file(&self, path: &str) -> Option<&Arc<ProjectFile>> {
        self.files.get(path)
    }

    /// Every file that git would not ignore, and every open one.
    pub fn listing(&self) -> &BTreeSet<String> {
        &self.listing
    }

    /// The folder on disk, when there is one.
    pub fn root(&self) -> Option<&Path> {
        self.disk.as_ref().map(Disk::root)
    }

    /// What sources refer to, by path.
    pub fn references(&self) -> impl Iterator<Item = (&str, &Reference)> {
        self.references
            .iter()
            .flat_map(|(path, list)| list.iter().map(move |it| (path.as_str(), it)))
    }

    /// Whether there is a file or folder at `path`, one that git ignores among them.
    pub fn exists(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        path.is_empty()
            || self.is_listed(path)
            || self.disk.as_ref().is_some_and(|it| it.exists(path) || it.is_folder(path))
    }

    /// Whether git has a file at `path`, or one below it.
    pub fn is_listed(&self, path: &str) -> bool {
        let below = format!("{path}/");
        self.listing.contains(path)
            || self.listing.range(below.clone()..).next().is_some_and(|it| it.starts_with(&below))
    }

    /// Whether the index of Git has a file. It is read anew each time.
    pub fn is_tracked(&self, path: &str) -> bool {
        let root = self.root();
        root.is_some_and(|root| Checkout::around(root).is_some_and(|it| it.has(&root.join(path))))
    }

    /// The `.gitignore` files as one question.
    pub fn ignores(&self) -> Ignores<'_> {
        Ignores { project: self, matchers: OnceCell::new() }
    }

    /// Whether the folder is a package as a registry gives it out: what concerns the repository
    /// alone, such as CI, is not in it.
    pub fn is_published_package(&self) -> bool {
        self.listing.contains(".cargo_vcs_info.json") || self.listing.contains("Cargo.toml.orig")
    }

    /// Whether the folder may be a whole repository. It is none when it is a package of a
    /// registry, or a member of a workspace whose root lies above it.
    pub fn is_repository(&self) -> bool {
        let is_member = || {
            let root = self.file("Cargo.toml").and_then(|file| file.root());
            root.is_some_and(|root| root.get("workspace").is_none() && inherits(root))
        };
        !self.is_published_package() && !is_member()
    }

    /// What continuous integration runs.
    pub fn pipeline(&self) -> Arc<Pipeline> {
        Arc::clone(self.pipeline.get_or_init(|| Arc::new(Pipeline::read(self))))
    }

    /// Where findings about the project as a whole are shown: the header of the root's manifest,
    /// or of the manifest nearest to the root.
    pub fn anchor(&self) -> Option<(&Arc<ProjectFile>, FileRange)> {
        let depth = |file: &&Arc<ProjectFile>| {
            (file.path.matches('/').count(), file.kind != FileKind::Manifest, file.path.clone())
        };
        let manifests = self.files(FileKind::Manifest).chain(self.files(FileKind::PackageJson));
        let file = manifests.min_by_key(depth)?;
        let root = file.root();
        let range = match file.kind {
            FileKind::Manifest => {
                let header = ["[workspace]", "[package]"].into_iter().find_map(|header| {
                    let at = file.text.find(header)?;
                    Some(FileRange::at((at as u32).into(), (header.len() as u32).into()))
                });
                header.or_else(|| root?.entries().first().map(|entry| entry.key_range))
            }
            _ => root.and_then(|root| {
                root.entry("name").or_else(|| root.entries().first()).map(|entry| entry.key_range)
            }),
        };
        Some((file, range.unwrap_or_default()))
    }
}

/// Whether a manifest takes something from the workspace that it is in.
fn inherits(manifest: &Node) -> bool {
    let mut found = manifest.at(&["package", "workspace"]).is_some();
    manifest.walk(&mut |above, entry| {
        let is_inherited = above.len() > 1 || above.first() == Some(&"lints");
        found |= is_inherited && entry.key == "workspace" && entry.value.as_bool() == Some(true);
    });
    found
}

/// What git ignores, by the `.gitignore` files of the project as they are now.
#[derive(Debug)]
pub struct Ignores<'a> {
    project: &'a Project,
    /// Of deeper folders first.
    matchers: OnceCell<Vec<(String, Gitignore)>>,
}

impl Ignores<'_> {
    /// Whether a file of that path would be ignored; it need not exist.
    pub fn is_ignored(&self, path: &str) -> bool {
        let matchers = self.matchers.get_or_init(|| {
            let mut matchers: Vec<(String, Gitignore)> =
                self.project.files(FileKind::GitIgnore).map(|file| matcher(file)).collect();
            matchers.sort_by_key(|(folder, _)| std::cmp::Reverse(folder.len()));
            matchers
        });
        for (folder, matcher) in matchers {
            let inside = match folder.as_str() {
                "" => path,
                folder => match path.strip_prefix(folder).and_then(|it| it.strip_prefix('/')) {
                    Some(inside) => inside,
                    None => continue,
                },
            };
            let found = matcher.matched_path_or_any_parents(inside, false);
            if !found.is_none() {
                return found.is_ignore();
            }
        }
        false
    }
}

fn matcher(file: &ProjectFile) -> (String, Gitignore) {
    (file.folder().to_string(), ignored::patterns("", &file.text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(files: &[(&str, &str)]) -> Project {
        let mut project = Project::new(None);
        for (path, text) in files {
            project.set_text(path, Some(text));
        }
        project
    }

    #[test]
    fn gitignore_files_apply_below_their_folder() {
        let project =
            project(&[(".gitignore", "/data/\n*.pem\n!keep.pem\n"), ("web/.gitignore", "dist\n")]);
        let ignores = project.ignores();
        for (path, expected) in [
            ("data/users.db", true),
            ("web/data/users.db", false),
            ("certs/key.pem", true),
            ("keep.pem", false),
            ("web/dist/a.js", true),
            ("dist/a.js", false),
        ] {
            assert_eq!(ignores.is_ignored(path), expected, "{path}");
        }
    }

    #[test]
    fn only_what_changed_has_a_new_revision() {
        let mut project = project(&[("Dockerfile", "FROM a\n"), ("Cargo.toml", "")]);
        let docker = project.revision(Input::Kind(FileKind::Dockerfile));
        let manifest = project.revision(Input::Kind(FileKind::Manifest));
        project.set_text("Dockerfile", Some("FROM a\n"));
        assert_eq!(project.revision(Input::Kind(FileKind::Dockerfile)), docker);
        project.set_text("Dockerfile", Some("FROM b\n"));
        assert_ne!(project.revision(Input::Kind(FileKind::Dockerfile)), docker);
        assert_eq!(project.revision(Input::Kind(FileKind::Manifest)), manifest);
    }

    #[test]
    fn the_whole_project_is_shown_at_the_manifest_of_the_root() {
        let project = project(&[
            ("a/Cargo.toml", "[package]\n"),
            ("Cargo.toml", "# top\n[workspace]\nmembers = []\n"),
            ("package.json", "{\"name\": \"x\"}"),
        ]);
        let (file, range) = project.anchor().expect("a manifest");
        assert_eq!((file.path.as_str(), file.slice(range)), ("Cargo.toml", "[workspace]"));
    }
}
