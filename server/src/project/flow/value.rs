//! What is known of a value in a function: where it comes from, what it is, what it was checked for.

use std::sync::Arc;

use crate::syntax::TextRange;

/// A kind of place where a value of an attacker does harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A statement of SQL.
    Sql,
    /// A path of a file.
    File,
    /// The program that is started.
    Program,
    /// A command that a shell runs.
    Shell,
    /// The host that a request is sent to.
    Host,
    /// The target of a redirect.
    Redirect,
    /// A line of a log.
    Log,
    /// The size of an allocation.
    Capacity,
    /// A number that a cast may truncate.
    Cast,
    /// A call that panics on a value that is not as expected.
    Panic,
    /// Bytes that are decompressed.
    Decompression,
    /// A list whose entries are all worked on at once.
    Concurrency,
    /// The key of an entry that is added to a map.
    MapKey,
    /// A stream that is read to its end.
    Whole,
}

/// Kinds of sinks that a value was checked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kinds(u16);

impl Kinds {
    pub const ALL: Self = Self(u16::MAX);
    /// Those that a limit of a number or a length is a check for.
    pub const NUMBERS: Self = Self(
        Self::bit(Kind::Capacity)
            | Self::bit(Kind::Cast)
            | Self::bit(Kind::Panic)
            | Self::bit(Kind::Concurrency)
            | Self::bit(Kind::MapKey)
            | Self::bit(Kind::Decompression)
            | Self::bit(Kind::Whole),
    );

    const fn bit(kind: Kind) -> u16 {
        1 << kind as u16
    }

    /// One kind.
    pub const fn of(kind: Kind) -> Self {
        Self(Self::bit(kind))
    }

    /// All but some.
    pub const fn but(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub const fn common(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub const fn has(self, kind: Kind) -> bool {
        self.0 & Self::bit(kind) != 0
    }
}

/// A type as far as the function tells.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Type {
    /// As it is written, without white space.
    Written(Arc<str>),
    /// That of a field.
    Field(Arc<Type>, Arc<str>),
}

/// An integer type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number {
    pub bits: u8,
    pub signed: bool,
}

impl Number {
    /// The integer type of a name.
    pub fn of(ty: &str) -> Option<Self> {
        let signed = match ty.chars().next()? {
            'i' => true,
            'u' => false,
            _ => return None,
        };
        let bits = match ty.get(1..)? {
            "size" => 64,
            bits => bits.parse().ok().filter(|it| [8, 16, 32, 64, 128].contains(it))?,
        };
        Some(Self { bits, signed })
    }
}

/// What must hold for a value to be one that an attacker chooses; the symbol index knows it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Need {
    /// The type is one of text, or holds text.
    Text(Type),
    /// The function returns what it is given for a parameter; `self` is not counted.
    Returned { callee: Arc<str>, parameter: usize },
}

/// A piece of a text that is composed.
#[derive(Debug, Clone)]
pub enum Piece {
    Literal(Arc<str>),
    Hole(Value),
}

/// What is known of a value.
#[derive(Debug, Clone, Default)]
pub struct Value {
    /// A bit for each source that it is made of.
    pub sources: u64,
    /// What the way that it was made is a check for.
    pub checked: Kinds,
    /// Whether it is the same in each run.
    pub constant: bool,
    /// Of a number.
    pub number: Option<Number>,
    pub ty: Option<Type>,
    pub needs: Arc<[Need]>,
    /// The pieces of a text.
    pub text: Option<Arc<[Piece]>>,
    /// Of a struct or tuple that the function makes.
    pub fields: Option<Arc<[(String, Value)]>>,
    /// Of what was parsed into a type that is not yet known: what it was checked for before.
    pub parsed: Option<Kinds>,
    /// A bit for each source of the list that it has an entry for each entry of.
    pub items: u64,
    /// Of a command that starts a shell: whether it was told to run what comes next.
    pub shell: Option<bool>,
    /// Where it was bound to a name on its way, with that name.
    pub way: Arc<[(TextRange, Arc<str>)]>,
}

impl Value {
    /// A literal or constant.
    pub fn constant() -> Self {
        Self { constant: true, ..Self::default() }
    }

    pub fn literal(text: &str) -> Self {
        let piece = Piece::Literal(Arc::from(text));
        Self { text: Some(Arc::from([piece])), ..Self::constant() }
    }

    /// A value of a type and nothing else that is known.
    pub fn of_type(ty: &str) -> Self {
        Self { ty: Some(Type::Written(Arc::from(ty))), ..Self::default() }
    }

    /// Whether it is made of anything that matters.
    pub fn is_from_source(&self) -> bool {
        self.sources != 0
    }

    /// The type as it is written.
    pub fn written_type(&self) -> Option<&str> {
        match &self.ty {
            Some(Type::Written(ty)) => Some(ty),
            _ => None,
        }
    }

    /// One of two values.
    pub fn or(self, other: Self) -> Self {
        if !other.is_from_source() && other.text.is_none() && other.shell.is_none() {
            let constant = self.constant && other.constant;
            return Self { constant, ..self };
        }
        let checked = match (self.is_from_source(), other.is_from_source()) {
            (true, true) => self.checked.common(other.checked),
            (true, false) => self.checked,
            _ => other.checked,
        };
        let (first, second) = if self.is_from_source() { (self, other) } else { (other, self) };
        Self {
            sources: first.sources | second.sources,
            checked,
            constant: first.constant && second.constant,
            number: first.number.or(second.number),
            shell: first.shell.max(second.shell),
            items: first.items | second.items,
            text: match first.sources {
                0 => first.text.or(second.text),
                _ => first.text,
            },
            ..first
        }
    }

    /// What a text or collection is of which another one becomes a part.
    pub fn with(self, other: Self) -> Self {
        let pieces = |value: &Self| match &value.text {
            Some(text) => text.to_vec(),
            None => vec![Piece::Hole(value.clone())],
        };
        let text = (self.text.is_some() || other.text.is_some()).then(|| {
            let mut all = pieces(&self);
            all.extend(pieces(&other));
            Arc::from(all)
        });
        Self { text, ..self.or(other) }
    }

    /// What is made of it by a conversion that leaves the text as it is.
    pub fn converted(self) -> Self {
        let mut value = self;
        if let Some(ty) = value.ty.take()
            && value.is_from_source()
        {
            value.needs = value.needs.iter().cloned().chain([Need::Text(ty)]).collect();
        }
        value.fields = None;
        value
    }

    pub fn checked_for(self, kinds: Kinds) -> Self {
        Self { checked: self.checked.and(kinds), ..self }
    }

    /// The literal text that it begins with, up to the first part that is not known.
    pub fn prefix(&self) -> String {
        let mut prefix = String::new();
        for piece in self.text.iter().flat_map(|it| it.iter()) {
            match piece {
                Piece::Literal(text) => prefix.push_str(text),
                Piece::Hole(_) => break,
            }
        }
        prefix
    }

    /// The text that it is, when all of it is known.
    pub fn known_text(&self) -> Option<String> {
        let text = self.text.as_ref()?;
        let is_known = text.iter().all(|it| matches!(it, Piece::Literal(_)));
        is_known.then(|| self.prefix())
    }

    /// The value that a text begins with, when that is no literal.
    pub fn first_hole(&self) -> Option<&Self> {
        let pieces = self.text.iter().flat_map(|it| it.iter());
        let mut rest =
            pieces.skip_while(|it| matches!(it, Piece::Literal(text) if text.is_empty()));
        match rest.next() {
            Some(Piece::Hole(value)) => Some(value),
            _ => None,
        }
    }
}

/// Wrappers of a type that hold it or what points to it; sorted.
const WRAPPERS: &[&str] = &[
    "Arc", "Box", "BTreeSet", "ContentLengthLimit", "Cow", "Data", "Form", "Garde", "HashSet",
    "Json", "JsonBody", "LambdaEvent", "LenientForm", "MultipartForm", "Option", "Path", "QsQuery",
    "Query", "Rc", "Request", "Result", "Strict", "TypedBody", "TypedMultipart", "Valid", "Vec",
    "VecDeque", "WithRejection",
];

/// What a wrapper, a reference or a list holds: `T` of `&Option<Vec<T>>`.
pub fn held(ty: &str) -> &str {
    let mut ty = ty;
    loop {
        let rest = ty.trim_start_matches(['&', '*']);
        let rest = match rest.strip_prefix('\'') {
            Some(lifetime) => {
                let end = lifetime.find(|c: char| !(c.is_alphanumeric() || c == '_'));
                let rest = end.and_then(|at| lifetime.get(at..)).unwrap_or(rest);
                // White space is gone, so that a lifetime runs into the name behind it.
                if end.is_none() { lifetime_end(lifetime) } else { rest }
            }
            None => rest,
        };
        let rest = rest.strip_prefix("mut").filter(|it| !it.is_empty()).unwrap_or(rest);
        let Some(open) = rest.find('<').filter(|_| rest.ends_with('>')) else { return rest };
        let name = rest[..open].rsplit("::").next().unwrap_or(rest);
        let inner = &rest[open + 1..rest.len() - 1];
        if !WRAPPERS.contains(&name) {
            return rest;
        }
        let first = if name == "Cow" { last_argument(inner) } else { first_argument(inner) };
        if first.is_empty() || first == ty {
            return rest;
        }
        ty = first;
    }
}

fn lifetime_end(text: &str) -> &str {
    ["static", "a", "r", "_"].iter().find_map(|it| text.strip_prefix(it)).unwrap_or(text)
}

fn first_argument(inner: &str) -> &str {
    split(inner).first().copied().unwrap_or(inner)
}

fn last_argument(inner: &str) -> &str {
    split(inner).last().copied().unwrap_or(inner)
}

/// The entries of a list of types, at the outer level.
pub fn split(inner: &str) -> Vec<&str> {
    let mut entries = Vec::new();
    let (mut depth, mut start) = (0i32, 0);
    for (at, c) in inner.char_indices() {
        match c {
            '<' | '(' | '[' => depth += 1,
            '>' | ')' | ']' => depth -= 1,
            ',' if depth == 0 => {
                entries.extend(inner.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    entries.extend(inner.get(start..).filter(|it| !it.is_empty()));
    entries
}

/// What values of a type are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    Text,
    Number(Number),
    /// Neither, and checked where it is made: `Uuid`, `bool`, `IpAddr`.
    Plain,
}

/// Types of text and of what holds text; sorted.
const TEXT: &[&str] = &[
    "Bytes", "HashMap", "HeaderMap", "HeaderValue", "OsStr", "OsString", "PathBuf", "String",
    "Uri", "Url", "Value", "str",
];

/// Types that hold no text of a peer's choice; sorted.
const PLAIN: &[&str] = &[
    "Arguments", "BigDecimal", "Date", "DateTime", "Decimal", "Duration", "Instant", "IpAddr",
    "Ipv4Addr", "Ipv6Addr", "Method", "NaiveDate", "NaiveDateTime", "NaiveTime", "NonZeroU16",
    "NonZeroU32", "NonZeroU64", "NonZeroUsize", "ObjectId", "OffsetDateTime", "SocketAddr",
    "StatusCode", "Ulid", "Uuid", "bool", "char", "f32", "f64",
];

/// What values of a written type are; nothing for types that the workspace or a crate declares.
pub fn nature(ty: &str) -> Option<Nature> {
    let ty = held(ty);
    let end = ty.find('<').unwrap_or(ty.len());
    let name = ty[..end].rsplit("::").next().unwrap_or(ty);
    if let Some(number) = Number::of(name) {
        return Some(Nature::Number(number));
    }
    if TEXT.contains(&name) || ty == "[u8]" || ty.starts_with("impl") {
        return Some(Nature::Text);
    }
    PLAIN.contains(&name).then_some(Nature::Plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrappers_are_looked_through() {
        assert_eq!(held("&Option<Vec<Item>>"), "Item");
        assert_eq!(held("web::Json<Body>"), "Body");
        assert_eq!(held("&'astr"), "str");
        assert_eq!(held("&mutString"), "String");
        assert_eq!(nature("&'staticstr"), Some(Nature::Text));
        assert_eq!(nature("Path<Uuid>"), Some(Nature::Plain));
        assert_eq!(nature("Option<u64>"), Some(Nature::Number(Number { bits: 64, signed: false })));
        assert_eq!(nature("Item"), None);
    }
}
