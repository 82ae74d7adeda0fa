//! Adding an import where a fix needs one, as rustfmt would have it.

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::cmp::Ordering;

use rustc_hash::FxHashMap;

use crate::analysis::FixContext;
use crate::analysis::fix::format::{Style, style_of};
use crate::semantics::WorkspaceView;
use crate::syntax::ast::{self, HasAttrs, HasName, HasVisibility};
use crate::syntax::imports::compact;
use crate::syntax::lines::{line_before, newline_of, text_in};
use crate::syntax::tokens::token_after;
use crate::syntax::{AstNode, NodeOrToken, SyntaxKind, SyntaxNode, SyntaxToken, T};
use crate::text::{FileRange, TextEdit, TextRange, TextSize};

/// The edit that brings the trait `path` into view at `at`, an offset in the file; nothing when it
/// is in view already.
///
/// The import joins the `use` declarations of its module in their style: it is merged into one
/// that imports from the same module, or put on a line of its own in the group it belongs to.
/// Where its name is taken (see [`is_name_taken`]) it is imported as `_`, which serves traits.
pub fn import_edit(fix: &FixContext<'_>, at: TextSize, path: &str) -> Option<TextEdit> {
    // What is in view is the same in all of a block.
    let list = token_after(fix.root, at).and_then(|it| it.parent_ancestors().find(is_list));
    let list = list.unwrap_or_else(|| fix.root.clone());
    let known = fix.answers.once("imports", &list, RefCell::<FxHashMap<_, _>>::default);
    if let Some(edit) = known.borrow().get(path) {
        return Option::clone(edit);
    }
    let edit = new_edit(fix, at, path);
    known.borrow_mut().insert(path.to_string(), edit.clone());
    edit
}

fn is_list(node: &SyntaxNode) -> bool {
    matches!(node.kind(), SyntaxKind::STMT_LIST | SyntaxKind::ITEM_LIST | SyntaxKind::SOURCE_FILE)
}

fn new_edit(view: &WorkspaceView<'_>, at: TextSize, path: &str) -> Option<TextEdit> {
    if comes_from_workspace(view, at, path) {
        return None;
    }
    edit_in_style(view.root, at, path, &style_of(&view.file.path, view))
}

/// Whether the trait `path` is in view by what the workspace exports again: `use crate::{Context,
/// Result}`, `use crate::prelude::*`, or `use super::*` below a module that imports it.
fn comes_from_workspace(view: &WorkspaceView<'_>, at: TextSize, path: &str) -> bool {
    let name = path.rsplit("::").next().unwrap_or(path);
    let methods = [name.to_lowercase(), "context".to_string(), "wrap_err".to_string()];
    let is_own = view.symbols.types(name).next().is_some()
        || methods.iter().any(|method| {
            view.symbols.functions(method).any(|it| it.owner.as_deref() == Some(name))
        });
    let Some(scope) = scope_of(view.root, at).filter(|_| !is_own) else { return false };
    let outer = scope
        .ancestors()
        .skip(1)
        .filter(|it| matches!(it.kind(), SyntaxKind::SOURCE_FILE | SyntaxKind::ITEM_LIST));
    let outer: Vec<SyntaxNode> = outer.collect();
    let trees = |scope: &SyntaxNode| -> Vec<ast::UseTree> {
        scope.children().filter_map(ast::Use::cast).filter_map(|it| it.use_tree()).collect()
    };
    let is_exported = view.symbols.is_reexported(&view.file.path, name);
    trees(&scope).iter().any(|tree| {
        let first = path_text(tree);
        let root = first.split("::").next().unwrap_or_default();
        let of_workspace = matches!(root, "crate" | "super" | "self");
        let imported_above = || {
            let all = outer.iter().flat_map(&trees).collect::<Vec<_>>();
            all.iter().any(|it| imports(it, "", path))
        };
        of_workspace
            && (binds(tree, name)
                || (has_glob(tree) && is_exported)
                || (first == "super" && has_glob(tree) && imported_above()))
    })
}

fn has_glob(tree: &ast::UseTree) -> bool {
    tree.star_token().is_some()
        || tree.use_tree_list().is_some_and(|list| list.use_trees().any(|it| has_glob(&it)))
}

fn edit_in_style(root: &SyntaxNode, at: TextSize, path: &str, style: &Style) -> Option<TextEdit> {
    let scope = scope_of(root, at)?;
    let uses: Vec<ast::Use> = scope.children().filter_map(ast::Use::cast).collect();
    let locals = local_uses(root, at);
    let always = uses.iter().chain(&locals).filter(|it| !is_conditional(it));
    if always.filter_map(ast::Use::use_tree).any(|it| imports(&it, "", path)) {
        return None;
    }
    let (module, name) = path.rsplit_once("::")?;
    let name = match is_name_taken(root, at, name) {
        true => format!("{name} as _"),
        false => name.to_string(),
    };
    let open: Vec<&ast::Use> = uses.iter().filter(|it| can_be_merged(it)).collect();
    if !keeps_imports_apart(&open)
        && let Some(edit) =
            open.iter().find_map(|it| merged(&it.use_tree()?, "", module, &name, style))
    {
        return Some(edit);
    }
    Some(on_a_line_of_its_own(&scope, &uses, &format!("{module}::{name}")))
}

/// Whether a name means something at `at` already: an item or an import of the module.
fn is_name_taken(root: &SyntaxNode, at: TextSize, name: &str) -> bool {
    let Some(scope) = scope_of(root, at) else { return false };
    scope.children().any(|item| match ast::Use::cast(item.clone()) {
        Some(item) => item.use_tree().is_some_and(|tree| binds(&tree, name)),
        None => item.children().find_map(ast::Name::cast).is_some_and(|it| it.text() == name),
    })
}

/// The file or the list of a module's items that an offset is in.
fn scope_of(root: &SyntaxNode, at: TextSize) -> Option<SyntaxNode> {
    let node = match token_after(root, at) {
        Some(token) => token.parent()?,
        None => root.clone(),
    };
    node.ancestors().find(|it| {
        matches!(it.kind(), SyntaxKind::SOURCE_FILE)
            || it.kind() == SyntaxKind::ITEM_LIST
                && it.parent().is_some_and(|it| it.kind() == SyntaxKind::MODULE)
    })
}

/// The imports inside the blocks around an offset.
fn local_uses(root: &SyntaxNode, at: TextSize) -> Vec<ast::Use> {
    let token = token_after(root, at);
    let around = token.into_iter().flat_map(|token| token.parent_ancestors());
    let blocks = around
        .take_while(|it| it.kind() != SyntaxKind::ITEM_LIST)
        .filter(|it| it.kind() == SyntaxKind::STMT_LIST);
    blocks.flat_map(|it| it.children()).filter_map(ast::Use::cast).collect()
}

/// With the `::` that it may begin with.
fn written_path(tree: &ast::UseTree) -> String {
    tree.path().map(|it| compact(it.syntax())).unwrap_or_default()
}

fn path_text(tree: &ast::UseTree) -> String {
    written_path(tree).trim_start_matches("::").to_string()
}

fn full_path(tree: &ast::UseTree, prefix: &str) -> String {
    let own = path_text(tree);
    match (prefix.is_empty(), own.is_empty()) {
        (true, _) => own,
        (_, true) => prefix.to_string(),
        _ => format!("{prefix}::{own}"),
    }
}

fn imports(tree: &ast::UseTree, prefix: &str, path: &str) -> bool {
    let full = full_path(tree, prefix);
    if let Some(list) = tree.use_tree_list() {
        return list.use_trees().any(|tree| imports(&tree, &full, path));
    }
    if tree.star_token().is_some() {
        // A prelude has the traits of its crate.
        let module = full.strip_suffix("::prelude").unwrap_or(&full);
        return path.rsplit_once("::").is_some_and(|(of, _)| of == full || of == module);
    }
    // Under another name as well: it is the methods of a trait that are wanted.
    full == path
}

/// Whether a declaration is compiled only under a condition.
fn is_conditional(item: &ast::Use) -> bool {
    item.attrs().any(|attr| compact(attr.syntax()).starts_with("#[cfg"))
}

fn binds(tree: &ast::UseTree, name: &str) -> bool {
    if let Some(list) = tree.use_tree_list() {
        return list.use_trees().any(|tree| binds(&tree, name));
    }
    match tree.rename() {
        Some(rename) => rename.name().is_some_and(|it| it.text() == name),
        None => tree.star_token().is_none() && path_text(tree).rsplit("::").next() == Some(name),
    }
}

fn can_be_merged(item: &ast::Use) -> bool {
    item.attrs().next().is_none() && item.visibility().is_none()
}

/// Whether the file imports every name by a declaration of its own.
fn keeps_imports_apart(uses: &[&ast::Use]) -> bool {
    let mut modules: Vec<String> = Vec::new();
    for item in uses {
        let Some(tree) = item.use_tree() else { continue };
        if tree.use_tree_list().is_some() {
            return false;
        }
        let path = path_text(&tree);
        modules.extend(path.rsplit_once("::").map(|(module, _)| module.to_string()));
    }
    let count = modules.len();
    modules.sort_unstable();
    modules.dedup();
    modules.len() < count
}

/// The edit that adds `name` of `module` to a tree that imports from the module, or that groups
/// imports of the modules above it.
fn merged(
    tree: &ast::UseTree,
    prefix: &str,
    module: &str,
    name: &str,
    style: &Style,
) -> Option<TextEdit> {
    let full = full_path(tree, prefix);
    if let Some(list) = tree.use_tree_list() {
        if full == module {
            return Some(added_to_list(&list, name, style));
        }
        let below = module.strip_prefix(full.as_str())?;
        let below = if full.is_empty() { below } else { below.strip_prefix("::")? };
        let inner = list.use_trees().find_map(|tree| merged(&tree, &full, module, name, style));
        return inner.or_else(|| {
            // A list at the crate's root shows that the file groups imports by crate.
            let groups = !full.is_empty();
            groups.then(|| added_to_list(&list, &format!("{below}::{name}"), style))
        });
    }
    if tree.star_token().is_some()
        || full.rsplit_once("::").map(|(module, _)| module) != Some(module)
    {
        return None;
    }
    let path = tree.path()?;
    let last = path.segment()?.syntax().text_range().start();
    let range = TextRange::new(last, tree.syntax().text_range().end());
    let existing = text_in(tree.syntax(), range);
    // Without a qualifier it stands in a list of the module itself, which was the place.
    path.qualifier()?;
    let mut entries = vec![existing];
    let at = place_of(name, &entries, style);
    entries.insert(at, name.to_string());
    let one_line = format!("{{{}}}", entries.join(", "));
    Some(TextEdit::replace(FileRange::in_file_tree(range), one_line))
}

fn added_to_list(list: &ast::UseTreeList, name: &str, style: &Style) -> TextEdit {
    let range = FileRange::in_file_tree(list.syntax().text_range());
    let mut entries: Vec<String> =
        list.use_trees().map(|tree| tree.syntax().text().to_string()).collect();
    let at = place_of(name, &entries, style);
    let has_comment = list
        .syntax()
        .descendants_with_tokens()
        .any(|element| element.kind() == SyntaxKind::COMMENT);
    if has_comment && let Some(tree) = list.use_trees().nth(at) {
        return TextEdit::insert(tree.syntax().text_range().start(), format!("{name}, "));
    }
    if has_comment && let Some(tree) = list.use_trees().last() {
        return TextEdit::insert(tree.syntax().text_range().end(), format!(", {name}"));
    }
    entries.insert(at, name.to_string());
    let (indent, before) = start_of_line(list.syntax());
    // What follows a nested list on its line is a comma, what follows an outer one a semicolon.
    let nested = list.syntax().ancestors().skip(1).any(|it| ast::UseTreeList::can_cast(it.kind()));
    let one_line = format!("{{{}}}", entries.join(", "));
    let has_list = entries.iter().any(|entry| entry.contains('{'));
    let fits = before + one_line.chars().count() < style.line;
    if !has_list && fits || nested && fits && !one_line.contains('\n') {
        return TextEdit::replace(range, one_line);
    }
    let newline = newline_of(&root_of(list.syntax()));
    TextEdit::replace(range, filled(&entries, &indent, newline, style))
}

/// A list over several lines: as many entries in a line as fit, lists on lines of their own.
fn filled(entries: &[String], indent: &str, newline: &str, style: &Style) -> String {
    let mut text = "{".to_string();
    let mut width = style.line;
    let mut own_line = true;
    for entry in entries {
        let len = entry.chars().count() + 1;
        let is_list = entry.contains('{');
        if own_line || is_list || width + 1 + len > style.line {
            text.push_str(newline);
            text.push_str(indent);
            text.push_str(&" ".repeat(style.tab));
            width = indent.chars().count() + style.tab;
        } else {
            text.push(' ');
            width += 1;
        }
        text.push_str(entry);
        text.push(',');
        width += len;
        own_line = is_list;
    }
    text.push_str(newline);
    text.push_str(indent);
    text.push('}');
    text
}

/// The white space that the line of a node begins with, and the number of characters before the
/// node on it.
pub fn start_of_line(node: &SyntaxNode) -> (String, usize) {
    let line = line_before(&root_of(node), node.text_range().start());
    let indent = line.chars().take_while(|c| c.is_whitespace()).collect();
    (indent, line.chars().count())
}

/// Where rustfmt puts `name` among the entries of a list.
fn place_of(name: &str, entries: &[String], style: &Style) -> usize {
    let first = |entry: &str| entry.split("::").next().unwrap_or_default().trim().to_string();
    let is_type = |entry: &String| first(entry).starts_with(char::is_uppercase);
    // From the 2024 style on types come first, before they come last; a mixed list shows which.
    let types = entries.iter().position(is_type);
    let modules = entries.iter().position(|entry| {
        !is_type(entry) && !matches!(first(entry).as_str(), "self" | "super" | "crate" | "*")
    });
    let types_first = match (types, modules) {
        (Some(types), Some(modules)) => types < modules,
        _ => !style.is_before_2024,
    };
    let rank = |entry: &str| {
        let upper = entry.starts_with(char::is_uppercase);
        let class = match first(entry).as_str() {
            "self" => 0,
            "super" => 1,
            "crate" => 2,
            _ if entry.starts_with('*') => 5,
            _ if entry.starts_with('{') => 6,
            _ if upper == types_first => 3,
            _ => 4,
        };
        (class, entry.to_string())
    };
    let new = rank(name);
    entries.iter().take_while(|entry| rank(entry) < new).count()
}

/// The kinds of imports that are often kept in groups of their own.
#[derive(PartialEq, Eq, Clone, Copy)]
enum Origin {
    Std,
    Crates,
    Own,
}

fn origin(path: &str) -> Origin {
    match path.trim_start_matches("::").split("::").next().unwrap_or_default() {
        "std" | "core" | "alloc" => Origin::Std,
        "crate" | "self" | "super" => Origin::Own,
        _ => Origin::Crates,
    }
}

fn on_a_line_of_its_own(scope: &SyntaxNode, uses: &[ast::Use], path: &str) -> TextEdit {
    let newline = newline_of(&root_of(scope));
    let line = format!("use {path};");
    let groups = groups(uses);
    let path_of = |item: &ast::Use| item.use_tree().map(|it| sort_key(&it)).unwrap_or_default();
    let has = |group: &[ast::Use], wanted| group.iter().any(|it| origin(&path_of(it)) == wanted);
    let wanted = origin(path);
    let Some(last) = groups.last() else { return first_import(scope, &line, newline) };
    let group = groups.iter().rev().find(|group| has(group, wanted)).or_else(|| {
        // One group for everything takes everything.
        let mixed = has(last, Origin::Std) as u8
            + has(last, Origin::Crates) as u8
            + has(last, Origin::Own) as u8;
        (groups.len() == 1 && mixed > 1).then_some(last)
    });
    if let Some(group) = group {
        let before = group.iter().take_while(|it| order(&path_of(it), path) == Ordering::Less);
        return match before.last() {
            Some(before) => after_item(before.syntax(), &line, newline),
            None => match group.first() {
                Some(first) => before_item(first, &line, newline),
                None => first_import(scope, &line, newline),
            },
        };
    }
    // A group of its own: std, then other crates, then this one.
    let after = match wanted {
        Origin::Std => None,
        Origin::Crates => groups.iter().rev().find(|group| has(group, Origin::Std)),
        Origin::Own => Some(last),
    };
    match after.and_then(|group| group.last()) {
        Some(before) => after_item(before.syntax(), &format!("{newline}{line}"), newline),
        None => match groups.first().and_then(|group| group.first()) {
            Some(first) => before_item(first, &format!("{line}{newline}"), newline),
            None => first_import(scope, &line, newline),
        },
    }
}

/// Declarations with no empty line and no other item between them.
fn groups(uses: &[ast::Use]) -> Vec<Vec<ast::Use>> {
    let mut groups: Vec<Vec<ast::Use>> = Vec::new();
    let mut last: Option<SyntaxNode> = None;
    for item in uses {
        let adjoins = last.as_ref().is_some_and(|last| {
            let mut gap = last.siblings_with_tokens(crate::syntax::Direction::Next).skip(1);
            gap.by_ref().take_while(|it| it != &NodeOrToken::Node(item.syntax().clone())).all(
                |element| match element {
                    NodeOrToken::Node(_) => false,
                    NodeOrToken::Token(token) => token.text().matches('\n').count() < 2,
                },
            )
        });
        match groups.last_mut() {
            Some(group) if adjoins => group.push(item.clone()),
            _ => groups.push(vec![item.clone()]),
        }
        last = Some(item.syntax().clone());
    }
    groups
}

/// A path that stands in rustfmt's order for a declaration: `*` and lists come after names.
fn sort_key(tree: &ast::UseTree) -> String {
    // Paths that begin with `::` come before names.
    let path = written_path(tree);
    match (tree.use_tree_list(), tree.star_token()) {
        (Some(_), _) if path.is_empty() => "~~".to_string(),
        (Some(_), _) => format!("{path}::~~"),
        (None, Some(_)) => format!("{path}::~"),
        _ => path,
    }
}

/// The order that rustfmt gives declarations of one group.
fn order(a: &str, b: &str) -> Ordering {
    let rank = |path: &str| match path.split("::").next() {
        Some("self") => 0,
        Some("super") => 1,
        Some("crate") => 2,
        _ => 3,
    };
    rank(a).cmp(&rank(b)).then_with(|| a.split("::").cmp(b.split("::")))
}

fn after_item(item: &SyntaxNode, line: &str, newline: &str) -> TextEdit {
    let (indent, _) = start_of_line(item);
    // A comment at the end of the line stays there.
    let mut end = item.text_range().end();
    let mut token = item.last_token().and_then(|token| token.next_token());
    while let Some(it) = token {
        let stays = match it.kind() {
            SyntaxKind::COMMENT => true,
            SyntaxKind::WHITESPACE => !it.text().contains('\n'),
            _ => false,
        };
        if !stays {
            break;
        }
        if it.kind() == SyntaxKind::COMMENT {
            end = it.text_range().end();
        }
        token = it.next_token();
    }
    let line = match line.strip_prefix(newline) {
        Some(line) => format!("{newline}{newline}{indent}{line}"),
        None => format!("{newline}{indent}{line}"),
    };
    TextEdit::insert(end, line)
}

fn before_item(item: &ast::Use, line: &str, newline: &str) -> TextEdit {
    let (indent, _) = start_of_line(item.syntax());
    // Comments in front of the first declaration speak of the file or of the group.
    let start = item
        .syntax()
        .children_with_tokens()
        .find(|it| !matches!(it.kind(), SyntaxKind::COMMENT | SyntaxKind::WHITESPACE))
        .map_or(item.syntax().text_range().start(), |it| it.text_range().start());
    TextEdit::insert(start, format!("{line}{newline}{indent}"))
}

/// An import in a scope that has none: in front of its first item.
fn first_import(scope: &SyntaxNode, line: &str, newline: &str) -> TextEdit {
    let line = line.trim();
    let is_header = |kind: SyntaxKind| matches!(kind, SyntaxKind::ATTR | SyntaxKind::EXTERN_CRATE);
    if let Some(item) = scope.children().find(|item| !is_header(item.kind())) {
        let (indent, _) = start_of_line(&item);
        let start = item.text_range().start();
        return TextEdit::insert(start, format!("{line}{newline}{newline}{indent}"));
    }
    let open = scope.first_token().filter(|token| token.kind() == T!['{']);
    let at = open.map_or(scope.text_range().end(), |open: SyntaxToken| open.text_range().end());
    TextEdit::insert(at, format!("{newline}{line}{newline}"))
}

fn root_of(node: &SyntaxNode) -> SyntaxNode {
    node.ancestors().last().unwrap_or_else(|| node.clone())
}
