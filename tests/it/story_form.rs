//! What arrives at the server functions: nonsense, and forms whose browser does not wait.

use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode, header};
use serde_json::json;
use sqlx::{AnyConnection, Connection as _};

use crate::{
    browser::Browser,
    halden::{Halden, until},
    program::{Folder, Program},
};

const NORA: &str = "nora@halden.example";
/// A body in the form that a page of ours posts, with arguments that none of them does.
const NONSENSE: [(&str, &str); 12] = [
    ("/api/sign_in", ""),
    ("/api/sign_in", "email=nora@halden.example"),
    ("/api/set_up", "token=x"),
    ("/api/give_verdict", "a=b"),
    ("/api/give_verdict", "invite=inv_x&version=three&verdict=passed"),
    ("/api/give_verdict", "invite=inv_x&version=3&verdict=brilliant"),
    ("/api/decide_late", "invites[]=inv_x&decision=perhaps"),
    ("/api/decide_invite", "decision=send"),
    ("/api/list_candidates", "filter[state]=nowhere"),
    ("/api/switch_attachment", "id=att_x&state=active&version=%FF"),
    ("/api/connect_lever", "account=theirs"),
    ("/api/edit_attachment", "id=%00&version="),
];

async fn post(program: &Program, cookie: &str, (path, body): (&str, &'static str), accept: &str) -> reqwest::Response {
    let request = program.post(path).header(header::COOKIE, cookie).header(header::ACCEPT, accept);
    let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
    request.header(header::REFERER, format!("{}/candidates", program.url)).send().await.expect("an answer")
}

#[tokio::test]
async fn malformed_arguments_are_refused_and_are_not_our_failure() {
    let folder = Folder::new();
    folder.add_user(NORA, "Super Admin").await;
    let program = folder.serve().await;
    let nora = Browser::signed_in(&program, NORA).await;
    for case in NONSENSE {
        let answer = post(&program, nora.cookie(), case, "application/json").await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{case:?}");
        let refusal = answer.text().await.expect("text");
        assert!(refusal.contains(r#"{"Refused":"Form"}"#), "{case:?}: {refusal}");
        let form = post(&program, nora.cookie(), case, "text/html").await;
        assert_eq!(form.status(), StatusCode::FOUND, "{case:?}: a form goes back to its page");
        let page = form.headers()[header::LOCATION].to_str().expect("text");
        assert!(page.contains("/candidates?__path="), "{case:?}: {page}");
    }
}

/// What strangers may call, as the program names it.
fn open_functions() -> Vec<&'static str> {
    let gate = include_str!("../../src/layer/gate.rs");
    let list = gate.split("const OPEN_FUNCTIONS").nth(1).and_then(|rest| rest.split("];").next()).expect("the list");
    list.split('"').filter(|part| part.starts_with("/api/")).collect()
}

async fn sessions(folder: &Folder) -> i64 {
    sqlx::any::install_default_drivers();
    let mut database = AnyConnection::connect(&folder.database_url()).await.expect("it opens");
    let count = sqlx::query_scalar("SELECT COUNT(*) FROM sessions").fetch_one(&mut database).await.expect("a number");
    database.close().await.expect("it closes");
    count
}

/// Signing in at a provider has to keep something for a stranger: `route/oidc.rs` counts who begins per network.
#[tokio::test]
async fn nothing_is_kept_of_what_a_stranger_sends() {
    let folder = Folder::new();
    folder.add_user(NORA, "Super Admin").await;
    let empty = Folder::new();
    let functions = open_functions();
    assert!(functions.len() > 10, "{functions:?}");
    for folder in [folder, empty] {
        let program = folder.serve().await;
        let before = sessions(&folder).await;
        for function in &functions {
            for accept in ["application/json", "text/html"] {
                let fields = app::server::fields_of(function).unwrap_or_else(|| panic!("{function} is a function"));
                let long = "made up ".repeat(1_000);
                let value = |name: &str| match name {
                    "email" => "nobody@halden.example".to_owned(),
                    "token" | "code" | "next" => "made-up".to_owned(),
                    _ => long.clone(),
                };
                let form: Vec<_> = fields.iter().map(|name| (*name, value(name))).collect();
                let asked = program.request(Method::POST, function).header(header::ACCEPT, accept);
                let answer = asked.form(&form).send().await.expect("an answer");
                let status = answer.status();
                assert!(!status.is_server_error() && status != StatusCode::BAD_REQUEST, "{function}: {status}");
                let kept = answer.headers().get(header::SET_COOKIE);
                assert!(
                    kept.is_none_or(|cookie| cookie.as_bytes().starts_with(b"candilever=;")),
                    "{function}: {kept:?}"
                );
            }
        }
        assert_eq!(sessions(&folder).await, before);
    }
}

/// What is sent may come back in the address that a form leads to: nothing in it breaks the answer's head.
#[tokio::test]
async fn an_id_that_no_header_may_have_leads_back_all_the_same() {
    let folder = Folder::new();
    folder.add_user(NORA, "Super Admin").await;
    let program = folder.serve().await;
    let nora = Browser::signed_in(&program, NORA).await;
    for id in ["%0D%0ASet-Cookie:%20a=b", "%00", "%BB", "%E2%80%AE", "a%20b", "%7F"] {
        for (path, form) in [
            ("/api/edit_attachment", format!("id={id}&assessment=a&valid_days=x&version=1")),
            ("/api/accept_invitation", format!("token={id}&name=N&password=a+long+enough+password")),
            ("/api/set_up", format!("token={id}&organization=O&name=N&email=n@n.example&password=short")),
            ("/api/replay_message", format!("id={id}")),
        ] {
            for accept in ["application/json", "text/html"] {
                let request = program.post(path).header(header::COOKIE, nora.cookie()).header(header::ACCEPT, accept);
                let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
                let answer = request.body(form.clone()).send().await.expect("an answer");
                assert!(!answer.status().is_server_error(), "{path} {id}: {}", answer.status());
                assert!(answer.headers().values().all(|value| value.to_str().is_ok()), "{path} {id}");
                let mut cookies = answer.headers().get_all(header::SET_COOKIE).iter();
                assert!(cookies.all(|cookie| cookie != "a=b"), "{path} {id}");
            }
        }
    }
}

#[tokio::test]
async fn a_form_whose_browser_leaves_in_the_middle_is_carried_out() {
    let mut halden = Halden::new().await;
    let program = halden.start().await;
    halden.nora = Browser::signed_in(&program, NORA).await;
    let slow = json!({ "path_prefix": "/api", "kind": { "delay": { "ms": 2_000 } }, "times": 1 });
    halden.fault_at_canditech(slow).await;
    let base = halden.canditech_api();
    let typed = [("protocol", "canditech"), ("base_url", base.as_str()), ("api_key", "ctk_demo_org_key")];
    let connection = halden.nora.begin(&program, "/api/save_canditech", &typed).await;
    until("Canditech is asked, and takes its time", async || halden.faults_have_struck().await).await;
    drop(connection);
    let mut browser = halden.nora;
    let give_up = Instant::now() + Duration::from_secs(30);
    loop {
        let page = browser.get(&program, "/settings/integrations/canditech").await.text().await.expect("text");
        if page.contains("The key was accepted") {
            return;
        }
        assert!(Instant::now() < give_up, "what the form began was cut off: {page}");
    }
}
