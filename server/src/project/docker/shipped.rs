use super::builds_in;
use crate::project::TrackedProject;
use crate::project::docker::dockerfile::{Action, Dockerfile, Instruction, Spanned, Stage};
use crate::project::paths::{file_name, join};
use crate::project::values::Node;
use crate::project::{Kind, ProjectFile};

/// The image that a Dockerfile is for, with what it inherits from earlier stages.
pub struct Shipped<'d> {
    /// The stage that every compose file names, else the last one.
    pub stage: &'d Stage,
    /// The image that all of it builds on, with its arguments filled in; nothing when one is not
    /// known.
    pub base: Option<String>,
    /// The instructions of the stages that it builds on, and its own, in order.
    pub instructions: Vec<&'d Instruction>,
}

impl<'d> Shipped<'d> {
    /// Nothing for an image that starts nothing, such as one to build in, or that is for
    /// developers and tests alone.
    pub fn of(
        cx: &TrackedProject<'_>,
        file: &ProjectFile,
        dockerfile: &'d Dockerfile,
    ) -> Option<Self> {
        let mut targets: Vec<&str> = Self::services(cx, file)
            .iter()
            .map(|it| it.at(&["build", "target"]).and_then(Node::as_str).unwrap_or_default())
            .collect();
        targets.dedup();
        let target = match targets.as_slice() {
            [target] => dockerfile.stage(target),
            _ => None,
        };
        let stage = target.or_else(|| dockerfile.last_stage())?;
        let mut chain = vec![stage];
        let mut first = stage;
        // A stage builds on one in front of it: the chain ends.
        while let Some(below) = dockerfile.stage(&first.image.text)
            && chain.len() <= dockerfile.stages.len()
            && !chain.iter().any(|it| std::ptr::eq(*it, below))
        {
            chain.push(below);
            first = below;
        }
        let instructions: Vec<&Instruction> =
            chain.iter().rev().flat_map(|stage| &stage.instructions).collect();
        let shipped = Self { stage, base: dockerfile.image(first), instructions };
        (!is_for_developers(file) && shipped.start().is_some()).then_some(shipped)
    }

    /// Where the program is started: the first such instruction of the last stage, or else of
    /// those it builds on.
    pub fn start(&self) -> Option<&'d Instruction> {
        let is_start = |it: &&&Instruction| matches!(it.action, Action::Start { .. });
        let own = self.stage.instructions.iter().find(|it| is_start(&it));
        own.or_else(|| self.instructions.iter().find(is_start).copied())
    }

    /// The commands that the program is started with.
    pub fn commands(&self) -> impl Iterator<Item = &'d Spanned> {
        self.instructions.iter().filter_map(|it| match &it.action {
            Action::Start { command, .. } => Some(command),
            _ => None,
        })
    }

    /// The scripts that are run to make the image.
    pub fn scripts(&self) -> impl Iterator<Item = &'d str> {
        self.instructions.iter().filter_map(|it| match &it.action {
            Action::Run { script, .. } => Some(script.text.as_str()),
            _ => None,
        })
    }

    /// The shell scripts of the project that the image starts with.
    pub fn entry_scripts<'a>(
        &self,
        cx: &TrackedProject<'a>,
    ) -> Vec<&'a std::sync::Arc<ProjectFile>> {
        let words: Vec<&str> =
            self.commands().flat_map(|it| it.text.split_whitespace()).map(file_name).collect();
        let mut names = words.clone();
        for instruction in &self.instructions {
            // A script may be called otherwise in the image.
            if let Action::Copy { from: None, sources, dest, .. } = &instruction.action
                && let [source] = sources.as_slice()
                && words.contains(&file_name(&dest.text))
            {
                names.push(file_name(&source.text));
            }
        }
        cx.files(Kind::Script).filter(|it| names.contains(&it.name())).collect()
    }

    /// The services of compose files that this image is built for.
    pub fn services<'a>(cx: &TrackedProject<'a>, file: &ProjectFile) -> Vec<&'a Node> {
        let composes = cx.files(Kind::Compose);
        let services = composes.flat_map(|compose| {
            builds_in(compose).into_iter().filter_map(|(context, service)| {
                let folder = join(compose.folder(), &context);
                let name = service.at(&["build", "dockerfile"]).and_then(Node::as_str);
                let path = join(&folder, name.unwrap_or("Dockerfile"));
                (path == file.path).then_some(service)
            })
        });
        services.collect()
    }
}

/// Whether an image is for developers, tests or continuous integration, by its path.
fn is_for_developers(file: &ProjectFile) -> bool {
    const WORDS: &[&str] = &[
        "bench", "benches", "benchmarks", "build", "builder", "ci", "cross", "debug", "dev",
        "devcontainer", "docs", "e2e", "example", "examples", "fuzz", "fuzzing", "github",
        "gitpod", "integration", "local", "playwright", "regression", "runner", "simulator",
        "test", "testing", "tests", "tilt", "tools",
    ];
    let lower = file.path.to_ascii_lowercase();
    lower.split(['/', '.', '-', '_']).any(|word| WORDS.contains(&word))
}
