//! Production readiness question without recorded evidence.
//!
//! Some questions of a production readiness review are not answered by code: whether a backup was
//! ever restored, who is on call, how a release is rolled back. `readiness.toml` records where each
//! of them is answered. Reported are the questions of a service that are open, answers that point
//! to a missing document or to one that does not say what is asked, and documents that were last
//! reviewed more than a year ago, or before `valid-days`.
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "api"
//!
//! [dependencies]
//! axum = "0.8"
//! //- src/main.rs
//! fn main() {}
//! ```
//!
//! Write the document and name it in `readiness.toml`. An answer is its path, optionally with a
//! heading, or a URL. A table states in addition when the document was last reviewed. A question that does not apply is answered with
//! the reason:
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "api"
//!
//! [dependencies]
//! axum = "0.8"
//! //- src/main.rs
//! fn main() {}
//! //- docs/operations.md
//! ## Backup and restore
//! A restore was last tested on 2026-03-01. RTO: 2 hours, RPO: 15 minutes.
//! ## Incidents
//! Who is on call has the pager. A release is rolled back by deploying the one before.
//! Objective: 99.9 % of requests within 300 ms. Checksums are verified every night.
//! Accounts are deleted after 90 days.
//! //- readiness.toml
//! [evidence]
//! threat-model = "https://wiki.example.org/threat-model"
//! backup-and-restore = "docs/operations.md#backup-and-restore"
//! key-rotation = "not-applicable: it holds no keys"
//! incident-response = "docs/operations.md"
//! service-levels = "docs/operations.md"
//! rollout-and-rollback = { document = "docs/operations.md", reviewed = "9999-01-31" }
//! scaling = "not-applicable: one instance serves the three people who use it"
//! data-integrity = "docs/operations.md"
//! retention = "docs/operations.md"
//! ```

use super::AREA;
use crate::analysis::{
    Applicability, FileEdit, Fix, Opportunity, ProjectContext, Report, Rule, Severity,
};
use crate::config::{self, Question};
use crate::project::evidence::{Standing, answers, entry, headings, slug, standing, template};
use crate::project::service::is_service;
use crate::project::values::Node;
use crate::project::{FileKind, Project, ProjectFile};
use crate::text::{FileRange, TextEdit, TextSize};

pub static RULE: Rule = Rule {
    id: "missing-evidence",
    opportunity: Opportunity::Questions,
    effort: 240,
    severity: Severity::Low,
    seeds: &["A.Q", "C.checklist", "D.docs", "E.7", "E.8", "E.10"],
    source: include_str!("missing_evidence.rs"),
    project: Some(check),
    ..Rule::project(AREA)
};

/// How many open questions the message names; a note lists the others.
const MAX_NAMED: usize = 3;

fn check(cx: &mut ProjectContext<'_>) {
    let settings = cx.file(config::FILE_NAME);
    let answers = settings.map(|file| answers(file)).unwrap_or_default();
    if let Some(file) = settings {
        for (question, answer) in &answers {
            let Some(range) = entry(file, *question).map(|it| it.range) else { continue };
            if let Standing::Insufficient(message) = standing(cx, *question, Some(answer)) {
                let question = *question;
                let report = Report::new(range, message);
                cx.report(&file.path, report.project_fix(move |it| write_template(it, question)));
            }
        }
    }
    let open: Vec<String> = Question::ALL
        .iter()
        .filter(|question| !answers.iter().any(|(answered, _)| answered == *question))
        .map(|question| question.name())
        .collect();
    if open.is_empty() || !is_service(cx) {
        return;
    }
    let place = settings.map(|file| (file, header(file))).or_else(|| cx.anchor());
    let Some((file, range)) = place else { return };
    let (named, others) = open.split_at(open.len().min(MAX_NAMED));
    let mut message = format!("no evidence recorded for: {}", named.join(", "));
    let mut notes = Vec::new();
    if !others.is_empty() {
        message += &format!(" and {} more", others.len());
        notes.push(format!("also open: {}", others.join(", ")));
    }
    let report = notes.into_iter().fold(Report::new(range, message), Report::note);
    cx.report(&file.path, report.project_fix(list_open));
}

fn table(file: &ProjectFile) -> Option<&Node> {
    file.root()?.get(config::EVIDENCE)
}

/// The key of the table, or what the file begins with.
fn header(file: &ProjectFile) -> FileRange {
    let root = file.root();
    let entry = root.and_then(|it| it.entry(config::EVIDENCE).or_else(|| it.entries().first()));
    entry.map(|it| it.key_range).unwrap_or_default()
}

/// Adds the open questions to the settings: with the document that seems to answer one, or else
/// as a comment.
fn list_open(project: &Project) -> Vec<Fix> {
    let file = project.file(config::FILE_NAME);
    let text = file.map_or("", |file| &file.text);
    let answered = file.map(|file| answers(file)).unwrap_or_default();
    let mut lines = String::new();
    for question in Question::ALL {
        let key = question.key();
        if answered.iter().any(|(it, _)| it == question) {
            continue;
        }
        match document_for(project, *question) {
            Some(path) => lines += &format!("{key} = \"{path}\"\n"),
            None if text.contains(&format!("# {key} = ")) => {}
            None => lines += &format!("# {key} = \"docs/{key}.md\"\n"),
        }
    }
    let has_table = file.is_some_and(|file| table(file).is_some());
    let header = text.find("[evidence]\n").map(|at| at + "[evidence]\n".len());
    let edit = match header {
        Some(at) if has_table => TextEdit::insert(TextSize::new(at as u32), lines.clone()),
        // A table that is written otherwise.
        None if has_table => return Vec::new(),
        _ => {
            let gap = match text {
                "" => "",
                text if text.ends_with('\n') => "\n",
                _ => "\n\n",
            };
            let table = format!(
                "{gap}# Evidence for questions that the code does not answer.\n[evidence]\n{lines}"
            );
            TextEdit::insert(TextSize::of(text), table)
        }
    };
    if lines.is_empty() {
        return Vec::new();
    }
    vec![Fix {
        title: format!("Add the open questions to `{}`", config::FILE_NAME),
        applicability: Applicability::Suggested,
        edits: vec![FileEdit { path: config::FILE_NAME.to_string(), edits: vec![edit] }],
    }]
}

/// Creates the document that an answer names and that is not there.
fn write_template(project: &Project, question: Question) -> Vec<Fix> {
    let file = project.file(config::FILE_NAME);
    let answer = file
        .and_then(|file| entry(file, question))
        .and_then(|it| it.as_str().or_else(|| it.get("document")?.as_str()));
    let Some(path) = answer.filter(|it| it.ends_with(".md") && !it.contains("..")) else {
        return Vec::new();
    };
    if project.exists(path) {
        return Vec::new();
    }
    let edit = TextEdit::insert(TextSize::new(0), template(question));
    vec![Fix {
        title: format!("Create `{path}` with the sections it needs"),
        applicability: Applicability::Suggested,
        edits: vec![FileEdit { path: path.to_string(), edits: vec![edit] }],
    }]
}

/// A document of the repository that seems to answer a question: by its name, or by a heading.
fn document_for(project: &Project, question: Question) -> Option<String> {
    let words = words_of(question);
    let speaks = |text: &str| {
        let slug = slug(text).replace('_', "-");
        words.iter().any(|word| format!("-{slug}-").contains(&format!("-{word}")))
    };
    let documents = || project.files(FileKind::Markdown).filter(|it| !it.path.contains('"'));
    let named = documents().find(|file| speaks(file.name().trim_end_matches(".md")));
    if let Some(file) = named {
        return Some(file.path.clone());
    }
    documents().filter(|file| !file.name().to_lowercase().starts_with("changelog")).find_map(
        |file| {
            let heading = headings(&file.text).find(|it| speaks(it))?;
            Some(format!("{}#{}", file.path, slug(heading)))
        },
    )
}

/// What documents about a question are called.
fn words_of(question: Question) -> &'static [&'static str] {
    match question {
        Question::ThreatModel => &["threat-model", "threatmodel"],
        Question::BackupAndRestore => &["backup", "restore", "disaster-recovery"],
        Question::KeyRotation => &["key-rotation", "rotate-key", "rotating-key", "secret-rotation"],
        Question::IncidentResponse => &["incident", "on-call", "oncall"],
        Question::ServiceLevels => &["slo-", "slos-", "service-level"],
        Question::RolloutAndRollback => &["rollback", "rollout", "rolling-back"],
        Question::Scaling => &["scaling", "capacity-planning", "horizontal-scaling"],
        Question::DataIntegrity => &["data-integrity", "integrity-check"],
        Question::Retention => &["retention"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, check_fix, first_fixes, silent};

    const SERVER: &str = r#"//- Cargo.toml
[package]
name = "api"
[dependencies]
axum = "0.8"
//- src/main.rs
fn main() {}
"#;

    const ALL: &str = r#"//- ops.md
# Ops
Assets, attackers and mitigations. A restore was tested on 2026-03-01, RTO 2 hours, RPO 1 hour.
Objective: 99.9 %. One instance is the limit. Checked every night. Kept for 90 days.
## On-call: who, when?
Whoever has the pager.
//- readiness.toml
[evidence]
threat-model = "ops.md"
backup-and-restore = "ops.md"
key-rotation = "not-applicable: no keys"
incident-response = "ops.md#on-call-who-when"
service-levels = "ops.md"
rollout-and-rollback = "https://wiki.example.org/rollback"
scaling = "./ops.md"
data-integrity = { document = "ops.md" }
retention = { document = "ops.md", reviewed = "9998-12-31" }
"#;

    #[test]
    fn open_questions_of_a_service_are_one_finding() {
        check(
            &RULE,
            &SERVER.replace(
                "[package]\n",
                r#"[package]
#~ missing-evidence
"#,
            ),
        );
        let open = SERVER.to_string()
            + &ALL.replace("scaling = \"./ops.md\"\n", "").replace("retention", "# retention");
        let marked = open.replace(
            "[evidence]\n",
            r#"[evidence]
#~ missing-evidence: no evidence recorded for: scaling, retention
"#,
        );
        check(&RULE, &marked);
        check(
            &RULE,
            &format!(
                r#"{SERVER}//- readiness.toml
exclude = []
#~ missing-evidence
"#
            ),
        );
        check(
            &RULE,
            r#"
//- package.json
{ "name": "worker" }
//~ missing-evidence
//- wrangler.toml
name = "worker"
"#,
        );
    }

    #[test]
    fn answered_questions_are_silent() {
        silent(&RULE, &format!("{SERVER}{ALL}"));
    }

    #[test]
    fn libraries_tools_and_published_packages_are_silent() {
        silent(&RULE, &SERVER.replace("src/main.rs", "src/lib.rs"));
        silent(&RULE, &SERVER.replace("axum", "clap"));
        silent(&RULE, &SERVER.replace("axum", "tower-lsp"));
        silent(
            &RULE,
            &format!(
                r#"{SERVER}//- Cargo.toml.orig
[package]
"#
            ),
        );
        silent(&RULE, &SERVER.replace("//- ", "//- examples/api/"));
    }

    #[test]
    fn invalid_answers_are_reported_at_their_entry() {
        for (answer, message) in [
            ("\"docs/gone.md\"", "`docs/gone.md` does not exist"),
            ("\"ops.md#gone\"", "`ops.md` has no heading `#gone`"),
            ("\"not-applicable\"", "`not-applicable` needs a reason"),
            (
                "{ document = \"ops.md\", reviewed = \"2001-02-28\" }",
                "last reviewed on 2001-02-28, more than a year ago",
            ),
            (
                "{ document = \"ops.md\", reviewed = \"soon\" }",
                "`soon` is not a date such as `2026-01-31`",
            ),
        ] {
            let entry = format!(
                r#"scaling = {answer}
#~ missing-evidence: {message}
"#
            );
            let all = ALL.replace("scaling = \"./ops.md\"\n", &entry);
            check(&RULE, &format!("{SERVER}{all}"));
        }
    }

    #[test]
    fn the_fix_lists_the_questions_and_the_documents_there_are() {
        let title = "Add the open questions to `readiness.toml`";
        let documents = "\
//- docs/threat-model.md
# Threats
//- RUNBOOK.md
# Runbook
## Backup & restore
";
        let after = r#"//- readiness.toml
# Evidence for questions that the code does not answer.
[evidence]
threat-model = "docs/threat-model.md"
backup-and-restore = "RUNBOOK.md#backup--restore"
# key-rotation = "docs/key-rotation.md"
# incident-response = "docs/incident-response.md"
# service-levels = "docs/service-levels.md"
# rollout-and-rollback = "docs/rollout-and-rollback.md"
# scaling = "docs/scaling.md"
# data-integrity = "docs/data-integrity.md"
# retention = "docs/retention.md"
"#;
        check_fix(&RULE, title, &format!("{SERVER}{documents}"), after);
        // Questions that are already listed are not added again.
        assert_eq!(
            first_fixes(
                &RULE,
                &format!(
                    r#"{SERVER}{after}//- docs/threat-model.md

//- RUNBOOK.md
## Backup & restore
"#
                )
            )
            .1,
            []
        );
    }
}
