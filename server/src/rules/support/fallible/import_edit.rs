//! The edit that brings a trait into view.

use super::site::{Site, compact};
use crate::syntax::ast::{self, HasAttrs, HasVisibility};
use crate::syntax::{AstNode, Imports, NodeOrToken, SyntaxKind, SyntaxNode, TextRange};
use crate::text::TextEdit;

/// How a trait comes into view.
#[derive(Debug)]
pub enum Import {
    There,
    Add(TextEdit),
}

/// Brings the trait `name` of `module` into view where the call stands. Nothing where the name is
/// taken in a way that cannot be told.
pub fn trait_import(site: &Site, root: &SyntaxNode, module: &str, name: &str) -> Option<Import> {
    let items = site.items()?;
    let path = format!("{module}::{name}");
    let imports = Imports::of_list(items);
    let everything =
        imports.globs().any(|glob| glob == module || glob == format!("{module}::prelude"));
    if imports.has(&path) || everything {
        return Some(Import::There);
    }
    let taken = imports.path_of(name).is_some() || site.declares(name);
    let wanted = if taken { format!("{name} as _") } else { name.to_string() };
    // In the file's own tree: nothing is added inside macro arguments.
    if !root.text_range().contains_range(items.text_range()) || items.ancestors().last()? != *root {
        return None;
    }
    let uses: Vec<ast::Use> = items.children().filter_map(ast::Use::cast).collect();
    if let Some(edit) = uses.iter().find_map(|item| merged(item, module, &wanted)) {
        return Some(Import::Add(edit));
    }
    Some(Import::Add(new_use(items, &uses, &format!("{module}::{wanted}"))?))
}

/// `use anyhow::Result;` → `use anyhow::{Context, Result};`
fn merged(item: &ast::Use, module: &str, wanted: &str) -> Option<TextEdit> {
    if item.visibility().is_some() || item.attrs().next().is_some() {
        return None;
    }
    let tree = item.use_tree()?;
    let path = tree.path()?;
    if let Some(list) = tree.use_tree_list() {
        if compact(path.syntax()) != module {
            return None;
        }
        let trees: Vec<ast::UseTree> = list.use_trees().collect();
        let after = trees.iter().find(|it| sort_key(it.syntax()) > sort_key_of(wanted));
        return match (after, trees.last()) {
            (Some(after), _) => {
                let start = after.syntax().text_range().start();
                Some(TextEdit::insert(start, format!("{wanted}, ")))
            }
            (None, Some(last)) => {
                let end = last.syntax().text_range().end();
                Some(TextEdit::insert(end, format!(", {wanted}")))
            }
            (None, None) => None,
        };
    }
    if tree.star_token().is_some() {
        return None;
    }
    let qualifier = path.qualifier()?;
    if compact(qualifier.syntax()) != module {
        return None;
    }
    let name = path.segment()?.syntax().text_range().start();
    let rest = TextRange::new(name, tree.syntax().text_range().end());
    let start = tree.syntax().text_range().start();
    let text = tree.syntax().text().to_string();
    let existing = text.get(usize::from(rest.start() - start)..)?.to_string();
    let list = if sort_key_of(&existing) < sort_key_of(wanted) {
        format!("{{{existing}, {wanted}}}")
    } else {
        format!("{{{wanted}, {existing}}}")
    };
    Some(TextEdit::replace(rest, list))
}

/// A `use` of its own, where rustfmt would sort it within the group of other crates.
fn new_use(items: &SyntaxNode, uses: &[ast::Use], path: &str) -> Option<TextEdit> {
    let statement = format!("use {path};");
    let groups = groups(uses);
    let of_crates = groups
        .iter()
        .find(|group| group.iter().all(|item| !is_own(item)) && !group.iter().any(starts_with_std));
    let group = of_crates.or_else(|| groups.first());
    if let Some(group) = group {
        let key = |item: &ast::Use| {
            item.use_tree().map(|tree| compact(tree.syntax())).unwrap_or_default()
        };
        let after = group.iter().find(|item| !is_own(item) && key(item).as_str() > path);
        if let Some(after) = after {
            let indent = indent_of(after.syntax());
            let start = after.syntax().text_range().start();
            return Some(TextEdit::insert(start, format!("{statement}\n{indent}")));
        }
        let last = group.last()?;
        let indent = indent_of(last.syntax());
        let end = last.syntax().text_range().end();
        return Some(TextEdit::insert(end, format!("\n{indent}{statement}")));
    }
    // Before the first item; the file's own attributes and documentation stand before it.
    let first = items.children().find(|child| {
        !matches!(child.kind(), SyntaxKind::ATTR) && ast::Item::can_cast(child.kind())
    })?;
    let indent = indent_of(&first);
    let start = first.text_range().start();
    Some(TextEdit::insert(start, format!("{statement}\n\n{indent}")))
}

/// The `use` items that follow each other with no empty line between.
fn groups(uses: &[ast::Use]) -> Vec<Vec<ast::Use>> {
    let mut groups: Vec<Vec<ast::Use>> = Vec::new();
    for item in uses {
        let plain = item.attrs().next().is_none();
        let follows = item.syntax().prev_sibling_or_token().is_some_and(|before| match before {
            NodeOrToken::Token(token) => {
                token.text().matches('\n').count() == 1
                    && token.prev_sibling_or_token().is_some_and(|it| it.kind() == SyntaxKind::USE)
            }
            NodeOrToken::Node(_) => false,
        });
        match groups.last_mut() {
            Some(group) if follows && plain => group.push(item.clone()),
            _ if plain => groups.push(vec![item.clone()]),
            _ => {}
        }
    }
    groups
}

fn is_own(item: &ast::Use) -> bool {
    let text = item.use_tree().map(|it| compact(it.syntax())).unwrap_or_default();
    item.visibility().is_some()
        || ["crate::", "super::", "self::"].iter().any(|it| text.starts_with(it))
}

fn starts_with_std(item: &ast::Use) -> bool {
    let text = item.use_tree().map(|it| compact(it.syntax())).unwrap_or_default();
    ["std::", "core::", "alloc::"].iter().any(|it| text.starts_with(it))
}

fn indent_of(node: &SyntaxNode) -> String {
    let before = node.prev_sibling_or_token().and_then(NodeOrToken::into_token);
    let text = before.map(|token| token.text().to_string()).unwrap_or_default();
    match text.rsplit_once('\n') {
        Some((_, indent)) => indent.to_string(),
        None => String::new(),
    }
}

fn sort_key(tree: &SyntaxNode) -> (u8, String) {
    sort_key_of(&compact(tree))
}

/// rustfmt puts `self` first, then functions and modules, then types, then constants.
fn sort_key_of(name: &str) -> (u8, String) {
    let upper = name.starts_with(char::is_uppercase);
    let constant = upper && !name.chars().any(char::is_lowercase);
    let rank = if name == "self" { 0 } else { 1 + u8::from(upper) + u8::from(constant) };
    (rank, name.to_string())
}
