use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::attributes::GeneratedPaths;
use super::clippy_settings::ClippySettings;
use super::manifest::{dependencies, forbids_publishing};
use super::members::unlisted;
use super::paths::{file_name, folder_of, inside, is_below, join};
use super::purpose::{
    Purpose, is_named_for_benchmarks, is_named_for_tests, purpose, unpacked_releases,
};
use crate::syntax::Edition;

/// What a Rust file is compiled into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// A library.
    Lib,
    /// A program.
    Bin,
    /// A build script, or a helper program of the developers such as `xtask`.
    Build,
    /// Tests, benchmarks, examples and fuzz targets, what only these use, and code of others that
    /// lies in the repository.
    Test,
}

/// A package: what its `Cargo.toml` says that rules ask about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// The name in the manifest.
    pub name: String,
    /// The folder of the manifest relative to the workspace root; empty for the root itself.
    pub folder: String,
    /// The edition its files are parsed with.
    pub edition: Edition,
    /// The names by which normal dependencies are used in code, with `_` for `-`.
    pub dependencies: BTreeSet<String>,
    /// The same for dependencies of tests, examples and benchmarks.
    pub dev_dependencies: BTreeSet<String>,
    /// Whether it has a library target.
    pub has_lib: bool,
    /// Whether it has a program.
    pub has_program: bool,
    /// Targets with a path of their own: relative to the workspace root.
    pub targets: BTreeMap<String, Role>,
    /// Lints that `[lints]` allows, such as `clippy::unwrap_used`.
    pub allowed_lints: Vec<String>,
    /// Lints that it turns on.
    pub warned_lints: Vec<String>,
    /// What the nearest `clippy.toml` says.
    pub clippy: Arc<ClippySettings>,
    /// Whether it ships, or helps to test what does.
    pub purpose: Purpose,
    /// See [`is_server`](Self::is_server), which is asked for many findings.
    server: bool,
    /// Whether a release ends the whole process at a panic.
    pub aborts_on_panic: bool,
    /// Whether it has what crates.io asks of a package, and `publish` does not forbid it.
    pub published: bool,
    /// Whether its library runs within the compiler: a panic in it is an error of the build.
    pub is_proc_macro: bool,
}

impl Package {
    /// The manifest's path relative to the workspace root.
    pub fn manifest(&self) -> String {
        join(&self.folder, "Cargo.toml")
    }

    /// The path of a file of the package, relative to its folder.
    pub fn inside<'p>(&self, path: &'p str) -> &'p str {
        inside(path, &self.folder).unwrap_or(path)
    }

    /// Whether a normal dependency is used in code by this name, with `_` for `-`.
    pub fn depends_on(&self, name: &str) -> bool {
        self.dependencies.contains(name)
    }

    /// Whether the package depends on a crate that servers are built on.
    pub fn is_server(&self) -> bool {
        self.server
    }

    /// Whether a file is the root of a crate, by its path relative to the workspace root.
    pub fn is_crate_root(&self, path: &str) -> bool {
        let inside = self.inside(path);
        self.targets.contains_key(path)
            || matches!(inside, "src/lib.rs" | "src/main.rs" | "build.rs")
            || inside.strip_prefix("src/bin/").is_some_and(|rest| {
                !rest.contains('/')
                    || (rest.ends_with("/main.rs") && rest.matches('/').count() == 1)
            })
    }

    /// Whether the package runs to an end: a program of the command line that has neither a server
    /// nor a runtime for tasks that go on.
    pub fn is_command(&self) -> bool {
        const RUNTIMES: &[&str] = &[
            "actix", "actix_rt", "async_std", "compio", "futures", "glommio", "mio", "monoio",
            "smol", "socket2", "tiny_http", "tokio", "zmq",
        ];
        self.has_program && !self.is_server() && !RUNTIMES.iter().any(|name| self.depends_on(name))
    }

    /// Whether the package reads the arguments of a command line and is no server by its
    /// dependencies: what it runs may go on, but mostly somebody waits for it to end.
    pub fn is_command_line(&self) -> bool {
        self.has_program && !self.is_server() && self.reads_command_line()
    }

    /// Whether the package is a tool that serves what its user works on: it reads a command line and
    /// watches files, or is the server of an editor.
    pub fn is_developer_tool(&self) -> bool {
        const WATCHERS: &[&str] =
            &["notify", "notify_debouncer_full", "notify_debouncer_mini", "watchexec"];
        self.depends_on("tower_lsp")
            || self.reads_command_line() && WATCHERS.iter().any(|name| self.depends_on(name))
    }

    /// Whether a file lies in a folder of the commands of a program, or is named for one.
    pub fn is_module_of_commands(&self, path: &str) -> bool {
        const MODULES: &[&str] =
            &["cli", "cmd", "cmds", "command", "commands", "subcommand", "subcommands"];
        let mut parts = self.inside(path).trim_end_matches(".rs").split('/');
        parts.any(|part| MODULES.binary_search(&part).is_ok())
    }

    /// Whether the package depends on a crate that reads the arguments of a command line.
    pub fn reads_command_line(&self) -> bool {
        const PARSERS: &[&str] = &[
            "argh", "bpaf", "clap", "docopt", "getopts", "gumdrop", "lexopt", "pico_args",
            "structopt",
        ];
        PARSERS.iter().any(|name| self.depends_on(name))
    }

    /// The role of a file of this package, by its path relative to the workspace root.
    pub fn role(&self, path: &str) -> Role {
        if self.purpose != Purpose::Product {
            return Role::Test;
        }
        let inside = self.inside(path);
        // A package below a folder of tests is something that tests work on. Within a package's
        // sources such a name is that of a module like any other.
        if self.folder.split('/').any(|it| is_test_folder(it) || is_named_for_benchmarks(it))
            || (!inside.starts_with("src/") && inside.rsplit('/').skip(1).any(is_test_folder))
        {
            return Role::Test;
        }
        let mut modules = inside.trim_end_matches(".rs").split('/');
        if modules.any(|name| TEST_MODULES.binary_search(&name).is_ok()) {
            return Role::Test;
        }
        let mut words = self.name.split(['-', '_']);
        if is_named_for_benchmarks(&self.name)
            || words.any(|it| {
                matches!(it, "fuzz" | "tests" | "examples" | "example" | "mock" | "mocks")
            })
        {
            return Role::Test;
        }
        if self.is_proc_macro || matches!(self.name.as_str(), "xtask" | "xtasks") {
            return Role::Build;
        }
        if let Some(role) = self.targets.get(path) {
            return *role;
        }
        let first = inside.split('/').next().unwrap_or_default();
        match first {
            "tests" | "benches" | "examples" | "fuzz" => return Role::Test,
            "build.rs" => return Role::Build,
            _ => {}
        }
        if inside == "src/main.rs" || inside.starts_with("src/bin/") || !self.has_lib {
            Role::Bin
        } else {
            Role::Lib
        }
    }
}

/// Names of modules of what tests need, whether they are compiled for tests alone or not.
const TEST_MODULES: &[&str] = &[
    "mock", "mocks", "test_fixtures", "test_helpers", "test_support", "test_util", "test_utils",
    "testutil", "testutils",
];

fn is_test_folder(name: &str) -> bool {
    const FOLDERS: &[&str] =
        &["benches", "e2e", "examples", "fixtures", "test-data", "test_data", "testdata", "tests"];
    FOLDERS.binary_search(&name).is_ok()
}

impl Package {
    /// Whether a library that no other package of the workspace uses, but for its tests, is there
    /// for tests: another package uses it in tests, or it is not published and has tests itself.
    fn is_for_tests_alone(
        &self,
        table: &toml::Table,
        in_tests: bool,
        exists: &impl Fn(&str) -> bool,
    ) -> bool {
        // What is linked into programs of other languages is used outside of the workspace.
        let library = table.get("lib").and_then(toml::Value::as_table);
        let is_linked = library
            .is_some_and(|lib| lib.contains_key("crate-type") || lib.contains_key("proc-macro"));
        if self.has_program || is_linked || !self.has_lib {
            return false;
        }
        in_tests && !self.published
            || is_named_for_tests(&self.name)
            || forbids_publishing(table) && exists(&join(&self.folder, "tests"))
    }
}

/// TOML files, each with its path or its folder.
type Tables<'a> = Vec<(&'a str, toml::Table)>;

/// The packages of a workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Packages {
    /// Deeper folders first.
    packages: Vec<Arc<Package>>,
    /// Where the package of a folder is in `packages`.
    by_folder: FxHashMap<String, usize>,
    /// With their folders.
    generated: Vec<(String, GeneratedPaths)>,
}

impl Packages {
    /// Reads manifests, the settings of clippy and `.gitattributes`, given as path and text.
    /// `exists` tells whether a file or a folder is there. A manifest that is not TOML or names no
    /// package is left out.
    pub fn read<'a>(manifests: &'a [(String, String)], exists: impl Fn(&str) -> bool) -> Self {
        let attributes = manifests.iter().filter(|(path, _)| file_name(path) == ".gitattributes");
        let generated = attributes
            .filter_map(|(path, text)| {
                let folder = folder_of(path);
                Some((folder.to_string(), GeneratedPaths::read(folder, text)?))
            })
            .collect();
        let table = |(path, text): &'a (String, String)| Some((&**path, text.parse().ok()?));
        let (tables, clippy): (Tables<'_>, Tables<'_>) = manifests
            .iter()
            .filter(|(path, _)| path.ends_with(".toml"))
            .filter_map(table)
            .partition(|(path, _)| file_name(path) == "Cargo.toml");
        let in_folders = |tables: Tables<'a>| -> Tables<'a> {
            tables.into_iter().map(|(path, table)| (folder_of(path), table)).collect()
        };
        let unpacked = unpacked_releases(manifests, &tables);
        let unlisted = unlisted(manifests);
        let tables = in_folders(tables);
        let clippy: Vec<(&str, Arc<ClippySettings>)> = in_folders(clippy)
            .into_iter()
            .map(|(folder, table)| (folder, Arc::new(ClippySettings::read(&table))))
            .collect();
        let roots: Vec<_> =
            tables.iter().filter(|(_, table)| table.contains_key("workspace")).collect();
        let aborting: Vec<&str> = tables
            .iter()
            .filter(|(_, table)| {
                let profile = table.get("profile").and_then(|it| it.get("release"));
                profile.and_then(|it| it.get("panic")?.as_str()) == Some("abort")
            })
            .map(|(folder, _)| *folder)
            .collect();
        let mut packages: Vec<Arc<Package>> = tables
            .iter()
            .filter_map(|(folder, table)| {
                // The nearest manifest above with a [workspace] is the one inherited from.
                let workspace = roots
                    .iter()
                    .filter(|(above, _)| is_below(folder, above))
                    .max_by_key(|(above, _)| above.len())
                    .and_then(|(_, table)| table.get("workspace")?.as_table());
                let mut package = package(folder, table, workspace, &exists)?;
                if unpacked.contains(folder) {
                    package.purpose = Purpose::Vendored;
                } else if unlisted.contains(*folder) {
                    package.purpose = Purpose::Unbuilt;
                }
                // Cargo reads the profiles of the root alone.
                package.aborts_on_panic = aborting.iter().any(|above| is_below(folder, above));
                let above = clippy.iter().filter(|(above, _)| is_below(folder, above));
                if let Some((_, settings)) = above.max_by_key(|(above, _)| above.len()) {
                    package.clippy = Arc::clone(settings);
                }
                Some(Arc::new(package))
            })
            .collect();
        mark_test_kits(&mut packages, &tables, &exists);
        packages.sort_by_key(|package| std::cmp::Reverse(package.folder.len()));
        let folders = packages.iter().enumerate().rev();
        let by_folder = folders.map(|(at, package)| (package.folder.clone(), at)).collect();
        Self { packages, by_folder, generated }
    }

    /// The package that a file belongs to.
    pub fn owner(&self, path: &str) -> Option<&Arc<Package>> {
        let mut folder = path;
        loop {
            if let Some(at) = self.by_folder.get(folder) {
                return self.packages.get(*at);
            }
            if folder.is_empty() {
                return None;
            }
            folder = folder_of(folder);
        }
    }

    /// The role of a file; that of a library when no package owns it. A generated file has that of
    /// tests: nobody repairs it.
    pub fn role(&self, path: &str) -> Role {
        let in_folder =
            |(folder, it): &(String, GeneratedPaths)| is_below(path, folder) && it.contains(path);
        if self.generated.iter().any(in_folder) {
            return Role::Test;
        }
        match self.owner(path) {
            Some(package) => package.role(path),
            None if !path.starts_with("src/") && folder_of(path).split('/').any(is_test_folder) => {
                Role::Test
            }
            None => Role::Lib,
        }
    }

    /// All packages.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Package>> {
        self.packages.iter()
    }
}

/// Marks the libraries that are there for tests alone.
fn mark_test_kits(
    packages: &mut [Arc<Package>],
    tables: &Tables<'_>,
    exists: &impl Fn(&str) -> bool,
) {
    let used: BTreeSet<String> =
        packages.iter().flat_map(|it| it.dependencies.iter().cloned()).collect();
    let mut tested: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (folder, table) in tables {
        for name in dependencies(table, "dev-dependencies") {
            tested.entry(name).or_default().push(*folder);
        }
    }
    let by_folder: FxHashMap<&str, &toml::Table> =
        tables.iter().map(|(folder, table)| (*folder, table)).collect();
    let is_workspace = packages.len() > 1;
    for package in packages {
        let name = package.name.replace('-', "_");
        let Some(table) = by_folder.get(package.folder.as_str()) else { continue };
        let mut tested_by = tested.get(&name).into_iter().flatten();
        let in_tests = tested_by.any(|folder| *folder != package.folder);
        if is_workspace
            && !used.contains(&name)
            && package.is_for_tests_alone(table, in_tests, exists)
        {
            Arc::make_mut(package).purpose = Purpose::Testing;
        }
    }
}

fn package(
    folder: &str,
    table: &toml::Table,
    workspace: Option<&toml::Table>,
    exists: &impl Fn(&str) -> bool,
) -> Option<Package> {
    let package = table.get("package")?.as_table()?;
    let inherited = |key: &str| {
        let value = package.get(key)?;
        value.as_str().or_else(|| workspace?.get("package")?.get(key)?.as_str())
    };
    let edition = match inherited("edition") {
        Some("2024") => Edition::Edition2024,
        Some("2021") => Edition::Edition2021,
        Some("2018") => Edition::Edition2018,
        _ => Edition::Edition2015,
    };
    let lib_path = table.get("lib").and_then(|lib| lib.get("path")).and_then(toml::Value::as_str);
    let has_lib = table.contains_key("lib") || exists(&join(folder, "src/lib.rs"));
    let mut targets = BTreeMap::new();
    if let Some(path) = lib_path {
        targets.insert(join(folder, path), Role::Lib);
    }
    for (key, role) in
        [("bin", Role::Bin), ("test", Role::Test), ("bench", Role::Test), ("example", Role::Test)]
    {
        for target in table.get(key).and_then(toml::Value::as_array).into_iter().flatten() {
            if let Some(path) = target.get("path").and_then(toml::Value::as_str) {
                targets.insert(join(folder, path), role);
            }
        }
    }
    if let Some(path) = package.get("build").and_then(toml::Value::as_str) {
        targets.insert(join(folder, path), Role::Build);
    }
    let mut lints = table.get("lints").and_then(toml::Value::as_table);
    if lints
        .is_some_and(|lints| lints.get("workspace").and_then(toml::Value::as_bool) == Some(true))
    {
        lints = workspace.and_then(|it| it.get("lints")).and_then(toml::Value::as_table);
    }
    let dependencies = self::dependencies(table, "dependencies");
    let server = serves_with_hyper(table, workspace)
        || SERVERS.iter().any(|name| dependencies.contains(*name));
    Some(Package {
        name: package.get("name")?.as_str()?.to_string(),
        folder: folder.to_string(),
        edition,
        dependencies,
        dev_dependencies: self::dependencies(table, "dev-dependencies"),
        has_lib,
        has_program: table.contains_key("bin")
            || exists(&join(folder, "src/main.rs"))
            || exists(&join(folder, "src/bin")),
        targets,
        allowed_lints: lints.map(|it| lints_at(it, &["allow"])).unwrap_or_default(),
        warned_lints: lints.map(|it| lints_at(it, &["warn", "deny", "forbid"])).unwrap_or_default(),
        server,
        aborts_on_panic: false,
        clippy: Arc::default(),
        purpose: purpose(folder, package, table),
        is_proc_macro: table
            .get("lib")
            .and_then(|lib| lib.get("proc-macro"))
            .and_then(toml::Value::as_bool)
            == Some(true),
        published: !forbids_publishing(table)
            && package.contains_key("description")
            && (package.contains_key("license") || package.contains_key("license-file")),
    })
}

/// Crates that servers are built on.
const SERVERS: &[&str] = &[
    "actix_web", "async_graphql", "axum", "gotham", "jsonrpsee", "lapin", "ntex", "poem", "quinn",
    "rdkafka", "rocket", "salvo", "tarpc", "tide", "tonic", "tower_http", "tower_lsp", "volo",
    "warp",
];

/// Whether a package depends on hyper with its feature for servers: clients depend on it as well.
fn serves_with_hyper(manifest: &toml::Table, workspace: Option<&toml::Table>) -> bool {
    let in_table = |table: Option<&toml::Table>| {
        let entry = table.and_then(|it| it.get("dependencies")?.get("hyper")?.get("features"));
        let features = entry.and_then(toml::Value::as_array).into_iter().flatten();
        let names: Vec<&str> = features.filter_map(toml::Value::as_str).collect();
        names.iter().any(|name| matches!(*name, "server" | "full"))
    };
    let inherits = || {
        let entry = manifest.get("dependencies").and_then(|it| it.get("hyper"));
        entry.and_then(|it| it.get("workspace")?.as_bool()) == Some(true)
    };
    in_table(Some(manifest)) || inherits() && in_table(workspace)
}

/// The lints of `[lints]` that have one of the levels.
fn lints_at(lints: &toml::Table, levels: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (tool, table) in lints {
        for (lint, level) in table.as_table().into_iter().flatten() {
            let level = level.as_str().or_else(|| level.get("level")?.as_str());
            if level.is_some_and(|it| levels.contains(&it)) {
                // Cargo takes lints by both spellings.
                let lint = lint.replace('-', "_");
                found.push(if tool == "rust" { lint } else { format!("{tool}::{lint}") });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::purpose::PUBLISHED_MANIFEST;

    fn packages(manifests: &[(&str, &str)]) -> Packages {
        let manifests: Vec<_> =
            manifests.iter().map(|(path, text)| (path.to_string(), text.to_string())).collect();
        Packages::read(&manifests, |path| path.ends_with("lib.rs"))
    }

    #[test]
    fn members_inherit_from_the_workspace() {
        let packages = packages(&[
            (
                "Cargo.toml",
                "[workspace]\nmembers = [\"a\"]\n[workspace.package]\nedition = \"2021\"\n[workspace.lints.clippy]\nunwrap_used = \"allow\"",
            ),
            (
                "a/Cargo.toml",
                "[package]\nname = \"a\"\nedition.workspace = true\n[lints]\nworkspace = true\n[dependencies]\nactix-web = \"4\"\n[target.'cfg(unix)'.dependencies]\nnix = \"1\"",
            ),
            ("b/Cargo.toml", "not toml ["),
        ]);
        let owner = packages.owner("a/src/x.rs").expect("an owner");
        assert_eq!(owner.edition, Edition::Edition2021);
        assert_eq!(owner.allowed_lints, ["clippy::unwrap_used"]);
        assert!(owner.depends_on("actix_web") && owner.depends_on("nix") && owner.is_server());
        assert!(packages.owner("src/x.rs").is_none());
        assert!(packages.owner("ab/x.rs").is_none());
    }

    #[test]
    fn what_only_tests_use_is_for_tests() {
        let package = |name: &str, rest: &str| {
            (format!("{name}/Cargo.toml"), format!("[package]\nname = \"{name}\"\n{rest}"))
        };
        let manifests = [
            package("app", "[dependencies]\ncore = \"1\"\n[dev-dependencies]\nkit = \"1\""),
            package("core", ""),
            package("kit", ""),
            package("plugin", "publish = false\n[lib]\ncrate-type = [\"cdylib\"]"),
            package("parser-fuzz", "publish = false\n[package.metadata]\ncargo-fuzz = true"),
        ];
        let packages = Packages::read(&manifests, |path| {
            !path.contains("src/main.rs") && !path.contains("src/bin")
        });
        let role = |path: &str| packages.role(path);
        assert_eq!(role("kit/src/lib.rs"), Role::Test);
        assert_eq!(role("parser-fuzz/fuzz_targets/a.rs"), Role::Test);
        for path in ["app/src/lib.rs", "core/src/lib.rs", "plugin/src/lib.rs"] {
            assert_eq!(role(path), Role::Lib, "{path}");
        }
    }

    #[test]
    fn releases_of_others_and_benchmarks_are_no_product() {
        let package = |folder: &str, name: &str, head: &str| {
            let version = "version = \"1.0.219\"";
            let text = format!("{head}\n[package]\nname = \"{name}\"\n{version}");
            (format!("{folder}/Cargo.toml"), text)
        };
        let mut manifests = vec![
            package("inputs/serde-1.0.219", "serde", ""),
            package("inputs/serde-1.0.219-nll", "serde", ""),
            package("inputs/tiny", "tiny", PUBLISHED_MANIFEST),
            package("run-benchmarks/router", "router", ""),
            package("own", "own", ""),
            package("own-2", "own", ""),
        ];
        let releases = Packages::read(&manifests, |path| path.ends_with("lib.rs"));
        assert_eq!(releases.role("inputs/tiny/src/lib.rs"), Role::Lib);
        manifests.push(("Cargo.toml".into(), "[workspace]\nmembers = [\"own*\"]".into()));
        let packages = Packages::read(&manifests, |path| path.ends_with("lib.rs"));
        for (folder, role) in [
            ("inputs/serde-1.0.219", Role::Test),
            ("inputs/serde-1.0.219-nll", Role::Test),
            ("inputs/tiny", Role::Test),
            ("run-benchmarks/router", Role::Test),
            ("own", Role::Lib),
            ("own-2", Role::Lib),
        ] {
            assert_eq!(packages.role(&format!("{folder}/src/lib.rs")), role, "{folder}");
        }
    }

    #[test]
    fn files_have_the_role_of_their_target() {
        let packages = packages(&[(
            "p/Cargo.toml",
            "[package]\nname = \"p\"\n[[bin]]\nname = \"t\"\npath = \"tools/t.rs\"",
        )]);
        let owner = packages.owner("p/src/lib.rs").expect("an owner");
        for (path, role) in [
            ("p/src/lib.rs", Role::Lib),
            ("p/src/tests/x.rs", Role::Lib),
            ("p/src/main.rs", Role::Bin),
            ("p/src/bin/x.rs", Role::Bin),
            ("p/tools/t.rs", Role::Bin),
            ("p/tests/x.rs", Role::Test),
            ("p/examples/x.rs", Role::Test),
            ("p/build.rs", Role::Build),
        ] {
            assert_eq!(owner.role(path), role, "{path}");
        }
    }
}
