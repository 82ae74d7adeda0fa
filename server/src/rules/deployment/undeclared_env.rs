//! An environment variable that the program cannot do without, and that nothing tells people to set.
//!
//! The program builds, the image builds, and it stops on its first start somewhere else, because
//! only its author knew of the variable.
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
//! Name it where people look for it: in an `.env.example`, the compose file, or the README.
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
//! Reported in projects that are deployed from their own repository: with a Dockerfile, a compose
//! file, `wrangler.toml` or an `.env` file.

use super::AREA;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::analysis::{ProjectContext, Report, Rule, Severity};
use crate::project::environment::{env_readers, is_of_tools, named_in_files};
use crate::project::{Indexed, Kind, ProjectFile, ReferenceKind, Role, WhenUnset};
use crate::text::FileRange;

pub static RULE: Rule = Rule {
    id: "undeclared-env",
    severity: Severity::High,
    source: include_str!("undeclared_env.rs"),
    indexed: &[Indexed::Variables],
    project: Some(review),
    ..Rule::project(AREA)
};

fn review(cx: &mut ProjectContext<'_>) {
    let Some((file, place)) = declaration(cx) else { return };
    let required = required(cx);
    if required.is_empty() {
        return;
    }
    let wanted: FxHashSet<&str> = required.keys().copied().collect();
    let named = named_in_files(cx, &wanted);
    for (name, (path, range)) in required.iter().filter(|(name, _)| !named.contains(*name)) {
        let message = format!(
            "the program needs the variable `{name}`, and no deployment file or document names it"
        );
        let report = Report::new(*range, message);
        cx.report(path, report.related_in(&file.path, place, "it would be declared here"));
    }
}

/// The file that would declare variables, and the line in it that one would look at.
fn declaration<'a>(cx: &ProjectContext<'a>) -> Option<(&'a Arc<ProjectFile>, FileRange)> {
    let kinds = [Kind::Env, Kind::Compose, Kind::Wrangler, Kind::Dockerfile];
    let file = kinds.into_iter().find_map(|kind| cx.files(kind).next())?;
    let stage = file.dockerfile().and_then(|it| it.last_stage());
    let entry = file.root().and_then(|it| it.entries().first());
    let place = stage.map(|it| it.from).or_else(|| entry.map(|it| it.key_range));
    Some((file, place.unwrap_or_default()))
}

/// The variables that programs of the project stop without, and where they are read first. One
/// that is also read with a default, asked for, or set by the program itself is none of them.
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

/// Whether a source is part of what runs elsewhere, and not of the build or of tests.
fn is_shipped(cx: &ProjectContext<'_>, path: &str) -> bool {
    let role = cx.packages().owner(path).map(|package| package.role(path));
    matches!(role, Some(Role::Lib | Role::Bin))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, silent};

    const DOCKER: &str = "//- Dockerfile\nFROM debian\nENV PORT=80\n//- Cargo.toml\n[package]\nname = \"a\"\nedition = \"2024\"\n";

    #[test]
    fn what_is_needed_and_named_nowhere_is_reported() {
        check(
            &RULE,
            &format!(
                "{DOCKER}//- src/main.rs
fn main() -> Result<()> {{
    let a = std::env::var(\"MASTER_KEY\")?;
                        //^^^^^^^^^^^^ undeclared-env: the program needs the variable `MASTER_KEY`, and no deployment file or document names it
    let b = env::var(\"SMTP_HOST\").expect(\"SMTP_HOST must be set\");
    //~ undeclared-env
    let c = variable(\"TURN_HOST\").context(\"TURN_HOST is not set\")?;
    //~ undeclared-env
    let d = must(\"REGION\");
    //~ undeclared-env
    let e = get(\"BUCKET\")?;
    //~ undeclared-env
}}
fn variable(name: &str) -> Option<String> {{
    env::var(name).ok().filter(|value| !value.is_empty())
}}
fn must(name: &str) -> String {{
    env::var(name).expect(\"set\")
}}
fn get(name: &str) -> Result<String> {{
    env::var(name).with_context(|| name.to_string())
}}
"
            ),
        );
    }

    #[test]
    fn what_is_named_or_has_a_default_is_left_alone() {
        let source = "//- src/main.rs\nfn main() { std::env::var(\"MASTER_KEY\").unwrap(); }\n";
        for named in [
            "//- .env.example\nMASTER_KEY=\n",
            "//- README.md\nSet `MASTER_KEY` to 32 bytes.\n",
            "//- compose.yaml\nservices:\n  a:\n    environment:\n      - MASTER_KEY\n",
            "//- deploy/a.yaml\nenv:\n  - name: MASTER_KEY\n",
            "//- deploy/a.service\n[Service]\nEnvironment=MASTER_KEY=1\n",
            "//- .github/workflows/a.yml\nenv:\n  MASTER_KEY: ${{ secrets.A }}\n",
            "//- src/b.rs\nfn b() -> bool { std::env::var(\"MASTER_KEY\").is_ok() }\n",
            "//- src/b.rs\nfn b() { command.env(\"MASTER_KEY\", key); }\n",
        ] {
            silent(&RULE, &format!("{DOCKER}{source}{named}"));
        }
        // Nothing is deployed from here.
        silent(&RULE, source);
        for source in [
            "//- src/main.rs\nfn main() { env::var(\"MASTER_KEY\").unwrap_or_default(); }\n",
            "//- src/main.rs\nfn main() { env::var(\"HOME\").unwrap(); }\n",
            "//- src/main.rs\nfn main() { get(\"A_B\", 3)?; }\nfn get(n: &str, d: u8) { env::var(n).unwrap_or(d) }\n",
            "//- src/main.rs\nfn main() { load(\"A_B\")?; }\n",
            "//- src/main.rs\nfn main() { var(\"A_B\")?; }\nfn var(n: &str) { match dotenvy::var(n) { Ok(it) => Some(it), Err(_) => None } }\n",
            "//- src/main.rs\nfn main() { parse(\"A_B\")?; }\nfn parse(n: &str) { env::var(n).ok().map(f).transpose() }\n",
            "//- build.rs\nfn main() { env::var(\"MASTER_KEY\").unwrap(); }\n",
            "//- tests/a.rs\nfn a() { env::var(\"MASTER_KEY\").unwrap(); }\n",
            "//- src/lib.rs\n#[cfg(test)]\nmod tests { fn a() { env::var(\"MASTER_KEY\").unwrap(); } }\n",
        ] {
            silent(&RULE, &format!("{DOCKER}{source}"));
        }
    }
}
