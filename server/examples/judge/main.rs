//! Holds findings in published crates against the verdicts of people who read the code.
//!
//! `verdicts.jsonl` has a line for each finding that was judged: whether a reviewer agrees, and how
//! severe it is to them. The crates are pinned in `crates.txt`; cargo downloads and unpacks them.
//!
//! ```text
//! cargo run --release --example judge                    # how far findings and verdicts agree
//! cargo run --release --example judge -- --unjudged      # findings without a verdict, with code
//! cargo run --release --example judge -- --unjudged ./a  # those of a folder
//! ```
//!
//! Nothing of the crates is built or run.

mod agreement;
mod findings;
#[path = "../registry/mod.rs"]
mod registry;
mod verdicts;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use readiness_lsp::workspace::STACK_BYTES;

use agreement::Agreement;

/// The crates whose findings were judged, `name@version` a line.
const CRATES: &str = include_str!("crates.txt");

#[derive(Debug, Parser)]
#[command(about = "Holds findings in published crates against the verdicts of reviewers")]
struct Args {
    /// `name@version` of published crates, or folders. Without any, those of crates.txt.
    crates: Vec<String>,
    /// Print the findings that nobody judged, one JSON object a line, with the code around them.
    #[arg(long)]
    unjudged: bool,
    /// Print each finding that its verdict disagrees with.
    #[arg(long)]
    list: bool,
}

fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let named = args.crates.iter().map(String::as_str);
    let crates: Vec<&str> = match args.crates.is_empty() {
        true => CRATES.lines().collect(),
        false => named.collect(),
    };
    // Deep trees are walked by recursion.
    rayon::ThreadPoolBuilder::new().stack_size(STACK_BYTES).build_global()?;
    let verdicts = verdicts::read()?;
    let mut agreement = Agreement::default();
    let mut out = std::io::stdout().lock();
    for spec in crates {
        let folder = folder_of(spec)?;
        let found = findings::of(&folder)?;
        let judged = verdicts.get(spec).map(Vec::as_slice).unwrap_or_default();
        if args.unjudged {
            for finding in found.iter().filter(|it| !judged.iter().any(|v| v.is_about(it))) {
                serde_json::to_writer(&mut out, &finding.with_crate(spec))?;
                writeln!(out)?;
            }
        } else {
            agreement.add(spec, &found, judged);
        }
    }
    if args.unjudged {
        return Ok(ExitCode::SUCCESS);
    }
    if args.list {
        agreement.differences.iter().try_for_each(|line| writeln!(out, "{line}"))?;
    }
    write!(out, "{agreement}")?;
    Ok(if agreement.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A folder as it is, or where cargo unpacks a published crate.
fn folder_of(spec: &str) -> anyhow::Result<PathBuf> {
    match spec.split_once('@') {
        Some((name, version)) => registry::unpacked(name, version, || download(spec)),
        None => Ok(PathBuf::from(spec)),
    }
}

/// Asks cargo about a crate; elsewhere than in a folder of its own it would take the version that the
/// package there depends on.
fn download(spec: &str) -> anyhow::Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let info = std::process::Command::new(cargo)
        .current_dir(std::env::temp_dir())
        .args(["info", "--quiet", spec])
        .output()?;
    let error = String::from_utf8_lossy(&info.stderr);
    anyhow::ensure!(info.status.success(), "cargo info {spec}: {error}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was reached: a change that makes it worse fails here. The aim is that of
    /// [`Agreement::holds`].
    const AGREED: usize = 60;
    const FALSE_ALARMS: usize = 17;

    #[test]
    fn findings_agree_with_the_verdicts_as_before() {
        let verdicts = verdicts::read().expect("they are well formed");
        let mut agreement = Agreement::default();
        for (name, judged) in &verdicts {
            // Without a registry there is nothing to compare with.
            let Ok(folder) = folder_of(name) else {
                eprintln!("{name} cannot be downloaded: findings are not compared with verdicts");
                return;
            };
            agreement.add(name, &findings::of(&folder).expect("it is checked"), judged);
        }
        assert!(agreement.agrees(AGREED, FALSE_ALARMS), "{agreement}");
    }
}
