//! Here-documents of Dockerfiles. The parser knows one at the start of a `RUN`; BuildKit takes any
//! number of them, behind any command: <https://docs.docker.com/reference/dockerfile/#here-documents>.

use std::ops::Range;

use crate::project::shell::is_end;

/// A Dockerfile whose here-documents are blank, for a parser that does not know them.
pub(super) struct WithoutHereDocuments {
    /// As long as the text, with the same lines.
    pub text: String,
    /// Each with the line of the instruction that it belongs to, continued ones included, and the
    /// here-document with the line that ends it.
    documents: Vec<(Range<usize>, Range<usize>)>,
}

impl WithoutHereDocuments {
    pub fn new(text: &str) -> Self {
        let mut documents = Vec::new();
        let mut lines = Lines { text, at: 0 };
        let escape = escape(text);
        while let Some(line) = lines.instruction(escape) {
            let written = text.get(line.clone()).unwrap_or_default();
            if !takes_here_documents(written) {
                continue;
            }
            for (end, strips_tabs) in heads(written) {
                let Some(document) = lines.here_document(&end, strips_tabs) else { break };
                documents.push((line.clone(), document));
            }
        }
        let mut blank = text.as_bytes().to_vec();
        let mut fill = |range: Range<usize>| {
            for byte in blank.get_mut(range).into_iter().flatten() {
                if !matches!(byte, b'\n' | b'\r') {
                    *byte = b' ';
                }
            }
        };
        documents.iter().for_each(|(_, document)| fill(document.clone()));
        // Without its document a `<<` would be a mistake.
        for (line, _) in &documents {
            let written = text.get(line.clone()).unwrap_or_default();
            written.match_indices("<<").for_each(|(at, _)| {
                let at = line.start + at;
                if let Some(sign) = blank.get_mut(at..at + 2) {
                    sign.copy_from_slice(b"__");
                }
            });
        }
        let text = String::from_utf8(blank).unwrap_or_else(|_| text.to_string());
        Self { text, documents }
    }

    /// The here-documents of the instruction that stands at a place, as one piece of text.
    pub fn of(&self, at: usize) -> Option<Range<usize>> {
        let mut documents = self.documents.iter().filter(|(line, _)| line.contains(&at));
        let first = documents.next()?.1.clone();
        let end = documents.next_back().map_or(first.end, |(_, last)| last.end);
        Some(first.start..end)
    }
}

/// What continues a line: a backslash, unless the file says otherwise at its top.
fn escape(text: &str) -> char {
    let directives = text.lines().map_while(|line| line.trim().strip_prefix('#'));
    let escape = directives.filter_map(|it| it.split_once('=')).find_map(|(name, value)| {
        name.trim().eq_ignore_ascii_case("escape").then(|| value.trim().chars().next())
    });
    escape.flatten().unwrap_or('\\')
}

/// `COPY` and `ADD` are left to the parser, which knows theirs.
fn takes_here_documents(line: &str) -> bool {
    let mut words = line.split_whitespace().map(str::to_ascii_uppercase);
    match words.next().as_deref() {
        Some("ONBUILD") => words.next().as_deref() == Some("RUN"),
        first => first == Some("RUN"),
    }
}

/// The ends of the here-documents that a line opens, and whether tabs in front of them do not
/// count. Each is a word of its own, which may have the number of a stream in front.
fn heads(line: &str) -> Vec<(String, bool)> {
    let words = line.split_whitespace().filter_map(|word| {
        let word = word.trim_start_matches(|c: char| c.is_ascii_digit());
        let head = word.strip_prefix("<<").filter(|it| !it.contains('<'))?;
        let (strips_tabs, head) = match head.strip_prefix('-') {
            Some(head) => (true, head),
            None => (false, head),
        };
        let end = head.replace(['"', '\'', '\\'], "");
        (!end.is_empty()).then_some((end, strips_tabs))
    });
    words.collect()
}

/// Reads a text line by line.
struct Lines<'t> {
    text: &'t str,
    at: usize,
}

impl Lines<'_> {
    /// The next line, with its line break left out.
    fn line(&mut self) -> Option<Range<usize>> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let start = self.at;
        let len = rest.find('\n').unwrap_or(rest.len());
        self.at = (start + len + 1).min(self.text.len());
        Some(start..start + len)
    }

    /// The next line with those that continue it; comments and blank lines between do not end it.
    fn instruction(&mut self, escape: char) -> Option<Range<usize>> {
        let first = self.line()?;
        let mut end = first.end;
        let mut last = self.slice(&first).trim();
        if is_blank(last) {
            return Some(first);
        }
        while last.ends_with(escape) || end > first.end && is_blank(last) {
            let Some(next) = self.line() else { break };
            end = next.end;
            last = self.slice(&next).trim();
        }
        Some(first.start..end)
    }

    /// A here-document up to the line that ends it; nothing where there is none.
    fn here_document(&mut self, end: &str, strips_tabs: bool) -> Option<Range<usize>> {
        let start = self.at;
        while let Some(line) = self.line() {
            if is_end(self.slice(&line), end, strips_tabs) {
                return Some(start..line.end);
            }
        }
        self.at = start;
        None
    }

    fn slice(&self, range: &Range<usize>) -> &str {
        self.text.get(range.clone()).unwrap_or_default()
    }
}

fn is_blank(line: &str) -> bool {
    line.is_empty() || line.starts_with('#')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn here_documents_are_blanked_and_kept() {
        let text = "# escape=`\nFROM a\nRUN x && `\n# note\n  cat > b <<'E' && cat <<-F > c\né\nE\n\t\tF\nRUN echo <<G\nCOPY <<H /h\nUSER x\nH\n";
        let file = WithoutHereDocuments::new(text);
        assert_eq!(file.text.len(), text.len());
        assert_eq!(file.text.lines().count(), text.lines().count());
        assert!(file.text.contains("cat > b __'E' && cat __-F > c\n  \n \n   \nRUN echo <<G\n"));
        let at = text.find("RUN x").expect("it is there");
        let documents = file.of(at).and_then(|range| text.get(range));
        assert_eq!(documents, Some("é\nE\n\t\tF"));
        assert_eq!(file.of(text.find("RUN echo").expect("it is there")), None);
        assert!(file.text.ends_with("COPY <<H /h\nUSER x\nH\n"));
    }
}
