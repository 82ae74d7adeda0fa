//! What a type derives, and what attributes of its fields keep out of that.

use std::ops::Range;

use rowan::GreenNodeData;

use crate::syntax::SyntaxKind;
use crate::syntax::attrs::green_attrs;
use crate::syntax::green::{child_nodes, compact_text, declared_name, node_kind};
use crate::syntax::names::{has_any_word, words};

/// Attributes that derive the traits in their list, beside `derive`.
const DERIVING: &[&str] = &["derive", "derive_where", "derivative", "educe"];

/// Words of derives and attributes that keep values back.
const REDACTING_WORDS: &[&str] = &[
    "hidden", "mask", "masked", "opaque", "redact", "redacted", "safe", "secret", "sensitive",
    "veil",
];

/// A trait that an attribute derives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived {
    /// The path as it is written, without white space.
    pub path: String,
    /// Where the path stands in the attribute's text.
    pub range: Range<usize>,
}

impl Derived {
    /// The last segment of the path.
    pub fn name(&self) -> &str {
        self.path.rsplit("::").next().unwrap_or(&self.path)
    }
}

/// The traits that an attribute derives by its text, inside a `cfg_attr` as well:
/// `#[derive(Debug, Clone)]`, `#[derivative(Debug)]`.
pub fn derived_by(attr: &str) -> Vec<Derived> {
    let mut derived = Vec::new();
    for (at, _) in attr.match_indices("(") {
        let before = attr.get(..at).unwrap_or_default().trim_end();
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let start = before.rfind(|c| !is_name(c)).map_or(0, |it| it + 1);
        if before.get(start..).is_some_and(|name| DERIVING.contains(&name)) {
            entries(attr, at + 1, &mut derived);
        }
    }
    derived
}

/// The paths that the entries of a list begin with, which opens before `start`.
fn entries(attr: &str, start: usize, out: &mut Vec<Derived>) {
    let mut depth = 0usize;
    let mut path: Option<Derived> = None;
    let mut is_path = true;
    for (at, c) in attr.char_indices().skip_while(|(at, _)| *at < start) {
        match c {
            ')' if depth == 0 => break,
            // What follows in `derive_where` are the types that bounds are for.
            ';' if depth == 0 => break,
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                out.extend(path.take());
                is_path = true;
                continue;
            }
            _ => {}
        }
        if c.is_alphanumeric() || matches!(c, '_' | ':') {
            if is_path {
                let path =
                    path.get_or_insert_with(|| Derived { path: String::new(), range: at..at });
                path.path.push(c);
                path.range.end = at + c.len_utf8();
            }
        } else if !c.is_whitespace() {
            is_path = path.is_none();
        }
    }
    out.extend(path);
}

/// Whether a derive of this name makes a `Debug` that shows the fields: `Debug`, `DebugPretty`.
pub fn derives_debug(name: &str) -> bool {
    name == "Debug"
        || words(name).any(|word| word == "debug") && !has_any_word(name, REDACTING_WORDS)
}

/// The last segments of the traits that the attributes of a node derive.
pub fn derives_of(node: &GreenNodeData) -> Vec<String> {
    let derived = green_attrs(node).flat_map(|attr| derived_by(&compact_text(attr)));
    derived.map(|it| it.name().to_string()).filter(|name| !name.is_empty()).collect()
}

/// The path of an attribute and its arguments, of its text without white space:
/// `#[serde(skip)]` has `serde` and `(skip)`.
fn parts(attr: &str) -> Option<(&str, &str)> {
    let attr = attr.strip_prefix("#[")?.strip_suffix(']')?;
    Some(attr.split_at(attr.find(['(', '=', '{']).unwrap_or(attr.len())))
}

/// Whether an attribute of a field, without white space, decides how a derived `Debug` shows it.
/// Only its own name counts: an argument may name a function of any kind.
pub fn hides_from_debug(attr: &str) -> bool {
    let Some((path, arguments)) = parts(attr) else { return false };
    match path.rsplit("::").next().unwrap_or(path) {
        "debug" | "debug_stub" | "dbg" => true,
        "derivative" | "educe" => arguments.contains("Debug(") || arguments.contains("Debug="),
        "derive_where" => arguments.contains("skip"),
        "serde" | "doc" | "cfg" | "arg" | "clap" => false,
        name => has_any_word(name, REDACTING_WORDS),
    }
}

/// Whether an attribute of a field, without white space, keeps it out of a derived `Serialize`, or
/// has a function that decides how it is written.
pub fn hides_from_serialize(attr: &str) -> bool {
    let Some(("serde", arguments)) = parts(attr) else { return false };
    arguments.trim_matches(['(', ')']).split(',').any(|entry| {
        matches!(entry, "skip" | "skip_serializing")
            || entry.starts_with("serialize_with=")
            || entry.starts_with("with=")
    })
}

/// The names of the fields of a struct or a variant whose attributes pass a test; of tuple fields
/// the number.
pub fn fields_with(node: &GreenNodeData, test: fn(&str) -> bool) -> Vec<String> {
    let lists = child_nodes(node).filter(|list| {
        matches!(node_kind(list), SyntaxKind::RECORD_FIELD_LIST | SyntaxKind::TUPLE_FIELD_LIST)
    });
    let mut names = Vec::new();
    for list in lists {
        for (number, field) in child_nodes(list).enumerate() {
            if green_attrs(field).any(|attr| test(&compact_text(attr))) {
                names.push(declared_name(field).map_or(number.to_string(), str::to_string));
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derives_are_found_in_all_attributes_that_derive() {
        let paths = |attr| {
            let derived = derived_by(attr);
            derived.iter().map(|it| it.path.clone()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(paths("#[derive(Debug, serde :: Serialize)]"), "Debug serde::Serialize");
        assert_eq!(paths("#[cfg_attr(feature = \"x\", derive(Debug))]"), "Debug");
        assert_eq!(paths("#[derivative(Debug(bound = \"T: A\"), Clone)]"), "Debug Clone");
        assert_eq!(paths("#[derive_where(Debug; T)]"), "Debug");
        assert_eq!(paths("#[derive(derivative::Derivative)]"), "derivative::Derivative");
        assert_eq!(paths("#[serde(derive)]"), "");
        let debug = &derived_by("#[derive(Clone, Debug)]")[0..][1];
        assert_eq!(&"#[derive(Clone, Debug)]"[debug.range.clone()], "Debug");
    }

    #[test]
    fn attributes_hide_fields_by_their_own_name() {
        for attr in ["#[debug(skip)]", "#[derivative(Debug=\"ignore\")]", "#[redact]"] {
            assert!(hides_from_debug(attr), "{attr}");
        }
        for attr in ["#[validate(custom=secret_key)]", "#[serde(skip)]", "#[derivative(Clone)]"] {
            assert!(!hides_from_debug(attr), "{attr}");
        }
        assert!(hides_from_serialize("#[serde(default,skip_serializing)]"));
        assert!(!hides_from_serialize("#[serde(skip_serializing_if=\"Option::is_none\")]"));
    }
}
