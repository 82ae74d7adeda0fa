//! Markdown laid out for a terminal.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::terminal::Layout;

const HEADING: &str = "1";
const CODE: &str = "36";
const BLOCK: &str = "2";

/// A page with its headings, lists and code as they look on a terminal.
pub fn laid_out(markdown: &str, layout: Layout) -> String {
    let mut page = Page::new(layout);
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        page.take(event);
    }
    page.end_paragraph();
    page.out.trim_end().to_string() + "\n"
}

/// A word with the style that it is in.
struct Word {
    text: String,
    style: Option<&'static str>,
    /// Whether it follows the word before without a space.
    is_joined: bool,
}

struct Page {
    layout: Layout,
    out: String,
    words: Vec<Word>,
    style: Option<&'static str>,
    /// The marks of the lists around: a number, or nothing for a bullet.
    lists: Vec<Option<u64>>,
    /// Whether the next paragraph begins with the mark of its list.
    opens_item: bool,
    in_code: bool,
    link: Option<String>,
}

impl Page {
    fn new(layout: Layout) -> Self {
        Self {
            layout,
            out: String::new(),
            words: Vec::new(),
            style: None,
            lists: Vec::new(),
            opens_item: false,
            in_code: false,
            link: None,
        }
    }

    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.in_code => self.code_lines(&text),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => {
                self.text(&text, self.style);
            }
            Event::Code(code) => self.text(&code, Some(CODE)),
            Event::SoftBreak | Event::HardBreak => self.text(" ", None),
            Event::Rule => self.end_paragraph(),
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { level, .. } => {
                self.end_paragraph();
                self.style = Some(if level == HeadingLevel::H1 { "1;4" } else { HEADING });
            }
            Tag::Strong => self.style = Some(HEADING),
            Tag::Emphasis => self.style = Some("3"),
            Tag::CodeBlock(CodeBlockKind::Fenced(_) | CodeBlockKind::Indented) => {
                self.end_paragraph();
                self.in_code = true;
            }
            Tag::List(first) => {
                self.end_paragraph();
                self.lists.push(first);
            }
            Tag::Item => self.opens_item = true,
            Tag::Link { dest_url, .. } => self.link = Some(dest_url.to_string()),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) | TagEnd::Paragraph => {
                self.style = None;
                self.end_paragraph();
            }
            TagEnd::Strong | TagEnd::Emphasis => self.style = None,
            TagEnd::CodeBlock => {
                self.in_code = false;
                self.out.push('\n');
            }
            TagEnd::Item => self.end_paragraph(),
            TagEnd::List(_) => {
                self.lists.pop();
                if self.lists.is_empty() {
                    self.out.push('\n');
                }
            }
            TagEnd::TableCell => self.text("  ", None),
            TagEnd::TableRow | TagEnd::TableHead => self.end_paragraph(),
            TagEnd::Link => {
                if let Some(link) = self.link.take() {
                    self.text(&format!(" <{link}>"), None);
                }
            }
            _ => {}
        }
    }

    /// Takes in the words of a text, which may begin within a word.
    fn text(&mut self, text: &str, style: Option<&'static str>) {
        for (index, part) in text.split(' ').enumerate() {
            if part.is_empty() {
                self.words.push(Word { text: String::new(), style: None, is_joined: false });
            } else {
                let is_joined = index == 0 && !self.words.is_empty();
                self.words.push(Word { text: part.to_string(), style, is_joined });
            }
        }
    }

    fn code_lines(&mut self, text: &str) {
        for line in text.lines() {
            let line = self.layout.cut(&format!("    {line}"), 0);
            self.out += &self.layout.styled(BLOCK, &line);
            self.out.push('\n');
        }
    }

    /// Writes the words that were taken in, in lines that fit.
    fn end_paragraph(&mut self) {
        let words = std::mem::take(&mut self.words);
        if words.iter().all(|it| it.text.is_empty()) {
            return;
        }
        let indent = 2 * self.lists.len();
        let mark = match self.lists.last_mut() {
            Some(Some(number)) if self.opens_item => {
                *number += 1;
                format!("{}.", *number - 1)
            }
            Some(None) if self.opens_item => "-".to_string(),
            _ => String::new(),
        };
        self.opens_item = false;
        let width = self.layout.width.unwrap_or(usize::MAX);
        let start = format!("{:>1$}", mark, indent.saturating_sub(1));
        let mut column = indent;
        self.out += &start;
        self.out.extend(std::iter::repeat_n(' ', indent - start.chars().count().min(indent)));
        let mut needs_space = false;
        let mut words = words.into_iter().peekable();
        while let Some(first) = words.next() {
            // What stands together stays together.
            let mut together = vec![first];
            while let Some(joined) = words.next_if(|it| it.is_joined && !it.text.is_empty()) {
                together.push(joined);
            }
            let length: usize = together.iter().map(|it| it.text.chars().count()).sum();
            if length == 0 {
                continue;
            }
            if needs_space && column + 1 + length > width {
                self.out.push('\n');
                self.out.extend(std::iter::repeat_n(' ', indent));
                column = indent;
            } else if needs_space {
                self.out.push(' ');
                column += 1;
            }
            for word in together {
                match word.style {
                    Some(style) => self.out += &self.layout.styled(style, &word.text),
                    None => self.out += &word.text,
                }
            }
            column += length;
            needs_space = true;
        }
        self.out += if self.lists.is_empty() { "\n\n" } else { "\n" };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(markdown: &str, width: usize) -> String {
        laid_out(markdown, Layout { color: false, width: Some(width) })
    }

    #[test]
    fn a_page_is_laid_out_without_its_marks() {
        let page = "# unwrap-used\n\nThe `unwrap` of a *value*, see [the book](https://a.b), \
                    fails.\n\n- one `a`\n- two\n\n```rust\nx.unwrap()\n```\n\nPropagate.\n";
        let expected = "\
unwrap-used

The unwrap of a value, see the
book <https://a.b>, fails.

- one a
- two

    x.unwrap()

Propagate.
";
        assert_eq!(plain(page, 32), expected);
    }

    #[test]
    fn code_is_coloured_where_colours_are() {
        let colored = laid_out("Use `?` here.", Layout { color: true, width: Some(80) });
        assert_eq!(colored, "Use \u{1b}[36m?\u{1b}[0m here.\n");
    }
}
