use crate::config;
use crate::project::paths::{file_name, folder_of};

/// What a file of the project is for, told by its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// Rust source.
    Rust,
    /// `Cargo.toml`.
    Manifest,
    /// `Cargo.lock`.
    Lockfile,
    /// `deny.toml` of cargo-deny.
    DenyConfig,
    /// `package.json`.
    PackageJson,
    /// A Dockerfile or Containerfile.
    Dockerfile,
    /// `.dockerignore`, also one that belongs to a single Dockerfile.
    DockerIgnore,
    /// A compose file.
    Compose,
    /// What a continuous integration service runs; see [`CiService`](super::CiService).
    Ci,
    /// `.gitignore`.
    GitIgnore,
    /// `.env` and its variants, examples among them.
    Env,
    /// `wrangler.toml` and `wrangler.json` of Cloudflare Workers.
    Wrangler,
    /// SQL: migrations, schemas, queries.
    Sql,
    /// `CODEOWNERS`.
    CodeOwners,
    /// `readiness.toml` of the root.
    Settings,
    /// Markdown.
    Markdown,
    /// A shell script, `Makefile`, `justfile`, systemd unit or the like.
    Script,
    /// A key or certificate as text.
    Pem,
    /// Source in another language than Rust.
    OtherLanguage,
    /// Any other TOML.
    Toml,
    /// Any other YAML.
    Yaml,
    /// Any other JSON.
    Json,
}

/// How the text of a file is written, for those that are trees of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// TOML 1.
    Toml,
    /// YAML 1.2.
    Yaml,
    /// JSON, comments and trailing commas allowed.
    Json,
    /// `NAME=value`, a line each.
    Env,
}

/// Sources whose environment variables and SQL are looked for.
const OTHER_LANGUAGES: &[&str] = &[
    "c", "cc", "cjs", "cpp", "cs", "cts", "dart", "ex", "exs", "go", "h", "hpp", "java", "js",
    "jsx", "kt", "mjs", "mts", "php", "py", "rb", "scala", "svelte", "swift", "ts", "tsx", "vue",
    "zig",
];

/// Lock files of other package managers: large, and nobody edits them.
const GENERATED: &[&str] = &[
    "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "composer.lock", "flake.lock",
    "tsconfig.json",
];

/// Files of these are made into what their names say, and are not that yet.
const TEMPLATES: &[&str] =
    &["erb", "hbs", "in", "j2", "jinja", "jinja2", "liquid", "mustache", "template", "tmpl", "tpl"];

impl FileKind {
    /// The kind of a file by its path relative to the root; nothing when no rule reads its text.
    pub fn of(path: &str) -> Option<Self> {
        let name = file_name(path);
        let lower = name.to_ascii_lowercase();
        let extension = lower.rsplit_once('.').map_or("", |(_, extension)| extension);
        // The template of an `.env` is an example of one.
        let is_template = TEMPLATES.contains(&extension) && !lower.starts_with(".env");
        if is_template || GENERATED.contains(&lower.as_str()) {
            return None;
        }
        Some(match lower.as_str() {
            _ if super::ci::CiService::of(path).is_some() => Self::Ci,
            _ if path == config::FILE_NAME => Self::Settings,
            _ if name == "Cargo.toml" => Self::Manifest,
            _ if name == "Cargo.lock" => Self::Lockfile,
            "deny.toml" | ".deny.toml" => Self::DenyConfig,
            "package.json" => Self::PackageJson,
            ".dockerignore" => Self::DockerIgnore,
            _ if extension == "dockerignore" => Self::DockerIgnore,
            _ if is_dockerfile(name) => Self::Dockerfile,
            _ if matches!(extension, "yml" | "yaml")
                && (lower.starts_with("docker-compose") || lower.starts_with("compose.")) =>
            {
                Self::Compose
            }
            ".gitignore" => Self::GitIgnore,
            "codeowners" => Self::CodeOwners,
            "wrangler.toml" | "wrangler.json" | "wrangler.jsonc" => Self::Wrangler,
            "makefile" | "gnumakefile" | "justfile" | ".justfile" | "procfile" => Self::Script,
            _ if lower == ".env" || lower.starts_with(".env.") || extension == "env" => Self::Env,
            _ => match extension {
                "rs" => Self::Rust,
                "sql" => Self::Sql,
                "md" | "markdown" => Self::Markdown,
                "sh" | "bash" | "zsh" | "fish" | "ps1" | "mk" | "service" | "nix" | "tf" => {
                    Self::Script
                }
                "pem" | "key" => Self::Pem,
                "toml" => Self::Toml,
                "yml" | "yaml" => Self::Yaml,
                "json" | "jsonc" => Self::Json,
                _ if OTHER_LANGUAGES.contains(&extension) => Self::OtherLanguage,
                "" if is_script_folder(path) || may_be_program(name) => Self::Script,
                _ => return None,
            },
        })
    }

    /// Whether the whole text is kept: of the others only what they refer to is.
    pub fn is_document(self) -> bool {
        !matches!(self, Self::Rust | Self::OtherLanguage)
    }
}

/// Whether a file is a Dockerfile by its name: `Dockerfile`, `Dockerfile.release`,
/// `api.Dockerfile`. `Dockerfile.md` is a text about one, `dockerfile.rs` a source.
fn is_dockerfile(name: &str) -> bool {
    /// What texts about Dockerfiles and pictures of them are, and copies that nothing builds.
    const OTHERS: &[&str] = &[
        "adoc", "bak", "csv", "diff", "gif", "gz", "html", "ico", "jpeg", "jpg", "json", "jsonc",
        "lock", "markdown", "md", "orig", "patch", "pdf", "png", "rej", "rst", "sha256", "sig",
        "svg", "swp", "tar", "toml", "txt", "webp", "yaml", "yml", "zip",
    ];
    let is_keyword = |part: &str| {
        part.eq_ignore_ascii_case("dockerfile") || part.eq_ignore_ascii_case("containerfile")
    };
    let first = name.split('.').next().unwrap_or(name);
    let (_, extension) = name.rsplit_once('.').unwrap_or(("", ""));
    let lower = extension.to_ascii_lowercase();
    // A variant of an image may be called after a language.
    let is_source = first.starts_with(|it: char| it.is_ascii_lowercase())
        && (matches!(lower.as_str(), "rs" | "lua" | "vim" | "sh" | "el")
            || OTHER_LANGUAGES.contains(&lower.as_str()));
    is_keyword(extension)
        || is_keyword(first) && !is_source && lower != "readme" && !OTHERS.contains(&lower.as_str())
}

/// Whether a file without an extension may be a script by its name: one word in lower case, which
/// names of texts, of hashes and of most other data are not.
fn may_be_program(name: &str) -> bool {
    name.len() <= 32 && name.bytes().all(|it| matches!(it, b'a'..=b'z' | b'-' | b'_'))
}

/// Whether files without an extension in the folder of `path` are scripts.
fn is_script_folder(path: &str) -> bool {
    let folder = folder_of(path);
    let name = file_name(folder);
    matches!(name, "ci" | ".ci" | "scripts" | "script" | "tools" | "hack" | "dev")
}

impl Format {
    /// The format of a file of `kind`; nothing when it is no tree of values.
    pub fn of(path: &str, kind: FileKind) -> Option<Self> {
        let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
        match kind {
            FileKind::Env => Some(Self::Env),
            FileKind::Lockfile => Some(Self::Toml),
            _ => match extension {
                "toml" => Some(Self::Toml),
                "yml" | "yaml" => Some(Self::Yaml),
                "json" | "jsonc" => Some(Self::Json),
                _ => None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_names() {
        for (path, kind) in [
            ("src/main.rs", Some(FileKind::Rust)),
            ("a/Cargo.toml", Some(FileKind::Manifest)),
            ("docker/Dockerfile.release", Some(FileKind::Dockerfile)),
            ("docker/api.Dockerfile", Some(FileKind::Dockerfile)),
            ("Dockerfile.dockerignore", Some(FileKind::DockerIgnore)),
            ("docker-compose.prod.yml", Some(FileKind::Compose)),
            ("compose.yaml", Some(FileKind::Compose)),
            (".github/workflows/ci.yml", Some(FileKind::Ci)),
            (".github/dependabot.yml", Some(FileKind::Yaml)),
            (".env.example", Some(FileKind::Env)),
            (".env.template", Some(FileKind::Env)),
            ("deploy/prod.env", Some(FileKind::Env)),
            (".github/CODEOWNERS", Some(FileKind::CodeOwners)),
            ("readiness.toml", Some(FileKind::Settings)),
            ("package-lock.json", None),
            ("ci/test-complete", Some(FileKind::Script)),
            ("src/ci/LICENSE.txt", None),
            ("deploy/server.service", Some(FileKind::Script)),
            ("certs/server.key", Some(FileKind::Pem)),
            ("web/src/app.tsx", Some(FileKind::OtherLanguage)),
            ("docker/Dockerfile.j2", None),
            ("Dockerfile.README.md", Some(FileKind::Markdown)),
            ("docker/Dockerfile.txt", None),
            ("assets/dockerfile.svg", None),
            ("src/dockerfile.rs", Some(FileKind::Rust)),
            ("Dockerfile.rs", Some(FileKind::Dockerfile)),
            ("Dockerfile.alpine-3.20", Some(FileKind::Dockerfile)),
            ("Containerfile.dev", Some(FileKind::Dockerfile)),
            ("share/entry_script", Some(FileKind::Script)),
            ("LICENSE", None),
            ("corpus/0a1b2c", None),
            ("logo.png", None),
        ] {
            assert_eq!(FileKind::of(path), kind, "{path}");
        }
    }
}
