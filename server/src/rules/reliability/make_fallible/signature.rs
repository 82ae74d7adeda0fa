//! The change of a signature: a function that cannot return a failure is made to, and everything
//! that calls it takes the failure on.

use std::collections::BTreeMap;

use super::bodies::Body;
use super::bridges::{Bridge, bridge};
use super::callers::{Caller, Sources};
use super::errors::BodyError;
use super::receivers::Found;
use super::rewrite::rewritten;
use super::shared_error::{Changed, shared_error};
use super::site::Site;
use super::target::Target;
use super::why_not::WhyNot;
use super::wording::Text;
use crate::analysis::{FileEdit, FixContext};
use crate::syntax::ast;
use crate::syntax::{AstNode, SyntaxKind};
use crate::text::TextEdit;

/// What a person still reads before it is applied.
const MAX_FUNCTIONS: usize = 12;
const MAX_CALLS: usize = 60;

/// A function that is made fallible, with all that follows from it.
pub struct Change {
    /// The names of the functions that change, that around the panicking call first.
    pub names: Vec<String>,
    /// What takes the place of the panicking call.
    pub bridge: Bridge,
    /// The edits, without that of the call itself.
    pub edits: Vec<FileEdit>,
}

/// The change that lets the function around a call return the call's failure.
///
/// # Errors
///
/// Says why there is none.
pub fn change(
    site: &Site,
    fix: &FixContext<'_>,
    found: &Found,
    text: &Text,
) -> Result<Change, WhyNot> {
    let node = site.around.iter().find(|it| it.kind() == SyntaxKind::FN).ok_or(WhyNot::Place)?;
    // The tree of the file, not that of a macro's arguments.
    if node.ancestors().last().as_ref() != Some(fix.root) {
        return Err(WhyNot::Macro);
    }
    let function = ast::Fn::cast(node.clone()).ok_or(WhyNot::Place)?;
    let target = Target::new(&fix.file.path, function).ok_or(WhyNot::Place)?;
    let sources = Sources::new(fix);
    let changed = all_changed(target, &sources, fix)?;
    let plan = |error: &BodyError| bridge(site, fix, &Body::Result(error.clone()), found, text);
    let accepts = |error: &BodyError| plan(error).is_some();
    let (error, wrappings) = shared_error(&changed, found, &sources, fix, accepts)?;
    let bridge = plan(&error).ok_or(WhyNot::Conversion)?;
    let mut edits: BTreeMap<String, Vec<TextEdit>> = BTreeMap::new();
    for (changed, wrapping) in changed.iter().zip(&wrappings) {
        let target = &changed.target;
        let own = rewritten(&target.node, wrapping, fix).ok_or(WhyNot::Place)?;
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
    Ok(Change { names, bridge, edits: edits.collect() })
}

/// The function and those above it that have to change with it.
fn all_changed(
    target: Target,
    sources: &Sources<'_>,
    fix: &FixContext<'_>,
) -> Result<Vec<Changed>, WhyNot> {
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
                let caller = Target::new(&call.path, function.clone()).ok_or(WhyNot::Place)?;
                if folder(&caller.path) != home {
                    return Err(WhyNot::Caller);
                }
                known.push(caller.clone());
                above.push(caller);
            }
            changed.push(Changed { target, calls });
        }
        if known.len() > MAX_FUNCTIONS {
            return Err(WhyNot::TooMany);
        }
        open = above;
    }
    let calls = changed.iter().map(|it| it.calls.len()).sum::<usize>();
    if calls > MAX_CALLS { Err(WhyNot::TooMany) } else { Ok(changed) }
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
