//! The one door through which files are opened.
//!
//! What lies in a workspace may be anything: a pipe that nobody writes to, a device that never
//! ends, a file of any size. `tests/architecture.rs` checks that nothing else opens files.

use std::fs::{File, Metadata, OpenOptions};
use std::io::Read;
use std::path::Path;

use crate::syntax::MAX_FILE_BYTES;

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The path leads out of the workspace, by `..` or through a link.
    #[error("outside the workspace")]
    Outside,
    /// A folder, a pipe or a device.
    #[error("not a regular file")]
    NotAFile,
    /// Over the limit.
    #[error("larger than {} MiB", MAX_FILE_BYTES / 1024 / 1024)]
    TooLarge,
    /// The offset of the first byte that is no UTF-8.
    #[error("not UTF-8 text (byte {0})")]
    NotUtf8(usize),
    /// Another process changed the file since it was read.
    #[error("changed by another process meanwhile")]
    Changed,
    /// The system refused to read it.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Opens a regular file. Neither a pipe without a writer nor a device is waited for.
pub(super) fn open(path: &Path) -> Result<(File, Metadata), ReadError> {
    // To open a device may do something.
    if !path.metadata()?.is_file() {
        return Err(ReadError::NotAFile);
    }
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits() as i32);
    }
    let file = options.open(path)?;
    // It may be another one by now.
    let metadata = file.metadata()?;
    if metadata.is_file() { Ok((file, metadata)) } else { Err(ReadError::NotAFile) }
}

/// What a regular file of at most `limit` bytes has in it.
pub(super) fn bytes(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    let (file, metadata) = open(path)?;
    if metadata.len() > limit {
        return Err(ReadError::TooLarge);
    }
    // The size may be a lie, as it is for files of /proc: the limit holds for what is read.
    let mut bytes = Vec::with_capacity(metadata.len() as usize);
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(ReadError::TooLarge) } else { Ok(bytes) }
}

/// The text of a regular file of at most `limit` bytes.
pub(super) fn text(path: &Path, limit: u64) -> Result<String, ReadError> {
    String::from_utf8(bytes(path, limit)?)
        .map_err(|error| ReadError::NotUtf8(error.utf8_error().valid_up_to()))
}
