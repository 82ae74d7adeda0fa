//! How fast the server is: run with `cargo bench`, or with `cargo bench -- cold` for the scan of a
//! crate alone.
//!
//! The figures come from one crate, ant-quic 0.5.0, whose `src/connection/mod.rs` has 8,890 lines.
//! Name its folder in `READINESS_BENCH_CRATE`; without it cargo's own download is used when there
//! is one, and otherwise this project's sources stand in. Machines are noisy: compare the figures
//! of one run with each other, not with those of another run. `cargo bench -- keystroke` leaves
//! the cold check out, `cargo bench -- rules` measures each rule.
//!
//! With the path of ast-grep's binary in `READINESS_BENCH_AST_GREP` its language server does the
//! same strokes, with five rules of its own.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench stops at the first failure, and prints its figures"
)]

mod client;
mod floor;
mod stdio;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rayon::prelude::*;
use readiness_lsp::project::Disk;
use readiness_lsp::rules;
use readiness_lsp::syntax::{Document, Edition, SourceFile, parse_root};
use readiness_lsp::text::{Encoding, Position, Text, TextEdit};
use readiness_lsp::workspace::{Change, Workspace};

/// That of the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 21;
const PLACES: usize = 20;
/// A person's pause between two strokes, shortened; longer than a server needs. After it the caches
/// of the processor hold little of what the stroke before it read, as when a person types.
const PAUSE: Duration = Duration::from_millis(3);
/// What is typed, and taken back, at each place.
const TYPED: &str = "check(self.len, now); ";

fn main() {
    let asked = |part: &str| std::env::args().any(|it| it == part);
    if asked(floor::ARGUMENT) {
        return floor::serve();
    }
    let folder = bench_crate();
    println!("crate: {}", folder.file_name().unwrap_or_default().to_string_lossy());
    if asked("rules") {
        return each_rule(&folder);
    }
    if !asked("keystroke") {
        cold(&folder);
    }
    if asked("cold") {
        return;
    }
    let big = big_file(&folder);
    let double = format!("{big}\n{big}");
    let files = [half(&big), big, double];
    println!("\nkeystroke in the process");
    for text in &files {
        in_process(text);
    }
    println!("\nkeystroke to published diagnostics, over stdio");
    for text in &files {
        stdio::compare(text);
    }
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

/// The first half, cut behind a member of the block that the middle of the file is in.
fn half(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let end = lines[..lines.len() / 2].iter().rposition(|line| *line == "    }").unwrap_or(0);
    format!("{}\n}}\n", lines[..=end].join("\n"))
}

/// A cold `check` against parsing alone, all with the threads of one pool.
fn cold(folder: &Path) {
    let pool = rayon::ThreadPoolBuilder::new().stack_size(32 << 20).build().expect("a pool");
    let disk = Disk::open(folder).expect("the crate is there");
    let bytes = AtomicUsize::new(0);
    let of_all_files = |parse: &(dyn Fn(&str) + Sync)| {
        bytes.store(0, Ordering::Relaxed);
        let files: Vec<String> = disk.files();
        let sources: Vec<&String> = files.iter().filter(|path| path.ends_with(".rs")).collect();
        sources.par_iter().with_max_len(1).for_each(|path| {
            let text = disk.read(path).unwrap_or_default();
            parse(&text);
            bytes.fetch_add(text.len(), Ordering::Relaxed);
        });
    };
    let mut findings = 0;
    let mut times: [Vec<Duration>; 4] = Default::default();
    for _ in 0..ROUNDS {
        let [library, own, check, report] = &mut times;
        library.push(timed(&pool, || {
            of_all_files(&|text| {
                std::hint::black_box(SourceFile::parse(text, Edition::CURRENT).tree());
            });
        }));
        own.push(timed(&pool, || {
            of_all_files(&|text| {
                std::hint::black_box(parse_root(text, Edition::CURRENT).is_ok());
            });
        }));
        check.push(timed(&pool, || {
            let workspace = Workspace::open(folder, rules::all()).expect("it opens");
            workspace.scan(|_, _| {});
            let snapshot = workspace.snapshot();
            let files = snapshot.files();
            findings = files.par_iter().map(|path| snapshot.findings(path).len()).sum();
            (workspace, snapshot)
        }));
        report.push(timed(&pool, || {
            let workspace = Workspace::open(folder, rules::all()).expect("it opens");
            let fix_files = workspace.fix_files();
            workspace.scan_for_fixing(&fix_files, |_, _| {});
            let snapshot = workspace.snapshot();
            let (files, fixing) = (snapshot.files(), snapshot.fixing(&fix_files));
            files.par_iter().for_each(|path| {
                std::hint::black_box(fixing.fixes(path, &snapshot.findings(path)));
            });
            drop(fix_files);
            (workspace, snapshot)
        }));
    }
    let [library, own, check, report] = &mut times;
    let (to_library, to_own) = (ratio(check, library), ratio(check, own));
    println!("\ncold, {} kB, {findings} findings, medians", bytes.into_inner() / 1024);
    let row = |name: &str, times: &mut [Duration]| {
        let fastest = times.iter().min().copied().unwrap_or_default();
        println!("  {name:<30}{:8.1} ms, at best {:.1} ms", ms(median(times)), ms(fastest));
    };
    row("parse alone, as the library", library);
    row("parse alone, as the server", own);
    row("check", check);
    row("check with all fixes", report);
    println!("  check = {to_library:.2} × parse as the library, {to_own:.2} × as the server");
}

/// The median of what `times` are to `others` of the same rounds: machines get slower and faster
/// from round to round.
fn ratio(times: &[Duration], others: &[Duration]) -> f64 {
    let mut ratios: Vec<f64> =
        times.iter().zip(others).map(|(time, other)| ms(*time) / ms(*other)).collect();
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}

/// The library lets go of its trees in a thread of its own, up to a tenth of a second later: that
/// is not to fall into the next measurement.
///
/// What `work` returns is let go of afterwards, as a process does by ending.
fn timed<T: Send>(pool: &rayon::ThreadPool, work: impl FnOnce() -> T + Send) -> Duration {
    std::thread::sleep(Duration::from_millis(250));
    let (time, _kept) = pool.install(|| {
        let start = Instant::now();
        let kept = work();
        (start.elapsed(), kept)
    });
    time
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
                let snapshot = workspace.snapshot();
                let files = snapshot.files();
                let found: usize = files.iter().map(|it| snapshot.findings(it).len()).sum();
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
        std::thread::sleep(PAUSE);
    }
    let workspace = Workspace::without_folder(rules::all());
    workspace.open_buffer("a.rs", text, 0);
    workspace.settle_buffer("a.rs");
    let mut times = Vec::new();
    for (version, (position, removed, typed)) in strokes(text).into_iter().enumerate() {
        let end = Position { character: position.character + removed, ..position };
        let start = Instant::now();
        let change = Change::Range { start: position, end, text: typed };
        workspace.change_buffer("a.rs", vec![change], version as i32 + 1, Encoding::Utf16);
        std::hint::black_box(workspace.analyze_buffer("a.rs"));
        times.push(start.elapsed());
        std::thread::sleep(PAUSE);
    }
    println!("  {} lines, parsed in full in {:.2} ms", text.lines().count(), ms(median(&mut full)));
    print_percentiles("edit and reparse", &mut reparse);
    print_percentiles("edit and analyse", &mut times);
}

/// Typing, and taking back, a call on the line of a finding, at places all over the file. Every
/// stroke moves a finding, so that every stroke has something to publish.
fn strokes(text: &str) -> Vec<(Position, u32, String)> {
    let workspace = Workspace::without_folder(rules::all());
    workspace.open_buffer("a.rs", text, 0);
    let found = workspace.settle_buffer("a.rs").expect("it is open");
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
        let mut at = Position { line, character: indent as u32 };
        for c in TYPED.chars() {
            strokes.push((at, 0, c.to_string()));
            at.character += 1;
        }
        for _ in TYPED.chars() {
            at.character -= 1;
            strokes.push((at, 1, String::new()));
        }
    }
    strokes
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn print_percentiles(name: &str, times: &mut [Duration]) {
    if times.is_empty() {
        println!("    {name:<26} nothing to measure");
        return;
    }
    times.sort();
    let at = |percent: usize| ms(times[(times.len() - 1) * percent / 100]);
    let (p50, p90, p99) = (at(50), at(90), at(99));
    println!(
        "    {name:<26} p50 {p50:6.2}  p90 {p90:6.2}  p99 {p99:6.2} ms  ({} strokes)",
        times.len()
    );
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
