//! Permissive CORS in the JavaScript and TypeScript of workers and servers.

use crate::analysis::{Confidence, ProjectContext, Report, Severity};
use crate::project::ReferenceKind;

const HEADER: &str = "cors-header";
const OPTION: &str = "cors-option";
const PLAIN: &str = "cors-plain";
const FALLBACK: &str = "cors-fallback";
const CREDENTIALS: &str = "cors-credentials";

pub(super) const PATTERNS: &[(&str, &str)] = &[
    (
        HEADER,
        r#"(?i)["'`]access-control-allow-origin["'`]\s*\]?\s*(?:[:,=]|,\s*value:)\s*(["'`]\*["'`])"#,
    ),
    (OPTION, r#"\bcors\s*\(\s*\{[^{}]{0,200}?\borigin:\s*(["'`]\*["'`]|true\b)"#),
    (PLAIN, r"\buse\s*\((?:[^()]{0,60},)?\s*(cors\(\s*\))"),
    (FALLBACK, r#"(?i)\benv\.\w*(?:cors|origin)\w*\s*(?:\?\?|\|\|)\s*(["'`]\*["'`])"#),
    (
        CREDENTIALS,
        r#"(?i)(["'`]access-control-allow-credentials["'`]\s*\]?\s*[:,=]\s*["'`]?true|\bcredentials:\s*true)"#,
    ),
];

pub(super) fn check(cx: &mut ProjectContext<'_>) {
    let found: Vec<_> = cx
        .references()
        .filter(|(_, it)| !it.in_test)
        .filter_map(|(path, it)| match &it.kind {
            ReferenceKind::Script { pattern, .. } => Some((path, it.range, *pattern)),
            _ => None,
        })
        .collect();
    for (path, range, pattern) in &found {
        let with_credentials =
            found.iter().any(|(other, _, it)| other == path && *it == CREDENTIALS);
        let message = match *pattern {
            HEADER => "`Access-Control-Allow-Origin: *` lets any origin read the answers",
            OPTION | PLAIN => "`cors` lets any origin call and read the answers",
            FALLBACK => "without the setting any origin may call and read the answers",
            _ => continue,
        };
        let severity = match with_credentials {
            true => Severity::High,
            false => Severity::Medium,
        };
        let report = Report::new(*range, message).severity(severity);
        cx.report(path, report.confidence(Confidence::Likely));
    }
}
