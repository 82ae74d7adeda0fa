//! How many there are of what documents count, by each definition that a number may come from.

use std::ops::AddAssign;

use super::{Bound, Code, Subject};
use crate::project::lockfile::Lockfile;
use crate::project::paths::{inside, is_below};
use crate::project::{FileKind, dependencies};
use crate::syntax::attrs::{makes_tests, marks_test_code};
use crate::syntax::{AstNode, NodeOrToken, SyntaxKind, SyntaxNode, SyntaxToken, T, ast};

/// A number of all, and of those that are no tests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Number {
    pub all: u64,
    pub production: u64,
}

impl Number {
    fn add(&mut self, in_test: bool) {
        self.all += 1;
        self.production += u64::from(!in_test);
    }
}

impl AddAssign for Number {
    fn add_assign(&mut self, other: Self) {
        self.all += other.all;
        self.production += other.production;
    }
}

/// What there is in a Rust file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FileCounts {
    /// `TODO` alone.
    pub todo: Number,
    /// `TODO`, `FIXME`, `XXX` and `HACK`.
    pub markers: Number,
    pub unwrap: Number,
    pub expect: Number,
    pub panic: Number,
    pub unsafe_blocks: Number,
    pub tests: u64,
    /// Whether macros make tests whose number is not seen.
    pub makes_tests: bool,
    pub lines: u64,
}

const MARKERS: [&str; 4] = ["TODO", "FIXME", "XXX", "HACK"];

/// Words without which nothing is counted.
const WORDS: [&str; 10] =
    ["TODO", "FIXME", "XXX", "HACK", "unwrap", "expect", "panic", "unsafe", "test", "quickcheck"];

impl FileCounts {
    /// Counts in a file; its tree is asked for where there may be something.
    pub fn of(text: &str, is_test: bool, root: impl FnOnce() -> Option<SyntaxNode>) -> Self {
        let mut counts = Self { lines: text.lines().count() as u64, ..Self::default() };
        if !WORDS.iter().any(|it| text.contains(it)) {
            return counts;
        }
        let Some(root) = root() else { return counts };
        for element in root.descendants_with_tokens() {
            match element {
                NodeOrToken::Token(token) => counts.token(&token, is_test),
                NodeOrToken::Node(node) => counts.node(&node),
            }
        }
        counts
    }

    fn node(&mut self, node: &SyntaxNode) {
        match node.kind() {
            SyntaxKind::FN if makes_tests(node) => self.tests += 1,
            SyntaxKind::MACRO_CALL if makes_tests(node) => self.makes_tests = true,
            SyntaxKind::ATTR => {
                let text = node.text().to_string();
                let many =
                    ["rstest", "test_case", "case(", "quickcheck", "proptest", "test_matrix"];
                self.makes_tests |= many.iter().any(|it| text.contains(it));
            }
            SyntaxKind::MACRO_RULES => {
                let text = node.text().to_string();
                self.makes_tests |= text.contains("test]");
            }
            _ => {}
        }
    }

    fn token(&mut self, token: &SyntaxToken, is_test: bool) {
        let text = token.text();
        let next = || token.next_token();
        let is_call = || {
            let dot = token.prev_token().is_some_and(|it| it.kind() == T![.]);
            dot || token
                .parent()
                .and_then(|it| it.prev_sibling_or_token())
                .is_some_and(|it| it.kind() == T![.])
        };
        let counted = match token.kind() {
            SyntaxKind::COMMENT => {
                let found = MARKERS.iter().any(|it| super::snippet::has_word(text, it));
                if found {
                    let in_test = is_test || in_test(token);
                    self.markers.add(in_test);
                    if super::snippet::has_word(text, "TODO") {
                        self.todo.add(in_test);
                    }
                }
                return;
            }
            SyntaxKind::IDENT if text == "unwrap" && is_call() => &mut self.unwrap,
            SyntaxKind::IDENT if text == "expect" && is_call() => &mut self.expect,
            SyntaxKind::IDENT if text == "panic" => {
                let is_macro = token.parent_ancestors().nth(2).is_some_and(|it| {
                    ast::Path::can_cast(it.kind()) || ast::MacroCall::can_cast(it.kind())
                }) || next().is_some_and(|it| it.kind() == T![!]);
                if !is_macro {
                    return;
                }
                &mut self.panic
            }
            T![unsafe] if token.parent().is_some_and(|it| ast::BlockExpr::can_cast(it.kind())) => {
                &mut self.unsafe_blocks
            }
            _ => return,
        };
        counted.add(is_test || in_test(token));
    }

    fn number(&self, subject: Subject) -> Number {
        match subject {
            Subject::Todo => self.markers,
            Subject::Unwrap => self.unwrap,
            Subject::Expect => self.expect,
            Subject::UnwrapOrExpect => {
                let mut both = self.unwrap;
                both += self.expect;
                both
            }
            Subject::Panic => self.panic,
            Subject::Unsafe => self.unsafe_blocks,
            _ => Number::default(),
        }
    }
}

fn in_test(token: &SyntaxToken) -> bool {
    token.parent_ancestors().any(|it| marks_test_code(&it))
}

/// How something is called in evidence.
pub fn name(subject: Subject) -> &'static str {
    match subject {
        Subject::Todo => "`TODO`, `FIXME`, `XXX` and `HACK` comments",
        Subject::Unwrap => "`unwrap` calls",
        Subject::Expect => "`expect` calls",
        Subject::UnwrapOrExpect => "`unwrap` and `expect` calls",
        Subject::Panic => "`panic!` calls",
        Subject::Unsafe => "`unsafe` blocks",
        Subject::Test => "test functions",
        Subject::Dependency => "dependencies",
        Subject::Member => "workspace members",
        Subject::RustFile => "Rust files",
        Subject::Line => "lines of Rust",
        Subject::ExposedSecret => "secrets in public fields",
    }
}

/// The numbers that there are of something, each with the definition by which it comes out.
pub struct Counted {
    pub numbers: Vec<(String, u64)>,
    /// Whether there may be more that no source shows.
    pub may_be_more: bool,
    /// Whether a smaller number may be that of a part which the document has in mind.
    pub may_be_part: bool,
}

/// Counts something in the files of a scope: a file, a folder, or all.
pub fn counted(code: &Code<'_>, subject: Subject, scope: Option<&str>) -> Counted {
    let mut counted = Counted { numbers: Vec::new(), may_be_more: false, may_be_part: false };
    let is_in_scope = |path: &str| {
        scope.is_none_or(|it| path == it || is_below(path, it) || inside(path, it).is_some())
    };
    match subject {
        Subject::Dependency => packages(code, &mut counted),
        Subject::Member => {
            let members = code.cx.packages().iter().count() as u64;
            counted.numbers.push(("packages".to_string(), members));
            counted.may_be_part = true;
        }
        Subject::RustFile => {
            let files: Vec<&str> = code.rust_files().filter(|it| is_in_scope(it)).collect();
            let of_src = files.iter().filter(|it| it.starts_with("src/") || it.contains("/src/"));
            counted.numbers.push(("in all".to_string(), files.len() as u64));
            counted.numbers.push(("in `src`".to_string(), of_src.count() as u64));
            counted.may_be_part = true;
        }
        _ => sources(code, subject, &is_in_scope, &mut counted),
    }
    counted
}

fn sources(
    code: &Code<'_>,
    subject: Subject,
    is_in_scope: &dyn Fn(&str) -> bool,
    counted: &mut Counted,
) {
    code.look_at_all();
    let (mut number, mut todo) = (Number::default(), Number::default());
    let (mut tests, mut in_src, mut lines, mut lines_of_src) = (0, 0, 0, 0);
    for path in code.rust_files().filter(|it| is_in_scope(it)) {
        let counts = code.counts(path);
        let is_src = path.starts_with("src/") || path.contains("/src/");
        number += counts.number(subject);
        todo += counts.todo;
        tests += counts.tests;
        lines += counts.lines;
        in_src += counts.tests * u64::from(is_src);
        lines_of_src += counts.lines * u64::from(is_src);
        counted.may_be_more |= subject == Subject::Test && counts.makes_tests;
    }
    let numbers = &mut counted.numbers;
    match subject {
        Subject::Test => {
            numbers.push(("functions with a test attribute".to_string(), tests));
            numbers.push(("of them in `src`".to_string(), in_src));
            numbers.push(("of them outside `src`".to_string(), tests - in_src));
            // A run has those of the features and targets that it is started with.
            counted.may_be_part = true;
        }
        Subject::Line => {
            numbers.push(("lines in all".to_string(), lines));
            numbers.push(("lines in `src`".to_string(), lines_of_src));
            counted.may_be_part = true;
        }
        _ => {
            numbers.push(("outside tests".to_string(), number.production));
            numbers.push(("in all".to_string(), number.all));
        }
    }
    if subject == Subject::Todo {
        numbers.push(("`TODO` alone outside tests".to_string(), todo.production));
        numbers.push(("`TODO` alone in all".to_string(), todo.all));
    }
}

fn packages(code: &Code<'_>, counted: &mut Counted) {
    counted.may_be_part = true;
    for file in code.cx.files(FileKind::Lockfile) {
        let lockfile = Lockfile::read(file);
        let all = lockfile.packages.len() as u64;
        let own = lockfile.packages.iter().filter(|it| it.source.is_none()).count() as u64;
        counted.numbers.push((format!("packages of `{}`", file.path), all));
        counted.numbers.push((format!("packages of others in `{}`", file.path), all - own));
    }
    for file in code.cx.files(FileKind::Manifest) {
        let direct = dependencies::of_manifest(file).len() as u64;
        counted.numbers.push((format!("dependencies of `{}`", file.path), direct));
    }
}

/// Whether a number is as it is claimed.
pub fn agrees(number: u64, claimed: u64, bound: Bound) -> bool {
    match bound {
        Bound::Exactly => number == claimed,
        Bound::About => number.abs_diff(claimed) * 10 <= claimed.max(number),
        Bound::AtLeast => number >= claimed,
        Bound::AtMost => number <= claimed,
    }
}
