use super::RULE;
use crate::rules::fixture::{check, check_fix, no_fix, no_safe_fix, silent};

#[test]
fn blocking_calls_are_known_by_their_imports() {
    check(
        &RULE,
        r#"
use std::fs::{self, File};
use std::thread;
use std::process::Command;
async fn f(path: &Path) {
    let text = fs::read_to_string(path)?;
             //^^^^^^^^^^^^^^^^^^^^^^^^ blocking-in-async: `fs::read_to_string` blocks the thread that runs this async code
    let file = File::open(path)?;
             //^^^^^^^^^^^^^^^^ blocking-in-async: `File::open` blocks the thread that runs this async code
    thread::sleep(Duration::from_secs(1));
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ blocking-in-async
    let out = Command::new("git").arg("status").output()?;
                                              //^^^^^^^^ blocking-in-async: `output` blocks the thread that runs this async code
    let mut command = Command::new("git");
    command.arg("x");
    command.status()?;
          //^^^^^^^^ blocking-in-async
    info!("{}", fs::read(path)?);
              //^^^^^^^^^^^^^^ blocking-in-async
    let all = paths.iter().map(|path| fs::metadata(path)).collect();
                                    //^^^^^^^^^^^^^^^^^^ blocking-in-async
    let options = std::fs::OpenOptions::new().append(true).open(path)?;
                                                         //^^^^^^^^^^ blocking-in-async
}
fn g() {
    tokio::spawn(async move {
        let stream = std::net::TcpStream::connect(address)?;
                   //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ blocking-in-async
        std::io::stdin().read_line(&mut line);
                       //^^^^^^^^^^^^^^^^^^^^ blocking-in-async
        let body = reqwest::blocking::Client::new().get(url).send()?;
                                                           //^^^^^^ blocking-in-async
        let ok = bcrypt::verify(password, &hash)?;
               //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ blocking-in-async
    });
}
async fn h() {
    use std::net::ToSocketAddrs;
    "example.org:443".to_socket_addrs()?;
                    //^^^^^^^^^^^^^^^^^ blocking-in-async
}
"#,
    );
}

#[test]
fn what_does_not_block_the_runtime_is_left_alone() {
    silent(
        &RULE,
        r#"
//- src/lib.rs
use tokio::fs;
use tokio::process::Command;
async fn f(path: &Path) {
    fs::read(path).await?;
    tokio::time::sleep(d).await;
    let future = fs::read(path);
    let out = Command::new("git").output().await?;
    let text = std::fs::read_to_string("/proc/self/status")?;
    tokio::task::spawn_blocking(move || std::fs::read(path)).await?;
    tokio::task::spawn_blocking(move || paths.iter().map(|it| std::fs::read(it)).count()).await?;
    tokio::task::block_in_place(|| std::thread::sleep(d));
    std::thread::spawn(move || { std::thread::sleep(d) });
    response.status();
    map.get(key);
    fn inner() { std::fs::read("x"); }
    tx.send(x);
}
fn g(path: &Path) { std::fs::read(path); }
fn h() { runtime.block_on(async { std::fs::read("config") }); }
#[tokio::test]
async fn i() { std::fs::read("x"); }
//- src/other.rs
async fn f() { fs::read("x"); File::open("x"); sleep(d); let a = hasher.verify_password(b); }
//- src/main.rs
#[tokio::main]
async fn main() { let config = std::fs::read_to_string("config.toml")?; }
"#,
    );
}

#[test]
fn sleeping_in_main_and_blocking_in_its_tasks_are_reported() {
    check(
        &RULE,
        r#"
//- src/main.rs
#[tokio::main]
async fn main() {
    std::thread::sleep(d);
  //^^^^^^^^^^^^^^^^^^^^^ blocking-in-async
    tokio::spawn(async { std::fs::read("x") });
                       //^^^^^^^^^^^^^^^^^^ blocking-in-async
}
"#,
    );
}

#[test]
fn password_hashes_are_known_by_the_crate() {
    let source = r#"
//- Cargo.toml
[package]
name = "fixture"
edition = "2024"
[dependencies]
argon2 = "0.5"
//- src/lib.rs
async fn f() {
    let hash = Argon2::default().hash_password(password, &salt)?;
                               //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ blocking-in-async
}
"#;
    check(&RULE, source);
    // The type says whose method it is, whatever the workspace calls its own.
    check(&RULE, &format!("{source}impl Hasher {{ fn hash_password(&self) {{}} }}\n"));
    let own = source.replace("Argon2::default()", "hasher").replace("^^", "~~");
    let own: String =
        own.lines().filter(|line| !line.contains("//~~")).collect::<Vec<_>>().join("\n");
    silent(
        &RULE,
        &format!(
            "{own}\npub struct Hasher;\nimpl Hasher {{ fn hash_password(&self, a: u8, b: &u8) {{}} }}\n"
        ),
    );
}

const MANIFEST: &str = r#"//- Cargo.toml
[package]
name = "fixture"
edition = "2024"
[dependencies]
tokio = { version = "1", features = ["fs"] }
//- src/lib.rs
"#;

#[test]
fn the_counterpart_of_tokio_is_offered_where_its_feature_is_on() {
    let with = |code: &str| format!("{MANIFEST}{code}");
    check_fix(
        &RULE,
        "Use `tokio::fs::read`",
        &with(
            r#"use std::fs;
async fn f() { let x = fs::read("a")?; }
"#,
        ),
        r#"use std::fs;
async fn f() { let x = tokio::fs::read("a").await?; }
"#,
    );
    // In the lines that rustfmt would make of it.
    check_fix(
        &RULE,
        "Use `tokio::fs::canonicalize`",
        &with(
            r#"async fn f() {
    let folder = std::fs::canonicalize(&all_of_them).unwrap_or_else(|_| all_of_them.clone());
}
"#,
        ),
        r#"async fn f() {
    let folder = tokio::fs::canonicalize(&all_of_them)
        .await
        .unwrap_or_else(|_| all_of_them.clone());
}
"#,
    );
    no_safe_fix(&RULE, &with("async fn f() { std::fs::read(\"a\"); }\n"));
    no_fix(&RULE, &with("async fn f() { std::thread::sleep(d); }\n"));
    no_fix(&RULE, &with("async fn f() { a.map(|x| std::fs::read(x)); }\n"));
    no_fix(&RULE, "async fn f() { std::fs::read(\"a\"); }\n");
}

#[test]
fn features_may_come_from_the_workspace() {
    check_fix(
        &RULE,
        "Use `tokio::time::sleep`",
        r#"
//- Cargo.toml
[workspace]
members = ["a"]
[workspace.dependencies]
tokio = { version = "1", features = ["full"] }
//- a/Cargo.toml
[package]
name = "a"
edition = "2024"
[dependencies]
tokio.workspace = true
//- a/src/lib.rs
async fn f() { std::thread::sleep(d); }
"#,
        r#"//- a/src/lib.rs
async fn f() { tokio::time::sleep(d).await; }
"#,
    );
}

#[test]
fn a_function_of_the_workspace_blocks_as_what_it_calls() {
    check(
        &RULE,
        r#"
//- src/lib.rs
mod files;
use std::process::Command;
pub struct Store { index: Index }
impl Store {
    fn compact(&self) { std::fs::rename("a", "b").ok(); }
    fn version() -> Option<String> { Command::new("git").arg("-v").output().ok().map(text) }
    fn size(&self) -> usize { self.entries.len() }
    fn later(&self) { tokio::task::spawn_blocking(|| std::fs::read("a")); }
    pub async fn run(&self) {
        self.compact();
           //^^^^^^^^^ blocking-in-async: `compact` blocks the thread that runs this async code
        Self::version();
      //^^^^^^^^^^^^^^^ blocking-in-async
        self.index.load();
                 //^^^^^^ blocking-in-async
        self.size();
        self.later();
        files::list();
      //^^^^^^^^^^^^^ blocking-in-async
        tokio::task::spawn_blocking(move || files::list());
    }
    pub fn start(&self) {
        self.compact();
        tokio::spawn(async move { files::list() });
                                //^^^^^^^^^^^^^ blocking-in-async
    }
}
pub struct Index;
impl Index { pub fn load(&self) { std::fs::read("index"); } }
//- src/files.rs
pub fn list() { std::fs::read_dir("."); }
//- src/other.rs
pub fn list() {}
pub async fn f() { list(); }
"#,
    );
}

#[test]
fn the_worst_that_blocks_decides_the_severity() {
    use crate::config::Severity;
    let severity = |body: &str| {
        let source = format!(
            "use std::process::Command;\nasync fn f() {{ {body} }}\nfn hash() {{ ring::pbkdf2::derive(); }}\nfn load() {{ std::fs::read(\"a\"); }}\n"
        );
        let fixture = crate::rules::fixture::Fixture::new(&source, [&RULE]);
        fixture.findings().first().map(|(_, finding)| finding.severity)
    };
    assert_eq!(severity("hash();"), Some(Severity::High));
    assert_eq!(severity("load();"), Some(Severity::Low));
    assert_eq!(severity("std::fs::read(\"a\");"), Some(Severity::Low));
    assert_eq!(severity("Command::new(\"a\").status();"), Some(Severity::Low));
}

#[test]
fn closures_that_are_called_where_they_are_made_block_as_well() {
    check(
        &RULE,
        r#"
use std::fs;
async fn f(paths: &[PathBuf]) {
    let size = |path: &Path| fs::metadata(path);
                           //^^^^^^^^^^^^^^^^^^ blocking-in-async
    for path in paths { size(path); }
    let later = move || fs::read("a");
    tokio::task::spawn_blocking(later);
    let read = |path: &Path| fs::read(path);
    tokio::task::spawn_blocking(move || read("a"));
    let all = (|| fs::read_dir("a"))();
                //^^^^^^^^^^^^^^^^^ blocking-in-async
}
"#,
    );
}
