use super::{Entry, Node, Value, range};

/// Reads `NAME=value` lines; others are left out, as shells and loaders differ about them.
pub(super) fn parse(text: &str) -> Node {
    let mut entries = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        entries.extend(entry(text, start, line.trim_end_matches(['\n', '\r'])));
        start += line.len();
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
        Some(quote @ ('"' | '\'')) => match value[1..].find(quote) {
            Some(end) => (&value[1..=end], end + 2),
            None => (&value[1..], value.len()),
        },
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
