//! The production readiness review of what a snapshot knows.

use super::{Snapshot, is_rust};
use crate::analysis::{Census, Suppressed, resolve_lines_noting};
use crate::config;
use crate::review::{Material, Review, ReviewedFile, Summary};

impl Snapshot {
    /// The review of everything that is known.
    pub fn review(&self) -> Review {
        Review::of(&self.material(), &|path| self.text_of(path))
    }

    /// The verdict and the score alone, for which no file is read.
    pub fn review_summary(&self) -> Summary {
        Summary::of(&self.material())
    }

    /// What comments, attributes and manifests accept in a file.
    pub fn suppressed(&self, path: &str) -> Vec<Suppressed> {
        self.reviewed(path.to_string()).suppressed
    }

    fn material(&self) -> Material<'_> {
        let mut paths = self.files();
        paths.extend(self.files.keys().cloned());
        paths.sort();
        paths.dedup();
        Material {
            project: &self.project,
            symbols: &self.symbols,
            config: &self.settings.config,
            known_rules: self.settings.known_rules(),
            rules: &self.settings.rule_set,
            files: paths.into_iter().map(|path| self.reviewed(path)).collect(),
            excluded: self.excluded_sources(),
        }
    }

    fn reviewed(&self, path: String) -> ReviewedFile {
        let mut file = ReviewedFile {
            findings: Vec::new(),
            suppressed: Vec::new(),
            census: Census::default(),
            is_aside: false,
            refused: None,
            path,
        };
        let project = self.project_findings(&file.path);
        let rules = &self.settings.rule_set;
        let known = |id: &str| self.rule(id).is_some();
        let suppressed = &mut file.suppressed;
        match self.files.get(&file.path) {
            Some(Ok(analysis)) => {
                let context = self.context(&file.path);
                file.findings =
                    analysis.resolve_noting(&context, rules, &self.symbols, project, known, |it| {
                        suppressed.push(it)
                    });
                file.is_aside = analysis.is_aside(&context, &self.symbols);
                if !file.is_aside {
                    file.census = analysis.index.census;
                }
            }
            Some(Err(reason)) => {
                file.findings = self.refusal(reason).into_iter().collect();
                file.refused = Some(reason.clone());
            }
            None => {
                if let Some(document) = self.project.file(&file.path) {
                    file.findings = resolve_lines_noting(
                        &document.path,
                        &document.text,
                        project,
                        rules,
                        known,
                        |it| suppressed.push(it),
                    );
                }
                if file.path == config::FILE_NAME && self.settings.is_own() {
                    file.findings.extend(self.settings_findings(&self.settings));
                }
            }
        }
        file
    }

    /// The sources of packages that the settings exclude.
    fn excluded_sources(&self) -> Vec<String> {
        let sources = self.project.listing().iter().filter(|path| is_rust(path));
        let excluded = sources.filter(|path| self.settings.is_excluded(path));
        let of_package = excluded.filter(|path| self.symbols.packages().owner(path).is_some());
        of_package.cloned().collect()
    }
}
