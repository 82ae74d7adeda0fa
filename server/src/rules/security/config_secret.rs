//! A password, token or key in a configuration file of the repository, or an empty one.
//!
//! Configuration is copied to where the program runs. A token such as `devtoken` then lets in
//! everyone who has read the repository, an empty key leaves the data unencrypted, and a password
//! cannot be taken back from the history of the repository.
//!
//! ```project,bad
//! //- config/server.toml
//! listen = "0.0.0.0:7000"
//! auth_token = "devtoken"
//! ```
//!
//! ```project,bad
//! //- config/users.yml
//! users:
//!   - address: ada@example.com
//!     password: engine1843
//! ```
//!
//! Leave the value to the environment or to a store of secrets, and store hashes of passwords:
//!
//! ```project
//! //- config/server.toml
//! listen = "0.0.0.0:7000"
//! auth_token = "${AUTH_TOKEN}"
//! //- config/users.yml
//! users:
//!   - address: ada@example.com
//!     password: $argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$Zm9v
//! ```
//!
//! Looked at are TOML, YAML, JSON, `.env` and compose files, `wrangler.toml`, `ENV` of Dockerfiles,
//! and the blocks of such text in Markdown. In examples only values that would work as they are
//! count, and in files for development the severity is lower.

use super::AREA;
use std::sync::Arc;

use crate::analysis::{ProjectContext, Report, Rule, Severity};
use crate::project::config_purpose::{Purpose, purpose};
use crate::project::docker::dockerfile::Action;
use crate::project::markdown::code_blocks;
use crate::project::values::{self, Node, Value};
use crate::project::{Format, Kind, ProjectFile};
use crate::rules::support::secret_text::{
    has_dev_mark, is_placeholder, is_secret_text, known_format, looks_random,
};
use crate::syntax::names::{Secret, is_bare_token, secret, words};
use crate::text::{FileRange, TextSize};

pub static RULE: Rule = Rule {
    id: "config-secret",
    severity: Severity::Critical,
    source: include_str!("config_secret.rs"),
    project: Some(review),
    ..Rule::project(AREA)
};

fn review(cx: &mut ProjectContext<'_>) {
    let kinds = [Kind::Toml, Kind::Yaml, Kind::Json, Kind::Env, Kind::Compose, Kind::Wrangler];
    let files: Vec<&Arc<ProjectFile>> = kinds.iter().flat_map(|kind| cx.files(*kind)).collect();
    for file in files {
        let purpose = purpose(&file.path);
        if is_configuration(file) && !is_description(file) {
            for document in file.documents() {
                of_tree(cx, (file, purpose), document, TextSize::new(0));
            }
        }
    }
    for file in cx.files(Kind::Dockerfile) {
        let purpose = purpose(&file.path);
        // What earlier stages set is not in the image that is shipped.
        let shipped = file.dockerfile().and_then(|it| it.last_stage());
        for instruction in shipped.into_iter().flat_map(|it| &it.instructions) {
            let Action::Env(pairs) = &instruction.action else { continue };
            for (name, value) in pairs {
                let found = Found { name: &name.text, text: &value.text, range: value.range };
                check(cx, (file, purpose), &found);
            }
        }
    }
    for file in cx.files(Kind::Markdown) {
        let purpose = purpose(&file.path);
        for block in code_blocks(&file.text) {
            let content = file.text.get(block.content.clone());
            let (Some(format), Some(text)) = (format_of(&block.info), content) else { continue };
            let start = TextSize::new(block.content.start as u32);
            for document in values::parse(text, format).iter().flatten() {
                of_tree(cx, (file, purpose), document, start);
            }
        }
    }
}

/// Whether a file says how something runs. TOML and `.env` do; YAML and JSON may hold anything, and
/// do where their path says so.
fn is_configuration(file: &ProjectFile) -> bool {
    const WORDS: &[&str] = &[
        "account", "accounts", "ansible", "app", "application", "appsettings", "auth", "chart",
        "charts", "cloud", "conf", "config", "configs", "configuration", "configurations",
        "credentials", "database", "deploy", "deployment", "deployments", "docker", "env",
        "environment", "environments", "helm", "infra", "k8s", "kube", "kubernetes", "manifests",
        "ops", "prod", "production", "secret", "secrets", "server", "service", "services",
        "settings", "staging", "stack", "users", "values",
    ];
    match file.kind {
        Kind::Yaml | Kind::Json => {
            let mut parts = file.path.split('/');
            file.path.rsplit('/').next().is_some_and(|name| !name.starts_with('.'))
                && (file.kind == Kind::Yaml && !file.path.contains('/')
                    || parts.any(|part| words(part).any(|it| WORDS.contains(&it.as_str()))))
        }
        Kind::Toml => !file.name().starts_with("book."),
        _ => true,
    }
}

/// Whether a file describes data instead of giving it, or is encrypted as a whole.
fn is_description(file: &ProjectFile) -> bool {
    let has = |key: &&str| file.documents().iter().any(|it| it.get(key).is_some());
    ["openapi", "swagger", "$schema", "sops", "asyncapi"].iter().any(has)
        && file.kind != Kind::Wrangler
        && !file.name().starts_with("appsettings")
}

/// A value and the name it has.
struct Found<'f> {
    name: &'f str,
    text: &'f str,
    range: FileRange,
}

fn of_tree(
    cx: &mut ProjectContext<'_>,
    (file, purpose): (&Arc<ProjectFile>, Purpose),
    tree: &Node,
    start: TextSize,
) {
    /// Names of what tells about values and holds none.
    const ABOUT: &[&str] = &[
        "properties", "schema", "schemas", "definitions", "example", "examples", "paths",
        "components", "responses", "parameters", "i18n", "translations", "messages", "labels",
        "annotations", "columns", "fields", "encryptedData", "inputs", "outputs", "on", "matchers",
        "transforms", "mappings", "keywords", "routes",
    ];
    // A `Secret` of Kubernetes holds nothing else.
    let is_secret = tree.get("kind").and_then(Node::as_str) == Some("Secret");
    let mut all: Vec<(String, String, FileRange)> = Vec::new();
    tree.walk(&mut |above, entry| {
        if above.iter().any(|it| ABOUT.contains(it)) {
            return;
        }
        let in_secret = is_secret && matches!(above, ["data" | "stringData"]);
        let plain = ["user", "username", "host", "port", "name", "database", "url", "endpoint"];
        let in_secret = in_secret && !words(&entry.key).any(|it| plain.contains(&it.as_str()));
        // Of a `Secret` it is known what its entries are, whatever they are called.
        let is_known = !in_secret || kind_of(&entry.key, &[]).is_some();
        let name = if is_known { entry.key.clone() } else { format!("{} secret", entry.key) };
        match &entry.value.value {
            Value::String(text) => all.push((name, text.clone(), entry.value.range)),
            Value::Plain(text) if is_password(&name) => {
                all.push((name, text.clone(), entry.value.range));
            }
            Value::List(items) => {
                // `- NAME=value` of compose files.
                for item in items.iter().filter(|_| entry.key == "environment") {
                    let Some((name, value)) = item.as_str().and_then(|it| it.split_once('='))
                    else {
                        continue;
                    };
                    all.push((name.to_string(), value.to_string(), item.range));
                }
            }
            _ => {}
        }
    });
    for (name, text, range) in &all {
        let range = *range + start;
        // A tag says how the text is to be read: `!vault`, `!Ref`, `!Sub`.
        if !file.slice(range).starts_with('!') {
            check(cx, (file, purpose), &Found { name, text, range });
        }
    }
}

fn check(
    cx: &mut ProjectContext<'_>,
    (file, purpose): (&Arc<ProjectFile>, Purpose),
    found: &Found<'_>,
) {
    if purpose == Purpose::Test {
        return;
    }
    let Found { name, text, range } = found;
    let kind = kind_of(name, &cx.config().secret_words);
    let is_example = purpose == Purpose::Example;
    let shown = name.strip_suffix(" secret").unwrap_or(name);
    let message = match kind {
        Some(kind) if text.is_empty() => {
            if !is_empty_reported(file, name, kind, purpose) {
                return;
            }
            format!("`{shown}` is empty: what it protects is open")
        }
        Some(kind) if works(text, name, kind, is_example) => match is_example {
            true => {
                format!("`{shown}` has a value that works, and that everyone who reads this knows")
            }
            false => format!("`{shown}` is in the repository: whoever reads it has it"),
        },
        _ => match known_format(text) {
            Some(what) if !is_example && !is_name_of_public(name) => {
                format!("{what} is in the repository: whoever reads it has it")
            }
            _ => return,
        },
    };
    let is_local = ["localhost", "127.0.0.1"].iter().any(|host| text.contains(host));
    let severity = match (purpose, file.kind) {
        (Purpose::Development, _) => Severity::Medium,
        _ if is_local => Severity::Medium,
        (Purpose::Example, _) | (_, Kind::Compose) => Severity::High,
        _ if text.is_empty() => Severity::High,
        _ => Severity::Critical,
    };
    let is_same = |range: FileRange| file.text.len() >= usize::from(range.end());
    if is_same(*range) {
        // An empty value of a `.env` file has no place of its own.
        let range = if range.is_empty() { line_of(&file.text, *range) } else { *range };
        cx.report(&file.path, Report::new(range, message).severity(severity));
    }
}

/// The line that a place is in, without white space around it.
fn line_of(text: &str, range: FileRange) -> FileRange {
    let at = usize::from(range.start());
    let start = text.get(..at).and_then(|it| it.rfind('\n')).map_or(0, |at| at + 1);
    let line = text.get(start..).and_then(|it| it.lines().next()).unwrap_or_default();
    FileRange::at(TextSize::new(start as u32), TextSize::of(line.trim_end()))
}

fn is_password(name: &str) -> bool {
    kind_of(name, &[]) == Some(Secret::Password)
}

fn is_name_of_public(name: &str) -> bool {
    words(name).any(|word| matches!(word.as_str(), "public" | "pub" | "anon" | "publishable"))
}

/// The kind of secret that a setting is, by its name.
fn kind_of(name: &str, extra: &[String]) -> Option<Secret> {
    // Names of what leads to a secret, and of what is said about one.
    const ABOUT: &[&str] = &[
        "existing", "ref", "reference", "arn", "command", "cmd", "script", "alias", "claim",
        "claims", "hash", "digest", "location", "strategy", "input", "title", "message", "icon",
        "color", "class", "text", "encrypted", "selector", "module", "plugin", "driver", "engine",
        "backend", "property", "variable", "parameter", "argument", "role", "permission", "scope",
        "scopes", "audience", "anon", "publishable", "site", "sitekey", "test", "dummy", "fake",
        "group", "regexp", "length", "minimum", "host", "port", "realm", "grant", "flow", "login",
        "page", "form", "button", "link", "forgot", "change", "show", "confirm", "addr", "address",
        "expired", "expire", "maxage", "random", "allow", "impl", "beacon", "bridge",
    ];
    let list: Vec<String> = words(name).collect();
    if list.iter().any(|word| ABOUT.contains(&word.as_str())) {
        return None;
    }
    // Spellings that only settings have.
    if matches!(list.last().map(String::as_str), Some("pass" | "passwd" | "pw")) && list.len() > 1 {
        return Some(Secret::Password);
    }
    secret(name, extra)
}

/// Whether a text is a secret that would let somebody in.
fn works(text: &str, name: &str, kind: Secret, is_example: bool) -> bool {
    let is_switch = ["yes", "no", "on", "off", "1", "0"].contains(&text.to_lowercase().as_str());
    if is_switch || leads_elsewhere(text) || kind == Secret::Password && is_hash(text) {
        return false;
    }
    let is_bare = is_bare_token(name);
    if is_example {
        return !is_placeholder(text)
            && !is_to_be_replaced(text)
            && kind != Secret::Password
            && !is_bare
            && is_secret_text(text, name, kind, true)
            && has_dev_mark(text);
    }
    // A key that is base64 ends with `=`, as prefixes of something do.
    let trimmed = if looks_random(text) { text.trim_end_matches('=') } else { text };
    is_secret_text(trimmed, name, kind, true)
}

/// Whether a text names the place of a secret, or is one that only its owner can read.
fn leads_elsewhere(text: &str) -> bool {
    const PREFIXES: &[&str] = &[
        "enc[", "vault:", "env:", "file:", "ref+", "op://", "arn:", "secret:", "secretsmanager:",
        "ssm:", "sops:", "age1", "aws:", "gcp:", "projects/", "kv/", "secret/", "keyring:", "@",
        "%", "ssh-", "{{", "!", "sha256", "sha512", "pbkdf2", "argon2", "bcrypt", "scrypt",
        "os.environ", "process.env", "env.",
    ];
    let lower = text.to_ascii_lowercase();
    PREFIXES.iter().any(|prefix| lower.starts_with(prefix))
        || text.contains('/') && !looks_random(text)
}

/// Whether a text has the form of a digest.
fn is_hash(text: &str) -> bool {
    matches!(text.len(), 32 | 40 | 56 | 64 | 96 | 128)
        && text.bytes().all(|it| it.is_ascii_hexdigit())
}

/// Whether a text asks to be replaced.
fn is_to_be_replaced(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    const WORDS: &[&str] = &[
        "change", "your", "replace", "todo", "insert", "example", "placeholder", "xxx", "fixme",
        "enter", "generate", "some", "foo", "secret-here", "abc", "123",
    ];
    WORDS.iter().any(|word| lower.contains(word))
}

/// Whether an empty value of a secret is reported: where a program reads it as it is, and only of
/// keys and tokens, as many services have no password.
fn is_empty_reported(file: &ProjectFile, name: &str, kind: Secret, purpose: Purpose) -> bool {
    let is_settings = match file.kind {
        Kind::Toml | Kind::Yaml | Kind::Json | Kind::Wrangler => purpose > Purpose::Example,
        Kind::Markdown => kind == Secret::Key,
        _ => false,
    };
    let is_chart = file.name().starts_with("values") || file.path.contains("chart");
    let is_own = match kind {
        Secret::Key => true,
        Secret::Token => words(name).any(|it| matches!(it.as_str(), "auth" | "admin" | "jwt")),
        Secret::Other => words(name).any(|it| matches!(it.as_str(), "jwt" | "session" | "token")),
        Secret::Password => false,
    };
    is_settings && !is_chart && is_own && !is_bare_token(name)
}

fn format_of(language: &str) -> Option<Format> {
    match language.split([' ', ',', '{']).next()? {
        "toml" => Some(Format::Toml),
        "yaml" | "yml" => Some(Format::Yaml),
        "json" | "jsonc" => Some(Format::Json),
        "env" | "dotenv" | "ini" => Some(Format::Env),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn values_that_let_somebody_in_are_reported() {
        check(
            &RULE,
            "
//- config/server.toml
auth_token = \"devtoken\"
#            ^^^^^^^^^^ config-secret: `auth_token` is in the repository: whoever reads it has it
db_key = \"\"
#        ^^ config-secret: `db_key` is empty: what it protects is open
[smtp]
password = \"\"
//- config/users.yml
users:
  - address: ada@pigeon.email
    password: engine1843
#             ^^^^^^^^^^ config-secret
  - password: 184318
#             ^^^^^^ config-secret
//- docker-compose.yml
services:
  db:
    environment:
      POSTGRES_PASSWORD: postgres
#                        ^^^^^^^^ config-secret
  a:
    environment:
      - JWT_SECRET=super-secret-jwt
#       ^^^^^^^^^^^^^^^^^^^^^^^^^^^ config-secret
      - DB_PASS=${DB_PASS}
//- .env
SECRET_KEY=8f2b41c09ad7e65f33b1c8d2a94e7f60
#~ config-secret
//- wrangler.toml
[vars]
API_TOKEN = \"a8f5f167f44f4964e6c998dee827110c\"
#~ config-secret
//- Dockerfile
FROM debian
ENV ADMIN_PASSWORD=hunter2
#                  ^^^^^^^ config-secret
//- k8s/secret.yaml
kind: Secret
stringData:
  username: app
  password: correct-horse
#~ config-secret
  signing: correct-battery
#          ^^^^^^^^^^^^^^^ config-secret: `signing` is in the repository: whoever reads it has it
//- config/production.json
{ \"database\": { \"password\": \"s3cr3tpw\" } }
//~ config-secret
",
        );
    }

    #[test]
    fn a_working_default_in_documentation_is_reported() {
        check(
            &RULE,
            "
//- README.md
```toml
auth_token = \"devtoken\"
#            ^^^^^^^^^^ config-secret: `auth_token` has a value that works, and that everyone who reads this knows
db_key = \"\"
#        ^^ config-secret
```
",
        );
    }

    #[test]
    fn references_hashes_and_placeholders_are_left_alone() {
        for file in [
            "//- config.toml\nauth_token = \"${AUTH_TOKEN}\"\n",
            "//- config.yml\npassword: \"{{ secrets.DB }}\"\n",
            "//- config.yml\npassword: ENC[AES256_GCM,data:abc]\nsops: {}\n",
            "//- config.yml\npassword: !vault abcdef\n",
            "//- config.yml\npassword_file: /run/secrets/db\npassword: /run/secrets/db\n",
            "//- config.yml\npassword: vault:secret/db#password\n",
            "//- users.yml\npassword: $2b$12$abcdefghijklmnopqrstuv\n",
            "//- users.yml\npassword: 5f4dcc3b5aa765d61d8327deb882cf99\n",
            "//- k8s/a.yaml\nvalueFrom:\n  secretKeyRef:\n    name: db\n    key: password\n",
            "//- values.yaml\nexistingSecret: my-secret\nexistingSecretPasswordKey: admin-password\n",
            "//- .env.example\nJWT_SECRET=changeme\nAPI_KEY=your-api-key\nTOKEN=<token>\nDB_KEY=\n",
            "//- .env.sample\nDATABASE_URL=postgres://postgres:password@localhost/db\n",
            "//- config/locales/fr.yml\npassword: Mot de passe\n",
            "//- config/fr.json\n{\"messages\": {\"password\": \"Passwort\"}}\n",
            "//- config/openapi.yml\nopenapi: 3.0.0\npassword: engine1843\n",
            "//- config/test.toml\npassword = \"engine1843\"\n",
            "//- tests/config.toml\npassword = \"engine1843\"\n",
            "//- config.toml\ntoken_type = \"bearer\"\nmax_tokens = \"4096\"\ntokenizer = \"words\"\n",
            "//- config.toml\nauth_token_env = \"AUTH_TOKEN\"\ntoken = \"AUTH_TOKEN\"\n",
            "//- data/words.json\n{\"password\": \"engine1843\"}\n",
            "//- README.md\n```yaml\npassword: engine1843\n```\n",
            "//- .github/workflows/ci.yml\nenv:\n  POSTGRES_PASSWORD: postgres\n",
            "//- Dockerfile\nFROM a\nARG TOKEN\nENV TOKEN=$TOKEN\n",
            "//- Dockerfile\nFROM a\nENV DB=postgres://user:dummy@localhost/db\nFROM b\n",
            "//- .env\nPASSWORD=\nACCESS_TOKEN_EXPIRED_IN=15m\n",
            "//- config.toml\nL1_TOKEN_ADDR = \"0x4bB1B9A8e2F5E0dE5eC7b6A2f3a5E9c1D7B8F6a0\"\n",
            "//- compose.yml\nservices:\n  db:\n    environment:\n      MYSQL_RANDOM_ROOT_PASSWORD: yes\n      MYSQL_ALLOW_EMPTY_PASSWORD: '1'\n",
        ] {
            silent(&RULE, file);
        }
    }

    #[test]
    fn files_for_development_weigh_less() {
        use crate::rules::fixture::Fixture;
        let severity = |path: &str| {
            let source = format!(
                "//- {path}\nservices:\n  a:\n    environment:\n      A_PASSWORD: engine1843\n"
            );
            Fixture::new(&source, [&RULE]).findings()[0].1.severity
        };
        assert_eq!(severity("docker-compose.yml"), Severity::High);
        assert_eq!(severity("docker-compose.dev.yml"), Severity::Medium);
        assert_eq!(severity("deploy/app.yml"), Severity::Critical);
    }
}
