//! Reading all files of the folder, or those that changed on disk.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::snapshot::FileResult;
use super::state::Scanned;
use super::{Phase, Settings, Workspace, is_rust, lock};
use crate::analysis::analyze_text;
use crate::project::{Disk, Packages, Reference, SymbolIndex};
use crate::semantics::SourceFiles;

/// For as long as it lives the project is half known.
struct Scan<'a> {
    workspace: &'a Workspace,
    before: Phase,
}

impl<'a> Scan<'a> {
    fn begin(workspace: &'a Workspace) -> Self {
        let before = workspace.change(|state| {
            let before = state.known().phase.clone();
            state.enter(Phase::Scanning);
            before
        });
        Self { workspace, before }
    }

    /// Takes in what was found. Who changes something from here on has the project checked, and
    /// who did so before is seen by the check that follows.
    fn finish(self, scanned: Scanned) {
        drop(self.workspace.change(|state| state.finish_scan(scanned)));
    }
}

impl Drop for Scan<'_> {
    /// A scan that panicked leaves the workspace as much known as it was before.
    fn drop(&mut self) {
        let before = self.before.clone();
        self.workspace.change(|state| {
            if state.known().phase == Phase::Scanning {
                state.enter(before);
            }
        });
    }
}

/// A source that was read, or is excluded.
struct Source {
    path: String,
    /// Nothing for a source that is excluded.
    result: Option<FileResult>,
    references: Arc<[Reference]>,
}

impl Source {
    /// Reads and analyses a source. Where fixes are made next, `kept` has its tree for them.
    fn read(
        path: &str,
        disk: &Disk,
        packages: &Packages,
        settings: &Settings,
        kept: Option<&SourceFiles<'_>>,
    ) -> Self {
        let context = settings.context(path, packages);
        let text = disk.read(path).map_err(|error| error.to_string());
        let result = text.and_then(|text| {
            let analyzed = analyze_text(&text, &context, &settings.rule_set);
            let (analysis, tree) = analyzed.map_err(|error| error.to_string())?;
            if let Some(kept) = kept {
                kept.keep(path, text, tree);
            }
            Ok(Arc::new(analysis))
        });
        let references =
            result.as_ref().map(|it| it.index.references(&context)).unwrap_or_default();
        Self { path: path.to_string(), result: Some(result), references }
    }

    /// A source that is excluded says nothing, which it may have done before.
    fn excluded(path: &str) -> Self {
        Self { path: path.to_string(), result: None, references: Arc::default() }
    }
}

impl Workspace {
    /// Reads and analyses every source file of the folder, in parallel. Files that are open keep
    /// the analysis of their buffers. `progress` is called with the number of files done and of
    /// all files.
    pub fn scan(&self, progress: impl Fn(usize, usize) + Sync) {
        self.scan_files(None, progress);
    }

    /// The same, where fixes are made next: `kept` takes the trees of the files for them.
    pub fn scan_for_fixing(&self, kept: &SourceFiles<'_>, progress: impl Fn(usize, usize) + Sync) {
        self.scan_files(Some(kept), progress);
    }

    fn scan_files(&self, kept: Option<&SourceFiles<'_>>, progress: impl Fn(usize, usize) + Sync) {
        let Some(disk) = &self.disk else { return };
        let _turn = lock(&self.scanning);
        let listing = disk.files();
        self.sort_out_buffers(disk, &listing);
        self.reload_packages(&listing);
        let scan = Scan::begin(self);
        let (packages, settings) = {
            let snapshot = self.snapshot();
            (snapshot.symbols().packages().clone(), Arc::clone(&snapshot.settings))
        };
        let all = listing.iter().filter(|path| settings.is_reviewed(path)).count();
        let done = AtomicUsize::new(0);
        let count = |files: usize| progress(done.fetch_add(files, Ordering::Relaxed) + files, all);
        let (sources, ()) = rayon::join(
            || self.read_sources(disk, &listing, &packages, &settings, kept, &count),
            || {
                self.load_documents(&listing);
                count(listing.iter().filter(|path| settings.document_kind(path).is_some()).count());
                self.prepare_project_check();
            },
        );
        scan.finish(self.put_together(sources, packages));
        self.check_project();
        self.check_claims();
    }

    /// Tells again which open files git ignores. Of the others some may not be there yet.
    fn sort_out_buffers(&self, disk: &Disk, listing: &[String]) {
        for path in self.snapshot().buffers.keys() {
            let is_left_out = listing.binary_search(path).is_err() && disk.is_left_out(path);
            self.change(|state| {
                if state.set_left_out(path, is_left_out) && is_left_out {
                    state.forget_file(path);
                    state.set_document(path, None);
                }
            });
        }
    }

    /// The sources of the folder, without those that are read from buffers.
    fn read_sources(
        &self,
        disk: &Disk,
        listing: &[String],
        packages: &Packages,
        settings: &Settings,
        kept: Option<&SourceFiles<'_>>,
        count: &(impl Fn(usize) + Sync),
    ) -> Vec<Source> {
        let snapshot = self.snapshot();
        let (excluded, mut read): (Vec<&String>, Vec<&String>) =
            listing.iter().filter(|it| is_rust(it)).partition(|it| settings.is_excluded(it));
        let listed = read.len();
        read.retain(|path| !snapshot.is_open(path));
        count(listed - read.len());
        drop(snapshot);
        let read_source = |path: &&String| {
            let source = Source::read(path, disk, packages, settings, kept);
            count(1);
            source
        };
        // One by one: large files stand side by side.
        let mut sources: Vec<Source> = read.par_iter().with_max_len(1).map(read_source).collect();
        sources.extend(excluded.into_iter().map(|path| Source::excluded(path)));
        sources
    }

    /// Merges what sources declare, with what buffers did when typing last settled.
    fn put_together(&self, sources: Vec<Source>, packages: Packages) -> Scanned {
        let (mut files, mut symbols, mut references) =
            (BTreeMap::new(), BTreeMap::new(), Vec::new());
        let mut uses = Vec::new();
        for (path, analysis) in self.snapshot().open_analyses() {
            uses.push((path.clone(), Arc::clone(&analysis.index.uses)));
            symbols.insert(path, Arc::clone(&analysis.index.symbols));
        }
        for source in sources {
            if let Some(Ok(analysis)) = &source.result {
                symbols.insert(source.path.clone(), Arc::clone(&analysis.index.symbols));
                uses.push((source.path.clone(), Arc::clone(&analysis.index.uses)));
            }
            references.push((source.path.clone(), source.references));
            files.extend(source.result.map(|result| (source.path, result)));
        }
        let symbols = SymbolIndex::new(packages, symbols);
        for (path, uses) in uses {
            symbols.set_uses(&path, uses);
        }
        Scanned { files, references, symbols }
    }

    /// Analyses closed files again that changed, came or went, and forgets what was in folders that
    /// went. Files that a scan would leave out are forgotten as well.
    pub fn read_again(&self, paths: &[String]) {
        let Some(disk) = &self.disk else { return };
        let _turn = lock(&self.scanning);
        let settings = Arc::clone(&self.snapshot().settings);
        let listing = disk.files();
        let listed: HashSet<&String> = listing.iter().collect();
        for path in paths {
            if is_rust(path) && listed.contains(path) && !settings.is_excluded(path) {
                self.analyze_closed(path);
            } else if !disk.is_folder(path) {
                self.forget_below(path);
            }
        }
        self.reload_documents(&listing, paths);
        self.check_project();
        self.check_claims();
    }

    /// Forgets a file, and the files in the folder that it may have been.
    fn forget_below(&self, path: &str) {
        self.forget(path);
        let below = format!("{path}/");
        let files = self.snapshot().files();
        files.iter().filter(|file| file.starts_with(&below)).for_each(|file| {
            self.forget(file);
        });
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use tempfile::TempDir;

    use super::*;
    use crate::rules;
    use crate::text::Encoding;
    use crate::workspace::Change;

    const MANIFEST: &str = r#"[package]
name = "a"
edition = "2024"
"#;

    const DOCKERFILE: &str = "\
FROM debian:bookworm-slim
ENV OFFER_TTL=60 CODE_LENGTH=9
";

    /// A source that reads a variable.
    fn reads(variable: &str) -> String {
        format!("pub fn f() -> Option<String> {{ std::env::var({variable:?}).ok() }}")
    }

    fn write(folder: &TempDir, files: &[(&str, &str)]) {
        for (path, text) in files {
            std::fs::write(folder.path().join(path), text).expect("written");
        }
    }

    fn project(files: &[(&str, &str)]) -> (TempDir, Workspace) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        write(&folder, files);
        let workspace = Workspace::open(folder.path(), rules::all()).expect("it opens");
        (folder, workspace)
    }

    /// How many variables are said to be read by nothing.
    fn stale(workspace: &Workspace) -> usize {
        let found = workspace.snapshot().findings("Dockerfile");
        found.iter().filter(|it| it.rule.id == "stale-env").count()
    }

    #[test]
    fn a_manifest_that_is_typed_during_a_scan_is_not_forgotten() {
        let files = [("Cargo.toml", "[package]\nname = \"a\"\n"), ("build.rs", "")];
        let (_folder, workspace) = project(&files);
        workspace.scan(|_, _| {
            workspace.open_buffer("Cargo.toml", "[package]\nname = \"b\"\n", 0);
            workspace.reload_packages(&["Cargo.toml".to_string()]);
        });
        let names: Vec<String> =
            workspace.snapshot().symbols().packages().iter().map(|it| it.name.clone()).collect();
        assert_eq!(names, ["b"]);
    }

    #[test]
    fn a_scan_takes_what_a_buffer_declared_when_typing_last_settled() {
        let declared = "#[cfg(test)]\nmod inner;\n";
        let manifest = format!("{MANIFEST}[lib]\npath = \"lib.rs\"\n");
        let (_folder, workspace) = project(&[
            ("Cargo.toml", &manifest),
            ("lib.rs", declared),
            ("inner.rs", "fn f(a: Option<u8>) -> u8 { a.unwrap() }"),
        ]);
        let unwraps_after_scan = || {
            workspace.scan(|_, _| {});
            let found = workspace.snapshot().findings("inner.rs");
            found.iter().filter(|it| it.rule.id == "unwrap-used").count()
        };
        workspace.open_buffer("lib.rs", declared, 0);
        workspace.settle_buffer("lib.rs");
        assert_eq!(unwraps_after_scan(), 0);
        let half_typed = vec![Change::Full("#[cfg(tes)]\nmod inner;\n".to_string())];
        workspace.change_buffer("lib.rs", half_typed, 1, Encoding::Utf8);
        workspace.analyze_buffer("lib.rs");
        assert_eq!(unwraps_after_scan(), 0);
        workspace.settle_buffer("lib.rs");
        assert_eq!(unwraps_after_scan(), 1);
    }

    #[test]
    fn the_project_is_not_checked_before_a_scan() {
        let (_folder, workspace) = project(&[
            ("Cargo.toml", MANIFEST),
            ("Dockerfile", DOCKERFILE),
            ("lib.rs", &reads("CODE_LENGTH")),
        ]);
        workspace.open_buffer("Dockerfile", DOCKERFILE, 0);
        workspace.settle_buffer("Dockerfile");
        assert!(matches!(workspace.snapshot().phase(), Phase::SettingsRead(_)));
        assert_eq!(stale(&workspace), 0);
        workspace.scan(|_, _| {});
        assert_eq!((workspace.snapshot().phase(), stale(&workspace)), (&Phase::Known, 1));
    }

    #[test]
    fn after_a_scan_that_panics_the_project_is_not_known() {
        let (_folder, workspace) = project(&[("Cargo.toml", ""), ("lib.rs", "")]);
        let scan = || workspace.scan(|_, _| panic!("a scan that is told to"));
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(scan)).is_err());
        assert_eq!(workspace.snapshot().phase(), &Phase::ManifestsRead);
        workspace.scan(|_, _| {});
        assert_eq!(workspace.snapshot().phase(), &Phase::Known);
    }

    #[test]
    fn a_second_scan_forgets_what_is_no_longer_mentioned() {
        let (folder, workspace) = project(&[
            ("Cargo.toml", MANIFEST),
            ("Dockerfile", DOCKERFILE),
            ("build.rs", &reads("OFFER_TTL")),
            ("app.py", "os.environ['CODE_LENGTH']\n"),
        ]);
        let stale_with = |path, text| {
            write(&folder, &[(path, text)]);
            workspace.reload_settings();
            workspace.scan(|_, _| {});
            stale(&workspace)
        };
        workspace.scan(|_, _| {});
        assert_eq!(stale(&workspace), 0);
        assert_eq!(stale_with("app.py", ""), 1);
        assert_eq!(stale_with("app.py", "os.environ['CODE_LENGTH']\n"), 0);
        assert_eq!(stale_with("readiness.toml", "exclude = [\"*.py\"]\n"), 1);
        let reader = reads("CODE_LENGTH");
        assert_eq!(stale_with("lib.rs", &reader), 0);
        assert_eq!(stale_with("readiness.toml", "exclude = [\"*.py\", \"lib.rs\"]\n"), 1);
    }

    #[test]
    fn nothing_is_reported_of_a_project_before_all_of_it_is_known() {
        let (_folder, workspace) = project(&[
            ("Cargo.toml", MANIFEST),
            ("Dockerfile", DOCKERFILE),
            ("lib.rs", &reads("CODE_LENGTH")),
        ]);
        // Its documents are taken in by one thread while another one is at the source.
        let typed_meanwhile = |_, _| {
            let start = Instant::now();
            while workspace.snapshot().project().file("Dockerfile").is_none() {
                assert!(start.elapsed() < Duration::from_secs(20), "the documents are not read");
                std::thread::yield_now();
            }
            workspace.open_buffer("new.rs", &reads("OFFER_TTL"), 0);
            workspace.settle_buffer("new.rs");
            assert_eq!(stale(&workspace), 0);
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("a pool");
        pool.install(|| workspace.scan(typed_meanwhile));
        assert_eq!(stale(&workspace), 0);
        workspace.open_buffer("lib.rs", "", 0);
        workspace.settle_buffer("lib.rs");
        assert_eq!(stale(&workspace), 1);
    }
}
