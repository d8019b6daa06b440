//! The pages, without JavaScript: what a person does and reads.

use reqwest::{Method, StatusCode};
use sandbox::Seed;
use serde_json::json;

use crate::lever::Lever;

async fn read(lever: &Lever, path: &str) -> String {
    let answer = lever.ask(Method::GET, path).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    answer.text().await.unwrap()
}

/// Posts a form; answers where it leads.
async fn post(lever: &Lever, path: &str, form: &[(&str, &str)]) -> String {
    let answer = lever.ask(Method::POST, path).form(form).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{path}");
    answer.headers()["location"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_page_shows() {
    let lever = Lever::start(Seed::Company).await;
    for path in [
        "/",
        "/?q=rossi&stage=&job=&archived=on",
        "/candidates/new",
        "/settings/pipeline",
        "/settings/pipeline?customize=on",
        "/settings/postings",
        "/settings/integrations/webhooks",
        "/settings/authorized-apps",
        "/settings/api-credentials",
        "/stand-in.css",
        "/stand-in.js",
    ] {
        read(&lever, path).await;
    }
}

#[tokio::test]
async fn a_stage_is_added_and_a_new_candidate_moved_into_it() {
    let lever = Lever::start(Seed::Company).await;
    post(&lever, "/settings/pipeline", &[("text", "Canditech Stage"), ("interviews", "on")]).await;
    let stages = lever.state().await["stages"].clone();
    let stage = stages.as_array().unwrap().iter().find(|stage| stage["text"] == "Canditech Stage").unwrap();
    assert_eq!(stages.as_array().unwrap().last().unwrap()["id"], "offer", "Offer stays at the end");

    let form = [("name", "Maya Chen"), ("email", "maya@mail.example"), ("posting", "Python Developer")];
    let profile = post(&lever, "/candidates", &form).await;
    let profile = profile.split('?').next().unwrap();
    let stage = stage["id"].as_str().unwrap();
    post(&lever, &format!("{profile}/move"), &[("stage", stage)]).await;
    let page = read(&lever, profile).await;
    assert!(page.contains("Maya Chen") && page.contains("In <strong>Canditech Stage</strong>"));
    assert!(read(&lever, &format!("{profile}/notes")).await.contains("No notes yet"));
}

#[tokio::test]
async fn a_note_shows_its_address_as_a_link_and_nothing_as_markup() {
    let lever = Lever::start(Seed::Empty).await;
    let tokens = lever.connect().await;
    let id = lever.candidate("Ada Byron").await;
    let value = "Score: 87/100\nhttps://example.com/r/abc\n<b>bold</b>";
    let path = format!("/v1/opportunities/{id}/notes");
    lever.call(&tokens.access, Method::POST, &path, Some(json!({ "value": value }))).await;
    let page = read(&lever, &format!("/candidates/{id}/notes")).await;
    assert!(page.contains("<a href=\"https://example.com/r/abc\""));
    assert!(page.contains("&lt;b&gt;") && page.contains("through Candilever"));
}

#[tokio::test]
async fn access_is_for_super_admins_only() {
    let lever = Lever::start(Seed::Company).await;
    lever.connect().await;
    let cookie = lever.log_in("Tomas Rivera").await;
    let path = "/settings/authorized-apps";
    let page = lever.ask(Method::GET, path).header("cookie", &cookie).send().await.unwrap().text().await.unwrap();
    assert!(!page.contains("Revoke Access"));
    lever.ask(Method::POST, &format!("{path}/revoke")).header("cookie", cookie).send().await.unwrap();
    assert!(read(&lever, path).await.contains("Revoke Access"), "still there for Nora");
}

#[tokio::test]
async fn faults_strike_as_often_as_told_and_the_ledger_names_them() {
    let lever = Lever::start(Seed::Company).await;
    let tokens = lever.connect().await;
    let rules = [
        json!({ "path_prefix": "/v1/stages", "kind": { "status": { "code": 503, "body": "{}" } }, "times": 1 }),
        json!({ "path_prefix": "/v1/users", "method": "GET", "kind": "drop_before", "times": 1 }),
        json!({ "path_prefix": "/v1/tags", "kind": "truncated", "times": 1 }),
    ];
    for rule in rules {
        lever.admin("/sandbox/faults", rule).await;
    }
    let ask = |path: &str| lever.ask(Method::GET, path).bearer_auth(&tokens.access).send();
    assert_eq!(ask("/v1/stages").await.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(ask("/v1/stages").await.unwrap().status(), StatusCode::OK);
    assert!(ask("/v1/users").await.is_err(), "the connection closed without an answer");
    assert_eq!(ask("/v1/users").await.unwrap().status(), StatusCode::OK);
    assert!(ask("/v1/tags").await.unwrap().bytes().await.is_err(), "half an answer");
    let ledger = lever.ask(Method::GET, "/sandbox/ledger?path_prefix=/v1/users").send().await.unwrap();
    let ledger: serde_json::Value = ledger.json().await.unwrap();
    assert_eq!(ledger["data"].as_array().unwrap().len(), 2);
    assert_eq!(ledger["data"][0]["note"], "drop_before");
}

#[tokio::test]
async fn an_answer_lost_on_the_way_leaves_its_effect() {
    let lever = Lever::start(Seed::Empty).await;
    let tokens = lever.connect().await;
    let path = format!("/v1/opportunities/{}/notes", lever.candidate("Ada Byron").await);
    let rule = json!({ "path_prefix": "/v1/opportunities", "method": "POST", "kind": "drop_after", "times": 1 });
    lever.admin("/sandbox/faults", rule).await;
    let lost = lever.ask(Method::POST, &path).bearer_auth(&tokens.access).json(&json!({ "value": "x" }));
    assert!(lost.send().await.is_err());
    assert_eq!(lever.get(&tokens.access, &path).await["data"].as_array().unwrap().len(), 1);
}
