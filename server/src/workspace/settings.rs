use std::borrow::Cow;
use std::sync::Arc;

use globset::{Glob, GlobSet, GlobSetBuilder};

use super::Snapshot;
use crate::analysis::{Baseline, Rule, RuleSet};
use crate::config::{self, Config, Date, Mistake};
use crate::project::{Disk, Packages, file_above};
use crate::semantics::FileContext;

/// What settings are read from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SettingsSource {
    /// The text of the settings file.
    pub text: String,
    /// Why the file cannot be read as it is.
    pub problem: Option<String>,
    /// Where the file lies in a folder above, the path from there to the workspace, with a `/` at
    /// its end: globs start there.
    pub prefix: String,
    /// Entries, as of such a file, that count besides and before those in it.
    pub overrides: String,
    /// The text of the baseline that they name; nothing when it cannot be read.
    pub baseline: Option<String>,
}

/// The settings of a workspace, made ready for use.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What they were read from.
    pub source: SettingsSource,
    /// What the text says, without the entries that could not be used.
    pub config: Arc<Config>,
    /// The entries that could not be used.
    pub mistakes: Vec<Mistake>,
    /// The findings that are known.
    pub baseline: Option<Arc<Baseline>>,
    /// The rules that are on.
    pub rule_set: Arc<RuleSet>,
    known_rules: Arc<[&'static Rule]>,
    exclude: GlobSet,
    excluded_besides: GlobSet,
    security_critical: GlobSet,
    /// Another number means that cached findings are out of date.
    pub epoch: u64,
}

impl Settings {
    pub(super) fn new(
        source: SettingsSource,
        rules: &Arc<[&'static Rule]>,
        epoch: u64,
        today: Option<Date>,
    ) -> Self {
        let ids: Vec<&str> = rules.iter().map(|rule| rule.id).collect();
        let (mut config, mut mistakes) = Config::parse(&source.text, &ids);
        if let Some(problem) = &source.problem {
            // Other places are those of another text.
            mistakes.iter_mut().for_each(|it| it.range = 0..0);
            let message = format!("cannot read settings: {problem}");
            mistakes.insert(0, Mistake { range: 0..0, message });
        }
        // Globs in what the workspace is opened with are relative to it, and not to a folder above.
        let (overrides, _) = Config::parse(&source.overrides, &ids);
        let excluded_besides = globs(&overrides.exclude);
        config.merge(overrides);
        config.today = today;
        let baseline = match (&config.baseline, source.baseline.as_deref().map(Baseline::parse)) {
            (Some(_), Some(Ok(baseline))) => Some(Arc::new(baseline)),
            (Some(name), read) => {
                let line = read.and_then(Result::err).map(|line| format!(", line {line}"));
                let message =
                    format!("cannot read the baseline `{name}`{}", line.unwrap_or_default());
                mistakes.push(Mistake { range: 0..0, message });
                None
            }
            (None, _) => None,
        };
        Self {
            mistakes,
            baseline,
            rule_set: Arc::new(RuleSet::new(rules.iter().copied(), &config)),
            known_rules: Arc::clone(rules),
            exclude: globs(&config.exclude),
            excluded_besides,
            security_critical: globs(&config.security_critical),
            config: Arc::new(config),
            source,
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
        self.excluded_besides.is_match(path)
            || self.exclude.is_match(self.as_written(path).as_ref())
    }

    /// Whether a settings file in a folder above excludes the whole workspace: it is not about it.
    pub(super) fn excludes_all(&self) -> bool {
        let prefix = self.source.prefix.trim_end_matches('/');
        !prefix.is_empty() && self.exclude.is_match(prefix)
    }

    /// Whether the workspace itself has the settings file.
    pub fn is_own(&self) -> bool {
        self.source.prefix.is_empty()
    }

    /// A path as the settings file writes it.
    fn as_written<'p>(&self, path: &'p str) -> Cow<'p, str> {
        match self.is_own() {
            true => Cow::Borrowed(path),
            false => Cow::Owned(format!("{}{path}", self.source.prefix)),
        }
    }

    /// What is known about a file of some packages before it is read.
    pub(super) fn context(&self, path: &str, packages: &Packages) -> FileContext {
        let mut context = FileContext::new(path, packages, &self.config);
        context.critical |= self.security_critical.is_match(self.as_written(path).as_ref());
        context
    }
}

impl Snapshot {
    /// What the settings are to be read from: the file of the workspace, or else that of the nearest
    /// folder above in the same checkout, unless it excludes the workspace.
    pub(super) fn settings_source(&self, overrides: String) -> SettingsSource {
        let own = self.settings_text();
        let above = own.is_none().then(|| self.settings_above()).flatten();
        let (mut source, folder) = match above {
            Some((source, folder)) => (source, Some(folder)),
            None => {
                let (text, problem) = own.unwrap_or_default();
                (SettingsSource { text, problem, ..SettingsSource::default() }, None)
            }
        };
        // What they are overridden by names files of the workspace.
        let named = |text: &str| Config::parse(text, &[]).0.baseline.filter(|it| !it.is_empty());
        source.baseline = match (named(&overrides), named(&source.text), folder) {
            (Some(name), ..) | (None, Some(name), None) => self.text_of(&name),
            (None, Some(name), Some(folder)) => folder.read(&name).ok(),
            (None, None, _) => None,
        };
        SettingsSource { overrides, ..source }
    }

    /// The settings of a folder above.
    fn settings_above(&self) -> Option<(SettingsSource, Disk)> {
        let (folder, prefix) = file_above(self.disk.as_ref()?.root(), config::FILE_NAME)?;
        let text = folder.read(config::FILE_NAME).ok()?;
        let source = SettingsSource { text, prefix, ..SettingsSource::default() };
        let settings = Settings::new(source, self.settings.known_rules(), 0, None);
        (!settings.excludes_all()).then_some((settings.source, folder))
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
