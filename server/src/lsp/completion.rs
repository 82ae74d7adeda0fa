//! What can be written in `readiness.toml`, from its schema.

use ls_types::*;
use serde_json::Value;

use super::convert;
use super::session::Session;
use crate::config;
use crate::rules;
use crate::text::{FileRange, Text, TextSize};

/// The keys or values that fit at a position; nothing in other files.
pub fn completions(session: &Session, params: &TextDocumentPositionParams) -> Vec<CompletionItem> {
    let place = session.place(&params.text_document.uri);
    if place.path != config::FILE_NAME {
        return Vec::new();
    }
    let Some(text) = place.workspace.snapshot().text_of(&place.path) else { return Vec::new() };
    let (text, encoding) = (Text::new(&text), session.support().encoding);
    let cursor = text.offset(convert::to_position(params.position), encoding);
    let line_start = text.offset(
        crate::text::Position { character: 0, ..convert::to_position(params.position) },
        encoding,
    );
    let before = text.slice(FileRange::new(line_start, cursor));
    let word = before.rsplit(|c: char| !is_word(c)).next().unwrap_or_default();
    let range = FileRange::new(cursor - TextSize::of(word), cursor);
    let range = convert::range(&text, range, encoding);
    let item = |label: &str, new_text: String, schema: &Value, kind| CompletionItem {
        label: label.to_string(),
        kind: Some(kind),
        documentation: schema["description"]
            .as_str()
            .map(|it| Documentation::String(it.to_string())),
        text_edit: Some(CompletionTextEdit::Edit(TextEdit { range, new_text })),
        ..Default::default()
    };

    let schema = rules::settings_schema();
    let top = &schema["properties"];
    let is_table = |entry: &Value| entry["type"] == "object";
    if before.trim_start().starts_with('[') {
        let tables = entries(top).filter(|it| is_table(it.1));
        return tables
            .map(|(name, it)| item(name, name.to_string(), it, CompletionItemKind::MODULE))
            .collect();
    }
    let table =
        (0..text.position(cursor, encoding).line).rev().find_map(|line| header(&text.line(line)));
    let keys = match &table {
        Some(name) => &top[name.as_str()]["properties"],
        None => top,
    };
    let Some((key, written)) = before.split_once('=') else {
        let keys = entries(keys).filter(|it| !is_table(it.1));
        return keys
            .map(|(key, it)| item(key, format!("{key} = "), it, CompletionItemKind::PROPERTY))
            .collect();
    };
    let mut values = Vec::new();
    choices(&schema, &keys[key.trim()], &mut values);
    let quote = if written.contains('"') { "" } else { "\"" };
    let in_order = values.into_iter().enumerate().map(|(index, (name, it))| {
        let new_text = format!("{quote}{name}{quote}");
        let item = item(name, new_text, it, CompletionItemKind::ENUM_MEMBER);
        CompletionItem { sort_text: Some(index.to_string()), ..item }
    });
    in_order.collect()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '-' || c == '_'
}

/// The name of the table that a line begins.
fn header(line: &str) -> Option<String> {
    let name = line.trim().strip_prefix('[')?.split(']').next()?;
    Some(name.trim().to_string())
}

fn entries(properties: &Value) -> impl Iterator<Item = (&str, &Value)> {
    properties.as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}

/// The strings that a schema allows. It is ours: it refers to nothing that refers back to it.
fn choices<'a>(schema: &'a Value, at: &'a Value, found: &mut Vec<(&'a str, &'a Value)>) {
    if let Some(target) = at["$ref"].as_str().and_then(|it| it.strip_prefix('#')) {
        choices(schema, schema.pointer(target).unwrap_or(&Value::Null), found);
    }
    found.extend(at["const"].as_str().map(|name| (name, at)));
    for alternative in ["oneOf", "anyOf"].iter().filter_map(|it| at[it].as_array()).flatten() {
        choices(schema, alternative, found);
    }
}
