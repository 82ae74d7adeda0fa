//! When the process ends.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Whether the client asked for `shutdown`. There is one client to a process.
static SHUTDOWN: AtomicBool = AtomicBool::new(false);

/// How long an answer may take to leave once the client wants the process to end.
const GRACE: Duration = Duration::from_secs(2);

/// Sees what a client asks for as it is read. A handler would see it too late: `exit` cancels the
/// requests before it, and serving ends only after all output is written, which never happens when
/// the client has stopped reading.
pub fn note(method: &str) {
    match method {
        "shutdown" => SHUTDOWN.store(true, Ordering::SeqCst),
        "exit" => exit_soon(),
        _ => {}
    }
}

/// Ends the process after a moment, in case that serving does not end by itself.
pub fn exit_soon() {
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
