//! Standard input, by which messages come from the client.

use tokio::io::AsyncRead;

/// The process' standard input, for a task of the runtime that this is called in.
///
/// The thread that handles messages waits for the next one in a pipe or a socket itself. Anything
/// else, as a terminal, is read by a thread of its own, which then wakes that one: that takes a
/// part of the time that a keystroke does.
pub fn stdin() -> Box<dyn AsyncRead + Send + Unpin> {
    #[cfg(unix)]
    match unix::stdin() {
        Ok(Some(input)) => return input,
        Ok(None) => {}
        Err(error) => tracing::debug!(%error, "stdin is read by a separate thread"),
    }
    Box::new(tokio::io::stdin())
}

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io;
    use std::os::fd::{AsFd, OwnedFd};
    use std::os::unix::fs::{FileTypeExt, MetadataExt};

    use tokio::io::AsyncRead;
    use tokio::net::{UnixStream, unix::pipe};

    /// Standard input, when it is something that a runtime can wait for.
    pub fn stdin() -> io::Result<Option<Box<dyn AsyncRead + Send + Unpin>>> {
        let stdin = file(io::stdin())?;
        // Not to block is a property of the socket. Where a client uses one in both directions,
        // diagnostics would no longer wait for it to read.
        if is_same(&stdin, &file(io::stdout())?)? || is_same(&stdin, &file(io::stderr())?)? {
            return Ok(None);
        }
        let kind = stdin.metadata()?.file_type();
        Ok(if kind.is_fifo() {
            Some(Box::new(pipe::Receiver::from_file(stdin)?))
        } else if kind.is_socket() {
            let socket = std::os::unix::net::UnixStream::from(OwnedFd::from(stdin));
            // An error when the socket is of another family.
            socket.local_addr()?;
            socket.set_nonblocking(true)?;
            Some(Box::new(UnixStream::from_std(socket)?))
        } else {
            None
        })
    }

    fn file(stream: impl AsFd) -> io::Result<File> {
        stream.as_fd().try_clone_to_owned().map(File::from)
    }

    fn is_same(a: &File, b: &File) -> io::Result<bool> {
        let (a, b) = (a.metadata()?, b.metadata()?);
        Ok((a.dev(), a.ino()) == (b.dev(), b.ino()))
    }
}
