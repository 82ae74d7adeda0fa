//! What can be written in `readiness.toml`, from its schema.

use ls_types::{
    CompletionItem, CompletionItemKind, CompletionParams, CompletionResponse, CompletionTextEdit,
    Documentation, Range, TextEdit,
};
use serde_json::Value;
use tower_lsp::jsonrpc::Result;

use crate::config;
use crate::lsp::convert;
use crate::lsp::snapshot::DocumentSnapshot;
use crate::rules;
use crate::text::{FileRange, Position, Text, TextSize};

/// The keys or values that fit at a position; nothing in other files.
pub fn completion(
    document: &DocumentSnapshot,
    params: CompletionParams,
) -> Result<Option<CompletionResponse>> {
    let path = &document.file.path;
    let text = document.workspace().text_of(path).filter(|_| path == config::FILE_NAME);
    let Some(text) = text else { return Ok(Some(CompletionResponse::Array(Vec::new()))) };
    let position = convert::to_position(params.text_document_position.position);
    let cursor = Cursor::at(&Text::new(&text), position, document);
    Ok(Some(CompletionResponse::Array(items(&cursor, &rules::settings_schema()))))
}

/// Where something is about to be written.
struct Cursor {
    /// The line up to the cursor.
    before: String,
    /// The table that the line belongs to; nothing at the top of the file.
    table: Option<String>,
    /// The word that a completion replaces.
    word: Range,
}

impl Cursor {
    fn at(text: &Text, position: Position, document: &DocumentSnapshot) -> Self {
        let encoding = document.support.encoding;
        let cursor = text.offset(position, encoding);
        let line_start = text.offset(Position { character: 0, ..position }, encoding);
        let before = text.slice(FileRange::new(line_start, cursor));
        let word = before.rsplit(|c: char| !is_word(c)).next().unwrap_or_default();
        let word = FileRange::new(cursor - TextSize::of(word), cursor);
        let mut lines_above = (0..text.position(cursor, encoding).line).rev();
        Self {
            table: lines_above.find_map(|line| header(&text.line(line))),
            word: convert::range(text, word, encoding),
            before: before.to_string(),
        }
    }

    fn item(
        &self,
        label: &str,
        new_text: String,
        schema: &Value,
        kind: CompletionItemKind,
    ) -> CompletionItem {
        let description = schema["description"].as_str();
        let edit = TextEdit { range: self.word, new_text };
        CompletionItem {
            label: label.to_string(),
            kind: Some(kind),
            documentation: description.map(|it| Documentation::String(it.to_string())),
            text_edit: Some(CompletionTextEdit::Edit(edit)),
            ..Default::default()
        }
    }
}

fn items(cursor: &Cursor, schema: &Value) -> Vec<CompletionItem> {
    let top = &schema["properties"];
    let properties = match &cursor.table {
        Some(table) => &top[table.as_str()]["properties"],
        None => top,
    };
    if cursor.before.trim_start().starts_with('[') {
        tables(cursor, top)
    } else if let Some((key, written)) = cursor.before.split_once('=') {
        values(cursor, schema, &properties[key.trim()], written)
    } else {
        keys(cursor, properties)
    }
}

fn tables(cursor: &Cursor, properties: &Value) -> Vec<CompletionItem> {
    let tables = entries(properties).filter(|(_, it)| is_table(it));
    tables
        .map(|(name, it)| cursor.item(name, name.to_string(), it, CompletionItemKind::MODULE))
        .collect()
}

fn keys(cursor: &Cursor, properties: &Value) -> Vec<CompletionItem> {
    let keys = entries(properties).filter(|(_, it)| !is_table(it));
    keys.map(|(key, it)| cursor.item(key, format!("{key} = "), it, CompletionItemKind::PROPERTY))
        .collect()
}

/// The values of a key, in the order of the schema. `written` is what stands behind the `=`.
fn values(cursor: &Cursor, schema: &Value, key: &Value, written: &str) -> Vec<CompletionItem> {
    let mut values = Vec::new();
    choices(schema, key, &mut values);
    let quote = if written.contains('"') { "" } else { "\"" };
    let item = |(index, (name, it)): (usize, (&str, &Value))| {
        let new_text = format!("{quote}{name}{quote}");
        let item = cursor.item(name, new_text, it, CompletionItemKind::ENUM_MEMBER);
        CompletionItem { sort_text: Some(index.to_string()), ..item }
    };
    values.into_iter().enumerate().map(item).collect()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '-' || c == '_'
}

fn is_table(entry: &Value) -> bool {
    entry["type"] == "object"
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
