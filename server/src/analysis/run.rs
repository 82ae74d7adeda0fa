//! One walk over one item.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rowan::{GreenNodeData, GreenTokenData, NodeOrToken};
use rustc_hash::FxHashMap;

use super::context::{Context, FixRequest};
use super::dispatch::{Due, RuleSet};
use super::finding::Finding;
use super::opportunity::Census;
use super::rule::Rule;
use super::suppression::{self, Suppression};
use crate::project::Role;
use crate::semantics::lets::forget_lets;
use crate::semantics::{Answers, FileContext, NodeContext};
use crate::syntax::attrs::marks_test_code;
use crate::syntax::fragment::{Fragment, Fragments, quotes_code};
use crate::syntax::green::{
    GreenChild, child_kind, child_of_kind, children, node_kind, path_name, token_kind,
};
use crate::syntax::items::{is_container, node_at};
use crate::syntax::{Imports, SyntaxKind, SyntaxNode, SyntaxToken};
use crate::text::{TextRange, TextSize};

/// Macro calls inside macro calls are followed this deep: each level parses its arguments anew.
const MAX_FRAGMENT_DEPTH: usize = 6;

/// What a walk needs besides the item.
pub(super) struct Walk<'a> {
    pub file: &'a FileContext,
    pub rules: &'a RuleSet,
    /// Imports that were already read, by the surroundings of the item that asked.
    pub imports: FxHashMap<u64, Arc<Imports>>,
    /// Whether the items of the surroundings seen last are in test code.
    in_test: Option<(u64, bool)>,
    /// What was told about nodes around the items.
    around: Answers,
    /// Rules that panicked in this file; they are not called again.
    pub panicked: Vec<&'static Rule>,
    /// Of a document, the arguments of macro calls that were parsed before.
    pub fragments: Option<Fragments>,
    /// Where all comments of the file begin, in text order, if that is known.
    pub comments: Option<&'a [TextSize]>,
}

/// Whether one of some offsets, in order, is in a range.
pub(super) fn any_in(offsets: &[TextSize], range: TextRange) -> bool {
    let next = offsets.partition_point(|offset| *offset < range.start());
    offsets.get(next).is_some_and(|offset| *offset < range.end())
}

/// What a walk found; ranges are in the file.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub findings: Vec<Finding>,
    pub suppressions: Vec<Suppression>,
    /// What rules about production code are held against; nothing in test code.
    pub census: Option<Census>,
}

impl<'a> Walk<'a> {
    pub fn new(file: &'a FileContext, rules: &'a RuleSet) -> Self {
        Self {
            file,
            rules,
            imports: FxHashMap::default(),
            in_test: None,
            around: Answers::default(),
            panicked: Vec::new(),
            fragments: None,
            comments: None,
        }
    }

    /// Whether what surrounds an item is test code.
    fn is_in_test(&mut self, item: &SyntaxNode, surroundings: u64) -> bool {
        match self.in_test {
            // Items stand side by side.
            Some((known, is_test)) if known == surroundings => is_test,
            _ => {
                let is_test = matches!(self.file.role, Role::Test | Role::Build)
                    || item.ancestors().skip(1).any(|node| marks_test_code(&node));
                self.in_test = Some((surroundings, is_test));
                is_test
            }
        }
    }

    /// Walks an item and everything in it, a container without the items in it.
    pub fn item(&mut self, item: &SyntaxNode, surroundings: u64) -> Found {
        self.run(item, surroundings, None).0
    }

    /// Walks an item and makes the fixes of findings in it.
    pub fn fix<'r>(
        &'r mut self,
        item: &SyntaxNode,
        surroundings: u64,
        request: FixRequest<'r>,
    ) -> Option<FixRequest<'r>> {
        self.run(item, surroundings, Some(request)).1
    }

    fn run<'r>(
        &'r mut self,
        item: &SyntaxNode,
        surroundings: u64,
        request: Option<FixRequest<'r>>,
    ) -> (Found, Option<FixRequest<'r>>) {
        let is_test = marks_test_code(item) || self.is_in_test(item, surroundings);
        let rules = if is_test { self.rules.in_tests() } else { self.rules };
        let Some(rule) = rules.first() else { return (Found::default(), request) };
        let node = NodeContext::new(
            self.file,
            item.clone(),
            surroundings,
            &mut self.imports,
            &self.around,
        );
        let level = rule.severity;
        let context = Context { node, rule, level, findings: Vec::new(), request };
        let mut visitor = Visitor {
            rules,
            panicked: &mut self.panicked,
            fragments: &mut self.fragments,
            comments: self.comments,
            tree: item.clone(),
            near: item.clone(),
            suppressions: Vec::new(),
            census: (!is_test).then(Census::default),
            context,
        };
        match is_container(item.kind()) {
            true => visitor.container(item.green(), item.text_range().start()),
            false => visitor.leaf(item),
        }
        forget_lets();
        let Visitor { suppressions, census, context, .. } = visitor;
        (Found { findings: context.findings, suppressions, census }, context.request)
    }
}

fn is_string(kind: SyntaxKind) -> bool {
    matches!(kind, SyntaxKind::STRING | SyntaxKind::BYTE_STRING)
}

/// Whether what follows a name among loose tokens may give it a value or call it; `=%` and `=?` of
/// logging macros do not.
fn takes_value<'t>(rest: impl Iterator<Item = GreenChild<'t>>) -> bool {
    let mut rest = rest
        .map(child_kind)
        .filter(|kind| !matches!(kind, SyntaxKind::WHITESPACE | SyntaxKind::COMMENT));
    match rest.next() {
        Some(SyntaxKind::TOKEN_TREE | SyntaxKind::COLON | SyntaxKind::L_ANGLE) => true,
        Some(SyntaxKind::EQ) => {
            !matches!(rest.next(), Some(SyntaxKind::PERCENT | SyntaxKind::QUESTION))
        }
        _ => false,
    }
}

struct Visitor<'r, 'p> {
    rules: &'r RuleSet,
    panicked: &'p mut Vec<&'static Rule>,
    fragments: &'p mut Option<Fragments>,
    comments: Option<&'p [TextSize]>,
    /// The item, or the root of a macro call's parsed arguments: what offsets count in.
    tree: SyntaxNode,
    /// The node in the same tree that a rule was given last.
    near: SyntaxNode,
    suppressions: Vec<Suppression>,
    /// Nothing in test code.
    census: Option<Census>,
    context: Context<'r>,
}

impl Visitor<'_, '_> {
    fn leaf(&mut self, item: &SyntaxNode) {
        let (green, start) = (item.green(), item.text_range().start());
        if self.rules.is_idle() {
            // Suppressions are all that is left to see.
            self.comments(green, start);
        } else {
            self.node(green, start);
        }
    }

    fn node(&mut self, node: &GreenNodeData, offset: TextSize) {
        let kind = node_kind(node);
        let rules = self.rules;
        if let Some(census) = &mut self.census {
            census.see(kind, node);
        }
        if rules.wants(kind) {
            let range = TextRange::at(offset, node.text_len());
            let found = rules.of_kind(kind).iter();
            let found = found.chain(rules.of_name(kind, node)).chain(rules.of_secret(kind, node));
            for due in found {
                self.check_node(*due, kind, range);
            }
        }
        match kind {
            // Every third node is a name, and has one token in it.
            SyntaxKind::NAME | SyntaxKind::NAME_REF => return,
            SyntaxKind::TOKEN_TREE | SyntaxKind::MACRO_RULES | SyntaxKind::MACRO_DEF => {
                self.comments(node, offset);
                return;
            }
            SyntaxKind::ATTR => {
                self.literals(node, offset);
                return;
            }
            SyntaxKind::MACRO_CALL => {
                self.macro_arguments(node, TextRange::at(offset, node.text_len()));
            }
            _ => {}
        }
        for (at, child) in children(node, offset) {
            match child {
                NodeOrToken::Node(child) => self.node(child, at),
                NodeOrToken::Token(token) => self.token(token, at),
            }
        }
    }

    fn container(&mut self, node: &GreenNodeData, offset: TextSize) {
        let kind = node_kind(node);
        let rules = self.rules;
        for due in rules.of_kind(kind) {
            self.check_node(*due, kind, TextRange::at(offset, node.text_len()));
        }
        for (at, child) in children(node, offset) {
            match child {
                NodeOrToken::Token(token) => self.token(token, at),
                NodeOrToken::Node(child) => match node_kind(child) {
                    SyntaxKind::ITEM_LIST | SyntaxKind::ASSOC_ITEM_LIST => {
                        self.list_of_items(child, at);
                    }
                    SyntaxKind::ATTR => self.node(child, at),
                    _ if kind != SyntaxKind::SOURCE_FILE => self.node(child, at),
                    _ => {}
                },
            }
        }
    }

    fn list_of_items(&mut self, list: &GreenNodeData, offset: TextSize) {
        for (at, child) in children(list, offset) {
            match child {
                NodeOrToken::Token(token) => self.token(token, at),
                NodeOrToken::Node(child) if node_kind(child) == SyntaxKind::ATTR => {
                    self.node(child, at);
                }
                NodeOrToken::Node(_) => {}
            }
        }
    }

    #[inline]
    fn token(&mut self, token: &GreenTokenData, offset: TextSize) {
        match token_kind(token) {
            SyntaxKind::STRING | SyntaxKind::BYTE_STRING => self.literal(token.text(), offset),
            // Comments of macro arguments were seen among the loose tokens of the call.
            SyntaxKind::COMMENT if !self.context.in_macro() => {
                self.comment(token.text(), offset);
            }
            _ => {}
        }
    }

    fn comment(&mut self, text: &str, offset: TextSize) {
        let rules = self.rules;
        for due in rules.of_comment(text) {
            self.check_token(due, text, offset);
        }
        if suppression::may_suppress(text)
            && let Some(token) = self.token_at(text, offset)
        {
            self.suppressions.extend(suppression::parse(&token));
        }
    }

    fn literal(&mut self, text: &str, offset: TextSize) {
        let rules = self.rules;
        for due in rules.of_literal(text) {
            self.check_token(due, text, offset);
        }
    }

    fn literals(&mut self, tree: &GreenNodeData, offset: TextSize) {
        for (at, child) in children(tree, offset) {
            match child {
                NodeOrToken::Node(child) => self.literals(child, at),
                NodeOrToken::Token(token) if is_string(token_kind(token)) => {
                    self.literal(token.text(), at);
                }
                NodeOrToken::Token(_) => {}
            }
        }
    }

    fn comments(&mut self, tree: &GreenNodeData, offset: TextSize) {
        let range = TextRange::at(offset, tree.text_len());
        let has_none = self.comments.is_some_and(|all| !any_in(all, range));
        if has_none || self.context.in_macro() {
            return;
        }
        for (at, child) in children(tree, offset) {
            match child {
                NodeOrToken::Node(child) => self.comments(child, at),
                NodeOrToken::Token(token) if token_kind(token) == SyntaxKind::COMMENT => {
                    self.token(token, at);
                }
                NodeOrToken::Token(_) => {}
            }
        }
    }

    fn macro_arguments(&mut self, call: &GreenNodeData, range: TextRange) {
        if self.context.macro_depth() >= MAX_FRAGMENT_DEPTH {
            return;
        }
        let Some(arguments) = child_of_kind(call, SyntaxKind::TOKEN_TREE) else { return };
        if path_name(call).is_some_and(quotes_code) || !self.has_trigger(arguments) {
            return;
        }
        let Some(call) = node_at(&self.tree, SyntaxKind::MACRO_CALL, range) else { return };
        let edition = self.context.file().edition;
        let fragment = match self.fragments {
            Some(fragments) => fragments.of_macro_call(&call, edition),
            None => Fragment::of_macro_call(&call, edition),
        };
        let Some(fragment) = fragment else { return };
        let root = fragment.root.clone();
        let outer = std::mem::replace(&mut self.tree, root.clone());
        let outer_near = std::mem::replace(&mut self.near, root.clone());
        self.context.enter(call, fragment);
        for (at, child) in children(root.green(), TextSize::new(0)) {
            if let NodeOrToken::Node(child) = child {
                self.fragment_items(child, at);
            }
        }
        self.context.leave();
        self.tree = outer;
        self.near = outer_near;
    }

    /// Visits what a fragment's wrapping function holds, and not the function itself.
    fn fragment_items(&mut self, node: &GreenNodeData, offset: TextSize) {
        let content = self.context.macro_arguments();
        let range = TextRange::at(offset, node.text_len());
        if content.is_some_and(|content| content.contains_range(range)) {
            self.node(node, offset);
            return;
        }
        for (at, child) in children(node, offset) {
            match child {
                NodeOrToken::Node(child) => self.fragment_items(child, at),
                NodeOrToken::Token(token) => self.token(token, at),
            }
        }
    }

    fn has_trigger(&self, tree: &GreenNodeData) -> bool {
        let mut before = None;
        let mut rest = tree.children();
        while let Some(child) = rest.next() {
            let token = match child {
                NodeOrToken::Node(child) => {
                    before = None;
                    if self.has_trigger(child) {
                        return true;
                    }
                    continue;
                }
                NodeOrToken::Token(token) => token,
            };
            let kind = token_kind(token);
            // Loose tokens are single characters: `==` is two of them.
            let operator = match (before, kind) {
                (Some(SyntaxKind::EQ), SyntaxKind::EQ) => "==",
                (Some(SyntaxKind::BANG), SyntaxKind::EQ) => "!=",
                _ => token.text(),
            };
            before = Some(kind);
            let names_secret = kind == SyntaxKind::IDENT
                && takes_value(rest.clone())
                && self.rules.is_secret_trigger(token.text());
            if names_secret || self.rules.is_trigger(kind, operator) {
                return true;
            }
        }
        false
    }

    fn check_node(&mut self, due: Due, kind: SyntaxKind, range: TextRange) {
        if self.is_unasked(due) {
            return;
        }
        // What rules ask for next is mostly near to what they asked for before.
        let mut near = self.near.ancestors().find(|it| it.text_range().contains_range(range));
        // Nodes round the item are none of the walk's.
        if near.as_ref().is_none_or(|it| it.text_range().contains_range(self.tree.text_range())) {
            near = Some(self.tree.clone());
        }
        let Some(near) = near else { return };
        if let Some(node) = node_at(&near, kind, range).or_else(|| node_at(&self.tree, kind, range))
        {
            self.near = node.clone();
            self.run_check(due, |cx| due.check.node(node, cx));
        }
    }

    fn check_token(&mut self, due: Due, text: &str, offset: TextSize) {
        if !self.is_unasked(due)
            && let Some(token) = self.token_at(text, offset)
        {
            self.run_check(due, |cx| due.check.token(token, cx));
        }
    }

    /// Whether a rule is not to be called: it panicked, or the fixes of another one are wanted.
    fn is_unasked(&self, due: Due) -> bool {
        let (rule, _) = self.rules.rule(due.rule);
        self.context.request.as_ref().is_some_and(|request| !request.is_about(rule))
            || self.panicked.contains(&rule)
    }

    fn run_check(&mut self, due: Due, check: impl FnOnce(&mut Context<'_>)) {
        let (rule, level) = self.rules.rule(due.rule);
        self.context.rule = rule;
        self.context.level = level;
        let known = self.context.findings.len();
        if catch_unwind(AssertUnwindSafe(|| check(&mut self.context))).is_err() {
            self.context.findings.truncate(known);
            self.panicked.push(rule);
        }
    }

    fn token_at(&self, text: &str, offset: TextSize) -> Option<SyntaxToken> {
        self.tree.covering_element(TextRange::at(offset, TextSize::of(text))).into_token()
    }
}
