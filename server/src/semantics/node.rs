//! What surrounds a node: the code up to the file, out of macro arguments as well.

use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::marks::Marks;
use super::{Answers, FileContext};
use crate::syntax::fragment::Fragment;
use crate::syntax::{AstNode, Imports, SyntaxNode, ast};
use crate::text::{FileRange, TextRange};

/// The surroundings of the node that a rule was given.
pub struct NodeContext<'a> {
    file: &'a FileContext,
    /// The macro calls around the current node whose arguments were parsed, outermost first.
    fragments: Vec<(SyntaxNode, Fragment)>,
    /// Imports that were already read, by the surroundings of the item that asked.
    imports: &'a mut FxHashMap<u64, Arc<Imports>>,
    /// The surroundings of the item, as [`Item`](crate::syntax::items::Item) has them.
    surroundings: u64,
    item: SyntaxNode,
    /// What was told about nodes around the item, for all items of the file.
    around: &'a Answers,
    /// What was told about nodes of the item, and of the arguments of each macro call around the
    /// current node.
    told: Vec<Answers>,
    /// The marks of a node without attributes.
    unmarked: Rc<Marks>,
}

impl<'a> NodeContext<'a> {
    /// The context of nodes in `item`, which has the `surroundings` of its outline. `imports` are
    /// those that were read before, by surroundings, and `around` has what was told before about
    /// nodes that are not in an item.
    pub fn new(
        file: &'a FileContext,
        item: SyntaxNode,
        surroundings: u64,
        imports: &'a mut FxHashMap<u64, Arc<Imports>>,
        around: &'a Answers,
    ) -> Self {
        Self {
            file,
            fragments: Vec::new(),
            imports,
            surroundings,
            item,
            around,
            told: vec![Answers::default()],
            unmarked: Rc::default(),
        }
    }

    /// Enters the arguments of a macro call.
    pub fn enter(&mut self, call: SyntaxNode, arguments: Fragment) {
        self.fragments.push((call, arguments));
        self.told.push(Answers::default());
    }

    /// Leaves the arguments of the macro call that was entered last.
    pub fn leave(&mut self) {
        self.fragments.pop();
        // The address of a node among the arguments may be given to another one.
        self.told.pop();
    }

    /// The number of macro calls around the current node.
    pub fn macro_depth(&self) -> usize {
        self.fragments.len()
    }

    /// The arguments of the innermost macro call, in the tree of their own.
    pub fn macro_arguments(&self) -> Option<TextRange> {
        self.fragments.last().map(|(_, fragment)| fragment.content)
    }

    /// What is known of the file that is analysed.
    pub fn file(&self) -> &FileContext {
        self.file
    }

    /// `node` and the nodes around it up to the file, out of macro arguments as well.
    ///
    /// Ranges of nodes outside the macro are those of their own tree.
    pub fn ancestors(&self, node: &SyntaxNode) -> impl Iterator<Item = SyntaxNode> + use<> {
        let mut ancestors = Vec::new();
        let mut inner = node.clone();
        for (call, fragment) in self.fragments.iter().rev() {
            // What surrounds the arguments in their own tree was put there to parse them.
            let content = fragment.content;
            ancestors.extend(
                inner.ancestors().take_while(|node| content.contains_range(node.text_range())),
            );
            inner = call.clone();
        }
        ancestors.extend(inner.ancestors());
        ancestors.into_iter()
    }

    pub(super) fn unmarked(&self) -> Rc<Marks> {
        Rc::clone(&self.unmarked)
    }

    /// Whether the current place is in the arguments of a macro call.
    pub fn in_macro(&self) -> bool {
        !self.fragments.is_empty()
    }

    /// The range in the file of a range in the tree of the node that the rule was given.
    pub fn file_range(&self, range: TextRange) -> FileRange {
        let outer = self.fragments.iter().rev();
        let range = outer.fold(range, |range, (_, fragment)| fragment.to_outer(range));
        // Items are parsed as parts of their file.
        FileRange::in_file_tree(range)
    }

    /// The function whose body a node is in; closures and async blocks belong to it.
    pub fn function(&self, node: &SyntaxNode) -> Option<ast::Fn> {
        self.ancestors(node).find_map(ast::Fn::cast)
    }

    /// The answer to a question about a node of the item or of the macro arguments in it: see
    /// [`Answers::once`].
    pub fn once<T: 'static>(
        &self,
        question: &'static str,
        node: &SyntaxNode,
        answer: impl FnOnce() -> T,
    ) -> Rc<T> {
        let level = self.level_of(node);
        let is_around = || !self.item.text_range().contains_range(node.text_range());
        match self.told.get(level) {
            Some(_) if level == 0 && is_around() => self.around.once(question, node, answer),
            Some(told) => told.once(question, node, answer),
            None => Rc::new(answer()),
        }
    }

    /// How many macro calls around the current node have a node in their arguments.
    fn level_of(&self, node: &SyntaxNode) -> usize {
        if self.fragments.is_empty() {
            return 0;
        }
        let Some(root) = node.ancestors().last() else { return 0 };
        let is_of = |(_, fragment): &(SyntaxNode, Fragment)| fragment.root == root;
        self.fragments.iter().rposition(is_of).map_or(0, |at| at + 1)
    }

    /// The imports in view of the item.
    pub fn imports(&mut self) -> Arc<Imports> {
        let item = &self.item;
        let entry = self.imports.entry(self.surroundings);
        Arc::clone(entry.or_insert_with(|| Arc::new(Imports::around(item))))
    }

    /// A path of the code with its first segment resolved by the imports in view.
    pub fn resolve(&mut self, path: &str) -> String {
        self.imports().resolve(path)
    }

    /// Whether a node is test code within its file.
    pub fn in_test(&self, node: &SyntaxNode) -> bool {
        self.ancestors(node).any(|node| self.marks(&node).test)
    }
}
