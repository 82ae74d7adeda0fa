use super::{Entry, Node, Value, range};

/// Reads `NAME=value` lines; others are left out, as shells and loaders differ about them. A value
/// in quotes may go on over several lines.
pub(super) fn parse(text: &str) -> Node {
    let mut entries = Vec::new();
    let mut start = 0;
    while let Some(rest) = text.get(start..).filter(|rest| !rest.is_empty()) {
        let line = rest.split_inclusive('\n').next().unwrap_or(rest);
        let found = entry(text, start, line.trim_end_matches(['\n', '\r']));
        let end = found.as_ref().map_or(0, |it| usize::from(it.value.range.end()));
        entries.extend(found);
        start += line.len();
        if end > start {
            let rest = text.get(end..).unwrap_or_default();
            start = end + rest.find('\n').map_or(rest.len(), |at| at + 1);
        }
    }
    Node { range: range(text, 0..text.len()), value: Value::Map(entries) }
}

fn entry(text: &str, start: usize, line: &str) -> Option<Entry> {
    let (name, value) = line.split_once('=')?;
    let name = name.strip_prefix("export ").unwrap_or(name);
    let key = name.trim();
    let valid = key.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_' || it == b'.');
    if key.is_empty() || !valid {
        return None;
    }
    let equals = start + line.find('=')?;
    let key_end = equals - (name.len() - name.trim_end().len());
    let lead = value.len() - value.trim_start().len();
    let value_start = equals + 1 + lead;
    let value = value.trim();
    let (content, len) = match value.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let inside = text.get(value_start + 1..)?;
            // A quote that is never closed ends with its line.
            match closing_quote(inside, quote).filter(|end| *end < MAX_VALUE) {
                Some(end) => (inside.get(..end)?, end + 2),
                None => (value.get(1..)?, value.len()),
            }
        }
        // Behind white space a hash opens a comment.
        _ => {
            let content = value.split(" #").next().unwrap_or(value);
            let content = if content.starts_with('#') { "" } else { content.trim_end() };
            (content, content.len())
        }
    };
    let place = range(text, value_start..value_start + len);
    Some(Entry {
        key: key.to_string(),
        key_range: range(text, key_end - key.len()..key_end),
        value: Node { range: place, value: Value::String(content.to_string()) },
    })
}

/// The longest value that goes on over several lines: keys are shorter.
const MAX_VALUE: usize = 16 * 1024;

/// Where a value in quotes ends. A backslash keeps a double quote from ending it.
fn closing_quote(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(at, c)| {
        let closes = c == quote && !escaped;
        escaped = c == '\\' && quote == '"' && !escaped;
        closes.then_some(at)
    })
}
