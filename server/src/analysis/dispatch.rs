use rowan::GreenNodeData;
use rustc_hash::{FxHashMap, FxHashSet};

use super::rule::{Code, Interest, Rule};
use crate::config::{Config, Severity};
use crate::syntax::SyntaxKind;
use crate::syntax::green::{child_of_kind, first_token_text, has_token, own_name, path_name};
use crate::syntax::names::may_be_secret;

type LiteralTest = fn(&str) -> bool;

/// The rules that want to see nodes of one kind.
#[derive(Debug, Clone, Default)]
struct OfKind {
    every: Vec<usize>,
    /// Those that bear the name of a secret.
    secret: Vec<usize>,
    /// Whether anything is wanted of the kind, be it for the name it calls.
    wanted: bool,
}

/// The rules that are on, arranged by what they want to see.
#[derive(Debug, Clone)]
pub struct RuleSet {
    rules: Vec<(&'static Rule, Severity)>,
    by_kind: Vec<OfKind>,
    methods: FxHashMap<&'static str, Vec<usize>>,
    calls: FxHashMap<&'static str, Vec<usize>>,
    macros: FxHashMap<&'static str, Vec<usize>>,
    unsafe_blocks: Vec<usize>,
    /// Identifiers and punctuation that make the arguments of a macro call worth parsing.
    triggers: FxHashSet<&'static str>,
    string_rules: bool,
    /// Whether a rule wants to see what bears the name of a secret.
    secret_rules: bool,
    secret_words: Vec<String>,
    literals: Vec<(usize, LiteralTest)>,
    comments: Vec<(usize, LiteralTest)>,
    equalities: Vec<usize>,
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
        let rules: Vec<_> = all.into_iter().filter_map(|it| Some((it, severity(it)?))).collect();
        let mut in_tests = rules.clone();
        in_tests.retain(|(rule, _)| rule.code == Code::Any);
        let in_tests = Self::of(in_tests, config);
        Self { in_tests: Some(Box::new(in_tests)), ..Self::of(rules, config) }
    }

    fn of(rules: Vec<(&'static Rule, Severity)>, config: &Config) -> Self {
        let mut set = Self {
            rules: Vec::new(),
            by_kind: vec![OfKind::default(); SyntaxKind::__LAST as usize + 1],
            methods: FxHashMap::default(),
            calls: FxHashMap::default(),
            macros: FxHashMap::default(),
            unsafe_blocks: Vec::new(),
            triggers: FxHashSet::default(),
            string_rules: false,
            secret_rules: false,
            secret_words: config.secret_words.clone(),
            literals: Vec::new(),
            comments: Vec::new(),
            equalities: Vec::new(),
            in_tests: None,
        };
        for (index, (rule, _)) in rules.iter().enumerate() {
            for interest in rule.interests {
                set.add(index, *interest);
            }
        }
        set.rules = rules;
        set
    }

    /// The rules for test code.
    pub(super) fn in_tests(&self) -> &Self {
        self.in_tests.as_deref().unwrap_or(self)
    }

    /// Whether no rule wants to see anything.
    pub(super) fn is_idle(&self) -> bool {
        self.rules.iter().all(|(rule, _)| rule.interests.is_empty())
    }

    fn add(&mut self, index: usize, interest: Interest) {
        match interest {
            Interest::Kind(kind) => {
                self.want(kind).every.push(index);
                self.triggers.extend(trigger_of(kind));
                self.string_rules |= kind == SyntaxKind::STRING;
            }
            Interest::Method(name) => {
                self.want(SyntaxKind::METHOD_CALL_EXPR);
                self.methods.entry(name).or_default().push(index);
                self.triggers.insert(name);
            }
            Interest::Call(name) => {
                self.want(SyntaxKind::CALL_EXPR);
                self.calls.entry(name).or_default().push(index);
                self.triggers.insert(name);
            }
            Interest::Macro(name) => {
                self.want(SyntaxKind::MACRO_CALL);
                self.macros.entry(name).or_default().push(index);
                self.triggers.insert(name);
            }
            Interest::UnsafeBlock => {
                self.want(SyntaxKind::BLOCK_EXPR);
                self.unsafe_blocks.push(index);
                self.triggers.insert("unsafe");
            }
            Interest::Secret(kind) => {
                self.want(kind).secret.push(index);
                self.secret_rules = true;
            }
            Interest::Comment(test) => self.comments.push((index, test)),
            Interest::Equality => {
                self.want(SyntaxKind::BIN_EXPR);
                self.equalities.push(index);
                self.triggers.extend(trigger_of(SyntaxKind::BIN_EXPR));
            }
            Interest::Literal(test) => self.literals.push((index, test)),
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

    /// Whether a rule is on, and at which severity.
    pub fn severity(&self, rule: &Rule) -> Option<Severity> {
        self.rules.iter().find(|(it, _)| *it == rule).map(|(_, severity)| *severity)
    }

    /// Whether some rule may want to see a node of a kind.
    #[inline]
    pub(super) fn wants(&self, kind: SyntaxKind) -> bool {
        self.by_kind[kind as usize].wanted
    }

    #[inline]
    pub(super) fn of_kind(&self, kind: SyntaxKind) -> &[usize] {
        &self.by_kind[kind as usize].every
    }

    /// The rules that want to see a node for the name it calls, or for its operator.
    pub(super) fn of_name(&self, kind: SyntaxKind, node: &GreenNodeData) -> &[usize] {
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

    /// The rules that want to see a node because its name may be that of a secret.
    pub(super) fn of_secret(&self, kind: SyntaxKind, node: &GreenNodeData) -> &[usize] {
        let rules = &self.by_kind[kind as usize].secret;
        let is_secret = |name| may_be_secret(name, &self.secret_words);
        if !rules.is_empty() && own_name(node).is_some_and(is_secret) { rules } else { &[] }
    }

    /// The rules that want to see a string literal for its text.
    pub(super) fn of_literal<'a>(&'a self, text: &'a str) -> impl Iterator<Item = usize> + 'a {
        self.literals.iter().filter(|(_, test)| test(text)).map(|(index, _)| *index)
    }

    /// The rules that want to see a comment.
    pub(super) fn of_comment<'a>(&'a self, text: &'a str) -> impl Iterator<Item = usize> + 'a {
        self.comments.iter().filter(|(_, test)| test(text)).map(|(index, _)| *index)
    }

    /// Whether an identifier among the arguments of a macro call may be the name of a secret that
    /// rules want to see, provided that it is declared, assigned to or called.
    pub(super) fn is_secret_trigger(&self, name: &str) -> bool {
        self.secret_rules && may_be_secret(name, &self.secret_words)
    }

    /// Whether a token among the arguments of a macro call makes them worth parsing.
    pub(super) fn is_trigger(&self, kind: SyntaxKind, text: &str) -> bool {
        match kind {
            SyntaxKind::STRING => self.string_rules || self.of_literal(text).next().is_some(),
            SyntaxKind::BYTE_STRING => self.of_literal(text).next().is_some(),
            SyntaxKind::COMMENT | SyntaxKind::WHITESPACE => false,
            _ => self.triggers.contains(text),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    static RULE: Rule = Rule {
        id: "a",
        interests: &[Interest::Method("unwrap"), Interest::Kind(SyntaxKind::BIN_EXPR)],
        ..Rule::SOURCE
    };

    #[test]
    fn a_rule_that_is_off_is_never_called() {
        let (config, _) = Config::parse("rules.a = \"off\"", &["a"]);
        let set = RuleSet::new([&RULE], &config);
        assert!(set.of_kind(SyntaxKind::BIN_EXPR).is_empty());
        assert!(!set.is_trigger(SyntaxKind::IDENT, "unwrap"));
    }

    #[test]
    fn only_rules_about_all_code_are_on_in_tests() {
        static ANY: Rule = Rule {
            id: "b",
            code: Code::Any,
            interests: &[Interest::Method("unwrap")],
            ..Rule::SOURCE
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
