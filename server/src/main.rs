use std::process::ExitCode;

use readiness_lsp::cli::{self, Task};
use readiness_lsp::lsp;
use readiness_lsp::workspace::prepare_threads;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    prepare_threads();
    match cli::main() {
        Task::Serve { client } => lsp::serve_stdio(client),
        Task::Done(code) => code,
    }
}
