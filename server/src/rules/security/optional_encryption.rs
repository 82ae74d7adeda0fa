//! Storage that is opened without encryption when its key is absent.
//!
//! When the key is a matter of `if let`, a missing secret does not stop the program: it writes the
//! same data in plain text, and nothing tells operators which of the two they run.
//!
//! ```rust,bad
//! fn open(path: &Path, key: Option<&str>) -> rusqlite::Result<Connection> {
//!     let conn = Connection::open(path)?;
//!     if let Some(key) = key {
//!         conn.pragma_update(None, "key", key)?;
//!     }
//!     Ok(conn)
//! }
//! ```
//!
//! Require the key:
//!
//! ```rust
//! fn open(path: &Path, key: Option<&str>) -> anyhow::Result<Connection> {
//!     let key = key.context("no key for the database")?;
//!     let conn = Connection::open(path)?;
//!     conn.pragma_update(None, "key", key)?;
//!     Ok(conn)
//! }
//! ```
//!
//! Where the code warns that it goes on in plain text the severity is medium; a setting of its own that
//! switches encryption off is low.

use super::AREA;
use crate::analysis::{Confidence, Context, On, Query, Report, Rule, Severity};
use crate::semantics::body_words::{has_words, writes_log};
use crate::semantics::calls::method_range;
use crate::semantics::expressions::{chain_root, last_name};
use crate::semantics::literals::text_of;
use crate::semantics::presence::{Presence, refuses};
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::condition::Decision;
use crate::syntax::names::has_any_word;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode, SyntaxToken};
use crate::text::TextRange;

pub static RULE: Rule = Rule {
    id: "optional-encryption",
    severity: Severity::Medium,
    raised_when_critical: false,
    cwe: &[311],
    seeds: &["B.2", "C.data"],
    source: include_str!("optional_encryption.rs"),
    queries: &[
        Query::Literal(sets_key, check_statement),
        Query::Method(&["pragma_update", "pragma", "pragma_update_and_check"], check_pragma),
        Query::Node(&On(check_branches::<ast::IfExpr>)),
        Query::Node(&On(check_branches::<ast::MatchExpr>)),
    ],
    ..Rule::source(AREA)
};

/// Words of functions that encrypt, or open what is encrypted.
const ENCRYPTING_WORDS: &[&str] = &["encrypt", "encrypted", "seal", "sealed", "sqlcipher"];

/// Words of keys, and of what holds one.
const KEY_WORDS: &[&str] = &[
    "aead", "cipher", "crypto", "dek", "encryption", "encryptor", "kek", "key", "passphrase",
    "password", "secret",
];

fn sets_key(text: &str) -> bool {
    let lower = text.trim_start_matches(['r', '#', '"', ' ']).to_ascii_lowercase();
    lower.starts_with("pragma key") || lower.starts_with("pragma hexkey")
}

/// `conn.execute_batch(&format!("PRAGMA key = '{key}'"))`
fn check_statement(token: &SyntaxToken, cx: &mut Context<'_>) {
    let Some(node) = token.parent().filter(|_| text_of(token).is_some()) else { return };
    check_key_set(&node, token.text_range(), cx);
}

/// `conn.pragma_update(None, "key", key)`
fn check_pragma(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let arguments = call.arg_list().into_iter().flat_map(|it| it.args());
    let mut texts = arguments.filter_map(|it| crate::semantics::literals::string_literal(&it));
    if texts.any(|it| matches!(it.as_str(), "key" | "hexkey")) {
        check_key_set(call.syntax(), method_range(call), cx);
    }
}

/// Reports the place where a database is given its key, when that happens only if there is one.
fn check_key_set(node: &SyntaxNode, range: TextRange, cx: &mut Context<'_>) {
    let around = cx.ancestors(node).take_while(|it| it.kind() != SyntaxKind::FN);
    let branches =
        around.filter(|it| matches!(it.kind(), SyntaxKind::IF_EXPR | SyntaxKind::MATCH_EXPR));
    let found = branches
        .filter_map(|it| Some((Presence::of(&it)?, it)))
        .find(|(presence, _)| is_key(&presence.subject));
    let Some((presence, branch)) = found else {
        if cx.decision(node) == Some(Decision::Switch) {
            let message = "the database is encrypted only when a setting says so";
            let report = Report::new(range, message).lowered(Severity::Low, "behind a setting");
            cx.report(node, report);
        }
        return;
    };
    if presence.absent.as_ref().is_some_and(refuses) || refused_before(&branch, &presence) {
        return;
    }
    let name = last_name(&chain_root(&presence.subject)).unwrap_or_default();
    let message = format!("the database is not encrypted when `{name}` is absent");
    report(node, Report::new(range, message), &presence, cx);
}

/// Whether the same value was required above: `let Some(key) = … else { return Err(…) }`.
fn refused_before(branch: &SyntaxNode, presence: &Presence) -> bool {
    let name = last_name(&presence.subject);
    let statement = branch.parent().filter(|it| it.kind() == SyntaxKind::EXPR_STMT);
    let mut before = statement.as_ref().unwrap_or(branch).prev_sibling();
    while let Some(node) = before {
        let inner = ast::ExprStmt::cast(node.clone()).and_then(|it| it.expr());
        let decided =
            inner.and_then(|it| Presence::of(it.syntax())).or_else(|| Presence::of(&node));
        if decided.is_some_and(|it| {
            last_name(&it.subject) == name && it.absent.as_ref().is_some_and(refuses)
        }) {
            return true;
        }
        before = node.prev_sibling();
    }
    false
}

fn is_key(subject: &ast::Expr) -> bool {
    subject.syntax().descendants_with_tokens().filter_map(|it| it.into_token()).any(|it| {
        it.kind() == SyntaxKind::IDENT && has_any_word(it.text(), KEY_WORDS)
            || text_of(&it).is_some_and(|text| has_any_word(&text, KEY_WORDS))
    })
}

/// `match key { Some(key) => Store::encrypted(path, key), None => Store::open(path) }`
fn check_branches<N: AstNode>(node: &N, cx: &mut Context<'_>) {
    let node = node.syntax();
    if !has_words(node.green(), ENCRYPTING_WORDS) {
        return;
    }
    let Some(presence) = Presence::of(node).filter(|it| is_key(&it.subject)) else { return };
    let (Some(present), Some(absent)) = (&presence.present, &presence.absent) else { return };
    let encrypts = encrypting_call(present);
    let Some((name, range)) = encrypts else { return };
    if refuses(absent) || has_words(absent.green(), ENCRYPTING_WORDS) || !keeps(absent) {
        return;
    }
    let subject = last_name(&chain_root(&presence.subject)).unwrap_or_default();
    let message = format!("`{name}` is left out when `{subject}` is absent");
    report(node, Report::new(range, message), &presence, cx);
}

fn encrypting_call(branch: &SyntaxNode) -> Option<(String, TextRange)> {
    branch.descendants().chain([branch.clone()]).find_map(|node| {
        let (name, range) = match node.kind() {
            SyntaxKind::METHOD_CALL_EXPR => {
                let call = ast::MethodCallExpr::cast(node)?;
                (call.name_ref()?.text().to_string(), method_range(&call))
            }
            SyntaxKind::CALL_EXPR => {
                let call = ast::CallExpr::cast(node)?;
                let path = crate::semantics::paths::callee(&call)?;
                let name = path.rsplit("::").next()?.to_string();
                (name, call.syntax().text_range())
            }
            _ => return None,
        };
        has_any_word(&name, ENCRYPTING_WORDS).then_some((name, range))
    })
}

/// Whether the branch without a key has a value in the place of the encrypted one.
fn keeps(absent: &SyntaxNode) -> bool {
    let text = absent.text().to_string();
    let text = text.trim().trim_start_matches('{').trim_end_matches('}').trim();
    !matches!(text, "" | "()" | "None" | "false" | "return" | "return;" | "return None;")
}

fn report(node: &SyntaxNode, report: Report<'_>, presence: &Presence, cx: &mut Context<'_>) {
    let warns = presence.absent.as_ref().is_some_and(writes_log);
    let report = report.confidence(Confidence::Likely);
    let report = match warns {
        true => report.lowered(Severity::Medium, "it is logged"),
        false => report,
    };
    cx.report(node, report);
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn encryption_that_depends_on_a_key_is_reported() {
        check(
            &RULE,
            r#"
fn by_option(path: &Path, key: Option<String>) -> Result<Connection> {
    let conn = Connection::open(path)?;
    if let Some(key) = &key {
        conn.execute_batch(&format!("PRAGMA key = '{key}'"))?;
                                  //^^^^^^^^^^^^^^^^^^^^^^ optional-encryption: the database is not encrypted when `key` is absent
    }
    Ok(conn)
}
fn by_text(path: &Path, config: &Config) -> Result<Connection> {
    if !config.db_key.is_empty() {
        conn.pragma_update(None, "key", &config.db_key)?;
           //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ optional-encryption
    }
}
fn by_variable() -> SqliteConnectOptions {
    if let Ok(key) = std::env::var("DB_KEY") {
        options = options.pragma("key", key);
                        //^^^^^^^^^^^^^^^^^^ optional-encryption
    }
}
fn by_match(path: &Path, passphrase: Option<&str>) -> Result<Store> {
    match passphrase {
        Some(passphrase) => Store::open_encrypted(path, passphrase),
                          //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ optional-encryption
        None => Store::open(path),
    }
}
fn put(&self, value: &[u8]) -> Result<Vec<u8>> {
    match &self.cipher {
        Some(cipher) => cipher.encrypt(value),
                             //^^^^^^^^^^^^^^ optional-encryption: `encrypt` is left out when `cipher` is absent
        None => Ok(value.to_vec()),
    }
}
fn logged(path: &Path, key: Option<&str>) -> Result<Connection> {
    if let Some(key) = key {
        conn.pragma_update(None, "key", key)?;
           //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ optional-encryption: the database is not encrypted when `key` is absent (it is logged)
    } else {
        warn!("the database is not encrypted");
    }
}
"#,
        );
    }

    #[test]
    fn required_keys_are_left_alone() {
        silent(
            &RULE,
            r#"
fn always(path: &Path, key: &str) -> Result<Connection> {
    conn.pragma_update(None, "key", key)?;
    conn.pragma_update(None, "journal_mode", "wal")?;
}
fn refused(path: &Path, key: Option<&str>) -> Result<Connection> {
    match key {
        Some(key) => conn.pragma_update(None, "key", key)?,
        None => bail!("no key"),
    }
}
fn refused_above(path: &Path, key: &str) -> Result<Connection> {
    if key.is_empty() {
        return Err(Error::NoKey);
    }
    if !key.is_empty() { conn.pragma_update(None, "key", key)?; }
}
fn other(value: Option<&str>) -> Option<Vec<u8>> {
    match value { Some(value) => encrypt(value), None => Vec::new() }
}
fn none(key: Option<&Key>) -> Option<Vec<u8>> {
    match key { Some(key) => Some(key.encrypt(x)), None => None }
}
"#,
        );
    }
}
