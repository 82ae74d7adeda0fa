//! Reviews published projects and prints the table that scores are compared with:
//! `server/src/review/calibration.tsv`.
//!
//! ```text
//! cargo run --release --example calibrate -- checkouts/* > server/src/review/calibration.tsv
//! ```
//!
//! Each argument is a folder: a checkout, named `owner+name`, or a package as cargo unpacked it,
//! named `name-version`. Nothing in it is built or run.

use std::io::Write;
use std::path::Path;

use readiness_lsp::review::Review;
use readiness_lsp::rules;
use readiness_lsp::workspace::{STACK_BYTES, Workspace};

fn main() -> anyhow::Result<()> {
    let folders: Vec<String> = std::env::args().skip(1).collect();
    let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK_BYTES).build()?;
    let mut lines: Vec<String> = Vec::new();
    for folder in &folders {
        let folder = Path::new(folder);
        let reviewed = pool.install(|| review(folder));
        match reviewed {
            Ok(review) => lines.extend(line(folder, &review)),
            Err(error) => writeln!(std::io::stderr(), "{}: {error:#}", folder.display())?,
        }
    }
    lines.sort();
    let mut out = std::io::stdout().lock();
    writeln!(out, "# kind\tscore\tname\tversion or commit")?;
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn review(folder: &Path) -> anyhow::Result<Review> {
    let workspace = Workspace::open(folder, rules::all())?;
    workspace.scan(|_, _| {});
    Ok(workspace.snapshot().review())
}

/// The line of a project; nothing where nothing can be judged.
fn line(folder: &Path, review: &Review) -> Option<String> {
    let score = review.score.overall?;
    let name = folder.file_name()?.to_string_lossy().replace('+', "/");
    let (name, version) = match commit(folder) {
        Some(commit) => (name.as_str(), commit),
        None => {
            let is_version = |at: usize| {
                name.get(at + 1..).is_some_and(|it| it.starts_with(|c: char| c.is_ascii_digit()))
            };
            let mut dashes = name.match_indices('-').map(|(at, _)| at);
            match dashes.find(|at| !name.contains('/') && is_version(*at)) {
                Some(at) => (&name[..at], name[at + 1..].to_string()),
                None => (name.as_str(), "unknown".to_string()),
            }
        }
    };
    Some(format!("{}\t{score:>3}\t{name}\t{version}", review.kind.names().0))
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
