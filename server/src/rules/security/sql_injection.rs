//! SQL that is composed of values.
//!
//! What stands in the text of a statement is code. A value of a request that is put in with `format!`
//! or `+` ends the literal it was meant for, and the rest of it runs as SQL: reading other rows,
//! deleting tables.
//!
//! ```rust,bad
//! use axum::extract::{Query, State};
//!
//! async fn find(State(pool): State<PgPool>, Query(query): Query<Search>) -> Result<Json<Vec<User>>> {
//!     let sql = format!("SELECT * FROM users WHERE name = '{}'", query.name);
//!     Ok(Json(sqlx::query_as(&sql).fetch_all(&pool).await?))
//! }
//! ```
//!
//! Bind the value:
//!
//! ```rust
//! use axum::extract::{Query, State};
//!
//! async fn find(State(pool): State<PgPool>, Query(query): Query<Search>) -> Result<Json<Vec<User>>> {
//!     let users = sqlx::query_as("SELECT * FROM users WHERE name = $1").bind(query.name);
//!     Ok(Json(users.fetch_all(&pool).await?))
//! }
//! ```
//!
//! Names of tables and columns cannot be bound: choose them by a `match` over what is allowed.
//!
//! Statements that are composed of values whose origin is not known are only possible findings, at a
//! lower severity; constants and numbers are none.
//!
//! Known problems: a value that goes through a field of `self`, or through two helpers, is not
//! followed. A function whose name says that it validates or quotes counts as a check.

use super::AREA;
use crate::analysis::{Confidence, Context, On, Query, Report, Rule, Severity};
use crate::project::flow::{Kind, Piece};
use crate::rules::reached::{report, shown};
use crate::semantics::flow::{composed_sql, reached};
use crate::syntax::ast;

pub static RULE: Rule = Rule {
    id: "sql-injection",
    severity: Severity::Critical,
    cwe: &[89],
    seeds: &["A.H2", "E.4"],
    source: include_str!("sql_injection.rs"),
    queries: &[Query::Node(&On(check))],
    ..Rule::source(AREA)
};

fn check(function: &ast::Fn, cx: &mut Context<'_>) {
    for it in reached(function, cx, &[Kind::Sql]) {
        let name = shown(&it.name);
        let message = match it.through_helper {
            true => format!("{name} becomes part of a statement of SQL in `{}`", it.sink),
            false => format!("{name} becomes part of a statement of SQL"),
        };
        let report =
            report(&it, message).note("bind the value instead of putting it into the text");
        cx.report(&it.node, report);
    }
    for hit in composed_sql(function, cx) {
        let holes = hit.value.text.iter().flat_map(|it| it.iter());
        let count = holes.filter(|it| matches!(it, Piece::Hole(value) if !value.constant)).count();
        let parts = if count == 1 { "a value" } else { "values" };
        let message = format!("{parts} of unknown origin in the text of a statement of SQL");
        let report = Report::new(hit.range, message)
            .severity(Severity::Medium)
            .confidence(Confidence::Possible);
        cx.report(&hit.node, report);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{Fixture, check, silent};

    #[test]
    fn values_of_requests_in_statements_are_found() {
        check(
            &RULE,
            r#"
use actix_web::{web, HttpResponse};

#[derive(Deserialize)]
pub struct Search { name: String, sort: String, page: i64 }

async fn find(query: web::Query<Search>, pool: web::Data<PgPool>) -> HttpResponse {
    let sql = format!("SELECT * FROM users WHERE name LIKE '%{}%' LIMIT 10", query.name);
    let rows = sqlx::query(&sql).fetch_all(pool.get_ref()).await;
             //^^^^^^^^^^^^^^^^^ sql-injection: `query.name` becomes part of a statement of SQL
    HttpResponse::Ok().finish()
}
async fn inline(Path(id): Path<String>, State(db): State<Db>) -> Result<String> {
    let row = db.conn.query_row(&format!("SELECT a FROM b WHERE id = {id}"), [], |r| r.get(0))?;
    //~ sql-injection
    Ok(row)
}
async fn concatenated(Json(body): Json<Search>, State(client): State<Client>) -> Result<()> {
    let mut sql = String::from("DELETE FROM users WHERE name = '");
    sql.push_str(&body.name);
    sql += "'";
    client.batch_execute(&sql).await?;
    //~ sql-injection
    client.execute(("UPDATE users SET a = 1 WHERE b = '".to_owned() + &body.sort + "'").as_str(), &[]).await?;
    //~ sql-injection
    Ok(())
}
async fn built(Query(params): Query<HashMap<String, String>>) -> Result<()> {
    let order = params.get("order").cloned().unwrap_or_default();
    let mut builder = QueryBuilder::new("SELECT * FROM users");
    builder.push(format!(" ORDER BY {order}"));
    //~ sql-injection
    Ok(())
}
impl Users for Service {
    async fn get(&self, request: Request<GetUser>) -> Result<Response<User>, Status> {
        let req = request.into_inner();
        let stmt = format!("select * from users where email = '{}'", req.email.trim());
        let user = self.client.query_one(stmt.as_str(), &[]).await?;
        //~ sql-injection
        Ok(Response::new(user))
    }
}
#[get("/users/<name>")]
async fn rocket(name: &str, mut db: Connection<Db>) -> String {
    diesel::sql_query(format!("SELECT * FROM users WHERE name = '{}'", name)).load(&mut db)
    //~ sql-injection
}
"#,
        );
    }

    #[test]
    fn a_helper_is_looked_into() {
        check(
            &RULE,
            r#"
async fn find(Path(name): Path<String>, State(pool): State<Pool>) -> Result<String> {
    load(&pool, &name).await
  //^^^^^^^^^^^^^^^^^^ sql-injection: `name` becomes part of a statement of SQL in `load`
}
async fn load(pool: &Pool, name: &str) -> Result<String> {
    sqlx::query(&format!("SELECT a FROM b WHERE c = '{name}'")).fetch_one(pool).await
    //~ sql-injection
}
async fn other(Path(name): Path<String>, State(pool): State<Pool>) -> Result<()> {
    let sql = statement(&name);
    sqlx::query(&sql).execute(&pool).await?;
    //~ sql-injection
    Ok(())
}
fn statement(name: &str) -> String {
    format!("SELECT a FROM b WHERE c = '{name}'")
}
"#,
        );
    }

    #[test]
    fn what_cannot_be_code_is_left_alone() {
        silent(
            &RULE,
            r#"
const TABLE: &str = "users";

#[derive(Deserialize)]
pub struct Page { page: u32, kind: KindOfUser }
#[derive(Deserialize)]
pub enum KindOfUser { Admin, Guest }

async fn numbers(Path(id): Path<i64>, Query(page): Query<Page>) -> Result<()> {
    sqlx::query(&format!("SELECT * FROM {TABLE} WHERE id = {id} OFFSET {}", page.page)).execute(&p).await?;
    sqlx::query(&format!("SELECT * FROM users WHERE kind = '{}'", page.kind)).execute(&p).await?;
    Ok(())
}
async fn ids(Path(id): Path<Uuid>, Path(text): Path<String>) -> Result<()> {
    let number: i64 = text.parse()?;
    client.execute(&format!("DELETE FROM a WHERE id = '{id}' OR b = {number}"), &[]).await?;
    Ok(())
}
async fn bound(Query(q): Query<Search>) -> Result<()> {
    sqlx::query("SELECT * FROM a WHERE b = $1").bind(&q.name).execute(&pool).await?;
    client.query("SELECT * FROM a WHERE b = $1", &[&q.name]).await?;
    builder.push(" AND b = ").push_bind(q.name);
    Ok(())
}
async fn allowed(Query(q): Query<Search>) -> Result<()> {
    let column = match q.sort.as_str() { "name" => "name", "age" => "age", _ => "id" };
    sqlx::query(&format!("SELECT * FROM users ORDER BY {column}")).execute(&pool).await?;
    if !COLUMNS.contains(&q.order.as_str()) {
        return Err(Error::BadRequest);
    }
    sqlx::query(&format!("SELECT * FROM users ORDER BY {}", q.order)).execute(&pool).await?;
    Ok(())
}
async fn validated(Path(name): Path<String>) -> Result<()> {
    validate_identifier(&name)?;
    conn.execute(&format!("DROP TABLE {name}"), [])?;
    Ok(())
}
"#,
        );
    }

    #[test]
    fn unknown_origins_are_only_possible() {
        let source = r#"
pub fn count(conn: &Connection, table: &str) -> Result<i64> {
    conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))
}
"#;
        let fixture = Fixture::new(source, [&RULE]);
        let found: Vec<_> =
            fixture.findings().iter().map(|(_, it)| (it.severity, it.confidence)).collect();
        assert_eq!(found, [(Severity::Medium, Confidence::Possible)]);
    }
}
