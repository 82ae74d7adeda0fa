//! Whole projects, edited at random: once typing settles the editor shows what `check` finds in the
//! saved texts, in every file.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{Client, change, diagnostics};
use crate::project::Project;

/// How long the editor may take to come to rest, on a machine that does other things as well.
const PATIENCE: Duration = Duration::from_secs(40);

const FILES: &[(&str, &str)] = &[
    (
        "Cargo.toml",
        "[package]\nname = \"sample\"\nversion = \"0.1.0\"\nedition = \"2024\"\nrust-version = \"1.85\"\n[dependencies]\naxum = \"0.8\"\n",
    ),
    (
        "src/lib.rs",
        "pub mod a;\npub fn f(x: Option<u8>) -> u8 { x.unwrap() }\npub fn port() -> String { std::env::var(\"APP_PORT\").unwrap() }\n",
    ),
    (
        "src/a.rs",
        "use std::sync::Mutex;\npub fn g(m: &Mutex<u8>) -> u8 { *m.lock().unwrap() }\n// TODO: more\n",
    ),
    (
        "README.md",
        "# Sample\n\nVersion 0.1.0. `src/lib.rs:2` calls `unwrap`.\n\n<!-- readiness: allow(todo-comment) nothing -->\n",
    ),
    (
        "schema.sql",
        "-- readiness: allow(missing-index) nothing\nCREATE TABLE users (id INTEGER PRIMARY KEY, mail TEXT);\n",
    ),
    ("Dockerfile", "FROM rust:1.74\nCOPY . .\nRUN cargo build --release\nCMD [\"./app\"]\n"),
    (".env.example", "APP_PORT=80\nUNUSED_NAME=1\n"),
    ("config/app.toml", "auth_token = \"hunter2hunter2\"\n[db]\npassword = \"s3cr3t-value-1\"\n"),
    (
        ".github/workflows/ci.yml",
        "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@master\n      - run: cargo test\n",
    ),
    ("readiness.toml", "[rules]\ntodo-comment = \"low\"\n"),
    (".gitignore", "/target\n"),
];

/// What is typed: code with findings, and what is broken for good.
const PIECES: &[(&str, &[&str])] = &[
    (
        ".rs",
        &[
            "fn h() { x.unwrap(); }\n",
            "// TODO: this\n",
            "}\n",
            "fn broken( {\n",
            "// readiness: allow(unwrap-used) always\n",
            "fn s() { query(\"SELECT id FROM users WHERE mail = ?\"); }\n",
            "pub fn e() { std::env::var(\"OTHER_NAME\").ok(); }\n",
            "\"",
            "/* ",
            "mod b;\n",
            "impl S { fn i(&self) { self.m.lock().unwrap(); } }\n",
            "fn é() { todo!() } // 𝄞\n",
        ],
    ),
    (
        ".md",
        &[
            "Version 0.9.0.\n",
            "`src/none.rs:9` has it.\n",
            "<!-- readiness: allow(no-such-rule) x -->\n",
            "```rust\n",
            "```toml\n[rules]\nx = 1\n```\n",
        ],
    ),
    (
        ".sql",
        &[
            "CREATE TABLE t (id INTEGER, user_id INTEGER);\n",
            "SELECT * FROM users WHERE mail = 'a';\n",
            "'",
            "-- readiness: allow(x)\n",
        ],
    ),
    (
        "Dockerfile",
        &[
            "USER app\n",
            "FROM debian\n",
            "# readiness: allow(dockerfile-user) it is a test\n",
            "COPPY a\n",
            "RUN curl https://x | sh\n",
            "ENV A=\"\n",
        ],
    ),
    (
        ".toml",
        &[
            "api_key = \"abcdef0123456789\"\n",
            "[x]\n",
            "= 1\n",
            "# readiness: allow(config-secret) sample\n",
            "edition = \"2021\"\n",
        ],
    ),
    (".example", &["NEW_NAME=1\n", "OTHER_NAME=\n", "# x\n"]),
    (
        ".yml",
        &[
            "      - run: cargo audit\n",
            "  - [\n",
            "      - uses: a/b@main\n",
            "# readiness: allow(unpinned-action) own\n",
        ],
    ),
    (
        "readiness.toml",
        &[
            "exclude = [\"src/a.rs\"]\n",
            "level = \"production\"\n",
            "nonsense = 1\n",
            "[rules]\n",
            "unwrap-used = \"off\"\n",
            "secret-words = [\"pin\", \"port\"]\n",
        ],
    ),
    (".gitignore", &["a.rs\n", "*.toml\n", "config/\n", "!app.toml\n", ".env*\n", "new*\n"]),
];

fn pieces_of(path: &str) -> &'static [&'static str] {
    let of = PIECES.iter().rev().find(|(end, _)| path.ends_with(end));
    of.map_or(&["x\n"], |(_, pieces)| pieces)
}

/// A finding: rule, severity, start and end as LSP counts them, message.
type Row = (String, u64, (u64, u64), (u64, u64), String);

type Rows = BTreeMap<String, Vec<Row>>;

struct World {
    project: Project,
    client: Client,
    random: fastrand::Rng,
    /// The texts on the disk.
    saved: BTreeMap<String, String>,
    /// The texts of open documents, with their versions.
    open: BTreeMap<String, (String, i32)>,
    log: Vec<String>,
}

impl World {
    fn new(seed: u64) -> Self {
        let project = Project::new(&[]);
        for (path, text) in FILES {
            project.write(path, text);
        }
        let mut client = Client::start(&crate::client::Start::default());
        client.initialize(json!({
            "processId": null, "rootUri": project.root(), "initializationOptions": { "scope": "workspace" },
            "capabilities": { "window": { "workDoneProgress": true },
                "workspace": { "didChangeWatchedFiles": { "dynamicRegistration": true } } } }));
        client.wait_indexed();
        let saved = FILES.iter().map(|(path, text)| (path.to_string(), text.to_string())).collect();
        Self {
            project,
            client,
            random: fastrand::Rng::with_seed(seed),
            saved,
            open: BTreeMap::new(),
            log: Vec::new(),
        }
    }

    fn any<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.random.usize(..all.len())].clone()
    }

    fn step(&mut self) {
        let paths: Vec<String> = self.saved.keys().cloned().collect();
        let open: Vec<String> = self.open.keys().cloned().collect();
        match self.random.u8(..20) {
            0..3 => {
                let path = self.any(&paths);
                if !self.open.contains_key(&path) {
                    self.log.push(format!("open {path}"));
                    let text = self.saved[&path].clone();
                    self.client.did_open(&self.project.uri(&path), &text);
                    self.open.insert(path, (text, 1));
                }
            }
            3..13 if !open.is_empty() => {
                let path = self.any(&open);
                self.edit(&path);
            }
            13 if !open.is_empty() => {
                let path = self.any(&open);
                self.save(&path);
            }
            14 if !open.is_empty() => {
                let path = self.any(&open);
                self.log.push(format!("close {path}"));
                self.open.remove(&path);
                self.client.did_close(&self.project.uri(&path));
            }
            15 => {
                let name = self.any(&[
                    "src/b.rs", "new.sql", "config/new.toml", "docs/new.md", "src/a/c.rs",
                    "Makefile", ".ignore",
                ]);
                let text = self.any(pieces_of(name)).to_string();
                self.on_disk(&[(name, Some(text))]);
            }
            16 => {
                let path = self.any(&paths);
                if !self.open.contains_key(&path) && path != "Cargo.toml" {
                    self.on_disk(&[(&path, None)]);
                }
            }
            17 => {
                let path = self.any(&paths);
                if !self.open.contains_key(&path) && path.contains('/') && !path.starts_with('.') {
                    let (stem, end) = path.rsplit_once('.').expect("an extension");
                    let (new, text) = (format!("{stem}_x.{end}"), self.saved[&path].clone());
                    self.on_disk(&[(&path, None), (&new, Some(text))]);
                }
            }
            18 => {
                let path = self.any(&[".gitignore", "readiness.toml"]);
                if !self.open.contains_key(path) {
                    let text = self.saved.get(path).cloned().unwrap_or_default();
                    let text = if text.lines().count() > 4 { String::new() } else { text };
                    let piece = self.any(pieces_of(path));
                    self.on_disk(&[(path, Some(format!("{piece}{text}")))]);
                }
            }
            _ => std::thread::sleep(Duration::from_millis(self.random.u64(..400))),
        }
    }

    /// Changes files as another program does, and tells the server.
    fn on_disk(&mut self, changes: &[(&str, Option<String>)]) {
        let mut events = Vec::new();
        for (path, text) in changes {
            self.log.push(format!("disk {path} {text:?}"));
            let known = self.saved.contains_key(*path);
            match text {
                Some(text) => {
                    self.project.write(path, text);
                    self.saved.insert(path.to_string(), text.clone());
                }
                None => {
                    std::fs::remove_file(self.project.file(path)).expect("removed");
                    self.saved.remove(*path);
                }
            }
            let kind = if text.is_none() { 3 } else { 1 + u8::from(known) };
            events.push(json!({ "uri": self.project.uri(path), "type": kind }));
        }
        self.client.notify("workspace/didChangeWatchedFiles", json!({ "changes": events }));
    }

    fn edit(&mut self, path: &str) {
        let (text, version) = self.open[path].clone();
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let line = self.random.usize(..=lines.len());
        let at: usize = lines[..line].iter().map(|it| it.len()).sum();
        let removes = line < lines.len() && (self.random.bool() || lines.len() > 25);
        let (removed, insert) = match removes {
            true => (lines[line].len(), String::new()),
            false => (0, self.any(pieces_of(path)).to_string()),
        };
        self.log.push(format!("edit {path} line {line} -{removed} +{insert:?}"));
        let position = |text: &str, at: usize| {
            let line = text[..at].matches('\n').count() as u32;
            let start = text[..at].rfind('\n').map_or(0, |it| it + 1);
            (line, text[start..at].encode_utf16().count() as u32)
        };
        let change = change(position(&text, at), position(&text, at + removed), &insert);
        let new = format!("{}{insert}{}", &text[..at], &text[at + removed..]);
        self.client.did_change(&self.project.uri(path), version + 1, json!([change]));
        self.open.insert(path.to_string(), (new, version + 1));
    }

    fn save(&mut self, path: &str) {
        let text = self.open[path].0.clone();
        if self.saved.get(path) == Some(&text) {
            return;
        }
        self.log.push(format!("save {path}"));
        self.project.write(path, &text);
        self.saved.insert(path.to_string(), text);
        let uri = self.project.uri(path);
        self.client.notify("textDocument/didSave", json!({ "textDocument": { "uri": uri } }));
        let event = json!({ "changes": [{ "uri": uri, "type": 2 }] });
        self.client.notify("workspace/didChangeWatchedFiles", event);
    }

    /// What the editor shows now.
    fn shown(&self) -> Rows {
        let mut shown = Rows::new();
        let root = format!("{}/", self.project.root());
        for it in &self.client.notifications {
            if it["method"] != "textDocument/publishDiagnostics" {
                continue;
            }
            let uri = it["params"]["uri"].as_str().expect("a URI");
            let path = uri.strip_prefix(&root).unwrap_or(uri).to_string();
            let rows = diagnostics(&it["params"]).iter().map(|it| {
                let number =
                    |end: &str, key: &str| it["range"][end][key].as_u64().expect("a number");
                let place = |end: &str| (number(end, "line"), number(end, "character"));
                let word = |key: &str| it[key].as_str().expect("a word").to_string();
                let severity = it["severity"].as_u64().expect("a severity");
                (word("code"), severity, place("start"), place("end"), word("message"))
            });
            let mut rows: Vec<Row> = rows.collect();
            rows.sort();
            shown.insert(path, rows);
        }
        shown.retain(|_, rows| !rows.is_empty());
        shown
    }

    /// What `check` finds in the saved texts.
    fn checked(&self) -> Rows {
        let output = Command::new(env!("CARGO_BIN_EXE_readiness-lsp"))
            .args(["check", "--format", "json"])
            .arg(self.project.path())
            .output()
            .expect("check runs");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        let mut found = Rows::new();
        for line in text.lines() {
            let it: Value = serde_json::from_str(line).expect("JSON");
            let word = |key: &str| it[key].as_str().expect("a word").to_string();
            let severities = ["critical", "high", "medium", "low"];
            let severity = severities.iter().position(|name| it["severity"] == *name);
            let saved = self.saved.get(&word("file")).map_or("", String::as_str);
            // Columns of `check` count characters.
            let place = |line: &str, column: &str| {
                let (line, column) =
                    (it[line].as_u64().expect("one"), it[column].as_u64().expect("one"));
                let text = saved.split('\n').nth(line as usize - 1).unwrap_or_default();
                let before: String = text.chars().take(column as usize - 1).collect();
                (line - 1, before.encode_utf16().count() as u64)
            };
            let severity = severity.expect("a severity") as u64 + 1;
            let row = (
                word("rule"),
                severity,
                place("line", "column"),
                place("end_line", "end_column"),
                word("message"),
            );
            found.entry(word("file")).or_default().push(row);
        }
        found.values_mut().for_each(|rows| rows.sort());
        found
    }

    /// Saves everything, and waits until both agree.
    fn agree(&mut self) {
        for path in self.open.keys().cloned().collect::<Vec<_>>() {
            self.save(&path);
        }
        let expected = self.checked();
        let end = Instant::now() + PATIENCE;
        loop {
            // Answered after what was sent before was read.
            let uri = self.project.uri("src/lib.rs");
            self.client.hover(&uri, 0, 0);
            let shown = self.shown();
            if shown == expected {
                return;
            }
            if Instant::now() > end {
                let log = self.log.join("\n");
                let mut differences = String::new();
                for path in
                    shown.keys().chain(expected.keys()).collect::<std::collections::BTreeSet<_>>()
                {
                    let empty = Vec::new();
                    let (editor, check) =
                        (shown.get(path).unwrap_or(&empty), expected.get(path).unwrap_or(&empty));
                    let only = |a: &[Row], b: &[Row]| {
                        a.iter().filter(|it| !b.contains(it)).cloned().collect::<Vec<_>>()
                    };
                    let (editor, check) = (only(editor, check), only(check, editor));
                    if editor.len() + check.len() > 0 {
                        differences += &format!(
                            "{path}\n  only in the editor: {editor:?}\n  only in check: {check:?}\n"
                        );
                    }
                }
                panic!("after\n{log}\n\n{differences}");
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

#[test]
fn the_editor_shows_what_check_finds_in_every_file() {
    let number = |name: &str, default: u64| {
        std::env::var(name).ok().and_then(|it| it.parse().ok()).unwrap_or(default)
    };
    let (first, count) = (number("READINESS_FUZZ_SEED", 1), number("READINESS_FUZZ_PROJECTS", 2));
    for seed in first..first + count {
        let mut world = World::new(seed);
        world.agree();
        for _ in 0..4 {
            for _ in 0..12 {
                world.step();
            }
            world.log.push(format!("-- seed {seed}"));
            world.agree();
        }
    }
}

#[test]
fn a_file_has_one_document_however_its_uri_is_spelled() {
    let project = Project::new(&[("src/a b.rs", "fn f() {}\n")]);
    let mut client = Client::open(&[&project.root()], json!({}));
    let plain = format!("{}/src/a%20b.rs", project.root());
    let spelled = format!("{}/src/./%61%20b.rs", project.root());
    client.did_open(&plain, "fn f() { x.unwrap(); }\n");
    client.wait_count(&plain, 1);
    client.did_open(&spelled, "fn f() { x.unwrap(); y.unwrap(); }\n");
    client.wait_count(&spelled, 2);
    client.wait_count(&plain, 0);
    // Closing what is no longer shown changes nothing.
    client.did_close(&plain);
    client.replace(&spelled, 2, "fn f() { x.unwrap(); y.unwrap(); z.unwrap(); }\n");
    client.wait_count(&spelled, 3);
    assert!(client.hover(&plain, 0, 12).is_object());
    client.did_close(&spelled);
    client.wait_count(&spelled, 0);
}

#[test]
fn what_git_ignores_is_not_reviewed_in_the_editor_either() {
    let bad = "fn f() { x.unwrap(); }\n";
    let project =
        Project::new(&[(".gitignore", "gen/\n"), ("src/gen/a.rs", bad), ("src/b.rs", bad)]);
    let mut client = Client::open(&[&project.root()], json!({}));
    let (ignored, seen, unsaved) =
        (project.uri("src/gen/a.rs"), project.uri("src/b.rs"), project.uri("src/new.rs"));
    for uri in [&ignored, &seen, &unsaved] {
        client.did_open(uri, bad);
    }
    client.wait_count(&seen, 1);
    client.wait_count(&unsaved, 1);
    client.wait_count(&ignored, 0);
    project.write(".gitignore", "");
    let changes = json!({ "changes": [{ "uri": project.uri(".gitignore"), "type": 2 }] });
    client.notify("workspace/didChangeWatchedFiles", changes);
    client.wait_count(&ignored, 1);
}
