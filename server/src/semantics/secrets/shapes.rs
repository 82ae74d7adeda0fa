//! What the characters of a text tell of it, whatever it is bound to: whether it was generated,
//! shows only what a value looks like, or is an address, a file or an alphabet.

/// Ends of the names of files.
const FILE_EXTENSIONS: &[&str] = &[
    ".cer", ".crt", ".der", ".env", ".htm", ".html", ".json", ".key", ".p12", ".pem", ".pfx",
    ".pub", ".rs", ".sql", ".tera", ".toml", ".txt", ".yaml", ".yml",
];

/// Ends of host names that are given out most.
const DOMAIN_ENDS: &[&str] = &[
    "app", "cloud", "com", "de", "dev", "eu", "example", "internal", "io", "lan", "local", "net",
    "org", "svc",
];

/// Whether a text is one character again and again, or nothing.
pub(super) fn is_repeated(text: &str) -> bool {
    text.chars().next().is_none_or(|first| text.chars().all(|c| c == first))
}

/// Whether a text is rows of one character, in the shape of a value: `xxxx-xxxx`, `sk-XXXXXXXX`.
pub(super) fn is_filler(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let bytes: Vec<u8> = lower.bytes().filter(u8::is_ascii_alphanumeric).collect();
    let (mut longest, mut run) = (0, 0);
    for pair in bytes.windows(2) {
        run = if pair.first() == pair.last() { run + 1 } else { 0 };
        longest = longest.max(run + 1);
    }
    let most = (b'0'..=b'z').map(|it| bytes.iter().filter(|byte| **byte == it).count()).max();
    longest >= 4 && most.unwrap_or(0) * 2 >= bytes.len()
}

/// Whether a text was generated: 16 characters or more, without words, as keys in hexadecimal
/// digits or base64 are.
pub(super) fn is_generated(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '_' | '-' | '.');
    let count = |test: fn(&char) -> bool| body.chars().filter(&test).count();
    let (digits, letters) = (count(char::is_ascii_digit), count(char::is_ascii_alphabetic));
    let has_both = digits >= 2 && letters >= 3;
    body.len() >= 16
        && body.chars().all(is_part)
        && has_both
        && changes(body) * 5 >= digits + letters
        && different(body) >= 6
}

/// How often small letters, capitals and digits follow each other within the words of a text. A
/// small letter behind a capital is how words begin, and does not count.
fn changes(text: &str) -> usize {
    let class = |byte: u8| match byte {
        b'0'..=b'9' => 1,
        b'a'..=b'z' => 2,
        b'A'..=b'Z' => 3,
        _ => 0,
    };
    let classes: Vec<u8> = text.bytes().map(class).collect();
    let pairs = classes.windows(2);
    pairs.filter(|pair| matches!(pair, [1, 2 | 3] | [2 | 3, 1] | [2, 3])).count()
}

/// How many different characters there are in a text.
pub(super) fn different(text: &str) -> usize {
    let mut kinds: Vec<char> = text.chars().collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds.len()
}

/// Whether a text is the letters that others are made of, each once and mostly in order.
pub(super) fn is_alphabet(text: &str) -> bool {
    let bytes = text.as_bytes();
    let in_order = bytes.windows(2).filter(|pair| pair.first() < pair.last()).count();
    bytes.len() >= 10 && different(text) == bytes.len() && in_order * 10 >= (bytes.len() - 1) * 8
}

/// Whether a text is a number with a unit: `30d`, `15min`, `4096kb`.
pub(super) fn is_quantity(text: &str) -> bool {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    unit.len() < text.len()
        && (1..=3).contains(&unit.len())
        && unit.bytes().all(|it| it.is_ascii_alphabetic())
}

/// Whether a text is the name of a file, by its end.
pub(super) fn is_file_name(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    FILE_EXTENSIONS.iter().any(|end| lower.ends_with(end))
}

/// Whether a text is a host name, an address of mail, or an IP address, with or without a port.
pub fn has_address_shape(text: &str) -> bool {
    let host = text.rsplit_once('@').map_or(text, |(_, host)| host);
    let (host, port) = host.split_once(':').unwrap_or((host, ""));
    let labels: Vec<&str> = host.split('.').collect();
    let is_label = |it: &&str| {
        !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let is_number = labels.len() == 4 && labels.iter().all(|it| it.parse::<u8>().is_ok());
    let is_domain = labels.len() > 1
        && labels
            .last()
            .is_some_and(|end| DOMAIN_ENDS.contains(&end.to_ascii_lowercase().as_str()));
    port.bytes().all(|it| it.is_ascii_digit())
        && labels.iter().all(is_label)
        && (is_number || is_domain)
}

/// The text that base64 stands for; nothing when it is none, or stands for no text.
pub fn decoded_base64(text: &str) -> Option<String> {
    let body = text.trim_end_matches('=');
    if !text.len().is_multiple_of(4) || body.is_empty() {
        return None;
    }
    let mut bytes = Vec::with_capacity(body.len());
    let (mut bits, mut filled) = (0_u32, 0);
    for byte in body.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        filled += 6;
        if filled >= 8 {
            filled -= 8;
            bytes.push((bits >> filled) as u8);
        }
    }
    let text = String::from_utf8(bytes).ok()?;
    let is_text = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    text.chars().all(is_text).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_generated_has_no_words() {
        for text in [
            "a8f5f167f44f4964e6c998dee827110c",
            "7e6422a0a2e24f0d0ecb7521a63990b5",
            "kq9x2fjs88ab1zzz",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYKEY1",
            "8f14e45f-ceea-467f-a83b-8c0e5b1a2d3f",
        ] {
            assert!(is_generated(text), "{text}");
        }
        for text in [
            "engine-1843-production",
            "PasswordResetTokenHeader2",
            "worker:password_mail_failed",
            "projects/123456/secrets/demo",
            "super-secret-key-2024-01-01",
        ] {
            assert!(!is_generated(text), "{text}");
        }
    }

    #[test]
    fn addresses_are_told_by_their_shape() {
        for text in ["app.demo.io", "ops@acme.dev", "10.0.0.1", "db.internal:5432"] {
            assert!(has_address_shape(text), "{text}");
        }
        for text in ["hunter2", "a.b", "x9-kk2-fjq", "p@ssw0rd", "1.2.3"] {
            assert!(!has_address_shape(text), "{text}");
        }
    }

    #[test]
    fn base64_is_read_where_it_is_text() {
        assert_eq!(decoded_base64("aHVudGVyMi1wcm9k").as_deref(), Some("hunter2-prod"));
        assert_eq!(decoded_base64("YXBwLmRlbW8uaW8=").as_deref(), Some("app.demo.io"));
        assert_eq!(decoded_base64("hunter2-prod"), None);
        assert_eq!(decoded_base64("AAECAwQF"), None);
    }
}
