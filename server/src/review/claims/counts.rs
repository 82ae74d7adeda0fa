//! How many there are of what documents count, by each definition that a number may come from.

use std::ops::AddAssign;

use super::snippet::{has_word, occurrences};
use super::{Bound, Code, Subject};
use crate::project::lockfile::Lockfile;
use crate::project::paths::{inside, is_below};
use crate::project::{FileKind, dependencies};
use crate::syntax::attrs::marks_test_code;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode, SyntaxToken, T, ast};
use crate::text::{TextRange, TextSize};

/// A number of all, and of those that are no tests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Number {
    pub all: u64,
    pub production: u64,
}

impl AddAssign for Number {
    fn add_assign(&mut self, other: Self) {
        self.all += other.all;
        self.production += other.production;
    }
}

/// The words by which something is found in texts.
pub type Words = &'static [&'static str];

const MARKERS: Words = &["TODO", "FIXME", "XXX", "HACK"];

const TODO: Words = &["TODO"];

/// The words of what is counted in the trees of sources.
fn words(subject: Subject) -> Words {
    match subject {
        Subject::Todo => MARKERS,
        Subject::Unwrap => &["unwrap"],
        Subject::Expect => &["expect"],
        Subject::UnwrapOrExpect => &["unwrap", "expect"],
        Subject::Panic => &["panic"],
        Subject::Unsafe => &["unsafe"],
        _ => &[],
    }
}

/// Counts in a file what words stand for. Its tree is asked for where its text has one of them.
pub fn in_file(
    text: &str,
    words: Words,
    is_test: bool,
    root: impl FnOnce() -> Option<SyntaxNode>,
) -> Number {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for word in words {
        found.extend(occurrences(text, word).map(|it| (it.start, it.len())));
    }
    let mut number = Number::default();
    let Some(root) = (!found.is_empty()).then(root).flatten() else { return number };
    let mut tokens: Vec<SyntaxToken> = Vec::new();
    for (start, len) in found {
        let range = TextRange::at(TextSize::new(start as u32), TextSize::new(len as u32));
        if !root.text_range().contains_range(range) {
            continue;
        }
        let token = root.covering_element(range).into_token().filter(is_counted);
        tokens.extend(token);
    }
    // A comment is one, however many marks it has.
    tokens.sort_by_key(|it| it.text_range().start());
    tokens.dedup();
    for token in tokens {
        number.all += 1;
        let in_test = is_test || token.parent_ancestors().any(|it| marks_test_code(&it));
        number.production += u64::from(!in_test);
    }
    number
}

/// Whether a token with one of the words in it is what the word stands for.
fn is_counted(token: &SyntaxToken) -> bool {
    match token.kind() {
        SyntaxKind::COMMENT => MARKERS.iter().any(|it| has_word(token.text(), it)),
        SyntaxKind::IDENT if token.text() == "panic" => {
            token.next_token().is_some_and(|it| it.kind() == T![!])
        }
        SyntaxKind::IDENT => {
            let is_dot = |kind: SyntaxKind| kind == T![.];
            token.prev_token().is_some_and(|it| is_dot(it.kind()))
                || token
                    .parent()
                    .and_then(|it| it.prev_sibling_or_token())
                    .is_some_and(|it| is_dot(it.kind()))
        }
        T![unsafe] => token.parent().is_some_and(|it| ast::BlockExpr::can_cast(it.kind())),
        _ => false,
    }
}

/// Whether attributes or macros of a file may make tests whose number no source shows.
pub fn may_make_tests(text: &str, root: impl FnOnce() -> Option<SyntaxNode>) -> bool {
    const MANY: [&str; 5] = ["rstest", "test_case", "quickcheck", "proptest", "test_matrix"];
    let in_macro = |root: SyntaxNode| {
        let mut macros = root.descendants().filter(|it| it.kind() == SyntaxKind::MACRO_RULES);
        macros.any(|it| it.text().to_string().contains("test]"))
    };
    let may_be_in_macro = || text.contains("macro_rules!") && text.contains("test]");
    MANY.iter().any(|it| text.contains(it)) || may_be_in_macro() && root().is_some_and(in_macro)
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
            let of_src = files.iter().filter(|it| is_src(it));
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
    let files: Vec<&str> = code.rust_files().filter(|it| is_in_scope(it)).collect();
    match subject {
        Subject::Test => tests(code, &files, counted),
        Subject::Line => {
            let lines = code.each(&files, |sources, path| sources.line_count(path));
            let of_src = files.iter().zip(&lines).filter(|(path, _)| is_src(path));
            let of_src = of_src.map(|(_, it)| it).sum();
            counted.numbers.push(("lines in all".to_string(), lines.iter().sum()));
            counted.numbers.push(("lines in `src`".to_string(), of_src));
            counted.may_be_part = true;
        }
        _ => {
            add_numbers(code, &files, words(subject), "", counted);
            if subject == Subject::Todo {
                add_numbers(code, &files, TODO, "`TODO` alone ", counted);
            }
            add_lines(code, &files, subject, counted);
        }
    }
}

/// The numbers of what words stand for in trees.
fn add_numbers(code: &Code<'_>, files: &[&str], words: Words, of: &str, counted: &mut Counted) {
    let numbers = code.each(files, |sources, path| sources.count(path, words));
    let (mut all, mut in_src) = (Number::default(), Number::default());
    for (path, number) in files.iter().zip(numbers) {
        all += number;
        if is_src(path) {
            in_src += number;
        }
    }
    counted.numbers.push((format!("{of}outside tests"), all.production));
    counted.numbers.push((format!("{of}in all"), all.all));
    if in_src.production != all.production {
        counted.numbers.push((format!("{of}outside tests in `src`"), in_src.production));
    }
}

/// The numbers of lines that a search for text finds, as many documents count.
fn add_lines(code: &Code<'_>, files: &[&str], subject: Subject, counted: &mut Counted) {
    let searched: Words = match subject {
        Subject::Todo => MARKERS,
        Subject::Unwrap => &[".unwrap()"],
        Subject::Expect => &[".expect("],
        Subject::UnwrapOrExpect => &[".unwrap()", ".expect("],
        Subject::Panic => &["panic!"],
        _ => return,
    };
    let lines = code.each(files, |sources, path| sources.lines_with(path, searched));
    let of_src = files.iter().zip(&lines).filter(|(path, _)| is_src(path));
    let of_src: u64 = of_src.map(|(_, it)| it).sum();
    for (number, of) in [(lines.iter().sum(), "lines in all"), (of_src, "lines in `src`")] {
        if counted.numbers.iter().all(|(_, known)| *known != number) {
            counted.numbers.push((of.to_string(), number));
        }
    }
}

/// Test functions are in the index; macros and examples in documentation make more.
fn tests(code: &Code<'_>, files: &[&str], counted: &mut Counted) {
    let (mut tests, mut in_src) = (0, 0);
    let symbols = code.cx.symbols();
    for path in files {
        let items = symbols.file(path).into_iter().flat_map(|it| &it.items);
        for item in items.filter(|it| it.tests) {
            tests += u64::from(item.is_test);
            in_src += u64::from(item.is_test && is_src(path));
            counted.may_be_more |= !item.is_test;
        }
    }
    // A run has those of the features and targets that it is started with.
    counted.may_be_part = true;
    // The tests of one file may stand in another one.
    counted.may_be_more = counted.may_be_more
        || files.len() == 1 && tests == 0
        || code.each(files, |sources, path| sources.may_make_tests(path)).contains(&true);
    let numbers = &mut counted.numbers;
    numbers.push(("functions with a test attribute".to_string(), tests));
    numbers.push(("of them in `src`".to_string(), in_src));
    numbers.push(("of them outside `src`".to_string(), tests - in_src));
}

fn is_src(path: &str) -> bool {
    path.starts_with("src/") || path.contains("/src/")
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

/// Whether a number is so near to what is claimed that another way to count may make the difference:
/// other files, lines in place of calls, or the state of a few days before.
pub fn is_near(number: u64, claimed: u64, subject: Subject, is_of_file: bool) -> bool {
    let (less, more) = (number.min(claimed), number.max(claimed));
    match subject {
        Subject::Dependency => less * 5 >= more * 4,
        Subject::Test => less * 2 >= more,
        _ if is_of_file => (more - less) * 20 <= more,
        _ => less * 2 >= more,
    }
}
