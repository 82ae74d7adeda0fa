//! The frames in which messages come from the client.
//!
//! tower-lsp ends with the first one that it cannot read. An editor that starts the server again
//! sends the same message once more, so here each one is looked at before it gets there: what cannot
//! be read is answered, and the search goes on at the next header.

use bytes::{Buf, BytesMut};
use serde::Deserialize;
use serde_json::{Value, json};
use tower_lsp::jsonrpc::{self, ErrorCode};

/// A body may have so many bytes: a text of the size that files may have, with every character
/// escaped.
const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

/// Lines that are longer hold no header.
const MAX_LINE_BYTES: usize = 8 * 1024;

const CONTENT_LENGTH: &[u8] = b"content-length:";

/// What came from the client.
#[derive(Debug, PartialEq)]
pub enum Incoming {
    /// A message that tower-lsp can read.
    Message {
        /// What it asks for; nothing for a response.
        method: Option<String>,
        /// The message as JSON.
        body: Vec<u8>,
    },
    /// The answer to something that is no message.
    Refused(Value),
}

/// Splits bytes into messages.
#[derive(Debug, Default)]
pub struct Frames {
    bytes: BytesMut,
    /// So many of the bytes were searched for the end of a line, or for the end of the body.
    searched: usize,
    /// Of the headers that are being read: how long the body is.
    length: Option<usize>,
    /// Whether the headers have ended.
    in_body: bool,
    /// Whether the client was told that it sends what is no message, since the last one that was.
    is_told: bool,
}

impl Frames {
    /// Takes in what was read.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next message, or an answer; nothing before more was read.
    pub fn next(&mut self) -> Option<Incoming> {
        loop {
            if self.in_body {
                let body = self.body()?;
                return Some(self.message(body));
            }
            let line = self.line()?;
            if let Err(problem) = self.header(&line)
                && !std::mem::replace(&mut self.is_told, true)
            {
                return Some(refusal(Value::Null, ErrorCode::ParseError, problem));
            }
        }
    }

    fn body(&mut self) -> Option<Vec<u8>> {
        let length = self.length.filter(|length| *length <= self.bytes.len())?;
        (self.length, self.in_body) = (None, false);
        Some(self.bytes.split_to(length).to_vec())
    }

    /// A line without its end. Of a long one only the last bytes, which may begin a header.
    fn line(&mut self) -> Option<Vec<u8>> {
        let found = memchr::memchr(b'\n', self.bytes.get(self.searched..)?);
        let Some(end) = found.map(|at| self.searched + at) else {
            if self.bytes.len() > MAX_LINE_BYTES {
                self.bytes.advance(self.bytes.len() - MAX_LINE_BYTES / 2);
            }
            self.searched = self.bytes.len();
            return None;
        };
        self.searched = 0;
        Some(self.bytes.split_to(end + 1).trim_ascii_end().to_vec())
    }

    /// Reads a line of the headers.
    fn header(&mut self, line: &[u8]) -> Result<(), &'static str> {
        if line.is_empty() {
            return match self.length {
                Some(length) if length > MAX_BODY_BYTES => {
                    self.length = None;
                    Err("the message is too large")
                }
                Some(_) => {
                    self.in_body = true;
                    Ok(())
                }
                // Between two messages, or behind what was refused.
                None => Ok(()),
            };
        }
        match find_length(line) {
            Some(at) => {
                let value = line.get(at + CONTENT_LENGTH.len()..).unwrap_or_default();
                let value = std::str::from_utf8(value).unwrap_or_default().trim();
                self.length = value.parse().ok();
                // Behind the rest of a body that is longer than it was said to be.
                let is_alone = at == 0 && self.length.is_some();
                if is_alone { Ok(()) } else { Err("invalid `Content-Length`") }
            }
            None if is_header(line) => Ok(()),
            None => Err("a line that is no header"),
        }
    }

    /// Looks at a body before tower-lsp does.
    fn message(&mut self, mut body: Vec<u8>) -> Incoming {
        if std::str::from_utf8(&body).is_err() {
            return self.refuse_body(&body, "the message is not UTF-8");
        }
        replace_lone_surrogates(&mut body);
        // An array could be taken for the fields in order.
        let is_object = body.trim_ascii_start().starts_with(b"{");
        if is_object && let Ok(message) = serde_json::from_slice::<Message>(&body) {
            self.is_told = false;
            return message.checked(body);
        }
        match serde_json::from_slice::<Value>(&body) {
            Ok(value) => {
                self.is_told = false;
                let problem = "neither a request nor a response";
                refusal(id_of(&value["id"]), ErrorCode::InvalidRequest, problem)
            }
            Err(error) => self.refuse_body(&body, &error.to_string()),
        }
    }

    /// Answers a body that cannot be read. Its length may have been wrong, so that the next header
    /// begins in it: it is searched as headers are.
    fn refuse_body(&mut self, body: &[u8], problem: &str) -> Incoming {
        let rest = std::mem::replace(&mut self.bytes, BytesMut::from(body));
        self.bytes.unsplit(rest);
        self.is_told = true;
        refusal(Value::Null, ErrorCode::ParseError, problem)
    }
}

/// A request, a notification or a response.
#[derive(Deserialize)]
struct Message {
    jsonrpc: String,
    #[serde(default, deserialize_with = "present")]
    id: Option<Value>,
    method: Option<String>,
    #[serde(rename = "params")]
    _params: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    result: Option<Value>,
    error: Option<Value>,
}

/// `null` is a value as well.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl Message {
    fn checked(self, body: Vec<u8>) -> Incoming {
        let id = self.id.as_ref().map(id_of);
        let invalid =
            |problem| refusal(id.clone().unwrap_or_default(), ErrorCode::InvalidRequest, problem);
        let has_valid_id =
            self.id.as_ref().is_none_or(|id| id.is_null() || id.is_string() || id.is_i64());
        if self.jsonrpc != "2.0" {
            return invalid("`jsonrpc` is not \"2.0\"");
        }
        if !has_valid_id {
            return invalid("`id` is neither an integer nor a string");
        }
        if self.method.is_some() {
            return Incoming::Message { method: self.method, body };
        }
        match (self.id, self.error) {
            (Some(id), Some(error)) if !is_error(&error) => {
                let error = jsonrpc::Error::internal_error();
                let body = json!({ "jsonrpc": "2.0", "id": id, "error": error }).to_string();
                Incoming::Message { method: None, body: body.into_bytes() }
            }
            (Some(_), Some(_)) => Incoming::Message { method: None, body },
            (Some(_), None) if self.result.is_some() => Incoming::Message { method: None, body },
            _ => invalid("neither a request nor a response"),
        }
    }
}

fn is_error(error: &Value) -> bool {
    jsonrpc::Error::deserialize(error).is_ok()
}

/// The id to answer with: that of the request, when it is something that an id may be.
fn id_of(id: &Value) -> Value {
    if id.is_number() || id.is_string() { id.clone() } else { Value::Null }
}

fn refusal(id: Value, code: ErrorCode, problem: &str) -> Incoming {
    let error = json!({ "code": code.code(), "message": problem });
    Incoming::Refused(json!({ "jsonrpc": "2.0", "id": id, "error": error }))
}

/// Where in a line the name of the header is, in any case.
fn find_length(line: &[u8]) -> Option<usize> {
    line.windows(CONTENT_LENGTH.len()).position(|it| it.eq_ignore_ascii_case(CONTENT_LENGTH))
}

fn is_header(line: &[u8]) -> bool {
    let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
    name.len() < line.len()
        && !name.is_empty()
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
}

/// Puts U+FFFD where a surrogate stands by itself. Editors whose strings are UTF-16 may send half a
/// character; refused, the text of the document would no longer be that of the editor. The
/// replacement counts as one unit, too, so that positions stay right.
fn replace_lone_surrogates(json: &mut [u8]) {
    let mut at = 0;
    while let Some(found) = json.get(at..).and_then(|rest| memchr::memchr(b'\\', rest)) {
        at += found;
        at += match surrogate(json, at) {
            // The second half follows the first one.
            Some(first)
                if first < 0xDC00
                    && surrogate(json, at + 6).is_some_and(|second| second >= 0xDC00) =>
            {
                12
            }
            Some(_) => {
                if let Some(digits) = json.get_mut(at + 2..at + 6) {
                    digits.copy_from_slice(b"fffd");
                }
                6
            }
            None => 2,
        };
    }
}

/// The surrogate that is escaped at a place.
fn surrogate(json: &[u8], at: usize) -> Option<u16> {
    let digits = json.get(at..at + 6)?.strip_prefix(b"\\u")?;
    let digits = std::str::from_utf8(digits).ok()?;
    let unit = u16::from_str_radix(digits, 16).ok()?;
    (0xD800..0xE000).contains(&unit).then_some(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTE: &str = r#"{"jsonrpc":"2.0","method":"a"}"#;

    fn frame(body: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    }

    /// The methods of messages, and the codes of answers.
    fn read(bytes: &[u8]) -> Vec<String> {
        let whole = read_by(bytes, bytes.len().max(1));
        assert_eq!(whole, read_by(bytes, 1), "{}", String::from_utf8_lossy(bytes));
        whole
    }

    fn read_by(bytes: &[u8], step: usize) -> Vec<String> {
        let mut frames = Frames::default();
        let mut found = Vec::new();
        for part in bytes.chunks(step) {
            frames.push(part);
            while let Some(next) = frames.next() {
                found.push(match next {
                    Incoming::Message { method, .. } => method.unwrap_or("response".to_string()),
                    Incoming::Refused(answer) => answer["error"]["code"].to_string(),
                });
            }
        }
        found
    }

    #[test]
    fn headers_are_read_in_every_spelling() {
        let body = NOTE;
        let length = body.len();
        for head in [
            format!("Content-Length: {length}\r\n\r\n"),
            format!("content-length:{length}\n\n"),
            format!("CONTENT-LENGTH:  {length}  \r\n\r\n"),
            format!("Content-Type: application/vscode-jsonrpc\r\nContent-Length: {length}\r\n\r\n"),
            format!("\r\n\r\nContent-Length: {length}\r\nX-Other: 1\r\n\r\n"),
        ] {
            assert_eq!(read(format!("{head}{body}").as_bytes()), ["a"], "{head}");
        }
    }

    #[test]
    fn what_is_no_message_is_answered_and_passed_over() {
        let next = frame(NOTE);
        for (bytes, code) in [
            (frame("{\"jsonrpc\": "), "-32700"),
            (frame(""), "-32700"),
            (frame("[]"), "-32600"),
            (frame(&format!("[{NOTE}]")), "-32600"),
            (frame("{}"), "-32600"),
            (frame("null"), "-32600"),
            (frame(r#"{"jsonrpc":"1.0","method":"a"}"#), "-32600"),
            (frame(r#"{"jsonrpc":"2.0","method":5}"#), "-32600"),
            (frame(r#"{"jsonrpc":"2.0","method":"a","method":"b"}"#), "-32600"),
            (frame(r#"{"jsonrpc":"2.0","id":1.5,"method":"a"}"#), "-32600"),
            (frame(r#"{"jsonrpc":"2.0","id":[1],"method":"a"}"#), "-32600"),
            (frame(r#"{"jsonrpc":"2.0","id":18446744073709551615,"method":"a"}"#), "-32600"),
            (frame(r#"{"jsonrpc":"2.0","id":1}"#), "-32600"),
            (frame(r#"{"jsonrpc":"2.0","method":"a","params":1e999}"#), "-32700"),
            ("no header\r\n".to_string(), "-32700"),
            ("Content-Length: many\r\n\r\n{}".to_string(), "-32700"),
            ("Content-Type: text/plain\r\n\r\n{}".to_string(), "-32700"),
            ("Content-Length: 99999999999\r\n\r\n{}".to_string(), "-32700"),
            ("Content-Length: 999999999999999999999999\r\n\r\n{}".to_string(), "-32700"),
            (format!("Content-Length: 5\r\n\r\n{NOTE}"), "-32700"),
            (format!("Content-Length: {}\r\n\r\n{NOTE}", NOTE.len() + 9), "-32700"),
            ("x".repeat(3 * MAX_LINE_BYTES), "-32700"),
        ] {
            assert_eq!(read(format!("{bytes}{next}").as_bytes()), [code, "a"], "{bytes:.99}");
        }
        let latin = b"Content-Length: 2\r\n\r\n\xe9\"".as_slice();
        assert_eq!(read(&[latin, next.as_bytes()].concat()), ["-32700", "a"]);
    }

    /// Whatever is sent before it, a message is read that comes behind a line end.
    #[test]
    fn random_bytes_do_not_hide_the_next_message() {
        let seconds = std::env::var("READINESS_FUZZ_SECONDS").ok().and_then(|it| it.parse().ok());
        let end = std::time::Instant::now() + std::time::Duration::from_secs(seconds.unwrap_or(1));
        let mut random = fastrand::Rng::with_seed(7);
        let parts = [
            "Content-Length: ",
            "content-length:",
            "30",
            "5",
            "\r\n",
            "\n",
            "\r\n\r\n",
            NOTE,
            "{}",
            "[",
            "\"",
            "x: y",
            "\\ud800",
            "99999999999",
            " ",
            "\u{e9}",
            "null",
            "{\"jsonrpc\":\"2.0\",\"id\":",
        ];
        while std::time::Instant::now() < end {
            let mut bytes: Vec<u8> = Vec::new();
            for _ in 0..random.usize(..12) {
                match random.u8(..8) {
                    0 => bytes.push(random.u8(..)),
                    _ => bytes.extend(parts[random.usize(..parts.len())].bytes()),
                }
            }
            let mut frames = Frames::default();
            for part in bytes.chunks(random.usize(1..40)) {
                frames.push(part);
                while frames.next().is_some() {}
            }
            frames.push(b"\n\n");
            while frames.next().is_some() {}
            // A body that is waited for ends within the first of them.
            let limit = if frames.in_body { frames.length.unwrap_or_default() } else { 0 };
            if limit > 10_000 {
                continue;
            }
            let mut found = 0;
            for _ in 0..limit / NOTE.len() + 20 {
                frames.push(b"\n\n");
                frames.push(frame(NOTE).as_bytes());
                while let Some(next) = frames.next() {
                    found += usize::from(matches!(next, Incoming::Message { .. }));
                }
            }
            assert!(found > 10, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn an_answer_has_the_id_of_the_request() {
        let mut frames = Frames::default();
        frames.push(frame(r#"{"jsonrpc":"2.0","id":1.5,"method":"a"}"#).as_bytes());
        let Some(Incoming::Refused(answer)) = frames.next() else { panic!("not refused") };
        assert_eq!(answer["id"], 1.5);
    }

    #[test]
    fn responses_pass_and_their_errors_can_be_read() {
        assert_eq!(
            read(frame(r#"{"jsonrpc":"2.0","id":1,"result":null}"#).as_bytes()),
            ["response"]
        );
        let mut frames = Frames::default();
        frames.push(frame(r#"{"jsonrpc":"2.0","id":1,"error":"no"}"#).as_bytes());
        let Some(Incoming::Message { body, .. }) = frames.next() else { panic!("refused") };
        let body: Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(body["error"]["code"], -32603);
    }

    #[test]
    fn half_a_character_is_replaced() {
        for (from, to) in [
            (r#""a\ud800b""#, r#""a\ufffdb""#),
            (r#""\uDE00""#, r#""\ufffd""#),
            (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
            (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
            (r#""\\ud800""#, r#""\\ud800""#),
            (r#""\ud8""#, r#""\ud8""#),
        ] {
            let mut json = from.as_bytes().to_vec();
            replace_lone_surrogates(&mut json);
            assert_eq!(String::from_utf8_lossy(&json), to);
        }
    }
}
