//! The rule pages as files on this machine, so that the link of a diagnostic opens offline: as HTML, for a
//! browser, and beside it as Markdown, for editors that show that themselves.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ls_types::{CodeDescription, Uri};

use crate::analysis::Rule;
use crate::review::rule_page;
use crate::rules;

static LINKS: OnceLock<HashMap<&'static str, Uri>> = OnceLock::new();

/// The link to a rule's page; nothing when the pages cannot be written. The first call writes
/// them, once for each version of the program, into the user's cache folder.
pub fn link(rule: &Rule) -> Option<CodeDescription> {
    let href = links().get(rule.id)?.clone();
    Some(CodeDescription { href })
}

fn links() -> &'static HashMap<&'static str, Uri> {
    LINKS.get_or_init(|| {
        let Some(folder) = cache_folder() else { return HashMap::new() };
        write_to(&folder).unwrap_or_else(|error| {
            tracing::warn!(%error, "cannot write the rule pages");
            HashMap::new()
        })
    })
}

fn write_to(folder: &Path) -> io::Result<HashMap<&'static str, Uri>> {
    fs::create_dir_all(folder)?;
    let mut links = HashMap::new();
    for rule in rules::all() {
        let (markdown, rendered) = (rules::page(rule), rule_page(rule));
        write(folder, &folder.join(format!("{}.md", rule.id)), &markdown)?;
        let path = folder.join(format!("{}.html", rule.id));
        write(folder, &path, &rendered)?;
        links.extend(Uri::from_file_path(&path).map(|uri| (rule.id, uri)));
    }
    Ok(links)
}

/// Writes a file that is not there as it should be; another server may read it at the same time.
fn write(folder: &Path, path: &Path, text: &str) -> io::Result<()> {
    if fs::read_to_string(path).ok().as_deref() != Some(text) {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        io::Write::write_all(&mut file, text.as_bytes())?;
        file.persist(path).map_err(|error| error.error)?;
    }
    Ok(())
}

fn cache_folder() -> Option<PathBuf> {
    let variable = |name: &str| {
        let value = PathBuf::from(std::env::var_os(name)?);
        value.is_absolute().then_some(value)
    };
    let cache = variable("XDG_CACHE_HOME")
        .or_else(|| variable("LOCALAPPDATA"))
        .or_else(|| variable("HOME").map(|home| home.join(".cache")))?;
    Some(cache.join("readiness-lsp").join(env!("CARGO_PKG_VERSION")))
}
