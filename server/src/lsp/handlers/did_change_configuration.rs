use ls_types::DidChangeConfigurationParams;

use crate::lsp::scheduler::Scheduler;

/// Takes the new settings, or asks for them: what the notification brings is not reliable.
pub fn did_change_configuration(scheduler: &Scheduler, params: &DidChangeConfigurationParams) {
    if scheduler.session.support().configuration {
        scheduler.spawn(|scheduler| async move { scheduler.pull_settings().await });
        return;
    }
    let settings = params.settings.get("readiness").cloned().unwrap_or_default();
    if scheduler.session.set_settings(settings) {
        scheduler.spawn(|scheduler| async move { scheduler.refresh_shown().await });
    }
}
