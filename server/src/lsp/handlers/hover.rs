use ls_types::{Hover, HoverContents, HoverParams, MarkupContent, MarkupKind};
use tower_lsp::jsonrpc::Result;

use super::claim::claim_at;
use crate::analysis::Finding;
use crate::lsp::convert;
use crate::lsp::snapshot::DocumentSnapshot;
use crate::rules::STALE_CLAIM;
use crate::text::FileRange;

/// The evidence for a claim of a document at a position, and the pages of the rules that report
/// something there.
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
    // What is reported says what the claim's evidence is.
    let claim = claim.filter(|_| here.iter().all(|it| it.rule != &STALE_CLAIM));
    let evidence = claim.map(|it| format!("**{}**: {}", it.verdict.name(), it.evidence));
    let pages: Vec<String> = evidence.into_iter().chain(here.iter().map(page)).collect();
    let is_markdown = document.support.hover_markdown;
    let kind = if is_markdown { MarkupKind::Markdown } else { MarkupKind::PlainText };
    Ok(Some(Hover {
        contents: HoverContents::Markup(MarkupContent { kind, value: pages.join("\n\n---\n\n") }),
        range: Some(convert::range(&analyzed.text, range, document.support.encoding)),
    }))
}

fn page(finding: &Finding) -> String {
    let Finding { rule, severity, message, .. } = finding;
    format!("**{}** ({severity}): {message}\n\n{}", rule.id, rule.docs())
}
