//! Standard output, by which messages go to the client.
//!
//! tower-lsp writes its messages here, each of which passes through a queue, its task and a thread
//! that may block. Diagnostics are the one thing that someone waits for with every keystroke: they
//! are written at once, by the thread that has them.

use std::future::Future;
use std::io::{self, Write};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use ls_types::Uri;
use serde::Serialize;
use tokio::io::AsyncWrite;
use tokio::task::JoinHandle;

/// The process' standard output; messages of several threads do not mix.
#[derive(Clone)]
pub struct Stdout(Arc<Mutex<dyn Write + Send>>);

/// `textDocument/publishDiagnostics`.
#[derive(Serialize)]
struct Message<'a, T> {
    jsonrpc: &'static str,
    method: &'static str,
    params: Params<'a, T>,
}

#[derive(Serialize)]
struct Params<'a, T> {
    uri: &'a Uri,
    diagnostics: &'a T,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i32>,
}

impl Stdout {
    /// # Errors
    ///
    /// When the process has no standard output.
    pub fn new() -> io::Result<Self> {
        // Not by `io::stdout`, which cuts messages at line ends.
        #[cfg(unix)]
        let owned = std::os::fd::AsFd::as_fd(&io::stdout()).try_clone_to_owned()?;
        #[cfg(windows)]
        let owned =
            std::os::windows::io::AsHandle::as_handle(&io::stdout()).try_clone_to_owned()?;
        Ok(Self(Arc::new(Mutex::new(std::fs::File::from(owned)))))
    }

    /// Publishes a list of diagnostics; blocks while the client does not read.
    pub fn publish(&self, uri: &Uri, diagnostics: &impl Serialize, version: Option<i32>) {
        let params = Params { uri, diagnostics, version };
        let method = "textDocument/publishDiagnostics";
        self.send(&Message { jsonrpc: "2.0", method, params });
    }

    /// Writes a message; blocks while the client does not read.
    pub fn send(&self, message: &impl Serialize) {
        let sent = serde_json::to_string(message).map_err(io::Error::from).and_then(|body| {
            self.write(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes())
        });
        if let Err(error) = sent {
            tracing::error!(%error, "cannot write a message");
        }
    }

    /// Writes whole messages.
    fn write(&self, messages: &[u8]) -> io::Result<()> {
        let mut out = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        out.write_all(messages)?;
        out.flush()
    }
}

impl std::fmt::Debug for Stdout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stdout")
    }
}

/// The side of tower-lsp, which hands over whole messages with each write.
#[derive(Debug)]
pub struct Messages {
    stdout: Stdout,
    /// The write that goes on.
    writing: Option<JoinHandle<io::Result<()>>>,
}

impl Messages {
    pub fn new(stdout: Stdout) -> Self {
        Self { stdout, writing: None }
    }
}

impl AsyncWrite for Messages {
    /// Takes all of `buffer`, or a message could be cut in two.
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.as_mut().poll_flush(cx))?;
        let (stdout, messages) = (self.stdout.clone(), buffer.to_vec());
        self.writing = Some(tokio::task::spawn_blocking(move || stdout.write(&messages)));
        Poll::Ready(Ok(buffer.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(writing) = &mut self.writing else { return Poll::Ready(Ok(())) };
        let written = ready!(Pin::new(writing).poll(cx));
        self.writing = None;
        Poll::Ready(written.unwrap_or_else(|error| Err(io::Error::other(error))))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}
