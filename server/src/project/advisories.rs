//! The RustSec advisory database, as a checkout on disk: never fetched, only read.
//!
//! This is the one thing outside a workspace that is read because a setting of the workspace may
//! say so. A hostile workspace gains nothing by it: nothing is opened but regular files
//! `crates/<package>/RUSTSEC-*.md` below a folder, no links are followed there, their size is
//! limited, and of what is no advisory nothing is shown.
//!
//! The crate `rustsec` would bring some forty packages for the same: an advisory is a block of
//! TOML, and versions are compared by `semver`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf, Prefix};
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;
use semver::{Version, VersionReq};
use serde::Deserialize;

use super::read;

/// Advisories are a few kilobytes.
const MAX_ADVISORY_BYTES: u64 = 256 * 1024;

/// No package has nearly as many.
const MAX_ADVISORIES: usize = 500;

/// What is wrong with a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AdvisoryKind {
    /// Something to know.
    Notice,
    /// Nobody repairs it any more.
    Unmaintained,
    /// Its interface allows undefined behaviour.
    Unsound,
    /// It can be attacked.
    Vulnerability,
}

/// What is known of some versions of a package. Withdrawn advisories are none.
#[derive(Debug, Clone)]
pub struct Advisory {
    /// `RUSTSEC-`, a year and a number.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// What is wrong.
    pub kind: AdvisoryKind,
    patched: Vec<VersionReq>,
    unaffected: Vec<VersionReq>,
}

impl Advisory {
    /// Whether it is about a version.
    pub fn affects(&self, version: &Version) -> bool {
        !self.patched.iter().chain(&self.unaffected).any(|it| holds(it, version))
    }

    /// The versions without the defect, as requirements; empty when there is none yet.
    pub fn patched(&self) -> Vec<String> {
        self.patched.iter().map(ToString::to_string).collect()
    }

    /// Reads the text of an advisory about `package`; nothing when it is another text, or
    /// withdrawn.
    fn parse(text: &str, package: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct FrontMatter {
            advisory: Header,
            #[serde(default)]
            versions: Versions,
        }
        #[derive(Deserialize)]
        struct Header {
            id: String,
            package: String,
            withdrawn: Option<toml::Value>,
            informational: Option<String>,
        }
        #[derive(Deserialize, Default)]
        struct Versions {
            #[serde(default)]
            patched: Vec<VersionReq>,
            #[serde(default)]
            unaffected: Vec<VersionReq>,
        }
        let (block, rest) = text.trim_start().strip_prefix("```toml")?.split_once("\n```")?;
        let front: FrontMatter = toml::from_str(block).ok()?;
        let header = front.advisory;
        let number = header.id.strip_prefix("RUSTSEC-")?;
        let is_number = number.chars().all(|c| c.is_ascii_digit() || c == '-');
        if header.package != package || header.withdrawn.is_some() || !is_number {
            return None;
        }
        let title = rest.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or_default();
        Some(Self {
            title: title.trim().chars().filter(|c| !c.is_control()).take(120).collect(),
            kind: match header.informational.as_deref() {
                None => AdvisoryKind::Vulnerability,
                Some("unsound") => AdvisoryKind::Unsound,
                Some("unmaintained") => AdvisoryKind::Unmaintained,
                Some(_) => AdvisoryKind::Notice,
            },
            id: header.id,
            patched: front.versions.patched,
            unaffected: front.versions.unaffected,
        })
    }
}

/// Whether a version meets a requirement. Cargo lets a pre-release meet none that does not name
/// one; here it stands between the releases around it.
fn holds(requirement: &VersionReq, version: &Version) -> bool {
    if version.pre.is_empty() || requirement.matches(version) {
        return requirement.matches(version);
    }
    let release = Version::new(version.major, version.minor, version.patch);
    let is_bound = requirement.comparators.iter().any(|it| {
        (it.major, it.minor.unwrap_or(0), it.patch.unwrap_or(0))
            == (release.major, release.minor, release.patch)
    });
    !is_bound && requirement.matches(&release)
}

/// A checkout of the database. Advisories are read when their package is first asked for, and
/// kept for the life of the process.
#[derive(Debug)]
pub struct Advisories {
    folder: PathBuf,
    read: Mutex<FxHashMap<String, Arc<[Advisory]>>>,
}

impl Advisories {
    /// The database at `setting`, which is relative to `root`; without a setting, that of
    /// cargo-audit or else of cargo-deny. Nothing when there is none.
    pub fn find(setting: Option<&str>, root: Option<&Path>) -> Option<Arc<Self>> {
        /// The databases that were asked for so far.
        static KNOWN: Mutex<BTreeMap<PathBuf, Arc<Advisories>>> = Mutex::new(BTreeMap::new());

        let folder = match setting {
            Some(setting) => {
                let path = root.map_or_else(|| PathBuf::from(setting), |it| it.join(setting));
                Some(path).filter(|it| is_local(it) && is_database(it))
            }
            None => kept_by_cargo(),
        };
        let folder = folder?;
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let database = known
            .entry(folder.clone())
            .or_insert_with(|| Arc::new(Self { folder, read: Mutex::default() }));
        Some(Arc::clone(database))
    }

    /// What is known of a package of crates.io.
    pub fn of(&self, package: &str) -> Arc<[Advisory]> {
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if package.is_empty() || !package.chars().all(is_name) {
            return Arc::from([]);
        }
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = read.get(package) {
            return Arc::clone(known);
        }
        let found: Arc<[Advisory]> = self.read(package).into();
        read.insert(package.to_string(), Arc::clone(&found));
        found
    }

    fn read(&self, package: &str) -> Vec<Advisory> {
        let folder = self.folder.join("crates").join(package);
        if !is_folder(&folder) {
            return Vec::new();
        }
        let entries = fs::read_dir(folder).into_iter().flatten().flatten().take(MAX_ADVISORIES);
        let files = entries.filter(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.starts_with("RUSTSEC-")
                && name.ends_with(".md")
                && entry.file_type().is_ok_and(|kind| kind.is_file())
        });
        let mut found: Vec<Advisory> = files
            .filter_map(|entry| {
                let text = read::text(&entry.path(), MAX_ADVISORY_BYTES).ok()?;
                Advisory::parse(&text, package)
            })
            .collect();
        found.sort_by(|a, b| b.kind.cmp(&a.kind).then_with(|| a.id.cmp(&b.id)));
        found
    }
}

/// The checkout that cargo-audit keeps, or else one of those that cargo-deny does.
fn kept_by_cargo() -> Option<PathBuf> {
    let cargo = match std::env::var_os("CARGO_HOME") {
        Some(folder) if !folder.is_empty() => PathBuf::from(folder),
        _ => std::env::home_dir()?.join(".cargo"),
    };
    let of_audit = cargo.join("advisory-db");
    if is_database(&of_audit) {
        return Some(of_audit);
    }
    let of_deny = fs::read_dir(cargo.join("advisory-dbs")).into_iter().flatten().flatten();
    let mut of_deny: Vec<PathBuf> =
        of_deny.map(|entry| entry.path()).filter(|it| is_database(it)).collect();
    of_deny.sort();
    of_deny.into_iter().next()
}

fn is_database(folder: &Path) -> bool {
    is_folder(&folder.join("crates"))
}

/// Whether there is a folder, not reached through a link.
fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|it| it.is_dir())
}

/// Whether a path is one of this machine: to look at a share of another is to talk to it.
fn is_local(path: &Path) -> bool {
    match path.components().next() {
        Some(Component::Prefix(prefix)) => {
            matches!(prefix.kind(), Prefix::Disk(_) | Prefix::VerbatimDisk(_))
        }
        _ => !path.as_os_str().to_string_lossy().starts_with("//"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "```toml
[advisory]
id = \"RUSTSEC-2024-0001\"
package = \"wire\"
date = \"2024-01-02\"

[versions]
patched = [\"^0.9.5\", \">= 0.10.5\"]
unaffected = [\"< 0.8.0\"]
```

# Frames without a length panic

More of it.
";

    #[test]
    fn an_advisory_tells_which_versions_it_is_about() {
        let advisory = Advisory::parse(TEXT, "wire").expect("an advisory");
        assert_eq!(advisory.title, "Frames without a length panic");
        assert_eq!(advisory.kind, AdvisoryKind::Vulnerability);
        assert_eq!(advisory.patched(), ["^0.9.5", ">=0.10.5"]);
        for (version, expected) in [
            ("0.7.9", false),
            ("0.8.0", true),
            ("0.9.4", true),
            ("0.9.5", false),
            ("0.10.4", true),
            ("0.10.5", false),
            ("0.10.5-rc.1", true),
            ("0.11.0-rc.1", false),
        ] {
            let version = Version::parse(version).expect("a version");
            assert_eq!(advisory.affects(&version), expected, "{version}");
        }
    }

    #[test]
    fn what_is_withdrawn_or_about_something_else_is_no_advisory() {
        assert!(Advisory::parse(TEXT, "other").is_none());
        assert!(Advisory::parse("root:x:0:0", "wire").is_none());
        assert!(Advisory::parse("```toml\n[advisory]\nid = 1\n```\n", "wire").is_none());
        let withdrawn = TEXT.replace("date", "withdrawn = \"2024-02-01\"\ndate");
        assert!(Advisory::parse(&withdrawn, "wire").is_none());
        let unsound = TEXT.replace("date", "informational = \"unsound\"\ndate");
        let unsound = Advisory::parse(&unsound, "wire").expect("an advisory");
        assert_eq!(unsound.kind, AdvisoryKind::Unsound);
    }

    #[test]
    fn only_advisories_below_the_folder_are_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let crates = folder.path().join("crates/wire");
        fs::create_dir_all(&crates).expect("created");
        fs::write(crates.join("RUSTSEC-2024-0001.md"), TEXT).expect("written");
        fs::write(crates.join("notes.md"), TEXT).expect("written");
        let setting = folder.path().to_str().expect("UTF-8");
        let database = Advisories::find(Some(setting), None).expect("a database");
        assert_eq!(database.of("wire").len(), 1);
        for name in ["../crates/wire", "", "other", "/etc"] {
            assert!(database.of(name).is_empty(), "{name}");
        }
        let relative = Advisories::find(Some("crates/.."), Some(folder.path()));
        assert!(relative.is_some());
        assert!(Advisories::find(Some("crates"), Some(folder.path())).is_none());
        assert!(Advisories::find(Some("//server/share"), None).is_none());
    }

    #[cfg(unix)]
    #[test]
    fn links_below_the_folder_are_not_followed() {
        let outside = tempfile::tempdir().expect("a folder");
        fs::write(outside.path().join("RUSTSEC-2024-0001.md"), TEXT).expect("written");
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("crates")).expect("created");
        let link = folder.path().join("crates/wire");
        std::os::unix::fs::symlink(outside.path(), link).expect("linked");
        let database = Advisories::find(folder.path().to_str(), None).expect("a database");
        assert!(database.of("wire").is_empty());
    }
}
