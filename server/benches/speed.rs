//! How fast the server is: run with `cargo bench`, or with `cargo bench -- cold` for the scan of a
//! crate alone.
//!
//! The figures come from one crate, ant-quic 0.5.0, whose `src/connection/mod.rs` has 8,890 lines.
//! Name its folder in `READINESS_BENCH_CRATE`; without it cargo's own download is used when there
//! is one, and otherwise this project's sources stand in. Machines are noisy: compare the figures
//! of one run with each other, not with those of another run.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench stops at the first failure, and prints its figures"
)]

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use rayon::prelude::*;
use readiness_lsp::project::Disk;
use readiness_lsp::rules;
use readiness_lsp::syntax::{Document, Edition, parse_root};
use readiness_lsp::text::{Encoding, Position, Text, TextEdit};
use readiness_lsp::workspace::{Change, Workspace};
use serde_json::{Value, json};

const ROUNDS: usize = 9;
const PLACES: usize = 20;
const ANSWER: Duration = Duration::from_secs(10);
/// A stroke that changes no diagnostic publishes nothing; it is not measured.
const NOTHING: Duration = Duration::from_millis(60);

fn main() {
    let folder = bench_crate();
    println!("crate: {}", folder.file_name().unwrap_or_default().to_string_lossy());
    if std::env::args().any(|it| it == "rules") {
        each_rule(&folder);
        return;
    }
    cold(&folder);
    if std::env::args().any(|it| it == "cold") {
        return;
    }
    let big = big_file(&folder);
    in_process(&big);
    over_stdio(&big);
}

fn bench_crate() -> PathBuf {
    if let Some(named) = std::env::var_os("READINESS_BENCH_CRATE") {
        return PathBuf::from(named);
    }
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo")));
    let sources = home.map(|home| home.join("registry/src"));
    let registries = sources.and_then(|it| std::fs::read_dir(it).ok()).into_iter().flatten();
    let mut found = registries.flatten().map(|it| it.path().join("ant-quic-0.5.0"));
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf();
    found.find(|path| path.is_dir()).unwrap_or(own)
}

/// About 8,900 lines: the largest file of ant-quic, or this project's sources after each other.
fn big_file(folder: &Path) -> String {
    if let Ok(text) = std::fs::read_to_string(folder.join("src/connection/mod.rs")) {
        return text;
    }
    let disk = Disk::open(folder).expect("the crate is there");
    let mut text = String::new();
    for path in disk.files().iter().filter(|path| path.ends_with(".rs")).cycle() {
        text += &disk.read(path).expect("it is read");
        if text.lines().count() > 8_900 {
            break;
        }
    }
    text
}

/// A cold `check` against parsing alone, both with the threads of one pool.
fn cold(folder: &Path) {
    let pool = rayon::ThreadPoolBuilder::new().stack_size(32 << 20).build().expect("a pool");
    let disk = Disk::open(folder).expect("the crate is there");
    let (mut parse, mut check) = (Vec::new(), Vec::new());
    let mut bytes = 0;
    let mut findings = 0;
    for _ in 0..ROUNDS {
        pool.install(|| {
            let start = Instant::now();
            let files: Vec<String> = disk.files();
            bytes = files
                .par_iter()
                .filter(|path| path.ends_with(".rs"))
                .map(|path| {
                    let text = disk.read(path).unwrap_or_default();
                    std::hint::black_box(parse_root(&text, Edition::CURRENT).is_ok());
                    text.len()
                })
                .sum();
            parse.push(start.elapsed());
            let start = Instant::now();
            let workspace = Workspace::open(folder, rules::all()).expect("it opens");
            workspace.scan(|_, _| {});
            let files = workspace.files();
            findings = files.par_iter().map(|path| workspace.findings(path).len()).sum();
            check.push(start.elapsed());
        });
    }
    let (parse, check) = (median(&mut parse), median(&mut check));
    println!("\ncold, {} kB, {findings} findings", bytes / 1024);
    println!("  parse alone   {:8.1} ms", ms(parse));
    println!("  check         {:8.1} ms  = {:.2} × parse alone", ms(check), ms(check) / ms(parse));
}

/// What each rule adds to a scan without rules: `cargo bench -- rules`.
fn each_rule(folder: &Path) {
    let pool = rayon::ThreadPoolBuilder::new().stack_size(32 << 20).build().expect("a pool");
    let scan = |rules: Vec<&'static readiness_lsp::analysis::Rule>| {
        let mut times = Vec::new();
        for _ in 0..5 {
            pool.install(|| {
                let start = Instant::now();
                let workspace = Workspace::open(folder, rules.clone()).expect("it opens");
                workspace.scan(|_, _| {});
                let files = workspace.files();
                let found: usize = files.iter().map(|it| workspace.findings(it).len()).sum();
                std::hint::black_box(found);
                times.push(start.elapsed());
            });
        }
        times.sort();
        ms(times[0])
    };
    for rule in rules::all() {
        let none = scan(vec![&readiness_lsp::analysis::UNREADABLE_FILE]);
        println!("  {:<32} {:+7.1} ms over {none:.1} ms", rule.id, scan(vec![rule]) - none);
    }
}

/// What a keystroke costs without the protocol.
fn in_process(text: &str) {
    let mut full = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        std::hint::black_box(parse_root(text, Edition::CURRENT).is_ok());
        full.push(start.elapsed());
    }
    let mut document = Document::new(text, Edition::CURRENT);
    let mut reparse = Vec::new();
    for (position, removed, typed) in strokes(text) {
        let end = Position { character: position.character + removed, ..position };
        let start = Instant::now();
        let range = document.text().range(position, end, Encoding::Utf16);
        document.apply(&TextEdit::replace(range, typed));
        std::hint::black_box(document.root().is_ok());
        reparse.push(start.elapsed());
    }
    let workspace = Workspace::without_folder(rules::all());
    workspace.open_buffer("a.rs", text, 0);
    workspace.analyze_buffer("a.rs", true);
    let mut times = Vec::new();
    for (version, (position, removed, typed)) in strokes(text).into_iter().enumerate() {
        let end = Position { character: position.character + removed, ..position };
        let start = Instant::now();
        let change = Change::Range { start: position, end, text: typed };
        workspace.change_buffer("a.rs", vec![change], version as i32 + 1, Encoding::Utf16);
        std::hint::black_box(workspace.analyze_buffer("a.rs", false));
        times.push(start.elapsed());
    }
    println!("\nkeystroke in {} lines, in the process", text.lines().count());
    println!("  full parse    {:8.2} ms", ms(median(&mut full)));
    print_percentiles("edit + reparse", &mut reparse);
    print_percentiles("edit + analyse", &mut times);
}

/// From a keystroke to its published diagnostics, through the real binary.
fn over_stdio(text: &str) {
    println!("\nkeystroke to published diagnostics, over stdio");
    let lines: Vec<&str> = text.lines().collect();
    // Whole items, so that half the file is Rust as well.
    let half = lines[..lines.len() / 2].iter().rposition(|line| *line == "}").unwrap_or(0);
    let half = lines[..=half].join("\n");
    let double = format!("{text}\n{text}");
    for text in [half.as_str(), text, double.as_str()] {
        let mut server = Server::start();
        let found = server.open(text);
        let mut times = Vec::new();
        for (position, removed, typed) in strokes(text) {
            times.extend(server.stroke(position, removed, &typed));
        }
        let name = format!("{} lines, {found} findings", text.lines().count());
        print_percentiles(&name, &mut times);
    }
}

/// Typing, and taking back, a call on the line of a finding, at places all over the file. Every
/// stroke moves a finding, so that every stroke has something to publish.
fn strokes(text: &str) -> Vec<(Position, u32, String)> {
    let workspace = Workspace::without_folder(rules::all());
    workspace.open_buffer("a.rs", text, 0);
    let found = workspace.analyze_buffer("a.rs", true).expect("it is open");
    let rope = Text::new(text);
    let lines: Vec<u32> = found
        .findings
        .iter()
        .map(|it| rope.position(it.range.start(), Encoding::Utf16).line)
        .filter(|line| rope.line(*line).starts_with("        "))
        .collect();
    let step = (lines.len() / PLACES).max(1);
    let mut strokes = Vec::new();
    for line in lines.into_iter().step_by(step) {
        let text = rope.line(line);
        let indent = text.len() - text.trim_start().len();
        let typed = "check(self.len, now); ";
        let mut at = Position { line, character: indent as u32 };
        for c in typed.chars() {
            strokes.push((at, 0, c.to_string()));
            at.character += 1;
        }
        for _ in typed.chars() {
            at.character -= 1;
            strokes.push((at, 1, String::new()));
        }
    }
    strokes
}

struct Server {
    child: Child,
    input: ChildStdin,
    output: Receiver<(Instant, Value)>,
    version: i32,
}

const URI: &str = "untitled:bench.rs";

impl Server {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_readiness-lsp"))
            .env("READINESS_LOG", "off")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let input = child.stdin.take().expect("a pipe");
        let stdout = child.stdout.take().expect("a pipe");
        let (sender, output) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut stdout = BufReader::with_capacity(1 << 20, stdout);
            while let Some(message) = read(&mut stdout) {
                if sender.send((Instant::now(), message)).is_err() {
                    break;
                }
            }
        });
        let mut server = Self { child, input, output, version: 0 };
        let publish = json!({ "dataSupport": true, "codeDescriptionSupport": true });
        let capabilities = json!({ "textDocument": { "publishDiagnostics": publish } });
        let params = json!({ "processId": null, "rootUri": null, "capabilities": capabilities });
        let start = Instant::now();
        server
            .send(&json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params }));
        let (answered, _) =
            server.receive(ANSWER, |message| message.get("id").is_some()).expect("an answer");
        println!("  initialize    {:8.2} ms", ms(answered - start));
        server.send(&json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }));
        server
    }

    /// Opens the document and returns the number of its diagnostics.
    fn open(&mut self, text: &str) -> usize {
        let document = json!({ "uri": URI, "languageId": "rust", "version": 0, "text": text });
        let params = json!({ "textDocument": document });
        self.send(&json!({ "jsonrpc": "2.0", "method": "textDocument/didOpen", "params": params }));
        let wanted = |message: &Value| message["method"] == "textDocument/publishDiagnostics";
        let (_, published) = self.receive(ANSWER, wanted).expect("diagnostics");
        published["params"]["diagnostics"].as_array().map_or(0, Vec::len)
    }

    fn stroke(&mut self, at: Position, removed: u32, typed: &str) -> Option<Duration> {
        self.version += 1;
        let (line, character) = (at.line, at.character);
        let range = json!({
            "start": { "line": line, "character": character },
            "end": { "line": line, "character": character + removed },
        });
        let params = json!({
            "textDocument": { "uri": URI, "version": self.version },
            "contentChanges": [{ "range": range, "text": typed }],
        });
        let message =
            json!({ "jsonrpc": "2.0", "method": "textDocument/didChange", "params": params });
        let version = self.version;
        let start = Instant::now();
        self.send(&message);
        let published = self.receive(NOTHING, |message| message["params"]["version"] == version);
        // A person's pause between two strokes, shortened; longer than the server needs.
        std::thread::sleep(Duration::from_millis(3));
        published.map(|(at, _)| at - start)
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        let message = format!("Content-Length: {}\r\n\r\n{body}", body.len());
        self.input.write_all(message.as_bytes()).expect("it reads");
        self.input.flush().expect("it reads");
    }

    /// The first message that is wanted, with the time at which it was read.
    fn receive(
        &mut self,
        timeout: Duration,
        wanted: impl Fn(&Value) -> bool,
    ) -> Option<(Instant, Value)> {
        let end = Instant::now() + timeout;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let (at, message) = self.output.recv_timeout(left).ok()?;
            if wanted(&message) {
                return Some((at, message));
            }
        }
    }
}

fn read(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("Content-Length: ") {
            length = value.parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    output.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn print_percentiles(name: &str, times: &mut [Duration]) {
    if times.is_empty() {
        println!("  {name:<28} nothing to measure");
        return;
    }
    times.sort();
    let at = |percent: usize| ms(times[(times.len() - 1) * percent / 100]);
    let (p50, p90, p99) = (at(50), at(90), at(99));
    println!(
        "  {name:<28} p50 {p50:6.2}  p90 {p90:6.2}  p99 {p99:6.2} ms  ({} strokes)",
        times.len()
    );
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
