//! What a configuration file is there for, told by its path.

use super::values::Node;
use super::{FileKind, ProjectFile};

/// Who uses a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Tests, or text for people: nothing runs with it.
    Test,
    /// A file to copy and fill in, or documentation.
    Example,
    /// Developers, on their own machines.
    Development,
    /// Whoever runs the program.
    Deployment,
}

/// Words of tests, and of text for people.
const TEST: &[&str] = &[
    "bench", "benches", "benchmark", "benchmarks", "ci", "cypress", "e2e", "fixture", "fixtures",
    "i18n", "insomnia", "integ", "integration", "l10n", "lang", "loadtest", "locale", "locales",
    "messages", "mock", "mocks", "openapi", "playwright", "postman", "regress", "schema",
    "schemas", "snapshots", "spec", "swagger", "test", "testdata", "testing", "tests",
    "translations",
];

/// Words of folders with nothing that runs.
const TEST_FOLDERS: &[&str] = &[
    "cassettes", "circleci", "github", "gitlab", "idea", "third", "vendor", "vscode", "workloads",
];

/// Words of examples and documentation.
const EXAMPLE: &[&str] = &[
    "demo", "dist", "doc", "docs", "example", "examples", "playground", "sample", "samples",
    "skel", "template", "templates", "tmpl", "tpl", "tutorial", "tutorials", "website",
];

/// Words of what developers run on their own machines.
const DEVELOPMENT: &[&str] =
    &["debug", "dev", "devcontainer", "devel", "development", "local", "localhost", "override"];

/// What a file is for.
pub fn purpose(path: &str) -> Purpose {
    let lower = path.to_ascii_lowercase();
    let words = |part: &str| -> Vec<String> {
        part.split(['.', '-', '_', ' ']).map(str::to_string).collect()
    };
    let mut parts = lower.rsplit('/');
    let name = words(parts.next().unwrap_or_default());
    let folders: Vec<String> = parts.flat_map(words).collect();
    let named = |list: &[&str]| name.iter().any(|it| list.contains(&it.as_str()));
    let inside = |list: &[&str]| folders.iter().any(|it| list.contains(&it.as_str()));
    if named(TEST) || inside(TEST) || inside(TEST_FOLDERS) {
        Purpose::Test
    } else if named(EXAMPLE) || inside(EXAMPLE) || lower.ends_with(".md") {
        Purpose::Example
    } else if named(DEVELOPMENT) || inside(DEVELOPMENT) {
        Purpose::Development
    } else {
        Purpose::Deployment
    }
}

/// What a file is for, by its path and by what it says of itself in the comments at its top.
pub fn purpose_of(file: &ProjectFile) -> Purpose {
    const LINES: usize = 12;
    let by_path = purpose(&file.path);
    let comments =
        file.text.lines().take(LINES).filter_map(|line| line.trim_start().strip_prefix('#'));
    let says = |phrases: &[&str]| {
        comments.clone().any(|it| {
            let it = it.to_ascii_lowercase();
            phrases.iter().any(|phrase| it.contains(phrase))
        })
    };
    if says(&["integration test", "for testing", "for tests", "in ci"]) {
        by_path.min(Purpose::Test)
    } else if says(&["an example", "example config", "sample config"]) {
        by_path.min(Purpose::Example)
    } else if says(&["local development", "for development", "development only", "local testing"]) {
        by_path.min(Purpose::Development)
    } else {
        by_path
    }
}

/// Whether a document is one of Kubernetes, or gives the values of a Helm chart: files and secrets
/// that it names are those of the cluster.
pub fn describes_cluster(file: &ProjectFile, document: &Node) -> bool {
    let is_chart = |part: &str| {
        part.split(['.', '-', '_']).any(|it| matches!(it, "chart" | "charts" | "helm"))
    };
    let name = file.name();
    file.kind == FileKind::Yaml
        && (document.get("apiVersion").is_some() && document.get("kind").is_some()
            || name.starts_with("values")
            || file.path.split('/').any(is_chart))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_tells_who_uses_a_file() {
        for (path, expected) in [
            ("config/server.toml", Purpose::Deployment),
            (".env", Purpose::Deployment),
            (".env.example", Purpose::Example),
            ("config.sample.yml", Purpose::Example),
            ("docker-compose.dev.yml", Purpose::Development),
            ("docker/dev/compose.yml", Purpose::Development),
            (".env.test", Purpose::Test),
            ("web/locales/fr.json", Purpose::Test),
            ("README.md", Purpose::Example),
        ] {
            assert_eq!(purpose(path), expected, "{path}");
        }
    }
}
