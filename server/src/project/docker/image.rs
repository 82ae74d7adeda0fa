use super::cargo::CargoCall;
use super::{BuildContext, Presence, Variables};
use crate::project::docker::dockerfile::{Action, BindMount, Dockerfile, Instruction};
use crate::project::paths::{file_name, inside, join};
use crate::project::shell::{Command, Link, programs};

/// Which files of the build context a stage has so far, and where. Paths of the image are written
/// without the `/` in front.
#[derive(Debug, Clone, Default)]
pub struct Image {
    layers: Vec<Layer>,
    workdir: String,
    variables: Variables,
    /// Whether commands may have made or moved manifests.
    pub has_other_manifests: bool,
    /// Whether commands may have brought in sources by another way.
    pub has_other_sources: bool,
}

/// A file or folder of the build context and its place in the image.
#[derive(Debug, Clone)]
struct Layer {
    to: String,
    from: String,
}

/// A call of cargo that reads the workspace, and what the image has by then.
pub struct Build<'d> {
    /// The place of the stage in the file.
    pub stage: usize,
    /// The call itself.
    pub call: CargoCall,
    /// The folder of the image that cargo runs in.
    pub folder: String,
    /// What is in the image when cargo runs.
    pub image: Image,
    /// The `RUN` that calls cargo.
    pub instruction: &'d Instruction,
    /// The `COPY`s out of the build context so far, those of earlier stages that this one builds
    /// on among them.
    pub copies: Vec<&'d Instruction>,
}

impl Image {
    /// The path in the build context of a file or folder of the image, if the context has it.
    pub fn source(&self, context: &BuildContext<'_, '_>, path: &str) -> Option<String> {
        let path = join("", path);
        let sources = self.layers.iter().rev().filter_map(|layer| {
            let rest = inside(&path, &layer.to)?;
            Some(join(&layer.from, rest))
        });
        let mut sources = sources.filter(|it| context.presence(it) == Presence::Present);
        sources.next()
    }

    /// Whether the image has a file or folder of the build context, or something in the folder.
    pub fn has(&self, context: &BuildContext<'_, '_>, path: &str) -> bool {
        self.source(context, path).is_some()
            || self.layers.iter().any(|layer| inside(&layer.to, path).is_some())
    }

    /// A path as an instruction writes it, from the root of the image on; nothing when a variable
    /// is not known.
    fn place(&self, written: &str) -> Option<String> {
        let path = self.variables.expand(written)?;
        Some(if path.starts_with('/') { join("", &path) } else { join(&self.workdir, &path) })
    }

    fn put(&mut self, to: String, from: String) {
        self.layers.push(Layer { to, from });
    }

    fn copy(
        &mut self,
        context: &BuildContext<'_, '_>,
        sources: &[String],
        dest: &str,
        keeps_parents: bool,
    ) {
        let Some(to) = self.place(dest) else { return self.give_up() };
        for source in sources {
            let Some(pattern) = self.variables.expand(source) else {
                self.give_up();
                continue;
            };
            for path in context.expand(&pattern) {
                let name = file_name(&path);
                if keeps_parents {
                    let kept = pattern.split_once("/./").map_or(path.as_str(), |(pivot, _)| {
                        inside(&path, &join("", pivot)).unwrap_or(&path)
                    });
                    self.put(join(&to, kept), path);
                    continue;
                }
                // A file goes to the path, or into it when that is a folder; a folder's content
                // goes into it. Taking each for either finds too much, and never too little.
                self.put(join(&to, name), path.clone());
                self.put(to.clone(), path);
            }
        }
    }

    /// `COPY --from` of an earlier stage.
    fn copy_from(&mut self, other: &Self, source: &str, dest: &str) {
        let (Some(source), Some(to)) = (other.place(source), self.place(dest)) else {
            return self.give_up();
        };
        let name = file_name(&source);
        for layer in &other.layers {
            if let Some(rest) = inside(&layer.to, &source) {
                self.put(join(&to, rest), layer.from.clone());
                self.put(join(&join(&to, name), rest), layer.from.clone());
            } else if let Some(rest) = inside(&source, &layer.to) {
                self.put(to.clone(), join(&layer.from, rest));
                self.put(join(&to, name), join(&layer.from, rest));
            }
        }
        self.has_other_manifests |= other.has_other_manifests;
        self.has_other_sources |= other.has_other_sources;
    }

    /// `COPY --from` of an image from elsewhere: what that has is known to its maker.
    fn copy_from_elsewhere(&mut self, dest: &str) {
        let to = self.place(dest);
        let is_near = to.is_none_or(|to| {
            inside(&self.workdir, &to).is_some() || inside(&to, &self.workdir).is_some()
        });
        if is_near {
            self.give_up();
        }
    }

    fn give_up(&mut self) {
        self.has_other_manifests = true;
        self.has_other_sources = true;
    }

    /// What a command does to the files of the workspace, as far as it can be told.
    fn run(&mut self, command: &Command, folder: &str) {
        let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
        let arguments = words.get(1..).unwrap_or_default();
        let is_elsewhere = |path: &&str| {
            path.starts_with('/')
                && (folder.is_empty() || inside(&join("", path), folder).is_none())
        };
        match words.first().copied().unwrap_or_default() {
            "git"
                if arguments.iter().any(|it| matches!(*it, "clone" | "checkout" | "submodule")) =>
            {
                self.give_up();
            }
            "cargo" => match arguments {
                ["chef", "cook", ..] | ["new" | "init", ..] => self.has_other_manifests = true,
                _ => {}
            },
            "cp" | "mv" | "ln" | "rsync" | "install" | "tar" | "unzip" | "patch"
                if !arguments.iter().any(is_elsewhere) =>
            {
                self.give_up();
            }
            "sh" | "bash" if arguments.first().is_none_or(|it| it.starts_with('-')) => {}
            "sh" | "bash" | "make" | "just" | "python" | "python3" | "npm" | "yarn" | "pnpm" => {
                self.has_other_sources = true;
            }
            _ => {}
        }
        if words.iter().any(|it| it.contains("Cargo.toml"))
            && (matches!(words.first(), Some(&("sed" | "perl" | "awk" | "tee" | "find" | "xargs")))
                || words.iter().any(|it| it.starts_with('>')))
        {
            self.has_other_manifests = true;
        }
    }

    fn mount(&mut self, context: &BuildContext<'_, '_>, images: &Stages<'_>, mount: BindMount) {
        match mount.from {
            None => self.copy(context, &[mount.source], &mount.target, false),
            Some(stage) => match images.find(&stage) {
                Some(other) => self.copy_from(other, &mount.source, &mount.target),
                None => self.give_up(),
            },
        }
    }
}

/// The stages that are done.
struct Stages<'d> {
    dockerfile: &'d Dockerfile,
    images: Vec<(Image, Vec<&'d Instruction>)>,
}

impl<'d> Stages<'d> {
    fn find(&self, name: &str) -> Option<&Image> {
        self.get(name).map(|(image, _)| image)
    }

    fn get(&self, name: &str) -> Option<&(Image, Vec<&'d Instruction>)> {
        let stage = self.dockerfile.stage(name)?;
        let index = self.dockerfile.stages.iter().position(|it| std::ptr::eq(it, stage))?;
        self.images.get(index)
    }
}

/// The calls of cargo in a Dockerfile that read the workspace, in order.
pub fn builds<'d>(dockerfile: &'d Dockerfile, context: &BuildContext<'_, '_>) -> Vec<Build<'d>> {
    let mut builds = Vec::new();
    let mut stages = Stages { dockerfile, images: Vec::new() };
    for (index, stage) in dockerfile.stages.iter().enumerate() {
        let (mut image, mut copies) = stages.get(&stage.image.text).cloned().unwrap_or_default();
        dockerfile.declare(stage, &mut image.variables);
        for instruction in &stage.instructions {
            instruction.action.assign(&mut image.variables);
            match &instruction.action {
                Action::Workdir(path) => match image.place(&path.text) {
                    Some(path) => image.workdir = path,
                    None => image.give_up(),
                },
                Action::Copy { from: None, sources, dest, flags, is_add } => {
                    let sources: Vec<String> = sources.iter().map(|it| it.text.clone()).collect();
                    let keeps_parents = flags.iter().any(|(name, _)| name == "parents");
                    if *is_add && sources.iter().any(|it| is_fetched(it)) {
                        image.has_other_sources |= image.place(&dest.text).is_none();
                    } else {
                        image.copy(context, &sources, &dest.text, keeps_parents);
                        copies.push(instruction);
                    }
                }
                Action::Copy { from: Some(from), sources, dest, .. } => {
                    match stages.find(&from.text) {
                        Some(other) => {
                            for source in sources {
                                image.copy_from(other, &source.text, &dest.text);
                            }
                        }
                        None => image.copy_from_elsewhere(&dest.text),
                    }
                }
                Action::Run { script, .. } => {
                    let mut mounted = image.clone();
                    for mount in instruction.action.bind_mounts() {
                        mounted.mount(context, &stages, mount);
                    }
                    for (call, folder, mounted) in run(&script.text, &mut image, mounted) {
                        let copies = copies.clone();
                        let image = mounted;
                        builds.push(Build {
                            stage: index,
                            call,
                            folder,
                            image,
                            instruction,
                            copies,
                        });
                    }
                }
                _ => {}
            }
        }
        stages.images.push((image, copies));
    }
    builds
}

/// Runs a script in an image, which keeps what its commands do, and in the same image with its
/// mounts. Returns the calls of cargo that read the workspace, each with the folder that it runs in
/// and what the mounted image has by then.
fn run(script: &str, image: &mut Image, mut mounted: Image) -> Vec<(CargoCall, String, Image)> {
    let mut calls = Vec::new();
    let mut folder = Some(mounted.workdir.clone());
    for command in programs(script) {
        if command.words.first().is_some_and(|it| it == "cd") {
            let to = command.words.get(1).map_or("/", String::as_str);
            let to = mounted.variables.expand(to);
            folder = to.zip(folder).map(|(to, folder)| below(&folder, &to));
            continue;
        }
        let near = folder.clone().unwrap_or_default();
        mounted.run(&command, &near);
        image.run(&command, &near);
        let call = CargoCall::of(&command).filter(|it| it.loads_workspace());
        let (Some(call), Some(folder), false) = (call, &folder, command.next == Link::Or) else {
            continue;
        };
        let folder = match &call.folder {
            Some(path) if path.contains('$') => continue,
            Some(path) => below(folder, path),
            None => folder.clone(),
        };
        calls.push((call, folder, mounted.clone()));
    }
    calls
}

/// Whether `ADD` fetches it instead of copying.
pub fn is_fetched(source: &str) -> bool {
    source.contains("://") || source.starts_with("git@")
}

fn below(folder: &str, path: &str) -> String {
    if path.starts_with('/') { join("", path) } else { join(folder, path) }
}
