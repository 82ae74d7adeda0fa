//! Calls of functions.

use super::bind::typed;
use super::checks::is_check;
use super::sinks::{PARSED, function_sink, harmful_part, is_shell, looks_like_sql, makes_decoder};
use super::sources::FILTER;
use super::value::{Kind, Number, Type, Value};
use super::{Need, Outside, Passed, Walk};
use crate::project::{short_path, without_generics};
use crate::syntax::AstNode;
use crate::syntax::ast;
use crate::syntax::imports::compact;

/// Functions that give what they are given in another form, by their names; sorted.
const KEEPING: &[&str] = &[
    "Err",
    "Ok",
    "Some",
    "as_ref",
    "borrow",
    "box",
    "concat",
    "copy_from_slice",
    "copy_to_bytes",
    "decode",
    "decode_utf8",
    "decode_utf8_lossy",
    "deserialize",
    "from",
    "from_base64",
    "from_bytes",
    "from_encoded_bytes_unchecked",
    "from_iter",
    "from_json",
    "from_owned",
    "from_reader",
    "from_request",
    "from_slice",
    "from_static",
    "from_str",
    "from_utf8",
    "from_utf8_lossy",
    "from_utf8_unchecked",
    "from_value",
    "into",
    "join",
    "new",
    "owned",
    "percent_decode",
    "percent_decode_str",
    "pin",
    "to_bytes",
    "to_owned",
    "to_string",
    "unescape",
    "unquote",
];

/// Types whose constructors keep what they are given as it is; a constructor of another type checks it.
const KEEPING_TYPES: &[&str] = &[
    "Arc", "Box", "Bytes", "Cow", "Cursor", "HeaderValue", "Html", "Json", "OsStr", "OsString",
    "Path", "PathBuf", "Pin", "Rc", "String", "Uri", "Url", "Utf8Path", "Utf8PathBuf", "Vec",
    "BufReader", "str", "form_urlencoded", "Some", "serde_json", "serde_yaml", "serde_urlencoded",
    "urlencoding", "percent_encoding", "hex", "base64", "toml", "body", "mem", "iter",
    "RelativePath", "StreamReader", "ReaderStream", "AllowStdIo",
];

impl Walk<'_> {
    pub(super) fn call(&mut self, call: &ast::CallExpr) -> Value {
        let Some(ast::Expr::PathExpr(callee)) = call.expr() else {
            self.eval_opt(call.expr());
            return Value {
                text: None,
                ..self.arguments(call).into_iter().fold(Value::default(), Value::or)
            };
        };
        let written = compact(callee.syntax());
        let arguments = self.arguments(call);
        let generics = written.split_once("::<").and_then(|(_, rest)| rest.rsplit_once('>'));
        let target = generics.map(|(ty, _)| ty.to_string());
        let path = self.resolve(&without_generics(&written));
        if let Some(value) = self.lookup(&path).cloned() {
            return value;
        }
        self.function_sinks(call, &path, &arguments);
        self.called(call, &path, &arguments, target)
    }

    fn function_sinks(&mut self, call: &ast::CallExpr, path: &str, arguments: &[Value]) {
        if let ([body], true) = (arguments, path.ends_with("body::to_bytes")) {
            self.hit(Kind::Whole, "to_bytes", call.syntax(), body);
        }
        let Some(sink) = function_sink(path) else { return };
        for value in sink.arguments.iter().filter_map(|at| arguments.get(*at)) {
            if sink.kind == Kind::Sql && value.text.is_some() && !looks_like_sql(value) {
                continue;
            }
            if let Some(value) = harmful_part(sink.kind, value) {
                self.hit(sink.kind, short_path(path), call.syntax(), &value);
            }
        }
    }

    /// What a function returns.
    fn called(
        &mut self,
        call: &ast::CallExpr,
        path: &str,
        arguments: &[Value],
        target: Option<String>,
    ) -> Value {
        let mut segments = path.rsplit("::");
        let name = segments.next().unwrap_or_default();
        let owner = segments.next().unwrap_or_default();
        let first = arguments.first().cloned().unwrap_or_default();
        if path.starts_with("warp::")
            && matches!(owner, "warp" | "path" | "query" | "body" | "header")
        {
            return Value::of_type(FILTER);
        }
        if makes_decoder(path) {
            return Value { ty: Some(Type::Written("Decoder".into())), text: None, ..first };
        }
        match (owner, name) {
            ("Command", "new") => return command(&first),
            ("OpenOptions", "new") | ("File", "options") => return Value::of_type("OpenOptions"),
            ("QueryBuilder", "new") => {
                return Value { ty: Some(Type::Written("QueryBuilder".into())), ..first };
            }
            (ty, "from_be_bytes" | "from_le_bytes") if Number::of(ty).is_some() => {
                return self.number(call, Number::of(ty));
            }
            ("cmp", "min") => return first.checked_for(super::Kinds::NUMBERS),
            (ty, "from" | "try_from") if Number::of(ty).is_some() => {
                let checked = if name == "try_from" {
                    super::Kinds::of(Kind::Cast)
                } else {
                    super::Kinds::default()
                };
                return Value { number: first.number.or(Number::of(ty)), ..first }
                    .checked_for(checked);
            }
            ("", "drop") => return Value::default(),
            _ => {}
        }
        if is_check(name) {
            arguments.iter().for_each(|it| self.check(it, super::Kinds::ALL));
            return Value { text: None, ..first.checked_for(super::Kinds::ALL) };
        }
        let keeps = KEEPING.binary_search(&name).is_ok();
        let is_variant = name.starts_with(char::is_uppercase);
        if is_variant || keeps && (owner.is_empty() || KEEPING_TYPES.contains(&owner)) {
            let mut value = match (is_variant, arguments) {
                (_, [_]) => first,
                _ => arguments.iter().cloned().fold(Value::constant(), |all, it| it.or(all)),
            };
            if matches!(owner, "Path" | "PathBuf" | "Utf8Path" | "Utf8PathBuf") {
                value = Value { ty: Some(Type::Written("PathBuf".into())), ..value.converted() };
            } else if !is_variant {
                value = value.converted();
            }
            return match target {
                Some(ty) if !is_variant => typed(value, &ty),
                _ => value,
            };
        }
        if matches!(
            name,
            "parse_str" | "from_str" | "try_from" | "parse" | "from_bytes" | "from_slice"
        ) {
            if owner == "Url" || owner == "Uri" {
                return first.converted();
            }
            // A type of its own checks what it is made of.
            return Value { text: None, ty: None, ..first.checked_for(PARSED) };
        }
        self.passed(call.clone().into(), path, arguments)
    }

    /// Notes that values are given to a function which may be one of the workspace, and what that
    /// may return.
    pub(super) fn passed(&mut self, call: ast::Expr, path: &str, arguments: &[Value]) -> Value {
        let mut returned = Value::default();
        for (parameter, value) in arguments.iter().enumerate() {
            if !value.is_from_source() {
                continue;
            }
            let checked = self.checked_of(value);
            let range = self.call_range(call.syntax());
            let in_tree = self.fragments.is_empty();
            if !self.known_passed.insert((range, parameter)) {
                continue;
            }
            let (call, value) = (call.clone(), value.clone());
            self.passed.push(Passed {
                call,
                in_tree,
                range,
                parameter,
                value: value.clone(),
                checked,
            });
            if path.is_empty() {
                continue;
            }
            let need = Need::Returned { callee: path.into(), parameter };
            let value = value.converted();
            let needs = value.needs.iter().cloned().chain([need]).collect();
            returned = Value { needs, text: None, number: None, ..value }.or(returned);
        }
        returned
    }

    /// What all sources of a value were checked for.
    fn checked_of(&self, value: &Value) -> super::Kinds {
        let mut checked = super::Kinds::ALL;
        for at in super::bits(value.sources) {
            let mut own = super::Kinds::default();
            let mut next = Some(at);
            while let Some(source) = next.and_then(|at| self.sources.get(at)) {
                own = own.and(source.checked);
                next = source.parent;
            }
            checked = checked.common(own);
        }
        checked.and(value.checked)
    }

    /// A number that is read out of bytes.
    pub(super) fn number(&mut self, call: &impl AstNode, number: Option<Number>) -> Value {
        let text = compact(call.syntax());
        let name = text.split(['(', ':']).next().unwrap_or_default().to_string();
        let name = name.rsplit('.').next().unwrap_or_default().to_string();
        let sources = self.source(call.syntax(), &name, Some(Outside::Author), None);
        Value { sources, number, ..Value::default() }
    }
}

/// A command that is not yet started.
fn command(program: &Value) -> Value {
    let shell = program.known_text().filter(|it| is_shell(it)).map(|_| false);
    // What a remote shell is given is a command.
    let shell = shell.map(|_| program.known_text().is_some_and(|it| it == "ssh"));
    Value { shell, ty: Some(Type::Written("Command".into())), ..Value::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted() {
        assert!(KEEPING.is_sorted());
    }
}
