//! `readiness.toml`: the settings of a workspace, as plain data.
//!
//! A mistake in the file costs only the entry it is in: everything else applies, and the mistake
//! is reported where it stands.

mod date;
mod target;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use toml::de::{DeTable, DeValue, Deserializer};

pub use date::Date;
pub use target::Target;

/// The name of the settings file, at the root of a workspace.
pub const FILE_NAME: &str = "readiness.toml";

/// The table of the settings file with the evidence for a production readiness review.
pub const EVIDENCE: &str = "evidence";

/// The beginning of an answer to a question that does not apply.
pub const NOT_APPLICABLE: &str = "not-applicable";

/// How severe a finding is for production.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Can be fixed later.
    Low,
    /// Should be fixed before production.
    Medium,
    /// Likely to cause an incident in production.
    High,
    /// Blocks a release.
    Critical,
}

/// The longest glob that is taken.
const MAX_GLOB_BYTES: usize = 1_000;

/// So many braces may be in a glob.
const MAX_ALTERNATIVES: usize = 20;

impl Severity {
    /// Every severity, the highest first.
    pub const ALL: [Self; 4] = [Self::Critical, Self::High, Self::Medium, Self::Low];

    /// The name in settings and output, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The next severity up, which is critical for critical alone.
    pub fn raised(self) -> Self {
        match self {
            Self::Low => Self::Medium,
            Self::Medium | Self::High => Self::High,
            Self::Critical => Self::Critical,
        }
    }

    /// The next severity down; low stays low.
    pub fn lowered(self) -> Self {
        match self {
            Self::Critical => Self::High,
            Self::High => Self::Medium,
            Self::Medium | Self::Low => Self::Low,
        }
    }
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// The setting of a rule: `off`, or the severity of its findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Level(Option<Severity>);

impl Level {
    const OFF: &str = "off";

    /// The severity, or nothing when the rule is off.
    pub fn severity(self) -> Option<Severity> {
        self.0
    }
}

impl TryFrom<String> for Level {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let severity = Severity::ALL.into_iter().find(|it| it.name() == text);
        match severity.is_some() || text == Self::OFF {
            true => Ok(Self(severity)),
            false => Err(format!(
                "unknown severity `{text}`; expected `off`, `low`, `medium`, `high` or `critical`"
            )),
        }
    }
}

impl From<Level> for String {
    fn from(level: Level) -> Self {
        level.severity().map_or(Level::OFF, Severity::name).to_string()
    }
}

impl JsonSchema for Level {
    fn schema_name() -> Cow<'static, str> {
        "Level".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let severity = generator.subschema_for::<Severity>();
        json_schema!({
            "description": "The setting of a rule: `off`, or the severity of its findings.",
            "oneOf": [
                { "type": "string", "const": Self::OFF, "description": "The rule reports nothing." },
                severity,
            ],
        })
    }
}

/// A question of a production readiness review that code does not answer.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Question {
    /// The assets, the attackers, and the mitigations.
    ThreatModel,
    /// How data is backed up, and when a restore was last tested.
    BackupAndRestore,
    /// How keys and secrets are replaced, also after a leak.
    KeyRotation,
    /// Who is on call, and what the first steps are.
    IncidentResponse,
    /// The service level objectives: availability, latency, error rate.
    ServiceLevels,
    /// How a release is rolled out, and how it is rolled back.
    RolloutAndRollback,
    /// How the service behaves at ten times the load.
    Scaling,
    /// How corrupted data is detected and repaired.
    DataIntegrity,
    /// How long data is kept, and how it is deleted.
    Retention,
}

impl Question {
    /// Every question, in the order of the report.
    pub const ALL: &[Self] = &[
        Self::ThreatModel,
        Self::BackupAndRestore,
        Self::KeyRotation,
        Self::IncidentResponse,
        Self::ServiceLevels,
        Self::RolloutAndRollback,
        Self::Scaling,
        Self::DataIntegrity,
        Self::Retention,
    ];

    /// Its key in the settings.
    pub fn key(self) -> &'static str {
        match self {
            Self::ThreatModel => "threat-model",
            Self::BackupAndRestore => "backup-and-restore",
            Self::KeyRotation => "key-rotation",
            Self::IncidentResponse => "incident-response",
            Self::ServiceLevels => "service-levels",
            Self::RolloutAndRollback => "rollout-and-rollback",
            Self::Scaling => "scaling",
            Self::DataIntegrity => "data-integrity",
            Self::Retention => "retention",
        }
    }

    /// Its name in messages.
    pub fn name(self) -> String {
        self.key().replace('-', " ")
    }
}

/// The answer to a question: where it is documented, or why it does not apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected the path of a document, `not-applicable: ` and a reason, or a table of `document` and `reviewed`"
)]
pub enum Answer {
    /// The path of a document, relative to the workspace root, where a `#heading` may follow; an
    /// `https://` address; or `not-applicable: ` and the reason.
    Short(String),
    /// A document that is reviewed regularly.
    #[serde(rename_all = "kebab-case")]
    Reviewed {
        /// The path or address, as in the short form.
        document: String,
        /// The date of the last review, such as `2026-01-31`. It is reported after a year.
        reviewed: Option<String>,
        /// After how many days the review is reported instead.
        valid_days: Option<u32>,
    },
}

/// A tool that shows findings in the editor as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OtherTool {
    /// Clippy, mostly through rust-analyzer.
    Clippy,
}

/// The settings of readiness-lsp for a workspace.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Config {
    /// What the project is for: which findings keep it from being ready, and which evidence it needs.
    pub level: Target,
    /// The lowest severity that makes `readiness-lsp check` fail. Without it every finding does.
    pub fail_on: Option<Severity>,
    /// Files and folders that are not checked, as globs relative to the workspace root.
    pub exclude: Vec<String>,
    /// Further security-critical files, as globs relative to the workspace root. Findings in
    /// security-critical code are raised by one severity. Paths with words such as `crypto`, `auth`
    /// and `tls` in them are security-critical without being named here.
    pub security_critical: Vec<String>,
    /// Further words that identify the name of a secret: `pin`, or whole names in snake case.
    pub secret_words: Vec<String>,
    /// The folder of a checkout of the RustSec advisory database, absolute or relative to the
    /// workspace root. Without it the one that cargo-audit or cargo-deny keeps below `CARGO_HOME`
    /// is used. Only the files `crates/*/RUSTSEC-*.md` below the folder are ever read.
    pub advisory_db: Option<String>,
    /// A file of findings that are known, written by `readiness-lsp baseline`: `check` leaves them out,
    /// and editors show them as hints. Relative to the settings file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
    /// Findings that another tool shows in the editor as well, which are left out there: of `clippy`
    /// those whose lint `[lints]` of the package turns on. `check` and the review have them all the
    /// same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dedupe: Option<OtherTool>,
    /// Whether `missing-docs` reports each undocumented item. Without it there is one finding per
    /// published library, with their number.
    pub list_undocumented: bool,
    /// Severities by rule; `off` turns a rule off.
    pub rules: BTreeMap<String, Level>,
    /// Where the questions that code does not answer are documented.
    pub evidence: BTreeMap<Question, Answer>,
    /// The day on which dates are judged; nothing when whoever checks does not tell it.
    #[serde(skip)]
    pub today: Option<Date>,
}

/// An entry of the settings file that could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Bytes of the settings file.
    pub range: Range<usize>,
    /// What is wrong with it; lower case and no full stop.
    pub message: String,
}

impl Config {
    /// Reads the settings file. `rules` are the ids that exist.
    pub fn parse(text: &str, rules: &[&str]) -> (Self, Vec<Mistake>) {
        let (table, errors) = DeTable::parse_recoverable(text);
        let mut mistakes: Vec<Mistake> = errors.iter().map(|error| mistake(error, text)).collect();
        let mut config = Self::default();
        for (key, value) in table.get_ref() {
            let key_text = key.get_ref().as_ref();
            match value.get_ref() {
                DeValue::Table(entries) if matches!(key_text, "rules" | EVIDENCE) => {
                    for (rule, level) in entries {
                        let name = rule.get_ref().as_ref();
                        if key_text == "rules" && !rules.contains(&name) {
                            mistakes.push(Mistake {
                                range: rule.span(),
                                message: unknown_rule(name, rules.iter().copied()),
                            });
                            continue;
                        }
                        let mut inner = DeTable::new();
                        inner.insert(rule.clone(), level.clone());
                        let inner = toml::Spanned::new(value.span(), DeValue::Table(inner));
                        config.take(key, inner, text, &mut mistakes);
                    }
                }
                _ => config.take(key, value.clone(), text, &mut mistakes),
            }
        }
        for (globs, key) in
            [(&mut config.exclude, "exclude"), (&mut config.security_critical, "security-critical")]
        {
            globs.retain(|glob| match check_glob(glob) {
                Ok(()) => true,
                Err(message) => {
                    let range = table.get_ref().get(key).map_or(0..0, |value| value.span());
                    mistakes.push(Mistake { range, message });
                    false
                }
            });
        }
        mistakes.sort_by_key(|mistake| (mistake.range.start, mistake.range.end));
        (config, mistakes)
    }

    /// Adds one entry of the file, or the mistake in it.
    fn take<'i>(
        &mut self,
        key: &toml::Spanned<Cow<'i, str>>,
        value: toml::Spanned<DeValue<'i>>,
        text: &str,
        mistakes: &mut Vec<Mistake>,
    ) {
        let span = value.span();
        let mut single = DeTable::new();
        single.insert(key.clone(), value);
        let table = toml::Spanned::new(span.clone(), single);
        match Self::deserialize(Deserializer::from(table)) {
            Ok(entry) => self.merge(entry),
            Err(error) => {
                let mut found = mistake(&error, text);
                if error.span().is_none() {
                    found.range = span;
                }
                mistakes.push(found);
            }
        }
    }

    /// Adds the entries of another file, which win where there can be only one.
    pub fn merge(&mut self, other: Self) {
        if other.level != Target::default() {
            self.level = other.level;
        }
        self.fail_on = other.fail_on.or(self.fail_on);
        self.exclude.extend(other.exclude);
        self.security_critical.extend(other.security_critical);
        self.secret_words.extend(other.secret_words);
        self.advisory_db = other.advisory_db.or(self.advisory_db.take());
        self.baseline = other.baseline.or(self.baseline.take());
        self.dedupe = other.dedupe.or(self.dedupe);
        self.list_undocumented |= other.list_undocumented;
        self.rules.extend(other.rules);
        self.evidence.extend(other.evidence);
    }

    /// The JSON schema of the settings file, with the ids of `rules` as the keys it offers.
    pub fn schema(rules: &[(&str, &str)]) -> serde_json::Value {
        let mut schema = schemars::schema_for!(Config).to_value();
        let level = serde_json::json!({ "$ref": "#/$defs/Level" });
        let properties: serde_json::Map<_, _> = rules
            .iter()
            .map(|(id, summary)| {
                let mut property = level.clone();
                property["description"] = (*summary).into();
                ((*id).to_string(), property)
            })
            .collect();
        if let Some(table) = schema.pointer_mut("/properties/rules") {
            table["properties"] = properties.into();
            table["additionalProperties"] = false.into();
        }
        if let Some(table) = schema.pointer_mut("/properties/evidence") {
            let answer = serde_json::json!({ "$ref": "#/$defs/Answer" });
            let questions = schemars::schema_for!(Question).to_value();
            let questions = questions["oneOf"].as_array().into_iter().flatten();
            let properties = questions.filter_map(|question| {
                let mut property = answer.clone();
                property["description"] = question["description"].clone();
                Some((question["const"].as_str()?.to_string(), property))
            });
            table["properties"] = serde_json::Map::from_iter(properties).into();
            table["additionalProperties"] = false.into();
        }
        schema
    }
}

/// The message about a rule that does not exist, with the most similar of the `ids`.
pub fn unknown_rule<'a>(id: &str, ids: impl IntoIterator<Item = &'a str>) -> String {
    // Lints are written so.
    let name = id.trim_start_matches("clippy::").replace('_', "-").to_lowercase();
    match most_similar(&name, ids) {
        Some(similar) => format!("unknown rule `{id}`; did you mean `{similar}`?"),
        None => format!("unknown rule `{id}`"),
    }
}

/// The most similar of some names, if one is similar enough to be meant.
pub fn most_similar<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    /// The least Jaro-Winkler similarity, from 0 to 1.
    const SIMILAR: f64 = 0.85;
    let rated = names.into_iter().map(|it| (strsim::jaro_winkler(name, it), it));
    let rated = rated.filter(|(similarity, _)| *similarity >= SIMILAR);
    rated.max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, name)| name)
}

/// Tells whether a glob can be used: what it costs grows with its length and with the alternatives
/// in it.
fn check_glob(glob: &str) -> Result<(), String> {
    if glob.len() > MAX_GLOB_BYTES || glob.matches('{').count() > MAX_ALTERNATIVES {
        let start: String = glob.chars().take(20).collect();
        return Err(format!("invalid glob `{start}…`: longer or more alternatives than are taken"));
    }
    match globset::Glob::new(glob) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("invalid glob `{glob}`: {}", error.kind())),
    }
}

fn mistake(error: &toml::de::Error, text: &str) -> Mistake {
    let range = error.span().unwrap_or(0..0);
    Mistake {
        range: range.start.min(text.len())..range.end.min(text.len()),
        message: error.message().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &[&str] = &["unwrap-used", "todo-comment"];

    #[test]
    fn a_mistake_costs_only_its_own_entry() {
        let text = "\
fail-on = \"hihg\"
exclude = [\"gen/**\", \"a[\"]
colour = 1
secret-words = [\"pin\"]

[rules]
unwrap-used = \"off\"
unwrap-usd = \"off\"
todo-comment = \"loud\"

[evidence]
scaling = \"docs/scaling.md\"
scalling = \"docs/scaling.md\"
retention = 3
";
        let (config, mistakes) = Config::parse(text, RULES);
        assert_eq!(config.fail_on, None);
        assert_eq!(config.exclude, ["gen/**"]);
        assert_eq!(config.secret_words, ["pin"]);
        assert_eq!(config.rules.get("unwrap-used"), Some(&Level(None)));
        assert_eq!(config.rules.len(), 1);
        let at: Vec<&str> = mistakes.iter().map(|it| &text[it.range.clone()]).collect();
        assert_eq!(
            at,
            [
                "\"hihg\"", "[\"gen/**\", \"a[\"]", "colour", "unwrap-usd", "\"loud\"", "scalling",
                "3"
            ]
        );
        assert_eq!(config.evidence.keys().collect::<Vec<_>>(), [&Question::Scaling]);
        assert!(mistakes.iter().all(|it| !it.message.is_empty()));
        assert_eq!(mistakes[3].message, "unknown rule `unwrap-usd`; did you mean `unwrap-used`?");
        assert!(mistakes[1].message.starts_with("invalid glob `a[`: "), "{}", mistakes[1].message);
    }

    #[test]
    fn entries_around_broken_syntax_apply() {
        let (config, mistakes) =
            Config::parse("exclude = [\"a\"]\nrules = = 1\nsecret-words = [\"b\"]\n", RULES);
        assert_eq!(config.exclude, ["a"]);
        assert_eq!(config.secret_words, ["b"]);
        assert!(!mistakes.is_empty());
    }

    #[test]
    fn the_schema_knows_the_rules() {
        let schema = Config::schema(&[("unwrap-used", "calls of unwrap")]);
        let rule = &schema["properties"]["rules"]["properties"]["unwrap-used"];
        assert_eq!(rule["description"], "calls of unwrap");
        assert!(schema["properties"]["fail-on"].is_object());
        for question in Question::ALL {
            let answer = &schema["properties"]["evidence"]["properties"][question.key()];
            assert!(answer["description"].is_string(), "{question:?}");
        }
    }
}
