//! The fix: a `Debug` written by hand that does not show the secrets.

use super::ItemDerive;
use crate::analysis::fix::format::{laid_out_statement, style_of};
use crate::analysis::{Applicability, Fix, FixContext};
use crate::syntax::ast::{self, HasAttrs, HasGenericParams, HasName};
use crate::syntax::attrs::green_attrs;
use crate::syntax::green::compact_text;
use crate::syntax::{AstNode, Edition, SyntaxKind, SyntaxNode};
use crate::text::{FileRange, TextEdit, TextSize};

/// Replaces a derived `Debug` by one that does not show the fields of `secrets`.
pub fn redacting_impl(
    context: &FixContext<'_>,
    item: &SyntaxNode,
    derive: &ItemDerive,
    secrets: &[String],
) -> Option<Fix> {
    let item = ast::Struct::cast(item.clone())?;
    let edition_2015 = context.file.edition == Edition::Edition2015;
    let special = item.attrs().any(|attr| {
        let text = attr.syntax().text().to_string();
        text.contains("cfg") || text.contains("packed")
    });
    if edition_2015 || special || item.where_clause().is_some() {
        return None;
    }
    let name = item.name()?.text().to_string();
    let generics = lifetimes_only(&item)?;
    let fields = fields(&item)?;
    let text = context.text();
    let start = item.syntax().text_range().start();
    // Ranges of the item's tree are those of the file: no fix is offered inside macros.
    let line = text.get(..usize::from(start))?.rsplit('\n').next().unwrap_or_default();
    let indent: String = line.chars().take_while(|c| c.is_whitespace()).collect();
    let std = if is_no_std(context) { "core" } else { "std" };
    let builder = if item_is_tuple(&item) { "debug_tuple" } else { "debug_struct" };
    let mut body = String::new();
    for (field, accessor) in &fields {
        let shown = if secrets.contains(field) {
            "&\"[redacted]\"".to_string()
        } else {
            format!("&self.{accessor}")
        };
        let label = field.trim_start_matches("r#");
        let entry = if item_is_tuple(&item) {
            format!(".field({shown})")
        } else {
            format!(".field(\"{label}\", {shown})")
        };
        body.push_str(&format!("\n{indent}            {entry}"));
    }
    let chain = format!("f.{builder}(\"{name}\"){body}\n{indent}            .finish()");
    let flat: String = chain.split('\n').map(str::trim).collect();
    let style = style_of(&context.file.path, context);
    let chain = laid_out_statement(&flat, indent.len() + 8, &style).unwrap_or(chain);
    let code = format!(
        "\n\n{indent}impl {std}::fmt::Debug for {name}{generics} {{\
         \n{indent}    fn fmt(&self, f: &mut {std}::fmt::Formatter<'_>) -> {std}::fmt::Result {{\
         \n{indent}        {chain}\
         \n{indent}    }}\
         \n{indent}}}"
    );
    let code = if text.contains("\r\n") { code.replace('\n', "\r\n") } else { code };
    let edits = vec![
        TextEdit::delete(without_derive(&text, derive)?),
        TextEdit::insert(item.syntax().text_range().end(), code),
    ];
    let title = "Implement `Debug` with the secrets redacted".to_string();
    Some(context.here(title, Applicability::Suggested, edits))
}

fn item_is_tuple(item: &ast::Struct) -> bool {
    item.syntax().children().any(|node| node.kind() == SyntaxKind::TUPLE_FIELD_LIST)
}

/// `<'_, '_>` for a type whose parameters are two lifetimes; nothing when there are others.
fn lifetimes_only(item: &ast::Struct) -> Option<String> {
    let Some(list) = item.generic_param_list() else { return Some(String::new()) };
    let params: Vec<ast::GenericParam> = list.generic_params().collect();
    let lifetimes = params.iter().all(|param| matches!(param, ast::GenericParam::LifetimeParam(_)));
    if params.is_empty() {
        return Some(String::new());
    }
    lifetimes.then(|| format!("<{}>", vec!["'_"; params.len()].join(", ")))
}

/// Names and accessors of the fields; nothing when some of them are not always there.
fn fields(item: &ast::Struct) -> Option<Vec<(String, String)>> {
    let mut fields = Vec::new();
    let nodes = item
        .syntax()
        .descendants()
        .filter(|node| matches!(node.kind(), SyntaxKind::RECORD_FIELD | SyntaxKind::TUPLE_FIELD));
    for (number, node) in nodes.enumerate() {
        if green_attrs(node.green()).any(|attr| compact_text(attr).starts_with("#[cfg")) {
            return None;
        }
        let name = match ast::RecordField::cast(node) {
            Some(field) => field.name()?.text().to_string(),
            None => number.to_string(),
        };
        fields.push((name.clone(), name));
    }
    Some(fields)
}

fn is_no_std(context: &FixContext<'_>) -> bool {
    let folder = context.file.package.as_ref().map(|it| it.folder.clone()).unwrap_or_default();
    let root = if folder.is_empty() { "src/lib.rs".into() } else { format!("{folder}/src/lib.rs") };
    context.text_of(&root).is_some_and(|text| text.contains("no_std"))
}

/// The text to take out so that an attribute derives one trait less.
fn without_derive(text: &str, derive: &ItemDerive) -> Option<FileRange> {
    let size = |len: usize| TextSize::new(len as u32);
    if derive.alone {
        let range = derive.attr.text_range();
        let rest = text.get(usize::from(range.end())..)?;
        let space = rest.len() - rest.trim_start().len();
        return Some(FileRange::new(range.start(), range.end() + size(space)));
    }
    let rest = text.get(usize::from(derive.range.end())..)?;
    let trimmed = rest.trim_start();
    if let Some(after) = trimmed.strip_prefix(',') {
        let after = after.trim_start();
        if !after.starts_with(')') {
            let end = derive.range.end() + size(rest.len() - after.len());
            return Some(FileRange::new(derive.range.start(), end));
        }
    }
    let before = text.get(..usize::from(derive.range.start()))?;
    let comma = before.rfind(',')?;
    Some(FileRange::new(size(comma), derive.range.end()))
}
