//! Small documents with each kind of claim, and each verdict.

mod spared;

use std::sync::Arc;

use super::*;
use crate::config::Config;
use crate::project::history_fixture::repository;
use crate::project::{History, TrackedProject};
use crate::rules::fixture::Fixture;
use crate::semantics::SourceFiles;

/// The verdicts on the claims of `REVIEW.md`, each as `claim → verdict: evidence`.
fn verdicts_with(source: &str, history: Option<Arc<History>>) -> Vec<String> {
    let fixture = Fixture::new(source, crate::rules::all());
    let config = Config::default();
    let cx = TrackedProject::new(&fixture.project, &fixture.symbols, &config);
    let files = SourceFiles::new(|path| fixture.files.get(path).cloned());
    let all = fixture.findings();
    let findings = |path: &str| {
        let own = all.iter().filter(|(of, _)| of == path);
        own.map(|(_, finding)| finding.clone()).collect()
    };
    let counts = CountCache::default();
    let listing = fixture.project.listing();
    let symbols = &fixture.symbols;
    let sources = Sources::new(listing, symbols, files, &counts, |_| None, || history.clone());
    let code = Code::new(cx, &sources, findings);
    let text = &fixture.files["REVIEW.md"];
    let judged = claims("REVIEW.md", text);
    let judged = judged.iter().filter_map(|claim| judge(&code, "REVIEW.md", claim));
    let shown = judged.map(|it| {
        let claim = &text[it.claim.range];
        let fix = it.correction.map(|it| format!(" [{}]", it.title)).unwrap_or_default();
        format!("{claim} → {}: {}{fix}", it.verdict.name(), it.evidence)
    });
    shown.collect()
}

#[track_caller]
fn check(source: &str, expected: &[&str]) {
    assert_eq!(verdicts_with(source, None), expected, "{source}");
}

/// Nothing that is claimed is called wrong or stale.
#[track_caller]
fn silent(source: &str) {
    let found = verdicts_with(source, None);
    let is_fine = |it: &&String| it.contains("→ holds") || it.contains("→ undecidable");
    let wrong: Vec<&String> = found.iter().filter(|it| !is_fine(it)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

const AUTH: &str = r#"
//- src/auth.rs
//! Signing in.

/// Who is signed in.
pub struct Session {
    pub user: String,
}

impl Session {
    pub fn open(user: &str) -> Self {
        let limit = 60_000;
        Self { user: user.parse().unwrap() }
    }
}

pub fn close(session: Session) {
    drop(session);
}
//- src/lib.rs
pub mod auth;
"#;

#[test]
fn paths() {
    check(
        &format!(
            "{AUTH}//- REVIEW.md\nSee `src/auth.rs`, `auth.rs` and `src/token.rs`; \
             [the library](src/lib.rs), [the plan](docs/plan.md).\n"
        ),
        &[
            "src/auth.rs → holds: `src/auth.rs` is there",
            "auth.rs → holds: `src/auth.rs` is there",
            "src/token.rs → absent: `src/token.rs` is not there",
            "the library → holds: `src/lib.rs` is there",
            "the plan → absent: `docs/plan.md` is not there",
        ],
    );
}

#[test]
fn a_path_that_moved_is_found_by_its_name() {
    check(
        &format!("{AUTH}//- REVIEW.md\nSigning in is in `src/login/auth.rs`.\n"),
        &["src/login/auth.rs → moved: `src/login/auth.rs` is not there; `src/auth.rs` is \
           [Update the path to `src/auth.rs`]"],
    );
}

#[test]
fn lines_with_a_name() {
    check(
        &format!(
            "{AUTH}//- REVIEW.md
- `Session` (`src/auth.rs:4`)
- `Session::open` (`src/auth.rs:11`)
- `close()` (`src/auth.rs:4`)

| item | place |
|---|---|
| `Session` | `auth.rs:4` |
"
        ),
        &[
            "src/auth.rs:4 → holds: `Session` is there",
            "src/auth.rs:11 → holds: `open` is there",
            "src/auth.rs:4 → moved: `close` is at line 15 [Update the line to 15]",
            "auth.rs:4 → holds: `Session` is there",
        ],
    );
}

#[test]
fn lines_without_anything_to_compare_are_undecidable() {
    check(
        &format!("{AUTH}//- REVIEW.md\nThe limit is too high (`src/auth.rs:10-11`).\n"),
        &["src/auth.rs:10-11 → undecidable: nothing is quoted to compare line 10 with: \
           `let limit = 60_000;`"],
    );
}

#[test]
fn lines_past_the_end_are_contradicted() {
    check(
        &format!("{AUTH}//- REVIEW.md\nSee `src/auth.rs:154`.\n"),
        &["src/auth.rs:154 → contradicted: `src/auth.rs` has 17 lines"],
    );
}

#[test]
fn quoted_code() {
    check(
        &format!(
            "{AUTH}//- REVIEW.md
`let limit = 60_000;` (`src/auth.rs:10`)

`Self {{ user: user.parse().unwrap() }}` (`src/auth.rs:2`)

`let limit = 30_000;` (`src/auth.rs:10`)
"
        ),
        &[
            "src/auth.rs:10 → holds: the quoted code stands there",
            "src/auth.rs:2 → moved: the quoted code is at line 11 [Update the line to 11]",
            "src/auth.rs:10 → changed: line 10 is now `let limit = 60_000;`",
        ],
    );
}

#[test]
fn quoted_blocks() {
    check(
        &format!(
            "{AUTH}//- REVIEW.md
**Location**: `src/auth.rs:15`

```rust
pub fn close(session: Session) {{
    drop(session); // twice
}}
```

```rust
// src/auth.rs:10
let token = std::env::var(\"TOKEN\").unwrap();
```
"
        ),
        &[
            "pub fn close(session: Session) { → holds: the quoted code is at line 15",
            "// src/auth.rs:10 → absent: `src/auth.rs` has none of the quoted lines; line 10 is \
             `let limit = 60_000;`",
        ],
    );
}

#[test]
fn a_block_may_be_quoted_from_several_places() {
    check(
        &format!(
            "{AUTH}//- REVIEW.md
```rust
// src/auth.rs:10
let limit = 60_000;

// src/auth.rs:16
drop(session);
```
"
        ),
        &[
            "// src/auth.rs:10 → holds: the quoted code is at line 10",
            "// src/auth.rs:16 → holds: the quoted code is at line 16",
        ],
    );
}

#[test]
fn symbols() {
    check(
        &format!(
            "{AUTH}//- REVIEW.md\n`Session::open` makes a session, `close()` ends it; \
             `Session::renew_token` is cheap. `Arc::clone` is not ours.\n"
        ),
        &[
            "Session::open → holds: `open` is at `src/auth.rs:9`",
            "close() → holds: `close` is at `src/auth.rs:15`",
            "Session::renew_token → absent: `Session` is in `src/auth.rs`, and no source has \
             `renew_token`",
        ],
    );
}

#[test]
fn counts() {
    check(
        &format!(
            "{AUTH}//- REVIEW.md
- 1 `unwrap()` call, 3 unsafe blocks
- 146+ TODO markers
- **Count**: 146 TODO/FIXME markers in all code
- 20 tests passed, and there must be 5 tests
"
        ),
        &[
            "1 `unwrap() → holds: `unwrap` calls: 1 outside tests",
            "3 unsafe blocks → contradicted: `unsafe` blocks: 0 outside tests, 0 in all",
            "146+ TODO → contradicted: `TODO`, `FIXME`, `XXX` and `HACK` comments: 0 outside \
             tests, 0 in all, 0 `TODO` alone outside tests, 0 `TODO` alone in all [Update the \
             number to 0]",
            "146 TODO/FIXME → contradicted: `TODO`, `FIXME`, `XXX` and `HACK` comments: 0 outside \
             tests, 0 in all, 0 `TODO` alone outside tests, 0 `TODO` alone in all [Update the \
             number to 0]",
        ],
    );
}

#[test]
fn what_is_missing() {
    check(
        &format!(
            "{AUTH}//- deny.toml
[advisories]
//- rfcs/draft.txt
x
//- .gitignore
*.pem
//- REVIEW.md
### 3. **No CODEOWNERS**

- No `rfcs/` directory
- **Issue**: No rate limiting
- `.gitignore` does not include `data/`
- ‚úÖ No unsafe code blocks
- Missing deny.toml
- If there is no CI, add some.
"
        ),
        &[
            "No CODEOWNERS → holds: not found: a `CODEOWNERS` file",
            "No `rfcs/ → contradicted: `rfcs` is there, with 1 file",
            "No rate limiting → holds: not found: `rate_limit`, `ratelimit`, `governor`, \
             `throttle`, `rate_limiter`, `limiter` in the sources",
            ".gitignore` does not include `data/ → holds: not found: no `.gitignore` matches \
             `data/`",
            "No unsafe code blocks → holds: 0 outside tests, 0 in all",
            "Missing deny.toml → contradicted: `deny.toml` is there",
        ],
    );
}

#[test]
fn steps_of_ci() {
    check(
        &format!(
            "{AUTH}//- .github/workflows/ci.yml
on: push
jobs:
  test:
    steps:
      - run: cargo test
//- REVIEW.md
CI runs `cargo test` and `cargo clippy`. Dependencies are not audited.
"
        ),
        &[
            "cargo test → holds: CI runs tests in `.github/workflows/ci.yml:5`",
            "cargo clippy → contradicted: not found: clippy in 1 steps of CI",
            "Dependencies are not audited → holds: not found: an audit of the dependencies in 1 \
             steps of CI",
        ],
    );
}

#[test]
fn dependencies_variables_defaults_and_users() {
    check(
        r#"
//- Cargo.lock
[[package]]
name = "rustls"
version = "0.23.5"
source = "registry+https://github.com/rust-lang/crates.io-index"
//- Cargo.toml
[package]
name = "server"
edition = "2024"
//- Dockerfile
FROM debian:bookworm-slim
USER app
//- src/main.rs
fn main() {
    let ttl = std::env::var("SERVER_TTL").unwrap_or_else(|_| "60000".to_string());
}
//- REVIEW.md
It uses `rustls` 0.23 and `rustls` 0.22.

The environment variable `SERVER_TTL` is read, and `SERVER_LIMIT` is an environment variable as well.
`SERVER_TTL` (default `300000`)

## Docker

The container runs as `app`. The image runs as root.
"#,
        &[
            "rustls` 0.23 → holds: `Cargo.lock` has `rustls` 0.23.5",
            "rustls` 0.22 → contradicted: `Cargo.lock` has `rustls` 0.23.5 [Update the version to \
             0.23]",
            "SERVER_TTL → holds: `src/main.rs:2` reads it",
            "SERVER_LIMIT → absent: nothing in the project reads or sets `SERVER_LIMIT`",
            "SERVER_TTL` (default `300000 → contradicted: `src/main.rs:2` takes `60000` [Update \
             the default to `60000`]",
            "runs as  → holds: `Dockerfile:2` sets the user `app`",
        ],
    );
}

#[test]
fn findings_of_ours() {
    check(
        &format!(
            "{AUTH}//- REVIEW.md
- `unwrap()` in `src/auth.rs`
- `unwrap()` in `src/lib.rs`
- `.unwrap()` at `src/auth.rs:11`
"
        ),
        &[
            "src/auth.rs → holds: `src/auth.rs` is there",
            "src/auth.rs → holds: `src/auth.rs` has `unwrap` calls, the first at line 11",
            "src/lib.rs → holds: `src/lib.rs` is there",
            "src/lib.rs → absent: `src/lib.rs` has no `unwrap` calls",
            "src/auth.rs:11 → holds: `unwrap` calls are there",
        ],
    );
}

#[test]
fn tasks() {
    check(
        &format!(
            "{AUTH}//- deny.toml
[advisories]
//- REVIEW.md
- [ ] Add `deny.toml`
- [x] Add `.github/CODEOWNERS`
- [ ] Create `SECURITY.md`
"
        ),
        &[
            "deny.toml → holds: `deny.toml` is there",
            "deny.toml → fixed: `deny.toml` is there [Mark the task as done]",
            ".github/CODEOWNERS → contradicted: `.github/CODEOWNERS` is not there [Mark the task \
             as open]",
            "SECURITY.md → holds: `SECURITY.md` is not there",
        ],
    );
}

#[test]
fn what_git_holds_decides_whether_it_ever_was_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let now = AUTH.split("//- src/lib.rs").next().expect("a file");
    let now = now.trim_start().trim_start_matches("//- src/auth.rs\n");
    let before = now.replace("let limit = 60_000;", "let token = read_token().expect(\"set\");");
    repository(
        folder.path(),
        &[
            &[("src/auth.rs", before.as_str()), ("src/token.rs", "")],
            &[("src/auth.rs", now), ("REVIEW.md", "")],
            &[("src/auth.rs", now), ("REVIEW.md", ""), ("CODEOWNERS", "")],
        ],
    );
    let history = Arc::new(
        History::open(folder.path(), std::time::Duration::from_secs(60)).expect("a history"),
    );
    let found = verdicts_with(
        &format!(
            "{AUTH}//- CODEOWNERS
* @a
//- REVIEW.md
See `src/token.rs` and `src/key.rs`.

No CODEOWNERS.

```rust
// src/auth.rs:10
let token = read_token().expect(\"set\");
```

```rust
// src/auth.rs:10
let password = ask_for_password();
```
"
        ),
        Some(history),
    );
    let shown: Vec<&str> = found.iter().map(|it| it.split(':').next().unwrap_or(it)).collect();
    assert_eq!(
        shown,
        [
            "src/token.rs → absent",
            "src/key.rs → never matched",
            "No CODEOWNERS → fixed",
            "// src/auth.rs",
            "// src/auth.rs",
        ]
    );
    assert!(found[3].contains("→ changed: "), "{found:#?}");
    assert!(found[4].contains("→ never matched: "), "{found:#?}");
}

#[test]
fn a_place_in_a_revision_is_looked_up_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let revisions = repository(folder.path(), &[&[("src/auth.rs", "fn old_name() {}\n")]]);
    let history = Arc::new(
        History::open(folder.path(), std::time::Duration::from_secs(60)).expect("a history"),
    );
    let short = &revisions[0][..8];
    let source = format!("{AUTH}//- REVIEW.md\n`old_name` (`src/auth.rs:1@{short}`)\n");
    let found = verdicts_with(&source, Some(history));
    assert_eq!(found, [format!("src/auth.rs:1@{short} → holds: so it was at `{short}`")]);
}

#[test]
fn summaries_count_what_was_decided() {
    let judged = |verdict| Judged {
        claim: Claim { range: FileRange::default(), kind: ClaimKind::Variable(String::new()) },
        verdict,
        evidence: Arc::from(""),
        target: None,
        correction: None,
    };
    let all: Vec<Judged> = Verdict::ALL.into_iter().map(judged).collect();
    let summary = Summary::of(&all);
    assert_eq!(
        (summary.claims, summary.held, summary.stale, summary.wrong, summary.undecidable),
        (8, 1, 3, 3, 1)
    );
    assert_eq!(summary.wrong_percent(), Some(43));
    assert_eq!(Summary::default().wrong_percent(), None);
}
