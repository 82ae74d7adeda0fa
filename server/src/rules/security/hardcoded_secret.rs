//! Password, token or key hardcoded in the source.
//!
//! Everyone who can read the repository or the program has the secret. It is the same in every
//! deployment, and it cannot be changed without a release.
//!
//! ```rust,bad
//! fn connect() -> Config {
//!     Config { auth_token: "devtoken".into() }
//! }
//! ```
//!
//! Read it from the environment or from a secret store, and refuse to start without it:
//!
//! ```rust
//! fn connect() -> Result<Config, VarError> {
//!     Ok(Config { auth_token: std::env::var("AUTH_TOKEN")? })
//! }
//! ```
//!
//! Reported are literals bound to the name of a secret, and well-known formats of keys anywhere.
//! Placeholders, and literals that only name a secret (`"x-api-key"`, `"AUTH_TOKEN"`), are not.

use super::AREA;
use crate::analysis::{Applicability, Context, Fix, FixContext, On, Query, Report, Rule, Severity};
use crate::semantics::literals::{LiteralValue, Value, literal_of, text_of};
use crate::semantics::secrets::{
    SecretKind, is_about_parsing, is_bare_token, is_placeholder, is_secret_value, known_format,
};
use crate::syntax::ast::{self, HasArgList, HasName};
use crate::syntax::green::any_token;
use crate::syntax::imports::compact;
use crate::syntax::names::words;
use crate::syntax::{AstNode, Edition, NodeOrToken, SyntaxKind, SyntaxNode, SyntaxToken, T};
use crate::text::TextEdit;

pub static RULE: Rule = Rule {
    id: "hardcoded-secret",
    severity: Severity::Critical,
    source: include_str!("hardcoded_secret.rs"),
    queries: &[
        Query::Call(&["new_from_slice", "from_slice", "from_bytes"], check),
        Query::Method(&["unwrap_or", "unwrap_or_else"], check),
        Query::Literal(may_be_known_format, check_format),
        Query::SecretName(&On(check::<ast::Const>)),
        Query::SecretName(&On(check::<ast::Static>)),
        Query::SecretName(&On(check::<ast::LetStmt>)),
        Query::SecretName(&On(check::<ast::RecordExprField>)),
        Query::SecretName(&On(check::<ast::RecordField>)),
        Query::SecretName(&On(check::<ast::BinExpr>)),
        Query::SecretName(&On(check::<ast::MethodCallExpr>)),
        Query::SecretName(&On(check::<ast::CallExpr>)),
        Query::SecretName(&On(check::<ast::Fn>)),
    ],
    ..Rule::source(AREA)
};

/// First words of methods that set the secret they are named for.
const SETTER_WORDS: &[&str] = &[
    "access", "api", "auth", "bearer", "client", "jwt", "passphrase", "passwd", "password",
    "private", "secret", "session", "token",
];

fn check<N: AstNode>(node: &N, cx: &mut Context<'_>) {
    let node = node.syntax();
    if !any_token(node.green(), &|kind, _| is_literal(kind)) {
        return;
    }
    let Some((name, expr)) = binding(node) else {
        check_special(node, cx);
        return;
    };
    let kind = cx.file().secret_kind(&name);
    let Some(found) = literal_of(&expr) else { return };
    let is_secret = match (&found.value, kind) {
        (Value::Bytes(len), Some(SecretKind::Key)) => is_key_length(*len),
        (Value::Bytes(len), None) => name.eq_ignore_ascii_case("key") && is_key_length(*len),
        (Value::Bytes(_), Some(_)) | (Value::Text(_), None) => false,
        (Value::Text(text), Some(kind)) => {
            is_secret_value(text, &name, kind, found.is_fallback)
                && !(is_bare_token(&name) && is_about_parsing(&cx.file().path))
        }
    };
    if is_secret && !is_published(node) {
        report(node, &name, &expr, &found, cx);
    }
}

/// Whether a token is one that every hardcoded value has: text or a number.
fn is_literal(kind: SyntaxKind) -> bool {
    kind.is_literal()
}

fn is_key_length(len: usize) -> bool {
    matches!(len, 16 | 24 | 32 | 48 | 64)
}

/// Whether the documentation says where a constant was published: such a value is no secret.
fn is_published(node: &SyntaxNode) -> bool {
    let comments = node.children_with_tokens().filter_map(NodeOrToken::into_token);
    comments.filter(|token| token.kind() == SyntaxKind::COMMENT).any(|comment| {
        let text = comment.text();
        ["RFC", "draft", "https://", "specification", "test vector"]
            .iter()
            .any(|word| text.contains(word))
    })
}

/// The name that a node binds a value to, and the value.
fn binding(node: &SyntaxNode) -> Option<(String, ast::Expr)> {
    let text = |name: ast::Name| name.text().to_string();
    match node.kind() {
        SyntaxKind::CONST => {
            let item = ast::Const::cast(node.clone())?;
            Some((text(item.name()?), item.body()?))
        }
        SyntaxKind::STATIC => {
            let item = ast::Static::cast(node.clone())?;
            Some((text(item.name()?), item.body()?))
        }
        SyntaxKind::LET_STMT => {
            let item = ast::LetStmt::cast(node.clone())?;
            let ast::Pat::IdentPat(pat) = item.pat()? else { return None };
            Some((text(pat.name()?), item.initializer()?))
        }
        SyntaxKind::RECORD_EXPR_FIELD => {
            let field = ast::RecordExprField::cast(node.clone())?;
            Some((field.field_name()?.text().to_string(), field.expr()?))
        }
        SyntaxKind::BIN_EXPR => {
            let assignment = ast::BinExpr::cast(node.clone())?;
            if !matches!(assignment.op_kind()?, ast::BinaryOp::Assignment { op: None }) {
                return None;
            }
            let name = match assignment.lhs()? {
                ast::Expr::FieldExpr(field) => field.name_ref()?,
                ast::Expr::PathExpr(path) => path.path()?.segment()?.name_ref()?,
                _ => return None,
            };
            Some((name.text().to_string(), assignment.rhs()?))
        }
        SyntaxKind::FN => {
            let function = ast::Fn::cast(node.clone())?;
            let list = function.body()?.stmt_list()?;
            let tail = list.tail_expr().filter(|_| list.statements().next().is_none())?;
            let name = text(function.name()?);
            let name = name.trim_start_matches("default_").trim_start_matches("get_");
            Some((name.to_string(), tail))
        }
        SyntaxKind::METHOD_CALL_EXPR => {
            let call = ast::MethodCallExpr::cast(node.clone())?;
            let name = call.name_ref()?.text().to_string();
            setter(&name, &call.arg_list()?)
        }
        SyntaxKind::CALL_EXPR => {
            let call = ast::CallExpr::cast(node.clone())?;
            let ast::Expr::PathExpr(path) = call.expr()? else { return None };
            let name = path.path()?.segment()?.name_ref()?.text().to_string();
            name.starts_with("set_").then(|| setter(&name, &call.arg_list()?)).flatten()
        }
        _ => None,
    }
}

/// What a setter or builder method sets: `password` in `.with_password("…")`.
fn setter(name: &str, arguments: &ast::ArgList) -> Option<(String, ast::Expr)> {
    let arguments: Vec<ast::Expr> = arguments.args().collect();
    match (name, arguments.as_slice()) {
        ("basic_auth", [_, password]) => return Some(("password".to_string(), password.clone())),
        ("bearer_auth", [token]) => return Some(("auth_token".to_string(), token.clone())),
        _ => {}
    }
    let [argument] = arguments.as_slice() else { return None };
    let first = words(name).next()?;
    let set = ["with_", "set_", "and_"].iter().find_map(|verb| name.strip_prefix(verb));
    let noun = set.unwrap_or(name);
    let is_noun = set.is_some() || SETTER_WORDS.contains(&first.as_str());
    is_noun.then(|| (noun.to_string(), argument.clone()))
}

/// Places that bind a secret to no name of their own.
fn check_special(node: &SyntaxNode, cx: &mut Context<'_>) {
    match node.kind() {
        SyntaxKind::RECORD_FIELD => check_attribute_default(node, cx),
        SyntaxKind::CALL_EXPR => check_key_constructor(node, cx),
        SyntaxKind::METHOD_CALL_EXPR => check_env_default(node, cx),
        _ => {}
    }
}

/// `#[arg(default_value = "…")]` on a field that is a secret.
fn check_attribute_default(node: &SyntaxNode, cx: &mut Context<'_>) {
    let Some(field) = ast::RecordField::cast(node.clone()) else { return };
    let Some(name) = field.name().map(|name| name.text().to_string()) else { return };
    let Some(kind) = cx.file().secret_kind(&name) else { return };
    for attr in node.children().filter_map(ast::Attr::cast) {
        // serde's defaults are functions.
        if compact(attr.syntax()).starts_with("#[serde") {
            continue;
        }
        let strings = attr.syntax().descendants_with_tokens().filter_map(NodeOrToken::into_token);
        for token in strings.filter(|token| token.kind() == SyntaxKind::STRING) {
            let Some(text) = text_of(&token) else { continue };
            if !follows_default(&token) || !is_secret_value(&text, &name, kind, true) {
                continue;
            }
            let message = format!("secret `{name}` has a hardcoded default");
            cx.report(node, Report::new(token.text_range(), message));
        }
    }
}

/// Whether `default… =` stands before a token of an attribute.
fn follows_default(token: &SyntaxToken) -> bool {
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
fn check_key_constructor(node: &SyntaxNode, cx: &mut Context<'_>) {
    let Some(call) = ast::CallExpr::cast(node.clone()) else { return };
    let Some(ast::Expr::PathExpr(path)) = call.expr() else { return };
    let Some(path) = path.path().map(|path| compact(path.syntax())) else { return };
    let mut segments = path.rsplit("::");
    let function = segments.next().unwrap_or_default();
    let ty = segments.next().unwrap_or_default();
    let ty = ty.split('<').next().unwrap_or_default();
    let has = |list: &[&str]| words(ty).any(|word| list.contains(&word.as_str()));
    let takes_key = match function {
        "from_secret" | "from_base64_secret" => true,
        "new_from_slice" => true,
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
    let is_key = match &found.value {
        Value::Text(text) => !is_placeholder(text) && !text.contains("BEGIN"),
        Value::Bytes(len) => *len >= 8,
    };
    if is_key {
        let message = format!("`{function}` is called with a hardcoded key");
        cx.report(node, Report::new(found.range, message));
    }
}

/// `env::var("JWT_SECRET").unwrap_or("…")` where the binding does not say that it is a secret.
fn check_env_default(node: &SyntaxNode, cx: &mut Context<'_>) {
    let Some(call) = ast::MethodCallExpr::cast(node.clone()) else { return };
    let is_fallback = call.name_ref().is_some_and(|name| name.text().starts_with("unwrap_or"));
    let Some(receiver) = call.receiver().filter(|_| is_fallback) else { return };
    let Some(variable) = env_variable(&receiver) else { return };
    let Some(kind) = cx.file().secret_kind(&variable) else { return };
    let Some(found) = literal_of(&ast::Expr::MethodCallExpr(call)) else { return };
    let Value::Text(text) = &found.value else { return };
    if is_secret_value(text, &variable, kind, true) {
        let message = format!("secret `{variable}` has a hardcoded default");
        cx.report(node, Report::new(found.range, message));
    }
}

/// The variable that an expression reads from the environment.
fn env_variable(expr: &ast::Expr) -> Option<String> {
    let call = expr.syntax().descendants().filter_map(ast::CallExpr::cast).find(|call| {
        let callee = call.expr().map(|callee| compact(callee.syntax())).unwrap_or_default();
        matches!(callee.rsplit("::").next(), Some("var" | "var_os" | "get_env" | "env"))
    })?;
    match literal_of(&call.arg_list()?.args().next()?)?.value {
        Value::Text(name) => Some(name),
        Value::Bytes(_) => None,
    }
}

fn report(
    node: &SyntaxNode,
    name: &str,
    expr: &ast::Expr,
    found: &LiteralValue,
    cx: &mut Context<'_>,
) {
    let message = if found.is_fallback {
        format!("secret `{name}` has a hardcoded default")
    } else {
        format!("secret `{name}` is hardcoded")
    };
    let edit = environment_read(node, name, expr, cx);
    let report = Report::new(found.range, message);
    cx.report(node, report.fix(move |context| read_fix(context, edit)));
}

/// What replaces the literal, when a `String` is wanted and the body can return an error.
fn environment_read(
    node: &SyntaxNode,
    name: &str,
    expr: &ast::Expr,
    cx: &Context<'_>,
) -> Option<TextEdit> {
    let is_value = matches!(
        node.kind(),
        SyntaxKind::LET_STMT | SyntaxKind::RECORD_EXPR_FIELD | SyntaxKind::BIN_EXPR
    );
    if cx.in_macro() || !is_value || cx.file().edition == Edition::Edition2015 {
        return None;
    }
    // The type is certain only where the literal is turned into a `String` by name.
    let makes_string = match expr {
        ast::Expr::MethodCallExpr(call) => {
            let method = call.name_ref()?.text().to_string();
            let receiver = call.receiver()?;
            let of_text = matches!(&receiver, ast::Expr::Literal(it) if matches!(it.kind(), ast::LiteralKind::String(_)));
            of_text && matches!(method.as_str(), "to_string" | "to_owned")
        }
        ast::Expr::CallExpr(call) => compact(call.expr()?.syntax()) == "String::from",
        _ => false,
    };
    if !makes_string || !returns_any_error(node) {
        return None;
    }
    let variable: Vec<String> = words(name).map(|word| word.to_uppercase()).collect();
    let read = format!("std::env::var(\"{}\")?", variable.join("_"));
    Some(TextEdit::replace(cx.file_range(expr.syntax().text_range()), read))
}

/// Whether `?` works here on every error: the function returns one of the results that take any.
fn returns_any_error(node: &SyntaxNode) -> bool {
    for ancestor in node.ancestors() {
        match ancestor.kind() {
            SyntaxKind::CLOSURE_EXPR | SyntaxKind::CONST | SyntaxKind::STATIC => return false,
            SyntaxKind::BLOCK_EXPR => {
                let block = ast::BlockExpr::cast(ancestor);
                let plain = block.is_some_and(|block| block.modifier().is_none());
                if !plain {
                    return false;
                }
            }
            SyntaxKind::FN => {
                let Some(function) = ast::Fn::cast(ancestor) else { return false };
                let ty = function.ret_type().and_then(|ret| ret.ty());
                let ty = ty.map(|ty| compact(ty.syntax())).unwrap_or_default();
                let any = ["anyhow::Result<", "eyre::Result<", "color_eyre::Result<"];
                let boxed = ty.starts_with("Result<") || ty.starts_with("std::result::Result<");
                return any.iter().any(|it| ty.starts_with(it))
                    || boxed
                        && (ty.contains(",Box<dynError")
                            || ty.contains(",Box<dynstd::error::Error")
                            || ty.ends_with(",anyhow::Error>"));
            }
            _ => {}
        }
    }
    false
}

fn read_fix(context: &FixContext<'_>, edit: Option<TextEdit>) -> Vec<Fix> {
    let Some(edit) = edit else { return Vec::new() };
    vec![context.here("Read the value from the environment", Applicability::Suggested, vec![edit])]
}

/// A cheap test of a literal as it is written.
fn may_be_known_format(literal: &str) -> bool {
    literal.len() >= 20
        && (literal.contains("://") || literal.contains("-----") || has_long_word(literal))
        && known_format(literal).is_some()
}

/// Whether a text has a run of letters and digits that is longer than words are.
fn has_long_word(text: &str) -> bool {
    let (mut len, mut digit) = (0, false);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') {
            len += 1;
            digit |= byte.is_ascii_digit();
            if len >= 18 && digit {
                return true;
            }
        } else {
            (len, digit) = (0, false);
        }
    }
    false
}

fn check_format(token: &SyntaxToken, cx: &mut Context<'_>) {
    let Some(what) = known_format(token.text()) else { return };
    let Some(parent) = token.parent() else { return };
    // An attribute documents or renames; a default in one is a value.
    let in_attribute = parent.ancestors().any(|node| node.kind() == SyntaxKind::ATTR);
    if in_attribute && !follows_default(token) {
        return;
    }
    cx.report(&parent, Report::new(token.text_range(), format!("{what} is hardcoded")));
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, check_fix, no_fix, silent};

    #[test]
    fn literals_bound_to_secrets_are_reported() {
        check(
            &RULE,
            r#"
const API_KEY: &str = "a8f5f167f44f4964e6c998dee827110c";
                    //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ hardcoded-secret: secret `API_KEY` is hardcoded
static DB_PASSWORD: &str = "hunter2";
                         //^^^^^^^^^ hardcoded-secret
fn f(mut cfg: Config) {
    let c = Config { auth_token: "devtoken".into(), port: 1 };
                               //^^^^^^^^^^ hardcoded-secret: secret `auth_token` is hardcoded
    client.with_password("hunter2").connect();
                       //^^^^^^^^^ hardcoded-secret
    request.basic_auth("user", Some("hunter2"));
                                  //^^^^^^^^^ hardcoded-secret
    request.bearer_auth("my-dev-token");
                      //^^^^^^^^^^^^^^ hardcoded-secret
    let password = String::from("changeme");
                              //^^^^^^^^^^ hardcoded-secret
    cfg.client_secret = Some("s3cr3t".to_string());
                           //^^^^^^^^ hardcoded-secret
    let key: [u8; 32] = [0x42; 32];
                      //^^^^^^^^^^ hardcoded-secret
    let signing_key = SigningKey::from_bytes(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
                                            //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ hardcoded-secret
    let jwt_secret = env::var("JWT_SECRET").unwrap_or_else(|_| "secret".into());
                                                             //^^^^^^^^ hardcoded-secret: secret `jwt_secret` has a hardcoded default
    start(env::var("ADMIN_TOKEN").unwrap_or("letmein".to_string()));
                                          //^^^^^^^^^ hardcoded-secret
    jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret("secret".as_ref()));
                                                                   //^^^^^^^^ hardcoded-secret: `from_secret` is called with a hardcoded key
    let mac = HmacSha256::new_from_slice(b"my secret and secure key");
                                       //^^^^^^^^^^^^^^^^^^^^^^^^^^^ hardcoded-secret
    println!("{}", login(Login { password: "hunter2" }));
                                         //^^^^^^^^^ hardcoded-secret
}
fn default_auth_token() -> String { "devtoken".to_string() }
                                  //^^^^^^^^^^ hardcoded-secret
struct Args {
    #[arg(long, env = "AUTH_TOKEN", default_value = "devtoken")]
                                                  //^^^^^^^^^^ hardcoded-secret
    auth_token: String,
}
"#,
        );
    }

    #[test]
    fn well_known_formats_are_reported_anywhere() {
        check(
            &RULE,
            r#"
fn f() {
    g("AKIAQ3EGRTN5KPLM7XYZ");
    //^^^^^^^^^^^^^^^^^^^^^^ hardcoded-secret: AWS access key is hardcoded
    g("ghp_16C7e42F292c6912E7710c838347Ae178B4a");
    //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ hardcoded-secret
    println!("{}", "xoxb-123456789012-abcdefGHIJKL");
                 //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ hardcoded-secret
    g("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U");
    //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ hardcoded-secret
    g(b"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----");
    //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ hardcoded-secret
    g("postgres://postgres:hunter2@localhost/db");
    //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ hardcoded-secret: password in a URL is hardcoded
}
"#,
        );
    }

    #[test]
    fn names_of_secrets_and_placeholders_are_left_alone() {
        silent(
            &RULE,
            r#"
const TOKEN_HEADER: &str = "x-token";
const AUTH_TOKEN: &str = "auth_token";
const PASSWORD_ENV: &str = "APP_PASSWORD";
const API_KEY: &str = "MY_API_KEY";
const API_KEY_HEADER: &str = "X-Api-Key";
const ACCESS_TOKEN: &str = "https://example.org/token";
const BEARER: &str = "Bearer ";
const RETRY_INTEGRITY_KEY: [u8; 16] = [0x55; 16];
/// The key of RFC 9001.
const SHARED_KEY: [u8; 16] = [0x55; 16];
const AUTH_PASSWORD: &str = "password_hash_and_salt.txt";
fn f() {
    let token = env::var("AUTH_TOKEN")?;
    let password = map.get("password");
    let p = Config { password: "".into(), auth_token: "<token>", api_key: "${API_KEY}" };
    headers.insert("authorization", "Basic");
    let token = "if";
    let key = "name";
    let mut key = [0u8; 32];
    let password = prompt("Password: ");
    let secret_key = args.get("secret-key").unwrap_or("");
    let label = form.password("Enter a password");
    error!("invalid password");
    let private_key = "-----BEGIN PRIVATE KEY-----";
    text.contains("-----BEGIN RSA PRIVATE KEY-----");
    validate_token("abc");
    store.get_secret("database-main");
    let jwt: String = request.get("jwt").unwrap_or("none").parse()?;
    if password == "hunter2" {}
    g("AKIAIOSFODNN7EXAMPLE");
    g("ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    g("postgres://user:password@host/db", "https://{user}:{password}@host");
    let access_token = "access-token";
}
#[derive(Deserialize)]
struct S {
    #[serde(rename = "password", default = "default_password")]
    password: String,
    #[arg(long, env = "AUTH_TOKEN")]
    auth_token: String,
}
#[cfg(test)]
mod tests { const PASSWORD: &str = "hunter2"; }
"#,
        );
    }

    #[test]
    fn it_is_read_from_the_environment_where_the_body_returns_any_error() {
        check_fix(
            &RULE,
            "Read the value from the environment",
            r#"
fn f() -> anyhow::Result<()> {
    let auth_token = "devtoken".to_string();
    g(auth_token)
}
"#,
            r#"
fn f() -> anyhow::Result<()> {
    let auth_token = std::env::var("AUTH_TOKEN")?;
    g(auth_token)
}
"#,
        );
        for source in [
            r#"fn f() { let auth_token = "devtoken".to_string(); }"#,
            r#"fn f() -> anyhow::Result<()> { let auth_token = "devtoken"; }"#,
            r#"fn f() -> anyhow::Result<()> { C { auth_token: "devtoken".into() } }"#,
            r#"fn f() -> anyhow::Result<()> { g(|| { let auth_token = "devtoken".to_string(); }) }"#,
            r#"fn f() -> io::Result<()> { let auth_token = "devtoken".to_string(); }"#,
        ] {
            no_fix(&RULE, source);
        }
    }
}
