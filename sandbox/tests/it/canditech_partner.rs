//! The partner protocol's face of the stand-in Canditech, as Greenhouse publishes it.

use std::{future::IntoFuture as _, time::Duration};

use axum::{
    Router,
    body::Bytes,
    extract::{OriginalUri, State},
    http::HeaderMap,
    routing::patch,
};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::canditech_stage::{LIST_ONLY_KEY, ORGANIZATION_KEY, Stage};

/// A PATCH as it came in: path, authorization, body.
type Patch = (String, String, Vec<u8>);

struct Partner {
    stage: Stage,
    address: String,
    patches: mpsc::UnboundedReceiver<Patch>,
}

impl Partner {
    /// Nobody has set a callback secret: this protocol knows none.
    async fn new() -> Self {
        let (heard, patches) = mpsc::unbounded_channel();
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/callbacks/greenhouse-partner/endpoint", socket.local_addr().unwrap());
        let routes = Router::new().route("/callbacks/{*rest}", patch(take)).with_state(heard);
        tokio::spawn(axum::serve(socket, routes).into_future());
        Self { stage: Stage::without_secret().await, address, patches }
    }

    async fn ask(&self, method: Method, path: &str, key: &str, body: Value) -> (u16, Value) {
        let request = self.stage.request(method, &format!("/greenhouse/{path}")).basic_auth(key, Some(""));
        let request = if body.is_null() { request } else { request.json(&body) };
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    fn order(&self, invite: &str) -> Value {
        json!({
            "partner_test_id": "as_english",
            "candidate": {
                "first_name": "Ada", "last_name": "Example", "preferred_name": null, "email": "ada@example.test",
                "greenhouse_profile_url": "https://hire.lever.example/candidates/1",
            },
            "url": format!("{}/{invite}", self.address),
        })
    }

    async fn send(&self, invite: &str) -> String {
        let (status, sent) = self.ask(Method::POST, "send_test", ORGANIZATION_KEY, self.order(invite)).await;
        assert_eq!(status, 200);
        sent["partner_interview_id"].as_str().unwrap().to_owned()
    }

    async fn status(&self, id: &str) -> Value {
        let path = format!("test_status?partner_interview_id={id}");
        let (status, shown) = self.ask(Method::GET, &path, ORGANIZATION_KEY, Value::Null).await;
        assert_eq!(status, 200);
        shown
    }

    async fn patch(&mut self) -> Patch {
        tokio::time::timeout(Duration::from_secs(20), self.patches.recv()).await.expect("a callback").unwrap()
    }
}

async fn take(
    State(heard): State<mpsc::UnboundedSender<Patch>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) {
    let authorization = headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
    heard.send((uri.path().to_owned(), authorization.unwrap_or_default(), body.to_vec())).unwrap();
}

#[tokio::test]
async fn only_a_key_that_may_send_is_accepted_and_only_as_basic() {
    let partner = Partner::new().await;
    for key in ["", "ctk_wrong", LIST_ONLY_KEY] {
        assert_eq!(partner.ask(Method::GET, "list_tests", key, Value::Null).await.0, 401, "{key}");
    }
    let bearer = partner.stage.request(Method::GET, "/greenhouse/list_tests").bearer_auth(ORGANIZATION_KEY);
    assert_eq!(bearer.send().await.unwrap().status(), 401);
    let password = partner.stage.request(Method::GET, "/greenhouse/list_tests");
    let password = password.basic_auth(ORGANIZATION_KEY, Some("secret")).send().await.unwrap();
    assert_eq!(password.status(), 401);
}

#[tokio::test]
async fn what_can_be_sent_is_listed_in_one_array() {
    let partner = Partner::new().await;
    let (status, tests) = partner.ask(Method::GET, "list_tests", ORGANIZATION_KEY, Value::Null).await;
    let tests = tests.as_array().unwrap();
    assert_eq!(status, 200);
    assert!(
        tests.contains(&json!({ "partner_test_id": "as_english", "partner_test_name": "English, 20 min" })),
        "{tests:?}"
    );
    partner.stage.admin("assessments/as_english/archive", json!({})).await;
    let (_, fewer) = partner.ask(Method::GET, "list_tests", ORGANIZATION_KEY, Value::Null).await;
    assert_eq!(fewer.as_array().unwrap().len() + 1, tests.len());
    assert_eq!(partner.ask(Method::POST, "send_test", ORGANIZATION_KEY, partner.order("inv_1")).await.0, 404);
}

#[tokio::test]
async fn a_test_is_mailed_taken_and_told_by_an_empty_patch() {
    let mut partner = Partner::new().await;
    let id = partner.send("inv_1").await;
    let before = partner.status(&id).await;
    assert_eq!((&before["partner_status"], &before["partner_score"]), (&json!("sent"), &Value::Null));
    assert_eq!(before["partner_profile_url"], Value::Null);
    partner.stage.admin("start", json!({ "invite": id })).await;
    partner.stage.admin("complete", json!({ "invite": id, "score": 81 })).await;
    let (path, authorization, body) = partner.patch().await;
    assert_eq!(path, "/callbacks/greenhouse-partner/endpoint/inv_1", "not told of the start");
    let expected = partner.stage.request(Method::GET, "/").basic_auth(ORGANIZATION_KEY, Some("")).build().unwrap();
    assert_eq!(authorization, expected.headers()["authorization"].to_str().unwrap());
    assert!(body.is_empty());
    let after = partner.status(&id).await;
    assert_eq!((&after["partner_status"], &after["partner_score"]), (&json!("complete"), &json!(81)));
    let report = after["partner_profile_url"].as_str().unwrap();
    let report = report.strip_prefix(&partner.stage.url("")).expect("a page of the stand-in");
    let (status, page) = partner.stage.page(report).await;
    assert!(status == 200 && page.contains("carries no verdict"), "{page}");
}

#[tokio::test]
async fn a_repeated_send_is_not_recognised() {
    let partner = Partner::new().await;
    assert_ne!(partner.send("inv_1").await, partner.send("inv_1").await);
}

#[tokio::test]
async fn what_is_not_understood_or_known_is_refused_without_effect() {
    let partner = Partner::new().await;
    let mut no_mail = partner.order("inv_1");
    no_mail["candidate"]["email"] = json!("nobody");
    let mut no_address = partner.order("inv_1");
    no_address["url"] = json!("javascript:1");
    let mut no_profile = partner.order("inv_1");
    no_profile["candidate"].as_object_mut().unwrap().remove("greenhouse_profile_url");
    for order in [json!({}), no_mail, no_address, no_profile] {
        assert_eq!(partner.ask(Method::POST, "send_test", ORGANIZATION_KEY, order).await.0, 422);
    }
    for path in ["test_status", "test_status?partner_interview_id=pi_unknown", "nothing"] {
        assert_eq!(partner.ask(Method::GET, path, ORGANIZATION_KEY, Value::Null).await.0, 404, "{path}");
    }
}
