//! Container image of a server without a health check.
//!
//! Without a health check a container counts as healthy as long as its process runs. A process that
//! hangs keeps receiving traffic, and services that depend on it start before it is ready.
//!
//! ```project,bad
//! //- Dockerfile
//! FROM debian:bookworm-slim
//! COPY server /usr/local/bin/
//! EXPOSE 8080
//! CMD ["server"]
//! ```
//!
//! Add a health check to the image:
//!
//! ```project
//! //- Dockerfile
//! FROM debian:bookworm-slim
//! COPY server /usr/local/bin/
//! EXPOSE 8080
//! HEALTHCHECK --interval=30s --timeout=3s CMD ["server", "health"]
//! CMD ["server"]
//! ```
//!
//! or to its deployment: the `healthcheck` of its service in a compose file, and the probes of a
//! Kubernetes manifest, a chart or the settings of a platform, count as well. Images without
//! `EXPOSE`, such as those of command-line tools, are not reported.

use super::AREA;
use crate::analysis::{Opportunity, ProjectContext, Report, Rule, Severity};
use crate::project::FileKind;
use crate::project::docker::dockerfile::Action;
use crate::project::docker::{Shipped, may_deploy_ours};

pub static RULE: Rule = Rule {
    id: "missing-container-health",
    opportunity: Opportunity::Services,
    effort: 30,
    severity: Severity::Low,
    seeds: &["D.docker", "E.19"],
    source: include_str!("missing_container_health.rs"),
    project: Some(check),
    ..Rule::project(AREA)
};

/// Keys of health checks in deployments other than compose files.
const PROBES: &[&str] = &[
    "livenessprobe", "readinessprobe", "startupprobe", "healthcheck", "health_check",
    "http_checks", "tcp_checks",
];

fn check(cx: &mut ProjectContext<'_>) {
    let others = [FileKind::Yaml, FileKind::Toml, FileKind::Json];
    let mut others = others.into_iter().flat_map(|kind| cx.files(kind));
    let is_probed = others.any(|file| {
        let probes = |line: &str| {
            let line = line.to_ascii_lowercase();
            PROBES.iter().any(|probe| line.contains(probe))
        };
        file.lines().any(probes) && may_deploy_ours(file)
    });
    if is_probed {
        return;
    }
    for file in cx.files(FileKind::Dockerfile) {
        let Some(dockerfile) = file.dockerfile() else { continue };
        let Some(shipped) = Shipped::of(cx, file, dockerfile) else { continue };
        let has_check =
            shipped.instructions.iter().any(|it| matches!(it.action, Action::Healthcheck(_)));
        let services = Shipped::services(cx, file);
        if has_check || services.iter().any(|it| it.get("healthcheck").is_some()) {
            continue;
        }
        let exposed = shipped.instructions.iter().rev().find_map(|it| match &it.action {
            Action::Expose(_) => Some(it.range),
            _ => None,
        });
        let Some(range) = exposed else { continue };
        let message = "no health check: no `HEALTHCHECK`, no liveness or readiness probe";
        cx.report(&file.path, Report::new(range, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn a_server_without_a_check_is_reported() {
        check(
            &RULE,
            r#"//- Dockerfile
FROM alpine
EXPOSE 80 443
#~ missing-container-health: no health check: no `HEALTHCHECK`, no liveness or readiness probe
CMD x
"#,
        );
        check(
            &RULE,
            r#"//- Dockerfile
FROM alpine AS base
EXPOSE 80
#~ missing-container-health
FROM base
ENTRYPOINT ["x"]
"#,
        );
        // The health check of another service is not that of this one.
        check(
            &RULE,
            r#"//- compose.yml
services:
  app:
    build: .
  db:
    image: postgres
    healthcheck:
      test: pg_isready
//- Dockerfile
FROM alpine
EXPOSE 80
#~ missing-container-health
CMD x
"#,
        );
    }

    #[test]
    fn the_probe_of_a_database_is_not_that_of_the_server() {
        check(
            &RULE,
            r#"//- k8s/db.yaml
image: postgres:17
livenessProbe: {}
//- Dockerfile
FROM alpine
EXPOSE 80
#~ missing-container-health
CMD x
"#,
        );
    }

    #[test]
    fn checks_of_the_image_or_of_its_deployment_count() {
        let server = r#"//- Dockerfile
FROM alpine
EXPOSE 80
CMD x
"#;
        silent(
            &RULE,
            r#"//- Dockerfile
FROM alpine
EXPOSE 80
HEALTHCHECK CMD curl x
CMD x
"#,
        );
        silent(
            &RULE,
            r#"//- Dockerfile
FROM alpine
EXPOSE 80
HEALTHCHECK NONE
CMD x
"#,
        );
        for other in [
            r#"//- docker/compose.yml
services:
  app:
    build:
      context: ..
    healthcheck:
      test: x
"#,
            r#"//- chart/templates/a.yaml
{{ if x }}
  livenessProbe:
    httpGet: {}
"#,
            r#"//- fly.toml
[[services.http_checks]]
path = "/"
"#,
        ] {
            silent(&RULE, &format!("{server}{other}"));
        }
    }

    #[test]
    fn images_that_serve_nothing_are_left_alone() {
        silent(
            &RULE,
            r#"//- Dockerfile
FROM alpine
ENTRYPOINT ["tool"]
"#,
        );
        silent(
            &RULE,
            r#"//- Dockerfile
FROM alpine
EXPOSE 80
RUN make
"#,
        );
        silent(
            &RULE,
            r#"//- tests/Dockerfile
FROM alpine
EXPOSE 80
CMD x
"#,
        );
    }
}
