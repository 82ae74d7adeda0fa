use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rayon::prelude::*;

use super::{Fixing, Workspace, is_rust, lock};
use crate::analysis::{FileAnalysis, FileContext, analyze_text};
use crate::project::{Facts, Mention};

/// The path of a source, with its analysis and what it mentions, or why it is not reviewed.
type Scanned = (String, Result<(FileAnalysis, Arc<[Mention]>), String>);

/// For as long as it lives nobody reviews the project.
struct HalfKnown<'a>(&'a AtomicBool);

impl<'a> HalfKnown<'a> {
    fn of(workspace: &'a Workspace) -> Self {
        workspace.half_known.store(true, Ordering::SeqCst);
        Self(&workspace.half_known)
    }
}

impl Drop for HalfKnown<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

impl Workspace {
    /// Reads and analyses every source file of the folder, in parallel. Files that are open keep
    /// the analysis of their buffers. `progress` is called with the number of files done and of
    /// all files.
    pub fn scan(&self, progress: impl Fn(usize, usize) + Sync) {
        self.scan_files(None, progress);
    }

    /// The same, where fixes are made next: they look at the trees of the files again.
    pub fn scan_for_fixing(&self, fixing: &Fixing<'_>, progress: impl Fn(usize, usize) + Sync) {
        self.scan_files(Some(fixing), progress);
    }

    fn scan_files(&self, fixing: Option<&Fixing<'_>>, progress: impl Fn(usize, usize) + Sync) {
        let Some(disk) = &self.disk else { return };
        let _turn = lock(&self.scanning);
        let all = disk.files();
        self.reload_packages(&all);
        let settings = self.settings();
        let sources: Vec<&String> = all
            .iter()
            .filter(|path| is_rust(path) && !settings.is_excluded(path) && !self.is_open(path))
            .collect();
        let packages = self.facts().packages().clone();
        let done = AtomicUsize::new(0);
        let analyze_source = |path: &&String| -> Scanned {
            let mut context = FileContext::new(path, &packages, &settings.config);
            context.critical |= settings.is_security_critical(path);
            let text = disk.read(path).map_err(|error| error.to_string());
            let analysis = text.and_then(|text| {
                let analyzed = analyze_text(&text, &context, &settings.rule_set);
                let (analysis, tree) = analyzed.map_err(|error| error.to_string())?;
                if let Some(fixing) = fixing {
                    fixing.keep(path, text, tree);
                }
                let mentions = analysis.declared.mentions(&context);
                Ok((analysis, mentions))
            });
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, sources.len());
            ((*path).clone(), analysis)
        };
        let half_known = HalfKnown::of(self);
        let (scanned, ()) = rayon::join(
            // One by one: large files stand side by side.
            || sources.par_iter().with_max_len(1).map(analyze_source).collect::<Vec<_>>(),
            || self.load_documents(&all),
        );
        self.refused.clear();
        self.analyses.retain(|path, _| self.open.contains_key(path));
        let (mut facts, mut mentioned) = (BTreeMap::new(), Vec::new());
        for entry in self.analyses.iter() {
            let (path, analysis) = (entry.key(), entry.value());
            facts.insert(path.clone(), Arc::clone(&analysis.declared.facts));
            let context = FileContext::new(path, &packages, &settings.config);
            mentioned.push((path.clone(), analysis.declared.mentions(&context)));
        }
        for (path, scanned) in scanned {
            match scanned {
                Ok((analysis, mentions)) => {
                    facts.insert(path.clone(), Arc::clone(&analysis.declared.facts));
                    self.analyses.insert(path.clone(), Arc::new(analysis));
                    mentioned.push((path, mentions));
                }
                Err(reason) => {
                    mentioned.push((path.clone(), Arc::default()));
                    self.refused.insert(path, reason);
                }
            }
        }
        // These may have been reviewed before.
        let excluded = all.iter().filter(|path| is_rust(path) && settings.is_excluded(path));
        mentioned.extend(excluded.map(|path| (path.clone(), Arc::default())));
        self.change_project(|project| {
            mentioned.into_iter().for_each(|(path, it)| project.set_mentions(&path, it));
        });
        let mut facts = Facts::new(packages, facts);
        self.change_facts(|it| {
            // Someone may have typed in a manifest meanwhile.
            facts.set_packages(it.packages().clone());
            *it = facts;
        });
        // Who changes something from here on reviews the project, and who did so before is seen.
        drop(half_known);
        self.check_project();
    }

    /// Reviews closed files again that changed, came or went, and forgets what was in folders that
    /// went. Files that a scan would leave out are forgotten as well.
    pub fn read_again(&self, paths: &[String]) {
        let Some(disk) = &self.disk else { return };
        let _turn = lock(&self.scanning);
        let settings = self.settings();
        let listing = disk.files();
        let listed: HashSet<&String> = listing.iter().collect();
        for path in paths.iter().filter(|path| !self.is_open(path)) {
            if is_rust(path) && listed.contains(path) && !settings.is_excluded(path) {
                self.analyze_closed(path);
            } else if !disk.is_folder(path) {
                self.forget(path);
                let below = format!("{path}/");
                for gone in self.files().iter().filter(|file| file.starts_with(&below)) {
                    if !self.is_open(gone) {
                        self.forget(gone);
                    }
                }
            }
        }
        self.read_documents_again(&listing, paths);
        self.check_project();
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
        let found = workspace.findings("Dockerfile");
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
            workspace.facts().packages().iter().map(|it| it.name.clone()).collect();
        assert_eq!(names, ["b"]);
    }

    #[test]
    fn a_scan_takes_what_a_buffer_declared_when_typing_last_settled() {
        let declared = "#[cfg(test)]\nmod inner;\n";
        let manifest = "[package]\nname = \"a\"\nedition = \"2024\"\n[lib]\npath = \"lib.rs\"\n";
        let (_folder, workspace) = project(&[
            ("Cargo.toml", manifest),
            ("lib.rs", declared),
            ("inner.rs", "fn f(a: Option<u8>) -> u8 { a.unwrap() }"),
        ]);
        let unwraps_after_scan = || {
            workspace.scan(|_, _| {});
            let found = workspace.findings("inner.rs");
            found.iter().filter(|it| it.rule.id == "unwrap-used").count()
        };
        workspace.open_buffer("lib.rs", declared, 0);
        workspace.analyze_buffer("lib.rs", true);
        assert_eq!(unwraps_after_scan(), 0);
        let half_typed = vec![Change::Full("#[cfg(tes)]\nmod inner;\n".to_string())];
        workspace.change_buffer("lib.rs", half_typed, 1, Encoding::Utf8);
        workspace.analyze_buffer("lib.rs", false);
        assert_eq!(unwraps_after_scan(), 0);
        workspace.analyze_buffer("lib.rs", true);
        assert_eq!(unwraps_after_scan(), 1);
    }

    #[test]
    fn a_second_scan_forgets_what_is_no_longer_mentioned() {
        let (folder, workspace) = project(&[
            ("Cargo.toml", "[package]\nname = \"a\"\nedition = \"2024\"\n"),
            ("Dockerfile", "FROM debian:bookworm-slim\nENV OFFER_TTL=60 CODE_LENGTH=9\n"),
            ("build.rs", "fn main() { std::env::var(\"OFFER_TTL\").ok(); }"),
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
        let reader = "fn f() { std::env::var(\"CODE_LENGTH\").ok(); }";
        assert_eq!(stale_with("lib.rs", reader), 0);
        assert_eq!(stale_with("readiness.toml", "exclude = [\"*.py\", \"lib.rs\"]\n"), 1);
    }

    #[test]
    fn nothing_is_reported_of_a_project_that_is_half_known() {
        let (_folder, workspace) = project(&[
            ("Cargo.toml", "[package]\nname = \"a\"\nedition = \"2024\"\n"),
            ("Dockerfile", "FROM debian:bookworm-slim\nENV OFFER_TTL=60 CODE_LENGTH=9\n"),
            ("lib.rs", "pub fn f() -> Option<String> { std::env::var(\"CODE_LENGTH\").ok() }"),
        ]);
        // Its documents are taken in by one thread while another one is at the source.
        let typed_meanwhile = |_, _| {
            let start = Instant::now();
            while workspace.project().file("Dockerfile").is_none() {
                assert!(start.elapsed() < Duration::from_secs(20), "the documents are not read");
                std::thread::yield_now();
            }
            let text = "pub fn f() -> Option<String> { std::env::var(\"OFFER_TTL\").ok() }";
            workspace.open_buffer("new.rs", text, 0);
            workspace.analyze_buffer("new.rs", true);
            assert_eq!(stale(&workspace), 0);
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("a pool");
        pool.install(|| workspace.scan(typed_meanwhile));
        assert_eq!(stale(&workspace), 0);
        workspace.open_buffer("lib.rs", "", 0);
        workspace.analyze_buffer("lib.rs", true);
        assert_eq!(stale(&workspace), 1);
    }
}
