//! Where the claims of a document are gathered.

use std::cell::RefCell;
use std::ops::Range;

use rustc_hash::FxHashMap;

use super::document::Unit;
use super::places::{CitedPath, cited};
use super::stance::{self, Stance};
use super::{Claim, ClaimKind};
use crate::text::{FileRange, TextSize};

/// The claims of a document as they are found.
pub struct Extractor<'u> {
    pub units: &'u [Unit],
    /// Whether the document is about another time.
    pub is_loose: bool,
    pub claims: Vec<Claim>,
    /// How sentences speak, by their units' starts and their own.
    pub stances: RefCell<FxHashMap<(usize, usize), Stance>>,
}

impl Extractor<'_> {
    pub fn push(&mut self, unit: &Unit, range: Range<usize>, kind: ClaimKind) {
        self.claims.push(Claim { range: file_range(unit.place(range)), kind });
    }

    /// How the sentence around a part of a unit speaks of the code.
    pub fn stance(&self, unit: &Unit, range: &Range<usize>) -> Stance {
        let sentence = stance::sentence(unit, range);
        let key = (unit.range.start, sentence.start);
        if let Some(known) = self.stances.borrow().get(&key) {
            return *known;
        }
        let stance = stance::of(self.units, unit, &sentence);
        self.stances.borrow_mut().insert(key, stance);
        stance
    }

    /// The one path that a unit without one speaks of: that of the item or the heading that it
    /// stands below, or of the field `Location` beside it.
    pub fn location(&self, at: usize) -> Option<CitedPath> {
        let unit = self.units.get(at)?;
        let mut parent = unit.parent;
        while let Some(above) = parent {
            let above_unit = self.units.get(above)?;
            if let Some(path) = only(cited(above_unit)) {
                return Some(path);
            }
            parent = above_unit.parent;
        }
        let heading = unit.heading?;
        if let Some(path) = self.units.get(heading).and_then(|it| only(cited(it))) {
            return Some(path);
        }
        let below = self.units.iter().enumerate().skip(heading + 1);
        let below = below.take_while(|(_, it)| it.heading == Some(heading));
        let mut fields = below.filter(|(_, it)| {
            it.label().is_some_and(|it| {
                matches!(it.as_str(), "location" | "locations" | "file" | "files" | "where")
            })
        });
        let (_, field) = fields.next()?;
        let is_only = fields.next().is_none();
        only(cited(field)).filter(|_| is_only)
    }
}

/// The only file that is cited.
pub fn only(cited: Vec<CitedPath>) -> Option<CitedPath> {
    let first = cited.first()?.clone();
    let is_file = !first.path.ends_with('/');
    (is_file && cited.iter().all(|it| it.path == first.path)).then_some(first)
}

/// Bytes of the document.
pub fn file_range(range: Range<usize>) -> FileRange {
    FileRange::new(TextSize::new(range.start as u32), TextSize::new(range.end as u32))
}
