//! What rules and packages ask of the table of a manifest.

use std::collections::BTreeSet;

/// Whether `publish` of a manifest forbids every registry.
pub(super) fn forbids_publishing(manifest: &toml::Table) -> bool {
    let publish = manifest.get("package").and_then(|it| it.get("publish"));
    publish
        .is_some_and(|it| it.as_bool() == Some(false) || it.as_array().is_some_and(Vec::is_empty))
}

/// The names by which the dependencies of a kind are used in code, with `_` for `-`; those of single
/// targets among them.
pub(super) fn dependencies(table: &toml::Table, key: &str) -> BTreeSet<String> {
    let targets = table.get("target").and_then(toml::Value::as_table);
    let per_target = targets.into_iter().flat_map(|it| it.values()).filter_map(|it| it.get(key));
    table
        .get(key)
        .into_iter()
        .chain(per_target)
        .filter_map(toml::Value::as_table)
        .flat_map(|table| table.keys())
        .map(|name| name.replace('-', "_"))
        .collect()
}
