//! Calls of methods.

use super::Walk;
use super::bind::typed;
use super::checks::is_check;
use super::expressions::root_name;
use super::sinks::{
    PARSED, REQUESTS, SQL_METHODS, harmful_part, is_shell, looks_like_sql, runs_next,
};
use super::sources::number_read;
use super::value::{Kind, Kinds, Nature, Number, Type, Value, nature};
use crate::syntax::ast::{self, HasArgList, HasGenericArgs};
use crate::syntax::imports::compact;
use crate::syntax::names::has_any_word;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

/// Methods whose result is none of the value that they are called on; sorted.
const FOREIGN: &[&str] = &[
    "app_data", "as_ptr", "cmp", "contains", "contains_key", "content_length", "count", "depot",
    "digest", "ends_with", "eq", "extension", "extensions", "extensions_mut", "finalize", "find",
    "hash", "hasher", "is_empty", "local_addr", "method", "ne", "partial_cmp", "peer_addr",
    "position", "remote_addr", "remove_extension", "rfind", "starts_with", "state", "status",
    "version",
];

/// Methods that make what they are given a part of the value that they are called on; sorted.
const ADDING: &[&str] = &[
    "and", "append", "chain", "concat", "extend", "extend_from_slice", "insert", "insert_str",
    "join", "or", "or_else", "push", "push_back", "push_str", "put", "put_slice", "replace",
    "replacen", "set_file_name", "set_path", "unwrap_or", "with_extension", "with_file_name",
    "write_all", "write_str", "zip",
];

/// Methods that change the value that they are called on.
const MUTATING: &[&str] = &[
    "append", "arg", "args", "extend", "extend_from_slice", "insert", "insert_str", "push",
    "push_back", "push_str", "put", "put_slice", "set_file_name", "write_all", "write_str",
];

/// Methods that give the same text in another form; sorted.
const KEEPING_TEXT: &[&str] = &[
    "as_bytes", "as_deref", "as_ref", "as_str", "borrow", "clone", "deref", "into",
    "into_boxed_str", "into_bytes", "into_owned", "into_string", "to_owned", "to_string", "to_vec",
    "trim",
];

/// Methods that give a part of a request; sorted.
const PARTS: &[&str] = &[
    "body",
    "body_bytes",
    "body_form",
    "body_json",
    "body_string",
    "body_text",
    "form",
    "headers",
    "into_body",
    "into_inner",
    "json",
    "match_info",
    "param",
    "params",
    "path",
    "path_parameters",
    "payload",
    "queries",
    "query",
    "query_string",
    "query_string_parameters",
    "text",
    "uri",
    "url",
];

/// Methods that read what a peer sent into their argument.
const READING: &[&str] = &[
    "peek", "read", "read_buf", "read_exact", "read_line", "read_to_end", "read_to_string", "recv",
    "recv_from", "recv_buf",
];

/// Methods whose closures are given an error, or nothing.
const WITHOUT_VALUE: &[&str] =
    &["inspect_err", "map_err", "ok_or_else", "or_else", "unwrap_or_else", "with_context"];

/// Methods whose result is what their closure gives.
const MAPPING: &[&str] =
    &["and_then", "filter_map", "flat_map", "map", "map_or", "map_or_else", "then"];

/// Methods and functions that fail on a value which is not as they expect.
const PARSING: &[&str] = &[
    "decode", "from_hex", "from_slice", "from_str", "from_utf8", "parse", "parse_from_str",
    "parse_str", "to_str",
];

impl Walk<'_> {
    pub(super) fn method_call(&mut self, call: &ast::MethodCallExpr) -> Value {
        let receiver = self.eval_opt(call.receiver());
        let Some(name) = call.name_ref().map(|it| it.text().to_string()) else { return receiver };
        let arguments = self.method_arguments(call, &name, &receiver);
        self.method_sinks(call, &name, &receiver, &arguments);
        self.check_by_method(&name, &receiver, &arguments);
        let value = self.result(call, &name, receiver, &arguments);
        self.mutate(call, &name, &value, &arguments);
        value
    }

    fn method_arguments(
        &mut self,
        call: &ast::MethodCallExpr,
        name: &str,
        receiver: &Value,
    ) -> Vec<Value> {
        let mut values = Vec::new();
        for argument in call.arg_list().into_iter().flat_map(|it| it.args()) {
            let value = match &argument {
                ast::Expr::ClosureExpr(closure) => {
                    let given = match WITHOUT_VALUE.contains(&name) {
                        true => Value::default(),
                        false => Value { text: None, ..receiver.clone() },
                    };
                    match name {
                        "fold" | "try_fold" => {
                            let first = values.first().cloned().unwrap_or_default();
                            self.closure(closure, &[first, given])
                        }
                        _ => self.closure(closure, &[given.clone(), given]),
                    }
                }
                other => self.eval(other),
            };
            values.push(value);
        }
        values
    }

    fn method_sinks(
        &mut self,
        call: &ast::MethodCallExpr,
        name: &str,
        receiver: &Value,
        arguments: &[Value],
    ) {
        let node = call.syntax();
        let first = arguments.first();
        if SQL_METHODS.binary_search(&name).is_ok() {
            for value in arguments.iter().take(2).filter(|it| looks_like_sql(it)) {
                self.hit(Kind::Sql, name, node, value);
            }
        }
        match (name, first) {
            ("push", Some(value)) if receiver.written_type() == Some("QueryBuilder") => {
                self.hit(Kind::Sql, "QueryBuilder::push", node, value);
            }
            ("open", Some(value)) if receiver.written_type() == Some("OpenOptions") => {
                self.hit(Kind::File, "OpenOptions::open", node, value);
            }
            ("uri", Some(value)) => {
                let builds = |it: ast::Expr| compact(it.syntax()).contains("Request::builder");
                if call.receiver().is_some_and(builds) {
                    self.part_hit(Kind::Host, name, node, value);
                }
            }
            ("reserve" | "reserve_exact" | "resize", Some(value)) => {
                self.part_hit(Kind::Capacity, name, node, value);
            }
            ("read_to_end" | "read_to_string", _) if receiver.written_type() == Some("Decoder") => {
                self.hit(Kind::Decompression, name, node, receiver);
            }
            ("decompress_vec", Some(value)) => self.hit(Kind::Decompression, name, node, value),
            ("insert" | "entry", Some(value)) => self.map_key(call, name, value),
            ("unwrap" | "expect", _) => {
                let parsed = call.receiver().is_some_and(|it| is_parsing(&it));
                if parsed {
                    self.hit(Kind::Panic, name, node, &Value { number: None, ..receiver.clone() });
                }
            }
            _ => {}
        }
        self.whole_reads(call, name, receiver, first);
        if REQUESTS.binary_search(&name).is_ok() && is_client(call, receiver) {
            let url = if name == "request" { arguments.get(1) } else { first };
            if let Some(url) = url {
                self.part_hit(Kind::Host, name, node, url);
            }
        }
        if matches!(name, "arg" | "args" | "raw_arg") && receiver.shell == Some(true) {
            for value in arguments {
                self.hit(Kind::Shell, name, node, value);
            }
        } else if name == "args" && receiver.shell.is_some() {
            self.shell_arguments(call);
        }
        self.location(call, name, arguments);
    }

    /// Streams that are read to their end.
    fn whole_reads(
        &mut self,
        call: &ast::MethodCallExpr,
        name: &str,
        receiver: &Value,
        first: Option<&Value>,
    ) {
        let is_decoder = receiver.written_type() == Some("Decoder");
        // A number is a limit, as that of quinn.
        let argument = call.arg_list().and_then(|it| it.args().next());
        let fills = matches!(argument, Some(ast::Expr::RefExpr(_)));
        match (name, first) {
            ("read_to_end" | "read_to_string" | "read_line" | "read_until", Some(_))
                if !is_decoder && fills =>
            {
                self.hit(Kind::Whole, name, call.syntax(), receiver);
            }
            ("collect", None) => {
                let ty = receiver.written_type().unwrap_or_default();
                let is_body = ["Request", "Incoming", "Body"].iter().any(|it| ty.contains(it));
                let is_awaited =
                    call.syntax().parent().is_some_and(|it| ast::AwaitExpr::can_cast(it.kind()));
                if is_body && is_awaited {
                    self.hit(Kind::Whole, name, call.syntax(), receiver);
                }
            }
            ("extend_from_slice" | "extend" | "put" | "put_slice" | "push_str", Some(chunk))
                if in_reading_loop(call.syntax()) =>
            {
                self.hit(Kind::Whole, name, call.syntax(), chunk);
            }
            _ => {}
        }
    }

    fn part_hit(&mut self, kind: Kind, sink: &str, node: &SyntaxNode, value: &Value) {
        if let Some(part) = harmful_part(kind, value) {
            self.hit(kind, sink, node, &part);
        }
    }

    /// `.args(["-c", &command])`
    fn shell_arguments(&mut self, call: &ast::MethodCallExpr) {
        let list = call.arg_list().and_then(|it| it.args().next());
        let array = list.and_then(|it| it.syntax().descendants().find_map(ast::ArrayExpr::cast));
        let mut runs = false;
        for entry in array.into_iter().flat_map(|it| it.exprs()) {
            let value = self.eval(&entry);
            if runs {
                self.hit(Kind::Shell, "args", call.syntax(), &value);
            }
            runs = runs || value.known_text().is_some_and(|it| runs_next(&it));
        }
    }

    /// `.insert_header((LOCATION, target))`, `.header("Location", target)`
    fn location(&mut self, call: &ast::MethodCallExpr, name: &str, arguments: &[Value]) {
        if !matches!(
            name,
            "insert_header" | "append_header" | "header" | "insert" | "set_header" | "append"
        ) {
            return;
        }
        let Some(first) = call.arg_list().and_then(|it| it.args().next()) else { return };
        let (key, value) = match &first {
            ast::Expr::TupleExpr(it) => {
                let key = it.fields().next();
                (
                    key,
                    arguments
                        .first()
                        .and_then(|it| it.fields.as_ref()?.get(1).map(|it| it.1.clone())),
                )
            }
            other => (Some(other.clone()), arguments.get(1).cloned()),
        };
        let key = key.map(|it| compact(it.syntax()).to_lowercase()).unwrap_or_default();
        let is_location =
            key.rsplit("::").next().is_some_and(|it| it.trim_matches('"') == "location");
        if let Some(value) = value.filter(|_| is_location) {
            self.part_hit(Kind::Redirect, "Location", call.syntax(), &value);
        }
    }

    /// A key of a map that outlives the function.
    fn map_key(&mut self, call: &ast::MethodCallExpr, name: &str, key: &Value) {
        let Some(receiver) = call.receiver() else { return };
        if name == "insert" && call.arg_list().is_none_or(|it| it.args().count() > 2) {
            return;
        }
        if let Some(field) = kept_field(&receiver) {
            self.hit(Kind::MapKey, &field, call.syntax(), key);
        }
    }

    fn result(
        &mut self,
        call: &ast::MethodCallExpr,
        name: &str,
        receiver: Value,
        arguments: &[Value],
    ) -> Value {
        let first = || arguments.first().cloned().unwrap_or_default();
        if let Some(number) = number_read(name).filter(|_| arguments.is_empty()) {
            return self.number(call, Some(number));
        }
        if matches!(name, "arg" | "args") && receiver.written_type() == Some("Command") {
            return commanded(receiver, name, arguments);
        }
        if receiver.written_type() == Some("QueryBuilder") {
            let keeps = matches!(name, "push" | "push_values");
            return if keeps { receiver.with(first()) } else { receiver };
        }
        match name {
            "accept" | "incoming" if arguments.is_empty() => {
                let peer = Some(super::Outside::Peer);
                let sources = self.source(call.syntax(), "the connection", peer, None);
                return Value { sources, ..Value::default() };
            }
            "file_name" if !is_upload(&receiver) => {
                return receiver.converted().checked_for(Kinds::of(Kind::File));
            }
            "enclosed_name" | "mangled_name" => {
                return receiver.converted().checked_for(Kinds::of(Kind::File));
            }
            "next_field" | "try_next" | "field" => {
                return Value { ty: Some(Type::Written("Field".into())), text: None, ..receiver };
            }
            "len" => {
                let number = Number::of("usize");
                return Value { number, ty: None, text: None, ..receiver }
                    .checked_for(Kinds::of(Kind::Capacity));
            }
            "min" | "clamp" | "rem_euclid" | "checked_rem" => {
                return receiver.or(first()).checked_for(Kinds::NUMBERS);
            }
            "take" | "truncate" | "limit" if !arguments.is_empty() => {
                return receiver.checked_for(Kinds::NUMBERS);
            }
            "parse" | "parse_into" => return parsed(call, receiver),
            "bytes" | "chars" | "as_bytes" => return receiver.converted(),
            "unwrap_or_else" | "or_else" => return receiver.or(first()),
            _ => {}
        }
        if FOREIGN.binary_search(&name).is_ok() {
            return Value::default();
        }
        if MAPPING.contains(&name) && !arguments.is_empty() {
            let items = receiver.items | receiver.sources;
            return Value { items, ..mapped(call, receiver, arguments) };
        }
        if ADDING.contains(&name) {
            return receiver.converted().with_all(arguments, name == "join" || name == "push_str");
        }
        if is_check(name) {
            return receiver.checked_for(Kinds::ALL);
        }
        if receiver.is_from_source() {
            return self.derived(call, name, receiver, arguments);
        }
        if (receiver.text.is_some() || receiver.items != 0) && arguments.is_empty() {
            return receiver;
        }
        let is_builder = |ty| matches!(ty, super::sources::FILTER | "Command" | "OpenOptions");
        if receiver.written_type().is_some_and(is_builder) {
            return receiver;
        }
        self.passed(call.clone().into(), "", arguments)
    }

    /// What a method gives of a value that comes from outside.
    fn derived(
        &mut self,
        call: &ast::MethodCallExpr,
        name: &str,
        receiver: Value,
        arguments: &[Value],
    ) -> Value {
        let keeps_type = matches!(
            name,
            "into_inner"
                | "get_ref"
                | "clone"
                | "as_ref"
                | "as_mut"
                | "unwrap"
                | "expect"
                | "await"
                | "iter"
                | "into_iter"
                | "cloned"
                | "take"
                | "ok_or"
                | "ok_or_else"
                | "as_deref"
                | "unwrap_or_default"
                | "map_err"
                | "to_owned"
                | "ok"
                | "body"
                | "into_body"
                | "context"
                | "with_context"
                | "unwrap_or"
                | "get_mut"
                | "read_to_end"
                | "by_ref"
        );
        let generics = call.generic_arg_list().map(|it| compact(it.syntax()));
        let target =
            generics.map(|it| it.trim_start_matches("::").trim_matches(['<', '>']).to_string());
        self.passed(call.clone().into(), "", arguments);
        let mut value = match (keeps_type, KEEPING_TEXT.binary_search(&name)) {
            (true, _) => receiver,
            (false, Ok(_)) => receiver.converted(),
            (false, Err(_)) => Value { text: None, ..receiver.converted() },
        };
        if PARTS.binary_search(&name).is_ok() {
            value.sources = self.parts_of(value.sources, name);
        }
        match target.filter(|it| it != "_" && !it.contains("_,")) {
            Some(ty) if name != "map" => match nature(&ty) {
                Some(_) => typed(value, &ty),
                None => Value { ty: Some(Type::Written(ty.as_str().into())), ..value },
            },
            _ => value,
        }
    }

    /// What a method does to the variable that it is called on, or that it is given to fill.
    fn mutate(
        &mut self,
        call: &ast::MethodCallExpr,
        name: &str,
        value: &Value,
        arguments: &[Value],
    ) {
        if MUTATING.contains(&name) {
            let root = call.receiver().and_then(|it| root_name(&it));
            let place = root.and_then(|root| self.names.get_mut(&root));
            if let Some(place) = place
                .filter(|_| value.is_from_source() || value.text.is_some() || value.shell.is_some())
            {
                let is_whole = matches!(call.receiver(), Some(ast::Expr::PathExpr(_)));
                let before = place.clone();
                *place = match is_whole {
                    true => Value { ty: value.ty.clone().or(before.ty), ..value.clone() },
                    false => before.or(Value { text: None, ..value.clone() }),
                };
            }
        }
        if READING.contains(&name) && value.is_from_source() {
            let target = call.arg_list().and_then(|it| it.args().next());
            let target = target.filter(|_| !arguments.is_empty());
            self.assign(target, Value { number: None, ..value.clone() }, false);
        }
    }
}

impl Value {
    fn with_all(self, arguments: &[Value], composes: bool) -> Self {
        arguments.iter().cloned().fold(self, |all, it| match composes {
            true => all.with(it),
            false => Value { text: None, ..all.or(it) },
        })
    }
}

/// What a closure or function makes of a value.
fn mapped(call: &ast::MethodCallExpr, receiver: Value, arguments: &[Value]) -> Value {
    let last = call.arg_list().and_then(|it| it.args().last());
    match last {
        Some(ast::Expr::ClosureExpr(_)) => arguments.last().cloned().unwrap_or_default(),
        Some(path) => {
            let path = compact(path.syntax());
            match path.contains("parse") || is_check(&path) {
                true => receiver.checked_for(PARSED),
                false => receiver.converted(),
            }
        }
        None => receiver,
    }
}

/// Whether a loop around a node reads the pieces of a stream, and compares no length.
fn in_reading_loop(node: &SyntaxNode) -> bool {
    let is_loop = |kind| matches!(kind, SyntaxKind::WHILE_EXPR | SyntaxKind::LOOP_EXPR);
    let Some(around) = node.ancestors().find(|it| is_loop(it.kind())) else { return false };
    let text = compact(&around);
    let reads = ["next().await", "data().await", "frame().await", "chunk().await"];
    let lower = text.to_lowercase();
    let limits = ["len()>", "len()<", "max", "limit", "remaining", "size>", "total>"];
    reads.iter().any(|it| text.contains(it)) && !limits.iter().any(|it| lower.contains(it))
}

/// A command with further arguments.
fn commanded(command: Value, name: &str, arguments: &[Value]) -> Value {
    let mut shell = command.shell;
    for text in arguments.iter().filter_map(Value::known_text) {
        if is_shell(&text) {
            shell = Some(false);
        } else if shell.is_some() && runs_next(&text) {
            shell = Some(true);
        }
    }
    if name == "args" && shell == Some(false) && command.shell.is_none() {
        shell = None;
    }
    Value { shell, ..command }
}

/// What a text is parsed into.
fn parsed(call: &ast::MethodCallExpr, value: Value) -> Value {
    let generics = call.generic_arg_list().map(|it| compact(it.syntax()));
    let ty = generics.map(|it| it.trim_start_matches("::").trim_matches(['<', '>']).to_string());
    let value = Value { text: None, ..value.converted() };
    match ty.as_deref() {
        Some(ty) => match (nature(ty), ty.rsplit("::").next()) {
            (Some(Nature::Number(number)), _) => {
                Value { number: Some(number), needs: std::sync::Arc::default(), ..value }
            }
            (Some(Nature::Text), _) | (_, Some("Url" | "Uri" | "HeaderValue")) => value,
            _ => value.checked_for(PARSED),
        },
        None => {
            let urls =
                Kinds::of(Kind::Host).and(Kinds::of(Kind::Redirect)).and(Kinds::of(Kind::Panic));
            let before = value.checked;
            Value { parsed: Some(before), ..value.checked_for(Kinds::ALL.but(urls)) }
        }
    }
}

/// Whether a value is a field of an upload, whose file name the client chooses.
fn is_upload(value: &Value) -> bool {
    match &value.ty {
        Some(Type::Written(ty)) => ["Field", "TempFile", "UploadedFile", "Multipart", "FilePart"]
            .iter()
            .any(|it| ty.contains(it)),
        Some(Type::Field(..)) => true,
        None => false,
    }
}

/// Whether a call fails on what is not as it expects.
fn is_parsing(expr: &ast::Expr) -> bool {
    match expr {
        ast::Expr::MethodCallExpr(it) => {
            it.name_ref().is_some_and(|name| PARSING.contains(&name.text()))
        }
        ast::Expr::CallExpr(it) => {
            let path = it.expr().map(|it| compact(it.syntax())).unwrap_or_default();
            let name = path.split("::<").next().unwrap_or(&path);
            PARSING.contains(&name.rsplit("::").next().unwrap_or_default())
        }
        ast::Expr::ParenExpr(it) => it.expr().is_some_and(|it| is_parsing(&it)),
        _ => false,
    }
}

/// Whether a method is called on a client of HTTP, by its type or its name, or the call that sends
/// the request follows.
fn is_client(call: &ast::MethodCallExpr, receiver: &Value) -> bool {
    if let Some(ty) = receiver.written_type() {
        let name = super::held(ty);
        if name.ends_with("Client") || name.ends_with("Agent") || name == "ClientWithMiddleware" {
            return true;
        }
    }
    let text = call.receiver().map(|it| compact(it.syntax())).unwrap_or_default();
    let named = has_any_word(&text, &["agent", "client", "http", "reqwest", "ureq"]);
    let sends =
        call.syntax().ancestors().take_while(|it| ast::Expr::can_cast(it.kind())).any(|it| {
            ast::MethodCallExpr::cast(it)
                .and_then(|it| it.name_ref())
                .is_some_and(|it| it.text() == "send")
        });
    named || sends
}

/// The field that a map is kept in: `sessions` of `self.sessions.lock().await` and `state.sessions`.
fn kept_field(receiver: &ast::Expr) -> Option<String> {
    match receiver {
        ast::Expr::MethodCallExpr(it) => {
            let name = it.name_ref()?;
            let opens = [
                "lock", "write", "borrow_mut", "unwrap", "expect", "get_mut", "unwrap_or_else",
                "as_mut",
            ];
            opens.contains(&name.text()).then(|| kept_field(&it.receiver()?)).flatten()
        }
        ast::Expr::AwaitExpr(it) => kept_field(&it.expr()?),
        ast::Expr::TryExpr(it) => kept_field(&it.expr()?),
        ast::Expr::FieldExpr(it) => Some(it.name_ref()?.text().to_string()),
        ast::Expr::PathExpr(it) => {
            let text = compact(it.syntax());
            let is_static =
                text.chars().any(char::is_alphabetic) && !text.contains(char::is_lowercase);
            is_static.then_some(text)
        }
        _ => None,
    }
}
