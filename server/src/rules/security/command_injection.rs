//! Command that a request chooses.
//!
//! A shell runs what it is given: `; rm -rf /` behind a file name, `$(…)` in the middle. The same
//! holds where a request names the program that is started. Either is a remote shell for every client.
//!
//! ```rust,bad
//! use axum::extract::Query;
//! use std::process::Command;
//!
//! async fn ping(Query(query): Query<Ping>) -> std::io::Result<Vec<u8>> {
//!     let command = format!("ping -c 1 {}", query.host);
//!     Ok(Command::new("sh").arg("-c").arg(command).output()?.stdout)
//! }
//! ```
//!
//! Start the program itself and give it the value as one argument, behind `--` where it may begin
//! with a hyphen:
//!
//! ```rust
//! use axum::extract::Query;
//! use std::process::Command;
//!
//! async fn ping(Query(query): Query<Ping>) -> std::io::Result<Vec<u8>> {
//!     Ok(Command::new("ping").args(["-c", "1", "--", &query.host]).output()?.stdout)
//! }
//! ```
//!
//! Known problems: options that a value smuggles into a program without a shell (`--output=…`) are
//! not found.

use super::AREA;
use crate::analysis::{Context, On, Query, Rule, Severity};
use crate::project::flow::Kind;
use crate::rules::reached::{report, shown};
use crate::semantics::flow::reached;
use crate::syntax::ast;

pub static RULE: Rule = Rule {
    id: "command-injection",
    severity: Severity::Critical,
    cwe: &[78],
    source: include_str!("command_injection.rs"),
    queries: &[Query::Node(&On(check))],
    ..Rule::source(AREA)
};

fn check(function: &ast::Fn, cx: &mut Context<'_>) {
    for it in reached(function, cx, &[Kind::Program, Kind::Shell]) {
        let name = shown(&it.name);
        let message = match (it.through_helper, it.kind) {
            (true, _) => format!("{name} becomes part of a command that `{}` runs", it.sink),
            (false, Kind::Program) => format!("{name} decides which program is started"),
            (false, _) => format!("{name} becomes part of a command that a shell runs"),
        };
        cx.report(&it.node, report(&it, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn commands_of_requests_are_found() {
        check(
            &RULE,
            r#"
use std::process::Command;

async fn shell(Query(q): Query<HashMap<String, String>>) -> Result<String> {
    let host = &q["host"];
    let out = Command::new("sh").arg("-c").arg(format!("ping {}", host)).output()?;
                                         //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ command-injection: `q` becomes part of a command that a shell runs
    let out = tokio::process::Command::new("bash").args(["-c", &format!("dig {host}")]).output().await?;
    //~ command-injection
    Ok(out)
}
async fn program(Json(job): Json<Job>) -> Result<()> {
    let mut command = Command::new(&job.binary);
                    //^^^^^^^^^^^^^^^^^^^^^^^^^ command-injection: `job.binary` decides which program is started
    command.args(&job.args).spawn()?;
    Ok(())
}
async fn in_steps(body: web::Json<Job>) -> HttpResponse {
    let script = format!("convert {} out.png", body.file);
    let mut cmd = Command::new("/bin/sh");
    cmd.arg("-c");
    cmd.arg(&script);
    //~ command-injection
    let _ = cmd.status();
    HttpResponse::Ok().finish()
}
async fn by_helper(Path(branch): Path<String>) -> Result<String> {
    run(&format!("git checkout {branch}"))
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ command-injection: `branch` becomes part of a command that `run` runs
}
fn run(command: &str) -> Result<String> {
    let out = Command::new("sh").arg("-c").arg(command).output()?;
    Ok(String::from_utf8(out.stdout)?)
}
"#,
        );
    }

    #[test]
    fn arguments_and_checked_values_are_left_alone() {
        silent(
            &RULE,
            r#"
use std::process::Command;

async fn argument(Path(branch): Path<String>) -> Result<()> {
    Command::new("git").args(["checkout", "--", &branch]).status()?;
    Command::new("git").arg("log").arg(branch).status()?;
    Ok(())
}
async fn number(Path(pid): Path<u32>) -> Result<()> {
    Command::new("sh").arg("-c").arg(format!("kill {pid}")).status()?;
    Ok(())
}
async fn allowed(Json(job): Json<Job>) -> Result<()> {
    let program = match job.kind.as_str() { "a" => "/bin/a", _ => "/bin/b" };
    Command::new(program).status()?;
    if !PROGRAMS.contains(&job.program.as_str()) {
        return Err(Error);
    }
    Command::new(&job.program).status()?;
    Ok(())
}
async fn quoted(Json(job): Json<Job>) -> Result<()> {
    let name = shell_escape::escape(job.name.into());
    Command::new("sh").arg("-c").arg(format!("ls {name}")).status()?;
    Ok(())
}
fn command_line(args: Args) -> Result<()> {
    Command::new("sh").arg("-c").arg(args.command).status()?;
    Ok(())
}
"#,
        );
    }
}
