//! Reviews the published projects of the table that scores are compared with anew, and writes it:
//! `server/src/review/calibration.tsv`.
//!
//! ```text
//! cargo run --release --example calibrate -- checkouts ~/.cargo/registry/src/*
//! ```
//!
//! Each argument is a folder of projects, in which those of the table are looked up: a checkout at
//! its commit, named `owner+name`, or a package as cargo unpacked it, named `name-version`. What is
//! not there keeps its line, and is said. An argument that is a project itself is added to the table.
//! Nothing of them is built or run.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use readiness_lsp::review::Review;
use readiness_lsp::rules;
use readiness_lsp::workspace::{STACK_BYTES, Workspace};

const HEADER: &str = "# kind\tscore\tname\tversion or commit";

fn main() -> anyhow::Result<()> {
    let table = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/review/calibration.tsv");
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let (added, roots): (Vec<PathBuf>, Vec<PathBuf>) =
        arguments.into_iter().partition(|it| it.join("Cargo.toml").is_file());
    let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK_BYTES).build()?;
    let mut stderr = std::io::stderr();
    // By name and version.
    let mut lines: BTreeMap<String, String> = BTreeMap::new();
    let mut due: Vec<PathBuf> = added;
    let known = std::fs::read_to_string(&table)?;
    for known in known.lines().filter(|line| !line.starts_with('#')) {
        let mut parts = known.split('\t').skip(2);
        let (Some(name), Some(version)) = (parts.next(), parts.next()) else { continue };
        lines.insert(format!("{name} {version}"), known.to_string());
        match roots.iter().find_map(|root| project(root, name, version)) {
            Some(folder) => due.push(folder),
            None => writeln!(stderr, "{name} {version} is not there: its line stays")?,
        }
    }
    for folder in &due {
        match pool.install(|| review(folder)) {
            Ok(review) => {
                if let Some((key, line)) = line(folder, &review) {
                    lines.insert(key, line);
                }
            }
            Err(error) => writeln!(stderr, "{}: {error:#}", folder.display())?,
        }
    }
    let mut lines: Vec<String> = lines.into_values().collect();
    lines.sort();
    std::fs::write(&table, format!("{HEADER}\n{}\n", lines.join("\n")))?;
    writeln!(stderr, "{} of {} projects reviewed", due.len(), lines.len())?;
    Ok(())
}

/// The folder of a project of the table.
fn project(root: &Path, name: &str, version: &str) -> Option<PathBuf> {
    let package = root.join(format!("{name}-{version}"));
    let checkout = root.join(name.replace('/', "+"));
    if package.is_dir() {
        return Some(package);
    }
    (commit(&checkout)? == version).then_some(checkout)
}

fn review(folder: &Path) -> anyhow::Result<Review> {
    let workspace = Workspace::open(folder, rules::all())?;
    workspace.scan(|_, _| {});
    Ok(workspace.snapshot().review())
}

/// The line of a project, behind its name and version; nothing where nothing can be judged.
fn line(folder: &Path, review: &Review) -> Option<(String, String)> {
    let score = review.score.overall?;
    let file_name = folder.file_name()?.to_string_lossy().into_owned();
    let owner_and_name = file_name.replace('+', "/");
    let (name, version) = match commit(folder) {
        Some(commit) => (owner_and_name.as_str(), commit),
        None => {
            let name = file_name.as_str();
            let is_version = |at: usize| {
                name.get(at + 1..).is_some_and(|it| it.starts_with(|c: char| c.is_ascii_digit()))
            };
            let mut dashes = name.match_indices('-').map(|(at, _)| at);
            match dashes.find(|at| is_version(*at)) {
                Some(at) => (&name[..at], name[at + 1..].to_string()),
                None => (owner_and_name.as_str(), "unknown".to_string()),
            }
        }
    };
    let kind = review.kind.names().0;
    Some((format!("{name} {version}"), format!("{kind}\t{score:>3}\t{name}\t{version}")))
}

/// The commit that a checkout is at.
fn commit(folder: &Path) -> Option<String> {
    let git = folder.join(".git");
    let head = std::fs::read_to_string(git.join("HEAD")).ok()?;
    let commit = match head.trim().strip_prefix("ref: ") {
        Some(name) => std::fs::read_to_string(git.join(name)).ok()?,
        None => head,
    };
    commit.trim().get(..12).map(str::to_string)
}
