//! The repairs of panicking calls.

use super::conversion::{Conversion, conversion};
use super::declined::Declined;
use super::infallible_alternative::infallible_alternative;
use super::lock_calls::LockCall;
use super::panicking_call::PanickingCall;
use super::signature::{Change, change};
use super::wording::Text;
use crate::analysis::fix::imports::import_edit;
use crate::analysis::{Applicability, Fix, FixContext};
use crate::project::base_name;
use crate::semantics::types::enclosing_body::{CannotReturn, body};
use crate::semantics::types::errors::{ErrorType, Outcome};
use crate::semantics::types::inference::{InferredOutcome, outcome, type_of};
use crate::syntax::ast;
use crate::text::{FileRange, TextEdit};

/// Turns `.unwrap()`, or `.expect(message)`, into `?` where the body can return the failure.
pub fn propagate(
    panicking: &Option<PanickingCall>,
    message: Option<&ast::Expr>,
    fix: &FixContext<'_>,
) -> Vec<Fix> {
    let repair = question_mark(panicking.as_ref(), message, fix);
    let alternative = |why| {
        panicking.as_ref().and_then(|panicking| infallible_alternative(panicking, fix)).ok_or(why)
    };
    offered(repair.or_else(alternative), fix)
}

/// What is done instead of unwrapping a value that is always there; no failure is made of it that
/// the caller would have to handle.
pub fn without_failure(panicking: &Option<PanickingCall>, fix: &FixContext<'_>) -> Vec<Fix> {
    let panicking = panicking.as_ref().ok_or(Declined::NotEditable);
    let alternative =
        panicking.and_then(|it| infallible_alternative(it, fix).ok_or(Declined::AlwaysHolds));
    offered(alternative, fix)
}

/// Returns the failure of a lock where the body can return it; and takes the lock even when it is
/// poisoned.
pub fn recover(
    panicking: &Option<PanickingCall>,
    lock: LockCall,
    message: Option<&ast::Expr>,
    fix: &FixContext<'_>,
) -> Vec<Fix> {
    let returned = poisoned(panicking.as_ref(), message, fix);
    let repairs: Vec<Fix> = returned.into_iter().collect();
    match into_inner(panicking.as_ref(), lock, fix) {
        Err(_) if !repairs.is_empty() => repairs,
        taken => repairs.into_iter().chain(offered(taken, fix)).collect(),
    }
}

fn offered(repair: Result<Fix, Declined>, fix: &FixContext<'_>) -> Vec<Fix> {
    match repair {
        Ok(repair) => vec![repair],
        Err(why) => {
            why.decline(fix);
            Vec::new()
        }
    }
}

fn into_inner(
    panicking: Option<&PanickingCall>,
    lock: LockCall,
    fix: &FixContext<'_>,
) -> Result<Fix, Declined> {
    if lock == LockCall::Trying {
        return Err(Declined::TriedLock);
    }
    let panicking = panicking.ok_or(Declined::NotEditable)?;
    is_std_lock(panicking, fix)?;
    let imports = &panicking.imports;
    let path = if imports.path_of("PoisonError") == Some("std::sync::PoisonError") {
        "PoisonError"
    } else if imports.path_of("sync") == Some("std::sync") {
        "sync::PoisonError"
    } else {
        "std::sync::PoisonError"
    };
    let call = format!("unwrap_or_else({path}::into_inner)");
    let edit = TextEdit::replace(panicking.name_to_end, call);
    let title = "Recover the poisoned lock (`PoisonError::into_inner`)";
    Ok(fix.here(title, Applicability::Suggested, vec![edit]))
}

/// Returns the failure of a lock that is poisoned, or taken.
fn poisoned(
    panicking: Option<&PanickingCall>,
    message: Option<&ast::Expr>,
    fix: &FixContext<'_>,
) -> Result<Fix, Declined> {
    let panicking = panicking.ok_or(Declined::NotEditable)?;
    is_std_lock(panicking, fix)?;
    let body = body(panicking, fix)?;
    let found = InferredOutcome { outcome: Outcome::Result(ErrorType::Held), is_guess: false };
    let text = Text::of(panicking, message, false).ok_or(Declined::Message)?;
    let conversion =
        conversion(panicking, fix, &body, &found, &text).ok_or(Declined::Conversion)?;
    let (title, edits) = in_place(panicking, fix, &conversion).ok_or(Declined::NotEditable)?;
    Ok(fix.here(title, conversion.applicability, edits))
}

/// A method of the workspace under the name of a lock's may give another error.
fn is_std_lock(panicking: &PanickingCall, fix: &FixContext<'_>) -> Result<(), Declined> {
    let ast::Expr::MethodCallExpr(call) = &panicking.expr else {
        return Err(Declined::NotEditable);
    };
    let name = call.name_ref().ok_or(Declined::NotEditable)?;
    let mut methods = fix.symbols.functions(name.text()).filter(|it| it.has_self);
    if panicking.imports_std_lock() || methods.all(|it| it.returns.is_none()) {
        return Ok(());
    }
    let ty = call.receiver().and_then(|it| type_of(&it, panicking, fix)).unwrap_or_default();
    // `ShardedLock` of `crossbeam` gives what that of the standard library does.
    let is_lock = matches!(base_name(&ty), "Mutex" | "RwLock" | "ShardedLock")
        && fix.symbols.types(base_name(&ty)).next().is_none();
    if is_lock { Ok(()) } else { Err(Declined::WorkspaceLock) }
}

fn question_mark(
    panicking: Option<&PanickingCall>,
    message: Option<&ast::Expr>,
    fix: &FixContext<'_>,
) -> Result<Fix, Declined> {
    let panicking = panicking.ok_or(Declined::NotEditable)?;
    let body = body(panicking, fix);
    if let Err(why) = body
        && !matches!(why, CannotReturn::Infallible | CannotReturn::Main)
    {
        return Err(why.into());
    }
    let found = outcome(panicking, fix).ok_or(Declined::Receiver)?;
    let is_absent = found.outcome == Outcome::Option;
    let text = Text::of(panicking, message, is_absent).ok_or(Declined::Message)?;
    let body = match body {
        Ok(body) => body,
        Err(_) => {
            let change = change(panicking, fix, &found, &text)?;
            return with_signature(panicking, fix, change).ok_or(Declined::NotEditable);
        }
    };
    let conversion =
        conversion(panicking, fix, &body, &found, &text).ok_or(Declined::Conversion)?;
    let (title, edits) = in_place(panicking, fix, &conversion).ok_or(Declined::NotEditable)?;
    Ok(fix.here(title, conversion.applicability, edits))
}

/// What is edited where the call stands, and what that is called.
fn in_place(
    panicking: &PanickingCall,
    fix: &FixContext<'_>,
    conversion: &Conversion,
) -> Option<(String, Vec<TextEdit>)> {
    let import = match &conversion.needs {
        Some(path) => trait_import(panicking, path, fix)?,
        None => None,
    };
    let mut edits = Vec::new();
    let title = match &conversion.call {
        None => {
            let replaced = FileRange::new(panicking.receiver_end, panicking.suffix.end());
            edits.push(TextEdit::replace(replaced, "?"));
            "Propagate the error with `?`".to_string()
        }
        Some(call) => {
            edits.push(TextEdit::replace(panicking.name_to_end, format!("{call}?")));
            let (name, arguments) = call.split_once('(').unwrap_or((call, ")"));
            let shown = if arguments == ")" { "" } else { "…" };
            format!("Propagate the error with `.{name}({shown})?`")
        }
    };
    edits.extend(import);
    Some((title, edits))
}

/// The repair together with the change of the signature that it takes.
fn with_signature(panicking: &PanickingCall, fix: &FixContext<'_>, change: Change) -> Option<Fix> {
    let (_, mut here) = in_place(panicking, fix, &change.conversion)?;
    let mut edits = change.edits;
    let own = edits.iter_mut().find(|it| it.path == fix.file.path)?;
    // What is put at the end of the call's own expression follows the call.
    for edit in std::mem::take(&mut own.edits) {
        match here
            .iter_mut()
            .find(|it| edit.range.is_empty() && it.range.end() == edit.range.start())
        {
            Some(call) => call.insert.push_str(&edit.insert),
            None => own.edits.push(edit),
        }
    }
    own.edits.append(&mut here);
    if overlaps(&own.edits) {
        return None;
    }
    let title = title(&change.names);
    Some(Fix { title, applicability: Applicability::Suggested, edits })
}

/// Whether something is put into what is replaced, as where a function calls itself in the chain.
fn overlaps(edits: &[TextEdit]) -> bool {
    let mut ranges: Vec<FileRange> = edits.iter().map(|it| it.range).collect();
    ranges.sort_unstable_by_key(|it| (it.start(), it.end()));
    let mut replaced = None;
    ranges.into_iter().any(|range| {
        let reaches_in = replaced.is_some_and(|end| range.start() < end);
        if !range.is_empty() {
            replaced = replaced.max(Some(range.end()));
        }
        reaches_in
    })
}

fn title(names: &[String]) -> String {
    match names {
        [name] if name == "main" => "Make `main` return `Result`".to_string(),
        [name] => format!("Make `{name}` return `Result` and propagate it in its callers"),
        [name, above] => format!("Make `{name}` and its caller `{above}` return `Result`"),
        [name, above @ ..] => {
            format!("Make `{name}` and the {} functions above it return `Result`", above.len())
        }
        [] => String::new(),
    }
}

/// The edit that brings a trait into view where the call stands, if it takes one. Nothing can be
/// added to modules inside macro arguments.
fn trait_import(
    panicking: &PanickingCall,
    path: &str,
    fix: &FixContext<'_>,
) -> Option<Option<TextEdit>> {
    let in_file = panicking.items()?.ancestors().last()? == *fix.root;
    in_file.then(|| import_edit(fix, panicking.name_to_end.start(), path))
}
