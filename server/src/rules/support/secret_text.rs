//! What a text bound to the name of a secret is: the secret, or something that stands for it.

use crate::syntax::names::{Secret, is_bare_token, words};

/// Whether a text bound to the name of a secret is one.
pub fn is_secret_text(text: &str, name: &str, kind: Secret, is_fallback: bool) -> bool {
    if is_placeholder(text) || is_reference(text) || reads_like_name(text, name, is_fallback) {
        return false;
    }
    // What only says `token` or `key` may be any short word.
    if kind == Secret::Token && is_bare_token(name) {
        return has_dev_mark(text) || looks_random(text);
    }
    !is_vocabulary(text)
}

/// Whether a text stands for a value to be filled in.
pub fn is_placeholder(text: &str) -> bool {
    let all_same = text.chars().next().is_none_or(|first| text.chars().all(|c| c == first));
    all_same
        || text.contains(['<', '>', '{', '}', '$', '\u{2026}'])
        || text.contains("...")
        || text.contains("***")
        || text.contains("%s")
        || !text.is_ascii()
}

/// Whether a text is a sentence, a path, an address or a header: it leads elsewhere.
fn is_reference(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    text.contains(char::is_whitespace)
        || text.contains("://")
        || text.starts_with(['/', '.', '-', '[', '(', '@', '#', '~', ':'])
        || text.contains("::")
        || text.ends_with([':', '/', '_', '-', '=', '.'])
        || lower.starts_with("x-")
        || [
            ".pem", ".key", ".txt", ".json", ".toml", ".crt", ".cer", ".der", ".yml", ".yaml",
            ".p12", ".pfx", ".env", ".rs",
        ]
        .iter()
        .any(|end| lower.ends_with(end))
}

/// Words that say that a value was made up for development.
pub fn has_dev_mark(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["dev", "changeme", "change-me", "change_me", "changeit", "insecure", "hunter2", "letmein"]
        .iter()
        .any(|mark| lower.contains(mark))
}

pub fn looks_random(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let letters = text.chars().filter(char::is_ascii_alphabetic).count();
    text.len() >= 16 && digits >= 3 && letters >= 3
}

/// Whether a text is the name of what it is bound to, or of another setting.
fn reads_like_name(text: &str, name: &str, is_fallback: bool) -> bool {
    let flat = |text: &str| {
        let letters = text.chars().filter(char::is_ascii_alphanumeric);
        letters.map(|c| c.to_ascii_lowercase()).collect::<String>()
    };
    let (value, own) = (flat(text), flat(name));
    if value == own && !is_fallback {
        return true;
    }
    let screaming = text.contains('_')
        && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    if screaming {
        return true;
    }
    // A sole noun is the lazy choice of a value where one is needed, and else a label.
    if matches!(value.as_str(), "secret" | "password" | "passwd" | "changeme") {
        return !is_fallback && value == own;
    }
    if matches!(value.as_str(), "token" | "key" | "apikey" | "jwt" | "bearer" | "credentials") {
        return true;
    }
    let made_up = words(text).any(|word| {
        matches!(
            word.as_str(),
            "dev"
                | "test"
                | "my"
                | "super"
                | "default"
                | "change"
                | "me"
                | "demo"
                | "local"
                | "foo"
                | "insecure"
                | "example"
                | "very"
                | "your"
                | "this"
                | "not"
                | "the"
                | "some"
        )
    });
    let plain = text.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '_' | '-' | '.'));
    let compound = words(text).count() > 1;
    plain && compound && !made_up && words(text).any(|word| is_noun(&word))
}

fn is_noun(word: &str) -> bool {
    matches!(
        word,
        "token"
            | "key"
            | "secret"
            | "password"
            | "passwd"
            | "credential"
            | "credentials"
            | "jwt"
            | "bearer"
            | "passphrase"
            | "auth"
            | "authorization"
            | "session"
            | "id"
            | "name"
    )
}

/// Words that settings and schemas use beside the names of secrets.
fn is_vocabulary(text: &str) -> bool {
    matches!(
        text.to_ascii_lowercase().as_str(),
        "string"
            | "text"
            | "bytes"
            | "none"
            | "null"
            | "nil"
            | "true"
            | "false"
            | "basic"
            | "digest"
            | "required"
            | "optional"
            | "default"
            | "hidden"
            | "redacted"
            | "masked"
            | "n/a"
            | "header"
            | "query"
            | "cookie"
            | "body"
            | "plain"
            | "hash"
            | "file"
            | "env"
            | "prompt"
            | "stdin"
            | "unknown"
            | "invalid"
            | "missing"
            | "empty"
            | "anonymous"
            | "placeholder"
            | "public"
            | "private"
            | "p"
            | "k"
            | "s"
            | "t"
            | "tok"
            | "pwd"
            | "sk"
            | "pk"
            | "sid"
            | "auth"
            | "session"
            | "password_hash"
            | "ed25519"
            | "rsa"
            | "base64"
    ) || text.len() < 3
}

/// What a text holds, when it is in the format of a well-known kind of secret.
pub fn known_format(text: &str) -> Option<&'static str> {
    const PREFIXES: &[(&str, usize, &str)] = &[
        ("AKIA", 16, "an AWS access key"),
        ("ASIA", 16, "an AWS access key"),
        ("ghp_", 36, "a GitHub token"),
        ("gho_", 36, "a GitHub token"),
        ("ghs_", 36, "a GitHub token"),
        ("ghu_", 36, "a GitHub token"),
        ("github_pat_", 22, "a GitHub token"),
        ("glpat-", 20, "a GitLab token"),
        ("sk_live_", 16, "a Stripe key"),
        ("rk_live_", 16, "a Stripe key"),
        ("sk-ant-", 20, "an Anthropic key"),
        ("sk-proj-", 20, "an OpenAI key"),
        ("xoxb-", 20, "a Slack token"),
        ("xoxp-", 20, "a Slack token"),
        ("xapp-", 20, "a Slack token"),
        ("AIza", 35, "a Google API key"),
        ("npm_", 36, "an npm token"),
        ("SG.", 40, "a SendGrid key"),
    ];
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    for (prefix, len, what) in PREFIXES {
        for (at, _) in text.match_indices(prefix) {
            let before = text.get(..at).and_then(|it| it.chars().next_back());
            let rest = text.get(at + prefix.len()..).unwrap_or_default();
            let dots = prefix.ends_with('.');
            let body: String =
                rest.chars().take_while(|c| is_part(*c) || dots && *c == '.').collect();
            let upper = !prefix.ends_with("IA")
                || body.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
            if body.len() >= *len
                && upper
                && !before.is_some_and(is_part)
                && !body.to_ascii_uppercase().contains("EXAMPLE")
                && !is_filler(&body)
            {
                return Some(what);
            }
        }
    }
    is_private_key(text).or_else(|| is_jwt(text)).or_else(|| has_password(text))
}

fn is_filler(body: &str) -> bool {
    let mut kinds: Vec<char> = body.chars().collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds.len() < 6
}

/// A PEM private key with a body: the line before it alone is what parsers look for.
fn is_private_key(text: &str) -> Option<&'static str> {
    let start = text.find("-----BEGIN ")?;
    let header = text.get(start..)?;
    let kind = header.find("PRIVATE KEY-----").filter(|at| *at < 40)?;
    let body = header.get(kind + "PRIVATE KEY-----".len()..)?;
    let body = body.split("-----").next().unwrap_or_default().replace("\\n", "");
    let base64 = body.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '+' || *c == '/');
    (base64.count() >= 40 && !body.contains("...")).then_some("a private key")
}

fn is_jwt(text: &str) -> Option<&'static str> {
    let start = text.find("eyJ")?;
    let mut parts = text.get(start..)?.split('.');
    let part = |text: &str| {
        text.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).count()
    };
    let header = parts.next()?;
    let payload = parts.next()?;
    let signature = parts.next()?;
    let is_jwt = part(header) == header.len()
        && header.len() >= 12
        && payload.starts_with("eyJ")
        && part(payload) == payload.len()
        && part(signature) >= 16;
    is_jwt.then_some("a JSON web token")
}

/// A password in an address: `postgres://user:password@host`.
fn has_password(text: &str) -> Option<&'static str> {
    let scheme = text.find("://")?;
    if text.contains(char::is_whitespace) {
        return None;
    }
    let authority = text.get(scheme + 3..)?.split(['/', '?', '"']).next()?;
    let (user_info, host) = authority.rsplit_once('@')?;
    let (user, password) = user_info.split_once(':')?;
    let named =
        matches!(
            password.to_ascii_lowercase().as_str(),
            "pass" | "password" | "pwd" | "passwd" | "pw" | "p" | "secret" | "token" | "key"
        ) && !matches!(host.split(':').next(), Some("localhost" | "127.0.0.1" | "db" | "postgres"));
    let fine = !password.is_empty()
        && !user.is_empty()
        && !named
        && !is_placeholder(password)
        && !host.contains("example");
    fine.then_some("a password in an address")
}
