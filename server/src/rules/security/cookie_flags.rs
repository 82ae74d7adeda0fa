//! Session cookie without `Secure`, `HttpOnly` or `SameSite`.
//!
//! Without `Secure` the browser sends the cookie over plain HTTP as well, where others can read it.
//! Without `HttpOnly` every script of the page reads it, an injected one too. Without `SameSite` it
//! goes along with requests that other sites make.
//!
//! ```project,bad
//! //- Cargo.toml
//! [package]
//! name = "api"
//! edition = "2024"
//!
//! [dependencies]
//! axum = "0.8"
//! //- src/login.rs
//! fn signed_in(jar: CookieJar, token: String) -> CookieJar {
//!     jar.add(Cookie::build(("session", token)).path("/"))
//! }
//! ```
//!
//! ```project
//! //- Cargo.toml
//! [package]
//! name = "api"
//! edition = "2024"
//!
//! [dependencies]
//! axum = "0.8"
//! //- src/login.rs
//! fn signed_in(jar: CookieJar, token: String) -> CookieJar {
//!     let cookie = Cookie::build(("session", token)).path("/").secure(true).http_only(true);
//!     jar.add(cookie.same_site(SameSite::Lax))
//! }
//! ```
//!
//! The layers of `tower-sessions`, `actix-session` and `poem` set all three by default: they are
//! reported where one is switched off. A cookie that lacks only `SameSite` is low, as browsers take
//! `Lax` then. Cookies that are removed, and those that hold no session by their names, are left alone.
//!
//! Known problems: flags that a helper of the workspace sets on a cookie it is given are not seen.

use rustc_hash::FxHashMap;

use super::AREA;
use crate::analysis::{Applicability, Confidence, Context, Query, Report, Rule, Severity};
use crate::semantics::calls::method_range;
use crate::semantics::clients::methods_on;
use crate::semantics::development::serves_own_machine;
use crate::semantics::expressions::{chain_root, identifier};
use crate::semantics::literals::{string_literal, text_of};
use crate::semantics::paths::resolved_callee;
use crate::syntax::ast::{self, HasArgList, HasName};
use crate::syntax::condition::Decision;
use crate::syntax::names::has_any_word;
use crate::syntax::{AstNode, SyntaxKind, SyntaxNode, SyntaxToken};
use crate::text::{FileRange, TextEdit};

pub static RULE: Rule = Rule {
    id: "cookie-flags",
    source: include_str!("cookie_flags.rs"),
    queries: &[
        Query::Call(&["new", "build"], check_cookie),
        Query::Method(SWITCHES, check_switch),
        Query::Literal(may_be_header, check_header),
    ],
    raised_when_critical: false,
    cwe: &[614, 1004, 1275],
    ..Rule::source(AREA)
};

/// Methods of the layers of sessions that set a flag.
const SWITCHES: &[&str] =
    &["cookie_http_only", "cookie_secure", "http_only", "secure", "with_http_only", "with_secure"];

/// Words in the names of cookies that stand for a user who signed in, and of their values.
const SESSION_WORDS: &[&str] = &[
    "access", "auth", "authentication", "authorization", "credential", "credentials", "identity",
    "jwt", "login", "refresh", "remember", "sess", "session", "sessid", "sessionid", "sid",
    "signin", "token",
];

/// Words of cookies that are about something else.
const OTHER_WORDS: &[&str] =
    &["consent", "csrf", "csrftoken", "flash", "lang", "language", "locale", "theme", "xsrf"];

/// Words of functions that take a cookie away.
const REMOVING: &[&str] =
    &["clear", "delete", "expire", "expired", "logout", "remove", "removal", "signout", "unset"];

fn is_about_session(text: &str) -> bool {
    has_any_word(text, SESSION_WORDS) && !has_any_word(text, OTHER_WORDS)
}

/// `Cookie::new(…)` and `Cookie::build(…)`.
fn check_cookie(call: &ast::CallExpr, cx: &mut Context<'_>) {
    let node = call.syntax();
    if !cx.file().in_server() {
        return;
    }
    let Some(path) = resolved_callee(cx, call) else { return };
    let mut parts = path.rsplit("::");
    let function = parts.next().unwrap_or_default();
    if !matches!(parts.next(), Some("Cookie" | "CookieBuilder")) || path.contains("CookieJar") {
        return;
    }
    let Some(arguments) = call.arg_list() else { return };
    let values: Vec<ast::Expr> = arguments.args().collect();
    let values = match values.as_slice() {
        [ast::Expr::TupleExpr(pair)] => pair.fields().collect(),
        _ => values,
    };
    let statement = node.ancestors().find_map(ast::LetStmt::cast);
    let variable = statement.and_then(|it| match it.pat()? {
        ast::Pat::IdentPat(pat) => Some(pat.name()?.text().to_string()),
        _ => None,
    });
    let around = cx.function(node);
    let name = around.as_ref().and_then(|it| it.name()).map(|it| it.text().to_string());
    let name = name.unwrap_or_default();
    let text = arguments.syntax().text().to_string();
    // A name that is a literal tells by itself.
    let is_session = match values.first().and_then(string_literal) {
        Some(literal) => is_about_session(&literal),
        None => {
            is_about_session(&text) || is_about_session(variable.as_deref().unwrap_or_default())
        }
    };
    let is_empty = values.len() < 2
        || values.get(1).is_some_and(|it| {
            matches!(it.syntax().text().to_string().as_str(), "\"\"" | "String::new()")
        });
    if !is_session || is_empty || has_any_word(&name, REMOVING) || is_removed(node) {
        return;
    }
    let mut flags = Flags::of(node, variable.as_deref(), around.as_ref(), cx);
    // Browsers take no `Secure` over plain HTTP, which stays on the machine here.
    if serves_own_machine(cx, node) {
        flags.secure.get_or_insert(true);
    }
    let Some((message, severity)) = flags.problem() else { return };
    let end = cx.file_range(node.text_range()).end();
    let additions = flags.additions();
    let report = Report::new(node.text_range(), message)
        .severity(severity)
        .confidence(Confidence::Likely)
        .fix(move |fix| {
            let edit = TextEdit::replace(FileRange::empty(end), additions.clone());
            let title = "Set `Secure` and `HttpOnly`";
            match function == "build" && !additions.is_empty() {
                true => vec![fix.here(title, Applicability::Suggested, vec![edit])],
                false => Vec::new(),
            }
        });
    cx.report(node, report);
}

/// Whether a cookie is made to take another one away.
fn is_removed(node: &SyntaxNode) -> bool {
    let removes = |it: &str| has_any_word(it, REMOVING);
    let given_to = node.ancestors().take_while(|it| it.kind() != SyntaxKind::STMT_LIST);
    let mut given_to =
        given_to.filter_map(ast::MethodCallExpr::cast).filter_map(|it| it.name_ref());
    methods_on(node).iter().any(|it| removes(it))
        || given_to.any(|it| removes(it.text()))
        || node.ancestors().filter_map(ast::Stmt::cast).take(1).any(|it| {
            it.syntax().text().to_string().replace(' ', "").contains("max_age(Duration::ZERO")
        })
}

/// What is known of the flags of a cookie: set, switched off, or not mentioned.
#[derive(Debug, Clone, Copy, Default)]
struct Flags {
    secure: Option<bool>,
    http_only: Option<bool>,
    same_site: Option<bool>,
}

impl Flags {
    fn of(
        made: &SyntaxNode,
        variable: Option<&str>,
        around: Option<&ast::Fn>,
        cx: &Context<'_>,
    ) -> Self {
        let mut flags = Self::default();
        let mut node = made.clone();
        while let Some(parent) = node.parent() {
            if let Some(call) = ast::MethodCallExpr::cast(parent.clone()) {
                let is_receiver = call.receiver().is_some_and(|it| it.syntax() == &node);
                match is_receiver {
                    true => flags.note(&call),
                    false => break,
                }
            } else if parent.kind() != SyntaxKind::PAREN_EXPR {
                break;
            }
            node = parent;
        }
        if let (Some(around), Some(variable)) = (around, variable) {
            let flags_of =
                cx.once("flags of cookies", around.syntax(), || Self::by_variable(around));
            flags.add(flags_of.get(variable).copied().unwrap_or_default());
        }
        if cx.file().depends_on("rocket") {
            // Rocket sets them as it adds the cookie.
            flags.same_site.get_or_insert(true);
            flags.secure.get_or_insert(true);
            let is_private =
                around.is_some_and(|it| cx.names_in(it.syntax()).has_any(&["add_private"]));
            if is_private {
                flags.http_only.get_or_insert(true);
            }
        }
        flags
    }

    /// What the calls in a function say of each variable that they are made on.
    fn by_variable(function: &ast::Fn) -> FxHashMap<String, Self> {
        let mut found: FxHashMap<String, Self> = FxHashMap::default();
        for call in function.syntax().descendants().filter_map(ast::MethodCallExpr::cast) {
            let root = call.receiver().map(|it| chain_root(&it));
            if let Some(variable) = root.and_then(|it| identifier(&it)) {
                found.entry(variable).or_default().note(&call);
            }
        }
        found
    }

    /// Takes over what other calls say.
    fn add(&mut self, other: Self) {
        self.secure = other.secure.or(self.secure);
        self.http_only = other.http_only.or(self.http_only);
        self.same_site = other.same_site.or(self.same_site);
    }

    fn note(&mut self, call: &ast::MethodCallExpr) {
        let name = call.name_ref().map(|it| it.text().to_string()).unwrap_or_default();
        let argument = call.arg_list().and_then(|it| it.args().next());
        let text = argument.map(|it| it.syntax().text().to_string()).unwrap_or_default();
        let is_on = !matches!(text.as_str(), "false" | "None") && !text.ends_with("SameSite::None");
        let flag = match name.trim_start_matches("set_").trim_start_matches("with_") {
            "secure" => &mut self.secure,
            "http_only" => &mut self.http_only,
            "same_site" => &mut self.same_site,
            _ => return,
        };
        *flag = Some(is_on);
    }

    fn problem(self) -> Option<(String, Severity)> {
        let missing: Vec<&str> = [
            (self.secure, "`Secure`"),
            (self.http_only, "`HttpOnly`"),
            (self.same_site, "`SameSite`"),
        ]
        .into_iter()
        .filter(|(flag, _)| *flag != Some(true))
        .map(|(_, name)| name)
        .collect();
        let severity = match missing.as_slice() {
            [] => return None,
            ["`SameSite`"] => Severity::Low,
            _ => Severity::Medium,
        };
        Some((format!("session cookie without {}", missing.join(", ")), severity))
    }

    fn additions(self) -> String {
        let mut text = String::new();
        for (flag, call) in [(self.secure, ".secure(true)"), (self.http_only, ".http_only(true)")] {
            if flag.is_none() {
                text += call;
            }
        }
        text
    }
}

/// A flag of the layer of sessions that is switched off.
fn check_switch(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let argument = call.arg_list().and_then(|it| it.args().next());
    if !argument.is_some_and(|it| it.syntax().text() == "false") {
        return;
    }
    let Some(receiver) = call.receiver() else { return };
    let root = chain_root(&receiver).syntax().text().to_string();
    let is_layer = [
        "SessionManagerLayer", "SessionMiddleware", "SessionLayer", "CookieSession",
        "CookieIdentityPolicy", "CookieConfig", "ServerSession",
    ];
    let name = call.name_ref().map(|it| it.text().to_string()).unwrap_or_default();
    let is_named = name.starts_with("with_") || name.starts_with("cookie_");
    let is_session = is_layer.iter().any(|it| root.contains(it))
        || is_named && has_any_word(&root, &["session"]);
    if !is_session {
        return;
    }
    let what = if name.contains("secure") { "Secure" } else { "HttpOnly" };
    let message = format!("`{name}(false)` takes `{what}` from the session cookie");
    let range = method_range(call);
    let report = Report::new(range, message).confidence(Confidence::Likely);
    let report = match cx.decision(call.syntax()) {
        Some(Decision::Switch) => report.lowered(Severity::Low, "behind a setting"),
        _ => report,
    };
    cx.report(call.syntax(), report);
}

/// Longer strings are no headers, in bytes.
const MAX_HEADER: usize = 400;

/// Whether a string may be the value of a `Set-Cookie` header.
fn may_be_header(text: &str) -> bool {
    text.len() < MAX_HEADER && text.contains(';') && text.contains('=') && {
        let lower = text.to_ascii_lowercase();
        ["path=/", "httponly", "max-age=", "samesite="].iter().any(|it| lower.contains(it))
    }
}

fn check_header(literal: &SyntaxToken, cx: &mut Context<'_>) {
    let Some(text) = text_of(literal).filter(|_| cx.file().in_server()) else { return };
    let mut parts = text.split(';').map(str::trim);
    let Some((name, value)) = parts.next().and_then(|it| it.split_once('=')) else { return };
    let flags: Vec<String> = parts.map(str::to_ascii_lowercase).collect();
    let is_removed =
        value.is_empty() || flags.iter().any(|it| it == "max-age=0" || it.contains("1970"));
    // `{}` behind the value may be a flag.
    let is_open = flags.iter().any(|it| it.contains('{') && !it.contains('='));
    let about = literal.parent_ancestors().find_map(ast::Fn::cast).and_then(|it| it.name());
    let named = match name.contains('{') {
        true => {
            let about = about.map(|it| it.text().to_string()).unwrap_or_default();
            let is_other = [name, &about].iter().any(|it| has_any_word(it, OTHER_WORDS));
            !is_other && (is_about_session(&about) || is_about_session(value))
        }
        false => is_about_session(name),
    };
    if is_removed || is_open || !named || text.contains('\n') {
        return;
    }
    let has = |flag: &str| Some(flags.iter().any(|it| it.starts_with(flag)));
    let flags =
        Flags { secure: has("secure"), http_only: has("httponly"), same_site: has("samesite") };
    let Some((message, severity)) = flags.problem() else { return };
    let Some(node) = literal.parent() else { return };
    let report = Report::new(literal.text_range(), message).severity(severity);
    cx.report(&node, report.confidence(Confidence::Likely));
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, check_fix, program, silent};

    fn server(code: &str) -> String {
        program("axum = \"0.8\"", code)
    }

    #[test]
    fn session_cookies_without_flags_are_reported() {
        check(
            &RULE,
            &server(
                r#"
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
fn a(jar: CookieJar, id: String) -> CookieJar {
    jar.add(Cookie::new("session_id", id))
          //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ cookie-flags: session cookie without `Secure`, `HttpOnly`, `SameSite`
}
fn b(token: String) -> Cookie {
    Cookie::build(("auth", token)).path("/").http_only(true).same_site(SameSite::Lax).build()
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ cookie-flags: session cookie without `Secure`
}
fn c(token: String) {
    let mut cookie = Cookie::new(COOKIE_NAME, token);
                   //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ cookie-flags: session cookie without `HttpOnly`, `SameSite`
    cookie.set_secure(true);
    cookie.set_path("/");
}
fn d(token: String) -> Cookie {
    Cookie::build((SESSION_COOKIE, token)).secure(true).http_only(true).finish()
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ cookie-flags: session cookie without `SameSite`
}
fn e(t: String) -> Cookie {
    Cookie::build("jwt", t).secure(false).http_only(true).same_site(SameSite::Strict).finish()
  //^^^^^^^^^^^^^^^^^^^^^^^ cookie-flags: session cookie without `Secure`
}
fn f() { SessionManagerLayer::new(store).with_secure(false); }
                                       //^^^^^^^^^^^^^^^^^^ cookie-flags: `with_secure(false)` takes `Secure` from the session cookie
fn g() { SessionMiddleware::builder(store, key).cookie_secure(false).cookie_http_only(false).build(); }
                                              //^^^^^^^^^^^^^^^^^^^^ cookie-flags
                                                                   //^^^^^^^^^^^^^^^^^^^^^^^ cookie-flags
fn h(id: &str) { headers.insert(SET_COOKIE, format!("session={id}; Path=/; HttpOnly")); }
                                                  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ cookie-flags: session cookie without `Secure`, `SameSite`
"#,
            ),
        );
    }

    #[test]
    fn flags_of_all_forms_count() {
        silent(
            &RULE,
            &server(
                r#"
fn a(t: String) { Cookie::build(("session", t)).secure(true).http_only(true).same_site(SameSite::Lax); }
fn b(t: String) {
    let cookie = Cookie::build(("session", t)).path("/");
    let cookie = cookie.secure(config.secure).http_only(true).same_site(SameSite::Strict);
}
fn c(t: String) {
    let mut cookie = Cookie::new("sid", t);
    cookie.set_secure(Some(true));
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Lax);
}
fn d() { SessionManagerLayer::new(store).with_secure(config.tls).with_same_site(SameSite::Lax); }
fn e(id: &str) { format!("session={id}; Path=/; HttpOnly; Secure; SameSite=Lax"); }
fn f(id: &str) { format!("session={id}; Path=/; HttpOnly{secure}"); }
"#,
            ),
        );
    }

    #[test]
    fn other_cookies_and_removals_are_left_alone() {
        silent(
            &RULE,
            &server(
                r#"
fn a() { Cookie::new("theme", "dark"); Cookie::new("csrf_token", token); }
fn b(jar: CookieJar) -> CookieJar { jar.remove(Cookie::from("session")) }
fn logout(jar: CookieJar) -> CookieJar { jar.add(Cookie::new("session", "")) }
fn c() { jar.add(Cookie::build(("session", "")).max_age(Duration::ZERO)); }
fn d() { let s = "session=; Path=/; Max-Age=0"; let t = "a; b = c"; }
fn e() { Config::new("session", x).secure(false); builder.http_only(false); }
"#,
            ),
        );
        // A client that sends one.
        silent(
            &RULE,
            &server(
                r#"
fn a(t: String) { Cookie::build(("session", t)).http_only(true).same_site(SameSite::Strict); }
async fn serve() { TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await; }
"#,
            ),
        );
        silent(&RULE, "fn a(t: String) { Cookie::new(\"session\", t); }");
    }

    #[test]
    fn a_builder_gets_the_flags() {
        check_fix(
            &RULE,
            "Set `Secure` and `HttpOnly`",
            &server("fn a(t: String) { Cookie::build((\"sid\", t)).path(\"/\"); }\n"),
            "//- src/main.rs\nfn a(t: String) { Cookie::build((\"sid\", t)).secure(true).http_only(true).path(\"/\"); }\n",
        );
    }
}
