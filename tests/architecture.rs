//! The modules of the server import one way.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use readiness_lsp::syntax::{AstNode, Edition, ast, parse_root};

/// Lower layers first; those in one row do not know each other.
const LAYERS: &[&[&str]] = &[
    &["text", "config"],
    &["syntax"],
    &["project"],
    &["semantics"],
    &["analysis"],
    &["rules"],
    &["workspace"],
    &["lsp", "cli"],
    &["main"],
];

#[test]
fn modules_import_one_way() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for (height, layer) in LAYERS.iter().enumerate() {
        for module in *layer {
            for (file, import) in imports(&source, module).expect("the source is read") {
                let target = LAYERS.iter().position(|layer| layer.contains(&import.as_str()));
                let target = target.unwrap_or_else(|| panic!("{file}: unknown module {import}"));
                let own = import == *module;
                if !own && target >= height {
                    wrong.push(format!("{file} imports {import}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The modules of the crate that a module's files name, tests included.
fn imports(source: &Path, module: &str) -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let mut files = Vec::new();
    let file = source.join(format!("{module}.rs"));
    // `config` is one file.
    if file.exists() {
        files.push(file);
    }
    collect(&source.join(module), &mut files);
    assert!(!files.is_empty(), "there is no module {module}");
    let mut imports = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file)?;
        let root = parse_root(&text, Edition::CURRENT)?;
        let name = file.strip_prefix(source)?.display().to_string();
        for path in root.descendants().filter_map(ast::Path::cast) {
            let text = path.syntax().text().to_string();
            let rest =
                text.strip_prefix("crate::").or_else(|| text.strip_prefix("readiness_lsp::"));
            if let Some(rest) = rest {
                let first = rest.split("::").next().unwrap_or(rest);
                imports.push((name.clone(), first.to_string()));
            }
        }
    }
    Ok(imports)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

#[test]
fn only_the_project_reads_the_disk_and_only_lsp_names_its_types() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (word, home) in [("ls_types", "lsp"), ("tower_lsp", "lsp"), ("std::fs", "project")] {
        for module in LAYERS.iter().flat_map(|layer| layer.iter()) {
            let mut files = Vec::new();
            collect(&source.join(module), &mut files);
            for file in files {
                let text = fs::read_to_string(&file).expect("it is read");
                // The rule pages of the server are its own files, and no part of a workspace.
                let exempt = file.ends_with("lsp/pages.rs") || *module == "rules";
                let named =
                    text.lines().any(|line| line.starts_with("use ") && line.contains(word));
                assert!(!named || *module == home || exempt, "{} names {word}", file.display());
            }
        }
    }
}

#[test]
fn no_two_files_of_a_folder_import_each_other() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&source, &mut files);
    let mut folders: BTreeMap<PathBuf, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|it| it == "rs")) {
        // A folder's `mod.rs` declares what its files extend.
        let folder = file.parent().expect("it is in a folder").to_path_buf();
        let module = file.file_stem().expect("it has a name").to_string_lossy().into_owned();
        if module != "mod" {
            folders.entry(folder).or_default().insert(module, siblings(file).expect("it is read"));
        }
    }
    assert!(folders.values().flat_map(|files| files.values()).any(|imports| imports.len() > 3));
    for (folder, imports) in &folders {
        for (file, direct) in imports {
            let mut reached = direct.clone();
            let mut waiting: Vec<&String> = direct.iter().collect();
            while let Some(next) = waiting.pop() {
                let more = imports.get(next).into_iter().flatten();
                waiting.extend(more.filter(|it| reached.insert(it.to_string())));
            }
            assert!(!reached.contains(file), "{}/{file}.rs imports itself", folder.display());
        }
    }
}

/// The modules beside a file's that its imports name.
fn siblings(file: &Path) -> Result<BTreeSet<String>, Box<dyn Error>> {
    let root = parse_root(&fs::read_to_string(file)?, Edition::CURRENT)?;
    let trees = root.children().filter_map(ast::Use::cast).filter_map(|it| it.use_tree());
    let mut found = BTreeSet::new();
    for tree in trees {
        let path = tree.path().map(|it| it.syntax().text().to_string()).unwrap_or_default();
        if let Some(rest) = path.strip_prefix("super::") {
            found.extend(rest.split("::").next().map(str::to_string));
        } else if path == "super" {
            let inner = tree.use_tree_list().into_iter().flat_map(|list| list.use_trees());
            let paths = inner.filter_map(|tree| Some(tree.path()?.syntax().text().to_string()));
            found.extend(paths.filter_map(|it| it.split("::").next().map(str::to_string)));
        }
    }
    Ok(found)
}
