//! What a function mentions, told in one walk over its tokens: most functions have nothing to do
//! with most facts, and need not be read for them.

use std::sync::LazyLock;

use rowan::{GreenNodeData, NodeOrToken};
use rustc_hash::FxHashMap;

use super::LOG_MACROS;
use super::blocking::{BLOCKING_METHODS, BLOCKING_NAMES, HASHING_METHODS};
use super::cancellation::CANCEL_UNSAFE;
use super::verifiers::INSTALLING;
use crate::project::symbols::used_values::{FAILURES, TESTS, listens};
use crate::syntax::SyntaxKind;
use crate::syntax::green::{node_kind, token_kind};
use crate::syntax::names::Parts;

/// What the tokens of a function may be about. What is not mentioned has no fact.
#[derive(Debug, Clone, Copy, Default)]
pub struct Mentions {
    /// A way not to go on.
    fails: bool,
    /// A comparison, a test, or a pattern of a literal.
    tests: bool,
    listens: bool,
    blocks: bool,
    logs: bool,
    serves: bool,
    matches: bool,
    names_secret: bool,
    installs_verifier: bool,
    sets_alpn: bool,
    loses_data: bool,
    stops: bool,
    limits_time: bool,
}

/// Sets what a name mentions.
type Mention = fn(&mut Mentions);

/// What names mention that do so as a whole.
static NAMES: LazyLock<FxHashMap<&'static str, Vec<Mention>>> = LazyLock::new(|| {
    let lists: [(&[&'static str], Mention); 11] = [
        (FAILURES, |it| it.fails = true),
        (TESTS, |it| it.tests = true),
        (BLOCKING_NAMES, |it| it.blocks = true),
        (BLOCKING_METHODS, |it| it.blocks = true),
        (HASHING_METHODS, |it| it.blocks = true),
        (LOG_MACROS, |it| it.logs = true),
        (&["accept", "incoming", "launch"], |it| it.serves = true),
        (INSTALLING, |it| it.installs_verifier = true),
        (CANCEL_UNSAFE, |it| it.loses_data = true),
        (&["alpn_protocols"], |it| it.sets_alpn = true),
        (STOPPING, |it| it.stops = true),
    ];
    let mut names: FxHashMap<&'static str, Vec<Mention>> = FxHashMap::default();
    for (list, mention) in lists {
        list.iter().for_each(|name| names.entry(name).or_default().push(mention));
    }
    names
});

/// Names of what waits for a signal to stop, or stops a server in order.
const STOPPING: &[&str] = &[
    "CancellationToken",
    "SIGINT",
    "SIGTERM",
    "SignalKind",
    "TaskTracker",
    "bind_with_graceful_shutdown",
    "ctrl_c",
    "ctrlc",
    "graceful_shutdown",
    "serve_with_incoming_shutdown",
    "serve_with_shutdown",
    "shutdown_signal",
    "signal_hook",
    "with_graceful_shutdown",
];

/// Parts of the names of what serves.
const SERVING_PARTS: Parts = Parts::new(&["daemon", "listen", "serve", "socket"]);

/// Names with `timeout` in them that say nothing about how long an answer is waited for.
pub const OTHER_TIMEOUTS: &[&str] = &[
    "acquire_timeout",
    "connect_timeout",
    "happy_eyeballs_timeout",
    "http2_keep_alive_timeout",
    "idle_timeout",
    "keep_alive_timeout",
    "pool_idle_timeout",
    "tcp_user_timeout",
];

/// Parts of the names of what limits how long something takes.
const TIME_PARTS: Parts = Parts::new(&["timeout", "deadline"]);

/// Parts of the names of keys and secrets that files may hold.
const SECRET_PARTS: Parts = Parts::new(&["credential", "key", "passw", "secret", "token"]);

impl Mentions {
    /// What a function mentions.
    pub fn of(function: &GreenNodeData) -> Self {
        let mut mentions = Self::default();
        mentions.read(function, &NAMES);
        mentions
    }

    fn read(&mut self, node: &GreenNodeData, names: &FxHashMap<&'static str, Vec<Mention>>) {
        for child in node.children() {
            let token = match child {
                NodeOrToken::Node(node) => {
                    self.tests |= node_kind(node) == SyntaxKind::LITERAL_PAT;
                    self.read(node, names);
                    continue;
                }
                NodeOrToken::Token(token) => token,
            };
            match token_kind(token) {
                SyntaxKind::EQ2 | SyntaxKind::NEQ => self.tests = true,
                SyntaxKind::MATCH_KW => self.matches = true,
                SyntaxKind::IDENT => self.name(token.text(), names),
                _ => {}
            }
        }
    }

    fn name(&mut self, name: &str, names: &FxHashMap<&'static str, Vec<Mention>>) {
        names.get(name).into_iter().flatten().for_each(|mention| mention(self));
        self.listens = self.listens || listens(name);
        self.serves = self.serves || SERVING_PARTS.occur_in(name);
        self.limits_time =
            self.limits_time || TIME_PARTS.occur_in(name) && !OTHER_TIMEOUTS.contains(&name);
        self.names_secret = self.names_secret || SECRET_PARTS.occur_in(name);
    }

    /// Whether it may refuse a value.
    pub fn may_refuse(self) -> bool {
        self.fails && self.tests
    }

    /// Whether it may listen on an address.
    pub fn may_listen(self) -> bool {
        self.listens
    }

    pub(super) fn may_block(self) -> bool {
        self.blocks
    }

    pub(super) fn may_log_or_serve(self) -> bool {
        self.logs || self.serves
    }

    pub(super) fn stops(self) -> bool {
        self.stops
    }

    pub(super) fn limits_time(self) -> bool {
        self.limits_time
    }

    pub(super) fn may_dispatch(self) -> bool {
        self.matches
    }

    pub(super) fn may_name_secret(self) -> bool {
        self.names_secret
    }

    pub(super) fn may_lose_data(self) -> bool {
        self.loses_data
    }

    /// Whether it names the list of protocols that TLS negotiates.
    pub(super) fn sets_alpn(self) -> bool {
        self.sets_alpn
    }

    pub(super) fn may_install_verifier(self) -> bool {
        self.installs_verifier
    }
}
