//! The claims of a document.

use std::cell::RefCell;
use std::ops::Range;

use super::document::{Unit, UnitKind, units};
use super::extractor::{Extractor, file_range, only};
use super::mentions;
use super::names::{Inline, Name, inline};
use super::phrases;
use super::places::{CitedLines, CitedPath, cited, lines_at_start};
use super::stance;
use super::{Claim, ClaimKind, MAX_CLAIMS, MAX_DOCUMENT_BYTES, Place, Subject};
use crate::text::FileRange;

/// What may stand between a name and the place that it belongs to.
const BONDS: &[&str] = &[
    "", "(", "[", "|", "—", "–", "-", ":", "in", "(in", "(see", "(from", "from", "defined in",
    "defined at", "declared in", "declared at", "(defined in", "(defined at", ": (", "] (", "](",
    "] — ", "]:", "is defined in", "is declared in", "lives in", "is in",
];

/// The claims of the document at `path`, in order of their places.
pub fn claims(path: &str, text: &str) -> Vec<Claim> {
    let mut end = text.len().min(MAX_DOCUMENT_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let units = units(text.get(..end).unwrap_or_default());
    let is_loose = stance::is_about_another_time(path);
    let mut extractor =
        Extractor { units: &units, is_loose, claims: Vec::new(), stances: RefCell::default() };
    for at in 0..units.len() {
        extractor.unit(at);
        if extractor.claims.len() >= MAX_CLAIMS {
            break;
        }
    }
    let mut claims = extractor.claims;
    let quoted: Vec<Place> = claims.iter().filter_map(|it| quoted_place(&it.kind)).collect();
    claims.retain(|it| !is_said_by_quote(&it.kind, &quoted));
    claims.truncate(MAX_CLAIMS);
    claims.sort_by_key(|it| (it.range.start(), it.range.end()));
    claims.dedup();
    claims
}

/// The place that a block of code is quoted from.
fn quoted_place(kind: &ClaimKind) -> Option<Place> {
    match kind {
        ClaimKind::Quote { place, .. } => Some(place.clone()),
        _ => None,
    }
}

/// Whether a place says nothing but that the code is there which is quoted from it: one claim, and the
/// block is its better half.
fn is_said_by_quote(kind: &ClaimKind, quoted: &[Place]) -> bool {
    let ClaimKind::Place { place, names, quotes, subject, .. } = kind else { return false };
    names.is_empty()
        && quotes.is_empty()
        && subject.is_none()
        && quoted.iter().any(|it| it.path == place.path && it.lines == place.lines)
}

impl Extractor<'_> {
    fn unit(&mut self, at: usize) {
        let Some(unit) = self.units.get(at) else { return };
        if let UnitKind::Code(info) = &unit.kind {
            self.code_block(at, unit, info);
            return;
        }
        let mut cited = cited(unit);
        // A link leads where its text only hints at.
        for path in &mut cited {
            let inside = |(range, _): &&(Range<usize>, String)| overlaps(range, &path.range);
            if let Some((_, destination)) = unit.links.iter().find(inside) {
                path.path = destination.split(['#', '?']).next().unwrap_or_default().to_string();
            }
        }
        for (index, path) in cited.iter().enumerate() {
            match path.lines.is_empty() {
                true => self.path(at, unit, path),
                false => self.places(unit, &cited, index),
            }
        }
        if cited.is_empty()
            && let Some(location) = self.location(at)
        {
            let lines = lines_at_start(unit);
            for it in &lines {
                self.place_of_lines(unit, &location, it);
            }
        }
        self.links(unit);
        phrases::claims(self, at, unit, &cited);
        mentions::claims(self, unit, &cited);
    }

    fn path(&mut self, at: usize, unit: &Unit, cited: &CitedPath) {
        let stance = self.stance(unit, &cited.range);
        if stance.is_negated {
            return;
        }
        let is_loose = self.is_loose
            || !stance.is_plain()
            || unit.task.is_some()
            || self.is_title_of_block(at, unit, cited)
            || self.is_below_folder(unit);
        let path = cited.path.clone();
        let kind = ClaimKind::Path { path, is_link: false, is_loose };
        self.push(unit, cited.range.clone(), kind);
    }

    /// Whether a path is that of the block which follows: what is shown may be a file to be written.
    fn is_title_of_block(&self, at: usize, unit: &Unit, cited: &CitedPath) -> bool {
        let next = self.units.get(at + 1);
        let is_before_code = next.is_some_and(|it| matches!(it.kind, UnitKind::Code(_)));
        let after = unit.text.get(cited.range.end..).unwrap_or_default().trim();
        is_before_code
            && matches!(after, "" | ":" | ")" | "):")
            && unit.label().is_none_or(|it| !it.starts_with("location") && !it.starts_with("file"))
    }

    /// Whether the sentence before a list names the folder that its items are relative to.
    fn is_below_folder(&self, unit: &Unit) -> bool {
        let lead = stance::lead_in(self.units, unit);
        lead.is_some_and(|it| cited(it).iter().any(|path| path.path.ends_with('/')))
    }

    fn links(&mut self, unit: &Unit) {
        for (range, destination) in &unit.links {
            let path = destination.split(['#', '?']).next().unwrap_or_default();
            let is_file = path.rsplit('/').next().is_some_and(|it| it.contains('.'));
            let is_mail = path.contains(':') || path.contains('@') && !path.contains('/');
            if path.is_empty()
                || path.starts_with(['~', '@'])
                || !is_file
                || is_mail
                || path.contains(['{', '<', ' ', '%'])
            {
                continue;
            }
            let path = path.to_string();
            let kind = ClaimKind::Path { path, is_link: true, is_loose: self.is_loose };
            self.push(unit, range.clone(), kind);
        }
    }

    /// The places of a path with lines.
    fn places(&mut self, unit: &Unit, all: &[CitedPath], index: usize) {
        let Some(cited) = all.get(index) else { return };
        let stance = self.stance(unit, &cited.range);
        let mut beside = self.beside(unit, all, cited);
        // What was repaired is not there now.
        if stance.is_past || stance.is_proposed {
            beside.subject = None;
        } else if beside.says_nothing() {
            beside.subject = self.subject_of_field(unit);
        }
        for (at, lines) in cited.lines.iter().enumerate() {
            let start = if at == 0 { cited.range.start } else { lines.range.start };
            let is_last = at + 1 == cited.lines.len();
            let range = start..if is_last { cited.range.end } else { lines.range.end };
            // One name has many places: it is bound to none of them.
            let is_bound =
                beside.is_bound && cited.lines.len() == 1 && !stance.is_proposed && !stance.is_past;
            let place = place(unit, cited, lines);
            let kind = ClaimKind::Place {
                place,
                names: beside.names.clone(),
                is_bound,
                quotes: beside.quotes.clone(),
                is_quoted: beside.is_quoted && cited.lines.len() == 1,
                subject: beside.subject,
            };
            self.push(unit, range, kind);
        }
    }

    /// What the field `Issue` says that stands beside the field `Location`.
    fn subject_of_field(&self, unit: &Unit) -> Option<Subject> {
        let is_location = |it: &Unit| {
            it.label().is_some_and(|it| it.starts_with("location") || it.starts_with("file"))
        };
        if !is_location(unit) {
            return None;
        }
        let beside = self.units.iter().skip_while(|it| it.range.start <= unit.range.start);
        let mut beside = beside
            .take_while(|it| it.heading == unit.heading && !is_location(it))
            .filter(|it| it.parent == unit.parent);
        let issue = beside.find(|it| {
            let label = it.label();
            label.is_some_and(|it| matches!(it.as_str(), "issue" | "problem" | "finding" | "risk"))
        })?;
        phrases::panicking_subject(&issue.text)
    }

    /// A place whose file is named above its lines.
    fn place_of_lines(&mut self, unit: &Unit, location: &CitedPath, lines: &CitedLines) {
        let beside =
            self.beside(unit, &[], &CitedPath { range: lines.range.clone(), ..location.clone() });
        let kind = ClaimKind::Place {
            place: place(unit, location, lines),
            names: beside.names,
            is_bound: false,
            quotes: beside.quotes,
            is_quoted: beside.is_quoted,
            subject: beside.subject,
        };
        self.push(unit, lines.range.clone(), kind);
    }

    /// What stands beside a place in its sentence.
    fn beside(&self, unit: &Unit, all: &[CitedPath], cited: &CitedPath) -> Beside {
        let sentence = match unit.kind {
            UnitKind::Row => 0..unit.text.len(),
            _ => stance::sentence(unit, &cited.range),
        };
        let mut beside = Beside::default();
        let mut bound: Option<Name> = None;
        for (span, code) in unit.codes() {
            let is_place = all.iter().any(|it| overlaps(&it.range, &span.range));
            if is_place || !overlaps(&sentence, &span.range) {
                continue;
            }
            let is_near = is_bond(unit, &span.range, &cited.range);
            match inline(code) {
                Inline::Name(name) => {
                    beside.names.extend(name.path.last().cloned());
                    if is_near && name.is_distinct {
                        bound = Some(name);
                    }
                }
                Inline::Code(code) if is_near => {
                    beside.quotes.insert(0, code);
                    beside.is_quoted = true;
                }
                Inline::Code(code) => beside.quotes.push(code),
                Inline::Other => {}
            }
        }
        // The value of a field of the finding: what is said stands beside, above or below.
        let text = unit.text.get(sentence).unwrap_or_default();
        beside.subject = phrases::panicking_subject(text);
        if let Some(name) = bound.and_then(|it| it.path.last().cloned()) {
            beside.names.retain(|it| *it != name);
            beside.names.insert(0, name);
            beside.is_bound = true;
        }
        beside
    }

    fn code_block(&mut self, at: usize, unit: &Unit, info: &str) {
        let language = info.split([',', ' ']).next().unwrap_or_default().to_ascii_lowercase();
        let is_quoting = matches!(
            language.as_str(),
            "rust"
                | "rs"
                | "toml"
                | "yaml"
                | "yml"
                | "dockerfile"
                | "typescript"
                | "ts"
                | "javascript"
                | "js"
                | "json"
                | "sql"
                | "python"
                | "go"
        );
        if !is_quoting || stance::is_labelled_as_fix(self.units, unit) {
            return;
        }
        let mut parts = parts(&unit.text);
        let has_own = parts.iter().any(|it| it.place.is_some());
        if !has_own && stance::is_below_proposal(self.units, unit) {
            return;
        }
        if let Some(first) = parts.first_mut().filter(|it| it.place.is_none() && !it.is_blank()) {
            first.place = self.quoted_from(at);
        }
        for part in parts {
            let Some(place) = part.place else { continue };
            let cited_lines = place.lines.first();
            let place = Place {
                path: place.path,
                lines: cited_lines.map(|it| (it.first, it.last)),
                commit: place.commit,
                number: FileRange::default(),
            };
            self.push(unit, part.opening, ClaimKind::Quote { place, lines: part.lines });
        }
    }

    /// The place that a code block is quoted from: the last one before it below the same heading,
    /// when nothing between says that the code is another.
    fn quoted_from(&self, at: usize) -> Option<CitedPath> {
        let block = self.units.get(at)?;
        let heading = block.heading;
        let before = self.units.get(..at)?.iter().rev();
        let mut before = before.take_while(|it| it.heading == heading).take(4);
        let nearest = before.next()?;
        if matches!(nearest.kind, UnitKind::Code(_)) {
            return None;
        }
        let stance = stance::of(self.units, nearest, &(0..nearest.text.len()));
        if stance.is_proposed {
            return None;
        }
        let from = |unit: &Unit| only(cited(unit)).filter(|it| !it.lines.is_empty());
        from(nearest).or_else(|| {
            let label = nearest.label()?;
            let is_evidence = ["issue", "finding", "current", "code", "evidence", "problem"];
            let is_evidence = is_evidence.iter().any(|it| label.contains(it));
            let mut above = before.take_while(|it| !matches!(it.kind, UnitKind::Code(_)));
            above.find_map(from).filter(|_| is_evidence)
        })
    }
}

/// A part of a code block that is quoted from one place.
#[derive(Debug, Default)]
struct Part {
    /// The bytes of its first line.
    opening: Range<usize>,
    /// The place that a comment above it names.
    place: Option<CitedPath>,
    lines: Vec<String>,
}

impl Part {
    fn is_blank(&self) -> bool {
        self.lines.iter().all(|it| it.trim().is_empty())
    }
}

/// The parts of a code block: a comment that names a place begins another one.
fn parts(text: &str) -> Vec<Part> {
    let mut parts = vec![Part::default()];
    let mut start = 0;
    for line in text.split('\n') {
        let opening = start..start + line.len();
        start = opening.end + 1;
        let own = comment(line).map(str::trim);
        // A name alone may be that of a file to be written.
        let is_from = own.is_some_and(|it| it.to_lowercase().starts_with("from"));
        let cited = own.filter(|it| it.contains('.')).and_then(only_in_text);
        let cited = cited.filter(|it| is_from || !it.lines.is_empty());
        if cited.is_some() {
            parts.push(Part { opening, place: cited, lines: Vec::new() });
        } else if let Some(last) = parts.last_mut() {
            if last.lines.is_empty() && last.place.is_none() {
                last.opening = opening;
            }
            last.lines.push(line.to_string());
        }
    }
    parts
}

/// What stands beside a place.
#[derive(Debug, Default)]
struct Beside {
    names: Vec<String>,
    is_bound: bool,
    quotes: Vec<String>,
    is_quoted: bool,
    subject: Option<Subject>,
}

impl Beside {
    fn says_nothing(&self) -> bool {
        self.names.is_empty() && self.quotes.is_empty() && self.subject.is_none()
    }
}

fn place(unit: &Unit, cited: &CitedPath, lines: &CitedLines) -> Place {
    Place {
        path: cited.path.clone(),
        lines: Some((lines.first, lines.last)),
        commit: cited.commit.clone(),
        number: file_range(unit.place(lines.range.clone())),
    }
}

/// Whether what stands between a piece of code and a place binds them.
fn is_bond(unit: &Unit, code: &Range<usize>, place: &Range<usize>) -> bool {
    let between = match code.end <= place.start {
        true => unit.text.get(code.end..place.start),
        false => unit.text.get(place.end..code.start).filter(|it| it.trim() != "in"),
    };
    let Some(between) = between else { return false };
    let between = between.split_whitespace().collect::<Vec<_>>().join(" ");
    BONDS.iter().any(|it| it.trim() == between.to_lowercase())
}

fn overlaps(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// The only place in a comment of code.
fn only_in_text(text: &str) -> Option<CitedPath> {
    let units = units(text);
    only(units.first().map(cited)?)
}

/// The text of a line that is a comment.
fn comment(line: &str) -> Option<&str> {
    let line = line.trim();
    ["//", "#", "--"].iter().find_map(|it| line.strip_prefix(it))
}
