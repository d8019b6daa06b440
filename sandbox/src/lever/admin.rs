//! `/sandbox`: what tests do to candidates without the pages. Nothing here exists at Lever.
//!
//! Stages, postings, people and reasons can be named by id or by name.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Lever;
use super::account::{Account, Missing, NewCandidate, NewNote, Notes};
use super::api::{Answer, app, read};
use super::model::{Contact, Note, Opportunity, Posting, Stage, User};
use super::webhook::{Maker, Webhook};
use crate::ledger::Ledger;

pub(super) fn router(ledger: Ledger) -> Router<Arc<Lever>> {
    Router::new()
        .route("/state", get(state))
        .route("/reset", post(reset))
        .route("/candidates", post(add))
        .route("/candidates/bulk", post(add_many))
        .route("/move", post(move_one))
        .route("/bulk-move", post(move_many))
        .route("/archive", post(archive))
        .route("/unarchive", post(unarchive))
        .route("/anonymize", post(anonymize))
        .route("/delete", post(delete))
        .route("/merge", post(merge))
        .route("/email", post(email))
        .route("/notes", post(add_note))
        .route("/notes/edit", post(edit_note))
        .layer(Extension(ledger))
}

/// The whole account, with the notes of each opportunity in it.
async fn state(State(lever): State<Arc<Lever>>, Extension(ledger): Extension<Ledger>) -> Json<Value> {
    let account = lever.account();
    let opportunities: Vec<Value> = account.opportunities.values().map(|one| seen(&account, one)).collect();
    Json(json!({
        "now_ms": lever.now(), "version": lever.version(), "ledger": ledger.len(), "account": account.id,
        "opportunities": opportunities, "deleted": account.deleted.len(),
        "contacts": account.contacts.values().map(Contact::json).collect::<Vec<_>>(),
        "stages": account.stages.iter().map(Stage::json).collect::<Vec<_>>(),
        "postings": account.postings.iter().map(|posting: &Posting| posting.json(&account)).collect::<Vec<_>>(),
        "users": account.users.iter().map(User::json).collect::<Vec<_>>(),
        "webhooks": account.hooks.all.iter().map(hook).collect::<Vec<_>>(),
        "deliveries": account.hooks.deliveries, "webhook_mode": account.hooks.mode,
    }))
}

fn seen(account: &Account, opportunity: &Opportunity) -> Value {
    let mut shape = opportunity.json(account);
    shape["posting"] = json!(opportunity.posting());
    shape["notes"] = opportunity.notes.iter().map(Note::json).collect();
    shape
}

fn hook(webhook: &Webhook) -> Value {
    let mut shape = webhook.json();
    shape["made_by_hand"] = json!(webhook.maker == Maker::Hand);
    shape["signature_token"] = json!(webhook.signature_token);
    shape
}

async fn reset(State(lever): State<Arc<Lever>>, Extension(ledger): Extension<Ledger>) -> Json<Value> {
    lever.reset();
    ledger.clear();
    Json(json!({ "version": lever.version() }))
}

#[derive(Deserialize)]
struct Add {
    name: String,
    email: Option<String>,
    posting: Option<String>,
    #[serde(default = "first_stage")]
    stage: String,
    owner: Option<String>,
    #[serde(default)]
    followers: Vec<String>,
}

fn first_stage() -> String {
    "applicant-new".to_owned()
}

impl Add {
    fn resolve(self, account: &Account) -> Result<NewCandidate, Missing> {
        Ok(NewCandidate {
            name: self.name,
            email: self.email.filter(|email| !email.is_empty()),
            posting: self.posting.map(|posting| account.find_posting(&posting)).transpose()?,
            stage: account.find_stage(&self.stage)?,
            owner: self.owner.map(|user| account.find_user(&user)).transpose()?,
            followers: self.followers.iter().map(|user| account.find_user(user)).collect::<Result<_, _>>()?,
            by: None,
        })
    }
}

/// Answers the ids of the opportunity, its contact and its application.
async fn add(State(lever): State<Arc<Lever>>, body: Bytes) -> Answer {
    let request: Add = read(&body)?;
    lever.change(|account, now| {
        let new = request.resolve(account)?;
        let id = account.add_candidate(new, now);
        let opportunity = account.opportunity(&id)?;
        let application = opportunity.application.as_ref().map(|application| &application.id);
        Ok(Json(json!({ "opportunity": id, "contact": opportunity.contact, "application": application })))
    })
}

#[derive(Deserialize)]
struct AddMany {
    n: usize,
    posting: Option<String>,
    #[serde(default = "first_stage")]
    stage: String,
    #[serde(default)]
    prefix: Option<String>,
}

async fn add_many(State(lever): State<Arc<Lever>>, body: Bytes) -> Answer {
    let request: AddMany = read(&body)?;
    let prefix = request.prefix.as_deref().unwrap_or("Candidate");
    lever.change(|account, now| {
        let posting = request.posting.as_ref().map(|posting| account.find_posting(posting)).transpose()?;
        let stage = account.find_stage(&request.stage)?;
        let first = account.opportunities.len();
        let new = |number: usize| NewCandidate {
            name: format!("{prefix} {number:05}"),
            email: Some(format!("{}.{number:05}@mail.example", prefix.to_lowercase().replace(' ', "."))),
            posting: posting.clone(),
            stage: stage.clone(),
            ..NewCandidate::default()
        };
        let ids = account.add_candidates((first..first + request.n).map(new).collect(), now);
        Ok(Json(json!({ "opportunities": ids })))
    })
}

#[derive(Deserialize)]
struct Move {
    opportunity: String,
    stage: String,
    by: Option<String>,
}

async fn move_one(State(lever): State<Arc<Lever>>, body: Bytes) -> Answer {
    let request: Move = read(&body)?;
    lever.change(|account, now| {
        let stage = account.find_stage(&request.stage)?;
        let by = request.by.as_ref().map(|user| account.find_user(user)).transpose()?;
        account.move_to(&request.opportunity, &stage, by.as_deref(), now)?;
        Ok(Json(seen(account, account.opportunity(&request.opportunity)?)))
    })
}

#[derive(Deserialize)]
struct MoveMany {
    opportunities: Option<Vec<String>>,
    /// All of that stage, where nobody is named.
    from: Option<String>,
    stage: String,
}

async fn move_many(State(lever): State<Arc<Lever>>, body: Bytes) -> Answer {
    let request: MoveMany = read(&body)?;
    lever.change(|account, now| {
        let stage = account.find_stage(&request.stage)?;
        let from = request.from.as_ref().map(|from| account.find_stage(from)).transpose()?;
        let in_stage = |one: &&Opportunity| Some(&one.stage) == from.as_ref();
        let all = request
            .opportunities
            .unwrap_or_else(|| account.opportunities.values().filter(in_stage).map(|one| one.id.clone()).collect());
        for opportunity in &all {
            account.move_to(opportunity, &stage, None, now)?;
        }
        Ok(Json(json!({ "moved": all.len() })))
    })
}

#[derive(Deserialize)]
struct Archive {
    opportunity: String,
    #[serde(default = "common_reason")]
    reason: String,
}

fn common_reason() -> String {
    "Under-qualified".to_owned()
}

async fn archive(State(lever): State<Arc<Lever>>, body: Bytes) -> Answer {
    let request: Archive = read(&body)?;
    lever.change(|account, now| {
        account.archive(&request.opportunity, Some(&request.reason), now)?;
        Ok(Json(seen(account, account.opportunity(&request.opportunity)?)))
    })
}

#[derive(Deserialize)]
struct Which {
    opportunity: String,
}

async fn unarchive(State(lever): State<Arc<Lever>>, body: Bytes) -> Answer {
    let request: Which = read(&body)?;
    lever.change(|account, now| {
        account.archive(&request.opportunity, None, now)?;
        Ok(Json(seen(account, account.opportunity(&request.opportunity)?)))
    })
}

#[derive(Deserialize)]
struct Anonymize {
    opportunity: String,
    #[serde(default)]
    keep_notes: bool,
}

async fn anonymize(State(lever): State<Arc<Lever>>, body: Bytes) -> Answer {
    let request: Anonymize = read(&body)?;
    let notes = if request.keep_notes { Notes::Kept } else { Notes::Cleared };
    lever.change(|account, now| {
        account.anonymize(&request.opportunity, notes, now)?;
        Ok(Json(seen(account, account.opportunity(&request.opportunity)?)))
    })
}

async fn delete(State(lever): State<Arc<Lever>>, body: Bytes) -> Answer {
    let request: Which = read(&body)?;
    lever.change(|account, now| {
        let by = account.users.iter().find(|user| user.is_super_admin()).map(|user| user.id.clone());
        account.delete(&request.opportunity, &by.unwrap_or_default(), now)?;
        Ok(Json(json!({ "deleted": request.opportunity })))
    })
}

#[derive(Deserialize)]
struct Merge {
    from: String,
    into: String,
}

async fn merge(State(lever): State<Arc<Lever>>, body: Bytes) -> Answer {
    let request: Merge = read(&body)?;
    lever.change(|account, now| {
        account.merge(&request.from, &request.into, now)?;
        Ok(Json(seen(account, account.opportunity(&request.from)?)))
    })
}

#[derive(Deserialize)]
struct Emails {
    opportunity: String,
    emails: Vec<String>,
}

async fn email(State(lever): State<Arc<Lever>>, body: Bytes) -> Answer {
    let request: Emails = read(&body)?;
    lever.change(|account, now| {
        account.set_emails(&request.opportunity, request.emails, now)?;
        Ok(Json(seen(account, account.opportunity(&request.opportunity)?)))
    })
}

#[derive(Deserialize)]
struct AddNote {
    opportunity: String,
    text: String,
    #[serde(default)]
    by_hand: bool,
}

/// A note that the app wrote at some time, or somebody by hand; answers its id.
async fn add_note(State(lever): State<Arc<Lever>>, body: Bytes) -> Answer {
    let request: AddNote = read(&body)?;
    let written_by = Some(app(&lever.client_id)).filter(|_| !request.by_hand);
    lever.change(|account, now| {
        let user = account.users.iter().find(|user| user.is_super_admin()).map(|user| user.id.clone());
        let (user, value) = (user.unwrap_or_default(), request.text);
        let note = NewNote { value, user, secret: false, score: None, created_at: now, written_by };
        let note = account.write_note(&request.opportunity, None, note)?;
        Ok(Json(json!({ "note": note.id })))
    })
}

#[derive(Deserialize)]
struct EditNote {
    opportunity: String,
    /// Which note: one that has these words.
    having: String,
    /// Nothing deletes it.
    text: Option<String>,
}

/// A person changes or deletes a note, whoever wrote it.
async fn edit_note(State(lever): State<Arc<Lever>>, body: Bytes) -> Answer {
    let request: EditNote = read(&body)?;
    lever.change(|account, _| {
        let notes = &mut account.opportunity_mut(&request.opportunity)?.notes;
        let has = |note: &Note| note.comments.first().is_some_and(|first| first.value.contains(&request.having));
        let place = notes.iter().position(has).ok_or(Missing::Note)?;
        match request.text {
            Some(text) => notes[place].comments[0].value = text,
            None => drop(notes.remove(place)),
        }
        Ok(Json(json!({ "notes": notes.len() })))
    })
}
