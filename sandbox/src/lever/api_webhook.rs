//! Webhooks made through the API: each has its own signature token, shown once.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::Lever;
use super::api::{Answer, Caller, data, page, read};
use super::dispatch;
use super::event::Event;
use super::refusal::Refusal;
use super::scope::Access::{Read, Write};
use super::webhook::{Maker, ORIGINS, Webhook};
use crate::random;

pub(super) fn router() -> Router<Arc<Lever>> {
    Router::new()
        .route("/webhooks", get(list).post(create).put(update))
        .route("/webhooks/{id}", put(update_one).delete(remove))
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Configuration {
    conditions: Option<Conditions>,
    /// The official sample has them here.
    origins: Option<Vec<String>>,
    verify_connection: bool,
}

#[derive(Deserialize)]
struct Conditions {
    origins: Option<Vec<String>>,
}

impl Configuration {
    fn origins(&self, event: Event) -> Result<Option<Vec<String>>, Refusal> {
        let nested = self.conditions.as_ref().and_then(|conditions| conditions.origins.clone());
        let origins = nested.or_else(|| self.origins.clone());
        let known = |origin: &String| ORIGINS.contains(&origin.as_str());
        match origins {
            Some(_) if !event.takes_origins() => Err(Refusal::bad_request("This event takes no conditions")),
            Some(origins) if !origins.iter().all(known) => Err(Refusal::bad_request("There is no such origin")),
            origins => Ok(origins),
        }
    }
}

#[derive(Deserialize)]
struct Create {
    event: String,
    url: String,
    #[serde(default)]
    configuration: Configuration,
}

async fn create(State(lever): State<Arc<Lever>>, caller: Caller, body: Bytes) -> Result<Response, Refusal> {
    caller.may(Write, "webhooks")?;
    let request: Create = read(&body)?;
    let event = Event::parse(&request.event).ok_or_else(|| Refusal::bad_request("There is no such event"))?;
    let now = lever.now();
    let webhook = Webhook {
        id: random::uuid(),
        event,
        url: address(&request.url).map_err(Refusal::bad_request)?,
        origins: request.configuration.origins(event)?.unwrap_or_else(all_origins),
        maker: Maker::Credential(caller.credential),
        signature_token: random::hex::<24>(),
        created_at: now,
        updated_at: now,
        verified: None,
    };
    // The ping arrives before the caller knows the signature token, as at Lever.
    if request.configuration.verify_connection {
        ping(&lever, &webhook).await?;
    }
    let mut shape = webhook.json();
    shape["configuration"]["signatureToken"] = json!(webhook.signature_token);
    lever.change(|account, _| account.hooks.all.push(webhook));
    Ok((StatusCode::CREATED, data(shape)).into_response())
}

async fn ping(lever: &Lever, webhook: &Webhook) -> Result<(), Refusal> {
    let wrong = |why| Refusal::bad_request(format!("The connection could not be verified: {why}"));
    dispatch::verify(lever, webhook).await.map_err(wrong)
}

pub(super) fn all_origins() -> Vec<String> {
    ORIGINS.iter().map(|origin| (*origin).to_owned()).collect()
}

/// An address that webhooks may go to: https, or this machine, as this is a stand-in.
pub(super) fn address(text: &str) -> Result<String, &'static str> {
    let url = Url::parse(text.trim()).map_err(|_| "This is not a web address")?;
    let host = url.host_str().unwrap_or_default();
    let local = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    match url.scheme() {
        "https" => Ok(url.into()),
        "http" if local => Ok(url.into()),
        _ => Err("The address must begin with https"),
    }
}

/// Only the caller's own, and not in pages.
async fn list(State(lever): State<Arc<Lever>>, caller: Caller) -> Answer {
    caller.may(Read, "webhooks")?;
    let mine = Maker::Credential(caller.credential);
    let found = lever.account().hooks.all.iter().filter(|hook| hook.maker == mine).map(Webhook::json).collect();
    Ok(page(found, json!({})))
}

#[derive(Deserialize)]
struct Update {
    id: String,
    #[serde(flatten)]
    changes: Changes,
}

#[derive(Deserialize)]
struct Changes {
    url: Option<String>,
    event: Option<String>,
    #[serde(default)]
    configuration: Configuration,
}

#[derive(Deserialize)]
struct Updates {
    data: Vec<Update>,
}

async fn update(State(lever): State<Arc<Lever>>, caller: Caller, body: Bytes) -> Answer {
    caller.may(Write, "webhooks")?;
    let mut shapes = Vec::new();
    for update in read::<Updates>(&body)?.data {
        shapes.push(change(&lever, &caller, &update.id, update.changes).await?);
    }
    Ok(data(shapes))
}

async fn update_one(State(lever): State<Arc<Lever>>, caller: Caller, Path(id): Path<String>, body: Bytes) -> Answer {
    caller.may(Write, "webhooks")?;
    Ok(data(change(&lever, &caller, &id, read(&body)?).await?))
}

async fn change(lever: &Lever, caller: &Caller, id: &str, changes: Changes) -> Result<Value, Refusal> {
    let mut webhook = own(lever, caller, id)?;
    if let Some(event) = &changes.event {
        webhook.event = Event::parse(event).ok_or_else(|| Refusal::bad_request("There is no such event"))?;
    }
    if let Some(url) = &changes.url {
        webhook.url = address(url).map_err(Refusal::bad_request)?;
    }
    if let Some(origins) = changes.configuration.origins(webhook.event)? {
        webhook.origins = origins;
    }
    if changes.configuration.verify_connection {
        ping(lever, &webhook).await?;
    }
    lever.change(|account, now| {
        webhook.updated_at = now;
        let place = account.hooks.all.iter_mut().find(|known| known.id == id);
        *place.ok_or_else(|| Refusal::not_found("webhooks", id))? = webhook.clone();
        Ok(webhook.json())
    })
}

fn own(lever: &Lever, caller: &Caller, id: &str) -> Result<Webhook, Refusal> {
    let mine = Maker::Credential(caller.credential.clone());
    let account = lever.account();
    let found = account.hooks.all.iter().find(|known| known.id == id && known.maker == mine);
    found.cloned().ok_or_else(|| Refusal::not_found("webhooks", id))
}

async fn remove(
    State(lever): State<Arc<Lever>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    caller.may(Write, "webhooks")?;
    own(&lever, &caller, &id)?;
    lever.change(|account, _| account.hooks.all.retain(|known| known.id != id));
    Ok(StatusCode::NO_CONTENT)
}
