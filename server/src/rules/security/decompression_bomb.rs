//! Decompression of what a peer sent, without a limit.
//!
//! A few kilobytes decompress into gigabytes. Where the size of the result is not limited, one
//! request takes all memory of the process, or fills the disk.
//!
//! ```rust,bad
//! async fn upload(body: axum::body::Bytes, State(state): State<App>) -> std::io::Result<String> {
//!     let mut text = String::new();
//!     flate2::read::GzDecoder::new(&body[..]).read_to_string(&mut text)?;
//!     Ok(text)
//! }
//! ```
//!
//! Limit what is read from the decoder:
//!
//! ```rust
//! const MAX_SIZE: u64 = 10 * 1024 * 1024;
//!
//! async fn upload(body: axum::body::Bytes, State(state): State<App>) -> std::io::Result<String> {
//!     let mut text = String::new();
//!     flate2::read::GzDecoder::new(&body[..]).take(MAX_SIZE).read_to_string(&mut text)?;
//!     Ok(text)
//! }
//! ```
//!
//! Known problems: a loop that reads in pieces and counts them is not understood as a limit, nor
//! reported.

use super::AREA;
use crate::analysis::{Confidence, Context, On, Query, Rule, Severity};
use crate::project::flow::{Kind, Outside, decodes_by_name};
use crate::rules::reached::report;
use crate::semantics::flow::reached;
use crate::syntax::ast;

pub static RULE: Rule = Rule {
    id: "decompression-bomb",
    severity: Severity::High,
    raised_when_critical: false,
    serious_in_servers: true,
    cwe: &[409],
    seeds: &["C.input"],
    source: include_str!("decompression_bomb.rs"),
    queries: &[Query::Node(&On(check))],
    ..Rule::source(AREA)
};

fn check(function: &ast::Fn, cx: &mut Context<'_>) {
    for it in reached(function, cx, &[Kind::Decompression]) {
        // Such a function is reported itself.
        if it.through_helper && decodes_by_name(&it.sink) {
            continue;
        }
        let message = match it.through_helper {
            true => format!("`{}` decompresses what a peer sent without a limit", it.sink),
            false => "what a peer sent is decompressed without a limit".to_string(),
        };
        let mut report = report(&it, message).confidence(Confidence::Likely);
        // A library decodes files as well, and a command those of its user.
        if it.outside != Outside::Request && !cx.reach(&it.node).serves() {
            report = report.severity(Severity::Medium);
        }
        cx.report(&it.node, report);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn bodies_that_are_decompressed_whole_are_found() {
        check(
            &RULE,
            r#"
use flate2::read::{GzDecoder, ZlibDecoder};

async fn gz(State(state): State<App>, body: Bytes) -> Result<String> {
    let mut decoder = GzDecoder::new(body.as_ref());
    let mut out = String::new();
    decoder.read_to_string(&mut out)?;
          //^^^^^^^^^^^^^^^^^^^^^^^^ decompression-bomb: what a peer sent is decompressed without a limit
    let raw = zstd::decode_all(&body[..])?;
    //~ decompression-bomb
    let other = lz4_flex::decompress_size_prepended(&body)?;
    //~ decompression-bomb
    Ok(out)
}
impl Ingest for Service {
    async fn push(&self, request: Request<Batch>) -> Result<Response<()>, Status> {
        let batch = request.into_inner();
        let bytes = expand(&batch.payload)?;
                  //^^^^^^^^^^^^^^^^^^^^^^ decompression-bomb: `expand` decompresses what a peer sent without a limit
        Ok(Response::new(()))
    }
}
fn expand(data: &[u8]) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    ZlibDecoder::new(data).read_to_end(&mut out)?;
    Ok(out)
}
"#,
        );
    }

    #[test]
    fn limits_and_own_data_are_left_alone() {
        silent(
            &RULE,
            r#"
use flate2::read::GzDecoder;

async fn limited(State(state): State<App>, body: Bytes) -> Result<String> {
    let mut out = String::new();
    GzDecoder::new(body.as_ref()).take(MAX).read_to_string(&mut out)?;
    let raw = zstd::bulk::decompress(&body, MAX)?;
    let vec = miniz_oxide::inflate::decompress_to_vec_with_limit(&body, MAX)?;
    Ok(out)
}
async fn own(State(state): State<App>) -> Result<Vec<u8>> {
    Ok(zstd::decode_all(&state.asset[..])?)
}
fn embedded() -> Vec<u8> {
    let mut out = Vec::new();
    GzDecoder::new(&include_bytes!("words.gz")[..]).read_to_end(&mut out);
    out
}
fn compress(body: &[u8]) -> Vec<u8> {
    zstd::encode_all(body, 3).unwrap_or_default()
}
"#,
        );
    }
}
