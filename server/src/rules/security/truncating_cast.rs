//! Number from outside that `as` truncates.
//!
//! `as` takes the lowest bits and says nothing: 4,294,967,296 becomes 0 and −1 the largest number. A
//! peer that chooses the number gets past a check of the other one: a length, a page, an amount.
//!
//! ```rust,bad
//! use bytes::Buf;
//!
//! fn decode_length(buf: &mut impl Buf) -> u16 {
//!     let length = buf.get_u32();
//!     length as u16
//! }
//! ```
//!
//! Convert with `try_from`, which fails:
//!
//! ```rust
//! use bytes::Buf;
//!
//! fn decode_length(buf: &mut impl Buf) -> Result<u16, std::num::TryFromIntError> {
//!     let length = buf.get_u32();
//!     u16::try_from(length)
//! }
//! ```
//!
//! A comparison, a mask or a shift before the cast counts as a check.

use super::AREA;
use crate::analysis::{Confidence, Context, On, Query, Rule};
use crate::project::flow::Kind;
use crate::rules::reached::{report, shown};
use crate::semantics::flow::reached;
use crate::syntax::ast;

pub static RULE: Rule = Rule {
    id: "truncating-cast",
    raised_when_critical: false,
    lints: &[
        "clippy::cast_possible_truncation",
        "clippy::cast_sign_loss",
        "clippy::cast_possible_wrap",
    ],
    cwe: &[197],
    source: include_str!("truncating_cast.rs"),
    queries: &[Query::Node(&On(check))],
    ..Rule::source(AREA)
};

fn check(function: &ast::Fn, cx: &mut Context<'_>) {
    let mut seen = Vec::new();
    for it in reached(function, cx, &[Kind::Cast]) {
        // One number that is cast again and again is one problem.
        let number = (it.source, it.name.clone(), it.sink.clone());
        if seen.contains(&number) {
            continue;
        }
        seen.push(number);
        let message = format!("`as {}` truncates {} from outside", it.sink, shown(&it.name));
        cx.report(&it.node, report(&it, message).confidence(Confidence::Likely));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn truncated_numbers_of_peers_are_found() {
        check(
            &RULE,
            r#"
#[derive(Deserialize)]
struct Page { limit: i64, offset: u64 }

async fn list(Query(page): Query<Page>) -> Vec<Item> {
    let limit = page.limit as usize;
              //^^^^^^^^^^^^^^^^^^^ truncating-cast: `as usize` truncates `page.limit` from outside
    let offset = page.offset as u32;
    //~ truncating-cast
    Vec::new()
}
async fn show(Path(id): Path<u64>) -> String {
    format!("{}", id as i32)
    //~ truncating-cast
}
fn decode(buf: &mut impl Buf) -> u8 {
    let kind = buf.get_u32();
    kind as u8
    //~ truncating-cast
}
fn decode_id(bytes: [u8; 8]) -> u32 {
    u64::from_le_bytes(bytes) as u32
    //~ truncating-cast
}
"#,
        );
    }

    #[test]
    fn wider_and_checked_numbers_are_left_alone() {
        silent(
            &RULE,
            r#"
#[derive(Deserialize)]
struct Page { limit: u32, offset: u64, name: String }
async fn upload(body: Bytes) -> Result<Job> { store(body.len() as i64, body.len() as u64).await }

async fn list(Query(page): Query<Page>) -> Result<Vec<Item>> {
    let limit = page.limit as usize;
    if page.offset > MAX {
        return Err(Error::BadRequest);
    }
    let offset = page.offset as u32;
    let length = page.name.len() as u64;
    Ok(Vec::new())
}
fn decode(buf: &mut impl Buf) -> Result<u8> {
    let flags = buf.get_u32();
    let low = (flags & 0xff) as u8;
    let high = (flags >> 24) as u8;
    let length = buf.get_u16() as usize;
    let clamped = buf.get_u32().min(255) as u8;
    u8::try_from(buf.get_u32()).map_err(Error::from)
}
fn other(count: u64) -> u32 {
    count as u32
}
"#,
        );
    }
}
