//! What sources in other languages refer to: found by patterns, as no parser of ours reads them.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::{Match, Regex};

use super::indexed::IndexSpec;
use super::literals::{is_sql, is_variable, variable_prefix};
use super::{Reference, ReferenceKind, Rows};
use crate::project::paths::file_name;
use crate::project::sql::SqlText;
use crate::text::{FileRange, TextSize};

/// What may be the name of an environment variable: behind `env`, as JavaScript and the bindings
/// of Workers have it; in quotes, as in `os.environ.get("NAME")`, `getenv('NAME')`; or any name that
/// is written like a constant, as in `const { API_KEY } = process.env`.
///
/// None of the patterns has groups: looking for a match alone is several times as fast.
static ENV: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(&[
        r"(?-u:\b)env\??\.[A-Z_][A-Z0-9_]{2,}(?-u:\b)",
        "[\"'`][A-Z_][A-Z0-9_]{2,}[\"'`]",
        r"(?-u:\b)[A-Z][A-Z0-9]*_[A-Z0-9_]+(?-u:\b)",
    ])
});

/// Reads of variables with what stands in for those that are not set: the groups are the name, what
/// stands between, the literal, and an operator behind it, which makes it no default.
static DEFAULT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let name = "([A-Z_][A-Z0-9_]{2,})";
    let literal = r#"("[^"\\\n]+"|'[^'\\\n]+'|[0-9][0-9_.]*|true\b|false\b)\s*([*+/-]?)"#;
    pattern(&[
        // `env.NAME ?? "…"`, `env["NAME"] || 1`, and `parseNumber(process.env.NAME, "…"`.
        &format!(
            r#"(?-u:\b)env\??\.?(?:\[\s*["'])?{name}(?:["']\s*\])?\s*(\?\?|\|\||,)\s*{literal}"#
        ),
        // `env.NAME ? parseNumber(env.NAME) : 5`
        &format!(r#"(?-u:\b)env\.{name}\s*(\?)\s[^:;?{{\n]{{1,120}}:\s*{literal}"#),
        // `os.environ.get("NAME", "…")`, `getenv`, `ENV.fetch`, `envOr`.
        &format!(
            r#"(?i-u:env)(?-u:\w)*(?:\.(?:get|fetch))?\s*\(\s*["']{name}["']\s*(,)\s*{literal}"#
        ),
    ])
});

/// What reads whole groups of variables into the fields of a type.
static READ_ALL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(&[
        r"\bBaseSettings\b",
        r"\bAutomaticEnv\b",
        r"\benvconfig\.Process\b",
        r"\bSpringApplication\b",
        r"\bAddEnvironmentVariables\b",
    ])
});

/// String literals that may hold a statement of SQL.
static STRING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(&[r#""(?:[^"\\]|\\.)*""#, r"'(?:[^'\\\n]|\\.)*'", r"`(?:[^`\\]|\\.)*`"])
});

/// The function that a literal is given to or tagged with, at the end of what stands before it.
static CALLEE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(\w+)\s*(?:<[^<>();]*>)?\s*(?:\(\s*(?:[frbu]|\w+,\s*)?)?$").ok());

/// The calls behind a literal, one of which reads its rows.
static READ: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\.\s*(\w+)\s*[(<]").ok());

/// How far around a literal its calls are looked for, in bytes.
const AROUND: usize = 400;

/// The patterns are constants, and tests try them.
fn pattern(alternatives: &[&str]) -> Option<Regex> {
    Regex::new(&alternatives.join("|")).ok()
}

/// What a source refers to of what `spec` asks for, in text order.
pub fn references_in_other_language(path: &str, text: &str, spec: &IndexSpec) -> Vec<Reference> {
    let mut found = Vec::new();
    let in_test = is_test(path);
    if spec.variables {
        variables(text, &mut found);
    }
    if !in_test && is_script(path) {
        handlers(text, spec, &mut found);
        scripts(text, spec, &mut found);
    }
    if spec.queries {
        queries(text, &mut found);
    }
    let reference = |(range, kind): (Range<usize>, ReferenceKind)| {
        let (start, end) = (TextSize::new(range.start as u32), TextSize::new(range.end as u32));
        Reference { range: FileRange::new(start, end), kind, in_test }
    };
    let mut references: Vec<Reference> = found.into_iter().map(reference).collect();
    references.sort_by_key(|it| it.range.start());
    references
}

type Found = Vec<(Range<usize>, ReferenceKind)>;

/// Adds the variables that a source reads, and their defaults.
fn variables(text: &str, found: &mut Found) {
    // Once is enough: nobody asks how often a name is referred to.
    let mut seen = HashSet::new();
    for whole in ENV.iter().flat_map(|it| it.find_iter(text)) {
        let is_quote = |c| matches!(c, '"' | '\'' | '`');
        let name = whole.as_str().trim_end_matches(is_quote);
        let end = whole.start() + name.len();
        let name = name.rsplit(|c| c == '.' || is_quote(c)).next().unwrap_or(name);
        if is_variable(name) && seen.insert(name) {
            let kind = match variable_prefix(name) {
                Some(prefix) => ReferenceKind::env_prefix(prefix),
                None => ReferenceKind::env(name),
            };
            found.push((end - name.len()..end, kind));
        }
    }
    for (pattern, whole) in
        DEFAULT.iter().flat_map(|it| it.find_iter(text).map(move |whole| (it, whole)))
    {
        found.extend(default_in(text, pattern, &whole));
    }
    if let Some(whole) = READ_ALL.iter().find_map(|it| it.find(text)) {
        found.push((whole.range(), ReferenceKind::env_prefix("")));
    }
}

/// The default of a variable in a match of a pattern for them.
fn default_in(
    text: &str,
    pattern: &Regex,
    whole: &Match<'_>,
) -> Option<(Range<usize>, ReferenceKind)> {
    // Groups are looked for in what matched alone, as looking for them takes longer.
    let captures = pattern.captures(whole.as_str())?;
    let mut groups = captures.iter().skip(1).flatten();
    let (name, between, literal) = (groups.next()?, groups.next()?, groups.next()?);
    let is_operand = groups.next().is_some_and(|operator| !operator.is_empty());
    // `parseNumber(process.env.NAME, 5)`
    let is_argument = between.as_str() == "," && !whole.as_str().contains('(');
    // A condition that is no value decides about something else.
    let is_flag = between.as_str() == "?" && whole.as_str().matches(name.as_str()).count() < 2;
    if is_operand || is_flag || is_argument && !reads_default(text, whole.start(), literal.as_str())
    {
        return None;
    }
    let value = literal.as_str().trim_matches(['"', '\'']).to_string();
    let name = name.as_str().to_string();
    let range = whole.start() + literal.start()..whole.start() + literal.end();
    Some((range, ReferenceKind::EnvDefault { name, value, via: None }))
}

/// Adds the handlers of events that a source has.
fn handlers(text: &str, spec: &IndexSpec, found: &mut Found) {
    for handler in spec.handlers().iter().filter(|it| text.contains(it.name)) {
        let captures = handler.pattern.iter().flat_map(|it| it.captures_iter(text));
        let names = captures.filter_map(|captures| captures.get(1));
        found.extend(names.map(|it| (it.range(), ReferenceKind::Call(it.as_str().to_string()))));
    }
}

/// Adds what the patterns of rules find in a script, comments left out.
fn scripts(text: &str, spec: &IndexSpec, found: &mut Found) {
    for (name, pattern) in spec.scripts() {
        for captures in pattern.captures_iter(text) {
            let Some(it) = captures.get(1) else { continue };
            let before = text.get(..it.start()).unwrap_or_default();
            let line = before.rsplit('\n').next().unwrap_or_default().trim_start();
            if !line.starts_with("//") && !line.starts_with('*') && !line.starts_with("/*") {
                let text = it.as_str().to_string();
                found.push((it.range(), ReferenceKind::Script { pattern: name, text }));
            }
        }
    }
}

/// Adds the SQL in a source.
fn queries(text: &str, found: &mut Found) {
    for literal in STRING.iter().flat_map(|it| it.find_iter(text)) {
        let range = literal.start() + 1..literal.end() - 1;
        let content = &text[range.clone()];
        if is_sql(content) {
            let sql = SqlText::new(content, Some(TextSize::new(0)));
            let callee = callee_before(text, range.start);
            let rows = Rows::read_by(callee).unwrap_or_else(|| rows_behind(text, range.end));
            found.push((range, ReferenceKind::Sql { sql, callee: callee.to_string(), rows }));
        }
    }
}

/// Whether a Worker may be written in the language.
fn is_script(path: &str) -> bool {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    matches!(extension, "js" | "mjs" | "cjs" | "ts" | "mts" | "cts" | "jsx" | "tsx")
}

/// Whether the function that is given a variable, whose read begins at `at`, takes the literal
/// behind it for its default.
fn reads_default(text: &str, at: usize, literal: &str) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let before = before.strip_suffix("process.").unwrap_or(before).trim_end();
    let Some(before) = before.strip_suffix('(') else { return false };
    let callee = before.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next();
    let callee = callee.unwrap_or_default().to_ascii_lowercase();
    // The second argument of `parseInt` is the base of the number.
    let is_base = callee == "parseint" && !literal.starts_with(['"', '\'']);
    let words = ["parse", "int", "num", "bool", "default"];
    !is_base && words.iter().any(|it| callee.contains(it))
}

/// The name of the function that a literal is given to; empty when it is given to none. `at` is
/// where the content of the literal begins.
fn callee_before(text: &str, at: usize) -> &str {
    let end = at.saturating_sub(1);
    let before = text.get(text.floor_char_boundary(end.saturating_sub(AROUND))..end);
    let before = before.unwrap_or_default().trim_end_matches(['"', '\'', '`']);
    let captures = CALLEE.as_ref().and_then(|it| it.captures(before));
    captures.and_then(|it| it.get(1)).map_or("", |it| it.as_str())
}

/// How many rows the first call behind a literal reads that tells.
fn rows_behind(text: &str, at: usize) -> Rows {
    let behind = text.get(at..text.floor_char_boundary(at.saturating_add(AROUND)));
    let calls = READ.iter().flat_map(|it| it.captures_iter(behind.unwrap_or_default()));
    let mut names = calls.filter_map(|it| it.get(1));
    names.find_map(|it| Rows::read_by(it.as_str())).unwrap_or(Rows::Unknown)
}

fn is_test(path: &str) -> bool {
    let name = file_name(path);
    let folder = |it: &str| matches!(it, "test" | "tests" | "__tests__" | "spec" | "e2e");
    path.rsplit('/').skip(1).any(folder)
        || name.contains(".test.")
        || name.contains(".spec.")
        || name.starts_with("test_")
        || name.contains("_test.")
}

#[cfg(test)]
mod tests {
    use super::super::Indexed;
    use super::*;

    fn references(path: &str, text: &str) -> Vec<Reference> {
        let handlers = Indexed::Handlers(&[("event", "scheduled")]);
        let spec = IndexSpec::new([Indexed::Variables, Indexed::Queries, handlers]);
        references_in_other_language(path, text, &spec)
    }

    #[test]
    fn variables_of_other_languages_are_read() {
        for (path, text, name) in [
            ("a.ts", "const p = process.env.PORT ?? other", "PORT"),
            ("a.ts", "process.env['API_KEY']", "API_KEY"),
            ("a.ts", "function f(c) { return c.env.OFFER_TTL }", "OFFER_TTL"),
            ("a.py", "os.environ.get(\"DB_URL\")", "DB_URL"),
            ("a.py", "os.getenv('DB_URL')", "DB_URL"),
            ("a.go", "os.Getenv(\"DB_URL\")", "DB_URL"),
            ("a.rb", "ENV.fetch('DB_URL')", "DB_URL"),
            ("a.ts", "const { API_KEY } = process.env", "API_KEY"),
            ("A.java", "System.getenv(\"DB_URL\")", "DB_URL"),
        ] {
            let found = references(path, text);
            let names: Vec<&ReferenceKind> = found.iter().map(|it| &it.kind).collect();
            let expected = ReferenceKind::env(name);
            assert_eq!(names, [&expected], "{text}");
            assert_eq!(&text[found[0].range], name);
        }
    }

    #[test]
    fn defaults_of_variables_are_read() {
        for (path, text, value) in [
            ("a.ts", "const a = Number(process.env.TTL ?? 300_000)", "300_000"),
            ("a.ts", "const a = c.env.TTL || '5'", "5"),
            ("a.ts", "parsePositiveInt(process.env.TTL, '60000', 'TTL')", "60000"),
            ("a.ts", "ttl: env.TTL ? parseInt(env.TTL, 10) : 60000,", "60000"),
            ("a.py", "int(os.environ.get(\"TTL\", \"60\"))", "60"),
            ("a.py", "os.getenv('TTL', 60)", "60"),
        ] {
            let found = references(path, text);
            let default =
                found.iter().find(|it| matches!(it.kind, ReferenceKind::EnvDefault { .. }));
            let (name, value, via) = ("TTL".to_string(), value.to_string(), None);
            let expected = ReferenceKind::EnvDefault { name, value, via };
            assert_eq!(default.map(|it| &it.kind), Some(&expected), "{text}");
        }
        for text in [
            "a(env.TTL ?? 60 * 1000)",
            "f(env.TTL, 'x')",
            "env.TTL || other",
            "parseInt(env.TTL, 10)",
            "a(env.TTL ? 'a' : 'b')",
        ] {
            let found = references("a.ts", text);
            assert!(found.iter().all(|it| matches!(it.kind, ReferenceKind::Env { .. })), "{text}");
        }
    }

    #[test]
    fn handlers_of_scheduled_events_are_found() {
        for text in [
            "export default {\n  async scheduled(event, env, ctx) {}\n}",
            "export default {\n  fetch: app.fetch,\n  scheduled: async (event) => {},\n}",
            "export default {\n  scheduled,\n}\nasync function scheduled(event) {}",
        ] {
            let found = references("src/worker.ts", text);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(found[0].kind, ReferenceKind::Call("scheduled".into()));
        }
        for text in ["  if (scheduled) {}", "interface A {\n  scheduled: boolean;\n}"] {
            assert_eq!(references("src/worker.ts", text), [], "{text}");
        }
    }

    #[test]
    fn sql_is_found_in_every_kind_of_string() {
        let text =
            "db.prepare(`SELECT *\n FROM offers WHERE peer = ?`); f('insert into a values (1)')";
        let found = references("src/db.ts", text);
        assert_eq!(found.len(), 2);
        assert!(matches!(
            &found[0].kind,
            ReferenceKind::Sql { sql, callee, .. } if sql.text().starts_with("SELECT") && callee == "prepare"
        ));
        assert!(references("test/db.ts", text).iter().all(|it| it.in_test));
    }

    #[test]
    fn sql_is_known_with_what_reads_its_rows() {
        for (text, callee, rows) in [
            (
                "await env.DB.prepare(`SELECT a FROM b`).bind(x)\n.first<Row>()",
                "prepare",
                Rows::One,
            ),
            ("db.prepare('SELECT a FROM b').all();", "prepare", Rows::All),
            (
                "cur.execute(\n\"\"\"SELECT a FROM b\"\"\")\nrow = cur.fetchone()",
                "execute",
                Rows::One,
            ),
            ("await sql`SELECT a FROM b`;", "sql", Rows::Unknown),
            ("const q = 'SELECT a FROM b';", "", Rows::Unknown),
        ] {
            let found = references("a.ts", text);
            let [Reference { kind: ReferenceKind::Sql { callee: given, rows: read, .. }, .. }] =
                found.as_slice()
            else {
                panic!("{text}: {found:?}")
            };
            assert_eq!((given.as_str(), *read), (callee, rows), "{text}");
        }
    }
}
