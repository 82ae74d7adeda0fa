//! The lines around an edit as rustfmt lays them out.
//!
//! An edit makes a line longer or shorter, and rustfmt would break others than there are. What is
//! edited is printed anew where this printer gives the text before the edit as it stands: then the
//! file is one that rustfmt formats, and the code of a kind that is known here. Everything else is
//! edited in place.

mod chains;
mod lists;
mod printer;
mod style;
#[cfg(test)]
mod tests;
mod units;

pub use self::style::Style;
use self::units::{Form, Unit, laid_out};
use crate::analysis::Fix;
use crate::semantics::{FileContext, WorkspaceView};
use crate::syntax::lines::{line_before, text_in};
use crate::syntax::tokens::{token_after, token_before};
use crate::syntax::{Edition, SourceFile, SyntaxNode};
use crate::text::{FileRange, TextEdit, TextRange, TextSize, apply_edits};

/// A fix with the lines that it edits formatted.
pub fn formatted(mut fix: Fix, view: &WorkspaceView<'_>) -> Fix {
    for file in &mut fix.edits {
        let edits = std::mem::take(&mut file.edits);
        let edition =
            FileContext::new(&file.path, view.symbols.packages(), &view.file.config).edition;
        let root = view.root_of(&file.path, edition);
        file.edits = match (root, Style::of(&file.path, view)) {
            (Some(root), Some(style)) if file.path.ends_with(".rs") => {
                laid_out_edits(&root, edits, &style)
            }
            _ => edits,
        };
    }
    fix
}

/// A statement as rustfmt lays it out in lines that begin with `indent` spaces; nothing where that is
/// not known.
pub fn laid_out_statement(text: &str, indent: usize, style: &Style) -> Option<String> {
    laid_out(Form::Statement, text, (indent, indent), style)
}

/// The same for what stands before a block, up to its `{`: of `if`, `match`, `while` and `for`.
pub fn laid_out_header(text: &str, indent: usize, style: &Style) -> Option<String> {
    laid_out(Form::Header, text, (indent, indent), style)
}

/// The style of a file, rustfmt's own where it is one that is not known here.
pub fn style_of(path: &str, view: &WorkspaceView<'_>) -> Style {
    Style::of(path, view).unwrap_or_default()
}

fn laid_out_edits(root: &SyntaxNode, edits: Vec<TextEdit>, style: &Style) -> Vec<TextEdit> {
    let mut left = edits;
    let mut done = Vec::new();
    while let Some(first) = left.first() {
        let units = units_around(root, first.range.to_file_tree());
        let found = units.into_iter().find_map(|unit| {
            let inside = |edit: &&TextEdit| unit.range.contains_range(edit.range.to_file_tree());
            let own: Vec<&TextEdit> = left.iter().filter(inside).collect();
            // What reaches over the border belongs to something larger.
            let crossing = left.iter().any(|edit| {
                !unit.range.contains_range(edit.range.to_file_tree())
                    && unit
                        .range
                        .intersect(edit.range.to_file_tree())
                        .is_some_and(|it| !it.is_empty())
            });
            let text = (!crossing).then(|| with_layout(root, unit, &own, style))??;
            Some((unit, text))
        });
        match found {
            Some((unit, Layout::InPlace)) => {
                let (own, others) = left
                    .into_iter()
                    .partition(|it| unit.range.contains_range(it.range.to_file_tree()));
                done.extend::<Vec<TextEdit>>(own);
                left = others;
            }
            Some((unit, Layout::Changed(edit))) => {
                left.retain(|it| !unit.range.contains_range(it.range.to_file_tree()));
                done.push(edit);
            }
            None => done.push(left.remove(0)),
        }
    }
    done
}

enum Layout {
    /// The edits give what rustfmt would.
    InPlace,
    /// One edit in the place of all.
    Changed(TextEdit),
}

/// The layout of a unit after edits; nothing where it is not known.
fn with_layout(
    root: &SyntaxNode,
    unit: Unit,
    edits: &[&TextEdit],
    style: &Style,
) -> Option<Layout> {
    let text = text_in(root, unit.range);
    let start = unit.range.start();
    let place = place(root, start);
    if laid_out(unit.form, &text, place, style).as_deref() != Some(text.as_str()) {
        return None;
    }
    let moved: Vec<TextEdit> = edits
        .iter()
        .map(|edit| TextEdit::replace(edit.range - start, edit.insert.clone()))
        .collect();
    let edited = apply_edits(&text, &moved);
    let printed = laid_out(unit.form, &edited, place, style)?;
    (without_layout(&printed) == without_layout(&edited)).then_some(())?;
    if printed == edited {
        return Some(Layout::InPlace);
    }
    // The whole of it: another fix in the same unit would have to be laid out with this one.
    Some(Layout::Changed(TextEdit::replace(FileRange::in_file_tree(unit.range), printed)))
}

/// What a layout leaves as it is: all but white space, and the commas and braces that come and go
/// with lines.
fn without_layout(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !matches!(c, ',' | '{' | '}')).collect()
}

/// The units that hold a range, outermost first, up to the statement, arm or header that begins a
/// line.
fn units_around(root: &SyntaxNode, range: TextRange) -> Vec<Unit> {
    let mut found: Vec<Unit> = Vec::new();
    let tokens = [token_before(root, range.start()), token_after(root, range.start())];
    for token in tokens.into_iter().flatten() {
        for node in token.parent_ancestors() {
            let Some(unit) = Unit::of(&node).filter(|it| it.range.contains_range(range)) else {
                continue;
            };
            let starts_line = begins_line(root, unit.range.start());
            if starts_line || unit.form == Form::Header {
                found.push(unit);
            }
            // The layout of what is around leaves these as they are.
            let is_border = match unit.form {
                Form::Header | Form::Signature => true,
                Form::Item | Form::Field => false,
                Form::Statement | Form::LetElse | Form::Arm => starts_line,
            };
            if is_border {
                break;
            }
        }
    }
    found.sort_by_key(|unit| std::cmp::Reverse(unit.range.len()));
    found.dedup();
    found
}

fn begins_line(root: &SyntaxNode, offset: TextSize) -> bool {
    let before = token_before(root, offset);
    before.is_none_or(|it| it.text().contains('\n') && it.text_range().end() == offset)
}

/// The number of spaces that the line of an offset begins with, and its column there.
fn place(root: &SyntaxNode, offset: TextSize) -> (usize, usize) {
    let line = line_before(root, offset);
    let indent = line.chars().take_while(|c| *c == ' ').count();
    (indent, line.chars().count())
}

/// The tree of a text that has no error.
fn parsed(text: &str) -> Option<SyntaxNode> {
    let parse = SourceFile::parse(text, Edition::CURRENT);
    parse.errors().is_empty().then(|| parse.syntax_node())
}
