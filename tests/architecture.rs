//! The modules of the server import one way, and its files and functions stay short.

#![allow(clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use readiness_lsp::syntax::ast::HasName;
use readiness_lsp::syntax::{AstNode, Edition, SyntaxKind, SyntaxNode, T, ast, parse_root};

/// Lower layers first; those in one row do not know each other, and `config` is in the lowest.
const LAYERS: &[&[&str]] = &[
    &["text", "config"],
    &["syntax"],
    &["project"],
    &["semantics"],
    &["analysis"],
    &["rules"],
    &["review"],
    &["workspace"],
    &["lsp", "cli"],
    &["main"],
];

/// The longest a file may be, in lines.
const MAX_FILE: usize = 600;

/// The longest a function may be, in lines from `fn` to its closing brace.
const MAX_FUNCTION: usize = 80;

// What does not hold yet. These lists only shrink: nothing is added to them.

/// Names of files that are longer.
const LONG_FILES: &[&str] = &[];

/// Names of functions that are longer.
const LONG_FUNCTIONS: &[&str] = &[];

/// Modules that import themselves through others beside them.
const CIRCLES: &[&str] = &[];

/// A source file of the server.
struct Source {
    /// Relative to `server/src`, with `/`.
    file: String,
    /// The names of the modules it is in, from the root of the crate.
    module: Vec<String>,
    text: String,
    /// Its functions by name, with their lines from `fn` to the closing brace.
    functions: Vec<(String, usize)>,
    /// The paths in it that lead through `crate`, `self` or `super`, from the root of the crate.
    paths: BTreeSet<Vec<String>>,
}

impl Source {
    /// Whether the whole file is tests.
    fn is_tests(&self) -> bool {
        self.module.iter().any(|it| it == "tests" || it.ends_with("_tests"))
    }

    fn is_below(&self, module: &str) -> bool {
        self.module.first().is_some_and(|it| it == module)
    }
}

/// All of them, read and parsed once.
static SOURCES: LazyLock<Vec<Source>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&folder, &mut files);
    files.retain(|path| path.extension().is_some_and(|it| it == "rs"));
    assert!(files.len() > 100, "too few files are found");
    let source = |path: &PathBuf| {
        let text = fs::read_to_string(path).expect("it is read");
        let file = path.strip_prefix(&folder).expect("it is below").display().to_string();
        let file = file.replace('\\', "/");
        let module = module_of(&file);
        let root = parse_root(&text, Edition::CURRENT).expect("it is parsed");
        let paths = paths_in(&root, &module);
        Source { file, module, functions: functions_in(&root), paths, text }
    };
    files.iter().map(source).collect()
});

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

/// The module that a file is.
fn module_of(file: &str) -> Vec<String> {
    let name = file.trim_end_matches(".rs");
    let name = name.strip_suffix("/mod").unwrap_or(name);
    match name {
        "lib" => Vec::new(),
        name => name.split('/').map(str::to_string).collect(),
    }
}

fn functions_in(root: &SyntaxNode) -> Vec<(String, usize)> {
    let functions = root.descendants().filter_map(ast::Fn::cast);
    let measured = functions.filter_map(|function| {
        // Documentation and attributes stand before the token.
        let start = function.fn_token()?.text_range().start();
        let start = start - function.syntax().text_range().start();
        let text = function.syntax().text().to_string();
        let lines = text.get(usize::from(start)..)?.lines().count();
        Some((function.name()?.text().to_string(), lines))
    });
    measured.collect()
}

/// The paths in a file of `module`: of imports and re-exports, of types and expressions, and those
/// in the arguments of macros.
fn paths_in(root: &SyntaxNode, module: &[String]) -> BTreeSet<Vec<String>> {
    let mut paths = BTreeSet::new();
    for node in root.descendants() {
        let found = if let Some(tree) = ast::UseTree::cast(node.clone()) {
            // The trees inside come by themselves.
            match tree.use_tree_list() {
                Some(_) => continue,
                None => full_path(&tree),
            }
        } else if let Some(path) = ast::Path::cast(node.clone()) {
            let is_part = path.parent_path().is_some()
                || node.ancestors().any(|it| ast::UseTree::can_cast(it.kind()));
            match is_part {
                true => continue,
                false => segments(&path),
            }
        } else {
            continue;
        };
        paths.extend(from_root(&found, &module_at(&node, module)));
    }
    for token in root.descendants_with_tokens().filter_map(|it| it.into_token()) {
        let Some(tree) = token.parent().filter(|it| it.kind() == SyntaxKind::TOKEN_TREE) else {
            continue;
        };
        if !matches!(token.kind(), T![crate] | T![super]) {
            continue;
        }
        let rest = std::iter::successors(Some(token), |it| it.next_token());
        let rest = rest.take_while(|it| {
            let is_part =
                matches!(it.kind(), T![crate] | T![super] | SyntaxKind::IDENT | T![:] | T![::]);
            is_part && it.parent().as_ref() == Some(&tree)
        });
        let text: String = rest.map(|it| it.text().to_string()).collect();
        let found: Vec<String> = text.split("::").map(str::to_string).collect();
        paths.extend(from_root(&found, &module_at(&tree, module)));
    }
    paths
}

/// The path of a tree in a `use`, with those of the trees around it.
fn full_path(tree: &ast::UseTree) -> Vec<String> {
    let trees = tree.syntax().ancestors().filter_map(ast::UseTree::cast);
    let mut trees: Vec<_> = trees.collect();
    trees.reverse();
    trees.iter().filter_map(|tree| tree.path()).flat_map(|path| segments(&path)).collect()
}

fn segments(path: &ast::Path) -> Vec<String> {
    let parts = path.segments().filter_map(|it| it.name_ref());
    parts.map(|it| it.text().to_string()).collect()
}

/// The module around a node of a file: modules may be written in the file itself.
fn module_at(node: &SyntaxNode, module: &[String]) -> Vec<String> {
    let inner = node.ancestors().filter_map(ast::Module::cast).filter_map(|it| it.name());
    let mut inner: Vec<String> = inner.map(|it| it.text().to_string()).collect();
    inner.reverse();
    [module, &inner].concat()
}

/// A path in `module` from the root of the crate; nothing for one of another crate or of a name
/// that is imported.
fn from_root(path: &[String], module: &[String]) -> Option<Vec<String>> {
    let mut base = match path.first()?.as_str() {
        "crate" | "readiness_lsp" => Vec::new(),
        "self" | "super" => module.to_vec(),
        _ => return None,
    };
    for part in path {
        match part.as_str() {
            "crate" | "readiness_lsp" | "self" => {}
            "super" => drop(base.pop()),
            name => base.push(name.to_string()),
        }
    }
    Some(base)
}

#[test]
fn paths_are_found_wherever_they_stand() {
    let root = parse_root(
        "pub use crate::{a, b::{self, c as d}, e::*};
         use super::super::f;
         use std::g;
         mod inner { use super::h; fn i(_: crate::j::K<super::super::l::M>) {} }
         fn n() { crate::o::p(); println!(\"{}\", crate::q::r(super::s)); self::t(); }",
        Edition::CURRENT,
    );
    let module = ["x", "y"].map(str::to_string);
    let found = paths_in(&root.expect("it is parsed"), &module);
    let found: Vec<String> = found.iter().map(|path| path.join("::")).collect();
    let expected = [
        "a", "b", "b::c", "e", "f", "j::K", "o::p", "q::r", "x::l::M", "x::s", "x::y::h", "x::y::t",
    ];
    assert_eq!(found, expected);
}

#[test]
fn modules_import_one_way() {
    let height = |module: &str| LAYERS.iter().position(|layer| layer.contains(&module));
    let mut wrong = Vec::new();
    for source in SOURCES.iter() {
        // The root of the library declares the modules.
        let Some(own) = source.module.first() else { continue };
        let own_height = height(own).unwrap_or_else(|| panic!("`{own}` is in no layer"));
        for target in source.paths.iter().filter_map(|path| path.first()) {
            let target_height = height(target);
            let target_height = target_height.unwrap_or_else(|| {
                panic!("{} names `{target}`, which is in no layer", source.file)
            });
            if target != own && target_height >= own_height {
                wrong.push(format!("{} imports `{target}`", source.file));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_rule_imports_another_rule() {
    let is_rule = |source: &&Source| source.text.contains("static RULE: Rule");
    // A rule is a file of its area's folder, or a folder in it.
    let rule = |path: &[String]| match path {
        [rules, area, rule, ..] if rules == "rules" => Some(format!("{area}/{rule}")),
        _ => None,
    };
    let rules: BTreeSet<String> =
        SOURCES.iter().filter(is_rule).filter_map(|it| rule(&it.module)).collect();
    assert!(rules.len() > 40, "{rules:?}");
    let mut wrong = Vec::new();
    for source in SOURCES.iter().filter(|it| it.is_below("rules")) {
        let own = rule(&source.module);
        // What rules share may be tested by rules.
        let Some(own) = own.filter(|it| rules.contains(it)) else { continue };
        for target in source.paths.iter().filter_map(|path| rule(path)) {
            if rules.contains(&target) && own != target {
                wrong.push(format!("{} imports {target}", source.file));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn only_the_project_reads_the_disk_and_only_lsp_names_its_types() {
    for (word, home) in [("ls_types", "lsp"), ("tower_lsp", "lsp"), ("std::fs", "project")] {
        for source in SOURCES.iter() {
            // The rule pages of the server are its own files, and no part of a workspace.
            let is_exempt = source.file.ends_with("lsp/rule_pages.rs") || source.is_below("rules");
            let mut lines = source.text.lines();
            let is_named = lines.any(|line| line.starts_with("use ") && line.contains(word));
            let is_at_home = source.is_below(home);
            assert!(!is_named || is_at_home || is_exempt, "{} names {word}", source.file);
        }
    }
}

/// Not even git, whose configuration in the workspace may name programs.
#[test]
fn no_process_is_started() {
    for source in SOURCES.iter().filter(|it| !it.is_tests()) {
        let code = source.text.split("#[cfg(test)]").next().unwrap_or_default();
        let root = parse_root(code, Edition::CURRENT).expect("it is parsed");
        let paths = root.descendants().filter_map(ast::Path::cast);
        let mut texts = paths.map(|path| path.syntax().text().to_string());
        let found =
            texts.find(|it| it.ends_with("Command::new") || it.ends_with("process::Command"));
        assert_eq!(found, None, "{}", source.file);
    }
}

/// What is opened elsewhere may be a pipe, which is waited for.
#[test]
fn files_are_opened_by_one_door() {
    for source in SOURCES.iter().filter(|it| it.is_below("project")) {
        let code = source.text.split("#[cfg(test)]").next().unwrap_or_default();
        // What someone names on the command line may be a pipe.
        let is_named = source.file.ends_with("project/given.rs");
        let is_door = is_named || source.file.ends_with("project/read.rs");
        for call in ["File::open(", "fs::read(", "read_to_string("] {
            assert!(is_door || !code.contains(call), "{} calls `{call}`", source.file);
        }
    }
}

#[test]
fn no_two_files_of_a_folder_import_each_other() {
    let modules: BTreeSet<&[String]> = SOURCES.iter().map(|it| it.module.as_slice()).collect();
    // Imports among the files and folders of each folder, by the folder's module. What a `mod.rs`
    // declares its files extend, so that it may import them and they it.
    let mut folders: BTreeMap<&[String], BTreeMap<&str, BTreeSet<&str>>> = BTreeMap::new();
    // Tests look at whatever they test, from wherever they stand.
    for source in SOURCES.iter().filter(|it| !it.is_tests()) {
        for depth in 0..source.module.len() {
            let (folder, own) = (&source.module[..depth], &source.module[depth]);
            let beside = source.paths.iter().filter(|path| {
                path.len() > depth && path[..depth] == *folder && path[depth] != *own
            });
            let beside = beside.filter(|path| modules.contains(&path[..=depth]));
            let imports = folders.entry(folder).or_default().entry(own).or_default();
            imports.extend(beside.map(|path| path[depth].as_str()));
        }
    }
    assert!(folders.values().flat_map(|files| files.values()).any(|imports| imports.len() > 3));
    let mut circles = Vec::new();
    for (folder, imports) in &folders {
        for (file, direct) in imports {
            let mut reached = direct.clone();
            let mut waiting: Vec<&str> = direct.iter().copied().collect();
            while let Some(next) = waiting.pop() {
                let more = imports.get(next).into_iter().flatten();
                waiting.extend(more.copied().filter(|it| reached.insert(it)));
            }
            let path = [*folder, &[file.to_string()]].concat().join("/");
            if reached.contains(file) && !CIRCLES.contains(&path.as_str()) {
                circles.push(path);
            }
        }
    }
    assert!(circles.is_empty(), "these import themselves through others: {circles:#?}");
}

#[test]
fn files_and_functions_are_short() {
    let mut long = Vec::new();
    for source in SOURCES.iter() {
        let lines = source.text.lines().count();
        let name = source.file.rsplit('/').next().unwrap_or_default();
        if lines > MAX_FILE && !LONG_FILES.contains(&name) {
            long.push(format!("{} has {lines} lines", source.file));
        }
        for (name, lines) in &source.functions {
            if *lines > MAX_FUNCTION && !LONG_FUNCTIONS.contains(&name.as_str()) {
                long.push(format!("{}: `{name}` has {lines} lines", source.file));
            }
        }
    }
    assert!(long.is_empty(), "{long:#?}");
}
