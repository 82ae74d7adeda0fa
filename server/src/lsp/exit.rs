//! When the process ends.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, ReadBuf};
use tower_lsp::jsonrpc::Request;
use tower_service::Service;

/// Whether the client asked for `shutdown`. There is one client to a process.
static SHUTDOWN: AtomicBool = AtomicBool::new(false);

/// How long an answer may take to leave once the client wants the process to end.
const GRACE: Duration = Duration::from_secs(2);

/// A service that sees `shutdown` and `exit` as they are read. A handler would see them too late:
/// `exit` cancels the requests before it, and serving ends only after all output is written, which
/// never happens when the client has stopped reading.
#[derive(Debug)]
pub struct ExitOnRequest<S>(pub S);

impl<S: Service<Request>> Service<Request> for ExitOnRequest<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match request.method() {
            "shutdown" => SHUTDOWN.store(true, Ordering::SeqCst),
            "exit" => exit_soon(),
            _ => {}
        }
        self.0.call(request)
    }
}

/// The client's messages. When they end, so does the process.
#[derive(Debug)]
pub struct ExitOnEof<R>(pub R);

impl<R: AsyncRead + Unpin> AsyncRead for ExitOnEof<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.0).poll_read(cx, buffer);
        let ended = match &read {
            Poll::Ready(Ok(())) => buffer.filled().len() == before && buffer.remaining() > 0,
            Poll::Ready(Err(_)) => true,
            Poll::Pending => false,
        };
        if ended {
            exit_soon();
        }
        read
    }
}

/// Ends the process after a moment, in case that serving does not end by itself.
fn exit_soon() {
    let wait = || {
        std::thread::sleep(GRACE);
        exit();
    };
    if std::thread::Builder::new().name("exit".into()).spawn(wait).is_err() {
        exit();
    }
}

/// Ends the process: with 0 after `shutdown`, with 1 without.
pub fn exit() -> ! {
    let code = i32::from(!SHUTDOWN.load(Ordering::SeqCst));
    std::process::exit(code)
}

/// Ends this process when another one, the client, is gone. The client's end usually closes our
/// stdin as well, but not when something else holds the pipe open.
#[cfg(unix)]
pub fn exit_with_process(id: u32) {
    use rustix::io::Errno;
    use rustix::process::{Pid, test_kill_process};

    let Some(pid) = i32::try_from(id).ok().and_then(Pid::from_raw) else { return };
    let watch = move || {
        // Somebody else's process cannot be signalled, and is alive.
        while !matches!(test_kill_process(pid), Err(Errno::SRCH)) {
            std::thread::sleep(Duration::from_secs(1));
        }
        tracing::info!("the client process is gone, exiting");
        exit();
    };
    if let Err(error) = std::thread::Builder::new().name("client-watch".into()).spawn(watch) {
        tracing::warn!(%error, "cannot watch the client process");
    }
}

/// Other systems close our stdin when the client ends.
#[cfg(not(unix))]
pub fn exit_with_process(_id: u32) {}
