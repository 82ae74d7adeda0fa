//! Opening a hostile project is safe: nothing of it is run, and nothing in it ends the server.

use serde_json::json;

use crate::client::{Client, change, diagnostics};
use crate::project::Project;

const SOURCE: &str = "fn f() { x.unwrap(); }\n";

#[cfg(unix)]
#[test]
fn nothing_of_the_project_is_executed_or_left() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let outside = Project::new(&[("secret.rs", SOURCE), ("lib/deep.rs", SOURCE)]);
    let project = Project::new(&[("src/lib.rs", SOURCE)]);
    let marker = project.file("executed");
    let script = format!("#!/bin/sh\ntouch {}\nexec \"$@\"\n", marker.display());
    for name in ["wrapper.sh", "bin/cargo", "bin/rustc", "bin/git", "bin/rustup", "bin/sh"] {
        project.write(name, &script);
        let permissions = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(project.file(name), permissions).expect("made executable");
    }
    let wrapper = project.file("wrapper.sh").display().to_string();
    project.write(
        ".cargo/config.toml",
        format!("[build]\nrustc-wrapper = {wrapper:?}\nrustc = {wrapper:?}\n"),
    );
    project.write("rust-toolchain.toml", "[toolchain]\npath = \"bin\"\n");
    project.write("build.rs", "fn main() { std::fs::write(\"executed\", \"\").ok(); }\n");
    project.write(".git/config", format!("[core]\nfsmonitor = {wrapper:?}\n"));
    symlink(outside.file("secret.rs"), project.file("src/secret.rs")).expect("linked");
    symlink(outside.file("lib"), project.file("src/lib")).expect("linked");
    symlink(project.path(), project.file("src/round")).expect("linked");
    project.write("src/latin.rs", b"fn f() { \"caf\xe9\"; x.unwrap(); }\n");
    project.write("src/huge.rs", vec![b' '; 4 * 1024 * 1024 + 1]);
    let deep = format!("fn f() {{ {}x.unwrap(){} }}\n", "(".repeat(20_000), ")".repeat(20_000));
    project.write("src/deep.rs", &deep);

    let bin = project.file("bin");
    let mut client = Client::start(&crate::client::Start {
        environment: &[("PATH", &bin)],
        ..Default::default()
    });
    client.initialize(json!({
        "processId": null, "rootUri": project.root(),
        "capabilities": { "window": { "workDoneProgress": true } },
        "initializationOptions": { "scope": "workspace" } }));
    client.wait_indexed();
    client.wait_count(&project.uri("src/lib.rs"), 1);
    for name in ["latin", "huge", "deep"] {
        let found = client.wait_count(&project.uri(&format!("src/{name}.rs")), 1);
        assert_eq!(found[0]["code"], "unreadable-file");
    }
    // Files behind links are nobody's, also when a client says that they changed.
    let behind = [project.uri("src/secret.rs"), project.uri("src/lib/deep.rs")];
    let changes: Vec<_> = behind.iter().map(|uri| json!({ "uri": uri, "type": 2 })).collect();
    client.notify("workspace/didChangeWatchedFiles", json!({ "changes": changes }));
    project.write("src/lib.rs", "fn f() {}\n");
    let lib = project.uri("src/lib.rs");
    client.notify(
        "workspace/didChangeWatchedFiles",
        json!({ "changes": [{ "uri": lib, "type": 2 }] }),
    );
    client.wait_count(&lib, 0);
    assert!(behind.iter().all(|uri| client.published(uri).is_empty()));
    let around = client.notifications.iter().any(|it| it.to_string().contains("src/round"));
    assert!(!around);
    client.did_open(&project.uri("src/deep.rs"), &deep);
    client.wait_published(&project.uri("src/deep.rs"), |params| params["version"] == 1);
    client.call("shutdown", serde_json::Value::Null);
    assert!(!marker.exists());
}

#[test]
fn brackets_typed_ever_deeper_do_not_end_the_server() {
    let uri = "untitled:deep.rs";
    let mut client = Client::open(&[], json!({}));
    client.did_open(uri, "fn f() { x.unwrap(); }\nfn g() { ; }\n");
    client.wait_count(uri, 1);
    let mut version = 1;
    for depth in 0..3_000u32 {
        version += 1;
        let bracket = ["(", "[", "{"][depth as usize % 3];
        client.did_change(uri, version, json!([change((1, 9 + depth), (1, 9 + depth), bracket)]));
        if depth % 10 == 0 {
            // Each one is analysed, and not only the last of many.
            client.hover(uri, 0, 12);
        }
    }
    let refused = client.wait_published(uri, |params| {
        diagnostics(params).iter().any(|it| it["code"] == "unreadable-file")
    });
    let message = diagnostics(&refused)[0]["message"].as_str().expect("a message");
    assert!(message.contains("nested more than"), "{message}");
    version += 1;
    client.did_change(uri, version, json!([change((1, 9), (1, 3_009), "")]));
    let params = client.wait_published(uri, |params| params["version"] == version);
    assert_eq!(diagnostics(&params)[0]["code"], "unwrap-used");
    // All at once, and as one long chain.
    for text in ["(".repeat(100_000), "!".repeat(100_000), "a.".repeat(100_000)] {
        version += 1;
        client.did_change(uri, version, json!([change((1, 9), (1, 9), &text)]));
        client.hover(uri, 0, 12);
        version += 1;
        let end = 9 + text.len() as u32;
        client.did_change(uri, version, json!([change((1, 9), (1, end), "")]));
    }
    assert!(client.hover(uri, 0, 12).is_object());
}

#[test]
fn a_text_that_grows_too_large_is_refused_and_taken_back() {
    let uri = "untitled:large.rs";
    let mut client = Client::open(&[], json!({}));
    client.did_open(uri, SOURCE);
    client.wait_count(uri, 1);
    client.replace(uri, 2, &format!("{SOURCE}{}", " ".repeat(5 * 1024 * 1024)));
    let params = client.wait_published(uri, |params| params["version"] == 2);
    assert_eq!(diagnostics(&params)[0]["code"], "unreadable-file");
    client.replace(uri, 3, SOURCE);
    let params = client.wait_published(uri, |params| params["version"] == 3);
    assert_eq!(diagnostics(&params)[0]["code"], "unwrap-used");
}

/// Texts that are small, and took the stack or all memory when nothing stopped them.
#[test]
fn no_open_file_ends_the_server() {
    let sum = format!("SELECT {}1 FROM a WHERE b = 1;\n", "1+".repeat(1_900));
    let arguments: String =
        (1..60).map(|at| format!("ARG A{at}={}\n", format!("$A{}+1", at - 1).repeat(10))).collect();
    let source = |before: &str, link: &str| format!("{SOURCE}{before}{}", link.repeat(40_000));
    let texts = [
        ("a.sql", sum.clone()),
        ("a.js", format!("db.query(`{sum}`);\n")),
        ("b.sql", ";".repeat(200_000)),
        ("Dockerfile", format!("FROM rust\nARG A0=1\n{arguments}RUN echo $A59\n")),
        ("src/types.rs", source("type A = ", "A<u8, ")),
        ("src/closures.rs", source("fn g() { ", "|a, b| ")),
        ("src/attributes.rs", source("fn g() { ", "#[a] !")),
        ("src/calls.rs", source("fn g() { f", "(0)")),
        ("src/methods.rs", source("fn g() { f", ".b(0,0)")),
        ("src/branches.rs", source("fn g() { ", "if a {} else ")),
        (".gitignore", format!("{}a{}\n", "{".repeat(100_000), "}".repeat(100_000))),
        ("readiness.toml", format!("exclude = [\"{}\"]\n", "{a,".repeat(100_000))),
    ];
    let project = Project::new(&[("src/lib.rs", SOURCE)]);
    let mut client = Client::open(&[&project.root()], json!({}));
    for (path, text) in &texts {
        let uri = project.uri(path);
        client.did_open(&uri, text);
        client.wait_published(&uri, |params| params["version"] == 1);
        client.did_change(&uri, 2, json!([change((0, 0), (0, 0), "\n")]));
        client.wait_published(&uri, |params| params["version"].as_i64() >= Some(1));
    }
    let lib = project.uri("src/lib.rs");
    client.did_open(&lib, SOURCE);
    client.wait_count(&lib, 1);
    client.call("shutdown", serde_json::Value::Null);
}
