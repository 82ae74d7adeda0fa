//! The modules of the server import one way.

use std::error::Error;
use std::fs;
use std::path::Path;

use readiness_lsp::syntax::{AstNode, Edition, ast, parse_root};

/// Lower layers first; those in one row do not know each other.
const LAYERS: &[&[&str]] = &[
    &["text", "config"],
    &["syntax"],
    &["project"],
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

fn collect(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
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
