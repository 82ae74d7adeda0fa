use super::RULE;
use crate::rules::fixture::{check, check_fix, no_fix, silent};

#[test]
fn libraries_and_servers_log() {
    check(
        &RULE,
        r#"
//- Cargo.toml
[package]
name = "service"
[dependencies]
axum = "0.8"
//- src/lib.rs
pub fn f() {
    println!("started");
  //^^^^^^^^^^^^^^^^^^^ print-logging: `println!` writes to stdout instead of the logger
    match x { 0 => std::eprint!("no"), _ => dbg!(x) }
                 //^^^^^^^^^^^^^^^^^^ print-logging: `eprint!` writes to stderr instead of the logger
                                          //^^^^^^^ print-logging: `dbg!` was left in the code
}
//- src/main.rs
fn main() { eprintln!("failed"); }
          //^^^^^^^^^^^^^^^^^^^ print-logging
"#,
    );
}

#[test]
fn the_output_of_a_program_is_its_own() {
    check(
        &RULE,
        r#"
//- Cargo.toml
[package]
name = "tool"
//- src/main.rs
mod report;
fn main() { println!("usage: tool"); dbg!(1); }
                                   //^^^^^^^ print-logging
//- src/report.rs
pub fn show() { print!("{}", 1); }
//- build.rs
fn main() { println!("cargo:rerun-if-changed=build.rs"); }
"#,
    );
}

#[test]
fn tests_other_macros_and_allowed_output_are_silent() {
    silent(
        &RULE,
        r#"
fn f() { writeln!(out, "x"); defmt::println!("x"); tracing::info!("println!"); }
#[cfg(test)]
mod tests { fn t() { println!("x"); } }
#[allow(clippy::print_stdout)]
fn g() { println!("x"); }
macro_rules! say { () => { println!("x") } }
//- tests/it.rs
fn t() { dbg!(1); }
//- src/runtime/tests/mod.rs
fn t() { println!("declared in the arguments of a macro"); }
"#,
    );
}

const MANIFEST: &str = r#"//- Cargo.toml
[package]
name = "a"
edition = "2024"
"#;

#[test]
fn the_log_takes_the_same_arguments() {
    check_fix(
        &RULE,
        "Use `tracing::info!`",
        &format!(
            r#"{MANIFEST}[dependencies]
tracing = "0.1"
//- src/lib.rs
fn f() {{
    println!(
        "{{}} {{b:?}}",
        a,
    );
}}
"#
        ),
        r#"fn f() {
    tracing::info!(
        "{} {b:?}",
        a,
    );
}
"#,
    );
    check_fix(
        &RULE,
        "Use `error!`",
        &format!(
            r#"{MANIFEST}[dependencies]
log.workspace = true
//- src/lib.rs
use log::error;
fn f() {{ std::eprintln!("x") }}
"#
        ),
        r#"use log::error;
fn f() { error!("x") }
"#,
    );
}

#[test]
fn without_a_logger_or_a_text_there_is_no_fix() {
    no_fix(&RULE, "fn f() { println!(\"x\"); }\n");
    let dependency = format!(
        r#"{MANIFEST}[dependencies]
log = "0.4"
//- src/lib.rs
"#
    );
    no_fix(&RULE, &format!("{dependency}fn f() {{ println!(); }}\n"));
    no_fix(&RULE, &format!("{dependency}fn f() {{ print!(\"x\"); }}\n"));
    no_fix(&RULE, &format!("{dependency}fn f() {{ println!(concat!(\"x\", \"y\")); }}\n"));
    no_fix(
        &RULE,
        &format!(
            r#"{MANIFEST}[dependencies]
log = {{ version = "0.4", optional = true }}
//- src/lib.rs
fn f() {{ println!("x"); }}
"#
        ),
    );
}
