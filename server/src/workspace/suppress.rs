//! The two ways to silence a finding: a comment above it, and a setting.

use super::Snapshot;
use crate::analysis::{Applicability, FileEdit, Finding, Fix};
use crate::config;
use crate::project::FileKind;
use crate::project::comments::commented_as_whole;
use crate::text::{BYTE_ORDER_MARK, FileRange, TextEdit, TextSize};

/// The ways to silence a finding, offered with every one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppressions {
    /// Writes the suppressing comment above the finding.
    pub comment: Option<Fix>,
    /// Turns the rule off in `readiness.toml`.
    pub setting: Fix,
}

impl Snapshot {
    /// The comment and the setting that silence a finding.
    pub fn suppressions(&self, path: &str, finding: &Finding) -> Suppressions {
        let id = finding.rule.id;
        let edits_of = |path: &str, title: String, edit: TextEdit| Fix {
            title,
            applicability: Applicability::Suggested,
            edits: vec![FileEdit { path: path.to_string(), edits: vec![edit] }],
        };
        let comment = comment_opening(path).map(|opening| {
            let text = self.text_of(path).unwrap_or_default();
            let edit = comment_above(path, &text, finding.range, id, opening);
            edits_of(path, format!("Suppress `{id}` here"), edit)
        });
        let settings = self.text_of(config::FILE_NAME).unwrap_or_default();
        let title = format!("Turn `{id}` off in {}", config::FILE_NAME);
        let setting = edits_of(config::FILE_NAME, title, turn_off(&settings, id));
        Suppressions { comment, setting }
    }
}

/// What a comment opens with in a file; nothing where there are none.
fn comment_opening(path: &str) -> Option<&'static str> {
    match FileKind::of(path)? {
        FileKind::Rust | FileKind::OtherLanguage => Some("//"),
        FileKind::Sql => Some("--"),
        FileKind::Markdown => Some("<!--"),
        FileKind::Json | FileKind::PackageJson | FileKind::Lockfile | FileKind::Pem => None,
        FileKind::Wrangler if !path.ends_with(".toml") => None,
        _ => Some("#"),
    }
}

/// The suppressing comment on a line of its own above the finding's line. The reason is left to
/// the person: until it is there, the comment itself is reported.
fn comment_above(path: &str, text: &str, range: FileRange, id: &str, opening: &str) -> TextEdit {
    // Inside of such a part the line would be text.
    let wholes = commented_as_whole(path, text);
    let whole = wholes.iter().find(|it| it.contains_inclusive(range.start()));
    let start = whole.map_or(range.start(), |it| it.start());
    let start = usize::from(start).min(text.len());
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let indent: String = text[line..].chars().take_while(|c| *c == ' ' || *c == '\t').collect();
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let comment = match opening {
        "<!--" => format!("{indent}<!-- readiness: allow({id}) -->{newline}"),
        _ => format!("{indent}{opening} readiness: allow({id}){newline}"),
    };
    TextEdit::insert(TextSize::new(line as u32), comment)
}

/// The edit of `readiness.toml` that turns a rule off; the text around it stays as it is.
fn turn_off(settings: &str, id: &str) -> TextEdit {
    let document = toml_edit::Document::parse(settings.to_string()).ok();
    let rules = document.as_ref().and_then(|document| document.get("rules"));
    let level = rules.and_then(|rules| rules.get(id)).and_then(toml_edit::Item::span);
    if let Some(span) = level {
        return TextEdit::replace(range_of(span), "\"off\"");
    }
    let entry = format!("{id} = \"off\"\n");
    match rules {
        Some(toml_edit::Item::Value(toml_edit::Value::InlineTable(table))) => {
            if let Some(edit) = into_inline_table(settings, table, id) {
                return edit;
            }
        }
        // `rules.other = "off"`, among the entries of the root.
        Some(toml_edit::Item::Table(table)) if table.is_dotted() || table.is_implicit() => {
            let first = table.iter().filter_map(|(_, item)| item.span()).map(|it| it.start).min();
            if let Some(first) = first {
                return TextEdit::insert(line_start(settings, first), format!("rules.{entry}"));
            }
        }
        _ => {}
    }
    // Also where something else in the file is not TOML.
    let mut start = 0;
    for line in settings.split_inclusive('\n') {
        start += line.len();
        let code = line.split('#').next().unwrap_or_default();
        let code = code.trim_start_matches(BYTE_ORDER_MARK);
        if code.split_whitespace().collect::<String>() == "[rules]" {
            let gap = if line.ends_with('\n') { "" } else { "\n" };
            return TextEdit::insert(TextSize::new(start as u32), format!("{gap}{entry}"));
        }
    }
    let gap = match settings {
        "" => "",
        text if text.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    TextEdit::insert(TextSize::of(settings), format!("{gap}[rules]\n{entry}"))
}

/// The edit that adds a rule to `rules = { … }`.
fn into_inline_table(settings: &str, table: &toml_edit::InlineTable, id: &str) -> Option<TextEdit> {
    let span = table.span()?;
    let inside = settings.get(span.start + 1..span.end.checked_sub(1)?)?;
    let last = inside.trim_end();
    let entry = match last {
        "" => format!(" {id} = \"off\" "),
        last if last.ends_with(',') => format!(" {id} = \"off\""),
        _ => format!(", {id} = \"off\""),
    };
    let end = span.start + 1 + last.len();
    Some(TextEdit::replace(range_of(end..if last.is_empty() { span.end - 1 } else { end }), entry))
}

fn line_start(text: &str, at: usize) -> TextSize {
    let before = text.get(..at).and_then(|before| before.rfind('\n'));
    TextSize::new(before.map_or(0, |newline| newline + 1) as u32)
}

fn range_of(span: std::ops::Range<usize>) -> FileRange {
    FileRange::new(TextSize::new(span.start as u32), TextSize::new(span.end as u32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::apply_edits;

    fn commented(path: &str, text: &str, at: &str) -> String {
        let start = TextSize::new(text.find(at).expect("it is there") as u32);
        let range = FileRange::at(start, TextSize::of(at));
        let opening = comment_opening(path).expect("there are comments");
        apply_edits(text, &[comment_above(path, text, range, "x", opening)])
    }

    #[test]
    fn a_comment_stands_above_what_it_cannot_be_written_into() {
        let scalar = "a:\n  key: |\n    one\n    two\n";
        let above = "a:\n  # readiness: allow(x)\n  key: |\n    one\n    two\n";
        assert_eq!(commented("a.yml", scalar, "one\n    two"), above);
        let fence = "a\n\n```toml\nb = 1\n```\n";
        let above = "a\n\n<!-- readiness: allow(x) -->\n```toml\nb = 1\n```\n";
        assert_eq!(commented("a.md", fence, "b = 1"), above);
        let string = "fn f() {\n    run(\n        \"a\n        b\",\n    );\n}\n";
        let above = "fn f() {\n    run(\n        // readiness: allow(x)\n        \"a\n        b\",\n    );\n}\n";
        assert_eq!(commented("a.rs", string, "b\""), above);
        let comment = "/*\n a\n TODO: b\n*/\nfn f() {}\n";
        let above = format!("// readiness: allow(x)\n{comment}");
        assert_eq!(commented("a.rs", comment, "TODO"), above);
        let line = "a = 1\nb = 2\n";
        assert_eq!(commented("a.toml", line, "b = 2"), "a = 1\n# readiness: allow(x)\nb = 2\n");
    }

    fn off(settings: &str) -> String {
        apply_edits(settings, &[turn_off(settings, "todo-comment")])
    }

    #[test]
    fn a_rule_is_turned_off_without_touching_the_rest() {
        let in_new_table = "\
[rules]
todo-comment = \"off\"
";
        assert_eq!(off(""), in_new_table);
        assert_eq!(off("exclude = []"), format!("exclude = []\n\n{in_new_table}"));
        let with_others = r#"[rules] # mine
a = "low"
"#;
        let first_in_table = r#"[rules] # mine
todo-comment = "off"
a = "low"
"#;
        assert_eq!(off(with_others), first_in_table);
        let with_severity = r#"[rules]
todo-comment = "high" # x
"#;
        assert_eq!(off(with_severity), with_severity.replace("high", "off"));
    }

    #[test]
    fn a_rule_is_turned_off_where_the_others_are() {
        for (before, after) in [
            ("rules = { a = \"low\" }\n", "rules = { a = \"low\", todo-comment = \"off\" }\n"),
            ("rules = {}\n", "rules = { todo-comment = \"off\" }\n"),
            ("rules = { }\n", "rules = { todo-comment = \"off\" }\n"),
            (
                "rules.a = \"low\"\n[evidence]\n",
                "rules.todo-comment = \"off\"\nrules.a = \"low\"\n[evidence]\n",
            ),
            (
                "# in [rules] are\n[ rules ] # mine\na = \"low\"\n",
                "# in [rules] are\n[ rules ] # mine\ntodo-comment = \"off\"\na = \"low\"\n",
            ),
            (
                "# [rules]\nexclude = []\n",
                "# [rules]\nexclude = []\n\n[rules]\ntodo-comment = \"off\"\n",
            ),
            ("[rules]\na = = 1\n", "[rules]\ntodo-comment = \"off\"\na = = 1\n"),
            ("[rules]", "[rules]\ntodo-comment = \"off\"\n"),
            ("[rules]\r\n", "[rules]\r\ntodo-comment = \"off\"\n"),
        ] {
            assert_eq!(off(before), after);
            let is_toml = toml_edit::Document::parse(before.to_string()).is_ok();
            assert_eq!(toml_edit::Document::parse(off(before)).is_ok(), is_toml, "{before}");
        }
    }
}
