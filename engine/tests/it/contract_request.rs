//! What we send to Lever, overheard on its way: the names and kinds of values are the contract's.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::{Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use engine::{
    Engine,
    invite::InviteState,
    provider::Protocol,
    settings::{LeverSettings, Settings},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    fixture,
    shape::differences,
    world::{POSTING, PYTHON, World},
};

/// A request with a body, as it went by.
#[derive(Debug, Clone)]
struct Heard {
    method: Method,
    path: String,
    /// The fields of a form as those of an object.
    body: Value,
}

#[derive(Clone)]
struct Passage {
    to: String,
    http: reqwest::Client,
    heard: Arc<Mutex<Vec<Heard>>>,
}

/// Stands between us and Lever, and writes down what we send.
struct Ear {
    passage: Passage,
    task: JoinHandle<()>,
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Ear {
    /// From now on the world's own calls to Lever go by here.
    async fn on(world: &mut World) -> Self {
        let settings = &world.engine.settings;
        let to = settings.lever.auth_url.as_str().trim_end_matches('/').to_owned();
        let passage = Passage { to, http: world.engine.http.inner().clone(), heard: Arc::default() };
        let socket = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let here = format!("http://localhost:{}", socket.local_addr().expect("an address").port());
        let router = Router::new().fallback(pass).with_state(passage.clone());
        let task = tokio::spawn(async move { axum::serve(socket, router).await.expect("serves") });
        let lever = LeverSettings {
            auth_url: format!("{here}/").parse().expect("an address"),
            api_url: format!("{here}/v1").parse().expect("an address"),
            ..settings.lever.clone()
        };
        let settings = Arc::new(Settings { lever, ..Settings::clone(settings) });
        world.engine = Engine { settings, ..world.engine.clone() };
        Self { passage, task }
    }

    /// The bodies that went that way, in order.
    fn heard(&self, method: &Method, path: &str) -> Vec<Value> {
        let all = self.passage.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let such = all.iter().filter(|heard| heard.method == *method && heard.path == path);
        such.map(|heard| heard.body.clone()).collect()
    }
}

async fn pass(State(passage): State<Passage>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.expect("a small body");
    if !body.is_empty() {
        let heard =
            Heard { method: head.method.clone(), path: head.uri.path().to_owned(), body: read(&head.headers, &body) };
        passage.heard.lock().unwrap_or_else(PoisonError::into_inner).push(heard);
    }
    let mut request = passage.http.request(head.method, format!("{}{}", passage.to, head.uri)).body(body);
    for name in [header::AUTHORIZATION, header::CONTENT_TYPE, header::ACCEPT] {
        if let Some(value) = head.headers.get(&name) {
            request = request.header(name, value);
        }
    }
    let Ok(answer) = request.send().await else { return StatusCode::BAD_GATEWAY.into_response() };
    let (status, kind) = (answer.status(), answer.headers().get(header::CONTENT_TYPE).cloned());
    let mut answer = (status, answer.bytes().await.unwrap_or_default()).into_response();
    if let Some(kind) = kind {
        answer.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    answer
}

fn read(headers: &HeaderMap, body: &Bytes) -> Value {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    match kind {
        "application/json" => serde_json::from_slice(body).expect("JSON"),
        "application/x-www-form-urlencoded" => {
            url::form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), json!(value))).collect()
        }
        _ => panic!("neither JSON nor a form: {kind:?}"),
    }
}

#[tokio::test]
async fn what_we_send_has_the_names_and_kinds_of_the_contract() {
    let mut world = World::new().await;
    let ear = Ear::on(&mut world).await;
    world.connect().await;
    world.connect_provider(Protocol::Canditech).await;
    world.attach(Some(POSTING), PYTHON).await;
    let ada = world.applies("Ada Example", Some("ada@mail.example"), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Sent).await;
    world.until("it is noted", async || world.note_says(&ada, &["Status: Sent"]).await).await;
    world.advance(Duration::from_secs(3_601));
    engine::connection::sync_now(&world.engine, &world.admin).await.expect("Lever answers");

    let notes = format!("/v1/opportunities/{ada}/notes");
    let tokens = ear.heard(&Method::POST, "/oauth/token");
    let (code, refresh) = (tokens.first().expect("by the code"), tokens.last().expect("by the refresh token"));
    let (hooks, written) = (ear.heard(&Method::POST, "/v1/webhooks"), ear.heard(&Method::POST, &notes));
    assert_eq!((tokens.len(), hooks.len(), written.len()), (2, 1, 1));
    // What is otherwise, and what is the same to the letter.
    let expected: [(&str, &Value, &[&str], &[&str]); 4] = [
        // Without conditions Lever takes all origins: those that come to be later, too.
        ("webhook_create_request.json", &hooks[0], &["without .configuration.conditions"], &["event"]),
        // Notes are no secrets unless one says so.
        ("note_create_request.json", &written[0], &["without .secret"], &["notifyFollowers"]),
        // Whoever stole the code cannot use it; a server that does not know this ignores it.
        ("token_request_code.json", code, &["with .code_verifier"], &["grant_type"]),
        ("token_request_refresh.json", refresh, &[], &["grant_type"]),
    ];
    for (file, sent, but, same) in expected {
        let contract = fixture::json(file);
        assert_eq!(differences(&contract, sent), but, "{file}: {sent}");
        assert!(same.iter().all(|name| contract[*name] == sent[*name]), "{file}: {sent}");
    }
    assert_eq!(hooks[0]["configuration"], json!({ "verifyConnection": true }));
    // The one that we never send changes webhooks; we make them anew.
    let never = "webhooks_update_request.json";
    let there: BTreeSet<String> = fixture::all("request").into_iter().map(|(file, _)| file).collect();
    assert_eq!(there, expected.iter().map(|(file, ..)| *file).chain([never]).map(str::to_owned).collect());
}
