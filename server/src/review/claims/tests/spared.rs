//! What is no claim, or cannot be decided, is not called wrong.

use super::*;

#[test]
fn numbers_of_a_run_a_rule_or_a_task_are_no_claims() {
    silent(&format!(
        "{AUTH}//- REVIEW.md
- **Unit tests** (171 tests): fast, in `src/` - ALL PASSING
- The grep search returned 144 `.unwrap()` occurrences.
- `auth.rs`: ~20 tests
- Audit 30 production `.unwrap()` calls

**Remaining work**:

- 30 production `.unwrap()` calls (4 hours)

No tests, no merge. No `auth.rs` file was created.

## Required changes

- 12 unsafe blocks
"
    ));
}

#[test]
fn a_number_near_those_that_there_are_is_undecidable() {
    let calls = "    a.unwrap();\n".repeat(10);
    let source = format!("//- src/lib.rs\nfn f(a: Option<u8>) {{\n{calls}}}\n//- REVIEW.md\n");
    check(
        &format!("{source}There are 8 `unwrap()` calls. There are 30 `unwrap()` calls.\n"),
        &[
            "8 `unwrap() → undecidable: `unwrap` calls: 10 outside tests, 10 in all",
            "30 `unwrap() → contradicted: `unwrap` calls: 10 outside tests, 10 in all [Update the \
             number to 10]",
        ],
    );
}

#[test]
fn a_path_of_what_is_to_be_written_or_lies_elsewhere_is_no_claim() {
    silent(&format!(
        "{AUTH}//- .gitmodules
[submodule \"wire\"]
\tpath = src/wire
\turl = https://example.org/wire.git
//- REVIEW.md
**Integration tests** (`src/login_tests.rs`):

```rust
#[test]
fn signs_in() {{}}
```

The primary files of `reference/login/` are:

- signing in: `src/sign_in.rs`
- signing out: `src/sign_out.rs`

The wire format is in `src/wire/format.rs`. The index is in `src/...auth.rs:101`.
"
    ));
}

#[test]
fn a_missing_file_is_looked_for_where_the_document_says() {
    check(
        &format!("{AUTH}//- REVIEW.md\n- No `auth.rs` file\n- No `src/auth.rs` file\n"),
        &[
            "No `auth.rs → undecidable: `src/auth.rs` is there",
            "No `src/auth.rs → contradicted: `src/auth.rs` is there",
        ],
    );
}

#[test]
fn a_file_that_was_longer_once_is_out_of_date() {
    let folder = tempfile::tempdir().expect("a folder");
    let long = "// a\n".repeat(200);
    repository(
        folder.path(),
        &[&[("src/auth.rs", long.as_str())], &[("src/auth.rs", "pub fn a() {}\n")]],
    );
    let history = Arc::new(
        History::open(folder.path(), std::time::Duration::from_secs(60)).expect("a history"),
    );
    let found = verdicts_with(
        &format!("{AUTH}//- REVIEW.md\nSee `src/auth.rs:154` and `src/auth.rs:300`.\n"),
        Some(history),
    );
    assert!(found[0].contains("→ changed: `src/auth.rs` has 17 lines; it had more"), "{found:#?}");
    assert!(found[1].contains("→ contradicted: "), "{found:#?}");
}

#[test]
fn what_was_repaired_or_nearly_agrees_is_not_called_wrong() {
    silent(&format!(
        "{AUTH}//- REVIEW.md
- Fixed 4 unwraps in this project
- **Total**: 41 production unwrap() calls eliminated
- Before: 3,133 total unwraps
"
    ));
}

#[test]
fn a_number_of_a_part_is_not_compared_with_the_whole() {
    silent(&format!(
        "{AUTH}//- REVIEW.md\nThere are 0 `unwrap()` calls in the parser. 7 tests fail. 3 of 5 tests.\n\n\
         - The TUI code has 2 unwrap() calls\n\
         - All checks of `src/lib.rs` passing; 71 tests\n\n\
         It is ported from `src/net/Listener.cpp`.\n"
    ));
}

#[test]
fn recommended_code_is_not_quoted() {
    silent(&format!(
        "{AUTH}//- REVIEW.md
- **Location**: `src/auth.rs:11`
- **Fix**: use `user.parse().context(\"parse the user\")?`

  ```rust
  let user = user.parse().context(\"parse the user\")?;
  ```
"
    ));
}

#[test]
fn what_is_no_path_of_the_project_is_no_claim() {
    silent(&format!(
        "{AUTH}//- REVIEW.md
Create `src/config/local.toml` and see https://example.org/src/missing.rs:3.
The build writes `target/release/server.rs` and `src/<name>.rs` or `src/*.rs`.
`src/old.rs` was removed. If you like, add `src/new.rs`.
`serde/derive`, `and/or`, `/etc/app/config.toml`, `~/.config/app.toml`.

## Roadmap

- `src/later.rs`
"
    ));
}

#[test]
fn what_speaks_of_another_project_is_not_called_wrong() {
    silent(&format!(
        "{AUTH}//- .github/workflows/ci.yml
on: push
jobs:
  audit:
    steps:
      - run: cargo audit
//- crates/wire/src/lib.rs
pub fn read() {{}}
//- REVIEW.md
- `crates/nucleus/src/witness_log.rs` hashes the log (`crates/nucleus/src/vector_store.rs:385`).
- The scan found 28 unsafe blocks.
- **No security audit**: the cryptography was not reviewed externally.
- Milestone: 60 unwraps → 0 unwraps
- Written by <j.d.a.person@open.example.org>; [more](@/docs/more.md).

### Components

| Component | State | Notes |
|---|---|---|
| CI enforced | fails | No automated tests |
"
    ));
}

#[test]
fn what_was_repaired_is_not_looked_for() {
    silent(&format!(
        "{AUTH}//- REVIEW.md
- `panic!(\"no user\")` was changed to `?` (`src/auth.rs:4`)

## Fixed this session

| Location | Issue |
|---|---|
| src/auth.rs:4 | `panic!(\"no user\")` |
| src/auth.rs:5 | `.expect(\"a limit\")` |
"
    ));
}

#[test]
fn a_file_of_a_part_does_not_stand_for_all() {
    check(
        &format!(
            "{AUTH}//- vendor/lib/README.md
x
//- REVIEW.md
- No README.
- No tests exist for signing in.
"
        ),
        &["No README → undecidable: `vendor/lib/README.md` is there"],
    );
}

#[test]
fn a_version_that_is_asked_for_is_not_the_one_that_is_taken() {
    check(
        r#"
//- Cargo.lock
[[package]]
name = "tokio"
version = "1.40.2"
source = "registry+https://github.com/rust-lang/crates.io-index"

[[package]]
name = "rustls"
version = "0.23.5"
source = "registry+https://github.com/rust-lang/crates.io-index"
//- Cargo.toml
[package]
name = "server"
edition = "2024"

[dependencies]
rustls = "0.22.1"
//- REVIEW.md
It uses `tokio` 1.35 and `rustls` 0.22. It uses `rustls` 0.21.

| Component | Version | Tests |
|---|---|---|
| `rustls` | 0.20.1 | clean |
"#,
        &[
            "tokio` 1.35 → undecidable: `Cargo.lock` has `tokio` 1.40.2",
            "rustls` 0.22 → holds: `Cargo.toml` asks for it",
            "rustls` 0.21 → contradicted: `Cargo.lock` has `rustls` 0.23.5 [Update the version to \
             0.23]",
        ],
    );
}

#[test]
fn a_mere_name_may_be_that_of_another_file() {
    check(
        &format!(
            "{AUTH}//- web/index.ts\nexport {{}};\n//- REVIEW.md\nindex.ts:141 and lib.rs:30\n"
        ),
        &[
            "index.ts:141 → undecidable: `web/index.ts` has 1 lines",
            "lib.rs:30 → undecidable: `src/lib.rs` has 1 lines",
        ],
    );
}
