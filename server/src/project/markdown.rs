//! The code blocks of Markdown.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, CowStr, Event, Parser, Tag, TagEnd};

/// A fenced code block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeBlock<'t> {
    /// What stands behind the opening fence: `rust,no_run`.
    pub info: CowStr<'t>,
    /// Bytes of the text, fences included.
    pub range: Range<usize>,
    /// Bytes of the lines between the fences.
    pub content: Range<usize>,
}

/// The fenced code blocks of a text, in order. One that nothing closes ends with the text.
pub fn code_blocks(text: &str) -> Vec<CodeBlock<'_>> {
    // Most texts have none, and need not be parsed.
    if !text.contains("```") && !text.contains("~~~") {
        return Vec::new();
    }
    let mut blocks: Vec<CodeBlock<'_>> = Vec::new();
    let mut is_inside = false;
    for (event, range) in Parser::new(text).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                is_inside = true;
                blocks.push(CodeBlock { info, content: range.end..range.end, range });
            }
            Event::End(TagEnd::CodeBlock) => is_inside = false,
            Event::Text(_) if is_inside => {
                if let Some(block) = blocks.last_mut() {
                    if block.content.is_empty() {
                        // Lines in a list are indented, the first one like the others.
                        let before = text.get(..range.start).unwrap_or_default();
                        block.content.start = before.rfind('\n').map_or(0, |at| at + 1);
                    }
                    block.content.end = range.end;
                }
            }
            _ => {}
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_have_their_lines_and_what_is_said_of_them() {
        let text =
            "a\n\n```toml\nb = 1\n```\n\n- c\n\n  ~~~ yaml,x\n  d: 2\n  e: 3\n  ~~~\n\n```\n```\n";
        let shown = |it: &CodeBlock<'_>| format!("{}|{}", it.info, &text[it.content.clone()]);
        let blocks: Vec<String> = code_blocks(text).iter().map(shown).collect();
        assert_eq!(blocks, ["toml|b = 1\n", "yaml,x|  d: 2\n  e: 3\n", "|"]);
    }
}
