//! A Dockerfile that does not bring in what the build needs.
//!
//! Cargo reads the manifest of every member and of every dependency by path before it builds any
//! of them. A Dockerfile that copies the manifests one by one, so that dependencies are cached,
//! fails from the day a member is added and not copied:
//!
//! ```project,bad
//! //- Cargo.toml
//! [workspace]
//! members = ["crates/server", "crates/p2p"]
//! //- crates/server/Cargo.toml
//! [package]
//! name = "server"
//! //- crates/p2p/Cargo.toml
//! [package]
//! name = "p2p"
//! //- Dockerfile
//! FROM rust:1.88
//! WORKDIR /src
//! COPY Cargo.toml Cargo.lock* ./
//! COPY crates/server/Cargo.toml crates/server/
//! RUN mkdir crates/server/src && echo 'fn main() {}' > crates/server/src/main.rs \
//!     && cargo build --release -p server
//! COPY crates crates
//! RUN cargo build --release -p server
//! ```
//!
//! It does not matter that only one package is built. The same is reported for files that are
//! compiled in (`include_str!`, `sqlx::migrate!`), and for a `COPY` of something that is not there
//! or that `.dockerignore` leaves out.
//!
//! ```project
//! //- Cargo.toml
//! [workspace]
//! members = ["crates/server", "crates/p2p"]
//! //- crates/server/Cargo.toml
//! [package]
//! name = "server"
//! //- crates/p2p/Cargo.toml
//! [package]
//! name = "p2p"
//! //- Dockerfile
//! FROM rust:1.88
//! WORKDIR /src
//! COPY . .
//! RUN cargo build --release -p server
//! ```

mod sources;

use self::sources::missing_sources;
use super::AREA;
use std::collections::BTreeSet;

use crate::analysis::{Applicability, FileEdit, Fix, ProjectContext, Report, Rule, Severity};
use crate::project::docker::dockerfile::{Action, Dockerfile, Instruction};
use crate::project::docker::{Build, BuildContext, CompiledIn, CopiedWorkspace, Presence, builds};
use crate::project::paths::{inside, join};
use crate::project::{Indexed, Kind, Manifests, Member, Project, ProjectFile};
use crate::text::{TextEdit, TextSize};

pub static RULE: Rule = Rule {
    id: "dockerfile-missing-member",
    severity: Severity::Critical,
    source: include_str!("mod.rs"),
    indexed: &[Indexed::IncludedFiles],
    project: Some(review),
    ..Rule::project(AREA)
};

fn review(cx: &mut ProjectContext<'_>) {
    for file in cx.files(Kind::Dockerfile) {
        let Some(dockerfile) = file.dockerfile() else { continue };
        for report in reports(cx, file, dockerfile) {
            cx.report(&file.path, report);
        }
    }
}

fn reports(
    cx: &ProjectContext<'_>,
    file: &ProjectFile,
    dockerfile: &Dockerfile,
) -> Vec<Report<'static>> {
    let contexts = BuildContext::likely(cx, file, dockerfile);
    let Some(context) = contexts.first() else { return Vec::new() };
    let manifests: Manifests<'_> =
        cx.files(Kind::Manifest).map(|file| (file.folder(), &**file)).collect();
    let builds = builds(dockerfile, context);
    let missing = missing_sources(cx, file, dockerfile, &contexts, &builds);
    let mut reports: Vec<Report<'static>> =
        missing.into_iter().map(|(range, message)| Report::new(range, message)).collect();
    let mut known = BTreeSet::new();
    for stage in 0..dockerfile.stages.len() {
        let mut of_stage = builds.iter().filter(|it| it.stage == stage);
        // What the first build lacks breaks it, whatever is copied afterwards.
        let Some(first) = of_stage.clone().next() else { continue };
        if let Some(workspace) = CopiedWorkspace::of(first, context, &manifests) {
            let mut missing = workspace.missing(first, context, &manifests);
            missing.retain(|member| known.insert(member.folder.clone()));
            let place = Place { file, context, build: first, workspace: &workspace };
            reports.extend(missing_members(&place, missing));
        }
        // Earlier builds may be of empty sources, for the dependencies alone.
        let Some(last) = of_stage.rfind(|it| it.call.compiles()) else { continue };
        let Some(workspace) = CopiedWorkspace::of(last, context, &manifests) else { continue };
        for include in workspace.missing_includes(cx, last, context, &manifests) {
            if known.insert(include.path.clone()) {
                let place = Place { file, context, build: last, workspace: &workspace };
                reports.extend(missing_include(&place, include));
            }
        }
    }
    reports
}

/// The build that lacks something.
struct Place<'b> {
    file: &'b ProjectFile,
    context: &'b BuildContext<'b, 'b>,
    build: &'b Build<'b>,
    workspace: &'b CopiedWorkspace<'b>,
}

/// A `COPY` of one thing.
struct Sibling<'b> {
    instruction: &'b Instruction,
    /// What it copies, relative to the build context.
    source: String,
}

/// What a member needs that is missing.
struct Addition {
    member: Member,
    /// Its folder, relative to the build context.
    inside_context: String,
    /// The `COPY`, where the others tell how it is written.
    line: Option<String>,
    /// Where cargo looks for the package.
    target: Option<String>,
}

/// One finding for all members that nothing brings in, and one for those that are left out.
fn missing_members(place: &Place<'_>, members: Vec<Member>) -> Vec<Report<'static>> {
    // The copies of other manifests, or of whole folders of members.
    let siblings: Vec<Sibling<'_>> = siblings(place)
        .filter(|it| {
            let folder = it.source.strip_suffix("/Cargo.toml").unwrap_or(&it.source);
            let is_folder = folder.len() == it.source.len();
            let has_manifest = place.context.presence(&join(folder, "Cargo.toml"));
            folder.contains(|c| c != '.')
                && folder != "Cargo.toml"
                && has_manifest == Presence::Present
                && !(is_folder && folder.is_empty())
        })
        .collect();
    let first = siblings.first().map(|it| it.instruction);
    let Some(anchor) = first.or_else(|| manifest_copy(place)) else { return Vec::new() };
    let additions = members.into_iter().filter_map(|member| {
        let inside_context = inside(&member.folder, &place.context.folder)?.to_string();
        let line = match siblings.last() {
            Some(sibling) => {
                let folder = sibling.source.strip_suffix("/Cargo.toml").unwrap_or(&sibling.source);
                let line = place.file.slice(sibling.instruction.range);
                (!line.contains('\n')).then(|| line.replace(folder, &inside_context))
            }
            None => {
                let manifest = join(&member.folder, "Cargo.toml");
                copy_line(place, &join(&inside_context, "Cargo.toml"), &manifest)
            }
        };
        let target = place.workspace.place_of(&member.folder).map(|it| format!("/{it}"));
        Some(Addition { member, inside_context, line, target })
    });
    let (left_out, absent): (Vec<_>, Vec<_>) = additions.partition(|it| {
        place.context.presence(&join(&it.inside_context, "Cargo.toml")) == Presence::Ignored
    });
    let ignores = place.context.ignore_file().map_or(".dockerignore", |it| &it.path);
    let by_ignores = report_of(&left_out, anchor, &format!("`{ignores}` keeps out"));
    let mut by_copies = report_of(&absent, anchor, "no `COPY` brings in");
    if absent.iter().all(|it| it.line.is_some()) {
        let path = place.file.path.clone();
        let at = siblings.last().map_or(anchor, |it| it.instruction).range.end();
        let needs_stubs = siblings.last().is_none_or(|it| it.source.ends_with("/Cargo.toml"));
        by_copies = by_copies.map(|report| {
            report.project_fix(move |project| {
                vec![bring_in(project, &absent, needs_stubs, &path, at)]
            })
        });
    }
    by_ignores.into_iter().chain(by_copies).collect()
}

fn report_of(additions: &[Addition], anchor: &Instruction, what: &str) -> Option<Report<'static>> {
    /// So many manifests are named; the others are counted.
    const NAMED: usize = 3;
    let named = additions.iter().take(NAMED);
    let mut names: Vec<String> =
        named.map(|it| format!("`{}`", join(&it.member.folder, "Cargo.toml"))).collect();
    let others = additions.len() - names.len();
    if others > 0 {
        names.push(format!("{others} more"));
    }
    let last = names.pop()?;
    let all = if names.is_empty() { last } else { format!("{} and {last}", names.join(", ")) };
    let message = format!("{what} {all}, which cargo needs to load the workspace");
    let mut report = Report::new(anchor.range, message);
    for Addition { member, .. } in additions.iter().take(NAMED) {
        report = report.related_in(&member.asked_by, member.range, "needed here");
    }
    Some(report)
}

/// Adds the copies, and where only manifests are copied so far, sources for the packages to have.
fn bring_in(
    project: &Project,
    additions: &[Addition],
    needs_stubs: bool,
    path: &str,
    at: TextSize,
) -> Fix {
    let mut insert: String =
        additions.iter().flat_map(|it| &it.line).map(|line| format!("\n{line}")).collect();
    for Addition { member, target, .. } in additions.iter().filter(|_| needs_stubs) {
        let Some(target) = target else { continue };
        // A package without sources is refused as well.
        let has_lib = project.exists(&join(&member.folder, "src/lib.rs"));
        let stub = match has_lib || !project.exists(&join(&member.folder, "src/main.rs")) {
            true => format!("touch {target}/src/lib.rs"),
            false => format!("echo 'fn main() {{}}' > {target}/src/main.rs"),
        };
        insert += &format!("\nRUN mkdir -p {target}/src && {stub}");
    }
    let title = match additions {
        [one] => format!("Copy the manifest of `{}`", one.member.folder),
        _ => format!("Copy the manifests of {} members", additions.len()),
    };
    insertion(title, path, at, insert)
}

fn missing_include(place: &Place<'_>, include: CompiledIn) -> Option<Report<'static>> {
    let inside_context = inside(&include.path, &place.context.folder)?.to_string();
    let root = place.workspace.place_of(place.workspace.root.folder())?;
    let into_workspace = |it: &&&Instruction| match &it.action {
        Action::Copy { dest, .. } => {
            !dest.text.starts_with('/') || inside(&join("", &dest.text), &root).is_some()
        }
        _ => false,
    };
    let anchor = place.build.copies.iter().rfind(into_workspace)?;
    let is_left_out = place.context.presence(&inside_context) == Presence::Ignored;
    let message = match place.context.ignore_file().filter(|_| is_left_out) {
        Some(ignores) => {
            format!("`{}` keeps out `{}`, which is compiled in", ignores.path, include.path)
        }
        None => format!("no `COPY` brings in `{}`, which is compiled in", include.path),
    };
    let report = Report::new(anchor.range, message)
        .related_in(&include.source, include.range, "compiled in here");
    let line = copy_line(place, &inside_context, &include.path).filter(|_| !is_left_out);
    let Some(line) = line else { return Some(report) };
    let (path, at) = (place.file.path.clone(), anchor.range.end());
    Some(report.project_fix(move |_| {
        let title = format!("Copy `{}`", include.path);
        vec![insertion(title, &path, at, format!("\n{line}"))]
    }))
}

/// The copies of one thing each, in the last stage that has any.
fn siblings<'b>(place: &'b Place<'_>) -> impl Iterator<Item = Sibling<'b>> {
    place.build.copies.iter().filter_map(|instruction| {
        let Action::Copy { sources, .. } = &instruction.action else { return None };
        let [source] = sources.as_slice() else { return None };
        let is_plain = !source.text.contains(['*', '?', '[', '$']);
        is_plain.then(|| Sibling { instruction, source: join("", &source.text) })
    })
}

/// The copy of the workspace's own manifest.
fn manifest_copy<'b>(place: &'b Place<'_>) -> Option<&'b Instruction> {
    let root = &place.workspace.root.path;
    let brings = |instruction: &&&Instruction| match &instruction.action {
        Action::Copy { sources, .. } => sources
            .iter()
            .flat_map(|source| place.context.expand(&source.text))
            .any(|it| inside(root, &join(&place.context.folder, &it)).is_some()),
        _ => false,
    };
    place.build.copies.iter().find(brings).copied()
}

/// A `COPY` to where cargo looks for a path of the project.
fn copy_line(place: &Place<'_>, source: &str, path: &str) -> Option<String> {
    let to = place.workspace.place_of(path)?;
    let dest = match inside(&to, &place.build.folder) {
        Some(relative) if !place.build.folder.is_empty() => format!("./{relative}"),
        _ => format!("/{to}"),
    };
    let is_plain = |it: &str| !it.contains(|c: char| c.is_whitespace() || "\"'$".contains(c));
    (is_plain(source) && is_plain(&dest)).then(|| format!("COPY {source} {dest}"))
}

fn insertion(title: String, path: &str, at: TextSize, insert: String) -> Fix {
    let edits = vec![TextEdit::insert(at, insert)];
    let edits = vec![FileEdit { path: path.to_string(), edits }];
    Fix { title, applicability: Applicability::Suggested, edits }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::docker::dockerfile::Dockerfile;
    use crate::rules::fixture::{check, fixed, no_fix, silent};

    /// A workspace of three members; `server` compiles in its migrations.
    const WORKSPACE: &str = r#"//- Cargo.toml
[workspace]
members = ["crates/core", "crates/server", "crates/p2p"]
//- crates/core/Cargo.toml
[package]
name = "core"
//- crates/server/Cargo.toml
[package]
name = "server"
[dependencies]
core = { path = "../core" }
//- crates/p2p/Cargo.toml
[package]
name = "p2p"
//- crates/core/src/lib.rs

//- crates/p2p/src/lib.rs

//- crates/server/src/main.rs
fn main() { sqlx::migrate!("./migrations"); }
//- crates/server/migrations/1.sql
create table a (b int);
"#;

    fn with(rest: &str) -> String {
        format!("{WORKSPACE}{rest}")
    }

    const LAYERED: &str = "//- Dockerfile
FROM rust:1.88 AS build
WORKDIR /src
COPY Cargo.toml ./
COPY crates/core/Cargo.toml crates/core/
#~ dockerfile-missing-member: no `COPY` brings in `crates/p2p/Cargo.toml`, which cargo needs to load the workspace
COPY crates/server/Cargo.toml crates/server/
RUN mkdir -p crates/core/src crates/server/src \\
    && touch crates/core/src/lib.rs && cargo build -p server
COPY crates/ crates/
RUN cargo build -p server
";

    #[test]
    fn a_member_missing_from_the_cached_layer_is_reported() {
        check(&RULE, &with(LAYERED));
    }

    #[test]
    fn its_copy_is_put_beside_the_others() {
        let files = fixed(&RULE, &with(LAYERED));
        let text = &files["Dockerfile"];
        assert!(Dockerfile::parse(text).is_ok());
        assert!(
            text.contains(
                "crates/server/Cargo.toml crates/server/\nCOPY crates/p2p/Cargo.toml crates/p2p/\nRUN mkdir -p /src/crates/p2p/src && touch /src/crates/p2p/src/lib.rs\nRUN mkdir"
            ),
            "{text}"
        );
    }

    #[test]
    fn folders_of_members_and_dependencies_by_path_are_reported() {
        check(
            &RULE,
            &with(
                "//- docker/Dockerfile
FROM rust:1.88
COPY ./Cargo.toml /app/Cargo.toml
COPY ./crates/server /app/crates/server
#~ dockerfile-missing-member: no `COPY` brings in `crates/core/Cargo.toml` and `crates/p2p/Cargo.toml`, which cargo needs to load the workspace
RUN cd /app && cargo build --release
",
            ),
        );
        // A pattern covers what is there; a dependency has to be there.
        check(
            &RULE,
            "//- Cargo.toml
[workspace]
members = [\"crates/*\"]
//- crates/a/Cargo.toml
[package]
name = \"a\"
[dev-dependencies]
b = { path = \"../b\" }
//- crates/b/Cargo.toml
[package]
name = \"b\"
//- crates/c/Cargo.toml
[package]
name = \"c\"
//- Dockerfile
FROM rust AS plan
WORKDIR /x
COPY Cargo.toml .
COPY crates/a/ crates/a/
#~ dockerfile-missing-member: no `COPY` brings in `crates/b/Cargo.toml`, which cargo needs to load the workspace
FROM plan
RUN cargo build
",
        );
    }

    #[test]
    fn all_missing_members_are_copied_at_once() {
        let source =
            with(LAYERED).replace("COPY crates/core/Cargo.toml crates/core/\n", "").replace(
                "no `COPY` brings in `crates/p2p/Cargo.toml`",
                "no `COPY` brings in `crates/core/Cargo.toml` and `crates/p2p/Cargo.toml`",
            );
        // The mark stood below the first copy, which is another one now.
        let (before, rest) = source.split_once("#~").expect("a mark");
        let (mark, rest) = rest.split_once('\n').expect("a line");
        let (copy, rest) = rest.split_once('\n').expect("a line");
        let source = format!("{before}{copy}\n#~{mark}\n{rest}");
        check(&RULE, &source);
        let text = &fixed(&RULE, &source)["Dockerfile"];
        silent(&RULE, &with(&format!("//- Dockerfile\n{text}")));
    }

    #[test]
    fn what_dockerignore_leaves_out_is_reported() {
        let source = with(
            "//- .dockerignore
/crates/p2p
//- Dockerfile
FROM rust
COPY . .
#~ dockerfile-missing-member: `.dockerignore` keeps out `crates/p2p/Cargo.toml`, which cargo needs to load the workspace
RUN cargo build
",
        );
        check(&RULE, &source);
        no_fix(&RULE, &source);
        check(
            &RULE,
            "//- .dockerignore\n*\n!src\n//- src/lib.rs\n\n//- Dockerfile\nFROM rust\nCOPY src src\nCOPY Cargo.toml .\n#    ^^^^^^^^^^ dockerfile-missing-member: `.dockerignore` keeps `Cargo.toml` out of the build\n",
        );
    }

    #[test]
    fn what_is_compiled_in_has_to_be_copied() {
        let source = with(
            "//- Dockerfile
FROM rust
WORKDIR /src
COPY Cargo.toml .
COPY crates/core crates/core
COPY crates/p2p crates/p2p
COPY crates/server/Cargo.toml crates/server/Cargo.toml
COPY crates/server/src crates/server/src
#~ dockerfile-missing-member: no `COPY` brings in `crates/server/migrations`, which is compiled in
RUN cargo build --release
",
        );
        check(&RULE, &source);
        let files = fixed(&RULE, &source);
        let text = &files["Dockerfile"];
        assert!(
            text.contains("\nCOPY crates/server/migrations ./crates/server/migrations\nRUN"),
            "{text}"
        );
        // A program may be called otherwise than its package.
        let named = source
            .replace("name = \"server\"\n", "name = \"server\"\n[[bin]]\nname = \"app\"\n")
            .replace("--release", "--bin app");
        check(&RULE, &named);
        // What the image does not build may lack its files.
        silent(&RULE, &source.replace("--release", "-p core").replace(
            "#~ dockerfile-missing-member: no `COPY` brings in `crates/server/migrations`, which is compiled in\n",
            "",
        ));
    }

    #[test]
    fn a_copy_of_what_is_not_there_is_reported() {
        let package = "//- src/lib.rs\n\n";
        check(
            &RULE,
            &format!(
                "{package}//- Dockerfile
FROM rust:1.88
WORKDIR /x
COPY Cargo.toml Cargo.lock ./
#               ^^^^^^^^^^ dockerfile-missing-member: there is no `Cargo.lock` to copy
COPY src ./src
COPY build.rs ./
#    ^^^^^^^^ dockerfile-missing-member: there is no `build.rs` to copy
COPY migrations ./migrations
#    ^^^^^^^^^^ dockerfile-missing-member: there is no `migrations` to copy
RUN cargo build
"
            ),
        );
    }

    #[test]
    fn what_a_build_makes_may_be_absent() {
        let package = "//- src/lib.rs\n\n//- .gitignore\n/Cargo.lock\n//- .github/workflows/ci.yml\nrun: make site.json\n";
        silent(
            &RULE,
            &format!(
                "{package}//- Dockerfile
FROM rust:1.88 AS build
COPY Cargo.toml Cargo.lock site.json LICENSE* ./
COPY src src
ADD https://example.org/a.json b.json
RUN cargo build
FROM debian
COPY target/release/app dist ./server /usr/bin/
COPY --from=build /nowhere/a.rs /usr/bin/
ARG WHERE
COPY ${{WHERE}}/a.rs /usr/bin/
"
            ),
        );
    }

    #[test]
    fn every_way_to_bring_members_in_counts() {
        for dockerfile in [
            "FROM rust\nCOPY . .\nRUN cargo build",
            "FROM rust\nWORKDIR /a\nCOPY Cargo.* ./\nCOPY crates ./crates\nRUN cargo build",
            "FROM rust\nWORKDIR /a\nCOPY --parents Cargo.toml crates/*/Cargo.toml ./\nRUN cargo fetch",
            "FROM rust\nWORKDIR /a\nRUN --mount=type=bind,source=crates,target=crates --mount=type=bind,source=Cargo.toml,target=Cargo.toml --mount=type=cache,target=/x cargo build",
            "FROM rust AS chef\nWORKDIR /a\nFROM chef AS planner\nCOPY . .\nRUN cargo chef prepare --recipe-path r.json\nFROM chef AS builder\nCOPY --from=planner /a/r.json r.json\nRUN cargo chef cook --release\nCOPY Cargo.toml .\nCOPY crates/server crates/server\nRUN cargo build",
            "FROM rust AS src\nCOPY . /all\nFROM rust\nCOPY --from=src /all/Cargo.toml /b/\nCOPY --from=src /all/crates /b/crates\nWORKDIR /b\nRUN cargo build",
            "FROM rust\nRUN git clone https://example.org/a .\nCOPY Cargo.toml .\nRUN cargo build",
            "FROM rust\nCOPY Cargo.toml .\nRUN sed -i '/p2p/d' Cargo.toml\nCOPY crates/core crates/core\nRUN cargo build",
            "FROM rust\nCOPY Cargo.toml .\nRUN cargo build || true\nCOPY crates crates\nRUN cargo build",
            "ARG DIR=crates\nFROM rust\nARG DIR\nWORKDIR /a\nCOPY Cargo.toml .\nCOPY $DIR ./${DIR}\nRUN cargo build",
            "FROM rust\nARG DIR\nWORKDIR /a\nCOPY Cargo.toml .\nCOPY $DIR ./${DIR}\nRUN cargo build",
            "FROM rust\nCOPY Cargo.toml /tools/\nRUN cargo install sqlx-cli",
            "FROM debian\nCOPY Cargo.toml .\nRUN echo cargo build",
        ] {
            silent(&RULE, &with(&format!("//- Dockerfile\n{dockerfile}\n")));
        }
    }
}
