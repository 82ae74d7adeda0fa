//! Inline code of a document: a name, a quotation of code, or something else.

use std::sync::LazyLock;

use regex::Regex;

/// What a piece of inline code is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inline {
    /// The path of an item, without generics and arguments: `Type::method`.
    Name(Name),
    /// Code that may be quoted from somewhere.
    Code(String),
    /// Anything else: a command, a value, a word.
    Other,
}

/// The name of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The segments of its path.
    pub path: Vec<String>,
    /// Whether it looks like nothing but an item: it has capitals inside, an underscore, a path or
    /// parentheses.
    pub is_distinct: bool,
}

static NAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)^(?:pub(?:\([a-z]+\))?\s+)?(?:async\s+|unsafe\s+|const\s+)*
        (?P<keyword>(?:fn|struct|enum|trait|type|static|mod|impl|union)\s+)?
        (?P<path>[A-Za-z_]\w*(?:(?:::|\.)[A-Za-z_]\w*)*)
        (?:::<[^()]*>|<[^()]*>)?(?P<call>!?\([^()]*\)|!)?$",
    )
    .ok()
});

/// What a piece of inline code is.
pub fn inline(text: &str) -> Inline {
    let text = text.trim();
    if let Some(captures) = NAME.as_ref().and_then(|it| it.captures(text)) {
        let path = captures.name("path").map_or("", |it| it.as_str());
        let is_called = captures.name("call").is_some();
        let has_keyword = captures.name("keyword").is_some();
        // A value and its field: what is declared is the last one.
        let is_field = path.contains('.');
        let segments: Vec<String> = match path.rsplit_once('.') {
            Some((_, last)) => vec![last.to_string()],
            None => path.split("::").map(str::to_string).collect(),
        };
        let last = segments.last().map_or("", String::as_str);
        let is_distinct = !is_field
            && (is_called && last.len() > 3
                || has_keyword
                || segments.len() > 1
                || last.trim_matches('_').contains('_')
                || is_camel(last));
        return Inline::Name(Name { path: segments, is_distinct });
    }
    match is_code(text) {
        true => Inline::Code(text.to_string()),
        false => Inline::Other,
    }
}

/// `TwoHumps`.
fn is_camel(name: &str) -> bool {
    name.starts_with(char::is_uppercase)
        && name.contains(char::is_lowercase)
        && name.chars().skip(1).any(char::is_uppercase)
}

/// Whether text is long enough, and enough like code, to be looked for.
fn is_code(text: &str) -> bool {
    const COMMANDS: &[&str] = &[
        "apt", "cargo", "cd", "curl", "docker", "git", "grep", "just", "kubectl", "make", "npm",
        "rg", "rustup", "sudo", "GET", "POST", "PUT", "DELETE", "http", "https", "TODO",
    ];
    let first = text.split([' ', ':']).next().unwrap_or_default();
    let solid = text.chars().filter(|it| !it.is_whitespace()).count();
    let has = |signs: &[char]| text.contains(signs);
    solid >= 10
        && !COMMANDS.contains(&first)
        && !text.starts_with(['-', '/', '$', '~', '<', '#'])
        && !text.contains("…") && !text.contains("...")
        && (has(&['(', '=', '{', ';']) || text.contains("::") || text.contains("->"))
        // A type, an attribute or an alternative is written the same in many places.
        && !text.contains(" / ") && !text.contains(" | ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_code_is_told_apart() {
        let name = |path: &[&str], is_distinct| {
            let path = path.iter().map(|it| it.to_string()).collect();
            Inline::Name(Name { path, is_distinct })
        };
        for (text, expected) in [
            ("PoolGuard::as_ref()", name(&["PoolGuard", "as_ref"], true)),
            ("ConnectionH2<Front>", name(&["ConnectionH2"], true)),
            ("HttpProxy", name(&["HttpProxy"], true)),
            ("set_auth()", name(&["set_auth"], true)),
            ("pub enum H2State", name(&["H2State"], true)),
            ("u32", name(&["u32"], false)),
            ("error!", name(&["error"], true)),
            ("self.conn", name(&["conn"], false)),
            ("timestampMaxAge: 60000", Inline::Other),
            ("let a = f(b)?;", Inline::Code("let a = f(b)?;".to_string())),
            ("cargo test --workspace", Inline::Other),
            ("-D warnings", Inline::Other),
            ("Idle / Link = x", Inline::Other),
        ] {
            assert_eq!(inline(text), expected, "{text}");
        }
    }
}
