use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Entry, Malformed, Node, Value, range};

pub(super) fn parse(text: &str) -> Result<Node, Malformed> {
    let table = DeTable::parse(text).map_err(|error| Malformed {
        range: range(text, error.span().unwrap_or(0..0)),
        message: error.message().to_string(),
    })?;
    Ok(map(text, table.span(), table.get_ref()))
}

fn map(text: &str, span: std::ops::Range<usize>, table: &DeTable<'_>) -> Node {
    let mut entries: Vec<Entry> = table
        .iter()
        .map(|(key, value)| Entry {
            key: key.get_ref().to_string(),
            key_range: range(text, key.span()),
            value: node(text, value),
        })
        .collect();
    entries.sort_by_key(|entry| entry.key_range.start());
    Node { range: range(text, span), value: Value::Map(entries) }
}

fn node(text: &str, value: &Spanned<DeValue<'_>>) -> Node {
    let place = range(text, value.span());
    let value = match value.get_ref() {
        DeValue::String(it) => Value::String(it.to_string()),
        DeValue::Boolean(it) => Value::Bool(*it),
        DeValue::Array(items) => Value::List(items.iter().map(|it| node(text, it)).collect()),
        DeValue::Table(table) => return map(text, value.span(), table),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Datetime(_) => {
            Value::Plain(text.get(std::ops::Range::<usize>::from(place)).unwrap_or("").to_string())
        }
    };
    Node { range: place, value }
}
