//! The API's invites: send, look up, resend, extend, cancel, retake, verdict.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Canditech;
use super::account::{Account, Made, NewInvite, no_such_invite, reference, same_address};
use super::api::{Caller, Sender, page};
use super::invite::Outcome;
use super::model::{Candidate, Invite, Millis, Verdict, VerdictAct};
use super::refusal::Refusal;

type Answer = Result<Json<Value>, Refusal>;
type SendAnswer = Result<(StatusCode, Json<Value>), Refusal>;

pub(super) fn router() -> Router<Arc<Canditech>> {
    Router::new()
        .route("/invites", post(send).get(list))
        .route("/invites/{id}", get(show))
        .route("/invites/{id}/cancel", post(cancel))
        .route("/invites/{id}/resend", post(resend))
        .route("/invites/{id}/extend", post(extend))
        .route("/invites/{id}/retake", post(retake))
        .route("/invites/{id}/verdict", post(decide))
}

#[derive(Deserialize)]
struct SendRequest {
    assessment_id: String,
    candidate: Candidate,
    callback_url: Option<String>,
    valid_days: Option<u32>,
    message: Option<String>,
    #[serde(default)]
    metadata: Value,
}

impl SendRequest {
    fn check(self) -> Result<NewInvite, Refusal> {
        if !is_address(&self.candidate.email) {
            let message = "The candidate's e-mail address is missing or not valid.";
            return Err(Refusal::invalid("candidate.email", "invalid_candidate", message));
        }
        check_days(self.valid_days)?;
        if !self.callback_url.as_deref().is_none_or(is_web_address) {
            return Err(Refusal::invalid("callback_url", "invalid", "callback_url must be an http or https address."));
        }
        let Self { assessment_id, candidate, callback_url, valid_days, message, metadata } = self;
        Ok(NewInvite { assessment_id, candidate, callback_url, partner_key: None, valid_days, message, metadata })
    }
}

fn check_days(valid_days: Option<u32>) -> Result<(), Refusal> {
    if valid_days.is_some_and(|days| !(1..=365).contains(&days)) {
        return Err(Refusal::invalid("valid_days", "invalid", "valid_days must be 1 to 365."));
    }
    Ok(())
}

pub(super) fn is_web_address(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// Something before one @, and a host with a dot after it.
pub(super) fn is_address(text: &str) -> bool {
    let Some((local, host)) = text.trim().rsplit_once('@') else { return false };
    let plain = !text.trim().contains(|c: char| c.is_whitespace() || c == ',');
    let dotted = host.split('.').count() > 1 && host.split('.').all(|part| !part.is_empty());
    plain && dotted && !local.is_empty() && !local.contains('@')
}

async fn send(_: Sender, State(canditech): State<Arc<Canditech>>, headers: HeaderMap, body: Bytes) -> SendAnswer {
    let (raw, request): (Value, SendRequest) = read(&body)?;
    let new = request.check()?;
    let idempotency = idempotency_key(&headers)?.map(|key| (key, raw));
    canditech.change(|account, now| {
        let (id, made) = account.send(new, idempotency, now)?;
        made_answer(account, &id, made)
    })
}

/// 201 for a new one, 200 for what the same key brought before.
fn made_answer(account: &Account, id: &str, made: Made) -> SendAnswer {
    let mut answer = invite_json(account, id)?;
    answer["duplicate"] = json!(made == Made::Before);
    let status = if made == Made::New { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(answer)))
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let key = value.to_str().ok().filter(|key| (1..=255).contains(&key.len()));
    key.map(|key| Some(key.to_owned())).ok_or_else(|| Refusal::bad_request("Idempotency-Key must be 1 to 255 letters."))
}

#[derive(Deserialize)]
struct LookUp {
    reference: Option<String>,
    email: Option<String>,
    cursor: Option<String>,
}

async fn list(_: Caller, State(canditech): State<Arc<Canditech>>, Query(look_up): Query<LookUp>) -> Answer {
    let account = canditech.account();
    let fits = |invite: &&Invite| {
        look_up.reference.as_deref().is_none_or(|wanted| reference(invite) == Some(wanted))
            && look_up.email.as_deref().is_none_or(|wanted| same_address(&invite.candidate.email, wanted))
    };
    let invites: Vec<&Invite> = account.invites.iter().filter(fits).collect();
    page(&invites, look_up.cursor.as_deref(), |invite| invite.json(&account.public_url))
}

async fn show(_: Caller, State(canditech): State<Arc<Canditech>>, Path(id): Path<String>) -> Answer {
    Ok(Json(invite_json(&canditech.account(), &id)?))
}

async fn cancel(_: Sender, State(canditech): State<Arc<Canditech>>, Path(id): Path<String>) -> Answer {
    act(&canditech, &id, |invite, _| invite.cancel())
}

async fn resend(
    _: Sender,
    State(canditech): State<Arc<Canditech>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let idempotency = idempotency_key(&headers)?.map(|key| (key, json!({ "resend_of": id })));
    canditech.change(|account, now| {
        account.resend(&id, idempotency, now)?;
        Ok(Json(invite_json(account, &id)?))
    })
}

#[derive(Deserialize)]
struct ExtendRequest {
    expires_at: jiff::Timestamp,
}

async fn extend(_: Sender, State(canditech): State<Arc<Canditech>>, Path(id): Path<String>, body: Bytes) -> Answer {
    let (_, request): (Value, ExtendRequest) = read(&body)?;
    act(&canditech, &id, |invite, now| invite.extend(request.expires_at.as_millisecond(), now))
}

#[derive(Deserialize, Default)]
struct RetakeRequest {
    metadata: Option<Value>,
    valid_days: Option<u32>,
}

async fn retake(
    _: Sender,
    State(canditech): State<Arc<Canditech>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> SendAnswer {
    let (raw, request) = if body.is_empty() { (Value::Null, RetakeRequest::default()) } else { read(&body)? };
    check_days(request.valid_days)?;
    let idempotency = idempotency_key(&headers)?.map(|key| (key, json!({ "retake_of": id, "body": raw })));
    canditech.change(|account, now| {
        let (new, made) = account.retake(&id, (request.metadata, request.valid_days), idempotency, now)?;
        made_answer(account, &new, made).map(|(_, answer)| (StatusCode::OK, answer))
    })
}

#[derive(Deserialize)]
struct VerdictRequest {
    verdict: Verdict,
    by: Option<String>,
    at: Option<jiff::Timestamp>,
}

async fn decide(_: Sender, State(canditech): State<Arc<Canditech>>, Path(id): Path<String>, body: Bytes) -> Answer {
    let (_, request): (Value, VerdictRequest) = read(&body)?;
    act(&canditech, &id, |invite, now| {
        let at = request.at.map_or(now, jiff::Timestamp::as_millisecond);
        let by = request.by.unwrap_or_else(|| String::from("API"));
        invite.decide(VerdictAct { verdict: request.verdict, by, at })
    })
}

fn act(canditech: &Canditech, id: &str, act: impl FnOnce(&mut Invite, Millis) -> Outcome) -> Answer {
    canditech.change(|account, now| {
        account.act(id, now, |invite| act(invite, now))?;
        Ok(Json(invite_json(account, id)?))
    })
}

fn invite_json(account: &Account, id: &str) -> Result<Value, Refusal> {
    account.invite(id).map(|invite| invite.json(&account.public_url)).ok_or_else(no_such_invite)
}

/// The body as sent and as understood: 400 where it is not JSON, 422 where a field is wrong.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<(Value, T), Refusal> {
    let raw: Value = serde_json::from_slice(body).map_err(|_| Refusal::bad_request("The body is not JSON."))?;
    let understood = T::deserialize(&raw).map_err(|error| {
        Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", format!("The body is not understood: {error}"))
    })?;
    Ok((raw, understood))
}
