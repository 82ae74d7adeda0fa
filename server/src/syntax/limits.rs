//! What the parser can be asked to read.
//!
//! The parser is recursive, and so is the release of its trees. Brackets nested ten thousand deep
//! or a chain of fifty thousand operators end the process with a stack overflow, which nothing can
//! catch; files like that are refused before they are parsed.

use ra_ap_syntax::{Edition, SyntaxKind, T};

/// The largest file that is analysed, in bytes.
pub const MAX_FILE_BYTES: u64 = 4 * 1024 * 1024;

/// Half of what overflows the two-megabyte stack on which trees are released.
const MAX_DEPTH: u32 = 1_000;
const MAX_CHAIN: u32 = 5_000;

/// Why a text is not parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TooComplex {
    /// The parser goes one call deeper with every bracket.
    #[error("brackets are nested more than {MAX_DEPTH} deep")]
    Nesting,
    /// Such an expression makes a tree as deep as it is long.
    #[error("an expression has more than {MAX_CHAIN} operators")]
    Chain,
    /// Over [`MAX_FILE_BYTES`].
    #[error("the file is larger than {} MiB", MAX_FILE_BYTES / 1024 / 1024)]
    Size,
}

/// Tells whether tokens can be parsed without risk to the process.
pub fn check_limits(tokens: impl Iterator<Item = SyntaxKind>) -> Result<(), TooComplex> {
    let (mut depth, mut chain) = (0u32, 0u32);
    // The token before is an operator, which counts for the word behind it.
    let mut is_counted = false;
    for kind in tokens {
        let was_counted = std::mem::take(&mut is_counted);
        match kind {
            T!['('] | T!['['] | T!['{'] => depth += 1,
            T![')'] | T![']'] | T!['}'] => depth = depth.saturating_sub(1),
            T![;] | T![,] | T![#] => (chain, is_counted) = (0, true),
            // `<` opens a generic list or compares, so angle brackets count as links.
            T![+]
            | T![-]
            | T![*]
            | T![/]
            | T![%]
            | T![^]
            | T![!]
            | T![&]
            | T![|]
            | T![=]
            | T![<]
            | T![.]
            | T![?]
            | T![:] => (chain, is_counted) = (chain + 1, true),
            // Words chain as well: `return return …`, `a as b as c`, `else if … else if`.
            SyntaxKind::IDENT => chain += u32::from(!was_counted),
            kind if kind.is_keyword(Edition::LATEST) => chain += u32::from(!was_counted),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(TooComplex::Nesting);
        }
        if chain > MAX_CHAIN * 3 {
            return Err(TooComplex::Chain);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse_root;

    fn check_limits(text: &str) -> Result<(), TooComplex> {
        parse_root(text, Edition::CURRENT).map(drop)
    }

    #[test]
    fn hostile_nesting_and_chains_are_refused() {
        let nested = format!("fn f() {{ {}1{} }}", "(".repeat(10_000), ")".repeat(10_000));
        assert_eq!(check_limits(&nested), Err(TooComplex::Nesting));
        for link in ["a+", "!", "&", "a::", "|| ", "return ", "if a {} else ", "x as u8 "] {
            let chain = format!("fn f() {{ {}1 }}", link.repeat(50_000));
            assert_eq!(check_limits(&chain), Err(TooComplex::Chain), "{link}");
        }
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        let table = r#"    ('(', "((((", r"[{", "\"("), // (((
            /* ((( /* [[[ */ */
        "#
        .repeat(2_000);
        assert_eq!(check_limits(&format!("const TABLE: &[T] = &[{table}];")), Ok(()));
    }

    #[test]
    fn a_long_list_is_no_chain() {
        let list = format!("const LIST: [i64; 100_000] = [{}];", "-1, ".repeat(100_000));
        assert_eq!(check_limits(&list), Ok(()));
    }
}
