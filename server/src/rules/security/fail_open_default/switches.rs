//! Switches of protections, and what they are unless they are set.

use crate::analysis::{Confidence, Context, Report};
use crate::project::derives;
use crate::semantics::body_words::function_name;
use crate::semantics::development::is_for_development;
use crate::semantics::literals::text_of;
use crate::semantics::secrets::is_settings;
use crate::syntax::ast::{self, HasArgList, HasAttrs, HasName};
use crate::syntax::imports::compact;
use crate::syntax::names::{has_any_word, words};
use crate::syntax::{AstNode, SyntaxNode};
use crate::text::TextRange;

/// What a switch protects with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protection {
    Authentication,
    Verification,
    Transport,
    Limit,
}

/// Words of switches that turn something on.
const ENABLING_WORDS: &[&str] = &[
    "enable", "enabled", "enforce", "enforced", "require", "required", "requires", "use",
    "validate", "verify",
];

/// Words of switches that turn something off.
const DISABLING_WORDS: &[&str] = &[
    "allow", "anonymous", "bypass", "disable", "disabled", "insecure", "no", "skip", "unsafe",
    "without",
];

impl Protection {
    /// What a name says that it protects with.
    pub fn of(name: &str) -> Option<Self> {
        let has = |list: &[&str]| has_any_word(name, list);
        match () {
            () if has(&[
                "auth", "authentication", "authorization", "authz", "login", "token", "authorized",
                "permission", "permissions", "access", "mfa",
            ]) =>
            {
                Some(Self::Authentication)
            }
            () if has(&["signature", "signatures", "certificate", "certs", "verification"]) => {
                Some(Self::Verification)
            }
            () if has(&["tls", "ssl", "https", "mtls"]) => Some(Self::Transport),
            () if has(&["limit", "limits", "ratelimit", "limiter", "throttle", "quota"]) => {
                Some(Self::Limit)
            }
            () => None,
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Self::Authentication => "authentication",
            Self::Verification => "verification",
            Self::Transport => "TLS",
            Self::Limit => "the limit",
        }
    }
}

/// What a switch of this name protects with, and the value that it has when that is off.
fn switch(name: &str) -> Option<(Protection, bool)> {
    // A token or a login is a thing of many kinds; that it is checked is not what a switch says.
    if has_any_word(name, &["token", "tokens", "login", "access"])
        && !has_any_word(name, &["auth", "authentication"])
    {
        return None;
    }
    let protection = Protection::of(name)?;
    let list: Vec<String> = words(name).collect();
    // `auth_token_enabled` and `require_auth_header` speak of parts of it.
    let about = [
        "header", "log", "logging", "metrics", "url", "cache", "refresh", "debug", "proxy",
        "client", "upstream", "outbound", "ui", "docs",
    ];
    if list.len() > 4 || list.iter().any(|it| about.contains(&it.as_str())) {
        return None;
    }
    let has = |set: &[&str]| list.iter().any(|it| set.contains(&it.as_str()));
    match () {
        () if has(DISABLING_WORDS) => Some((protection, true)),
        () if has(ENABLING_WORDS) => Some((protection, false)),
        // `authentication: false`
        () if list.len() == 1 && matches!(name, "auth" | "authentication" | "tls" | "https") => {
            Some((protection, false))
        }
        () => None,
    }
}

/// `require_auth: false` in the defaults of settings.
pub(super) fn check_default(field: &ast::RecordExprField, cx: &mut Context<'_>) {
    let (Some(name), Some(value)) = (field.field_name(), field.expr()) else { return };
    let value = value.syntax().text().to_string();
    if !matches!(value.as_str(), "true" | "false") {
        return;
    }
    let Some((protection, off)) = switch(name.text()) else { return };
    let in_default = function_name(cx, field.syntax())
        .is_some_and(|it| has_any_word(&it, &["default", "defaults"]));
    let owner = cx.ancestors(field.syntax()).find_map(ast::Impl::cast).and_then(|it| it.self_ty());
    let of_settings = owner.is_some_and(|it| is_protecting_type(&compact(it.syntax())));
    if value.parse() != Ok(off) || !in_default || !of_settings {
        return;
    }
    report(field.syntax(), field.syntax().text_range(), name.text(), protection, cx);
}

/// Whether a type holds the settings of something that is protected.
fn is_protecting_type(ty: &str) -> bool {
    is_settings(ty) && !has_any_word(ty, &["client", "connect", "connection", "test", "mock"])
}

/// `#[serde(default)] require_auth: bool`
pub(super) fn check_struct(item: &ast::Struct, cx: &mut Context<'_>) {
    let Some(ast::FieldList::RecordFieldList(list)) = item.field_list() else { return };
    let Some(owner) = item.name().map(|it| it.text().to_string()) else { return };
    if !is_protecting_type(&owner) {
        return;
    }
    let of_item: String = item.attrs().map(|it| compact(it.syntax())).collect();
    let all_default = of_item.contains("serde(default)")
        && derives(item.syntax()).iter().any(|it| it == "Default");
    for field in list.fields() {
        let (Some(name), Some(ty)) = (field.name(), field.ty()) else { continue };
        let Some((protection, false)) = switch(name.text()) else { continue };
        let text: String = field.attrs().map(|it| compact(it.syntax())).collect();
        let is_default = text.contains("serde(default)")
            || text.contains("default_value=\"false\"")
            || text.contains("default_value_t=false")
            || all_default && !text.contains("default=");
        if ty.syntax().text() == "bool" && is_default {
            let range = name.syntax().text_range();
            report(field.syntax(), range, name.text(), protection, cx);
        }
    }
}

/// `env::var("REQUIRE_AUTH").map(|it| it == "true").unwrap_or(false)`
pub(super) fn check_variable(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let (Some(receiver), Some(method)) = (call.receiver(), call.name_ref()) else { return };
    let text = compact(receiver.syntax());
    let reads = ["env::var(", "env::var_os(", "get_bool(", "var_os("];
    let is_read = reads.iter().any(|it| text.contains(it));
    let option = (!is_read).then(|| option_of(&text)).flatten();
    if !is_read && option.is_none() {
        return;
    }
    let argument = call.arg_list().and_then(|it| it.args().next());
    let fallback = argument.map(|it| compact(it.syntax())).unwrap_or_default();
    let unless_set = match method.text() {
        "unwrap_or" | "map_or" => fallback.parse::<bool>().ok(),
        "unwrap_or_else" => match fallback.as_str() {
            "|_|false" | "||false" | "|_|\"false\".to_string()" | "|_|\"false\".into()" => {
                Some(false)
            }
            "|_|true" | "||true" => Some(true),
            _ => None,
        },
        // What is counted as a text is no switch.
        "unwrap_or_default" if option.is_some() => Some(false),
        "is_ok" | "is_some" | "is_ok_and" | "is_some_and" if option.is_some() => None,
        "unwrap_or_default"
            if text.contains("parse") || text.contains("==") || text.contains("get_bool") =>
        {
            Some(false)
        }
        "is_ok" | "is_some" | "is_ok_and" | "is_some_and" => Some(false),
        _ => None,
    };
    let tokens = receiver.syntax().descendants_with_tokens().filter_map(|it| it.into_token());
    let Some(name) = option.or_else(|| tokens.filter_map(|it| text_of(&it)).next()) else { return };
    let Some((protection, _)) = switch(&name).filter(|(_, off)| unless_set == Some(*off)) else {
        return;
    };
    report(call.syntax(), call.syntax().text_range(), &name, protection, cx);
}

/// The name of the setting that may be absent: `auth_enabled` of `config.auth.enabled`.
fn option_of(text: &str) -> Option<String> {
    let is_path = text.chars().all(|it| it.is_alphanumeric() || matches!(it, '_' | '.'));
    let parts: Vec<&str> = text.split('.').collect();
    let holders = ["args", "cfg", "cli", "conf", "config", "options", "opts", "settings"];
    let at = parts.iter().position(|it| holders.contains(it)).filter(|_| is_path)?;
    let names = parts.get(at + 1..)?;
    (!names.is_empty()).then(|| names.join("_"))
}

fn report(
    node: &SyntaxNode,
    range: TextRange,
    name: &str,
    protection: Protection,
    cx: &mut Context<'_>,
) {
    if is_for_development(cx, node) {
        return;
    }
    let message = format!("{} is off unless `{name}` is set", protection.noun());
    let message = match has_any_word(name, DISABLING_WORDS) {
        true => format!("{} is off by default: `{name}`", protection.noun()),
        false => message,
    };
    let report = Report::new(range, message).confidence(Confidence::Likely);
    cx.report(node, report);
}
