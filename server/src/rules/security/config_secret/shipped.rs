//! Which files of settings are part of what is deployed.

use crate::analysis::ProjectContext;
use crate::project::config_purpose::describes_cluster;
use crate::project::docker::dockerfile::Action;
use crate::project::paths::file_name;
use crate::project::{FileKind, ProjectFile};

/// What images take in.
pub(super) struct Shipped {
    /// What the last stages of Dockerfiles copy, as it is written; nothing without a Dockerfile, as
    /// then the repository does not tell how the program is deployed.
    copied: Option<Vec<String>>,
}

impl Shipped {
    pub(super) fn of(cx: &ProjectContext<'_>) -> Self {
        let mut stages = cx
            .files(FileKind::Dockerfile)
            .filter_map(|it| it.dockerfile()?.last_stage())
            .peekable();
        if stages.peek().is_none() {
            return Self { copied: None };
        }
        let mut copied = Vec::new();
        for instruction in stages.flat_map(|it| &it.instructions) {
            if let Action::Copy { sources, .. } = &instruction.action {
                copied.extend(sources.iter().map(|it| it.text.clone()));
            }
        }
        Self { copied: Some(copied) }
    }

    /// Whether a file is part of what is deployed, or nothing tells how that is done.
    pub(super) fn has(&self, file: &ProjectFile) -> bool {
        if file.kind == FileKind::Wrangler
            || file.documents().iter().any(|it| describes_cluster(file, it))
        {
            return true;
        }
        let Some(copied) = &self.copied else { return true };
        copied.iter().any(|source| {
            let source = source.trim_start_matches("./").trim_end_matches('/');
            let folder = file.path.strip_prefix(source);
            source.is_empty()
                || source == "."
                || folder.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                // From an earlier stage, by its path there.
                || file_name(source) == file.name()
                || source.contains('*') && file_name(source).rsplit('.').next() == file.name().rsplit('.').next()
        })
    }
}
