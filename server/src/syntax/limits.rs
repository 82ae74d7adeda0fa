//! What the parser can be asked to read.
//!
//! The parser is recursive, and so is the release of its trees. Brackets nested ten thousand deep
//! or a chain of fifty thousand operators end the process with a stack overflow, which nothing can
//! catch; files like that are refused before they are parsed.

/// The largest file that is analysed, in bytes.
pub const MAX_FILE_BYTES: u64 = 4 * 1024 * 1024;

/// Half of what overflows the two-megabyte stack on which trees are released.
const MAX_DEPTH: i32 = 1_000;
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

/// Tells whether `text` can be parsed without risk to the process.
///
/// Every bracket and operator byte counts, also inside strings and comments; the exact count,
/// which leaves those out, is made only when this estimate is over a limit.
pub fn check_limits(text: &str) -> Result<(), TooComplex> {
    if text.len() as u64 > MAX_FILE_BYTES {
        return Err(TooComplex::Size);
    }
    let estimate = measure(text.bytes());
    if estimate.is_ok() { Ok(()) } else { measure(code_bytes(text)) }
}

/// What a byte of code means for how deep the parser goes.
#[derive(Clone, Copy)]
struct Step {
    /// Brackets opened, or closed.
    depth: i32,
    /// Links added to the chain by the byte itself.
    links: u32,
    /// All bits set, or none where the byte ends the chain.
    chain: u32,
    /// 1 in a word. Words chain as well: `return return …`, `a as b as c`, `else if … else if`.
    word: u32,
    /// 1 where a word before the byte still counts as begun.
    word_before: u32,
}

const STEPS: [Step; 256] = {
    let other = Step { depth: 0, links: 0, chain: u32::MAX, word: 0, word_before: 0 };
    let mut steps = [other; 256];
    let mut byte = 0;
    while byte < steps.len() {
        let step = &mut steps[byte];
        match byte as u8 {
            b'(' | b'[' | b'{' => step.depth = 1,
            b')' | b']' | b'}' => step.depth = -1,
            b';' | b',' | b'#' => (step.chain, step.word_before) = (0, 1),
            // `<` opens a generic list or compares, so angle brackets count as links.
            b'+' | b'-' | b'*' | b'/' | b'%' | b'^' | b'!' | b'&' | b'|' | b'=' | b'<' | b'.'
            | b'?' | b':' => (step.links, step.word_before) = (1, 1),
            b'a'..=b'z' | b'A'..=b'Z' => step.word = 1,
            _ => {}
        }
        byte += 1;
    }
    steps
};

/// Without a branch for each byte: all of every file goes through here.
fn measure(bytes: impl Iterator<Item = u8>) -> Result<(), TooComplex> {
    let (mut depth, mut deepest) = (0i32, 0);
    let (mut chain, mut longest) = (0u32, 0);
    let mut word = 0;
    for byte in bytes {
        let step = &STEPS[usize::from(byte)];
        depth = (depth + step.depth).max(0);
        deepest = deepest.max(depth);
        chain = (chain + step.links + (step.word & !word)) & step.chain;
        longest = longest.max(chain);
        word = step.word | (word & step.word_before);
    }
    if deepest > MAX_DEPTH {
        Err(TooComplex::Nesting)
    } else if longest > MAX_CHAIN * 3 {
        Err(TooComplex::Chain)
    } else {
        Ok(())
    }
}

/// The bytes of `text` outside comments and string literals.
fn code_bytes(text: &str) -> impl Iterator<Item = u8> {
    let parsed = lexed_code(text);
    parsed.into_iter()
}

fn lexed_code(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut code = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        at += match rest {
            [b'/', b'/', ..] => memchr::memchr(b'\n', rest).unwrap_or(rest.len()),
            [b'/', b'*', ..] => block_comment(rest),
            [b'"', ..] => 1 + quoted(&rest[1..]),
            [b'r', b'"' | b'#', ..] => raw_string(rest).unwrap_or_else(|| {
                code.push(b'r');
                1
            }),
            // A quote character, which would otherwise open a string.
            [b'\'', b'"', b'\'', ..] => 3,
            [b'\'', b'\\', _, b'\'', ..] => 4,
            [b'\'', b'(' | b')' | b'[' | b']' | b'{' | b'}', b'\'', ..] => 3,
            [byte, ..] => {
                code.push(*byte);
                1
            }
            [] => 1,
        };
    }
    code
}

fn block_comment(rest: &[u8]) -> usize {
    let mut depth = 0usize;
    let mut at = 0;
    while at < rest.len() {
        match &rest[at..] {
            [b'/', b'*', ..] => {
                depth += 1;
                at += 2;
            }
            [b'*', b'/', ..] => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    rest.len()
}

/// The length of a string's rest, its closing quote included.
fn quoted(rest: &[u8]) -> usize {
    let mut at = 0;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// The length of a raw string, or nothing when `rest` starts no raw string.
fn raw_string(rest: &[u8]) -> Option<usize> {
    let hashes = rest[1..].iter().take_while(|byte| **byte == b'#').count();
    if rest.get(1 + hashes) != Some(&b'"') {
        return None;
    }
    let body = 2 + hashes;
    let mut close = vec![b'"'];
    close.resize(1 + hashes, b'#');
    let end = memchr::memmem::find(&rest[body..], &close);
    Some(end.map_or(rest.len(), |end| body + end + close.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

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
