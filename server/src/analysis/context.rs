use std::ops::{Deref, DerefMut};

use rustc_hash::{FxHashMap, FxHashSet};

use super::finding::{Condition, Confidence, Finding};
use super::fix::{Fix, FixContext};
use super::report::{Place, Report};
use super::rule::{Code, Rule};
use crate::config::Severity;
use crate::project::{Callers, SymbolIndex, base_name, is_named_as_double};
use crate::semantics::{NodeContext, Reach, is_critical_name};
use crate::syntax::ast::{self, HasName};
use crate::syntax::green::declared_name;
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};
use crate::text::{FileRange, TextRange};

/// Whose fixes are wanted, in place of findings.
pub(super) struct FixRequest<'a> {
    pub context: &'a FixContext<'a>,
    wanted: FxHashMap<Wanted, Offer>,
    rules: FxHashSet<&'static str>,
}

/// A finding whose fixes are wanted: the id of its rule, and its place.
pub(super) type Wanted = (&'static str, FileRange);

/// The fixes of a finding, or why a rule offers none, in a few words that can be counted.
#[derive(Debug, Clone, Default)]
pub struct Offer {
    /// The fixes, the best one first.
    pub fixes: Vec<Fix>,
    /// Why there is none, where the rule says so.
    pub declined: Option<&'static str>,
}

impl<'a> FixRequest<'a> {
    pub fn new(context: &'a FixContext<'a>, wanted: impl Iterator<Item = Wanted>) -> Self {
        let wanted: FxHashMap<_, _> = wanted.map(|it| (it, Offer::default())).collect();
        let rules = wanted.keys().map(|(id, _)| *id).collect();
        Self { context, wanted, rules }
    }

    /// Whether fixes of a rule are wanted.
    pub fn is_about(&self, rule: &Rule) -> bool {
        self.rules.contains(rule.id)
    }

    /// Takes out what was offered for a finding.
    pub fn take(&mut self, wanted: Wanted) -> Offer {
        self.wanted.remove(&wanted).unwrap_or_default()
    }
}

/// What a rule sees of the code around the node it was given, and where it reports.
pub struct Context<'a> {
    pub(super) node: NodeContext<'a>,
    pub(super) rule: &'static Rule,
    /// The severity that the settings give the rule.
    pub(super) level: Severity,
    pub(super) findings: Vec<Finding>,
    pub(super) request: Option<FixRequest<'a>>,
}

impl<'a> Deref for Context<'a> {
    type Target = NodeContext<'a>;

    fn deref(&self) -> &Self::Target {
        &self.node
    }
}

impl DerefMut for Context<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.node
    }
}

impl Context<'_> {
    /// Whether someone asks for the fixes of the running rule's finding at `range`, in the tree of
    /// the node that the rule was given. What only a fix needs is worth gathering only then.
    pub fn wants_fix(&self, range: TextRange) -> bool {
        let key = (self.rule.id, self.file_range(range));
        self.request.as_ref().is_some_and(|it| it.wanted.contains_key(&key))
    }

    fn in_file(&self, place: Place) -> FileRange {
        match place {
            Place::Tree(range) => self.file_range(range),
            Place::File(range) => range,
        }
    }

    /// Reports a finding at a place in the tree of `node`, unless the code around says that it is
    /// test code or that it is allowed.
    pub fn report(&mut self, node: &SyntaxNode, mut report: Report<'_>) {
        let range = self.in_file(report.place);
        if let Some(request) = &mut self.request {
            if let Some(offer) = request.wanted.get_mut(&(self.rule.id, range))
                && let Some(fixes) = report.source_fixes
            {
                request.context.declined.set(None);
                offer.fixes.extend(fixes(request.context));
                offer.declined = request.context.declined.get().or(offer.declined);
            }
            return;
        }
        let production_only = self.rule.code == Code::Production;
        let mut names_critical = self.file().critical;
        let mut conditions = Vec::new();
        let mut is_allowed_in_file = false;
        let mut double = None;
        for node in self.ancestors(node) {
            let marks = self.marks(&node);
            if production_only && marks.test {
                return;
            }
            if marks.lints.iter().any(|lint| covers(self.rule, lint)) {
                if node.kind() != SyntaxKind::SOURCE_FILE {
                    return;
                }
                is_allowed_in_file = true;
            }
            names_critical = names_critical || is_critical_item(&node);
            conditions.extend(marks.conditions.iter().cloned());
            double = double.or_else(|| own_type(&node).filter(|it| is_named_as_double(it)));
        }
        if let (true, Some(double)) = (production_only, double) {
            report = report.and_when(move |symbols| !symbols.is_test_double(&double));
        }
        if !conditions.is_empty() {
            let path = self.file().path.clone();
            let is_refused = move |symbols: &SymbolIndex| {
                symbols.file(&path).is_some_and(|file| file.refuses(&conditions))
            };
            report = report.and_when(move |symbols| !is_refused(symbols));
        }
        let (report, severity) = self.weighed(node, report, names_critical);
        let mut finding = report.finding(self.rule, severity, |place| self.in_file(place));
        finding.is_allowed_in_file = is_allowed_in_file;
        let caller = (severity >= Severity::High
            && self.rule.lowered_when_uncalled
            && production_only
            && !self.is_set())
        .then(|| self.function(node)?.name())
        .flatten();
        match caller {
            Some(name) => self.report_by_callers(finding, name.text()),
            None => self.findings.push(finding),
        }
    }

    /// Whether the settings give the rule a severity, which is meant for all its findings.
    fn is_set(&self) -> bool {
        self.level != self.rule.severity
    }

    /// A report with its severity, and why that is low, by where the code of `node` runs.
    fn weighed<'r>(
        &self,
        node: &SyntaxNode,
        mut report: Report<'r>,
        names_critical: bool,
    ) -> (Report<'r>, Severity) {
        let is_set = self.is_set();
        let own = if is_set { None } else { report.severity };
        let mut severity = own.unwrap_or(self.level);
        let reach = (self.rule.lowered_by_reach && !is_set).then(|| self.reach(node));
        let here = match reach {
            Some(Reach::Handling) => self.rule.handling_severity.or(self.rule.serving_severity),
            Some(Reach::Serving) => self.rule.serving_severity,
            _ => None,
        };
        if let (Some(here), None) = (here, report.severity) {
            severity = here;
        }
        if names_critical && self.rule.raised_when_critical && report.severity.is_none() {
            severity = severity.raised();
        }
        // No name proves that something is exploitable as it stands.
        if report.confidence < Confidence::Certain {
            severity = severity.min(Severity::High);
        }
        if severity > Severity::Low
            && let Some(reason) = reach.and_then(Reach::reason)
        {
            severity = severity.lowered();
            report = report.lowered(severity, reason);
        }
        let for_servers = self.rule.serious_in_servers && !is_set;
        if severity >= Severity::High && for_servers && self.is_no_server() {
            severity = Severity::Medium;
            report = report.lowered(severity, "not in a server");
        }
        (report, severity)
    }

    /// Whether the code is that of a program that does not serve.
    fn is_no_server(&self) -> bool {
        let file = self.file();
        !file.in_server() && file.package.as_ref().is_some_and(|it| it.has_program)
    }

    /// What is serious where it runs is not where nothing runs it. Who calls a function is known
    /// only once all files are: one of these findings will stand.
    fn report_by_callers(&mut self, finding: Finding, function: &str) {
        let cases = [
            (Callers::Any, finding.severity, None),
            (Callers::Commands, finding.severity.lowered(), Some("only commands call it")),
            (Callers::Nothing, Severity::Low, Some("nothing calls it")),
        ];
        for (callers, severity, reason) in cases {
            let mut finding = finding.clone();
            finding.severity = severity;
            if let Some(reason) = reason {
                finding.message = format!("{} ({reason})", finding.message).into();
            }
            let (path, function) = (self.file().path.clone(), function.to_string());
            let is_case = move |symbols: &SymbolIndex| symbols.callers(&path, &function) == callers;
            finding.condition = Some(Condition::and(finding.condition, is_case));
            self.findings.push(finding);
        }
    }
}

/// Whether allowing `lint` silences `rule`.
pub(super) fn covers(rule: &Rule, lint: &str) -> bool {
    rule.lints.contains(&lint)
        || (lint == "clippy::restriction" && rule.lints.iter().any(|it| it.starts_with("clippy::")))
}

/// The type that an item defines or implements.
fn own_type(node: &SyntaxNode) -> Option<String> {
    match node.kind() {
        SyntaxKind::IMPL => {
            let ty = ast::Impl::cast(node.clone())?.self_ty()?;
            Some(base_name(&compact(ty.syntax())).to_string())
        }
        SyntaxKind::STRUCT | SyntaxKind::ENUM => declared_name(node.green()).map(str::to_string),
        _ => None,
    }
}

fn is_critical_item(node: &SyntaxNode) -> bool {
    let name = if let Some(module) = ast::Module::cast(node.clone()) {
        module.name().map(|name| name.text().to_string())
    } else if let Some(function) = ast::Fn::cast(node.clone()) {
        function.name().map(|name| name.text().to_string())
    } else if let Some(item) = ast::Impl::cast(node.clone()) {
        item.self_ty().map(|ty| ty.syntax().text().to_string())
    } else {
        None
    };
    name.is_some_and(|name| is_critical_name(&name))
}
