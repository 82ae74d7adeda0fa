//! What is good: as real as what is not, each with its place.

use std::collections::BTreeMap;

use super::material::{Material, Texts};
use super::model::{Place, Strength};
use crate::analysis::{Area, PRACTICES};
use crate::project::ci::{Task, steps};
use crate::project::docker::dockerfile::{Action, Dockerfile};
use crate::project::{CiRun, FileKind, ProjectFile, ReferenceKind, TrackedProject};
use crate::text::FileRange;

/// So many places of a strength are named.
const MAX_PLACES: usize = 3;

/// Gathers strengths by area and title.
struct Gathered<'t, 'r> {
    texts: &'t mut Texts<'r>,
    found: BTreeMap<(Area, String), (usize, Vec<Place>)>,
}

impl Gathered<'_, '_> {
    fn add(&mut self, area: Area, title: &str, path: &str, range: FileRange) {
        let (line, _) = self.texts.line(path, range);
        self.add_place(area, title, path, line);
    }

    fn add_place(&mut self, area: Area, title: &str, path: &str, line: usize) {
        let (count, places) = self.found.entry((area, title.to_string())).or_default();
        *count += 1;
        let place = Place { file: path.to_string(), line };
        if places.len() < MAX_PLACES && !places.contains(&place) {
            places.push(place);
        }
    }

    fn add_file(&mut self, area: Area, title: &str, path: &str) {
        self.add_place(area, title, path, 1);
    }
}

/// What is good in a project.
pub(super) fn of(
    material: &Material<'_>,
    cx: &TrackedProject<'_>,
    texts: &mut Texts<'_>,
) -> Vec<Strength> {
    let mut gathered = Gathered { texts, found: BTreeMap::new() };
    practices(material, cx, &mut gathered);
    tests(material, cx, &mut gathered);
    pipeline(cx, &mut gathered);
    for file in cx.files(FileKind::Dockerfile) {
        if let Some(dockerfile) = file.dockerfile() {
            image(file, dockerfile, &mut gathered);
        }
    }
    files(cx, &mut gathered);
    let strength = |((area, title), (count, places)): ((Area, String), (usize, Vec<Place>))| {
        Strength { area: area.name().to_string(), title, count, places }
    };
    gathered.found.into_iter().map(strength).collect()
}

/// What production code calls.
fn practices(material: &Material<'_>, cx: &TrackedProject<'_>, gathered: &mut Gathered<'_, '_>) {
    let aside: Vec<&str> =
        material.files.iter().filter(|it| it.is_aside).map(|it| it.path.as_str()).collect();
    for (path, reference) in cx.references().filter(|(_, it)| !it.in_test) {
        let ReferenceKind::Call(name) = &reference.kind else { continue };
        if aside.binary_search(&path).is_ok() || !path.ends_with(".rs") {
            continue;
        }
        let (_, line) = gathered.texts.line(path, reference.range);
        let is_declared = line.contains(&format!("fn {name}"));
        for practice in PRACTICES.iter().filter(|it| !is_declared && it.is_shown(name, &line)) {
            gathered.add(practice.area, practice.title, path, reference.range);
        }
    }
}

/// Tests, by the files that hold them, and fuzz targets.
fn tests(material: &Material<'_>, cx: &TrackedProject<'_>, gathered: &mut Gathered<'_, '_>) {
    let holds = |path: &&str| cx.symbols().file(path).is_some_and(|file| file.has_tests());
    let sources = material.files.iter().map(|it| it.path.as_str()).filter(|it| it.ends_with(".rs"));
    for path in sources.filter(holds) {
        gathered.add_file(Area::Testing, "files with tests", path);
    }
    for path in cx.listing().iter().filter(|path| path.ends_with(".rs")) {
        if path.contains("fuzz_targets/") {
            gathered.add_file(Area::Testing, "fuzz targets", path);
        }
        if path.starts_with("benches/") || path.contains("/benches/") {
            gathered.add_file(Area::Performance, "benchmarks", path);
        }
    }
    for package in cx.packages().iter() {
        for (name, title) in [
            ("proptest", "tests with random inputs"),
            ("quickcheck", "tests with random inputs"),
            ("loom", "tests of concurrent interleavings"),
        ] {
            if package.dev_dependencies.contains(name) {
                gathered.add_file(Area::Testing, title, &package.manifest());
            }
        }
    }
}

/// What continuous integration runs.
fn pipeline(cx: &TrackedProject<'_>, gathered: &mut Gathered<'_, '_>) {
    let pipeline = cx.pipeline();
    for (task, area, title) in [
        (Task::Test, Area::Testing, "CI runs the tests"),
        (Task::Clippy, Area::Maintainability, "CI runs clippy"),
        (Task::Format, Area::Maintainability, "CI checks the formatting"),
        (Task::Audit, Area::Security, "CI audits the dependencies"),
    ] {
        for step in steps(&pipeline, task).filter(|step| !step.may_fail) {
            gathered.add(area, title, &step.path, step.range);
        }
    }
    let is_pinned = |name: &str| {
        let revision = name.rsplit_once('@').map(|(_, it)| it).unwrap_or_default();
        revision.len() == 40 && revision.bytes().all(|it| it.is_ascii_hexdigit())
    };
    for step in &pipeline.steps {
        if matches!(&step.run, CiRun::Action { name, .. } if is_pinned(name)) {
            gathered.add(Area::Deployment, "CI actions pinned to a commit", &step.path, step.range);
        }
    }
}

/// What a Dockerfile does well.
fn image(file: &ProjectFile, dockerfile: &Dockerfile, gathered: &mut Gathered<'_, '_>) {
    let Some(last) = dockerfile.last_stage() else { return };
    for instruction in &last.instructions {
        if matches!(&instruction.action, Action::User(user) if !is_root(&user.text)) {
            let title = "the container does not run as root";
            gathered.add(Area::Deployment, title, &file.path, instruction.range);
        } else if matches!(instruction.action, Action::Healthcheck(Some(_))) {
            let title = "the image has a health check";
            gathered.add(Area::Observability, title, &file.path, instruction.range);
        }
    }
    if dockerfile.stages.len() > 1 {
        let title = "the image is built in stages, without the tools that built it";
        gathered.add(Area::Deployment, title, &file.path, last.from);
    }
    for stage in dockerfile.stages.iter().filter(|it| it.image.text.contains("@sha256:")) {
        gathered.add(Area::Deployment, "base images pinned by digest", &file.path, stage.from);
    }
}

fn is_root(user: &str) -> bool {
    matches!(user.split(':').next().unwrap_or_default(), "root" | "0")
}

/// Files that are there.
fn files(cx: &TrackedProject<'_>, gathered: &mut Gathered<'_, '_>) {
    for path in cx.listing() {
        let name = path.rsplit('/').next().unwrap_or_default();
        let is_top = !path.trim_start_matches(".github/").contains('/');
        let known = match name {
            "Cargo.lock" if is_top => Some((Area::Deployment, "the dependencies are locked")),
            "deny.toml" if is_top => {
                Some((Area::Security, "a policy for dependencies (`deny.toml`)"))
            }
            "CODEOWNERS" => Some((Area::Maintainability, "code owners are named")),
            "dependabot.yml" | "dependabot.yaml" | "renovate.json" | "renovate.json5" => {
                Some((Area::Security, "dependencies are updated by a bot"))
            }
            "SECURITY.md" if is_top => {
                Some((Area::Documentation, "vulnerabilities can be reported (`SECURITY.md`)"))
            }
            "README.md" if is_top => Some((Area::Documentation, "a README")),
            "CHANGELOG.md" if is_top => Some((Area::Documentation, "a change log")),
            "CONTRIBUTING.md" if is_top => {
                Some((Area::Documentation, "contributors are told how (`CONTRIBUTING.md`)"))
            }
            _ => None,
        };
        if let Some((area, title)) = known {
            gathered.add_file(area, title, path);
        }
    }
}
