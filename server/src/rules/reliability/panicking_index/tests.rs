use super::RULE;
use crate::analysis::Severity;
use crate::rules::fixture::{Fixture, check, silent};

#[test]
fn bytes_of_a_peer_are_indexed() {
    check(
        &RULE,
        r#"
pub fn decode(buf: &[u8]) -> Header {
    let kind = buf[0];
             //^^^^^^ panicking-index: `buf[0]` panics if the index is out of bounds
    let len = u16::from_be_bytes([buf[1], buf[2]]) as usize;
                                //^^^^^^ panicking-index
    let body = &buf[3..3 + len];
              //^^^^^^^^^^^^^^^ panicking-index: `buf[3..3 + len]` panics if the range is out of bounds
    let (head, tail) = body.split_at(len);
                          //^^^^^^^^^^^^^ panicking-index: `split_at` panics if the index is out of bounds
    let chunks = body.len() / len;
               //^^^^^^^^^^^^^^^^ panicking-index: `body.len() / len` panics if `len` is zero
    Header { kind }
}
pub fn on_frame(frame: &[u8]) {
    match frame[0] {
        //^^^^^^^^ panicking-index
        _ => {}
    }
}
impl Decoder for Codec {
    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<Frame>> {
        let tag = src[0];
                //^^^^^^ panicking-index
        Ok(None)
    }
}
"#,
    );
}

#[test]
fn text_of_a_request_is_sliced_by_bytes() {
    check(
        &RULE,
        r#"
async fn search(Query(query): Query<Search>, Json(page): Json<Page>) -> String {
    let prefix = &query.term[..8];
                //^^^^^^^^^^^^^^^ panicking-index
    String::new()
}
pub fn parse_version(text: &str) -> &str {
    &text[..3]
   //^^^^^^^^^ panicking-index: `text[..3]` panics if it is out of bounds or splits a character
}
pub fn parse_list(text: &str, at: usize) -> String {
    let mut parts: Vec<String> = text.split(',').map(String::from).collect();
    parts.remove(at)
        //^^^^^^^^^^ panicking-index: `remove` panics if the index is out of bounds
}
"#,
    );
}

#[test]
fn checked_lengths_are_left_alone() {
    silent(
        &RULE,
        r#"
fn decode(buf: &[u8]) -> Option<u16> {
    if buf.len() < 4 {
        return None;
    }
    let word = u16::from_be_bytes([buf[2], buf[3]]);
    let end = word as usize + 4;
    if end > buf.len() {
        return None;
    }
    Some(&buf[4..end])
}
fn parse(text: &str) -> &str {
    let Some(at) = text.find(':') else { return text };
    &text[at..]
}
fn decode_all(buf: &[u8]) -> u8 {
    for i in 0..buf.len() {
        use_of(buf[i]);
    }
    for (i, _) in buf.iter().enumerate() {
        use_of(buf[i]);
    }
    for pair in buf.chunks_exact(2) {
        use_of(u16::from_be_bytes([pair[0], pair[1]]));
    }
    let all = &buf[..];
    let wrapped = buf[hash % buf.len()];
    let first = if !buf.is_empty() && buf[0] == 1 { 1 } else { 0 };
    assert!(buf.len() >= HEADER);
    buf[7]
}
fn parse_with_header(buf: &[u8; 8]) -> u8 {
    buf[7] + TABLE[buf[0] as usize]
}
pub fn decode_parts(start: &[u8], end: &[u8], table: &[u8; 256]) -> u8 {
    assert_eq!(start.len(), end.len());
    let day = &start[8..10];
    match start.len() {
        1 => end[0],
        _ => day[1] + table[usize::from(day[0])],
    }
}
pub fn parse_literal(text: &str) -> &str {
    match (byte(text, 0), byte(text, 1)) {
        (b'0', b'x') => &text[2..],
        _ => text,
    }
}
pub fn decode_class(slice: &[u8]) -> Result<&[u8]> {
    check_slice_len(slice, 256)?;
    Ok(&slice[..256])
}
pub fn decode_words(bytes: &[u8]) -> u8 {
    let words = bytes.len() / 4;
    for i in 0..words {
        use_of(bytes[i * 4 + 3]);
    }
    0
}
fn decode_rate(buf: &[u8], count: usize) -> usize {
    if count == 0 {
        return 0;
    }
    buf.len() / count
}
"#,
    );
}

#[test]
fn code_that_neither_decodes_nor_serves_is_left_alone() {
    silent(
        &RULE,
        r#"
fn sum(values: &[u64], at: usize) -> u64 {
    values[at] + values[0] / at
}
fn parse_settings(map: &Map) -> Value {
    map["key"].clone()
}
fn decode_map(names: HashMap<String, u8>, name: String) -> Option<u8> {
    names.remove(name)
}
#[cfg(test)]
mod tests {
    fn decode(buf: &[u8]) -> u8 { buf[0] }
}
"#,
    );
}

#[test]
fn what_a_private_function_is_given_is_low() {
    let fixture = Fixture::new("fn decode(buf: &[u8]) -> u8 { buf[0] }", [&RULE]);
    let severities: Vec<Severity> = fixture.findings().iter().map(|(_, it)| it.severity).collect();
    assert_eq!(severities, [Severity::Low]);
    let fixture = Fixture::new("pub fn decode(buf: &[u8]) -> u8 { buf[0] }", [&RULE]);
    let severities: Vec<Severity> = fixture.findings().iter().map(|(_, it)| it.severity).collect();
    assert_eq!(severities, [Severity::Medium]);
}

#[test]
fn what_was_read_and_conditions_in_brackets_are_left_alone() {
    silent(
        &RULE,
        r#"
fn read_all(mut file: File, hasher: &mut Hasher) -> io::Result<()> {
    let mut buf = vec![0; 32768];
    while let Ok(n) = file.read(&mut buf) {
        hasher.update(&buf[..n]);
    }
    Ok(())
}
async fn page(Query(query): Query<Page>) -> Markup {
    html! { option value="10" selected[query.per_page == 10] { "10" } }
}
"#,
    );
}
