//! Findings that are known and accepted for now.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

use super::identity::Identity;

/// The name of the file that a baseline is mostly kept in.
pub const BASELINE_NAME: &str = "readiness-baseline.txt";

const HEADER: &str = "\
# Findings that `readiness-lsp check` leaves out: place, rule, code, item. `readiness-lsp baseline`
# writes this file, and `--prune` takes out what is mended. Lines are sorted, so that changes merge.
";

/// The identities of known findings, as often as they occur.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    entries: BTreeMap<Identity, usize>,
}

/// What of some findings is known.
#[derive(Debug, Default)]
pub struct Matched {
    /// For each finding whether it is known.
    pub is_known: Vec<bool>,
    /// The entries that no finding was found for: they are mended.
    pub mended: Vec<Identity>,
}

impl Baseline {
    /// The baseline of some findings.
    pub fn of(identities: impl IntoIterator<Item = Identity>) -> Self {
        let mut entries: BTreeMap<Identity, usize> = BTreeMap::new();
        for identity in identities {
            *entries.entry(identity).or_default() += 1;
        }
        Self { entries }
    }

    /// Reads the text of a baseline.
    ///
    /// # Errors
    ///
    /// The number of the first line that is none of a baseline.
    pub fn parse(text: &str) -> Result<Self, usize> {
        let mut identities = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            // The place may have spaces in it.
            let mut parts = line.rsplitn(4, ' ');
            let mut next = || parts.next().map(str::to_string).ok_or(index + 1);
            let (item, code, rule, place) = (next()?, next()?, next()?, next()?);
            identities.push(Identity { place, rule, code, item });
        }
        Ok(Self::of(identities))
    }

    /// The text of the baseline: the same findings give the same text.
    pub fn text(&self) -> String {
        let mut lines: Vec<String> = Vec::new();
        for (identity, count) in &self.entries {
            let Identity { place, rule, code, item } = identity;
            lines.extend(std::iter::repeat_n(format!("{place} {rule} {code} {item}"), *count));
        }
        lines.sort();
        let mut text = HEADER.to_string();
        for line in lines {
            // Writing to a text cannot fail.
            let _ = writeln!(text, "{line}");
        }
        text
    }

    /// How many findings it has.
    pub fn len(&self) -> usize {
        self.entries.values().sum()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries without those that are mended.
    pub fn without(&self, mended: &[Identity]) -> Self {
        let mut entries = self.entries.clone();
        for identity in mended {
            if let Some(count) = entries.get_mut(identity) {
                *count = count.saturating_sub(1);
            }
        }
        entries.retain(|_, count| *count > 0);
        Self { entries }
    }

    /// Which findings are known. Each entry stands for one finding: first for one of the same code at
    /// the same place, then for one whose item was moved, then for one whose item was renamed or
    /// whose file was, but is the same otherwise.
    pub fn matched(&self, identities: &[Identity]) -> Matched {
        let entries = self.entries.iter();
        let all: Vec<&Identity> =
            entries.flat_map(|(entry, count)| std::iter::repeat_n(entry, *count)).collect();
        let mut is_used = vec![false; all.len()];
        let mut is_known = vec![false; identities.len()];
        for key in KEYS {
            let mut left: HashMap<[&str; 3], Vec<usize>> = HashMap::new();
            for (index, entry) in all.iter().enumerate().filter(|(it, _)| !is_used[*it]) {
                left.entry(key(entry)).or_default().push(index);
            }
            for (identity, known) in identities.iter().zip(&mut is_known).filter(|(_, it)| !**it) {
                if let Some(entry) = left.get_mut(&key(identity)).and_then(Vec::pop) {
                    *known = true;
                    if let Some(used) = is_used.get_mut(entry) {
                        *used = true;
                    }
                }
            }
        }
        let unused = all.iter().zip(&is_used).filter(|(_, is_used)| !**is_used);
        Matched { is_known, mended: unused.map(|(entry, _)| Identity::clone(entry)).collect() }
    }
}

/// By what an entry is found, the surest first.
const KEYS: [fn(&Identity) -> [&str; 3]; 3] = [
    |it| [&it.place, &it.rule, &it.code],
    |it| [it.name(), &it.rule, &it.code],
    |it| [&it.rule, &it.code, &it.item],
];

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(place: &str, code: &str, item: &str) -> Identity {
        let text = str::to_string;
        Identity { place: text(place), rule: text("r"), code: text(code), item: text(item) }
    }

    fn known(baseline: &[Identity], found: &[Identity]) -> (Vec<bool>, usize) {
        let matched = Baseline::of(baseline.to_vec()).matched(found);
        (matched.is_known, matched.mended.len())
    }

    #[test]
    fn each_entry_stands_for_one_finding() {
        let one = identity("a.rs::f", "1", "i");
        let twice = [one.clone(), one.clone()];
        assert_eq!(known(std::slice::from_ref(&one), &twice), (vec![true, false], 0));
        assert_eq!(known(&twice, &[one]), (vec![true], 1));
    }

    #[test]
    fn moved_and_renamed_items_are_recognised() {
        let before = [identity("a.rs::f", "1", "i"), identity("a.rs::g", "1", "j")];
        // `f` was moved to another file and edited, and `g` was renamed.
        let after = [identity("b.rs::m::f", "1", "k"), identity("a.rs::h", "1", "j")];
        assert_eq!(known(&before, &after), (vec![true, true], 0));
        // The same code in another function is another finding.
        let other = [identity("a.rs::h", "1", "k")];
        assert_eq!(known(&before, &other), (vec![false], 2));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let entries = [identity("a b.rs::f", "1", "i"), identity("a b.rs::f", "1", "i")];
        let baseline = Baseline::of(entries);
        assert_eq!(Baseline::parse(&baseline.text()), Ok(baseline.clone()));
        assert_eq!(baseline.text().lines().filter(|line| *line == "a b.rs::f r 1 i").count(), 2);
        assert_eq!(Baseline::parse("# a\n\nonly three words\n"), Err(3));
        let left = baseline.without(&[identity("a b.rs::f", "1", "i")]);
        assert_eq!(left.len(), 1);
    }
}
