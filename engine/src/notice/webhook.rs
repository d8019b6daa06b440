//! The outgoing webhook: an organization's own systems are told in signed messages of ids, as Standard Webhooks
//! (standardwebhooks.com) has it. What is behind the ids they may ask a person for.

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use secrecy::SecretString;
use serde_json::{Value, json};
use url::Url;

use super::{Kind, Stored, store, tell::is_news};
use crate::{
    Engine,
    access::{Member, Permission},
    audit::{self, Action, Deed, Facts},
    clock::Moment,
    fault::{FlowError, Refusal, StoreError},
    http,
    id::{NoticeId, OrganizationId},
    job::Outcome,
    provider,
};

const TIME: Duration = Duration::from_secs(15);
const LONGEST_URL: usize = 2_000;

/// Where an organization's own systems are told.
#[derive(Debug, Clone)]
pub struct Outgoing {
    pub url: String,
    /// What signs the messages, for whoever reads them to check.
    pub secret: SecretString,
    /// When a message was taken last.
    pub told_at: Option<Moment>,
    /// Since when and why none is.
    pub failing: Option<(Moment, String)>,
}

/// The organization's outgoing webhook; `None` before there is one.
///
/// # Errors
/// Forbidden for everybody but Super Admins.
pub async fn outgoing(engine: &Engine, member: &Member) -> Result<Option<Outgoing>, FlowError> {
    member.require(Permission::ManageConnection)?;
    Ok(store::outgoing(engine, &member.organization).await?)
}

/// Names the address that is told, with a secret of its own.
///
/// # Errors
/// Forbidden for everybody but Super Admins; refused for an address that may not be named.
pub async fn save_outgoing(engine: &Engine, member: &Member, url: &str) -> Result<(), FlowError> {
    member.require(Permission::ManageConnection)?;
    let url = Url::parse(url.trim()).ok().filter(|url| url.as_str().len() <= LONGEST_URL && url.fragment().is_none());
    let url = url.filter(|url| engine.http.may_tell(url)).ok_or(FlowError::Refused(Refusal::WebhookUrl))?;
    let before = store::outgoing(engine, &member.organization).await?;
    let (secret, now) = (provider::new_secret(), engine.clock.now());
    let mut tx = engine.db.write().await?;
    store::save_outgoing(engine, &mut tx, &member.organization, (url.as_str(), &secret), now).await?;
    let deed = Deed {
        action: Action::OutgoingWebhookSaved,
        subject: member.organization.as_str(),
        before: before.map(|before| host(&before.url)).unwrap_or_default(),
        after: host(url.as_str()),
    };
    audit::record(&mut tx, member, &deed, now).await?;
    tx.commit().await?;
    Ok(())
}

/// An address may hold a secret of the other side's: the log has its host.
fn host(url: &str) -> Facts {
    let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.into_iter().map(|host| ("host", host)).collect()
}

/// Tells the address nothing more.
///
/// # Errors
/// Forbidden for everybody but Super Admins; not found when there is none.
pub async fn remove_outgoing(engine: &Engine, member: &Member) -> Result<(), FlowError> {
    member.require(Permission::ManageConnection)?;
    let mut tx = engine.db.write().await?;
    if !store::remove_outgoing(&mut tx, &member.organization).await? {
        return Err(FlowError::NotFound);
    }
    let deed = Deed::plain(Action::OutgoingWebhookRemoved, member.organization.as_str());
    audit::record(&mut tx, member, &deed, engine.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// Tells the address that this is a test; answers why that was not taken.
///
/// # Errors
/// Forbidden for everybody but Super Admins; not found when there is none.
pub async fn test_outgoing(engine: &Engine, member: &Member) -> Result<Result<(), String>, FlowError> {
    member.require(Permission::ManageConnection)?;
    let outgoing = store::outgoing(engine, &member.organization).await?.ok_or(FlowError::NotFound)?;
    let message = message(&member.organization, "test", engine.clock.now(), json!({}));
    let answer = post(engine, &outgoing, &NoticeId::new(), &message).await;
    note(engine, &member.organization, &outgoing, &answer).await?;
    Ok(answer)
}

/// Delivers a notice; false when there is nothing to tell, or nowhere, any more.
pub(super) async fn deliver(engine: &Engine, organization: &OrganizationId, notice: &Stored) -> Result<bool, Outcome> {
    let Some(outgoing) = store::outgoing(engine, organization).await? else { return Ok(false) };
    let Some(message) = message_of(engine, organization, notice).await? else { return Ok(false) };
    let answer = post(engine, &outgoing, &notice.id, &message).await;
    note(engine, organization, &outgoing, &answer).await?;
    answer.map(|()| true).map_err(Outcome::retry)
}

async fn message_of(
    engine: &Engine,
    organization: &OrganizationId,
    notice: &Stored,
) -> Result<Option<Value>, StoreError> {
    let (kind, about) = match notice.kind {
        Kind::Completed => {
            let page = engine.settings.address(&format!("/candidates/{}", notice.about));
            ("invite.completed", json!({ "invite": notice.about, "page": page }))
        }
        Kind::Broken | Kind::Restored => {
            let Some(outage) = store::known_outage(&engine.db, &notice.about).await? else { return Ok(None) };
            if !is_news(engine, notice, &outage).await? {
                return Ok(None);
            }
            let kind = if notice.kind == Kind::Broken { "chain.broken" } else { "chain.restored" };
            let ended = outage.ended_at.map(Moment::rfc3339);
            (kind, json!({ "link": outage.link, "began_at": outage.began_at.rfc3339(), "ended_at": ended }))
        }
        Kind::Invitation | Kind::PasswordReset | Kind::Digest => return Ok(None),
    };
    Ok(Some(message(organization, kind, notice.created_at, about)))
}

fn message(organization: &OrganizationId, kind: &str, at: Moment, mut data: Value) -> Value {
    data["organization"] = json!(organization);
    json!({ "type": kind, "timestamp": at.rfc3339(), "data": data })
}

async fn post(engine: &Engine, outgoing: &Outgoing, id: &NoticeId, message: &Value) -> Result<(), String> {
    let url = Url::parse(&outgoing.url).map_err(|_| "its address is none".to_owned())?;
    // The list may have changed since the address was stored.
    if !engine.http.may_tell(&url) {
        return Err("its host is not on the list of allowed hosts".into());
    }
    let (body, at) = (message.to_string(), engine.clock.now().0.div_euclid(1000));
    let signature = provider::sign(&outgoing.secret, id.as_str(), at, body.as_bytes());
    let signature = signature.ok_or_else(|| "the secret cannot sign".to_owned())?;
    let request = engine.http.inner().post(url).timeout(TIME).header(CONTENT_TYPE, "application/json");
    let request = request
        .header("webhook-id", id.as_str())
        .header("webhook-timestamp", at.to_string())
        .header("webhook-signature", signature);
    let answer = request.body(body).send().await.map_err(|error| http::failure(&error).to_owned())?;
    let status = answer.status();
    if status.is_success() { Ok(()) } else { Err(format!("it answered {}", status.as_u16())) }
}

async fn note(
    engine: &Engine,
    organization: &OrganizationId,
    outgoing: &Outgoing,
    answer: &Result<(), String>,
) -> Result<(), StoreError> {
    let mut tx = engine.db.write().await?;
    let failure = answer.as_ref().err().map(String::as_str);
    store::note_outgoing(&mut tx, organization, &outgoing.url, failure, engine.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}
