//! Faults on demand: `POST /sandbox/faults` adds a rule, and requests that match it go wrong.
//!
//! A rule is `{path_prefix, method?, kind, rate?, times?}`; kinds are `{"status":{"code":503,"body"?,
//! "retry_after"?}}`, `"html200"`, `"truncated"`, `{"delay":{"ms":300}}`, `"drop_before"` (closed
//! without effect) and `"drop_after"` (the effect is done, the answer is lost).

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use futures::StreamExt as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::random;

/// An answer of a stand-in's size; a longer one is not truncated but lost.
const LONGEST_BODY: usize = 16 * 1024 * 1024;

/// Marks an answer that must never reach the caller.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dropped;

/// Names the fault in an answer, for the ledger.
#[derive(Debug, Clone)]
pub(crate) struct Injected(pub(crate) String);

/// What goes wrong.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// This status instead of the effect.
    Status { code: u16, body: Option<String>, retry_after: Option<u32> },
    /// A page with status 200 instead of the effect, as a captive portal answers.
    Html200,
    /// The effect is done and half of the answer arrives.
    Truncated,
    /// Everything works, later.
    Delay { ms: u64 },
    /// The connection closes; nothing was done.
    DropBefore,
    /// The connection closes; it was done.
    DropAfter,
}

/// Which requests, how often, and what then.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Rule {
    #[serde(default)]
    id: u64,
    #[serde(default)]
    path_prefix: String,
    method: Option<String>,
    kind: Kind,
    #[serde(default = "always")]
    rate: f64,
    /// How many more requests it strikes; without it, it never ends.
    times: Option<u32>,
}

fn always() -> f64 {
    1.0
}

#[derive(Debug, Default)]
struct Rules {
    last_id: u64,
    rules: Vec<Rule>,
}

/// The rules of one stand-in; clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults(Arc<Mutex<Rules>>);

impl Faults {
    fn rules(&self) -> MutexGuard<'_, Rules> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first rule that strikes this request; its turn is spent.
    fn strike(&self, method: &str, path: &str) -> Option<Kind> {
        let mut rules = self.rules();
        let struck = rules.rules.iter_mut().find(|rule| {
            path.starts_with(&rule.path_prefix)
                && rule.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
                && rule.times != Some(0)
                && random::fraction() <= rule.rate
        })?;
        struck.times = struck.times.map(|times| times - 1);
        Some(struck.kind.clone())
    }
}

/// `GET`, `POST` and `DELETE /sandbox/faults`.
pub(crate) fn router(faults: Faults) -> Router {
    Router::new().route("/sandbox/faults", get(list).post(add).delete(clear)).with_state(faults)
}

async fn list(State(faults): State<Faults>) -> Json<Value> {
    Json(json!({ "data": faults.rules().rules }))
}

async fn add(State(faults): State<Faults>, Json(rule): Json<Rule>) -> (StatusCode, Json<Value>) {
    let mut rules = faults.rules();
    rules.last_id += 1;
    let rule = Rule { id: rules.last_id, ..rule };
    rules.rules.push(rule.clone());
    (StatusCode::CREATED, Json(json!({ "data": rule })))
}

async fn clear(State(faults): State<Faults>) -> Json<Value> {
    faults.rules().rules.clear();
    list(State(faults)).await
}

/// Lets the rules strike, outside of `/sandbox/*`.
pub(crate) async fn inject(State(faults): State<Faults>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if path.starts_with("/sandbox/") {
        return next.run(request).await;
    }
    let Some(kind) = faults.strike(request.method().as_str(), path) else { return next.run(request).await };
    let name = serde_json::to_string(&kind).unwrap_or_default().trim_matches('"').to_owned();
    let mut answer = go_wrong(kind, request, next).await;
    answer.extensions_mut().insert(Injected(name));
    answer
}

async fn go_wrong(kind: Kind, request: Request, next: Next) -> Response {
    match kind {
        Kind::Status { code, body, retry_after } => status(code, body, retry_after),
        Kind::Html200 => Html("<!doctype html><title>Sign in to the network</title><p>Welcome.</p>").into_response(),
        Kind::Truncated => truncated(next.run(request).await).await,
        Kind::Delay { ms } => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            next.run(request).await
        }
        Kind::DropBefore => dropped(),
        Kind::DropAfter => {
            next.run(request).await;
            dropped()
        }
    }
}

fn dropped() -> Response {
    let mut answer = StatusCode::GATEWAY_TIMEOUT.into_response();
    answer.extensions_mut().insert(Dropped);
    answer
}

fn status(code: u16, body: Option<String>, retry_after: Option<u32>) -> Response {
    let code = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = body.unwrap_or_default();
    let kind = if body.starts_with('{') { "application/json" } else { "text/html; charset=utf-8" };
    let mut answer = (code, [(header::CONTENT_TYPE, kind)], body).into_response();
    if let Some(seconds) = retry_after {
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    answer
}

/// Announces the whole length and breaks off in the middle.
async fn truncated(answer: Response) -> Response {
    let (mut head, body) = answer.into_parts();
    let Ok(whole) = axum::body::to_bytes(body, LONGEST_BODY).await else { return dropped() };
    head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(whole.len()));
    let half: Bytes = whole.slice(..whole.len() / 2);
    // The first half must be on its way before the connection breaks, or nothing arrives at all.
    let broken = async {
        tokio::task::yield_now().await;
        Err(io::Error::other("truncated on demand"))
    };
    let cut = futures::stream::iter([Ok(half)]).chain(futures::stream::once(broken));
    Response::from_parts(head, Body::from_stream(cut))
}
