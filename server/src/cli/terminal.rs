//! What is known of the terminal that output goes to, if it goes to one.

use std::io::{self, IsTerminal};

use clap::ValueEnum;

use crate::config::Severity;

/// Whether output is coloured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::Args)]
pub struct ColorArgs {
    /// Whether output is coloured; `auto` colours it on a terminal and follows `NO_COLOR`.
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    color: Color,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

impl ColorArgs {
    /// Whether standard output is to be coloured. What goes to stderr follows as well.
    pub fn apply(self) -> bool {
        match self.color {
            Color::Auto => {}
            Color::Always => anstream::ColorChoice::Always.write_global(),
            Color::Never => anstream::ColorChoice::Never.write_global(),
        }
        anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
    }
}

/// How text is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    pub color: bool,
    /// The columns of the terminal; nothing where output goes elsewhere.
    pub width: Option<usize>,
}

/// Narrower terminals are written to as if they were that wide.
const MIN_WIDTH: usize = 40;

impl Layout {
    pub fn of_stdout(color: ColorArgs) -> Self {
        let is_terminal = io::stdout().is_terminal();
        let size = terminal_size::terminal_size_of(io::stdout()).filter(|_| is_terminal);
        let width = size.map(|(width, _)| usize::from(width.0).max(MIN_WIDTH));
        Self { color: color.apply(), width: width.or_else(|| is_terminal.then_some(80)) }
    }

    pub fn is_terminal(self) -> bool {
        self.width.is_some()
    }

    /// A text in a style, by the numbers of its escape sequence.
    pub fn styled(self, style: &str, text: &str) -> String {
        if self.color { format!("\x1b[{style}m{text}\x1b[0m") } else { text.to_string() }
    }

    /// A text in the colour of a severity.
    pub fn in_severity(self, severity: Severity, text: &str) -> String {
        let style = match severity {
            Severity::Critical => "1;91",
            Severity::High => "1;33",
            Severity::Medium => "1;94",
            Severity::Low => "1",
        };
        self.styled(style, text)
    }

    /// A text in one line of the terminal that `used` columns are taken of.
    pub fn cut(self, text: &str, used: usize) -> String {
        let room = self.width.map_or(usize::MAX, |width| width.saturating_sub(used));
        if text.chars().count() <= room {
            return text.to_string();
        }
        let kept: String = text.chars().take(room.saturating_sub(1)).collect();
        format!("{}…", kept.trim_end())
    }

    /// A text whose lines fit the terminal; the first one begins after `used` columns, and the
    /// others are indented by `indent`.
    pub fn wrapped(self, text: &str, used: usize, indent: usize) -> String {
        let Some(width) = self.width else { return text.to_string() };
        let mut out = String::new();
        let mut column = used;
        for word in text.split(' ') {
            let length = word.chars().count();
            let is_first = out.is_empty();
            if !is_first && column + 1 + length > width {
                out.push('\n');
                out.extend(std::iter::repeat_n(' ', indent));
                column = indent;
            } else if !is_first {
                out.push(' ');
                column += 1;
            }
            out += word;
            column += length;
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_wider_than_the_terminal() {
        let narrow = Layout { color: false, width: Some(12) };
        assert_eq!(narrow.cut("a summary that is long", 2), "a summary…");
        assert_eq!(narrow.wrapped("one two three four", 3, 2), "one two\n  three four");
        let file = Layout { color: false, width: None };
        assert_eq!(file.cut("a summary that is long", 2), "a summary that is long");
        assert_eq!(file.wrapped("one two three four", 3, 2), "one two three four");
    }
}
