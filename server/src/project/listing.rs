//! Which files there are in a folder.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use ignore::{WalkBuilder, WalkState};

use super::checkout::Checkout;
use super::disk::Disk;
use super::ignored::Ignored;
use super::write;

impl Disk {
    /// Every file below the root that git tracks or would not ignore, as relative paths in order.
    /// Links are not followed, and `target` folders of cargo are left out even without a
    /// `.gitignore`.
    pub fn files(&self) -> Vec<String> {
        let mut files = self.files_not_ignored();
        let tracked = self.tracked_though_ignored(&files);
        files.extend(tracked);
        files.sort();
        files
    }

    /// Whether a file, which need not be there, is left out of [`Disk::files`].
    pub fn is_left_out(&self, relative: &str) -> bool {
        let ignored = Ignored::below(self.root());
        let folders = relative.match_indices('/').filter_map(|(end, _)| relative.get(..end));
        let mut above = folders.map(|it| (self.absolute(it), true)).collect::<Vec<_>>();
        above.push((self.absolute(relative), false));
        let is_ignored = above
            .iter()
            .any(|(path, is_dir)| is_never_listed(path, *is_dir) || ignored.matches(path, *is_dir));
        is_ignored
            && !Checkout::around(self.root()).is_some_and(|it| it.has(&self.absolute(relative)))
    }

    /// The files that git tracks and that are not among the `known` ones, which are in order.
    fn tracked_though_ignored(&self, known: &[String]) -> Vec<String> {
        let Some(checkout) = Checkout::around(self.root()) else { return Vec::new() };
        let is_new = |path: &&str| {
            let is_left_out = path.split('/').any(|it| it == "node_modules" || it == ".git");
            !is_left_out && known.binary_search_by(|it| it.as_str().cmp(path)).is_err()
        };
        let is_plain = |path: &&str| {
            let at = self.absolute(path);
            // A link on the way leads elsewhere.
            at.symlink_metadata().is_ok_and(|it| it.is_file())
                && self.checked(path).is_ok_and(|resolved| resolved == at)
        };
        checkout.tracked(self.root()).filter(is_new).filter(is_plain).map(str::to_string).collect()
    }

    fn files_not_ignored(&self) -> Vec<String> {
        let files = Mutex::new(Vec::new());
        let ignored = Arc::new(Ignored::below(self.root()));
        let walk = WalkBuilder::new(self.root())
            // Ignore files are read by `Ignored`.
            .standard_filters(false)
            .follow_links(false)
            .filter_entry(move |entry| {
                let is_dir = entry.file_type().is_some_and(|kind| kind.is_dir());
                let path = entry.path();
                let is_left_out = is_never_listed(path, is_dir) || ignored.matches(path, is_dir);
                entry.depth() == 0 || !is_left_out
            })
            .build_parallel();
        walk.run(|| {
            Box::new(|entry| {
                if let Ok(entry) = entry
                    && entry.file_type().is_some_and(|kind| kind.is_file())
                    && let Some(path) = self.relative(entry.path())
                {
                    files.lock().unwrap_or_else(PoisonError::into_inner).push(path);
                }
                WalkState::Continue
            })
        });
        let mut files = files.into_inner().unwrap_or_else(PoisonError::into_inner);
        files.sort();
        files
    }
}

/// What no project is made of, whatever its ignore files say: a folder of Git, of Cargo or of npm, and
/// what is about to take the place of a file.
fn is_never_listed(path: &Path, is_dir: bool) -> bool {
    let name = path.file_name().unwrap_or_default();
    match is_dir {
        true => {
            let is_target = name == "target" && path.join("CACHEDIR.TAG").exists();
            name == ".git" || name == "node_modules" || is_target
        }
        false => write::is_temporary(&name.to_string_lossy()),
    }
}

#[cfg(test)]
mod tests {
    use crate::project::folder_fixture::folder;

    #[test]
    fn ignored_files_are_not_listed() {
        let (_folder, disk) = folder(&[
            (".gitignore", "gen/\n"),
            ("src/lib.rs", ""),
            ("gen/a.rs", ""),
            ("target/CACHEDIR.TAG", ""),
            ("target/b.rs", ""),
            ("src/target/c.rs", ""),
            (".github/workflows/ci.yml", ""),
        ]);
        assert_eq!(
            disk.files(),
            [".github/workflows/ci.yml", ".gitignore", "src/lib.rs", "src/target/c.rs"]
        );
    }

    #[cfg(unix)]
    #[test]
    fn what_is_behind_a_link_is_not_listed() {
        let (outside, _) = folder(&[("secret.rs", "fn f() {}")]);
        let (inside, disk) = folder(&[("src/lib.rs", "")]);
        std::os::unix::fs::symlink(outside.path().join("secret.rs"), inside.path().join("a.rs"))
            .expect("linked");
        std::os::unix::fs::symlink(outside.path(), inside.path().join("dir")).expect("linked");
        assert_eq!(disk.files(), ["src/lib.rs"]);
    }
}
