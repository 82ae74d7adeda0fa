use super::RULE;
use crate::rules::fixture::{check, silent};

#[test]
fn a_function_that_is_not_async_waits_for_nothing() {
    silent(
        &RULE,
        r#"
fn f(m: &Mutex<u8>, r: Receiver<u8>) {
    let guard = m.lock().unwrap();
    crossbeam_channel::select! { recv(r) -> _ => {} }
}
"#,
    );
}

#[test]
fn a_guard_with_a_name_lives_to_the_end_of_its_block() {
    check(
        &RULE,
        r#"
async fn f(m: &Mutex<u8>) {
    let guard = m.lock().unwrap();
                //^^^^^^ lock-across-await: the guard of `lock` is held across an `.await`, which can deadlock
    work().await;
}
async fn g(m: &RwLock<u8>) {
    let mut guard = m.write().unwrap_or_else(PoisonError::into_inner);
                    //^^^^^^^ lock-across-await
    if guard.is_empty() {
        *guard = work().await?;
    }
}
fn h(m: Arc<Mutex<u8>>) {
    tokio::spawn(async move {
        let _guard = m.lock().expect("poisoned");
                     //^^^^^^ lock-across-await
        for x in y { work(x).await; }
    });
}
async fn i(m: &Mutex<u8>) {
    let Ok(guard) = m.lock() else { return };
                    //^^^^^^ lock-across-await
    let guard = match n.lock() { Ok(guard) => guard, Err(poisoned) => poisoned.into_inner() };
                      //^^^^^^ lock-across-await
    if done { drop(guard); return }
    tokio::select! { _ = a() => {} _ = b() => {} }
}
async fn k(m: &Mutex<u8>) {
    let guard = { m.lock().unwrap() };
                  //^^^^^^ lock-across-await
    if done { drop(guard); }
    work().await;
}
async fn j(m: &Mutex<u8>) {
    let guard = m.lock().unwrap();
                //^^^^^^ lock-across-await
    let guard = guard.clone();
    let x = &mut *n.lock().unwrap();
                  //^^^^^^ lock-across-await
    println!("{}", work(guard).await);
}
"#,
    );
}

#[test]
fn a_guard_without_a_name_lives_to_the_end_of_its_statement() {
    check(
        &RULE,
        r#"
async fn f(m: &Mutex<Db>) {
    m.lock().unwrap().execute().await;
    //^^^^^^ lock-across-await
    send(m.lock().unwrap().len()).await;
         //^^^^^^ lock-across-await
    if let Some(x) = m.lock().unwrap().pop() {
                     //^^^^^^ lock-across-await
        work(x).await;
    }
    while let Ok(mut guard) = m.lock() {
                              //^^^^^^ lock-across-await
        guard.run().await;
    }
    match m.lock().unwrap().kind() {
          //^^^^^^ lock-across-await
        Kind::A => work().await,
        _ => {}
    }
    for x in m.lock().unwrap().iter() { work(x).await; }
             //^^^^^^ lock-across-await
}
"#,
    );
}

#[test]
fn a_guard_that_is_gone_is_not_held() {
    silent(
        &RULE,
        r#"
async fn f(m: &Mutex<Db>) {
    let guard = m.lock().unwrap();
    drop(guard);
    work().await;
    let len = m.lock().unwrap().len();
    let copy = *m.lock().unwrap();
    let first = m.lock().unwrap().first().cloned();
    { let guard = m.lock().unwrap(); guard.push(len); }
    let x = { let guard = m.lock().unwrap(); guard.len() };
    work().await;
    if m.lock().unwrap().is_empty() { work().await; }
    *m.lock().unwrap() = work().await;
    work().await.push(m.lock().unwrap().len());
    let _ = m.lock().unwrap();
    m.lock().unwrap().push(1);
    if let Ok(mut guard) = m.lock() { guard.push(1); drop(guard); work().await; }
    work().await;
}
async fn g(m: &Mutex<Db>) {
    let guard = m.lock().unwrap();
    consume(guard).await;
    work().await;
}
async fn h(m: &Mutex<Db>) {
    let guard = m.lock().unwrap();
    if guard.done() { drop(guard); work().await; return; }
    let mut state = m.lock().unwrap();
    tokio::spawn(async { work().await });
    let job = || async { work().await };
}
async fn k(m: &Mutex<Db>) {
    let guard = m.lock().unwrap();
    if guard.done() { drop(guard); } else { keep(guard); }
    work().await;
    let guard = m.lock().unwrap();
    match guard.kind() { 1 => drop(guard), 2 => return, _ => { drop(guard); } }
    work().await;
}
async fn i(m: &Mutex<Db>) {
    loop {
        let guard = m.lock().unwrap();
        let Some(x) = guard.next() else { std::mem::drop(guard); work().await; continue };
        drop(guard);
        work(x).await;
    }
}
"#,
    );
}

#[test]
fn locks_that_are_awaited_may_be_held() {
    silent(
        &RULE,
        r#"
//- Cargo.toml
[package]
name = "fixture"
edition = "2024"
[dependencies]
parking_lot = "0.12"
//- src/lib.rs
use tokio::sync::{Mutex, RwLock};
async fn f(m: &Mutex<Db>) {
    let guard = m.lock().await;
    work().await;
    let future = m.lock();
    let guard = future.await;
    let guard = m.try_lock().unwrap();
    work().await;
    let n = stream.read(&mut buf).unwrap();
    let (a, b) = join!(m.lock(), n.lock());
    work().await;
}
//- src/a.rs
async fn f() {
    let mut out = std::io::stdout().lock();
    let future = m.lock();
    future.await;
    work().await;
}
"#,
    );
}

#[test]
fn the_lock_of_parking_lot_is_known_by_its_import_or_dependency() {
    check(
        &RULE,
        r#"
//- Cargo.toml
[package]
name = "fixture"
edition = "2024"
[dependencies]
parking_lot = "0.12"
//- src/lib.rs
use parking_lot::{Mutex, RwLock};
async fn g(t: &tokio::sync::Mutex<Db>) { if let Ok(guard) = t.try_lock() { work().await; } }
async fn f(m: &Mutex<Db>, n: &RwLock<u8>) {
    let guard = m.lock();
                //^^^^^^ lock-across-await
    let other = n.try_read().unwrap();
                //^^^^^^^^^^ lock-across-await
    work().await;
}
//- src/a.rs
async fn f(state: &State) {
    state.inner.lock().update().await;
              //^^^^^^ lock-across-await
}
"#,
    );
}

#[test]
fn helpers_are_known_by_their_signature() {
    check(
        &RULE,
        r#"
impl State {
    fn lock_unpoisoned(&self) -> MutexGuard<'_, Db> { self.db.lock().unwrap() }
    fn db(&self) -> Result<std::sync::MutexGuard<'_, Db>, Error> { self.db.lock().map_err(Error::new) }
    async fn later(&self) -> tokio::sync::MutexGuard<'_, Db> { self.other.lock().await }
    fn name(&self) -> String { String::new() }
}
async fn f(state: &State) {
    let db = state.lock_unpoisoned();
                 //^^^^^^^^^^^^^^^^^ lock-across-await: the guard of `lock_unpoisoned` is held across an `.await`, which can deadlock
    let name = state.name();
    let later = state.later();
    work().await;
    work().await;
}
async fn g(state: &State) {
    state.db()?.execute().await;
        //^^^^ lock-across-await
    let db = state.db().unwrap();
    drop(db);
    let later = state.later().await;
    work().await;
}
"#,
    );
}
