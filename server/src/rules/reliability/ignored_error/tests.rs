use super::RULE;
use crate::rules::fixture::{check, check_fix, no_fix, no_safe_fix, silent};

#[test]
fn lost_io_errors_are_reported_where_the_call_stands() {
    check(
        &RULE,
        r#"
use std::fs;
use tokio::fs as afs;
async fn f(path: &Path, file: &mut File, socket: &UdpSocket) {
    let _ = fs::create_dir_all(path);
          //^^^^^^^^^^^^^^^^^^^^^^^^ ignored-error: the error of `create_dir_all` is ignored

    let _ = afs::write(path, b"x").await;
          //^^^^^^^^^^^^^^^^^^^^^^ ignored-error

    fs::rename(path, other).ok();
  //^^^^^^^^^^^^^^^^^^^^^^^ ignored-error

    _ = std::fs::remove_file(path);
      //^^^^^^^^^^^^^^^^^^^^^^^^^^ ignored-error

    let _ = file.sync_all();
               //^^^^^^^^^^ ignored-error

    let _ = file.flush();
               //^^^^^^^ ignored-error

    let _ = self.stream.write_all(data).await.map_err(log);
                      //^^^^^^^^^^^^^^^ ignored-error

    let _ = socket.send(data).await;
                 //^^^^^^^^^^ ignored-error

    let _ = transaction.commit().await;
                      //^^^^^^^^ ignored-error

    let _ = sqlx::query("DELETE FROM t").bind(x).execute(&pool).await;
                                               //^^^^^^^^^^^^^^ ignored-error

    let _ = db.execute("insert into t values (1)", []);
             //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ ignored-error

    // FIXME: report this
    let _ = fs::remove_file(path);
          //^^^^^^^^^^^^^^^^^^^^^ ignored-error

    let _ = axum::serve(listener, router).await;
          //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ ignored-error

    connection.pragma_update(None, "journal_mode", "wal").ok();
             //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ ignored-error

    lazy! { let _ = fs::write(path, data); }
                  //^^^^^^^^^^^^^^^^^^^^^ ignored-error

}
"#,
    );
}

#[test]
fn what_is_dropped_on_purpose_is_left_alone() {
    silent(
        &RULE,
        r#"
use std::fmt::Write;
fn f(s: &mut String, list: &mut Vec<u8>, formatter: &mut fmt::Formatter<'_>) {
    let _ = tx.send(1);
    let _ = self.event_tx.send(event);
    let _ = sender.send(event).await;
    let _ = reply.send(1);
    let _ = write!(s, "{x}");
    let _ = writeln!(formatter, "{x}");
    let _ = list.write_all(b"x");
    let mut writer = buffer.writer();
    let _ = writer.write_all(b"x");
    let mut target = Vec::new();
    let _ = target.flush();
    let _ = std::io::stdout().flush();
    let _ = handle.join();
    let _ = handle.await;
    let _ = guard;
    let _ = (a, b);
    let _ = self.field;
    let _ = Box::new(1);
    let _ = env_logger::try_init();
    let _ = log::set_logger(&LOGGER);
    let _ = provider.install_default();
    let _ = CELL.set(1);
    let _ = x.take();
    let _ = map.insert(1, 2);
    let _ = map.remove(&1);
    let _ = file.read_to_end(&mut list)?;
    let _ = std::thread::spawn(work);
    let _guard = fs::lock(path);
    let x = parse(y).ok();
    shutdown.send(()).ok();
    tokio::select! { _ = listener.flush() => {} _ = std::fs::write(a, b) => {} }
}
"#,
    );
}

#[test]
fn an_explanation_or_another_error_excuses() {
    silent(
        &RULE,
        r#"
use std::fs;
fn f(path: &Path) -> Result<(), Error> {
    // Best effort: it may be gone.
    let _ = fs::remove_file(path);
    let _ = fs::remove_file(path); // doesn't matter
    // Delete the destination if it exists, as we append to it.
    let _ = fs::remove_file(path);
    work(path);
    let _ = fs::remove_file(path);
    let listener = UnixListener::bind(path)?;
    if let Err(error) = work() {
        let _ = fs::remove_dir_all(path);
        return Err(error);
    }
    work().map_err(|error| { let _ = fs::remove_file(path); error })?;
    match work() {
        Ok(()) => {}
        Err(error) => { let _ = fs::remove_file(path); }
    }
    Ok(())
}
impl Drop for Guard {
    fn drop(&mut self) { let _ = fs::remove_file(&self.path); }
}
#[allow(clippy::let_underscore_must_use)]
fn g() { let _ = fs::remove_file(path); }
"#,
    );
}

#[test]
fn what_is_written_to_a_standard_stream_has_nowhere_else_to_go() {
    silent(
        &RULE,
        r#"
fn f() {
    let out = std::io::stdout();
    let mut out = out.lock();
    let _ = out.write_all(b"a");
    let _ = std::io::stderr().lock().write_all(b"b");
}
"#,
    );
    // A name that is bound to what has the same name in it.
    check(
        &RULE,
        r#"
fn f(file: &Mutex<File>) {
    let mut file = file.lock();
    let _ = file.write_all(b"a");
               //^^^^^^^^^^^^^^^ ignored-error
}
"#,
    );
}

#[test]
fn functions_of_the_workspace_are_known_by_their_signatures() {
    check(
        &RULE,
        r#"
//- src/lib.rs
impl Store {
    fn persist(&self) -> Result<(), Error> { Ok(()) }
    fn name(&self) -> String { String::new() }
    async fn upload(&self) -> Result<(), Error> { Ok(()) }
    fn run(&self) -> Result<(), Error> { Ok(()) }
    async fn tick(&self) {
        let _ = self.persist();
                   //^^^^^^^^^ ignored-error: the error of `persist` is ignored

        let _ = self.name();
        let _ = self.upload();
        let _ = self.upload().await;
                   //^^^^^^^^ ignored-error

        let _ = self.run();
                   //^^^^^ ignored-error

        let _ = self.other();
    }
    fn notify_all(&self) -> Result<(), SendError<u8>> { Ok(()) }
}
pub fn load_config() -> crate::Result<Config> { Ok(()) }
//- src/a.rs
fn f(store: &Store) {
    let _ = store.persist();
                //^^^^^^^^^ ignored-error

    let _ = crate::load_config();
          //^^^^^^^^^^^^^^^^^^^^ ignored-error

    let _ = store.run();
                //^^^^^ ignored-error

    let _ = store.notify_all();
    let _ = other::load();
}
"#,
    );
    silent(
        &RULE,
        r#"
impl A { fn persist(&self) -> Result<(), Error> { Ok(()) } fn commit(&self) -> Commit { Commit } }
impl B { fn persist(&self) -> usize { 0 } }
fn f(a: &A) { let _ = a.persist(); let _ = a.commit(); }
impl C {
    fn transition(&self) -> Result<State, State> { Ok(State) }
    fn write_to_buf(&self) -> Result<usize, Error> { Ok(0) }
    fn f(&self) { let _ = self.transition(); let _ = self.write_to_buf(); }
}
impl PinnedDrop for Task {
    fn drop(this: Pin<&mut Self>) { let _ = std::fs::remove_file(this.path); }
}
"#,
    );
}

#[test]
fn the_error_can_be_returned_where_the_body_takes_it() {
    check_fix(
        &RULE,
        "Propagate the error with `?`",
        r#"fn f() -> std::io::Result<()> {
    let _ = std::fs::write(a, b);
    Ok(())
}
"#,
        r#"fn f() -> std::io::Result<()> {
    std::fs::write(a, b)?;
    Ok(())
}
"#,
    );
    check_fix(
        &RULE,
        "Propagate the error with `?`",
        r#"async fn f() -> Result<u8, Box<dyn std::error::Error>> {
    file.sync_all().await.ok();
    Ok(1)
}
"#,
        r#"async fn f() -> Result<u8, Box<dyn std::error::Error>> {
    file.sync_all().await?;
    Ok(1)
}
"#,
    );
    no_safe_fix(&RULE, "fn f() -> anyhow::Result<()> { let _ = std::fs::write(a, b); Ok(()) }");
    for body in [
        "fn f() { let _ = std::fs::write(a, b); }",
        "fn f() -> Result<(), Error> { let _ = std::fs::write(a, b); Ok(()) }",
        "fn f() -> std::io::Result<()> { g(|| { let _ = std::fs::write(a, b); }); Ok(()) }",
        "fn f() -> std::io::Result<()> { let _ = x.flush(); Ok(()) }",
    ] {
        no_fix(&RULE, body);
    }
}

#[test]
fn the_error_can_be_logged_with_the_crate_at_hand() {
    let with = |name: &str| {
        format!(
            r#"//- Cargo.toml
[package]
name = "fixture"
edition = "2024"
[dependencies]
{name} = "0.1"
//- src/lib.rs
fn f() {{
    let _ = std::fs::create_dir_all(path);
}}
"#
        )
    };
    check_fix(
        &RULE,
        "Log the error",
        &with("tracing"),
        r#"fn f() {
    if let Err(error) = std::fs::create_dir_all(path) {
        tracing::warn!(%error, "could not create dir all");
    }
}
"#,
    );
    check_fix(
        &RULE,
        "Log the error",
        &with("log"),
        r#"fn f() {
    if let Err(error) = std::fs::create_dir_all(path) {
        log::warn!("could not create dir all: {error}");
    }
}
"#,
    );
}

#[test]
fn a_result_is_thrown_away_in_many_ways() {
    check(
        &RULE,
        r#"
use std::fs;
fn f(path: &Path, file: &File) -> String {
    drop(fs::write(path, "a"));
       //^^^^^^^^^^^^^^^^^^^^ ignored-error: the error of `write` is ignored

    std::mem::drop(file.sync_all());
                      //^^^^^^^^^^ ignored-error

    let _unused = fs::write(path, "a");
                //^^^^^^^^^^^^^^^^^^^^ ignored-error

    match fs::write(path, "a") { Ok(()) => {} Err(_) => {} }
        //^^^^^^^^^^^^^^^^^^^^ ignored-error

    match file.sync_all() { Err(_) => (), Ok(_) => done() }
             //^^^^^^^^^^ ignored-error

    if let Err(_) = fs::rename(path, "b") {}
                  //^^^^^^^^^^^^^^^^^^^^^ ignored-error

    if fs::copy(path, "b").is_err() {}
     //^^^^^^^^^^^^^^^^^^^ ignored-error

    fs::rename(path, "b").is_ok();
  //^^^^^^^^^^^^^^^^^^^^^ ignored-error

    let names = fs::read_to_string(path).unwrap_or_default();
              //^^^^^^^^^^^^^^^^^^^^^^^^ ignored-error: a default hides the error of `read_to_string`

    fs::read_to_string(path).map(|it| it.len().to_string()).unwrap_or_default()
  //^^^^^^^^^^^^^^^^^^^^^^^^ ignored-error

}
"#,
    );
    silent(
        &RULE,
        r#"
use std::fs;
fn f(path: &Path) {
    drop(guard);
    drop(tx.send(1));
    let _text = fs::read_to_string(path);
    show(&_text);
    match fs::write(path, "a") { Ok(()) => {} Err(error) => report(error) }
    match fs::read(path) { Ok(text) => show(text), Err(_) => {} }
    if let Err(_) = fs::write(path, "a") { retry(); }
    let saved = fs::write(path, "a").is_ok();
    let port = std::env::var("PORT").unwrap_or_default();
    let count = text.parse::<u8>().unwrap_or_default();
}
"#,
    );
}

#[test]
fn an_error_that_is_logged_is_not_lost() {
    silent(
        &RULE,
        r#"
use std::fs;
fn f(path: &Path) {
    let _ = fs::write(path, "a").map_err(|error| tracing::error!(%error, "write"));
    fs::write(path, "a").inspect_err(|error| log::warn!("{error}")).ok();
    fs::write(path, "a").map_err(|error| { eprintln!("{error}"); error }).ok();
    let _ = fs::write(path, "a").map_err(note);
    let _ = fs::write(path, "a").or_else(|error| { note(&error); Err(error) });
    fs::write(path, "a").log_err().ok();
}
fn note(error: &std::io::Error) { tracing::warn!("{error}"); }
"#,
    );
    check(
        &RULE,
        r#"
use std::fs;
fn f(path: &Path) {
    let _ = fs::write(path, "a").map_err(|error| Failure::Io(error));
          //^^^^^^^^^^^^^^^^^^^^ ignored-error

    let _ = fs::write(path, "a").map_err(convert);
          //^^^^^^^^^^^^^^^^^^^^ ignored-error

}
fn convert(error: std::io::Error) -> Failure { Failure::Io(error) }
"#,
    );
}

#[test]
fn what_puts_back_what_was_there_is_no_cleanup() {
    check(
        &RULE,
        r#"
use std::fs;
fn f(path: &Path, old: &[u8]) -> std::io::Result<()> {
    if let Err(error) = fs::write(path, "a") {
        let _ = fs::write(path, old);
              //^^^^^^^^^^^^^^^^^^^^ ignored-error

        let _ = fs::remove_file("a.tmp");
        return Err(error);
    }
    match work() {
        Ok(()) => Ok(()),
        Err(error) => {
            let _ = fs::rename("backup", path);
                  //^^^^^^^^^^^^^^^^^^^^^^^^^^ ignored-error

            Err(error)
        }
    }
}
"#,
    );
    silent(
        &RULE,
        r#"
use std::fs;
fn f(folder: &Path) -> anyhow::Result<()> {
    if broken() {
        let _ = fs::remove_dir_all(folder);
        anyhow::bail!("broken");
    }
    // It may not exist.
    if fresh() {
        let _ = fs::remove_file(folder);
    }
    Ok(())
}
impl log::Log for Logger {
    fn flush(&self) { let _ = self.file.sync_all(); }
}
"#,
    );
}

#[test]
fn types_tell_channels_and_own_methods_apart() {
    check(
        &RULE,
        r#"
use std::collections::HashMap;
pub struct Outbox;
impl Outbox {
    pub async fn send(&self, mail: Mail) -> Result<(), Failure> { Ok(()) }
    pub fn insert(&mut self, mail: Mail) -> Result<(), Failure> { Ok(()) }
}
pub struct Hub { peers: HashMap<u64, tokio::sync::mpsc::Sender<Mail>>, outbox: Outbox, socket: Socket }
impl Hub {
    async fn f(&mut self, id: u64, outbox: &mut Outbox, k8s: Api<Secret>) {
        if let Some(peer_conn) = self.peers.get(&id) {
            let _ = peer_conn.send(mail).await;
        }
        let _ = self.outbox.send(mail).await;
                          //^^^^^^^^^^ ignored-error

        let _ = outbox.insert(mail);
                     //^^^^^^^^^^^^ ignored-error

        let _ = self.socket.send(mail).await;
                          //^^^^^^^^^^ ignored-error

        let _ = k8s.delete("a", &params).await;
                  //^^^^^^^^^^^^^^^^^^^^ ignored-error

    }
}
"#,
    );
}

#[test]
fn what_is_lost_decides_the_severity() {
    use crate::config::Severity;
    let severity = |body: &str| {
        let source = format!("use std::fs; fn f(folder: &TempDir) {{ {body} }}\n");
        let fixture = crate::rules::fixture::Fixture::new(&source, [&RULE]);
        fixture.findings().first().map(|(_, finding)| finding.severity)
    };
    assert_eq!(severity("let _ = fs::write(path, text);"), Some(Severity::Medium));
    let revoked = "let _ = revoke_token(id); } fn revoke_token(id: u8) -> Result<(), E> { Ok(())";
    assert_eq!(severity(revoked), Some(Severity::High));
    assert_eq!(severity("let _ = fs::create_dir_all(path);"), Some(Severity::Medium));
    assert_eq!(severity("let _ = stream.shutdown().await;"), Some(Severity::Low));
    assert_eq!(severity("let _ = stream.write_all(b).await;"), Some(Severity::Low));
    let temporary = "let a = folder.path().join(\"a\"); let _ = fs::remove_file(&a);";
    assert_eq!(severity(temporary), Some(Severity::Low));
}
