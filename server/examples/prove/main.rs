//! Proves on published crates that fixes compile.
//!
//! Each crate is copied to a scratch folder, fixed there (first with the safe fixes, then on a
//! fresh copy with the suggested ones as well) and given to `cargo check`. Every compiler error is
//! charged to the fix whose edit it points at; that fix is taken back and the rest is checked
//! again, until no error is left, so that no failure hides another. What has no fix is counted by
//! the reason that the rule itself gave.
//!
//! ```text
//! cargo run --release --example prove -- --together            # the crates of crates.txt
//! cargo run --release --example prove -- just@1.59.0 ./some/crate
//! cargo run --release --example prove -- --test sd@1.0.0       # and run its tests
//! cargo run --release --example prove -- --unfixed             # what has no fix, and why
//! cargo run --release --example prove -- --layout              # what rustfmt says of the fixes
//! ```
//!
//! Unlike the product, which never executes anything of what it reviews, this runs cargo, and with
//! it the build scripts, macros and tests of the crates that are named to it.

mod attribute;
mod cargo;
mod layout;
mod proof;
#[path = "../registry/mod.rs"]
mod registry;
mod report;
mod sources;

use std::collections::VecDeque;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use readiness_lsp::rules;
use readiness_lsp::workspace::{STACK_BYTES, Workspace};

use cargo::Cargo;
use report::Report;
use sources::{Copies, Source};

/// The crates that are proved when none is named.
const CRATES: &str = include_str!("crates.txt");

#[derive(Debug, Parser)]
#[command(about = "Proves on published crates that fixes compile")]
struct Args {
    /// `name@version` of a published crate, or the folder of one. Without any, those of crates.txt.
    crates: Vec<String>,
    /// Where copies and what cargo builds are kept.
    #[arg(long, default_value = "target/prove")]
    scratch: PathBuf,
    /// Run the tests before and after the safe fixes as well.
    #[arg(long)]
    test: bool,
    /// Build all crates in one workspace, with one version of what they depend on, which is much
    /// faster, rather than one after the other with the versions they were published with.
    #[arg(long)]
    together: bool,
    /// Build nothing; list the panicking calls that have no fix, and why.
    #[arg(long)]
    unfixed: bool,
    /// Build nothing; list what rustfmt would change in files where it would change nothing before
    /// the fixes.
    #[arg(long)]
    layout: bool,
    /// How long each run of cargo may take.
    #[arg(long, default_value_t = 400, value_name = "SECONDS")]
    limit: u64,
}

fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let crates = match args.crates.is_empty() {
        true => CRATES.lines().map(str::to_string).collect(),
        false => args.crates,
    };
    std::fs::create_dir_all(&args.scratch)?;
    let scratch = args.scratch.canonicalize()?;
    let cargo = Cargo::new(&scratch, Duration::from_secs(args.limit));
    let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK_BYTES).build()?;
    let mut out = std::io::stdout();
    let mut report = Report::default();
    let specs = crates.iter().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut groups: Vec<Vec<Source>> = Vec::new();
    let (mut changed, mut lost) = (0, 0);
    for spec in specs {
        match Source::find(spec, &cargo) {
            Ok(source) if args.layout => {
                let layout = pool.install(|| layout::layout(&source))?;
                changed += layout.changed;
                lost += layout.lost.len();
                layout.lost.iter().try_for_each(|it| writeln!(out, "{it}"))?;
            }
            Ok(source) if args.unfixed => write!(out, "{}", list(&source)?)?,
            Ok(source) if args.together && !groups.is_empty() => groups[0].push(source),
            Ok(source) => groups.push(vec![source]),
            Err(error) => write!(out, "{}", report.add(spec, Err(error)))?,
        }
    }
    if args.layout {
        writeln!(
            out,
            "{changed} files that rustfmt leaves alone are changed, {lost} of them not so"
        )?;
        return Ok(if lost == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    if args.unfixed {
        return Ok(ExitCode::SUCCESS);
    }
    let mut groups = VecDeque::from(groups);
    while let Some(sources) = groups.pop_front() {
        let names: Vec<String> = sources.iter().map(|it| it.name.clone()).collect();
        let is_group = names.len() > 1;
        let copies = Copies { root: scratch.join("copies"), sources };
        let proofs = pool.install(|| proof::prove(copies, &cargo, args.test));
        let proofs = proofs.unwrap_or_else(|error| {
            names.into_iter().map(|name| (name, Err(anyhow::anyhow!("{error:#}")))).collect()
        });
        for (name, proof) in proofs {
            match proof {
                // What does not build with the others may do so alone.
                Err(_) if is_group => groups.push_back(vec![Source::find(&name, &cargo)?]),
                proof => write!(out, "{}", report.add(&name, proof))?,
            }
        }
        out.flush()?;
    }
    write!(out, "{report}").context("cannot print the report")?;
    Ok(if report.is_proof() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The panicking calls of a crate that have no fix, a line each.
fn list(source: &Source) -> anyhow::Result<String> {
    let workspace = Workspace::open(&source.original, rules::all())?;
    workspace.scan(|_, _| {});
    let line = |it: proof::Unfixed| {
        format!("{}/{}:{}: {}: {}\n", source.folder, it.path, it.line, it.reason, it.text)
    };
    Ok(proof::unfixed(&workspace).into_iter().map(line).collect())
}
