//! Required environment variable that is not documented.
//!
//! The program and its image can be built, but the program stops at its first start in another
//! environment, because only its author knows of the variable.
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "server"
//! //- src/main.rs
//! fn main() -> anyhow::Result<()> {
//!     let key = std::env::var("MASTER_ENCRYPTION_KEY")?;
//!     Ok(())
//! }
//! //- Dockerfile
//! FROM debian
//! COPY server /usr/local/bin/
//! ```
//!
//! Name the variable where operators look for it: in an `.env.example`, the compose file, or the
//! README.
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "server"
//! //- src/main.rs
//! fn main() -> anyhow::Result<()> {
//!     let key = std::env::var("MASTER_ENCRYPTION_KEY")?;
//!     Ok(())
//! }
//! //- Dockerfile
//! FROM debian
//! COPY server /usr/local/bin/
//! # MASTER_ENCRYPTION_KEY has to be given to `docker run`.
//! ```
//!
//! Reported in projects that are deployed from their own repository: those with a Dockerfile, a
//! compose file, `wrangler.toml` or an `.env` file.

use super::AREA;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::analysis::{Confidence, Opportunity, ProjectContext, Report, Rule, Severity};
use crate::project::config_purpose::{Purpose, purpose};
use crate::project::environment::{env_readers, is_of_tools, named_in_files};
use crate::project::{FileKind, Indexed, ProjectFile, ReferenceKind, Role, WhenUnset};
use crate::text::FileRange;

pub static RULE: Rule = Rule {
    id: "undeclared-env",
    opportunity: Opportunity::Variables,
    effort: 10,
    severity: Severity::Medium,
    seeds: &["D.2"],
    source: include_str!("undeclared_env.rs"),
    indexed: &[Indexed::Variables],
    project: Some(check),
    ..Rule::project(AREA)
};

fn check(cx: &mut ProjectContext<'_>) {
    let Some((file, place)) = declaration(cx) else { return };
    let required = required(cx);
    if required.is_empty() {
        return;
    }
    let wanted: FxHashSet<&str> = required.keys().copied().collect();
    let named = named_in_files(cx, &wanted);
    for (name, (path, range)) in required.iter().filter(|(name, _)| !named.contains(*name)) {
        let message =
            format!("required variable `{name}` is not named in any deployment file or document");
        let report = Report::new(*range, message).confidence(Confidence::Likely);
        // What `main` reads the program does not start without.
        let severity = if is_in_main(path) { Severity::High } else { Severity::Medium };
        let report = report.severity(severity);
        cx.report(path, report.related_in(&file.path, place, "it can be declared here"));
    }
}

/// The file that should declare variables, and a place in it.
fn declaration<'a>(cx: &ProjectContext<'a>) -> Option<(&'a Arc<ProjectFile>, FileRange)> {
    let kinds = [FileKind::Env, FileKind::Compose, FileKind::Wrangler, FileKind::Dockerfile];
    let file = kinds.into_iter().find_map(|kind| cx.files(kind).next())?;
    let stage = file.dockerfile().and_then(|it| it.last_stage());
    let entry = file.root().and_then(|it| it.entries().first());
    let place = stage.map(|it| it.from).or_else(|| entry.map(|it| it.key_range));
    Some((file, place.unwrap_or_default()))
}

/// The variables that programs of the project require, and where they are read first. A variable
/// that is also read with a default, tested, or set by the program itself is not required.
fn required<'a>(cx: &ProjectContext<'a>) -> BTreeMap<&'a str, (&'a str, FileRange)> {
    let readers = env_readers(cx);
    let mut required = BTreeMap::new();
    let mut optional = HashSet::new();
    for (path, reference) in cx.references() {
        let ReferenceKind::Env { name, required: is_required, prefix: false, via, tried } =
            &reference.kind
        else {
            continue;
        };
        let is_shipped = path.ends_with(".rs") && !reference.in_test && is_shipped(cx, path);
        let needs = match via {
            None => *is_required,
            Some(function) => match readers.get(function.as_str()) {
                Some(WhenUnset::Panics) => true,
                Some(WhenUnset::Fails) => *is_required || *tried,
                Some(WhenUnset::Passed) => *is_required,
                Some(WhenUnset::Defaulted) | None => false,
            },
        };
        if !is_shipped || !needs {
            optional.insert(name.as_str());
        } else if !is_of_tools(name) && !name.split('_').any(|it| it == "TEST") {
            required.entry(name.as_str()).or_insert((path, reference.range));
        }
    }
    required.retain(|name, _| !optional.contains(*name));
    required
}

/// Whether a source is where a program begins.
fn is_in_main(path: &str) -> bool {
    path.ends_with("src/main.rs") || path.contains("src/bin/")
}

/// Whether a source is part of a program or library, and not of the build or of tests.
fn is_shipped(cx: &ProjectContext<'_>, path: &str) -> bool {
    let role = cx.packages().owner(path).map(|package| package.role(path));
    matches!(role, Some(Role::Lib | Role::Bin)) && purpose(path) != Purpose::Test
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, silent};

    const DOCKER: &str = r#"//- Dockerfile
FROM debian
ENV PORT=80
//- Cargo.toml
[package]
name = "a"
edition = "2024"
"#;

    #[test]
    fn required_variables_that_are_not_named_are_reported() {
        check(
            &RULE,
            &format!(
                r#"{DOCKER}//- src/main.rs
fn main() -> Result<()> {{
    let a = std::env::var("MASTER_KEY")?;
                        //^^^^^^^^^^^^ undeclared-env: required variable `MASTER_KEY` is not named in any deployment file or document
    let b = env::var("SMTP_HOST").expect("SMTP_HOST must be set");
    //~ undeclared-env
    let c = variable("TURN_HOST").context("TURN_HOST is not set")?;
    //~ undeclared-env
    let d = must("REGION");
    //~ undeclared-env
    let e = get("BUCKET")?;
    //~ undeclared-env
}}
fn variable(name: &str) -> Option<String> {{
    env::var(name).ok().filter(|value| !value.is_empty())
}}
fn must(name: &str) -> String {{
    env::var(name).expect("set")
}}
fn get(name: &str) -> Result<String> {{
    env::var(name).with_context(|| name.to_string())
}}
"#
            ),
        );
    }

    #[test]
    fn what_is_named_or_has_a_default_is_left_alone() {
        let source = r#"//- src/main.rs
fn main() { std::env::var("MASTER_KEY").unwrap(); }
"#;
        for named in [
            r#"//- .env.example
MASTER_KEY=
"#,
            r#"//- README.md
Set `MASTER_KEY` to 32 bytes.
"#,
            r#"//- compose.yaml
services:
  a:
    environment:
      - MASTER_KEY
"#,
            r#"//- deploy/a.yaml
env:
  - name: MASTER_KEY
"#,
            r#"//- deploy/a.service
[Service]
Environment=MASTER_KEY=1
"#,
            r#"//- .github/workflows/a.yml
env:
  MASTER_KEY: ${{ secrets.A }}
"#,
            r#"//- src/b.rs
fn b() -> bool { std::env::var("MASTER_KEY").is_ok() }
"#,
            r#"//- src/b.rs
fn b() { command.env("MASTER_KEY", key); }
"#,
        ] {
            silent(&RULE, &format!("{DOCKER}{source}{named}"));
        }
        // There is no deployment file.
        silent(&RULE, source);
        for source in [
            r#"//- src/main.rs
fn main() { env::var("MASTER_KEY").unwrap_or_default(); }
"#,
            r#"//- src/main.rs
fn main() { env::var("HOME").unwrap(); }
"#,
            r#"//- src/main.rs
fn main() { get("A_B", 3)?; }
fn get(n: &str, d: u8) { env::var(n).unwrap_or(d) }
"#,
            r#"//- src/main.rs
fn main() { load("A_B")?; }
"#,
            r#"//- src/main.rs
fn main() { var("A_B")?; }
fn var(n: &str) { match dotenvy::var(n) { Ok(it) => Some(it), Err(_) => None } }
"#,
            r#"//- src/main.rs
fn main() { parse("A_B")?; }
fn parse(n: &str) { env::var(n).ok().map(f).transpose() }
"#,
            r#"//- build.rs
fn main() { env::var("MASTER_KEY").unwrap(); }
"#,
            r#"//- tests/a.rs
fn a() { env::var("MASTER_KEY").unwrap(); }
"#,
            r#"//- src/lib.rs
#[cfg(test)]
mod tests { fn a() { env::var("MASTER_KEY").unwrap(); } }
"#,
        ] {
            silent(&RULE, &format!("{DOCKER}{source}"));
        }
    }
}
