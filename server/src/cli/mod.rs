//! The command line. Without a command it is the language server on stdin and stdout.

mod baseline;
mod check;
mod comment;
mod explain;
mod fix;
mod github;
mod gitlab;
mod init;
mod json;
mod junit;
mod mcp;
mod overrides;
mod page;
mod progress;
mod report;
mod review;
mod sarif;
mod since;
mod statistics;
mod target;
mod terminal;
mod text;
mod verify;

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand, ValueEnum};
use tracing_subscriber::EnvFilter;

use crate::workspace::STACK_BYTES;

/// The exit code when there are findings at or above `fail-on`.
const FINDINGS: u8 = 1;
/// The exit code after invalid usage, or when a file cannot be read or written.
const FAILURE: u8 = 2;

const EXIT_CODES: &str = "\
Exit codes:
  0  success: no finding that counts, a project that is ready, a document that holds
  1  findings, a project that is not ready, or a document that does not hold
  2  invalid usage, nothing to review, or a file that cannot be read or written";

/// What somebody reads who started the server on a terminal.
const WHAT_TO_DO: &str = "\
This is a language server: an editor starts it and talks to it.

  readiness-lsp check          check the project in this folder
  readiness-lsp review         review it: verdict, score, and what to do
  readiness-lsp --help         everything else

To run the server on this terminal all the same: readiness-lsp --stdio";

/// Runs a command where threads have the stack for deep trees, which are walked by recursion.
fn in_pool<T: Send>(command: impl FnOnce() -> anyhow::Result<T> + Send) -> anyhow::Result<T> {
    let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK_BYTES).build()?;
    pool.install(command)
}

/// Production readiness review for Rust projects, live in the editor.
///
/// Without a command, runs the language server on stdin and stdout.
#[derive(Debug, Parser)]
#[command(
    name = "readiness-lsp",
    version,
    args_conflicts_with_subcommands = true,
    after_help = EXIT_CODES
)]
struct Args {
    /// Run the language server on stdin and stdout; this is the default.
    #[arg(long)]
    stdio: bool,
    /// The process id of the editor; the server exits when that process does.
    #[arg(long = "clientProcessId", hide = true)]
    client_process_id: Option<u32>,
    #[command(subcommand)]
    command: Option<Command>,
}

impl Args {
    /// Whether nothing says what to do.
    fn is_bare(&self) -> bool {
        self.command.is_none() && !self.stdio && self.client_process_id.is_none()
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check a project and print the findings.
    Check(check::Args),
    /// Write down the findings that are there, so that `check` reports only new ones.
    Baseline(baseline::Args),
    /// Review a project: verdict, score, findings, and what to do.
    Review(review::Args),
    /// Hold documents, such as reviews and audits, against the code.
    Verify(verify::Args),
    /// Write a `readiness.toml` with what fits the project.
    Init(init::Args),
    /// Serve the tools of coding agents on stdin and stdout, by the Model Context Protocol.
    Mcp(mcp::Args),
    /// Print the completions of a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page.
    Man,
    /// List the rules.
    Rules {
        /// The output format.
        #[arg(long, visible_alias = "output-format", value_enum, default_value_t = ListFormat::Text)]
        format: ListFormat,
    },
    /// Print the documentation of a rule.
    Explain {
        /// The id of the rule, such as `unwrap-used`.
        rule: String,
        #[command(flatten)]
        color: terminal::ColorArgs,
    },
    /// Print the JSON schema of `readiness.toml`.
    Schema,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ListFormat {
    /// One rule a line.
    Text,
    /// An array of objects, with the documentation.
    Json,
    /// A Markdown table, as in `docs/rules.md`.
    Markdown,
}

/// What the arguments of the process ask for.
#[derive(Debug)]
pub enum Task {
    /// To run the language server.
    Serve {
        /// The id of the editor's process; the server exits with it.
        client: Option<u32>,
    },
    /// A command, which has run; the process ends with its exit code.
    Done(ExitCode),
}

/// Reads the arguments of the process and runs the command among them.
pub fn main() -> Task {
    let args = Args::parse();
    if args.is_bare() && io::stdin().is_terminal() {
        // When stderr is gone there is nobody to tell.
        let _ = writeln!(anstream::stderr(), "{WHAT_TO_DO}");
        return Task::Done(ExitCode::from(FAILURE));
    }
    log_to_stderr(args.command.is_some());
    let result = match args.command {
        None => return Task::Serve { client: args.client_process_id },
        Some(Command::Check(args)) => check::run(&args),
        Some(Command::Baseline(args)) => baseline::run(&args),
        Some(Command::Init(args)) => init::run(&args),
        Some(Command::Mcp(args)) => mcp::run(&args),
        Some(Command::Completions { shell }) => completions(shell).map(|()| ExitCode::SUCCESS),
        Some(Command::Man) => manual().map(|()| ExitCode::SUCCESS),
        Some(Command::Review(args)) => review::run(&args),
        Some(Command::Verify(args)) => verify::run(&args),
        Some(Command::Rules { format }) => explain::rules(format).map(|()| ExitCode::SUCCESS),
        Some(Command::Explain { rule, color }) => {
            explain::rule(&rule, color).map(|()| ExitCode::SUCCESS)
        }
        Some(Command::Schema) => explain::schema().map(|()| ExitCode::SUCCESS),
    };
    Task::Done(match result {
        Ok(code) => code,
        // The reader of the output went away, as `head` does: nobody is left to tell.
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // When stderr is gone as well there is nothing left to do.
            let _ = writeln!(anstream::stderr(), "error: {error:#}");
            ExitCode::from(FAILURE)
        }
    })
}

fn completions(shell: clap_complete::Shell) -> anyhow::Result<()> {
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "readiness-lsp", &mut out);
    Ok(io::stdout().lock().write_all(&out)?)
}

/// The page of the program, and behind it those of its commands.
fn manual() -> anyhow::Result<()> {
    let mut command = Args::command();
    command.build();
    let mut out = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut out)?;
    for command in command.get_subcommands().filter(|it| it.get_name() != "help") {
        let mut page = Vec::new();
        clap_mangen::Man::new(command.clone()).render(&mut page)?;
        let page = String::from_utf8_lossy(&page).into_owned();
        // One page has one title.
        let lines =
            page.lines().filter(|line| !line.starts_with(".TH ") && !line.starts_with(".ie"));
        out.extend(lines.flat_map(|line| [line.as_bytes(), b"\n"].concat()));
    }
    Ok(io::stdout().lock().write_all(&out)?)
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|it| it.kind() == io::ErrorKind::BrokenPipe)
    })
}

/// Logs go to stderr only: stdout belongs to the protocol, or to the findings. They never contain
/// the contents of files.
fn log_to_stderr(is_command: bool) {
    // The library tells of each request that an editor cancels, which is with every keystroke.
    let default = if is_command { "error" } else { "info,tower_lsp_server=warn" };
    let filter =
        EnvFilter::try_from_env("READINESS_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(false)
        // When the client is gone so is stderr: to report that there would panic.
        .log_internal_errors(false)
        .init();
}

/// A text of the project for a terminal or a log: control characters in it are shown, and do
/// nothing.
fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let show =
        |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    Cow::Owned(text.chars().map(show).collect())
}

/// `1 file`, `2 files`.
fn plural(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}
