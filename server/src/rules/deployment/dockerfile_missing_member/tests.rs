use super::*;
use crate::project::docker::dockerfile::Dockerfile;
use crate::rules::fixture::{check, fixed, no_fix, silent};

/// A workspace of three members; `server` compiles in its migrations.
const WORKSPACE: &str = r#"//- Cargo.toml
[workspace]
members = ["crates/core", "crates/server", "crates/p2p"]
//- crates/core/Cargo.toml
[package]
name = "core"
//- crates/server/Cargo.toml
[package]
name = "server"
[dependencies]
core = { path = "../core" }
//- crates/p2p/Cargo.toml
[package]
name = "p2p"
//- crates/core/src/lib.rs

//- crates/p2p/src/lib.rs

//- crates/server/src/main.rs
fn main() { sqlx::migrate!("./migrations"); }
//- crates/server/migrations/1.sql
create table a (b int);
"#;

fn with(rest: &str) -> String {
    format!("{WORKSPACE}{rest}")
}

const LAYERED: &str = r#"//- Dockerfile
FROM rust:1.88 AS build
WORKDIR /src
COPY Cargo.toml ./
COPY crates/core/Cargo.toml crates/core/
#~ dockerfile-missing-member: `crates/p2p/Cargo.toml` is not copied, but cargo needs it
COPY crates/server/Cargo.toml crates/server/
RUN mkdir -p crates/core/src crates/server/src \
    && touch crates/core/src/lib.rs && cargo build -p server
COPY crates/ crates/
RUN cargo build -p server
"#;

#[test]
fn a_member_missing_from_the_cached_layer_is_reported() {
    check(&RULE, &with(LAYERED));
}

#[test]
fn its_copy_is_added_after_the_others() {
    let files = fixed(&RULE, &with(LAYERED));
    let text = &files["Dockerfile"];
    assert!(Dockerfile::parse(text).is_ok());
    assert!(
        text.contains(
            r#"crates/server/Cargo.toml crates/server/
COPY crates/p2p/Cargo.toml crates/p2p/
RUN mkdir -p /src/crates/p2p/src && touch /src/crates/p2p/src/lib.rs
RUN mkdir"#
        ),
        "{text}"
    );
}

#[test]
fn folders_of_members_and_dependencies_by_path_are_reported() {
    check(
        &RULE,
        &with(
            "//- docker/Dockerfile
FROM rust:1.88
COPY ./Cargo.toml /app/Cargo.toml
COPY ./crates/server /app/crates/server
#~ dockerfile-missing-member: `crates/core/Cargo.toml` and 1 more manifest are not copied, but cargo needs them
RUN cd /app && cargo build --release
",
        ),
    );
    // A pattern covers what is there; a dependency has to be there.
    check(
        &RULE,
        r#"//- Cargo.toml
[workspace]
members = ["crates/*"]
//- crates/a/Cargo.toml
[package]
name = "a"
[dev-dependencies]
b = { path = "../b" }
//- crates/b/Cargo.toml
[package]
name = "b"
//- crates/c/Cargo.toml
[package]
name = "c"
//- Dockerfile
FROM rust AS plan
WORKDIR /x
COPY Cargo.toml .
COPY crates/a/ crates/a/
#~ dockerfile-missing-member: `crates/b/Cargo.toml` is not copied, but cargo needs it
FROM plan
RUN cargo build
"#,
    );
}

#[test]
fn all_missing_members_are_copied_at_once() {
    let source = with(LAYERED).replace("COPY crates/core/Cargo.toml crates/core/\n", "").replace(
        "`crates/p2p/Cargo.toml` is not copied, but cargo needs it",
        "`crates/core/Cargo.toml` and 1 more manifest are not copied, but cargo needs them",
    );
    // The mark stood below the first copy, which is another one now.
    let (before, rest) = source.split_once("#~").expect("a mark");
    let (mark, rest) = rest.split_once('\n').expect("a line");
    let (copy, rest) = rest.split_once('\n').expect("a line");
    let source = format!(
        r#"{before}{copy}
#~{mark}
{rest}"#
    );
    check(&RULE, &source);
    let text = &fixed(&RULE, &source)["Dockerfile"];
    silent(
        &RULE,
        &with(&format!(
            r#"//- Dockerfile
{text}"#
        )),
    );
}

#[test]
fn what_dockerignore_excludes_is_reported() {
    let source = with(
        "//- .dockerignore
/crates/p2p
//- Dockerfile
FROM rust
COPY . .
#~ dockerfile-missing-member: `.dockerignore` excludes `crates/p2p/Cargo.toml`, which cargo needs
RUN cargo build
",
    );
    check(&RULE, &source);
    no_fix(&RULE, &source);
    check(
        &RULE,
        r#"//- .dockerignore
*
!src
//- src/lib.rs

//- Dockerfile
FROM rust
COPY src src
COPY Cargo.toml .
#    ^^^^^^^^^^ dockerfile-missing-member: `.dockerignore` excludes `Cargo.toml`
"#,
    );
}

#[test]
fn what_is_compiled_in_has_to_be_copied() {
    let source = with(
        "//- Dockerfile
FROM rust
WORKDIR /src
COPY Cargo.toml .
COPY crates/core crates/core
COPY crates/p2p crates/p2p
COPY crates/server/Cargo.toml crates/server/Cargo.toml
COPY crates/server/src crates/server/src
#~ dockerfile-missing-member: `crates/server/migrations` is compiled in but not copied
RUN cargo build --release
",
    );
    check(&RULE, &source);
    let files = fixed(&RULE, &source);
    let text = &files["Dockerfile"];
    assert!(
        text.contains(
            r#"
COPY crates/server/migrations ./crates/server/migrations
RUN"#
        ),
        "{text}"
    );
    // A program may be called otherwise than its package.
    let named = source
        .replace(
            "name = \"server\"\n",
            r#"name = "server"
[[bin]]
name = "app"
"#,
        )
        .replace("--release", "--bin app");
    check(&RULE, &named);
    // What the image does not build may lack its files.
    silent(&RULE, &source.replace("--release", "-p core").replace(
        "#~ dockerfile-missing-member: `crates/server/migrations` is compiled in but not copied\n",
        "",
    ));
}

#[test]
fn a_copy_of_what_is_not_there_is_reported() {
    let package = "//- src/lib.rs\n\n";
    check(
        &RULE,
        &format!(
            "{package}//- Dockerfile
FROM rust:1.88
WORKDIR /x
COPY Cargo.toml Cargo.lock ./
#               ^^^^^^^^^^ dockerfile-missing-member: `Cargo.lock` does not exist and cannot be copied
COPY src ./src
COPY build.rs ./
#    ^^^^^^^^ dockerfile-missing-member: `build.rs` does not exist and cannot be copied
COPY migrations ./migrations
#    ^^^^^^^^^^ dockerfile-missing-member: `migrations` does not exist and cannot be copied
RUN cargo build
"
        ),
    );
}

#[test]
fn what_a_build_makes_may_be_absent() {
    let package = r#"//- src/lib.rs

//- .gitignore
/Cargo.lock
//- .github/workflows/ci.yml
run: make site.json
"#;
    silent(
        &RULE,
        &format!(
            "{package}//- Dockerfile
FROM rust:1.88 AS build
COPY Cargo.toml Cargo.lock site.json LICENSE* ./
COPY src src
ADD https://example.org/a.json b.json
RUN cargo build
FROM debian
COPY target/release/app dist ./server /usr/bin/
COPY --from=build /nowhere/a.rs /usr/bin/
ARG WHERE
COPY ${{WHERE}}/a.rs /usr/bin/
"
        ),
    );
}

#[test]
fn every_way_to_copy_members_counts() {
    for dockerfile in [
        r#"FROM rust
COPY . .
RUN cargo build"#,
        r#"FROM rust
WORKDIR /a
COPY Cargo.* ./
COPY crates ./crates
RUN cargo build"#,
        r#"FROM rust
WORKDIR /a
COPY --parents Cargo.toml crates/*/Cargo.toml ./
RUN cargo fetch"#,
        r#"FROM rust
WORKDIR /a
RUN --mount=type=bind,source=crates,target=crates --mount=type=bind,source=Cargo.toml,target=Cargo.toml --mount=type=cache,target=/x cargo build"#,
        r#"FROM rust AS chef
WORKDIR /a
FROM chef AS planner
COPY . .
RUN cargo chef prepare --recipe-path r.json
FROM chef AS builder
COPY --from=planner /a/r.json r.json
RUN cargo chef cook --release
COPY Cargo.toml .
COPY crates/server crates/server
RUN cargo build"#,
        r#"FROM rust AS src
COPY . /all
FROM rust
COPY --from=src /all/Cargo.toml /b/
COPY --from=src /all/crates /b/crates
WORKDIR /b
RUN cargo build"#,
        r#"FROM rust
RUN git clone https://example.org/a .
COPY Cargo.toml .
RUN cargo build"#,
        r#"FROM rust
COPY Cargo.toml .
RUN sed -i '/p2p/d' Cargo.toml
COPY crates/core crates/core
RUN cargo build"#,
        r#"FROM rust
COPY Cargo.toml .
RUN cargo build || true
COPY crates crates
RUN cargo build"#,
        r#"ARG DIR=crates
FROM rust
ARG DIR
WORKDIR /a
COPY Cargo.toml .
COPY $DIR ./${DIR}
RUN cargo build"#,
        r#"FROM rust
ARG DIR
WORKDIR /a
COPY Cargo.toml .
COPY $DIR ./${DIR}
RUN cargo build"#,
        r#"FROM rust
COPY Cargo.toml /tools/
RUN cargo install sqlx-cli"#,
        r#"FROM debian
COPY Cargo.toml .
RUN echo cargo build"#,
    ] {
        silent(
            &RULE,
            &with(&format!(
                r#"//- Dockerfile
{dockerfile}
"#
            )),
        );
    }
}
