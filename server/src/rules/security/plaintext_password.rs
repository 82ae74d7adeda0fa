//! Password stored or compared in plain text.
//!
//! A copy of the database, a backup or a stray log line gives every password away, and with them the
//! other accounts of their owners. A password hash that is slow on purpose (argon2, scrypt, bcrypt,
//! PBKDF2) has to be attacked one password at a time.
//!
//! ```rust,bad
//! fn login(user: &User, password: &str) -> bool {
//!     user.password == password
//! }
//! ```
//!
//! Store the hash, and verify against it:
//!
//! ```rust
//! fn login(user: &User, password: &str) -> Result<(), password_hash::Error> {
//!     let hash = PasswordHash::new(&user.password_hash)?;
//!     Argon2::default().verify_password(password.as_bytes(), &hash)
//! }
//! ```
//!
//! Known problems: where passwords are hashed in another function, under the name of the password, the
//! comparison looks the same; a package that depends on a password hash is trusted more. One
//! password that the program is configured with is medium.

use super::AREA;
use crate::analysis::{Confidence, Context, On, Query, Report, Rule, Severity};
use crate::semantics::bindings::{bound_type, initializer};
use crate::semantics::body_words::function_name;
use crate::semantics::expressions::{chain_root, identifier, last_name};
use crate::semantics::literals::{is_conversion, string_literal, text_of};
use crate::semantics::secrets::{
    SecretKind, decides_access, is_authenticating, is_password_policy, is_restatement,
    looks_for_change,
};
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::imports::compact;
use crate::syntax::names::{has_any_word, words};
use crate::syntax::{AstNode, SyntaxNode, SyntaxToken};

pub static RULE: Rule = Rule {
    id: "plaintext-password",
    severity: Severity::High,
    raised_when_critical: false,
    cwe: &[256, 522],
    seeds: &["E.1", "E.2"],
    source: include_str!("plaintext_password.rs"),
    queries: &[
        Query::Equality(check_operator),
        Query::Method(&["eq", "ct_eq", "ne"], check_method),
        Query::Literal(is_statement, check_statement),
        Query::Node(&On(check_record)),
    ],
    ..Rule::source(AREA)
};

/// Words of code that hashes.
const HASHING_WORDS: &[&str] = &[
    "argon", "argon2", "bcrypt", "blake3", "crypt", "derive", "digest", "encrypt", "encrypted",
    "encode", "hash", "hashed", "hasher", "hashes", "md5", "pbkdf2", "phc", "scram", "scrypt",
    "sha1", "sha256", "sha512",
];

/// Crates that hash passwords.
const HASHING_CRATES: &[&str] = &[
    "argon2", "argon2_kdf", "argonautica", "bcrypt", "djangohashers", "password_auth",
    "password_hash", "pbkdf2", "pwhash", "rust_argon2", "scrypt",
];

/// Words of what the program is configured with.
const SETTINGS_WORDS: &[&str] =
    &["args", "cfg", "cli", "conf", "config", "env", "options", "opts", "server", "settings"];

/// Words of types that hold an account.
const ACCOUNT_WORDS: &[&str] =
    &["account", "active", "admin", "customer", "member", "model", "player", "user"];

/// Words of what a request is read into.
const REQUEST_WORDS: &[&str] = &[
    "body", "data", "dto", "form", "info", "input", "json", "params", "payload", "query",
    "register", "registration", "req", "request", "signup",
];

fn check_operator(comparison: &ast::BinExpr, cx: &mut Context<'_>) {
    if let (Some(left), Some(right)) = (comparison.lhs(), comparison.rhs()) {
        check(comparison.syntax(), &left, &right, cx);
    }
}

fn check_method(call: &ast::MethodCallExpr, cx: &mut Context<'_>) {
    let argument = call.arg_list().and_then(|it| it.args().next());
    if let (Some(left), Some(right)) = (call.receiver(), argument) {
        check(call.syntax(), &left, &right, cx);
    }
}

/// Whether an operand is named as a password, and nothing derived from one.
fn is_password(expr: &ast::Expr, cx: &Context<'_>) -> bool {
    let Some(name) = last_name(&value_of(expr)) else { return false };
    let is_last = words(&name).last().is_some_and(|it| PASSWORD_WORDS.contains(&it.as_str()));
    let is_const = !name.contains(|c: char| c.is_ascii_lowercase());
    !is_const
        && cx.file().secret_names.kind(&name) == Some(SecretKind::Password)
        && (is_last || has_any_word(&name, &["plain", "stored", "raw"]))
}

/// Words that the names of passwords end with.
const PASSWORD_WORDS: &[&str] = &["pass", "passphrase", "passwd", "password", "pwd"];

/// An expression without what only converts it: `user.password` of `user.password.as_bytes()`.
fn value_of(expr: &ast::Expr) -> ast::Expr {
    match expr {
        ast::Expr::MethodCallExpr(call) => {
            let name = call.name_ref().map(|it| it.text().to_string()).unwrap_or_default();
            let keeps =
                is_conversion(&name) || matches!(name.as_str(), "as_deref" | "expose_secret");
            match call.receiver().filter(|_| keeps) {
                Some(receiver) => value_of(&receiver),
                None => expr.clone(),
            }
        }
        ast::Expr::RefExpr(it) => it.expr().map_or_else(|| expr.clone(), |it| value_of(&it)),
        ast::Expr::ParenExpr(it) => it.expr().map_or_else(|| expr.clone(), |it| value_of(&it)),
        ast::Expr::PrefixExpr(it) => it.expr().map_or_else(|| expr.clone(), |it| value_of(&it)),
        // `Some(password)`
        ast::Expr::CallExpr(call) => {
            let path = call.expr().map(|it| compact(it.syntax())).unwrap_or_default();
            match call.arg_list().and_then(|it| it.args().next()).filter(|_| path == "Some") {
                Some(inner) => value_of(&inner),
                None => expr.clone(),
            }
        }
        _ => expr.clone(),
    }
}

fn check(node: &SyntaxNode, left: &ast::Expr, right: &ast::Expr, cx: &mut Context<'_>) {
    let sides = [left, right];
    if !sides.iter().any(|it| is_password(it, cx)) {
        return;
    }
    let Some(stored) = sides.into_iter().find(|it| is_stored(it, cx)) else { return };
    let is_value = |it: &&ast::Expr| !matches!(it, ast::Expr::Literal(_)) && !is_constant(it);
    let hashes = |it: &&ast::Expr| is_hashed(it, cx);
    let restates = sides.iter().any(|it| is_restatement(&compact(it.syntax())));
    let same_name = sides.iter().all(|it| matches!(chain_root(it), ast::Expr::FieldExpr(_)))
        && sides.iter().any(|it| compact(it.syntax()).starts_with("other."));
    if !sides.iter().all(is_value) || sides.iter().any(hashes) || restates || same_name {
        return;
    }
    let name = function_name(cx, node).unwrap_or_default();
    let quiet = looks_for_change(&name) || is_password_policy(&name) || name == "eq";
    if quiet || !decides(node, &name, cx) {
        return;
    }
    let text = compact(chain_root(stored).syntax());
    let shown = text.rsplit('.').next().unwrap_or(&text).to_string();
    let configured = has_any_word(&text, SETTINGS_WORDS);
    let message = format!("`{shown}` is compared in plain text instead of by its password hash");
    let report = Report::new(node.text_range(), message);
    cx.report(node, weighed(report, configured, cx));
}

fn weighed<'r>(report: Report<'r>, configured: bool, cx: &Context<'_>) -> Report<'r> {
    // That the comparison takes as long as the texts are equal is another rule's finding.
    let report = report.severity(Severity::Medium);
    match configured || hashes_somewhere(cx) {
        true => report.confidence(Confidence::Likely),
        false => report,
    }
}

/// Whether the package can hash passwords.
fn hashes_somewhere(cx: &Context<'_>) -> bool {
    let package = cx.file().package.as_ref();
    package.is_some_and(|it| HASHING_CRATES.iter().any(|name| it.depends_on(name)))
}

fn is_constant(expr: &ast::Expr) -> bool {
    let name = last_name(&chain_root(expr)).unwrap_or_default();
    !name.is_empty() && !name.contains(|c: char| c.is_ascii_lowercase())
}

/// Whether a value belongs to a record of an account: a field of something that is no request.
fn is_stored(expr: &ast::Expr, cx: &Context<'_>) -> bool {
    let root = value_of(expr);
    if let Some(name) = identifier(&root) {
        // `let stored: String = row.get("password");`
        let value = initializer(cx, expr.syntax(), &name).map(|it| compact(it.syntax()));
        let of_row = value.is_some_and(|it| {
            it.contains("row.")
                || it.contains("fetch_")
                || it.contains("query")
                || it.contains("users.")
        });
        return of_row
            || has_any_word(&name, &["stored", "saved", "db", "existing", "actual", "correct"]);
    }
    // `row.get::<String, _>("password")`
    if let ast::Expr::MethodCallExpr(call) = &root {
        let gets = call.name_ref().is_some_and(|it| matches!(it.text(), "get" | "try_get"));
        let column = call.arg_list().and_then(|it| it.args().next());
        let column = column.as_ref().and_then(string_literal).unwrap_or_default();
        let of_row = call
            .receiver()
            .is_some_and(|it| has_any_word(&compact(it.syntax()), &["row", "record"]));
        return gets && of_row && PASSWORD_WORDS.contains(&column.as_str());
    }
    let ast::Expr::FieldExpr(field) = &root else { return false };
    let base = field.expr().map(|it| compact(it.syntax())).unwrap_or_default();
    let holder = base.rsplit('.').next().unwrap_or(&base);
    let ty = bound_type(cx, expr.syntax(), base.split('.').next().unwrap_or_default());
    let of_request = has_any_word(holder, REQUEST_WORDS)
        || holder == "credentials"
        || ty.is_some_and(|it| has_any_word(&it, &["form", "json", "query", "request"]));
    is_password(expr, cx) && !of_request
}

/// Whether a value was hashed, by its name or by how it was made.
fn is_hashed(expr: &ast::Expr, cx: &Context<'_>) -> bool {
    let text = compact(expr.syntax());
    let value = identifier(&chain_root(expr)).and_then(|it| initializer(cx, expr.syntax(), &it));
    let value = value.map(|it| compact(it.syntax())).unwrap_or_default();
    has_any_word(&text, HASHING_WORDS) || has_any_word(&value, HASHING_WORDS)
}

/// Whether the code around decides who may log in.
fn decides(node: &SyntaxNode, function: &str, cx: &Context<'_>) -> bool {
    let owner = cx.ancestors(node).find_map(ast::Impl::cast).and_then(|it| it.self_ty());
    let owner = owner.map(|it| compact(it.syntax())).unwrap_or_default();
    decides_access(function)
        || has_any_word(
            function,
            &["login", "signin", "auth", "authenticate", "credentials", "bind"],
        )
        || is_authenticating(&owner)
        || is_authenticating(&cx.file().path)
        || cx.file().in_server()
}

/// Whether a text may be a statement of SQL about passwords.
fn is_statement(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    (lower.contains("password") || lower.contains("passwd"))
        && (lower.contains("select ") || lower.contains("insert ") || lower.contains("update "))
}

fn check_statement(token: &SyntaxToken, cx: &mut Context<'_>) {
    let (Some(node), Some(text)) = (token.parent(), text_of(token)) else { return };
    let Some(function) = cx.function(&node) else { return };
    let sql = text.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase();
    let hashes = ["crypt(", "digest(", "hash", "encrypted", "md5(", "sha2("];
    if hashes.iter().any(|it| sql.contains(it))
        || cx.names_in(function.syntax()).has_words(HASHING_WORDS)
    {
        return;
    }
    let is_compared = sql.starts_with("select")
        && sql.split_once(" where ").is_some_and(|(_, rest)| is_bound(rest));
    let is_inserted = sql.starts_with("insert") && {
        let columns = sql.split(" values").next().unwrap_or_default();
        columns.split(['(', ',', ')', ' ', '"', '`']).any(|it| matches!(it, "password" | "passwd"))
    };
    let is_updated = sql.starts_with("update")
        && sql.split_once(" set ").is_some_and(|(_, rest)| is_bound(rest));
    let (message, certain) = match () {
        () if is_compared => ("a password is compared in plain text by a query", true),
        () if is_inserted || is_updated => ("a password is stored in plain text by a query", false),
        () => return,
    };
    let report = Report::new(token.text_range(), message);
    let known = hashes_somewhere(cx);
    let report = match (certain, known) {
        (true, false) => report,
        (_, false) => report.severity(Severity::High).confidence(Confidence::Likely),
        (true, true) => report.severity(Severity::High).confidence(Confidence::Likely),
        (false, true) => report.confidence(Confidence::Possible),
    };
    cx.report(&node, report);
}

/// Whether a clause compares or sets the column to a value that is bound.
fn is_bound(clause: &str) -> bool {
    let flat: String = clause.chars().filter(|it| !it.is_whitespace()).collect();
    ["password=", "passwd=", "password\"=", "password`="].iter().any(|column| {
        flat.match_indices(column).any(|(at, it)| {
            flat.get(at + it.len()..)
                .is_some_and(|rest| rest.starts_with(['?', '$', ':', '@', '{', '\'']))
        })
    })
}

/// `NewUser { name, password: form.password }`
fn check_record(field: &ast::RecordExprField, cx: &mut Context<'_>) {
    let (Some(name), Some(value)) = (field.field_name(), field.expr()) else { return };
    if !matches!(name.text(), "password" | "passwd" | "pwd" | "user_password") {
        return;
    }
    let record = field.syntax().ancestors().find_map(ast::RecordExpr::cast);
    let ty = record.and_then(|it| it.path()).map(|it| compact(it.syntax())).unwrap_or_default();
    if !has_any_word(&ty, ACCOUNT_WORDS) || has_any_word(&ty, REQUEST_WORDS) {
        return;
    }
    let value = match &value {
        // `Set(form.password)` of an active model.
        ast::Expr::CallExpr(call) => call.arg_list().and_then(|it| it.args().next()),
        _ => Some(value.clone()),
    };
    let Some(value) = value else { return };
    let root = chain_root(&value);
    let ast::Expr::FieldExpr(source) = &root else { return };
    let base = source.expr().map(|it| compact(it.syntax())).unwrap_or_default();
    let of_request = has_any_word(&base, REQUEST_WORDS)
        || bound_type(cx, field.syntax(), &base).is_some_and(|it| {
            has_any_word(&it, &["form", "json", "register", "request", "signup"])
        });
    let Some(function) = cx.function(field.syntax()) else { return };
    if !of_request
        || !is_password(&value, cx)
        || cx.names_in(function.syntax()).has_words(HASHING_WORDS)
    {
        return;
    }
    let message = format!("`{}` of a request is stored in plain text", name.text());
    let report = Report::new(field.syntax().text_range(), message);
    let report = match hashes_somewhere(cx) {
        true => report.confidence(Confidence::Possible),
        false => report.severity(Severity::High).confidence(Confidence::Likely),
    };
    cx.report(field.syntax(), report);
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn passwords_in_plain_text_are_reported() {
        check(
            &RULE,
            r#"
fn login(&self, address: &str, password: &str) -> bool {
    let Some(user) = self.users.get(address) else { return false };
    if user.password == password {
     //^^^^^^^^^^^^^^^^^^^^^^^^^ plaintext-password: `password` is compared in plain text instead of by its password hash
        return true;
    }
    user.passwd.as_bytes().ct_eq(password.as_bytes()).into()
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ plaintext-password
}
async fn authenticate(form: LoginForm, pool: &PgPool) -> Result<User> {
    sqlx::query_as("SELECT * FROM users WHERE name = $1 AND password = $2")
                 //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ plaintext-password: a password is compared in plain text by a query
        .bind(&form.name).bind(&form.password).fetch_one(pool).await
}
async fn register(Json(body): Json<Register>, pool: &PgPool) -> Result<()> {
    sqlx::query("INSERT INTO users (name, password) VALUES (?, ?)")
              //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ plaintext-password: a password is stored in plain text by a query
        .bind(body.name).bind(body.password).execute(pool).await?;
}
fn create(form: Form) -> NewUser {
    NewUser { name: form.name, password: form.password }
                             //^^^^^^^^^^^^^^^^^^^^^^^ plaintext-password
}
fn model(body: Register) -> user::ActiveModel {
    user::ActiveModel { password: Set(body.password.clone()), ..Default::default() }
                      //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ plaintext-password
}
fn login_row(row: &PgRow, password: &str) -> bool { row.get::<String, _>("password") == password }
                                                  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ plaintext-password
fn check_auth(&self, password: &str) -> bool { password == self.config.password }
                                             //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ plaintext-password
"#,
        );
    }

    #[test]
    fn hashed_repeated_and_foreign_passwords_are_left_alone() {
        silent(
            &RULE,
            r#"
fn login(user: &User, password: &str) -> bool { bcrypt::verify(password, &user.password) }
fn hashed(user: &User, password: &str) -> bool { user.password == hash(password) }
fn bound(user: &User, password: &str) -> bool {
    let password = hash_password(password);
    user.password == password
}
fn validate(form: &SignUp) -> Result<()> {
    if form.password != form.confirm_password { return Err(Error::Mismatch); }
}
fn is_login_default(user: &User) -> bool { user.password == "changeme" }
impl PartialEq for Login { fn eq(&self, other: &Self) -> bool { self.password == other.password } }
fn changed(&self, new: &Settings) -> bool { self.settings.password != new.password }
fn smtp(config: &Config) -> Credentials { Credentials { user: config.user, password: config.password } }
async fn register(body: Register, pool: &PgPool) -> Result<()> {
    let hash = argon2(body.password);
    sqlx::query("INSERT INTO users (name, password) VALUES (?, ?)").bind(hash);
}
fn login_sql() { query("SELECT * FROM users WHERE password_hash = $1"); }
#[test]
fn login_works() { assert!(user.password == password); }
"#,
        );
    }
}
