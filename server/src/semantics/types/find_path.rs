//! The path by which a type of the workspace can be named at a place.

use super::LocatedExpr;
use super::errors::{Named, definition};
use super::scope::Scope;
use crate::semantics::WorkspaceView;
use crate::syntax::SyntaxKind;

/// How a type of the workspace can be written at a place of any file.
pub fn named_at(of: &Named, located: &LocatedExpr, view: &WorkspaceView<'_>) -> Option<String> {
    let declared = Scope { symbols: view.symbols, file: &of.file, imports: None };
    path_at(&of.name, of, declared, located, view)
}

/// How a type that is written as `text` in `scope` can be written at `located`.
pub fn path_at(
    text: &str,
    of: &Named,
    scope: Scope<'_>,
    located: &LocatedExpr,
    view: &WorkspaceView<'_>,
) -> Option<String> {
    if scope.imports.is_some() {
        return Some(text.to_string());
    }
    let here =
        Scope { symbols: view.symbols, file: &view.file.path, imports: Some(&located.imports) };
    let is_it = |path: &str| {
        let found = here.type_def(path);
        found.is_some_and(|(file, def)| file == of.file && def.name == of.name)
    };
    if (located.declares(&of.name) && of.file == view.file.path)
        || located.imports.path_of(&of.name).is_some() && is_it(&of.name)
    {
        return Some(of.name.clone());
    }
    // Modules at the root of a crate are in view everywhere in it.
    let (folder, root) = crate_root(&view.file.path, view)?;
    let (of_folder, of_root) = crate_root(&of.file, view)?;
    if (&folder, &root) != (&of_folder, &of_root) {
        return None;
    }
    let def = definition(of, view.symbols).filter(|it| it.within.is_empty())?;
    let inside = of.file.strip_prefix(&folder)?;
    // What the root imports or exports is in view as well, by its own name where all of the root is
    // imported.
    let there = here.of(&root).type_def(&of.name);
    if view.symbols.outcome_import(&root, &of.name).is_some()
        && there.is_some_and(|(file, it)| file == of.file && it.name == of.name)
    {
        let free = located.imports.path_of(&of.name).is_none() && !located.declares(&of.name);
        let is_top = !view.file.path.strip_prefix(&folder)?.contains('/');
        let outer = located.items().is_some_and(|it| it.kind() == SyntaxKind::SOURCE_FILE);
        let all = |it: &str| it == "crate" || it == "super" && is_top && outer;
        return Some(match free && located.imports.globs().any(all) {
            true => of.name.clone(),
            false => format!("crate::{}", of.name),
        });
    }
    match inside {
        "lib.rs" | "main.rs" => Some(format!("crate::{}", def.name)),
        _ => {
            let module = inside.strip_suffix("/mod.rs").or_else(|| inside.strip_suffix(".rs"))?;
            (!module.contains('/') && (def.public || def.crate_wide))
                .then(|| format!("crate::{module}::{}", def.name))
        }
    }
}

/// The folder of the sources of the crate that a file is part of, with a slash at its end, and the
/// root of the crate.
pub fn crate_root(file: &str, view: &WorkspaceView<'_>) -> Option<(String, String)> {
    let package = &view.symbols.packages().owner(file)?.folder;
    let folder = format!("{package}/src/").trim_start_matches('/').to_string();
    let inside = file.strip_prefix(&folder)?;
    let top = inside.split('/').next()?.trim_end_matches(".rs");
    let roots = ["lib.rs", "main.rs"].map(|name| format!("{folder}{name}"));
    let root = roots.into_iter().find(|root| {
        let declared = view.symbols.file(root);
        root == file || declared.is_some_and(|it| it.modules().any(|it| it.name == top))
    })?;
    Some((folder, root))
}
