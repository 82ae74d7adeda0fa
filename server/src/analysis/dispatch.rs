use std::sync::Arc;

use rowan::GreenNodeData;
use rustc_hash::{FxHashMap, FxHashSet};

use super::Context;
use super::practice::PRACTICES;
use super::rule::{Check, Code, NodeCheck, Query, Rule};
use crate::config::{Config, Date, Severity};
use crate::project::IndexSpec;
use crate::semantics::secrets::SecretNames;
use crate::syntax::green::{child_of_kind, first_token_text, has_token, own_name, path_name};
use crate::syntax::{AstNode, AstToken, SyntaxKind, SyntaxNode, SyntaxToken, ast};

type TextTest = fn(&str) -> bool;

/// A check that is due for a piece of code: which rule's, by its index in the set, and the check.
#[derive(Clone, Copy)]
pub(super) struct Due {
    pub rule: usize,
    pub check: AnyCheck,
}

/// A check by what it looks at.
#[derive(Clone, Copy)]
pub(super) enum AnyCheck {
    Node(&'static dyn NodeCheck),
    Method(Check<ast::MethodCallExpr>),
    Call(Check<ast::CallExpr>),
    Macro(Check<ast::MacroCall>),
    Block(Check<ast::BlockExpr>),
    Binary(Check<ast::BinExpr>),
    Comment(Check<ast::Comment>),
    Literal(Check<SyntaxToken>),
}

impl AnyCheck {
    /// Runs the check on a node; one that looks at tokens does nothing.
    pub fn node(self, node: SyntaxNode, cx: &mut Context<'_>) {
        fn cast<N: AstNode>(check: Check<N>, node: SyntaxNode, cx: &mut Context<'_>) {
            if let Some(node) = N::cast(node) {
                check(&node, cx);
            }
        }
        match self {
            Self::Node(check) => check.check(node, cx),
            Self::Method(check) => cast(check, node, cx),
            Self::Call(check) => cast(check, node, cx),
            Self::Macro(check) => cast(check, node, cx),
            Self::Block(check) => cast(check, node, cx),
            Self::Binary(check) => cast(check, node, cx),
            Self::Comment(_) | Self::Literal(_) => {}
        }
    }

    /// Runs the check on a token; one that looks at nodes does nothing.
    pub fn token(self, token: SyntaxToken, cx: &mut Context<'_>) {
        match self {
            Self::Comment(check) => {
                if let Some(comment) = ast::Comment::cast(token) {
                    check(&comment, cx);
                }
            }
            Self::Literal(check) => check(&token, cx),
            _ => {}
        }
    }
}

/// The checks of nodes of one kind.
#[derive(Clone, Default)]
struct OfKind {
    every: Vec<Due>,
    /// Those of nodes that bear the name of a secret.
    secret: Vec<Due>,
    /// Whether anything is wanted of the kind, be it for the name it calls.
    wanted: bool,
}

/// The rules that are on, arranged by what they want to see.
#[derive(Clone)]
pub struct RuleSet {
    rules: Vec<(&'static Rule, Severity)>,
    by_kind: Vec<OfKind>,
    methods: FxHashMap<&'static str, Vec<Due>>,
    calls: FxHashMap<&'static str, Vec<Due>>,
    macros: FxHashMap<&'static str, Vec<Due>>,
    unsafe_blocks: Vec<Due>,
    equalities: Vec<Due>,
    literals: Vec<(TextTest, Due)>,
    comments: Vec<(TextTest, Due)>,
    /// Identifiers and punctuation that make the arguments of a macro call worth parsing.
    triggers: FxHashSet<&'static str>,
    /// Whether a rule wants to see what bears the name of a secret.
    secret_rules: bool,
    index_spec: Arc<IndexSpec>,
    secret_names: SecretNames,
    /// The day on which suppressions are held against their ends.
    today: Option<Date>,
    /// Those that are about test code as well; nothing in that set itself.
    in_tests: Option<Box<RuleSet>>,
}

impl RuleSet {
    /// The rules of `all` that the settings leave on, at the severities they set.
    pub fn new(all: impl IntoIterator<Item = &'static Rule>, config: &Config) -> Self {
        let severity = |rule: &Rule| match config.rules.get(rule.id) {
            Some(level) => level.severity(),
            None => Some(rule.severity),
        };
        let all: Vec<&'static Rule> = all.into_iter().collect();
        // That of rules that are off as well: what is known of files outlasts the settings.
        let indexed = all.iter().flat_map(|rule| rule.indexed).copied();
        let indexed = indexed.chain(PRACTICES.iter().map(|it| it.shown_by));
        let index_spec = Arc::new(IndexSpec::new(indexed));
        let rules: Vec<_> = all.into_iter().filter_map(|it| Some((it, severity(it)?))).collect();
        let mut in_tests = rules.clone();
        in_tests.retain(|(rule, _)| rule.code == Code::Any);
        let in_tests = Self::of(in_tests, config);
        Self { in_tests: Some(Box::new(in_tests)), index_spec, ..Self::of(rules, config) }
    }

    fn of(rules: Vec<(&'static Rule, Severity)>, config: &Config) -> Self {
        let mut set = Self {
            rules: Vec::new(),
            by_kind: vec![OfKind::default(); SyntaxKind::__LAST as usize + 1],
            methods: FxHashMap::default(),
            calls: FxHashMap::default(),
            macros: FxHashMap::default(),
            unsafe_blocks: Vec::new(),
            equalities: Vec::new(),
            literals: Vec::new(),
            comments: Vec::new(),
            triggers: FxHashSet::default(),
            secret_rules: false,
            index_spec: Arc::default(),
            secret_names: SecretNames::new(&config.secret_words),
            today: config.today,
            in_tests: None,
        };
        for (index, (rule, _)) in rules.iter().enumerate() {
            for query in rule.queries {
                set.add(index, *query);
            }
        }
        set.rules = rules;
        set
    }

    /// What rules want to have found in the sources of the whole project.
    pub fn index_spec(&self) -> &IndexSpec {
        &self.index_spec
    }

    /// The day it is, when whoever checks tells it.
    pub(super) fn today(&self) -> Option<Date> {
        self.today
    }

    /// The rules for test code.
    pub(super) fn in_tests(&self) -> &Self {
        self.in_tests.as_deref().unwrap_or(self)
    }

    /// Whether no rule wants to see anything.
    pub(super) fn is_idle(&self) -> bool {
        self.rules.iter().all(|(rule, _)| rule.queries.is_empty())
    }

    fn add(&mut self, rule: usize, query: Query) {
        let due = |check| Due { rule, check };
        match query {
            Query::Node(check) => {
                for kind in kinds().filter(|kind| check.takes(*kind)) {
                    self.want(kind).every.push(due(AnyCheck::Node(check)));
                    self.triggers.extend(trigger_of(kind));
                }
            }
            Query::SecretName(check) => {
                for kind in kinds().filter(|kind| check.takes(*kind)) {
                    self.want(kind).secret.push(due(AnyCheck::Node(check)));
                }
                self.secret_rules = true;
            }
            Query::Method(names, check) => {
                self.want(SyntaxKind::METHOD_CALL_EXPR);
                add_names(&mut self.methods, names, due(AnyCheck::Method(check)));
                self.triggers.extend(names);
            }
            Query::Call(names, check) => {
                self.want(SyntaxKind::CALL_EXPR);
                add_names(&mut self.calls, names, due(AnyCheck::Call(check)));
                self.triggers.extend(names);
            }
            Query::Macro(names, check) => {
                self.want(SyntaxKind::MACRO_CALL);
                add_names(&mut self.macros, names, due(AnyCheck::Macro(check)));
                self.triggers.extend(names);
            }
            Query::UnsafeBlock(check) => {
                self.want(SyntaxKind::BLOCK_EXPR);
                self.unsafe_blocks.push(due(AnyCheck::Block(check)));
                self.triggers.insert("unsafe");
            }
            Query::Equality(check) => {
                self.want(SyntaxKind::BIN_EXPR);
                self.equalities.push(due(AnyCheck::Binary(check)));
                self.triggers.extend(trigger_of(SyntaxKind::BIN_EXPR));
            }
            Query::Comment(test, check) => {
                self.comments.push((test, due(AnyCheck::Comment(check))))
            }
            Query::Literal(test, check) => {
                self.literals.push((test, due(AnyCheck::Literal(check))))
            }
        }
    }

    /// Every rule that is on, and its severity.
    pub(super) fn all(&self) -> impl Iterator<Item = (&'static Rule, Severity)> {
        self.rules.iter().copied()
    }

    fn want(&mut self, kind: SyntaxKind) -> &mut OfKind {
        let of_kind = &mut self.by_kind[kind as usize];
        of_kind.wanted = true;
        of_kind
    }

    pub(super) fn first(&self) -> Option<&'static Rule> {
        self.rules.first().map(|(rule, _)| *rule)
    }

    pub(super) fn rule(&self, index: usize) -> (&'static Rule, Severity) {
        self.rules[index]
    }

    /// The ids of the rules that are on.
    pub(super) fn ids(&self) -> impl Iterator<Item = &'static str> {
        self.rules.iter().map(|(rule, _)| rule.id)
    }

    /// Whether a rule is on, and at which severity.
    pub fn severity(&self, rule: &Rule) -> Option<Severity> {
        self.rules.iter().find(|(it, _)| *it == rule).map(|(_, severity)| *severity)
    }

    /// Whether some rule may want to see a node of a kind.
    #[inline]
    pub(super) fn wants(&self, kind: SyntaxKind) -> bool {
        self.by_kind[kind as usize].wanted
    }

    /// The checks of every node of a kind.
    #[inline]
    pub(super) fn of_kind(&self, kind: SyntaxKind) -> &[Due] {
        &self.by_kind[kind as usize].every
    }

    /// The checks of a node for the name it calls, or for its operator.
    pub(super) fn of_name(&self, kind: SyntaxKind, node: &GreenNodeData) -> &[Due] {
        let found = match kind {
            SyntaxKind::METHOD_CALL_EXPR => child_of_kind(node, SyntaxKind::NAME_REF)
                .and_then(first_token_text)
                .and_then(|name| self.methods.get(name)),
            SyntaxKind::CALL_EXPR => child_of_kind(node, SyntaxKind::PATH_EXPR)
                .and_then(path_name)
                .and_then(|name| self.calls.get(name)),
            SyntaxKind::MACRO_CALL => path_name(node).and_then(|name| self.macros.get(name)),
            SyntaxKind::BLOCK_EXPR if has_token(node, SyntaxKind::UNSAFE_KW) => {
                Some(&self.unsafe_blocks)
            }
            SyntaxKind::BIN_EXPR
                if has_token(node, SyntaxKind::EQ2) || has_token(node, SyntaxKind::NEQ) =>
            {
                Some(&self.equalities)
            }
            _ => None,
        };
        found.map_or(&[], Vec::as_slice)
    }

    /// The checks of a node whose name may be that of a secret.
    pub(super) fn of_secret(&self, kind: SyntaxKind, node: &GreenNodeData) -> &[Due] {
        let rules = &self.by_kind[kind as usize].secret;
        let is_secret = |name| self.secret_names.may_match(name);
        if !rules.is_empty() && own_name(node).is_some_and(is_secret) { rules } else { &[] }
    }

    /// The checks of a string literal with a text.
    pub(super) fn of_literal<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Due> + 'a {
        self.literals.iter().filter(|(test, _)| test(text)).map(|(_, due)| *due)
    }

    /// The checks of a comment with a text.
    pub(super) fn of_comment<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Due> + 'a {
        self.comments.iter().filter(|(test, _)| test(text)).map(|(_, due)| *due)
    }

    /// Whether an identifier among the arguments of a macro call may be the name of a secret that
    /// rules want to see, provided that it is declared, assigned to or called.
    pub(super) fn is_secret_trigger(&self, name: &str) -> bool {
        self.secret_rules && self.secret_names.may_match(name)
    }

    /// Whether a token among the arguments of a macro call makes them worth parsing.
    pub(super) fn is_trigger(&self, kind: SyntaxKind, text: &str) -> bool {
        match kind {
            SyntaxKind::STRING | SyntaxKind::BYTE_STRING => self.of_literal(text).next().is_some(),
            SyntaxKind::COMMENT | SyntaxKind::WHITESPACE => false,
            _ => self.triggers.contains(text),
        }
    }
}

fn add_names(
    index: &mut FxHashMap<&'static str, Vec<Due>>,
    names: &'static [&'static str],
    due: Due,
) {
    for name in names {
        index.entry(name).or_default().push(due);
    }
}

/// Every kind of node and token.
fn kinds() -> impl Iterator<Item = SyntaxKind> {
    (0..SyntaxKind::__LAST as u16).map(SyntaxKind::from)
}

/// The tokens without which a node of a kind cannot be among the arguments of a macro call.
fn trigger_of(kind: SyntaxKind) -> &'static [&'static str] {
    match kind {
        SyntaxKind::BIN_EXPR => &["==", "!="],
        SyntaxKind::AWAIT_EXPR => &["await"],
        SyntaxKind::BLOCK_EXPR => &["unsafe"],
        SyntaxKind::LET_STMT | SyntaxKind::WILDCARD_PAT => &["let"],
        SyntaxKind::EXPR_STMT => &[";"],
        SyntaxKind::MATCH_ARM => &["=>"],
        _ => &[],
    }
}

impl std::fmt::Debug for RuleSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.rules.iter().map(|(rule, _)| rule)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Area;

    static RULE: Rule = Rule {
        id: "a",
        queries: &[Query::Method(&["unwrap"], |_, _| {}), Query::Equality(|_, _| {})],
        ..Rule::source(Area::Reliability)
    };

    #[test]
    fn a_rule_that_is_off_is_never_called() {
        let (config, _) = Config::parse("rules.a = \"off\"", &["a"]);
        let set = RuleSet::new([&RULE], &config);
        assert!(!set.wants(SyntaxKind::BIN_EXPR));
        assert!(!set.is_trigger(SyntaxKind::IDENT, "unwrap"));
    }

    #[test]
    fn only_rules_about_all_code_are_on_in_tests() {
        static ANY: Rule = Rule {
            id: "b",
            code: Code::Any,
            queries: &[Query::Method(&["unwrap"], |_, _| {})],
            ..Rule::source(Area::Reliability)
        };
        let set = RuleSet::new([&RULE, &ANY], &Config::default());
        let ids = |set: &RuleSet| set.all().map(|(rule, _)| rule.id).collect::<Vec<_>>();
        assert_eq!(ids(&set), ["a", "b"]);
        assert_eq!(ids(set.in_tests()), ["b"]);
        assert!(set.in_tests().wants(SyntaxKind::METHOD_CALL_EXPR));
        assert!(!set.in_tests().wants(SyntaxKind::BIN_EXPR));
    }

    #[test]
    fn the_settings_decide_the_tier() {
        let (config, _) = Config::parse("rules.a = \"critical\"", &["a"]);
        assert_eq!(RuleSet::new([&RULE], &config).severity(&RULE), Some(Severity::Critical));
        assert_eq!(
            RuleSet::new([&RULE], &Config::default()).severity(&RULE),
            Some(Severity::Medium)
        );
    }
}
