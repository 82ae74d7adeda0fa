//! Functions that make a value of one text, as errors have them.

use rowan::GreenNodeData;

use crate::syntax::SyntaxKind;
use crate::syntax::attrs::green_attrs;
use crate::syntax::green::{
    child_nodes, child_of_kind, child_type, compact_text, declared_name, has_token, node_kind,
};

/// How a parameter or field takes a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextParameter {
    /// `&'static str`
    Static,
    /// `&str`
    Borrowed,
    /// `String`
    Owned,
    /// `String` and `&'static str`: `impl Into<String>`, `impl Display`.
    Any,
    /// What `into` makes of either: `Box<str>`, `Cow<'static, str>`, `Box<dyn Error>`.
    Converted,
}

/// An associated function that makes its type of one text and nothing else:
/// `fn internal(message: impl Into<String>) -> Self`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TextConstructor {
    /// How its parameter takes the text.
    pub takes: TextParameter,
    /// The name of the parameter.
    pub parameter: String,
    /// Whether all of its crate can call it.
    pub public: bool,
}

/// How a field of a type as it is written, without white space, takes a text.
pub fn text_parameter(ty: &str) -> Option<TextParameter> {
    match ty {
        "String" | "std::string::String" => Some(TextParameter::Owned),
        "&'staticstr" => Some(TextParameter::Static),
        "&str" => Some(TextParameter::Borrowed),
        "Box<str>" | "Arc<str>" | "Rc<str>" | "Cow<'static,str>" => Some(TextParameter::Converted),
        _ => {
            let boxed = ty.strip_prefix("Box<dyn")?.strip_suffix('>')?;
            let mut bounds = boxed.split('+');
            let is_error = matches!(last_name(bounds.next()?), "Error" | "StdError");
            let only = bounds.all(|it| matches!(it, "Send" | "Sync" | "'static"));
            (is_error && only).then_some(TextParameter::Converted)
        }
    }
}

/// The last name of a path, without generics: `Error` in `fmt::Error<'a>`.
fn last_name(path: &str) -> &str {
    let path = path.split('<').next().unwrap_or(path);
    path.rsplit("::").next().unwrap_or(path)
}

/// What a function of `owner` says of a text that it makes a value of.
pub fn text_constructor(function: &GreenNodeData, owner: &str) -> Option<TextConstructor> {
    let returned = child_of_kind(function, SyntaxKind::RET_TYPE).and_then(child_type)?;
    if !matches!(last_name(&compact_text(returned)), it if it == "Self" || it == owner) {
        return None;
    }
    let list = child_of_kind(function, SyntaxKind::PARAM_LIST)?;
    let mut parameters = child_nodes(list);
    let (only, None) = (parameters.next()?, parameters.next()) else { return None };
    let unusual = [SyntaxKind::ASYNC_KW, SyntaxKind::UNSAFE_KW];
    if node_kind(only) != SyntaxKind::PARAM
        || unusual.iter().any(|kind| has_token(function, *kind))
        || green_attrs(function).any(|it| compact_text(it).starts_with("#[cfg"))
    {
        return None;
    }
    let ty = compact_text(child_type(only)?);
    let takes = match (text_parameter(&ty), bounds(function, &ty)) {
        (Some(takes), _) => takes,
        (None, Some(bounds)) if is_text(&bounds) => TextParameter::Any,
        _ => return None,
    };
    let visibility = child_of_kind(function, SyntaxKind::VISIBILITY).map(compact_text);
    Some(TextConstructor {
        takes,
        parameter: child_nodes(only).find_map(declared_name)?.to_string(),
        public: visibility.is_some_and(|it| matches!(it.as_str(), "pub" | "pub(crate)")),
    })
}

/// The bounds of a parameter's type: of `impl Into<String>`, or of the one generic parameter.
fn bounds(function: &GreenNodeData, ty: &str) -> Option<String> {
    let generics = child_of_kind(function, SyntaxKind::GENERIC_PARAM_LIST);
    if let Some(bounds) = ty.strip_prefix("impl") {
        return generics.is_none().then(|| bounds.to_string());
    }
    let mut generics = child_nodes(generics?);
    let (only, None) = (generics.next()?, generics.next()) else { return None };
    if declared_name(only) != Some(ty) {
        return None;
    }
    let of = |node| child_of_kind(node, SyntaxKind::TYPE_BOUND_LIST).map(compact_text);
    let clause = child_of_kind(function, SyntaxKind::WHERE_CLAUSE);
    let own = clause
        .into_iter()
        .flat_map(child_nodes)
        .filter(|it| child_type(it).map(compact_text).as_deref() == Some(ty));
    let all: Vec<String> = [only].into_iter().chain(own).filter_map(of).collect();
    (!all.is_empty()).then(|| all.join("+"))
}

/// Whether `String` and `&'static str` have all of some bounds, and one of those makes a text of
/// them.
fn is_text(bounds: &str) -> bool {
    let of_text = |bound: &str| match bound.split_once('<') {
        Some((head, into)) => {
            let into = into.strip_suffix('>').unwrap_or(into);
            last_name(head) == "Into"
                && matches!(
                    text_parameter(into),
                    Some(TextParameter::Owned | TextParameter::Converted)
                )
                || last_name(head) == "AsRef" && into == "str"
        }
        None => matches!(last_name(bound), "Display" | "ToString"),
    };
    let harmless = |bound: &str| matches!(last_name(bound), "Debug" | "Send" | "Sync" | "'static");
    bounds.split('+').any(of_text) && bounds.split('+').all(|it| of_text(it) || harmless(it))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::{AstNode, Edition, ast, parse_root};

    #[test]
    fn constructors_take_texts_of_many_kinds() {
        for (signature, expected) in [
            ("fn f(message: impl Into<String>) -> Self", Some(TextParameter::Any)),
            ("fn f<T: Into<String> + Send>(m: T) -> E", Some(TextParameter::Any)),
            ("fn f<T>(m: T) -> Self where T: fmt::Display", Some(TextParameter::Any)),
            ("fn f(m: &str) -> Self", Some(TextParameter::Borrowed)),
            ("fn f(m: &'static str) -> E<'_>", Some(TextParameter::Static)),
            ("fn f(m: String) -> Self", Some(TextParameter::Owned)),
            ("fn f(m: Cow<'static, str>) -> Self", Some(TextParameter::Converted)),
            (
                "fn f(m: Box<dyn std::error::Error + Send + Sync>) -> Self",
                Some(TextParameter::Converted),
            ),
            ("fn f(m: impl Error) -> Self", None),
            ("fn f(m: impl Display + Copy) -> Self", None),
            ("fn f(m: String, n: u8) -> Self", None),
            ("fn f(self, m: String) -> Self", None),
            ("fn f(m: String) -> Result<Self, E>", None),
            ("async fn f(m: String) -> Self", None),
        ] {
            let root = parse_root(&format!("impl E {{ {signature} {{}} }}"), Edition::CURRENT);
            let root = root.expect("it parses");
            let function = root.descendants().find_map(ast::Fn::cast).expect("a function");
            let found = text_constructor(function.syntax().green(), "E").map(|it| it.takes);
            assert_eq!(found, expected, "{signature}");
        }
    }
}
