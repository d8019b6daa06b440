//! A second listener for the internet: what machines and returns need is there, and nothing else.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::{
    halden::Halden,
    program::{Folder, client},
};

async fn started(folder: &Folder) -> (crate::program::Program, String) {
    let mut program = folder.serve_with(&[("CANDILEVER_PUBLIC_LISTEN", "127.0.0.1:0")]).await;
    let address = program.next_address().await;
    (program, address)
}

#[tokio::test]
async fn the_internet_reaches_webhooks_callbacks_returns_and_report_links_only() {
    let folder = Folder::new();
    folder.add_user("nora@halden.example", "Super Admin").await;
    let (program, public) = started(&folder).await;
    let ask = async |method: Method, path: &str| {
        let request = client().request(method, format!("{public}{path}"));
        let request = request.header("host", program.url.trim_start_matches("http://"));
        request.body("{}").send().await.expect("an answer")
    };
    for path in ["/webhooks/lever/unknown", "/callbacks/canditech/unknown"] {
        assert_eq!(ask(Method::POST, path).await.status(), StatusCode::UNAUTHORIZED, "{path}");
    }
    for path in ["/oauth/lever/callback?state=x", "/r/unknown"] {
        let answer = ask(Method::GET, path).await;
        assert!(answer.headers()["location"].to_str().expect("text").starts_with("/sign-in"), "{path}");
    }
    let returned = ask(Method::GET, "/oidc/none/callback?state=x").await;
    assert!(returned.headers()["location"].to_str().expect("text").contains("sso-state"));
    for path in [
        "/",
        "/sign-in",
        "/candidates",
        "/settings/team",
        "/api/sign_in",
        "/api/team_page",
        "/audit/export",
        "/live",
        "/healthz",
        "/readyz",
        "/favicon.ico",
        "/oidc/none",
        "/set-up/x",
        "/invitation/x",
    ] {
        for method in [Method::GET, Method::POST] {
            let status = ask(method.clone(), path).await.status();
            assert_eq!(status, StatusCode::NOT_FOUND, "{method} {path}");
        }
    }
    assert_eq!(program.get("/sign-in").send().await.expect("an answer").status(), StatusCode::OK, "here it is");
}

#[tokio::test]
async fn a_message_in_public_is_judged_as_any_other_and_both_listeners_stop_together() {
    let mut halden = Halden::at(Folder::new(), &[("CANDILEVER_PUBLIC_LISTEN", "127.0.0.1:0")]).await;
    let mut program = halden.start().await;
    let public = program.next_address().await;
    halden.set_up(&program).await;
    let page = halden.nora.get(&program, "/settings/integrations/lever").await.text().await.expect("text");
    let hook = page.split("/webhooks/lever/").nth(1).expect("its address");
    let hook: String = hook.chars().take_while(|sign| sign.is_ascii_alphanumeric() || "-_".contains(*sign)).collect();
    let post = async |body: serde_json::Value| {
        let request = client().post(format!("{public}/webhooks/lever/{hook}")).json(&body);
        request.send().await.expect("an answer").status()
    };
    let data = json!({ "opportunityId": "o", "toStageId": "s", "contactId": "c" });
    let forged =
        json!({ "event": "candidateStageChange", "token": "t", "triggeredAt": 1, "signature": "s", "data": data });
    assert_eq!(post(forged).await, StatusCode::UNAUTHORIZED);
    halden.stop(program).await;
    let after = client().get(format!("{public}/r/x")).send().await;
    assert!(after.is_err(), "nobody listens any more");
}
