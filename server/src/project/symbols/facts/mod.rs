//! What the body of a function does itself: what is asked about a function that code calls.

mod blocking;
mod cancellation;
mod commands;
mod emptied;
mod failures;
mod mentions;
mod passing;
mod secret_calls;
mod secrets;
mod verifiers;

use blocking::blocking_in;
pub use blocking::{
    BLOCKING_NAMES, BlockingCall, Work, blocking_call, hashes_passwords, short_path,
};
pub use cancellation::CANCEL_UNSAFE;
use cancellation::loses_data;
use commands::commands_in;
pub use commands::{names_command, serves};
use emptied::emptied_in;
use failures::always_succeeds;
pub use mentions::{Mentions, OTHER_TIMEOUTS};
pub use passing::PassedOn;
use passing::passed_on;
pub use secret_calls::SecretCall;
use secret_calls::secret_calls;
pub use secrets::Dump;
use secrets::{dump_in, paths_in};
use verifiers::installed_verifiers;
pub use verifiers::{InstalledVerifier, UNVERIFIED_WORDS};

use rowan::GreenNodeData;

use crate::project::flow::Kind;

use crate::syntax::attrs::green_attrs;
use crate::syntax::green::{
    any_token, child_nodes, child_of_kind, declared_name, has_token, node_kind, path_name,
};
use crate::syntax::names::has_any_word;
use crate::syntax::{SyntaxKind, SyntaxNode};

/// What the body of a function does itself, told from its text alone. What the functions that it
/// calls do is not part of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct FunctionFacts {
    /// The first call that blocks the thread, of a function that is not `async`.
    pub blocks: Option<BlockingCall>,
    /// Whether it writes to a log or to a standard stream.
    pub logs: bool,
    /// Whether it writes to a log.
    pub uses_logger: bool,
    /// Whether it writes warnings or errors to a log: of a function that fails, mostly why.
    pub logs_errors: bool,
    /// Whether every way out of it gives `Ok`.
    pub always_succeeds: bool,
    /// Whether `#[instrument]` makes a span of it.
    pub traced: bool,
    /// Whether it accepts connections or starts a server.
    pub serves: bool,
    /// Whether it waits for a signal to stop, or stops a server in order.
    pub stops: bool,
    /// Whether it names a timeout or a deadline.
    pub limits_time: bool,
    /// What it calls to carry out one command: in the arms of a `match` over the commands of a
    /// program that do not serve. Paths as they are written.
    pub commands: Vec<String>,
    /// Of `main`, what it calls anywhere else.
    pub main_calls: Vec<String>,
    /// For a method: how it makes a text of the whole value that it is called on.
    pub dump: Option<Dump>,
    /// The names of variables and fields that it takes for paths of files, among those that may
    /// name a key or a secret.
    pub paths: Vec<String>,
    /// The calls that are about secrets by their names.
    pub secret_calls: Vec<SecretCall>,
    /// The verifiers of certificates that it may install.
    pub verifiers: Vec<InstalledVerifier>,
    /// Its parameters that reach a place where a value of an attacker does harm.
    pub passed_on: Vec<PassedOn>,
    /// A bit for each parameter whose text it returns.
    pub returned: u32,
    /// The fields and statics in it from which it may remove entries.
    pub emptied: Vec<String>,
    /// Whether it sets the protocols that TLS negotiates.
    pub sets_alpn: bool,
    /// Whether it awaits an operation that loses data when its future is dropped.
    pub loses_data: bool,
}

impl FunctionFacts {
    /// The facts about a function, which `mentions` this.
    pub(super) fn of(function: &SyntaxNode, mentions: Mentions) -> Self {
        let green = function.green();
        let Some(body) = child_of_kind(green, SyntaxKind::BLOCK_EXPR) else {
            return Self::default();
        };
        let traced = green_attrs(green).any(|it| {
            any_token(it, &|kind, text: &str| kind == SyntaxKind::IDENT && text == "instrument")
        });
        let mut facts = Self {
            sets_alpn: mentions.sets_alpn(),
            stops: mentions.stops(),
            limits_time: mentions.limits_time(),
            traced,
            ..Self::default()
        };
        facts.loses_data = mentions.may_lose_data() && loses_data(green, body);
        if mentions.may_log_or_serve() {
            facts.read(body);
        }
        facts.always_succeeds = always_succeeds(body);
        if mentions.may_block() && !has_token(green, SyntaxKind::ASYNC_KW) {
            facts.blocks = blocking_in(body, function);
        }
        if mentions.may_dispatch() || declared_name(green) == Some("main") {
            (facts.commands, facts.main_calls) = commands_in(green, body);
        }
        facts.dump = dump_in(green, body);
        if mentions.may_name_secret() {
            facts.paths = paths_in(body);
        }
        facts.secret_calls = secret_calls(green, body);
        if mentions.may_install_verifier() {
            facts.verifiers = installed_verifiers(function);
        }
        (facts.passed_on, facts.returned) = passed_on(function);
        facts.emptied = emptied_in(body);
        facts
    }

    /// Whether a parameter reaches a place of a kind; `self` is not counted.
    pub fn passes_on(&self, parameter: usize, kind: Kind) -> bool {
        self.passed_on.contains(&PassedOn { parameter, kind })
    }

    /// Whether the text of a parameter is returned; `self` is not counted.
    pub fn returns_parameter(&self, parameter: usize) -> bool {
        parameter < 32 && self.returned & (1 << parameter) != 0
    }

    fn read(&mut self, node: &GreenNodeData) {
        for child in child_nodes(node) {
            match node_kind(child) {
                SyntaxKind::FN => continue,
                SyntaxKind::MACRO_CALL => {
                    let name = path_name(child).unwrap_or_default();
                    self.logs |= is_log_macro(name);
                    self.uses_logger |= is_log_macro(name) && !name.contains("print");
                    self.logs_errors |= matches!(name, "error" | "warn");
                }
                _ => self.serves |= starts_serving(child),
            }
            self.read(child);
        }
    }
}

/// Macros that write to a log or to a standard stream.
const LOG_MACROS: &[&str] = &[
    "debug", "eprint", "eprintln", "error", "event", "info", "log", "print", "println", "trace",
    "warn",
];

/// Whether a macro of this name writes to a log or to a standard stream.
pub fn is_log_macro(name: &str) -> bool {
    LOG_MACROS.binary_search(&name).is_ok()
}

/// Words in the names of commands, functions and modules that serve.
const SERVER_WORDS: &[&str] = &["daemon", "listen", "serve", "server"];

/// Whether a call accepts connections or starts a server.
pub(super) fn starts_serving(node: &GreenNodeData) -> bool {
    match node_kind(node) {
        SyntaxKind::METHOD_CALL_EXPR => {
            let arguments = child_of_kind(node, SyntaxKind::ARG_LIST)
                .map_or(0, |list| child_nodes(list).count());
            match called_method(node) {
                Some("accept" | "incoming" | "launch") => arguments == 0,
                Some("serve" | "listen" | "serve_connection" | "serve_with_shutdown") => true,
                _ => false,
            }
        }
        SyntaxKind::CALL_EXPR => {
            let Some(callee) = child_of_kind(node, SyntaxKind::PATH_EXPR) else { return false };
            let owner = child_of_kind(callee, SyntaxKind::PATH)
                .and_then(|path| child_of_kind(path, SyntaxKind::PATH))
                .and_then(|path| child_of_kind(path, SyntaxKind::PATH_SEGMENT))
                .and_then(|it| child_of_kind(it, SyntaxKind::NAME_REF))
                .and_then(crate::syntax::green::first_token_text);
            match path_name(callee) {
                Some(name) if has_any_word(name, SERVER_WORDS) => true,
                Some("run" | "start" | "main" | "launch")
                    if owner.is_some_and(|it| has_any_word(it, SERVER_WORDS)) =>
                {
                    true
                }
                Some("bind" | "bind_addr") => owner.is_some_and(|it| {
                    it.ends_with("Listener") || it.ends_with("Socket") || it.ends_with("Server")
                }),
                Some("new" | "builder") => owner.is_some_and(|it| it.ends_with("Server")),
                _ => false,
            }
        }
        _ => false,
    }
}

/// The name of the method that a method call calls.
pub(super) fn called_method(node: &GreenNodeData) -> Option<&str> {
    child_of_kind(node, SyntaxKind::NAME_REF).and_then(crate::syntax::green::first_token_text)
}
