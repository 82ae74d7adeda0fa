use ls_types::{Hover, HoverContents, HoverParams, MarkupContent, MarkupKind};
use tower_lsp::jsonrpc::Result;

use crate::analysis::Finding;
use crate::lsp::convert;
use crate::lsp::snapshot::DocumentSnapshot;
use crate::text::FileRange;

/// The pages of the rules that report something at a position.
pub fn hover(document: &DocumentSnapshot, params: HoverParams) -> Result<Option<Hover>> {
    let Some(analyzed) = document.analyze()? else { return Ok(None) };
    let position = convert::to_position(params.text_document_position_params.position);
    let offset = analyzed.text.offset(position, document.support.encoding);
    let mut here = analyzed.findings;
    here.retain(|finding| finding.range.contains_inclusive(offset));
    let Some(range) = here.iter().map(|it| it.range).reduce(FileRange::cover) else {
        return Ok(None);
    };
    let pages: Vec<String> = here.iter().map(page).collect();
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
