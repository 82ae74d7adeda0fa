//! The messages of the client on their way to tower-lsp.
//!
//! A task of its own reads them, whatever becomes of those before: tower-lsp takes no more while the
//! client does not read its answers, and the end of the input or `exit` would never be seen.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};
use tokio::sync::{Notify, mpsc};

use super::exit;
use super::frames::{Frames, Incoming};
use super::stdout::Stdout;

/// So much may wait for tower-lsp before reading stops.
const MAX_WAITING_BYTES: usize = 128 * 1024 * 1024;

const READ_BYTES: usize = 64 * 1024;

/// Reads the client's messages in a task until they end, when the process ends as well. What is no
/// message is answered there; the returned reader has the others.
pub fn read(input: impl AsyncRead + Send + Unpin + 'static, stdout: Stdout) -> MessagesIn {
    let queue = Arc::new(Queue::default());
    // readiness: allow(unbounded-queue) an answer is far smaller than the message that it is about
    let (refused, answers) = mpsc::unbounded_channel();
    tokio::spawn(answer(answers, stdout));
    tokio::spawn(pump(input, Arc::clone(&queue), refused));
    MessagesIn(queue)
}

/// Answers what is no message.
async fn answer(mut answers: mpsc::UnboundedReceiver<Value>, stdout: Stdout) {
    while let Some(answer) = answers.recv().await {
        let stdout = stdout.clone();
        let written = tokio::task::spawn_blocking(move || stdout.send(&answer)).await;
        if let Err(error) = written {
            tracing::error!(%error, "an invalid message was not answered");
        }
    }
}

async fn pump(
    mut input: impl AsyncRead + Unpin,
    queue: Arc<Queue>,
    refused: mpsc::UnboundedSender<Value>,
) {
    let mut frames = Frames::default();
    let mut buffer = vec![0; READ_BYTES];
    loop {
        let read = match input.read(&mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(read) => read,
        };
        frames.push(buffer.get(..read).unwrap_or_default());
        while let Some(incoming) = frames.next() {
            match incoming {
                Incoming::Message { method, body } => {
                    exit::note(method.as_deref().unwrap_or_default());
                    queue.push(&body);
                }
                Incoming::Refused(answer) => {
                    tracing::warn!("the client sent an invalid message");
                    // Gone with the runtime.
                    let _ = refused.send(answer);
                }
            }
        }
        queue.has_room().await;
    }
    // readiness: allow(blocking-in-async) it starts the thread that ends the process
    exit::exit_soon();
    queue.end();
}

/// Whole messages that tower-lsp has not read yet.
#[derive(Debug, Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    taken: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    bytes: bytes::BytesMut,
    ended: bool,
    reader: Option<Waker>,
}

impl Queue {
    fn change<T>(&self, change: impl FnOnce(&mut Waiting) -> T) -> T {
        change(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn push(&self, body: &[u8]) {
        let reader = self.change(|waiting| {
            let head = format!("Content-Length: {}\r\n\r\n", body.len());
            waiting.bytes.extend_from_slice(head.as_bytes());
            waiting.bytes.extend_from_slice(body);
            waiting.reader.take()
        });
        reader.into_iter().for_each(Waker::wake);
    }

    fn end(&self) {
        let reader = self.change(|waiting| {
            waiting.ended = true;
            waiting.reader.take()
        });
        reader.into_iter().for_each(Waker::wake);
    }

    async fn has_room(&self) {
        while self.change(|waiting| waiting.bytes.len()) > MAX_WAITING_BYTES {
            self.taken.notified().await;
        }
    }
}

/// The side of tower-lsp.
#[derive(Debug)]
pub struct MessagesIn(Arc<Queue>);

impl AsyncRead for MessagesIn {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let read = self.0.change(|waiting| {
            if waiting.bytes.is_empty() && !waiting.ended {
                waiting.reader = Some(cx.waker().clone());
                return Poll::Pending;
            }
            let count = waiting.bytes.len().min(buffer.remaining());
            buffer.put_slice(&waiting.bytes.split_to(count));
            Poll::Ready(Ok(()))
        });
        self.0.taken.notify_one();
        read
    }
}
