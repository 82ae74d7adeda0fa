use jsonc_parser::ast;
use jsonc_parser::common::Ranged;

use super::{Entry, MAX_DEPTH, Malformed, Node, Value, range};
use crate::text::FileRange;

pub(super) fn parse(text: &str) -> Result<Node, Malformed> {
    let parsed = jsonc_parser::parse_to_ast(text, &Default::default(), &Default::default());
    let parsed = parsed.map_err(|error| Malformed {
        range: range(text, error.range().start..error.range().end),
        message: error.kind().to_string().to_lowercase(),
    })?;
    match parsed.value {
        Some(value) => node(text, &value, 0),
        None => Ok(Node { range: range(text, 0..0), value: Value::Null }),
    }
}

fn node(text: &str, value: &ast::Value<'_>, depth: usize) -> Result<Node, Malformed> {
    let place = place(text, value);
    if depth > MAX_DEPTH {
        return Err(Malformed { range: place, message: "values are nested too deeply".into() });
    }
    let value = match value {
        ast::Value::StringLit(it) => Value::String(it.value.to_string()),
        ast::Value::NumberLit(it) => Value::Plain(it.value.to_string()),
        ast::Value::BooleanLit(it) => Value::Bool(it.value),
        ast::Value::NullKeyword(_) => Value::Null,
        ast::Value::Array(it) => {
            let items = it.elements.iter().map(|it| node(text, it, depth + 1));
            Value::List(items.collect::<Result<_, _>>()?)
        }
        ast::Value::Object(it) => {
            let entries = it.properties.iter().map(|property| {
                Ok(Entry {
                    key: property.name.as_str().to_string(),
                    key_range: self::place(text, &property.name),
                    value: node(text, &property.value, depth + 1)?,
                })
            });
            Value::Map(entries.collect::<Result<_, Malformed>>()?)
        }
    };
    Ok(Node { range: place, value })
}

fn place(text: &str, value: &impl Ranged) -> FileRange {
    range(text, value.start()..value.end())
}
