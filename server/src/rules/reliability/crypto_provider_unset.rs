//! Program that uses rustls without a default crypto provider.
//!
//! Since version 0.23 rustls takes its cryptography from a provider. If exactly one of its features
//! `ring` and `aws_lc_rs` is enabled, that provider is the default. Cargo unites the features that
//! all dependencies ask for, so a dependency can enable the second one. If both or neither are
//! enabled, the first `ClientConfig::builder()` or `ServerConfig::builder()` panics.
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "server"
//! [dependencies]
//! rustls = "0.23"
//! quinn = "0.11"
//! //- src/main.rs
//! fn main() {
//!     let config = rustls::ClientConfig::builder().with_root_certificates(roots());
//! }
//! ```
//!
//! Enable one provider everywhere, or install one at the start of the program:
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "server"
//! [dependencies]
//! rustls = { version = "0.23", default-features = false, features = ["ring", "std", "tls12"] }
//! quinn = "0.11"
//! //- src/main.rs
//! fn main() {
//!     let config = rustls::ClientConfig::builder().with_root_certificates(roots());
//! }
//! ```
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "server"
//! [dependencies]
//! rustls = "0.23"
//! quinn = "0.11"
//! //- src/main.rs
//! fn main() {
//!     let _ = rustls::crypto::ring::default_provider().install_default();
//!     let config = rustls::ClientConfig::builder().with_root_certificates(roots());
//! }
//! ```
//!
//! Reported is only what is certain: dependencies that every build of the program has, with
//! features that the manifests enable, and in agreement with `Cargo.lock` if there is one.

use super::AREA;
use std::collections::BTreeSet;

use crate::analysis::{Opportunity, ProjectContext, Report, Rule, Severity};
use crate::project::dependencies::{self, Dependency, Table};
use crate::project::lockfile::Lockfile;
use crate::project::package_contents;
use crate::project::values::Node;
use crate::project::{FileKind, Indexed, Package, ProjectFile, Reference, ReferenceKind};
use crate::text::FileRange;

pub static RULE: Rule = Rule {
    id: "crypto-provider-unset",
    opportunity: Opportunity::Dependents(&["rustls"]),
    effort: 20,
    severity: Severity::High,
    seeds: &["B.5"],
    source: include_str!("crypto_provider_unset.rs"),
    indexed: &[Indexed::Calls(INSTALLS), Indexed::AssociatedCalls(BUILDERS)],
    project: Some(check),
    ..Rule::project(AREA)
};

/// The crypto providers that rustls has features for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Provider {
    Ring,
    AwsLcRs,
}
use Provider::{AwsLcRs, Ring};

/// Calls that choose a provider, for the process or for one configuration.
const INSTALLS: &[&str] =
    &["builder_with_provider", "default_provider", "install_default", "with_provider"];

/// Calls that take the provider of the process.
const BUILDERS: &[(&str, &str)] = &[("ClientConfig", "builder"), ("ServerConfig", "builder")];

/// The crypto providers that releases of a crate enable in rustls.
struct Enables {
    package: &'static str,
    /// As `0.23` in `0.23.5`.
    releases: &'static [&'static str],
    /// By its default features.
    default: Option<Provider>,
    /// By its features.
    features: &'static [(&'static str, Provider)],
}

const ENABLES: &[Enables] = &[
    Enables {
        package: "rustls",
        releases: &["0.23"],
        default: Some(AwsLcRs),
        features: &[
            ("ring", Ring),
            ("aws_lc_rs", AwsLcRs),
            ("aws-lc-rs", AwsLcRs),
            ("fips", AwsLcRs),
            ("prefer-post-quantum", AwsLcRs),
        ],
    },
    Enables {
        package: "tokio-rustls",
        releases: &["0.26"],
        default: Some(AwsLcRs),
        features: &[
            ("ring", Ring),
            ("aws_lc_rs", AwsLcRs),
            ("aws-lc-rs", AwsLcRs),
            ("fips", AwsLcRs),
        ],
    },
    Enables {
        package: "hyper-rustls",
        releases: &["0.27"],
        default: Some(AwsLcRs),
        features: &[("ring", Ring), ("aws-lc-rs", AwsLcRs), ("fips", AwsLcRs)],
    },
    Enables {
        package: "quinn",
        releases: &["0.11"],
        default: Some(Ring),
        features: &[
            ("rustls", Ring),
            ("rustls-ring", Ring),
            ("rustls-aws-lc-rs", AwsLcRs),
            ("rustls-aws-lc-rs-fips", AwsLcRs),
        ],
    },
    Enables {
        package: "reqwest",
        releases: &["0.12"],
        default: None,
        features: &[
            ("rustls-tls", Ring),
            ("rustls-tls-webpki-roots", Ring),
            ("rustls-tls-native-roots", Ring),
            ("rustls-tls-manual-roots", Ring),
        ],
    },
    Enables {
        package: "reqwest",
        releases: &["0.13"],
        default: Some(AwsLcRs),
        features: &[("rustls", AwsLcRs), ("default-tls", AwsLcRs), ("http3", AwsLcRs)],
    },
    Enables {
        package: "axum-server",
        releases: &["0.7", "0.8"],
        default: None,
        features: &[("tls-rustls", AwsLcRs)],
    },
    Enables {
        package: "tonic",
        releases: &["0.13", "0.14"],
        default: None,
        features: &[("tls-ring", Ring), ("tls-aws-lc", AwsLcRs)],
    },
];

/// Crates with a provider of their own, which the program may install.
const OTHER_PROVIDERS: &[&str] = &[
    "boring-rustls-provider",
    "rustls-cng-crypto",
    "rustls-graviola",
    "rustls-mbedcrypto-provider",
    "rustls-openssl",
    "rustls-post-quantum",
    "rustls-rustcrypto",
    "rustls-symcrypt",
    "rustls-wolfcrypt-provider",
];

/// A dependency that depends on rustls, and the providers it enables.
struct RustlsUser {
    package: String,
    path: String,
    range: FileRange,
    providers: Vec<Provider>,
    /// A feature that leaves the choice to the program is enabled.
    leaves_open: bool,
}

fn check(cx: &mut ProjectContext<'_>) {
    let uses_rustls = cx.files(FileKind::Manifest).any(|file| file.text.contains("rustls"));
    if !uses_rustls {
        return;
    }
    let programs = cx.packages().iter();
    let programs =
        programs.filter(|it| package_contents::ships(it) && package_contents::is_program(cx, it));
    let found: Vec<_> = programs.filter_map(|it| of_program(cx, it)).collect();
    let mut reported = BTreeSet::new();
    for (path, range, report) in found {
        if reported.insert((path.clone(), range.start())) {
            cx.report(&path, report);
        }
    }
}

fn of_program(
    cx: &ProjectContext<'_>,
    program: &Package,
) -> Option<(String, FileRange, Report<'static>)> {
    let (manifest, _) = package_contents::header(cx, program)?;
    let (folders, users) = dependencies_of(cx, manifest);
    let of = |provider| users.iter().find(|it| it.providers.contains(&provider));
    let (ring, aws) = (of(Ring), of(AwsLcRs));
    let lock = dependencies::lockfile_of(cx, manifest).map(Lockfile::read);
    if lock
        .as_ref()
        .is_some_and(|it| it.packages.iter().any(|it| OTHER_PROVIDERS.contains(&it.name)))
    {
        return None;
    }
    let locked = lock.as_ref().map(providers_of);
    let references = || {
        cx.references().filter(|(path, _)| {
            cx.packages().owner(path).is_some_and(|owner| folders.contains(&owner.folder))
        })
    };
    let (shown, message) = match (ring, aws, locked) {
        (Some(ring), Some(aws), None | Some(Some((true, true)))) => {
            let message = format!(
                "rustls has two crypto providers and no default: `ring` from `{}`, `aws_lc_rs` from `{}`",
                ring.package, aws.package
            );
            // `rustls` itself enables its provider by default, which is easily overlooked.
            let shown = [aws, ring].into_iter().find(|it| it.package == "rustls").unwrap_or(aws);
            (shown, message)
        }
        (None, None, Some(Some((false, false)))) => {
            let user = users.iter().find(|it| it.package == "rustls").or(users.first())?;
            (
                user,
                "rustls has no crypto provider: neither `ring` nor `aws_lc_rs` is enabled"
                    .to_string(),
            )
        }
        _ => return None,
    };
    let installs = |reference: &Reference| matches!(&reference.kind, ReferenceKind::Call(name) if INSTALLS.contains(&name.as_str()));
    if references().any(|(_, reference)| !reference.in_test && installs(reference)) {
        return None;
    }
    let builds = |reference: &Reference| matches!(&reference.kind, ReferenceKind::Call(name) if name == "builder");
    let first_use = references().find(|(_, reference)| !reference.in_test && builds(reference));
    if first_use.is_none() && !(shown.leaves_open && ring.is_none()) {
        return None;
    }
    let only_tests = references().find(|(_, reference)| reference.in_test && installs(reference));
    let cause = match only_tests {
        Some(_) => "only tests install a provider",
        None => "no code installs a provider",
    };
    let note =
        format!("{cause}, so `{}` panics when it builds its first TLS configuration", program.name);
    let mut report = Report::new(shown.range, message).note(note);
    let others = [ring, aws].into_iter().flatten();
    for other in others.filter(|it| (&it.path, it.range) != (&shown.path, shown.range)) {
        report = report.related_in(&other.path, other.range, "the other provider is enabled here");
    }
    if let Some((path, reference)) = first_use {
        report = report.related_in(
            path,
            reference.range,
            "this uses the default provider of the process",
        );
    }
    if let Some((path, reference)) = only_tests {
        report = report.related_in(path, reference.range, "a test installs a provider here");
    }
    Some((shown.path.clone(), shown.range, report))
}

/// Whether the rustls of a lock file has `ring` and `aws_lc_rs`; nothing without a rustls that
/// asks for a provider. Both hold for any build at most.
fn providers_of(lock: &Lockfile<'_>) -> Option<(bool, bool)> {
    let new = lock.named("rustls").filter(|(_, it)| {
        let mut numbers = it.version.split('.').map(|it| it.parse::<u32>().unwrap_or(0));
        (numbers.next(), numbers.next()) >= (Some(0), Some(23))
    });
    let mut found = None;
    for (index, _) in new {
        let has = |name: &str| lock.dependencies(index).any(|(_, it)| it.name == name);
        let (ring, aws) = found.unwrap_or((false, false));
        found = Some((ring || has("ring"), aws || has("aws-lc-rs")));
    }
    found
}

/// The folders of the packages that a program is built from, and those of their dependencies that
/// depend on rustls: only the ones that every build has.
fn dependencies_of(
    cx: &ProjectContext<'_>,
    program: &ProjectFile,
) -> (BTreeSet<String>, Vec<RustlsUser>) {
    let mut folders = BTreeSet::new();
    let mut users = Vec::new();
    let mut open = vec![program.path.clone()];
    while let Some(path) = open.pop() {
        let Some(manifest) = cx.files(FileKind::Manifest).find(|file| file.path == path) else {
            continue;
        };
        if !folders.insert(manifest.folder().to_string()) {
            continue;
        }
        let shared = dependencies::workspace_of(cx, manifest);
        let shared_entries = shared.map(dependencies::of_manifest).unwrap_or_default();
        for dependency in dependencies::of_manifest(manifest) {
            let is_unconditional = dependency.table == Table::Normal
                && !dependency.for_target
                && !dependency.is_set("optional");
            if !is_unconditional {
                continue;
            }
            let inherited = dependency.is_set("workspace").then(|| {
                let mut entries = shared_entries.iter();
                entries
                    .find(|it| it.table == Table::Workspace && it.entry.key == dependency.entry.key)
            });
            let base = match inherited {
                Some(Some(entry)) => *entry,
                Some(None) => continue,
                None => dependency,
            };
            if base.text("path").is_some() {
                let member = cx.packages().iter().find(|it| it.name == base.package());
                open.extend(member.map(|it| it.manifest()));
                continue;
            }
            let at = match (inherited, shared) {
                (Some(_), Some(shared)) => shared,
                _ => manifest,
            };
            users.extend(rustls_user(&base, &dependency, &at.path));
        }
    }
    (folders, users)
}

/// The providers that a dependency enables, by its own entry and the one it inherits from.
fn rustls_user(base: &Dependency<'_>, own: &Dependency<'_>, path: &str) -> Option<RustlsUser> {
    let release = release(base.version()?.as_str()?)?;
    let mut enables = ENABLES.iter();
    let enables = enables
        .find(|it| it.package == base.package() && it.releases.contains(&release.as_str()))?;
    let features: Vec<&str> = base.features().chain(own.features()).collect();
    let default_on = own.entry.value.get("default-features").and_then(Node::as_bool) == Some(true);
    let mut providers: Vec<Provider> = Vec::new();
    if !base.is_without_defaults() || default_on {
        providers.extend(enables.default);
    }
    let named = enables.features.iter().filter(|(name, _)| features.contains(name));
    providers.extend(named.map(|(_, provider)| *provider));
    let leaves_open =
        features.iter().any(|it| it.contains("rustls") && it.ends_with("no-provider"));
    let is_rustls = base.package().ends_with("rustls");
    (is_rustls || leaves_open || !providers.is_empty()).then(|| RustlsUser {
        package: base.package().to_string(),
        path: path.to_string(),
        range: base.range(),
        providers,
        leaves_open,
    })
}

/// `0.23` of `^0.23.5`.
fn release(requirement: &str) -> Option<String> {
    let text = requirement.trim().trim_start_matches(['^', '=', '~']).trim();
    let mut parts = text.split('.');
    let (major, minor) = (parts.next()?, parts.next()?);
    let is_number = |it: &str| !it.is_empty() && it.chars().all(|c| c.is_ascii_digit());
    (is_number(major) && is_number(minor)).then(|| format!("{major}.{minor}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{Fixture, check, silent};

    const MAIN: &str = r#"//- src/main.rs
fn main() { let c = rustls::ClientConfig::builder(); }
"#;

    fn manifest(dependencies: &str) -> String {
        format!(
            r#"//- Cargo.toml
[package]
name = "server"
[dependencies]
{dependencies}
"#
        )
    }

    fn lock(providers: &str) -> String {
        format!(
            r#"//- Cargo.lock
version = 4
[[package]]
name = "ring"
version = "0.17.0"
[[package]]
name = "aws-lc-rs"
version = "1.0.0"
[[package]]
name = "rustls"
version = "0.23.20"
dependencies = [{providers}]
"#
        )
    }

    #[test]
    fn two_providers_panic() {
        let message = "crypto-provider-unset: rustls has two crypto providers and no default: `ring` from `quinn`, `aws_lc_rs` from `rustls`";
        let two = manifest(&format!(
            r#"rustls = "0.23"
#~ {message}
quinn = "0.11""#
        ));
        check(&RULE, &format!("{two}{MAIN}"));
        check(&RULE, &format!("{two}{MAIN}{}", lock("\"ring\", \"aws-lc-rs\"")));
        let one = r#"rustls = { version = "0.23", default-features = false, features = ["ring"] }
#~ crypto-provider-unset
axum-server = { version = "0.7", features = ["tls-rustls"] }"#;
        check(&RULE, &format!("{}{MAIN}", manifest(one)));
        let hyper = r#"hyper-rustls = "0.27.5"
#~ crypto-provider-unset
reqwest = { version = "0.12", features = ["rustls-tls"] }"#;
        check(&RULE, &format!("{}{MAIN}", manifest(hyper)));
    }

    #[test]
    fn features_are_united_over_the_workspace() {
        let source = format!(
            r#"//- Cargo.toml
[workspace]
members = ["s", "net"]
[workspace.dependencies]
rustls = "0.23"
#~ crypto-provider-unset
net = {{ path = "net" }}
//- s/Cargo.toml
[package]
name = "s"
[dependencies]
net.workspace = true
quinn = "0.11"
//- net/Cargo.toml
[package]
name = "net"
[dependencies]
rustls.workspace = true
//- net/src/lib.rs
pub fn f() {{ ServerConfig::builder(); }}
{}"#,
            MAIN.replace("src/main.rs", "s/src/main.rs")
        );
        check(&RULE, &source);
    }

    #[test]
    fn no_provider_panics() {
        let none = manifest(
            r#"rustls = { version = "0.23", default-features = false, features = ["std"] }
#~ crypto-provider-unset: rustls has no crypto provider: neither `ring` nor `aws_lc_rs` is enabled"#,
        );
        check(&RULE, &format!("{none}{MAIN}{}", lock("")));
        let open = manifest(
            r#"reqwest = { version = "0.12", default-features = false, features = ["rustls-tls-no-provider"] }
#~ crypto-provider-unset"#,
        );
        check(
            &RULE,
            &format!(
                r#"{open}//- src/main.rs
fn main() {{}}
{}"#,
                lock("")
            ),
        );
        // A provider that tests alone install does not help the program.
        let test = "#[cfg(test)] mod tests { #[test] fn t() { rustls::crypto::ring::default_provider().install_default(); } }\n";
        check(&RULE, &format!("{none}{MAIN}{test}{}", lock("")));
    }

    #[test]
    fn one_provider_or_an_installed_one_is_enough() {
        let two = manifest(
            r#"rustls = "0.23"
quinn = "0.11""#,
        );
        let install = r#"//- src/tls.rs
fn f() { rustls::crypto::ring::default_provider().install_default().ok(); }
"#;
        silent(&RULE, &format!("{two}{MAIN}{install}"));
        silent(
            &RULE,
            &format!(
                r#"{two}//- src/main.rs
fn main() {{ ClientConfig::builder_with_provider(p()); }}
"#
            ),
        );
        // Nothing here takes the provider of the process.
        silent(
            &RULE,
            &format!(
                r#"{two}//- src/main.rs
fn main() {{ quinn::Endpoint::client(a()); }}
"#
            ),
        );
        for one in [
            r#"rustls = { version = "0.23", default-features = false, features = ["ring"] }
quinn = "0.11""#,
            r#"rustls = "0.23"
quinn = { version = "0.11", optional = true }"#,
            r#"rustls = "0.22"
quinn = "0.11""#,
            r#"rustls = "0.23"
[dev-dependencies]
quinn = "0.11""#,
        ] {
            silent(&RULE, &format!("{}{MAIN}", manifest(one)));
        }
        // The lock file knows better.
        silent(&RULE, &format!("{two}{MAIN}{}", lock("\"ring\"")));
        let none = manifest("rustls = { version = \"0.23\", default-features = false }");
        silent(&RULE, &format!("{none}{MAIN}"));
        silent(&RULE, &format!("{none}{MAIN}{}", lock("\"ring\"")));
        let other = r#"[[package]]
name = "rustls-graviola"
version = "0.2.0"
"#;
        silent(&RULE, &format!("{none}{MAIN}{}{other}", lock("")));
        // A library leaves the choice to the program.
        silent(&RULE, &format!("{two}{}", MAIN.replace("src/main.rs", "src/lib.rs")));
    }

    #[test]
    fn both_sides_are_named() {
        let source = format!(
            "{}{MAIN}",
            manifest(
                r#"rustls = "0.23"
quinn = "0.11""#
            )
        );
        let found = Fixture::new(&source, [&RULE]).findings();
        let related: Vec<&str> =
            found[0].1.related.iter().filter_map(|it| it.path.as_deref()).collect();
        assert_eq!(related, ["Cargo.toml", "src/main.rs"]);
    }
}
