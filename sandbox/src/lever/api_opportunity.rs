//! Reading candidates: lists with their filters, one opportunity, its applications, its contact.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use serde_json::{Value, json};

use super::Lever;
use super::account::Account;
use super::api::{Answer, Caller, data, page};
use super::api_directory::rank;
use super::model::{Confidentiality, Millis, Opportunity, Stage};
use super::pager::{Listing, Part};
use super::refusal::Refusal;
use super::scope::Access::Read;
use super::session::Params;

pub(super) fn router() -> Router<Arc<Lever>> {
    Router::new()
        .route("/opportunities", get(opportunities))
        .route("/opportunities/deleted", get(deleted))
        .route("/opportunities/{id}", get(opportunity))
        .route("/opportunities/{id}/applications", get(applications))
        .route("/opportunities/{id}/applications/{application}", get(application))
        .route("/contacts/{id}", get(contact))
}

/// What a list asks for: everything unset lets everything through.
struct Filter<'a> {
    params: &'a Params,
    kinds: Vec<Confidentiality>,
    archived: Option<bool>,
    snoozed: Option<bool>,
    created: Range,
    updated: Range,
    advanced: Range,
    archived_at: Range,
}

/// From and to, both included.
struct Range(Option<Millis>, Option<Millis>);

impl Range {
    fn read(params: &Params, what: &str) -> Result<Self, Refusal> {
        Ok(Self(params.time(&format!("{what}_at_start"))?, params.time(&format!("{what}_at_end"))?))
    }

    /// A time that is not known is in no range, and in the one without ends.
    fn holds(&self, at: Option<Millis>) -> bool {
        match (self, at) {
            (Self(None, None), _) => true,
            (_, None) => false,
            (Self(from, to), Some(at)) => from.is_none_or(|from| at >= from) && to.is_none_or(|to| at <= to),
        }
    }
}

impl<'a> Filter<'a> {
    fn read(caller: &Caller, params: &'a Params) -> Result<Self, Refusal> {
        if params.all("email").any(|email| !is_address(email)) {
            return Err(Refusal::bad_request("Email address is not valid"));
        }
        Ok(Self {
            params,
            kinds: caller.confidentiality(params)?,
            archived: flag(params, "archived")?,
            snoozed: flag(params, "snoozed")?,
            created: Range::read(params, "created")?,
            updated: Range::read(params, "updated")?,
            advanced: Range::read(params, "advanced")?,
            archived_at: Range::read(params, "archived")?,
        })
    }

    fn lets_through(&self, account: &Account, one: &Opportunity, now: Millis) -> bool {
        self.kinds.contains(&account.confidentiality(one))
            && self.archived.is_none_or(|archived| one.archived.is_some() == archived)
            && self.snoozed.is_none_or(|snoozed| one.snoozed_until.is_some_and(|until| until > now) == snoozed)
            && self.created.holds(Some(one.created_at))
            && self.updated.holds(one.updated_at)
            && self.advanced.holds(Some(one.last_advanced_at))
            && self.archived_at.holds(one.archived.as_ref().map(|archived| archived.archived_at))
            && self.is_named(account, one)
    }

    /// The repeatable filters: each a union, all of them together.
    fn is_named(&self, account: &Account, one: &Opportunity) -> bool {
        let contact = account.contact(&one.contact);
        let posting = one.posting();
        let archived_posting = posting.filter(|_| one.archived.is_some());
        let reason = one.archived.as_ref().map(|archived| archived.reason.as_str());
        self.wants("stage_id", |id| id == one.stage)
            && self.wants("contact_id", |id| id == one.contact)
            && self.wants("posting_id", |id| posting == Some(id))
            && self.wants("archived_posting_id", |id| archived_posting == Some(id))
            && self.wants("archive_reason_id", |id| reason == Some(id))
            && self.wants("origin", |origin| origin == one.origin)
            && self.wants("location", |location| location == contact.location)
            && self.wants("source", |source| one.sources.iter().any(|known| known == source))
            && self.wants("email", |email| contact.emails.iter().any(|known| known.eq_ignore_ascii_case(email)))
            && self.wants("tag", |tag| account.tags(one).iter().any(|known| known == tag))
    }

    fn wants(&self, name: &str, is: impl Fn(&str) -> bool) -> bool {
        self.params.one(name).is_none() || self.params.all(name).any(is)
    }
}

fn flag(params: &Params, name: &str) -> Result<Option<bool>, Refusal> {
    match params.one(name) {
        None => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(_) => Err(Refusal::bad_request(format!("{name} must be true or false"))),
    }
}

fn is_address(email: &str) -> bool {
    email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.contains('@'))
}

/// By stage along the pipeline, and in a stage by who came last: people who move can be missed.
async fn opportunities(State(lever): State<Arc<Lever>>, caller: Caller, params: Params) -> Answer {
    caller.may(Read, "opportunities")?;
    let (include, expand) = fields(&caller, &params)?;
    let filter = Filter::read(&caller, &params)?;
    let now = lever.now();
    let mut account = lever.account();
    let ranks: BTreeMap<&str, Part> =
        account.stages.iter().map(|stage: &Stage| (stage.id.as_str(), rank(stage))).collect();
    let place = |one: &Opportunity| {
        let rank = ranks.get(one.stage.as_str()).cloned().unwrap_or(Part::Rank(0));
        vec![rank, Part::newest(one.last_advanced_at), Part::Text(one.id.clone())]
    };
    let shown = account.opportunities.values().filter(|one| filter.lets_through(&account, one, now));
    let found = shown.map(|one| (place(one), one.id.clone())).collect();
    let (ids, envelope) = Listing::new("opportunities", &params, found).page(&params, &mut account.cursors, now)?;
    let shown = |id: &String| account.opportunities.get(id).map(|one| one.shown(&account, &include, &expand));
    Ok(page(ids.iter().filter_map(shown).collect(), envelope))
}

/// `include` and `expand`; applications and contacts have scopes of their own.
fn fields<'a>(caller: &Caller, params: &'a Params) -> Result<(Vec<&'a str>, Vec<&'a str>), Refusal> {
    let (include, expand): (Vec<_>, Vec<_>) = (params.all("include").collect(), params.all("expand").collect());
    for (field, resource) in [("applications", "applications"), ("contact", "contact")] {
        if expand.contains(&field) {
            caller.may(Read, resource)?;
        }
    }
    Ok((include, expand))
}

async fn opportunity(
    State(lever): State<Arc<Lever>>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Answer {
    caller.may(Read, "opportunities")?;
    let (include, expand) = fields(&caller, &params)?;
    let account = lever.account();
    Ok(data(caller.opportunity(&account, &id)?.shown(&account, &include, &expand)))
}

async fn deleted(State(lever): State<Arc<Lever>>, caller: Caller, params: Params) -> Answer {
    caller.may(Read, "opportunities")?;
    let range = Range::read(&params, "deleted")?;
    let now = lever.now();
    let mut account = lever.account();
    let gone = account.deleted.iter().filter(|gone| range.holds(Some(gone.deleted_at)));
    let found = gone.map(|gone| {
        let shape = json!({ "id": gone.id, "deletedAt": gone.deleted_at, "deletedBy": gone.deleted_by });
        (vec![Part::newest(gone.deleted_at), Part::Text(gone.id.clone())], shape)
    });
    let found = found.collect();
    let listing = Listing::new("opportunities/deleted", &params, found);
    let (items, envelope) = listing.page(&params, &mut account.cursors, now)?;
    Ok(page(items, envelope))
}

async fn applications(State(lever): State<Arc<Lever>>, caller: Caller, Path(id): Path<String>) -> Answer {
    caller.may(Read, "applications")?;
    let account = lever.account();
    let found: Vec<Value> = caller.opportunity(&account, &id)?.application_json(&account).into_iter().collect();
    Ok(page(found, json!({ "hasNext": false })))
}

async fn application(
    State(lever): State<Arc<Lever>>,
    caller: Caller,
    Path((id, application)): Path<(String, String)>,
) -> Answer {
    caller.may(Read, "applications")?;
    let account = lever.account();
    let found = caller.opportunity(&account, &id)?.application_json(&account);
    let found = found.filter(|found| found["id"] == application.as_str());
    found.map(data).ok_or_else(|| Refusal::not_found("applications", &application))
}

async fn contact(State(lever): State<Arc<Lever>>, caller: Caller, Path(id): Path<String>) -> Answer {
    caller.may(Read, "contact")?;
    let account = lever.account();
    let found = account.contacts.get(&id).map(|contact| data(contact.json()));
    found.ok_or_else(|| Refusal::not_found("contacts", &id))
}
