use crate::analysis::FixContext;

/// Whether code of the file's package can name a crate in every build: it is a normal dependency,
/// neither optional nor only for some targets.
pub fn required_dependency(cx: &FixContext<'_>, name: &str) -> bool {
    let Some(package) = cx.file.package.as_ref().filter(|it| it.depends_on(name)) else {
        return false;
    };
    let Some(manifest) = cx.toml_of(&package.manifest()) else { return false };
    let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
    let entry =
        dependencies.and_then(|it| it.get(name).or_else(|| it.get(&name.replace('_', "-"))));
    entry.is_some_and(|entry| entry.get("optional").and_then(toml::Value::as_bool) != Some(true))
}
