//! The tools of agents, called by the client of the official SDK.

use rmcp::ServiceExt;
use rmcp::model::{CallToolRequestParams, CallToolResult};
use rmcp::transport::TokioChildProcess;
use serde_json::{Value, json};

use super::{Project, program};

fn text(result: &CallToolResult) -> String {
    let parts = result.content.iter().filter_map(|it| it.as_text());
    parts.map(|it| it.text.clone()).collect::<Vec<_>>().join("\n")
}

#[test]
fn an_agent_checks_explains_fixes_verifies_and_reviews() {
    let source = "\
pub fn first(all: &[u8]) -> Result<u8, String> {
    Ok(*all.first().unwrap())
}

pub fn second(all: &[u8]) -> u8 {
    todo!()
}
";
    let project =
        Project::new(&[("src/lib.rs", source), ("src/other.rs", "fn f() { x.unwrap(); }\n")]);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let mut command = tokio::process::Command::from(program());
        command.arg("mcp").arg(project.path());
        let transport = TokioChildProcess::new(command).expect("it starts");
        let client = ().serve(transport).await.expect("a session");
        let tools = client.list_all_tools().await.expect("tools");
        let mut names: Vec<&str> = tools.iter().map(|it| it.name.as_ref()).collect();
        names.sort_unstable();
        assert_eq!(names, ["check", "explain", "fix", "review", "verify"]);

        let call = async |name: &'static str, arguments: Value| {
            let arguments = arguments.as_object().cloned().expect("an object");
            let request = CallToolRequestParams::new(name).with_arguments(arguments);
            client.call_tool(request).await.expect("an answer")
        };
        let found =
            text(&call("check", json!({ "rules": ["unwrap-used", "unfinished-code"] })).await);
        let findings: Vec<&str> = found.lines().skip(2).collect();
        assert!(found.starts_with("READY") || found.starts_with("NOT READY"), "{found}");
        assert!(findings[0].starts_with("medium src/lib.rs:6:5 unfinished-code: "), "{found}");
        assert_eq!(findings.len(), 3, "{found}");
        let narrowed = call("check", json!({ "files": ["./src/other.rs"], "limit": 1 })).await;
        assert!(text(&narrowed).contains("src/other.rs:1:12"), "{}", text(&narrowed));
        assert!(!text(&narrowed).contains("src/lib.rs"));

        let page = text(&call("explain", json!({ "rule": "unwrap-used" })).await);
        assert!(page.starts_with("# unwrap-used\n"), "{page}");
        let unknown = call("explain", json!({ "rule": "unwrap_used" })).await;
        assert_eq!(unknown.is_error, Some(true));
        assert!(text(&unknown).contains("did you mean `unwrap-used`?"));

        let diff = text(&call("fix", json!({ "rules": ["unwrap-used"] })).await);
        assert!(diff.contains("+    Ok(*all.first().ok_or("), "{diff}");
        // It is for the agent to apply.
        assert_eq!(project.read("src/lib.rs"), source);

        let claims = "`src/lib.rs:40` panics: it calls `first` in a loop.\n";
        let verdicts = text(&call("verify", json!({ "text": claims })).await);
        assert!(verdicts.contains("claim"), "{verdicts}");
        let review = text(&call("review", json!({})).await);
        assert!(review.contains("READY for production use\nscore: "), "{review}");
        client.cancel().await.expect("it ends");
    });
}
