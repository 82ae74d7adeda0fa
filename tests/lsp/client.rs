//! A language client over pipes: as small as one can be that sees everything the server says.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// A net under the tests: nothing in them takes this long unless the server hangs.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub struct Client {
    pub child: Child,
    pub stdin: Option<ChildStdin>,
    inbox: Receiver<Value>,
    next_id: i64,
    responses: HashMap<i64, Value>,
    /// Requests of the server, oldest first, that were not answered.
    pub unanswered: Vec<Value>,
    /// Methods of all requests that the server made.
    pub asked: Vec<Value>,
    pub notifications: Vec<Value>,
    /// Whether requests of the server are answered as they come.
    pub answers: bool,
    /// What `workspace/configuration` is answered with.
    pub settings: Value,
    /// The rule pages are written below this folder.
    pub cache: tempfile::TempDir,
}

/// How a server is started.
#[derive(Default)]
pub struct Start<'a> {
    pub arguments: &'a [&'a str],
    pub environment: &'a [(&'a str, &'a Path)],
}

impl Client {
    pub fn start(start: &Start<'_>) -> Self {
        let cache = tempfile::tempdir().expect("a temporary folder");
        let mut child = Command::new(env!("CARGO_BIN_EXE_readiness-lsp"))
            .args(start.arguments)
            .env("XDG_CACHE_HOME", cache.path())
            .envs(start.environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().expect("piped");
        let (sender, inbox) = channel();
        std::thread::spawn(move || {
            let mut reader = BufReader::new(stdout);
            while let Some(message) = read_message(&mut reader) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        Self {
            child,
            stdin,
            inbox,
            next_id: 0,
            responses: HashMap::new(),
            unanswered: Vec::new(),
            asked: Vec::new(),
            notifications: Vec::new(),
            answers: true,
            settings: Value::Null,
            cache,
        }
    }

    /// A server that is initialised for some folders.
    pub fn open(folders: &[&str], capabilities: Value) -> Self {
        let folders: Vec<Value> =
            folders.iter().map(|uri| json!({ "uri": uri, "name": "folder" })).collect();
        let mut client = Self::start(&Start::default());
        client.initialize(json!({
            "processId": null,
            "rootUri": null,
            "workspaceFolders": folders,
            "capabilities": capabilities,
        }));
        client
    }

    pub fn initialize(&mut self, params: Value) -> Value {
        let result = self.call("initialize", params);
        self.notify("initialized", json!({}));
        result
    }

    pub fn send(&mut self, message: &Value) {
        self.send_raw(&frame(message));
    }

    pub fn send_raw(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().expect("stdin is open");
        stdin.write_all(bytes).and_then(|()| stdin.flush()).expect("the server reads");
    }

    pub fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request and returns its id.
    pub fn request(&mut self, method: &str, params: Value) -> i64 {
        self.next_id += 1;
        let id = self.next_id;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// The whole response to a request.
    pub fn response(&mut self, id: i64) -> Value {
        self.until(&format!("a response to {id}"), |client| client.responses.remove(&id))
    }

    /// The result of a request that must succeed.
    pub fn call(&mut self, method: &str, params: Value) -> Value {
        let id = self.request(method, params);
        let mut response = self.response(id);
        assert!(response.get("error").is_none(), "{method}: {response}");
        response["result"].take()
    }

    /// The error code of a request that must fail.
    pub fn fails(&mut self, method: &str, params: Value) -> i64 {
        let id = self.request(method, params);
        let response = self.response(id);
        response["error"]["code"].as_i64().unwrap_or_else(|| panic!("{method}: {response}"))
    }

    /// Takes messages in until `find` has what it looks for.
    pub fn until<T>(&mut self, what: &str, mut find: impl FnMut(&mut Self) -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = find(self) {
                return found;
            }
            match self.inbox.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(message) => self.take(message),
                Err(RecvTimeoutError::Timeout) => {
                    panic!("waited too long for {what}; last {:?}", self.notifications.last())
                }
                Err(RecvTimeoutError::Disconnected) => panic!("the server ended before {what}"),
            }
        }
    }

    fn take(&mut self, message: Value) {
        match (message.get("method").is_some(), message.get("id")) {
            (true, Some(_)) => {
                self.asked.push(message.clone());
                if self.answers { self.answer(&message) } else { self.unanswered.push(message) }
            }
            (true, None) => self.notifications.push(message),
            (false, Some(id)) => {
                // An error without an id answers what could not be read.
                self.responses.insert(id.as_i64().unwrap_or(-1), message);
            }
            (false, None) => panic!("no message of JSON-RPC: {message}"),
        }
    }

    fn answer(&mut self, request: &Value) {
        let result = match request["method"].as_str() {
            Some("workspace/configuration") => json!([self.settings]),
            _ => Value::Null,
        };
        let id = &request["id"];
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "result": result }));
    }

    /// Answers what was not answered, and from now on everything.
    pub fn answer_all(&mut self) {
        self.answers = true;
        for request in std::mem::take(&mut self.unanswered) {
            self.answer(&request);
        }
    }

    pub fn wait_asked(&mut self, method: &str) -> Value {
        self.until(method, |client| client.asked.iter().find(|it| it["method"] == method).cloned())
    }

    /// What was published for a document, oldest first.
    pub fn published(&self, uri: &str) -> Vec<Value> {
        let of_uri = |it: &&Value| {
            it["method"] == "textDocument/publishDiagnostics" && it["params"]["uri"] == uri
        };
        self.notifications.iter().filter(of_uri).map(|it| it["params"].clone()).collect()
    }

    /// Waits until the last diagnostics of a document are as wanted, and returns them.
    pub fn wait_published(&mut self, uri: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        self.until("diagnostics", |client| {
            client.published(uri).pop().filter(|params| wanted(params))
        })
    }

    /// Waits until a document has a number of diagnostics.
    pub fn wait_count(&mut self, uri: &str, count: usize) -> Vec<Value> {
        let params = self.wait_published(uri, |params| diagnostics(params).len() == count);
        diagnostics(&params).clone()
    }

    /// Waits until a folder was reviewed once more; needs a client with progress.
    pub fn wait_indexed(&mut self) {
        let end =
            |it: &Value| it["method"] == "$/progress" && it["params"]["value"]["kind"] == "end";
        self.until("the end of progress", |client| {
            let at = client.notifications.iter().position(end)?;
            Some(client.notifications.remove(at))
        });
    }

    pub fn did_open(&mut self, uri: &str, text: &str) {
        self.notify(
            "textDocument/didOpen",
            json!({ "textDocument": {
                "uri": uri, "languageId": "rust", "version": 1, "text": text } }),
        );
    }

    /// Sends changes in the order given.
    pub fn did_change(&mut self, uri: &str, version: i32, changes: Value) {
        self.notify(
            "textDocument/didChange",
            json!({
                "textDocument": { "uri": uri, "version": version },
                "contentChanges": changes,
            }),
        );
    }

    pub fn replace(&mut self, uri: &str, version: i32, text: &str) {
        self.did_change(uri, version, json!([{ "text": text }]));
    }

    pub fn did_close(&mut self, uri: &str) {
        self.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    }

    pub fn hover(&mut self, uri: &str, line: u32, character: u32) -> Value {
        self.call(
            "textDocument/hover",
            json!({
                "textDocument": { "uri": uri },
                "position": { "line": line, "character": character },
            }),
        )
    }

    /// The diagnostics of a document as a client that asks for them gets them.
    pub fn pull(&mut self, uri: &str, previous: Option<&str>) -> Value {
        self.call(
            "textDocument/diagnostic",
            json!({ "textDocument": { "uri": uri }, "previousResultId": previous }),
        )
    }

    /// Asks for diagnostics, again and again, until there are as many as wanted. What makes them
    /// change may have been said while an answer was on its way.
    pub fn wait_pulled(&mut self, uri: &str, count: usize) {
        let end = Instant::now() + PATIENCE;
        loop {
            let report = self.pull(uri, None);
            let items = report["items"].as_array().expect("a full report");
            if items.len() == count {
                return;
            }
            assert!(Instant::now() < end, "waited too long for {count} diagnostics: {report}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn actions(&mut self, uri: &str, range: &Value, only: Option<&[&str]>) -> Vec<Value> {
        let mut context = json!({ "diagnostics": [] });
        if let Some(only) = only {
            context["only"] = json!(only);
        }
        let params = json!({ "textDocument": { "uri": uri }, "range": range, "context": context });
        let result = self.call("textDocument/codeAction", params);
        result.as_array().cloned().unwrap_or_default()
    }

    /// Waits until the process has ended by itself.
    pub fn wait_exit(&mut self) -> ExitStatus {
        wait_exit(&mut self.child)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn wait_exit(child: &mut Child) -> ExitStatus {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait().expect("the process can be waited for") {
            return status;
        }
        assert!(Instant::now() < end, "the process does not end");
        std::thread::sleep(Duration::from_millis(10));
    }
}

pub fn frame(message: &Value) -> Vec<u8> {
    let body = message.to_string();
    format!("Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

pub fn read_message(reader: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("Content-Length: ") {
            length = value.parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}

pub fn diagnostics(params: &Value) -> &Vec<Value> {
    params["diagnostics"].as_array().expect("a list of diagnostics")
}

/// The start of a diagnostic: line and column.
pub fn start_of(diagnostic: &Value) -> (u64, u64) {
    let start = &diagnostic["range"]["start"];
    (start["line"].as_u64().unwrap_or(9_999), start["character"].as_u64().unwrap_or(9_999))
}

pub fn range(from: (u32, u32), to: (u32, u32)) -> Value {
    json!({
        "start": { "line": from.0, "character": from.1 },
        "end": { "line": to.0, "character": to.1 },
    })
}

/// A change that replaces a range.
pub fn change(from: (u32, u32), to: (u32, u32), text: &str) -> Value {
    json!({ "range": range(from, to), "text": text })
}
