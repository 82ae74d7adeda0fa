//! Places that bind a secret to no name of their own: constructors of keys, attributes, and files
//! that are compiled in.

use super::{Found, report};
use crate::analysis::{Confidence, Context, Report};
use crate::semantics::body_words::names_any;
use crate::semantics::literals::{LiteralValue, Value, literal_of, text_of};
use crate::semantics::named_values::named_value;
use crate::semantics::secrets::{
    SecretKind, SecretValue, ValuePlace, is_about_something, is_placeholder, secret_value,
};
use crate::syntax::ast::{self, HasArgList, HasName};
use crate::syntax::fragment::first_string;
use crate::syntax::imports::compact;
use crate::syntax::names::{has_any_word, words};
use crate::syntax::{AstNode, NodeOrToken, SyntaxKind, SyntaxToken, T};

/// Words of keys and files that everyone may have.
const PUBLIC_WORDS: &[&str] = &[
    "ca", "cert", "certificate", "certificates", "certs", "license", "pub", "public", "root",
    "roots", "trust", "verify", "verifying",
];

/// `#[arg(default_value = "…")]` on a field that is a secret.
pub(super) fn check_attribute(field: &ast::RecordField, cx: &mut Context<'_>) {
    let node = field.syntax();
    let Some(name) = field.name().map(|name| name.text().to_string()) else { return };
    let Some(kind) = cx.file().secret_kind(&name) else { return };
    for attr in node.children().filter_map(ast::Attr::cast) {
        // serde's defaults are functions.
        if compact(attr.syntax()).starts_with("#[serde") {
            continue;
        }
        let strings = attr.syntax().descendants_with_tokens().filter_map(NodeOrToken::into_token);
        for token in strings.filter(|token| token.kind() == SyntaxKind::STRING) {
            let Some(text) = text_of(&token).filter(|_| follows_default(&token)) else { continue };
            let Some(value) = secret_value(&text, &name, kind, ValuePlace::Fallback) else {
                continue;
            };
            let range = token.text_range();
            let literal = LiteralValue { value: Value::Text(text), range, is_fallback: true };
            report(node, &Found { name: name.clone(), value, kind, literal }, cx, |it| it);
        }
    }
}

/// Whether `default… =` stands before a token of an attribute.
pub(super) fn follows_default(token: &SyntaxToken) -> bool {
    let mut before = token.prev_sibling_or_token();
    while let Some(element) = before {
        match element.kind() {
            T![,] | T!['('] => return false,
            SyntaxKind::IDENT => return element.to_string().starts_with("default"),
            _ => before = element.prev_sibling_or_token(),
        }
    }
    false
}

/// `EncodingKey::from_secret(b"…")`, `HmacSha256::new_from_slice(b"…")`, `Key::from_slice(&[…])`.
pub(super) fn check_key(call: &ast::CallExpr, cx: &mut Context<'_>) {
    let Some(ast::Expr::PathExpr(path)) = call.expr() else { return };
    let Some(path) = path.path().map(|path| compact(path.syntax())) else { return };
    let mut segments = path.rsplit("::");
    let function = segments.next().unwrap_or_default();
    let ty = segments.next().unwrap_or_default();
    let ty = ty.split('<').next().unwrap_or_default();
    let has = |list: &[&str]| words(ty).any(|word| list.contains(&word.as_str()));
    let takes_key = match function {
        "from_secret" | "from_base64_secret" | "new_from_slice" => true,
        "from_slice" | "from_bytes" => {
            has(&["key", "hmac", "secret"]) && !has(&["public", "verifying", "verification"])
        }
        _ => false,
    };
    if !takes_key {
        return;
    }
    let Some(argument) = call.arg_list().and_then(|list| list.args().next()) else { return };
    let Some(found) = literal_of(&argument) else { return };
    // A key that nothing is verified with.
    let function_around = cx.function(call.syntax());
    if function_around.is_some_and(|it| {
        names_any(
            it.syntax().green(),
            &["insecure_disable_signature_validation", "insecure_disable_signature_check"],
        )
    }) {
        return;
    }
    let confidence = match &found.value {
        Value::Text(text) if is_placeholder(text) || text.contains("BEGIN") => return,
        Value::Text(text) => match secret_value(text, "key", SecretKind::Key, ValuePlace::Fallback)
        {
            Some(SecretValue::Generated | SecretValue::MadeUp) => Confidence::Certain,
            Some(_) => Confidence::Likely,
            // Derivations prescribe such texts: the key of BIP 32 is `Bitcoin seed`.
            None if has_any_word(text, &["secret", "key", "password"]) => Confidence::Likely,
            None => Confidence::Possible,
        },
        Value::Bytes(len) if *len < 8 => return,
        Value::Bytes(_) => Confidence::Certain,
    };
    let message = format!("`{function}` is called with a hardcoded key");
    cx.report(call.syntax(), Report::new(found.range, message).confidence(confidence));
}

/// `include_bytes!("../secret.key")`: the file is in the repository and in the program.
pub(super) fn check_included(call: &ast::MacroCall, cx: &mut Context<'_>) {
    let Some(literal) = first_string(call.syntax()) else { return };
    let Some(path) = text_of(&literal) else { return };
    let file = path.rsplit('/').next().unwrap_or(&path);
    let (stem, extension) = file.rsplit_once('.').unwrap_or((file, ""));
    if has_any_word(file, PUBLIC_WORDS) {
        return;
    }
    let bound = cx.ancestors(call.syntax()).find_map(|it| named_value(&it));
    let name = bound.map(|it| it.name).unwrap_or_default();
    let is_public = has_any_word(&name, PUBLIC_WORDS) || is_about_something(&name);
    let is_named = cx.file().secret_kind(&name).is_some() && extension != "rs";
    let is_key_file = match extension {
        "key" | "p8" => true,
        "pem" | "der" | "bin" | "" => {
            stem.starts_with("id_") || has_any_word(stem, &["key", "private", "privkey"])
        }

        "p12" | "pfx" | "jks" => true,
        _ => cx.file().secret_kind(stem).is_some_and(|kind| kind == SecretKind::Key),
    };
    let is_data = matches!(extension, "sql" | "html" | "json" | "md" | "wasm" | "proto" | "lua");
    if is_public || is_data || !(is_named || is_key_file) {
        return;
    }
    let message = format!("secret file `{file}` is compiled into the program");
    let confidence = match is_named && is_key_file {
        true => Confidence::Certain,
        false => Confidence::Likely,
    };
    cx.report(call.syntax(), Report::new(literal.text_range(), message).confidence(confidence));
}
