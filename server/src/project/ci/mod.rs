//! What continuous integration runs, whatever the service.

mod follow;
mod outcome;
mod pipeline;
mod recipes;
mod tasks;

use crate::project::paths::file_name;

pub use outcome::ignores_failure;
pub use pipeline::{CiJob, CiRun, CiStep, Pipeline};
pub use tasks::{Task, does, may_run, runs, steps};

/// A service that builds and tests what is pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CiService {
    /// GitHub Actions.
    GitHub,
    /// GitLab CI.
    GitLab,
    /// Forgejo Actions; workflows are written like GitHub's.
    Forgejo,
    /// Gitea Actions; workflows are written like GitHub's.
    Gitea,
    /// Woodpecker, and Drone, from which it came.
    Woodpecker,
    /// CircleCI.
    CircleCi,
    /// Azure Pipelines.
    Azure,
    /// Travis CI.
    Travis,
    /// Cirrus CI.
    Cirrus,
    /// Buildkite.
    Buildkite,
    /// AppVeyor.
    AppVeyor,
    /// Bitbucket Pipelines.
    Bitbucket,
    /// builds.sr.ht.
    SourceHut,
    /// Jenkins. The pipeline is a Groovy program, of which only the shell commands are read.
    Jenkins,
    /// A script that a service outside the repository runs.
    Script,
    /// Another service, of whose files it is only known that they are there.
    Other,
}

/// Files of services that are not read.
const OTHERS: &[&str] = &[
    ".bitrise.yml", ".drone.jsonnet", ".drone.star", ".zuul.yaml", "bitrise.yml", "buildspec.yaml",
    "buildspec.yml", "cloudbuild.yaml", "cloudbuild.yml", "codemagic.yaml", "garnix.yaml",
    "wercker.yml",
];

/// Folders of services that are not read.
const OTHER_FOLDERS: &[&str] =
    &[".semaphore/", ".teamcity/", ".tekton/", ".zuul.d/", ".tangled/workflows/", ".harness/"];

impl CiService {
    /// The service that runs a file, told by its path relative to the root.
    pub fn of(path: &str) -> Option<Self> {
        let lower = path.to_ascii_lowercase();
        let name = file_name(&lower);
        let is_yaml = lower.ends_with(".yml") || lower.ends_with(".yaml");
        let below = |folder: &str| is_yaml && lower.starts_with(folder);
        Some(match name {
            _ if below(".github/workflows/") => Self::GitHub,
            _ if below(".forgejo/workflows/") => Self::Forgejo,
            _ if below(".gitea/workflows/") => Self::Gitea,
            _ if below(".woodpecker/") => Self::Woodpecker,
            _ if below(".circleci/") => Self::CircleCi,
            _ if below(".buildkite/") => Self::Buildkite,
            _ if below(".builds/") || lower == ".build.yml" => Self::SourceHut,
            _ if below(".gitlab/ci/") || below(".gitlab-ci/") => Self::GitLab,
            _ if lower == ".gitlab-ci.yml" || lower == ".gitlab-ci.yaml" => Self::GitLab,
            _ if lower == ".woodpecker.yml" || lower == ".woodpecker.yaml" => Self::Woodpecker,
            _ if lower == ".drone.yml" || lower == ".drone.yaml" => Self::Woodpecker,
            _ if name.starts_with("azure-pipelines") && is_yaml => Self::Azure,
            _ if lower == ".travis.yml" => Self::Travis,
            _ if lower == ".cirrus.yml" => Self::Cirrus,
            _ if lower == "appveyor.yml" || lower == ".appveyor.yml" => Self::AppVeyor,
            _ if lower == "bitbucket-pipelines.yml" => Self::Bitbucket,
            _ if below(".azure-pipelines/") || below(".pipelines/") => Self::Azure,
            _ if name == "jenkinsfile" => Self::Jenkins,
            _ if OTHERS.contains(&lower.as_str()) => Self::Other,
            _ if OTHER_FOLDERS.iter().any(|folder| lower.starts_with(folder)) => Self::Other,
            _ if lower.starts_with(".ci/") || lower.starts_with("ci/") => match name {
                "run" => Self::Script,
                _ if name.ends_with(".sh") => Self::Script,
                _ => return None,
            },
            _ => return None,
        })
    }

    /// Whether its files are YAML.
    pub fn is_yaml(self) -> bool {
        !matches!(self, Self::Jenkins | Self::Script | Self::Other)
    }

    /// Whether its workflows are written as GitHub's are.
    pub fn is_like_github(self) -> bool {
        matches!(self, Self::GitHub | Self::Forgejo | Self::Gitea)
    }
}
