//! Where environment variables are given values, and where they are read.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use aho_corasick::{AhoCorasick, Match, MatchKind};
use rustc_hash::FxHashSet;

use super::TrackedProject;
use crate::project::docker::dockerfile::{Action, Dockerfile, Stage};
use crate::project::values::{Entry, Node};
use crate::project::{Kind, ProjectFile, ReferenceKind};
use crate::text::{FileRange, TextSize};

/// A variable that a file gives a value.
pub struct Setting<'a> {
    pub file: &'a Arc<ProjectFile>,
    pub name: String,
    /// Of the name.
    pub range: FileRange,
    /// Of the value.
    pub value_range: FileRange,
    /// What to take out so that the variable is not set any more; nothing where that would leave
    /// a file that does not parse.
    pub removal: Option<FileRange>,
}

/// What is set for the programs of the project: by images that are built here, by services of
/// compose files that are built here, by Workers, and by `.env` files.
pub fn settings<'a>(cx: &TrackedProject<'a>) -> Vec<Setting<'a>> {
    let mut settings = Vec::new();
    for file in cx.files(Kind::Dockerfile) {
        if let Some(dockerfile) = file.dockerfile() {
            of_dockerfile(file, dockerfile, &mut settings);
        }
    }
    for file in cx.files(Kind::Compose) {
        let services = file.root().and_then(|it| it.get("services"));
        for service in services.into_iter().flat_map(Node::entries) {
            if service.value.get("build").is_some()
                && let Some(environment) = service.value.get("environment")
            {
                of_environment(file, environment, &mut settings);
            }
        }
    }
    for file in cx.files(Kind::Wrangler) {
        let Some(root) = file.root() else { continue };
        let environments = root.get("env").into_iter().flat_map(Node::entries);
        let tables = std::iter::once(root).chain(environments.map(|it| &it.value));
        for vars in tables.filter_map(|it| it.get("vars")) {
            settings.extend(vars.entries().iter().filter_map(|it| of_entry(file, it)));
        }
    }
    for file in cx.files(Kind::Env) {
        let entries = file.root().into_iter().flat_map(Node::entries);
        settings.extend(entries.filter_map(|it| of_entry(file, it)));
    }
    settings
}

/// What the shipped image sets, in its last stage and those that stage is built on.
fn of_dockerfile<'a>(
    file: &'a Arc<ProjectFile>,
    dockerfile: &'a Dockerfile,
    settings: &mut Vec<Setting<'a>>,
) {
    let Some(last) = dockerfile.last_stage() else { return };
    let mut shipped = vec![last];
    let mut base = last;
    while let Some(below) = named(dockerfile, base)
        && !shipped.contains(&below)
    {
        shipped.push(below);
        base = below;
    }
    if !is_plain_image(dockerfile.image(base).as_deref().unwrap_or(&base.image.text)) {
        return;
    }
    for instruction in shipped.iter().flat_map(|it| &it.instructions) {
        let Action::Env(pairs) = &instruction.action else { continue };
        for (at, (name, value)) in pairs.iter().enumerate() {
            let next = pairs.get(at + 1).map(|(name, _)| name.range.start());
            let before = at.checked_sub(1).and_then(|it| pairs.get(it));
            let removal = match (next, before) {
                (Some(next), _) => Some(FileRange::new(name.range.start(), next)),
                (None, Some((_, before))) => {
                    Some(FileRange::new(before.range.end(), value.range.end()))
                }
                (None, None) => whole_lines(&file.text, instruction.range),
            };
            settings.push(Setting {
                file,
                name: name.text.clone(),
                range: name.range,
                value_range: value.range,
                removal,
            });
        }
    }
}

/// The earlier stage that a stage is built on.
fn named<'d>(dockerfile: &'d Dockerfile, stage: &Stage) -> Option<&'d Stage> {
    dockerfile.stage(&stage.image.text).filter(|below| below.from.start() < stage.from.start())
}

/// Whether an image is an operating system or a runtime, whose programs read no variables of the
/// kind that applications do.
fn is_plain_image(image: &str) -> bool {
    const PLAIN: &[&str] = &[
        "alpine", "debian", "ubuntu", "scratch", "busybox", "fedora", "rockylinux", "almalinux",
        "archlinux", "amazonlinux", "rust", "node", "bun", "deno", "python", "golang", "ruby",
        "php", "openjdk", "eclipse-temurin", "dotnet", "aspnet", "elixir", "cc", "static", "base",
        "cc-debian12", "static-debian12", "base-debian12", "cc-debian11", "static-debian11",
        "base-debian11", "nodejs", "wolfi-base", "glibc-dynamic", "ubi", "ubi-minimal", "ubi9",
        "ubi8", "cargo-chef", "uv", "runtime", "sdk", "debian-slim", "buildpack-deps",
        "alpine-glibc",
    ];
    let name = image.split(['@']).next().unwrap_or(image);
    let last = name.rsplit('/').next().unwrap_or(name);
    let last = last.split(':').next().unwrap_or(last);
    PLAIN.contains(&last)
}

/// `environment` of a compose service: a map, or a list of `NAME=value`.
fn of_environment<'a>(
    file: &'a Arc<ProjectFile>,
    environment: &'a Node,
    settings: &mut Vec<Setting<'a>>,
) {
    settings.extend(environment.entries().iter().filter_map(|it| of_entry(file, it)));
    for item in environment.items() {
        let Some(text) = item.as_str() else { continue };
        let name = text.split_once('=').map_or(text, |(name, _)| name);
        let Some(at) = file.slice(item.range).find(name) else { continue };
        let start = item.range.start() + TextSize::new(at as u32);
        let range = FileRange::at(start, TextSize::of(name));
        settings.push(Setting {
            file,
            name: name.trim().to_string(),
            range,
            value_range: FileRange::new(range.end(), item.range.end().max(range.end())),
            removal: whole_lines(&file.text, item.range),
        });
    }
}

fn of_entry<'a>(file: &'a Arc<ProjectFile>, entry: &'a Entry) -> Option<Setting<'a>> {
    // YAML's way of taking in the entries of another map.
    if entry.key == "<<" {
        return None;
    }
    // In JSON a comma would be left, or be missing.
    let is_json = file.path.ends_with(".json") || file.path.ends_with(".jsonc");
    let whole = FileRange::new(entry.key_range.start(), entry.value.range.end());
    let is_scalar = entry.value.entries().is_empty() && entry.value.items().is_empty();
    is_scalar.then(|| Setting {
        file,
        name: entry.key.clone(),
        range: entry.key_range,
        value_range: entry.value.range,
        removal: if is_json { None } else { whole_lines(&file.text, whole) },
    })
}

/// The lines of a range, with the last line break; nothing when something else stands on them.
pub fn whole_lines(text: &str, range: FileRange) -> Option<FileRange> {
    let before = text.get(..range.start().into())?;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let lead = text.get(start..range.start().into())?.trim();
    if !matches!(lead, "" | "-" | "export") {
        return None;
    }
    let rest = text.get(range.end().into()..)?;
    let end = rest.find('\n').map_or(rest.len(), |at| at + 1);
    let trail = rest.get(..end)?.trim();
    if !trail.is_empty() && !trail.starts_with('#') {
        return None;
    }
    let end = usize::from(range.end()) + end;
    Some(FileRange::new((start as u32).into(), (end as u32).into()))
}

/// What is known to read variables.
pub struct Readers {
    names: HashSet<String>,
    prefixes: Vec<String>,
}

impl Readers {
    /// Who reads one of `wanted`: the sources, and the files that hand variables on.
    pub fn of(cx: &TrackedProject<'_>, wanted: &FxHashSet<&str>) -> Self {
        let mut readers = Self { names: HashSet::new(), prefixes: Vec::new() };
        for (_, reference) in cx.references() {
            let ReferenceKind::Env { name, prefix, .. } = &reference.kind else { continue };
            if *prefix && !reference.in_test {
                readers.prefixes.push(name.clone());
            } else if wanted.contains(name.as_str()) {
                readers.names.insert(name.clone());
            }
        }
        let Some(search) = Search::of(wanted) else {
            // None of them is called unread.
            readers.names.extend(wanted.iter().map(|name| name.to_string()));
            return readers;
        };
        let mut read = |text: &str, how: Words| {
            readers.names.extend(search.find(text, how).map(str::to_string));
        };
        for file in cx.files(Kind::Dockerfile) {
            read(&file.text, Words::References);
            let stages = file.dockerfile().into_iter().flat_map(|it| &it.stages);
            for instruction in stages.flat_map(|it| &it.instructions) {
                match &instruction.action {
                    Action::Run { script, .. } => read(&script.text, Words::All),
                    Action::Start { command, .. } | Action::Healthcheck(Some(command)) => {
                        read(&command.text, Words::All);
                    }
                    _ => {}
                }
            }
        }
        for kind in [Kind::Compose, Kind::Env] {
            cx.files(kind).for_each(|file| read(&file.text, Words::References));
        }
        for kind in [Kind::Script, Kind::Ci, Kind::PackageJson, Kind::Toml, Kind::Json] {
            cx.files(kind).for_each(|file| read(&file.text, Words::All));
        }
        for file in cx.files(Kind::Yaml) {
            // Manifests of Kubernetes set variables by name.
            let is_manifest = file.text.contains("apiVersion:");
            read(&file.text, if is_manifest { Words::References } else { Words::All });
        }
        readers
    }

    /// Whether a variable is read, by its name or by what it starts with.
    pub fn read(&self, name: &str) -> bool {
        let starts = |prefix: &String| {
            name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
        };
        self.names.contains(name) || self.prefixes.iter().any(starts)
    }
}

/// Which names in a text are meant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Words {
    /// All that may be those of variables.
    All,
    /// Those behind a `$`, also in `${…}` and `$(…)`.
    References,
}

/// Looks for the names of variables in texts.
struct Search<'w> {
    names: Vec<&'w str>,
    automaton: AhoCorasick,
}

impl<'w> Search<'w> {
    /// Nothing where so many are wanted that no automaton can be built.
    fn of(wanted: &FxHashSet<&'w str>) -> Option<Self> {
        let names: Vec<&str> = wanted.iter().copied().collect();
        // Of names that begin alike the longest is the one that stands there.
        let built = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&names);
        Some(Self { names, automaton: built.ok()? })
    }

    /// Those that are whole words of a text.
    fn find(&self, text: &str, how: Words) -> impl Iterator<Item = &'w str> {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let is_meant = move |found: &Match| {
            let (before, rest) = text.as_bytes().split_at(found.start());
            let after = rest.get(found.len());
            let is_reference =
                || [&b"$"[..], b"${", b"$(", b"env:"].iter().any(|sign| before.ends_with(sign));
            !before.last().is_some_and(is_part)
                && !after.is_some_and(is_part)
                && (how == Words::All || is_reference())
        };
        let found = self.automaton.find_iter(text).filter(is_meant);
        found.filter_map(|found| self.names.get(found.pattern().as_usize()).copied())
    }
}

/// Every file that may name a variable, apart from sources.
pub const NAMING: &[Kind] = &[
    Kind::Dockerfile,
    Kind::Compose,
    Kind::Ci,
    Kind::Env,
    Kind::Wrangler,
    Kind::Markdown,
    Kind::Script,
    Kind::Toml,
    Kind::Yaml,
    Kind::Json,
    Kind::PackageJson,
    Kind::Manifest,
];

/// Which of `wanted` are named in a file that is no source: all where they are too many to look for.
pub fn named_in_files<'w>(
    cx: &TrackedProject<'_>,
    wanted: &FxHashSet<&'w str>,
) -> HashSet<&'w str> {
    let Some(search) = Search::of(wanted) else { return wanted.iter().copied().collect() };
    let files = NAMING.iter().flat_map(|kind| cx.files(*kind));
    files.flat_map(|file| search.find(&file.text, Words::All)).collect()
}

/// What the functions of the sources do that read the variable they are given.
pub fn env_readers<'a>(cx: &TrackedProject<'a>) -> HashMap<&'a str, crate::project::WhenUnset> {
    let readers = cx.references().filter_map(|(_, reference)| match &reference.kind {
        ReferenceKind::EnvReader { function, when_unset } => {
            Some((function.as_str(), *when_unset))
        },
        _ => None,
    });
    readers.collect()
}

/// Whether programs that are no part of the project read a variable, or the system sets it.
pub fn is_of_tools(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "PATH",
        "HOME",
        "USER",
        "LOGNAME",
        "SHELL",
        "LANG",
        "LANGUAGE",
        "TZ",
        "TERM",
        "PWD",
        "HOSTNAME",
        "HOST",
        "PORT",
        "EDITOR",
        "TMPDIR",
        "TEMP",
        "TMP",
        "UID",
        "GID",
        "PUID",
        "PGID",
        "UMASK",
        "CI",
        "DISPLAY",
        "DATABASE_URL",
        "NODE_ENV",
        "NO_COLOR",
        "FORCE_COLOR",
        "DEBUG",
        "CC",
        "CXX",
        "AR",
        "LD",
        "CFLAGS",
        "CXXFLAGS",
        "LDFLAGS",
        "TARGET",
        "OUT_DIR",
        "PROFILE",
        "OPT_LEVEL",
        "NUM_JOBS",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
        "ALL_PROXY",
        "BROWSER",
        "COREPACK_ENABLE_DOWNLOAD_PROMPT",
        "SOURCE_DATE_EPOCH",
        "TINI_SUBREAPER",
        "PROTOC",
        "APP_ENV",
        "RAILS_ENV",
        "RACK_ENV",
        "MIX_ENV",
        "ENV",
        "SQLX_OFFLINE",
        "WASMTIME_BACKTRACE",
        "PROMPT_COMMAND",
        "LD_LIBRARY_PATH",
        "LD_PRELOAD",
        "LIBCLANG_PATH",
        "COLUMNS",
        "LINES",
        "LIBRARY_PATH",
        "CPATH",
        "C_INCLUDE_PATH",
        "SSLKEYLOGFILE",
    ];
    const PREFIXES: &[&str] = &[
        "LC_", "XDG_", "CC_", "CXX_", "AR_", "CFLAGS_", "CMAKE_", "BINDGEN_", "RUST", "CARGO",
        "SCCACHE_", "NODE_", "NPM_", "npm_", "YARN_", "PNPM_", "BUN_", "DENO_", "NEXT_", "NUXT_",
        "VITE_", "DEBIAN_", "DEBCONF_", "PYTHON", "PIP_", "POETRY_", "UV_", "UVICORN_",
        "GUNICORN_", "VIRTUAL_", "POSTGRES_", "PG", "MYSQL_", "MARIADB_", "MONGO_", "REDIS_",
        "OTEL_", "SSL_CERT_", "OPENSSL_", "PKG_CONFIG", "AWS_", "GOOGLE_", "GCLOUD_", "AZURE_",
        "MALLOC_", "MIMALLOC_", "JEMALLOC_", "_RJEM_", "GO", "CGO_", "JAVA_", "JVM_", "JDK_",
        "ROCKET_", "COMPOSE_", "DOCKER_", "BUILDKIT_", "KUBE", "GITHUB_", "GITLAB_", "CI_",
        "SYSTEMD_", "S6_", "NVIDIA_", "CUDA_", "OMP_", "DOTNET_", "ASPNETCORE_", "SPRING_", "PHP_",
        "COMPOSER_", "BUNDLE_", "GEM_", "ERL_", "ELIXIR_", "PLAYWRIGHT_", "PUPPETEER_", "CHROME_",
        "TURBO_", "SENTRY_", "DD_", "NEW_RELIC_", "GRAFANA_", "GF_", "TRAEFIK_", "LETSENCRYPT_",
        "WATCHTOWER_", "WRANGLER_", "CLOUDFLARE_", "CF_", "RENDER_", "FLY_", "HEROKU_", "VERCEL_",
        "RAILWAY_", "QT_", "GTK_", "GST_", "HF_", "TORCH_", "TOKIO_", "APT_", "LS_", "PS1", "R_",
        "LESS", "PRISMA_", "EXPO_", "REACT_APP_", "FLASK_", "DJANGO_", "CELERY_", "MINIO_",
        "FONTCONFIG_", "NGINX_", "PROMETHEUS_", "TF_",
    ];
    NAMES.iter().any(|it| it.eq_ignore_ascii_case(name))
        || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_where_they_are_meant() {
        let wanted = ["A", "B_1", "B_12", "C", "D", "E"].into_iter().collect();
        let search = Search::of(&wanted).expect("they are few");
        let found = |text: &str, how| search.find(text, how).collect::<Vec<_>>().join(" ");
        let text = "A=${B_1} $C $(D) echo E B_12 B_123 A_B_1 éA";
        assert_eq!(found(text, Words::References), "B_1 C D");
        assert_eq!(found(text, Words::All), "A B_1 C D E B_12 A");
    }

    #[test]
    fn only_lines_of_its_own_go_with_a_setting() {
        let text = "a:\n  - X=1 # one\n  b: {c: 1, d: 2}\n";
        let of = |part: &str| {
            let at = text.find(part).expect("it is there");
            let range = FileRange::at((at as u32).into(), TextSize::of(part));
            whole_lines(text, range).map(|range| &text[range])
        };
        assert_eq!(of("X=1"), Some("  - X=1 # one\n"));
        assert_eq!(of("d: 2"), None);
    }
}
