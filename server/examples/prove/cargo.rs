//! Running cargo on the copies.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use readiness_lsp::text::FileRange;
use serde_json::Value;

/// How often what takes too long is started again: with many crates there is much to build.
const MAX_REPEATS: usize = 8;

/// How cargo is run: offline but for fetching, all crates into one target folder, so that what
/// they share is built once.
#[derive(Debug)]
pub struct Cargo {
    program: OsString,
    target: PathBuf,
    limit: Duration,
    caps_lints: AtomicBool,
}

/// An error of the compiler, or of cargo itself when it has no place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompilerError {
    pub message: String,
    /// Where the error is, first the places that it is about, then those that explain it.
    pub places: Vec<Place>,
}

/// A place that the compiler names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// In the workspace.
    pub path: String,
    /// In bytes.
    pub range: FileRange,
    pub line: u64,
    pub is_primary: bool,
}

/// What `cargo check` says of a crate.
#[derive(Debug, Default)]
pub struct Checked {
    /// Each once.
    pub errors: Vec<CompilerError>,
    /// The files that the compiler read, in the workspace; nothing of crates that have errors.
    pub sources: BTreeSet<String>,
}

struct Output {
    success: bool,
    timed_out: bool,
    stdout: String,
    stderr: String,
}

impl Cargo {
    pub fn new(scratch: &Path, limit: Duration) -> Self {
        let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        Self { program, target: scratch.join("target"), limit, caps_lints: AtomicBool::new(false) }
    }

    /// Whether lints that a crate denies are warnings from now on, as they are where another crate
    /// depends on it: those of newer compilers would not let it build.
    pub fn cap_lints(&self, caps: bool) {
        self.caps_lints.store(caps, Ordering::Relaxed);
    }

    /// Asks about a published crate, which downloads and unpacks it.
    pub fn info(&self, spec: &str) -> anyhow::Result<()> {
        let output = self.run(&self.target, &["info", "--quiet", spec])?;
        if !output.success {
            bail!("cargo info: {}", last_lines(&output.stderr));
        }
        Ok(())
    }

    /// Downloads what the members of a workspace depend on.
    pub fn fetch(&self, folder: &Path) -> anyhow::Result<()> {
        let output = self.run(folder, &["fetch", "--quiet"])?;
        if !output.success {
            bail!("cargo fetch: {}", output.stderr.trim().replace('\n', " | "));
        }
        Ok(())
    }

    /// Checks all members of a workspace.
    pub fn check(&self, folder: &Path, targets: &[&str]) -> anyhow::Result<Checked> {
        let mut all =
            vec!["check", "--workspace", "--offline", "--message-format=json", "--keep-going"];
        all.extend(targets);
        let mut output = self.run(folder, &all);
        // What was built until the time was over is kept.
        for _ in 0..MAX_REPEATS {
            if output.as_ref().is_ok_and(|it| !it.timed_out) {
                break;
            }
            output = self.run(folder, &all);
        }
        let output = output?;
        let mut errors: Vec<CompilerError> = Vec::new();
        let mut sources = BTreeSet::new();
        for line in output.stdout.lines().filter(|line| line.starts_with('{')) {
            let message: Value = serde_json::from_str(line)?;
            if let Some(error) = compiler_error(&message, folder)
                && !errors.contains(&error)
            {
                errors.push(error);
            }
            sources.extend(sources_of(&message, folder));
        }
        if errors.is_empty() && !output.success {
            let message = last_lines(&output.stderr);
            errors.push(CompilerError { message, places: Vec::new() });
        }
        Ok(Checked { errors, sources })
    }

    /// The outcome of each test of a crate by name.
    pub fn test(&self, folder: &Path) -> anyhow::Result<BTreeMap<String, String>> {
        let output = self.run(folder, &["test", "--offline", "--no-fail-fast", "--tests"])?;
        let lines = output.stdout.lines().filter_map(|line| line.strip_prefix("test "));
        let outcome = |line: &str| {
            let (name, outcome) = line.rsplit_once(" ... ")?;
            // Of doc tests, the line in the file changes with an edit above it.
            let name = name.split(" (line ").next().unwrap_or(name);
            Some((name.to_string(), outcome.to_string()))
        };
        let outcomes: BTreeMap<String, String> = lines.filter_map(outcome).collect();
        if outcomes.is_empty() && !output.success {
            bail!("cargo test: {}", last_lines(&output.stderr));
        }
        Ok(outcomes)
    }

    fn run(&self, folder: &Path, arguments: &[&str]) -> anyhow::Result<Output> {
        std::fs::create_dir_all(&self.target)?;
        let mut command = Command::new(&self.program);
        if self.caps_lints.load(Ordering::Relaxed) {
            command.env("RUSTFLAGS", "--cap-lints warn");
        }
        let mut child = command
            .args(arguments)
            .current_dir(folder)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_PROFILE_DEV_DEBUG", "false")
            .env("CARGO_TERM_COLOR", "never")
            // Set for this program by the cargo that runs it; what is built below looks at it.
            .env_remove("CARGO_MANIFEST_DIR")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start cargo")?;
        let stdout = collect(child.stdout.take());
        let stderr = collect(child.stderr.take());
        let start = Instant::now();
        let status = loop {
            match child.try_wait()? {
                Some(status) => break status,
                None if start.elapsed() > self.limit => {
                    child.kill()?;
                    child.wait()?;
                    let command = arguments.first().unwrap_or(&"");
                    bail!("cargo {command} took longer than {} s", self.limit.as_secs());
                }
                None => thread::sleep(Duration::from_millis(50)),
            }
        };
        let text = |reader: thread::JoinHandle<Vec<u8>>| {
            String::from_utf8_lossy(&reader.join().unwrap_or_default()).into_owned()
        };
        // What `timeout` says, when cargo is run through it.
        let timed_out = status.code() == Some(124);
        Ok(Output {
            success: status.success(),
            timed_out,
            stdout: text(stdout),
            stderr: text(stderr),
        })
    }
}

/// Reads a pipe to its end while the process runs, so that it never waits for a reader.
fn collect(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // What was read before a failure is still worth showing.
            let _ = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}

fn compiler_error(message: &Value, folder: &Path) -> Option<CompilerError> {
    let message = message.get("message").filter(|it| it.is_object())?;
    if !message["level"].as_str()?.starts_with("error") {
        return None;
    }
    let text = message["message"].as_str()?;
    let code = message["code"]["code"].as_str().map(|it| format!("{it}: ")).unwrap_or_default();
    let mut places = Vec::new();
    let children = message["children"].as_array().into_iter().flatten();
    for (is_child, part) in
        [(false, message)].into_iter().chain(children.map(|child| (true, child)))
    {
        for span in part["spans"].as_array().into_iter().flatten() {
            add_places(span, is_child, folder, &mut places);
        }
    }
    // "aborting due to 2 previous errors"
    if places.is_empty() && text.starts_with("aborting due to") {
        return None;
    }
    places.sort_by_key(|place| !place.is_primary);
    Some(CompilerError { message: format!("{code}{text}"), places })
}

/// The sources of what was built, from the list that the compiler writes beside it.
fn sources_of(message: &Value, folder: &Path) -> Vec<String> {
    let is_own = message["reason"] == "compiler-artifact"
        && message["manifest_path"].as_str().is_some_and(|it| Path::new(it).starts_with(folder));
    let built = message["filenames"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let lists = built.filter(|_| is_own).filter_map(|built| {
        let name = Path::new(built).file_stem()?.to_str()?;
        let name = name.strip_prefix("lib").unwrap_or(name);
        std::fs::read_to_string(Path::new(built).with_file_name(format!("{name}.d"))).ok()
    });
    let sources = lists.flat_map(|list| {
        // `/path/to/main.rs:`, one a line, at the end.
        let lines = list.lines().filter_map(|line| line.strip_suffix(':'));
        let paths = lines.map(|line| {
            let path = Path::new(line);
            path.strip_prefix(folder).unwrap_or(path).to_string_lossy().replace('\\', "/")
        });
        paths.collect::<Vec<_>>()
    });
    sources.collect()
}

/// The place of a span, and that of the macro call it comes from.
fn add_places(span: &Value, is_child: bool, folder: &Path, places: &mut Vec<Place>) {
    let offset = |key: &str| span[key].as_u64().and_then(|it| u32::try_from(it).ok());
    if let (Some(file), Some(start), Some(end)) =
        (span["file_name"].as_str(), offset("byte_start"), offset("byte_end"))
        && start <= end
    {
        let path = Path::new(file);
        let path = path.strip_prefix(folder).unwrap_or(path);
        places.push(Place {
            path: path.to_string_lossy().replace('\\', "/"),
            range: FileRange::new(start.into(), end.into()),
            line: span["line_start"].as_u64().unwrap_or_default(),
            is_primary: !is_child && span["is_primary"].as_bool().unwrap_or_default(),
        });
    }
    if span["expansion"].is_object() {
        add_places(&span["expansion"]["span"], is_child, folder, places);
    }
}

/// The end of what cargo wrote, in one line.
fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let errors = lines.iter().position(|line| line.starts_with("error"));
    let from = errors.unwrap_or(lines.len().saturating_sub(3));
    lines.iter().skip(from).take(6).copied().collect::<Vec<_>>().join(" | ")
}
