//! Names of types and paths as they are written.

use crate::syntax::green::{child_types, compact_text, declared_name};
use crate::syntax::{SyntaxKind, SyntaxNode};

/// The name of a type without its path, references and generics: `Vec` in `&std::vec::Vec<u8>`.
pub fn base_name(ty: &str) -> &str {
    let ty = ty.trim_start_matches(['&', '*']).trim_start_matches("mut").trim_start_matches("dyn");
    let ty = ty.trim_start();
    let end = ty.find(['<', '(', '[']).unwrap_or(ty.len());
    ty[..end].rsplit("::").next().unwrap_or(ty)
}

/// A path without the generic arguments of its segments: `Vec::new` of `Vec::<u8>::new::<A>`.
pub fn without_generics(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    let mut depth = 0usize;
    for c in path.chars() {
        match c {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            _ if depth == 0 => text.push(c),
            _ => {}
        }
    }
    text.replace("::::", "::").trim_end_matches("::").to_string()
}

/// The type or trait whose `impl` or `trait` block holds an item, without generics.
pub fn owner(node: &SyntaxNode) -> Option<String> {
    let container = node.parent()?.parent()?;
    match container.kind() {
        SyntaxKind::IMPL => {
            let ty = child_types(container.green()).take(2).last()?;
            Some(base_name(&compact_text(ty)).to_string())
        }
        SyntaxKind::TRAIT => declared_name(container.green()).map(str::to_string),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_names_lose_paths_references_and_generics() {
        assert_eq!(base_name("&mutstd::vec::Vec<a::B>"), "Vec");
        assert_eq!(base_name("Foo"), "Foo");
        assert_eq!(base_name("io::Result<()>"), "Result");
    }

    #[test]
    fn paths_lose_the_arguments_of_every_segment() {
        assert_eq!(without_generics("Vec::<Box<u8>>::new::<A>"), "Vec::new");
        assert_eq!(without_generics("a::b"), "a::b");
    }
}
