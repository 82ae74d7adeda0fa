//! Trees of values with their places: what TOML, YAML, JSON and `.env` files have in common.

mod dotenv;
mod json;
mod toml;
mod yaml;

use super::Format;
use crate::text::{FileRange, TextSize};

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Bytes of the file; of a scalar with its quotes.
    pub range: FileRange,
    /// What stands there.
    pub value: Value,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A string, without quotes and escapes.
    String(String),
    /// A number, a date, or what else is no string, as it is written.
    Plain(String),
    /// `true` or `false`.
    Bool(bool),
    /// Nothing.
    Null,
    /// A list.
    List(Vec<Node>),
    /// Keys and values in the order of the file.
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Without quotes.
    pub key: String,
    /// Bytes of the file, quotes included.
    pub key_range: FileRange,
    /// What the key stands for.
    pub value: Node,
}

/// Why a file has no tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// Where the parser stopped.
    pub range: FileRange,
    /// What it says, lower case and without a full stop.
    pub message: String,
}

/// Values deeper than this are refused: nobody writes them, and trees are walked by recursion.
const MAX_DEPTH: usize = 128;

/// The documents of a text, of which only YAML may have several.
///
/// # Errors
///
/// When the text is not of that format.
pub fn parse(text: &str, format: Format) -> Result<Vec<Node>, Malformed> {
    let (documents, malformed) = read(text, format);
    malformed.map_or(Ok(documents), Err)
}

/// The documents of a text as far as they can be read, and what keeps the rest from it. YAML is
/// read up to there, anything else not at all.
pub fn read(text: &str, format: Format) -> (Vec<Node>, Option<Malformed>) {
    let one = |read: Result<Node, Malformed>| match read {
        Ok(node) => (vec![node], None),
        Err(malformed) => (Vec::new(), Some(malformed)),
    };
    match format {
        Format::Toml => one(toml::parse(text)),
        Format::Json => one(json::parse(text)),
        Format::Yaml => yaml::read(text),
        Format::Env => (vec![dotenv::parse(text)], None),
    }
}

impl Node {
    /// The value of a key; nothing when this is no map.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The entry of a key; nothing when this is no map.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// The value at the end of a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The entries of a map; none of anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; none of anything else.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The text of a scalar: of a string its content, of others what is written.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) | Value::Plain(text) => Some(text),
            Value::Bool(true) => Some("true"),
            Value::Bool(false) => Some("false"),
            _ => None,
        }
    }

    /// Whether it is a string, and not a number or the like.
    pub fn is_string(&self) -> bool {
        matches!(self.value, Value::String(_))
    }

    /// The boolean it is.
    pub fn as_bool(&self) -> Option<bool> {
        match self.value {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// Calls `visit` with every entry of every map below, together with the keys above it.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&[&'a str], &'a Entry)) {
        fn inner<'a>(
            node: &'a Node,
            above: &mut Vec<&'a str>,
            visit: &mut dyn FnMut(&[&'a str], &'a Entry),
        ) {
            for entry in node.entries() {
                visit(above, entry);
                above.push(&entry.key);
                inner(&entry.value, above, visit);
                above.pop();
            }
            for item in node.items() {
                inner(item, above, visit);
            }
        }
        inner(self, &mut Vec::new(), visit);
    }
}

/// A range of byte offsets that a parser gave, held inside the text.
fn range(text: &str, span: std::ops::Range<usize>) -> FileRange {
    let end = span.end.min(text.len());
    let start = span.start.min(end);
    FileRange::new(TextSize::new(start as u32), TextSize::new(end as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every entry as `path = text`, the text taken from the file by its range.
    fn entries(text: &str, format: Format) -> Vec<String> {
        let mut lines = Vec::new();
        for document in parse(text, format).expect("it parses") {
            document.walk(&mut |above, entry| {
                if let Some(value) = entry.value.as_str() {
                    let path: Vec<&str> =
                        above.iter().copied().chain([entry.key.as_str()]).collect();
                    let key = &text[entry.key_range];
                    let written = &text[entry.value.range];
                    lines.push(format!("{} = {value} [{key}|{written}]", path.join(".")));
                }
            });
        }
        lines
    }

    #[test]
    fn every_format_gives_the_same_tree() {
        let toml = "[server]\nhost = \"é\"\nport = 80\nlist = [{ on = true }]\n";
        assert_eq!(
            entries(toml, Format::Toml),
            [
                "server.host = é [host|\"é\"]",
                "server.port = 80 [port|80]",
                "server.list.on = true [on|true]",
            ]
        );
        let yaml = "# ü\nserver:\n  host: 'é'\n  port: 80\n  list:\n    - on: true\n";
        assert_eq!(
            entries(yaml, Format::Yaml),
            [
                "server.host = é [host|'é']",
                "server.port = 80 [port|80]",
                "server.list.on = true [on|true]",
            ]
        );
        let json = "{ \"server\": { \"host\": \"é\", /* ü */ \"list\": [{\"on\": true}] } }";
        assert_eq!(
            entries(json, Format::Json),
            ["server.host = é [\"host\"|\"é\"]", "server.list.on = true [\"on\"|true]"]
        );
        let env = "# ü\nexport HOST=\"é\" # here\nEMPTY=\nPORT = 80\n";
        assert_eq!(
            entries(env, Format::Env),
            ["HOST = é [HOST|\"é\"]", "EMPTY =  [EMPTY|]", "PORT = 80 [PORT|80]"]
        );
    }

    #[test]
    fn malformed_and_hostile_texts_are_refused_where_they_fail() {
        let at = |text: &str, format| {
            let error = parse(text, format).expect_err("refused");
            assert!(!error.message.is_empty());
            usize::from(error.range.start())
        };
        assert_eq!(at("a = 1\nb = = 2\n", Format::Toml), 10);
        assert!(at("a: [1\nb: 2\n", Format::Yaml) > 0);
        assert!(at("{ \"a\": ", Format::Json) <= 7);
        let deep = "[".repeat(100_000);
        for (text, format) in [
            (format!("a = {deep}"), Format::Toml),
            (deep.clone(), Format::Yaml),
            (deep, Format::Json),
            ((0..200).map(|n| format!("{}-\n", " ".repeat(n))).collect(), Format::Yaml),
        ] {
            assert!(parse(&text, format).is_err(), "{format:?}");
        }
    }

    #[test]
    fn flow_collections_may_stand_at_any_column() {
        let text = "on: push\na:\n  b: [\n    x,\n  y\n  ]\n  c: {\n  \"d\": 1\n  }\ne: 2\n";
        let (documents, malformed) = read(text, Format::Yaml);
        assert_eq!(malformed, None);
        let root = documents.first().expect("a document");
        assert_eq!(root.at(&["a", "b"]).map(|it| it.items().len()), Some(2));
        assert_eq!(root.at(&["a", "c", "d"]).and_then(Node::as_str), Some("1"));
        assert_eq!(root.get("e").and_then(Node::as_str), Some("2"));
    }

    #[test]
    fn yaml_is_read_up_to_what_is_malformed() {
        let text = "a:\n  - b: é\n  - c: 2\nd: *none\ne: f: g\n";
        let (documents, malformed) = read(text, Format::Yaml);
        assert_eq!(malformed.map(|it| usize::from(it.range.start())), Some(35));
        let root = documents.first().expect("a document");
        let last = root.get("a").and_then(|it| it.items().last()?.get("c")?.as_str());
        assert_eq!(last, Some("2"));
        assert!(parse(text, Format::Yaml).is_err());
    }

    #[test]
    fn an_alias_does_not_multiply() {
        let mut text = "a0: &a0 [x, x]\n".to_string();
        for n in 1..60 {
            text += &format!("a{n}: &a{n} [*a{0}, *a{0}, *a{0}]\n", n - 1);
        }
        assert_eq!(parse(&text, Format::Yaml).expect("it parses").len(), 1);
    }
}
