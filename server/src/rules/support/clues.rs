//! What names say about the secrecy of a value that is compared or looked up.

use crate::semantics::FileContext;
use crate::syntax::names::{Secret, secret, words};

/// What a name may stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Secret,
    Token,
    Mac,
    Digest,
    Fingerprint,
    Signature,
    Code,
}

/// What a name says about its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clue {
    pub what: What,
    /// Whether the name is enough; `token` and `signature` mean other things as well.
    pub strong: bool,
}

/// Words after which a name is not that of the secret itself, beyond those of
/// [`secret`]: things that have a token in other trades, and records about it.
const ABOUT: &[&str] = &[
    "account", "address", "amount", "balance", "budget", "category", "cell", "claims", "class",
    "contract", "cost", "data", "decimals", "entry", "group", "info", "iter", "level", "mint",
    "nonzero", "owner", "pool", "price", "program", "record", "request", "response", "result",
    "row", "stage", "supply", "symbol", "text", "total", "width", "window", "wakeup", "signal",
    "ident", "spacing", "tt", "stream", "scope", "scopes", "needed", "ok", "matches", "match",
    "changed", "exists", "found", "flag", "option", "options", "config", "settings", "context",
    "agent", "manager", "holder", "domain", "network", "chain", "standard", "program",
];

/// Words that make a token one that grants something.
const GRANTS: &[&str] = &[
    "access", "activation", "admin", "api", "app", "auth", "authentication", "authorization",
    "bearer", "bot", "client", "csrf", "deploy", "device", "hook", "id", "invitation", "invite",
    "join", "jwt", "login", "master", "oauth", "push", "refresh", "registration", "remember",
    "reset", "root", "secret", "security", "service", "session", "shared", "signup", "unsubscribe",
    "user", "verification", "webhook", "xsrf",
];

/// What a name says, or nothing when it is not that of a secret.
pub fn clue(name: &str, file: &FileContext) -> Option<Clue> {
    let list: Vec<String> = words(name).collect();
    let has = |word: &str| list.iter().any(|it| it == word);
    let last = list.last()?.as_str();
    let is_const = name.chars().all(|c| !c.is_lowercase()) && list.len() > 1;
    if ABOUT.contains(&last) || has("public") || has("pub") || has("unchecked") {
        return None;
    }
    const NOUNS: &[&str] = &[
        "token", "secret", "password", "key", "mac", "hmac", "pass", "passphrase", "signature",
        "authorization", "credentials", "jwt", "fingerprint", "hash",
    ];
    if is_const && !NOUNS.contains(&last) {
        return None;
    }
    let strong = |what| Some(Clue { what, strong: true });
    let weak = |what| Some(Clue { what, strong: false });
    if last == "authorization" && list.len() <= 2 {
        return strong(What::Token);
    }
    if has("hmac") && !matches!(last, "key" | "id" | "len" | "algorithm" | "type") {
        return strong(What::Mac);
    }
    match secret(name, &file.config.secret_words) {
        Some(Secret::Password) => return strong(What::Secret),
        // A credential is often what somebody shows in public: a name and a key.
        Some(Secret::Other) if matches!(last, "credential" | "credentials") => {
            return weak(What::Secret);
        }
        Some(Secret::Other) => return strong(What::Secret),
        Some(Secret::Token) => {
            let grants = list.iter().any(|it| GRANTS.contains(&it.as_str()))
                || has("apikey")
                || list.windows(2).any(|pair| pair[0] == "access" && pair[1] == "key");
            return if grants { strong(What::Token) } else { weak(What::Token) };
        }
        Some(Secret::Key) => {
            let private = ["private", "secret", "signing", "encryption", "master", "shared"];
            let known = has("privkey") || list.iter().any(|it| private.contains(&it.as_str()));
            return if known { strong(What::Secret) } else { weak(What::Secret) };
        }
        None => {}
    }
    if has("hash") || has("hashed") || has("digest") {
        let secrets = ["password", "passwd", "pwd", "token", "secret", "key"];
        let of_secret = list.iter().any(|it| secrets.contains(&it.as_str()));
        return match last {
            "hash" | "digest" | "hashed" if of_secret && !has("key") => strong(What::Digest),
            "digest" => weak(What::Digest),
            _ => None,
        };
    }
    let is_address = has("addr") || has("address") || has("os") || has("eth") || has("device");
    match last {
        "mac" if !is_address => strong(What::Mac),
        "tag" if has("auth") || has("mac") || has("gcm") || has("poly1305") => strong(What::Mac),
        "tag" if has("membership") || has("confirmation") => strong(What::Mac),
        "tag" => weak(What::Mac),
        "signature" | "sig" if !has("method") && !has("fn") => weak(What::Signature),
        "fingerprint" => weak(What::Fingerprint),
        "otp" | "totp" | "pin" => weak(What::Code),
        "code" if has("verification") || has("recovery") || has("pairing") => weak(What::Code),
        _ => None,
    }
}

/// Whether a function of this name computes the authenticator that it is called after.
pub fn computes(name: &str) -> Option<Clue> {
    let list: Vec<String> = words(name).collect();
    let first = list.first()?.as_str();
    let has = |word: &str| list.iter().any(|it| it == word);
    let what = if has("hmac") || has("mac") {
        What::Mac
    } else if first == "sign" || has("signature") {
        What::Signature
    } else {
        return None;
    };
    let makes = matches!(
        first,
        "sign"
            | "compute"
            | "calculate"
            | "calc"
            | "generate"
            | "derive"
            | "expected"
            | "make"
            | "create"
            | "hmac"
            | "get"
            | "build"
            | "mac"
    );
    makes.then_some(Clue { what, strong: what == What::Mac || first != "get" })
}

/// Words of names for a value that another one must equal.
pub fn is_expectation(name: &str) -> bool {
    words(name).any(|word| {
        matches!(
            word.as_str(),
            "expected"
                | "computed"
                | "calculated"
                | "stored"
                | "configured"
                | "correct"
                | "provided"
                | "supplied"
                | "presented"
                | "received"
                | "valid"
                | "given"
        )
    })
}

/// Words that tell a comparison of two states of one setting, or of something typed twice.
pub fn is_restatement(name: &str) -> bool {
    words(name).any(|word| {
        matches!(
            word.as_str(),
            "old"
                | "new"
                | "prev"
                | "previous"
                | "confirm"
                | "confirmation"
                | "confirmed"
                | "repeat"
                | "repeated"
                | "again"
                | "original"
                | "updated"
                | "retype"
                | "retyped"
                | "cached"
                | "last"
                | "before"
                | "after"
                | "default"
                | "next"
        )
    })
}

/// Whether a function's name says that it decides who may pass.
pub fn authenticates(name: &str) -> bool {
    let list: Vec<String> = words(name).collect();
    let any = |set: &[&str]| list.iter().any(|it| set.contains(&it.as_str()));
    if any(&["parse", "parser", "lex", "tokenize", "decode", "encode"]) {
        return false;
    }
    any(&[
        "authenticate", "authenticated", "authorize", "authorise", "authorized", "authorised",
        "auth", "hmac", "webhook", "csrf", "unauthorized",
    ]) || any(&["verify", "verified", "validate", "check", "valid", "login", "matches", "require"])
        && any(&[
            "password", "passwd", "token", "secret", "signature", "sig", "mac", "key", "user",
            "credential", "credentials", "code", "pin", "otp", "totp", "session", "api", "admin",
            "cookie", "hook", "bearer", "fingerprint", "login", "tag", "request", "cert",
            "certificate", "webhook", "access",
        ])
        || list == ["verify"]
}

/// Whether a path or a name belongs to the trades that call the pieces of a text tokens.
pub fn is_about_parsing(name: &str) -> bool {
    words(name).any(|word| {
        matches!(
            word.as_str(),
            "parse"
                | "parser"
                | "parsers"
                | "parsing"
                | "lex"
                | "lexer"
                | "lexing"
                | "tokenizer"
                | "tokenize"
                | "tokeniser"
                | "tokens"
                | "syntax"
                | "grammar"
                | "ast"
                | "macro"
                | "macros"
                | "scanner"
                | "nlp"
                | "llm"
                | "bpe"
                | "vocab"
                | "sampler"
                | "sampling"
                | "compiler"
                | "interpreter"
                | "expr"
                | "derive"
                | "model"
                | "models"
                | "fmt"
                | "query"
                | "search"
                | "text"
                | "template"
                | "markdown"
                | "html"
                | "css"
                | "json"
                | "toml"
                | "yaml"
                | "xml"
                | "sql"
                | "inference"
                | "transformer"
                | "tokenization"
        )
    })
}
