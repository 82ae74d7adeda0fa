//! Paths of files, with `/` between their folders, in a build's context and in an image.

/// `path` below `folder`, with `.` and `..` resolved, without a `/` in front.
pub fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
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
