use crate::lsp::scheduler::Scheduler;

/// Scans the folders, and asks the client for what it can tell.
pub fn initialized(scheduler: &Scheduler) {
    for folder in scheduler.session.folders() {
        scheduler.scan(folder);
    }
    scheduler.spawn(|scheduler| async move { scheduler.register_capabilities().await });
    scheduler.spawn(|scheduler| async move { scheduler.pull_settings().await });
}
