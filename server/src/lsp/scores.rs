//! The verdict and the score of each folder, for clients that show them.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ls_types::Uri;

use super::scheduler::Scheduler;
use super::score_notification::{ScoreNotification, ScoreParams};
use crate::review::Summary;
use crate::workspace::{Phase, Workspace};

/// For so long nothing else has to happen before scores are computed: they look at all files, and
/// nobody waits for them.
const QUIET: Duration = Duration::from_millis(400);

impl Scheduler {
    /// Tells the scores of all folders that have others than the client was told, once nothing has
    /// changed for a while.
    pub fn refresh_scores(&self) {
        if !self.session.support().shows_score {
            return;
        }
        let turn = self.session.score_turn.fetch_add(1, Ordering::Relaxed) + 1;
        self.spawn(move |scheduler| async move {
            tokio::time::sleep(QUIET).await;
            // Something changed meanwhile, for which another task waits.
            if scheduler.session.score_turn.load(Ordering::Relaxed) == turn {
                scheduler.tell_scores().await;
            }
        });
    }

    async fn tell_scores(&self) {
        for workspace in self.session.folders() {
            let Some(folder) = workspace.disk().map(|it| it.root().to_path_buf()) else { continue };
            let Some(folder) = Uri::from_file_path(&folder) else { continue };
            let computed = tokio::task::spawn_blocking(move || summary(&workspace)).await;
            let Ok(Some(it)) = computed else { continue };
            let params = ScoreParams {
                folder,
                ready: it.ready,
                blockers: it.blockers,
                score: it.score,
                level: it.level.name().to_string(),
            };
            if self.session.set_told_score(&params) {
                self.client().send_notification::<ScoreNotification>(params).await;
            }
        }
    }
}

/// Nothing before the folder is known.
fn summary(workspace: &Arc<Workspace>) -> Option<Summary> {
    let snapshot = workspace.snapshot();
    (*snapshot.phase() == Phase::Known).then(|| snapshot.review_summary())
}
