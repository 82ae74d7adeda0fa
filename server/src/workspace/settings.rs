use std::sync::Arc;

use globset::{Glob, GlobSet, GlobSetBuilder};

use crate::analysis::{Rule, RuleSet};
use crate::config::{Config, Date, Mistake};
use crate::project::Packages;
use crate::semantics::FileContext;

/// The settings of a workspace, made ready for use.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The text they were read from.
    pub text: String,
    /// Why they cannot be read as they are.
    pub problem: Option<String>,
    /// What the text says, without the entries that could not be used.
    pub config: Arc<Config>,
    /// The entries that could not be used.
    pub mistakes: Vec<Mistake>,
    /// The rules that are on.
    pub rule_set: Arc<RuleSet>,
    known_rules: Arc<[&'static Rule]>,
    exclude: GlobSet,
    security_critical: GlobSet,
    /// Another number means that cached findings are out of date.
    pub epoch: u64,
}

impl Settings {
    pub(super) fn new(
        (text, problem): (&str, Option<String>),
        rules: &Arc<[&'static Rule]>,
        epoch: u64,
        today: Option<Date>,
    ) -> Self {
        let ids: Vec<&str> = rules.iter().map(|rule| rule.id).collect();
        let (mut config, mut mistakes) = Config::parse(text, &ids);
        if let Some(problem) = &problem {
            // Other places are those of another text.
            mistakes.iter_mut().for_each(|it| it.range = 0..0);
            mistakes.insert(
                0,
                Mistake { range: 0..0, message: format!("cannot read settings: {problem}") },
            );
        }
        config.today = today;
        Self {
            text: text.to_string(),
            problem,
            mistakes,
            rule_set: Arc::new(RuleSet::new(rules.iter().copied(), &config)),
            known_rules: Arc::clone(rules),
            exclude: globs(&config.exclude),
            security_critical: globs(&config.security_critical),
            config: Arc::new(config),
            epoch,
        }
    }

    /// The same settings for files that need another analysis.
    pub(super) fn next_epoch(&self) -> Self {
        Self { epoch: self.epoch + 1, ..self.clone() }
    }

    /// The rules that exist, those turned off among them.
    pub fn known_rules(&self) -> &Arc<[&'static Rule]> {
        &self.known_rules
    }

    /// Whether a file is excluded from the check.
    pub fn is_excluded(&self, path: &str) -> bool {
        self.exclude.is_match(path)
    }

    /// What is known about a file of some packages before it is read.
    pub(super) fn context(&self, path: &str, packages: &Packages) -> FileContext {
        let mut context = FileContext::new(path, packages, &self.config);
        context.critical |= self.security_critical.is_match(path);
        context
    }
}

/// The settings were checked when they were read: a glob that does not parse is not among them.
fn globs(patterns: &[String]) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        if let Ok(glob) = Glob::new(pattern) {
            set.add(glob);
        }
        // A folder means everything in it.
        if let Ok(glob) = Glob::new(&format!("{}/**", pattern.trim_end_matches('/'))) {
            set.add(glob);
        }
    }
    set.build().unwrap_or_default()
}
