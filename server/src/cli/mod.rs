//! The command line. Without a command it is the language server on stdin and stdout.

mod check;
mod explain;
mod github;
mod json;
mod report;
mod sarif;
mod text;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use tracing_subscriber::EnvFilter;

use crate::config::Severity;

/// The process ends with this when there are findings at or above `fail-on`.
const FINDINGS: u8 = 1;
/// The process ends with this after bad usage or input that cannot be read.
const UNUSABLE: u8 = 2;

/// Production readiness review for Rust projects, live in the editor.
///
/// Without a command: the language server on stdin and stdout.
#[derive(Debug, Parser)]
#[command(name = "readiness-lsp", version, args_conflicts_with_subcommands = true)]
struct Args {
    /// Serve on stdin and stdout, which is what happens without a command as well.
    #[arg(long)]
    stdio: bool,
    /// The process id of the editor: the server ends when that process does.
    #[arg(long = "clientProcessId", hide = true)]
    client_process_id: Option<u32>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Review a project and print the findings.
    Check(check::Args),
    /// List the rules.
    Rules {
        #[arg(long, value_enum, default_value_t = ListFormat::Text)]
        format: ListFormat,
    },
    /// Show the page of a rule.
    Explain {
        /// The rule's id, such as `unwrap-used`.
        rule: String,
    },
    /// Print the JSON schema of readiness.toml.
    Schema,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ListFormat {
    Text,
    Json,
    /// A Markdown table, as in the README.
    Markdown,
}

/// A severity, as it is named on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum SeverityArg {
    Low,
    Medium,
    High,
    Critical,
}

impl From<SeverityArg> for Severity {
    fn from(severity: SeverityArg) -> Self {
        match severity {
            SeverityArg::Low => Self::Low,
            SeverityArg::Medium => Self::Medium,
            SeverityArg::High => Self::High,
            SeverityArg::Critical => Self::Critical,
        }
    }
}

/// What the arguments of the process ask for.
#[derive(Debug)]
pub enum Task {
    /// To serve an editor.
    Serve {
        /// The id of the editor's process, when it was named: the server ends with it.
        client: Option<u32>,
    },
    /// A command, which was carried out.
    Done(ExitCode),
}

/// Reads the arguments of the process and carries out the command among them.
pub fn main() -> Task {
    let args = Args::parse();
    log_to_stderr(args.command.is_some());
    let result = match args.command {
        None => return Task::Serve { client: args.client_process_id },
        Some(Command::Check(args)) => check::run(&args),
        Some(Command::Rules { format }) => explain::rules(format).map(|()| ExitCode::SUCCESS),
        Some(Command::Explain { rule }) => explain::rule(&rule),
        Some(Command::Schema) => explain::schema().map(|()| ExitCode::SUCCESS),
    };
    Task::Done(match result {
        Ok(code) => code,
        // The reader of our output went away, as `head` does: nobody is left to tell.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("{error:#}"));
            ExitCode::from(UNUSABLE)
        }
    })
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|it| it.kind() == io::ErrorKind::BrokenPipe)
    })
}

fn complain(message: &str) {
    // When stderr is gone as well there is nothing left to do.
    let _ = writeln!(anstream::stderr(), "error: {message}");
}

/// Logs go to stderr only: stdout belongs to the protocol, or to the findings. They never hold the
/// contents of files.
fn log_to_stderr(is_command: bool) {
    let default = if is_command { "error" } else { "info" };
    let filter =
        EnvFilter::try_from_env("READINESS_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(false)
        // A client that ends takes our stderr with it: to complain there would be a panic.
        .log_internal_errors(false)
        .init();
}

/// The folder to review, the current one unless another is named.
fn root_of(path: &Option<PathBuf>) -> PathBuf {
    path.clone().unwrap_or_else(|| PathBuf::from("."))
}
