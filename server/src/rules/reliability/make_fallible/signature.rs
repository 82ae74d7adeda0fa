//! The change of a signature: a function that cannot return a failure is made to, and everything
//! that calls it takes the failure on.

use std::collections::BTreeMap;

use super::conversion::{Conversion, conversion};
use super::declined::Declined;
use super::rewrite::rewritten;
use super::shared_error::{Changed, shared_error};
use super::wording::Text;
use crate::analysis::{FileEdit, FixContext};
use crate::semantics::callers::{Caller, CallerSearch, CannotChange, TargetFunction};
use crate::semantics::types::LocatedExpr;
use crate::semantics::types::enclosing_body::{Body, CannotReturn};
use crate::semantics::types::errors::BodyError;
use crate::semantics::types::inference::InferredOutcome;
use crate::syntax::{AstNode, SyntaxKind, ast};
use crate::text::TextEdit;

/// What a person still reads before it is applied.
const MAX_FUNCTIONS: usize = 12;
const MAX_CALLS: usize = 60;

/// A function that is made fallible, with all that follows from it.
pub struct Change {
    /// The names of the functions that change, that around the panicking call first.
    pub names: Vec<String>,
    /// What takes the place of the panicking call.
    pub conversion: Conversion,
    /// The edits, without that of the call itself.
    pub edits: Vec<FileEdit>,
}

/// The change that lets the function around a call return the call's failure.
///
/// # Errors
///
/// Says why there is none.
pub fn change(
    located: &LocatedExpr,
    fix: &FixContext<'_>,
    found: &InferredOutcome,
    text: &Text,
) -> Result<Change, Declined> {
    let node = located
        .around
        .iter()
        .find(|it| it.kind() == SyntaxKind::FN)
        .ok_or(Declined::NotEditable)?;
    // The tree of the file, not that of a macro's arguments.
    if node.ancestors().last().as_ref() != Some(fix.root) {
        return Err(CannotReturn::Macro.into());
    }
    let function = ast::Fn::cast(node.clone()).ok_or(Declined::NotEditable)?;
    let target = TargetFunction::new(&fix.file.path, function).ok_or(Declined::NotEditable)?;
    let sources = CallerSearch::new(fix);
    let changed = fix.answers.once("changed with it", node, || all_changed(target, &sources, fix));
    let changed = changed.as_ref().as_ref().map_err(|declined| *declined)?;
    let plan =
        |error: &BodyError| conversion(located, fix, &Body::Result(error.clone()), found, text);
    let accepts = |error: &BodyError| plan(error).is_some();
    let (error, wrappings) = shared_error(changed, found, &sources, fix, accepts)?;
    let conversion = plan(&error).ok_or(Declined::Conversion)?;
    let mut edits: BTreeMap<String, Vec<TextEdit>> = BTreeMap::new();
    for (changed, wrapping) in changed.iter().zip(&wrappings) {
        let target = &changed.target;
        let own = rewritten(&target.node, wrapping, fix).ok_or(Declined::NotEditable)?;
        edits.entry(target.path.clone()).or_default().extend(own);
        for call in &changed.calls {
            let on_own_line = |method: &str| match &call.indent {
                Some(indent) => format!("\n{indent}{method}"),
                None => method.to_string(),
            };
            let insert = match call.by {
                Caller::Test => on_own_line(".unwrap()"),
                Caller::Absent => on_own_line(".ok()?"),
                Caller::Fallible(_) | Caller::Infallible(_) => "?".to_string(),
            };
            let edit = TextEdit::insert(call.end, insert);
            edits.entry(call.path.clone()).or_default().push(edit);
        }
    }
    let edits = edits.into_iter().map(|(path, edits)| FileEdit { path, edits: joined(edits) });
    let names = changed.iter().map(|it| it.target.name.clone()).collect();
    Ok(Change { names, conversion, edits: edits.collect() })
}

/// The function and those above it that have to change with it.
fn all_changed(
    target: TargetFunction,
    sources: &CallerSearch<'_>,
    fix: &FixContext<'_>,
) -> Result<Vec<Changed>, Declined> {
    let folder = |path: &str| fix.symbols.packages().owner(path).map(|it| it.folder.clone());
    let home = folder(&target.path);
    let mut open = vec![target.clone()];
    let mut known = vec![target];
    let mut changed: Vec<Changed> = Vec::new();
    while !open.is_empty() {
        let mut above = Vec::new();
        for target in open {
            let calls = sources.callers(&target)?;
            for call in &calls {
                let Caller::Infallible(function) = &call.by else { continue };
                if known.iter().any(|it| it.is(&call.path, function)) {
                    continue;
                }
                let caller = TargetFunction::new(&call.path, function.clone())
                    .ok_or(Declined::NotEditable)?;
                if folder(&caller.path) != home {
                    return Err(CannotChange::InfallibleCaller.into());
                }
                known.push(caller.clone());
                above.push(caller);
            }
            changed.push(Changed { target, calls });
        }
        if known.len() > MAX_FUNCTIONS {
            return Err(CannotChange::TooMany.into());
        }
        open = above;
    }
    let calls = changed.iter().map(|it| it.calls.len()).sum::<usize>();
    if calls > MAX_CALLS { Err(CannotChange::TooMany.into()) } else { Ok(changed) }
}

/// The edits with those at one place made one: what a call gains comes before what the expression
/// around it does.
fn joined(edits: Vec<TextEdit>) -> Vec<TextEdit> {
    let mut sorted = edits;
    let rank = |edit: &TextEdit| match edit.insert.trim_start() {
        "?" | ".ok()?" | ".unwrap()" => 0,
        ";" => 2,
        end if end.ends_with("Ok(())") => 3,
        _ => 1,
    };
    sorted.sort_by_key(|edit| (edit.range.start(), edit.range.end(), rank(edit)));
    let mut joined: Vec<TextEdit> = Vec::new();
    for edit in sorted {
        match joined.last_mut() {
            Some(last) if last.range == edit.range => last.insert.push_str(&edit.insert),
            _ => joined.push(edit),
        }
    }
    joined
}
