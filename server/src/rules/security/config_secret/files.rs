//! Which files, and which parts of documents, hold settings.

use crate::project::{FileKind, Format, ProjectFile};
use crate::syntax::names::has_any_word;
use crate::text::{FileRange, TextSize};

/// Words in the paths of YAML and JSON files that hold settings.
const CONFIGURATION_WORDS: &[&str] = &[
    "account", "accounts", "ansible", "app", "application", "appsettings", "auth", "chart",
    "charts", "cloud", "conf", "config", "configs", "configuration", "configurations",
    "credentials", "database", "deploy", "deployment", "deployments", "docker", "env",
    "environment", "environments", "helm", "infra", "k8s", "kube", "kubernetes", "manifests",
    "ops", "prod", "production", "secret", "secrets", "server", "service", "services", "settings",
    "stack", "staging", "users", "values",
];

/// Whether a file says how something runs. TOML and `.env` do; YAML and JSON may hold anything, and
/// do where their path says so.
pub fn is_configuration(file: &ProjectFile) -> bool {
    match file.kind {
        FileKind::Yaml | FileKind::Json => {
            let mut parts = file.path.split('/');
            file.path.rsplit('/').next().is_some_and(|name| !name.starts_with('.'))
                && (file.kind == FileKind::Yaml && !file.path.contains('/')
                    || parts.any(|part| has_any_word(part, CONFIGURATION_WORDS)))
        }
        FileKind::Toml => !file.name().starts_with("book."),
        _ => true,
    }
}

/// Whether a file describes data instead of giving it, or is encrypted as a whole.
pub fn is_description(file: &ProjectFile) -> bool {
    let has = |key: &&str| file.documents().iter().any(|it| it.get(key).is_some());
    ["openapi", "swagger", "$schema", "sops", "asyncapi"].iter().any(has)
        && file.kind != FileKind::Wrangler
        && !file.name().starts_with("appsettings")
}

/// The format of a code block in Markdown with this info string, if it is one of settings.
pub fn format_of(language: &str) -> Option<Format> {
    match language.split([' ', ',', '{']).next()? {
        "toml" => Some(Format::Toml),
        "yaml" | "yml" => Some(Format::Yaml),
        "json" | "jsonc" => Some(Format::Json),
        "env" | "dotenv" | "ini" => Some(Format::Env),
        _ => None,
    }
}

/// The line that a range starts in, without white space around it.
pub fn line_of(text: &str, range: FileRange) -> FileRange {
    let at = usize::from(range.start());
    let start = text.get(..at).and_then(|it| it.rfind('\n')).map_or(0, |at| at + 1);
    let line = text.get(start..).and_then(|it| it.lines().next()).unwrap_or_default();
    FileRange::at(TextSize::new(start as u32), TextSize::of(line.trim_end()))
}
