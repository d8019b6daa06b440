//! Two Lever accounts behind one address, as Lever's are: the token tells whose call it is.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    body::{Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use engine::access::Member;
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

use super::{STAGE, World, engine_client, text};

/// The address that both accounts share.
pub struct Front {
    pub url: String,
    task: JoinHandle<()>,
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Clone)]
struct Routes {
    accounts: [String; 2],
    /// Which account gave out a token.
    tokens: Arc<Mutex<HashMap<String, usize>>>,
    http: reqwest::Client,
}

impl Front {
    pub async fn start(accounts: [String; 2]) -> Self {
        let routes = Routes { accounts, tokens: Arc::default(), http: engine_client() };
        let socket = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://localhost:{}", socket.local_addr().expect("an address").port());
        let router = Router::new().fallback(pass_on).with_state(routes);
        let task = tokio::spawn(async move { axum::serve(socket, router).await.expect("serves") });
        Self { url, task }
    }
}

async fn pass_on(State(routes): State<Routes>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.expect("a small body");
    let (path, headers) = (head.uri.to_string(), head.headers);
    if path.starts_with("/oauth/token") {
        return routes.token(&path, &headers, &body).await;
    }
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let known = routes.tokens.lock().unwrap_or_else(PoisonError::into_inner).get(bearer).copied();
    let Some(account) = known else { return StatusCode::UNAUTHORIZED.into_response() };
    let (status, body) = routes.ask(account, head.method, &path, &headers, body).await;
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

impl Routes {
    /// The account that knows the code or the refresh token gives out the next one.
    async fn token(&self, path: &str, headers: &HeaderMap, body: &Bytes) -> Response {
        let mut last = StatusCode::FORBIDDEN.into_response();
        for account in 0..self.accounts.len() {
            let (status, answer) = self.ask(account, reqwest::Method::POST, path, headers, body.clone()).await;
            if status.is_success() {
                let given: Value = serde_json::from_slice(&answer).expect("JSON");
                let token = format!("Bearer {}", text(&given["access_token"]));
                self.tokens.lock().unwrap_or_else(PoisonError::into_inner).insert(token, account);
            }
            let found = status.is_success();
            last = (status, [(header::CONTENT_TYPE, "application/json")], answer).into_response();
            if found {
                break;
            }
        }
        last
    }

    async fn ask(
        &self,
        account: usize,
        method: reqwest::Method,
        path: &str,
        headers: &HeaderMap,
        body: Bytes,
    ) -> (StatusCode, Bytes) {
        let mut request = self.http.request(method, format!("{}{path}", self.accounts[account])).body(body);
        for name in [header::AUTHORIZATION, header::CONTENT_TYPE, header::ACCEPT] {
            if let Some(value) = headers.get(&name) {
                request = request.header(name, value);
            }
        }
        let Ok(answer) = request.send().await else { return (StatusCode::BAD_GATEWAY, Bytes::new()) };
        (answer.status(), answer.bytes().await.unwrap_or_default())
    }
}

impl World {
    /// A second company with a Lever account of its own, at the same address as the first one's.
    pub async fn with_another_company() -> (Self, Member) {
        let world = Self::start(super::Accounts::Two, super::database::Database::new().await).await;
        let url = format!("{}/sandbox/account", world.other().lever_url());
        world.post(&url, json!({ "domain": "other.example" })).await;
        world.at_other("/sandbox/stages", json!({ "text": STAGE })).await;
        world.connect().await;
        let boss =
            super::add_user(&world.engine, "Other Company", "boss@other.example", engine::access::Role::SuperAdmin)
                .await;
        world.connect_at(&boss, &world.other().lever_url()).await;
        (world, boss)
    }

    fn other(&self) -> &sandbox::Sandbox {
        self.another.as_ref().expect("two accounts")
    }

    /// Posts to the other company's Lever.
    pub async fn at_other(&self, path: &str, body: Value) -> Value {
        self.post(&format!("{}{path}", self.other().lever_url()), body).await
    }

    /// How the other company's Lever answered what was asked of it below a path, in order.
    pub async fn asked_of_other(&self, prefix: &str) -> Vec<u64> {
        let url = format!("{}/sandbox/ledger?path_prefix={prefix}", self.other().lever_url());
        let ledger = self.get(&url).await;
        let entries = ledger["data"].as_array().expect("a list");
        entries.iter().map(|entry| entry["status"].as_u64().expect("a status")).collect()
    }

    pub async fn forget_faults_at_other(&self) {
        let url = format!("{}/sandbox/faults", self.other().lever_url());
        self.http.delete(url).send().await.expect("the stand-in answers");
    }
}
