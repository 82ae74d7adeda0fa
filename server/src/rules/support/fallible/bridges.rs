//! What stands between a call and the `?` that returns its failure.

use super::bodies::Body;
use super::errors::{
    BodyError, ErrorType, Named, Outcome, converts, converts_by, definition, is_error,
};
use super::receivers::Found;
use super::site::Site;
use super::wording::{Shown, Text};
use crate::analysis::{Applicability, FixContext};
use crate::syntax::names::words;
use crate::syntax::{AstNode, ast};

/// What takes the place of the panicking call, before the `?`.
pub struct Bridge {
    /// A method call without its dot; nothing where `?` alone does.
    pub call: Option<String>,
    /// The trait that has the method.
    pub needs: Option<String>,
    pub applicability: Applicability,
}

impl Bridge {
    fn nothing() -> Option<Self> {
        Some(Self { call: None, needs: None, applicability: Applicability::Safe })
    }

    fn call(call: String) -> Option<Self> {
        Some(Self { call: Some(call), needs: None, applicability: Applicability::Safe })
    }

    fn of_trait(call: String, path: String) -> Option<Self> {
        let applicability = Applicability::Safe;
        Some(Self { call: Some(call), needs: Some(path), applicability })
    }

    fn suggested(mut self) -> Self {
        self.applicability = Applicability::Suggested;
        self
    }
}

/// The bridge from what a call gives to what the body around it returns.
pub fn bridge(
    site: &Site,
    fix: &FixContext<'_>,
    body: &Body,
    found: &Found,
    text: &Text,
) -> Option<Bridge> {
    let plan = Plan { site, fix, text, found };
    if found.outcome == Outcome::Unknown && *body != Body::Result(BodyError::Anyhow) {
        return None;
    }
    let bridge = match body {
        Body::Option => plan.to_option(),
        Body::Result(BodyError::Anyhow) => plan.to_anyhow(),
        Body::Result(BodyError::Eyre(module)) => plan.to_eyre(module),
        Body::Result(BodyError::Miette) => plan.to_message("miette::miette!"),
        Body::Result(BodyError::Boxed) => plan.to_boxed(),
        Body::Result(BodyError::Text) => plan.to_text(),
        Body::Result(BodyError::Io) => plan.to_io(),
        Body::Result(BodyError::Fmt) => plan.to_fmt(),
        Body::Result(BodyError::Unit) => plan.made(&Maker::Unit("()".to_string())),
        Body::Result(BodyError::Foreign(path)) => plan.to_foreign(path),
        Body::Result(BodyError::Named { of, written }) => plan.to_named(of, written.as_deref()),
    }?;
    Some(if found.is_guess { bridge.suggested() } else { bridge })
}

struct Plan<'a> {
    site: &'a Site,
    fix: &'a FixContext<'a>,
    text: &'a Text,
    found: &'a Found,
}

impl Plan<'_> {
    fn to_option(&self) -> Option<Bridge> {
        match self.found.outcome {
            Outcome::Option => Bridge::nothing(),
            Outcome::Result(_) => Bridge::call("ok()".to_string()),
            Outcome::Either | Outcome::Unknown => None,
        }
    }

    fn to_anyhow(&self) -> Option<Bridge> {
        let guessed_error = self.found.is_guess
            && matches!(self.found.outcome, Outcome::Result(ErrorType::Unknown) | Outcome::Unknown)
            && !holds_what_was_given(self.site);
        if self.is_standard(true) || guessed_error {
            return Bridge::of_trait(
                self.with_context("context", "with_context"),
                "anyhow::Context".to_string(),
            );
        }
        self.to_message("anyhow::anyhow!")
    }

    fn to_eyre(&self, module: &str) -> Option<Bridge> {
        if self.found.outcome != Outcome::Option && self.is_standard(true) {
            if self.found.outcome == Outcome::Either {
                return None;
            }
            return Bridge::of_trait(
                self.with_context("wrap_err", "wrap_err_with"),
                format!("{module}::WrapErr"),
            );
        }
        self.to_message(&format!("{module}::eyre!"))
    }

    /// Whether the failure is an absence or a `std::error::Error` that any thread may own; reports
    /// are as good as that where `reports` says so.
    fn is_standard(&self, reports: bool) -> bool {
        match &self.found.outcome {
            Outcome::Option | Outcome::Either => true,
            Outcome::Unknown => false,
            Outcome::Result(ErrorType::Some | ErrorType::Path(_)) => true,
            Outcome::Result(ErrorType::Named(of)) => is_error(of, self.fix.facts),
            Outcome::Result(ErrorType::Report) => reports,
            Outcome::Result(ErrorType::Text | ErrorType::Unknown) => false,
        }
    }

    fn with_context(&self, plain: &str, lazy: &str) -> String {
        match self.text.borrowed() {
            Some(text) => format!("{plain}({text})"),
            None => format!("{lazy}(|| {})", self.text.owned()),
        }
    }

    /// A new error from a macro that formats: `anyhow::anyhow!`.
    fn to_message(&self, make: &str) -> Option<Bridge> {
        Bridge::call(match &self.found.outcome {
            Outcome::Option => format!("ok_or_else(|| {make}({}))", self.text.arguments()?),
            Outcome::Result(error) => {
                let arguments = self.text.arguments_with(self.shown(error))?;
                format!("map_err(|error| {make}({arguments}))")
            }
            Outcome::Either | Outcome::Unknown => return None,
        })
    }

    fn shown(&self, error: &ErrorType) -> Shown {
        Shown::of(error, self.fix.facts)
    }

    /// `format!("text: {error}")`
    fn formatted(&self, error: &ErrorType) -> Option<String> {
        Some(format!("format!({})", self.text.arguments_with(self.shown(error))?))
    }

    fn to_boxed(&self) -> Option<Bridge> {
        match &self.found.outcome {
            Outcome::Option => self.absent_text(),
            Outcome::Either | Outcome::Unknown => None,
            Outcome::Result(ErrorType::Text) => Bridge::nothing(),
            Outcome::Result(_) if self.is_standard(true) => Bridge::nothing(),
            Outcome::Result(error) => {
                Bridge::call(format!("map_err(|error| {})", self.formatted(error)?))
            }
        }
    }

    fn absent_text(&self) -> Option<Bridge> {
        Bridge::call(match self.text.borrowed() {
            Some(text) => format!("ok_or({text})"),
            None => format!("ok_or_else(|| {})", self.text.owned()),
        })
    }

    fn to_text(&self) -> Option<Bridge> {
        match &self.found.outcome {
            Outcome::Option => self.absent_text(),
            Outcome::Either | Outcome::Unknown => None,
            Outcome::Result(ErrorType::Text) => Bridge::nothing(),
            Outcome::Result(error) => {
                Bridge::call(format!("map_err(|error| {})", self.formatted(error)?))
            }
        }
    }

    fn to_io(&self) -> Option<Bridge> {
        let io = io_error(self.site);
        match &self.found.outcome {
            Outcome::Option => {
                let text = self.text.borrowed().unwrap_or_else(|| self.text.owned());
                Bridge::call(format!("ok_or_else(|| {io}::other({text}))"))
            }
            Outcome::Either | Outcome::Unknown => None,
            Outcome::Result(ErrorType::Path(path)) if path == "std::io::Error" => Bridge::nothing(),
            Outcome::Result(ErrorType::Text) => Bridge::call(format!("map_err({io}::other)")),
            Outcome::Result(_) if self.is_standard(true) => {
                Bridge::call(format!("map_err({io}::other)"))
            }
            Outcome::Result(error) => {
                Bridge::call(format!("map_err(|error| {io}::other({}))", self.formatted(error)?))
            }
        }
    }

    /// `std::fmt::Error` takes nothing of the failure along, which a person should see.
    fn to_fmt(&self) -> Option<Bridge> {
        match &self.found.outcome {
            Outcome::Result(ErrorType::Path(path)) if path == "std::fmt::Error" => {
                Bridge::nothing()
            }
            _ => self.made(&Maker::Unit("std::fmt::Error".to_string())),
        }
    }

    fn to_foreign(&self, path: &str) -> Option<Bridge> {
        if matches!(&self.found.outcome, Outcome::Result(ErrorType::Path(error)) if error == path) {
            return Bridge::nothing();
        }
        // Takes any error in that is one.
        if path == "failure::Error" {
            return match &self.found.outcome {
                Outcome::Result(_) if self.is_standard(false) => Bridge::nothing(),
                _ => self.to_message("failure::format_err!"),
            };
        }
        let maker = match path {
            "rustls::Error" => Maker::Owned("rustls::Error::General".to_string()),
            "tonic::Status" => Maker::Owned("tonic::Status::internal".to_string()),
            "actix_web::Error" => {
                Maker::Owned("actix_web::error::ErrorInternalServerError".to_string())
            }
            "axum::http::StatusCode" | "http::StatusCode" | "hyper::StatusCode" => {
                Maker::Unit(format!("{path}::INTERNAL_SERVER_ERROR"))
            }
            _ => return None,
        };
        self.made(&maker)
    }

    fn to_named(&self, of: &Named, written: Option<&str>) -> Option<Bridge> {
        let facts = self.fix.facts;
        match &self.found.outcome {
            Outcome::Result(error) if converts(error, of, facts) => return Bridge::nothing(),
            Outcome::Either | Outcome::Unknown => return None,
            _ => {}
        }
        let takes = |ty: &'static str| converts_by(of, facts, |it, _| it == ty);
        let report = converts(&ErrorType::Report, of, facts);
        match &self.found.outcome {
            Outcome::Option if takes("&'staticstr") || takes("&str") => {
                return self.absent_text().filter(|_| self.text.borrowed().is_some());
            }
            Outcome::Option if takes("String") => {
                return Bridge::call(format!("ok_or_else(|| {})", self.text.owned()));
            }
            Outcome::Result(error) if takes("String") => {
                return Bridge::call(format!("map_err(|error| {})", self.formatted(error)?));
            }
            _ if report && self.fix.file.depends_on("anyhow") => return self.to_anyhow(),
            _ => {}
        }
        self.made(&general(of, written?, self.fix)?)
    }

    /// An error that is made of the text. Which one a failure should be is for a person to say.
    fn made(&self, maker: &Maker) -> Option<Bridge> {
        let owned = |text: String| match maker {
            Maker::Owned(path) => Some(format!("{path}({text})")),
            Maker::Field(path, field) => Some(format!("{path} {{ {field}: {text} }}")),
            _ => None,
        };
        let call = match (&self.found.outcome, maker) {
            (Outcome::Either | Outcome::Unknown, _) => return None,
            (Outcome::Option, Maker::Unit(path)) => format!("ok_or({path})"),
            (Outcome::Option, Maker::Borrowed(path)) => {
                format!("ok_or({path}({}))", self.text.borrowed()?)
            }
            (Outcome::Option, _) => format!("ok_or_else(|| {})", owned(self.text.owned())?),
            (Outcome::Result(_), Maker::Unit(path)) => format!("map_err(|_| {path})"),
            (Outcome::Result(_), Maker::Borrowed(path)) => {
                format!("map_err(|_| {path}({}))", self.text.borrowed()?)
            }
            (Outcome::Result(error), _) => {
                format!("map_err(|error| {})", owned(self.formatted(error)?)?)
            }
        };
        Bridge::call(call).map(Bridge::suggested)
    }
}

/// What makes an error of a text.
enum Maker {
    /// Takes a `String`, by its path.
    Owned(String),
    /// Takes a `&'static str`.
    Borrowed(String),
    /// Takes a `String` in a field of this name.
    Field(String, String),
    /// Takes nothing.
    Unit(String),
}

/// The way to make an error of a type for which it has no more special place.
fn general(of: &Named, written: &str, fix: &FixContext<'_>) -> Option<Maker> {
    const WORDS: &[&str] = &[
        "other",
        "internal",
        "custom",
        "message",
        "msg",
        "generic",
        "unexpected",
        "unknown",
        "bug",
        "misc",
        "general",
        "unspecified",
    ];
    // `InternalServerError` says no more than `Internal`; `UnknownColor` is about colours.
    const ADDED: &[&str] = &["error", "err", "failure", "server", "string", "reason"];
    let def = definition(of, fix.facts)?;
    let in_view = of.file == fix.file.path;
    if let ([(field, ty)], true) = (def.fields.as_slice(), in_view)
        && ty == "String"
    {
        return Some(match field.as_str() {
            "0" => Maker::Owned(written.to_string()),
            _ => Maker::Field(written.to_string(), field.clone()),
        });
    }
    let named = |word: &&str| {
        let is_it = |name: &str| {
            let mut all = words(name);
            words(name).any(|it| it == **word)
                && all.all(|it| WORDS.contains(&it.as_str()) || ADDED.contains(&it.as_str()))
        };
        def.variants.iter().filter(move |variant| is_it(&variant.name)).collect::<Vec<_>>()
    };
    WORDS.iter().flat_map(named).find_map(|variant| {
        let path = format!("{written}::{}", variant.name);
        match variant.fields.as_slice() {
            [] => Some(Maker::Unit(path)),
            [(field, ty)] => match (field.as_str(), ty.as_str()) {
                ("0", "String") => Some(Maker::Owned(path)),
                ("0", "&'staticstr") => Some(Maker::Borrowed(path)),
                (_, "String") => Some(Maker::Field(path, field.clone())),
                _ => None,
            },
            _ => None,
        }
    })
}

/// Whether the error is one that holds a message that was not sent, or what a thread panicked
/// with, or the text that is none: not every thread may own those, and some are no `std::error::Error`.
fn holds_what_was_given(site: &Site) -> bool {
    let mut calls = site.receiver.syntax().descendants().filter_map(ast::NameRef::cast);
    calls.any(|name| matches!(name.text(), "join" | "send" | "try_send" | "set" | "into_string"))
}

/// `std::io::Error` as the imports in view let it be written.
fn io_error(site: &Site) -> &'static str {
    let imports = &site.imports;
    if imports.path_of("io") == Some("std::io") {
        "io::Error"
    } else if imports.path_of("Error") == Some("std::io::Error") {
        "Error"
    } else {
        "std::io::Error"
    }
}
