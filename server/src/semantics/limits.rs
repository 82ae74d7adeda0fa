//! Names of what counts or limits tasks.

use crate::syntax::names::words;
use crate::syntax::{SyntaxKind, SyntaxToken};

/// Words in identifiers of a loop that counts or limits its tasks; sorted.
const LIMIT_WORDS: &[&str] = &[
    "acquire", "active", "budget", "capacity", "count", "counter", "len", "limit", "limited",
    "limiter", "limits", "max", "permit", "permits", "quota", "semaphore", "slots", "throttle",
];

/// Whether an identifier indicates that the number of tasks is counted or limited.
pub fn suggests_limit(token: &SyntaxToken) -> bool {
    token.kind() == SyntaxKind::IDENT
        && words(token.text()).any(|word| LIMIT_WORDS.binary_search(&word.as_str()).is_ok())
}
