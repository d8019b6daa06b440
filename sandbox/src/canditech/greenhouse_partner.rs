//! Another face of the same account: `/greenhouse`, the Greenhouse Assessment Partner protocol as published
//! (developers.greenhouse.io/assessment.html), with Candilever in the place of Greenhouse.
//!
//! As the protocol promises no recognition of a repeated send, there is none: each send makes an invite.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequestParts, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Canditech;
use super::account::NewInvite;
use super::api_invite::{is_address, is_web_address};
use super::model::{AssessmentStatus, Candidate, Invite, Permission, Status, rfc3339};

/// A refusal is a status and nothing else.
type Answer = Result<Json<Value>, StatusCode>;

pub(super) fn router() -> Router<Arc<Canditech>> {
    Router::new()
        .route("/list_tests", get(list_tests))
        .route("/send_test", post(send_test))
        .route("/test_status", get(test_status))
        .fallback(|| async { StatusCode::NOT_FOUND })
}

/// Whoever gives a key that may send, as the user name of HTTP Basic with an empty password.
struct Partner {
    key: String,
}

/// No key, or none of ours.
struct Unauthorized;

impl IntoResponse for Unauthorized {
    fn into_response(self) -> Response {
        let challenge = HeaderValue::from_static("Basic realm=\"Canditech\"");
        (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, challenge)]).into_response()
    }
}

impl FromRequestParts<Arc<Canditech>> for Partner {
    type Rejection = Unauthorized;

    async fn from_request_parts(parts: &mut Parts, canditech: &Arc<Canditech>) -> Result<Self, Unauthorized> {
        let key = basic_user(&parts.headers).ok_or(Unauthorized)?;
        let may_send = canditech.account().permissions(&key).is_some_and(|may| may.contains(&Permission::Invite));
        if may_send { Ok(Self { key }) } else { Err(Unauthorized) }
    }
}

fn basic_user(headers: &HeaderMap) -> Option<String> {
    let credentials = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
    let decoded = String::from_utf8(STANDARD.decode(credentials).ok()?).ok()?;
    decoded.strip_suffix(':').map(str::to_owned)
}

async fn list_tests(_: Partner, State(canditech): State<Arc<Canditech>>) -> Json<Value> {
    let account = canditech.account();
    let active = account.assessments.iter().filter(|assessment| assessment.status == AssessmentStatus::Active);
    let shown: Vec<Value> =
        active.map(|test| json!({ "partner_test_id": test.id, "partner_test_name": test.name })).collect();
    Json(json!(shown))
}

#[derive(Deserialize)]
struct SendRequest {
    partner_test_id: String,
    candidate: SendCandidate,
    url: String,
}

/// What the stand-in uses of the fields that the protocol requires.
#[derive(Deserialize)]
struct SendCandidate {
    first_name: String,
    last_name: String,
    email: String,
    greenhouse_profile_url: String,
}

async fn send_test(partner: Partner, State(canditech): State<Arc<Canditech>>, body: Bytes) -> Answer {
    let request: SendRequest = serde_json::from_slice(&body).map_err(|_| StatusCode::UNPROCESSABLE_ENTITY)?;
    if !is_address(&request.candidate.email) || !is_web_address(&request.url) {
        return Err(StatusCode::UNPROCESSABLE_ENTITY);
    }
    let SendRequest { partner_test_id, candidate, url } = request;
    let new = NewInvite {
        assessment_id: partner_test_id,
        candidate: Candidate {
            first_name: candidate.first_name,
            last_name: candidate.last_name,
            email: candidate.email,
            profile_url: Some(candidate.greenhouse_profile_url),
        },
        callback_url: Some(url),
        partner_key: Some(partner.key),
        valid_days: None,
        message: None,
        metadata: json!({}),
    };
    let sent = canditech.change(|account, now| account.send(new, None, now));
    // Unknown or not published: nothing that this protocol could tell apart.
    let (id, _) = sent.map_err(|_| StatusCode::NOT_FOUND)?;
    Ok(Json(json!({ "partner_interview_id": id })))
}

#[derive(Deserialize)]
struct StatusQuery {
    partner_interview_id: Option<String>,
}

async fn test_status(_: Partner, State(canditech): State<Arc<Canditech>>, Query(query): Query<StatusQuery>) -> Answer {
    let account = canditech.account();
    let invite = query.partner_interview_id.as_deref().and_then(|id| account.invite(id));
    invite.map(|invite| Json(status(invite, &account.public_url))).ok_or(StatusCode::NOT_FOUND)
}

/// Only `complete` means anything; other words are for people.
fn status(invite: &Invite, public_url: &str) -> Value {
    let complete = invite.status == Status::Completed;
    json!({
        "partner_status": if complete { "complete".to_owned() } else { invite.status.words().to_lowercase() },
        "partner_profile_url": complete.then(|| format!("{public_url}/report/{}", invite.id)),
        "partner_score": invite.score,
        "metadata": {
            "Started At": invite.started_at.map(rfc3339),
            "Completed At": invite.completed_at.map(rfc3339),
        },
    })
}
