//! New workflows: what a project without continuous integration begins with.

use crate::project::paths::join;
use crate::project::values::Node;
use crate::project::{FileKind, Project, ProjectFile};

use super::edit::{CARGO_DENY, CHECKOUT};

/// The path and text of a workflow for the service that the project is kept at; nothing when that
/// needs to know something that the project does not say, such as the labels of its runners.
pub fn new_workflow(project: &Project) -> Option<(&'static str, String)> {
    let home = home(project);
    let is_at = |name: &str| home.as_deref().is_some_and(|it| it.contains(name));
    let has = |folder: &str| project.is_listed(folder);
    if has(".github") {
        return github(project).map(|text| (".github/workflows/ci.yml", text));
    }
    if has(".gitlab") || is_at("gitlab") {
        return gitlab(project).map(|text| (".gitlab-ci.yml", text));
    }
    if has(".forgejo") || has(".gitea") || home.is_some() && !is_at("github.com") {
        return None;
    }
    github(project).map(|text| (".github/workflows/ci.yml", text))
}

/// Where the manifest says that the repository is.
fn home(project: &Project) -> Option<String> {
    let (file, _) = project.anchor()?;
    let root = file.root()?;
    let places: [&[&str]; 4] = [
        &["package", "repository"],
        &["workspace", "package", "repository"],
        &["repository"],
        &["repository", "url"],
    ];
    places.iter().find_map(|path| root.at(path)?.as_str().map(str::to_string))
}

/// Whether a script of `package.json` tests something.
pub fn has_test_script(package: &ProjectFile) -> bool {
    let script = package.root().and_then(|root| root.at(&["scripts", "test"])?.as_str());
    script.is_some_and(|it| !it.contains("no test specified") && it != "exit 0" && !it.is_empty())
}

/// The uppermost file of a kind.
fn topmost(project: &Project, kind: FileKind) -> Option<&ProjectFile> {
    let files = project.files(kind).map(std::convert::AsRef::as_ref);
    files.min_by_key(|file| (file.path.matches('/').count(), file.path.clone()))
}

fn github(project: &Project) -> Option<String> {
    let mut jobs = String::new();
    if let Some(manifest) = topmost(project, FileKind::Manifest) {
        jobs += &rust_jobs(project, manifest);
    }
    if let Some(package) = topmost(project, FileKind::PackageJson)
        && (package.folder().is_empty() || has_test_script(package))
    {
        jobs += &node_job(project, package);
    }
    let header = "\
name: CI

on:
  push:
  pull_request:

permissions:
  contents: read

# A newer push makes the run of an older one pointless.
concurrency:
  group: ${{ github.workflow }}-${{ github.ref }}
  cancel-in-progress: true

jobs:";
    (!jobs.is_empty()).then(|| format!("{header}{}", jobs.trim_end().to_string() + "\n"))
}

/// The toolchain that a project asks for by a file.
fn has_toolchain_file(project: &Project, folder: &str) -> bool {
    ["rust-toolchain.toml", "rust-toolchain"].iter().any(|it| project.is_listed(&join(folder, it)))
}

fn rust_jobs(project: &Project, manifest: &ProjectFile) -> String {
    let folder = manifest.folder();
    let locked = match project.is_listed(&join(folder, "Cargo.lock")) {
        true => " --locked",
        false => "",
    };
    let defaults = match folder {
        "" => String::new(),
        folder => format!("\n    defaults:\n      run:\n        working-directory: {folder}"),
    };
    let install = match has_toolchain_file(project, folder) {
        // Without a name rustup installs what the file asks for.
        true => "rustup toolchain install\n          rustup component add clippy rustfmt",
        false => {
            "rustup toolchain install stable --profile minimal --component clippy,rustfmt\n          rustup default stable"
        }
    };
    let target = join(folder, "target");
    let mut jobs = format!(
        "
  rust:
    runs-on: ubuntu-latest{defaults}
    env:
      CARGO_TERM_COLOR: always
    steps:
      - uses: {CHECKOUT}
        with:
          persist-credentials: false
      - name: Install Rust
        run: |
          {install}
      - uses: actions/cache@v5
        with:
          path: |
            ~/.cargo/registry
            ~/.cargo/git
            {target}
          key: cargo-${{{{ runner.os }}}}-${{{{ hashFiles('**/Cargo.lock', '**/Cargo.toml') }}}}
          restore-keys: cargo-${{{{ runner.os }}}}-
      - name: Formatting
        run: cargo fmt --all --check
      - name: Lints
        run: cargo clippy --workspace --all-targets{locked} -- -D warnings
      - name: Tests
        run: cargo test --workspace{locked}
"
    );
    if let Some(version) = rust_version(manifest).filter(|_| !has_toolchain_file(project, folder)) {
        jobs += &format!(
            "
  # The oldest Rust that the manifest promises to compile with.
  rust-version:
    runs-on: ubuntu-latest{defaults}
    steps:
      - uses: {CHECKOUT}
        with:
          persist-credentials: false
      - run: rustup toolchain install {version} --profile minimal
      - run: cargo +{version} check --workspace{locked}
"
        );
    }
    jobs + &dependencies_job(project, folder)
}

/// The job that checks dependencies for known vulnerabilities.
fn dependencies_job(project: &Project, folder: &str) -> String {
    let mut inputs = String::new();
    if !folder.is_empty() {
        inputs += &format!("\n          manifest-path: ./{folder}/Cargo.toml");
    }
    if project.files(FileKind::DenyConfig).next().is_none() {
        // Without a policy cargo-deny rejects every licence.
        inputs += "\n          command: check advisories";
    }
    if !inputs.is_empty() {
        inputs = format!("\n        with:{inputs}");
    }
    format!(
        "
  dependencies:
    runs-on: ubuntu-latest
    steps:
      - uses: {CHECKOUT}
        with:
          persist-credentials: false
      - uses: {CARGO_DENY}{inputs}
"
    )
}

/// The `rust-version` of a manifest, when it looks like one.
fn rust_version(manifest: &ProjectFile) -> Option<&str> {
    let root = manifest.root()?;
    let places: [&[&str]; 2] =
        [&["package", "rust-version"], &["workspace", "package", "rust-version"]];
    let version = places.iter().find_map(|path| root.at(path).and_then(Node::as_str))?;
    version.bytes().all(|it| it.is_ascii_digit() || it == b'.').then_some(version)
}

fn node_job(project: &Project, package: &ProjectFile) -> String {
    let folder = package.folder();
    let has = |name: &str| project.is_listed(&join(folder, name));
    let (manager, prepare, install) = if has("pnpm-lock.yaml") {
        ("pnpm", Some("corepack enable"), "pnpm install --frozen-lockfile")
    } else if has("yarn.lock") && has(".yarnrc.yml") {
        ("yarn", Some("corepack enable"), "yarn install --immutable")
    } else if has("yarn.lock") {
        ("yarn", None, "yarn install --frozen-lockfile")
    } else if has("package-lock.json") {
        ("npm", None, "npm ci")
    } else {
        ("npm", None, "npm install")
    };
    let root = package.root();
    let version = if has(".nvmrc") {
        format!("node-version-file: {}", join(folder, ".nvmrc"))
    } else if root.is_some_and(|it| it.at(&["engines", "node"]).is_some()) {
        format!("node-version-file: {}", join(folder, "package.json"))
    } else {
        "node-version: lts/*".to_string()
    };
    let defaults = match folder {
        "" => String::new(),
        folder => format!("\n    defaults:\n      run:\n        working-directory: {folder}"),
    };
    let mut job = format!(
        "
  node:
    runs-on: ubuntu-latest{defaults}
    steps:
      - uses: {CHECKOUT}
        with:
          persist-credentials: false
      - uses: actions/setup-node@v7
        with:
          {version}
"
    );
    for command in prepare.into_iter().chain([install]) {
        job += &format!("      - run: {command}\n");
    }
    for script in ["lint", "build"] {
        if root.is_some_and(|it| it.at(&["scripts", script]).is_some()) {
            job += &format!("      - run: {manager} run {script}\n");
        }
    }
    if has_test_script(package) {
        job += &format!("      - run: {manager} test\n");
    }
    job
}

fn gitlab(project: &Project) -> Option<String> {
    let manifest = topmost(project, FileKind::Manifest)?;
    let folder = manifest.folder();
    if !folder.is_empty() {
        return None;
    }
    let locked = if project.is_listed("Cargo.lock") { " --locked" } else { "" };
    let check = match project.files(FileKind::DenyConfig).next() {
        Some(_) => "cargo deny check",
        None => "cargo deny check advisories",
    };
    Some(format!(
        "\
default:
  image: rust:1
  cache:
    key:
      files:
        - Cargo.toml
    paths:
      - .cargo-home/registry
      - target

variables:
  CARGO_HOME: $CI_PROJECT_DIR/.cargo-home

test:
  before_script:
    - rustup component add clippy rustfmt
  script:
    - cargo fmt --all --check
    - cargo clippy --workspace --all-targets{locked} -- -D warnings
    - cargo test --workspace{locked}

dependencies:
  script:
    - cargo install --locked cargo-deny
    - .cargo-home/bin/cargo-deny {check}
",
        check = check.trim_start_matches("cargo deny ")
    ))
}
