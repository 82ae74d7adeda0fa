use std::process::ExitCode;

use readiness_lsp::cli::{self, Task};
use readiness_lsp::lsp;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match cli::main() {
        Task::Serve { client } => lsp::serve_stdio(client),
        Task::Done(code) => code,
    }
}
