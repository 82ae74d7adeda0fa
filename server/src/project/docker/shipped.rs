use super::{CargoCall, Variables, builds_in};
use crate::project::TrackedProject;
use crate::project::docker::dockerfile::{Action, Dockerfile, Instruction, Spanned, Stage};
use crate::project::paths::{file_name, join};
use crate::project::shell::{Command, programs};
use crate::project::values::Node;
use crate::project::{FileKind, ProjectFile};

/// The image that a Dockerfile is for, with what it inherits from earlier stages.
pub struct Shipped<'d> {
    /// All of the file.
    pub dockerfile: &'d Dockerfile,
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
        let chain = dockerfile.chain(stage);
        let instructions: Vec<&Instruction> =
            chain.iter().rev().flat_map(|stage| &stage.instructions).collect();
        let base = chain.last().and_then(|first| dockerfile.image(first));
        let shipped = Self { dockerfile, stage, base, instructions };
        (!is_for_developers(file) && shipped.starts_program()).then_some(shipped)
    }

    /// Where the program is started: the first such instruction of the last stage, or else of
    /// those it builds on.
    pub fn start(&self) -> Option<&'d Instruction> {
        let is_start = |it: &&&Instruction| matches!(it.action, Action::Start { .. });
        let own = self.stage.instructions.iter().find(|it| is_start(&it));
        own.or_else(|| self.instructions.iter().find(is_start).copied())
    }

    /// Whether it starts a program of its own, and not a shell or the tests of the project.
    fn starts_program(&self) -> bool {
        /// Subcommands of cargo that are for developers.
        const FOR_DEVELOPERS: &[&str] = &[
            "bench", "build", "check", "clippy", "fmt", "fuzz", "hack", "llvm-cov", "miri",
            "mutants", "nextest", "t", "tarpaulin", "test", "watch",
        ];
        const SHELLS: &[&str] = &["ash", "bash", "fish", "sh", "zsh"];
        /// Programs that run others by name.
        const INTERPRETERS: &[&str] = &[
            "ash", "bash", "bundle", "composer", "go", "just", "make", "mvn", "node", "npm", "npx",
            "pnpm", "poetry", "python", "python3", "sh", "uv", "yarn",
        ];
        let programs: Vec<Command> = self.commands().flat_map(|it| programs(&it.text)).collect();
        // `go test`, `./scripts/test.sh`, `sh -c "pytest"`.
        let is_test = |word: &str| {
            let mut parts = word.split(|c: char| !c.is_ascii_alphanumeric());
            parts.any(|it| matches!(it, "test" | "tests" | "pytest" | "phpunit"))
        };
        let is_for_developers = |command: &Command| {
            let (program, arguments) = match command.words.split_first() {
                Some((program, arguments)) => (file_name(program), arguments),
                None => return false,
            };
            let mut runs = arguments.iter().filter(|it| !it.starts_with('-'));
            if is_test(program) || INTERPRETERS.contains(&program) && runs.any(|it| is_test(it)) {
                return true;
            }
            match CargoCall::of(command) {
                Some(call) => FOR_DEVELOPERS.contains(&call.subcommand.as_str()),
                None => SHELLS.contains(&program) && command.words.len() == 1,
            }
        };
        !programs.is_empty() && !programs.iter().all(is_for_developers)
    }

    /// A text of an instruction with its arguments and variables filled in; nothing when one is
    /// not known.
    pub fn expand(&self, written: &Spanned) -> Option<String> {
        let mut variables = Variables::default();
        for stage in self.dockerfile.chain(self.stage).iter().rev() {
            self.dockerfile.declare(stage, &mut variables);
            let before = stage.instructions.iter();
            before
                .take_while(|it| it.range.start() < written.range.start())
                .for_each(|it| it.action.assign(&mut variables));
        }
        variables.expand(&written.text)
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
        cx.files(FileKind::Script).filter(|it| names.contains(&it.name())).collect()
    }

    /// The services of compose files that this image is built for.
    pub fn services<'a>(cx: &TrackedProject<'a>, file: &ProjectFile) -> Vec<&'a Node> {
        let composes = cx.files(FileKind::Compose);
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
