//! What a project tells clippy in `clippy.toml`.

/// The settings of clippy that the rules respect as well.
///
/// Those about test code are not among them: test code has no findings of these rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClippySettings {
    /// Types whose values may be unwrapped, as paths: `std::sync::LockResult`.
    pub allowed_unwraps: Vec<String>,
    /// Types whose values must not be held across an `.await`.
    pub invalid_across_await: Vec<Disallowed>,
    /// Functions and methods that must not be called.
    pub disallowed_methods: Vec<Disallowed>,
}

/// What a project rules out, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disallowed {
    /// The full path of a type or function.
    pub path: String,
    /// The project's own reason.
    pub reason: Option<String>,
}

impl ClippySettings {
    /// Reads the table of a `clippy.toml`; what has another form than clippy's is left out.
    pub fn read(table: &toml::Table) -> Self {
        let list = |key: &str| table.get(key).and_then(toml::Value::as_array).into_iter().flatten();
        let disallowed = |key: &str| list(key).filter_map(Disallowed::read).collect();
        let unwraps = list("allow-unwrap-types").filter_map(toml::Value::as_str);
        Self {
            allowed_unwraps: unwraps.map(str::to_string).collect(),
            invalid_across_await: disallowed("await-holding-invalid-types"),
            disallowed_methods: disallowed("disallowed-methods"),
        }
    }

    /// Whether values of a type, by its path or its last name, may be unwrapped.
    pub fn allows_unwrap_of(&self, ty: &str) -> bool {
        self.allowed_unwraps.iter().any(|allowed| names(allowed, ty))
    }

    /// The entry that rules out to hold values of a type across an `.await`.
    pub fn across_await(&self, ty: &str) -> Option<&Disallowed> {
        self.invalid_across_await.iter().find(|it| names(&it.path, ty))
    }

    /// The entry that rules out to call a function.
    pub fn disallowed_method(&self, path: &str) -> Option<&Disallowed> {
        self.disallowed_methods.iter().find(|it| names(&it.path, path))
    }
}

impl Disallowed {
    /// An entry is a path, or a table with one.
    fn read(entry: &toml::Value) -> Option<Self> {
        let text = |key: &str| Some(entry.get(key)?.as_str()?.to_string());
        match entry.as_str() {
            Some(path) => Some(Self { path: path.to_string(), reason: None }),
            None => Some(Self { path: text("path")?, reason: text("reason") }),
        }
    }
}

/// Whether a path as code writes it may be a full path: `RefMut` is `dashmap::mapref::one::RefMut`.
fn names(full: &str, written: &str) -> bool {
    full == written || full.strip_suffix(written).is_some_and(|rest| rest.ends_with("::"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_paths_or_tables_with_a_reason() {
        let text = r#"
allow-unwrap-types = ["std::sync::LockResult"]
await-holding-invalid-types = ["dashmap::mapref::one::RefMut"]
disallowed-methods = [{ path = "std::fs::read", reason = "blocks" }, 7]
"#;
        let settings = ClippySettings::read(&text.parse().expect("it is TOML"));
        assert!(settings.allows_unwrap_of("LockResult"));
        assert!(!settings.allows_unwrap_of("Result"));
        assert!(settings.across_await("RefMut").is_some());
        let method = settings.disallowed_method("fs::read").expect("an entry");
        assert_eq!(method.reason.as_deref(), Some("blocks"));
    }
}
