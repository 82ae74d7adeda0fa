//! The language server: the only place that names the types of LSP.

mod backend;
mod capabilities;
mod client_settings;
mod client_support;
mod convert;
mod diagnostics;
mod document;
mod document_task;
mod exit;
mod frames;
mod handlers;
mod messages_in;
mod publish;
mod publisher;
mod rule_pages;
mod scheduler;
mod score_notification;
mod scores;
mod session;
mod snapshot;
mod stdin;
mod stdout;
mod workspace_edit;

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
        // One reads messages while a handler holds another one.
        .worker_threads(std::thread::available_parallelism().map_or(2, |it| it.get().max(2)))
        .thread_stack_size(STACK_BYTES)
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "cannot start the runtime");
            return ExitCode::FAILURE;
        }
    };
    if let Some(client) = client {
        exit::exit_with_process(client);
    }
    let stdout = match stdout::Stdout::new() {
        Ok(stdout) => stdout,
        Err(error) => {
            tracing::error!(%error, "cannot write to stdout");
            return ExitCode::FAILURE;
        }
    };
    let messages_out = stdout::Messages::new(stdout.clone());
    let to_client = stdout.clone();
    let new = |client| backend::Backend::new(client, to_client);
    let (service, socket) = LspService::build(new).finish();
    // Served from a task: a handler that panics takes down the task and not this thread, which
    // then ends the process.
    let served = runtime.spawn(async {
        let messages_in = messages_in::read(stdin::stdin(), stdout);
        let server = Server::new(messages_in, messages_out, socket);
        server.concurrency_level(CONCURRENCY).serve(service).await;
    });
    if let Err(error) = runtime.block_on(served) {
        tracing::error!(%error, "the server panicked");
    }
    // Reading stdin may still block a thread of the runtime, which a return would wait for.
    exit::exit()
}
