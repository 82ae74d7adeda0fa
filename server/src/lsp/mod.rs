//! The language server: the only place that names the types of LSP.

mod actions;
mod backend;
mod capabilities;
mod completion;
mod convert;
mod diagnostics;
mod documents;
mod input;
mod lifecycle;
mod output;
mod pages;
mod reviews;
mod session;

use std::process::ExitCode;

use tower_lsp::{LspService, Server};

use crate::workspace::STACK_BYTES;

/// Handlers that run at once. A change of a document only waits for its turn behind requests that
/// are being answered, so there is room for many.
const CONCURRENCY: usize = 32;

/// Serves on stdin and stdout. Does not return while the client lives: the process ends when the
/// client says `exit`, closes our stdin, or dies.
///
/// The exit code is 0 when the client asked for `shutdown` before, 1 otherwise.
pub fn serve_stdio(client: Option<u32>) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(STACK_BYTES)
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "cannot start");
            return ExitCode::FAILURE;
        }
    };
    if let Some(client) = client {
        lifecycle::end_with_process(client);
    }
    let output = match output::Output::stdout() {
        Ok(output) => output,
        Err(error) => {
            tracing::error!(%error, "nothing can be written");
            return ExitCode::FAILURE;
        }
    };
    let messages = output::Messages::new(output.clone());
    let new = |client| backend::Backend::new(client, output);
    let (service, socket) = LspService::build(new).finish();
    // Served from a task: a handler that panics takes down the task and not this thread, which
    // then ends the process.
    let served = runtime.spawn(async {
        let input = lifecycle::Input(input::stdin());
        let server = Server::new(input, messages, socket);
        server.concurrency_level(CONCURRENCY).serve(lifecycle::Ending(service)).await;
    });
    if let Err(error) = runtime.block_on(served) {
        tracing::error!(%error, "the server failed");
    }
    // Reading stdin may still block a thread of the runtime, which a return would wait for.
    lifecycle::exit()
}
