//! Scheduled handler of a Worker without a cron trigger.
//!
//! Cloudflare calls the `scheduled` handler of a Worker at the times that `crons` in its
//! `wrangler.toml` lists. Without `crons` the handler never runs: expired rows are not deleted, and
//! the database grows.
//!
//! ```project,bad
//! //- src/worker.ts
//! export default {
//!   async scheduled(event, env) { await cleanUp(env.DB) },
//! }
//! //- wrangler.toml
//! name = "worker"
//! main = "src/worker.ts"
//! ```
//!
//! Add the trigger:
//!
//! ```project
//! //- src/worker.ts
//! export default {
//!   async scheduled(event, env) { await cleanUp(env.DB) },
//! }
//! //- wrangler.toml
//! name = "worker"
//! main = "src/worker.ts"
//!
//! [triggers]
//! crons = ["*/15 * * * *"]
//! ```

use super::AREA;
use std::sync::Arc;

use crate::analysis::{
    Applicability, FileEdit, Fix, Opportunity, ProjectContext, Report, Rule, Severity,
};
use crate::project::paths::is_below;
use crate::project::values::Node;
use crate::project::{FileKind, Indexed, ProjectFile, ReferenceKind};
use crate::text::{FileRange, TextEdit, TextSize};

pub static RULE: Rule = Rule {
    id: "missing-cron-trigger",
    opportunity: Opportunity::Workers,
    effort: 10,
    severity: Severity::Medium,
    seeds: &["D.3"],
    source: include_str!("missing_cron_trigger.rs"),
    indexed: &[Indexed::Handlers(&[("event", "scheduled")])],
    project: Some(check),
    ..Rule::project(AREA)
};

fn check(cx: &mut ProjectContext<'_>) {
    let workers: Vec<&Arc<ProjectFile>> = cx.files(FileKind::Wrangler).collect();
    if workers.is_empty() {
        return;
    }
    let mut reported: Vec<&str> = Vec::new();
    for (path, reference) in cx.references() {
        let is_handler =
            matches!(&reference.kind, ReferenceKind::Call(name) if name == "scheduled");
        if !is_handler || reference.in_test {
            continue;
        }
        // A Worker is deployed with the nearest configuration above its source.
        let above = |file: &&&Arc<ProjectFile>| is_below(path, file.folder());
        let nearest = workers.iter().filter(above).max_by_key(|file| file.folder().len());
        let Some((file, root)) = nearest.and_then(|file| Some((*file, file.root()?))) else {
            continue;
        };
        if has_crons(root) || reported.contains(&file.path.as_str()) {
            continue;
        }
        reported.push(&file.path);
        let entry = root.entry("main").or_else(|| root.entries().first());
        let range = entry.map(|it| it.key_range).unwrap_or_default();
        let message = "this Worker has a `scheduled` handler but no cron trigger";
        let edit = trigger(file, root);
        let path_of_file = file.path.clone();
        let report = Report::new(range, message)
            .related_in(path, reference.range, "the `scheduled` handler")
            .project_fix(move |_| {
                let fix = |edit: &TextEdit| Fix {
                    title: "Add a cron trigger that runs every 15 minutes".to_string(),
                    applicability: Applicability::Suggested,
                    edits: vec![FileEdit { path: path_of_file.clone(), edits: vec![edit.clone()] }],
                };
                edit.iter().map(fix).collect()
            });
        cx.report(&file.path, report);
    }
}

/// Whether `crons` is set for any environment. An empty list disables the handler on purpose.
fn has_crons(root: &Node) -> bool {
    let environments = root.get("env").into_iter().flat_map(Node::entries);
    let mut tables = std::iter::once(root).chain(environments.map(|it| &it.value));
    tables.any(|table| table.at(&["triggers", "crons"]).is_some())
}

/// A new table at the end of a TOML file, or a new member at the end of a JSON object.
fn trigger(file: &ProjectFile, root: &Node) -> Option<TextEdit> {
    if root.get("triggers").is_some() {
        return None;
    }
    let newline = if file.text.contains("\r\n") { "\r\n" } else { "\n" };
    if file.path.ends_with(".toml") {
        let gap = if file.text.ends_with('\n') { "" } else { newline };
        let text = format!("{gap}{newline}[triggers]{newline}crons = [\"*/15 * * * *\"]{newline}");
        let end = TextSize::of(file.text.as_ref());
        return Some(TextEdit::replace(FileRange::empty(end), text));
    }
    let last = root.entries().last()?;
    let start = usize::from(last.key_range.start());
    let line = file.text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
    let indent = file.text.get(line..start).filter(|it| it.trim().is_empty()).unwrap_or(" ");
    let text = format!(",{newline}{indent}\"triggers\": {{ \"crons\": [\"*/15 * * * *\"] }}");
    Some(TextEdit::replace(FileRange::empty(last.value.range.end()), text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, fixed, silent};

    const HANDLER: &str = r#"//- api/src/worker.ts
export default {
  async scheduled(event, env) {},
}
"#;

    #[test]
    fn a_handler_without_a_trigger_is_reported_at_its_worker() {
        check(
            &RULE,
            &format!(
                r#"{HANDLER}//- api/wrangler.toml
name = "api"
main = "src/worker.ts"
#~ missing-cron-trigger: this Worker has a `scheduled` handler but no cron trigger
[triggers]
//- wrangler.toml
name = "other"
"#
            ),
        );
        check(
            &RULE,
            r#"
//- Cargo.toml
[package]
name = "a"
edition = "2021"
//- src/lib.rs
#[event(scheduled)]
async fn scheduled(event: ScheduledEvent, env: Env, ctx: ScheduleContext) {}
//- wrangler.toml
name = "a"
#~ missing-cron-trigger
"#,
        );
        check(
            &RULE,
            &format!(
                r#"{HANDLER}//- api/wrangler.jsonc
{{ "name": "a" }}
//~ missing-cron-trigger
"#
            ),
        );
    }

    #[test]
    fn a_handler_that_is_called_is_left_alone() {
        for toml in [
            r#"[triggers]
crons = ["0 * * * *"]
"#,
            r#"[triggers]
crons = []
"#,
            r#"[env.production.triggers]
crons = ["0 * * * *"]
"#,
        ] {
            silent(
                &RULE,
                &format!(
                    r#"{HANDLER}//- api/wrangler.toml
name = "a"
{toml}"#
                ),
            );
        }
        silent(
            &RULE,
            &format!(
                r#"{HANDLER}//- web/wrangler.toml
name = "a"
"#
            ),
        );
        silent(&RULE, HANDLER);
        silent(
            &RULE,
            r#"//- a.ts
if (scheduled) { run() }
//- wrangler.toml
name = "a"
"#,
        );
    }

    #[test]
    fn the_trigger_is_added() {
        let after = |path: &str, text: &str| {
            fixed(
                &RULE,
                &format!(
                    r#"{HANDLER}//- {path}
{text}"#
                ),
            )[path]
                .clone()
        };
        assert_eq!(
            after("api/wrangler.toml", "name = \"a\"\r\n"),
            "name = \"a\"\r\n\r\n[triggers]\r\ncrons = [\"*/15 * * * *\"]\r\n"
        );
        assert_eq!(
            after(
                "api/wrangler.json", r#"{
  "name": "a"
}
"#
            ),
            r#"{
  "name": "a",
  "triggers": { "crons": ["*/15 * * * *"] }
}
"#
        );
    }
}
