//! Release without an SBOM.
//!
//! When a vulnerability is published, operators have to find out whether a program contains the
//! affected component. A software bill of materials (SBOM) that is created with the release answers
//! that even after the lock file has changed.
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "server"
//! //- .github/workflows/release.yml
//! on:
//!   push:
//!     tags: ["v*"]
//! jobs:
//!   image:
//!     runs-on: ubuntu-latest
//!     steps:
//!       - uses: actions/checkout@v7
//!       - uses: docker/build-push-action@v6
//!         with:
//!           push: true
//!           tags: example/server:latest
//! ```
//!
//! BuildKit creates an SBOM for an image; for programs there are `cargo cyclonedx`, `cargo
//! auditable` and syft:
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "server"
//! //- .github/workflows/release.yml
//! on:
//!   push:
//!     tags: ["v*"]
//! jobs:
//!   image:
//!     runs-on: ubuntu-latest
//!     steps:
//!       - uses: actions/checkout@v7
//!       - uses: docker/build-push-action@v6
//!         with:
//!           push: true
//!           sbom: true
//!           tags: example/server:latest
//! ```
//!
//! A library on crates.io is not reported: the products that depend on it have an SBOM of their
//! own.

use super::AREA;
use crate::analysis::{
    Applicability, FileEdit, Fix, Opportunity, ProjectContext, Report, Rule, Severity,
};
use crate::project::ci::{Task, runs};
use crate::project::{CiRun, CiStep, FileKind, Project, ProjectFile};
use crate::text::{FileRange, TextEdit, TextSize};

pub static RULE: Rule = Rule {
    id: "missing-sbom",
    opportunity: Opportunity::Repository,
    severity: Severity::Low,
    seeds: &["C.phase1"],
    source: include_str!("missing_sbom.rs"),
    project: Some(check),
    ..Rule::project(AREA)
};

/// Actions that publish a release.
const RELEASES: &[&str] = &[
    "actions/upload-release-asset",
    "goreleaser/goreleaser-action",
    "marvinpinto/action-automatic-releases",
    "ncipollo/release-action",
    "rust-build.action",
    "softprops/action-gh-release",
    "svenstaro/upload-release-action",
    "taiki-e/upload-rust-binary-action",
];

fn check(cx: &mut ProjectContext<'_>) {
    let pipeline = cx.pipeline();
    // cargo-dist generates the workflow, and an SBOM if it is configured.
    let has_dist_sbom = ["dist-workspace.toml", "dist.toml", "Cargo.toml"]
        .iter()
        .filter_map(|path| cx.file(path))
        .any(|file| file.text.contains("cargo-cyclonedx") || file.text.contains("cargo-auditable"));
    if has_dist_sbom || runs(&pipeline, Task::Sbom) || !pipeline.unread.is_empty() {
        return;
    }
    if pipeline.steps.iter().any(makes_sbom) || cx.files(FileKind::Manifest).next().is_none() {
        return;
    }
    let release = pipeline.commands.iter().find(|(index, words)| {
        let step = pipeline.steps.get(*index);
        step.is_some_and(|step| publishes(step, words))
    });
    let Some(step) = release.and_then(|(index, _)| pipeline.steps.get(*index)) else { return };
    let message = "the release workflow does not produce an SBOM";
    let range = step.range;
    let path = step.path.clone();
    let report = Report::new(step.range, message);
    let report = report.project_fix(move |project| attach(project, &path, range));
    cx.report(&step.path, report);
}

/// Whether a step is configured to create an SBOM.
fn makes_sbom(step: &CiStep) -> bool {
    match &step.run {
        CiRun::Shell(script) => script.contains("sbom"),
        CiRun::Action { inputs, .. } => inputs
            .iter()
            .any(|(key, value)| key == "sbom" && value != "false" || value.contains("sbom=true")),
    }
}

/// Whether a command of a step publishes a release.
fn publishes(step: &CiStep, words: &[String]) -> bool {
    if let CiRun::Action { name, inputs } = &step.run {
        let lower = name.to_ascii_lowercase();
        if lower.starts_with("docker/build-push-action") || lower.starts_with("docker/bake-action")
        {
            let input = |name: &str| inputs.iter().find(|(key, _)| key == name).map(|it| &it.1);
            let tags = input("tags").map_or("", String::as_str).split([',', '\n']);
            let mut tags = tags.map(str::trim).filter(|it| !it.is_empty()).peekable();
            let is_local = tags.peek().is_some() && tags.all(is_local);
            return input("push").is_some_and(|it| it != "false") && !is_local;
        }
        return RELEASES.iter().any(|it| lower.contains(it));
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let starts = |with: &[&str]| words.starts_with(with);
    let pushes = starts(&["docker", "push"])
        || starts(&["podman", "push"])
        || starts(&["docker", "buildx", "build"]) && words.contains(&"--push");
    pushes && !words.iter().any(|it| is_local(it))
        || starts(&["gh", "release", "create"])
        || starts(&["gh", "release", "upload"])
}

/// Whether an image is named by a registry on the same machine, as tests start one.
fn is_local(image: &str) -> bool {
    let Some((registry, _)) = image.trim_start_matches("--tag=").split_once('/') else {
        return false;
    };
    let host = registry.rsplit_once(':').map_or(registry, |(host, _)| host);
    matches!(host, "localhost" | "127.0.0.1" | "[::1]" | "0.0.0.0" | "host.docker.internal")
        || host.ends_with(".localhost")
        || host.ends_with(".local")
        // A name without a dot is one of a network that the workflow makes.
        || registry.contains(':') && !host.contains(['.', '$', '{'])
}

/// Lets BuildKit attach an SBOM to the image.
fn attach(project: &Project, path: &str, range: FileRange) -> Vec<Fix> {
    let Some(file) = project.file(path) else { return Vec::new() };
    let pipeline = project.pipeline();
    let step = pipeline.steps.iter().find(|it| it.path == path && it.range == range);
    let is_image = |step: &&CiStep| matches!(&step.run, CiRun::Action { name, .. } if name.starts_with("docker/build-push-action"));
    let Some(edit) = step.filter(is_image).and_then(|step| below_push(file, step)) else {
        return Vec::new();
    };
    vec![Fix {
        title: "Attach an SBOM to the image".to_string(),
        applicability: Applicability::Suggested,
        edits: vec![FileEdit { path: path.to_string(), edits: vec![edit] }],
    }]
}

/// A line `sbom: true` below the step's `push`.
fn below_push(file: &ProjectFile, step: &CiStep) -> Option<TextEdit> {
    let (item, _) = step.item.as_ref()?;
    let text = file.text.as_ref();
    let mut at = usize::from(item.start());
    for line in text.get(std::ops::Range::<usize>::from(*item))?.split_inclusive('\n') {
        let inner = line.trim_start_matches(' ');
        if inner.starts_with("push:") && line.ends_with('\n') {
            let indent = line.len() - inner.len();
            let at = TextSize::try_from(at + line.len()).ok()?;
            return Some(TextEdit::insert(at, format!("{}sbom: true\n", " ".repeat(indent))));
        }
        at += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, fixed, no_fix, silent};

    const PACKAGE: &str = r#"//- Cargo.toml
[package]
name = "a"
//- .github/workflows/release.yml
jobs:
  a:
    steps:
"#;

    #[test]
    fn a_release_without_an_sbom_is_reported() {
        for steps in [
            r#"      - uses: docker/build-push-action@v6
#             ^^^^^^^^^^^^^^^^^^^^^^^^^^^ missing-sbom
        with:
          push: ${{ github.event_name == 'push' }}
"#,
            r#"      - run: docker push example/a:latest
#            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ missing-sbom
"#,
            r#"      - uses: softprops/action-gh-release@v2
#~ missing-sbom
"#,
            r#"      - run: |
#       ^^^ missing-sbom
          cargo build --release
          gh release create $TAG target/release/a
"#,
        ] {
            check(&RULE, &format!("{PACKAGE}{steps}"));
        }
    }

    #[test]
    fn an_sbom_of_any_tool_counts() {
        let push = "      - run: docker push example/a:latest\n";
        for step in [
            "run: cargo cyclonedx --format json",
            "run: cargo auditable build --release",
            "uses: anchore/sbom-action@v0",
            "uses: actions/attest-sbom@v2",
            "run: docker buildx build --sbom=true --push .",
            "run: cargo xtask sbom",
        ] {
            silent(&RULE, &format!("{PACKAGE}{push}      - {step}\n"));
        }
    }

    #[test]
    fn workflows_without_a_release_are_silent() {
        for step in [
            "run: cargo publish",
            "run: cargo test",
            "uses: docker/build-push-action@v6",
            "run: docker build .",
            "run: docker push localhost:5000/a:test",
            "run: docker buildx build --push -t 127.0.0.1:5000/a .",
            "run: R=registry:5000; docker push $R/a",
            "uses: docker/build-push-action@v6\n        with: { push: true, tags: 'localhost:5000/a:1' }",
        ] {
            silent(&RULE, &format!("{PACKAGE}      - {step}\n"));
        }
    }

    #[test]
    fn buildkit_attaches_an_sbom_to_an_image() {
        let step = r#"      - uses: docker/build-push-action@v6
        with:
          push: true
          tags: a
"#;
        let files = fixed(&RULE, &format!("{PACKAGE}{step}"));
        assert!(files[".github/workflows/release.yml"].ends_with(
            r#"        with:
          push: true
          sbom: true
          tags: a
"#
        ));
        no_fix(&RULE, &format!("{PACKAGE}      - run: docker push a\n"));
    }
}
