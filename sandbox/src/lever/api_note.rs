//! Notes on a candidate. There is no idempotency: the same request twice makes two notes.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;
use serde_json::json;

use super::Lever;
use super::account::{Account, NewNote};
use super::api::{Answer, Caller, data, page, read};
use super::model::{Millis, Note};
use super::pager::{Listing, Part};
use super::refusal::Refusal;
use super::scope::Access::{Read, Write};
use super::session::Params;

pub(super) fn router() -> Router<Arc<Lever>> {
    Router::new()
        .route("/opportunities/{id}/notes", get(list).post(create))
        .route("/opportunities/{id}/notes/{note}", get(one).put(update).delete(remove))
}

async fn list(State(lever): State<Arc<Lever>>, caller: Caller, Path(id): Path<String>, params: Params) -> Answer {
    caller.may(Read, "notes")?;
    let now = lever.now();
    let mut account = lever.account();
    let notes = &caller.opportunity(&account, &id)?.notes;
    let place = |note: &Note| vec![Part::newest(note.created_at), Part::Text(note.id.clone())];
    let found = notes.iter().map(|note| (place(note), note.json())).collect();
    let listing = Listing::new(&format!("opportunities/{id}/notes"), &params, found);
    let (items, envelope) = listing.page(&params, &mut account.cursors, now)?;
    Ok(page(items, envelope))
}

async fn one(State(lever): State<Arc<Lever>>, caller: Caller, Path((id, note)): Path<(String, String)>) -> Answer {
    caller.may(Read, "notes")?;
    let account = lever.account();
    let found = caller.opportunity(&account, &id)?.notes.iter().find(|known| known.id == note);
    found.map(|note| data(note.json())).ok_or_else(|| Refusal::not_found("notes", &note))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Create {
    value: String,
    #[serde(default)]
    secret: bool,
    score: Option<i64>,
    created_at: Option<Millis>,
}

async fn create(
    State(lever): State<Arc<Lever>>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
    body: Bytes,
) -> Result<Response, Refusal> {
    caller.may(Write, "notes")?;
    let request: Create = read(&body)?;
    let value = written(request.value)?;
    lever.change(|account, now| {
        caller.opportunity(account, &id)?;
        let note = NewNote {
            value,
            user: caller.writer(account, &params)?,
            secret: request.secret,
            score: request.score,
            created_at: request.created_at.unwrap_or(now),
            written_by: Some(caller.credential.clone()),
        };
        let note = account.write_note(&id, params.one("note_id"), note)?;
        let mut shape = note.json();
        shape["noteId"] = json!(note.id);
        Ok((StatusCode::CREATED, data(shape)).into_response())
    })
}

fn written(value: String) -> Result<String, Refusal> {
    if value.trim().is_empty() { Err(Refusal::bad_request("value is required")) } else { Ok(value) }
}

#[derive(Deserialize)]
struct Update {
    value: String,
}

async fn update(
    State(lever): State<Arc<Lever>>,
    caller: Caller,
    Path((id, note)): Path<(String, String)>,
    body: Bytes,
) -> Answer {
    caller.may(Write, "notes")?;
    let value = written(read::<Update>(&body)?.value)?;
    lever.change(|account, _| {
        let note = own_note(&caller, account, &id, &note)?;
        if let Some(first) = note.comments.first_mut() {
            first.value = value;
        }
        Ok(data(note.json()))
    })
}

async fn remove(
    State(lever): State<Arc<Lever>>,
    caller: Caller,
    Path((id, note)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    caller.may(Write, "notes")?;
    lever.change(|account, _| {
        own_note(&caller, account, &id, &note)?;
        account.opportunity_mut(&id)?.notes.retain(|known| known.id != note);
        Ok(StatusCode::NO_CONTENT)
    })
}

/// A note that this credential wrote; people's and other apps' notes are not to be touched.
fn own_note<'a>(caller: &Caller, account: &'a mut Account, id: &str, note: &str) -> Result<&'a mut Note, Refusal> {
    caller.opportunity(account, id)?;
    let notes = &mut account.opportunity_mut(id)?.notes;
    let found = notes.iter_mut().find(|known| known.id == note).ok_or_else(|| Refusal::not_found("notes", note))?;
    if found.written_by.as_ref() == Some(&caller.credential) { Ok(found) } else { Err(Refusal::forbidden()) }
}
