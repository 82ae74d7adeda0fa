//! The fixes: propagate the error, or log it.

use super::operation::{Kind, Operation};
use super::{Discarded, Form, fallible_call};
use crate::analysis::fix::format::{laid_out_header, style_of};
use crate::analysis::{Applicability, Context, Fix, FixContext};
use crate::semantics::execution::{is_async_block, is_item};
use crate::semantics::paths::{path_text, resolve_at};
use crate::syntax::ast::{self, HasAttrs, HasGenericArgs};
use crate::syntax::names::words;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};
use crate::text::{FileRange, TextEdit};

/// What the fixes need to know about the code, read when the finding is made.
pub struct Repair {
    /// Of the statement, in the file.
    statement: FileRange,
    text: String,
    indent: String,
    /// The error reaches the end of the value unchanged.
    keeps_error: bool,
    /// `?` compiles here.
    returns_io_error: bool,
    /// The name of the operation as words, for the log.
    describes: String,
    /// The name of the function, if it is one of the workspace.
    own: Option<String>,
}

impl Repair {
    pub fn new(ignored: &Discarded, operation: &Operation, cx: &mut Context<'_>) -> Self {
        let attributed = ast::LetStmt::cast(ignored.statement.clone())
            .is_some_and(|statement| statement.attrs().next().is_some());
        let before = ignored.statement.prev_sibling_or_token().and_then(|it| it.into_token());
        let before = before.map(|token| token.text().to_string()).unwrap_or_default();
        let mut call = Some(ignored.value.clone());
        if let Some(ast::Expr::AwaitExpr(it)) = &call {
            call = it.expr();
        }
        let unadapted = call.is_some_and(|it| {
            fallible_call(&it).is_some_and(|inner| inner.syntax() == it.syntax())
        });
        let std = matches!(operation.kind, Kind::File | Kind::Io { std: true });
        let is_statement = !matches!(ignored.by, Form::Branches | Form::Default);
        Self {
            statement: cx.file_range(ignored.statement.text_range()),
            text: ignored.value.syntax().text().to_string(),
            indent: before.rsplit('\n').next().unwrap_or_default().to_string(),
            keeps_error: unadapted && is_statement && !attributed && !cx.in_macro(),
            returns_io_error: std && returns_io_error(&ignored.statement, cx),
            describes: words(&operation.name).collect::<Vec<_>>().join(" "),
            own: matches!(operation.kind, Kind::Workspace(_)).then(|| operation.name.clone()),
        }
    }

    pub fn fixes(self, fix: &FixContext<'_>) -> Vec<Fix> {
        let mut fixes = Vec::new();
        if !self.keeps_error {
            return fixes;
        }
        if self.returns_io_error {
            let edits = vec![TextEdit::replace(self.statement, format!("{}?;", self.text))];
            let returned =
                fix.here("Propagate the error with `?`", Applicability::Suggested, edits);
            fixes.push(returned);
        }
        if let Some(sigil) = self.sigil(fix) {
            let Self { indent, describes, text, .. } = &self;
            let line = if fix.file.depends_on("tracing") {
                format!("tracing::warn!({sigil}error, \"could not {describes}\");")
            } else if fix.file.depends_on("log") {
                let format = if sigil == '%' { "{error}" } else { "{error:?}" };
                format!("log::warn!(\"could not {describes}: {format}\");")
            } else {
                return fixes;
            };
            let header = format!("if let Err(error) = {text} {{");
            let style = style_of(&fix.file.path, fix);
            let header = laid_out_header(&header, indent.len(), &style).unwrap_or(header);
            let code = format!("{header}\n{indent}    {line}\n{indent}}}");
            let edits = vec![TextEdit::replace(self.statement, code)];
            fixes.push(fix.here("Log the error", Applicability::Suggested, edits));
        }
        fixes
    }

    /// How a log macro can show the error: `%` by `Display`, `?` by `Debug`.
    fn sigil(&self, fix: &FixContext<'_>) -> Option<char> {
        let Some(name) = &self.own else { return Some('%') };
        let returns = fix.symbols.functions(name).find_map(|it| it.returns.clone())?;
        let head = returns.split('<').next().unwrap_or_default();
        if matches!(head, "anyhow::Result" | "io::Result" | "std::io::Result") {
            return Some('%');
        }
        let error = returns.rsplit(',').next()?.trim_end_matches('>');
        if error == returns {
            return None;
        }
        let mut definitions = fix.symbols.types(error).peekable();
        definitions.peek()?;
        let debug = definitions.all(|it| it.derives.iter().any(|name| name == "Debug"));
        if fix
            .symbols
            .impls(error)
            .any(|it| it.of_trait == "Display" || it.of_trait == "fmt::Display")
        {
            Some('%')
        } else {
            debug.then_some('?')
        }
    }
}

/// Whether `?` on a `std::io::Error` compiles in the body that a statement is in.
fn returns_io_error(statement: &SyntaxNode, cx: &mut Context<'_>) -> bool {
    let inside = cx.ancestors(statement).find(|node| {
        node.kind() == SyntaxKind::CLOSURE_EXPR || is_async_block(node) || is_item(node.kind())
    });
    let function = inside.and_then(ast::Fn::cast);
    let ty = function.and_then(|function| function.ret_type()).and_then(|it| it.ty());
    let Some(ast::Type::PathType(ty)) = ty else { return false };
    let Some(path) = ty.path() else { return false };
    let Some(name) = path_text(&path) else { return false };
    let arguments: Vec<ast::GenericArg> = path
        .segment()
        .and_then(|segment| segment.generic_arg_list())
        .map(|list| list.generic_args().collect())
        .unwrap_or_default();
    let resolved = resolve_at(cx, statement, &name);
    if let [_, error] = arguments.as_slice() {
        let text: String = error.syntax().text().to_string();
        let compact: String = text.split_whitespace().collect();
        let error = resolve_at(cx, statement, &compact);
        let any_result = matches!(
            resolved.as_str(),
            "Result" | "std::result::Result" | "anyhow::Result" | "eyre::Result"
        );
        return any_result
            && (matches!(error.as_str(), "std::io::Error" | "anyhow::Error" | "eyre::Report")
                || compact.starts_with("Box<dyn")
                    && compact.contains("Error")
                    && !text.contains('\''));
    }
    matches!(
        resolved.as_str(),
        "std::io::Result"
            | "tokio::io::Result"
            | "anyhow::Result"
            | "eyre::Result"
            | "color_eyre::Result"
            | "color_eyre::eyre::Result"
    )
}
