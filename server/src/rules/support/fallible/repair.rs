//! The repairs of panicking calls.

use super::bodies::{Body, body};
use super::context_text::context_text;
use super::errors::{BodyError, ErrorType, Outcome, converts, is_error};
use super::locks::LockCall;
use super::receivers::outcome;
use super::site::Site;
use super::why_not::WhyNot;
use crate::analysis::{Applicability, Fix, FixContext};
use crate::rules::support::imports::import_edit;
use crate::rules::support::string_literal;
use crate::syntax::{AstNode, SyntaxNode, ast};
use crate::text::{TextEdit, TextRange};

/// Turns `.unwrap()`, or `.expect(message)`, into `?` where the body can return the failure.
pub fn propagate(
    site: &Option<Site>,
    message: Option<&ast::Expr>,
    fix: &FixContext<'_>,
) -> Vec<Fix> {
    match try_propagate(site.as_ref(), message, fix) {
        Ok(repair) => vec![repair],
        Err(why) => {
            why.decline(fix);
            Vec::new()
        }
    }
}

fn try_propagate(
    site: Option<&Site>,
    message: Option<&ast::Expr>,
    fix: &FixContext<'_>,
) -> Result<Fix, WhyNot> {
    let site = site.ok_or(WhyNot::Place)?;
    let body = body(site, fix)?;
    let outcome = outcome(site, fix).ok_or(WhyNot::Receiver)?;
    let text = Text::of(site, message).ok_or(WhyNot::Message)?;
    question_mark(site, fix, &body, &outcome, &text)
}

/// Takes a lock even when it is poisoned.
pub fn recover(site: &Option<Site>, lock: LockCall, fix: &FixContext<'_>) -> Vec<Fix> {
    match try_recover(site.as_ref(), lock, fix) {
        Ok(repair) => vec![repair],
        Err(why) => {
            why.decline(fix);
            Vec::new()
        }
    }
}

fn try_recover(site: Option<&Site>, lock: LockCall, fix: &FixContext<'_>) -> Result<Fix, WhyNot> {
    if lock == LockCall::Trying {
        return Err(WhyNot::TriedLock);
    }
    let site = site.ok_or(WhyNot::Place)?;
    // A method of the workspace under the name of a lock's may give another error.
    let ast::Expr::MethodCallExpr(call) = &site.receiver else { return Err(WhyNot::Place) };
    let name = call.name_ref().ok_or(WhyNot::Place)?;
    let mut methods = fix.facts.functions(name.text()).filter(|it| it.has_self);
    if !site.imports_std_lock() && methods.any(|it| it.returns.is_some()) {
        return Err(WhyNot::OwnLock);
    }
    let imports = &site.imports;
    let path = if imports.path_of("PoisonError") == Some("std::sync::PoisonError") {
        "PoisonError"
    } else if imports.path_of("sync") == Some("std::sync") {
        "sync::PoisonError"
    } else {
        "std::sync::PoisonError"
    };
    let edit = TextEdit::replace(site.name_to_end, format!("unwrap_or_else({path}::into_inner)"));
    let title = "Take the lock even when it is poisoned";
    Ok(fix.here(title, Applicability::Suggested, vec![edit]))
}

/// The context of a failure.
enum Text {
    /// The text itself.
    Plain(String),
    /// A `format!(…)`, as it is written.
    Formatted(String),
    /// A constant, as it is written.
    Constant(String),
}

impl Text {
    fn of(site: &Site, message: Option<&ast::Expr>) -> Option<Self> {
        let Some(message) = message else { return Some(Self::Plain(context_text(site))) };
        if let Some(text) = string_literal(message) {
            return Some(Self::Plain(text));
        }
        let written = message.syntax().text().to_string();
        let written = written.trim_start_matches('&');
        if written.starts_with("format!") && !written.contains(['?', '\n']) {
            let moves = written.contains(".await") || written.contains("return");
            return (!moves).then(|| Self::Formatted(written.to_string()));
        }
        let name = written.rsplit("::").next().unwrap_or(written);
        let constant =
            name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        constant.then(|| Self::Constant(written.to_string()))
    }

    /// As the argument of a method: `"text"`.
    fn argument(&self) -> Option<String> {
        match self {
            Self::Plain(text) => Some(literal(text)),
            Self::Constant(path) => Some(path.clone()),
            Self::Formatted(_) => None,
        }
    }

    /// As an expression that gives a `String`, where `error` is appended when it is in view.
    fn formatted(&self, with_error: bool) -> Option<String> {
        match (self, with_error) {
            (Self::Plain(text), true) => {
                let text = text.replace('{', "{{").replace('}', "}}");
                Some(format!("format!({})", literal(&format!("{text}: {{error}}"))))
            }
            (Self::Plain(text), false) => Some(format!("{}.to_string()", literal(text))),
            (Self::Constant(path), true) => Some(format!("format!(\"{{}}: {{error}}\", {path})")),
            (Self::Constant(path), false) => Some(format!("{path}.to_string()")),
            (Self::Formatted(call), false) => Some(call.clone()),
            (Self::Formatted(_), true) => None,
        }
    }
}

fn literal(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{}\"", escaped.replace('\r', "\\r").replace('\t', "\\t"))
}

/// What stands where the panicking call stood, before the `?`.
enum Bridge {
    Nothing,
    /// A method call, without its dot.
    Call(String),
}

fn question_mark(
    site: &Site,
    fix: &FixContext<'_>,
    body: &Body,
    outcome: &Outcome,
    text: &Text,
) -> Result<Fix, WhyNot> {
    let mut applicability = Applicability::Safe;
    let mut import = None;
    let bridge = match body {
        Body::Option => match outcome {
            Outcome::Option => Bridge::Nothing,
            Outcome::Result(_) => Bridge::Call("ok()".to_string()),
            Outcome::Either => return Err(WhyNot::Conversion),
        },
        Body::Result(BodyError::Anyhow) => {
            if !converts_into_report(outcome, fix) {
                return Err(WhyNot::Conversion);
            }
            import = trait_import(site, fix.root, "anyhow::Context").ok_or(WhyNot::Place)?;
            Bridge::Call(match text.argument() {
                Some(argument) => format!("context({argument})"),
                None => {
                    format!("with_context(|| {})", text.formatted(false).ok_or(WhyNot::Message)?)
                }
            })
        }
        Body::Result(BodyError::Eyre(module)) => match outcome {
            Outcome::Option => Bridge::Call(match text {
                Text::Plain(_) | Text::Constant(_) => format!(
                    "ok_or_else(|| {module}::eyre!({}))?",
                    brace(text).ok_or(WhyNot::Message)?
                )
                .trim_end_matches('?')
                .to_string(),
                Text::Formatted(call) => {
                    let arguments = call.trim_start_matches("format!");
                    format!("ok_or_else(|| {module}::eyre!{arguments})")
                }
            }),
            _ if converts_into_report(outcome, fix) && *outcome != Outcome::Either => {
                import = trait_import(site, fix.root, &format!("{module}::WrapErr"))
                    .ok_or(WhyNot::Place)?;
                Bridge::Call(match text.argument() {
                    Some(argument) => format!("wrap_err({argument})"),
                    None => format!(
                        "wrap_err_with(|| {})",
                        text.formatted(false).ok_or(WhyNot::Message)?
                    ),
                })
            }
            _ => return Err(WhyNot::Conversion),
        },
        Body::Result(BodyError::Boxed) => match outcome {
            Outcome::Option => option_to_text(text).ok_or(WhyNot::Message)?,
            Outcome::Result(ErrorType::Unknown) | Outcome::Either => {
                return Err(WhyNot::Conversion);
            }
            Outcome::Result(_) => Bridge::Nothing,
        },
        Body::Result(BodyError::Text) => match outcome {
            Outcome::Option => option_to_text(text).ok_or(WhyNot::Message)?,
            Outcome::Result(ErrorType::Text) => Bridge::Nothing,
            Outcome::Result(ErrorType::Unknown) | Outcome::Either => {
                return Err(WhyNot::Conversion);
            }
            Outcome::Result(_) => Bridge::Call(format!(
                "map_err(|error| {})",
                text.formatted(true).ok_or(WhyNot::Message)?
            )),
        },
        Body::Result(BodyError::Io) => match outcome {
            Outcome::Option => {
                let argument =
                    text.argument().or_else(|| text.formatted(false)).ok_or(WhyNot::Message)?;
                let io = io_error(site);
                Bridge::Call(format!("ok_or_else(|| {io}::other({argument}))"))
            }
            Outcome::Result(ErrorType::Path("std::io::Error")) => Bridge::Nothing,
            Outcome::Result(ErrorType::Path(_) | ErrorType::Named(_) | ErrorType::Text) => {
                Bridge::Call(format!("map_err({}::other)", io_error(site)))
            }
            _ => return Err(WhyNot::Conversion),
        },
        Body::Result(BodyError::Named { name, written }) => match outcome {
            Outcome::Result(error) if converts(error, name, fix) => Bridge::Nothing,
            Outcome::Either | Outcome::Result(ErrorType::Unknown) => {
                return Err(WhyNot::Conversion);
            }
            _ => {
                // Which variant a failure belongs to is for a person to say.
                applicability = Applicability::Suggested;
                let written = written.as_ref().ok_or(WhyNot::Conversion)?;
                let variant = string_variant(name, fix).ok_or(WhyNot::Conversion)?;
                let path = format!("{written}::{variant}");
                Bridge::Call(match outcome {
                    Outcome::Option => format!(
                        "ok_or_else(|| {path}({}))",
                        text.formatted(false).ok_or(WhyNot::Message)?
                    ),
                    _ => format!(
                        "map_err(|error| {path}({}))",
                        text.formatted(true).ok_or(WhyNot::Message)?
                    ),
                })
            }
        },
    };
    let mut edits = Vec::new();
    let title = match &bridge {
        Bridge::Nothing => {
            let replaced = TextRange::new(site.receiver_end, site.suffix.end());
            edits.push(TextEdit::replace(replaced, "?"));
            "Return the failure with `?`".to_string()
        }
        Bridge::Call(call) => {
            edits.push(TextEdit::replace(site.name_to_end, format!("{call}?")));
            let name = call.split('(').next().unwrap_or(call);
            format!("Return the failure with `{name}` and `?`")
        }
    };
    edits.extend(import);
    Ok(fix.here(title, applicability, edits))
}

/// The edit that brings a trait into view where the call stands, if it takes one. Nothing can be
/// added to modules inside macro arguments.
fn trait_import(site: &Site, root: &SyntaxNode, path: &str) -> Option<Option<TextEdit>> {
    let in_file = site.items()?.ancestors().last()? == *root;
    in_file.then(|| import_edit(root, site.name_to_end.start(), path))
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

/// The text as the argument of a formatting macro.
fn brace(text: &Text) -> Option<String> {
    match text {
        Text::Plain(text) => Some(literal(&text.replace('{', "{{").replace('}', "}}"))),
        Text::Constant(path) => Some(format!("\"{{}}\", {path}")),
        Text::Formatted(_) => None,
    }
}

fn option_to_text(text: &Text) -> Option<Bridge> {
    Some(Bridge::Call(match text.argument() {
        Some(argument) => format!("ok_or({argument})"),
        None => format!("ok_or_else(|| {})", text.formatted(false)?),
    }))
}

/// Whether `anyhow` and `eyre` take the failure in.
fn converts_into_report(outcome: &Outcome, fix: &FixContext<'_>) -> bool {
    match outcome {
        Outcome::Option | Outcome::Either => true,
        Outcome::Result(ErrorType::Some | ErrorType::Path(_)) => true,
        Outcome::Result(ErrorType::Named(name)) => is_error(name, fix.facts),
        Outcome::Result(ErrorType::Text | ErrorType::Unknown) => false,
    }
}

/// A variant of the body's error that holds any text.
fn string_variant(name: &str, fix: &FixContext<'_>) -> Option<String> {
    let mut types = fix.facts.types(name);
    let (Some(def), None) = (types.next(), types.next()) else { return None };
    const GENERAL: &[&str] = &[
        "Other",
        "Internal",
        "Custom",
        "Message",
        "Msg",
        "Generic",
        "Unexpected",
        "InternalError",
    ];
    GENERAL.iter().find_map(|general| {
        let variant = def.variants.iter().find(|variant| variant.name == *general)?;
        let [(field, ty)] = variant.fields.as_slice() else { return None };
        (field == "0" && ty == "String").then(|| variant.name.clone())
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::reliability::expect_used::RULE as EXPECT;
    use crate::rules::reliability::unwrap_used::RULE as UNWRAP;
    use crate::rules::testing::{first_fixes, no_fix};

    /// The first fix of the first finding of a rule, applied to the library's root.
    #[track_caller]
    fn fixed(rule: &'static crate::analysis::Rule, source: &str) -> String {
        let (fixture, fixes) = first_fixes(rule, source);
        let Some(fix) = fixes.first() else { panic!("no fix") };
        fixture.apply(fix).remove("src/lib.rs").expect("the root")
    }

    #[test]
    fn anyhow_gets_a_context_and_the_import() {
        assert_eq!(
            fixed(
                &UNWRAP,
                "use anyhow::Result;\nfn f() -> Result<()> { let bind: SocketAddr = \"0.0.0.0:0\".parse().unwrap(); }\n"
            ),
            "use anyhow::{Context, Result};\nfn f() -> Result<()> { let bind: SocketAddr = \"0.0.0.0:0\".parse().context(\"parse bind address\")?; }\n"
        );
        assert_eq!(
            fixed(
                &EXPECT,
                "use std::fs;\n\nuse tokio::net;\n\nasync fn f() -> anyhow::Result<()> { println!(\"{}\", fs::read(\"a\").expect(\"a {file}\")); }\n"
            ),
            "use std::fs;\n\nuse anyhow::Context;\nuse tokio::net;\n\nasync fn f() -> anyhow::Result<()> { println!(\"{}\", fs::read(\"a\").context(\"a {file}\")?); }\n"
        );
        assert_eq!(
            fixed(
                &EXPECT,
                "use std::task::Context;\nuse anyhow::{anyhow, Result};\nfn f(x: Option<u8>) -> Result<u8> { Ok(x.expect(&format!(\"{}\", 1))) }\n"
            ),
            "use std::task::Context;\nuse anyhow::{anyhow, Context as _, Result};\nfn f(x: Option<u8>) -> Result<u8> { Ok(x.with_context(|| format!(\"{}\", 1))?) }\n"
        );
        assert_eq!(
            fixed(
                &UNWRAP,
                "mod a {\n    fn f(x: Option<u8>) -> anyhow::Result<u8> { Ok(x.unwrap()) }\n}\n"
            ),
            "mod a {\n    use anyhow::Context;\n\n    fn f(x: Option<u8>) -> anyhow::Result<u8> { Ok(x.context(\"x is missing\")?) }\n}\n"
        );
    }

    #[test]
    fn eyre_boxed_text_and_io_errors_are_returned_in_their_way() {
        let body = |ty: &str, code: &str| format!("fn f(x: Option<u8>) -> {ty} {{ {code} }}\n");
        let boxed = "Result<u8, Box<dyn std::error::Error + Send + Sync>>";
        for (ty, before, after) in [
            (boxed, "x.unwrap();", "x.ok_or(\"x is missing\")?;"),
            (boxed, "std::fs::read(\"a\")\n    .unwrap();", "std::fs::read(\"a\")?;"),
            ("Option<u8>", "x.unwrap();", "x?;"),
            ("Option<u8>", "\"1\".parse::<u8>().unwrap();", "\"1\".parse::<u8>().ok()?;"),
            (
                "Result<u8, String>",
                "std::fs::read(path).unwrap();",
                "std::fs::read(path).map_err(|error| format!(\"read path: {error}\"))?;",
            ),
            ("std::io::Result<u8>", "std::fs::read(path).unwrap();", "std::fs::read(path)?;"),
            (
                "std::io::Result<u8>",
                "std::env::var(\"HOME\").unwrap();",
                "std::env::var(\"HOME\").map_err(std::io::Error::other)?;",
            ),
            (
                "std::io::Result<u8>",
                "x.unwrap();",
                "x.ok_or_else(|| std::io::Error::other(\"x is missing\"))?;",
            ),
            ("eyre::Result<u8>", "x.unwrap();", "x.ok_or_else(|| eyre::eyre!(\"x is missing\"))?;"),
        ] {
            assert_eq!(fixed(&UNWRAP, &body(ty, before)), body(ty, after));
        }
    }

    #[test]
    fn an_error_of_the_workspace_is_converted_into_where_the_facts_show_how() {
        let source = |call: &str| {
            format!(
                "#[derive(Debug, thiserror::Error)]\npub enum Failure {{\n    #[error(\"io\")]\n    Io(#[from] std::io::Error),\n    Other(String),\n}}\nfn f(x: Option<u8>) -> Result<(), Failure> {{ {call}; }}\n"
            )
        };
        assert_eq!(
            fixed(&UNWRAP, &source("std::fs::read(p).unwrap()")),
            source("std::fs::read(p)?")
        );
        assert_eq!(
            fixed(&UNWRAP, &source("x.unwrap()")),
            source("x.ok_or_else(|| Failure::Other(\"x is missing\".to_string()))?")
        );
        no_fix(&UNWRAP, "struct E;\nfn f() -> Result<(), E> { std::fs::read(p).unwrap(); }\n");
    }

    #[test]
    fn signatures_fields_and_bindings_tell_what_a_receiver_is() {
        let with = |code: &str| {
            format!(
                "struct S {{ map: HashMap<u8, u8>, name: Option<String> }}\nimpl S {{\n    fn load(&self) -> Option<u8> {{ None }}\n    fn f(&self, key: &u8) -> Option<u8> {{ {code} }}\n}}\n"
            )
        };
        for (before, after) in [
            ("self.map.get(key).unwrap();", "self.map.get(key)?;"),
            ("self.name.as_ref().unwrap();", "self.name.as_ref()?;"),
            ("self.load().unwrap();", "self.load()?;"),
            (
                "let x = self.load(); x.map(|it| it + 1).unwrap();",
                "let x = self.load(); x.map(|it| it + 1)?;",
            ),
            ("text.lines().next().unwrap();", "text.lines().next()?;"),
        ] {
            assert_eq!(fixed(&UNWRAP, &with(before)), with(after));
        }
    }

    #[test]
    fn where_the_body_or_the_receiver_cannot_be_told_nothing_is_offered() {
        for source in [
            "fn f(x: Option<u8>) { x.unwrap(); }",
            "fn f(x: Option<u8>) -> u8 { x.unwrap() }",
            "fn f(x: Option<u8>) -> Option<u8> { g(|| x.unwrap()) }",
            "fn f(x: Option<u8>) -> Option<u8> { g(async { x.unwrap() }) }",
            "const fn f(x: Option<u8>) -> Option<u8> { Some(x.unwrap()) }",
            "fn f(x: Option<u8>) -> Option<u8> { const A: u8 = B.unwrap(); None }",
            "fn f() -> Option<u8> { Some(unknown.thing().unwrap()) }",
            "fn f(x: Option<u8>) -> Option<u8> { define!(x.unwrap()); None }",
            "fn f(x: Option<u8>) -> impl Future<Output = Option<u8>> { x.unwrap(); }",
            "fn f<E: From<String>>(x: Option<u8>) -> Result<u8, E> { x.unwrap(); }",
            "use anyhow::Result;\nfn f(x: Result<u8, String>) -> Result<u8> { x.unwrap(); }",
            "impl Drop for S { fn drop(&mut self) { self.x.take().unwrap(); } }",
            "fn f(x: Option<u8>) -> Option<u8> { if let Some(x) = g() { x.unwrap(); } None }",
            "struct D;\nimpl D { fn get(&self, x: u8) -> Result<u8, ()> { Ok(x) } }\nfn f(d: D) -> Option<u8> { d.get(1).unwrap(); None }\nfn g(e: T) -> Option<u8> { e.get(1).unwrap(); None }",
        ] {
            let source = format!("{source}\n");
            let is_result_of_method = source.contains("struct D");
            if is_result_of_method {
                assert!(fixed(&UNWRAP, &source).contains("d.get(1).ok()?"));
            } else {
                no_fix(&UNWRAP, &source);
            }
        }
    }

    #[test]
    fn a_comment_before_the_dot_stays() {
        assert_eq!(
            fixed(
                &UNWRAP,
                "fn f(x: Option<u8>) -> Option<u8> {\n    x // why\n        .unwrap();\n}\n"
            ),
            "fn f(x: Option<u8>) -> Option<u8> {\n    x // why\n        ?;\n}\n"
        );
    }
}
