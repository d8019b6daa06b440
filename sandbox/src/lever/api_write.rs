//! Changing candidates: tags, links, stage, archive. Most answers leave the contact's data out.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequest, Path, State};
use axum::routing::{post, put};
use serde::Deserialize;
use serde_json::Value;

use super::Lever;
use super::account::{Account, Missing, touch};
use super::api::{Answer, Caller, data, read};
use super::model::{Millis, Opportunity};
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

/// A request to change one candidate, before it is admitted.
#[derive(FromRequest)]
#[from_request(state(Arc<Lever>))]
struct Writing {
    #[from_request(via(State))]
    lever: Arc<Lever>,
    caller: Caller,
    #[from_request(via(Path))]
    id: String,
    params: Params,
    body: Bytes,
}

impl Writing {
    /// Changes the candidate where scope, visibility and `perform_as` allow it, and answers with `shape`. The
    /// change gets the id of whoever is shown as the writer.
    fn apply(
        &self,
        change: impl FnOnce(&mut Account, &str, Millis) -> Result<(), Missing>,
        shape: impl FnOnce(&Opportunity, &Account) -> Value,
    ) -> Answer {
        self.lever.change(|account, now| {
            self.caller.may(Write, "opportunities")?;
            self.caller.opportunity(account, &self.id)?;
            let writer = self.caller.writer(account, &self.params)?;
            change(account, &writer, now)?;
            Ok(data(shape(account.opportunity(&self.id)?, account)))
        })
    }

    fn tags(&self, change: impl FnOnce(&mut Vec<String>)) -> Answer {
        let change = |account: &mut Account, _: &str, now| {
            let opportunity = account.opportunity_mut(&self.id)?;
            change(&mut opportunity.tags);
            opportunity.updated_at = Some(now);
            Ok(())
        };
        self.apply(change, Opportunity::written)
    }

    /// Links are the contact's; the recorded answer to these had the contact's data in it.
    fn links(&self, change: impl FnOnce(&mut Vec<String>)) -> Answer {
        let change = |account: &mut Account, _: &str, now| {
            let opportunity = account.opportunity_mut(&self.id)?;
            touch(opportunity, now);
            let contact = opportunity.contact.clone();
            if let Some(contact) = account.contacts.get_mut(&contact) {
                change(&mut contact.links);
            }
            Ok(())
        };
        self.apply(change, Opportunity::linked)
    }
}

async fn add_tags(request: Writing) -> Answer {
    let tags = read::<Tags>(&request.body)?.tags;
    request.tags(|own| add_new(own, tags))
}

async fn remove_tags(request: Writing) -> Answer {
    let tags = read::<Tags>(&request.body)?.tags;
    request.tags(|own| own.retain(|tag| !tags.contains(tag)))
}

async fn add_links(request: Writing) -> Answer {
    let links = read::<Links>(&request.body)?.links;
    request.links(|known| add_new(known, links))
}

async fn remove_links(request: Writing) -> Answer {
    let links = read::<Links>(&request.body)?.links;
    request.links(|known| known.retain(|link| !links.contains(link)))
}

fn add_new(known: &mut Vec<String>, new: Vec<String>) {
    for one in new {
        if !known.contains(&one) {
            known.push(one);
        }
    }
}

#[derive(Deserialize)]
struct Stage {
    stage: String,
}

/// An archived candidate can be moved too, and stays archived.
async fn stage(request: Writing) -> Answer {
    let Stage { stage } = read(&request.body)?;
    let change = |account: &mut Account, writer: &str, now| account.move_to(&request.id, &stage, Some(writer), now);
    request.apply(change, Opportunity::written)
}

#[derive(Deserialize)]
struct Archive {
    reason: Option<String>,
}

async fn archived(request: Writing) -> Answer {
    let Archive { reason } = read(&request.body)?;
    let change = |account: &mut Account, _: &str, now| account.archive(&request.id, reason.as_deref(), now);
    request.apply(change, Opportunity::written)
}
