use super::*;
use crate::syntax::{Document, Edition};
use crate::text::apply_edits;

/// The text after the import of `path` for the place marked `$0`.
fn imported(path: &str, marked: &str) -> Option<String> {
    let at = marked.find("$0").expect("a mark");
    let source = marked.replace("$0", "");
    let root = Document::new(&source, Edition::CURRENT).root().expect("it parses");
    let at = TextSize::try_from(at).expect("short");
    let edit = edit_in_style(&root, at, path, &Style::default())?;
    Some(apply_edits(&source, &[edit]))
}

#[track_caller]
fn check(path: &str, before: &str, after: &str) {
    let after = format!("{after}\nfn f() {{}}\n");
    assert_eq!(imported(path, &format!("{before}\nfn f() {{$0}}\n")), Some(after));
}

const TRAIT: &str = "subtle::ConstantTimeEq";

#[test]
fn an_import_joins_those_of_its_module() {
    check(TRAIT, "use subtle::Choice;\n", "use subtle::{Choice, ConstantTimeEq};\n");
    check(TRAIT, "use subtle::{A, Z};\n", "use subtle::{A, ConstantTimeEq, Z};\n");
    check(
        "std::sync::PoisonError",
        "use std::{fs, sync::{Arc, Mutex}};\n",
        "use std::{fs, sync::{Arc, Mutex, PoisonError}};\n",
    );
    check(
        "std::sync::PoisonError",
        "use std::{\n    fs,\n    sync::Arc,\n};\n",
        "use std::{\n    fs,\n    sync::{Arc, PoisonError},\n};\n",
    );
    check(
        "std::sync::PoisonError",
        "use std::{fmt, fs};\n",
        "use std::{fmt, fs, sync::PoisonError};\n",
    );
    check(
        "anyhow::Context",
        "use anyhow::{bail, Result};\n",
        "use anyhow::{bail, Context, Result};\n",
    );
    check(
        "anyhow::Context",
        "use anyhow::{Result, bail};\n",
        "use anyhow::{Context, Result, bail};\n",
    );
    check(
        "anyhow::Context",
        "use anyhow::{\n    // why\n    Result,\n};\n",
        "use anyhow::{\n    // why\n    Context, Result,\n};\n",
    );
}

#[test]
fn the_edition_says_whether_types_come_first() {
    let entries = ["anyhow".to_string()];
    let newer = Style { is_before_2024: false, ..Style::default() };
    assert_eq!(place_of("Context", &entries, &Style::default()), 1);
    assert_eq!(place_of("Context", &entries, &newer), 0);
}

#[test]
fn long_lists_are_filled_again() {
    check(
        "crate::syntax::Middle",
        "use crate::syntax::{AstNode, AstToken, Direction, Edition, NodeOrToken, SyntaxElement, SyntaxNode};\n",
        "use crate::syntax::{\n    AstNode, AstToken, Direction, Edition, Middle, NodeOrToken, SyntaxElement, SyntaxNode,\n};\n",
    );
    check(
        "a::B",
        "use a::{\n    C,\n    d::{self, E},\n};\n",
        "use a::{\n    B, C,\n    d::{self, E},\n};\n",
    );
}

#[test]
fn other_imports_get_a_line_in_their_group() {
    check(
        TRAIT,
        "use std::fs;\n\nuse hmac::Hmac;\nuse tokio::fs; // b\n\nuse crate::a;\n",
        "use std::fs;\n\nuse hmac::Hmac;\nuse subtle::ConstantTimeEq;\nuse tokio::fs; // b\n\nuse crate::a;\n",
    );
    check(TRAIT, "use serde::A; // a\n", "use serde::A; // a\nuse subtle::ConstantTimeEq;\n");
    check(TRAIT, "// all\nuse tokio::A;\n", "// all\nuse subtle::ConstantTimeEq;\nuse tokio::A;\n");
    check(
        TRAIT,
        "use std::fs;\n\nuse crate::a;\n",
        "use std::fs;\n\nuse subtle::ConstantTimeEq;\n\nuse crate::a;\n",
    );
    check(
        TRAIT,
        "use crate::a;\nuse std::fs;\nuse z::A;\n",
        "use crate::a;\nuse std::fs;\nuse subtle::ConstantTimeEq;\nuse z::A;\n",
    );
    check(TRAIT, "use crate::a;\n", "use subtle::ConstantTimeEq;\n\nuse crate::a;\n");
    check("a::B", "use a::X;\nuse a::Y;\n", "use a::B;\nuse a::X;\nuse a::Y;\n");
    check(
        "a::B",
        "use {\n    c::d,\n    e::f,\n};\n",
        "use a::B;\nuse {\n    c::d,\n    e::f,\n};\n",
    );
    check(
        "std::sync::PoisonError",
        "use ::std::fs;\n\nuse hmac::Hmac;\n",
        "use ::std::fs;\nuse std::sync::PoisonError;\n\nuse hmac::Hmac;\n",
    );
    check("a::B", "use ::c::d;\nuse e::f;\n", "use ::c::d;\nuse a::B;\nuse e::f;\n");
    check("a::B", "#[cfg(unix)]\nuse a::{X, Y};\n", "use a::B;\n#[cfg(unix)]\nuse a::{X, Y};\n");
}

#[test]
fn the_first_import_stands_before_the_first_item() {
    let before = "//! Docs.\n#![allow(x)]\n\n/// Doc.\nfn f() { $0 }\n";
    let after = "//! Docs.\n#![allow(x)]\n\nuse subtle::ConstantTimeEq;\n\n/// Doc.\nfn f() {  }\n";
    assert_eq!(imported(TRAIT, before).as_deref(), Some(after));
    let before = "use a::b;\r\nmod m {\r\n    fn f() { $0 }\r\n}\r\n";
    let after =
        "use a::b;\r\nmod m {\r\n    use subtle::ConstantTimeEq;\r\n\r\n    fn f() {  }\r\n}\r\n";
    assert_eq!(imported(TRAIT, before).as_deref(), Some(after));
}

#[test]
fn what_is_in_view_is_not_imported_again() {
    for source in [
        "use subtle::ConstantTimeEq; fn f() { $0 }",
        "use subtle::{ConstantTimeEq as _}; fn f() { $0 }",
        "use subtle::{Choice, ConstantTimeEq as Same}; fn f() { $0 }",
        "use subtle::*; fn f() { $0 }",
        "use subtle::prelude::*; fn f() { $0 }",
        "fn f() { use subtle::ConstantTimeEq; { $0 } }",
    ] {
        assert_eq!(imported(TRAIT, source), None, "{source}");
    }
    for source in [
        "use subtle::ConstantTimeEq; mod m { fn f() { $0 } }",
        "#[cfg(test)] use subtle::ConstantTimeEq; fn f() { $0 }",
    ] {
        assert!(imported(TRAIT, source).is_some(), "{source}");
    }
}

#[test]
fn a_name_that_is_taken_is_imported_without_it() {
    check(
        "anyhow::Context",
        "use std::task::Context;\n",
        "use std::task::Context;\n\nuse anyhow::Context as _;\n",
    );
    check(
        "anyhow::Context",
        "use anyhow::Result;\nstruct Context;\n",
        "use anyhow::{Context as _, Result};\nstruct Context;\n",
    );
}
