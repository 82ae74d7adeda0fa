use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span};

use super::{Entry, MAX_DEPTH, Malformed, Node, Value};
use crate::text::{FileRange, TextSize};

/// Aliases stay what they are, a reference: what they stand for is reviewed where it is written.
pub(super) fn parse(text: &str) -> Result<Vec<Node>, Malformed> {
    let offsets = Offsets::new(text);
    let mut builder = Builder { documents: Vec::new(), open: Vec::new() };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| Malformed {
            range: FileRange::empty(offsets.byte(*error.marker())),
            message: error.info().to_string(),
        })?;
        let range = offsets.range(span);
        match event {
            Event::Scalar(value, style, ..) => {
                builder.add(Node { range, value: scalar(&value, style) });
            }
            Event::Alias(_) => builder.add(Node { range, value: Value::Null }),
            Event::SequenceStart(..) => builder.open(range, Value::List(Vec::new()))?,
            Event::MappingStart(..) => builder.open(range, Value::Map(Vec::new()))?,
            Event::SequenceEnd | Event::MappingEnd => builder.close(range),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => {}
        }
    }
    Ok(builder.documents)
}

fn scalar(text: &str, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return Value::String(text.to_string());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ if text.parse::<f64>().is_ok() => Value::Plain(text.to_string()),
        _ => Value::String(text.to_string()),
    }
}

/// Collections that are not closed yet, each with the key that waits for its value.
struct Builder {
    documents: Vec<Node>,
    open: Vec<(Node, Option<Node>)>,
}

impl Builder {
    fn open(&mut self, range: FileRange, value: Value) -> Result<(), Malformed> {
        if self.open.len() > MAX_DEPTH {
            return Err(Malformed { range, message: "values are nested too deeply".into() });
        }
        self.open.push((Node { range, value }, None));
        Ok(())
    }

    fn close(&mut self, range: FileRange) {
        if let Some((mut node, _)) = self.open.pop() {
            let last = match &node.value {
                Value::List(items) => items.last().map(|it| it.range.end()),
                Value::Map(entries) => entries.last().map(|it| it.value.range.end()),
                _ => None,
            };
            // A block collection is closed where the next token stands, lines below it.
            let end = last.map_or(range.end(), |last| last.max(node.range.end()));
            node.range = FileRange::new(node.range.start(), end.max(node.range.start()));
            self.add(node);
        }
    }

    fn add(&mut self, node: Node) {
        match self.open.last_mut() {
            None => self.documents.push(node),
            Some((Node { value: Value::List(items), .. }, _)) => items.push(node),
            Some((Node { value: Value::Map(entries), .. }, key)) => match key.take() {
                None => *key = Some(node),
                Some(key) => entries.push(Entry {
                    key: key.as_str().unwrap_or_default().to_string(),
                    key_range: key.range,
                    value: node,
                }),
            },
            Some(_) => {}
        }
    }
}

/// The parser counts characters; everything else here counts bytes.
struct Offsets<'t> {
    text: &'t str,
    /// The byte of every character, for texts that are not ASCII.
    bytes: Vec<u32>,
}

impl<'t> Offsets<'t> {
    fn new(text: &'t str) -> Self {
        let indices = || text.char_indices().map(|(at, _)| at as u32).collect();
        Self { text, bytes: if text.is_ascii() { Vec::new() } else { indices() } }
    }

    fn byte(&self, marker: Marker) -> TextSize {
        let len = self.text.len() as u32;
        let byte = match self.bytes.is_empty() {
            true => marker.index() as u32,
            false => self.bytes.get(marker.index()).copied().unwrap_or(len),
        };
        TextSize::new(byte.min(len))
    }

    fn range(&self, span: Span) -> FileRange {
        let start = self.byte(span.start);
        FileRange::new(start, self.byte(span.end).max(start))
    }
}
