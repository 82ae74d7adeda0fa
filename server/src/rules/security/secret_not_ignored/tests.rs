//! What is reported as not ignored, where, and what is added to `.gitignore`.

use super::*;
use crate::rules::fixture::{check, fixed, silent};

const MANIFEST: &str = r#"//- Cargo.toml
[package]
name = "a"
edition = "2024"
"#;
const KEY: &str = r#"-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIA==
-----END PRIVATE KEY-----
"#;

#[test]
fn what_is_there_is_reported_at_the_ignore_file() {
    check(
        &RULE,
        &format!(
            "{MANIFEST}//- .gitignore
/target
*.log
#~ secret-not-ignored: private key `certs/a.key` is not ignored by Git
//- certs/a.key
{KEY}//- certs/b.key
{KEY}"
        ),
    );
    check(
        &RULE,
        r#"//- Cargo.toml
[package]
#~ secret-not-ignored
//- .env
DB_PASSWORD=engine1843
"#,
    );
    check(
        &RULE,
        r#"//- Cargo.toml
[package]
#~ secret-not-ignored
//- users.sqlite

"#,
    );
}

#[test]
fn what_the_program_writes_is_reported_where_it_says_so() {
    check(
        &RULE,
        &format!(
            "{MANIFEST}//- .gitignore
/target
//- src/main.rs
fn main() {{
    let db = Connection::open(\"data/server.db\");
                            //^^^^^^^^^^^^^^^^ secret-not-ignored: private file `data/server.db` is not ignored by Git
    let key = fs::read(\"data/server-key.der\");
    let pool = connect(\"sqlite://app.db?mode=rwc\");
    //~ secret-not-ignored
}}
struct Args {{
    #[arg(long, default_value = \"certs/tls.key\")]
    //~ secret-not-ignored
    key: PathBuf,
}}
"
        ),
    );
    check(
        &RULE,
        &format!(
            "{MANIFEST}//- src/main.rs
fn main() {{ let db = open(dir.join(\"server.db\")); }}
//- config/server.toml
data_dir = \"data\"
#          ^^^^^^ secret-not-ignored: data folder `data` is not ignored by Git
//- .env.example
DATABASE_URL=sqlite:local.db
#~ secret-not-ignored
"
        ),
    );
}

#[test]
fn what_is_ignored_public_or_elsewhere_is_left_alone() {
    let source = r#"//- src/main.rs
fn main() { open("data/server.db"); }
"#;
    for ignored in ["/data/", "data", "*.db", "data/*.db", "**/data/"] {
        silent(
            &RULE,
            &format!(
                r#"{MANIFEST}{source}//- .gitignore
{ignored}
"#
            ),
        );
    }
    for source in [
        "fn main() { open(\"/var/lib/a/server.db\"); }",
        "fn main() { open(\"data/server.crt\"); }",
        "fn main() { open(\"certs/cert.pem\"); }",
        "fn main() { open(dir.join(\"server.db\")); }",
        "const NAME: &str = \"server.db\";",
        "const KEY: &str = \"tests/data/server.key\";",
        "fn main() { Certificate::open(\"path/to/server.pfx\"); }",
        "fn main() { open(&join_path(dir, \"server.db\")); }",
        "fn main() { if name.ends_with(\"x.db\") {} }",
        "fn main() { connect(\"sqlite::memory:\"); }",
        "#[cfg(test)]\nmod tests { fn a() { open(\"data/server.db\"); } }",
    ] {
        silent(
            &RULE,
            &format!(
                r#"{MANIFEST}//- src/main.rs
{source}
"#
            ),
        );
    }
    for file in [
        r#"//- certs/ca.pem
-----BEGIN CERTIFICATE-----
AA
-----END CERTIFICATE-----
"#
        .to_string(),
        format!("//- tests/server.key\n{KEY}"),
        format!("//- examples/server.key\n{KEY}"),
        r#"//- .env.example
DB_PASSWORD=engine1843
"#
        .to_string(),
        r#"//- .env
PORT=80
SECRET_KEY=
"#
        .to_string(),
        "//- talk.key\nno text\n".to_string(),
        r#"//- config.toml
data_dir = "/var/lib/a"
"#
        .to_string(),
        r#"//- examples/a.toml
identity = "examples/a/identity.pfx"
"#
        .to_string(),
    ] {
        silent(&RULE, &format!("{MANIFEST}{file}"));
    }
}

#[test]
fn the_line_is_added() {
    let source = format!(
        r#"{MANIFEST}//- src/main.rs
fn main() {{ open("data/server.db"); }}
"#
    );
    assert_eq!(fixed(&RULE, &source)[".gitignore"], "/data/\n");
    let after =
        |text: &str| fixed(&RULE, &format!("{source}//- .gitignore\n{text}"))[".gitignore"].clone();
    assert_eq!(after("/target\r\n"), "/target\r\n/data/\r\n");
    assert_eq!(after("/target\n"), "/target\n/data/\n");
    let files = fixed(
        &RULE,
        &format!(
            r#"{source}//- data/schema.txt
x
"#
        ),
    );
    assert!(files[".gitignore"].starts_with(
        r#"/data/*.key
/data/*.pem
/data/*.db
"#
    ));
}

#[test]
fn env_files_are_reported_where_they_are_loaded() {
    check(
        &RULE,
        &format!(
            "{MANIFEST}//- .gitignore
/target
.env.local
//- src/main.rs
fn main() {{
    dotenvy::dotenv().ok();
           //^^^^^^ secret-not-ignored: loaded file `.env` is not ignored by Git
}}
"
        ),
    );
    check(
        &RULE,
        &format!(
            "{MANIFEST}//- .gitignore
/target
//- src/main.rs
fn main() {{ let text = std::fs::read_to_string(\".env\"); }}
                                             //^^^^^^ secret-not-ignored
"
        ),
    );
    check(
        &RULE,
        &format!(
            "{MANIFEST}//- .gitignore
/target
//- docker-compose.yml
services:
  app:
    env_file: .env
#             ^^^^ secret-not-ignored: private file `.env` is not ignored by Git
"
        ),
    );
    silent(
        &RULE,
        &format!(
            "{MANIFEST}//- .gitignore
.env*
//- src/main.rs
fn main() {{ dotenvy::dotenv().ok(); }}
"
        ),
    );
}

#[test]
fn paths_of_containers_and_clusters_are_left_alone() {
    silent(
        &RULE,
        &format!(
            "{MANIFEST}//- deploy/monitoring/values.yaml
webhook:
  keyName: tls.key
  path: certs/tls.key
//- docker-compose.yml
services:
  server:
    environment:
      DATABASE_URL: sqlite://data/app.db
    volumes:
      - ./docker/server.toml:/srv/app/server.toml
//- docker/server.toml
url = \"data/sqlite/server.db\"
"
        ),
    );
}

#[test]
fn one_fix_is_enough() {
    let source = format!("{MANIFEST}//- .gitignore\n/target\n//- development.db\n\n");
    let files = fixed(&RULE, &source);
    assert_eq!(files[".gitignore"], "/target\n/development.db\n");
    let mut again = source.replace("/target\n", &files[".gitignore"]);
    again.push('\n');
    silent(&RULE, &again);
}
