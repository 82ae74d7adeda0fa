//! How the server starts and ends, and what it says to messages it does not know.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{Client, PATIENCE, Start, frame, read_message, wait_exit};
use crate::project::Project;

const METHOD_NOT_FOUND: i64 = -32601;
const INVALID_REQUEST: i64 = -32600;
const NOT_INITIALIZED: i64 = -32002;

fn bare() -> Value {
    json!({ "processId": null, "rootUri": null, "capabilities": {} })
}

#[test]
fn exit_after_shutdown_ends_with_zero_while_stdin_stays_open() {
    let mut client = Client::start(&Start { arguments: &["--stdio"], ..Start::default() });
    client.initialize(bare());
    assert_eq!(client.call("shutdown", Value::Null), Value::Null);
    client.notify("exit", Value::Null);
    assert_eq!(client.wait_exit().code(), Some(0));
    assert!(client.stdin.is_some());
}

#[test]
fn exit_without_shutdown_ends_with_one() {
    let mut client = Client::start(&Start::default());
    client.initialize(bare());
    client.notify("exit", Value::Null);
    assert_eq!(client.wait_exit().code(), Some(1));
    // Before `initialize` as well.
    let mut client = Client::start(&Start::default());
    client.notify("exit", Value::Null);
    assert_eq!(client.wait_exit().code(), Some(1));
}

#[test]
fn exit_right_behind_shutdown_still_ends_with_zero() {
    let mut client = Client::start(&Start::default());
    client.initialize(bare());
    let mut both = frame(&json!({ "jsonrpc": "2.0", "id": 7, "method": "shutdown" }));
    both.extend(frame(&json!({ "jsonrpc": "2.0", "method": "exit" })));
    client.send_raw(&both);
    assert_eq!(client.wait_exit().code(), Some(0));
}

#[test]
fn the_end_of_stdin_ends_the_server() {
    let mut client = Client::start(&Start::default());
    client.initialize(bare());
    client.stdin = None;
    assert_eq!(client.wait_exit().code(), Some(1));
    let mut client = Client::start(&Start::default());
    client.initialize(bare());
    client.call("shutdown", Value::Null);
    client.stdin = None;
    assert_eq!(client.wait_exit().code(), Some(0));
}

fn say(stdin: &mut impl Write, message: &Value) {
    stdin.write_all(&frame(message)).expect("the server reads");
}

/// Opens a document with a number of findings, and reads none of them for a moment.
fn open_and_wait(stdin: &mut impl Write, stdout: &mut impl BufRead, findings: usize) {
    say(stdin, &json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": bare() }));
    assert_eq!(read_message(stdout).map(|answer| answer["id"].clone()), Some(json!(1)));
    say(stdin, &json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }));
    let source = "fn f() { x.unwrap(); }\n".repeat(findings);
    let document = json!({
        "uri": "untitled:a.rs", "languageId": "rust", "version": 1, "text": source });
    let params = json!({ "textDocument": document });
    say(stdin, &json!({ "jsonrpc": "2.0", "method": "textDocument/didOpen", "params": params }));
    std::thread::sleep(Duration::from_millis(500));
}

/// A client that has stopped reading keeps `exit` from being reached by way of the output.
#[test]
fn exit_is_honoured_while_nobody_reads_the_output() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_readiness-lsp"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the server starts");
    let mut stdin = child.stdin.take().expect("piped");
    let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
    // More diagnostics than a pipe holds.
    open_and_wait(&mut stdin, &mut stdout, 2_000);
    say(&mut stdin, &json!({ "jsonrpc": "2.0", "method": "exit" }));
    assert_eq!(wait_exit(&mut child).code(), Some(1));
}

/// Node gives its children a socket for each stream; others give them one for both.
#[cfg(unix)]
#[test]
fn sockets_do_as_well_as_pipes() {
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixStream;

    let talks_over = |to: (UnixStream, UnixStream), from: (UnixStream, UnixStream)| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_readiness-lsp"))
            .stdin(OwnedFd::from(to.1))
            .stdout(OwnedFd::from(from.1))
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        from.0.set_read_timeout(Some(PATIENCE)).expect("a time limit");
        let (mut stdin, mut stdout) = (to.0, BufReader::new(from.0));
        // More diagnostics than a socket holds.
        open_and_wait(&mut stdin, &mut stdout, 3_000);
        let published = std::iter::from_fn(|| read_message(&mut stdout))
            .find(|message| message["method"] == "textDocument/publishDiagnostics")
            .expect("diagnostics");
        assert_eq!(published["params"]["diagnostics"].as_array().map(Vec::len), Some(3_000));
        say(&mut stdin, &json!({ "jsonrpc": "2.0", "id": 2, "method": "shutdown" }));
        say(&mut stdin, &json!({ "jsonrpc": "2.0", "method": "exit" }));
        assert_eq!(wait_exit(&mut child).code(), Some(0));
    };
    let pair = || UnixStream::pair().expect("sockets");
    talks_over(pair(), pair());
    let (ours, theirs) = pair();
    let again = |it: &UnixStream| it.try_clone().expect("a second handle");
    talks_over((again(&ours), again(&theirs)), (ours, theirs));
}

#[cfg(unix)]
fn dies_with(parent_in: impl FnOnce(u32) -> (Vec<String>, Value)) {
    let mut parent = Command::new("sleep").arg("600").spawn().expect("sleep starts");
    let (arguments, params) = parent_in(parent.id());
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut client = Client::start(&Start { arguments: &arguments, ..Start::default() });
    client.initialize(params);
    assert!(client.child.try_wait().expect("waited").is_none());
    parent.kill().expect("killed");
    parent.wait().expect("reaped");
    assert_eq!(client.wait_exit().code(), Some(1));
    assert!(client.stdin.is_some());
}

#[cfg(unix)]
#[test]
fn the_death_of_the_client_ends_the_server() {
    dies_with(|id| (vec![], json!({ "processId": id, "rootUri": null, "capabilities": {} })));
    dies_with(|id| (vec!["--stdio".into(), format!("--clientProcessId={id}")], bare()));
}

/// What the server writes to stderr fails then, which must not keep it alive.
#[cfg(unix)]
#[test]
fn the_death_of_the_client_ends_the_server_after_stderr_is_gone() {
    let mut parent = Command::new("sleep").arg("600").spawn().expect("sleep starts");
    let mut child = Command::new(env!("CARGO_BIN_EXE_readiness-lsp"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the server starts");
    drop(child.stderr.take());
    let mut stdin = child.stdin.take().expect("piped");
    let params = json!({ "processId": parent.id(), "rootUri": null, "capabilities": {} });
    let request = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params });
    stdin.write_all(&frame(&request)).expect("the server reads");
    let mut stdout = child.stdout.take().expect("piped");
    let mut byte = [0];
    std::io::Read::read_exact(&mut stdout, &mut byte).expect("the server answers");
    parent.kill().expect("killed");
    parent.wait().expect("reaped");
    assert_eq!(wait_exit(&mut child).code(), Some(1));
}

#[test]
fn requests_need_initialize_first_and_end_with_shutdown() {
    let project = Project::new(&[]);
    let uri = project.uri("src/lib.rs");
    let hover = json!({
        "textDocument": { "uri": uri }, "position": { "line": 0, "character": 0 } });
    let mut client = Client::start(&Start::default());
    assert_eq!(client.fails("textDocument/hover", hover.clone()), NOT_INITIALIZED);
    // Notifications before it are dropped.
    client.did_open(&uri, "fn f() { x.unwrap(); }\n");
    let result = client.initialize(bare());
    assert_eq!(result["serverInfo"]["name"], "readiness-lsp");
    assert_eq!(client.hover(&uri, 0, 12), Value::Null);
    assert_eq!(client.fails("initialize", bare()), INVALID_REQUEST);
    client.call("shutdown", Value::Null);
    assert_eq!(client.fails("textDocument/hover", hover), INVALID_REQUEST);
    assert_eq!(client.fails("shutdown", Value::Null), INVALID_REQUEST);
    client.notify("exit", Value::Null);
    assert_eq!(client.wait_exit().code(), Some(0));
}

#[test]
fn what_is_unknown_is_answered_or_passed_over() {
    let mut client = Client::open(&[], json!({}));
    assert_eq!(client.fails("textDocument/sing", json!({})), METHOD_NOT_FOUND);
    client.notify("textDocument/didSing", json!({}));
    client.notify("$/setTrace", json!({ "value": "off" }));
    client.notify("$/unheardOf", Value::Null);
    client.notify("textDocument/didChange", json!({ "nonsense": true }));
    client.notify("$/cancelRequest", json!({ "id": 424_242 }));
    // A response to a request that was never made.
    client.send(&json!({ "jsonrpc": "2.0", "id": 99, "result": null }));
    client.did_open("untitled:a.rs", "fn f() { x.unwrap(); }\n");
    assert_eq!(client.wait_count("untitled:a.rs", 1).len(), 1);
}

#[test]
fn a_request_that_is_cancelled_is_answered_all_the_same() {
    let source = "fn f() { x.unwrap(); }\n".repeat(3_000);
    let mut client = Client::open(&[], json!({}));
    client.did_open("untitled:a.rs", &source);
    let params = json!({
        "textDocument": { "uri": "untitled:a.rs" }, "position": { "line": 2, "character": 12 } });
    let ids: Vec<i64> =
        (0..40).map(|_| client.request("textDocument/hover", params.clone())).collect();
    for id in &ids {
        client.notify("$/cancelRequest", json!({ "id": id }));
    }
    for id in ids {
        let response = client.response(id);
        let cancelled = response["error"]["code"] == -32800;
        assert!(cancelled || response["result"].is_object(), "{response}");
    }
    assert!(client.hover("untitled:a.rs", 2, 12).is_object());
}
