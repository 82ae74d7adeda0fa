//! Texts that are secrets by their format alone.

use super::names::{SecretKind, SecretNames};
use super::shapes::{different, is_filler};
use super::values::{SecretValue, ValuePlace, is_placeholder, secret_value};

/// What a token starts with, how many more characters it has at least, and what it is.
const TOKEN_PREFIXES: &[(&str, usize, &str)] = &[
    ("AKIA", 16, "AWS access key"),
    ("ASIA", 16, "AWS access key"),
    ("ghp_", 36, "GitHub token"),
    ("gho_", 36, "GitHub token"),
    ("ghs_", 36, "GitHub token"),
    ("ghu_", 36, "GitHub token"),
    ("github_pat_", 22, "GitHub token"),
    ("glpat-", 20, "GitLab token"),
    ("sk_live_", 16, "Stripe key"),
    ("rk_live_", 16, "Stripe key"),
    ("sk-ant-", 20, "Anthropic key"),
    ("sk-proj-", 20, "OpenAI key"),
    ("xoxb-", 20, "Slack token"),
    ("xoxp-", 20, "Slack token"),
    ("xapp-", 20, "Slack token"),
    ("AIza", 35, "Google API key"),
    ("npm_", 36, "npm token"),
    ("SG.", 40, "SendGrid key"),
];

/// Words that stand for a password in a URL.
const PASSWORD_PLACEHOLDERS: &[&str] =
    &["key", "p", "pass", "passwd", "password", "pw", "pwd", "secret", "token"];

/// What a text holds, when it is in the format of a well-known kind of secret.
pub fn known_format(text: &str) -> Option<&'static str> {
    prefixed_token(text)
        .or_else(|| private_key(text))
        .or_else(|| json_web_token(text))
        .or_else(|| password_in_url(text))
        .or_else(|| secret_in_query(text))
        .or_else(|| credentials_of_scheme(text))
}

fn prefixed_token(text: &str) -> Option<&'static str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    for (prefix, len, what) in TOKEN_PREFIXES {
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
                && different(&body) >= 6
                && !is_filler(&body)
            {
                return Some(what);
            }
        }
    }
    None
}

/// Whether a text is a private key in PEM that no passphrase protects.
pub fn is_pem_private_key(text: &str) -> bool {
    text.contains("-----BEGIN ")
        && text.contains("PRIVATE KEY-----")
        && !text.contains("-----BEGIN ENCRYPTED PRIVATE KEY")
}

/// A PEM private key with a body: the line before it alone is what parsers look for.
fn private_key(text: &str) -> Option<&'static str> {
    let start = text.find("-----BEGIN ")?;
    let header = text.get(start..)?;
    let kind = header.find("PRIVATE KEY-----").filter(|at| *at < 40)?;
    let body = header.get(kind + "PRIVATE KEY-----".len()..)?;
    let body = body.split("-----").next().unwrap_or_default().replace("\\n", "");
    let base64 = body.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '+' || *c == '/');
    (base64.count() >= 40 && !body.contains("...")).then_some("private key")
}

fn json_web_token(text: &str) -> Option<&'static str> {
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
    is_jwt.then_some("JSON Web Token")
}

/// A password in a URL: `postgres://user:password@host`, `redis://:password@host`.
fn password_in_url(text: &str) -> Option<&'static str> {
    let scheme = text.find("://")?;
    if text.contains(char::is_whitespace) {
        return None;
    }
    let authority = text.get(scheme + 3..)?.split(['/', '?', '"']).next()?;
    let (user_info, host) = authority.rsplit_once('@')?;
    let (_, password) = user_info.split_once(':')?;
    let named = PASSWORD_PLACEHOLDERS.contains(&password.to_ascii_lowercase().as_str())
        && !is_own_host(host);
    let is_secret = !password.is_empty()
        && !named
        && !is_placeholder(password)
        && !is_pattern(authority)
        && !host.contains("example");
    is_secret.then_some("password in a URL")
}

/// Whether a host is this machine, or a neighbour in the same compose file.
fn is_own_host(host: &str) -> bool {
    matches!(host.split(':').next(), Some("localhost" | "127.0.0.1" | "db" | "postgres"))
}

/// Whether a text is a regular expression that looks for others.
fn is_pattern(text: &str) -> bool {
    ["[^", "[a-", "[A-", "[0-9", "\\s", "\\w", "\\d", "\\S", ".*", ".+", "]+", "]*", "(?"]
        .iter()
        .any(|part| text.contains(part))
}

/// A secret among `name=value` pairs: of a query, a form or a connection string.
fn secret_in_query(text: &str) -> Option<&'static str> {
    let query = text.split_once('?').map_or(text, |(_, query)| query);
    let is_query = text.contains("://") && query.len() < text.len();
    let separators: &[char] = if is_query { &['&', '"', '#'] } else { &['&', ';', ' ', '"'] };
    let pairs = || query.split(separators).filter_map(|pair| pair.trim().split_once('='));
    // A pair by itself is an assignment of something; several are a form or a connection string.
    if !is_query && (pairs().count() < 2 || is_pattern(text)) {
        return None;
    }
    let names = SecretNames::default();
    let is_secret = |(name, value): (&str, &str)| {
        let is_name = name.bytes().all(|it| it.is_ascii_alphanumeric() || b"_-.".contains(&it));
        let Some(kind) = names.kind(name).filter(|_| is_name && value.len() >= 6) else {
            return false;
        };
        let found = secret_value(value, name, kind, ValuePlace::Setting);
        found == Some(SecretValue::Generated)
            || found == Some(SecretValue::MadeUp) && kind != SecretKind::Token
    };
    pairs().any(is_secret).then_some(match is_query {
        true => "secret in a query",
        false => "secret among parameters",
    })
}

/// What follows the scheme of an `Authorization` header: `Bearer abc`, `Basic dXNlcjpwYXNz`.
fn credentials_of_scheme(text: &str) -> Option<&'static str> {
    let text = text.trim_matches('"');
    let (scheme, rest) = text.split_once(' ')?;
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-._~+/=".contains(c);
    if rest.len() < 8 || !rest.chars().all(is_part) {
        return None;
    }
    match scheme.to_ascii_lowercase().as_str() {
        "basic" => {
            let user_info = super::shapes::decoded_base64(rest)?;
            let (_, password) = user_info.split_once(':')?;
            (!password.is_empty() && !is_placeholder(password)).then_some("password in a header")
        }
        "bearer" | "token" => {
            let found = secret_value(rest, "bearer", SecretKind::Token, ValuePlace::Setting)?;
            let is_made = found == SecretValue::Generated
                || found == SecretValue::MadeUp && scheme.eq_ignore_ascii_case("bearer");
            is_made.then_some("bearer token")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_known_formats_are_told_from_their_examples() {
        for text in [
            "AKIAQ3EGRTN5KPLM7XYZ",
            "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
            "postgres://postgres:hunter2@localhost/db",
            "redis://:engine1843@cache:6379/0",
            "https://api.acme.dev/r?client_id=1b&client_secret=7e6422a0a2e24f0d0ecb7521a63990b5",
            "grant_type=password&username=svc&password=engine1843",
            "host=db user=app password=engine1843",
            "Server=db;User Id=sa;Password=engine-1843;",
            "Bearer engine-1843-prod",
            "Basic c3ZjOmVuZ2luZTE4NDM=",
        ] {
            assert!(known_format(text).is_some(), "{text}");
        }
        for text in [
            "AKIAIOSFODNN7EXAMPLE",
            "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "postgres://user:password@host/db",
            "-----BEGIN PRIVATE KEY-----",
            "postgres(ql)?://[^:]+:[^@]+@[^\\s]+",
            "redis://:your_password@cache",
            "https://acme.dev/?token_type=bearer2&page=1",
            "https://acme.dev/callback?access_token=",
            "Bearer token",
            "Bearer realm=\"demo\"",
            "basic understanding",
            "a=1&password=<password>",
        ] {
            assert!(known_format(text).is_none(), "{text}");
        }
    }
}
