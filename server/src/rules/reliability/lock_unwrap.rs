//! `unwrap` or `expect` on a lock, which panics if the lock is poisoned.
//!
//! A panic while a `std::sync` lock is held poisons it. Each later `lock().unwrap()` panics as
//! well, in every thread, so that one failed request stops all others.
//!
//! ```rust,bad
//! use std::sync::Mutex;
//!
//! fn count(requests: &Mutex<u64>) -> u64 {
//!     *requests.lock().unwrap()
//! }
//! ```
//!
//! If the protected value is valid even after a panic, recover it from the poisoned lock:
//!
//! ```rust
//! use std::sync::{Mutex, PoisonError};
//!
//! fn count(requests: &Mutex<u64>) -> u64 {
//!     *requests.lock().unwrap_or_else(PoisonError::into_inner)
//! }
//! ```
//!
//! If it may be inconsistent, return an error to the caller:
//!
//! ```rust
//! use std::sync::Mutex;
//!
//! fn count(requests: &Mutex<u64>) -> Result<u64, String> {
//!     Ok(*requests.lock().map_err(|error| format!("lock requests: {error}"))?)
//! }
//! ```
//!
//! Locks of `parking_lot` and `tokio` are never poisoned and are not reported.

use super::AREA;
use crate::analysis::{Context, Opportunity, Query, Report, Rule, Severity};
use crate::rules::reliability::make_fallible::{LockCall, PanickingCall, lock_call, recover};
use crate::semantics::calls::{argument_count, method_range};
use crate::syntax::ast::HasArgList;
use crate::syntax::{AstNode, ast};

pub static RULE: Rule = Rule {
    id: "lock-unwrap",
    safe_fix: true,
    opportunity: Opportunity::Locks,
    effort: 5,
    severity: Severity::Low,
    handling_severity: Some(Severity::Medium),
    raised_when_critical: false,
    lints: &["clippy::unwrap_used", "clippy::expect_used"],
    cwe: &[248],
    seeds: &["B.7"],
    source: include_str!("lock_unwrap.rs"),
    queries: &[Query::Method(&["unwrap", "expect"], check)],
    ..Rule::source(AREA)
};

fn check(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let Some(method) = call.name_ref() else { return };
    if argument_count(call) != usize::from(method.text() == "expect") {
        return;
    }
    let Some(receiver) = call.receiver() else { return };
    let Some(lock) = lock_call(&receiver, cx) else { return };
    if cx.file().clippy().allows_unwrap_of("LockResult") {
        return;
    }
    let calls = format!("{}.{}", shortened(&receiver), shortened(&call.clone().into()));
    let message = match lock {
        LockCall::Blocking => format!("`{calls}` panics if the lock is poisoned"),
        LockCall::Trying => format!("`{calls}` panics if the lock is held or poisoned"),
    };
    let range = method_range(call);
    let mut report = Report::new(range, message);
    if cx.file().package.as_ref().is_some_and(|package| package.aborts_on_panic) {
        report = report.lowered(Severity::Low, "the program aborts on panic");
    }
    if cx.wants_fix(range) {
        let panicking = PanickingCall::new(call, cx);
        let message = call.arg_list().and_then(|list| list.args().next());
        report = report.fix(move |fix| recover(&panicking, lock, message.as_ref(), fix));
    }
    cx.report(call.syntax(), report);
}

/// A method call without its receiver and arguments, such as `lock()` or `expect(…)`.
fn shortened(expr: &ast::Expr) -> String {
    let ast::Expr::MethodCallExpr(call) = expr else { return "lock()".to_string() };
    let arguments = if argument_count(call) == 0 { "" } else { "…" };
    let name = call.name_ref().map(|name| name.text().to_string()).unwrap_or_default();
    format!("{name}({arguments})")
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, check_fix, no_fix, no_safe_fix, silent};

    #[test]
    fn every_way_to_take_a_lock_is_seen() {
        check(
            &RULE,
            r#"
use std::sync::{Condvar, Mutex, RwLock};
fn f(&self) {
    self.conn.lock().unwrap().execute();
                   //^^^^^^^^ lock-unwrap: `lock().unwrap()` panics if the lock is poisoned
    self.map.read().expect("poisoned");
                  //^^^^^^^^^^^^^^^^^^ lock-unwrap: `read().expect(…)` panics if the lock is poisoned
    *self.map.write().unwrap() = 1;
                    //^^^^^^^^ lock-unwrap
    self.map.try_write().unwrap();
                       //^^^^^^^^ lock-unwrap: `try_write().unwrap()` panics if the lock is held or poisoned
    let inner = mutex.into_inner().unwrap();
                                 //^^^^^^^^ lock-unwrap
    guard = self.ready.wait(guard).unwrap();
                                 //^^^^^^^^ lock-unwrap
    println!("{}", self.conn.lock().unwrap());
                                  //^^^^^^^^ lock-unwrap
}
"#,
        );
    }

    #[test]
    fn other_locks_and_readers_are_silent() {
        silent(
            &RULE,
            r#"
use tokio::sync::{Mutex, RwLock};
async fn f(stream: &mut TcpStream) {
    stream.read(&mut buffer).unwrap();
    stream.write(b"x").unwrap();
    table.lock().await.unwrap();
    mutex.try_lock().unwrap();
    child.wait().unwrap();
    writer.into_inner().unwrap();
    std::io::stdout().lock().write_all(b"x").unwrap();
    lock_file.lock().unwrap();
    x.lock().unwrap_or_else(|e| e.into_inner());
}
"#,
        );
    }

    #[test]
    fn a_poisoned_lock_is_recovered() {
        let title = "Recover the poisoned lock (`PoisonError::into_inner`)";
        check_fix(
            &RULE,
            title,
            "fn f(m: &std::sync::Mutex<u8>) -> u8 { *m.lock().unwrap() }\n",
            "fn f(m: &std::sync::Mutex<u8>) -> u8 { *m.lock().unwrap_or_else(std::sync::PoisonError::into_inner) }\n",
        );
        check_fix(
            &RULE,
            title,
            r#"use std::sync::{Mutex, PoisonError};
fn f(m: &Mutex<u8>) -> u8 { *m.lock().expect("x") }
"#,
            r#"use std::sync::{Mutex, PoisonError};
fn f(m: &Mutex<u8>) -> u8 { *m.lock().unwrap_or_else(PoisonError::into_inner) }
"#,
        );
        check_fix(
            &RULE,
            title,
            r#"use std::sync;
fn f(m: &sync::Mutex<u8>) { println!("{}", m.lock().unwrap()); }
"#,
            r#"use std::sync;
fn f(m: &sync::Mutex<u8>) { println!("{}", m.lock().unwrap_or_else(sync::PoisonError::into_inner)); }
"#,
        );
        no_safe_fix(&RULE, "fn f(m: &std::sync::Mutex<u8>) -> u8 { *m.lock().unwrap() }\n");
    }

    #[test]
    fn a_lock_that_is_only_tried_has_nothing_to_recover() {
        no_fix(&RULE, "fn f(m: &std::sync::Mutex<u8>) -> u8 { *m.try_lock().unwrap() }\n");
    }
}
