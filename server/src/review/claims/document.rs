//! A Markdown document as the units in which people make claims: headings, paragraphs, items of
//! lists, rows of tables, code blocks.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// What a unit is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnitKind {
    /// A heading of a level.
    Heading(usize),
    /// A paragraph outside of lists.
    Paragraph,
    /// An item of a list, without the lists in it.
    Item,
    /// A row of a table.
    Row,
    /// A code block, with what stands behind its fence.
    Code(String),
}

/// A piece of a unit's text that stands in the document in one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Bytes of the unit's text.
    pub range: Range<usize>,
    /// The byte of the document where the first of them stands.
    pub at: usize,
    /// Whether it is inline code.
    pub is_code: bool,
    /// Whether it is emphasised as strong.
    pub is_strong: bool,
}

/// A unit of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    pub kind: UnitKind,
    /// Its text without marks of emphasis and code; of a code block its content.
    pub text: String,
    /// The pieces of the text, in order.
    pub spans: Vec<Span>,
    /// Links to destinations without a scheme: bytes of the text, and the destination.
    pub links: Vec<(Range<usize>, String)>,
    /// The box of a task: whether it is ticked, and the bytes of the document it is.
    pub task: Option<(bool, Range<usize>)>,
    /// The index of the heading that it stands below; of a heading that of the one above it.
    pub heading: Option<usize>,
    /// The index of the item of a list that it stands in.
    pub parent: Option<usize>,
    /// Bytes of the document.
    pub range: Range<usize>,
}

impl Unit {
    /// Where a part of the text stands in the document.
    pub fn place(&self, range: Range<usize>) -> Range<usize> {
        let at = |offset: usize| {
            let span = self.spans.iter().rev().find(|it| it.range.start <= offset);
            span.map_or(self.range.start, |it| it.at + (offset - it.range.start))
        };
        let start = at(range.start);
        // The end belongs to the character before it.
        let end = if range.is_empty() { start } else { at(range.end - 1) + 1 };
        start..end.max(start)
    }

    /// The pieces of inline code, with their texts.
    pub fn codes(&self) -> impl Iterator<Item = (&Span, &str)> {
        let codes = self.spans.iter().filter(|it| it.is_code);
        codes.map(|it| (it, self.text.get(it.range.clone()).unwrap_or_default()))
    }

    /// The label that it opens with, in lower case: `location` of `**Location**: …`.
    pub fn label(&self) -> Option<String> {
        let strong = self.spans.iter().take_while(|it| it.is_strong).last();
        let end = match strong {
            Some(strong) => {
                let rest = self.text.get(strong.range.end..)?.trim_start();
                let opened = self.text.get(..strong.range.end)?.trim_end();
                let is_label = opened.ends_with(':') || rest.starts_with([':', '\u{2014}']);
                strong.range.end * usize::from(is_label)
            }
            None => {
                let end = self.text.find(':')?;
                let label = self.text.get(..end)?;
                let is_label = label.split_whitespace().count() <= 2 && label.len() <= 24;
                end * usize::from(is_label && !label.contains(['/', '.', '_']))
            }
        };
        let label = self.text.get(..end)?.trim().trim_end_matches(':').trim();
        (!label.is_empty()).then(|| label.to_lowercase())
    }
}

/// The units of a document, in order.
pub fn units(text: &str) -> Vec<Unit> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS;
    let mut reader = Reader {
        text,
        units: Vec::new(),
        open: None,
        items: Vec::new(),
        headings: Vec::new(),
        strong: 0,
    };
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        reader.event(event, range);
    }
    reader.close();
    reader.units
}

struct Reader<'t> {
    text: &'t str,
    units: Vec<Unit>,
    /// The unit that text goes into.
    open: Option<Unit>,
    /// The indices of the items around, once they are known; those of the outermost first.
    items: Vec<Option<usize>>,
    /// The headings above, with their levels.
    headings: Vec<(usize, usize)>,
    strong: usize,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                self.close();
                let level = level as usize;
                self.headings.retain(|(above, _)| *above < level);
                self.open(UnitKind::Heading(level), range);
            }
            Event::Start(Tag::Paragraph) => match self.items.last() {
                // The first paragraph of an item is the item.
                Some(None) if self.open.as_ref().is_some_and(|it| it.text.is_empty()) => {}
                _ => {
                    self.close();
                    self.open(UnitKind::Paragraph, range);
                }
            },
            Event::Start(Tag::Item) => {
                self.close();
                self.items.push(None);
                self.open(UnitKind::Item, range);
            }
            Event::Start(Tag::CodeBlock(kind)) => {
                self.close();
                let info = match kind {
                    CodeBlockKind::Fenced(info) => info.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                self.open(UnitKind::Code(info), range);
            }
            Event::Start(Tag::TableRow | Tag::TableHead) => {
                self.close();
                self.open(UnitKind::Row, range);
            }
            Event::Start(Tag::TableCell) => {
                if let Some(unit) = self.open.as_mut().filter(|it| !it.text.is_empty()) {
                    unit.text.push_str(" | ");
                }
            }
            Event::Start(Tag::Link { dest_url, .. }) => self.begin_link(&dest_url),
            Event::End(TagEnd::Link) => self.end_link(),
            Event::Start(Tag::Strong) => self.strong += 1,
            Event::End(TagEnd::Strong) => self.strong = self.strong.saturating_sub(1),
            Event::End(TagEnd::Item) => {
                self.close();
                self.items.pop();
            }
            Event::End(
                TagEnd::Heading(_)
                | TagEnd::Paragraph
                | TagEnd::CodeBlock
                | TagEnd::TableRow
                | TagEnd::TableHead
                | TagEnd::List(_),
            ) => self.close(),
            Event::TaskListMarker(done) => {
                if let Some(unit) = &mut self.open {
                    unit.task = Some((done, range));
                }
            }
            Event::Text(text) => self.push(&text, range.start, false),
            Event::Code(text) => {
                let written = self.text.get(range.clone()).unwrap_or_default();
                let inside = written.find(text.as_ref()).unwrap_or_default();
                self.push(&text, range.start + inside, true);
            }
            Event::SoftBreak | Event::HardBreak => self.push(" ", range.start, false),
            Event::Html(_) | Event::InlineHtml(_) => self.push(" ", range.start, false),
            _ => {}
        }
    }

    fn begin_link(&mut self, destination: &str) {
        let is_relative = !destination.contains("://") && !destination.starts_with(['#', '/']);
        if let Some(unit) = self.open.as_mut().filter(|_| is_relative) {
            unit.links.push((unit.text.len()..unit.text.len(), destination.to_string()));
        }
    }

    fn end_link(&mut self) {
        let Some(unit) = &mut self.open else { return };
        let end = unit.text.len();
        if let Some((range, _)) = unit.links.last_mut().filter(|it| it.0.is_empty()) {
            range.end = end;
        }
    }

    fn open(&mut self, kind: UnitKind, range: Range<usize>) {
        self.open = Some(Unit {
            kind,
            text: String::new(),
            spans: Vec::new(),
            links: Vec::new(),
            task: None,
            heading: self.headings.last().map(|(_, index)| *index),
            parent: self.items.iter().rev().find_map(|it| *it),
            range,
        });
    }

    fn push(&mut self, text: &str, at: usize, is_code: bool) {
        let is_strong = self.strong > 0;
        let Some(unit) = &mut self.open else { return };
        let start = unit.text.len();
        unit.text.push_str(text);
        unit.spans.push(Span { range: start..unit.text.len(), at, is_code, is_strong });
    }

    fn close(&mut self) {
        let Some(unit) = self.open.take() else { return };
        let index = self.units.len();
        match unit.kind {
            UnitKind::Heading(level) => self.headings.push((level, index)),
            UnitKind::Item => {
                if let Some(item) = self.items.last_mut() {
                    *item = Some(index);
                }
            }
            _ if unit.text.trim().is_empty() => return,
            _ => {}
        }
        self.units.push(unit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# A

Text with `code` and
**strong**.

1. **src/a.rs** (Line 13)
   - **Location**: `f()`
   - [x] done

   ```rust
   let a = 1;
   ```

## B

| x | y |
|---|---|
| `p` | q\u{fffd} |
";

    #[test]
    fn units_know_what_they_stand_below() {
        let units = units(TEXT);
        let shown = units.iter().map(|it| {
            let heading = it.heading.map(|at| units[at].text.clone()).unwrap_or_default();
            let parent = it.parent.map(|at| units[at].text.clone()).unwrap_or_default();
            format!("{}|{heading}|{parent}", it.text.trim_end())
        });
        assert_eq!(
            shown.collect::<Vec<_>>(),
            [
                "A||",
                "Text with code and strong.|A|",
                "src/a.rs (Line 13)|A|",
                "Location: f()|A|src/a.rs (Line 13)",
                "done|A|src/a.rs (Line 13)",
                "let a = 1;|A|src/a.rs (Line 13)",
                "B|A|",
                "x | y|B|",
                "p | q\u{fffd}|B|",
            ]
        );
        assert_eq!(units[3].label().as_deref(), Some("location"));
        assert!(units[4].task.as_ref().is_some_and(|(done, _)| *done));
    }

    #[test]
    fn parts_of_a_unit_have_their_places() {
        for unit in units(TEXT) {
            for (span, code) in unit.codes() {
                assert_eq!(&TEXT[unit.place(span.range.clone())], code);
            }
        }
    }
}
