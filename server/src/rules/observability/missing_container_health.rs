//! A server's image that nobody can ask whether it works.
//!
//! Without a check a container counts as healthy for as long as its process lives: one that hangs
//! keeps its traffic, and what waits for it starts too early.
//!
//! ```project,bad
//! //- Dockerfile
//! FROM debian:bookworm-slim
//! COPY server /usr/local/bin/
//! EXPOSE 8080
//! CMD ["server"]
//! ```
//!
//! Say how to ask in the image:
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
//! or where it is deployed: a `healthcheck` of its service in a compose file, and probes in a
//! Kubernetes manifest, a chart or the settings of a platform, count as well. Images of
//! command-line tools need none.

use super::AREA;
use crate::analysis::{ProjectContext, Report, Rule, Severity};
use crate::project::Kind;
use crate::project::docker::dockerfile::Action;
use crate::project::docker::{Shipped, may_deploy_ours};

pub static RULE: Rule = Rule {
    id: "missing-container-health",
    severity: Severity::Low,
    source: include_str!("missing_container_health.rs"),
    project: Some(review),
    ..Rule::project(AREA)
};

/// How deployments other than compose files name their checks.
const PROBES: &[&str] = &[
    "livenessprobe", "readinessprobe", "startupprobe", "healthcheck", "health_check",
    "http_checks", "tcp_checks",
];

fn review(cx: &mut ProjectContext<'_>) {
    let others = [Kind::Yaml, Kind::Toml, Kind::Json];
    let mut others = others.into_iter().flat_map(|kind| cx.files(kind));
    let is_probed = others.any(|file| {
        let text = file.text.to_ascii_lowercase();
        PROBES.iter().any(|probe| text.contains(probe)) && may_deploy_ours(file)
    });
    if is_probed {
        return;
    }
    for file in cx.files(Kind::Dockerfile) {
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
        let message = "nothing says how to tell that this server works: no `HEALTHCHECK`, no probe";
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
            "//- Dockerfile\nFROM alpine\nEXPOSE 80 443\n#~ missing-container-health: nothing says how to tell that this server works: no `HEALTHCHECK`, no probe\nCMD x\n",
        );
        check(
            &RULE,
            "//- Dockerfile\nFROM alpine AS base\nEXPOSE 80\n#~ missing-container-health\nFROM base\nENTRYPOINT [\"x\"]\n",
        );
        // Another service's check says nothing about this one.
        check(
            &RULE,
            "//- compose.yml\nservices:\n  app:\n    build: .\n  db:\n    image: postgres\n    healthcheck:\n      test: pg_isready\n//- Dockerfile\nFROM alpine\nEXPOSE 80\n#~ missing-container-health\nCMD x\n",
        );
    }

    #[test]
    fn the_probe_of_a_database_says_nothing_about_the_server() {
        check(
            &RULE,
            "//- k8s/db.yaml\nimage: postgres:17\nlivenessProbe: {}\n//- Dockerfile\nFROM alpine\nEXPOSE 80\n#~ missing-container-health\nCMD x\n",
        );
    }

    #[test]
    fn checks_of_the_image_or_of_its_deployment_count() {
        let server = "//- Dockerfile\nFROM alpine\nEXPOSE 80\nCMD x\n";
        silent(&RULE, "//- Dockerfile\nFROM alpine\nEXPOSE 80\nHEALTHCHECK CMD curl x\nCMD x\n");
        silent(&RULE, "//- Dockerfile\nFROM alpine\nEXPOSE 80\nHEALTHCHECK NONE\nCMD x\n");
        for other in [
            "//- docker/compose.yml\nservices:\n  app:\n    build:\n      context: ..\n    healthcheck:\n      test: x\n",
            "//- chart/templates/a.yaml\n{{ if x }}\n  livenessProbe:\n    httpGet: {}\n",
            "//- fly.toml\n[[services.http_checks]]\npath = \"/\"\n",
        ] {
            silent(&RULE, &format!("{server}{other}"));
        }
    }

    #[test]
    fn images_that_serve_nothing_are_left_alone() {
        silent(&RULE, "//- Dockerfile\nFROM alpine\nENTRYPOINT [\"tool\"]\n");
        silent(&RULE, "//- Dockerfile\nFROM alpine\nEXPOSE 80\nRUN make\n");
        silent(&RULE, "//- tests/Dockerfile\nFROM alpine\nEXPOSE 80\nCMD x\n");
    }
}
