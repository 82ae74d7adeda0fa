use globset::{GlobBuilder, GlobMatcher};

/// What a `.dockerignore` keeps out of a build, as Docker reads it: patterns count from the
/// context's root on, the last one that matches a path or a folder above it decides.
pub(super) struct DockerIgnores {
    patterns: Vec<Pattern>,
}

struct Pattern {
    glob: GlobMatcher,
    /// `!`: lets in again what patterns before it keep out.
    is_exception: bool,
}

impl DockerIgnores {
    pub fn new(text: &str) -> Self {
        let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
        let patterns = lines.filter(|line| !line.starts_with('#')).filter_map(|line| {
            let (is_exception, pattern) = match line.strip_prefix('!') {
                Some(pattern) => (true, pattern.trim()),
                None => (false, line),
            };
            let pattern = pattern.trim_start_matches("./").trim_matches('/');
            // Braces are no alternatives here.
            let pattern = pattern.replace('{', "[{]").replace('}', "[}]");
            if matches!(pattern.as_str(), "" | ".") {
                return None;
            }
            // A line that is no pattern keeps nothing out.
            let glob = GlobBuilder::new(&pattern).literal_separator(true).build().ok()?;
            Some(Pattern { glob: glob.compile_matcher(), is_exception })
        });
        Self { patterns: patterns.collect() }
    }

    /// Whether a file or folder is kept out, by its path relative to the context.
    pub fn excludes(&self, path: &str) -> bool {
        let mut is_excluded = false;
        for pattern in &self.patterns {
            if pattern.is_exception == is_excluded && pattern.matches(path) {
                is_excluded = !is_excluded;
            }
        }
        is_excluded
    }
}

impl Pattern {
    /// Whether it is a path or a folder above it.
    fn matches(&self, path: &str) -> bool {
        let mut above = path.match_indices('/').filter_map(|(end, _)| path.get(..end));
        self.glob.is_match(path) || above.any(|it| self.glob.is_match(it))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_pattern_that_matches_decides() {
        for (ignores, excluded, present) in [
            ("**\n!crates\n!Cargo.*", "README.md", "crates/a/src/main.rs"),
            ("**\n!crates\n!Cargo.*", "a/Cargo.toml", "Cargo.toml"),
            ("*\n!/src/**\n", "README.md", "src/a/b.rs"),
            ("# all\n*\n!./src/\nsrc/gen", "src/gen/a.rs", "src/a.rs"),
            ("target\n**/*.md\n", "docs/a.md", "a/target"),
            ("**/target", "a/target/debug/x", "a/targets"),
            ("a/*\n!a/b", "a/c/d", "a/b/d"),
            ("!src\n*", "src/a.rs", ""),
            ("a?c\n{x}", "abc/d", "x"),
        ] {
            let ignores = DockerIgnores::new(ignores);
            assert!(ignores.excludes(excluded), "{excluded}");
            assert!(present.is_empty() || !ignores.excludes(present), "{present}");
        }
    }
}
