use std::collections::{BTreeMap, BTreeSet};

use super::{Build, BuildContext, Presence};
use crate::project::TrackedProject;
use crate::project::paths::{folder_of, inside, join};
use crate::project::values::Node;
use crate::project::{
    Manifests, Member, ProjectFile, ReferenceKind, Role, dependencies_by_path, members,
};
use crate::text::FileRange;

/// The workspace, or the package without one, that a call of cargo in an image reads.
pub struct CopiedWorkspace<'a> {
    /// Its manifest.
    pub root: &'a ProjectFile,
    /// The folder of the image that the manifest is in.
    place: String,
    /// The manifest nearest to the folder that cargo runs in.
    nearest: &'a ProjectFile,
}

/// Something that is compiled in.
pub struct CompiledIn {
    /// What has to be copied: a file, or the folder it is in; relative to the root of the project.
    pub path: String,
    /// The source that refers to it.
    pub source: String,
    /// Where.
    pub range: FileRange,
}

impl<'a> CopiedWorkspace<'a> {
    /// Nothing when the image has no manifest of the project where cargo runs.
    pub fn of(
        build: &Build<'_>,
        context: &BuildContext<'_, '_>,
        manifests: &Manifests<'a>,
    ) -> Option<Self> {
        let mut found: Option<(&'a ProjectFile, String)> = None;
        let mut folder = build.folder.as_str();
        loop {
            let source = build.image.source(context, &join(folder, "Cargo.toml"));
            let path = source.map(|source| join(&context.folder, &source));
            let manifest = path.and_then(|path| manifests.get(folder_of(&path)).copied());
            if let Some(manifest) = manifest {
                let nearest = found.as_ref().map_or(manifest, |(nearest, _)| *nearest);
                if manifest.root().is_some_and(|it| it.get("workspace").is_some()) {
                    return Some(Self { root: manifest, place: folder.to_string(), nearest });
                }
                found.get_or_insert((manifest, folder.to_string()));
            }
            if folder.is_empty() {
                let (root, place) = found?;
                return Some(Self { root, place, nearest: root });
            }
            folder = folder_of(folder);
        }
    }

    /// Where cargo looks for a path of the project; nothing when that is above the image's root.
    pub fn place_of(&self, path: &str) -> Option<String> {
        let mut root = self.root.folder();
        let mut place = self.place.as_str();
        loop {
            if let Some(rest) = inside(path, root) {
                return Some(join(place, rest));
            }
            if place.is_empty() {
                return None;
            }
            root = folder_of(root);
            place = folder_of(place);
        }
    }

    /// Whether the image has a path of the project where cargo looks for it.
    pub fn has(&self, build: &Build<'_>, context: &BuildContext<'_, '_>, path: &str) -> bool {
        self.place_of(path).is_some_and(|it| build.image.source(context, &it).is_some())
    }

    /// The members whose manifests the image lacks.
    pub fn missing(
        &self,
        build: &Build<'_>,
        context: &BuildContext<'_, '_>,
        manifests: &Manifests<'a>,
    ) -> Vec<Member> {
        if build.image.has_other_manifests {
            return Vec::new();
        }
        let has = |folder: &str| self.has(build, context, &join(folder, "Cargo.toml"));
        let mut missing = members(self.root, manifests, has);
        // What lies outside of the build context tells that the context is another one.
        missing.retain(|it| inside(&it.folder, &context.folder).is_some() && !has(&it.folder));
        missing
    }

    /// What the sources that are built compile in and the image lacks, each path once.
    pub fn missing_includes(
        &self,
        cx: &TrackedProject<'_>,
        build: &Build<'_>,
        context: &BuildContext<'_, '_>,
        manifests: &Manifests<'a>,
    ) -> Vec<CompiledIn> {
        if build.image.has_other_sources {
            return Vec::new();
        }
        let is_compiled_in =
            |it: &ReferenceKind| matches!(it, ReferenceKind::Include(_) | ReferenceKind::Embed(_));
        let references = cx.references().filter(|(_, it)| !it.in_test && is_compiled_in(&it.kind));
        let mut references = references.peekable();
        if references.peek().is_none() {
            return Vec::new();
        }
        let Some(built) = self.built(build, manifests) else { return Vec::new() };
        let mut missing: BTreeMap<String, CompiledIn> = BTreeMap::new();
        for (source, reference) in references {
            let Some(package) = cx.packages().owner(source) else { continue };
            let (base, path) = match &reference.kind {
                ReferenceKind::Include(path) => (folder_of(source), path),
                ReferenceKind::Embed(path) => (package.folder.as_str(), path),
                _ => continue,
            };
            let is_built = built.contains(package.folder.as_str())
                && match package.role(source) {
                    Role::Lib | Role::Build => true,
                    Role::Bin => !source.contains("/bin/") && !source.starts_with("bin/"),
                    Role::Test => false,
                };
            let path = join(base, path);
            if is_built
                && cx.is_listed(&path)
                && inside(&path, self.root.folder()).is_some()
                && self.has(build, context, source)
                && !self.has(build, context, &path)
            {
                let path = self.to_copy(build, context, &package.folder, &path);
                let source = source.to_string();
                let found = CompiledIn { path: path.clone(), source, range: reference.range };
                missing.entry(path).or_insert(found);
            }
        }
        missing.into_values().collect()
    }

    /// The folder of the package that a file is in, when the image has nothing of it; else the
    /// file alone.
    fn to_copy(
        &self,
        build: &Build<'_>,
        context: &BuildContext<'_, '_>,
        package: &str,
        path: &str,
    ) -> String {
        let base = if inside(path, package).is_some() { package } else { self.root.folder() };
        let first = inside(path, base).and_then(|it| it.split('/').next()).unwrap_or_default();
        let folder = join(base, first);
        let place = self.place_of(&folder);
        let has_some = place.is_none_or(|place| build.image.has(context, &place));
        let is_left_out = inside(&folder, &context.folder)
            .is_none_or(|it| context.presence(it) != Presence::Present);
        if has_some || is_left_out { path.to_string() } else { folder }
    }

    /// The folders of the packages that are built; nothing when it cannot be told.
    fn built(&self, build: &Build<'_>, manifests: &Manifests<'a>) -> Option<BTreeSet<String>> {
        let text = |node: Option<&Node>| node.and_then(Node::as_str).map(str::to_string);
        let named = |manifest: &ProjectFile, names: &[String]| {
            let root = manifest.root();
            let package = text(root.and_then(|it| it.at(&["package", "name"])));
            let bins = root.and_then(|it| it.get("bin")).into_iter().flat_map(Node::items);
            let bins = bins.filter_map(|bin| text(bin.get("name")));
            package.into_iter().chain(bins).any(|it| names.contains(&it))
        };
        let all: Vec<&'a ProjectFile> = members(self.root, manifests, |_| true)
            .iter()
            .filter_map(|it| manifests.get(it.folder.as_str()).copied())
            .chain([self.root])
            .collect();
        let names = [build.call.packages.clone(), build.call.bins.clone()].concat();
        let mut next: Vec<&'a ProjectFile> = if !names.is_empty() {
            let chosen: Vec<_> = all.into_iter().filter(|it| named(it, &names)).collect();
            if chosen.is_empty() {
                return None;
            }
            chosen
        } else if build.call.is_all {
            all
        } else if self.nearest.root().is_some_and(|it| it.get("package").is_some()) {
            vec![self.nearest]
        } else {
            let chosen = self.root.root().and_then(|it| it.at(&["workspace", "default-members"]));
            let chosen: Vec<String> = chosen
                .into_iter()
                .flat_map(Node::items)
                .filter_map(|it| Some(join(self.root.folder(), it.as_str()?)))
                .collect();
            all.into_iter()
                .filter(|it| chosen.is_empty() || chosen.iter().any(|path| path == it.folder()))
                .collect()
        };
        let mut built = BTreeSet::new();
        while let Some(manifest) = next.pop() {
            if built.insert(manifest.folder().to_string()) {
                let needed = dependencies_by_path(manifest, self.root);
                next.extend(needed.iter().filter_map(|it| manifests.get(it.folder.as_str())));
            }
        }
        Some(built)
    }
}
