use regex::{Captures, Regex};
use std::sync::LazyLock;

use super::CiService;
use super::follow::Follower;
use crate::project::values::{Entry, Node};
use crate::project::{FileKind, Project, ProjectFile};
use crate::text::{FileRange, TextSize};

/// What continuous integration runs.
#[derive(Debug, Default)]
pub struct Pipeline {
    /// What its files say, in order.
    pub steps: Vec<CiStep>,
    /// The simple commands of all steps as words, with the index of the step that runs them; also
    /// those in the scripts and recipes of the project that a step calls.
    pub commands: Vec<(usize, Vec<String>)>,
    /// What is run and cannot be read: a workflow of another repository, a task runner. What it
    /// does is not known.
    pub unread: Vec<String>,
}

/// Something that a file of a service runs.
#[derive(Debug, Clone)]
pub struct CiStep {
    /// The file that says so.
    pub path: String,
    /// Whose file it is.
    pub service: CiService,
    /// The job that it belongs to.
    pub job: Option<CiJob>,
    /// Where it stands: the command or the name of the action, of a script of several lines the
    /// key in front of it.
    pub range: FileRange,
    /// The item of a list that it is, with the key in it under which the command stands.
    pub item: Option<(FileRange, Option<String>)>,
    /// What is run.
    pub run: CiRun,
    /// Whether its failure is no failure of the whole.
    pub may_fail: bool,
    /// The shell that the file asks for, by the step itself or for all of them.
    pub shell: Option<String>,
    /// The variables that the file sets for it, with values that are known.
    pub variables: Vec<(String, String)>,
}

/// A job and where its name stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CiJob {
    /// The key.
    pub name: String,
    /// Bytes of the file.
    pub range: FileRange,
}

/// What a step runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CiRun {
    /// A script, a line or many.
    Shell(String),
    /// An action, an orb's command or an included file by name.
    Action {
        /// As it is written, with the version.
        name: String,
        /// What it is given.
        inputs: Vec<(String, String)>,
    },
}

/// A service's file may name so many alternatives for one variable of a matrix.
const MAX_ALTERNATIVES: usize = 64;

/// So much text comes of a script by the values of a matrix.
const MAX_EXPANDED_BYTES: usize = 256 * 1024;

impl Pipeline {
    /// Reads every file of every service, and what they call.
    pub fn read(project: &Project) -> Self {
        let mut reader = Reader { project, pipeline: Self::default() };
        for file in project.files(FileKind::Ci) {
            reader.file(file);
        }
        for path in project.listing() {
            if CiService::of(path) == Some(CiService::Other) {
                reader.pipeline.unread.push(path.clone());
            }
        }
        let mut pipeline = reader.pipeline;
        let mut follower = Follower::new(project);
        for (index, step) in pipeline.steps.iter().enumerate() {
            follower.step(index, step);
        }
        pipeline.commands = follower.commands;
        pipeline.unread.extend(follower.unread);
        pipeline
    }
}

struct Reader<'a> {
    project: &'a Project,
    pipeline: Pipeline,
}

/// Where a node stands.
#[derive(Clone, Default)]
struct Place<'a> {
    job: Option<CiJob>,
    /// The whole job, which has the values of its matrix.
    around: Option<&'a Node>,
    item: Option<FileRange>,
    may_fail: bool,
    shell: Option<&'a str>,
    /// The maps of variables around it, the outermost first.
    variables: Vec<&'a Node>,
}

impl<'a> Place<'a> {
    /// Takes in what a workflow, a job or a step says about all that it holds.
    fn enter(mut self, node: &'a Node) -> Self {
        let by_default = node.at(&["defaults", "run", "shell"]);
        self.shell = node.get("shell").or(by_default).and_then(Node::as_str).or(self.shell);
        self.variables.extend(["env", "variables"].iter().filter_map(|key| node.get(key)));
        self
    }
}

impl<'a> Reader<'a> {
    fn file(&mut self, file: &'a ProjectFile) {
        let Some(service) = CiService::of(&file.path) else { return };
        match service {
            CiService::Script => {
                let range = FileRange::empty(TextSize::new(0));
                self.add(file, service, &Place::default(), range, None, shell(&file.text));
            }
            CiService::Jenkins => self.jenkins(file),
            CiService::Other => {}
            _ => {
                if file.malformed().is_some() {
                    self.pipeline.unread.push(file.path.clone());
                }
                file.documents().iter().for_each(|root| self.root(file, service, root));
            }
        }
    }

    fn root(&mut self, file: &'a ProjectFile, service: CiService, root: &'a Node) {
        let place = Place::default().enter(root);
        for entry in root.entries() {
            let is_jobs = entry.key == "jobs";
            if is_jobs && !entry.value.entries().is_empty() {
                for job in entry.value.entries() {
                    self.job(file, service, job, &place);
                }
            } else if service == CiService::GitLab && !entry.value.entries().is_empty() {
                self.job(file, service, entry, &place);
            } else {
                self.entry(file, service, entry, &place);
            }
        }
        if service == CiService::Travis && root.get("script").is_none() {
            let language = root.get("language").and_then(Node::as_str);
            if matches!(language, Some("rust")) {
                let run = shell("cargo build --verbose\ncargo test --verbose");
                let place = Place::default();
                self.add(file, service, &place, root.range, None, run);
            } else {
                self.pipeline.unread.push(file.path.clone());
            }
        }
    }

    fn job(&mut self, file: &'a ProjectFile, service: CiService, job: &'a Entry, at: &Place<'a>) {
        let may_fail = ["continue-on-error", "allow_failure"]
            .iter()
            .any(|key| job.value.get(key).and_then(Node::as_bool) == Some(true));
        let place = Place {
            job: Some(CiJob { name: job.key.clone(), range: job.key_range }),
            around: Some(&job.value),
            may_fail,
            ..at.clone()
        };
        self.visit(file, service, &job.value, &place.enter(&job.value));
    }

    fn visit(&mut self, file: &'a ProjectFile, service: CiService, node: &'a Node, at: &Place<'a>) {
        if let Some(uses) = node.entry("uses").filter(|_| service.is_like_github()) {
            let Some(name) = uses.value.as_str() else { return };
            let inputs = node.get("with").into_iter().flat_map(Node::entries);
            let inputs = inputs.filter_map(|it| Some((it.key.clone(), it.value.as_str()?.into())));
            let inputs = inputs.map(|(key, value): (String, String)| (key, expand(&value, at)));
            let run = CiRun::Action { name: name.to_string(), inputs: inputs.collect() };
            let place = step(node, at);
            self.add(file, service, &place, uses.value.range, Some("uses"), run);
            return;
        }
        for entry in node.entries() {
            let place = if service.is_like_github() { step(node, at) } else { at.clone() };
            self.entry(file, service, entry, &place);
        }
        for item in node.items() {
            let place = Place { item: Some(item.range), ..at.clone() };
            match item.as_str() {
                // A command of an orb.
                Some(name) if service == CiService::CircleCi && name.contains('/') => {
                    let run = CiRun::Action { name: name.to_string(), inputs: Vec::new() };
                    self.add(file, service, &place, item.range, None, run);
                }
                _ => self.visit(file, service, item, &place),
            }
        }
    }

    fn entry(
        &mut self,
        file: &'a ProjectFile,
        service: CiService,
        entry: &'a Entry,
        at: &Place<'a>,
    ) {
        if matches!(entry.key.as_str(), "include" | "extends" | "template" | "orbs") {
            self.included(file, service, entry, at);
        }
        if !is_command(service, entry) {
            // The values of a matrix are read where they are used.
            if entry.key != "strategy" && entry.key != "matrix" {
                self.visit(file, service, &entry.value, at);
            }
            return;
        }
        let value = entry.value.get("command").unwrap_or(&entry.value);
        if let Some(script) = value.as_str() {
            let is_line = !file.slice(value.range).trim_end().contains('\n');
            let range = if is_line { value.range } else { entry.key_range };
            let key = Some(entry.key.as_str());
            self.add(file, service, at, range, key, shell(&expand(script, at)));
        }
        for item in value.items() {
            let place = Place { item: Some(item.range), ..at.clone() };
            let scripts: Vec<&Node> = match item.as_str() {
                Some(_) => vec![item],
                None => item.entries().iter().map(|it| &it.value).collect(),
            };
            for script in scripts {
                let Some(text) = script.as_str() else { continue };
                let is_line = !file.slice(script.range).trim_end().contains('\n');
                let range = if is_line { script.range } else { entry.key_range };
                self.add(file, service, &place, range, None, shell(text));
            }
        }
    }

    /// A file that belongs to this one: of the repository, or of somebody else.
    fn included(
        &mut self,
        file: &'a ProjectFile,
        service: CiService,
        entry: &'a Entry,
        at: &Place<'a>,
    ) {
        let mut names = Vec::new();
        strings(&entry.value, &mut names);
        for name in names {
            let is_file = name.ends_with(".yml") || name.ends_with(".yaml");
            match entry.key.as_str() {
                "extends" if service != CiService::Azure => {}
                "orbs" => {}
                _ if !is_file && !name.contains('/') => {}
                _ => {
                    let below = crate::project::paths::join(file.folder(), name);
                    let path = name.trim_start_matches(['/', '.']);
                    let local = [path, &below].into_iter().find_map(|it| self.project.file(it));
                    match local {
                        Some(local) if local.kind == FileKind::Ci => {}
                        Some(local) if local.path != file.path => {
                            for root in local.documents() {
                                // One file deep: an include in it is followed no further.
                                for entry in root.entries() {
                                    let place = Place { around: None, ..at.clone() };
                                    match is_command(service, entry) {
                                        true => self.entry(local, service, entry, &place),
                                        false if entry.key == "include" => {}
                                        false => self.visit(local, service, &entry.value, &place),
                                    }
                                }
                            }
                        }
                        Some(_) => {}
                        None => {
                            let run = CiRun::Action { name: name.into(), inputs: Vec::new() };
                            self.add(file, service, at, entry.key_range, None, run);
                        }
                    }
                }
            }
        }
    }

    /// The pipeline is a program: of it the strings given to `sh` and the like are read.
    fn jenkins(&mut self, file: &'a ProjectFile) {
        static COMMAND: LazyLock<Option<Regex>> = LazyLock::new(|| {
            let string = r#"(?s:'''(.*?)'''|"""(.*?)"""|'([^'\n]*)'|"([^"\n]*)")"#;
            Regex::new(&format!(r"\b(?:sh|bat|powershell|pwsh)\b[\s(]*(?:script\s*:\s*)?{string}"))
                .ok()
        });
        for captures in COMMAND.iter().flat_map(|it| it.captures_iter(&file.text)) {
            let Some(script) = captures.iter().skip(1).flatten().next() else { continue };
            let start = TextSize::new(script.start() as u32);
            let first = script.as_str().lines().next().unwrap_or_default();
            let range = FileRange::at(start, TextSize::of(first));
            let place = Place::default();
            self.add(file, CiService::Jenkins, &place, range, None, shell(script.as_str()));
        }
        let library = file.text.contains("@Library") || file.text.contains("library(");
        if library {
            self.pipeline.unread.push(file.path.clone());
        }
    }

    fn add(
        &mut self,
        file: &ProjectFile,
        service: CiService,
        at: &Place<'_>,
        range: FileRange,
        key: Option<&str>,
        run: CiRun,
    ) {
        self.pipeline.steps.push(CiStep {
            path: file.path.clone(),
            service,
            job: at.job.clone(),
            range,
            item: at.item.map(|item| (item, key.map(str::to_string))),
            may_fail: at.may_fail,
            shell: at.shell.map(str::to_string),
            variables: variables_in(&run, at),
            run,
        });
    }
}

fn shell(script: &str) -> CiRun {
    CiRun::Shell(script.to_string())
}

fn step<'a>(node: &'a Node, at: &Place<'a>) -> Place<'a> {
    let may_fail = node.get("continue-on-error").and_then(Node::as_bool) == Some(true);
    // What a job says was taken in with it.
    let is_job = at.around.is_some_and(|job| std::ptr::eq(job, node));
    let place = Place { may_fail: at.may_fail || may_fail, ..at.clone() };
    if is_job { place } else { place.enter(node) }
}

/// The variables of a step that its script names, the innermost value last.
fn variables_in(run: &CiRun, at: &Place<'_>) -> Vec<(String, String)> {
    let CiRun::Shell(script) = run else { return Vec::new() };
    let entries = at.variables.iter().flat_map(|it| it.entries());
    let named = entries.filter(|it| script.contains(it.key.as_str()));
    named.filter_map(|it| Some((it.key.clone(), it.value.as_str()?.to_string()))).collect()
}

/// Whether a service runs what stands under a key.
fn is_command(service: CiService, entry: &Entry) -> bool {
    let key = entry.key.as_str();
    match service {
        CiService::GitHub | CiService::Forgejo | CiService::Gitea | CiService::CircleCi => {
            key == "run"
        }
        CiService::GitLab | CiService::Bitbucket => {
            matches!(key, "script" | "before_script" | "after_script" | "after-script")
        }
        CiService::Woodpecker => matches!(key, "commands" | "variables"),
        CiService::Azure => matches!(key, "script" | "bash" | "pwsh" | "powershell"),
        CiService::Travis => {
            matches!(key, "script" | "before_script" | "after_script" | "after_success" | "install")
        }
        CiService::Cirrus => key == "script" || key.ends_with("_script"),
        CiService::Buildkite => matches!(key, "command" | "commands"),
        CiService::AppVeyor => matches!(key, "build_script" | "test_script" | "install"),
        CiService::SourceHut => entry.value.as_str().is_some_and(|it| it.contains('\n')),
        CiService::Jenkins | CiService::Script | CiService::Other => false,
    }
}

fn strings<'a>(node: &'a Node, into: &mut Vec<&'a str>) {
    into.extend(node.as_str());
    node.items().iter().for_each(|it| strings(it, into));
    node.entries().iter().for_each(|it| strings(&it.value, into));
}

/// The script with the values of the job's matrix, once for each value of each variable.
fn expand(script: &str, at: &Place<'_>) -> String {
    let script = &with_variables(script, at);
    let Some(matrix) = at.around.and_then(|job| job.at(&["strategy", "matrix"])) else {
        return script.to_string();
    };
    let mut text = script.to_string();
    for (before, rest) in script.match_indices("${{").map(|(at, _)| script.split_at(at)) {
        let Some(end) = rest.find("}}") else { continue };
        let expression = rest.get(..end + 2).unwrap_or_default();
        let inner = rest.get(3..end).unwrap_or_default().trim();
        let Some(name) = inner.strip_prefix("matrix.") else { continue };
        let key = name.rsplit('.').next().unwrap_or(name);
        let mut values = Vec::new();
        named(matrix, key, &mut values);
        // Only the line that has it is repeated.
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = script.get(start..).unwrap_or_default().lines().next().unwrap_or_default();
        for value in values.into_iter().take(MAX_ALTERNATIVES) {
            let longest = line.len() + line.matches(expression).count() * value.len();
            if text.len() + longest > MAX_EXPANDED_BYTES {
                return text;
            }
            text.push('\n');
            text += &line.replace(expression, value);
        }
    }
    text
}

/// The script with `${{ env.NAME }}` as the shell has it.
fn with_variables(script: &str, at: &Place<'_>) -> String {
    static VARIABLE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"\$\{\{\s*env\.(\w+)\s*\}\}").ok());
    let is_known = |name: &str| at.variables.iter().any(|it| it.get(name).is_some());
    let Some(pattern) = VARIABLE.as_ref().filter(|_| script.contains("env.")) else {
        return script.to_string();
    };
    let replaced = pattern.replace_all(script, |found: &Captures<'_>| {
        let [whole, name] = [0, 1].map(|it| found.get(it).map_or("", |it| it.as_str()));
        if is_known(name) { format!("${{{name}}}") } else { whole.to_string() }
    });
    replaced.into_owned()
}

/// The scalars under a key anywhere in a matrix.
fn named<'a>(node: &'a Node, key: &str, into: &mut Vec<&'a str>) {
    for entry in node.entries() {
        match entry.key == key {
            true => strings(&entry.value, into),
            false => named(&entry.value, key, into),
        }
    }
    node.items().iter().for_each(|it| named(it, key, into));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pipeline(files: &[(&str, &str)]) -> Pipeline {
        let mut project = Project::new(None);
        for (path, text) in files {
            project.set_text(path, Some(text));
        }
        Pipeline::read(&project)
    }

    fn commands(pipeline: &Pipeline) -> Vec<String> {
        pipeline.commands.iter().map(|(_, words)| words.join(" ")).collect()
    }

    #[test]
    fn every_service_is_read() {
        for (path, text) in [
            (".github/workflows/ci.yml", "jobs:\n  a:\n    steps:\n      - run: cargo test\n"),
            (
                ".gitea/workflows/ci.yml",
                "jobs:\n  a:\n    steps:\n      - run: |\n          cargo test\n",
            ),
            (".gitlab-ci.yml", "test:\n  script:\n    - cargo test\n"),
            (".gitlab-ci.yml", "default:\n  before_script: cargo test\n"),
            (
                ".woodpecker.yml",
                "steps:\n  test:\n    image: rust\n    commands:\n      - cargo test\n",
            ),
            (".drone.yml", "kind: pipeline\nsteps:\n  - name: a\n    commands: [cargo test]\n"),
            (
                ".circleci/config.yml",
                "jobs:\n  a:\n    steps:\n      - checkout\n      - run:\n          command: cargo test\n",
            ),
            (".circleci/config.yml", "jobs:\n  a:\n    steps:\n      - run: cargo test\n"),
            ("azure-pipelines.yml", "steps:\n- script: cargo test\n"),
            ("azure-pipelines.yml", "jobs:\n- job: a\n  steps:\n  - bash: cargo test\n"),
            (".travis.yml", "language: rust\nscript:\n  - cargo test\n"),
            (".cirrus.yml", "task:\n  test_script: cargo test\n"),
            (".buildkite/pipeline.yml", "steps:\n  - command: cargo test\n"),
            (".appveyor.yml", "test_script:\n  - cmd: cargo test\n"),
            (
                "bitbucket-pipelines.yml",
                "pipelines:\n  default:\n    - step:\n        script:\n          - cargo test\n",
            ),
            (".build.yml", "image: alpine\ntasks:\n  - test: |\n      cargo test\n"),
            ("Jenkinsfile", "pipeline { steps { sh 'cargo test' } }"),
            (".ci/run", "#!/bin/sh\ncargo test\n"),
        ] {
            let pipeline = pipeline(&[(path, text)]);
            assert_eq!(commands(&pipeline), ["cargo test"], "{path}: {:#?}", pipeline.steps);
            assert_eq!(pipeline.unread, Vec::<String>::new());
        }
    }

    #[test]
    fn steps_know_their_places() {
        let text = "jobs:\n  a:\n    steps:\n      - uses: actions-rs/cargo@v1\n        with: { command: test }\n      - name: b\n        run: |\n          cargo fmt\n          cargo doc\n";
        let pipeline = pipeline(&[(".github/workflows/ci.yml", text)]);
        let places: Vec<&str> = pipeline.steps.iter().map(|it| &text[it.range]).collect();
        assert_eq!(places, ["actions-rs/cargo@v1", "run"]);
        let job = pipeline.steps[0].job.as_ref().expect("a job");
        assert_eq!((job.name.as_str(), &text[job.range]), ("a", "a"));
        assert_eq!(commands(&pipeline), ["cargo test", "cargo fmt", "cargo doc"]);
    }

    #[test]
    fn a_matrix_that_multiplies_is_cut_short() {
        let values = "a".repeat(100);
        let matrix = format!("        x: [{}]\n", vec![values; 60].join(", "));
        let line = "${{ matrix.x }} ".repeat(500);
        let text = format!(
            "jobs:\n  a:\n    strategy:\n      matrix:\n{matrix}    steps:\n      - run: {line}\n"
        );
        let read = pipeline(&[(".github/workflows/a.yml", &text)]);
        let length = format!("{read:?}").len();
        assert!(length < 8 * MAX_EXPANDED_BYTES, "{length}");
    }

    #[test]
    fn the_values_of_a_matrix_are_tried() {
        let text = "jobs:\n  a:\n    strategy:\n      matrix:\n        include:\n          - cmd: clippy\n          - cmd: fmt -- --check\n    steps:\n      - run: cargo ${{ matrix.cmd }}\n";
        let pipeline = pipeline(&[(".github/workflows/ci.yml", text)]);
        assert_eq!(commands(&pipeline)[1..], ["cargo clippy", "cargo fmt -- --check"]);
    }

    #[test]
    fn what_belongs_to_others_is_not_known() {
        let text = "jobs:\n  a:\n    uses: org/ci/.github/workflows/rust.yml@main\n";
        assert_eq!(pipeline(&[(".github/workflows/ci.yml", text)]).unread.len(), 1);
        let text = "include:\n  - project: org/ci\n    file: /rust.yml\n";
        assert_eq!(pipeline(&[(".gitlab-ci.yml", text)]).unread.len(), 1);
        assert_eq!(pipeline(&[(".github/workflows/ci.yml", "jobs: [")]).unread.len(), 1);
        let included = ("ci/rust.yml", "test:\n  script: [cargo test]\n");
        let all = pipeline(&[(".gitlab-ci.yml", "include: ci/rust.yml\n"), included]);
        assert_eq!((commands(&all).join(","), all.unread.len()), ("cargo test".to_string(), 0));
    }
}
