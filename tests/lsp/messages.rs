//! Messages that cannot be read are answered, and the next one is read.

use std::io::{BufReader, Write};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::client::{Client, Start, change, frame, read_message, wait_exit};

fn bare() -> Value {
    json!({ "processId": null, "rootUri": null, "capabilities": {} })
}

const PARSE_ERROR: i64 = -32700;
const INVALID_REQUEST: i64 = -32600;

#[test]
fn what_is_no_message_is_answered_and_the_next_one_is_read() {
    let body =
        |text: &[u8]| [format!("Content-Length: {}\r\n\r\n", text.len()).as_bytes(), text].concat();
    for (bytes, code) in [
        (body(b"{\"jsonrpc\": \"2.0\", "), PARSE_ERROR),
        (body(b"\xff\xfe\xff\xfe"), PARSE_ERROR),
        (body(b"[]"), INVALID_REQUEST),
        (body(b"[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"shutdown\"}]"), INVALID_REQUEST),
        (body(b"{}"), INVALID_REQUEST),
        (body(b"null"), INVALID_REQUEST),
        (b"what is this?\r\n".to_vec(), PARSE_ERROR),
        (b"Content-Length: many\r\n\r\n{}".to_vec(), PARSE_ERROR),
        (b"Content-Type: text/plain\r\n\r\n{}".to_vec(), PARSE_ERROR),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(), PARSE_ERROR),
        (b"Content-Length: 99999999999\r\n\r\n{}".to_vec(), PARSE_ERROR),
    ] {
        let mut client = Client::start(&Start::default());
        // Before `initialize` as well as behind it.
        client.send_raw(&bytes);
        client.initialize(bare());
        assert_eq!(client.response(-1)["error"]["code"], code, "{}", bytes.escape_ascii());
        client.send_raw(&bytes);
        client.did_open("untitled:a.rs", "fn f() { x.unwrap(); }\n");
        client.wait_count("untitled:a.rs", 1);
        assert_eq!(client.response(-1)["error"]["code"], code, "{}", bytes.escape_ascii());
        client.call("shutdown", Value::Null);
        client.notify("exit", Value::Null);
        assert_eq!(client.wait_exit().code(), Some(0));
    }
}

#[test]
fn a_request_with_a_fractional_id_is_refused_by_it() {
    let mut client = Client::open(&[], json!({}));
    client.send(&json!({ "jsonrpc": "2.0", "id": 1.5, "method": "shutdown" }));
    let refused = client.response(-1);
    assert_eq!((&refused["id"], &refused["error"]["code"]), (&json!(1.5), &json!(INVALID_REQUEST)));
    client.call("shutdown", Value::Null);
}

#[test]
fn headers_may_be_spelled_in_other_ways() {
    let note = |text: &str| {
        let document = json!({
            "uri": "untitled:a.rs", "languageId": "rust", "version": 1, "text": text });
        let params = json!({ "textDocument": document });
        json!({ "jsonrpc": "2.0", "method": "textDocument/didOpen", "params": params }).to_string()
    };
    for (name, end) in
        [("content-length: ", "\r\n"), ("Content-Length:", "\r\n"), ("Content-Length: ", "\n")]
    {
        let mut client = Client::open(&[], json!({}));
        let body = note("fn f() { x.unwrap(); }\n");
        client.send_raw(format!("{name}{}{end}{end}{body}", body.len()).as_bytes());
        client.wait_count("untitled:a.rs", 1);
    }
}

/// The text stays that of the editor, where half a character is one unit as well.
#[test]
fn half_a_character_does_not_end_the_server() {
    let mut client = Client::open(&[], json!({}));
    client.did_open("untitled:a.rs", "fn f() { g(\"\"); x.unwrap(); }\n");
    client.wait_count("untitled:a.rs", 1);
    let text = r#"{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":
        {"uri":"untitled:a.rs","version":2},"contentChanges":[{"text":"\ud83d","range":
        {"start":{"line":0,"character":12},"end":{"line":0,"character":12}}}]}}"#;
    client.send_raw(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
    let published = client.wait_published("untitled:a.rs", |params| params["version"] == 2);
    assert_eq!(published["diagnostics"][0]["range"]["start"]["character"], 19);
}

#[test]
fn positions_that_no_text_has_are_refused_or_clamped() {
    let mut client = Client::open(&[], json!({}));
    let uri = "untitled:a.rs";
    client.did_open(uri, "fn f() { x.unwrap(); }\n");
    client.wait_count(uri, 1);
    let position = |line: i64, character: f64| {
        json!({ "textDocument": { "uri": uri },
            "position": { "line": line, "character": character } })
    };
    assert_eq!(client.fails("textDocument/hover", position(-1, 0.0)), -32602);
    assert_eq!(client.fails("textDocument/hover", position(0, 1.5)), -32602);
    client.did_change(
        uri,
        2,
        json!([{ "text": "", "range": {
        "start": { "line": -1, "character": 0 }, "end": { "line": 0, "character": 0 } } }]),
    );
    let end = (4_000_000_000, 4_000_000_000);
    client.did_change(uri, 3, json!([change(end, end, "fn g() { y.unwrap(); }\n")]));
    client.wait_count(uri, 2);
}

/// It answers nothing that anybody reads, and yet sees how its input ends.
#[test]
fn a_client_that_never_reads_can_end_the_server() {
    for ends_by_exit in [true, false] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_readiness-lsp"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let mut stdin = child.stdin.take().expect("piped");
        let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
        let mut say = |message: Value| stdin.write_all(&frame(&message)).expect("the server reads");
        say(json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": bare() }));
        read_message(&mut stdout).expect("an answer");
        say(json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }));
        let source = "fn f() { x.unwrap(); }\n".repeat(100);
        for document in 0..600 {
            let uri = format!("untitled:{document}.rs");
            let document =
                json!({ "uri": uri, "languageId": "rust", "version": 1, "text": source });
            let params = json!({ "textDocument": document });
            say(json!({ "jsonrpc": "2.0", "method": "textDocument/didOpen", "params": params }));
        }
        for id in 0..1_000 {
            let params = json!({ "textDocument": { "uri": "untitled:1.rs" },
                "position": { "line": 2, "character": 12 } });
            say(json!({ "jsonrpc": "2.0", "id": id + 2, "method": "textDocument/hover",
                "params": params }));
        }
        if ends_by_exit {
            say(json!({ "jsonrpc": "2.0", "method": "exit" }));
        } else {
            drop(stdin);
        }
        assert_eq!(wait_exit(&mut child).code(), Some(1));
    }
}
