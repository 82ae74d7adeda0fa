//! Service that exports metrics but has no alerting rule.
//!
//! Metrics without alerts only explain an outage afterwards; an alert reports it when it happens.
//! Rules in the repository are changed together with the metrics that they use.
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "api"
//!
//! [dependencies]
//! axum = "0.8"
//! metrics-exporter-prometheus = "0.17"
//! //- src/main.rs
//! fn main() {}
//! ```
//!
//! Add alerting rules, such as those of Prometheus, Grafana or Datadog:
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "api"
//!
//! [dependencies]
//! axum = "0.8"
//! metrics-exporter-prometheus = "0.17"
//! //- src/main.rs
//! fn main() {}
//! //- monitoring/rules.yml
//! groups:
//!   - name: api
//!     rules:
//!       - alert: InstanceDown
//!         expr: up == 0
//!         for: 5m
//! ```

use super::AREA;
use std::sync::LazyLock;

use regex::Regex;

use crate::analysis::{Fix, Opportunity, ProjectContext, Report, Rule, Severity};
use crate::project::service::servers;
use crate::project::{FileKind, Project};
use crate::text::FileRange;

pub static RULE: Rule = Rule {
    id: "missing-alerts",
    opportunity: Opportunity::Services,
    effort: 240,
    severity: Severity::Low,
    seeds: &["E.15", "C.phase6"],
    source: include_str!("missing_alerts.rs"),
    project: Some(check),
    ..Rule::project(AREA)
};

/// Packages that export metrics, by their names in manifests.
const EXPORTERS: &[&str] = &[
    "prometheus",
    "prometheus-client",
    "metrics-exporter-prometheus",
    "opentelemetry-prometheus",
    "axum-prometheus",
    "actix-web-prom",
    "actix-web-prometheus",
    "rocket_prometheus",
    "prom-client",
];

/// A rule of Prometheus, in YAML or JSON; of Grafana; a monitor of Datadog.
static ALERT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?m)^\s*(?:-\s+)?["']?alert["']?\s*:\s*\S|^\s*(?:-\s+)?["']?(?:alertRules|alerting_rules|contactPoints|contact_points)["']?\s*:|"(?:metric|query|service) (?:check|alert)"|kind:\s*(?:PrometheusRule|VMRule)\b"#,
    )
    .ok()
});

const RULES_PATH: &str = "monitoring/alerts.yml";

const RULES_TEXT: &str = "\
# Loaded by Prometheus through `rule_files`. Add rules for what users notice: errors and latency.
groups:
  - name: availability
    rules:
      - alert: InstanceDown
        expr: up == 0
        for: 5m
        labels:
          severity: critical
        annotations:
          summary: '{{ $labels.instance }} has not answered for five minutes'
      - alert: InstanceRestarts
        expr: changes(process_start_time_seconds[30m]) > 3
        labels:
          severity: warning
        annotations:
          summary: '{{ $labels.instance }} started more than three times in half an hour'
";

fn check(cx: &mut ProjectContext<'_>) {
    if cx.is_published_package() {
        return;
    }
    let Some((path, range, name)) = exporter(cx) else { return };
    let is_named = |path: &String| {
        let lower = path.to_ascii_lowercase();
        ["alert", "monitors", "prometheusrule"].iter().any(|it| lower.contains(it))
            && [".yml", ".yaml", ".json", ".tf", ".rules", ".jsonnet", ".libsonnet", ".tpl"]
                .iter()
                .any(|it| lower.ends_with(it))
    };
    let has_rule = |kind: FileKind| {
        let alert = ALERT.as_ref();
        cx.files(kind).any(|file| alert.is_none_or(|it| it.is_match(&file.text)))
    };
    if cx.listing().iter().any(is_named) || has_rule(FileKind::Yaml) || has_rule(FileKind::Json) {
        return;
    }
    let Some((anchor, at)) = cx.anchor() else { return };
    let message = format!("`{name}` exports metrics, but there is no alerting rule");
    let report = Report::new(at, message).related_in(&path, range, "metrics are exported here");
    cx.report(&anchor.path, report.project_fix(create));
}

/// The dependency of a server of the project that exports metrics.
fn exporter(cx: &ProjectContext<'_>) -> Option<(String, FileRange, String)> {
    let manifests: Vec<String> = servers(cx).map(|package| package.manifest()).collect();
    let manifests = manifests.iter().filter_map(|path| cx.file(path));
    let packages =
        cx.files(FileKind::PackageJson).filter(|_| cx.files(FileKind::Dockerfile).next().is_some());
    manifests.chain(packages).find_map(|file| {
        let dependencies = file.root()?.get("dependencies")?.entries();
        let entry = dependencies.iter().find(|it| EXPORTERS.contains(&it.key.as_str()))?;
        Some((file.path.clone(), entry.key_range, entry.key.clone()))
    })
}

fn create(project: &Project) -> Vec<Fix> {
    if project.exists(RULES_PATH) {
        return Vec::new();
    }
    vec![Fix::create(RULES_PATH, RULES_TEXT)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, fixed, silent};

    const SERVER: &str = r#"//- Cargo.toml
[package]
name = "api"
[dependencies]
axum = "0.8"
prometheus = { version = "0.14" }
//- src/main.rs
fn main() {}
"#;

    #[test]
    fn metrics_without_alerts_are_reported_at_the_root() {
        check(
            &RULE,
            &SERVER.replace(
                "[package]\n",
                r#"[package]
#~ missing-alerts: `prometheus` exports metrics, but there is no alerting rule
"#,
            ),
        );
        check(
            &RULE,
            r#"
//- Cargo.toml
[workspace]
#~ missing-alerts
members = ["api"]
//- api/Cargo.toml
[package]
name = "api"
[dependencies]
actix-web = "4"
actix-web-prom = "0.9"
//- api/src/bin/api.rs
fn main() {}
"#,
        );
        check(
            &RULE,
            r#"
//- package.json
{ "name": "api", "dependencies": { "prom-client": "15" } }
//~ missing-alerts
//- Dockerfile
FROM node:22
"#,
        );
    }

    #[test]
    fn rules_of_any_system_count() {
        for (path, text) in [
            (
                "ops/rules.yml",
                r#"groups:
- name: a
  rules:
  - alert: Down
    expr: up == 0
"#,
            ),
            (
                "chart/templates/rule.yaml",
                r#"{{- if .Values.x }}
kind: PrometheusRule
{{ end }}
"#,
            ),
            (
                "grafana/dash.json",
                r#"{ "panels": [{
 "alert": { "name": "a" } }] }
"#,
            ),
            ("datadog/cpu.json", "{ \"type\": \"metric alert\" }\n"),
            ("terraform/alerts.tf", "\n"),
        ] {
            silent(
                &RULE,
                &format!(
                    r#"{SERVER}//- {path}
{text}"#
                ),
            );
        }
    }

    #[test]
    fn libraries_and_services_without_metrics_are_left_alone() {
        silent(&RULE, &SERVER.replace("src/main.rs", "src/lib.rs"));
        silent(&RULE, &SERVER.replace("prometheus", "tower"));
        silent(&RULE, &SERVER.replace("axum", "clap"));
        silent(
            &RULE,
            &format!(
                r#"{SERVER}//- Cargo.toml.orig
[package]
"#
            ),
        );
    }

    #[test]
    fn the_fix_writes_rules() {
        let files = fixed(&RULE, SERVER);
        assert!(files["monitoring/alerts.yml"].contains("alert: InstanceDown"));
    }
}
