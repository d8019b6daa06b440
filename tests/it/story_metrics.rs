//! Numbers for whoever watches: on a listener of their own, true, and of nobody.

use std::collections::BTreeSet;

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::{
    halden::{Halden, until},
    program::{Folder, Program, client},
};

async fn started() -> (Halden, Program, String) {
    let mut halden = Halden::at(Folder::new(), &[("CANDILEVER_METRICS_LISTEN", "127.0.0.1:0")]).await;
    let mut program = halden.start().await;
    let address = program.next_address().await.trim_end_matches("/metrics").to_owned();
    halden.set_up(&program).await;
    (halden, program, address)
}

async fn numbers(address: &str) -> String {
    let answer = client().get(format!("{address}/metrics")).send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    let kind = answer.headers()["content-type"].to_str().expect("text");
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    let text = answer.text().await.expect("text");
    assert!(text.ends_with("# EOF\n"), "{text}");
    text
}

#[tokio::test]
async fn they_tell_what_happened_and_how_things_stand() {
    let (halden, program, address) = started().await;
    let has = async |line: &str| numbers(&address).await.lines().any(|told| told == line);
    assert!(has("candilever_connections_connected 1").await && has("candilever_paused 0").await);
    assert!(!has(r#"candilever_jobs_ended_total{kind="send",outcome="done"} 1"#).await);
    let ada = halden.applies("Ada Quillfeather", "ada@secret.example").await;
    halden.moves(&ada).await;
    until("she is noted", async || halden.notes(&ada).await.len() == 1).await;
    for line in [
        r#"candilever_jobs_ended_total{kind="send",outcome="done"} 1"#,
        r#"candilever_job_seconds_count{kind="send"} 1"#,
        r#"candilever_http_requests_total{method="POST",route="/webhooks/lever/{endpoint}",status="200"} 2"#,
        "candilever_jobs_due 0",
        "candilever_messages_waiting 0",
    ] {
        until(line, async || has(line).await).await;
    }
    let told = numbers(&address).await;
    for begins in [
        r#"candilever_upstream_calls_total{to="lever",outcome="2xx"} "#,
        r#"candilever_upstream_calls_total{to="canditech",outcome="2xx"} "#,
    ] {
        assert!(told.lines().any(|line| line.starts_with(begins)), "{begins}: {told}");
    }

    // What is due in a pause stays due, and is seen to.
    assert!(halden.run(&["pause"]).await.status.success());
    let ben = halden.applies("Ben Quillfeather", "ben@secret.example").await;
    halden.moves(&ben).await;
    for line in ["candilever_paused 1", "candilever_jobs_due 1", "candilever_messages_waiting 1"] {
        until(line, async || has(line).await).await;
    }
    halden.lever("/sandbox/revoke", json!({})).await;
    assert!(halden.run(&["resume"]).await.status.success());
    for line in ["candilever_connections_revoked 1", "candilever_jobs_waiting 1", "candilever_paused 0"] {
        until(line, async || has(line).await).await;
    }
    drop(program);
}

#[tokio::test]
async fn they_are_of_nobody_and_stand_nowhere_else() {
    let (mut halden, program, address) = started().await;
    let ada = halden.applies("Ada Quillfeather", "ada@secret.example").await;
    halden.moves(&ada).await;
    until("she is noted", async || halden.notes(&ada).await.len() == 1).await;
    for path in ["/candidates/inv_made-up", "/r/made-up", "/api/made-up", "/made-up/ada@secret.example"] {
        halden.nora.get(&program, path).await;
    }
    let odd = Method::from_bytes(b"MADE-UP").expect("a method");
    program.request(odd, "/made-up").send().await.expect("an answer");
    let told = numbers(&address).await;
    let mut values = BTreeSet::new();
    for line in told.lines().filter(|line| !line.starts_with('#')) {
        let labels = line.split_once('{').and_then(|(_, rest)| rest.rsplit_once('}')).map_or("", |(labels, _)| labels);
        for label in labels.split("\",").filter(|label| !label.is_empty()) {
            let (name, value) = label.split_once("=\"").expect("a name and a value");
            values.insert((name.trim_start_matches(',').to_owned(), value.trim_end_matches('"').to_owned()));
        }
    }
    for (name, value) in &values {
        let is_known = match name.as_str() {
            "method" => value == "other" || value.parse::<Method>().is_ok_and(|method| method != "MADE-UP"),
            "status" => value.parse::<u16>().is_ok(),
            "le" => value == "+Inf" || value.parse::<f64>().is_ok(),
            // The pattern: what somebody fills in stands in braces.
            "route" => !value.contains("made-up") && !value.contains("inv_") && !value.contains('@'),
            "kind" | "outcome" | "to" => {
                value.len() < 20 && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            }
            _ => false,
        };
        assert!(is_known, "{name}={value}");
    }
    for secret in ["Quillfeather", "secret.example", "nora", "org_", "inv_", "usr_", &ada, "Halden"] {
        assert!(!told.contains(secret), "{secret} in {told}");
    }
    assert_ne!(program.get("/metrics").send().await.expect("an answer").status(), StatusCode::OK, "not with the pages");
    for path in ["/", "/sign-in", "/webhooks/lever/x", "/healthz", "/api/sign_in"] {
        let elsewhere = client().get(format!("{address}{path}")).send().await.expect("an answer");
        assert_eq!(elsewhere.status(), StatusCode::NOT_FOUND, "{path}: nothing else stands here");
    }
}
