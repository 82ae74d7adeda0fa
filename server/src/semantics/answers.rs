//! Answers that are told once.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::syntax::SyntaxNode;
use crate::syntax::green::address;
use crate::text::TextRange;

/// What was told about the nodes of a tree, which has to live as long as this does.
#[derive(Default)]
pub struct Answers(RefCell<FxHashMap<Key, Rc<dyn Any>>>);

/// A question, and the node: its address in the green tree and its place.
type Key = (&'static str, usize, TextRange);

impl Answers {
    /// The answer to a question about a node, such as the function around a call, which code in it
    /// asks again and again: it is told once. A question has a name of its own, and its answer
    /// follows from the node and its place alone.
    pub fn once<T: 'static>(
        &self,
        question: &'static str,
        node: &SyntaxNode,
        answer: impl FnOnce() -> T,
    ) -> Rc<T> {
        let key = (question, address(node.green()), node.text_range());
        let known = self.0.borrow().get(&key).cloned();
        if let Some(known) = known.and_then(|it| it.downcast().ok()) {
            return known;
        }
        let answer = Rc::new(answer());
        self.0.borrow_mut().insert(key, Rc::clone(&answer) as Rc<dyn Any>);
        answer
    }
}
