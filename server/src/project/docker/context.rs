use super::ignores::DockerIgnores;
use crate::project::TrackedProject;
use crate::project::docker::dockerfile::{Action, Dockerfile};
use crate::project::paths::{folder_of, inside, join};
use crate::project::values::Node;
use crate::project::{FileKind, ProjectFile};

/// A folder that a Dockerfile may be built in, and what `.dockerignore` leaves of it.
pub struct BuildContext<'a, 'b> {
    cx: &'b TrackedProject<'a>,
    /// Relative to the root of the project; empty for the root.
    pub folder: String,
    ignores: Option<(&'a ProjectFile, DockerIgnores)>,
}

/// Whether a build sees a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It does.
    Present,
    /// It is there, and `.dockerignore` keeps it out.
    Ignored,
    /// There is no such file or folder.
    Absent,
}

impl<'a, 'b> BuildContext<'a, 'b> {
    /// Every folder that a Dockerfile may well be built in, the likeliest first: the one in which
    /// most of what it copies exists. Empty when nothing of it exists in any.
    pub fn likely(
        cx: &'b TrackedProject<'a>,
        file: &'a ProjectFile,
        dockerfile: &Dockerfile,
    ) -> Vec<Self> {
        let mut folders = vec![String::new()];
        let mut folder = file.folder();
        while !folder.is_empty() {
            folders.push(folder.to_string());
            folder = folder_of(folder);
        }
        for compose in cx.files(FileKind::Compose) {
            for (context, _) in builds_in(compose) {
                folders.push(join(compose.folder(), &context));
            }
        }
        folders.sort();
        folders.dedup();
        let mut contexts: Vec<(usize, Self)> = folders
            .into_iter()
            .map(|folder| {
                let context = Self::new(cx, file, folder);
                (context.copied(dockerfile), context)
            })
            .collect();
        contexts.sort_by_key(|(count, context)| {
            // Of equally good ones the root, then the folder of the Dockerfile.
            (std::cmp::Reverse(*count), !context.folder.is_empty(), context.folder != file.folder())
        });
        if contexts.first().is_some_and(|(count, _)| *count == 0) {
            return Vec::new();
        }
        contexts.into_iter().map(|(_, context)| context).collect()
    }

    /// Whether the first of the likely folders is the one that a Dockerfile is built in: no other
    /// one has as much of what it copies.
    pub fn is_known(likely: &[Self], dockerfile: &Dockerfile) -> bool {
        match likely {
            [first, second, ..] => first.copied(dockerfile) > second.copied(dockerfile),
            likely => !likely.is_empty(),
        }
    }

    /// The build of a Dockerfile in a folder.
    pub fn new(cx: &'b TrackedProject<'a>, file: &ProjectFile, folder: String) -> Self {
        let own = format!("{}.dockerignore", file.path);
        let shared = join(&folder, ".dockerignore");
        let ignores = cx.file(&own).or_else(|| cx.file(&shared));
        let ignores = ignores.map(|file| (&**file, DockerIgnores::new(&file.text)));
        Self { cx, folder, ignores }
    }

    /// The `.dockerignore` that applies.
    pub fn ignore_file(&self) -> Option<&'a ProjectFile> {
        self.ignores.as_ref().map(|(file, _)| *file)
    }

    /// How much of what a Dockerfile copies is there.
    pub fn copied(&self, dockerfile: &Dockerfile) -> usize {
        copied(dockerfile).filter(|it| self.presence(it) != Presence::Absent).count()
    }

    /// Whether a build sees a file or folder, by its path relative to the context.
    pub fn presence(&self, path: &str) -> Presence {
        let inside = join("", path);
        let full = join(&self.folder, path);
        if !self.cx.exists(&full) {
            return Presence::Absent;
        }
        let Some((_, ignores)) = &self.ignores else { return Presence::Present };
        if inside.is_empty() || !ignores.excludes(&inside) {
            return Presence::Present;
        }
        // Of a folder that is left out some files may be let in again.
        let below = format!("{full}/");
        let files = self.cx.listing().range(below.clone()..);
        let mut files = files.take_while(|it| it.starts_with(&below));
        let lead = if self.folder.is_empty() { 0 } else { self.folder.len() + 1 };
        match files.any(|it| !ignores.excludes(it.get(lead..).unwrap_or(it))) {
            true => Presence::Present,
            false => Presence::Ignored,
        }
    }

    /// The paths that a pattern of `COPY` stands for, relative to the context.
    pub fn expand(&self, pattern: &str) -> Vec<String> {
        let pattern = join("", pattern);
        if !pattern.contains(['*', '?', '[']) {
            return vec![pattern];
        }
        let glob = globset::GlobBuilder::new(&pattern).literal_separator(true).build();
        let Ok(glob) = glob.map(|glob| glob.compile_matcher()) else { return Vec::new() };
        let depth = pattern.matches('/').count() + 1;
        let mut paths: Vec<String> = Vec::new();
        for file in self.cx.listing() {
            let Some(inside) = inside(file, &self.folder) else { continue };
            let end = inside.match_indices('/').nth(depth - 1).map_or(inside.len(), |(at, _)| at);
            let path = inside.get(..end).unwrap_or(inside);
            if paths.last().is_none_or(|last| last != path) && glob.is_match(path) {
                paths.push(path.to_string());
            }
        }
        paths
    }
}

/// The services of a compose file that are built: the folder as it is written, and the service.
pub fn builds_in(compose: &ProjectFile) -> Vec<(String, &Node)> {
    let services = compose.root().and_then(|it| it.get("services"));
    let services = services.into_iter().flat_map(Node::entries);
    let context = |service: &Node| {
        let build = service.get("build")?;
        let context = build.as_str().or_else(|| build.get("context")?.as_str());
        Some(context.unwrap_or(".").to_string())
    };
    services.filter_map(|it| Some((context(&it.value)?, &it.value))).collect()
}

/// What the stages copy or mount out of the build context, as it is written.
fn copied(dockerfile: &Dockerfile) -> impl Iterator<Item = String> {
    let instructions = dockerfile.stages.iter().flat_map(|stage| &stage.instructions);
    let sources = instructions.flat_map(|it| {
        let copied = match &it.action {
            Action::Copy { from: None, sources, .. } => sources.as_slice(),
            _ => &[],
        };
        let mounts = it.action.bind_mounts().filter(|it| it.from.is_none());
        copied.iter().map(|it| it.text.clone()).chain(mounts.map(|it| it.source))
    });
    sources.filter(|it| !it.contains(['*', '?', '$', ':']))
}
