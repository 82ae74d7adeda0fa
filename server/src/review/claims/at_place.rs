//! What stands at a place of the code, and where that stands which a document says is there.

use std::ops::Range;

use super::code::{Code, Item};
use super::counts;
use super::resolve::{Resolved, has_folder, resolve};
use super::ruling::Ruling;
use super::snippet::{Squeezed, distinctive, has_word, is_alike, occurrences, squeeze};
use super::{Correction, Place, Subject, Verdict};
use crate::project::paths::{file_name, folder_of};

/// What a document says of a place.
pub struct Said<'a> {
    pub names: &'a [String],
    pub is_bound: bool,
    pub quotes: &'a [String],
    pub is_quoted: bool,
    pub subject: Option<Subject>,
}

impl Said<'_> {
    /// The quotation that belongs to the place and to nothing else.
    fn bound_quote(&self) -> &[String] {
        self.quotes.get(..usize::from(self.is_quoted)).unwrap_or_default()
    }
}

/// Quotations that are looked for in other files are at least so long.
const MIN_ELSEWHERE: usize = 24;

/// How much of a line evidence quotes.
const MAX_SHOWN: usize = 60;

/// The verdict on lines of a file.
pub fn place(code: &Code<'_>, document: &str, place: &Place, said: &Said<'_>) -> Option<Ruling> {
    if let Some(commit) = &place.commit {
        return Some(at_commit(code, document, place, commit, said));
    }
    match resolve(code, document, &place.path) {
        Resolved::Found(path) => Some(in_file(code, &path, place, said)),
        Resolved::Many(paths) => {
            let rulings = paths.iter().map(|path| in_file(code, path, place, said));
            let holds = rulings.into_iter().find(|it| it.verdict == Verdict::Holds);
            Some(holds.unwrap_or_else(|| {
                let evidence = format!("{} files end in `{}`", paths.len(), place.path);
                Ruling::new(Verdict::Undecidable, evidence)
            }))
        }
        Resolved::Missing => Some(elsewhere(code, document, place, said)),
        Resolved::Foreign => None,
    }
}

fn in_file(code: &Code<'_>, path: &str, place: &Place, said: &Said<'_>) -> Ruling {
    let (first, last) = place.lines.unwrap_or((1, 1));
    let count = code.line_count(path);
    if first > count {
        let evidence = format!("`{path}` has {count} lines");
        return moved(code, path, place, said).unwrap_or_else(|| {
            // A name that many projects have is not sure to be that of this file.
            let verdict = match is_any_name(&place.path) {
                true => Verdict::Undecidable,
                false => Verdict::Contradicted,
            };
            let ruling = Ruling::new(verdict, evidence).at(path, count.max(1));
            was_longer(code, path, first, ruling)
        });
    }
    if let Some(evidence) = held(code, path, (first, last), said) {
        return Ruling::new(Verdict::Holds, evidence).at(path, first);
    }
    if let Some(ruling) = moved(code, path, place, said) {
        return ruling;
    }
    let now = shown(code, path, first);
    if let Some(ruling) = changed(code, path, (first, last), said) {
        return ruling;
    }
    if let Some(ruling) = said.subject.and_then(|it| subject_elsewhere(code, path, place, it)) {
        return ruling;
    }
    if said.is_bound
        && let Some(name) = said.names.first()
        && !code.has_word(name)
    {
        let evidence = format!("no source has `{name}`; line {first} is `{now}`");
        return Ruling::new(Verdict::Absent, evidence).at(path, first);
    }
    let evidence = match said.names.is_empty() && said.quotes.is_empty() {
        true => format!("nothing is quoted to compare line {first} with: `{now}`"),
        false => format!("line {first} is `{now}`"),
    };
    Ruling::new(Verdict::Undecidable, evidence).at(path, first)
}

/// Whether a path is a mere name that files of other projects have, too.
fn is_any_name(path: &str) -> bool {
    const NAMES: &[&str] = &["lib.rs", "main.rs", "mod.rs"];
    !path.contains('/') && (!path.ends_with(".rs") || NAMES.contains(&path))
}

/// The verdict on a line past the end of a file, after its revisions were asked: it was longer once.
fn was_longer(code: &Code<'_>, path: &str, first: u32, ruling: Ruling) -> Ruling {
    let Some(versions) = code.versions(path) else { return ruling };
    let is_long = |text: &str| text.lines().count() as u32 >= first;
    match versions.texts.iter().find(|(_, text)| is_long(text)) {
        Some((commit, _)) => {
            let evidence = format!("{}; it had more in `{commit}`", ruling.evidence);
            Ruling { verdict: Verdict::Changed, evidence, ..ruling }
        }
        None => ruling,
    }
}

/// Why a place holds: one of the names, the code or what is said is there.
fn held(code: &Code<'_>, path: &str, lines: (u32, u32), said: &Said<'_>) -> Option<String> {
    let (first, last) = lines;
    let text = code.lines(path, first, last);
    let squeezed = code.squeezed(path);
    for quote in said.quotes {
        let found = squeezed.find(quote);
        if found.iter().any(|(start, end)| *start <= last && first <= *end) {
            return Some("the quoted code stands there".to_string());
        }
    }
    if let Some(subject) = said.subject {
        let near = code.lines(path, first, last + 2);
        if near.iter().any(|line| has_subject(line, subject)) {
            return Some(format!("{} are there", counts::name(subject)));
        }
    }
    let names = match said.is_bound {
        true => said.names.get(..1).unwrap_or_default(),
        false => said.names,
    };
    let in_line = |name: &&String| text.iter().any(|line| has_word(line, name));
    let around = |name: &&String| {
        let items = code.items(path);
        items.iter().any(|it| it.name == **name && it.start <= last && first <= it.end)
    };
    let name = names.iter().find(in_line).or_else(|| names.iter().find(around))?;
    Some(format!("`{name}` is there"))
}

/// Where the name or the code stands that belongs to a place, in its file or in another.
fn moved(code: &Code<'_>, path: &str, place: &Place, said: &Said<'_>) -> Option<Ruling> {
    let to = |path_now: &str, lines: (u32, u32), what: &str| {
        let evidence = match path_now == path {
            true => format!("{what} is at line {}", lines.0),
            false => format!("{what} is at `{path_now}:{}`", lines.0),
        };
        let is_range = place.lines.is_some_and(|(first, last)| last > first);
        let text = match is_range && lines.1 > lines.0 {
            true => format!("{}-{}", lines.0, lines.1),
            false => lines.0.to_string(),
        };
        let correction = (path_now == path && !place.number.is_empty()).then(|| Correction {
            range: place.number,
            title: format!("Update the line to {text}"),
            text,
        });
        Ruling::new(Verdict::Moved, evidence).at(path_now, lines.0).correct(correction)
    };
    for quote in said.bound_quote().iter().filter(|it| squeeze(it).len() >= 16) {
        if let [lines] = code.squeezed(path).find(quote).as_slice() {
            return Some(to(path, *lines, "the quoted code"));
        }
    }
    let name = said.names.first().filter(|_| said.is_bound)?;
    let items = code.items(path);
    let here: Vec<&Item> = items.iter().filter(|it| it.name == *name && it.is_item).collect();
    match here.as_slice() {
        [one] => return Some(to(path, (one.line, one.end), &format!("`{name}`"))),
        [] => {}
        _ => return None,
    }
    let text = code.text(path)?;
    // A word in lower case is not only the name of an item.
    if has_word(&text, name) || !name.starts_with(char::is_uppercase) {
        return None;
    }
    let (other, item) = defined_once(code, name)?;
    Some(to(&other, (item.line, item.end), &format!("`{name}`")))
}

/// The verdict on an item whose declaration a text shows: its file need not be parsed for it.
fn declared(path: &str, text: &str, name: &str) -> Option<Ruling> {
    const KEYWORDS: &[&str] = &[
        "fn", "struct", "enum", "trait", "type", "const", "static", "mod", "union", "macro_rules!",
    ];
    let is_declaration = |at: &Range<usize>| {
        let before = text.get(..at.start).unwrap_or_default();
        let word = before.trim_end().rsplit(|it: char| it.is_whitespace() || it == '(').next();
        before.ends_with(' ') && word.is_some_and(|it| KEYWORDS.contains(&it))
    };
    let at = occurrences(text, name).find(is_declaration)?;
    let line = text.get(..at.start)?.matches('\n').count() as u32 + 1;
    let evidence = format!("`{name}` is at `{path}:{line}`");
    Some(Ruling::new(Verdict::Holds, evidence).at(path, line))
}

/// The one file that declares a function or a type of a name.
fn file_of<'a>(code: &Code<'a>, name: &str) -> Option<&'a str> {
    let symbols = code.cx.symbols();
    let functions = symbols.functions_at(name).map(|(path, _)| path);
    let types = symbols.types_at(name).map(|(path, _)| path);
    let mut paths: Vec<&str> = functions.chain(types).collect();
    paths.dedup();
    let [path] = paths.as_slice() else { return None };
    Some(path)
}

/// The one item of a name that the project has.
pub fn defined_once(code: &Code<'_>, name: &str) -> Option<(String, Item)> {
    let path = file_of(code, name)?;
    let items = code.items(path);
    let mut found = items.iter().filter(|it| it.name == name && it.is_item);
    let item = found.next()?.clone();
    found.next().is_none().then(|| (path.to_string(), item))
}

/// A line that is nearly what is quoted from it.
fn changed(code: &Code<'_>, path: &str, lines: (u32, u32), said: &Said<'_>) -> Option<Ruling> {
    let text = code.lines(path, lines.0, lines.1.min(lines.0 + 3));
    for quote in said.bound_quote().iter().filter(|it| squeeze(it).len() >= 12) {
        if !code.squeezed(path).find(quote).is_empty() {
            continue;
        }
        let alike = text.iter().zip(lines.0..).find(|(line, _)| is_alike(line, quote));
        if let Some((line, number)) = alike {
            let evidence = format!("line {number} is now `{}`", short(line));
            return Some(Ruling::new(Verdict::Changed, evidence).at(path, number));
        }
    }
    None
}

/// Calls that can panic, or marks, which are not where they were.
fn subject_elsewhere(
    code: &Code<'_>,
    path: &str,
    place: &Place,
    subject: Subject,
) -> Option<Ruling> {
    let text = code.text(path)?;
    let found: Vec<u32> = text
        .lines()
        .zip(1..)
        .filter(|(line, _)| has_subject(line, subject))
        .map(|(_, number)| number)
        .collect();
    let (first, _) = place.lines?;
    let what = counts::name(subject);
    match found.as_slice() {
        [] => {
            let now = shown(code, path, first);
            let evidence = format!("`{path}` has no {what}; line {first} is `{now}`");
            let ruling = Ruling::new(Verdict::Absent, evidence).at(path, first);
            let had = |text: &str| text.lines().any(|line| has_subject(line, subject));
            Some(with_history(code, path, ruling, Verdict::Fixed, had))
        }
        found => {
            let nearest = found.iter().min_by_key(|it| it.abs_diff(first))?;
            let evidence = format!("{what} are not there; the nearest is at line {nearest}");
            Some(Ruling::new(Verdict::Undecidable, evidence).at(path, *nearest))
        }
    }
}

/// Whether a line has what a subject is about.
fn has_subject(line: &str, subject: Subject) -> bool {
    let has = |words: &[&str]| words.iter().any(|it| line.contains(it));
    match subject {
        Subject::Unwrap => has(&[".unwrap()"]),
        Subject::Expect => has(&[".expect("]),
        Subject::UnwrapOrExpect => has(&[".unwrap()", ".expect("]),
        Subject::Panic => has(&["panic!", "unreachable!", "todo!", "unimplemented!"]),
        Subject::Todo => ["TODO", "FIXME", "XXX", "HACK"].iter().any(|it| has_word(line, it)),
        Subject::Unsafe => has_word(line, "unsafe"),
        _ => false,
    }
}

/// A place in a file that is not there.
fn elsewhere(code: &Code<'_>, document: &str, place: &Place, said: &Said<'_>) -> Ruling {
    let name = said.names.first().filter(|_| said.is_bound);
    if let Some((path, item)) = name.and_then(|it| defined_once(code, it)) {
        let evidence =
            format!("`{}` is not there; `{}` is at `{path}:{}`", place.path, item.name, item.line);
        return Ruling::new(Verdict::Moved, evidence).at(&path, item.line);
    }
    let others: Vec<&String> =
        code.named(file_name(&place.path)).iter().filter(|it| **it != document).collect();
    let evidence = match others.as_slice() {
        [other] => {
            let evidence = format!("`{}` is not there; `{other}` is", place.path);
            return Ruling::new(Verdict::Moved, evidence).at(other, 1);
        }
        _ => format!("`{}` is not there", place.path),
    };
    let is_sure = has_folder(code, document, &place.path)
        || code.history().is_some_and(|it| it.first_seen(&place.path).is_some());
    let verdict = if is_sure { Verdict::Absent } else { Verdict::Undecidable };
    Ruling::new(verdict, evidence)
}

fn at_commit(
    code: &Code<'_>,
    document: &str,
    place: &Place,
    commit: &str,
    said: &Said<'_>,
) -> Ruling {
    let unknown =
        || Ruling::new(Verdict::Undecidable, format!("Git has no revision `{commit}` of the file"));
    let path = match resolve(code, document, &place.path) {
        Resolved::Found(path) => path,
        _ => place.path.clone(),
    };
    let Some(text) = code.history().and_then(|it| it.text_at(&path, commit)) else {
        return unknown();
    };
    let (first, last) = place.lines.unwrap_or((1, 1));
    let lines: Vec<&str> =
        text.lines().skip(first as usize - 1).take((last - first) as usize + 1).collect();
    if lines.is_empty() {
        let evidence = format!("the file had {} lines", text.lines().count());
        return Ruling::new(Verdict::Contradicted, evidence);
    }
    let squeezed = Squeezed::new(&text);
    let is_quoted = said.quotes.iter().any(|quote| {
        squeezed.find(quote).iter().any(|(start, end)| *start <= last && first <= *end)
    });
    let is_named = said.names.iter().any(|name| lines.iter().any(|line| has_word(line, name)));
    match is_quoted || is_named {
        true => Ruling::new(Verdict::Holds, format!("so it was at `{commit}`")),
        false => {
            let line = lines.first().copied().unwrap_or_default();
            Ruling::new(Verdict::Undecidable, format!("at `{commit}` it was `{}`", short(line)))
        }
    }
}

/// The verdict on a block of code that is quoted from a file.
pub fn quote(code: &Code<'_>, document: &str, place: &Place, lines: &[String]) -> Option<Ruling> {
    let lines = distinctive(lines);
    if lines.is_empty() {
        return None;
    }
    let path = match resolve(code, document, &place.path) {
        Resolved::Found(path) => path,
        Resolved::Many(_) | Resolved::Foreign => return None,
        Resolved::Missing => {
            let evidence = format!("`{}` is not there", place.path);
            // Without lines it may be a file to be written.
            let verdict = place.lines.map_or(Verdict::Undecidable, |_| Verdict::Absent);
            return Some(Ruling::new(verdict, evidence));
        }
    };
    let squeezed = code.squeezed(&path);
    let without_comments = || Squeezed::of_code(&code.text(&path)?).find_lines(&lines);
    if let Some((first, last)) = squeezed.find_lines(&lines).or_else(without_comments) {
        let is_there = place.lines.is_none_or(|(start, end)| first <= end + 1 && start <= last + 1);
        let ruling = match is_there {
            true => Ruling::new(Verdict::Holds, format!("the quoted code is at line {first}")),
            false => {
                let evidence = format!("the quoted code is at line {first}");
                Ruling::new(Verdict::Moved, evidence)
            }
        };
        return Some(ruling.at(&path, first));
    }
    let there = lines.iter().filter(|it| squeezed.has(it)).count();
    let first = place.lines.map_or(1, |(first, _)| first);
    if there > 0 {
        let evidence = format!("{there} of {} quoted lines are in `{path}`", lines.len());
        return Some(Ruling::new(Verdict::Undecidable, evidence).at(&path, first));
    }
    if let Some(ruling) = quoted_elsewhere(code, &path, &lines) {
        return Some(ruling);
    }
    // A line that is nearly the same, where the document says.
    if let Some((start, end)) = place.lines {
        let now = code.lines(&path, start, end);
        let alike = now.iter().find(|now| lines.iter().any(|it| is_alike(it, now)));
        if let Some(alike) = alike {
            let evidence = format!("it is now `{}`", short(alike));
            return Some(Ruling::new(Verdict::Changed, evidence).at(&path, start));
        }
    }
    let now = shown(code, &path, first);
    let evidence = match place.lines {
        Some(_) => format!("`{path}` has none of the quoted lines; line {first} is `{now}`"),
        None => format!("`{path}` has none of the quoted lines"),
    };
    let ruling = Ruling::new(Verdict::Absent, evidence).at(&path, first);
    let had = |text: &str| Squeezed::new(text).find_lines(&lines).is_some();
    Some(with_history(code, &path, ruling, Verdict::Changed, had))
}

/// A verdict that something is absent, after the revisions of the file were asked: whether it ever
/// was so.
fn with_history(
    code: &Code<'_>,
    path: &str,
    ruling: Ruling,
    once: Verdict,
    had: impl Fn(&str) -> bool,
) -> Ruling {
    let Some(versions) = code.versions(path) else { return ruling };
    match versions.texts.iter().find(|(_, text)| had(text)) {
        Some((commit, _)) => {
            let evidence = format!("{}; it was so in `{commit}`", ruling.evidence);
            Ruling { verdict: once, evidence, ..ruling }
        }
        None if versions.is_complete => {
            let evidence = format!("{}; no revision had it", ruling.evidence);
            Ruling { verdict: Verdict::NeverMatched, evidence, ..ruling }
        }
        // It may have been so in one that was not looked at.
        None => Ruling { verdict: Verdict::Undecidable, ..ruling },
    }
}

/// Another file that has the quoted code.
fn quoted_elsewhere(code: &Code<'_>, path: &str, lines: &[String]) -> Option<Ruling> {
    let longest = lines.iter().max_by_key(|it| squeeze(it).len())?;
    if squeeze(longest).len() < MIN_ELSEWHERE {
        return None;
    }
    code.look_at_all();
    let words: Vec<&str> = longest
        .split(|it: char| !it.is_alphanumeric() && it != '_')
        .filter(|it| it.len() > 3)
        .collect();
    let others = code.rust_files().filter(|it| *it != path).filter(|other| {
        code.peek(other).is_some_and(|text| words.iter().all(|word| text.contains(word)))
    });
    let mut found = others.filter_map(|other| {
        let text = Squeezed::new(&code.peek(other)?);
        Some((other, text.find(longest).first()?.0))
    });
    let (other, line) = found.next()?;
    let evidence = format!("the quoted code is in `{other}:{line}`");
    Some(Ruling::new(Verdict::Moved, evidence).at(other, line))
}

/// The verdict on an item that is named without a place.
pub fn symbol(
    code: &Code<'_>,
    document: &str,
    path: &[String],
    file: Option<&str>,
) -> Option<Ruling> {
    let name = path.last()?;
    // A single word in lower case is that of many other things.
    let is_telling = path.len() > 1 || name.contains(|it: char| it == '_' || it.is_uppercase());
    if let Some(file) = file
        && let Resolved::Found(file) = resolve(code, document, file)
    {
        let text = code.text(&file).unwrap_or_default();
        if let Some(ruling) = declared(&file, &text, name) {
            return Some(ruling);
        }
        if is_telling && has_word(&text, name) {
            let evidence = format!("`{file}` names `{name}`");
            return Some(Ruling::new(Verdict::Holds, evidence).at(&file, 1));
        }
    }
    if let Some(other) = file_of(code, name)
        && let Some(ruling) = declared(other, &code.text(other)?, name)
    {
        return Some(ruling);
    }
    if !is_telling {
        return None;
    }
    if code.has_word(name) {
        return Some(Ruling::new(Verdict::Holds, format!("the sources have `{name}`")));
    }
    // A method of a type of the project: what is derived or generated bears common names.
    let [.., owner, _] = path else { return None };
    let symbols = code.cx.symbols();
    let mut types = symbols.types_at(owner);
    let (of, _) = types.next()?;
    let is_only = types.next().is_none();
    (is_only && name.contains('_')).then(|| {
        let evidence = format!("`{owner}` is in `{of}`, and no source has `{name}`");
        Ruling::new(Verdict::Absent, evidence).at(of, 1)
    })
}

/// The verdict on a finding that a document reports of a file.
pub fn finding(code: &Code<'_>, document: &str, subject: Subject, path: &str) -> Option<Ruling> {
    let Resolved::Found(path) = resolve(code, document, path) else { return None };
    let rule = match subject {
        Subject::ExposedSecret => "exposed-secret",
        _ => return panicking(code, &path, subject),
    };
    let line = |path: &str, at: u32| super::absence::line_of(code, path, at as usize);
    let of_rule = |path: &str| {
        let found = code.findings(path).into_iter().find(|it| it.rule.id == rule)?;
        Some(line(path, found.range.start().into()))
    };
    if let Some(line) = of_rule(&path) {
        let evidence = format!("`{rule}` reports `{path}:{line}`");
        return Some(Ruling::new(Verdict::Holds, evidence).at(&path, line));
    }
    code.look_at_all();
    // Beside it first: reviewers mistake a file for its neighbour.
    let folder = folder_of(&path);
    let beside = code.rust_files().filter(|it| folder_of(it) == folder);
    let count = |it: &&str| code.findings(it).iter().filter(|it| it.rule.id == rule).count();
    let most = beside.max_by_key(count);
    if let Some((other, line)) = most.and_then(|it| Some((it, of_rule(it)?))) {
        let evidence = format!("`{rule}` reports `{other}:{line}`, and nothing in `{path}`");
        return Some(Ruling::new(Verdict::Moved, evidence).at(other, line));
    }
    let evidence = format!("`{rule}` reports nothing in `{path}`");
    Some(Ruling::new(Verdict::Undecidable, evidence).at(&path, 1))
}

fn panicking(code: &Code<'_>, path: &str, subject: Subject) -> Option<Ruling> {
    let text = code.text(path)?;
    let mut lines = text.lines().zip(1..);
    let what = counts::name(subject);
    match lines.find(|(line, _)| has_subject(line, subject)) {
        Some((_, line)) => {
            let evidence = format!("`{path}` has {what}, the first at line {line}");
            Some(Ruling::new(Verdict::Holds, evidence).at(path, line))
        }
        None => {
            let evidence = format!("`{path}` has no {what}");
            let ruling = Ruling::new(Verdict::Absent, evidence).at(path, 1);
            let had = |text: &str| text.lines().any(|line| has_subject(line, subject));
            Some(with_history(code, path, ruling, Verdict::Fixed, had))
        }
    }
}

/// A line of a file as evidence shows it.
fn shown(code: &Code<'_>, path: &str, line: u32) -> String {
    short(code.lines(path, line, line).first().map_or("", String::as_str))
}

fn short(line: &str) -> String {
    let line = line.trim().replace('`', "'");
    match line.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}
