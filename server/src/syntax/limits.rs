//! What the parser can be asked to read.
//!
//! The parser is recursive, and so is the release of its trees. Brackets nested ten thousand deep
//! or a chain of fifty thousand operators end the process with a stack overflow, which nothing can
//! catch. How deep a tree is going to be is known from what the parser says, before it is built; how
//! deep the parser itself may go is bounded from the tokens, which say more than is true: it gets a
//! stack that is large enough for that.

use ra_ap_parser::{LexedStr, Output, Step};
use ra_ap_syntax::{Edition, SyntaxKind, T};

/// The largest file that is analysed, in bytes.
pub const MAX_FILE_BYTES: u64 = 4 * 1024 * 1024;

/// A quarter of what overflows the stack of a thread that walks trees.
const MAX_DEPTH: u32 = 1_000;
const MAX_TREE_DEPTH: u32 = 5_000;

/// The parser is not asked to go deeper, however much stack there is.
const MAX_CALLS: u32 = 250_000;

/// Why a text is not parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TooComplex {
    /// The parser goes one call deeper with every bracket.
    #[error("brackets are nested more than {MAX_DEPTH} deep")]
    Nesting,
    /// Such an expression makes a tree as deep as it is long.
    #[error("an expression or a type is nested more than {MAX_TREE_DEPTH} deep")]
    Chain,
    /// Over [`MAX_FILE_BYTES`].
    #[error("larger than {} MiB", MAX_FILE_BYTES / 1024 / 1024)]
    Size,
}

/// The most that the parser may be inside of at one time: brackets, and what may go on without one,
/// as operators before their operand, keywords and generic arguments do.
///
/// # Errors
///
/// When it is too much to be parsed.
pub fn parser_depth(lexed: &LexedStr<'_>) -> Result<u32, TooComplex> {
    // What is open in each bracket around the token, which is reset where a part of a list ends.
    let mut levels = vec![Level::default()];
    let (mut open, mut most) = (0, 0);
    let mut kinds =
        (0..lexed.len()).map(|at| lexed.kind(at)).filter(|it| !it.is_trivia()).peekable();
    let mut before = SyntaxKind::EOF;
    while let Some(kind) = kinds.next() {
        let depth = levels.len();
        let Some(level) = levels.last_mut() else { break };
        let is_arrow = matches!(std::mem::replace(&mut before, kind), T![-] | T![=]);
        match kind {
            T!['('] | T!['['] | T!['{'] => {
                levels.push(Level::default());
                if depth > MAX_DEPTH as usize {
                    return Err(TooComplex::Nesting);
                }
            }
            T![')'] | T![']'] | T!['}'] => {
                if depth > 1 {
                    open -= level.open + level.angles;
                    levels.pop();
                }
                let ends = kind == T!['}'] && kinds.peek().is_none_or(|next| begins_anew(*next));
                if let Some(level) = levels.last_mut().filter(|level| ends && level.angles == 0) {
                    open -= std::mem::take(level).open;
                }
            }
            T![;] => {
                open -= level.open + level.angles;
                *level = Level::default();
            }
            T![,] if level.angles == 0 && level.pipes == 0 => {
                open -= std::mem::take(&mut level.open)
            }
            T![=] if kinds.peek() == Some(&T![>]) => {}
            T![|] => {
                level.pipes += 1;
                level.open += 1;
                open += 1;
            }
            T![<] => {
                level.angles += 1;
                open += 1;
            }
            T![>] if level.angles > 0 && !is_arrow => {
                level.angles -= 1;
                open -= 1;
            }
            T![!] | T![-] | T![*] | T![&] | T![=] | T![.] | T![@] | T![:] => {
                level.open += 1;
                open += 1;
            }
            kind if kind.is_keyword(Edition::LATEST) => {
                level.open += 1;
                open += 1;
            }
            _ => {}
        }
        most = most.max(open);
    }
    if most > MAX_CALLS { Err(TooComplex::Chain) } else { Ok(most) }
}

/// What may be open inside a bracket.
#[derive(Default)]
struct Level {
    /// Since the part of the list began.
    open: u32,
    /// Generic arguments, in which neither a comma nor a block ends anything: or comparisons, of
    /// which nothing tells that they are none.
    angles: u32,
    /// Of those of them that may stand around the parameters of closures, with commas in between.
    pipes: u32,
}

/// Whether a token behind a block is that of another statement, item or match arm.
fn begins_anew(kind: SyntaxKind) -> bool {
    let continues = [T![else], T![as], T![where], T![in]].contains(&kind);
    let is_word = kind == SyntaxKind::IDENT || kind.is_keyword(Edition::LATEST);
    kind == T![#] || kind == T!['}'] || is_word && !continues
}

/// Tells whether the tree is not too deep.
///
/// # Errors
///
/// When it is.
pub fn check_tree_depth(parsed: &Output) -> Result<(), TooComplex> {
    let mut depth = 0u32;
    for step in parsed.iter() {
        match step {
            Step::Enter { .. } => depth += 1,
            Step::Exit => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_TREE_DEPTH {
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
        let links = [
            "a+", "!", "&", "a::", "|| ", "return ", "if a {} else ", "x as u8 + ", "#[a] !",
            "let A::<A<u8, ", "A::<u8, ", "|x, y| ", "a = ", "&mut ", "loop { break ", "*",
        ];
        for link in links {
            let chain = format!("fn f() {{ {}1 }}", link.repeat(50_000));
            assert!(check_limits(&chain).is_err(), "{link}");
        }
        for (before, link) in [
            ("type A = ", "A<u8, "),
            ("type A = ", "A<u8, fn(A) -> "),
            ("type A = ", "&'a "),
            ("fn f() { a", "(0)"),
            ("fn f() { a", ".b(0, 0)"),
            ("fn f() { a", "[0]"),
            ("fn f() { a", "?"),
            ("fn f() { a", ".b"),
            ("fn f() { let ", "x @ "),
            ("const A: u8 = ", "#[a] !"),
            ("fn f<T: ", "A<T: "),
            ("impl ", "for<'a> fn(a) -> "),
            ("type A = ", "A<{} "),
            ("type A = ", "&&&&A<u8, "),
            ("fn f() { a = ", "A::<{} "),
            ("macro_rules! m { () => { ", "{"),
            ("use ", "a::{"),
            ("fn f() { ", "match a { a => "),
        ] {
            let chain = format!("{before}{}", link.repeat(50_000));
            assert!(check_limits(&chain).is_err(), "{before}{link}");
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
    fn many_items_are_no_chain() {
        for item in [
            "fn f(&self) -> Result<u8, E> { self.a.b()?.c == !d && -e }\n",
            "impl<T> Marker for T {}\n",
            "#[derive(Debug)] pub struct S<T: A<B>> where T: Copy;\n",
            "m! { a => return return; <a>, <b> }\n",
        ] {
            assert_eq!(check_limits(&item.repeat(20_000)), Ok(()), "{item}");
        }
        let arms = "Some(A::B) if a < b => { return -x }\n".repeat(20_000);
        assert_eq!(check_limits(&format!("fn f() {{ match a {{ {arms} }} }}")), Ok(()));
        let elements = "a < b, ".repeat(20_000);
        assert_eq!(check_limits(&format!("const A: &[bool] = &[{elements}];")), Ok(()));
        let sum = "a + ".repeat(4_000);
        assert_eq!(check_limits(&format!("const A: u8 = {sum}1;")), Ok(()));
    }

    #[test]
    fn a_long_list_is_no_chain() {
        let list = format!("const LIST: [i64; 100_000] = [{}];", "-1, ".repeat(100_000));
        assert_eq!(check_limits(&list), Ok(()));
    }
}
