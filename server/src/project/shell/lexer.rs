use super::{Command, Link};

/// Cuts a script into simple commands.
pub(super) struct Lexer<'t> {
    rest: &'t str,
    done: Vec<Command>,
    command: Command,
    word: Option<String>,
    was_quoted: bool,
    /// The here-documents that begin on the next line.
    awaited: Vec<HereDocument>,
}

/// The head of a here-document.
struct HereDocument {
    /// The line that ends it.
    end: String,
    /// Whether tabs in front of lines do not count.
    strips_tabs: bool,
    /// The command that it is given to.
    command: usize,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(script: &'t str) -> Self {
        Self {
            rest: script,
            done: Vec::new(),
            command: Command::default(),
            word: None,
            was_quoted: false,
            awaited: Vec::new(),
        }
    }

    pub(super) fn commands(mut self) -> Vec<Command> {
        while let Some(c) = self.rest.chars().next() {
            let after = self.rest.get(c.len_utf8()..).unwrap_or_default();
            match c {
                '$' if self.rest.starts_with("${{") => self.expression(),
                '\\' => self.escape(after),
                '\'' | '"' => {
                    let (text, rest) = quoted(after, c);
                    self.word.get_or_insert_default().push_str(&text);
                    self.was_quoted = true;
                    self.rest = rest;
                }
                '#' if self.word.is_none() => {
                    let end = self.rest.find('\n').unwrap_or(self.rest.len());
                    self.rest = self.rest.get(end..).unwrap_or_default();
                }
                '<' if self.rest.starts_with("<<<") => {
                    self.word.get_or_insert_default().push_str("<<<");
                    self.rest = after.get(2..).unwrap_or_default();
                }
                '<' if self.here_document() => {}
                ' ' | '\t' | '\r' => {
                    self.rest = after;
                    self.end_of_word();
                }
                '>' if after.starts_with(['&', '|']) => {
                    self.word.get_or_insert_default().push_str(self.rest.get(..2).unwrap_or(">"));
                    self.rest = after.get(1..).unwrap_or_default();
                }
                '\n' | ';' | '|' | '&' | '(' | ')' | '`' => self.operator(c, after),
                _ => {
                    self.word.get_or_insert_default().push(c);
                    self.rest = after;
                }
            }
        }
        self.end_of_command(Link::End);
        self.done
    }

    /// An expression of a workflow is one word.
    fn expression(&mut self) {
        let end = self.rest.find("}}").map_or(self.rest.len(), |at| at + 2);
        let (expression, rest) = self.rest.split_at(end);
        let text = expression.split_whitespace().collect::<String>();
        self.word.get_or_insert_default().push_str(&text);
        self.rest = rest;
    }

    fn escape(&mut self, after: &'t str) {
        let mut chars = after.chars();
        let next = chars.next();
        self.rest = chars.as_str();
        match next {
            Some('\n') | None => {}
            Some('\r') => self.rest = self.rest.trim_start_matches('\n'),
            Some(next) => self.word.get_or_insert_default().push(next),
        }
    }

    fn operator(&mut self, c: char, after: &'t str) {
        let (link, len) = match c {
            '&' if after.starts_with('&') => (Link::And, 1),
            // `&>file`
            '&' if after.starts_with('>') => {
                self.end_of_word();
                self.word = Some("&".to_string());
                self.rest = after;
                return;
            }
            '&' => (Link::Background, 0),
            '|' if after.starts_with('|') => (Link::Or, 1),
            '|' if after.starts_with('&') => (Link::Pipe, 1),
            '|' => (Link::Pipe, 0),
            _ => (Link::End, 0),
        };
        self.rest = after.get(len..).unwrap_or_default();
        self.end_of_command(link);
        if c == '\n' {
            self.here_documents();
        }
    }

    fn end_of_word(&mut self) {
        let was_quoted = std::mem::take(&mut self.was_quoted);
        let Some(word) = self.word.take() else { return };
        if was_quoted && word.trim().contains(char::is_whitespace) {
            self.command.quoted.push(word.clone());
        }
        self.command.words.push(word);
    }

    fn end_of_command(&mut self, next: Link) {
        self.end_of_word();
        let reads = self.awaited.last().is_some_and(|it| it.command == self.done.len());
        if !self.command.words.is_empty() || reads {
            self.command.next = next;
            self.done.push(std::mem::take(&mut self.command));
        }
    }

    /// Reads `<<END`. Nothing where the script has no such line: then it is something else.
    fn here_document(&mut self) -> bool {
        let Some(head) = self.rest.strip_prefix("<<").filter(|it| !it.starts_with('<')) else {
            return false;
        };
        let (strips_tabs, head) = match head.strip_prefix('-') {
            Some(head) => (true, head),
            None => (false, head),
        };
        let head = head.trim_start_matches([' ', '\t']);
        let stop = |c: char| c.is_whitespace() || ";|&()<>".contains(c);
        let (written, rest) = head.split_at(head.find(stop).unwrap_or(head.len()));
        let end = written.replace(['"', '\'', '\\'], "");
        let is_end = |line: &str| is_end(line, &end, strips_tabs);
        if end.is_empty() || !rest.lines().skip(1).any(is_end) {
            return false;
        }
        self.end_of_word();
        self.awaited.push(HereDocument { end, strips_tabs, command: self.done.len() });
        self.rest = rest;
        true
    }

    /// Reads the texts of the here-documents of the line that ended.
    fn here_documents(&mut self) {
        for document in std::mem::take(&mut self.awaited) {
            let mut text = String::new();
            while let Some((line, rest)) = next_line(self.rest) {
                self.rest = rest;
                if is_end(line, &document.end, document.strips_tabs) {
                    break;
                }
                text.push_str(line);
                text.push('\n');
            }
            if let Some(command) = self.done.get_mut(document.command) {
                command.input.push(text);
            }
        }
    }
}

/// The next line of a text without its line break, and what follows; nothing at the end.
fn next_line(text: &str) -> Option<(&str, &str)> {
    (!text.is_empty()).then(|| text.split_once('\n').unwrap_or((text, "")))
}

/// Whether a line ends a here-document.
pub(in crate::project) fn is_end(line: &str, end: &str, strips_tabs: bool) -> bool {
    let line = line.trim_end_matches('\r');
    end == if strips_tabs { line.trim_start_matches('\t') } else { line }
}

/// What stands in quotes, and what comes after them.
fn quoted(text: &str, quote: char) -> (String, &str) {
    let mut content = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            _ if c == quote => break,
            '\\' if quote == '"' => match chars.next() {
                Some('\n') => {}
                Some(next) => content.push(next),
                None => break,
            },
            _ => content.push(c),
        }
    }
    (content, chars.as_str())
}
