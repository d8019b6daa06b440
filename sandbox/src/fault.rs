//! Faults on demand: `POST /sandbox/faults` adds a rule, and requests that match it go wrong.
//!
//! A rule is `{path_prefix, method?, kind, rate?, seed?, times?}`; kinds are `{"status":{"code":503,
//! "body"?,"retry_after"?,"location"?}}`, `"html200"`, `"truncated"`, `{"flood":{"bytes":9000000}}`,
//! `{"delay":{"ms":300}}`, `{"delay_after":{"ms":300}}`, `"drop_before"` (closed without effect) and
//! `"drop_after"` (the effect is done, the answer is lost).

pub(crate) mod rule;

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use futures::StreamExt as _;
use serde::{Deserialize, Serialize};

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
pub(crate) enum Kind {
    /// This status instead of the effect.
    Status { code: u16, body: Option<String>, retry_after: Option<Wait>, location: Option<String> },
    /// A page with status 200 instead of the effect, as a captive portal answers.
    Html200,
    /// The effect is done and half of the answer arrives.
    Truncated,
    /// JSON without an end in sight, that many bytes of it.
    Flood { bytes: usize },
    /// Everything works, later.
    Delay { ms: u64 },
    /// It is done at once, and the answer comes later.
    DelayAfter { ms: u64 },
    /// It is done, and the answer comes byte by byte, one in so many milliseconds.
    Drip { ms: u64 },
    /// The connection closes; nothing was done.
    DropBefore,
    /// The connection closes; it was done.
    DropAfter,
}

/// What `Retry-After` says: seconds, or whatever a server may write there.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Wait {
    Seconds(u32),
    Text(String),
}

/// Which requests.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Which {
    #[serde(default)]
    path_prefix: String,
    method: Option<String>,
}

impl Which {
    fn matches(&self, method: &str, path: &str) -> bool {
        path.starts_with(&self.path_prefix)
            && self.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
    }
}

/// The rules of one stand-in that speaks HTTP.
pub(crate) type Faults = rule::Faults<Which, Kind>;

/// Lets the rules strike, outside of `/sandbox/*`.
pub(crate) async fn inject(State(faults): State<Faults>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if path.starts_with("/sandbox/") {
        return next.run(request).await;
    }
    let struck = faults.strike(|which| which.matches(request.method().as_str(), path));
    let Some(kind) = struck else { return next.run(request).await };
    let name = serde_json::to_string(&kind).unwrap_or_default().trim_matches('"').to_owned();
    let mut answer = go_wrong(kind, request, next).await;
    answer.extensions_mut().insert(Injected(name));
    answer
}

async fn go_wrong(kind: Kind, request: Request, next: Next) -> Response {
    match kind {
        Kind::Status { code, body, retry_after, location } => status(code, body, retry_after, location),
        Kind::Html200 => Html("<!doctype html><title>Sign in to the network</title><p>Welcome.</p>").into_response(),
        Kind::Truncated => truncated(next.run(request).await).await,
        Kind::Flood { bytes } => flood(bytes),
        Kind::Delay { ms } => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            next.run(request).await
        }
        Kind::DelayAfter { ms } => {
            let answer = next.run(request).await;
            tokio::time::sleep(Duration::from_millis(ms)).await;
            answer
        }
        Kind::Drip { ms } => drip(next.run(request).await, Duration::from_millis(ms)).await,
        Kind::DropBefore => dropped(),
        Kind::DropAfter => {
            next.run(request).await;
            dropped()
        }
    }
}

/// An answer that closes the connection instead.
pub(crate) fn dropped() -> Response {
    let mut answer = StatusCode::GATEWAY_TIMEOUT.into_response();
    answer.extensions_mut().insert(Dropped);
    answer
}

fn status(code: u16, body: Option<String>, retry_after: Option<Wait>, location: Option<String>) -> Response {
    let code = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = body.unwrap_or_default();
    let kind = if body.starts_with('{') { "application/json" } else { "text/html; charset=utf-8" };
    let mut answer = (code, [(header::CONTENT_TYPE, kind)], body).into_response();
    let wait = retry_after.map(|wait| match wait {
        Wait::Seconds(seconds) => seconds.to_string(),
        Wait::Text(text) => text,
    });
    for (name, text) in [(header::RETRY_AFTER, wait), (header::LOCATION, location)] {
        if let Some(value) = text.and_then(|text| HeaderValue::from_str(&text).ok()) {
            answer.headers_mut().insert(name, value);
        }
    }
    answer
}

/// A list that goes on and on.
fn flood(bytes: usize) -> Response {
    const PIECE: &[u8] = &[b'0'; 16 * 1024];
    let begin = Bytes::from_static(b"{\"data\":\"");
    let pieces = (0..bytes / PIECE.len()).map(|_| Bytes::from_static(PIECE));
    let body = futures::stream::iter(std::iter::once(begin).chain(pieces).map(Ok::<_, io::Error>));
    ([(header::CONTENT_TYPE, "application/json")], Body::from_stream(body)).into_response()
}

/// The whole answer, a byte at a time.
async fn drip(answer: Response, pause: Duration) -> Response {
    let (head, body) = answer.into_parts();
    let Ok(whole) = axum::body::to_bytes(body, LONGEST_BODY).await else { return dropped() };
    let bytes = futures::stream::unfold(whole, move |mut left| async move {
        if left.is_empty() {
            return None;
        }
        tokio::time::sleep(pause).await;
        Some((Ok::<_, io::Error>(left.split_to(1)), left))
    });
    Response::from_parts(head, Body::from_stream(bytes))
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
