//! Adding a dependency to the manifest of the package that a fix is in.
//!
//! Lines are inserted into the manifest's own text at the places that the parser gives, so that
//! comments, order and line endings stay as they are.

use toml_edit::{Document, Item, Table, TableLike};

use crate::analysis::{FileEdit, FixContext};
use crate::text::{FileRange, TextEdit, TextSize, apply_edits};

/// The edits that let the code of the file name the crate `name`, as Cargo writes it: none when
/// the package depends on it already, one of its `Cargo.toml` when it does not.
///
/// A dependency that the workspace lists is inherited from it; `version` is for the others.
/// Nothing is returned when the manifest cannot be read or edited, or when the crate is there but
/// optional, renamed or for some targets only, so that a fix that needs it may not compile.
pub fn dependency_edits(cx: &FixContext<'_>, name: &str, version: &str) -> Option<Vec<FileEdit>> {
    let package = cx.file.package.as_ref()?;
    let path = package.manifest();
    let text = cx.text_of(&path)?;
    let manifest = Document::parse(&*text).ok()?;
    let dependencies = manifest.get("dependencies");
    if let Some(entry) = dependencies.and_then(|it| it.get(name)) {
        return is_plain(entry).then(Vec::new);
    }
    if package.depends_on(&name.replace('-', "_")) {
        return None;
    }
    let entry = if inherits(cx, &package.folder, name)? {
        if prefers_dotted(dependencies) {
            format!("{name}.workspace = true")
        } else {
            format!("{name} = {{ workspace = true }}")
        }
    } else {
        format!("{name} = \"{version}\"")
    };
    let edit = insertion(&text, &manifest, name, &entry)?;
    let edited = apply_edits(&text, std::slice::from_ref(&edit));
    let edited = Document::parse(edited.as_str()).ok()?;
    edited.get("dependencies")?.get(name)?;
    Some(vec![FileEdit { path, edits: vec![edit] }])
}

/// Whether an entry gives the crate of its own name in every build.
fn is_plain(entry: &Item) -> bool {
    let optional = entry.get("optional").and_then(Item::as_bool) == Some(true);
    !optional && entry.get("package").is_none()
}

/// Whether the workspace that the package is in lists the crate, or nothing when it lists another
/// crate by that name.
fn inherits(cx: &FixContext<'_>, folder: &str, name: &str) -> Option<bool> {
    let mut folder = folder;
    loop {
        let path =
            if folder.is_empty() { "Cargo.toml".into() } else { format!("{folder}/Cargo.toml") };
        if let Some(text) = cx.text_of(&path)
            && let Ok(manifest) = Document::parse(&*text)
            && let Some(workspace) = manifest.get("workspace")
        {
            let entry = workspace.get("dependencies").and_then(|it| it.get(name));
            return match entry {
                Some(entry) => is_plain(entry).then_some(true),
                None => Some(false),
            };
        }
        if folder.is_empty() {
            return Some(false);
        }
        folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
    }
}

/// Whether the entries inherited from the workspace are written `name.workspace = true`.
fn prefers_dotted(dependencies: Option<&Item>) -> bool {
    let entries = dependencies.and_then(Item::as_table).into_iter().flat_map(Table::iter);
    let mut inherited = entries.filter(|(_, item)| item.get("workspace").is_some());
    inherited.next().is_none_or(|(_, item)| item.is_table())
}

fn insertion(text: &str, manifest: &Document<&str>, name: &str, entry: &str) -> Option<TextEdit> {
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let Some(dependencies) = manifest.get("dependencies") else {
        return Some(new_section(text, manifest, entry, newline));
    };
    let table = dependencies.as_table()?;
    if table.is_dotted() {
        return None;
    }
    if table.is_implicit() {
        // Only `[dependencies.name]` tables: the section goes in front of them.
        let first = table.iter().filter_map(|(_, item)| item.as_table()?.span());
        let first = line_start(text, first.map(|span| span.start).min()?);
        let section = format!("[dependencies]{newline}{entry}{newline}{newline}");
        return Some(insert(first, section));
    }
    // Tables of the form `[dependencies.name]` stand below the section and not in it.
    let own: Vec<(&str, usize, usize)> = table
        .iter()
        .filter_map(|(key, item)| {
            let start = table.key(key)?.span()?.start;
            let is_section = item.as_table().is_some_and(|it| !it.is_dotted());
            (!is_section).then_some((key, start, end_of(item)?))
        })
        .collect();
    let sorted = own.windows(2).all(|pair| pair[0].0 <= pair[1].0);
    let before = match sorted {
        true => own.iter().take_while(|(key, ..)| *key < name).last(),
        false => own.last(),
    };
    let anchor = match before {
        Some((.., end)) => *end,
        None => table.span()?.start,
    };
    let at = line_end(text, anchor);
    Some(if text.get(at..)?.is_empty() {
        insert(at, format!("{newline}{entry}{newline}"))
    } else {
        insert(at + newline_len(text, at), format!("{entry}{newline}"))
    })
}

/// A `[dependencies]` section in front of the other kinds of dependencies, else at the end.
fn new_section(text: &str, manifest: &Document<&str>, entry: &str, newline: &str) -> TextEdit {
    let others = ["dev-dependencies", "build-dependencies", "target", "features", "lints"];
    let starts = others.iter().filter_map(|key| first_header(manifest.get(key)?));
    if let Some(first) = starts.min() {
        let section = format!("[dependencies]{newline}{entry}{newline}{newline}");
        return insert(line_start(text, first), section);
    }
    let gap = match text {
        "" => "",
        _ if text.ends_with('\n') => newline,
        _ if newline == "\n" => "\n\n",
        _ => "\r\n\r\n",
    };
    insert(text.len(), format!("{gap}[dependencies]{newline}{entry}{newline}"))
}

/// Where the first header of a table or of the tables in it stands.
fn first_header(item: &Item) -> Option<usize> {
    let table = item.as_table()?;
    match table.span() {
        Some(span) if !table.is_implicit() => Some(span.start),
        _ => table.iter().filter_map(|(_, item)| first_header(item)).min(),
    }
}

/// The end of a value, or of the last value of a dotted key.
fn end_of(item: &Item) -> Option<usize> {
    if let Some(value) = item.as_value() {
        return Some(value.span()?.end);
    }
    let table: &dyn TableLike = item.as_table_like()?;
    table.iter().filter_map(|(_, item)| end_of(item)).max()
}

fn insert(at: usize, text: String) -> TextEdit {
    let at = TextSize::try_from(at).unwrap_or_default();
    TextEdit::replace(FileRange::empty(at), text)
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1)
}

fn line_end(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest.find(['\r', '\n']).unwrap_or(rest.len())
}

fn newline_len(text: &str, at: usize) -> usize {
    if text.get(at..).is_some_and(|rest| rest.starts_with("\r\n")) { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::project::{Packages, SymbolIndex};
    use crate::semantics::{FileContext, SourceFiles, WorkspaceView};
    use crate::syntax::Document as Source;
    use std::sync::Arc;

    /// The manifest of the package `p` after the dependency was added.
    fn added(manifest: &str, workspace: &str) -> Option<String> {
        let read = |path: &str| match path {
            "p/Cargo.toml" => Some(manifest.to_string()),
            "Cargo.toml" => Some(workspace.to_string()),
            _ => None,
        };
        let manifests: Vec<_> = ["p/Cargo.toml", "Cargo.toml"]
            .map(|path| (path.to_string(), read(path).unwrap_or_default()))
            .into();
        let packages = Packages::read(&manifests, |_| true);
        let file = FileContext::new("p/src/lib.rs", &packages, &Arc::new(Config::default()));
        let root = Source::new("", file.edition).root().expect("it parses");
        let symbols = SymbolIndex::default();
        let files = SourceFiles::new(read);
        let roots = Default::default();
        let view =
            WorkspaceView { file: &file, root: &root, symbols: &symbols, files: &files, roots };
        let cx = FixContext::new(view);
        let edits = dependency_edits(&cx, "subtle", "2")?;
        Some(match edits.first() {
            Some(edit) => apply_edits(manifest, &edit.edits),
            None => manifest.to_string(),
        })
    }

    const PACKAGE: &str = "[package]\nname = \"p\"\n";

    #[track_caller]
    fn check(before: &str, after: &str) {
        let workspace = "[workspace]\nmembers = [\"p\"]\n";
        let after = format!("{PACKAGE}{after}");
        assert_eq!(added(&format!("{PACKAGE}{before}"), workspace), Some(after));
    }

    #[test]
    fn sorted_entries_stay_sorted_and_comments_stay_with_their_entries() {
        check(
            "\n[dependencies] # ours\n# a\nsha2 = \"0.10\" # b\n# c\ntokio = { version = \"1\", features = [\n  \"rt\",\n] }\n\n[lints]\n",
            "\n[dependencies] # ours\n# a\nsha2 = \"0.10\" # b\nsubtle = \"2\"\n# c\ntokio = { version = \"1\", features = [\n  \"rt\",\n] }\n\n[lints]\n",
        );
        check(
            "[dependencies]\ntokio = \"1\"\nsha2 = \"0.10\"\n[lints]\n",
            "[dependencies]\ntokio = \"1\"\nsha2 = \"0.10\"\nsubtle = \"2\"\n[lints]\n",
        );
        check("[dependencies]\ntokio = \"1\"", "[dependencies]\nsubtle = \"2\"\ntokio = \"1\"");
        check("[dependencies]\nhex = \"1\"", "[dependencies]\nhex = \"1\"\nsubtle = \"2\"\n");
    }

    #[test]
    fn a_section_is_made_where_there_is_none() {
        check("", "\n[dependencies]\nsubtle = \"2\"\n");
        check(
            "\n[dev-dependencies]\na = \"1\"\n",
            "\n[dependencies]\nsubtle = \"2\"\n\n[dev-dependencies]\na = \"1\"\n",
        );
        check(
            "\n[target.'cfg(unix)'.dependencies.nix]\nversion = \"1\"\n",
            "\n[dependencies]\nsubtle = \"2\"\n\n[target.'cfg(unix)'.dependencies.nix]\nversion = \"1\"\n",
        );
        check(
            "\n[dependencies.hex]\nversion = \"1\"\n\n[dependencies.tokio]\nversion = \"1\"\n",
            "\n[dependencies]\nsubtle = \"2\"\n\n[dependencies.hex]\nversion = \"1\"\n\n[dependencies.tokio]\nversion = \"1\"\n",
        );
    }

    #[test]
    fn line_endings_are_kept() {
        check(
            "[dependencies]\r\nhex = \"1\"\r\n\r\n[lints]\r\n",
            "[dependencies]\r\nhex = \"1\"\r\nsubtle = \"2\"\r\n\r\n[lints]\r\n",
        );
    }

    #[test]
    fn what_the_workspace_lists_is_inherited() {
        let workspace = "[workspace.dependencies]\nsubtle = \"2.6\"\n";
        let before = format!("{PACKAGE}[dependencies]\nhex = {{ workspace = true }}\n");
        let after = format!("{before}subtle = {{ workspace = true }}\n");
        assert_eq!(added(&before, workspace), Some(after));
        let before = format!("{PACKAGE}[dependencies]\nhex.workspace = true\n");
        let after = format!("{before}subtle.workspace = true\n");
        assert_eq!(added(&before, workspace), Some(after));
    }

    #[test]
    fn a_dependency_that_is_there_is_left_alone() {
        let check = |dependencies: &str, usable: bool| {
            let manifest = format!("{PACKAGE}{dependencies}");
            assert_eq!(added(&manifest, ""), usable.then_some(manifest), "{dependencies}");
        };
        check("[dependencies]\nsubtle = \"2\"\n", true);
        check("[dependencies.subtle]\nversion = \"2\"\n", true);
        check("[dependencies]\nsubtle = { version = \"2\", optional = true }\n", false);
        check("[dependencies]\nsubtle = { package = \"other\", version = \"2\" }\n", false);
        check("[target.'cfg(unix)'.dependencies]\nsubtle = \"2\"\n", false);
    }
}
