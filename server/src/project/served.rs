//! The packages that really serve: code of theirs starts a server of HTTP or RPC, and a program of
//! the project runs it. What their code has besides is told by names, strings and dependencies.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::TrackedProject;
use super::package_graph::PackageGraph;
use super::service::{is_shown, makes_program};
use crate::project::{Function, Indexed, Package, Packages, Reference, ReferenceKind, Role};
use crate::syntax::names::has_any_word;
use crate::text::FileRange;

/// What a rule that asks for [`services`] has to have indexed.
pub const SERVING_PATHS: Indexed = Indexed::Paths(&[
    ("HttpServer", "build"),
    ("HttpServer", "new"),
    ("HttpServerStarter", "new"),
    ("HttpServerStarter", "new_with_tls"),
    ("OpenApiRouter", "new"),
    ("Router", "new"),
    ("Ipv4Addr", "LOCALHOST"),
    ("Ipv6Addr", "LOCALHOST"),
    ("Server", "bind"),
    ("Server", "bind_rustls"),
    ("Server", "builder"),
    ("Server", "from_tcp"),
    ("Server", "http"),
    ("Server", "https"),
    ("Server", "new"),
    ("ServerBuilder", "default"),
    ("ServerBuilder", "new"),
    ("UnixListener", "bind"),
    ("axum_server", "bind"),
    ("axum_server", "bind_openssl"),
    ("axum_server", "bind_rustls"),
    ("axum_server", "from_tcp"),
    ("axum_server", "from_tcp_rustls"),
    ("gotham", "init_server"),
    ("gotham", "start"),
    ("rocket", "build"),
    ("rocket", "custom"),
    ("rocket", "ignite"),
    ("tide", "new"),
    ("tide", "with_state"),
]);

/// The same, for names that start a server wherever they stand.
pub const SERVING_NAMES: Indexed = Indexed::Names(&[
    "serve",
    "serve_connection",
    "serve_connection_with_upgrades",
    "serve_with_incoming",
    "serve_with_incoming_shutdown",
    "serve_with_shutdown",
    "UnixListenerStream",
]);

/// The same, for strings.
pub const SERVING_TEXTS: Indexed = Indexed::Texts(is_free_local_port);

/// Words of files and functions that serve something beside the service, or for a short while.
const SIDE_WORDS: &[&str] = &[
    "callback", "debug", "dummy", "fake", "health", "healthcheck", "healthz", "livereload",
    "metrics", "mock", "mocks", "oauth", "pprof", "preview", "probe", "profiling", "prometheus",
    "redirect", "reload", "stub", "telemetry", "test", "testing", "tests",
];

/// A package of the project that serves.
pub struct Service<'a> {
    /// The package whose code starts the server.
    pub package: &'a Arc<Package>,
    /// The file where the router or the server is built.
    pub path: &'a str,
    /// Where it is.
    pub range: FileRange,
    /// Whether it serves RPC.
    pub is_rpc: bool,
    /// The folders of the packages whose code is a part of it.
    folders: BTreeSet<&'a str>,
    references: Vec<(&'a str, &'a Reference)>,
}

/// The services of the project, one for each package that starts servers.
pub fn services<'a>(cx: &TrackedProject<'a>) -> Vec<Service<'a>> {
    let packages = cx.packages();
    let mut starts: BTreeMap<&str, Vec<(&str, &Reference)>> = BTreeMap::new();
    let mut code: BTreeMap<&str, Vec<(&str, &Reference)>> = BTreeMap::new();
    for (path, reference) in cx.references() {
        let Some(package) = packages.owner(path) else { continue };
        if reference.in_test || !matches!(packages.role(path), Role::Bin | Role::Lib) {
            continue;
        }
        let folder = package.folder.as_str();
        code.entry(folder).or_default().push((path, reference));
        if starts_server(package, path, reference) {
            starts.entry(folder).or_default().push((path, reference));
        }
    }
    let mut files: BTreeMap<&str, Vec<&Reference>> = BTreeMap::new();
    for (path, reference) in code.values().flatten() {
        files.entry(path).or_default().push(reference);
    }
    let file = |path: &str| files.get(path).map(Vec::as_slice).unwrap_or_default();
    // `serve(…)` is that of a crate where the file imports it.
    let imports = |path: &str| {
        file(path).iter().any(|it| {
            matches!(&it.kind, ReferenceKind::Name { of, name, function, .. }
                if of == "axum" && name == "serve" && function.is_empty())
        })
    };
    let graph = PackageGraph::of(packages);
    let mut found = Vec::new();
    for (at, package) in graph.packages.iter().copied().enumerate() {
        let here = starts.get(package.folder.as_str()).into_iter().flatten();
        let mut here = here.filter(|(path, it)| match &it.kind {
            ReferenceKind::Name { of, name, .. } if of.is_empty() && name == "serve" => {
                imports(path)
            }
            _ => !is_local(file(path), it),
        });
        let Some((path, start)) = here.next().copied() else { continue };
        if !is_run(cx, &graph, at)
            || package.is_developer_tool()
            || is_side_command(package, path)
            || is_for_testing(cx, package)
        {
            continue;
        }
        let folders = graph.related(at);
        let references: Vec<_> =
            folders.iter().flat_map(|it| code.get(it)).flatten().copied().collect();
        let (path, range) = router(&references, path, start, package);
        let is_rpc = matches!(&start.kind, ReferenceKind::Name { of, name, .. }
            if (of == "Server" && name == "builder" || of == ".") && package.depends_on("tonic")
                && !package.depends_on("axum") || of == "ServerBuilder");
        found.push((at, Service { package, path, range, is_rpc, folders, references }));
    }
    // What is a part of another service is that service's.
    let mut parts: BTreeSet<&str> = BTreeSet::new();
    for (at, service) in &found {
        let own = service.package.folder.as_str();
        parts.extend(graph.reached(*at, &graph.uses).into_iter().filter(|it| *it != own));
    }
    let whole = found.into_iter().filter(|(_, it)| !parts.contains(it.package.folder.as_str()));
    whole.map(|(_, service)| service).collect()
}

/// Where the router of a service is built: before the server in the same file, or in the only other
/// place that builds one; else where the server is.
fn router<'a>(
    references: &[(&'a str, &'a Reference)],
    path: &'a str,
    start: &'a Reference,
    package: &Package,
) -> (&'a str, FileRange) {
    let builds = |it: &Reference| {
        matches!(&it.kind, ReferenceKind::Name { of, name, function, .. }
            if name == "new" && of.ends_with("Router")
                && !function.is_empty() && !has_any_word(function, SIDE_WORDS))
    };
    let own = references.iter().filter(|(_, it)| builds(it));
    let own: Vec<_> = own.filter(|(file, _)| package_owns(package, file)).copied().collect();
    let is_before = |it: &Reference| it.range.start() < start.range.start();
    let here = own.iter().rev().find(|(file, it)| *file == path && is_before(it));
    let only = if own.len() == 1 { own.first() } else { None };
    let (path, it) = here.or(only).copied().unwrap_or((path, start));
    (path, it.range)
}

fn package_owns(package: &Package, path: &str) -> bool {
    package.folder.is_empty()
        || path.strip_prefix(package.folder.as_str()).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether a reference starts a server that is the service itself.
fn starts_server(package: &Package, path: &str, reference: &Reference) -> bool {
    let ReferenceKind::Name { of, name, function, declared: false } = &reference.kind else {
        return false;
    };
    let uses = |names: &[&str]| names.iter().any(|it| package.depends_on(it));
    let is_server = match (of.as_str(), name.as_str()) {
        ("axum" | "warp", "serve") => true,
        ("", "serve") => uses(&["axum"]),
        (".", "serve") => uses(&["axum", "hyper", "salvo", "tonic", "volo"]),
        (_, "serve") => false,
        (_, name) if name.starts_with("serve_") => {
            uses(&["axum", "hyper", "hyper_util", "salvo", "tonic", "volo", "warp"])
        }
        ("HttpServer", "build" | "new") => uses(&["actix_web", "ntex"]),
        ("HttpServerStarter" | "axum_server" | "gotham" | "rocket" | "tide", _) => true,
        ("Server", "http" | "https") => uses(&["tiny_http"]),
        ("Server", "new") => uses(&["poem", "salvo"]),
        ("Server", "bind" | "bind_rustls" | "builder" | "from_tcp") => {
            uses(&["axum", "axum_server", "hyper", "jsonrpsee", "tonic"])
        }
        ("ServerBuilder", "default" | "new") => {
            uses(&["jsonrpsee", "jsonrpc_http_server", "jsonrpc_ws_server"])
        }
        _ => false,
    };
    let stem = |part: &str| part.trim_end_matches(".rs").to_string();
    is_server
        && !function.is_empty()
        && !has_any_word(function, SIDE_WORDS)
        && !package.inside(path).split('/').any(|part| has_any_word(&stem(part), SIDE_WORDS))
}

/// Whether a server listens for its own machine alone: on a socket of Unix, or on any free port of
/// the loopback interface.
fn is_local(file: &[&Reference], start: &Reference) -> bool {
    let ReferenceKind::Name { function: around, .. } = &start.kind else { return false };
    file.iter().any(|it| match &it.kind {
        ReferenceKind::Name { of, name, function, .. } => {
            function == around
                && (of == "UnixListener"
                    || matches!(name.as_str(), "UnixListenerStream" | "LOCALHOST"))
        }
        ReferenceKind::Text { text, .. } => is_free_local_port(text),
        _ => false,
    })
}

/// Whether a server is one of the commands of a program that is none: somebody starts it for a while.
fn is_side_command(package: &Package, path: &str) -> bool {
    let (folders, file) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = file.trim_end_matches(".rs");
    package.reads_command_line()
        && package.is_module_of_commands(folders)
        && !has_any_word(stem, &["api", "daemon", "run", "serve", "server", "start"])
}

/// What the documents of a package say first of what is there for tests alone, in lower case.
const TESTING_PHRASES: &[&str] = &[
    "never be used in production",
    "not be used in production",
    "not for production",
    "not intended for production",
    "only for testing",
    "purely for testing",
    "test harness",
    "used for testing",
];

/// Whether a package says of itself that it is there for tests.
pub fn is_for_testing(cx: &TrackedProject<'_>, package: &Package) -> bool {
    if package.folder.is_empty() {
        return false;
    }
    ["README.md", "readme.md"].iter().any(|name| {
        cx.file(&format!("{}/{name}", package.folder)).is_some_and(|file| {
            let first: String = file.lines().take(12).collect::<Vec<_>>().join(" ").to_lowercase();
            TESTING_PHRASES.iter().any(|it| first.contains(it))
        })
    })
}

fn is_free_local_port(text: &str) -> bool {
    matches!(text, "127.0.0.1:0" | "localhost:0" | "[::1]:0")
}

/// Whether a program of the project runs the server of a package: its own, or that of a package
/// that depends on it. A library that is published is one that others build services with.
fn is_run(cx: &TrackedProject<'_>, graph: &PackageGraph<'_>, at: usize) -> bool {
    let listing = cx.listing();
    let runs = |it: &Package| makes_program(listing, it) && !is_shown(it);
    let Some(package) = graph.packages.get(at) else { return false };
    runs(package)
        || !package.published
            && graph
                .neighbours(at, &graph.used_by)
                .iter()
                .any(|user| graph.packages.get(*user).is_some_and(|it| runs(it)))
}

impl<'a> Service<'a> {
    /// What the code of the service refers to, with its files.
    pub fn references(&self) -> impl Iterator<Item = (&'a str, &'a Reference)> + '_ {
        self.references.iter().copied()
    }

    /// Whether one of these names stands in its code.
    pub fn names(&self, wanted: &[&str]) -> bool {
        self.references().any(|(_, it)| {
            matches!(&it.kind, ReferenceKind::Name { name, .. } if wanted.contains(&name.as_str()))
        })
    }

    /// The strings in its code that rules asked for.
    pub fn texts(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.references().filter_map(|(_, it)| match &it.kind {
            ReferenceKind::Text { text, .. } => Some(text.as_str()),
            _ => None,
        })
    }

    /// Whether one of its packages has a dependency that passes a test.
    pub fn depends(&self, cx: &TrackedProject<'_>, test: impl Fn(&str) -> bool) -> bool {
        let packages = cx.packages().iter().filter(|it| self.folders.contains(&*it.folder));
        packages.flat_map(|it| &it.dependencies).any(|it| test(it))
    }

    /// Whether one of its functions or types passes a test, by its name.
    pub fn declares(&self, cx: &TrackedProject<'a>, test: impl Fn(&str) -> bool) -> bool {
        let symbols = cx.symbols();
        let packages = symbols.packages();
        symbols.files().filter(|path| self.owns(packages, path)).any(|path| {
            let items = symbols.file(path).into_iter().flat_map(|file| &file.items);
            items.into_iter().any(|item| {
                item.functions.iter().any(|it: &Function| test(&it.name))
                    || item.types.iter().any(|it| test(&it.name))
            })
        })
    }

    fn owns(&self, packages: &Packages, path: &str) -> bool {
        packages.owner(path).is_some_and(|it| self.folders.contains(it.folder.as_str()))
            && matches!(packages.role(path), Role::Bin | Role::Lib)
    }
}
