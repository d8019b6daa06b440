//! `/sandbox`: what tests ask the mail server and do to it.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::mail::Mail;
use super::{Login, Post};

pub(super) fn router() -> Router<Arc<Post>> {
    Router::new()
        .route("/mails", get(list).delete(forget))
        .route("/mails/{number}/raw", get(raw))
        .route("/login", post(ask_for).delete(ask_for_nothing))
}

#[derive(Deserialize)]
struct Filter {
    /// Whose mails, by the envelope.
    recipient: Option<String>,
    /// Those that came later than this number.
    after: Option<u64>,
}

/// What came, the newest last.
async fn list(State(post): State<Arc<Post>>, Query(filter): Query<Filter>) -> Json<Value> {
    let asked = |mail: &&Mail| {
        filter.recipient.as_ref().is_none_or(|address| mail.is_to(address))
            && filter.after.is_none_or(|number| mail.number > number)
    };
    Json(json!({ "data": post.kept().mails.iter().filter(asked).collect::<Vec<_>>() }))
}

/// Forgets what came; the numbers go on.
async fn forget(State(post): State<Arc<Post>>) -> Json<Value> {
    post.kept().mails.clear();
    Json(json!({ "data": [] }))
}

/// The message, byte for byte.
async fn raw(State(post): State<Arc<Post>>, Path(number): Path<u64>) -> Response {
    let raw = post.kept().mails.iter().find(|mail| mail.number == number).map(|mail| mail.raw.clone());
    match raw {
        Some(raw) => ([(header::CONTENT_TYPE, "message/rfc822")], raw).into_response(),
        None => (StatusCode::NOT_FOUND, Json(json!({ "error": "There is no such mail." }))).into_response(),
    }
}

/// Takes no mail without this user and password any more; connections that signed in go on.
async fn ask_for(State(post): State<Arc<Post>>, Json(login): Json<Login>) -> Json<Value> {
    let user = login.user.clone();
    post.kept().login = Some(login);
    Json(json!({ "user": user }))
}

/// Takes mail from everybody.
async fn ask_for_nothing(State(post): State<Arc<Post>>) -> Json<Value> {
    post.kept().login = None;
    Json(json!({ "user": null }))
}
