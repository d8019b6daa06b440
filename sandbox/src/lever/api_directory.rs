//! People, postings, stages, archive reasons, tags and sources: what candidates are sorted by.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use serde_json::{Value, json};

use super::Lever;
use super::api::{Answer, Caller, data, page};
use super::model::{ArchiveReason, Confidentiality, Posting, Stage, User};
use super::pager::{Listing, Part};
use super::refusal::Refusal;
use super::scope::Access::Read;
use super::session::Params;

pub(super) fn router() -> Router<Arc<Lever>> {
    Router::new()
        .route("/users", get(users))
        .route("/users/{id}", get(user))
        .route("/postings", get(postings))
        .route("/postings/{id}", get(posting))
        .route("/stages", get(stages))
        .route("/stages/{id}", get(stage))
        .route("/disposition_stages", get(disposition_stages))
        .route("/archive_reasons", get(archive_reasons))
        .route("/archive_reasons/{id}", get(archive_reason))
        .route("/tags", get(tags))
        .route("/sources", get(sources))
}

/// Whether a repeatable filter lets a value through; unset, it does.
fn matches(params: &Params, name: &str, value: &str) -> bool {
    params.one(name).is_none() || params.all(name).any(|wanted| wanted == value)
}

fn list(lever: &Lever, path: &str, params: &Params, items: Vec<(Vec<Part>, Value)>) -> Answer {
    let listing = Listing::new(path, params, items);
    let (items, envelope) = listing.page(params, &mut lever.account().cursors, lever.now())?;
    Ok(page(items, envelope))
}

async fn users(State(lever): State<Arc<Lever>>, caller: Caller, params: Params) -> Answer {
    caller.may(Read, "users")?;
    let everyone = params.one("includeDeactivated") == Some("true");
    let shown = |user: &&User| {
        (everyone || user.deactivated_at.is_none())
            && matches(&params, "email", &user.email)
            && matches(&params, "accessRole", &user.role)
    };
    let place = |user: &User| vec![Part::newest(user.created_at), Part::Text(user.id.clone())];
    let found = lever.account().users.iter().filter(shown).map(|user| (place(user), user.json())).collect();
    list(&lever, "users", &params, found)
}

async fn user(State(lever): State<Arc<Lever>>, caller: Caller, Path(id): Path<String>) -> Answer {
    caller.may(Read, "users")?;
    let account = lever.account();
    account.user(&id).map(|user| data(user.json())).ok_or_else(|| Refusal::not_found("users", &id))
}

async fn postings(State(lever): State<Arc<Lever>>, caller: Caller, params: Params) -> Answer {
    caller.may(Read, "postings")?;
    let kinds = caller.confidentiality(&params)?;
    let (from, to) = (params.time("updated_at_start")?, params.time("updated_at_end")?);
    let account = lever.account();
    let shown = |posting: &&Posting| {
        kinds.contains(&posting.confidentiality)
            && matches(&params, "state", &posting.state)
            && from.is_none_or(|from| posting.updated_at >= from)
            && to.is_none_or(|to| posting.updated_at <= to)
    };
    let place = |posting: &Posting| vec![Part::newest(posting.created_at), Part::Text(posting.id.clone())];
    let found = account.postings.iter().filter(shown).map(|posting| (place(posting), posting.json(&account)));
    let found = found.collect();
    drop(account);
    list(&lever, "postings", &params, found)
}

async fn posting(State(lever): State<Arc<Lever>>, caller: Caller, Path(id): Path<String>) -> Answer {
    caller.may(Read, "postings")?;
    let account = lever.account();
    let posting = account.posting(&id).ok_or_else(|| Refusal::not_found("postings", &id))?;
    if posting.confidentiality == Confidentiality::Confidential && !caller.sees_confidential() {
        return Err(Refusal::forbidden());
    }
    Ok(data(posting.json(&account)))
}

async fn stages(State(lever): State<Arc<Lever>>, caller: Caller, params: Params) -> Answer {
    caller.may(Read, "stages")?;
    let place = |stage: &Stage| vec![rank(stage), Part::Text(stage.id.clone())];
    let found = lever.account().stages.iter().map(|stage| (place(stage), stage.json())).collect();
    list(&lever, "stages", &params, found)
}

/// A stage's place in the pipeline, as lists are ordered by it.
pub(super) fn rank(stage: &Stage) -> Part {
    Part::Rank((stage.rank * 2.0).round() as i32)
}

async fn stage(State(lever): State<Arc<Lever>>, caller: Caller, Path(id): Path<String>) -> Answer {
    caller.may(Read, "stages")?;
    let account = lever.account();
    account.stage(&id).map(|stage| data(stage.json())).ok_or_else(|| Refusal::not_found("stages", &id))
}

async fn disposition_stages(State(lever): State<Arc<Lever>>, caller: Caller) -> Answer {
    caller.may(Read, "stages")?;
    let account = lever.account();
    let stages: Vec<Value> = account.stages.iter().map(Stage::disposition).collect();
    // Here, and only here, a reason that is no hire has no type.
    let reason = |reason: &ArchiveReason| {
        let mut shape = reason.json();
        if !reason.hired {
            shape["type"] = Value::Null;
        }
        shape
    };
    let reasons: Vec<Value> = account.archive_reasons.iter().map(reason).collect();
    Ok(data(json!({ "stages": stages, "archiveReasons": reasons })))
}

async fn archive_reasons(State(lever): State<Arc<Lever>>, caller: Caller, params: Params) -> Answer {
    caller.may(Read, "archive_reasons")?;
    let account = lever.account();
    let shown = |reason: &&ArchiveReason| matches(&params, "type", if reason.hired { "hired" } else { "non-hired" });
    let found = account.archive_reasons.iter().filter(shown).zip(0..);
    let found = found.map(|(reason, place)| (vec![Part::Rank(place)], reason.json())).collect();
    drop(account);
    list(&lever, "archive_reasons", &params, found)
}

async fn archive_reason(State(lever): State<Arc<Lever>>, caller: Caller, Path(id): Path<String>) -> Answer {
    caller.may(Read, "archive_reasons")?;
    let account = lever.account();
    let found = account.archive_reasons.iter().find(|reason| reason.id == id);
    found.map(|reason| data(reason.json())).ok_or_else(|| Refusal::not_found("archive reasons", &id))
}

async fn tags(State(lever): State<Arc<Lever>>, caller: Caller, params: Params) -> Answer {
    caller.may(Read, "tags")?;
    let account = lever.account();
    let counts = count(account.opportunities.values().flat_map(|opportunity| account.tags(opportunity)));
    drop(account);
    list(&lever, "tags", &params, counts)
}

async fn sources(State(lever): State<Arc<Lever>>, caller: Caller, params: Params) -> Answer {
    caller.may(Read, "sources")?;
    let counts = count(lever.account().opportunities.values().flat_map(|opportunity| opportunity.sources.clone()));
    list(&lever, "sources", &params, counts)
}

/// How often each word occurs, in the order of the words.
fn count(words: impl Iterator<Item = String>) -> Vec<(Vec<Part>, Value)> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for word in words {
        *counts.entry(word).or_default() += 1;
    }
    let shown =
        |(text, count): (String, usize)| (vec![Part::Text(text.clone())], json!({ "text": text, "count": count }));
    counts.into_iter().map(shown).collect()
}
