//! The client's end of a language server.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

const ANSWER: Duration = Duration::from_secs(10);
/// A stroke that changes no diagnostic publishes nothing; it is not measured.
const NOTHING: Duration = Duration::from_millis(300);

pub struct Server {
    child: Child,
    input: ChildStdin,
    output: Receiver<(Instant, Value)>,
    uri: String,
    version: i32,
    /// Whether the server takes whole texts only.
    full_sync: bool,
}

impl Server {
    /// Starts a server; `options` are its `initializationOptions`, `folder` is where it works.
    pub fn start(command: &mut Command, options: &Value, folder: Option<&str>) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let input = child.stdin.take().expect("a pipe");
        let stdout = child.stdout.take().expect("a pipe");
        let (sender, output) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut stdout = BufReader::with_capacity(1 << 20, stdout);
            while let Some(body) = read(&mut stdout) {
                // What the client makes of the message is not the server's time.
                let at = Instant::now();
                let Ok(message) = serde_json::from_slice(&body) else { break };
                if sender.send((at, message)).is_err() {
                    break;
                }
            }
        });
        let uri = folder.map_or("untitled:bench.rs".to_string(), |it| format!("{it}/bench.rs"));
        let mut server = Self { child, input, output, uri, version: 0, full_sync: false };
        let publish = json!({
            "dataSupport": true,
            "codeDescriptionSupport": true,
            "relatedInformation": true,
            "versionSupport": true,
        });
        let folders = folder.map(|uri| json!([{ "uri": uri, "name": "bench" }]));
        server.send(&json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "processId": null,
            "rootUri": folder,
            "workspaceFolders": folders,
            "initializationOptions": options,
            "capabilities": { "textDocument": { "publishDiagnostics": publish } },
        } }));
        let answer = |message: &Value| message["id"] == 1;
        let (_, answer) = server.receive(ANSWER, answer).expect("an answer");
        let sync = &answer["result"]["capabilities"]["textDocumentSync"];
        let kind = sync.as_i64().or_else(|| sync["change"].as_i64());
        server.full_sync = kind == Some(1);
        server.notify("initialized", &json!({}));
        server
    }

    /// Opens the document and returns its diagnostics.
    pub fn open(&mut self, text: &str) -> Vec<Value> {
        let uri = &self.uri;
        let document = json!({ "uri": uri, "languageId": "rust", "version": 0, "text": text });
        self.notify("textDocument/didOpen", &json!({ "textDocument": document }));
        let (_, mut published) = self.receive(ANSWER, is_published).expect("diagnostics");
        match published["params"]["diagnostics"].take() {
            Value::Array(diagnostics) => diagnostics,
            _ => Vec::new(),
        }
    }

    /// Sends a stroke, or the text that it made, and waits for its diagnostics; nothing when they
    /// do not come.
    pub fn stroke(&mut self, change: &Value, after: impl Fn() -> String) -> Option<Duration> {
        self.version += 1;
        let change = if self.full_sync { json!({ "text": after() }) } else { change.clone() };
        let document = json!({ "uri": self.uri, "version": self.version });
        let params = json!({ "textDocument": document, "contentChanges": [change] });
        let version = self.version;
        let start = Instant::now();
        self.notify("textDocument/didChange", &params);
        let published = self.receive(NOTHING, |message| {
            is_published(message) && message["params"]["version"].as_i64() == Some(version.into())
        });
        std::thread::sleep(super::PAUSE);
        published.map(|(at, _)| at - start)
    }

    fn notify(&mut self, method: &str, params: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        let message = format!("Content-Length: {}\r\n\r\n{body}", body.len());
        self.input.write_all(message.as_bytes()).expect("it reads");
        self.input.flush().expect("it reads");
    }

    /// The first message that is wanted, with the time at which it was read.
    fn receive(
        &mut self,
        timeout: Duration,
        wanted: impl Fn(&Value) -> bool,
    ) -> Option<(Instant, Value)> {
        let end = Instant::now() + timeout;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let (at, message) = self.output.recv_timeout(left).ok()?;
            if wanted(&message) {
                return Some((at, message));
            }
            // Requests are answered, so that no server waits.
            if let (Some(id), Some(_)) = (message.get("id"), message.get("method")) {
                self.send(&json!({ "jsonrpc": "2.0", "id": id, "result": null }));
            }
        }
    }
}

fn is_published(message: &Value) -> bool {
    message["method"] == "textDocument/publishDiagnostics"
}

fn read(output: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("Content-Length: ") {
            length = value.parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    output.read_exact(&mut body).ok()?;
    Some(body)
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
