//! The statements of a text, each read for itself: one that no parser takes costs only itself.

use sqlparser::dialect::{Dialect, GenericDialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect};
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer, Word};

use super::{Effect, Statement, definitions, queries};
use crate::text::{FileRange, TextSize};

/// Longer statements are lists of values. Chains of operators make trees that are as deep as they
/// are long, and trees are dropped by recursion.
const MAX_TOKENS: usize = 4_000;

/// How deeply expressions may be nested: the parser works by recursion, with large frames.
const MAX_DEPTH: usize = 18;

/// Longer texts are dumps of data: their tokens take a hundred times as much memory as they do.
const MAX_BYTES: usize = 1024 * 1024;

/// The statements of a text that say something about tables.
pub fn parse(text: &str) -> Vec<Statement> {
    let Some(tokens) = tokenize(text) else { return Vec::new() };
    let mut statements = Vec::new();
    let mut places = Places::new(text);
    let mut in_trigger = false;
    for part in tokens.split_inclusive(|it| it.token == Token::SemiColon) {
        let is_code = |it: &&TokenWithSpan| !matches!(it.token, Token::Whitespace(_));
        let words: Vec<&TokenWithSpan> =
            part.iter().filter(is_code).filter(|it| it.token != Token::EOF).collect();
        let (Some(first), Some(last)) = (words.first(), words.last()) else { continue };
        let start = places.offset(first.span.start);
        let end = places.offset(last.span.end).max(start);
        let begins = |expected: &[&str]| {
            expected.iter().zip(&words).all(|(name, it)| is_word(&it.token, name))
                && words.len() >= expected.len()
        };
        // What a trigger does is not asked for by anybody.
        if begins(&["create"]) && words.iter().take(4).any(|it| is_word(&it.token, "trigger")) {
            in_trigger = words.iter().any(|it| is_word(&it.token, "begin"));
            continue;
        }
        if in_trigger {
            in_trigger = !begins(&["end"]);
            continue;
        }
        if words.len() > MAX_TOKENS && !begins(&["insert"]) {
            continue;
        }
        let Some(source) = text.get(start..end) else { continue };
        if let Some(what) = effect(source, start, &words) {
            let range = FileRange::new(size(start), size(end));
            statements.push(Statement { range, what });
        }
    }
    statements
}

/// What a statement does, told by its first words and then by a parser.
fn effect(source: &str, start: usize, words: &[&TokenWithSpan]) -> Option<Effect> {
    let word = |at: usize| match words.get(at).map(|it| &it.token) {
        Some(Token::Word(word)) => word.value.to_ascii_lowercase(),
        _ => String::new(),
    };
    match word(0).as_str() {
        "insert" | "replace" => {
            let into = words.iter().take(5).position(|it| is_word(&it.token, "into"))?;
            Some(Effect::Insert(name_at(words, into + 1)?))
        }
        "create" | "alter" | "drop" => {
            let parsed = parse_statement(source);
            let read = parsed.and_then(|it| {
                let mut places = Places::new(source);
                definitions::effect(&it, |at| size(start + places.offset(at)))
            });
            read.or_else(|| obscure(words))
        }
        "select" | "with" | "update" | "delete" => {
            parse_statement(source).and_then(|it| queries::query(&it)).map(Effect::Query)
        }
        _ => None,
    }
}

/// The table of a definition that could not be read.
fn obscure(words: &[&TokenWithSpan]) -> Option<Effect> {
    let is = |at: usize, name: &str| words.get(at).is_some_and(|it| is_word(&it.token, name));
    let find = |name: &str| words.iter().position(|it| is_word(&it.token, name));
    if is(0, "create") && (is(1, "index") || is(2, "index")) {
        return Some(Effect::Obscure(name_at(words, find("on")? + 1)?));
    }
    if is(0, "alter") && is(1, "table") {
        return Some(Effect::Obscure(name_at(words, 2)?));
    }
    None
}

/// The name at a place, past `IF EXISTS` and `ONLY`, and past the schema it is in.
fn name_at(words: &[&TokenWithSpan], at: usize) -> Option<String> {
    let skipped = ["if", "not", "exists", "only"];
    let mut rest = words.get(at..)?.iter().map(|it| &it.token).skip_while(
        |it| matches!(it, Token::Word(word) if skipped.iter().any(|skip| is(word, skip))),
    );
    let Token::Word(mut name) = rest.next()?.clone() else { return None };
    while rest.next() == Some(&Token::Period) {
        let Token::Word(inner) = rest.next()? else { return None };
        name = inner.clone();
    }
    Some(name.value.to_ascii_lowercase())
}

fn parse_statement(source: &str) -> Option<sqlparser::ast::Statement> {
    let dialects: [&dyn Dialect; 4] =
        [&GenericDialect {}, &PostgreSqlDialect {}, &SQLiteDialect {}, &MySqlDialect {}];
    dialects.into_iter().find_map(|dialect| {
        let parser = Parser::new(dialect).with_recursion_limit(MAX_DEPTH);
        let mut parser = parser.try_with_sql(source).ok()?;
        let statement = parser.parse_statement().ok()?;
        let is_whole = matches!(parser.peek_token().token, Token::EOF | Token::SemiColon);
        is_whole.then_some(statement)
    })
}

/// Strings and comments differ between databases: the first that makes sense of the whole text.
fn tokenize(text: &str) -> Option<Vec<TokenWithSpan>> {
    if text.len() > MAX_BYTES {
        return None;
    }
    let dialects: [&dyn Dialect; 3] = [&GenericDialect {}, &MySqlDialect {}, &PostgreSqlDialect {}];
    dialects
        .into_iter()
        .find_map(|dialect| Tokenizer::new(dialect, text).tokenize_with_location().ok())
}

fn is_word(token: &Token, name: &str) -> bool {
    matches!(token, Token::Word(word) if is(word, name))
}

fn is(word: &Word, name: &str) -> bool {
    word.quote_style.is_none() && word.value.eq_ignore_ascii_case(name)
}

fn size(offset: usize) -> TextSize {
    TextSize::new(offset as u32)
}

/// Turns the tokenizer's lines and columns, which count characters, into bytes.
struct Places<'t> {
    text: &'t str,
    lines: Vec<usize>,
    /// The place that was asked for last: its line, its column and its byte. They are mostly asked
    /// for in order, and lines may be long.
    last: (usize, usize, usize),
}

impl<'t> Places<'t> {
    fn new(text: &'t str) -> Self {
        let ends = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1);
        Self { text, lines: std::iter::once(0).chain(ends).collect(), last: (0, 0, 0) }
    }

    /// The byte at a place; the end of the text for one behind it.
    fn offset(&mut self, at: Location) -> usize {
        let line = (at.line as usize).saturating_sub(1);
        let column = (at.column as usize).saturating_sub(1);
        let Some(start) = self.lines.get(line).copied() else { return self.text.len() };
        let (known, from) = match self.last {
            (last, known, byte) if last == line && known <= column => (known, byte),
            _ => (0, start),
        };
        let rest = self.text.get(from..).unwrap_or_default();
        let inside = rest.char_indices().nth(column - known);
        let byte = from + inside.map_or(rest.len(), |(inside, _)| inside);
        self.last = (line, column, byte);
        byte
    }
}
