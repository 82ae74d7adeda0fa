//! The verdict and the score, as editors show them.

use serde_json::{Value, json};

use crate::client::Client;
use crate::project::Project;

const SECRET: &str = r#"const API_KEY: &str = "sk_live_4eC39HqLyjWDarjtT1zdp7dc";
pub fn key() -> &'static str {
    API_KEY
}
"#;

fn capabilities() -> Value {
    json!({ "experimental": { "readinessScore": true } })
}

fn wait_score(client: &mut Client, ready: bool) -> Value {
    client.until("a score", |client| {
        let last = client.notifications.iter().rfind(|it| it["method"] == "readiness/score")?;
        (last["params"]["ready"] == ready).then(|| last["params"].clone())
    })
}

fn project() -> Project {
    Project::new(&[("src/lib.rs", SECRET), ("readiness.toml", "level = \"prototype\"\n")])
}

#[test]
fn the_verdict_turns_as_the_last_blocker_is_edited_away() {
    let project = project();
    let mut client = Client::open(&[&project.root()], capabilities());
    let before = wait_score(&mut client, false);
    assert_eq!((&before["blockers"], &before["level"]), (&json!(1), &json!("prototype")));
    let uri = project.uri("src/lib.rs");
    client.did_open(&uri, SECRET);
    let repaired = SECRET.replace("\"sk_live_4eC39HqLyjWDarjtT1zdp7dc\"", "env!(\"API_KEY\")");
    client.replace(&uri, 2, &repaired);
    let after = wait_score(&mut client, true);
    assert!(after["score"].as_u64() > before["score"].as_u64(), "{before} {after}");
    client.replace(&uri, 3, SECRET);
    assert_eq!(wait_score(&mut client, false), before);
}

#[test]
fn a_client_that_does_not_show_scores_is_told_none() {
    let project = project();
    let mut client = Client::open(&[&project.root()], json!({}));
    let uri = project.uri("src/lib.rs");
    client.did_open(&uri, SECRET);
    client.wait_count(&uri, 1);
    std::thread::sleep(std::time::Duration::from_millis(900));
    client.hover(&uri, 0, 0);
    assert!(client.notifications.iter().all(|it| it["method"] != "readiness/score"));
}

#[test]
fn the_command_returns_the_document_as_the_command_line_writes_it() {
    let project = project();
    let mut client = Client::open(&[&project.root()], capabilities());
    wait_score(&mut client, false);
    let mut review = |format: &str| {
        client.call(
            "workspace/executeCommand",
            json!({ "command": "readiness.server.review", "arguments": [{ "format": format }] }),
        )
    };
    for format in ["markdown", "html"] {
        let printed = std::process::Command::new(env!("CARGO_BIN_EXE_readiness-lsp"))
            .args(["review", "--format", format])
            .arg(project.path())
            .output()
            .expect("it runs");
        let printed = String::from_utf8(printed.stdout).expect("UTF-8");
        assert_eq!(review(format).as_str(), Some(printed.as_str()), "{format}");
    }
    assert_eq!(review("json")["verdict"]["ready"], false);
    let unknown = client.fails("workspace/executeCommand", json!({ "command": "other" }));
    assert_eq!(unknown, -32602);
}
