//! The values that the arguments of a formatting macro print.

use crate::semantics::secrets::SecretNames;
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::names::words;
use crate::syntax::{
    AstNode, NodeOrToken, SyntaxElement, SyntaxKind, SyntaxNode, T, TextRange, TextSize,
};

/// Methods whose result is another form of what they are called on.
const UNWRAPPING_METHODS: &[&str] = &[
    "as_bytes", "as_deref", "as_ref", "as_slice", "as_str", "borrow", "clone", "deref", "display",
    "expect", "into", "into_inner", "into_string", "iter", "to_owned", "to_string",
    "to_string_lossy", "to_vec", "trim", "unwrap", "unwrap_or", "unwrap_or_default",
];

/// Functions whose result is another form of their argument.
const UNWRAPPING_FUNCTIONS: &[&str] =
    &["Some", "encode", "encode_hex", "from", "from_utf8", "from_utf8_lossy", "to_hex"];

/// First words of methods that are named for what they do, and not for what they return.
const VERBS: &[&str] = &[
    "check", "count", "hash", "hashed", "into", "mask", "masked", "new", "next", "peek", "redact",
    "redacted", "set", "validate", "verify", "with",
];

/// A value that a macro prints.
pub struct PrintedValue {
    /// In the tree of the macro call.
    pub range: TextRange,
    pub access: Access,
    /// The name it is logged under, when one is given.
    pub field: Option<String>,
    /// What stands after the colon of its placeholder, or `?` for a `?` before it.
    pub spec: String,
}

/// How a value is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    Variable(String),
    /// A field, and the variable whose field it is.
    Field(String, Option<String>),
    /// A method without arguments, or one that reveals a secret.
    Method(String),
}

impl Access {
    /// The name of the variable, the field or the method.
    pub fn name(&self) -> &str {
        match self {
            Self::Variable(name) | Self::Field(name, _) | Self::Method(name) => name,
        }
    }
}

/// The values that a macro's arguments print, and the text of its message.
pub fn printed_values(
    tree: &SyntaxNode,
    name: &str,
    secret_names: &SecretNames,
) -> (Vec<PrintedValue>, String) {
    let mut values = Vec::new();
    let mut message: Option<Vec<Placeholder>> = None;
    let mut text = String::new();
    let mut position = 0;
    for (number, segment) in segments(tree).into_iter().enumerate() {
        if name == "ensure" && number == 0 {
            continue;
        }
        let only_string = segment.only_string();
        if let (None, Some((literal, start))) = (&message, &only_string) {
            let placeholders = placeholders(literal);
            for placeholder in &placeholders {
                if let Argument::Name(name) = &placeholder.argument
                    && let Some(range) = placeholder.range
                {
                    values.push(PrintedValue {
                        range: range + *start,
                        access: Access::Variable(name.clone()),
                        field: None,
                        spec: placeholder.spec.clone(),
                    });
                }
            }
            text = literal.clone();
            message = Some(placeholders);
            continue;
        }
        let Some(argument) = segment.argument() else { continue };
        let mut spec = argument.sigil.to_string();
        if let Some(placeholders) = &message {
            let used = placeholders.iter().find(|it| match (&it.argument, &argument.field) {
                (Argument::Position(at), None) => *at == position,
                (Argument::Name(name), Some(field)) => name == field,
                _ => false,
            });
            if let Some(used) = used {
                spec.push_str(&used.spec);
            }
            position += 1;
        }
        // Only a whole value and one that is named as a secret are looked at.
        let debug = name == "dbg" || spec.contains('?');
        if !debug && argument.field.is_none() && !secret_names.may_match(&argument.text) {
            continue;
        }
        let Some((access, range)) = access_of(&argument.text) else { continue };
        let range = range + argument.start;
        values.push(PrintedValue { range, access, field: argument.field, spec });
    }
    // A capture that is given as an argument is the argument.
    let named: Vec<String> = values.iter().filter_map(|it| it.field.clone()).collect();
    let is_argument = |value: &PrintedValue| {
        value.field.is_none() && named.iter().any(|it| it == value.access.name())
    };
    values.retain(|value| !(is_argument(value) && matches!(value.access, Access::Variable(_))));
    (values, text)
}

/// What stands between two commas of a macro's arguments.
struct Segment {
    /// Without white space and comments at its ends.
    elements: Vec<SyntaxElement>,
}

/// An argument without what a logging macro puts before the expression.
struct ArgumentText {
    field: Option<String>,
    sigil: &'static str,
    text: String,
    start: TextSize,
}

fn segments(tree: &SyntaxNode) -> Vec<Segment> {
    let mut segments = vec![Segment { elements: Vec::new() }];
    let mut elements: Vec<SyntaxElement> = tree.children_with_tokens().collect();
    let open = !elements.is_empty();
    if open {
        elements.remove(0);
    }
    if elements.last().is_some_and(|it| matches!(it.kind(), T![')'] | T![']'] | T!['}'])) {
        elements.pop();
    }
    for element in elements {
        let Some(last) = segments.last_mut() else { break };
        match element.kind() {
            T![,] => segments.push(Segment { elements: Vec::new() }),
            SyntaxKind::WHITESPACE | SyntaxKind::COMMENT if last.elements.is_empty() => {}
            _ => last.elements.push(element),
        }
    }
    for segment in &mut segments {
        while segment
            .elements
            .last()
            .is_some_and(|it| matches!(it.kind(), SyntaxKind::WHITESPACE | SyntaxKind::COMMENT))
        {
            segment.elements.pop();
        }
    }
    segments.retain(|segment| !segment.elements.is_empty());
    segments
}

impl Segment {
    fn only_string(&self) -> Option<(String, TextSize)> {
        let [NodeOrToken::Token(token)] = self.elements.as_slice() else { return None };
        let is_string = token.kind() == SyntaxKind::STRING;
        is_string.then(|| (token.text().to_string(), token.text_range().start()))
    }

    fn argument(&self) -> Option<ArgumentText> {
        let solid: Vec<(usize, SyntaxKind)> = self
            .elements
            .iter()
            .enumerate()
            .map(|(at, element)| (at, element.kind()))
            .filter(|(_, kind)| !matches!(kind, SyntaxKind::WHITESPACE | SyntaxKind::COMMENT))
            .collect();
        let kind = |at: usize| solid.get(at).map(|(_, kind)| *kind);
        // `target: "…"` and `parent: …` are no values.
        if kind(0) == Some(SyntaxKind::IDENT) && kind(1) == Some(T![:]) && kind(2) != Some(T![:]) {
            return None;
        }
        let mut at = 0;
        let mut field = None;
        let mut end = 0;
        while kind(end).is_some_and(|kind| matches!(kind, SyntaxKind::IDENT | T![.] | T![type])) {
            end += 1;
        }
        if end > 0 && kind(end) == Some(T![=]) && kind(end + 1) != Some(T![=]) {
            let last = solid.get(end - 1).and_then(|(at, _)| self.elements.get(*at));
            field = last.map(|element| element.to_string());
            at = end + 1;
        }
        let sigil = match kind(at) {
            Some(T![%]) => "%",
            Some(T![?]) => "?",
            _ => "",
        };
        at += usize::from(!sigil.is_empty());
        let first = solid.get(at)?.0;
        let rest = self.elements.get(first..)?;
        let text = rest.iter().map(|element| element.to_string()).collect();
        let start = rest.first()?.text_range().start();
        Some(ArgumentText { field, sigil, text, start })
    }
}

/// How an expression reaches the value it prints, with the range of the expression in its text.
fn access_of(text: &str) -> Option<(Access, TextRange)> {
    const BEFORE: &str = "fn f(){f(";
    if let Some(access) = simple_access(text) {
        return Some((access, TextRange::up_to(TextSize::of(text))));
    }
    let source = format!("{BEFORE}{text});}}");
    let file = ast::SourceFile::parse(&source, crate::syntax::Edition::CURRENT).tree();
    let arguments = file.syntax().descendants().find_map(ast::ArgList::cast)?;
    let mut all = arguments.args();
    let expr = all.next().filter(|_| all.next().is_none())?;
    let access = access_by(&expr)?;
    Some((access, expr.syntax().text_range() - TextSize::of(BEFORE)))
}

/// The access to a variable or to fields of one, which need no parser.
fn simple_access(text: &str) -> Option<Access> {
    let is_name = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && part.len() > 1
            && part.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_')
            && SyntaxKind::from_keyword(part, crate::syntax::Edition::CURRENT).is_none()
    };
    let mut parts = text.split('.');
    let first = parts.next().filter(|part| *part == "self" || is_name(part))?;
    let mut fields = 0;
    let mut last = first;
    for part in parts {
        if !is_name(part) {
            return None;
        }
        last = part;
        fields += 1;
    }
    Some(match fields {
        0 => Access::Variable(first.to_string()),
        1 => Access::Field(last.to_string(), Some(first.to_string())),
        _ => Access::Field(last.to_string(), None),
    })
}

fn access_by(expr: &ast::Expr) -> Option<Access> {
    match expr {
        ast::Expr::PathExpr(it) => {
            let path = it.path()?;
            let name = path.segment()?.name_ref()?.text().to_string();
            path.qualifier().is_none().then_some(Access::Variable(name))
        }
        ast::Expr::FieldExpr(it) => match it.name_ref()? {
            name if name.text().starts_with(|c: char| c.is_ascii_digit()) => access_by(&it.expr()?),
            name => {
                let receiver = match access_by(&it.expr()?) {
                    Some(Access::Variable(receiver)) => Some(receiver),
                    _ => None,
                };
                Some(Access::Field(name.text().to_string(), receiver))
            }
        },
        ast::Expr::RefExpr(it) => access_by(&it.expr()?),
        ast::Expr::ParenExpr(it) => access_by(&it.expr()?),
        ast::Expr::TryExpr(it) => access_by(&it.expr()?),
        ast::Expr::AwaitExpr(it) => access_by(&it.expr()?),
        ast::Expr::PrefixExpr(it) if it.op_kind() == Some(ast::UnaryOp::Deref) => {
            access_by(&it.expr()?)
        }
        ast::Expr::MethodCallExpr(it) => method_access(it),
        ast::Expr::CallExpr(it) => {
            let ast::Expr::PathExpr(path) = it.expr()? else { return None };
            let name = path.path()?.segment()?.name_ref()?.text().to_string();
            let mut arguments = it.arg_list()?.args();
            let first = arguments.next().filter(|_| arguments.next().is_none())?;
            let keeps = UNWRAPPING_FUNCTIONS.contains(&name.as_str());
            access_by(&first).filter(|_| keeps)
        }
        _ => None,
    }
}

fn method_access(call: &ast::MethodCallExpr) -> Option<Access> {
    let name = call.name_ref()?.text().to_string();
    let receiver = call.receiver()?;
    let mut arguments = call.arg_list()?.args();
    match name.as_str() {
        "expose_secret" | "reveal_secret" | "expose" | "unsecure" => {
            let inner = access_by(&receiver)?;
            let secret = SecretNames::default().kind(inner.name()).is_some();
            Some(if secret { inner } else { Access::Method("exposed_secret".to_string()) })
        }
        _ if UNWRAPPING_METHODS.contains(&name.as_str()) => access_by(&receiver),
        // An engine of the `base64` crate encodes its argument.
        "encode" => access_by(&arguments.next()?),
        _ if arguments.next().is_none() => {
            // A getter shows what it is named for; a verb before it says that it makes something.
            let first = words(&name).next()?;
            let verb = VERBS.contains(&first.as_str());
            (!verb).then_some(Access::Method(name))
        }
        _ => None,
    }
}

/// A `{…}` of a format string.
struct Placeholder {
    argument: Argument,
    /// What stands after the colon.
    spec: String,
    /// Of the name in the literal.
    range: Option<TextRange>,
}

enum Argument {
    Position(usize),
    Name(String),
}

/// The placeholders of a format string; `literal` is the token with its quotes.
fn placeholders(literal: &str) -> Vec<Placeholder> {
    let mut placeholders = Vec::new();
    let mut next = 0;
    let mut at = 0;
    while let Some(found) = literal.get(at..).and_then(|rest| rest.find('{')) {
        let open = at + found;
        let rest = literal.get(open + 1..).unwrap_or_default();
        if rest.starts_with('{') {
            at = open + 2;
            continue;
        }
        let Some(len) = rest.find('}') else { break };
        let inside = rest.get(..len).unwrap_or_default();
        at = open + 1 + len + 1;
        let (name, spec) = inside.split_once(':').unwrap_or((inside, ""));
        let lead = name.len() - name.trim_start().len();
        let name = name.trim();
        let (argument, range) = if name.is_empty() {
            next += 1;
            (Argument::Position(next - 1), None)
        } else if let Ok(position) = name.parse() {
            (Argument::Position(position), None)
        } else if name.chars().all(|c| c.is_alphanumeric() || c == '_') {
            let start = TextSize::new((open + 1 + lead) as u32);
            (Argument::Name(name.to_string()), Some(TextRange::at(start, TextSize::of(name))))
        } else {
            continue;
        };
        placeholders.push(Placeholder { argument, spec: spec.trim().to_string(), range });
    }
    placeholders
}
