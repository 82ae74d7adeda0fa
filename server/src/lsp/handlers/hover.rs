use ls_types::{Hover, HoverContents, HoverParams, MarkupContent, MarkupKind};
use tower_lsp::jsonrpc::Result;

use super::claim::claim_at;
use crate::analysis::{Finding, Rule};
use crate::lsp::snapshot::DocumentSnapshot;
use crate::lsp::{convert, rule_pages};
use crate::review::{Advice, first_sentence};
use crate::text::FileRange;

/// The evidence for a claim of a document at a position, and what the rules that report something there
/// are about.
pub fn hover(document: &DocumentSnapshot, params: HoverParams) -> Result<Option<Hover>> {
    let Some(analyzed) = document.analyze()? else { return Ok(None) };
    let position = convert::to_position(params.text_document_position_params.position);
    let offset = analyzed.text.offset(position, document.support.encoding);
    let mut here = analyzed.findings;
    here.retain(|finding| finding.range.contains_inclusive(offset));
    let claim = claim_at(document, params.text_document_position_params.position)?;
    let claim = claim.map(|(judged, _)| judged);
    let ranges = here.iter().map(|it| it.range).chain(claim.as_ref().map(|it| it.claim.range));
    let Some(range) = ranges.reduce(FileRange::cover) else { return Ok(None) };
    let evidence = claim.map(|it| format!("**{}**: {}", it.verdict.name(), it.evidence));
    let is_markdown = document.support.hover_markdown;
    // Of several findings of one rule each would say the same.
    let mut known = Vec::new();
    here.retain(|it| {
        !known.contains(&it.rule.id) && {
            known.push(it.rule.id);
            true
        }
    });
    let tell = if here.len() > 1 { in_a_line } else { about };
    let pages = here.iter().map(|finding| tell(finding, is_markdown));
    let pages: Vec<String> = evidence.into_iter().chain(pages).collect();
    let kind = if is_markdown { MarkupKind::Markdown } else { MarkupKind::PlainText };
    Ok(Some(Hover {
        contents: HoverContents::Markup(MarkupContent { kind, value: pages.join("\n\n") }),
        range: Some(convert::range(&analyzed.text, range, document.support.encoding)),
    }))
}

/// Five lines: the rule, what it reports, why that matters, what to do, and where more is. The message is not
/// among them: editors show it beside this.
fn about(finding: &Finding, is_markdown: bool) -> String {
    let Finding { rule, severity, .. } = finding;
    let Advice { impact, fix } = Advice::of(rule);
    let mut lines = vec![
        format!("**{}** · {severity} · {}", rule.id, rule.area.name()),
        format!("{}.", rule.summary()),
        first_sentence(&impact).to_string(),
    ];
    lines.extend(Some(format!("{fix}.")).filter(|_| !fix.is_empty()));
    lines.push(link_to(rule, "More, with examples", is_markdown));
    // Hard breaks: as paragraphs they would take twice the room.
    lines.join(if is_markdown { "  \n" } else { "\n" })
}

/// What a rule reports, for a place that several rules report.
fn in_a_line(finding: &Finding, is_markdown: bool) -> String {
    let Finding { rule, severity, .. } = finding;
    format!("**{}** · {severity} · {}", rule.id, link_to(rule, &rule.summary(), is_markdown))
}

/// A text that leads to the page of a rule, where there is one.
fn link_to(rule: &Rule, text: &str, is_markdown: bool) -> String {
    match rule_pages::link(rule) {
        Some(link) if is_markdown => format!("[{text}]({})", link.href.as_str()),
        Some(link) => format!("{text}: {}", link.href.as_str()),
        None => text.to_string(),
    }
}
