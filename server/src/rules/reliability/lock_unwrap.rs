//! `unwrap` of a lock in production code: one panic while the lock is held poisons it, and from
//! then on every other thread that takes it panics as well.
//!
//! What began as one failed request becomes a process that serves nobody.
//!
//! ```rust,bad
//! use std::sync::Mutex;
//!
//! fn count(requests: &Mutex<u64>) -> u64 {
//!     *requests.lock().unwrap()
//! }
//! ```
//!
//! Where the value stays true when a writer stops half-way, take it all the same:
//!
//! ```rust
//! use std::sync::{Mutex, PoisonError};
//!
//! fn count(requests: &Mutex<u64>) -> u64 {
//!     *requests.lock().unwrap_or_else(PoisonError::into_inner)
//! }
//! ```
//!
//! Where it may not be true any more, return an error to the caller:
//!
//! ```rust
//! use std::sync::Mutex;
//!
//! fn count(requests: &Mutex<u64>) -> Result<u64, String> {
//!     Ok(*requests.lock().map_err(|error| format!("lock requests: {error}"))?)
//! }
//! ```

use super::AREA;
use crate::analysis::{Context, Query, Report, Rule, Severity};
use crate::rules::support::fallible::{LockCall, Site, lock_call, recover};
use crate::rules::support::{argument_count, method_range};
use crate::syntax::AstNode;
use crate::syntax::ast;
use crate::syntax::ast::HasArgList;

pub static RULE: Rule = Rule {
    id: "lock-unwrap",
    severity: Severity::High,
    lints: &["clippy::unwrap_used", "clippy::expect_used"],
    source: include_str!("lock_unwrap.rs"),
    queries: &[Query::Method(&["unwrap", "expect"], check)],
    ..Rule::source(AREA)
};

fn check(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let arguments = usize::from(call.name_ref().is_some_and(|name| name.text() == "expect"));
    if argument_count(call) != arguments {
        return;
    }
    let Some(receiver) = call.receiver() else { return };
    let Some(lock) = lock_call(&receiver, cx) else { return };
    let message = match lock {
        LockCall::Blocking => "a panic elsewhere poisons this lock, and this call panics then",
        LockCall::Trying => "this call panics when the lock is taken or poisoned",
    };
    let range = method_range(call);
    let mut report = Report::new(range, message);
    if cx.wants_fix(range) {
        let site = Site::new(call, cx);
        let message = call.arg_list().and_then(|list| list.args().next());
        report = report.fix(move |fix| recover(&site, lock, message.as_ref(), fix));
    }
    cx.report(call.syntax(), report);
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
                   //^^^^^^^^ lock-unwrap: a panic elsewhere poisons this lock, and this call panics then
    self.map.read().expect("poisoned");
                  //^^^^^^^^^^^^^^^^^^ lock-unwrap
    *self.map.write().unwrap() = 1;
                    //^^^^^^^^ lock-unwrap
    self.map.try_write().unwrap();
                       //^^^^^^^^ lock-unwrap: this call panics when the lock is taken or poisoned
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
    fn other_locks_and_readers_are_something_else() {
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
    fn a_poisoned_lock_is_taken_all_the_same() {
        let title = "Take the lock even when it is poisoned";
        check_fix(
            &RULE,
            title,
            "fn f(m: &std::sync::Mutex<u8>) -> u8 { *m.lock().unwrap() }\n",
            "fn f(m: &std::sync::Mutex<u8>) -> u8 { *m.lock().unwrap_or_else(std::sync::PoisonError::into_inner) }\n",
        );
        check_fix(
            &RULE,
            title,
            "use std::sync::{Mutex, PoisonError};\nfn f(m: &Mutex<u8>) -> u8 { *m.lock().expect(\"x\") }\n",
            "use std::sync::{Mutex, PoisonError};\nfn f(m: &Mutex<u8>) -> u8 { *m.lock().unwrap_or_else(PoisonError::into_inner) }\n",
        );
        check_fix(
            &RULE,
            title,
            "use std::sync;\nfn f(m: &sync::Mutex<u8>) { println!(\"{}\", m.lock().unwrap()); }\n",
            "use std::sync;\nfn f(m: &sync::Mutex<u8>) { println!(\"{}\", m.lock().unwrap_or_else(sync::PoisonError::into_inner)); }\n",
        );
        no_safe_fix(&RULE, "fn f(m: &std::sync::Mutex<u8>) -> u8 { *m.lock().unwrap() }\n");
    }

    #[test]
    fn a_lock_that_is_only_tried_has_nothing_to_recover() {
        no_fix(&RULE, "fn f(m: &std::sync::Mutex<u8>) -> u8 { *m.try_lock().unwrap() }\n");
    }
}
