//! Which types hold secrets, and which of them show what they hold.

use crate::project::{SymbolIndex, TypeDef};
use crate::syntax::ast::{self, HasName, HasVisibility};
use crate::syntax::green::token_kind;
use crate::syntax::names::{Secret, is_about_parsing, is_bare_token, may_be_secret, secret, words};
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode, TextRange};
use rowan::{GreenNodeData, NodeOrToken};

/// What a type tells of the values in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holds {
    /// Text that prints as it is.
    Text,
    /// Bytes that print as they are.
    Bytes,
    /// A value in a wrapper that does not print it.
    Redacted,
    /// A type of this name.
    Named(String),
    /// Something that is no secret: a number, a duration, a function.
    Other,
}

impl Holds {
    pub fn is_plain(&self) -> bool {
        matches!(self, Self::Text | Self::Bytes)
    }
}

/// What a type holds. White space in `ty` matters only after a lifetime.
pub fn holds(ty: &str) -> Holds {
    let mut ty = ty.trim_start_matches(['&', '*', '(', ' ']);
    if let Some(rest) = ty.strip_prefix('\'') {
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        ty = rest.get(end..).unwrap_or_default().trim_start_matches([',', ' ']);
    }
    let ty = ty.strip_prefix("mut ").unwrap_or(ty).trim_start();
    if ["dyn", "impl", "fn", "unsafe", "extern"].iter().any(|word| ty.starts_with(word)) {
        return Holds::Other;
    }
    if let Some(element) = ty.strip_prefix('[') {
        return of_elements(element);
    }
    let end = ty.find(['<', ';', ']', ')', ',', '>', ' ']).unwrap_or(ty.len());
    let (path, rest) = ty.split_at(end);
    let name = path.rsplit("::").next().unwrap_or(path);
    let inner = rest.strip_prefix('<');
    match (name, inner) {
        (
            "String" | "str" | "SmolStr" | "CompactString" | "HeaderValue" | "OsString" | "OsStr"
            | "ArrayString" | "ByteString" | "CString" | "CStr",
            _,
        ) => Holds::Text,
        ("Bytes" | "BytesMut" | "ByteBuf" | "GenericArray", _) => Holds::Bytes,
        ("Secret", Some(_)) => Holds::Redacted,
        _ if is_redacting(name) => Holds::Redacted,
        ("HashMap" | "BTreeMap" | "IndexMap" | "DashMap", Some(inner)) => {
            inner.split_once(',').map_or(Holds::Other, |(_, value)| holds(value))
        }
        (
            "Vec" | "Box" | "Arc" | "Rc" | "Option" | "Cow" | "Mutex" | "RwLock" | "RefCell"
            | "Cell" | "Zeroizing" | "OnceCell" | "OnceLock" | "VecDeque" | "ArcSwap" | "Lazy"
            | "LazyLock" | "ArrayVec" | "SmallVec",
            Some(inner),
        ) => of_elements(inner),
        (
            "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "i8" | "i16" | "i32" | "i64" | "i128"
            | "isize" | "f32" | "f64" | "bool" | "char" | "Duration" | "Instant" | "SystemTime"
            | "DateTime" | "PathBuf" | "Path" | "Url" | "Uri" | "Regex" | "PhantomData" | "Range"
            | "HashSet" | "BTreeSet" | "SocketAddr" | "IpAddr" | "CancellationToken" | "",
            _,
        ) => Holds::Other,
        _ => Holds::Named(name.to_string()),
    }
}

fn of_elements(element: &str) -> Holds {
    let rest = element.strip_prefix("u8").unwrap_or_default();
    if rest.starts_with([']', ';', '>', ',', ' ']) { Holds::Bytes } else { holds(element) }
}

/// Whether the name is that of a wrapper whose `Debug` does not show what it wraps.
fn is_redacting(name: &str) -> bool {
    matches!(name, "SecretString" | "SecretBox" | "SecretVec" | "SecretSlice" | "SecretStr")
        || words(name).any(|word| {
            matches!(
                word.as_str(),
                "redacted"
                    | "redact"
                    | "sensitive"
                    | "masked"
                    | "protected"
                    | "hidden"
                    | "obscured"
            )
        })
}

/// Whether an identifier or a string below `node` may name a secret, told cheaply.
pub fn mentions_secret(node: &GreenNodeData, extra: &[String]) -> bool {
    node.children().any(|child| match child {
        NodeOrToken::Node(child) => mentions_secret(child, extra),
        NodeOrToken::Token(token) => {
            matches!(token_kind(token), SyntaxKind::IDENT | SyntaxKind::STRING)
                && may_be_secret(token.text(), extra)
        }
    })
}

/// A field that holds a secret by its name, or by that of the type it is in.
#[derive(Debug, Clone)]
pub struct SecretField {
    /// A `RECORD_FIELD` or `TUPLE_FIELD`.
    pub node: SyntaxNode,
    /// The name, or the number of a tuple's field.
    pub name: String,
    /// Of the name; of the type in a tuple.
    pub range: TextRange,
    pub kind: Secret,
    pub holds: Holds,
    /// Nothing but `pub` before it.
    pub public: bool,
}

/// The fields of a struct, enum or union that hold secrets.
pub fn secret_fields(item: &SyntaxNode, extra: &[String]) -> Vec<SecretField> {
    if !mentions_secret(item.green(), extra) {
        return Vec::new();
    }
    let Some(owner) = item.children().find_map(ast::Name::cast) else { return Vec::new() };
    let owner = owner.text().to_string();
    let of_type = secret_type(&owner, extra);
    let mut fields = Vec::new();
    for node in item.descendants() {
        let found = if let Some(field) = ast::RecordField::cast(node.clone()) {
            record_field(&field, of_type, extra)
        } else if let Some(field) = ast::TupleField::cast(node.clone()) {
            tuple_field(&field, of_type, extra)
        } else {
            None
        };
        fields.extend(found);
    }
    let parses = is_about_parsing(&owner);
    fields.retain(|field| !(is_bare_token(&field.name) && (parses || has_place(item))));
    fields
}

/// Whether a type has a field such as `span` or `line`: then its token is a word of a text.
fn has_place(item: &SyntaxNode) -> bool {
    item.descendants().filter_map(ast::RecordField::cast).any(|field| {
        field.name().is_some_and(|name| {
            matches!(
                name.text().to_string().as_str(),
                "span" | "line" | "column" | "col" | "kind" | "pos" | "offset" | "start" | "lemma"
            )
        })
    })
}

fn record_field(
    field: &ast::RecordField,
    of_type: Option<Secret>,
    extra: &[String],
) -> Option<SecretField> {
    let name = field.name()?;
    let text = name.text().to_string();
    if is_documented_as_public(field.syntax()) {
        return None;
    }
    let holds = holds(&field.ty()?.syntax().text().to_string());
    let by_type = match (of_type, &holds) {
        (Some(kind @ Secret::Key), Holds::Bytes) => Some(kind),
        (Some(kind @ Secret::Key), Holds::Named(ty)) if secret_type(ty, extra).is_some() => {
            Some(kind)
        }
        _ => None,
    };
    let public = ["public", "pub", "verifying", "id", "nonce", "salt", "iv", "checksum", "hash"];
    let by_type = by_type.filter(|_| !words(&text).any(|word| public.contains(&word.as_str())));
    Some(SecretField {
        node: field.syntax().clone(),
        range: name.syntax().text_range(),
        kind: secret(&text, extra).or(by_type)?,
        name: text,
        holds,
        public: is_public(field.visibility()),
    })
}

/// Whether the documentation says that a key is the public one of its pair.
fn is_documented_as_public(field: &SyntaxNode) -> bool {
    let comments = field.children_with_tokens().filter_map(NodeOrToken::into_token);
    comments.filter(|token| token.kind() == SyntaxKind::COMMENT).any(|comment| {
        let text = comment.text().to_lowercase();
        text.contains("public") && !text.contains("private") && !text.contains("secret")
    })
}

fn tuple_field(
    field: &ast::TupleField,
    of_type: Option<Secret>,
    extra: &[String],
) -> Option<SecretField> {
    let list = field.syntax().parent()?;
    let number = list
        .children()
        .filter(|it| it.kind() == field.syntax().kind())
        .position(|it| it == *field.syntax())?;
    // A variant is named for what it holds more often than the enum is.
    let variant = list.parent().and_then(ast::Variant::cast);
    let kind = match variant {
        Some(variant) => {
            let name = variant.name()?.text().to_string();
            secret(&name, extra).filter(|_| !is_bare_token(&name))
        }
        None => of_type,
    };
    let ty = field.ty()?;
    Some(SecretField {
        node: field.syntax().clone(),
        name: number.to_string(),
        range: ty.syntax().text_range(),
        kind: kind?,
        holds: holds(&ty.syntax().text().to_string()),
        public: is_public(field.visibility()),
    })
}

fn is_public(visibility: Option<ast::Visibility>) -> bool {
    visibility.is_some_and(|it| it.visibility_inner().is_none())
}

/// What kind of secret the values of a type are, by its name: `SigningKey`, `Password`.
pub fn secret_type(name: &str, extra: &[String]) -> Option<Secret> {
    let kind = secret(name, extra)?;
    let about = words(name).any(|word| {
        matches!(
            word.as_str(),
            "pair"
                | "info"
                | "request"
                | "response"
                | "config"
                | "settings"
                | "options"
                | "input"
                | "output"
                | "context"
                | "params"
                | "args"
                | "ref"
                | "handle"
                | "encrypted"
                | "wrapped"
                | "sealed"
                | "cache"
                | "pool"
                | "auth"
                | "flow"
                | "grant"
                | "pre"
        )
    });
    (!about && !is_bare_token(name)).then_some(kind)
}

/// Whether the values of a type go over the wire or into storage, secrets included.
pub fn is_transferred(name: &str) -> bool {
    words(name).any(|word| {
        matches!(
            word.as_str(),
            "request"
                | "req"
                | "response"
                | "resp"
                | "res"
                | "reply"
                | "payload"
                | "claims"
                | "claim"
                | "dto"
                | "body"
                | "params"
                | "form"
                | "query"
                | "message"
                | "msg"
                | "input"
                | "output"
                | "args"
                | "command"
                | "cmd"
                | "login"
                | "signup"
                | "signin"
                | "register"
                | "registration"
                | "credentials"
                | "credential"
                | "auth"
                | "grant"
                | "packet"
                | "frame"
                | "header"
                | "record"
                | "row"
                | "stored"
                | "persisted"
                | "token"
                | "tokens"
                | "secret"
                | "secrets"
                | "key"
                | "keys"
                | "data"
                | "model"
                | "wire"
                | "proto"
                | "json"
                | "raw"
                | "create"
                | "update"
                | "new"
                | "export"
                | "backup"
                | "password"
        )
    })
}

/// Whether a type is named as a message of a protocol, whose fields others must fill in.
pub fn is_transferred_by_name(name: &str) -> bool {
    words(name).any(|word| {
        matches!(
            word.as_str(),
            "request"
                | "response"
                | "reply"
                | "payload"
                | "dto"
                | "message"
                | "msg"
                | "params"
                | "input"
                | "output"
                | "form"
                | "body"
        )
    })
}

/// Whether the values of a type are settings.
pub fn is_settings(name: &str) -> bool {
    words(name).any(|word| {
        matches!(
            word.as_str(),
            "config"
                | "configuration"
                | "conf"
                | "cfg"
                | "settings"
                | "setting"
                | "options"
                | "option"
                | "opts"
                | "opt"
                | "args"
                | "cli"
                | "env"
                | "params"
                | "builder"
        )
    })
}

/// How deep a secret may lie below the type that is printed.
const MAX_DEPTH: usize = 3;

/// The way to a secret that the derived `Debug` of a type shows: `db.password`. Nothing when types
/// of the name differ in this.
pub fn shown_secret(symbols: &SymbolIndex, name: &str, extra: &[String]) -> Option<String> {
    shown_below(symbols, name, extra, MAX_DEPTH)
}

fn shown_below(
    symbols: &SymbolIndex,
    name: &str,
    extra: &[String],
    depth: usize,
) -> Option<String> {
    let below = depth.checked_sub(1)?;
    let mut shown = None;
    for def in symbols.types(name) {
        shown = Some(shown_field(symbols, def, extra, below)?);
    }
    shown
}

fn shown_field(
    symbols: &SymbolIndex,
    def: &TypeDef,
    extra: &[String],
    depth: usize,
) -> Option<String> {
    if !def.derives.iter().any(|derive| derive == "Debug") {
        return None;
    }
    let of_type = secret_type(&def.name, extra);
    def.fields.iter().find_map(|(field, ty)| {
        let held = holds(ty);
        let named = secret(field, extra).is_some() && !is_bare_token(field)
            || of_type.is_some() && field.starts_with(|c: char| c.is_ascii_digit());
        match held {
            held if held.is_plain() && named => Some(field.clone()),
            Holds::Named(inner) if inner != def.name => {
                shown_below(symbols, &inner, extra, depth).map(|rest| format!("{field}.{rest}"))
            }
            _ => None,
        }
    })
}

/// Whether a field holds a type whose derived `Debug` shows a secret. Without its owner, every
/// field of the name that the workspace declares must.
pub fn field_shows_secret(
    symbols: &SymbolIndex,
    owner: Option<&str>,
    field: &str,
    extra: &[String],
) -> bool {
    every_field(symbols, owner, field, |ty| match holds(ty) {
        Holds::Named(ty) => shown_secret(symbols, &ty, extra).is_some(),
        _ => false,
    })
}

/// Whether a field holds a wrapper that does not print its value. Without its owner, every field
/// of the name that the workspace declares must.
pub fn is_redacted_field(symbols: &SymbolIndex, owner: Option<&str>, field: &str) -> bool {
    every_field(symbols, owner, field, |ty| is_redacted_type(symbols, ty))
}

/// Whether the workspace declares a field, and a test holds of its type wherever it does.
fn every_field(
    symbols: &SymbolIndex,
    owner: Option<&str>,
    field: &str,
    test: impl Fn(&str) -> bool,
) -> bool {
    let all = |types: &mut dyn Iterator<Item = &str>| {
        let mut types = types.peekable();
        types.peek().is_some() && types.all(&test)
    };
    match owner {
        Some(owner) if symbols.types(owner).next().is_some() => {
            let fields = symbols.types(owner).flat_map(|def| &def.fields);
            all(&mut fields.filter(|(name, _)| name == field).map(|(_, ty)| ty.as_str()))
        }
        _ => all(&mut symbols.fields(field)),
    }
}

/// Whether a type does not print what it holds, as far as the workspace knows it.
pub fn is_redacted_type(symbols: &SymbolIndex, ty: &str) -> bool {
    !prints_plain(symbols, ty, MAX_DEPTH)
}

/// Whether a derived `Debug` leads from a type to text or bytes.
fn prints_plain(symbols: &SymbolIndex, ty: &str, depth: usize) -> bool {
    let name = match holds(ty) {
        Holds::Text | Holds::Bytes => return true,
        Holds::Redacted | Holds::Other => return false,
        Holds::Named(name) => name,
    };
    let Some(below) = depth.checked_sub(1) else { return false };
    let mut defs = symbols.types(&name).peekable();
    defs.peek().is_some()
        && defs.all(|def| {
            def.derives.iter().any(|derive| derive == "Debug")
                && def.fields.iter().any(|(_, ty)| prints_plain(symbols, ty, below))
        })
}

/// Whether a method of the workspace returns a type that does not print what it holds.
pub fn returns_redacted(symbols: &SymbolIndex, method: &str) -> bool {
    let mut known = symbols
        .functions(method)
        .filter(|function| function.has_self)
        .filter_map(|function| function.returns.as_deref())
        .peekable();
    known.peek().is_some() && known.all(|ty| is_redacted_type(symbols, ty))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_tell_what_they_hold() {
        for ty in ["String", "&'static str", "&mut str", "Option<Arc<str>>", "HashMap<u8, String>"]
        {
            assert_eq!(holds(ty), Holds::Text, "{ty}");
        }
        for ty in ["Vec<u8>", "[u8; 32]", "Box<[u8]>", "&[u8]", "Zeroizing<[u8; N]>", "Bytes"] {
            assert_eq!(holds(ty), Holds::Bytes, "{ty}");
        }
        for ty in ["SecretString", "secrecy::Secret<String>", "Option<Redacted<String>>"] {
            assert_eq!(holds(ty), Holds::Redacted, "{ty}");
        }
        for ty in ["u64", "Arc<dyn HmacKey>", "Option<Duration>", "[u32; 4]", "fn() -> String"] {
            assert_eq!(holds(ty), Holds::Other, "{ty}");
        }
        assert_eq!(holds("Vec<a::Token>"), Holds::Named("Token".to_string()));
    }

    #[test]
    fn types_are_secrets_by_their_names() {
        for name in ["SigningKey", "Password", "HybridKemSecretKey", "AccessToken", "SharedSecret"]
        {
            assert!(secret_type(name, &[]).is_some(), "{name}");
        }
        for name in ["Token", "PublicKey", "KeyPair", "TokenStore", "SecretTree", "PasswordHash"] {
            assert!(secret_type(name, &[]).is_none(), "{name}");
        }
    }
}
