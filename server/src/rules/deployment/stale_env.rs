//! Environment variable that is set but never read.
//!
//! Operators take the variables in a Dockerfile, compose file or `.env.example` for the settings of
//! the program. A variable that no code reads has no effect: often it was renamed in the code, and
//! the value in the deployment is no longer used.
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "server"
//! //- src/main.rs
//! fn main() { let ttl = std::env::var("SESSION_TTL"); }
//! //- Dockerfile
//! FROM debian
//! COPY server /usr/local/bin/
//! ENV SESSION_TIMEOUT=300000
//! ```
//!
//! Remove it, or set the variable that the program reads:
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "server"
//! //- src/main.rs
//! fn main() { let ttl = std::env::var("SESSION_TTL"); }
//! //- Dockerfile
//! FROM debian
//! COPY server /usr/local/bin/
//! ENV SESSION_TTL=300000
//! ```
//!
//! A variable counts as read if a source, a script or another file of the project names it, if a
//! configuration crate reads all variables with its prefix, or if it is one of those that runtimes,
//! common tools and the other programs of an image read. Reported as well is a variable that a table
//! or list in a document describes, where most of the others in it are read.

use super::AREA;
use rustc_hash::FxHashSet;

use crate::analysis::{
    Applicability, Confidence, FileEdit, Fix, Opportunity, ProjectContext, Report, Rule, Severity,
    Tag,
};
use crate::project::config_purpose::{Purpose, purpose};
use crate::project::environment::{Readers, Setting, documented, is_of_tools, settings};
use crate::project::{FileKind, Indexed, ReferenceKind};
use crate::text::TextEdit;

pub static RULE: Rule = Rule {
    id: "stale-env",
    opportunity: Opportunity::Project,
    effort: 10,
    severity: Severity::Medium,
    seeds: &["D.2", "D.5"],
    source: include_str!("stale_env.rs"),
    indexed: &[Indexed::Variables],
    project: Some(check),
    ..Rule::project(AREA)
};

fn check(cx: &mut ProjectContext<'_>) {
    let passes_env_files = cx.files(FileKind::Compose).any(|file| file.text.contains("env_file"));
    let mut settings = settings(cx);
    settings.retain(|setting| {
        // A compose file may pass an `.env` file to images that are not built here.
        let is_for_others = passes_env_files && setting.file.kind == FileKind::Env;
        let is_for_tests = purpose(&setting.file.path) == Purpose::Test;
        let is_known = is_of_tools(&setting.name) || is_version(&setting.name);
        !(is_for_others || is_for_tests || is_known)
    });
    let mut documented = documented(cx);
    documented.retain(|it| purpose(&it.file.path) != Purpose::Test && !is_of_past(&it.file.path));
    if settings.is_empty() && documented.is_empty() || !reads_any(cx) {
        return;
    }
    let names = documented.iter().flat_map(|it| it.names.iter().map(|(name, _)| *name));
    let wanted: FxHashSet<&str> = settings.iter().map(|it| it.name.as_str()).chain(names).collect();
    let readers = Readers::of(cx, &wanted);
    for setting in settings.iter().filter(|it| !readers.read(&it.name)) {
        report(cx, setting, !readers.are_open() && !depends_on_settings(cx));
    }
    for table in &documented {
        let names = table.names.iter().copied().filter(|(name, _)| !is_of_tools(name));
        let (read, unread): (Vec<_>, Vec<_>) = names.partition(|(name, _)| readers.read(name));
        // What is read says that the others are meant for the same program.
        if read.len() < unread.len() {
            continue;
        }
        for (name, range) in unread {
            let message = format!("`{name}` is documented here but never read");
            cx.report(&table.file.path, Report::new(range, message).confidence(Confidence::Likely));
        }
    }
}

/// Whether a document is about a past release.
fn is_of_past(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    ["changelog", "changes", "history", "release", "migrat", "upgrad", "blog", "rfc", "adr"]
        .iter()
        .any(|it| lower.contains(it))
}

/// Whether a package depends on a crate that may read variables by itself.
fn depends_on_settings(cx: &ProjectContext<'_>) -> bool {
    const LOADERS: &[&str] = &["dotenv", "dotenvy", "env_logger"];
    cx.packages().iter().flat_map(|it| &it.dependencies).any(|name| {
        let is_about = |word: &str| {
            matches!(word, "conf" | "config" | "configuration" | "env" | "figment" | "settings")
        };
        !LOADERS.contains(&name.as_str()) && name.split('_').any(is_about)
    })
}

/// Reports a variable. Removing it is offered only where it is known what reads variables.
fn report(cx: &mut ProjectContext<'_>, setting: &Setting<'_>, is_certain: bool) {
    let name = &setting.name;
    let message = format!("`{name}` is set here but never read");
    let report = Report::new(setting.range, message);
    let mut report = report.tag(Tag::Unnecessary).confidence(Confidence::Likely);
    if let Some(removal) = setting.removal.filter(|_| is_certain) {
        let edits = vec![TextEdit::replace(removal, String::new())];
        let edit = FileEdit { path: setting.file.path.clone(), edits };
        let title = format!("Remove `{name}`");
        report = report.project_fix(move |_| {
            vec![Fix {
                title: title.clone(),
                applicability: Applicability::Suggested,
                edits: vec![edit.clone()],
            }]
        });
    }
    cx.report(&setting.file.path, report);
}

/// Whether the sources read variables at all. Otherwise the programs are not part of this project,
/// or are written in a language that is not analyzed.
fn reads_any(cx: &ProjectContext<'_>) -> bool {
    cx.references().any(|(_, reference)| matches!(reference.kind, ReferenceKind::Env { .. }))
}

/// Whether a variable is a version, which is often set for humans and labels only.
fn is_version(name: &str) -> bool {
    name == "VERSION" || name.ends_with("_VERSION")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, fixed, no_fix, silent};

    const SOURCE: &str = r#"//- Cargo.toml
[package]
name = "a"
//- src/main.rs
fn main() { let a = std::env::var("OFFER_TTL"); }
"#;

    #[test]
    fn variables_that_are_never_read_are_reported_wherever_they_are_set() {
        check(
            &RULE,
            &format!(
                r#"{SOURCE}//- Dockerfile
FROM rust:1.88 AS build
ENV ONLY_FOR_THE_BUILD=1
FROM debian:bookworm-slim
COPY --from=build /app/a /usr/bin/
ENV OFFER_TTL=60 \
    CODE_LENGTH=9
#~ stale-env: `CODE_LENGTH` is set here but never read
//- docker-compose.yml
x-common: &common
  OFFER_TTL: 60
services:
  a:
    build: .
    environment:
      <<: *common
      CODE_CHARS: abc
#     ^^^^^^^^^^ stale-env
  b:
    build: .
    environment:
      - SESSION_TIMEOUT=3
#       ^^^^^^^^^^^^^^^ stale-env
  db:
    image: postgres
    environment:
      SOMETHING_ELSE: 1
//- wrangler.toml
[vars]
MAX_TOPICS = "50"
#~ stale-env
[env.production.vars]
MAX_PEERS = "50"
#~ stale-env
//- .env.example
OLD_NAME=
#~ stale-env
"#
            ),
        );
    }

    #[test]
    fn what_is_read_in_any_way_is_left_alone() {
        let docker = r#"//- Dockerfile
FROM debian
ENV CODE_LENGTH=9 RUST_LOG=info PORT=80
"#;
        for reader in [
            r#"//- web/app.ts
const { CODE_LENGTH } = process.env
"#,
            r#"//- app.py
os.environ['CODE_LENGTH']
"#,
            r#"//- start.sh
exec a --length "$CODE_LENGTH"
"#,
            r#"//- config.toml
length = "${CODE_LENGTH}"
"#,
            r#"//- package.json
{"scripts": {"a": "b $CODE_LENGTH"}}
"#,
            r#"//- src/b.rs
fn b() { let c = Environment::with_prefix("code"); }
"#,
            r#"//- src/b.rs
const NAME: &str = "CODE_LENGTH";
"#,
            r#"//- src/b.rs
struct A { #[arg(long, env)] code_length: u8 }
"#,
            r#"//- src/b.rs
fn b() { for it in std::env::vars() {} }
"#,
            r#"//- src/b.rs
fn b() { let c = Environment::with_prefix(PREFIX); }
"#,
            r#"//- src/b.rs
macro_rules! c { ($n:ident) => { get_env(paste!(stringify!([<$n:upper>]))) }; }
"#,
            r#"//- b.py
class Settings(BaseSettings):
    code_length: int
"#,
        ] {
            silent(&RULE, &format!("{SOURCE}{docker}{reader}"));
        }
        silent(&RULE, &format!("{SOURCE}{docker}CMD a --length $CODE_LENGTH\n"));
    }

    #[test]
    fn what_is_documented_among_others_is_missed() {
        check(
            &RULE,
            &format!(
                r#"{SOURCE}//- README.md
| Variable | |
|---|---|
| `OFFER_TTL` | read |
| `OFFER_SIZE` | not read |
#  ^^^^^^^^^^ stale-env: `OFFER_SIZE` is documented here but never read

- `OTHER_NAME`: of another program
- `OTHER_SIZE`: of another program
"#
            ),
        );
        silent(&RULE, &format!("{SOURCE}//- CHANGELOG.md\n- `OFFER_TTL`\n- `OFFER_SIZE`\n"));
    }

    #[test]
    fn programs_of_others_read_variables_of_their_own() {
        for image in [
            "COPY --from=registry.example.com/acme/vector:1 /v /v",
            "RUN apt-get install -y vector",
            "ADD https://github.com/vectordotdev/vector/releases/v.tar.gz /",
            "RUN curl -L https://example.com/vector/v.tar.gz | tar x",
        ] {
            let source =
                format!("{SOURCE}//- Dockerfile\nFROM debian\n{image}\nENV VECTOR_DIR=/v\n");
            silent(&RULE, &source);
        }
        let bundler = "//- package.json\n{ \"devDependencies\": { \"@parcel/core\": \"2\" } }\n";
        silent(&RULE, &format!("{SOURCE}{bundler}//- .env\nPARCEL_WORKERS=1\n"));
    }

    #[test]
    fn nothing_is_removed_that_may_be_read() {
        let docker = "//- Dockerfile\nFROM debian\nENV A_B=1\n";
        for dependency in ["layered-settings", "app_config"] {
            let manifest = format!(
                "//- Cargo.toml\n[package]\nname = \"a\"\n[dependencies]\n{dependency} = \"1\"\n"
            );
            let source = SOURCE.split_once("//- src").map_or("", |(_, rest)| rest);
            no_fix(&RULE, &format!("{manifest}//- src{source}{docker}"));
        }
        no_fix(
            &RULE,
            &format!("{SOURCE}//- src/b.rs\nfn f() {{ with_env_prefix(\"OTHER\"); }}\n{docker}"),
        );
    }

    #[test]
    fn variables_of_other_images_and_of_tests_are_silent() {
        silent(
            &RULE,
            &format!(
                r#"{SOURCE}//- Dockerfile
FROM grafana/grafana
ENV A_B=1
"#
            ),
        );
        silent(
            &RULE,
            r#"//- Dockerfile
FROM debian
ENV A_B=1
"#,
        );
        silent(
            &RULE,
            &format!(
                r#"{SOURCE}//- .env.test
A_B=1
"#
            ),
        );
        let compose = r#"//- compose.yaml
services:
  a:
    image: a
    env_file: .env
"#;
        silent(
            &RULE,
            &format!(
                r#"{SOURCE}{compose}//- .env
A_B=1
"#
            ),
        );
    }

    /// A file after the fix.
    fn after(path: &str, text: &str) -> String {
        let source = format!("{SOURCE}//- {path}\n{text}");
        fixed(&RULE, &source)[path].clone()
    }

    #[test]
    fn it_is_removed_and_the_rest_stays() {
        for (before, expected) in [
            (
                r#"ENV CODE_LENGTH=9
USER a
"#,
                "USER a\n",
            ),
            (
                r#"ENV CODE_LENGTH=9 \
    PORT=1
USER a
"#,
                r#"ENV PORT=1
USER a
"#,
            ),
            (
                r#"ENV PORT=1 \
    CODE_LENGTH="9" \
    TZ=UTC
"#,
                r#"ENV PORT=1 \
    TZ=UTC
"#,
            ),
            (
                r#"ENV PORT=1 \
    CODE_LENGTH=9
USER a
"#,
                r#"ENV PORT=1
USER a
"#,
            ),
            (
                r#"ENV CODE_LENGTH \
 9
USER a
"#,
                "USER a\n",
            ),
        ] {
            let file = after(
                "Dockerfile",
                &format!(
                    r#"FROM debian
{before}"#
                ),
            );
            assert_eq!(
                file,
                format!(
                    r#"FROM debian
{expected}"#
                )
            );
        }
    }

    #[test]
    fn it_is_removed_from_other_files_as_well() {
        assert_eq!(after(".env.example", "export A_B=1\r\nPORT=1\r\n"), "PORT=1\r\n");
        assert_eq!(
            after(
                "wrangler.toml",
                r#"[vars]
A_B = "1" # one
PORT = "1"
"#
            ),
            r#"[vars]
PORT = "1"
"#
        );
        let compose = r#"services:
  a:
    build: .
    environment:
"#;
        assert_eq!(
            after(
                "compose.yaml",
                &format!(
                    r#"{compose}      - A_B=1
      - PORT
"#
                )
            ),
            format!("{compose}      - PORT\n")
        );
        assert_eq!(
            after(
                "compose.yaml",
                &format!(
                    r#"{compose}      A_B: 'x'
      PORT: 1
"#
                )
            ),
            format!("{compose}      PORT: 1\n")
        );
    }
}
