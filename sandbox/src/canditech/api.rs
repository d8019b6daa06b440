//! The API's account, its list of assessments, erasure, and who may call.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::{delete, get};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::{Value, json};

use super::model::{Assessment, Permission};
use super::refusal::Refusal;
use super::{Canditech, ORGANIZATION};

const PAGE_SIZE: usize = 50;

pub(super) fn router() -> Router<Arc<Canditech>> {
    Router::new()
        .route("/account", get(account))
        .route("/assessments", get(assessments))
        .route("/candidates", delete(erase))
        .fallback(|| async { Refusal::not_found("not_found", "There is no such address.") })
        .method_not_allowed_fallback(|| async {
            Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "Not with this method.")
        })
}

/// Whoever holds a key that lists.
pub(super) struct Caller {
    permissions: &'static [Permission],
}

/// Whoever holds a key that also sends.
pub(super) struct Sender;

impl FromRequestParts<Arc<Canditech>> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, canditech: &Arc<Canditech>) -> Result<Self, Refusal> {
        let unauthorized = |message| Refusal::new(StatusCode::UNAUTHORIZED, "unauthorized", message);
        let key = presented_key(&parts.headers).ok_or_else(|| unauthorized("Give an API key."))?;
        let permissions = canditech.account().permissions(&key);
        permissions.map(|permissions| Self { permissions }).ok_or_else(|| unauthorized("This API key is not valid."))
    }
}

impl FromRequestParts<Arc<Canditech>> for Sender {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, canditech: &Arc<Canditech>) -> Result<Self, Refusal> {
        let caller = Caller::from_request_parts(parts, canditech).await?;
        if caller.permissions.contains(&Permission::Invite) {
            return Ok(Self);
        }
        let message = "This API key may list assessments, but not send or change them.";
        Err(Refusal::new(StatusCode::FORBIDDEN, "forbidden", message))
    }
}

/// The key, as a bearer token or as the user name of HTTP Basic.
fn presented_key(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credentials) = value.split_once(' ')?;
    let credentials = credentials.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(credentials.to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(credentials).ok()?).ok()?;
    decoded.split_once(':').map(|(user, _)| user.to_owned())
}

async fn account(caller: Caller) -> Json<Value> {
    Json(json!({ "id": "acc_halden", "name": ORGANIZATION, "permissions": caller.permissions }))
}

#[derive(Deserialize)]
struct ListQuery {
    cursor: Option<String>,
}

async fn assessments(
    _: Caller,
    State(canditech): State<Arc<Canditech>>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Value>, Refusal> {
    page(&canditech.account().assessments, query.cursor.as_deref(), Assessment::json)
}

/// One page of a list and the cursor of the next.
pub(super) fn page<T>(items: &[T], cursor: Option<&str>, show: impl Fn(&T) -> Value) -> Result<Json<Value>, Refusal> {
    let from = cursor.map_or(Some(0), read_cursor).filter(|from| *from <= items.len());
    let from = from.ok_or_else(|| Refusal { field: Some("cursor"), ..Refusal::bad_request("Unknown cursor.") })?;
    let data: Vec<Value> = items[from..].iter().take(PAGE_SIZE).map(show).collect();
    let next = from + data.len();
    let next = (next < items.len()).then(|| URL_SAFE_NO_PAD.encode(format!("from:{next}")));
    Ok(Json(json!({ "data": data, "next": next })))
}

fn read_cursor(cursor: &str) -> Option<usize> {
    let decoded = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    decoded.strip_prefix("from:")?.parse().ok()
}

#[derive(Deserialize)]
struct EraseQuery {
    email: Option<String>,
}

async fn erase(
    _: Sender,
    State(canditech): State<Arc<Canditech>>,
    Query(query): Query<EraseQuery>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let email = query.email.filter(|email| !email.trim().is_empty());
    let email = email.ok_or_else(|| Refusal { field: Some("email"), ..Refusal::bad_request("Say whose e-mail.") })?;
    canditech.change(|account, now| account.erase(&email, now));
    Ok((StatusCode::ACCEPTED, Json(json!({ "status": "accepted" }))))
}
