//! Panicking call in `Drop`.
//!
//! A value is also dropped while another panic unwinds the stack. A second panic in that time aborts the
//! process at once: no other destructor runs, and no request that was under way is answered.
//!
//! ```rust,bad
//! impl Drop for Session {
//!     fn drop(&mut self) {
//!         self.registry.lock().unwrap().remove(&self.id);
//!     }
//! }
//! ```
//!
//! Do without what fails, and log it:
//!
//! ```rust
//! impl Drop for Session {
//!     fn drop(&mut self) {
//!         let mut registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
//!         registry.remove(&self.id);
//!     }
//! }
//! ```
//!
//! A lock is poisoned exactly while something panics, so that `lock().unwrap()` is the worst of these
//! calls. Not reported: a panic behind `thread::panicking()`, and values that cannot be absent.

use super::AREA;
use crate::analysis::{Confidence, Context, Query, Report, Rule, Severity};
use crate::semantics::Reach;
use crate::semantics::body_words::function_names;
use crate::semantics::calls::{method_range, std_macro_call};
use crate::semantics::infallible::always_holds;
use crate::syntax::ast;
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxNode};
use crate::text::TextRange;

pub static RULE: Rule = Rule {
    id: "panic-in-drop",
    severity: Severity::Medium,
    raised_when_critical: false,
    lowered_by_reach: false,
    cwe: &[248],
    source: include_str!("panic_in_drop.rs"),
    queries: &[
        Query::Method(&["unwrap", "expect", "unwrap_err", "expect_err"], check_method),
        Query::Macro(
            &["panic", "unreachable", "todo", "unimplemented", "assert", "assert_eq", "assert_ne"],
            check_macro,
        ),
    ],
    ..Rule::source(AREA)
};

fn check_method(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let Some(name) = call.name_ref().map(|it| it.text().to_string()) else { return };
    if !runs_in_drop(call.syntax(), cx) {
        return;
    }
    let Some(receiver) = call.receiver() else { return };
    if always_holds(&receiver, cx).is_some() {
        return;
    }
    let receiver = compact(receiver.syntax());
    let locks = [".lock()", ".read()", ".write()", ".borrow_mut()"];
    let is_lock = locks.iter().any(|it| receiver.ends_with(it));
    let message = match is_lock {
        true => format!("`{name}` on a lock aborts the process when a panic is under way"),
        false => format!("`{name}` in `Drop` aborts the process when a panic is under way"),
    };
    // What a value was made with is there until it is dropped.
    let is_invariant = receiver.ends_with(".take()")
        || receiver.ends_with(".as_ref()")
        || receiver.ends_with(".as_mut()");
    let report = Report::new(method_range(call), message);
    // A lock is poisoned by another panic only.
    let report = match (is_invariant, is_lock) {
        (true, _) => report.severity(Severity::Low).confidence(Confidence::Possible),
        (_, true) => report.severity(Severity::Low),
        _ => report,
    };
    cx.report(call.syntax(), report);
}

fn check_macro(call: &ast::MacroCall, cx: &mut Context<'_>) {
    let Some((name, range)) = std_macro_call(call) else { return };
    if runs_in_drop(call.syntax(), cx) {
        report_macro(call.syntax(), &name, range, cx);
    }
}

fn report_macro(node: &SyntaxNode, name: &str, range: TextRange, cx: &mut Context<'_>) {
    let message = format!("`{name}!` in `Drop` aborts the process when a panic is under way");
    cx.report(node, Report::new(range, message));
}

/// Whether a node runs as a value is dropped, and nothing there asks whether a panic is under way.
fn runs_in_drop(node: &SyntaxNode, cx: &Context<'_>) -> bool {
    let function = cx.function(node);
    let is_drop = function.is_some_and(|it| {
        use crate::syntax::ast::HasName;
        it.name().is_some_and(|name| name.text() == "drop")
    });
    is_drop
        && matches!(cx.reach(node), Reach::Drop)
        && !function_names(cx, node, &["panicking"])
        && !is_spawned(node, cx)
}

/// Whether a node is in a closure or a task that something else runs.
fn is_spawned(node: &SyntaxNode, cx: &Context<'_>) -> bool {
    cx.ancestors(node).any(|it| crate::semantics::execution::is_async_block(&it))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn panics_in_drop_are_reported() {
        check(
            &RULE,
            r#"
impl Drop for Session {
    fn drop(&mut self) {
        self.sessions.lock().unwrap().remove(&self.id);
                           //^^^^^^^^ panic-in-drop: `unwrap` on a lock aborts the process when a panic is under way
        self.file.sync_all().expect("sync");
                           //^^^^^^^^^^^^^^ panic-in-drop: `expect` in `Drop` aborts the process when a panic is under way
        self.handle.take().unwrap().join().unwrap();
                                         //^^^^^^^^ panic-in-drop
                         //^^^^^^^^ panic-in-drop
        if !self.closed {
            panic!("not closed");
          //^^^^^^^^^^^^^^^^^^^^ panic-in-drop
        }
        assert!(self.queue.is_empty());
      //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ panic-in-drop
    }
}
impl<T: Send> std::ops::Drop for Pool<T> {
    fn drop(&mut self) { tokio::runtime::Handle::try_current().unwrap(); }
                                                             //^^^^^^^^ panic-in-drop
}
"#,
        );
    }

    #[test]
    fn guarded_panics_and_other_code_are_left_alone() {
        silent(
            &RULE,
            r#"
impl Drop for Bomb {
    fn drop(&mut self) {
        if !std::thread::panicking() { panic!("not defused"); }
    }
}
impl Drop for Guard {
    fn drop(&mut self) {
        debug_assert!(self.count > 0);
        self.registry.lock().unwrap_or_else(PoisonError::into_inner).clear();
        let client = self.client.clone();
        tokio::spawn(async move { client.close().await.unwrap(); });
    }
}
impl Session { fn drop(&mut self) { self.x.unwrap(); } }
impl Other for Session { fn close(&mut self) { self.x.unwrap(); } }
#[cfg(test)]
mod tests { impl Drop for Server { fn drop(&mut self) { self.child.kill().unwrap(); } } }
"#,
        );
    }
}
