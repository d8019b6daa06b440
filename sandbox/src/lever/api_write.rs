//! Changing candidates: tags, links, stage, archive. Most answers leave the contact's data out.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::routing::{post, put};
use serde::Deserialize;

use super::Lever;
use super::account::{Account, touch};
use super::api::{Answer, Caller, data, read};
use super::refusal::Refusal;
use super::scope::Access::Write;
use super::session::Params;

pub(super) fn router() -> Router<Arc<Lever>> {
    Router::new()
        .route("/opportunities/{id}/addTags", post(add_tags))
        .route("/opportunities/{id}/removeTags", post(remove_tags))
        .route("/opportunities/{id}/addLinks", post(add_links))
        .route("/opportunities/{id}/removeLinks", post(remove_links))
        .route("/opportunities/{id}/stage", put(stage))
        .route("/opportunities/{id}/archived", put(archived))
}

#[derive(Deserialize)]
struct Tags {
    tags: Vec<String>,
}

#[derive(Deserialize)]
struct Links {
    links: Vec<String>,
}

async fn add_tags(
    State(lever): State<Arc<Lever>>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
    body: Bytes,
) -> Answer {
    let tags = read::<Tags>(&body)?.tags;
    change_tags(&lever, &caller, &id, &params, |own| add_new(own, tags))
}

async fn remove_tags(
    State(lever): State<Arc<Lever>>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
    body: Bytes,
) -> Answer {
    let tags = read::<Tags>(&body)?.tags;
    change_tags(&lever, &caller, &id, &params, |own| own.retain(|tag| !tags.contains(tag)))
}

fn add_new(known: &mut Vec<String>, new: Vec<String>) {
    for one in new {
        if !known.contains(&one) {
            known.push(one);
        }
    }
}

fn change_tags(
    lever: &Lever,
    caller: &Caller,
    id: &str,
    params: &Params,
    change: impl FnOnce(&mut Vec<String>),
) -> Answer {
    lever.change(|account, now| {
        admit(caller, account, id, params)?;
        let opportunity = account.opportunity_mut(id)?;
        change(&mut opportunity.tags);
        opportunity.updated_at = Some(now);
        Ok(data(account.opportunity(id)?.written(account)))
    })
}

/// Checks scope, visibility and `perform_as`; says who is shown as the writer.
fn admit(caller: &Caller, account: &Account, id: &str, params: &Params) -> Result<String, Refusal> {
    caller.may(Write, "opportunities")?;
    caller.opportunity(account, id)?;
    caller.writer(account, params)
}

async fn add_links(
    State(lever): State<Arc<Lever>>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
    body: Bytes,
) -> Answer {
    let links = read::<Links>(&body)?.links;
    change_links(&lever, &caller, &id, &params, |known| add_new(known, links))
}

async fn remove_links(
    State(lever): State<Arc<Lever>>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
    body: Bytes,
) -> Answer {
    let links = read::<Links>(&body)?.links;
    change_links(&lever, &caller, &id, &params, |known| known.retain(|link| !links.contains(link)))
}

/// Links are the contact's; the recorded answer to these had the contact's data in it.
fn change_links(
    lever: &Lever,
    caller: &Caller,
    id: &str,
    params: &Params,
    change: impl FnOnce(&mut Vec<String>),
) -> Answer {
    lever.change(|account, now| {
        admit(caller, account, id, params)?;
        let opportunity = account.opportunity_mut(id)?;
        touch(opportunity, now);
        let contact = opportunity.contact.clone();
        if let Some(contact) = account.contacts.get_mut(&contact) {
            change(&mut contact.links);
        }
        Ok(data(account.opportunity(id)?.json(account)))
    })
}

#[derive(Deserialize)]
struct Stage {
    stage: String,
}

/// An archived candidate can be moved too, and stays archived.
async fn stage(
    State(lever): State<Arc<Lever>>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
    body: Bytes,
) -> Answer {
    let request: Stage = read(&body)?;
    lever.change(|account, now| {
        let writer = admit(&caller, account, &id, &params)?;
        account.move_to(&id, &request.stage, Some(&writer), now)?;
        Ok(data(account.opportunity(&id)?.written(account)))
    })
}

#[derive(Deserialize)]
struct Archive {
    reason: Option<String>,
}

async fn archived(
    State(lever): State<Arc<Lever>>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
    body: Bytes,
) -> Answer {
    let request: Archive = read(&body)?;
    lever.change(|account, now| {
        admit(&caller, account, &id, &params)?;
        account.archive(&id, request.reason.as_deref(), now)?;
        Ok(data(account.opportunity(&id)?.written(account)))
    })
}
