//! The error of an operation that fails in practice is thrown away: a file that was not written, a
//! transaction that was not committed, and nobody knows.
//!
//! `let _ = …` and a trailing `.ok();` silence the compiler, not the failure. The program goes on
//! as if the work had been done, and the trace of what went wrong is lost.
//!
//! ```rust,bad
//! fn save(path: &Path, state: &[u8]) {
//!     let _ = std::fs::write(path, state);
//! }
//! ```
//!
//! Return the error, log it, or say why it does not matter:
//!
//! ```rust
//! fn save(path: &Path, state: &[u8]) -> std::io::Result<()> {
//!     std::fs::write(path, state)?;
//!     // Best effort: the next start removes what is left of it.
//!     let _ = std::fs::remove_file(path.with_extension("old"));
//!     Ok(())
//! }
//! ```
//!
//! Reported are I/O, network and database operations, and functions of the workspace that return
//! a `Result`. Sending on a channel, writing into a string, joining a thread, installing a logger
//! twice, cleaning up in `Drop` or after another error are left alone.

use super::AREA;
use crate::analysis::{Applicability, Context, Fix, FixContext, On, Query, Report, Rule, Severity};
use crate::project::{Function, SymbolIndex};
use crate::rules::support::bodies::{
    call_range, callee, chain_root, identifier, is_async_block, is_item, last_name, local_value,
    path_text, resolve_at,
};
use crate::rules::support::layout::{laid_out_header, style_of, tidied};
use crate::rules::support::{argument_count, string_literal};
use crate::syntax::ast::{self, HasArgList, HasAttrs, HasGenericArgs, HasName};
use crate::syntax::names::words;
use crate::syntax::{AstNode, NodeOrToken, SyntaxKind, SyntaxNode, SyntaxToken, T};
use crate::text::{FileRange, TextEdit};

pub static RULE: Rule = Rule {
    id: "ignored-error",
    severity: Severity::High,
    raised_when_critical: false,
    lints: &["clippy::let_underscore_must_use", "unused_must_use"],
    source: include_str!("ignored_error.rs"),
    queries: &[
        Query::Method(&["ok"], check),
        Query::Node(&On(check::<ast::WildcardPat>)),
        Query::Node(&On(check::<ast::UnderscoreExpr>)),
    ],
    ..Rule::source(AREA)
};

fn check<N: AstNode>(node: &N, cx: &mut Context<'_>) {
    let Some(ignored) = Ignored::of(node.syntax()) else { return };
    let Some(call) = fallible_call(&ignored.value) else { return };
    let Some(operation) = operation(&call, cx) else { return };
    if is_excused(&ignored.statement, &operation.name, cx) {
        return;
    }
    let message = format!("the error of `{}` is ignored", operation.name);
    let range = call_range(&call);
    let repair = Repair::new(&ignored, &operation, cx);
    let mut report = Report::new(range, message).fix(move |fix| repair.fixes(fix));
    let awaited = is_awaited_in(&ignored.value);
    let name = operation.name;
    report = match operation.kind {
        Kind::Io { .. } => report.when(move |symbols| {
            // A function of the workspace under the same name may be something else.
            let mut own = symbols.functions(&name).peekable();
            own.peek().is_none() || own.any(returns_result)
        }),
        Kind::Own(candidate) => {
            report.when(move |symbols| candidate.is_fallible(&name, awaited, symbols))
        }
    };
    cx.report(&ignored.statement, report);
}

/// A statement that drops a value.
struct Ignored {
    statement: SyntaxNode,
    /// What is dropped, without a final `.ok()`.
    value: ast::Expr,
}

impl Ignored {
    fn of(node: &SyntaxNode) -> Option<Self> {
        let parent = node.parent()?;
        match node.kind() {
            SyntaxKind::WILDCARD_PAT => {
                let statement = ast::LetStmt::cast(parent.clone())?;
                Some(Self { statement: parent, value: statement.initializer()? })
            }
            SyntaxKind::UNDERSCORE_EXPR => {
                let assignment = ast::BinExpr::cast(parent.clone())?;
                // In `select!`, `_ = future => …` stands for an arm.
                let statement = parent.parent().and_then(ast::ExprStmt::cast)?;
                statement.semicolon_token()?;
                Some(Self { statement: statement.syntax().clone(), value: assignment.rhs()? })
            }
            _ => {
                let call = ast::MethodCallExpr::cast(node.clone())?;
                let statement = ast::ExprStmt::cast(parent)?;
                (argument_count(&call) == 0).then_some(Self {
                    statement: statement.syntax().clone(),
                    value: call.receiver()?,
                })
            }
        }
    }
}

/// The call whose error reaches the end of an expression.
fn fallible_call(value: &ast::Expr) -> Option<ast::Expr> {
    match value {
        ast::Expr::AwaitExpr(it) => fallible_call(&it.expr()?),
        ast::Expr::ParenExpr(it) => fallible_call(&it.expr()?),
        ast::Expr::MethodCallExpr(call) => {
            let name = call.name_ref()?;
            match name.text() {
                "ok" | "map" | "map_err" | "context" | "with_context" => {
                    fallible_call(&call.receiver()?)
                }
                _ => Some(value.clone()),
            }
        }
        ast::Expr::CallExpr(_) => Some(value.clone()),
        _ => None,
    }
}

fn is_awaited_in(value: &ast::Expr) -> bool {
    match value {
        ast::Expr::AwaitExpr(_) => true,
        ast::Expr::MethodCallExpr(call) => {
            call.receiver().is_some_and(|receiver| is_awaited_in(&receiver))
        }
        _ => false,
    }
}

/// What a call does that can fail.
struct Operation {
    name: String,
    kind: Kind,
}

enum Kind {
    /// Something of the outside world; whether its error is certainly a `std::io::Error`.
    Io { std: bool },
    /// Perhaps a function of the workspace.
    Own(Candidate),
}

fn operation(call: &ast::Expr, cx: &mut Context<'_>) -> Option<Operation> {
    match call {
        ast::Expr::CallExpr(call) => function_operation(call, cx),
        ast::Expr::MethodCallExpr(call) => method_operation(call, cx),
        _ => None,
    }
}

fn function_operation(call: &ast::CallExpr, cx: &mut Context<'_>) -> Option<Operation> {
    let path = callee(call)?;
    let resolved = resolve_at(cx, call.syntax(), &path);
    let (module, name) = resolved.rsplit_once("::").unwrap_or(("", &resolved));
    let name = name.to_string();
    if matches!(module, "std::fs" | "tokio::fs" | "async_std::fs" | "fs_err" | "fs_err::tokio") {
        return Some(Operation { name, kind: Kind::Io { std: true } });
    }
    let root = resolved.split("::").next().unwrap_or_default();
    let owner = module.rsplit("::").next().unwrap_or_default();
    if matches!(owner, "TcpListener" | "UdpSocket" | "UnixListener" | "UnixDatagram")
        && name == "bind"
    {
        let std = matches!(root, "std" | "tokio");
        return Some(Operation { name, kind: Kind::Io { std } });
    }
    if resolved == "axum::serve" {
        return Some(Operation { name, kind: Kind::Io { std: true } });
    }
    if matches!(root, "std" | "core" | "alloc") || is_forgivable(&name) {
        return None;
    }
    let owner = match owner {
        "Self" => Some(self_type(cx, call.syntax())?),
        _ if owner.starts_with(|c: char| c.is_ascii_uppercase()) => Some(owner.to_string()),
        _ => None,
    };
    let external = cx.file().depends_on(root).then(|| root.to_string());
    let kind = Kind::Own(Candidate { owner, is_method: false, external });
    name.starts_with(|c: char| c.is_ascii_lowercase()).then_some(Operation { name, kind })
}

fn method_operation(call: &ast::MethodCallExpr, cx: &mut Context<'_>) -> Option<Operation> {
    let name = call.name_ref()?.text().to_string();
    let receiver = call.receiver()?;
    let count = argument_count(call);
    let io = |std| Some(Operation { name: name.clone(), kind: Kind::Io { std } });
    match (name.as_str(), count) {
        ("sync_all" | "sync_data", 0) | ("set_len", 1) => return io(true),
        ("commit", 0) | ("execute_batch", 1) | ("pragma_update", 3) => return io(false),
        ("set_nonblocking", 1) | ("send_to", 2) => return io(false),
        ("flush", 0) | ("write_all" | "read_exact", 1) => {
            return if is_in_memory(&receiver, cx) { None } else { io(false) };
        }
        ("read_to_end" | "read_to_string" | "read_line", 1) => {
            return if is_in_memory(&receiver, cx) { None } else { io(false) };
        }
        ("shutdown", 0 | 1) if is_connection(&receiver) => return io(false),
        ("bind" | "listen", 1) if is_connection(&receiver) => return io(false),
        ("send", 1) => return if is_connection(&receiver) { io(false) } else { None },
        ("execute", 1..) if is_statement(call, &receiver) => return io(false),
        _ => {}
    }
    let on_self = identifier(&receiver).is_some_and(|name| name == "self");
    if is_forgivable(&name) || (!on_self && is_common(&name)) {
        return None;
    }
    let owner = if on_self { Some(self_type(cx, call.syntax())?) } else { None };
    let kind = Kind::Own(Candidate { owner, is_method: true, external: None });
    Some(Operation { name, kind })
}

/// The type whose `impl` or `trait` block a node is in.
fn self_type(cx: &Context<'_>, node: &SyntaxNode) -> Option<String> {
    cx.ancestors(node).find_map(|node| match node.kind() {
        SyntaxKind::IMPL => {
            let ast::Type::PathType(ty) = ast::Impl::cast(node)?.self_ty()? else { return None };
            Some(ty.path()?.segment()?.name_ref()?.text().to_string())
        }
        SyntaxKind::TRAIT => Some(ast::Trait::cast(node)?.name()?.text().to_string()),
        _ => None,
    })
}

/// Readers and writers that are no file or connection, or whose failure nobody can be told of.
fn is_in_memory(receiver: &ast::Expr, cx: &mut Context<'_>) -> bool {
    const TYPES: &[&str] = &[
        "Vec", "vec!", "String", "BytesMut", "Cursor", "writer()", "stdout", "stderr", "Formatter",
        "Hasher", "Sha", "Hmac", "Buffer", "from_utf8", "as_bytes", "&[u8]", "&mut[u8]",
    ];
    let name = last_name(receiver).unwrap_or_default();
    let by_name = words(&name).any(|word| {
        matches!(
            word.as_str(),
            "buf"
                | "buffer"
                | "string"
                | "vec"
                | "bytes"
                | "cursor"
                | "hasher"
                | "digest"
                | "mac"
                | "stdout"
                | "stderr"
                | "out"
                | "logger"
        )
    });
    if by_name {
        return true;
    }
    let Some(name) = identifier(&chain_root(receiver)) else { return false };
    let value =
        local_value(cx, receiver.syntax(), &name).map(|value| value.syntax().text().to_string());
    let parameter = || {
        let list = cx.function(receiver.syntax())?.param_list()?;
        let parameter = list.params().find(|it| {
            it.pat().is_some_and(|pattern| {
                pattern.syntax().text().to_string().trim_start_matches("mut ") == name
            })
        })?;
        Some(parameter.ty()?.syntax().text().to_string())
    };
    let text = value.or_else(parameter).unwrap_or_default();
    TYPES.iter().any(|ty| text.contains(ty))
}

/// Whether a receiver's name is that of a network connection, and not of a channel.
fn is_connection(receiver: &ast::Expr) -> bool {
    last_name(receiver).is_some_and(|name| {
        let words: Vec<String> = words(&name).collect();
        let has = |names: &[&str]| words.iter().any(|word| names.contains(&word.as_str()));
        !has(&["tx", "sender", "channel", "events", "shutdown", "signal", "handle"])
            && has(&[
                "socket", "sock", "udp", "tcp", "stream", "ws", "websocket", "framed", "transport",
                "mailer", "smtp", "connection", "conn", "sink",
            ])
    })
}

/// Whether `execute` runs a statement of a database.
fn is_statement(call: &ast::MethodCallExpr, receiver: &ast::Expr) -> bool {
    let first = call.arg_list().and_then(|list| list.args().next());
    let sql = first.as_ref().and_then(string_literal).is_some_and(|text| {
        let verb = text.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
        matches!(verb.as_str(), "INSERT" | "UPDATE" | "DELETE" | "CREATE" | "ALTER" | "REPLACE")
    });
    let root = chain_root(receiver);
    let query = match &root {
        ast::Expr::CallExpr(call) => callee(call),
        ast::Expr::MacroExpr(it) => {
            it.macro_call().and_then(|call| call.path()).and_then(|path| path_text(&path))
        }
        _ => None,
    };
    sql || query.is_some_and(|path| path.starts_with("sqlx::query"))
}

/// Functions that are meant to fail now and then, or may be called twice.
fn is_forgivable(name: &str) -> bool {
    name.starts_with("try_")
        || words(name).any(|word| {
            matches!(
                word.as_str(),
                "init"
                    | "install"
                    | "set"
                    | "close"
                    | "cancel"
                    | "abort"
                    | "kill"
                    | "wake"
                    | "fmt"
                    | "buf"
                    | "buffer"
            )
        })
}

/// Names that types of `std` and of libraries have for methods: a function of the workspace under
/// the same name proves nothing.
fn is_common(name: &str) -> bool {
    matches!(
        name,
        "send"
            | "recv"
            | "insert"
            | "remove"
            | "take"
            | "replace"
            | "push"
            | "pop"
            | "next"
            | "poll"
            | "get"
            | "get_mut"
            | "join"
            | "write"
            | "write_str"
            | "write_char"
            | "write_fmt"
            | "read"
            | "stop"
            | "start"
            | "run"
            | "call"
            | "notify"
            | "wait"
            | "lock"
            | "unwrap"
            | "expect"
            | "swap"
            | "update"
            | "add"
            | "clone"
            | "parse"
            | "encode"
            | "decode"
            | "load"
            | "store"
            | "compare_exchange"
            | "fetch_update"
            | "finish"
            | "end"
            | "emit"
            | "publish"
            | "connect"
            | "open"
            | "create"
            | "delete"
            | "build"
            | "spawn"
            | "process"
            | "handle"
            | "clear"
            | "reset"
            | "shutdown"
            | "disconnect"
            | "register"
            | "unregister"
            | "subscribe"
            | "extend"
            | "append"
            | "resolve"
            | "execute"
    )
}

/// A call that may be of a function of the workspace.
struct Candidate {
    /// The type that must have it.
    owner: Option<String>,
    is_method: bool,
    /// The crate that the path of the call starts from, when it is a dependency.
    external: Option<String>,
}

impl Candidate {
    /// Whether all functions that the call can mean return a `Result`.
    fn is_fallible(&self, name: &str, awaited: bool, symbols: &SymbolIndex) -> bool {
        if let Some(root) = &self.external
            && !symbols.packages().iter().any(|package| package.name.replace('-', "_") == *root)
        {
            return false;
        }
        let mut functions = symbols
            .functions(name)
            .filter(|it| it.has_self == self.is_method)
            .filter(|it| self.is_method || it.owner.is_some() == self.owner.is_some())
            .filter(|it| self.owner.is_none() || it.owner == self.owner)
            .peekable();
        functions.peek().is_some()
            && functions.all(|it| returns_result(it) && (!it.is_async || awaited))
    }
}

fn returns_result(function: &Function) -> bool {
    // Errors that say no more than that the other side is gone.
    const GONE: &[&str] = &["SendError", "RecvError", "JoinError", "fmt::", "Infallible"];
    function.returns.as_deref().is_some_and(|returns| {
        let (head, arguments) = returns.split_once('<').unwrap_or((returns, ""));
        // `Result<State, State>` tells two outcomes apart, as `compare_exchange` does.
        let parts = arguments.trim_end_matches('>').split_once(',');
        head.rsplit("::").next() == Some("Result")
            && parts.is_none_or(|(value, error)| value != error)
            && !GONE.iter().any(|error| returns.contains(error))
    })
}

/// Whether the code around a statement tells why its error may be lost.
fn is_excused(statement: &SyntaxNode, name: &str, cx: &Context<'_>) -> bool {
    is_explained(statement)
        || is_in_drop(statement, cx)
        || follows_failure(statement)
        || name.starts_with("remove_") && is_followed_by_creation(statement)
}

/// Whether a comment above the statement or behind it speaks of the error.
fn is_explained(statement: &SyntaxNode) -> bool {
    let mut above = statement.prev_sibling_or_token();
    while let Some(NodeOrToken::Token(token)) = above {
        match token.kind() {
            SyntaxKind::WHITESPACE if token.text().matches('\n').count() > 1 => break,
            SyntaxKind::COMMENT if is_behind_code(&token) => break,
            SyntaxKind::COMMENT if speaks_of_error(token.text()) => return true,
            SyntaxKind::WHITESPACE | SyntaxKind::COMMENT => {}
            _ => break,
        }
        above = token.prev_sibling_or_token();
    }
    let mut behind = statement.next_sibling_or_token();
    while let Some(NodeOrToken::Token(token)) = behind {
        match token.kind() {
            SyntaxKind::COMMENT => return speaks_of_error(token.text()),
            SyntaxKind::WHITESPACE if !token.text().contains('\n') => {}
            _ => break,
        }
        behind = token.next_sibling_or_token();
    }
    let inside = statement.descendants_with_tokens().filter_map(|it| it.into_token());
    let mut comments = inside.filter(|token| token.kind() == SyntaxKind::COMMENT);
    comments.any(|token| speaks_of_error(token.text()))
}

/// Whether a comment ends a line of code, which it then belongs to.
fn is_behind_code(comment: &SyntaxToken) -> bool {
    let mut before = comment.prev_token();
    if let Some(space) = before.clone().filter(|it| it.kind() == SyntaxKind::WHITESPACE) {
        if space.text().contains('\n') {
            return false;
        }
        before = space.prev_token();
    }
    before.is_some_and(|it| it.kind() != T!['{'])
}

/// A marker of work to be done admits the loss, it does not explain it; and `//~` starts what tests
/// expect of a line.
fn speaks_of_error(comment: &str) -> bool {
    if comment.starts_with("//~") || ["TODO", "FIXME"].iter().any(|it| comment.contains(it)) {
        return false;
    }
    let comment = comment.to_lowercase();
    [
        "best effort", "exist", "best-effort", "ignor", "matter", "don't care", "do not care",
        "fail", "error", "harmless", "fine", "okay", "ok ", "already", "fatal", "discard",
        "infallible", "result", "not found", "may not", "might not", "unneeded", "don't need",
        "nothing to do", "optional",
    ]
    .iter()
    .any(|word| comment.contains(word))
}

/// `drop` returns nothing: there is no one to tell.
fn is_in_drop(statement: &SyntaxNode, cx: &Context<'_>) -> bool {
    let mut around = cx.ancestors(statement);
    around.any(|node| {
        ast::Impl::cast(node)
            .and_then(|it| it.trait_())
            .is_some_and(|of_trait| of_trait.syntax().text().to_string().ends_with("Drop"))
    })
}

/// Whether the statement cleans up behind another error, which is the one to return.
fn follows_failure(statement: &SyntaxNode) -> bool {
    let mut next = statement.next_sibling();
    while let Some(node) = next {
        let text = node.text().to_string();
        let text = text.trim_start();
        if ["return Err", "Err(", "bail!", "return Some(Err", "std::process::exit", "process::exit"]
            .iter()
            .any(|start| text.starts_with(start))
            || text.starts_with("return ") && text.contains("Err(")
        {
            return true;
        }
        next = node.next_sibling();
    }
    // In what handles an error: `map_err(|error| { … })`, `Err(error) => { … }`.
    for node in statement.ancestors() {
        if let Some(arm) = ast::MatchArm::cast(node.clone()) {
            let pattern = arm.pat().map(|pattern| pattern.syntax().text().to_string());
            return pattern.is_some_and(|pattern| pattern.starts_with("Err"));
        }
        if node.kind() == SyntaxKind::CLOSURE_EXPR {
            let call = node.ancestors().find_map(ast::MethodCallExpr::cast);
            return call
                .and_then(|call| call.name_ref())
                .is_some_and(|name| matches!(name.text(), "map_err" | "or_else" | "inspect_err"));
        }
        if let Some(branching) = ast::IfExpr::cast(node.clone()) {
            let condition = branching.condition().map(|it| it.syntax().text().to_string());
            let on_error =
                condition.is_some_and(|it| it.starts_with("let Err") || it.ends_with(".is_err()"));
            if on_error {
                return true;
            }
        }
        if is_item(node.kind()) {
            return false;
        }
    }
    false
}

/// What is removed to make room: the failure shows in the statement after it.
fn is_followed_by_creation(statement: &SyntaxNode) -> bool {
    let Some(next) = statement.next_sibling() else { return false };
    let text = next.text().to_string();
    ["bind(", "create", "symlink(", "hard_link(", "rename(", "write(", "copy(", "open("]
        .iter()
        .any(|call| text.contains(call))
}

/// What the fixes need to know of the code, taken while it was at hand.
struct Repair {
    /// Of the statement, in the file.
    statement: FileRange,
    text: String,
    indent: String,
    keeps_error: bool,
    returns_io_error: bool,
    describes: String,
    own: Option<String>,
}

impl Repair {
    fn new(ignored: &Ignored, operation: &Operation, cx: &mut Context<'_>) -> Self {
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
        let std = matches!(operation.kind, Kind::Io { std: true });
        Self {
            statement: cx.file_range(ignored.statement.text_range()),
            text: ignored.value.syntax().text().to_string(),
            indent: before.rsplit('\n').next().unwrap_or_default().to_string(),
            keeps_error: unadapted && !attributed && !cx.in_macro(),
            returns_io_error: std && returns_io_error(&ignored.statement, cx),
            describes: words(&operation.name).collect::<Vec<_>>().join(" "),
            own: matches!(operation.kind, Kind::Own(_)).then(|| operation.name.clone()),
        }
    }

    fn fixes(self, fix: &FixContext<'_>) -> Vec<Fix> {
        let mut fixes = Vec::new();
        if !self.keeps_error {
            return fixes;
        }
        if self.returns_io_error {
            let edits = vec![TextEdit::replace(self.statement, format!("{}?;", self.text))];
            let returned = fix.here("Return the error with `?`", Applicability::Suggested, edits);
            fixes.push(tidied(returned, fix));
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

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, check_fix, no_fix, no_safe_fix, silent};

    #[test]
    fn lost_io_errors_are_reported_where_the_call_stands() {
        check(
            &RULE,
            r#"
use std::fs;
use tokio::fs as afs;
async fn f(path: &Path, file: &mut File, socket: &UdpSocket) {
    let _ = fs::create_dir_all(path);
          //^^^^^^^^^^^^^^^^^^^^^^^^ ignored-error: the error of `create_dir_all` is ignored

    let _ = afs::write(path, b"x").await;
          //^^^^^^^^^^^^^^^^^^^^^^ ignored-error

    fs::rename(path, other).ok();
  //^^^^^^^^^^^^^^^^^^^^^^^ ignored-error

    _ = std::fs::remove_file(path);
      //^^^^^^^^^^^^^^^^^^^^^^^^^^ ignored-error

    let _ = file.sync_all();
               //^^^^^^^^^^ ignored-error

    let _ = file.flush();
               //^^^^^^^ ignored-error

    let _ = self.stream.write_all(data).await.map_err(log);
                      //^^^^^^^^^^^^^^^ ignored-error

    let _ = socket.send(data).await;
                 //^^^^^^^^^^ ignored-error

    let _ = transaction.commit().await;
                      //^^^^^^^^ ignored-error

    let _ = sqlx::query("DELETE FROM t").bind(x).execute(&pool).await;
                                               //^^^^^^^^^^^^^^ ignored-error

    let _ = db.execute("insert into t values (1)", []);
             //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ ignored-error

    // FIXME: tell someone when this fails
    let _ = fs::remove_file(path);
          //^^^^^^^^^^^^^^^^^^^^^ ignored-error

    let _ = axum::serve(listener, router).await;
          //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ ignored-error

    connection.pragma_update(None, "journal_mode", "wal").ok();
             //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ ignored-error

    lazy! { let _ = fs::write(path, data); }
                  //^^^^^^^^^^^^^^^^^^^^^ ignored-error

}
"#,
        );
    }

    #[test]
    fn what_is_dropped_on_purpose_is_left_alone() {
        silent(
            &RULE,
            r#"
use std::fmt::Write;
fn f(s: &mut String, list: &mut Vec<u8>, formatter: &mut fmt::Formatter<'_>) {
    let _ = tx.send(1);
    let _ = self.event_tx.send(event);
    let _ = sender.send(event).await;
    let _ = reply.send(1);
    let _ = write!(s, "{x}");
    let _ = writeln!(formatter, "{x}");
    let _ = list.write_all(b"x");
    let mut writer = buffer.writer();
    let _ = writer.write_all(b"x");
    let mut target = Vec::new();
    let _ = target.flush();
    let _ = std::io::stdout().flush();
    let _ = handle.join();
    let _ = handle.await;
    let _ = guard;
    let _ = (a, b);
    let _ = self.field;
    let _ = Box::new(1);
    let _ = env_logger::try_init();
    let _ = log::set_logger(&LOGGER);
    let _ = provider.install_default();
    let _ = CELL.set(1);
    let _ = x.take();
    let _ = map.insert(1, 2);
    let _ = map.remove(&1);
    let _ = file.read_to_end(&mut list)?;
    let _ = std::thread::spawn(work);
    let _guard = fs::lock(path);
    let x = parse(y).ok();
    shutdown.send(()).ok();
    tokio::select! { _ = listener.flush() => {} _ = std::fs::write(a, b) => {} }
}
"#,
        );
    }

    #[test]
    fn an_explanation_or_another_error_excuses() {
        silent(
            &RULE,
            r#"
use std::fs;
fn f(path: &Path) -> Result<(), Error> {
    // Best effort: it may be gone.
    let _ = fs::remove_file(path);
    let _ = fs::remove_file(path); // doesn't matter
    // Delete the destination if it exists, as we append to it.
    let _ = fs::remove_file(path);
    work(path);
    let _ = fs::remove_file(path);
    let listener = UnixListener::bind(path)?;
    if let Err(error) = work() {
        let _ = fs::remove_dir_all(path);
        return Err(error);
    }
    work().map_err(|error| { let _ = fs::remove_file(path); error })?;
    match work() {
        Ok(()) => {}
        Err(error) => { let _ = fs::remove_file(path); }
    }
    Ok(())
}
impl Drop for Guard {
    fn drop(&mut self) { let _ = fs::remove_file(&self.path); }
}
#[allow(clippy::let_underscore_must_use)]
fn g() { let _ = fs::remove_file(path); }
"#,
        );
    }

    #[test]
    fn functions_of_the_workspace_are_known_by_their_signatures() {
        check(
            &RULE,
            r#"
//- src/lib.rs
impl Store {
    fn persist(&self) -> Result<(), Error> { Ok(()) }
    fn name(&self) -> String { String::new() }
    async fn upload(&self) -> Result<(), Error> { Ok(()) }
    fn run(&self) -> Result<(), Error> { Ok(()) }
    async fn tick(&self) {
        let _ = self.persist();
                   //^^^^^^^^^ ignored-error: the error of `persist` is ignored

        let _ = self.name();
        let _ = self.upload();
        let _ = self.upload().await;
                   //^^^^^^^^ ignored-error

        let _ = self.run();
                   //^^^^^ ignored-error

        let _ = self.other();
    }
    fn notify_all(&self) -> Result<(), SendError<u8>> { Ok(()) }
}
pub fn load_config() -> crate::Result<Config> { Ok(()) }
//- src/a.rs
fn f(store: &Store) {
    let _ = store.persist();
                //^^^^^^^^^ ignored-error

    let _ = crate::load_config();
          //^^^^^^^^^^^^^^^^^^^^ ignored-error

    let _ = store.run();
    let _ = store.notify_all();
    let _ = other::load();
}
"#,
        );
        silent(
            &RULE,
            r#"
impl A { fn persist(&self) -> Result<(), Error> { Ok(()) } fn commit(&self) -> Commit { Commit } }
impl B { fn persist(&self) -> usize { 0 } }
fn f(a: &A) { let _ = a.persist(); let _ = a.commit(); }
impl C {
    fn transition(&self) -> Result<State, State> { Ok(State) }
    fn write_to_buf(&self) -> Result<usize, Error> { Ok(0) }
    fn f(&self) { let _ = self.transition(); let _ = self.write_to_buf(); }
}
impl PinnedDrop for Task {
    fn drop(this: Pin<&mut Self>) { let _ = std::fs::remove_file(this.path); }
}
"#,
        );
    }

    #[test]
    fn the_error_can_be_returned_where_the_body_takes_it() {
        check_fix(
            &RULE,
            "Return the error with `?`",
            "fn f() -> std::io::Result<()> {\n    let _ = std::fs::write(a, b);\n    Ok(())\n}\n",
            "fn f() -> std::io::Result<()> {\n    std::fs::write(a, b)?;\n    Ok(())\n}\n",
        );
        check_fix(
            &RULE,
            "Return the error with `?`",
            "async fn f() -> Result<u8, Box<dyn std::error::Error>> {\n    file.sync_all().await.ok();\n    Ok(1)\n}\n",
            "async fn f() -> Result<u8, Box<dyn std::error::Error>> {\n    file.sync_all().await?;\n    Ok(1)\n}\n",
        );
        no_safe_fix(&RULE, "fn f() -> anyhow::Result<()> { let _ = std::fs::write(a, b); Ok(()) }");
        for body in [
            "fn f() { let _ = std::fs::write(a, b); }",
            "fn f() -> Result<(), Error> { let _ = std::fs::write(a, b); Ok(()) }",
            "fn f() -> std::io::Result<()> { g(|| { let _ = std::fs::write(a, b); }); Ok(()) }",
            "fn f() -> std::io::Result<()> { let _ = x.flush(); Ok(()) }",
        ] {
            no_fix(&RULE, body);
        }
    }

    #[test]
    fn the_error_can_be_logged_with_the_crate_at_hand() {
        let with = |name: &str| {
            format!(
                "//- Cargo.toml\n[package]\nname = \"fixture\"\nedition = \"2024\"\n[dependencies]\n{name} = \"0.1\"\n//- src/lib.rs\nfn f() {{\n    let _ = std::fs::create_dir_all(path);\n}}\n"
            )
        };
        check_fix(
            &RULE,
            "Log the error",
            &with("tracing"),
            "fn f() {\n    if let Err(error) = std::fs::create_dir_all(path) {\n        tracing::warn!(%error, \"could not create dir all\");\n    }\n}\n",
        );
        check_fix(
            &RULE,
            "Log the error",
            &with("log"),
            "fn f() {\n    if let Err(error) = std::fs::create_dir_all(path) {\n        log::warn!(\"could not create dir all: {error}\");\n    }\n}\n",
        );
    }
}
