//! Texts that are secrets by their format alone.

use super::values::is_placeholder;

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
                && !is_filler(&body)
            {
                return Some(what);
            }
        }
    }
    None
}

/// Whether the body of a token is of too few different characters to be one.
fn is_filler(body: &str) -> bool {
    let mut kinds: Vec<char> = body.chars().collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds.len() < 6
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

/// A password in a URL: `postgres://user:password@host`.
fn password_in_url(text: &str) -> Option<&'static str> {
    let scheme = text.find("://")?;
    if text.contains(char::is_whitespace) {
        return None;
    }
    let authority = text.get(scheme + 3..)?.split(['/', '?', '"']).next()?;
    let (user_info, host) = authority.rsplit_once('@')?;
    let (user, password) = user_info.split_once(':')?;
    let named = PASSWORD_PLACEHOLDERS.contains(&password.to_ascii_lowercase().as_str())
        && !matches!(host.split(':').next(), Some("localhost" | "127.0.0.1" | "db" | "postgres"));
    let is_secret = !password.is_empty()
        && !user.is_empty()
        && !named
        && !is_placeholder(password)
        && !host.contains("example");
    is_secret.then_some("password in a URL")
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
        ] {
            assert!(known_format(text).is_some(), "{text}");
        }
        for text in [
            "AKIAIOSFODNN7EXAMPLE",
            "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "postgres://user:password@host/db",
            "-----BEGIN PRIVATE KEY-----",
        ] {
            assert!(known_format(text).is_none(), "{text}");
        }
    }
}
