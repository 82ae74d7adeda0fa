//! Edits: their order, their positions, and what is answered in the middle of them.

use serde_json::{Value, json};

use crate::client::{Client, change, diagnostics, start_of};
use crate::project::Project;

const URI: &str = "untitled:sample.rs";
const CONTENT_MODIFIED: i64 = -32801;

/// A document as a plain list of lines.
struct Model {
    lines: Vec<String>,
}

impl Model {
    fn text(&self) -> String {
        self.lines.join("\n")
    }

    /// Where `.unwrap()` calls are reported: on the method's name.
    fn unwraps(&self) -> Vec<(u64, u64)> {
        let mut found = Vec::new();
        for (number, line) in self.lines.iter().enumerate() {
            for (at, _) in line.match_indices("unwrap()") {
                let column = line[..at].encode_utf16().count();
                found.push((number as u64, column as u64));
            }
        }
        found
    }
}

/// A generator of numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

fn starts(params: &Value) -> Vec<(u64, u64)> {
    diagnostics(params).iter().map(start_of).collect()
}

#[test]
fn ten_thousand_changes_are_applied_in_order() {
    let mut model = Model {
        lines: (0..40).map(|n| format!("fn f{n}() {{ let 𝄞é = \"ü\"; x.unwrap(); }}")).collect(),
    };
    let mut client = Client::open(&[], json!({}));
    client.did_open(URI, &model.text());
    let mut random = Random(0x5eed_cafe_f00d_0001);
    let (mut version, mut asked) = (1, Vec::new());
    for _ in 0..10_000 {
        version += 1;
        let line = random.below(model.lines.len());
        let old = model.lines[line].clone();
        // Every change depends on those before it: one out of order garbles the text.
        let change = match random.below(4) {
            0 if model.lines.len() < 80 => {
                let new = format!("fn g{version}() {{ y.unwrap(); }}");
                model.lines.insert(line, new.clone());
                change((line as u32, 0), (line as u32, 0), &format!("{new}\n"))
            }
            1 if model.lines.len() > 20 => {
                model.lines.remove(line);
                if line < model.lines.len() {
                    change((line as u32, 0), (line as u32 + 1, 0), "")
                } else {
                    let before = line as u32 - 1;
                    change((before, 9_999), (line as u32, 9_999), "")
                }
            }
            2 => {
                model.lines[line] = format!("/*é𝄞*/ {old}");
                change((line as u32, 0), (line as u32, 0), "/*é𝄞*/ ")
            }
            _ => {
                let new = old.trim_start_matches("/*é𝄞*/ ").to_string();
                let cut = (old.encode_utf16().count() - new.encode_utf16().count()) as u32;
                model.lines[line] = new;
                change((line as u32, 0), (line as u32, cut), "")
            }
        };
        client.did_change(URI, version, json!([change]));
        if version % 1_000 == 0 {
            // A request in the middle of the burst is about the newest text, or it is told that
            // there is a newer one.
            let (line, column) = model.unwraps()[0];
            let params = json!({
                "textDocument": { "uri": URI },
                "position": { "line": line, "character": column } });
            asked.push((client.request("textDocument/hover", params), line, column));
        }
    }
    for (id, line, column) in asked {
        let response = client.response(id);
        if response["error"]["code"] == CONTENT_MODIFIED {
            continue;
        }
        let start = &response["result"]["range"]["start"];
        assert_eq!(*start, json!({ "line": line, "character": column }), "{response}");
    }
    // One change more, after which there is surely something new to say.
    version += 1;
    model.lines.insert(0, "fn last() { z.unwrap(); }".to_string());
    client.did_change(URI, version, json!([change((0, 0), (0, 0), "fn last() { z.unwrap(); }\n")]));
    let last = client.wait_published(URI, |params| params["version"] == version);
    assert_eq!(starts(&last), model.unwraps());
    let versions: Vec<i64> =
        client.published(URI).iter().filter_map(|it| it["version"].as_i64()).collect();
    assert!(versions.is_sorted(), "{versions:?}");
}

/// Every slot for requests is taken, the client answers nothing, and changes keep coming.
#[test]
fn requests_and_changes_queue_without_a_deadlock() {
    let project = Project::new(&[("src/lib.rs", "fn f() { x.unwrap(); }\n")]);
    let uri = project.uri("src/lib.rs");
    let mut client = Client::start(&crate::client::Start::default());
    client.answers = false;
    client.initialize(json!({
        "processId": null,
        "rootUri": null,
        "workspaceFolders": [{ "uri": project.root(), "name": "one" }],
        "capabilities": {
            "workspace": {
                "configuration": true,
                "didChangeWatchedFiles": { "dynamicRegistration": true },
                "didChangeConfiguration": { "dynamicRegistration": true },
                "diagnostics": { "refreshSupport": true },
            },
            "textDocument": { "diagnostic": {} },
            "window": { "workDoneProgress": true },
        },
    }));
    for method in [
        "workspace/configuration",
        "client/registerCapability",
        "window/workDoneProgress/create",
        "workspace/diagnostic/refresh",
    ] {
        client.wait_asked(method);
    }
    client.did_open(&uri, "fn f() { x.unwrap(); }\n");
    for waiting in [4, 40] {
        let hover = json!({
            "textDocument": { "uri": uri }, "position": { "line": 0, "character": 12 } });
        let mut ids = Vec::new();
        for _ in 0..waiting {
            // Each makes the server ask for its settings again.
            client.notify("workspace/didChangeConfiguration", json!({ "settings": null }));
            ids.push(client.request("textDocument/hover", hover.clone()));
        }
        for version in 0..200 {
            let text = if version % 2 == 0 { " " } else { "" };
            let to = if version % 2 == 0 { (0, 0) } else { (0, 1) };
            client.did_change(&uri, version + 2, json!([change((0, 0), to, text)]));
        }
        let last = client.request("textDocument/hover", hover);
        for id in ids {
            let response = client.response(id);
            let modified = response["error"]["code"] == CONTENT_MODIFIED;
            assert!(modified || response["result"].is_object(), "{response}");
        }
        assert!(client.response(last)["result"].is_object());
    }
    assert!(!client.unanswered.is_empty());
    client.settings = json!({ "minSeverity": "critical" });
    client.answer_all();
    // The answers are used once they are there.
    client.until("the settings", |client| {
        let uri = uri.clone();
        let report = client.pull(&uri, None);
        report["items"].as_array().is_some_and(Vec::is_empty).then_some(())
    });
    client.wait_indexed();
}

#[test]
fn positions_outside_the_text_clamp() {
    let mut client = Client::open(&[], json!({}));
    client.did_open(URI, "// 𝄞\nfn f() { x.unwrap(); }");
    client.wait_count(URI, 1);
    // In order: past the end of a line, past the end of the text, an end before its start, and
    // the middle of a surrogate pair, which is taken as its start.
    client.did_change(
        URI,
        2,
        json!([
            change((0, 9_999), (0, 4_000_000_000u32), "!"),
            change((9_999, 3), (4_000_000_000u32, 1), "\nfn g() { y.unwrap(); }"),
            change((1, 0), (0, 0), "/* */ "),
            change((0, 4), (0, 4), "é"),
        ]),
    );
    let params = client.wait_published(URI, |params| params["version"] == 2);
    assert_eq!(starts(&params), [(1, 17), (2, 11)]);
    // The first line is now `// é𝄞!`: what follows lies where that says.
    client.did_change(URI, 3, json!([change((0, 7), (1, 0), " */\n")]));
    client.did_change(URI, 4, json!([change((0, 0), (0, 3), "/* "), change((2, 0), (2, 0), "é")]));
    let params = client.wait_published(URI, |params| params["version"] == 4);
    assert_eq!(starts(&params), [(1, 17), (2, 12)]);
    assert!(client.hover(URI, 9_999, 9_999).is_null());
    assert!(client.hover(URI, 1, 20).is_object());
}

#[test]
fn columns_count_in_the_negotiated_encoding() {
    let text = "fn f() { let é = \"𝄞\"; x.unwrap(); }\r\nfn g() { /*é*/ y.unwrap(); }\r\n";
    for (offered, chosen, columns) in [
        (json!(["utf-8", "utf-16"]), "utf-8", [(0, 28), (1, 18)]),
        (json!(["utf-16", "utf-8"]), "utf-8", [(0, 28), (1, 18)]),
        (json!(["utf-32", "utf-16"]), "utf-16", [(0, 25), (1, 17)]),
        (Value::Null, "utf-16", [(0, 25), (1, 17)]),
    ] {
        let mut client = Client::start(&crate::client::Start::default());
        let result = client.initialize(json!({
            "processId": null, "rootUri": null,
            "capabilities": { "general": { "positionEncodings": offered } } }));
        assert_eq!(result["capabilities"]["positionEncoding"], chosen);
        client.did_open(URI, text);
        let params = client.wait_published(URI, |_| true);
        assert_eq!(starts(&params), columns);
        // Edits count the same way: the call's parentheses go.
        let (line, column) = columns[0];
        let at = column as u32 + 6;
        client.did_change(URI, 2, json!([change((line as u32, at), (line as u32, at + 2), "")]));
        let params = client.wait_published(URI, |params| params["version"] == 2);
        assert_eq!(starts(&params), columns[1..]);
    }
}

#[test]
fn changes_before_a_full_replacement_are_dropped() {
    let mut client = Client::open(&[], json!({}));
    client.did_open(URI, "fn f() { x.unwrap(); }\n");
    client.wait_count(URI, 1);
    client.did_change(
        URI,
        2,
        json!([
            change((0, 0), (0, 0), "// gone: "),
            { "text": "fn g() {}\nfn h() { y.unwrap(); }\n" },
            change((1, 0), (1, 0), "  "),
            change((1, 0), (1, 0), "  "),
        ]),
    );
    let params = client.wait_published(URI, |params| params["version"] == 2);
    assert_eq!(starts(&params), [(1, 15)]);
}

/// An opened brace swallows the functions after it. Their findings stay where they are meanwhile.
#[test]
fn an_unbalanced_brace_hides_no_findings() {
    let mut text = String::new();
    for n in 0..6 {
        text += &format!("fn f{n}() {{\n    x.unwrap();\n}}\n");
    }
    let mut client = Client::open(&[], json!({}));
    client.did_open(URI, &text);
    client.wait_count(URI, 6);
    let after = |line: u64| if line > 4 { line + 1 } else { line };
    let expected: Vec<(u64, u64)> = (0..6).map(|n| (after(n * 3 + 1), 6)).collect();
    client.did_change(URI, 2, json!([change((4, 15), (4, 15), "\n    if true {")]));
    let params = client.wait_published(URI, |params| params["version"] == 2);
    assert_eq!(starts(&params), expected);
    // Typing goes on inside, where findings are new at once.
    client.did_change(URI, 3, json!([change((5, 13), (5, 13), " y.unwrap();")]));
    let params = client.wait_published(URI, |params| params["version"] == 3);
    let mut more = expected.clone();
    more.insert(2, (5, 16));
    assert_eq!(starts(&params), more);
    // Once it is balanced everything is exact: the last function is gone as well.
    client.did_change(
        URI,
        4,
        json!([change((5, 25), (5, 25), " }"), change((16, 0), (19, 0), "")]),
    );
    let params = client.wait_published(URI, |params| params["version"] == 4);
    more.pop();
    assert_eq!(starts(&params), more);
}

/// Several versions may be analysed as one, but what is known stays out of the way.
#[test]
fn equal_results_are_not_sent_again() {
    let mut client = Client::open(&[], json!({}));
    client.did_open(URI, "fn f() { x.unwrap(); }\n// \n");
    client.wait_count(URI, 1);
    for version in 2..50 {
        client.did_change(URI, version, json!([change((1, 3), (1, 3), "x")]));
        client.hover(URI, 0, 12);
    }
    client.did_change(URI, 50, json!([change((0, 0), (0, 0), " ")]));
    client.wait_published(URI, |params| params["version"] == 50);
    assert_eq!(client.published(URI).len(), 2);
}
