//! Tokens, MACs, digests and passwords compared by an operation that stops at the first
//! difference: its timing tells how much of a guess was right.
//!
//! Whoever can send guesses and measure the answers finds a token or forges a MAC byte by byte,
//! with some hundred guesses for each byte. `==`, `contains` and look-ups in sets all stop early.
//!
//! ```rust,bad
//! fn authorize(provided_token: &str, config: &Config) -> bool {
//!     provided_token == config.api_token
//! }
//! ```
//!
//! Compare all bytes whatever the first ones are, with the `subtle` crate:
//!
//! ```rust
//! use subtle::ConstantTimeEq;
//!
//! fn authorize(provided_token: &str, config: &Config) -> bool {
//!     bool::from(provided_token.as_bytes().ct_eq(config.api_token.as_bytes()))
//! }
//! ```
//!
//! A MAC is best checked by its own crate: `Hmac::verify_slice` compares in constant time. The
//! tokens of parsers, public keys, ids, and digests that only tell contents apart are not
//! reported.

use crate::analysis::{Applicability, Area, Context, FileContext, FixContext};
use crate::analysis::{Fix, Interest, Report, Rule, Tier};
use crate::project::{Facts, derives};
use crate::rules::support::clues::{
    Clue, What, authenticates, clue, computes, is_about_parsing, is_expectation, is_restatement,
};
use crate::rules::support::imports::import_edit;
use crate::rules::support::manifest::dependency_edits;
use crate::rules::support::shape::{Binding, Kind, Shape, binding, self_type, surroundings};
use crate::rules::support::string_literal;
use crate::syntax::ast::{self, BinaryOp, CmpOp, HasArgList, HasName};
use crate::syntax::fragment::{is_assertion, macro_name};
use crate::syntax::imports::compact;
use crate::syntax::{AstNode, NodeOrToken, SourceFile, SyntaxElement, SyntaxKind, SyntaxNode};
use crate::text::{TextEdit, TextRange, TextSize};

pub static RULE: Rule = Rule {
    id: "non-constant-time-comparison",
    area: Area::Security,
    tier: Tier::High,
    source: include_str!("non_constant_time_comparison.rs"),
    interests: &[
        Interest::Equality,
        Interest::Kind(SyntaxKind::STRUCT),
        Interest::Method("eq"),
        Interest::Method("ne"),
        Interest::Method("eq_ignore_ascii_case"),
        Interest::Method("contains"),
        Interest::Method("contains_key"),
        Interest::Method("get"),
        Interest::Method("starts_with"),
        Interest::Method("ends_with"),
        Interest::Macro("matches"),
    ],
    check,
    ..Rule::SOURCE
};

fn check(element: &SyntaxElement, cx: &mut Context<'_>) {
    let Some(node) = element.as_node() else { return };
    if let Some(item) = ast::Struct::cast(node.clone()) {
        check_derive(&item, cx);
    } else if let Some(comparison) = ast::BinExpr::cast(node.clone()) {
        if !is_of_values(&comparison) {
            return;
        }
        let around: Vec<SyntaxNode> = cx.ancestors(node).collect();
        check_operator(&comparison, &around, (node, comparison.syntax().text_range()), cx);
    } else if node.kind() == SyntaxKind::MACRO_CALL {
        check_guard(node, cx);
    } else if let Some(call) = ast::MethodCallExpr::cast(node.clone()) {
        check_method(&call, cx);
    }
}

/// Whether the operands of a comparison are worth a look at what surrounds it.
fn is_of_values(comparison: &ast::BinExpr) -> bool {
    let (Some(left), Some(right)) = (comparison.lhs(), comparison.rhs()) else { return false };
    is_len(&left) && is_len(&right) || !is_constant(&left) && !is_constant(&right)
}

/// The guard of `matches!(value, pattern if guard)`, which is no argument of a function.
fn check_guard(call: &SyntaxNode, cx: &mut Context<'_>) {
    const OPEN: &str = "fn f(){";
    let Some(tree) = call.children().find(|it| it.kind() == SyntaxKind::TOKEN_TREE) else { return };
    let mut tokens = tree.children_with_tokens();
    let Some(guard) = tokens.find(|it| it.kind() == SyntaxKind::IF_KW) else { return };
    let (start, end) = (guard.text_range().end(), tree.text_range().end());
    let guard = tree.text().slice(TextRange::new(start, end) - tree.text_range().start());
    let guard = guard.to_string();
    let guard = guard.strip_suffix([')', ']', '}']).unwrap_or(&guard);
    let parsed = SourceFile::parse(&format!("{OPEN}{guard}}}"), cx.file().edition);
    for comparison in parsed.syntax_node().descendants().filter_map(ast::BinExpr::cast) {
        let inside = comparison.syntax().ancestors();
        let around = inside.take_while(|it| it.kind() != SyntaxKind::STMT_LIST);
        let around: Vec<SyntaxNode> = around.chain(cx.ancestors(call)).collect();
        let range = comparison.syntax().text_range() - TextSize::of(OPEN) + start;
        check_operator(&comparison, &around, (call, range), cx);
    }
}

/// `place` is a node that the rule was given and the range of the comparison in its tree.
fn check_operator(
    comparison: &ast::BinExpr,
    around: &[SyntaxNode],
    (node, range): (&SyntaxNode, TextRange),
    cx: &mut Context<'_>,
) {
    let Some(BinaryOp::CmpOp(CmpOp::Eq { negated })) = comparison.op_kind() else { return };
    let (Some(left), Some(right)) = (comparison.lhs(), comparison.rhs()) else { return };
    let place = Place::new(around, cx.file());
    let operator = if negated { "!=" } else { "==" };
    if leaks_length(&left, &right, &place) {
        let message =
            format!("`{operator}` on lengths ends a comparison meant to be constant-time");
        cx.report(node, Report::new(range, message).tier(Tier::Medium));
        return;
    }
    if is_constant(&left) || is_constant(&right) {
        return;
    }
    let zipped = zipped(&left, &right, around);
    let (left, right) = zipped.clone().unwrap_or((left, right));
    let is_element = zipped.is_some();
    let pairs: Vec<(ast::Expr, ast::Expr)> = match (&left, &right) {
        (ast::Expr::TupleExpr(a), ast::Expr::TupleExpr(b)) => a.fields().zip(b.fields()).collect(),
        _ => vec![(left.clone(), right.clone())],
    };
    let verdict = pairs.iter().find_map(|(left, right)| judge(left, right, &place)).or_else(|| {
        let told = is_element && place.claims_constant_time();
        told.then(|| Verdict { name: "the bytes".to_string(), shapes: Vec::new(), strong: true })
    });
    let Some(verdict) = verdict else { return };
    let message = verdict.message(operator);
    let Verdict { shapes, strong, .. } = verdict;
    let file_range = cx.file_range(range);
    let fixable = !is_element && pairs.len() == 1 && !place.in_const && may_edit(around);
    let sides = [Shape::of(&left, around), Shape::of(&right, around)];
    let fix_operands = (left, right);
    let report =
        Report::new(range, message).when(move |facts| is_plain_data(&shapes, strong, facts));
    let report = report.fix(move |fix| {
        let [left, right] = &sides;
        if !fixable {
            return Vec::new();
        }
        let operands = ((&fix_operands.0, left), (&fix_operands.1, right));
        ct_eq(operands, negated, file_range, fix).into_iter().collect()
    });
    cx.report(node, report);
}

fn check_method(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let (Some(receiver), Some(method)) = (call.receiver(), call.name_ref()) else { return };
    let mut arguments = call.arg_list().into_iter().flat_map(|list| list.args());
    let (Some(argument), None) = (arguments.next(), arguments.next()) else { return };
    if is_constant(&argument) || is_constant(&receiver) {
        return;
    }
    let around: Vec<SyntaxNode> = cx.ancestors(call.syntax()).collect();
    let place = Place::new(&around, cx.file());
    let method = method.text().to_string();
    let verdict = match method.as_str() {
        "eq" | "ne" | "eq_ignore_ascii_case" => judge(&receiver, &argument, &place),
        "contains" | "contains_key" | "get" => judge_lookup(&receiver, &argument, &place),
        _ => judge_affix(&receiver, &argument, &place),
    };
    let Some(verdict) = verdict else { return };
    let message = verdict.message(&method);
    let Verdict { shapes, strong, .. } = verdict;
    let range = call.syntax().text_range();
    let sides = [Shape::of(&receiver, &around), Shape::of(&argument, &around)];
    let file_range = cx.file_range(range);
    let fixable = matches!(method.as_str(), "eq" | "ne") && !place.in_const && may_edit(&around);
    let report =
        Report::new(range, message).when(move |facts| is_plain_data(&shapes, strong, facts));
    let report = report.fix(move |fix| {
        let [left, right] = &sides;
        if !fixable {
            return Vec::new();
        }
        let operands = ((&receiver, left), (&argument, right));
        ct_eq(operands, method == "ne", file_range, fix).into_iter().collect()
    });
    cx.report(call.syntax(), report);
}

/// `#[derive(PartialEq)]` on a type that wraps a secret: every `==` on it stops early.
fn check_derive(item: &ast::Struct, cx: &mut Context<'_>) {
    let Some(name) = item.name() else { return };
    let Some(clue) = type_clue(name.text(), cx.file()) else { return };
    if !clue.strong || !derives(item.syntax()).iter().any(|it| it == "PartialEq") {
        return;
    }
    let fields: Vec<ast::Type> = match item.field_list() {
        Some(ast::FieldList::TupleFieldList(list)) => {
            list.fields().filter_map(|it| it.ty()).collect()
        }
        Some(ast::FieldList::RecordFieldList(list)) => {
            list.fields().filter_map(|it| it.ty()).collect()
        }
        None => return,
    };
    let [field] = fields.as_slice() else { return };
    let ty = compact(field.syntax());
    let attrs = item.syntax().children().filter_map(ast::Attr::cast);
    let mut tokens = attrs.flat_map(|it| it.syntax().descendants_with_tokens());
    let derived = tokens.find_map(|it| match it {
        NodeOrToken::Token(token) if token.text() == "PartialEq" => Some(token.text_range()),
        _ => None,
    });
    let Some(range) = derived else { return };
    let message = format!("the derived `==` of `{}` stops at the first difference", name.text());
    let shape = Shape::Typed(ty);
    let holds =
        move |facts: &Facts| matches!(shape.kind(Some(facts)), Some(Kind::Text | Kind::Bytes));
    cx.report(item.syntax(), Report::new(range, message).when(holds));
}

/// What surrounds a comparison.
struct Place<'a> {
    around: &'a [SyntaxNode],
    file: &'a FileContext,
    /// The names of the functions around, innermost first.
    functions: Vec<String>,
    /// The type that `self` is.
    owner: Option<String>,
    /// In the method of `PartialEq`.
    in_partial_eq: bool,
    in_const: bool,
    in_assertion: bool,
    parses: bool,
}

impl<'a> Place<'a> {
    fn new(around: &'a [SyntaxNode], file: &'a FileContext) -> Self {
        let function = around.iter().find_map(|it| ast::Fn::cast(it.clone()));
        let functions: Vec<String> = around
            .iter()
            .filter_map(|it| ast::Fn::cast(it.clone())?.name())
            .map(|name| name.text().to_string())
            .collect();
        let of_trait = around.iter().find_map(|it| ast::Impl::cast(it.clone())?.trait_());
        let of_trait = of_trait.map(|it| it.syntax().text().to_string()).unwrap_or_default();
        let owner = self_type(around);
        let in_const = function.is_none_or(|it| it.const_token().is_some());
        let modules = around
            .iter()
            .filter_map(|it| ast::Module::cast(it.clone())?.name())
            .map(|it| it.text().to_string());
        let parses = modules
            .chain(functions.iter().cloned())
            .chain(owner.clone())
            .chain([file.path.clone()])
            .any(|it| is_about_parsing(&it));
        let in_assertion = around.iter().any(|it| {
            it.kind() == SyntaxKind::MACRO_CALL
                && macro_name(it).is_some_and(|name| is_assertion(&name))
        });
        Self {
            around,
            file,
            functions,
            owner,
            in_partial_eq: of_trait.contains("PartialEq"),
            in_const,
            in_assertion,
            parses,
        }
    }

    /// Whether the code around decides who may pass.
    fn authenticates(&self) -> bool {
        self.functions.iter().any(|it| authenticates(it))
    }

    /// Whether the function says of itself that it takes constant time.
    fn claims_constant_time(&self) -> bool {
        let function = self.around.iter().find(|it| it.kind() == SyntaxKind::FN);
        let text = function.map(|it| it.text().to_string().to_lowercase()).unwrap_or_default();
        ["constant_time", "constant-time", "constant time", "timing", "ct_eq", "secure_compare"]
            .iter()
            .any(|claim| text.contains(claim))
    }
}

/// A comparison that leaks.
struct Verdict {
    /// Of the secret.
    name: String,
    shapes: Vec<Shape>,
    strong: bool,
}

impl Verdict {
    fn message(&self, operation: &str) -> String {
        let quote = if self.name.contains(' ') { "" } else { "`" };
        let name = &self.name;
        format!(
            "comparing {quote}{name}{quote} with `{operation}` leaks by its timing how much of a guess is right"
        )
    }
}

/// One operand of a comparison.
struct Side {
    /// What it is called, and what the values that it was made of are called.
    names: Vec<String>,
    clue: Option<(Clue, String)>,
    shape: Shape,
}

impl Side {
    fn new(expr: &ast::Expr, place: &Place<'_>) -> Option<Self> {
        let mut names = Names { place, names: Vec::new(), clue: None };
        names.collect(expr, place.around, 0)?;
        let shape = Shape::of(expr, place.around);
        if shape.kind(None) == Some(Kind::Number) {
            return None;
        }
        let mut clue = names.clue;
        if clue.is_none()
            && let Some(Kind::Named(ty)) = shape.kind(None)
            && let Some(told) = type_clue(&ty, place.file)
        {
            let name = names.names.first().cloned().unwrap_or_else(|| ty.clone());
            clue = Some((told, name));
        }
        Some(Self { names: names.names, clue, shape })
    }

    fn any_name(&self, test: impl Fn(&str) -> bool) -> bool {
        self.names.iter().any(|name| test(name))
    }
}

fn judge(left: &ast::Expr, right: &ast::Expr, place: &Place<'_>) -> Option<Verdict> {
    if place.in_assertion {
        return None;
    }
    let (left, right) = (Side::new(left, place)?, Side::new(right, place)?);
    if place.in_partial_eq {
        return judge_equality_of_type(&left, &right, place);
    }
    let (best, other) = match (&left.clue, &right.clue) {
        (Some((a, _)), Some((b, _))) if b.strong && !a.strong => (&right, &left),
        (None, _) => (&right, &left),
        _ => (&left, &right),
    };
    let verdict = |name: &str, strong| {
        let shapes = vec![left.shape.clone(), right.shape.clone()];
        Some(Verdict { name: name.to_string(), shapes, strong })
    };
    let Some((clue, name)) = &best.clue else {
        // Neither side has a telling name: the function must say what this is about.
        let expected = left.any_name(is_expectation) || right.any_name(is_expectation);
        let named = place.functions.first().filter(|it| {
            authenticates(it) && crate::syntax::names::words(it).any(|word| is_secret_noun(&word))
        })?;
        let plain = |side: &Side| {
            matches!(side.shape.kind(None), Some(Kind::Text | Kind::Bytes))
                && !matches!(side.shape, Shape::Method(..))
        };
        let told = expected && (plain(&left) || plain(&right));
        return told.then(|| verdict(first_name(&left, &right, named), false)).flatten();
    };
    let restated = matches!(clue.what, What::Secret | What::Token)
        && (left.any_name(is_restatement) || right.any_name(is_restatement));
    if restated {
        return None;
    }
    if clue.strong {
        return verdict(name, true);
    }
    let paired = other.clue.as_ref().is_some_and(|(it, _)| it.what == clue.what)
        || other.any_name(is_expectation)
        || best.any_name(is_expectation);
    let supported = match clue.what {
        // `Tokens` may belong to a parser, but not where cryptographic code verifies them.
        What::Token | What::Secret if place.parses => place.file.critical && place.authenticates(),
        What::Token | What::Secret => paired || place.authenticates(),
        What::Fingerprint => {
            let of_key = place.file.critical || place.owner.as_deref().is_some_and(is_of_a_key);
            place.authenticates() || paired && of_key || best.any_name(is_of_a_key)
        }
        What::Mac => place.authenticates() || is_cryptographic(place),
        What::Signature | What::Digest | What::Code => {
            let verifies = ["verify", "validate"];
            let is_check =
                place.functions.first().is_some_and(|it| verifies.contains(&it.as_str()));
            place.authenticates() || paired && is_check
        }
    };
    supported.then(|| verdict(name, false)).flatten()
}

/// In `PartialEq` for a type only the type says whether the comparison is one of secrets.
fn judge_equality_of_type(left: &Side, right: &Side, place: &Place<'_>) -> Option<Verdict> {
    let owner = place.owner.as_deref()?;
    let clue = type_clue(owner, place.file)?;
    let name = owner.split('<').next().unwrap_or(owner).to_string();
    let shapes = vec![left.shape.clone(), right.shape.clone()];
    clue.strong.then_some(Verdict { name, shapes, strong: true })
}

/// A look-up by the secret itself, in a set or among the keys of a map.
fn judge_lookup(receiver: &ast::Expr, argument: &ast::Expr, place: &Place<'_>) -> Option<Verdict> {
    let argument = Side::new(argument, place)?;
    let (clue, name) = argument.clue.as_ref()?;
    if place.in_assertion || matches!(clue.what, What::Digest | What::Fingerprint | What::Signature)
    {
        return None;
    }
    let mut names = Names { place, names: Vec::new(), clue: None };
    names.collect(receiver, place.around, 0);
    let receiver_name = names.names.first()?;
    // The collection must be one of secrets: text is searched for words with the same methods.
    let of_secrets = crate::syntax::names::words(receiver_name).any(|word| {
        matches!(
            word.as_str(),
            "tokens" | "keys" | "apikeys" | "secrets" | "passwords" | "sessions" | "credentials"
        )
    });
    let certain = clue.strong || place.authenticates() && !place.parses;
    (of_secrets && certain).then(|| Verdict {
        name: name.clone(),
        shapes: vec![argument.shape.clone()],
        strong: clue.strong,
    })
}

/// `header.ends_with(token)`.
fn judge_affix(receiver: &ast::Expr, argument: &ast::Expr, place: &Place<'_>) -> Option<Verdict> {
    let argument = Side::new(argument, place)?;
    let (clue, name) = argument.clue.as_ref()?;
    if place.in_assertion || !clue.strong {
        return None;
    }
    let mut names = Names { place, names: Vec::new(), clue: None };
    names.collect(receiver, place.around, 0);
    // A line or a path is searched, a header or another secret is checked.
    let checked = names.clue.is_some()
        || names.names.iter().any(|it| {
            crate::syntax::names::words(it).any(|it| {
                matches!(it.as_str(), "header" | "auth" | "authorization" | "provided" | "cookie")
            })
        });
    (checked && place.authenticates()).then(|| Verdict {
        name: name.clone(),
        shapes: vec![argument.shape.clone()],
        strong: true,
    })
}

fn is_len(expr: &ast::Expr) -> bool {
    match expr {
        ast::Expr::MethodCallExpr(it) => it.name_ref().is_some_and(|it| it.text() == "len"),
        _ => false,
    }
}

/// A home-made comparison in constant time that returns at once when the lengths differ.
fn leaks_length(left: &ast::Expr, right: &ast::Expr, place: &Place<'_>) -> bool {
    if !is_len(left) || !is_len(right) {
        return false;
    }
    let Some(branch) = place.around.get(1).and_then(|it| ast::IfExpr::cast(it.clone())) else {
        return false;
    };
    let returns =
        branch.then_branch().is_some_and(|it| it.syntax().text().to_string().contains("return"));
    let Some(function) = place.around.iter().find(|it| it.kind() == SyntaxKind::FN) else {
        return false;
    };
    let by_hand = function
        .descendants_with_tokens()
        .any(|it| matches!(it.kind(), SyntaxKind::CARET | SyntaxKind::CARETEQ));
    returns && by_hand && place.claims_constant_time()
}

/// Whether an operand says that nothing secret is compared: literals, variants, `None`.
fn is_constant(expr: &ast::Expr) -> bool {
    match expr {
        ast::Expr::ParenExpr(it) => it.expr().is_some_and(|it| is_constant(&it)),
        ast::Expr::RefExpr(it) => it.expr().is_some_and(|it| is_constant(&it)),
        ast::Expr::PrefixExpr(it) => it.expr().is_some_and(|it| is_constant(&it)),
        ast::Expr::Literal(_) | ast::Expr::RecordExpr(_) | ast::Expr::CastExpr(_) => true,
        ast::Expr::ArrayExpr(_) => true,
        ast::Expr::BinExpr(_) | ast::Expr::ClosureExpr(_) | ast::Expr::RangeExpr(_) => true,
        ast::Expr::PathExpr(it) => {
            let name = it.path().and_then(|it| it.segment()).and_then(|it| it.name_ref());
            let name = name.map(|it| it.text().to_string()).unwrap_or_default();
            name.starts_with(char::is_uppercase) && name.chars().any(char::is_lowercase)
        }
        ast::Expr::CallExpr(it) => {
            let Some(path) = it.expr().map(|it| it.syntax().text().to_string()) else {
                return true;
            };
            let argument = it.arg_list().and_then(|list| list.args().next());
            match path.as_str() {
                "Some" | "Ok" | "Err" => argument.is_none_or(|it| is_constant(&it)),
                _ => path.rsplit("::").next().is_some_and(|it| it.starts_with(char::is_uppercase)),
            }
        }
        ast::Expr::MethodCallExpr(it) => {
            let method = it.name_ref().map(|it| it.text().to_string()).unwrap_or_default();
            match method.as_str() {
                "to_string" | "into" | "to_owned" | "as_bytes" | "to_vec" => {
                    it.receiver().is_some_and(|it| is_constant(&it))
                }
                "len" | "count" | "is_empty" | "is_some" | "is_none" | "kind" | "next" | "peek"
                | "id" | "ty" | "type_id" => true,
                _ => false,
            }
        }
        _ => false,
    }
}

/// `["token", "nonce"]`, as a slice or iterated over.
fn is_list_of_literals(expr: &ast::Expr) -> bool {
    match expr {
        ast::Expr::ParenExpr(it) => it.expr().is_some_and(|it| is_list_of_literals(&it)),
        ast::Expr::RefExpr(it) => it.expr().is_some_and(|it| is_list_of_literals(&it)),
        ast::Expr::MethodCallExpr(it) => it.receiver().is_some_and(|it| is_list_of_literals(&it)),
        ast::Expr::ArrayExpr(it) => it.exprs().all(|it| matches!(it, ast::Expr::Literal(_))),
        _ => false,
    }
}

/// The operands of `zip` when the comparison is that of their elements:
/// `a.iter().zip(b).all(|(x, y)| x == y)`.
fn zipped(
    left: &ast::Expr,
    right: &ast::Expr,
    around: &[SyntaxNode],
) -> Option<(ast::Expr, ast::Expr)> {
    let element = |expr: &ast::Expr| match bare(expr) {
        ast::Expr::PathExpr(it) => match binding(&it.syntax().text().to_string(), around)? {
            Binding::Element(ast::Expr::MethodCallExpr(call))
            | Binding::Part(ast::Expr::MethodCallExpr(call)) => Some(call),
            _ => None,
        },
        _ => None,
    };
    let (first, second) = (element(left)?, element(right)?);
    let is_zip = first.name_ref().is_some_and(|it| it.text() == "zip");
    if !is_zip || first != second {
        return None;
    }
    Some((first.receiver()?, first.arg_list()?.args().next()?))
}

/// The names that an expression goes by.
struct Names<'p, 'a> {
    place: &'p Place<'a>,
    names: Vec<String>,
    clue: Option<(Clue, String)>,
}

impl Names<'_, '_> {
    /// Collects the names of an expression and of what it was made of. Nothing is returned when
    /// they tell that the value is no secret.
    fn collect(&mut self, expr: &ast::Expr, around: &[SyntaxNode], depth: usize) -> Option<()> {
        if depth > 10 {
            return Some(());
        }
        match expr {
            ast::Expr::ParenExpr(it) => self.collect(&it.expr()?, around, depth + 1),
            ast::Expr::RefExpr(it) => self.collect(&it.expr()?, around, depth + 1),
            ast::Expr::PrefixExpr(it) => self.collect(&it.expr()?, around, depth + 1),
            ast::Expr::TryExpr(it) => self.collect(&it.expr()?, around, depth + 1),
            ast::Expr::AwaitExpr(it) => self.collect(&it.expr()?, around, depth + 1),
            ast::Expr::PathExpr(it) => self.path(it, around, depth),
            ast::Expr::FieldExpr(it) => {
                let name = it.name_ref()?.text().to_string();
                if name.starts_with(|c: char| c.is_ascii_digit()) {
                    return self.collect(&it.expr()?, around, depth + 1);
                }
                self.add(&name)
            }
            ast::Expr::IndexExpr(it) => match it.index()? {
                index @ (ast::Expr::PathExpr(_) | ast::Expr::Literal(_)) => {
                    match header_name(&index) {
                        Some(name) => self.add_header(&name),
                        None => self.collect(&it.base()?, around, depth + 1),
                    }
                }
                _ => self.collect(&it.base()?, around, depth + 1),
            },
            ast::Expr::MethodCallExpr(it) => self.method(it, around, depth),
            ast::Expr::CallExpr(it) => self.call(it, around, depth),
            ast::Expr::MacroExpr(it) => {
                // `format!("Bearer {}", token)`: the name among the arguments.
                let call = it.macro_call()?;
                let tokens = call.syntax().descendants_with_tokens();
                let texts: Vec<String> = tokens
                    .filter_map(NodeOrToken::into_token)
                    .flat_map(|token| match token.kind() {
                        SyntaxKind::IDENT => vec![token.text().to_string()],
                        SyntaxKind::STRING => {
                            crate::syntax::fragment::inline_captures(token.text())
                                .into_iter()
                                .map(|(name, _)| name)
                                .collect()
                        }
                        _ => Vec::new(),
                    })
                    .collect();
                for text in texts {
                    if clue(&text, self.place.file).is_some() {
                        self.add(&text);
                    }
                }
                Some(())
            }
            _ => Some(()),
        }
    }

    /// Adds a name; nothing is returned when it is that of something about a secret.
    fn add(&mut self, name: &str) -> Option<()> {
        self.names.push(name.to_string());
        let told = clue(name, self.place.file);
        if let Some(told) = told
            && self.clue.as_ref().is_none_or(|(old, _)| told.strong && !old.strong)
        {
            self.clue = Some((told, name.to_string()));
        }
        match told {
            None if is_about_a_secret(name) => None,
            _ => Some(()),
        }
    }

    fn add_header(&mut self, name: &str) -> Option<()> {
        let told = clue(name, self.place.file);
        self.names.push(name.to_string());
        if let Some(told) = told {
            // In a header a signature or a token is one that somebody presents.
            let told = Clue { strong: true, ..told };
            self.clue.get_or_insert((told, name.to_string()));
        }
        Some(())
    }

    fn path(&mut self, expr: &ast::PathExpr, around: &[SyntaxNode], depth: usize) -> Option<()> {
        let path = expr.path()?;
        let name = path.segment()?.name_ref().map(|it| it.text().to_string());
        let Some(name) = name else { return self.owner() };
        if name == "self" {
            return self.owner();
        }
        let bound = binding(&name, around);
        // One of several words of the program's own text, whatever they are about.
        if let Some(Binding::Element(list)) = &bound
            && is_list_of_literals(list)
        {
            return None;
        }
        let known = self.clue.is_some();
        self.add(&name)?;
        if path.qualifier().is_some() || (self.clue.is_some() && !known) {
            return Some(());
        }
        let (value, is_inner) = match bound {
            Some(Binding::Value(value)) => (value, false),
            Some(Binding::Inner(value) | Binding::Element(value)) => (value, true),
            _ => return Some(()),
        };
        if !is_inner && is_constant(&value) {
            return Some(());
        }
        let around = surroundings(value.syntax(), around);
        // What a value was made of may tell what it is, and cannot tell that it is no secret.
        self.collect(&value, &around, depth + 1);
        Some(())
    }

    fn owner(&mut self) -> Option<()> {
        let owner = self.place.owner.clone()?;
        self.names.push("self".to_string());
        if let Some(told) = type_clue(&owner, self.place.file) {
            self.clue.get_or_insert((told, owner));
        }
        Some(())
    }

    fn method(
        &mut self,
        call: &ast::MethodCallExpr,
        around: &[SyntaxNode],
        depth: usize,
    ) -> Option<()> {
        let method = call.name_ref()?.text().to_string();
        let argument = call.arg_list().and_then(|list| list.args().next());
        match method.as_str() {
            "get" | "header" | "get_header" | "typed_get" | "get_first" | "headers" | "remove"
                if argument.is_some() =>
            {
                match argument.as_ref().and_then(header_name) {
                    Some(name) => self.add_header(&name),
                    None => Some(()),
                }
            }
            "encode" | "encode_lower" | "decode" | "chain" | "or" => {
                let inner = argument.or_else(|| call.receiver())?;
                self.collect(&inner, around, depth + 1)
            }
            "as_bytes" | "as_ref" | "as_str" | "as_slice" | "as_deref" | "clone" | "to_string"
            | "to_owned" | "into" | "to_vec" | "trim" | "trim_start" | "trim_end"
            | "to_lowercase" | "to_uppercase" | "to_ascii_lowercase" | "unwrap" | "expect"
            | "unwrap_or" | "unwrap_or_default" | "unwrap_or_else" | "ok" | "iter"
            | "into_iter" | "as_mut" | "borrow" | "deref" | "get_ref" | "inner" | "into_inner"
            | "expose_secret" | "reveal" | "to_str" | "into_bytes" | "to_bytes" | "as_array"
            | "copied" | "cloned" | "map_err" | "ok_or" | "ok_or_else" | "context"
            | "with_context" | "strip_prefix" | "strip_suffix" | "trim_start_matches" | "map"
            | "and_then" | "filter" | "values" | "lock" | "read" | "chars" | "bytes" | "rev"
            | "to_hex" | "as_hex" | "first" | "last" | "as_deref_mut" | "value" | "enumerate"
            | "unsecure" | "secret" | "into_string" | "into_boxed_slice" | "find" | "zip" => {
                self.collect(&call.receiver()?, around, depth + 1)
            }
            "finalize" | "finalize_fixed" | "result" | "code" | "finalize_reset" | "finish"
            | "sign" => {
                let receiver = call.receiver()?;
                let mut origin = receiver.syntax().text().to_string();
                if let ast::Expr::PathExpr(path) = &receiver
                    && let Some(Binding::Value(value)) =
                        binding(&path.syntax().text().to_string(), around)
                {
                    origin.push_str(&value.syntax().text().to_string());
                }
                let told = crate::syntax::names::words(&origin)
                    .any(|word| word.contains("hmac") || word == "mac" || word == "cmac");
                if told || method == "sign" {
                    self.names.push(method.clone());
                    let what = if told { What::Mac } else { What::Signature };
                    self.clue.get_or_insert((Clue { what, strong: told }, method));
                }
                Some(())
            }
            _ => self.function(&method),
        }
    }

    fn call(&mut self, call: &ast::CallExpr, around: &[SyntaxNode], depth: usize) -> Option<()> {
        let path = call.expr()?.syntax().text().to_string();
        let name = path.rsplit("::").next().unwrap_or(&path).to_string();
        let argument = call.arg_list().and_then(|list| list.args().next());
        match name.as_str() {
            "Some" | "Ok" | "encode" | "decode" | "from_utf8" | "from" | "to_hex" | "from_str"
            | "from_bytes" | "from_slice" | "new" | "encode_lower" | "hex" | "from_utf8_lossy"
            | "black_box" => match argument {
                Some(argument) => self.collect(&argument, around, depth + 1),
                None => Some(()),
            },
            "digest" | "sha256" | "hash" | "sha256_hex" => {
                // The digest of a secret is as secret as what it proves.
                let mut inner = Names { place: self.place, names: Vec::new(), clue: None };
                if let Some(argument) = argument {
                    inner.collect(&argument, around, depth + 1);
                }
                if let Some((told, name)) = inner.clue.filter(|(told, _)| told.strong) {
                    self.names.push(name.clone());
                    self.clue.get_or_insert((told, name));
                }
                Some(())
            }
            _ => self.function(&name),
        }
    }

    /// What the name of a function says of the value that it returns.
    fn function(&mut self, name: &str) -> Option<()> {
        if let Some(told) = computes(name) {
            self.names.push(name.to_string());
            self.clue.get_or_insert((told, name.to_string()));
            return Some(());
        }
        let list: Vec<String> = crate::syntax::names::words(name).collect();
        let is_verb = list.len() > 1
            && matches!(
                list.first().map(String::as_str),
                Some(
                    "parse"
                        | "verify"
                        | "validate"
                        | "check"
                        | "decode"
                        | "is"
                        | "has"
                        | "find"
                        | "issue"
                        | "revoke"
                        | "store"
                        | "save"
                        | "delete"
                        | "create"
                        | "next"
                        | "peek"
                        | "current"
                        | "read"
                        | "write"
                        | "with"
                        | "set"
                        | "try"
                        | "split"
                        | "lookup"
                        | "count"
                        | "from"
                        | "to"
                        | "into"
                        | "as"
                        | "use"
                        | "skip"
                        | "insert"
                        | "new"
                        | "refresh"
                        | "consume"
                        | "send"
                        | "register"
                )
            );
        match is_verb {
            true => None,
            false => self.add(name),
        }
    }
}

/// The header or parameter that a literal or a constant names.
fn header_name(expr: &ast::Expr) -> Option<String> {
    match bare(expr) {
        literal @ ast::Expr::Literal(_) => string_literal(&literal),
        ast::Expr::PathExpr(it) => {
            let name = it.path()?.segment()?.name_ref()?.text().to_string();
            let is_const = name.chars().all(|c| !c.is_lowercase());
            is_const.then(|| name.to_lowercase())
        }
        _ => None,
    }
}

fn bare(expr: &ast::Expr) -> ast::Expr {
    let inner = match expr {
        ast::Expr::ParenExpr(it) => it.expr(),
        ast::Expr::RefExpr(it) => it.expr(),
        ast::Expr::PrefixExpr(it) if it.op_kind() == Some(ast::UnaryOp::Deref) => it.expr(),
        _ => None,
    };
    inner.map_or_else(|| expr.clone(), |inner| bare(&inner))
}

fn type_clue(name: &str, file: &FileContext) -> Option<Clue> {
    let name = name.trim_start_matches('&').split('<').next().unwrap_or_default();
    let name = name.rsplit("::").next().unwrap_or(name);
    match clue(name, file)? {
        // `Token` and `Signature` are the names of many types.
        Clue { what: What::Mac, strong: true } => clue(name, file),
        told @ Clue { strong: true, .. } => Some(told),
        _ => None,
    }
}

/// Names with a secret's word in them that are about it: `token_len`, `password_id`.
fn is_about_a_secret(name: &str) -> bool {
    let list: Vec<String> = crate::syntax::names::words(name).collect();
    list.len() > 1 && list.iter().any(|word| is_secret_noun(word))
}

fn is_secret_noun(word: &str) -> bool {
    matches!(
        word,
        "token"
            | "password"
            | "secret"
            | "mac"
            | "hmac"
            | "signature"
            | "passphrase"
            | "sig"
            | "passwd"
            | "pin"
            | "otp"
            | "totp"
            | "fingerprint"
            | "key"
            | "apikey"
    )
}

fn is_of_a_key(name: &str) -> bool {
    crate::syntax::names::words(name).any(|word| {
        matches!(word.as_str(), "key" | "cert" | "certificate" | "peer" | "host" | "pinned" | "tls")
    })
}

/// Whether the code around opens or checks sealed messages.
fn is_cryptographic(place: &Place<'_>) -> bool {
    place.functions.iter().any(|it| {
        crate::syntax::names::words(it).any(|word| {
            matches!(
                word.as_str(),
                "decrypt" | "unseal" | "open" | "verify" | "mac" | "aead" | "unprotect" | "cipher"
            )
        })
    })
}

fn first_name<'s>(left: &'s Side, right: &'s Side, function: &'s str) -> &'s str {
    let mut names = left.names.iter().chain(&right.names);
    names.find(|it| is_expectation(it)).map_or(function, String::as_str)
}

/// Whether the types, as far as the workspace tells them, are such that `==` stops early: bytes
/// and text, and not numbers, enums, or types that compare themselves in a way of their own.
fn is_plain_data(shapes: &[Shape], strong: bool, facts: &Facts) -> bool {
    shapes.iter().all(|shape| match shape.kind(Some(facts)) {
        Some(kind) => may_leak(&kind, strong, facts, 0),
        None => true,
    })
}

fn may_leak(kind: &Kind, strong: bool, facts: &Facts, depth: usize) -> bool {
    match kind {
        Kind::Text | Kind::Bytes => true,
        Kind::Number => false,
        Kind::Option(inner) => may_leak(inner, strong, facts, depth),
        Kind::Named(name) => {
            if facts.impls(name).any(|it| it.of_trait.starts_with("PartialEq")) || depth > 4 {
                return false;
            }
            let mut types = facts.types(name).peekable();
            if types.peek().is_none() {
                // `[char]` and tuples have no name to look up; other crates' types are unknown.
                return false;
            }
            types.all(|it| match it.fields.as_slice() {
                [] => false,
                [(_, ty)] => {
                    let kind = Shape::Typed(ty.clone()).kind(Some(facts));
                    kind.is_some_and(|kind| may_leak(&kind, strong, facts, depth + 1))
                }
                _ => strong,
            })
        }
    }
}

/// Whether the place can be edited: macros may give `==` a meaning of their own.
fn may_edit(around: &[SyntaxNode]) -> bool {
    around.iter().filter(|it| it.kind() == SyntaxKind::MACRO_CALL).all(|it| {
        macro_name(it).is_some_and(|name| {
            matches!(
                name.as_str(),
                "matches"
                    | "ensure"
                    | "format"
                    | "println"
                    | "eprintln"
                    | "write"
                    | "writeln"
                    | "vec"
                    | "select"
                    | "join"
                    | "try_join"
                    | "bail"
            )
        })
    })
}

type Operand<'a> = (&'a ast::Expr, &'a Shape);

fn ct_eq(
    (left, right): (Operand<'_>, Operand<'_>),
    negated: bool,
    range: TextRange,
    cx: &FixContext<'_>,
) -> Option<Fix> {
    let not = if negated { "!" } else { "" };
    let kinds = (left.1.kind(Some(cx.facts))?, right.1.kind(Some(cx.facts))?);
    let call = match kinds {
        (Kind::Option(a), Kind::Option(b)) => {
            let (option, kind, other) = match (some_argument(left.0), some_argument(right.0)) {
                (None, Some(other)) => ((left.0, left.1), a, (other, *b)),
                (Some(other), None) => ((right.0, right.1), b, (other, *a)),
                _ => return None,
            };
            // An option that is moved out of its place may be needed there.
            let ty = option.1.resolve(Some(cx.facts))?;
            let copied = ty.contains("<&") && !ty.contains("&mut");
            if !copied && !matches!(option.0, ast::Expr::MethodCallExpr(_) | ast::Expr::CallExpr(_))
            {
                return None;
            }
            let option = option.0.syntax().text().to_string();
            let value = bytes_of("it", &kind, false, false)?;
            let other = Text::of(&other.0, &other.1)?.argument;
            format!("{not}{option}.is_some_and(|it| bool::from({value}.ct_eq({other})))")
        }
        (a, b) => {
            let left = Text::of(left.0, &a)?.receiver;
            let right = Text::of(right.0, &b)?.argument;
            format!("{not}bool::from({left}.ct_eq({right}))")
        }
    };
    let mut edits = vec![TextEdit::replace(range, call)];
    let mut files = Vec::new();
    if let Some(import) = import_edit(cx.root, range.start(), "subtle::ConstantTimeEq") {
        edits.push(import);
        files = dependency_edits(cx, "subtle", "2")?;
    }
    let mut fix = cx.here("Compare in constant time", Applicability::Suggested, edits);
    fix.edits.extend(files);
    Some(fix)
}

/// The text of an operand of `ct_eq`.
struct Text {
    receiver: String,
    argument: String,
}

impl Text {
    fn of(expr: &ast::Expr, kind: &Kind) -> Option<Self> {
        let expr = bare(expr);
        let text = expr.syntax().text().to_string();
        let is_part = matches!(&expr, ast::Expr::IndexExpr(it)
            if matches!(it.index(), Some(ast::Expr::RangeExpr(_))));
        let is_slice = match &expr {
            ast::Expr::MethodCallExpr(it) => {
                it.name_ref().is_some_and(|it| matches!(it.text(), "as_bytes" | "as_slice"))
            }
            _ => false,
        };
        let simple = matches!(
            expr,
            ast::Expr::PathExpr(_)
                | ast::Expr::FieldExpr(_)
                | ast::Expr::MethodCallExpr(_)
                | ast::Expr::CallExpr(_)
                | ast::Expr::IndexExpr(_)
                | ast::Expr::MacroExpr(_)
                | ast::Expr::TryExpr(_)
                | ast::Expr::AwaitExpr(_)
        );
        if !simple {
            return None;
        }
        let receiver = bytes_of(&text, kind, is_part, is_slice)?;
        let borrowed = matches!(kind, Kind::Text) || is_slice;
        let argument = if borrowed { receiver.clone() } else { format!("&{receiver}") };
        Some(Self { receiver, argument })
    }
}

fn bytes_of(text: &str, kind: &Kind, is_part: bool, is_slice: bool) -> Option<String> {
    match kind {
        Kind::Text => Some(format!("{text}.as_bytes()")),
        Kind::Bytes if is_part || is_slice => Some(text.to_string()),
        Kind::Bytes => Some(format!("{text}[..]")),
        _ => None,
    }
}

/// The argument of `Some(…)`.
fn some_argument(expr: &ast::Expr) -> Option<ast::Expr> {
    let ast::Expr::CallExpr(call) = bare(expr) else { return None };
    let is_some = call.expr().is_some_and(|it| it.syntax().text() == "Some");
    call.arg_list()?.args().next().filter(|_| is_some)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{check, check_fix, no_fix, silent};

    #[test]
    fn operators_on_secrets_are_reported() {
        check(
            &RULE,
            r#"
fn tail(a: Token, b: &str) -> Result<bool, E> { Ok(a.api_token == b) }
                                                 //^^^^^^^^^^^^^^^^ non-constant-time-comparison: comparing `api_token` with `==` leaks by its timing how much of a guess is right
fn signed(token: &str) -> bool { sign(x) == token }
                               //^^^^^^^^^^^^^^^^ non-constant-time-comparison
fn login(password: &str, user: User) -> bool { user.password.as_str() != password }
                                             //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
fn decrypt(data: &[u8], tag: [u8; 4]) { if data[12..16] != tag {} }
                                         //^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
fn mac(a: &[u8], expected_mac: Vec<u8>) -> bool { a.as_slice() != expected_mac.as_slice() }
                                                //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
fn verify_webhook(sig: &str) -> bool { computed.as_bytes().eq(&sig) }
                                     //^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
fn token(token: &str, config: Config) -> bool { token == config.expected_token }
                                              //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
fn constant(key: &str) -> bool { key == ADMIN_API_KEY }
                               //^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
"#,
        );
    }

    #[test]
    fn guards_tuples_and_options_are_reported() {
        check(
            &RULE,
            r#"
fn guard(given: Option<String>, api_key: &str) {
    match given { Some(s) if s == api_key => {} _ => {} }
                           //^^^^^^^^^^^^ non-constant-time-comparison
    if matches!(given, Some(s) if s == api_key) {}
                                //^^^^^^^^^^^^ non-constant-time-comparison
}
fn tuple(u: &str, p: &str, c: &Config) -> bool { (u, p) == (c.user, c.password) }
                                               //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
fn tuple_guard(a: (A, B)) {
    match a { (u, p) if u == user && p == self.password => {} _ => {} }
                                   //^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
}
fn options(x: &str, guard: Option<String>) -> bool {
    if Some(x) == auth_token.as_deref() { return true; }
     //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
    header.ok() != Some(mac)
  //^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
}
fn header(headers: &HeaderMap, expected: &str) -> bool {
    if headers[AUTHORIZATION] == expected { return true; }
     //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
    let given = headers.get("x-api-key").and_then(|it| it.to_str().ok()).unwrap_or("");
    if given != expected { return false; }
     //^^^^^^^^^^^^^^^^^ non-constant-time-comparison
    format!("Bearer {}", self.access_token) == given
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
}
"#,
        );
    }

    #[test]
    fn elements_and_lookups_are_reported() {
        check(
            &RULE,
            r#"
fn authorize(token: &str, valid: &[String]) -> bool {
    self.valid_tokens.iter().any(|t| t == token)
                                   //^^^^^^^^^^ non-constant-time-comparison
        || self.tokens.contains(token)
         //^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison: comparing `token` with `contains` leaks by its timing how much of a guess is right
}
fn session(&self, session_token: &str) { self.sessions.get(session_token); }
                                       //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
fn affix(auth_header: &str) -> bool { check_auth(); auth_header.len() == 2 }
fn check_token(auth_header: &str, api_token: &str) -> bool { auth_header.ends_with(api_token) }
                                                           //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
/// Compares in constant time.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.iter().zip(b.iter()).all(|(a, b)| a == b)
                                      //^^^^^^ non-constant-time-comparison
}
fn hmacs(hmac: &[u8], b: &[u8]) -> bool { hmac.iter().zip(b).all(|(x, y)| x == y) }
                                                                        //^^^^^^ non-constant-time-comparison
fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
     //^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
        return false;
    }
    a.iter().zip(b).fold(0, |acc, (x, y)| acc | x ^ y) == 0
}
"#,
        );
    }

    #[test]
    fn the_other_side_the_function_or_the_origin_tells() {
        check(
            &RULE,
            r#"
fn origin(body: &[u8], given: &[u8]) -> bool {
    let mut mac = Hmac::<Sha256>::new_from_slice(key)?;
    mac.update(body);
    let result = mac.finalize().into_bytes();
    result[..] == *given
  //^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
}
fn function(expected: &str, actual: &str) -> bool {
    let computed = compute_signature(body);
    computed == actual
  //^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
}
fn verify_password(stored: &str, given: &str) -> bool { stored == given }
                                                      //^^^^^^^^^^^^^^^ non-constant-time-comparison
fn hashes(token: &str, known: &str) -> bool { sha256(access_token) == known }
                                            //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
struct Tag([u8; 4]);
impl PartialEq for SessionSecret { fn eq(&self, other: &Self) -> bool { self.0 == other.0 } }
                                                                      //^^^^^^^^^^^^^^^^^ non-constant-time-comparison: comparing `SessionSecret` with `==` leaks by its timing how much of a guess is right
#[derive(Debug, Clone, PartialEq, Eq)]
                     //^^^^^^^^^ non-constant-time-comparison: the derived `==` of `AccessToken` stops at the first difference
pub struct AccessToken(String);
fn by_type(a: PoolMac, b: PoolMac) -> bool { a == b }
                                           //^^^^^^ non-constant-time-comparison
#[derive(PartialEq)]
       //^^^^^^^^^ non-constant-time-comparison
struct PoolMac([u8; 16]);
"#,
        );
    }

    #[test]
    fn keys_and_cryptographic_code_tell_what_is_compared() {
        check(
            &RULE,
            r#"
//- src/crypto/address_token.rs
impl AddressTokens {
    fn issue(&self, addr: SocketAddr) -> [u8; 32] { self.mac(addr) }
    fn verify(&self, addr: SocketAddr, token: &[u8; 32]) -> bool { self.issue(addr) == *token }
                                                                 //^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
}
//- src/packages.rs
impl KeyPackages {
    fn knows(&self, package: &KeyPackage) -> bool {
        self.packages.iter().any(|known| known.fingerprint == package.fingerprint)
                                       //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ non-constant-time-comparison
    }
}
impl Files {
    fn knows(&self, file: &File) -> bool {
        self.files.iter().any(|known| known.fingerprint == file.fingerprint)
    }
}
"#,
        );
    }

    #[test]
    fn constants_variants_and_lengths_are_no_secrets() {
        silent(
            &RULE,
            r#"
use subtle::ConstantTimeEq;
fn f(token: Token, password: &str, api_key: Option<String>, mac: &[u8]) -> bool {
    token == Token::Comma || password == "" || api_key == None || token == TOKEN_WAKEUP
        || password.len() == other_password.len() && password.as_bytes().ct_eq(x).into()
        || token.kind() == other_token.kind() || mac_address == other || mac[0] == 0
        || token_count == max_tokens || token.id == other_token.id || password.is_empty() == y
        || memcmp::eq(mac, expected_mac) || constant_time_eq(mac, expected_mac)
        || ring::constant_time::verify_slices_are_equal(mac, expected_mac).is_ok()
        || mac.verify_slice(tag).is_ok() == ok || api_key == Some("x".into())
        || public_key == other.public_key || self.mode == Mode::Password
}
fn names(list: &[String]) -> bool {
    for secret in ["token", "nonce"] { if list.iter().any(|it| it == secret) { return true; } }
    false
}
fn number(auth_token: u64, other: u64) -> bool { auth_token == other }
fn change(password: &str) -> bool { password == confirm_password || new_token != self.old_token }
fn ct(a: &[u8], b: &[u8]) -> bool { a.len() == b.len() && ct_eq(a, b) }
fn search(line: &str, password: &str) -> bool { line.contains(password) || names.contains(&token) }
fn header(headers: H) -> bool { headers.get("authorization").unwrap().starts_with("Bearer ") }
fn verify_checksum(digest: &[u8], expected: &[u8]) -> bool { digest == expected }
fn cached(fingerprint: &str) -> bool { self.fingerprint == fingerprint }
fn etag(&self, other: &Self) -> bool { self.tag == other.tag }
fn assert() { assert!(api_key == other_key); }
"#,
        );
    }

    #[test]
    fn the_tokens_of_parsers_are_no_secrets() {
        silent(
            &RULE,
            r#"
//- src/parser.rs
impl Parser {
    fn expect(&mut self, token: TokenKind) -> bool { self.token == token }
    fn eat(&mut self, expected_token: &str) -> bool { self.next_token() == expected_token }
}
fn generate(token: u32, eos_token: u32) -> bool { token == eos_token }
//- src/lib.rs
#[cfg(test)]
mod tests { fn f() { password == other; } }
fn driver(token: mio::Token, other: mio::Token) -> bool { token == other }
fn vocabulary(token: &str) { vocab.get(token); tokens.get(token); }
"#,
        );
    }

    #[test]
    fn types_that_compare_in_their_own_way_are_left_alone() {
        silent(
            &RULE,
            r#"
struct Secret(Vec<u8>);
impl PartialEq for Secret { fn eq(&self, other: &Self) -> bool { self.0.ct_eq(&other.0).into() } }
#[derive(PartialEq)]
struct ExporterSecret { secret: Secret }
#[derive(PartialEq)]
enum AuthToken { A, B }
struct Keys { exporter_secret: ExporterSecret, auth_token: AuthToken, reset_token: u64 }
fn f(keys: &Keys, other: &Keys) -> bool {
    keys.exporter_secret == other.exporter_secret && keys.auth_token == other.auth_token
        && keys.reset_token == other.reset_token
}
type AccessToken = u64;
fn g(a: AccessToken, access_token: AccessToken) -> bool { a == access_token }
fn h(a: CtOutput<H>, mac: CtOutput<H>) -> bool { a == mac }
"#,
        );
    }

    const TITLE: &str = "Compare in constant time";

    #[test]
    fn the_fix_brings_the_import_and_the_dependency() {
        check_fix(
            &RULE,
            TITLE,
            r#"
//- Cargo.toml
[package]
name = "fixture"

[dependencies]
# hashes
sha2 = "0.10"
tokio = "1"
//- src/lib.rs
use std::fmt;

use sha2::Sha256;

fn f(api_token: &str, given: String) -> bool {
    api_token != given
}
"#,
            r#"
//- Cargo.toml
[package]
name = "fixture"

[dependencies]
# hashes
sha2 = "0.10"
subtle = "2"
tokio = "1"
//- src/lib.rs
use std::fmt;

use sha2::Sha256;
use subtle::ConstantTimeEq;

fn f(api_token: &str, given: String) -> bool {
    !bool::from(api_token.as_bytes().ct_eq(given.as_bytes()))
}
"#,
        );
    }

    #[track_caller]
    fn fixed(params: &str, before: &str, after: &str) {
        let file = |expr: &str| {
            format!(
                "use subtle::ConstantTimeEq;
struct Config {{ api_key: String }}
fn f({params}) -> bool {{ {expr} }}
"
            )
        };
        check_fix(&RULE, TITLE, &file(before), &file(after));
    }

    #[test]
    fn operands_are_compared_by_their_types() {
        fixed("mac: &[u8], b: [u8; 4]", "mac == b", "bool::from(mac[..].ct_eq(&b[..]))");
        fixed("mac: &Vec<u8>, b: &[u8]", "*mac != *b", "!bool::from(mac[..].ct_eq(&b[..]))");
        fixed(
            "mac: &[u8], b: &str",
            "mac[2..] == b.as_bytes()[..4]",
            "bool::from(mac[2..].ct_eq(&b.as_bytes()[..4]))",
        );
        fixed(
            "config: &Config, given: &str",
            "config.api_key.eq(given)",
            "bool::from(config.api_key.as_bytes().ct_eq(given.as_bytes()))",
        );
        fixed(
            "given: Option<&str>, api_key: &str",
            "given != Some(api_key)",
            "!given.is_some_and(|it| bool::from(it.as_bytes().ct_eq(api_key.as_bytes())))",
        );
        fixed(
            "api_key: &Option<String>, given: &str",
            "Some(given) == api_key.as_deref()",
            "api_key.as_deref().is_some_and(|it| bool::from(it.as_bytes().ct_eq(given.as_bytes())))",
        );
        fixed(
            "mac: GenericArray<u8, U32>, given: &[u8; 32]",
            "mac.as_slice() == given",
            "bool::from(mac.as_slice().ct_eq(&given[..]))",
        );
        fixed(
            "mac: Vec<u8>, given: Vec<u8>",
            "mac == given",
            "bool::from(mac[..].ct_eq(&given[..]))",
        );
        fixed(
            "mac: [u8; 4], given: [u8; 4]",
            "mac == given",
            "bool::from(mac[..].ct_eq(&given[..]))",
        );
        fixed(
            "headers: &HeaderMap, api_key: &str",
            "headers.get(\"x-api-key\").and_then(|it| it.to_str().ok()) == Some(api_key)",
            "headers.get(\"x-api-key\").and_then(|it| it.to_str().ok()).is_some_and(|it| bool::from(it.as_bytes().ct_eq(api_key.as_bytes())))",
        );
        fixed(
            "mac: &[u8], given: &str",
            "hex::encode(mac) == given",
            "bool::from(hex::encode(mac).as_bytes().ct_eq(given.as_bytes()))",
        );
    }

    #[test]
    fn unknown_types_get_no_fix() {
        no_fix(&RULE, "fn f(api_key: &str) -> bool { api_key == other() }");
        no_fix(&RULE, "fn f(api_key: Option<String>, b: &str) -> bool { api_key == Some(b) }");
        no_fix(&RULE, "const fn f(api_key: &[u8], b: &[u8]) -> bool { api_key == b }");
        no_fix(&RULE, "fn f(api_key: &str, b: &str) { filter!(api_key == b) }");
    }
}
