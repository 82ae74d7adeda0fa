//! The fix: the counterpart of tokio.

use crate::analysis::{Applicability, Fix, FixContext};
use crate::text::{FileRange, TextEdit};

/// Functions of `std::fs` that `tokio::fs` has with the same arguments and results.
const FS_WITH_COUNTERPART: &[&str] = &[
    "read", "read_to_string", "write", "copy", "rename", "remove_file", "remove_dir",
    "remove_dir_all", "create_dir", "create_dir_all", "metadata", "symlink_metadata",
    "canonicalize", "hard_link", "read_link", "set_permissions",
];

/// The call of the async counterpart of a function, where there is one.
pub fn counterpart(
    fix: &FixContext<'_>,
    path: &str,
    callee: Option<FileRange>,
    end: crate::syntax::TextSize,
) -> Option<Fix> {
    let (feature, replacement) = if path == "std::thread::sleep" {
        ("time", "tokio::time::sleep".to_string())
    } else {
        let name = path.strip_prefix("std::fs::")?;
        let known = FS_WITH_COUNTERPART.contains(&name);
        ("fs", format!("tokio::fs::{}", known.then_some(name)?))
    };
    if !has_tokio_feature(fix, feature) {
        return None;
    }
    let edits = vec![TextEdit::replace(callee?, &replacement), TextEdit::insert(end, ".await")];
    Some(fix.here(format!("Use `{replacement}`"), Applicability::Suggested, edits))
}

/// Whether the manifest turns a feature of tokio on, itself or by the workspace's dependencies.
fn has_tokio_feature(fix: &FixContext<'_>, feature: &str) -> bool {
    let Some(package) = &fix.file.package else { return false };
    let Some(manifest) = fix.toml_of(&package.manifest()) else { return false };
    let has = |dependency: Option<&toml::Value>| {
        let features = dependency.and_then(|it| it.get("features")?.as_array());
        let mut names = features.into_iter().flatten().filter_map(toml::Value::as_str);
        names.any(|name| name == "full" || name == feature)
    };
    let tokio = manifest.get("dependencies").and_then(|it| it.get("tokio"));
    if has(tokio) {
        return true;
    }
    let inherits =
        tokio.and_then(|it| it.get("workspace")).and_then(toml::Value::as_bool) == Some(true);
    let workspace = match manifest.contains_key("workspace") {
        true => Some(manifest),
        false => fix.toml_of("Cargo.toml"),
    };
    let shared = workspace.as_ref().and_then(|it| it.get("workspace")?.get("dependencies"));
    inherits && has(shared.and_then(|it| it.get("tokio")))
}
