//! What a type says of the values in it: whether they print as they are, whether they are secrets,
//! and what they are for.

use super::names::{SecretKind, SecretNames, is_bare_token};
use crate::syntax::names::has_any_word;

/// What a value of a type is made of, as far as the text of the type tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeContent {
    /// Text that prints as it is.
    Text,
    /// Bytes that print as they are.
    Bytes,
    /// A value in a wrapper that does not print it.
    Redacted,
    /// A type of this name, without its path and arguments.
    Named(String),
    /// A URL in a type of its own, which prints with the password in it.
    Url,
    /// Something that is no secret: a number, a duration, a function.
    Other,
}

/// Types of text.
const TEXT_TYPES: &[&str] = &[
    "ArrayString", "AsciiMetadataValue", "BinaryMetadataValue", "ByteString", "CStr", "CString",
    "CompactString", "HeaderValue", "MetadataValue", "OsStr", "OsString", "SmolStr", "String",
    "str",
];

/// Types of bytes.
const BYTE_TYPES: &[&str] = &["ByteBuf", "Bytes", "BytesMut", "GenericArray"];

/// Maps, whose values count.
const MAP_TYPES: &[&str] = &["BTreeMap", "DashMap", "HashMap", "IndexMap"];

/// Types that are made of what their first argument is made of, extractors of requests among them.
const CONTAINER_TYPES: &[&str] = &[
    "Arc", "ArcSwap", "ArrayVec", "BTreeSet", "Box", "Cell", "Cow", "Data", "Extension", "Form",
    "HashSet", "Json", "Lazy", "LazyLock", "Mutex", "OnceCell", "OnceLock", "Option", "Query",
    "Rc", "RefCell", "RwLock", "SmallVec", "State", "Vec", "VecDeque", "Zeroizing",
];

/// Types of values that are no secrets.
const HARMLESS_TYPES: &[&str] = &[
    "CancellationToken", "DateTime", "Duration", "Instant", "IpAddr", "Path", "PathBuf",
    "PhantomData", "Range", "Regex", "SocketAddr", "SystemTime", "bool", "char", "f32", "f64",
    "i128", "i16", "i32", "i64", "i8", "isize", "u128", "u16", "u32", "u64", "u8", "usize",
];

/// Crates whose values are documents of any form.
const DOCUMENT_CRATES: &[&str] = &["bson", "serde_json", "serde_yaml", "toml"];

/// Wrappers whose `Debug` does not show what they wrap.
const REDACTING_TYPES: &[&str] =
    &["SecretBox", "SecretSlice", "SecretStr", "SecretString", "SecretVec"];

/// Words in the names of such wrappers.
const REDACTING_WORDS: &[&str] =
    &["hidden", "masked", "obscured", "protected", "redact", "redacted", "sensitive"];

/// Words of types whose values are sent or stored.
const TRANSFER_WORDS: &[&str] = &[
    "args", "auth", "backup", "body", "claim", "claims", "cmd", "command", "create", "credential",
    "credentials", "data", "dto", "export", "form", "frame", "grant", "header", "input", "json",
    "key", "keys", "login", "message", "model", "msg", "new", "output", "packet", "params",
    "password", "payload", "persisted", "proto", "query", "raw", "record", "register",
    "registration", "reply", "req", "request", "res", "resp", "response", "row", "secret",
    "secrets", "signin", "signup", "stored", "token", "tokens", "update", "wire",
];

/// Words of types that are messages of a protocol, or rows of a table.
const MESSAGE_WORDS: &[&str] = &[
    "body", "dto", "entity", "form", "input", "message", "model", "msg", "output", "params",
    "payload", "record", "reply", "request", "response", "row",
];

/// Words of types that hold settings.
const SETTINGS_WORDS: &[&str] = &[
    "args", "builder", "cfg", "cli", "conf", "config", "configuration", "env", "opt", "option",
    "options", "opts", "params", "setting", "settings",
];

impl TypeContent {
    /// What the type of the text `ty` is made of. White space in it matters only after a lifetime.
    pub fn of(ty: &str) -> Self {
        let mut ty = ty.trim_start_matches(['&', '*', '(', ' ']);
        if let Some(rest) = ty.strip_prefix('\'') {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
            ty = rest.get(end..).unwrap_or_default().trim_start_matches([',', ' ']);
        }
        let ty = ty.strip_prefix("mut ").unwrap_or(ty).trim_start();
        if ["dyn", "impl", "fn", "unsafe", "extern"].iter().any(|word| ty.starts_with(word)) {
            return Self::Other;
        }
        if let Some(element) = ty.strip_prefix('[') {
            return Self::of_elements(element);
        }
        let end = ty.find(['<', ';', ']', ')', ',', '>', ' ']).unwrap_or(ty.len());
        let (path, rest) = ty.split_at(end);
        let name = path.rsplit("::").next().unwrap_or(path);
        match rest.strip_prefix('<') {
            _ if TEXT_TYPES.contains(&name) => Self::Text,
            _ if BYTE_TYPES.contains(&name) => Self::Bytes,
            _ if matches!(name, "Uri" | "Url") => Self::Url,
            Some(_) if name == "Secret" => Self::Redacted,
            _ if is_redacting(name) => Self::Redacted,
            Some(inner) if MAP_TYPES.contains(&name) => {
                inner.split_once(',').map_or(Self::Other, |(_, value)| Self::of(value))
            }
            Some(inner) if CONTAINER_TYPES.contains(&name) => Self::of_elements(inner),
            _ if name.is_empty() || HARMLESS_TYPES.contains(&name) => Self::Other,
            // What a document of any form has in it is not known.
            _ if path.split("::").next().is_some_and(|it| DOCUMENT_CRATES.contains(&it)) => {
                Self::Other
            }
            _ => Self::Named(name.to_string()),
        }
    }

    fn of_elements(element: &str) -> Self {
        let rest = element.strip_prefix("u8").unwrap_or_default();
        if rest.starts_with([']', ';', '>', ',', ' ']) { Self::Bytes } else { Self::of(element) }
    }

    /// Whether the value is a URL in a type of its own.
    pub fn is_url(&self) -> bool {
        *self == Self::Url
    }

    /// Whether the value prints as it is.
    pub fn is_plain(&self) -> bool {
        matches!(self, Self::Text | Self::Bytes)
    }
}

/// Whether a type is a list of values: `Vec<String>`, `Option<HashSet<String>>`, `&[&str]`.
pub fn is_list(ty: &str) -> bool {
    let lists = ["Vec<", "Set<", "VecDeque<", "SmallVec<", "["];
    lists.iter().any(|list| ty.contains(list)) && !MAP_TYPES.iter().any(|map| ty.contains(map))
}

/// Whether the name is that of a wrapper whose `Debug` does not show what it wraps.
fn is_redacting(name: &str) -> bool {
    REDACTING_TYPES.contains(&name) || has_any_word(name, REDACTING_WORDS)
}

impl SecretNames {
    /// What kind of secret the values of a type are, by its name: `SigningKey`, `Password`.
    pub fn type_kind(&self, name: &str) -> Option<SecretKind> {
        self.bytes_kind(name).filter(|_| !is_bare_token(name))
    }
}

/// Whether the values of a type go over the wire or into storage, secrets included.
pub fn is_transferred(name: &str) -> bool {
    has_any_word(name, TRANSFER_WORDS)
}

/// Whether a type is named as a message of a protocol or a row, whose fields others must fill in.
pub fn is_message(name: &str) -> bool {
    has_any_word(name, MESSAGE_WORDS)
}

/// Whether the values of a type are settings.
pub fn is_settings(name: &str) -> bool {
    has_any_word(name, SETTINGS_WORDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_tell_what_their_values_are_made_of() {
        for ty in ["String", "&'static str", "&mut str", "Option<Arc<str>>", "HashMap<u8, String>"]
        {
            assert_eq!(TypeContent::of(ty), TypeContent::Text, "{ty}");
        }
        for ty in ["Vec<u8>", "[u8; 32]", "Box<[u8]>", "&[u8]", "Zeroizing<[u8; N]>", "Bytes"] {
            assert_eq!(TypeContent::of(ty), TypeContent::Bytes, "{ty}");
        }
        for ty in ["SecretString", "secrecy::Secret<String>", "Option<Redacted<String>>"] {
            assert_eq!(TypeContent::of(ty), TypeContent::Redacted, "{ty}");
        }
        for ty in ["u64", "Arc<dyn HmacKey>", "Option<Duration>", "[u32; 4]", "fn() -> String"] {
            assert_eq!(TypeContent::of(ty), TypeContent::Other, "{ty}");
        }
        assert_eq!(TypeContent::of("Vec<a::Token>"), TypeContent::Named("Token".to_string()));
    }

    #[test]
    fn types_are_secrets_by_their_names() {
        let names = SecretNames::default();
        for name in ["SigningKey", "Password", "HybridKemSecretKey", "AccessToken", "SharedSecret"]
        {
            assert!(names.type_kind(name).is_some(), "{name}");
        }
        for name in ["Token", "PublicKey", "KeyPair", "TokenStore", "SecretTree", "PasswordHash"] {
            assert!(names.type_kind(name).is_none(), "{name}");
        }
    }
}
