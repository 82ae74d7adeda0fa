//! What makes an error of a text: where a failure has no more special place, it becomes one that
//! holds what would have been the message of the panic.

use super::wording::Text;
use crate::analysis::{Applicability, FixContext};
use crate::project::{TextConstructor, TextParameter, TypeDef, Variant, text_parameter};
use crate::semantics::types::errors::{Named, definition};
use crate::semantics::types::find_path::crate_root;
use crate::syntax::names::words;

/// What makes an error of a text.
pub enum ErrorConstructor {
    /// A function or variant, by its path.
    Call(String, TextParameter),
    /// A variant or struct, by its path, and its field.
    Field(String, String, TextParameter),
    /// `?`, of a `&'static str` and of a `String`.
    Converts,
    /// A value that takes nothing along.
    Unit(String),
}

impl ErrorConstructor {
    /// The error of a text that is known when the program is written.
    pub fn of_text(&self, text: &Text) -> Option<String> {
        let literal = text.borrowed();
        let argument = |takes| match (takes, literal.as_deref()) {
            (TextParameter::Static | TextParameter::Borrowed | TextParameter::Any, Some(text)) => {
                Some(text.to_string())
            }
            (TextParameter::Converted, Some(text)) => Some(format!("{text}.into()")),
            (TextParameter::Static, None) => None,
            _ => Self::argument(takes, text.owned()),
        };
        self.with(argument)
    }

    /// The error of a `format!(…)`.
    pub fn of_formatted(&self, formatted: String) -> Option<String> {
        self.with(|takes| Self::argument(takes, formatted.clone()))
    }

    fn argument(takes: TextParameter, text: String) -> Option<String> {
        match takes {
            TextParameter::Static => None,
            TextParameter::Borrowed => Some(format!("&{text}")),
            TextParameter::Owned | TextParameter::Any => Some(text),
            TextParameter::Converted => Some(format!("{text}.into()")),
        }
    }

    fn with(&self, argument: impl Fn(TextParameter) -> Option<String>) -> Option<String> {
        match self {
            Self::Call(path, takes) => Some(format!("{path}({})", argument(*takes)?)),
            Self::Field(path, field, takes) => {
                Some(format!("{path} {{ {field}: {} }}", argument(*takes)?))
            }
            Self::Converts => argument(TextParameter::Any),
            Self::Unit(path) => Some(path.clone()),
        }
    }
}

/// The errors of other crates that are made of a text, by their paths. What is sent to whoever
/// asked is for a person to say.
pub fn foreign(path: &str) -> Option<(ErrorConstructor, Applicability)> {
    use Applicability::{Safe, Suggested};
    let call = |function: &str, takes| ErrorConstructor::Call(function.to_string(), takes);
    Some(match path {
        "Box<rhai::EvalAltResult>" => (ErrorConstructor::Converts, Safe),
        "rustls::Error" => (call("rustls::Error::General", TextParameter::Owned), Safe),
        "config::ConfigError" => (call("config::ConfigError::Message", TextParameter::Owned), Safe),
        "tonic::Status" => (call("tonic::Status::internal", TextParameter::Any), Suggested),
        "actix_web::Error" => {
            (call("actix_web::error::ErrorInternalServerError", TextParameter::Any), Suggested)
        }
        "axum::http::StatusCode" | "http::StatusCode" | "hyper::StatusCode" => {
            (ErrorConstructor::Unit(format!("{path}::INTERNAL_SERVER_ERROR")), Suggested)
        }
        _ => return None,
    })
}

/// Words that say of an error that it may be any.
const GENERAL: &[&str] =
    &["internal", "other", "custom", "message", "msg", "generic", "general", "bug", "misc"];
/// Words that may mean the same, or that something was met that is unknown.
const VAGUE: &[&str] = &["unexpected", "unknown", "unspecified"];
/// What may stand beside those: `InternalServerError` says no more than `Internal`, while
/// `UnknownColor` is about colours.
const ADDED: &[&str] =
    &["error", "err", "failure", "server", "string", "reason", "reportable", "fatal", "text"];
/// Names of what holds the text of an error.
const MESSAGES: &[&str] = &[
    "0", "message", "msg", "description", "desc", "details", "detail", "reason", "text", "error",
    "err", "what", "why",
];
/// Functions that make an error of any text.
const FUNCTIONS: &[&str] = &[
    "internal", "internal_error", "other", "custom", "msg", "message", "from_msg", "from_message",
    "generic", "general", "bug", "new",
];

/// The way to make an error of a type for which it has no more special place, and whether it is
/// clear that this way is for any failure.
pub fn general(
    of: &Named,
    written: &str,
    fix: &FixContext<'_>,
) -> Option<(ErrorConstructor, Applicability)> {
    let def = definition(of, fix.symbols)?;
    if let Some((name, function)) = text_constructor(of, fix) {
        let constructor = ErrorConstructor::Call(format!("{written}::{name}"), function.takes);
        return Some((constructor, Applicability::Safe));
    }
    let in_view = of.file == fix.file.path && def.within.is_empty();
    if let Some(constructor) = of_struct(def, written).filter(|_| in_view) {
        return Some(constructor);
    }
    let variants = def.variants.iter().filter(|it| !it.conditional);
    let mut ranked: Vec<_> = variants
        .filter_map(|variant| {
            let (rank, sure) = generality(&variant.name)?;
            let constructor = of_variant(variant, written)?;
            let is_unit = matches!(constructor, ErrorConstructor::Unit(_));
            Some(((!sure, is_unit, rank), constructor))
        })
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    let ((vague, is_unit, _), constructor) = ranked.into_iter().next()?;
    let sure = !vague && !is_unit;
    Some((constructor, if sure { Applicability::Safe } else { Applicability::Suggested }))
}

/// How general a name is, from 0 on, and whether that is sure; nothing for one that is about
/// something.
fn generality(name: &str) -> Option<(usize, bool)> {
    let words: Vec<String> = words(name).collect();
    let holds = |list: &[&str], word: &String| list.contains(&word.as_str());
    let rank = |list: &[&str]| list.iter().position(|it| words.iter().any(|word| word == it));
    words
        .iter()
        .all(|it| holds(GENERAL, it) || holds(VAGUE, it) || holds(ADDED, it))
        .then_some(())?;
    let vague = words.iter().any(|it| holds(VAGUE, it));
    Some((rank(GENERAL).or(rank(VAGUE))?, !vague))
}

fn of_variant(variant: &Variant, written: &str) -> Option<ErrorConstructor> {
    let path = format!("{written}::{}", variant.name);
    match variant.fields.as_slice() {
        [] => Some(ErrorConstructor::Unit(path)),
        [(field, ty)] => held(path, field, ty),
        _ => None,
    }
}

fn held(path: String, field: &str, ty: &str) -> Option<ErrorConstructor> {
    let takes = text_parameter(ty).filter(|_| MESSAGES.contains(&field))?;
    // A lifetime that is not known to be that of the program.
    (takes != TextParameter::Borrowed).then_some(())?;
    Some(match field {
        "0" => ErrorConstructor::Call(path, takes),
        _ => ErrorConstructor::Field(path, field.to_string(), takes),
    })
}

/// A struct of nothing but a text. What a bare `String` is may be something else than a message.
fn of_struct(def: &TypeDef, written: &str) -> Option<(ErrorConstructor, Applicability)> {
    let [(field, ty)] = def.fields.as_slice() else { return None };
    let constructor = held(written.to_string(), field, ty)?;
    let about_nothing = words(&def.name).all(|it| {
        ADDED.contains(&it.as_str()) || matches!(it.as_str(), "app" | "cli" | "my" | "simple")
    });
    let is_message = field != "0" || about_nothing;
    Some((constructor, if is_message { Applicability::Safe } else { Applicability::Suggested }))
}

/// The function of an error type that makes one of any text.
fn text_constructor<'a>(
    of: &Named,
    fix: &FixContext<'a>,
) -> Option<(&'static str, &'a TextConstructor)> {
    // A program beside a library is a crate of its own.
    let same_crate = of.file == fix.file.path
        || crate_root(&of.file, fix).is_some_and(|it| crate_root(&fix.file.path, fix) == Some(it));
    if !same_crate {
        return None;
    }
    FUNCTIONS.iter().find_map(|name| {
        let mut found = fix
            .symbols
            .functions_at(name)
            .filter(|(file, it)| *file == of.file && it.owner.as_deref() == Some(&of.name));
        let (function, None) = (found.next()?.1, found.next()) else { return None };
        let made = function.text_constructor.as_ref()?;
        let in_view = made.public || of.file == fix.file.path;
        let any_text = *name != "new" || MESSAGES.contains(&made.parameter.as_str());
        (in_view && any_text).then_some((*name, made))
    })
}

#[cfg(test)]
mod tests {
    use super::generality;

    #[test]
    fn only_names_that_are_about_nothing_are_general() {
        for name in ["Internal", "InternalServerError", "Other", "ReportableBug", "CustomError"] {
            assert!(generality(name).is_some_and(|it| it.1), "{name}");
        }
        for name in ["Unknown", "UnexpectedError"] {
            assert!(generality(name).is_some_and(|it| !it.1), "{name}");
        }
        for name in ["UnknownColor", "Io", "InternalState", "CustomTheme", "MessageTooLong"] {
            assert_eq!(generality(name), None, "{name}");
        }
    }
}
