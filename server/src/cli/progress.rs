use std::io::{self, IsTerminal, Write};

/// A line on stderr that counts files, when stderr is a terminal.
pub struct Progress {
    is_shown: bool,
}

impl Progress {
    pub fn start() -> Self {
        Self { is_shown: io::stderr().is_terminal() }
    }

    /// One that shows nothing.
    pub fn quiet() -> Self {
        Self { is_shown: false }
    }

    pub fn show(&self, done: usize, all: usize) {
        if self.is_shown && (done.is_multiple_of(50) || done == all) {
            // A lost progress line is no loss.
            let _ = write!(io::stderr(), "\rChecking {done}/{all} files");
        }
    }

    pub fn finish(&self) {
        if self.is_shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
