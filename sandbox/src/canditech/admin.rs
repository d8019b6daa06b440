//! `/sandbox`: what tests do to the stand-in without its pages. Nothing here exists at Canditech.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Canditech;
use super::account::{Account, no_such_invite};
use super::api_invite::read;
use super::callback::{Mode, Order};
use super::invite::{Marks, Outcome};
use super::model::{Assessment, AssessmentStatus, Invite, Millis, SectionScore, Signal, Verdict, VerdictAct};
use super::refusal::Refusal;
use super::signature::Secret;
use crate::random;

type Answer = Result<Json<Value>, Refusal>;

pub(super) fn router() -> Router<Arc<Canditech>> {
    Router::new()
        .route("/state", get(state))
        .route("/outbox", get(outbox))
        .route("/secret", post(secret))
        .route("/callbacks", get(callbacks))
        .route("/callbacks/mode", post(mode))
        .route("/callbacks/release", post(release))
        .route("/callbacks/retry", post(retry))
        .route("/start", post(start))
        .route("/complete", post(complete))
        .route("/rescore", post(rescore))
        .route("/verdict", post(verdict))
        .route("/expire", post(expire))
        .route("/decline", post(decline))
        .route("/error", post(fail))
        .route("/assessments/{id}/archive", post(archive))
        .route("/assessments/{id}/publish", post(publish))
        .route("/assessments/{id}/unpublish", post(unpublish))
        .route("/assessments/{id}/rename", post(rename))
        .route("/assessments/{id}/delete", post(delete))
        .route("/assessments/{id}/copy", post(copy))
}

async fn state(State(canditech): State<Arc<Canditech>>) -> Json<Value> {
    let account = canditech.account();
    let invites: Vec<Value> = account.invites.iter().map(|invite| invite_state(&account, invite)).collect();
    let assessments: Vec<Value> = account.assessments.iter().map(Assessment::json).collect();
    Json(json!({
        "invites": invites, "assessments": assessments, "mode": account.callbacks.mode,
        "secret_set": account.callbacks.secret.is_some(), "callback_address": account.callbacks.address,
    }))
}

fn invite_state(account: &Account, invite: &Invite) -> Value {
    let mails: Vec<_> = account.mails.iter().filter(|mail| mail.invite_id == invite.id).collect();
    let mut shown = invite.json(&account.public_url);
    shown["mails"] = json!(mails);
    shown["verdicts"] = json!(invite.verdicts);
    shown
}

async fn outbox(State(canditech): State<Arc<Canditech>>) -> Json<Value> {
    Json(json!({ "data": canditech.account().mails }))
}

#[derive(Deserialize)]
struct SecretRequest {
    secret: String,
    callback_url: Option<String>,
}

async fn secret(State(canditech): State<Arc<Canditech>>, body: Bytes) -> Answer {
    let (_, request): (Value, SecretRequest) = read(&body)?;
    let secret = Secret::parse(&request.secret).map_err(|why| Refusal::invalid("secret", "invalid", why))?;
    canditech.change(|account, _| account.callbacks.set_up(Some(secret), request.callback_url));
    Ok(Json(json!({ "secret_set": true })))
}

async fn callbacks(State(canditech): State<Arc<Canditech>>) -> Json<Value> {
    let account = canditech.account();
    let all: Vec<Value> = account.callbacks.all.iter().map(super::callback::Callback::json).collect();
    Json(json!({ "data": all, "mode": account.callbacks.mode }))
}

async fn mode(State(canditech): State<Arc<Canditech>>, body: Bytes) -> Answer {
    let (_, mode): (Value, Mode) = read(&body)?;
    canditech.change(|account, _| account.callbacks.mode = mode);
    Ok(Json(json!(mode)))
}

#[derive(Deserialize, Default)]
struct ReleaseRequest {
    #[serde(default)]
    order: Order,
}

async fn release(State(canditech): State<Arc<Canditech>>, body: Bytes) -> Answer {
    let request = if body.is_empty() { ReleaseRequest::default() } else { read(&body)?.1 };
    let released = canditech.change(|account, now| account.callbacks.release(request.order, now));
    Ok(Json(json!({ "released": released })))
}

async fn retry(State(canditech): State<Arc<Canditech>>) -> Json<Value> {
    Json(json!({ "waiting": canditech.change(|account, now| account.callbacks.retry_now(now)) }))
}

/// Names an invite by its id, by the caller's reference or by the candidate's address.
#[derive(Deserialize)]
struct Which {
    invite: String,
}

async fn start(State(canditech): State<Arc<Canditech>>, body: Bytes) -> Answer {
    let (_, which): (Value, Which) = read(&body)?;
    act(&canditech, &which.invite, Invite::start)
}

async fn expire(State(canditech): State<Arc<Canditech>>, body: Bytes) -> Answer {
    let (_, which): (Value, Which) = read(&body)?;
    act(&canditech, &which.invite, |invite, _| invite.expire())
}

async fn decline(State(canditech): State<Arc<Canditech>>, body: Bytes) -> Answer {
    let (_, which): (Value, Which) = read(&body)?;
    act(&canditech, &which.invite, |invite, _| invite.decline())
}

#[derive(Deserialize)]
struct FailRequest {
    invite: String,
    reason: Option<String>,
}

async fn fail(State(canditech): State<Arc<Canditech>>, body: Bytes) -> Answer {
    let (_, request): (Value, FailRequest) = read(&body)?;
    let reason = request.reason.unwrap_or_else(|| String::from("The mail to the candidate bounced."));
    act(&canditech, &request.invite, |invite, _| invite.fail(reason))
}

#[derive(Deserialize)]
struct VerdictRequest {
    invite: String,
    verdict: Verdict,
    by: String,
    at: Option<jiff::Timestamp>,
}

async fn verdict(State(canditech): State<Arc<Canditech>>, body: Bytes) -> Answer {
    let (_, request): (Value, VerdictRequest) = read(&body)?;
    act(&canditech, &request.invite, |invite, now| {
        let at = request.at.map_or(now, jiff::Timestamp::as_millisecond);
        invite.decide(VerdictAct { verdict: request.verdict, by: request.by, at })
    })
}

/// A result out of thin air: the score, the sections, or neither (the score is then pending).
#[derive(Deserialize)]
struct ResultRequest {
    invite: String,
    score: Option<u32>,
    sections: Option<Vec<SectionRequest>>,
    #[serde(default)]
    integrity: Vec<Signal>,
}

#[derive(Deserialize)]
struct SectionRequest {
    id: Option<String>,
    name: String,
    score: Option<u32>,
}

impl ResultRequest {
    fn marks(self, account: &Account) -> Result<(String, Marks), Refusal> {
        let invite = account.find(&self.invite).ok_or_else(no_such_invite)?;
        let sections = match self.sections {
            Some(sections) => sections.into_iter().map(SectionRequest::score).collect(),
            None => equal_sections(account, invite, self.score),
        };
        let marks = Marks::of_sections(sections);
        Ok((invite.id.clone(), Marks { score: self.score.or(marks.score), integrity: self.integrity, ..marks }))
    }
}

impl SectionRequest {
    fn score(self) -> SectionScore {
        let id = self.id.unwrap_or_else(|| self.name.to_lowercase().replace(' ', "-"));
        SectionScore { id, name: self.name, weight: 1, value: self.score }
    }
}

/// Every section of the assessment with the same score, so that the sum is right.
fn equal_sections(account: &Account, invite: &Invite, value: Option<u32>) -> Vec<SectionScore> {
    let sections = account.assessment(&invite.assessment_id).map_or(&[][..], |assessment| assessment.sections);
    let score = |section: &super::question::Section| SectionScore {
        id: section.id.to_owned(),
        name: section.name.to_owned(),
        weight: section.weight,
        value,
    };
    sections.iter().map(score).collect()
}

async fn complete(State(canditech): State<Arc<Canditech>>, body: Bytes) -> Answer {
    let (_, request): (Value, ResultRequest) = read(&body)?;
    let (id, marks) = request.marks(&canditech.account())?;
    act(&canditech, &id, |invite, now| invite.complete(marks, now))
}

async fn rescore(State(canditech): State<Arc<Canditech>>, body: Bytes) -> Answer {
    let (_, request): (Value, ResultRequest) = read(&body)?;
    let (id, marks) = request.marks(&canditech.account())?;
    act(&canditech, &id, |invite, _| invite.rescore(marks))
}

fn act(canditech: &Canditech, which: &str, act: impl FnOnce(&mut Invite, Millis) -> Outcome) -> Answer {
    canditech.change(|account, now| {
        let id = account.find(which).ok_or_else(no_such_invite)?.id.clone();
        account.act(&id, now, |invite| act(invite, now))?;
        let invite = account.invite(&id).ok_or_else(no_such_invite)?;
        Ok(Json(invite_state(account, invite)))
    })
}

async fn archive(State(canditech): State<Arc<Canditech>>, Path(id): Path<String>) -> Answer {
    set_status(&canditech, &id, AssessmentStatus::Archived)
}

async fn publish(State(canditech): State<Arc<Canditech>>, Path(id): Path<String>) -> Answer {
    set_status(&canditech, &id, AssessmentStatus::Active)
}

async fn unpublish(State(canditech): State<Arc<Canditech>>, Path(id): Path<String>) -> Answer {
    set_status(&canditech, &id, AssessmentStatus::Draft)
}

#[derive(Deserialize)]
struct RenameRequest {
    name: String,
}

async fn rename(State(canditech): State<Arc<Canditech>>, Path(id): Path<String>, body: Bytes) -> Answer {
    let (_, request): (Value, RenameRequest) = read(&body)?;
    change(&canditech, &id, |assessment| assessment.name = request.name)
}

async fn delete(State(canditech): State<Arc<Canditech>>, Path(id): Path<String>) -> Answer {
    canditech.change(|account, _| {
        let before = account.assessments.len();
        account.assessments.retain(|assessment| assessment.id != id);
        if account.assessments.len() == before { Err(no_such_assessment()) } else { Ok(Json(json!({ "deleted": id }))) }
    })
}

fn set_status(canditech: &Canditech, id: &str, status: AssessmentStatus) -> Answer {
    change(canditech, id, |assessment| assessment.status = status)
}

fn change(canditech: &Canditech, id: &str, change: impl FnOnce(&mut Assessment)) -> Answer {
    canditech.change(|account, _| {
        let found = account.assessments.iter_mut().find(|assessment| assessment.id == id);
        let assessment = found.ok_or_else(no_such_assessment)?;
        change(assessment);
        Ok(Json(assessment.json()))
    })
}

#[derive(Deserialize)]
struct CopyRequest {
    times: usize,
}

/// Many assessments from one, so that a list has several pages.
async fn copy(State(canditech): State<Arc<Canditech>>, Path(id): Path<String>, body: Bytes) -> Answer {
    let (_, request): (Value, CopyRequest) = read(&body)?;
    canditech.change(|account, _| {
        let original = account.assessment(&id).cloned().ok_or_else(no_such_assessment)?;
        for number in 1..=request.times {
            let name = format!("{}, variant {number}", original.name);
            account.assessments.push(Assessment { id: format!("as_{}", random::hex::<4>()), name, ..original.clone() });
        }
        Ok(Json(json!({ "assessments": account.assessments.len() })))
    })
}

fn no_such_assessment() -> Refusal {
    Refusal::not_found("assessment_not_found", "There is no such assessment.")
}
