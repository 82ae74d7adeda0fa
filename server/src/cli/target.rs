//! What is to be checked: projects, or some files of one.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, bail};

use crate::analysis::Baseline;
use crate::project::{checkout_root, projects_around};
use crate::rules;
use crate::workspace::Workspace;

/// A project that was opened, with what counts of it.
pub struct Target {
    pub workspace: Workspace,
    /// The files whose findings count, relative to the root; nothing where all do.
    pub only: Option<BTreeSet<String>>,
    /// What is known of its findings already, where that was given.
    pub baseline: Option<Baseline>,
    /// The folder as it was given; nothing where files were.
    given: Option<PathBuf>,
}

impl Target {
    /// Opens what the paths name. Files of one project are checked together.
    pub fn open_all(paths: &[PathBuf], overrides: &str) -> anyhow::Result<Vec<Self>> {
        let here = [PathBuf::from(".")];
        let paths = if paths.is_empty() { &here } else { paths };
        let mut targets: Vec<Self> = Vec::new();
        for path in paths {
            let cannot = || format!("cannot check `{}`", path.display());
            let absolute = path.canonicalize().with_context(cannot)?;
            if absolute.is_file() {
                Self::add_file(&mut targets, &absolute, overrides).with_context(cannot)?;
            } else if !targets.iter().any(|it| it.given.is_some() && it.root() == absolute) {
                let workspace = open(path, overrides).with_context(cannot)?;
                let given = Some(path.clone());
                targets.push(Self { workspace, only: None, baseline: None, given });
            }
        }
        Ok(targets)
    }

    /// Opens the project of a file that need not be there.
    pub fn of_new_file(file: &Path, overrides: &str) -> anyhow::Result<Self> {
        let folder = file.parent().filter(|it| !it.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).canonicalize();
        let folder = folder.with_context(|| format!("cannot check `{}`", file.display()))?;
        let Some(name) = file.file_name() else { bail!("`{}` is no file", file.display()) };
        let mut targets = Vec::new();
        Self::add_file(&mut targets, &folder.join(name), overrides)?;
        targets.pop().context("no project")
    }

    fn add_file(targets: &mut Vec<Self>, file: &Path, overrides: &str) -> anyhow::Result<()> {
        let taken = targets.iter_mut().find_map(|target| {
            let path = target.workspace.disk()?.relative(file)?;
            Some(target.only.as_mut()?).filter(|_| !is_excluded(&target.workspace, &path)).map(
                |it| {
                    it.insert(path);
                },
            )
        });
        if taken.is_some() {
            return Ok(());
        }
        let roots = projects_around(file);
        for (index, root) in roots.iter().enumerate() {
            let workspace = open(root, overrides)?;
            let path = workspace.disk().and_then(|it| it.relative(file));
            let Some(path) = path else { continue };
            // Whose settings exclude it, its project is another one, such as a fixture.
            if index + 1 == roots.len() || !is_excluded(&workspace, &path) {
                let only = Some(BTreeSet::from([path]));
                targets.push(Self { workspace, only, baseline: None, given: None });
                break;
            }
        }
        Ok(())
    }

    /// The canonical path of the project.
    pub fn root(&self) -> &Path {
        self.workspace.disk().map_or(Path::new(""), |it| it.root())
    }

    /// Whether all of a folder is checked, and nothing besides: what is told of its findings is
    /// relative to it.
    pub fn is_folder(&self) -> bool {
        self.given.is_some()
    }

    /// Paths as a person at the working directory would write them.
    pub fn paths_from_here(&self) -> Paths {
        let below = std::env::current_dir().and_then(|it| it.canonicalize());
        let below = below.ok().and_then(|here| Paths::below(&here, self.root()));
        below.unwrap_or_else(|| match &self.given {
            Some(given) => Paths::starting_with(given),
            None => self.paths_of_files_given(),
        })
    }

    /// The project is a folder above the working directory, or beside it.
    fn paths_of_files_given(&self) -> Paths {
        let here = std::env::current_dir().and_then(|it| it.canonicalize()).ok();
        let inside = here.as_deref().and_then(|here| here.strip_prefix(self.root()).ok());
        let strip = inside.map(|it| format!("{}/", slashes(it))).unwrap_or_default();
        Paths { strip, ..Paths::starting_with(self.root()) }
    }

    /// Paths from the root of the checkout on, as services that show findings beside code want
    /// them; without a checkout from the working directory on, or else from the project's root.
    pub fn paths_in_repository(&self) -> Paths {
        let here = || std::env::current_dir().and_then(|it| it.canonicalize()).ok();
        let repository = checkout_root(self.root()).map(Path::to_path_buf).or_else(here);
        repository.and_then(|it| Paths::below(&it, self.root())).unwrap_or_default()
    }
}

fn open(root: &Path, overrides: &str) -> std::io::Result<Workspace> {
    let workspace = Workspace::open(root, rules::all())?;
    if !overrides.is_empty() {
        workspace.set_overrides(overrides);
    }
    Ok(workspace)
}

fn is_excluded(workspace: &Workspace, path: &str) -> bool {
    workspace.snapshot().settings().is_excluded(path)
}

/// How the paths of a project's files are written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paths {
    /// Taken away where a path begins with it.
    strip: String,
    /// Put before any other path.
    prefix: String,
}

impl Paths {
    /// Those of a folder, seen from one that it lies in.
    fn below(base: &Path, root: &Path) -> Option<Self> {
        let below = root.strip_prefix(base).ok()?;
        Some(Self::starting_with(below))
    }

    fn starting_with(folder: &Path) -> Self {
        let parts = folder.components().filter(|it| *it != Component::CurDir);
        let folder: PathBuf = parts.collect();
        let prefix = match slashes(&folder) {
            it if it.is_empty() => String::new(),
            it => format!("{}/", it.trim_end_matches('/')),
        };
        Self { strip: String::new(), prefix }
    }

    pub fn of(&self, path: &str) -> String {
        let stripped = path.strip_prefix(&self.strip).filter(|_| !self.strip.is_empty());
        stripped.map_or_else(|| format!("{}{path}", self.prefix), str::to_string)
    }
}

fn slashes(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_start_where_the_reader_is() {
        let base = Path::new("/w");
        assert_eq!(Paths::below(base, base).expect("inside").of("src/a.rs"), "src/a.rs");
        let member = Paths::below(base, Path::new("/w/a/b")).expect("inside");
        assert_eq!(member.of("src/a.rs"), "a/b/src/a.rs");
        assert_eq!(Paths::below(base, Path::new("/v")), None);
        assert_eq!(Paths::starting_with(Path::new("./x/")).of("a.rs"), "x/a.rs");
        assert_eq!(Paths::starting_with(Path::new("/")).of("a.rs"), "/a.rs");
        let above = Paths { strip: "sub/".into(), prefix: "/w/".into() };
        assert_eq!((above.of("sub/a.rs"), above.of("b.rs")), ("a.rs".into(), "/w/b.rs".into()));
    }
}
