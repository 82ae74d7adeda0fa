//! When the code of a place runs: while the program serves, or only as it starts, ends, or never
//! on the platform that it is operated on.

use super::NodeContext;
use super::execution::is_async_block;
use crate::project::flow::is_extractor;
use crate::project::{Role, base_name};
use crate::syntax::ast::{self, HasName};
use crate::syntax::fragment::macro_name;
use crate::syntax::green::any_token;
use crate::syntax::imports::compact;
use crate::syntax::names::words;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};

/// When code runs, as far as its place tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// In a function that a framework calls for each request.
    Handling,
    /// In a server, or in async code that is not that of a command: for each request, message or
    /// connection, as far as is known.
    Serving,
    /// While the program runs; nothing more is known.
    Running,
    /// Once, before the program serves.
    StartUp,
    /// In a command that runs to its end while somebody waits for it.
    OneShot,
    /// As a value is dropped.
    Drop,
    /// On a platform that servers are not operated on.
    OtherPlatform,
}

impl Reach {
    /// Whether it runs again and again while others wait for an answer.
    pub fn serves(self) -> bool {
        matches!(self, Self::Handling | Self::Serving)
    }

    /// Why what happens there matters less, as a clause of a message; nothing where it does not.
    pub fn reason(self) -> Option<&'static str> {
        match self {
            Self::Handling | Self::Serving | Self::Running => None,
            Self::StartUp => Some("at start-up"),
            Self::OneShot => Some("in a one-shot command"),
            Self::Drop => Some("in `Drop`"),
            Self::OtherPlatform => Some("on another platform"),
        }
    }
}

/// First words of functions that prepare a program.
const PREPARING_VERBS: &[&str] =
    &["bootstrap", "configure", "init", "initialise", "initialize", "install", "setup"];

/// Functions that read what a program is started with.
const PREPARING_NAMES: &[&str] = &[
    "from_args", "from_env", "get_config", "get_configuration", "get_settings", "load_config",
    "load_configuration", "load_env", "load_settings", "parse_args", "read_config",
    "read_settings",
];

/// Functions whose closure runs once, when a value is needed first.
const ONCE: &[&str] = &["call_once", "get_or_init", "get_or_try_init"];

/// Types whose `new` takes such a closure.
const LAZY_TYPES: &[&str] = &["Lazy", "LazyCell", "LazyLock", "OnceCell", "OnceLock"];

/// Types of parameters that frameworks fill in beside those of what a client sent; sorted.
const FILLED_IN: &[&str] = &[
    "Bytes", "ConnectInfo", "Extension", "Form", "Identity", "Json", "Query", "Session", "State",
    "TypedHeader", "WebSocketUpgrade",
];

/// Attributes of functions that answer requests.
const HANDLER_ATTRIBUTES: &[&str] = &[
    "connect", "delete", "get", "handler", "head", "oai", "options", "patch", "post", "put",
    "route",
];

/// Traits whose methods run for each request or message.
const SERVING_TRAITS: &[&str] =
    &["Decoder", "FromRequest", "FromRequestParts", "Handler", "Middleware", "Service"];

impl NodeContext<'_> {
    /// When the code of `node` runs.
    pub fn reach(&self, node: &SyntaxNode) -> Reach {
        let mut repeated = false;
        let mut reach = Reach::Running;
        let mut decided = false;
        for ancestor in self.ancestors(node) {
            if self.marks(&ancestor).other_platform {
                return Reach::OtherPlatform;
            }
            if decided {
                continue;
            }
            match ancestor.kind() {
                SyntaxKind::LOOP_EXPR | SyntaxKind::WHILE_EXPR => repeated = true,
                SyntaxKind::CLOSURE_EXPR if runs_once(&ancestor) => {
                    (reach, decided) = (Reach::StartUp, true);
                }
                SyntaxKind::CLOSURE_EXPR | SyntaxKind::BLOCK_EXPR if is_task(&ancestor) => {
                    repeated = true;
                }
                SyntaxKind::STATIC | SyntaxKind::CONST => {
                    (reach, decided) = (Reach::StartUp, true);
                }
                SyntaxKind::MACRO_CALL
                    if macro_name(&ancestor).as_deref() == Some("lazy_static") =>
                {
                    (reach, decided) = (Reach::StartUp, true);
                }
                SyntaxKind::FN => {
                    if let Some(function) = ast::Fn::cast(ancestor) {
                        let question = if repeated { "runs on" } else { "runs" };
                        let answer = || self.of_function(&function, repeated);
                        reach = *self.once(question, function.syntax(), answer);
                        decided = true;
                    }
                }
                _ => {}
            }
        }
        match reach {
            Reach::Running | Reach::StartUp if self.in_command() => Reach::OneShot,
            reach => reach,
        }
    }

    fn of_function(&self, function: &ast::Fn, repeated: bool) -> Reach {
        let of_trait = implemented_trait(function);
        if of_trait.as_deref() == Some("Drop") {
            return Reach::Drop;
        }
        if self.file().in_server()
            && (is_handler(function)
                || of_trait.is_some_and(|name| SERVING_TRAITS.contains(&name.as_str())))
        {
            return Reach::Handling;
        }
        let runs_on = repeated || function.async_token().is_some();
        match () {
            () if !repeated && prepares(function) => Reach::StartUp,
            () if self.serves() || runs_on && self.may_serve() => Reach::Serving,
            () => Reach::Running,
        }
    }

    /// Whether the package is a server. Of a buffer that was not saved it is not known.
    fn serves(&self) -> bool {
        self.file().package.as_ref().is_none_or(|package| package.is_server())
    }

    /// Whether the package may be a part of something that serves: it is no command.
    fn may_serve(&self) -> bool {
        let package = self.file().package.as_ref();
        package.is_none_or(|package| !package.is_command() && !package.is_command_line())
    }

    /// Whether the file belongs to a command of a program.
    fn in_command(&self) -> bool {
        let file = self.file();
        let Some(package) = &file.package else { return false };
        let is_module_of_commands = package.is_module_of_commands(&file.path);
        match file.role {
            Role::Bin => package.is_command() || is_module_of_commands,
            Role::Lib => package.has_program && is_module_of_commands,
            Role::Build | Role::Test => false,
        }
    }
}

/// Whether a function prepares the program, by its name: `main` itself, or one that is not called
/// on a value.
fn prepares(function: &ast::Fn) -> bool {
    let Some(name) = function.name() else { return false };
    let name = name.text();
    if name == "main" {
        return true;
    }
    let is_method = function.param_list().is_some_and(|it| it.self_param().is_some());
    let starts = words(name).next().is_some_and(|it| PREPARING_VERBS.contains(&it.as_str()));
    !is_method && (starts || PREPARING_NAMES.binary_search(&name).is_ok())
}

/// The last name of the trait that a method implements.
fn implemented_trait(function: &ast::Fn) -> Option<String> {
    let item = function.syntax().parent()?.parent().and_then(ast::Impl::cast)?;
    Some(base_name(&compact(item.trait_()?.syntax())).to_string())
}

/// Whether a function answers requests, by what a framework gives it or by its attributes.
fn is_handler(function: &ast::Fn) -> bool {
    let parameters = function.param_list().into_iter().flat_map(|list| list.params());
    let mut types = parameters.filter_map(|it| Some(compact(it.ty()?.syntax())));
    types.any(|ty| {
        let name = base_name(&ty);
        FILLED_IN.binary_search(&name).is_ok() || is_extractor(&ty) || ty.starts_with("web::")
    }) || crate::syntax::attrs::attrs(function.syntax()).any(|attr| {
        let has_path = || any_token(attr.syntax().green(), &|kind, _| kind == SyntaxKind::STRING);
        let name = attr.path().and_then(|path| path.segment()).and_then(|it| it.name_ref());
        name.is_some_and(|name| {
            let name = name.text();
            name == "handler" || HANDLER_ATTRIBUTES.binary_search(&name).is_ok() && has_path()
        })
    })
}

/// Whether a closure is run once, to make a value that is kept.
fn runs_once(closure: &SyntaxNode) -> bool {
    let Some(call) = called_with(closure) else { return false };
    match &call {
        ast::Expr::MethodCallExpr(call) => {
            call.name_ref().is_some_and(|name| ONCE.contains(&name.text()))
        }
        ast::Expr::CallExpr(call) => {
            let path = super::paths::callee(call).unwrap_or_default();
            let mut parts = path.rsplit("::");
            parts.next() == Some("new") && parts.next().is_some_and(|ty| LAZY_TYPES.contains(&ty))
        }
        _ => false,
    }
}

/// Whether a closure or async block is handed to something that runs it beside or later.
fn is_task(node: &SyntaxNode) -> bool {
    if node.kind() == SyntaxKind::BLOCK_EXPR && !is_async_block(node) {
        return false;
    }
    let name = match called_with(node) {
        Some(ast::Expr::MethodCallExpr(call)) => call.name_ref().map(|it| it.text().to_string()),
        Some(ast::Expr::CallExpr(call)) => {
            super::paths::callee(&call).map(|path| super::paths::last_segment(&path).to_string())
        }
        _ => None,
    };
    name.is_some_and(|name| name.starts_with("spawn") || name == "for_each_concurrent")
}

/// The call that an expression is an argument of.
fn called_with(argument: &SyntaxNode) -> Option<ast::Expr> {
    let list = argument.parent().filter(|list| list.kind() == SyntaxKind::ARG_LIST)?;
    ast::Expr::cast(list.parent()?)
}
