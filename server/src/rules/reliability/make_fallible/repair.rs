//! The repairs of panicking calls.

use super::answers::answer;
use super::bodies::body;
use super::bridges::{Bridge, bridge};
use super::errors::{ErrorType, Outcome};
use super::locks::LockCall;
use super::receivers::{Found, outcome, type_of};
use super::signature::{Change, change};
use super::site::Site;
use super::why_not::WhyNot;
use super::wording::Text;
use crate::analysis::fix::format::{style_of, tidied};
use crate::analysis::fix::imports::import_edit;
use crate::analysis::{Applicability, Fix, FixContext};
use crate::semantics::type_text::base;
use crate::syntax::ast;
use crate::text::{FileRange, TextEdit};

/// Turns `.unwrap()`, or `.expect(message)`, into `?` where the body can return the failure.
pub fn propagate(
    site: &Option<Site>,
    message: Option<&ast::Expr>,
    fix: &FixContext<'_>,
) -> Vec<Fix> {
    let repair = question_mark(site.as_ref(), message, fix);
    let answer = |why| site.as_ref().and_then(|site| answer(site, fix)).ok_or(why);
    offered(repair.or_else(answer), fix)
}

/// Returns the failure of a lock where the body can return it; and takes the lock even when it is
/// poisoned.
pub fn recover(
    site: &Option<Site>,
    lock: LockCall,
    message: Option<&ast::Expr>,
    fix: &FixContext<'_>,
) -> Vec<Fix> {
    let returned = poisoned(site.as_ref(), message, fix);
    let repairs: Vec<Fix> = returned.into_iter().map(|it| tidied(it, fix)).collect();
    match into_inner(site.as_ref(), lock, fix) {
        Err(_) if !repairs.is_empty() => repairs,
        taken => repairs.into_iter().chain(offered(taken, fix)).collect(),
    }
}

fn offered(repair: Result<Fix, WhyNot>, fix: &FixContext<'_>) -> Vec<Fix> {
    match repair {
        Ok(repair) => vec![tidied(repair, fix)],
        Err(why) => {
            why.decline(fix);
            Vec::new()
        }
    }
}

fn into_inner(site: Option<&Site>, lock: LockCall, fix: &FixContext<'_>) -> Result<Fix, WhyNot> {
    if lock == LockCall::Trying {
        return Err(WhyNot::TriedLock);
    }
    let site = site.ok_or(WhyNot::Place)?;
    is_std_lock(site, fix)?;
    let imports = &site.imports;
    let path = if imports.path_of("PoisonError") == Some("std::sync::PoisonError") {
        "PoisonError"
    } else if imports.path_of("sync") == Some("std::sync") {
        "sync::PoisonError"
    } else {
        "std::sync::PoisonError"
    };
    let call = format!("unwrap_or_else({path}::into_inner)");
    let edit = TextEdit::replace(site.name_to_end, call);
    let title = "Take the lock even when it is poisoned";
    Ok(fix.here(title, Applicability::Suggested, vec![edit]))
}

/// Returns the failure of a lock that is poisoned, or taken.
fn poisoned(
    site: Option<&Site>,
    message: Option<&ast::Expr>,
    fix: &FixContext<'_>,
) -> Result<Fix, WhyNot> {
    let site = site.ok_or(WhyNot::Place)?;
    is_std_lock(site, fix)?;
    let body = body(site, fix)?;
    let found = Found { outcome: Outcome::Result(ErrorType::Held), is_guess: false };
    let text = Text::of(site, message, false).ok_or(WhyNot::Message)?;
    let bridge = bridge(site, fix, &body, &found, &text).ok_or(WhyNot::Conversion)?;
    let (title, edits) = in_place(site, fix, &bridge).ok_or(WhyNot::Place)?;
    Ok(fix.here(title, bridge.applicability, edits))
}

/// A method of the workspace under the name of a lock's may give another error.
fn is_std_lock(site: &Site, fix: &FixContext<'_>) -> Result<(), WhyNot> {
    let ast::Expr::MethodCallExpr(call) = &site.receiver else { return Err(WhyNot::Place) };
    let name = call.name_ref().ok_or(WhyNot::Place)?;
    let mut methods = fix.symbols.functions(name.text()).filter(|it| it.has_self);
    if site.imports_std_lock() || methods.all(|it| it.returns.is_none()) {
        return Ok(());
    }
    let ty = call.receiver().and_then(|it| type_of(&it, site, fix)).unwrap_or_default();
    // `ShardedLock` of `crossbeam` gives what that of the standard library does.
    let is_lock = matches!(base(&ty), "Mutex" | "RwLock" | "ShardedLock")
        && fix.symbols.types(base(&ty)).next().is_none();
    if is_lock { Ok(()) } else { Err(WhyNot::OwnLock) }
}

fn question_mark(
    site: Option<&Site>,
    message: Option<&ast::Expr>,
    fix: &FixContext<'_>,
) -> Result<Fix, WhyNot> {
    let site = site.ok_or(WhyNot::Place)?;
    let body = body(site, fix);
    if let Err(why) = body
        && !matches!(why, WhyNot::Infallible | WhyNot::Main)
    {
        return Err(why);
    }
    let found = outcome(site, fix).ok_or(WhyNot::Receiver)?;
    let is_absent = found.outcome == Outcome::Option;
    let text = Text::of(site, message, is_absent).ok_or(WhyNot::Message)?;
    let body = match body {
        Ok(body) => body,
        Err(_) => {
            let change = change(site, fix, &found, &text)?;
            return with_signature(site, fix, change).ok_or(WhyNot::Place);
        }
    };
    let bridge = bridge(site, fix, &body, &found, &text).ok_or(WhyNot::Conversion)?;
    let (title, edits) = in_place(site, fix, &bridge).ok_or(WhyNot::Place)?;
    Ok(fix.here(title, bridge.applicability, edits))
}

/// What is edited where the call stands, and what that is called.
fn in_place(site: &Site, fix: &FixContext<'_>, bridge: &Bridge) -> Option<(String, Vec<TextEdit>)> {
    let import = match &bridge.needs {
        Some(path) => trait_import(site, path, fix)?,
        None => None,
    };
    let mut edits = Vec::new();
    let title = match &bridge.call {
        None => {
            let replaced = FileRange::new(site.receiver_end, site.suffix.end());
            edits.push(TextEdit::replace(replaced, "?"));
            "Return the failure with `?`".to_string()
        }
        Some(call) => {
            edits.push(TextEdit::replace(site.name_to_end, format!("{call}?")));
            let name = call.split('(').next().unwrap_or(call);
            format!("Return the failure with `{name}` and `?`")
        }
    };
    edits.extend(import);
    Some((title, edits))
}

/// The repair together with the change of the signature that it takes.
fn with_signature(site: &Site, fix: &FixContext<'_>, change: Change) -> Option<Fix> {
    let (_, mut here) = in_place(site, fix, &change.bridge)?;
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
    edits.iter().enumerate().any(|(at, edit)| {
        edits.iter().skip(at + 1).any(|other| {
            let common = edit.range.intersect(other.range);
            let inside = |it: &TextEdit, of: &TextEdit| {
                it.range.is_empty()
                    && of.range.start() < it.range.start()
                    && it.range.end() < of.range.end()
            };
            common.is_some_and(|it| !it.is_empty()) || inside(edit, other) || inside(other, edit)
        })
    })
}

fn title(names: &[String]) -> String {
    match names {
        [name] if name == "main" => "Let `main` return the failure".to_string(),
        [name] => format!("Let `{name}` return the failure, and its callers take it on"),
        [name, above] => format!("Let `{name}` and its caller `{above}` return the failure"),
        [name, above @ ..] => {
            format!("Let `{name}` and the {} functions above it return the failure", above.len())
        }
        [] => String::new(),
    }
}

/// The edit that brings a trait into view where the call stands, if it takes one. Nothing can be
/// added to modules inside macro arguments.
fn trait_import(site: &Site, path: &str, fix: &FixContext<'_>) -> Option<Option<TextEdit>> {
    let in_file = site.items()?.ancestors().last()? == *fix.root;
    let style = style_of(&fix.file.path, fix);
    in_file.then(|| import_edit(fix.root, site.name_to_end.start(), path, &style))
}
