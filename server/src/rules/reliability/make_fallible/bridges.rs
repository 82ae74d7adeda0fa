//! What stands between a call and the `?` that returns its failure.

use super::bodies::Body;
use super::errors::{
    BodyError, ErrorType, Named, Outcome, converts, converts_by, holder, is_error,
};
use super::makers::{Maker, foreign, general};
use super::receivers::Found;
use super::releases::allows;
use super::site::Site;
use super::wording::{Shown, Text};
use crate::analysis::{Applicability, FixContext};
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

    fn at_most(mut self, applicability: Applicability) -> Self {
        if applicability == Applicability::Suggested {
            self.applicability = applicability;
        }
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
        Body::Result(error) | Body::Poll(error) => plan.to_error(error),
    }?;
    let sure = if found.is_guess { Applicability::Suggested } else { Applicability::Safe };
    Some(bridge.at_most(sure))
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

    fn to_error(&self, error: &BodyError) -> Option<Bridge> {
        match error {
            BodyError::Anyhow => self.to_anyhow(),
            BodyError::Eyre(module) => self.to_eyre(module),
            BodyError::Miette => self.to_message("miette::miette!"),
            BodyError::Boxed => self.to_boxed(),
            BodyError::Text => self.to_text(),
            BodyError::Io => self.to_io(),
            BodyError::Fmt => self.to_fmt(),
            BodyError::Unit => self.made(&Maker::Unit("()".to_string()), Applicability::Suggested),
            BodyError::Foreign(path) => self.to_foreign(path),
            BodyError::Named { of, written } => self.to_named(of, written.as_deref()),
        }
    }

    fn to_anyhow(&self) -> Option<Bridge> {
        let guessed_error = self.found.is_guess
            && matches!(self.found.outcome, Outcome::Result(ErrorType::Unknown) | Outcome::Unknown)
            && !holds_what_was_given(self.site);
        if self.is_standard() || guessed_error || self.is_report() {
            return Bridge::of_trait(
                self.with_context("context", "with_context"),
                "anyhow::Context".to_string(),
            );
        }
        self.to_message("anyhow::anyhow!")
    }

    fn to_eyre(&self, module: &str) -> Option<Bridge> {
        let is_result = matches!(self.found.outcome, Outcome::Result(_));
        if is_result && (self.is_standard() || self.is_report()) {
            return Bridge::of_trait(
                self.with_context("wrap_err", "wrap_err_with"),
                format!("{module}::WrapErr"),
            );
        }
        self.to_message(&format!("{module}::eyre!"))
    }

    /// Whether the failure is an absence or a `std::error::Error` that any thread may own.
    fn is_standard(&self) -> bool {
        match &self.found.outcome {
            Outcome::Option | Outcome::Either => true,
            Outcome::Unknown => false,
            Outcome::Result(ErrorType::Some | ErrorType::Path(_)) => true,
            Outcome::Result(ErrorType::Named(of)) => is_error(of, self.fix.symbols),
            Outcome::Result(_) => false,
        }
    }

    fn is_report(&self) -> bool {
        self.found.outcome == Outcome::Result(ErrorType::Report)
    }

    fn is_text(&self) -> bool {
        self.found.outcome == Outcome::Result(ErrorType::Text)
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
                let (parameter, arguments) = self.failure(error)?;
                format!("map_err(|{parameter}| {make}({arguments}))")
            }
            Outcome::Either | Outcome::Unknown => return None,
        })
    }

    /// The parameter of a closure that is given an error, and the arguments of a formatting macro
    /// that writes the text and the error.
    fn failure(&self, error: &ErrorType) -> Option<(&'static str, String)> {
        Some(match error {
            ErrorType::Empty => ("()", self.text.arguments()?),
            _ => ("error", self.text.arguments_with(Shown::of(error, self.fix.symbols))?),
        })
    }

    fn to_boxed(&self) -> Option<Bridge> {
        match &self.found.outcome {
            Outcome::Result(_) if self.is_standard() || self.is_report() => Bridge::nothing(),
            _ => self.to_text(),
        }
    }

    fn to_text(&self) -> Option<Bridge> {
        if self.is_text() {
            return Bridge::nothing();
        }
        self.made(&Maker::Converts, Applicability::Safe)
    }

    fn to_io(&self) -> Option<Bridge> {
        match &self.found.outcome {
            Outcome::Result(ErrorType::Path(path)) if path == "std::io::Error" => Bridge::nothing(),
            _ => self.made_io(),
        }
    }

    /// `std::io::Error::other` takes texts and errors.
    fn made_io(&self) -> Option<Bridge> {
        let io = io_error(self.site);
        let has_other = allows(self.fix, 74);
        let made = |what: &str| match has_other {
            true => format!("{io}::other({what})"),
            false => format!("{io}::new({}::Other, {what})", error_kind(self.site)),
        };
        Bridge::call(match &self.found.outcome {
            Outcome::Option => {
                let text = self.text.borrowed().unwrap_or_else(|| self.text.owned());
                format!("ok_or_else(|| {})", made(&text))
            }
            Outcome::Either | Outcome::Unknown => return None,
            Outcome::Result(_) if self.is_standard() || self.is_text() || self.is_report() => {
                match has_other {
                    true => format!("map_err({io}::other)"),
                    false => format!("map_err(|error| {})", made("error")),
                }
            }
            Outcome::Result(error) => {
                let (parameter, arguments) = self.failure(error)?;
                format!("map_err(|{parameter}| {})", made(&format!("format!({arguments})")))
            }
        })
    }

    /// `std::fmt::Error` takes nothing of the failure along, which a person should see.
    fn to_fmt(&self) -> Option<Bridge> {
        match &self.found.outcome {
            Outcome::Result(ErrorType::Path(path)) if path == "std::fmt::Error" => {
                Bridge::nothing()
            }
            _ => self.made(&Maker::Unit("std::fmt::Error".to_string()), Applicability::Suggested),
        }
    }

    fn to_foreign(&self, path: &str) -> Option<Bridge> {
        if matches!(&self.found.outcome, Outcome::Result(ErrorType::Path(error)) if error == path) {
            return Bridge::nothing();
        }
        // Takes any error in that is one.
        if path == "failure::Error" {
            return match &self.found.outcome {
                Outcome::Result(_) if self.is_standard() => Bridge::nothing(),
                _ => self.to_message("failure::format_err!"),
            };
        }
        let (maker, applicability) = foreign(path)?;
        self.made(&maker, applicability)
    }

    fn to_named(&self, of: &Named, written: Option<&str>) -> Option<Bridge> {
        let symbols = self.fix.symbols;
        match &self.found.outcome {
            Outcome::Result(error) if converts(error, of, symbols) => return Bridge::nothing(),
            Outcome::Result(error) => {
                if let (Some(variant), Some(written)) = (holder(error, of, symbols), written) {
                    return Bridge::call(format!("map_err({written}::{})", variant.name));
                }
            }
            Outcome::Either | Outcome::Unknown => return None,
            Outcome::Option => {}
        }
        let takes = |ty: &'static str| converts_by(of, symbols, |it, _| it == ty);
        let is_option = self.found.outcome == Outcome::Option;
        let literal = self.text.borrowed().is_some();
        if takes("String") && (!is_option || !literal)
            || is_option && literal && (takes("&'staticstr") || takes("&str"))
        {
            return self.made(&Maker::Converts, Applicability::Safe);
        }
        if takes("String") {
            return Bridge::call(format!("ok_or_else(|| {})", self.text.owned()));
        }
        if converts(&ErrorType::Report, of, symbols) && self.fix.file.depends_on("anyhow") {
            return self.to_anyhow();
        }
        if let Some((maker, applicability)) = written.and_then(|it| general(of, it, self.fix)) {
            return self.made(&maker, applicability);
        }
        // An error of input and output is what comes nearest, which a person should see.
        let io = ErrorType::Path("std::io::Error".to_string());
        converts(&io, of, symbols)
            .then(|| self.made_io())?
            .map(|it| it.at_most(Applicability::Suggested))
    }

    /// An error that is made of the text.
    fn made(&self, maker: &Maker, applicability: Applicability) -> Option<Bridge> {
        let bridge = |call| Bridge::call(call).map(|it| it.at_most(applicability));
        let of_text = || maker.of_text(self.text);
        match (&self.found.outcome, maker) {
            (Outcome::Either | Outcome::Unknown, _) => None,
            (Outcome::Option, Maker::Unit(_)) => bridge(format!("ok_or({})", of_text()?)),
            (Outcome::Option, Maker::Converts) if self.text.borrowed().is_some() => {
                bridge(format!("ok_or({})", of_text()?))
            }
            (Outcome::Option, _) => bridge(format!("ok_or_else(|| {})", of_text()?)),
            (Outcome::Result(_), Maker::Unit(path)) => bridge(format!("map_err(|_| {path})")),
            (Outcome::Result(error), _) => {
                let (parameter, arguments) = self.failure(error)?;
                if let Some(made) = maker.of_formatted(format!("format!({arguments})")) {
                    return bridge(format!("map_err(|{parameter}| {made})"));
                }
                // Only texts that are known beforehand: the failure's own is lost.
                let call = format!("map_err(|_| {})", of_text()?);
                Bridge::call(call).map(|it| it.at_most(Applicability::Suggested))
            }
        }
    }
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

fn error_kind(site: &Site) -> &'static str {
    let imports = &site.imports;
    if imports.path_of("ErrorKind") == Some("std::io::ErrorKind") {
        "ErrorKind"
    } else if imports.path_of("io") == Some("std::io") {
        "io::ErrorKind"
    } else {
        "std::io::ErrorKind"
    }
}
