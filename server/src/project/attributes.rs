//! What `.gitattributes` says of files: which of them a program wrote.

use ignore::gitignore::Gitignore;

use super::ignored;

/// The attribute by which repositories mark generated files, for GitHub among others.
const GENERATED: &str = "linguist-generated";

/// The files that the `.gitattributes` of one folder marks as generated.
#[derive(Debug, Clone)]
pub struct GeneratedPaths {
    lines: Vec<String>,
    matcher: Gitignore,
}

impl GeneratedPaths {
    /// Reads a `.gitattributes` in `folder`, which is relative to the workspace root; nothing when
    /// it marks no file.
    pub fn read(folder: &str, text: &str) -> Option<Self> {
        let lines: Vec<String> = text.lines().filter_map(generated_pattern).collect();
        // Attributes have the patterns of ignored files, and the last one that matches counts.
        let matcher = ignored::patterns(folder, &lines.join("\n"));
        (!lines.is_empty()).then_some(Self { lines, matcher })
    }

    /// Whether a file of the folder, by its path relative to the workspace root, is generated.
    pub fn contains(&self, path: &str) -> bool {
        self.matcher.matched_path_or_any_parents(path, false).is_ignore()
    }
}

/// Of the same folder, equal lines match the same files.
impl PartialEq for GeneratedPaths {
    fn eq(&self, other: &Self) -> bool {
        self.lines == other.lines && self.matcher.path() == other.matcher.path()
    }
}

impl Eq for GeneratedPaths {}

/// The pattern of a line that says whether files are generated, as one of ignored files.
fn generated_pattern(line: &str) -> Option<String> {
    let line = line.trim();
    let (pattern, attributes) = line.split_once(char::is_whitespace)?;
    if pattern.starts_with('#') {
        return None;
    }
    attributes
        .split_whitespace()
        .rev()
        .find_map(|attribute| {
            let (sign, name) = match attribute.strip_prefix('-') {
                Some(name) => ("!", name),
                None => ("", attribute),
            };
            let (name, value) = name.split_once('=').unwrap_or((name, "true"));
            (name == GENERATED).then(|| if value == "false" { "!" } else { sign })
        })
        .map(|sign| format!("{sign}{pattern}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_marked_by_patterns() {
        let text = "# comment\n*.pb.rs linguist-generated=true\n/src/entity/** linguist-generated\n\
                    src/entity/mod.rs -linguist-generated\n*.png binary\n";
        let paths = GeneratedPaths::read("a", text).expect("some are marked");
        for path in ["a/src/x.pb.rs", "a/src/entity/user.rs"] {
            assert!(paths.contains(path), "{path}");
        }
        for path in ["a/src/lib.rs", "a/src/entity/mod.rs", "a/x.png"] {
            assert!(!paths.contains(path), "{path}");
        }
        assert_eq!(GeneratedPaths::read("", "*.png binary\n"), None);
    }
}
