//! The repairs of panicking calls.

use super::bodies::body;
use super::bridges::bridge;
use super::locks::LockCall;
use super::receivers::outcome;
use super::site::Site;
use super::why_not::WhyNot;
use super::wording::Text;
use crate::analysis::{Applicability, Fix, FixContext};
use crate::rules::support::imports::import_edit;
use crate::syntax::{SyntaxNode, ast};
use crate::text::{TextEdit, TextRange};

/// Turns `.unwrap()`, or `.expect(message)`, into `?` where the body can return the failure.
pub fn propagate(
    site: &Option<Site>,
    message: Option<&ast::Expr>,
    fix: &FixContext<'_>,
) -> Vec<Fix> {
    offered(question_mark(site.as_ref(), message, fix), fix)
}

/// Takes a lock even when it is poisoned.
pub fn recover(site: &Option<Site>, lock: LockCall, fix: &FixContext<'_>) -> Vec<Fix> {
    offered(into_inner(site.as_ref(), lock, fix), fix)
}

fn offered(repair: Result<Fix, WhyNot>, fix: &FixContext<'_>) -> Vec<Fix> {
    match repair {
        Ok(repair) => vec![repair],
        Err(why) => {
            why.decline(fix);
            Vec::new()
        }
    }
}

fn into_inner(site: Option<&Site>, lock: LockCall, fix: &FixContext<'_>) -> Result<Fix, WhyNot> {
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

fn question_mark(
    site: Option<&Site>,
    message: Option<&ast::Expr>,
    fix: &FixContext<'_>,
) -> Result<Fix, WhyNot> {
    let site = site.ok_or(WhyNot::Place)?;
    let body = body(site, fix)?;
    let found = outcome(site, fix).ok_or(WhyNot::Receiver)?;
    let text = Text::of(site, message).ok_or(WhyNot::Message)?;
    let bridge = bridge(site, fix, &body, &found, &text).ok_or(WhyNot::Conversion)?;
    let import = match &bridge.needs {
        Some(path) => trait_import(site, fix.root, path).ok_or(WhyNot::Place)?,
        None => None,
    };
    let mut edits = Vec::new();
    let title = match &bridge.call {
        None => {
            let replaced = TextRange::new(site.receiver_end, site.suffix.end());
            edits.push(TextEdit::replace(replaced, "?"));
            "Return the failure with `?`".to_string()
        }
        Some(call) => {
            edits.push(TextEdit::replace(site.name_to_end, format!("{call}?")));
            let name = call.split('(').next().unwrap_or(call);
            format!("Return the failure with `{name}` and `?`")
        }
    };
    edits.extend(import);
    Ok(fix.here(title, bridge.applicability, edits))
}

/// The edit that brings a trait into view where the call stands, if it takes one. Nothing can be
/// added to modules inside macro arguments.
fn trait_import(site: &Site, root: &SyntaxNode, path: &str) -> Option<Option<TextEdit>> {
    let in_file = site.items()?.ancestors().last()? == *root;
    in_file.then(|| import_edit(root, site.name_to_end.start(), path))
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
