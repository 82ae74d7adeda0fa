//! Which `let` statement of a block binds a name: a block is gone through once, not for each
//! question about it.

use std::cell::RefCell;
use std::rc::Rc;

use rowan::{GreenNode, GreenNodeData};
use rustc_hash::FxHashMap;

use crate::syntax::ast;
use crate::syntax::green::{child_nodes, children, declared_name, node_kind};
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode, TextRange, TextSize};

/// The `let` statements of a block that bind `name` and end before `end`, the last one first.
pub fn lets_before(
    list: &SyntaxNode,
    name: &str,
    end: TextSize,
) -> impl Iterator<Item = ast::LetStmt> + use<> {
    let start = list.text_range().start();
    let lets = lets_of(list.green());
    let ranges = lets.get(name).map(Vec::as_slice).unwrap_or_default();
    let count = ranges.partition_point(|it| it.end() + start <= end);
    let nearest: Vec<TextRange> = ranges.iter().take(count).rev().take(LETS).copied().collect();
    let list = list.clone();
    nearest.into_iter().filter_map(move |range| {
        list.child_or_token_at_range(range + start)?.into_node().and_then(ast::LetStmt::cast)
    })
}

/// So many bindings of one name in one block are looked at for the one that is asked for.
const LETS: usize = 16;

/// Where the `let` statements are that bind each name, in text order; the block begins at 0.
type Lets = FxHashMap<Box<str>, Vec<TextRange>>;

/// What has fewer children is gone through as fast as it is looked up.
const FEW: usize = 16;

/// So many blocks are remembered: more of this length hardly stand in each other.
const BLOCKS: usize = 32;

thread_local! {
    /// The blocks that were gone through, by address: each is kept alive, so that its address is
    /// not given to another one.
    static KNOWN: RefCell<FxHashMap<usize, (GreenNode, Rc<Lets>)>> = RefCell::default();
}

fn lets_of(list: &GreenNodeData) -> Rc<Lets> {
    if list.children().len() < FEW {
        return Rc::new(read(list));
    }
    KNOWN.with_borrow_mut(|known| {
        let address = crate::syntax::green::address(list);
        if let Some((_, lets)) = known.get(&address) {
            return Rc::clone(lets);
        }
        if known.len() >= BLOCKS {
            known.clear();
        }
        let lets = Rc::new(read(list));
        known.insert(address, (list.to_owned(), Rc::clone(&lets)));
        lets
    })
}

/// Lets go of the blocks of a tree that is done with.
pub fn forget_lets() {
    KNOWN.with_borrow_mut(FxHashMap::clear);
}

fn read(list: &GreenNodeData) -> Lets {
    let mut lets = Lets::default();
    for (at, child) in children(list, TextSize::new(0)) {
        let Some(statement) = child.into_node().filter(|it| node_kind(it) == SyntaxKind::LET_STMT)
        else {
            continue;
        };
        let range = TextRange::at(at, statement.text_len());
        if let Some(pattern) = child_nodes(statement).find(|it| ast::Pat::can_cast(node_kind(it))) {
            add_names(pattern, range, &mut lets);
        }
    }
    lets
}

fn add_names(pattern: &GreenNodeData, range: TextRange, lets: &mut Lets) {
    if node_kind(pattern) == SyntaxKind::IDENT_PAT
        && let Some(name) = declared_name(pattern)
    {
        match lets.get_mut(name) {
            Some(ranges) if ranges.last() == Some(&range) => {}
            Some(ranges) => ranges.push(range),
            None => {
                lets.insert(name.into(), vec![range]);
            }
        }
    }
    for child in child_nodes(pattern) {
        add_names(child, range, lets);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::{Edition, parse_root};

    #[test]
    fn the_nearest_binding_before_a_place_comes_first() {
        for filling in [0, 40] {
            let text = format!(
                "fn f() {{ let a = 1; {} let (a, S {{ b, .. }}) = c; let a = 3; a }}",
                "g();".repeat(filling)
            );
            let root = parse_root(&text, Edition::CURRENT).expect("it parses");
            let list = root.descendants().find(|it| it.kind() == SyntaxKind::STMT_LIST);
            let list = list.expect("a body");
            let before = |name: &str, mark: &str| {
                let end = TextSize::new(text.rfind(mark).expect("the mark") as u32);
                let found = lets_before(&list, name, end);
                found.map(|it| it.syntax().text().to_string()).collect::<Vec<_>>()
            };
            assert_eq!(before("a", "let a = 3"), ["let (a, S { b, .. }) = c;", "let a = 1;"]);
            assert_eq!(before("b", "a }"), ["let (a, S { b, .. }) = c;"]);
            assert_eq!(before("S", "a }"), Vec::<String>::new());
        }
    }
}
