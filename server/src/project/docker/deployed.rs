use crate::project::ProjectFile;
use crate::project::paths::file_name;

/// Images of others that run beside a service.
const OF_OTHERS: &[&str] = &[
    "alertmanager",
    "busybox",
    "caddy",
    "clickhouse-server",
    "consul",
    "elasticsearch",
    "etcd",
    "grafana",
    "haproxy",
    "jaeger",
    "kafka",
    "keycloak",
    "loki",
    "mariadb",
    "memcached",
    "minio",
    "mongo",
    "mysql",
    "nats",
    "nginx",
    "opensearch",
    "opentelemetry-collector",
    "postgis",
    "postgres",
    "postgresql",
    "prometheus",
    "rabbitmq",
    "redis",
    "traefik",
    "valkey",
    "vault",
    "zookeeper",
];

/// Whether what a manifest of Kubernetes, a chart or the like asks for may concern an image of the
/// project: not when all images that it names are well-known ones of others.
pub fn may_deploy_ours(file: &ProjectFile) -> bool {
    let values = file.lines().filter_map(|line| {
        let entry = line.trim().trim_start_matches("- ");
        Some(entry.strip_prefix("image:")?.trim().trim_matches(['"', '\'']))
    });
    let mut images = values.filter(|image| !image.is_empty()).peekable();
    images.peek().is_none() || images.any(|image| !OF_OTHERS.contains(&image_name(image)))
}

/// Whether a manifest of Kubernetes, a chart or the like runs an image of the project as another
/// user than root.
pub fn runs_as_other(file: &ProjectFile) -> bool {
    let says = |line: &str| {
        line.contains("runAsNonRoot: true")
            || line.split_once("runAsUser:").is_some_and(|(_, user)| {
                let user = user.trim().trim_end_matches(['}', ' ']);
                !user.is_empty() && user != "0"
            })
    };
    file.lines().any(says) && may_deploy_ours(file)
}

/// The name of an image without its registry, tag and digest.
pub fn image_name(image: &str) -> &str {
    let name = image.split('@').next().unwrap_or(image);
    let last = file_name(name);
    last.split(':').next().unwrap_or(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::FileKind;

    #[test]
    fn a_comment_runs_nothing_as_another_user() {
        for (text, expected) in [
            ("securityContext:\n  runAsNonRoot: true # always\n", true),
            ("securityContext: { runAsUser: 1000 }\n", true),
            ("# runAsUser: 1000\nx: {} # runAsNonRoot: true\n", false),
            ("runAsUser: 0\n", false),
            ("image: postgres:17\nrunAsUser: 70\n", false),
        ] {
            let file = ProjectFile::new("a.yaml", FileKind::Yaml, text.into());
            assert_eq!(runs_as_other(&file), expected, "{text}");
        }
    }

    #[test]
    fn a_manifest_of_others_alone_says_nothing_about_our_image() {
        for (text, ours) in [
            ("image: postgres:17\nlivenessProbe:\n", false),
            ("- image: \"docker.io/library/redis@sha256:0\"\n", false),
            ("image: postgres\n---\nimage: ghcr.io/acme/api:1\n", true),
            ("image: {{ .Values.image }}\n", true),
            ("image:\n  repository: acme/api\n", true),
            ("livenessProbe:\n", true),
        ] {
            let file = ProjectFile::new("a.yaml", FileKind::Yaml, text.into());
            assert_eq!(may_deploy_ours(&file), ours, "{text}");
        }
    }
}
