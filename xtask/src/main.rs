//! Tasks for those who work on readiness-lsp, run as `cargo xtask`.

mod new_rule;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use new_rule::NewRule;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Tasks for those who work on readiness-lsp")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Write a new rule: it compiles, and its one test fails until the rule is written
    NewRule {
        /// The id of the rule in kebab-case, such as `unwrap-used`
        name: String,
        /// The area of the rule: a folder of `server/src/rules`, such as `reliability`
        area: String,
        /// Write a rule about the project (manifests, Dockerfiles, CI) instead of Rust sources
        #[arg(long)]
        project: bool,
        /// The checkout to write to, if not the one that this program was built in
        #[arg(long)]
        root: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    let Task::NewRule { name, area, project, root } = Arguments::parse().task;
    let root = root.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    match new_rule::run(&root, &NewRule { name, area, project }) {
        Ok(next_steps) => {
            eprint!("{next_steps}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
