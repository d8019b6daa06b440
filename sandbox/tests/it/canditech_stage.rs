//! What the Canditech stories stand on: a running stand-in, a caller, and a receiver of callbacks.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use sandbox::{Config, Sandbox, Seed};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::sync::Notify;

pub const ORGANIZATION_KEY: &str = "ctk_demo_org_key";
pub const LIST_ONLY_KEY: &str = "ctk_demo_list_only";
pub const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
pub const LONG_ENOUGH: Duration = Duration::from_secs(20);

/// A stand-in of its own, whose callbacks go to a receiver of its own.
pub struct Stage {
    sandbox: Sandbox,
    http: reqwest::Client,
    pub receiver: Receiver,
}

impl Stage {
    /// With the callback secret already set.
    pub async fn new() -> Self {
        let stage = Self::without_secret().await;
        stage.admin("secret", json!({ "secret": SECRET })).await;
        stage
    }

    pub async fn without_secret() -> Self {
        let config = Config { seed: Seed::Empty, ..Config::local() };
        let sandbox = sandbox::start(config).await.unwrap();
        #[expect(clippy::disallowed_methods, reason = "the stand-in knows nothing of the engine's client")]
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(LONG_ENOUGH)
            .no_proxy()
            .build()
            .unwrap();
        Self { sandbox, http, receiver: Receiver::listen().await }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.canditech_url())
    }

    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, self.url(path))
    }

    /// Calls the API with the organization's key.
    pub async fn api(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let request = self.request(method, &format!("/api{path}")).bearer_auth(ORGANIZATION_KEY);
        let request = if body.is_null() { request } else { request.json(&body) };
        answer(request).await
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        self.api(Method::GET, path, Value::Null).await
    }

    pub async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.api(Method::POST, path, body).await
    }

    /// Does something that only the sandbox can do.
    pub async fn admin(&self, path: &str, body: Value) -> Value {
        let (status, body) = answer(self.request(Method::POST, &format!("/sandbox/{path}")).json(&body)).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    pub async fn advance(&self, time: Duration) {
        let milliseconds = i64::try_from(time.as_millis()).unwrap();
        self.admin("clock", json!({ "advance_ms": milliseconds })).await;
    }

    /// A request to send the English test to Ada.
    pub fn order(&self, reference: &str) -> Value {
        json!({
            "assessment_id": "as_english",
            "candidate": { "first_name": "Ada", "last_name": "Example", "email": "ada@example.test" },
            "callback_url": self.receiver.url,
            "valid_days": 7,
            "message": null,
            "metadata": { "invite_id": reference },
        })
    }

    /// Sends it and gives the invite.
    pub async fn send(&self, reference: &str) -> Value {
        let (status, invite) = self.post("/invites", self.order(reference)).await;
        assert_eq!(status, 201, "{invite}");
        invite
    }

    /// Opens a page of the stand-in.
    pub async fn page(&self, path: &str) -> (u16, String) {
        let response = self.request(Method::GET, path).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    /// Submits a form of a page.
    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> (u16, String) {
        let response = self.request(Method::POST, path).form(fields).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    pub async fn stop(self) {
        self.sandbox.stop().await;
    }
}

async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}

/// The path of a candidate's link.
pub fn test_path(invite: &Value) -> String {
    let link = invite["candidate_url"].as_str().unwrap();
    link[link.find("/test/").unwrap()..].to_owned()
}

pub fn id(invite: &Value) -> &str {
    invite["invite_id"].as_str().unwrap()
}

/// One callback as it came in.
#[derive(Debug, Clone)]
pub struct Received {
    pub id: String,
    pub timestamp: i64,
    pub signature: String,
    pub body: Vec<u8>,
}

impl Received {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn kind(&self) -> String {
        self.json()["type"].as_str().unwrap().to_owned()
    }

    pub fn verifies_with(&self, secret: &str) -> bool {
        verifies(secret, &self.id, self.timestamp, &self.body, &self.signature)
    }
}

/// The receiver's side of Standard Webhooks, written apart from the sender's.
pub fn verifies(secret: &str, id: &str, timestamp: i64, body: &[u8], signatures: &str) -> bool {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let signed = [id.as_bytes(), b".", timestamp.to_string().as_bytes(), b".", body].concat();
    let entries = signatures.split(' ').filter_map(|entry| entry.strip_prefix("v1,"));
    entries
        .filter_map(|entry| STANDARD.decode(entry).ok())
        .any(|entry| Hmac::<Sha256>::new_from_slice(&key).unwrap().chain_update(&signed).verify_slice(&entry).is_ok())
}

#[derive(Default)]
struct Inbox {
    received: Mutex<Vec<Received>>,
    answers: Mutex<VecDeque<u16>>,
    arrived: Notify,
}

/// Listens for callbacks and answers as told, 204 otherwise.
pub struct Receiver {
    pub url: String,
    inbox: Arc<Inbox>,
}

impl Receiver {
    async fn listen() -> Self {
        let inbox = Arc::<Inbox>::default();
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/callbacks/canditech/endpoint", socket.local_addr().unwrap());
        let routes = Router::new().route("/callbacks/canditech/endpoint", post(take)).with_state(Arc::clone(&inbox));
        tokio::spawn(async move { axum::serve(socket, routes).await });
        Self { url, inbox }
    }

    pub fn answer_next(&self, statuses: &[u16]) {
        self.inbox.answers.lock().unwrap().extend(statuses);
    }

    pub fn all(&self) -> Vec<Received> {
        self.inbox.received.lock().unwrap().clone()
    }

    /// Waits until so many have come in.
    pub async fn wait_for(&self, count: usize) -> Vec<Received> {
        let enough = async {
            loop {
                let arrived = self.inbox.arrived.notified();
                if self.all().len() >= count {
                    return self.all();
                }
                arrived.await;
            }
        };
        let seen = || self.all().iter().map(Received::kind).collect::<Vec<_>>();
        tokio::time::timeout(LONG_ENOUGH, enough).await.unwrap_or_else(|_| panic!("only {:?} came", seen()))
    }
}

async fn take(State(inbox): State<Arc<Inbox>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
    let received = Received {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp").parse().unwrap(),
        signature: header("webhook-signature"),
        body: body.to_vec(),
    };
    inbox.received.lock().unwrap().push(received);
    inbox.arrived.notify_one();
    let status = inbox.answers.lock().unwrap().pop_front().unwrap_or(204);
    StatusCode::from_u16(status).unwrap()
}
