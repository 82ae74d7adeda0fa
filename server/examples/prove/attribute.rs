//! Which fix an error of the compiler comes from, and how a fix is taken back.

use std::collections::BTreeMap;

use readiness_lsp::text::{FileRange, TextEdit, TextSize, apply_edits, shift_range};
use readiness_lsp::workspace::{AppliedEdit, AppliedFix, AppliedFixes, is_rust};

use crate::cargo::CompilerError;

/// The fixed texts of a crate, with the fixes that are still in them.
#[derive(Debug, Default)]
pub struct Fixed {
    /// By path in the workspace of all copies.
    pub texts: BTreeMap<String, String>,
    /// By number; those taken back are gone.
    pub fixes: BTreeMap<usize, AppliedFix>,
}

impl Fixed {
    /// Takes in the fixes of a crate whose copy lies in `folder`.
    pub fn add(&mut self, applied: AppliedFixes, folder: &str) {
        let path = |path: &str| format!("{folder}/{path}");
        self.texts.extend(applied.files.iter().map(|(it, text)| (path(it), text.clone())));
        for mut fix in applied.fixes {
            fix.edits.iter_mut().for_each(|edit| edit.path = path(&edit.path));
            let number = self.fixes.last_key_value().map_or(0, |(last, _)| last + 1);
            self.fixes.insert(number, fix);
        }
    }

    /// The line of a fix's first edit of a source file, with its place.
    pub fn line_of(&self, number: usize) -> String {
        let edits = self.fixes.get(&number).map(|fix| fix.edits.as_slice()).unwrap_or_default();
        let source = edits.iter().find(|edit| is_rust(&edit.path));
        let Some(edit) = source.or(edits.first()) else { return String::new() };
        let text = self.texts.get(&edit.path).map(String::as_str).unwrap_or_default();
        let before = text.get(..usize::from(edit.range.start())).unwrap_or_default();
        let line = before.matches('\n').count();
        let code = text.lines().nth(line).unwrap_or_default().trim();
        format!("{}:{}: {code}", edit.path, line + 1)
    }

    /// The number of the fix that an error is charged to: the one whose edit it points at, else
    /// one on the same line, else the nearest one in the file. Nothing for an error in files that
    /// no fix touched.
    pub fn culprit(&self, error: &CompilerError) -> Option<usize> {
        let touches = |place: &FileRange, edit: &AppliedEdit| place.intersect(edit.range).is_some();
        let on_line = |place: &FileRange, edit: &AppliedEdit| {
            let lines = self.lines(&edit.path, *place);
            lines.is_some_and(|lines| lines.intersect(edit.range).is_some())
        };
        self.find(error, true, &touches)
            .or_else(|| self.find(error, true, &on_line))
            .or_else(|| self.find(error, false, &touches))
            .or_else(|| self.find(error, false, &on_line))
            .or_else(|| self.nearest(error))
            .or_else(|| self.of_manifest(error))
    }

    fn find(
        &self,
        error: &CompilerError,
        primary: bool,
        hits: &dyn Fn(&FileRange, &AppliedEdit) -> bool,
    ) -> Option<usize> {
        let places = error.places.iter().filter(|place| place.is_primary || !primary);
        places.into_iter().find_map(|place| {
            let hit = |fix: &AppliedFix| {
                fix.edits.iter().any(|edit| edit.path == place.path && hits(&place.range, edit))
            };
            // A shared import is not told apart from the call that needs it: prefer few edits.
            let found = self.fixes.iter().filter(|(_, fix)| hit(fix));
            found.min_by_key(|(_, fix)| fix.edits.len()).map(|(number, _)| *number)
        })
    }

    fn nearest(&self, error: &CompilerError) -> Option<usize> {
        let place = error.places.first()?;
        let distance = |edit: &AppliedEdit| {
            u32::from(edit.range.start()).abs_diff(u32::from(place.range.start()))
        };
        let edits = self.fixes.iter().flat_map(|(number, fix)| {
            let here = fix.edits.iter().filter(|edit| edit.path == place.path);
            here.map(move |edit| (distance(edit), *number))
        });
        edits.min().map(|(_, number)| number)
    }

    /// What cargo itself refuses has no place.
    fn of_manifest(&self, error: &CompilerError) -> Option<usize> {
        let edits_manifest =
            |fix: &AppliedFix| fix.edits.iter().any(|edit| edit.path.ends_with("Cargo.toml"));
        let mut fixes = self.fixes.iter().filter(|(_, fix)| edits_manifest(fix));
        let number = fixes.next().map(|(number, _)| *number);
        number.filter(|_| error.places.is_empty())
    }

    /// The whole lines that a range lies on.
    fn lines(&self, path: &str, range: FileRange) -> Option<FileRange> {
        let text = self.texts.get(path)?;
        let (start, end) = (usize::from(range.start()), usize::from(range.end()));
        let first = text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
        let last = text.get(end..)?.find('\n').map_or(text.len(), |at| end + at);
        Some(FileRange::new(TextSize::new(first as u32), TextSize::new(last as u32)))
    }

    /// Takes fixes back. Edits that another fix needs as well, such as an import, stay.
    pub fn take_back(&mut self, numbers: &[usize]) -> Vec<AppliedFix> {
        let gone: Vec<AppliedFix> = numbers.iter().filter_map(|it| self.fixes.remove(it)).collect();
        let mut undo: BTreeMap<String, Vec<TextEdit>> = BTreeMap::new();
        for edit in gone.iter().flat_map(|fix| &fix.edits) {
            let same = |it: &AppliedEdit| it.path == edit.path && it.range == edit.range;
            let is_shared = self.fixes.values().any(|fix| fix.edits.iter().any(same));
            let edits = undo.entry(edit.path.clone()).or_default();
            let back = TextEdit::replace(edit.range, edit.old.clone());
            if !is_shared && !edits.contains(&back) {
                edits.push(back);
            }
        }
        for (path, edits) in &undo {
            if let Some(text) = self.texts.get_mut(path) {
                *text = apply_edits(text, edits);
            }
            let left = self.fixes.values_mut().flat_map(|fix| &mut fix.edits);
            for edit in left.filter(|edit| edit.path == *path) {
                edit.range = shift_range(edit.range, edits);
            }
        }
        gone
    }
}

#[cfg(test)]
mod tests {
    use readiness_lsp::analysis::Applicability;
    use readiness_lsp::rules;

    use super::*;
    use crate::cargo::Place;

    const TEXT: &str = "use a;\nx.one()?;\ny.two()?;\n";

    fn range(text: &str) -> FileRange {
        let start = TEXT.find(text).expect("it is there");
        FileRange::at(TextSize::new(start as u32), TextSize::of(text))
    }

    /// Two fixes that share an import.
    fn fixed() -> Fixed {
        let edit = |made: &str, old: &str| AppliedEdit {
            path: "a.rs".to_string(),
            range: range(made),
            old: old.to_string(),
        };
        let fix = |made: &str| AppliedFix {
            rule: rules::find("unwrap-used").expect("it is a rule"),
            applicability: Applicability::Safe,
            title: made.to_string(),
            edits: vec![edit(made, "unwrap()"), edit("use a;\n", "")],
        };
        Fixed {
            texts: BTreeMap::from([("a.rs".to_string(), TEXT.to_string())]),
            fixes: BTreeMap::from([(0, fix("one()?")), (1, fix("two()?"))]),
        }
    }

    fn error(path: &str, text: &str) -> CompilerError {
        let place = Place { path: path.to_string(), range: range(text), line: 1, is_primary: true };
        CompilerError { message: "no".to_string(), places: vec![place] }
    }

    #[test]
    fn an_error_is_charged_to_the_edit_it_points_at_or_the_nearest_one() {
        let fixed = fixed();
        assert_eq!(fixed.culprit(&error("a.rs", "two()?")), Some(1));
        assert_eq!(fixed.culprit(&error("a.rs", "y")), Some(1));
        assert_eq!(fixed.culprit(&error("a.rs", "x")), Some(0));
        assert_eq!(fixed.culprit(&error("b.rs", "x")), None);
    }

    #[test]
    fn what_another_fix_needs_stays_when_one_is_taken_back() {
        let mut fixed = fixed();
        fixed.take_back(&[0]);
        assert_eq!(fixed.texts["a.rs"], "use a;\nx.unwrap();\ny.two()?;\n");
        assert_eq!(fixed.culprit(&error("a.rs", "two()?")), Some(1));
        fixed.take_back(&[1]);
        assert_eq!(fixed.texts["a.rs"], "x.unwrap();\ny.unwrap();\n");
    }
}
