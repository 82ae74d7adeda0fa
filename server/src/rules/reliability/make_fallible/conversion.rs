//! What stands between a call and the `?` that returns its failure.

use super::error_constructors::{ErrorConstructor, foreign, general};
use super::wording::{Shown, Text};
use crate::analysis::{Applicability, FixContext};
use crate::semantics::is_critical_name;
use crate::semantics::rust_version::supports_rust;
use crate::semantics::types::LocatedExpr;
use crate::semantics::types::enclosing_body::Body;
use crate::semantics::types::errors::{
    BodyError, ErrorType, Named, Outcome, converts, converts_by, holder, is_error,
};
use crate::semantics::types::inference::InferredOutcome;
use crate::syntax::green::declared_name;
use crate::syntax::imports::compact;
use crate::syntax::names::words;
use crate::syntax::{AstNode, SyntaxKind, ast};

/// What takes the place of the panicking call, before the `?`.
pub struct Conversion {
    /// A method call without its dot; nothing where `?` alone does.
    pub call: Option<String>,
    /// The trait that has the method.
    pub needs: Option<String>,
    pub applicability: Applicability,
}

impl Conversion {
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
pub fn conversion(
    located: &LocatedExpr,
    fix: &FixContext<'_>,
    body: &Body,
    found: &InferredOutcome,
    text: &Text,
) -> Option<Conversion> {
    let plan = ConversionBuilder { located, fix, text, found };
    if found.outcome == Outcome::Unknown && *body != Body::Result(BodyError::Anyhow) {
        return None;
    }
    let conversion = match body {
        // A failure that becomes "nothing" may let somebody in.
        Body::Option if decides_access(located, fix) => None,
        Body::Option => plan.to_option().map(|it| it.at_most(Applicability::Suggested)),
        Body::Result(error) | Body::Poll(error) => plan.to_error(error),
    }?;
    let sure = if found.is_guess { Applicability::Suggested } else { Applicability::Safe };
    Some(conversion.at_most(sure))
}

/// Whether the code around a call decides who may do what, by its names.
fn decides_access(located: &LocatedExpr, fix: &FixContext<'_>) -> bool {
    const WORDS: &[&str] =
        &["access", "acl", "allow", "allowed", "deny", "filter", "guard", "permission", "policy"];
    let decides =
        |name: &str| is_critical_name(name) || words(name).any(|it| WORDS.contains(&it.as_str()));
    let names = located.around.iter().filter_map(|node| match node.kind() {
        SyntaxKind::FN | SyntaxKind::MODULE | SyntaxKind::TRAIT => {
            declared_name(node.green()).map(str::to_string)
        }
        SyntaxKind::IMPL => {
            let item = ast::Impl::cast(node.clone())?;
            let of = item.trait_().map(|it| compact(it.syntax())).unwrap_or_default();
            Some(format!("{of} {}", compact(item.self_ty()?.syntax())))
        }
        _ => None,
    });
    fix.file.critical || decides(&fix.file.path) || names.into_iter().any(|it| decides(&it))
}

struct ConversionBuilder<'a> {
    located: &'a LocatedExpr,
    fix: &'a FixContext<'a>,
    text: &'a Text,
    found: &'a InferredOutcome,
}

impl ConversionBuilder<'_> {
    fn to_option(&self) -> Option<Conversion> {
        match self.found.outcome {
            Outcome::Option => Conversion::nothing(),
            Outcome::Result(_) => Conversion::call("ok()".to_string()),
            Outcome::Either | Outcome::Unknown => None,
        }
    }

    fn to_error(&self, error: &BodyError) -> Option<Conversion> {
        match error {
            BodyError::Anyhow => self.to_anyhow(),
            BodyError::Eyre(module) => self.to_eyre(module),
            BodyError::Miette => self.to_message("miette::miette!"),
            BodyError::Boxed => self.to_boxed(),
            BodyError::Text => self.to_text(),
            BodyError::Io => self.to_io(),
            BodyError::Fmt => self.to_fmt(),
            BodyError::Unit => {
                self.made(&ErrorConstructor::Unit("()".to_string()), Applicability::Suggested)
            }
            BodyError::Foreign(path) => self.to_foreign(path),
            BodyError::Named { of, written } => self.to_named(of, written.as_deref()),
        }
    }

    fn to_anyhow(&self) -> Option<Conversion> {
        let guessed_error = self.found.is_guess
            && matches!(self.found.outcome, Outcome::Result(ErrorType::Unknown) | Outcome::Unknown)
            && !holds_what_was_given(self.located);
        if self.is_standard() || guessed_error || self.is_report() {
            return Conversion::of_trait(
                self.with_context("context", "with_context"),
                "anyhow::Context".to_string(),
            );
        }
        self.to_message("anyhow::anyhow!")
    }

    fn to_eyre(&self, module: &str) -> Option<Conversion> {
        let is_result = matches!(self.found.outcome, Outcome::Result(_));
        if is_result && (self.is_standard() || self.is_report()) {
            return Conversion::of_trait(
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
    fn to_message(&self, make: &str) -> Option<Conversion> {
        Conversion::call(match &self.found.outcome {
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

    fn to_boxed(&self) -> Option<Conversion> {
        match &self.found.outcome {
            Outcome::Result(_) if self.is_standard() || self.is_report() => Conversion::nothing(),
            _ => self.to_text(),
        }
    }

    fn to_text(&self) -> Option<Conversion> {
        if self.is_text() {
            return Conversion::nothing();
        }
        self.made(&ErrorConstructor::Converts, Applicability::Safe)
    }

    fn to_io(&self) -> Option<Conversion> {
        match &self.found.outcome {
            Outcome::Result(ErrorType::Path(path)) if path == "std::io::Error" => {
                Conversion::nothing()
            }
            _ => self.made_io(),
        }
    }

    /// `std::io::Error::other` takes texts and errors.
    fn made_io(&self) -> Option<Conversion> {
        let io = io_error(self.located);
        let has_other = supports_rust(self.fix, 74);
        let made = |what: &str| match has_other {
            true => format!("{io}::other({what})"),
            false => format!("{io}::new({}::Other, {what})", error_kind(self.located)),
        };
        Conversion::call(match &self.found.outcome {
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
    fn to_fmt(&self) -> Option<Conversion> {
        match &self.found.outcome {
            Outcome::Result(ErrorType::Path(path)) if path == "std::fmt::Error" => {
                Conversion::nothing()
            }
            _ => self.made(
                &ErrorConstructor::Unit("std::fmt::Error".to_string()),
                Applicability::Suggested,
            ),
        }
    }

    fn to_foreign(&self, path: &str) -> Option<Conversion> {
        if matches!(&self.found.outcome, Outcome::Result(ErrorType::Path(error)) if error == path) {
            return Conversion::nothing();
        }
        // Takes any error in that is one.
        if path == "failure::Error" {
            return match &self.found.outcome {
                Outcome::Result(_) if self.is_standard() => Conversion::nothing(),
                _ => self.to_message("failure::format_err!"),
            };
        }
        let (constructor, applicability) = foreign(path)?;
        self.made(&constructor, applicability)
    }

    fn to_named(&self, of: &Named, written: Option<&str>) -> Option<Conversion> {
        let symbols = self.fix.symbols;
        match &self.found.outcome {
            Outcome::Result(error) if converts(error, of, symbols) => return Conversion::nothing(),
            Outcome::Result(error) => {
                if let (Some(variant), Some(written)) = (holder(error, of, symbols), written) {
                    return Conversion::call(format!("map_err({written}::{})", variant.name));
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
            return self.made(&ErrorConstructor::Converts, Applicability::Safe);
        }
        if takes("String") {
            return Conversion::call(format!("ok_or_else(|| {})", self.text.owned()));
        }
        if converts(&ErrorType::Report, of, symbols) && self.fix.file.depends_on("anyhow") {
            return self.to_anyhow();
        }
        if let Some((constructor, applicability)) = written.and_then(|it| general(of, it, self.fix))
        {
            return self.made(&constructor, applicability);
        }
        // An error of input and output is what comes nearest, which a person should see.
        let io = ErrorType::Path("std::io::Error".to_string());
        converts(&io, of, symbols)
            .then(|| self.made_io())?
            .map(|it| it.at_most(Applicability::Suggested))
    }

    /// An error that is made of the text.
    fn made(
        &self,
        constructor: &ErrorConstructor,
        applicability: Applicability,
    ) -> Option<Conversion> {
        let conversion = |call| Conversion::call(call).map(|it| it.at_most(applicability));
        let of_text = || constructor.of_text(self.text);
        match (&self.found.outcome, constructor) {
            (Outcome::Either | Outcome::Unknown, _) => None,
            (Outcome::Option, ErrorConstructor::Unit(_)) => {
                conversion(format!("ok_or({})", of_text()?))
            }
            (Outcome::Option, ErrorConstructor::Converts) if self.text.borrowed().is_some() => {
                conversion(format!("ok_or({})", of_text()?))
            }
            (Outcome::Option, _) => conversion(format!("ok_or_else(|| {})", of_text()?)),
            (Outcome::Result(_), ErrorConstructor::Unit(path)) => {
                conversion(format!("map_err(|_| {path})"))
            }
            (Outcome::Result(error), _) => {
                let (parameter, arguments) = self.failure(error)?;
                if let Some(made) = constructor.of_formatted(format!("format!({arguments})")) {
                    return conversion(format!("map_err(|{parameter}| {made})"));
                }
                // Only texts that are known beforehand: the failure's own is lost.
                let call = format!("map_err(|_| {})", of_text()?);
                Conversion::call(call).map(|it| it.at_most(Applicability::Suggested))
            }
        }
    }
}

/// Whether the error is one that holds a message that was not sent, or what a thread panicked
/// with, or the text that is none: not every thread may own those, and some are no `std::error::Error`.
fn holds_what_was_given(located: &LocatedExpr) -> bool {
    let mut calls = located.expr.syntax().descendants().filter_map(ast::NameRef::cast);
    calls.any(|name| matches!(name.text(), "join" | "send" | "try_send" | "set" | "into_string"))
}

/// `std::io::Error` as the imports in view let it be written.
fn io_error(located: &LocatedExpr) -> &'static str {
    let imports = &located.imports;
    if imports.path_of("io") == Some("std::io") {
        "io::Error"
    } else if imports.path_of("Error") == Some("std::io::Error") {
        "Error"
    } else {
        "std::io::Error"
    }
}

fn error_kind(located: &LocatedExpr) -> &'static str {
    let imports = &located.imports;
    if imports.path_of("ErrorKind") == Some("std::io::ErrorKind") {
        "ErrorKind"
    } else if imports.path_of("io") == Some("std::io") {
        "io::ErrorKind"
    } else {
        "std::io::ErrorKind"
    }
}
