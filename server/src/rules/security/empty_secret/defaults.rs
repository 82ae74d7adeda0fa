//! Empty texts as the defaults of settings that are secrets.

use crate::analysis::{Confidence, Context, Report};
use crate::project::{Refused, derives};
use crate::semantics::expressions::chain_root;
use crate::semantics::literals::{Value, literal_of};
use crate::semantics::secrets::{SecretKind, TypeContent, is_settings};
use crate::syntax::ast::{self, HasArgList, HasAttrs, HasName};
use crate::syntax::green::own_name;
use crate::syntax::imports::compact;
use crate::syntax::names::{has_any_word, words};
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode};
use crate::text::TextRange;

/// Words of secrets with which a program protects something itself.
const OWN_WORDS: &[&str] = &[
    "admin", "cookie", "csrf", "encryption", "hmac", "internal", "jwt", "master", "metrics",
    "pepper", "private", "server", "session", "shared", "signing", "webhook",
];

/// Words of what others gave to the program.
const FOREIGN_WORDS: &[&str] = &[
    "access", "api", "aws", "bot", "client", "consumer", "github", "gitlab", "mail", "mqtt",
    "oauth", "openai", "postgres", "proxy", "pushover", "redis", "s3", "sentry", "slack", "smtp",
    "stripe", "telegram", "twilio", "upstream",
];

/// `db_key: String::new()` in the defaults of settings.
pub(super) fn check_field(field: &ast::RecordExprField, cx: &mut Context<'_>) {
    let (Some(name), Some(value)) = (field.field_name(), field.expr()) else { return };
    if !is_empty_text(&value) || !in_defaults(field.syntax(), cx) {
        return;
    }
    let name = name.text().to_string();
    report(field.syntax(), value.syntax().text_range(), &name, cx);
}

/// `fn default_jwt_secret() -> String { String::new() }`
pub(super) fn check_function(function: &ast::Fn, cx: &mut Context<'_>) {
    let Some(name) = function.name().map(|it| it.text().to_string()) else { return };
    let Some(setting) = name.strip_prefix("default_") else { return };
    let Some(list) = function.body().and_then(|it| it.stmt_list()) else { return };
    let tail = list.tail_expr().filter(|_| list.statements().next().is_none());
    let Some(value) = tail.filter(is_empty_text) else { return };
    report(function.syntax(), value.syntax().text_range(), setting, cx);
}

/// `env::var("JWT_SECRET").unwrap_or_default()`
pub(super) fn check_fallback(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let Some(receiver) = call.receiver() else { return };
    let text = compact(receiver.syntax());
    let reads = ["env::var(", "option_env!(", "dotenv::var(", "get_string(", "std::env::var("];
    let is_read = reads.iter().any(|it| text.contains(it)) || text.starts_with("var(");
    let setting = (!is_read).then(|| setting_of(&receiver)).flatten();
    if !is_read && setting.is_none() {
        return;
    }
    let fallback = call.arg_list().and_then(|it| it.args().next());
    let is_empty = match fallback {
        None => call.name_ref().is_some_and(|it| it.text() == "unwrap_or_default"),
        Some(ast::Expr::ClosureExpr(it)) => it.body().is_some_and(|it| is_empty_text(&it)),
        Some(ast::Expr::PathExpr(it)) => compact(it.syntax()).ends_with("String::new"),
        Some(it) => is_empty_text(&it),
    };
    let tokens = receiver.syntax().descendants_with_tokens().filter_map(|it| it.into_token());
    let mut names = tokens.filter_map(|it| crate::semantics::literals::text_of(&it));
    let Some(name) = setting.or_else(|| names.next()).filter(|_| is_empty) else { return };
    // What is parsed or split is no text any more.
    let keeps = call.syntax().parent().and_then(ast::MethodCallExpr::cast);
    if keeps.and_then(|it| it.name_ref()).is_some_and(|it| {
        matches!(it.text(), "is_empty" | "parse" | "split" | "eq" | "len" | "contains")
    }) {
        return;
    }
    report(call.syntax(), call.syntax().text_range(), &name, cx);
}

/// The name of the field of settings that an expression is: `config.jwt_secret.as_deref()`.
fn setting_of(expr: &ast::Expr) -> Option<String> {
    let ast::Expr::FieldExpr(field) = chain_root(expr) else { return None };
    let base = compact(field.expr()?.syntax());
    let holders = ["args", "cfg", "cli", "conf", "config", "options", "opts", "settings"];
    let holder = base.rsplit('.').next().unwrap_or(&base).to_string();
    holders.contains(&holder.as_str()).then_some(field.name_ref()?.text().to_string())
}

/// `EncodingKey::from_secret(b"")`
pub(super) fn check_key(call: &ast::CallExpr, cx: &mut Context<'_>) {
    let argument = call.arg_list().and_then(|it| it.args().next());
    let Some(argument) = argument.filter(is_empty_text) else { return };
    let name = crate::semantics::paths::callee(call).unwrap_or_default();
    let message = format!("`{name}` is given an empty key");
    cx.report(call.syntax(), Report::new(argument.syntax().text_range(), message));
}

/// `#[arg(default_value = "")]` and `#[serde(default)]` of a field.
pub(super) fn check_attributes(item: &ast::Struct, cx: &mut Context<'_>) {
    let Some(ast::FieldList::RecordFieldList(list)) = item.field_list() else { return };
    let Some(owner) = item.name().map(|it| it.text().to_string()) else { return };
    if !cx.file().secret_names.may_occur_in(item.syntax().green()) {
        return;
    }
    let of_item: String = item.attrs().map(|it| compact(it.syntax())).collect();
    let all_default = of_item.contains("serde(default")
        && derives(item.syntax()).iter().any(|it| it == "Default");
    for field in list.fields() {
        let (Some(name), Some(ty)) = (field.name(), field.ty()) else { continue };
        let text: String = field.attrs().map(|it| compact(it.syntax())).collect();
        let ty = compact(ty.syntax());
        let is_plain = TypeContent::of(&ty) == TypeContent::Text
            || TypeContent::of(&ty) == TypeContent::Redacted;
        let is_collection = ["Map<", "Set<", "Vec<"].iter().any(|it| ty.contains(it));
        if ty.starts_with("Option<") || is_collection || !is_plain {
            continue;
        }
        let is_empty_argument = text.contains("default_value=\"\"");
        let is_default = text.contains("serde(default)")
            || text.contains("serde(default,")
            || text.contains(",default)")
            || all_default && !text.contains("default=");
        if is_empty_argument || is_default && is_settings(&owner) {
            report(field.syntax(), name.syntax().text_range(), name.text(), cx);
        }
    }
}

/// Whether a value is a text without anything in it.
fn is_empty_text(value: &ast::Expr) -> bool {
    if let Some(literal) = literal_of(value) {
        return literal.value == Value::Text(String::new()) && !literal.is_fallback;
    }
    let text = compact(value.syntax());
    let text = text.trim_start_matches('{').trim_end_matches('}');
    matches!(text, "String::new()" | "String::default()" | "SecretString::default()")
        || matches!(text, "Secret::new(String::new())" | "SecretString::new(String::new())")
        || text.ends_with("::from(String::new())")
}

/// Whether a value stands in the defaults of a type.
fn in_defaults(node: &SyntaxNode, cx: &Context<'_>) -> bool {
    let Some(function) = cx.function(node) else { return false };
    let name = own_name(function.syntax().green()).unwrap_or_default().to_string();
    let name = function.name().map_or(name, |it| it.text().to_string());
    has_any_word(&name, &["default", "defaults"])
}

fn report(node: &SyntaxNode, range: TextRange, name: &str, cx: &mut Context<'_>) {
    let Some(kind) = cx.file().secret_names.setting_kind(name) else { return };
    let owner = cx.ancestors(node).find_map(ast::Impl::cast).and_then(|it| it.self_ty());
    let owner = owner.map(|it| compact(it.syntax())).unwrap_or_default();
    let is_setting =
        owner.is_empty() || is_settings(&owner) || node.kind() != SyntaxKind::RECORD_EXPR_FIELD;
    let protects = protects(name, kind, cx) && is_setting || is_beside_listener(node, name);
    let confidence = if protects { Confidence::Likely } else { Confidence::Possible };
    let message = format!("secret `{name}` is empty unless it is set");
    let field = name.to_ascii_lowercase();
    let last: Vec<String> = words(name).collect();
    let tail = last.get(last.len().saturating_sub(2)..).unwrap_or_default().join("_");
    let report = Report::new(range, message).confidence(confidence);
    cx.report(
        node,
        report.when(move |symbols| {
            !symbols.refuses(&Refused::Empty(field.clone()))
                && !symbols.refuses(&Refused::Empty(tail.clone()))
        }),
    );
}

/// Whether a field called `secret` stands beside the address that the program listens on.
fn is_beside_listener(field: &SyntaxNode, name: &str) -> bool {
    let fields = field.parent().into_iter().flat_map(|list| list.children());
    matches!(name, "secret" | "secret_key")
        && fields.filter_map(ast::RecordExprField::cast).any(|it| {
            it.field_name().is_some_and(|it| {
                matches!(
                    it.text(),
                    "bind" | "bind_addr" | "bind_address" | "listen" | "listen_addr"
                )
            })
        })
}

/// Whether the program protects something itself with a secret of this name.
fn protects(name: &str, kind: SecretKind, cx: &Context<'_>) -> bool {
    if has_any_word(name, FOREIGN_WORDS) && !has_any_word(name, &["admin", "jwt", "signing"]) {
        return false;
    }
    let is_key = kind == SecretKind::Key
        || has_any_word(name, &["db", "database", "storage"]) && has_any_word(name, &["key"]);
    let of_tokens =
        has_any_word(name, &["token", "auth"]) && has_any_word(name, &["secret", "key"]);
    has_any_word(name, OWN_WORDS)
        || is_key
        || of_tokens
        || cx.file().in_server() && has_any_word(name, &["auth"])
}
