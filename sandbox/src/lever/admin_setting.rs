//! `/sandbox`: what tests do to settings, access and webhooks without the pages.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Lever;
use super::account_setting::{Interviews, NewPosting};
use super::api::{Answer, read};
use super::bucket::Limit;
use super::grant::AccountClaim;
use super::model::Confidentiality;
use super::scope;
use super::webhook::{Maker, Mode, Order, Webhook};

pub(super) fn router() -> Router<Arc<Lever>> {
    Router::new()
        .route("/stages", post(add_stage))
        .route("/stages/rename", post(rename_stage))
        .route("/stages/remove", post(remove_stage))
        .route("/postings", post(add_posting))
        .route("/postings/change", post(change_posting))
        .route("/postings/fill", post(fill_postings))
        .route("/users/deactivate", post(deactivate))
        .route("/users/role", post(role))
        .route("/revoke", post(revoke))
        .route("/scopes", post(scopes))
        .route("/api-key", post(api_key))
        .route("/token-lifetime", post(token_lifetime))
        .route("/account", post(other_account))
        .route("/account-claim", post(account_claim))
        .route("/rate", post(rate))
        .route("/rate/refill", post(refill))
        .route("/webhooks/mode", post(mode))
        .route("/webhooks/release", post(release))
        .route("/webhooks/change", post(change_hooks))
        .route("/webhooks/answers", get(answers))
}

#[derive(Deserialize)]
struct StageName {
    text: String,
    #[serde(default)]
    interviews: bool,
}

async fn add_stage(State(lever): State<Arc<Lever>>, body: Bytes) -> Answer {
    let request: StageName = read(&body)?;
    let interviews = if request.interviews { Interviews::Here } else { Interviews::NotHere };
    let id = lever.change(|account, _| account.add_stage(&request.text, interviews));
    Ok(Json(json!({ "stage": id })))
}

#[derive(Deserialize)]
struct Rename {
    stage: String,
    text: String,
}

async fn rename_stage(State(lever): State<Arc<Lever>>, body: Bytes) -> Answer {
    let request: Rename = read(&body)?;
    lever.change(|account, _| {
        let id = account.find_stage(&request.stage)?;
        account.rename_stage(&id, &request.text)?;
        Ok(Json(json!({ "stage": id })))
    })
}

async fn remove_stage(State(lever): State<Arc<Lever>>, body: Bytes) -> Answer {
    let request: StageName = read(&body)?;
    lever.change(|account, now| {
        let id = account.find_stage(&request.text)?;
        account.remove_stage(&id, None, now)?;
        Ok(Json(json!({ "removed": id })))
    })
}

#[derive(Deserialize)]
struct AddPosting {
    text: String,
    #[serde(default = "published")]
    state: String,
    #[serde(default = "open")]
    confidentiality: Confidentiality,
    #[serde(default)]
    team: String,
    #[serde(default)]
    location: String,
    #[serde(default = "owner")]
    owner: String,
}

fn published() -> String {
    "published".to_owned()
}

fn open() -> Confidentiality {
    Confidentiality::NonConfidential
}

fn owner() -> String {
    "Nora Lindqvist".to_owned()
}

async fn add_posting(State(lever): State<Arc<Lever>>, body: Bytes) -> Answer {
    let request: AddPosting = read(&body)?;
    lever.change(|account, now| {
        let new = NewPosting {
            text: request.text,
            state: request.state,
            team: request.team,
            location: request.location,
            confidentiality: request.confidentiality,
            user: account.find_user(&request.owner)?,
        };
        Ok(Json(json!({ "posting": account.add_posting(new, now) })))
    })
}

#[derive(Deserialize)]
struct ChangePosting {
    posting: String,
    text: Option<String>,
    state: Option<String>,
    confidentiality: Option<Confidentiality>,
    hiring_manager: Option<String>,
    followers: Option<Vec<String>>,
}

async fn change_posting(State(lever): State<Arc<Lever>>, body: Bytes) -> Answer {
    let request: ChangePosting = read(&body)?;
    lever.change(|account, now| {
        let id = account.find_posting(&request.posting)?;
        let manager = request.hiring_manager.map(|user| account.find_user(&user)).transpose()?;
        let followers = request.followers.unwrap_or_default();
        let followers: Vec<String> = followers.iter().map(|user| account.find_user(user)).collect::<Result<_, _>>()?;
        account.change_posting(&id, now, |posting| {
            posting.text = request.text.unwrap_or_else(|| posting.text.clone());
            posting.state = request.state.unwrap_or_else(|| posting.state.clone());
            posting.confidentiality = request.confidentiality.unwrap_or(posting.confidentiality);
            posting.hiring_manager = manager.or_else(|| posting.hiring_manager.clone());
            posting.followers.extend(followers);
        })?;
        Ok(Json(json!({ "posting": id })))
    })
}

#[derive(Deserialize)]
struct Fill {
    until: usize,
}

async fn fill_postings(State(lever): State<Arc<Lever>>, body: Bytes) -> Answer {
    let request: Fill = read(&body)?;
    lever.change(|account, now| {
        let by = account.find_user(&owner())?;
        account.fill_postings(request.until, &by, now);
        Ok(Json(json!({ "postings": account.postings.len() })))
    })
}

#[derive(Deserialize)]
struct Person {
    user: String,
    role: Option<String>,
}

/// Whoever leaves takes what they granted with them.
async fn deactivate(State(lever): State<Arc<Lever>>, body: Bytes) -> Answer {
    let request: Person = read(&body)?;
    let id = lever.change(|account, now| {
        let id = account.find_user(&request.user)?;
        account.users.iter_mut().filter(|user| user.id == id).for_each(|user| user.deactivated_at = Some(now));
        Ok::<_, super::account::Missing>(id)
    })?;
    lever.grants().revoke_user(&id);
    Ok(Json(json!({ "deactivated": id })))
}

async fn role(State(lever): State<Arc<Lever>>, body: Bytes) -> Answer {
    let request: Person = read(&body)?;
    lever.change(|account, _| {
        let id = account.find_user(&request.user)?;
        let role = request.role.unwrap_or_default();
        account.users.iter_mut().filter(|user| user.id == id).for_each(|user| user.role.clone_from(&role));
        Ok(Json(json!({ "user": id, "role": role })))
    })
}

async fn revoke(State(lever): State<Arc<Lever>>) -> Json<Value> {
    lever.grants().revoke_app(&lever.client_id);
    lever.change(|_, _| ());
    Json(json!({ "revoked": lever.client_id }))
}

#[derive(Deserialize)]
struct Scopes {
    deny: Vec<String>,
}

/// Consents from now on leave these out, whatever is asked for.
async fn scopes(State(lever): State<Arc<Lever>>, body: Bytes) -> Answer {
    let request: Scopes = read(&body)?;
    lever.grants().denied.clone_from(&request.deny);
    Ok(Json(json!({ "deny": request.deny })))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct NewKey {
    scopes: Option<Vec<String>>,
}

/// A customer's API key; without scopes, one that may do everything but see what is confidential.
async fn api_key(State(lever): State<Arc<Lever>>, body: Bytes) -> Answer {
    let request: NewKey = if body.is_empty() { NewKey::default() } else { read(&body)? };
    let everything = || scope::ALL.iter().map(|(id, _)| (*id).to_owned()).filter(|id| id != scope::CONFIDENTIAL);
    let scopes = request.scopes.unwrap_or_else(|| everything().collect());
    let user = lever.account().find_user(&owner())?;
    let key = lever.grants().add_key("made by a test".to_owned(), user, scopes, lever.now());
    Ok(Json(json!({ "id": key.id, "key": key.secret })))
}

#[derive(Deserialize)]
struct Lifetime {
    seconds: i64,
}

async fn token_lifetime(State(lever): State<Arc<Lever>>, body: Bytes) -> Answer {
    let request: Lifetime = read(&body)?;
    lever.grants().lifetime_s = request.seconds;
    Ok(Json(json!({ "seconds": request.seconds })))
}

#[derive(Deserialize)]
struct OtherAccount {
    domain: String,
}

/// People log in to another company's account from now on; access to the one before is over.
async fn other_account(State(lever): State<Arc<Lever>>, body: Bytes) -> Answer {
    let request: OtherAccount = read(&body)?;
    lever.grants().revoke_app(&lever.client_id);
    lever.change(|account, _| {
        account.become_another(&request.domain);
        Ok(Json(json!({ "account": account.id })))
    })
}

#[derive(Deserialize)]
struct Claim {
    shown: bool,
}

async fn account_claim(State(lever): State<Arc<Lever>>, body: Bytes) -> Answer {
    let request: Claim = read(&body)?;
    lever.grants().account_claim = if request.shown { AccountClaim::Shown } else { AccountClaim::Left };
    Ok(Json(json!({ "shown": request.shown })))
}

async fn rate(State(lever): State<Arc<Lever>>, body: Bytes) -> Answer {
    let limit: Limit = read(&body)?;
    lever.buckets.set(limit);
    Ok(Json(json!(limit)))
}

async fn refill(State(lever): State<Arc<Lever>>) -> Json<Value> {
    lever.buckets.refill();
    Json(json!({ "full": true }))
}

async fn mode(State(lever): State<Arc<Lever>>, body: Bytes) -> Answer {
    let mode: Mode = read(&body)?;
    lever.change(|account, _| account.hooks.mode = mode.clone());
    Ok(Json(json!(mode)))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Release {
    order: Order,
}

async fn release(State(lever): State<Arc<Lever>>, body: Bytes) -> Answer {
    let request: Release = if body.is_empty() { Release::default() } else { read(&body)? };
    let released = lever.change(|account, now| account.hooks.release(request.order, now));
    Ok(Json(json!({ "released": released })))
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum HookChange {
    Remove,
    Url(String),
    Origins(Vec<String>),
}

/// What happens to the webhooks that apps made, by nobody's hand that the app knows of.
async fn change_hooks(State(lever): State<Arc<Lever>>, body: Bytes) -> Answer {
    let change: HookChange = read(&body)?;
    let left = lever.change(|account, _| {
        let by_app = |hook: &Webhook| hook.maker != Maker::Hand;
        match change {
            HookChange::Remove => account.hooks.all.retain(|hook| !by_app(hook)),
            HookChange::Url(url) => {
                account.hooks.all.iter_mut().filter(|hook| by_app(hook)).for_each(|hook| hook.url.clone_from(&url));
            }
            HookChange::Origins(origins) => {
                let by_app = account.hooks.all.iter_mut().filter(|hook| by_app(hook));
                by_app.for_each(|hook| hook.origins.clone_from(&origins));
            }
        }
        account.hooks.all.len()
    });
    Ok(Json(json!({ "webhooks": left })))
}

/// How the attempts to deliver went, and how many messages are still to be delivered.
async fn answers(State(lever): State<Arc<Lever>>) -> Json<Value> {
    let account = lever.account();
    let (answers, open) = (account.hooks.answers, account.hooks.open());
    Json(json!({ "all": answers.all, "taken": answers.taken, "open": open }))
}
