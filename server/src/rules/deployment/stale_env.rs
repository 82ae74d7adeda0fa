//! An environment variable that is set for a program which never reads it.
//!
//! Whoever deploys the program takes the variables in its Dockerfile, compose file or `.env.example`
//! for its settings. One that nothing reads is a setting that does nothing: often it was renamed in
//! the code, and the value that somebody relies on is not in force.
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
//! Remove it, or set what the program reads:
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
//! A variable counts as read when a source, a script or another file of the project names it, when
//! a configuration crate reads all variables of its prefix, and when it is one of those that
//! runtimes and common tools read.

use super::AREA;
use rustc_hash::FxHashSet;

use crate::analysis::{Applicability, FileEdit, Fix, ProjectContext, Report, Rule, Severity, Tag};
use crate::project::config_purpose::{Purpose, purpose};
use crate::project::environment::{Readers, Setting, is_of_tools, settings};
use crate::project::{Indexed, Kind, ReferenceKind};
use crate::text::TextEdit;

pub static RULE: Rule = Rule {
    id: "stale-env",
    severity: Severity::High,
    source: include_str!("stale_env.rs"),
    indexed: &[Indexed::Variables],
    project: Some(review),
    ..Rule::project(AREA)
};

fn review(cx: &mut ProjectContext<'_>) {
    let hands_on = cx.files(Kind::Compose).any(|file| file.text.contains("env_file"));
    let mut settings = settings(cx);
    settings.retain(|setting| {
        // An `.env` file may be for images that are not built here.
        let is_for_others = hands_on && setting.file.kind == Kind::Env;
        let is_for_tests = purpose(&setting.file.path) == Purpose::Test;
        let is_known = is_of_tools(&setting.name) || is_version(&setting.name);
        !(is_for_others || is_for_tests || is_known)
    });
    if settings.is_empty() || !reads_any(cx) {
        return;
    }
    let wanted: FxHashSet<&str> = settings.iter().map(|it| it.name.as_str()).collect();
    let readers = Readers::of(cx, &wanted);
    for setting in settings.iter().filter(|it| !readers.read(&it.name)) {
        report(cx, setting);
    }
}

fn report(cx: &mut ProjectContext<'_>, setting: &Setting<'_>) {
    let name = &setting.name;
    let message = format!("`{name}` is set here, and nothing in the project reads it");
    let mut report = Report::new(setting.range, message).tag(Tag::Unnecessary);
    if let Some(removal) = setting.removal {
        let edits = vec![TextEdit::replace(removal, String::new())];
        let edit = FileEdit { path: setting.file.path.clone(), edits };
        let title = format!("Remove {name}");
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

/// Whether the sources read variables at all: otherwise the programs are not of this project, or
/// are written in a language that is not looked at.
fn reads_any(cx: &ProjectContext<'_>) -> bool {
    cx.references().any(|(_, reference)| matches!(reference.kind, ReferenceKind::Env { .. }))
}

/// A version is there for people and for labels.
fn is_version(name: &str) -> bool {
    name == "VERSION" || name.ends_with("_VERSION")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, fixed, silent};

    const SOURCE: &str = "//- Cargo.toml\n[package]\nname = \"a\"\n//- src/main.rs\nfn main() { let a = std::env::var(\"OFFER_TTL\"); }\n";

    #[test]
    fn what_nothing_reads_is_reported_wherever_it_is_set() {
        check(
            &RULE,
            &format!(
                "{SOURCE}//- Dockerfile
FROM rust:1.88 AS build
ENV ONLY_FOR_THE_BUILD=1
FROM debian:bookworm-slim
COPY --from=build /app/a /usr/bin/
ENV OFFER_TTL=60 \\
    CODE_LENGTH=9
#~ stale-env: `CODE_LENGTH` is set here, and nothing in the project reads it
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
MAX_TOPICS = \"50\"
#~ stale-env
[env.production.vars]
MAX_PEERS = \"50\"
#~ stale-env
//- .env.example
OLD_NAME=
#~ stale-env
"
            ),
        );
    }

    #[test]
    fn what_is_read_in_any_way_is_left_alone() {
        let docker = "//- Dockerfile\nFROM debian\nENV CODE_LENGTH=9 RUST_LOG=info PORT=80\n";
        for reader in [
            "//- web/app.ts\nconst { CODE_LENGTH } = process.env\n",
            "//- app.py\nos.environ['CODE_LENGTH']\n",
            "//- start.sh\nexec a --length \"$CODE_LENGTH\"\n",
            "//- config.toml\nlength = \"${CODE_LENGTH}\"\n",
            "//- package.json\n{\"scripts\": {\"a\": \"b $CODE_LENGTH\"}}\n",
            "//- src/b.rs\nfn b() { let c = Environment::with_prefix(\"code\"); }\n",
            "//- src/b.rs\nconst NAME: &str = \"CODE_LENGTH\";\n",
            "//- src/b.rs\nstruct A { #[arg(long, env)] code_length: u8 }\n",
            "//- src/b.rs\nfn b() { for it in std::env::vars() {} }\n",
            "//- src/b.rs\nfn b() { let c = Environment::with_prefix(PREFIX); }\n",
            "//- src/b.rs\nmacro_rules! c { ($n:ident) => { get_env(paste!(stringify!([<$n:upper>]))) }; }\n",
            "//- b.py\nclass Settings(BaseSettings):\n    code_length: int\n",
        ] {
            silent(&RULE, &format!("{SOURCE}{docker}{reader}"));
        }
        silent(&RULE, &format!("{SOURCE}{docker}CMD a --length $CODE_LENGTH\n"));
        silent(&RULE, &format!("{SOURCE}//- Dockerfile\nFROM grafana/grafana\nENV A_B=1\n"));
        silent(&RULE, "//- Dockerfile\nFROM debian\nENV A_B=1\n");
        silent(&RULE, &format!("{SOURCE}//- .env.test\nA_B=1\n"));
        let compose = "//- compose.yaml\nservices:\n  a:\n    image: a\n    env_file: .env\n";
        silent(&RULE, &format!("{SOURCE}{compose}//- .env\nA_B=1\n"));
    }

    #[test]
    fn it_is_taken_out_and_the_rest_stays() {
        let after = |path: &str, text: &str| {
            fixed(&RULE, &format!("{SOURCE}//- {path}\n{text}"))[path].clone()
        };
        for (before, expected) in [
            ("ENV CODE_LENGTH=9\nUSER a\n", "USER a\n"),
            ("ENV CODE_LENGTH=9 \\\n    PORT=1\nUSER a\n", "ENV PORT=1\nUSER a\n"),
            (
                "ENV PORT=1 \\\n    CODE_LENGTH=\"9\" \\\n    TZ=UTC\n",
                "ENV PORT=1 \\\n    TZ=UTC\n",
            ),
            ("ENV PORT=1 \\\n    CODE_LENGTH=9\nUSER a\n", "ENV PORT=1\nUSER a\n"),
            ("ENV CODE_LENGTH \\\n 9\nUSER a\n", "USER a\n"),
        ] {
            let file = after("Dockerfile", &format!("FROM debian\n{before}"));
            assert_eq!(file, format!("FROM debian\n{expected}"));
        }
        assert_eq!(after(".env.example", "export A_B=1\r\nPORT=1\r\n"), "PORT=1\r\n");
        assert_eq!(
            after("wrangler.toml", "[vars]\nA_B = \"1\" # one\nPORT = \"1\"\n"),
            "[vars]\nPORT = \"1\"\n"
        );
        let compose = "services:\n  a:\n    build: .\n    environment:\n";
        assert_eq!(
            after("compose.yaml", &format!("{compose}      - A_B=1\n      - PORT\n")),
            format!("{compose}      - PORT\n")
        );
        assert_eq!(
            after("compose.yaml", &format!("{compose}      A_B: 'x'\n      PORT: 1\n")),
            format!("{compose}      PORT: 1\n")
        );
    }
}
