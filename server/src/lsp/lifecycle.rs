//! When the process ends.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the client asked for `shutdown`. There is one client to a process.
static SHUTDOWN: AtomicBool = AtomicBool::new(false);

pub fn shutdown_requested() {
    SHUTDOWN.store(true, Ordering::SeqCst);
}

/// Ends the process: with 0 after `shutdown`, with 1 without.
pub fn exit() -> ! {
    let code = i32::from(!SHUTDOWN.load(Ordering::SeqCst));
    std::process::exit(code)
}

/// Ends this process when another one, the client, is gone. The client's end usually closes our
/// stdin as well, but not when something else holds the pipe open.
#[cfg(unix)]
pub fn end_with_process(id: u32) {
    use rustix::io::Errno;
    use rustix::process::{Pid, test_kill_process};
    use std::time::Duration;

    let Some(pid) = i32::try_from(id).ok().and_then(Pid::from_raw) else { return };
    let watch = move || {
        // Somebody else's process cannot be signalled, and is alive.
        while !matches!(test_kill_process(pid), Err(Errno::SRCH)) {
            std::thread::sleep(Duration::from_secs(1));
        }
        tracing::info!("the client is gone");
        exit();
    };
    if let Err(error) = std::thread::Builder::new().name("client-watch".into()).spawn(watch) {
        tracing::warn!(%error, "the client is not watched");
    }
}

/// Other systems close our stdin when the client ends.
#[cfg(not(unix))]
pub fn end_with_process(_id: u32) {}
