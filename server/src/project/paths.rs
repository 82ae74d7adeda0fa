//! Paths of files with `/` between their folders, as the project, build contexts and images have
//! them. The root is the empty path.

/// `path` below `folder`, with `.` and `..` resolved, without a `/` in front. In `path` a `\\` stands
/// for a `/`, as manifests written on Windows have it.
pub fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

/// What follows a folder in a path: empty for the folder itself.
pub fn inside<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    match folder {
        "" => Some(path),
        folder => {
            let rest = path.strip_prefix(folder)?;
            if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
        }
    }
}

/// Whether a path is a folder, or lies in it.
pub fn is_below(path: &str, folder: &str) -> bool {
    inside(path, folder).is_some()
}

/// The folder that a file lies in.
pub fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The last part of a path.
pub fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_and_taken_apart() {
        assert_eq!(join("a/b", "../c/./d"), "a/c/d");
        assert_eq!(join("", r"..\a"), "a");
        assert_eq!(
            (inside("a/b", "a"), inside("a", "a"), inside("ab", "a")),
            (Some("b"), Some(""), None)
        );
        assert!(is_below("a/b", "") && !is_below("b", "a"));
        assert_eq!((folder_of("a/b/c"), folder_of("c"), file_name("a/b/c")), ("a/b", "", "c"));
    }
}
