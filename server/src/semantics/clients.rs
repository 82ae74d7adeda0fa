//! What makes clients of other services, and how long they wait when nobody tells them.

use super::NodeContext;
use super::bindings::local_value;
use super::expressions::{chain_root, identifier};
use super::paths::{resolve_at, resolved_callee};
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::{AstNode, SyntaxNode};

/// What a client talks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// A server of HTTP or RPC.
    Http,
    /// A database, a cache or a broker.
    Database,
    /// Whatever listens on a socket.
    Socket,
}

/// What a call makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    /// What it is called in messages: `reqwest::Client`.
    pub name: &'static str,
    /// What it talks to.
    pub peer: Peer,
    /// Whether it waits as long as the peer likes unless it is told otherwise.
    pub waits_forever: bool,
    /// Whether the call makes a builder, of which `build` or `connect` makes the client.
    pub is_builder: bool,
    /// Whether it keeps connections open for further requests, so that making one for each request
    /// opens a connection for each.
    pub pools: bool,
}

const HTTP: Client =
    Client { name: "", peer: Peer::Http, waits_forever: true, is_builder: false, pools: true };
const DATABASE: Client =
    Client { name: "", peer: Peer::Database, waits_forever: false, is_builder: false, pools: true };
const SOCKET: Client =
    Client { name: "", peer: Peer::Socket, waits_forever: true, is_builder: false, pools: false };

/// The names of the functions that make clients.
pub const MAKERS: &[&str] = &[
    "agent", "builder", "connect", "connect_lazy", "connect_with", "default", "delete",
    "establish", "from_url", "get", "head", "new", "new_with_defaults", "open", "patch", "post",
    "put", "request", "with_options", "with_uri_str",
];

/// The client, or the builder of one, that a function makes whose path is resolved by the imports in
/// view: `reqwest::Client::new`.
pub fn made_by(path: &str) -> Option<Client> {
    // `oauth2::reqwest::Client` is that of the crate which another one exports.
    let path = path.find("::reqwest::").and_then(|at| path.get(at + 2..)).unwrap_or(path);
    let root = path.split("::").next()?;
    let (owner, function) = path.rsplit_once("::")?;
    let owner_name = owner.rsplit("::").next()?;
    let is_blocking = owner.contains("blocking");
    Some(match (root, owner_name, function) {
        // The client for threads waits 30 seconds by default.
        ("reqwest", "Client", "new" | "default") => {
            Client { name: "reqwest::Client", waits_forever: !is_blocking, ..HTTP }
        }
        ("reqwest", "Client", "builder") | ("reqwest", "ClientBuilder", "new" | "default") => {
            Client {
                name: "reqwest::Client",
                waits_forever: !is_blocking,
                is_builder: true,
                ..HTTP
            }
        }
        ("reqwest", "reqwest" | "blocking", "get") => {
            Client { name: "reqwest::get", waits_forever: !is_blocking, ..HTTP }
        }
        ("hyper" | "hyper_util", "Client", "new") => Client { name: "hyper::Client", ..HTTP },
        ("hyper" | "hyper_util", "Client", "builder") => {
            Client { name: "hyper::Client", is_builder: true, ..HTTP }
        }
        ("ureq", "Agent", "new" | "new_with_defaults") | ("ureq", "ureq", "agent") => {
            Client { name: "ureq::Agent", ..HTTP }
        }
        ("ureq", "AgentBuilder", "new") | ("ureq", "Agent", "config_builder") => {
            Client { name: "ureq::Agent", is_builder: true, ..HTTP }
        }
        (
            "ureq" | "minreq",
            _,
            "get" | "post" | "put" | "delete" | "head" | "patch" | "request",
        ) if owner == root => {
            let name = if root == "ureq" { "ureq" } else { "minreq" };
            Client { name, pools: false, ..HTTP }
        }
        ("isahc", "HttpClient", "new") | ("isahc", "isahc", "get" | "post") => {
            Client { name: "isahc::HttpClient", ..HTTP }
        }
        ("isahc", "HttpClient", "builder") => {
            Client { name: "isahc::HttpClient", is_builder: true, ..HTTP }
        }
        // It waits five seconds by default.
        ("awc", "Client", "new" | "default") => {
            Client { name: "awc::Client", waits_forever: false, ..HTTP }
        }
        ("tokio" | "std" | "async_std" | "smol" | "async_net", "TcpStream", "connect") => {
            Client { name: "TcpStream::connect", ..SOCKET }
        }
        _ => return database(root, owner_name, function),
    })
}

/// The same for clients of databases.
fn database(root: &str, owner: &str, function: &str) -> Option<Client> {
    let name = match (root, owner, function) {
        // Neither connecting nor a query of these ends by itself.
        ("tokio_postgres", "tokio_postgres", "connect") => {
            return Some(Client {
                name: "tokio_postgres::connect",
                waits_forever: true,
                ..DATABASE
            });
        }
        (
            "sqlx",
            "PgPool" | "MySqlPool" | "SqlitePool" | "AnyPool" | "Pool",
            "connect" | "connect_with" | "connect_lazy",
        ) => "sqlx::Pool",
        ("sqlx", "PgConnection" | "MySqlConnection" | "SqliteConnection", "connect") => {
            "sqlx::Connection"
        }
        (
            "sqlx",
            "PgPoolOptions" | "MySqlPoolOptions" | "SqlitePoolOptions" | "PoolOptions",
            "new",
        ) => {
            return Some(Client { name: "sqlx::Pool", is_builder: true, ..DATABASE });
        }
        ("diesel" | "diesel_async", _, "establish") => "diesel::Connection",
        ("sea_orm", "Database", "connect") => "sea_orm::Database",
        ("rusqlite", "Connection", "open") => "rusqlite::Connection",
        ("mongodb", "Client", "with_uri_str" | "with_options") => "mongodb::Client",
        ("mysql" | "mysql_async", "Pool", "new" | "from_url") => "mysql::Pool",
        ("lapin", "Connection", "connect") => "lapin::Connection",
        _ => return None,
    };
    Some(Client { name, ..DATABASE })
}

/// The client that a call makes: by itself, not by a method of what it returns.
pub fn client_of_call(call: &ast::CallExpr, cx: &mut NodeContext<'_>) -> Option<Client> {
    let path = resolved_callee(cx, call)?;
    let client = made_by(&path)?;
    // `reqwest_middleware::Client::new(inner)` and the like take what was made.
    let is_complete = client.peer != Peer::Http
        || client.is_builder
        || !matches!(client.name, "reqwest::Client")
        || call.arg_list().is_none_or(|it| it.args().next().is_none());
    is_complete.then_some(client)
}

/// The same for a path that is handed to something that calls it: `LazyLock::new(Client::new)`.
pub fn client_of_path(path: &ast::PathExpr, cx: &mut NodeContext<'_>) -> Option<Client> {
    let text = super::paths::path_text(&path.path()?)?;
    if !text.contains("::") {
        return None;
    }
    made_by(&resolve_at(cx, path.syntax(), &text)).filter(|it| !it.is_builder)
}

/// The client that `build` and its like make of a builder, with the names of the methods that were
/// called on the builder before, be it by way of a variable.
pub fn client_of_build(
    call: &ast::MethodCallExpr,
    cx: &mut NodeContext<'_>,
) -> Option<(Client, Vec<String>)> {
    let receiver = call.receiver()?;
    let mut methods = chain_methods(&receiver);
    let mut root = chain_root(&receiver);
    if let Some(name) = identifier(&root) {
        let value = local_value(cx, call.syntax(), &name)?;
        methods.extend(chain_methods(&value));
        root = chain_root(&value);
    }
    let ast::Expr::CallExpr(made) = root else { return None };
    let client = client_of_call(&made, cx).filter(|it| it.is_builder)?;
    Some((client, methods))
}

/// The names of the methods of a chain, the last one first.
pub fn chain_methods(expr: &ast::Expr) -> Vec<String> {
    let mut names = Vec::new();
    let mut next = Some(expr.clone());
    while let Some(expr) = next {
        next = match expr {
            ast::Expr::MethodCallExpr(call) => {
                names.extend(call.name_ref().map(|it| it.text().to_string()));
                call.receiver()
            }
            ast::Expr::TryExpr(it) => it.expr(),
            ast::Expr::AwaitExpr(it) => it.expr(),
            ast::Expr::ParenExpr(it) => it.expr(),
            _ => None,
        };
    }
    names
}

/// The methods that are called on the result of an expression, the first one first.
pub fn methods_on(node: &SyntaxNode) -> Vec<String> {
    let mut names = Vec::new();
    let mut node = node.clone();
    while let Some(parent) = node.parent() {
        match &ast::Expr::cast(parent.clone()) {
            Some(ast::Expr::MethodCallExpr(call))
                if call.receiver().is_some_and(|it| it.syntax() == &node) =>
            {
                names.extend(call.name_ref().map(|it| it.text().to_string()));
            }
            Some(ast::Expr::TryExpr(_) | ast::Expr::AwaitExpr(_) | ast::Expr::ParenExpr(_)) => {}
            _ => break,
        }
        node = parent;
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_makers_are_looked_for() {
        assert!(MAKERS.is_sorted());
        for (path, waits) in [
            ("reqwest::Client::new", true),
            ("reqwest::blocking::Client::new", false),
            ("reqwest::get", true),
            ("oauth2::reqwest::Client::new", true),
            ("hyper_util::client::legacy::Client::builder", true),
            ("awc::Client::default", false),
            ("tokio::net::TcpStream::connect", true),
            ("tokio_postgres::connect", true),
            ("sqlx::postgres::PgPoolOptions::new", false),
            ("sqlx::PgPool::connect", false),
            ("diesel::prelude::PgConnection::establish", false),
        ] {
            assert_eq!(made_by(path).map(|it| it.waits_forever), Some(waits), "{path}");
            assert!(MAKERS.contains(&path.rsplit("::").next().unwrap_or_default()), "{path}");
        }
        assert_eq!(made_by("crate::Client::new"), None);
        assert_eq!(made_by("redis::Client::get"), None);
    }
}
