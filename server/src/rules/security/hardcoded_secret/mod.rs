//! Password, token or key hardcoded in the source.
//!
//! Everyone who can read the repository or the program has the secret. It is the same in every
//! deployment, and it cannot be changed without a release.
//!
//! ```rust,bad
//! fn connect() -> Config {
//!     Config { auth_token: "devtoken".into() }
//! }
//! ```
//!
//! Read it from the environment or from a secret store, and refuse to start without it:
//!
//! ```rust
//! fn connect() -> Result<Config, VarError> {
//!     Ok(Config { auth_token: std::env::var("AUTH_TOKEN")? })
//! }
//! ```
//!
//! Reported are literals that become the value of something with the name of a secret: a constant,
//! a variable, a field, an argument by the name of its parameter, the value beside a key in a map,
//! a form or JSON, and the fallback of an environment variable. Well-known formats of keys, bearer
//! tokens and URLs with a password are reported anywhere, and so are key files that are compiled in.
//! Placeholders, values that the program refuses, and literals that only name a secret
//! (`"x-api-key"`, `"AUTH_TOKEN"`) are not. Words that may be a name after all are high instead of
//! critical.

mod arguments;
mod fix;
mod formats;
mod special;
#[cfg(test)]
mod tests;

use super::AREA;
use crate::analysis::{Confidence, Context, On, Opportunity, Query, Report, Rule, Severity};
use crate::project::Refused;
use crate::semantics::body_words::function_name;
use crate::semantics::development::is_for_development;
use crate::semantics::literals::{LiteralValue, Value, literal_of};
use crate::semantics::named_values::{NamedValue, named_value};
use crate::semantics::secrets::{
    SecretKind, SecretValue, ValuePlace, is_about_parsing, is_bare_token, known_format,
    secret_value,
};
use crate::syntax::green::any_token;
use crate::syntax::names::has_any_word;
use crate::syntax::{AstNode, NodeOrToken, SyntaxKind, SyntaxNode, ast};

pub static RULE: Rule = Rule {
    id: "hardcoded-secret",
    opportunity: Opportunity::Project,
    effort: 60,
    severity: Severity::Critical,
    // Who reads the source has the secret.
    lowered_when_uncalled: false,
    cwe: &[798],
    seeds: &["B.1", "E.1"],
    source: include_str!("mod.rs"),
    queries: &[
        Query::Call(&["new_from_slice", "from_slice", "from_bytes"], special::check_key),
        Query::Literal(formats::may_be_known, formats::check),
        Query::Literal(arguments::may_be_key, arguments::check_key),
        Query::Literal(arguments::may_be_argument, arguments::check_argument),
        Query::Macro(&["include_str", "include_bytes"], special::check_included),
        Query::SecretName(&On(check::<ast::Const>)),
        Query::SecretName(&On(check::<ast::Static>)),
        Query::SecretName(&On(check::<ast::LetStmt>)),
        Query::SecretName(&On(check::<ast::RecordExprField>)),
        Query::SecretName(&On(special::check_attribute)),
        Query::SecretName(&On(check::<ast::BinExpr>)),
        Query::SecretName(&On(check::<ast::MethodCallExpr>)),
        Query::SecretName(&On(check::<ast::CallExpr>)),
        Query::SecretName(&On(special::check_key)),
        Query::SecretName(&On(check::<ast::Fn>)),
    ],
    ..Rule::source(AREA)
};

/// Words of names whose values show what a secret looks like.
const EXAMPLE_WORDS: &[&str] = &[
    "dangerous", "dummy", "example", "examples", "fake", "fixture", "insecure", "mock",
    "placeholder", "sample", "samples",
];

/// A secret in the source.
struct Found {
    /// Of the variable, field, parameter or key.
    name: String,
    value: SecretValue,
    kind: SecretKind,
    literal: LiteralValue,
}

fn check<N: AstNode>(node: &N, cx: &mut Context<'_>) {
    let node = node.syntax();
    if !any_token(node.green(), &|kind, _| kind.is_literal()) {
        return;
    }
    let Some(NamedValue { name, expr }) = named_value(node) else { return };
    let Some(literal) = literal_of(&expr) else { return };
    let kind = match node.kind() {
        // A variant or newtype, whose name is that of a type.
        SyntaxKind::CALL_EXPR if name.starts_with(|c: char| c.is_ascii_uppercase()) => {
            cx.file().secret_names.type_kind(&name)
        }
        _ => cx.file().secret_kind(&name),
    };
    let found = match &literal.value {
        Value::Bytes(len) => {
            let is_key =
                kind == Some(SecretKind::Key) || kind.is_none() && name.eq_ignore_ascii_case("key");
            (is_key && is_key_length(*len)).then_some((SecretValue::Generated, SecretKind::Key))
        }
        Value::Text(text) => {
            kind.and_then(|kind| Some((value_of(text, &name, kind, &literal)?, kind)))
        }
    };
    let parses = is_bare_token(&name) && is_about_parsing(&cx.file().path);
    let Some((value, kind)) = found.filter(|_| !parses && !is_published(node)) else { return };
    let edit = fix::environment_read(node, &name, &expr, cx);
    let found = Found { name, value, kind, literal };
    report(node, &found, cx, |report| report.fix(move |context| fix::read_fix(context, edit)));
}

/// What kind of value a literal is, unless its format says by itself that it is a secret.
fn value_of(
    text: &str,
    name: &str,
    kind: SecretKind,
    literal: &LiteralValue,
) -> Option<SecretValue> {
    let place = if literal.is_fallback { ValuePlace::Fallback } else { ValuePlace::Bound };
    secret_value(text, name, kind, place).filter(|_| known_format(text).is_none())
}

fn is_key_length(len: usize) -> bool {
    matches!(len, 16 | 24 | 32 | 48 | 64)
}

/// Whether the documentation says where a constant was published: such a value is no secret.
fn is_published(node: &SyntaxNode) -> bool {
    let comments = node.children_with_tokens().filter_map(NodeOrToken::into_token);
    comments.filter(|token| token.kind() == SyntaxKind::COMMENT).any(|comment| {
        let text = comment.text();
        ["RFC", "draft", "https://", "specification", "test vector"]
            .iter()
            .any(|word| text.contains(word))
    })
}

/// Whether a node is part of what settings are unless something else is set.
fn is_default(node: &SyntaxNode, cx: &Context<'_>) -> bool {
    node.kind() == SyntaxKind::RECORD_EXPR_FIELD
        && function_name(cx, node).is_some_and(|it| it == "default")
}

fn is_one_word(literal: &LiteralValue) -> bool {
    matches!(&literal.value, Value::Text(text) if text.bytes().all(|it| it.is_ascii_lowercase()))
}

/// Whether the function around sets up a service with the same secret:
/// `"POSTGRES_PASSWORD=postgres"`.
fn is_given_to_service(node: &SyntaxNode, literal: &LiteralValue, cx: &Context<'_>) -> bool {
    let Value::Text(secret) = &literal.value else { return false };
    let setting = format!("={secret}");
    let sets = |kind: SyntaxKind, text: &str| {
        let name = text.trim_matches('"').strip_suffix(setting.as_str()).unwrap_or_default();
        kind == SyntaxKind::STRING
            && name.ends_with("PASSWORD")
            && name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
    };
    cx.function(node).is_some_and(|it| any_token(it.syntax().green(), &sets))
}

/// Reports a secret, as sure and as severe as its value and its place make it.
fn report<'r>(
    node: &SyntaxNode,
    found: &Found,
    cx: &mut Context<'_>,
    finish: impl FnOnce(Report<'r>) -> Report<'r>,
) {
    let Found { name, value, kind, literal } = found;
    if has_any_word(name, EXAMPLE_WORDS) {
        return;
    }
    let message = match literal.is_fallback {
        true => format!("secret `{name}` has a hardcoded default"),
        false => format!("secret `{name}` is hardcoded"),
    };
    // Beside a key that is a text, words may be one as well.
    let is_declared = node.kind() != SyntaxKind::LITERAL && !literal.is_fallback;
    let mut report = Report::new(literal.range, message).confidence(match (value, kind) {
        (SecretValue::Generated | SecretValue::MadeUp, _) => Confidence::Certain,
        (SecretValue::Words, SecretKind::Password) if is_declared && !is_one_word(literal) => {
            Confidence::Certain
        }
        _ => Confidence::Likely,
    });
    if is_for_development(cx, node) {
        report = report.lowered(Severity::Low, "for development only");
    } else if is_given_to_service(node, literal, cx) {
        report = report.lowered(Severity::Low, "of a service that the program starts itself");
    } else if *value == SecretValue::ToReplace && !literal.is_fallback {
        report = report.lowered(Severity::Medium, "the value asks to be replaced");
    } else if (literal.is_fallback || is_default(node, cx)) && *value < SecretValue::Generated {
        // What others run is mostly set.
        report = report.severity(Severity::Medium);
    }
    if let Value::Text(text) = &literal.value {
        let refused = [Refused::Text(text.to_ascii_lowercase()), Refused::Constant(name.clone())];
        report = report.when(move |symbols| !refused.iter().any(|it| symbols.refuses(it)));
    }
    cx.report(node, finish(report));
}
