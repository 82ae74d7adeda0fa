//! What the oldest Rust that a package is built with can do.

use crate::semantics::WorkspaceView;

/// Whether the package of a file promises nothing to those who have a Rust older than `1.minor`.
pub fn supports_rust(view: &WorkspaceView<'_>, minor: u64) -> bool {
    let Some(package) = &view.file.package else { return true };
    let version = match package_table(view, &package.manifest(), &["package", "rust-version"]) {
        // `rust-version.workspace = true`
        Some(toml::Value::Table(_)) => {
            let folders = package.folder.match_indices('/').map(|(at, _)| &package.folder[..at]);
            let folders = folders.chain([""]).map(str::to_string);
            let paths = folders.map(|it| [it.as_str(), "Cargo.toml"].join("/"));
            let path = ["workspace", "package", "rust-version"];
            paths
                .map(|it| it.trim_start_matches('/').to_string())
                .find_map(|it| package_table(view, &it, &path))
        }
        version => version,
    };
    let version = version.as_ref().and_then(toml::Value::as_str).map(str::to_string);
    let declared = version.and_then(|it| it.split('.').nth(1)?.parse::<u64>().ok());
    declared.is_none_or(|declared| declared >= minor)
}

fn package_table(view: &WorkspaceView<'_>, manifest: &str, path: &[&str]) -> Option<toml::Value> {
    let table = view.toml_of(manifest)?;
    let first = table.get(*path.first()?)?.clone();
    path.iter().skip(1).try_fold(first, |value, key| value.get(key).cloned())
}
