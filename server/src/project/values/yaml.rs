use granit_parser::{Event, Marker, Parser, ScalarStyle, Span, options};

use super::{Entry, MAX_DEPTH, Malformed, Node, Value};
use crate::text::{FileRange, TextSize};

/// The documents, and what the parser stumbled over: up to there they are read. Aliases stay what
/// they are, a reference: what they stand for is reviewed where it is written.
pub(super) fn read(text: &str) -> (Vec<Node>, Option<Malformed>) {
    let mut builder = Builder { documents: Vec::new(), open: Vec::new() };
    let malformed = build(text, &mut builder).err();
    while let Some(start) = builder.open.last().map(|(node, _)| node.range.start()) {
        builder.close(FileRange::empty(start));
    }
    (builder.documents, malformed)
}

fn build(text: &str, builder: &mut Builder) -> Result<(), Malformed> {
    let options = options! { emit_unresolved_aliases: true };
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.map_err(|error| Malformed {
            range: FileRange::empty(byte(text, *error.marker())),
            message: error.info(),
        })?;
        let range = range(text, &span);
        match event {
            Event::Scalar(value, style, ..) => {
                builder.add(Node { range, value: scalar(&value, style) });
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                builder.add(Node { range, value: Value::Null });
            }
            Event::SequenceStart(..) => builder.open(range, Value::List(Vec::new()))?,
            Event::MappingStart(..) => builder.open(range, Value::Map(Vec::new()))?,
            Event::SequenceEnd | Event::MappingEnd => builder.close(range),
            _ => {}
        }
    }
    Ok(())
}

fn byte(text: &str, marker: Marker) -> TextSize {
    let byte = marker.byte_offset().unwrap_or(text.len()).min(text.len());
    TextSize::new(text.floor_char_boundary(byte) as u32)
}

/// The range of a value with its tag, such as `!vault`, which says what the value is.
fn range(text: &str, span: &Span) -> FileRange {
    let start = byte(text, span.tag_start.unwrap_or(span.start));
    FileRange::new(start, byte(text, span.end).max(start))
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
