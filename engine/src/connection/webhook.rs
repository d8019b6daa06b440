//! Lever's Candidate Stage Change webhook: made by API where the scope allows, by hand otherwise.

use secrecy::SecretString;

use super::{
    gap::{HookFound, is_right},
    incoming::confirms,
    store::{self, gap as looks, webhook as stored},
};
use crate::{
    Engine,
    access::{Member, Permission},
    audit::{self, Action, Deed},
    clock::Moment,
    fault::{FlowError, Refusal, StoreError},
    id::{OrganizationId, UserId, WebhookId},
    lever::{Api, LeverError, RemoteWebhook, SignedPart, Verify},
    live::Change,
    vault::is_same,
};

/// What making webhooks by API needs.
pub(super) const SCOPE: &str = "webhooks:write:admin";
/// The one event that we act on.
pub(super) const EVENT: &str = "candidateStageChange";
const LONGEST_TOKEN: usize = 500;

/// Makes the Candidate Stage Change webhook by Lever's API and stores its signature token.
///
/// # Errors
/// Lever's refusal in words; by hand is the other way then.
pub async fn create_webhook(engine: &Engine, member: &Member) -> Result<(), FlowError> {
    member.require(Permission::ManageConnection)?;
    ensure(engine, &member.organization, &member.user).await?;
    let mut tx = engine.db.write().await?;
    let deed = Deed::plain(Action::WebhookMade, member.organization.as_str());
    audit::record(&mut tx, member, &deed, engine.clock.now()).await?;
    tx.commit().await?;
    engine.live.tell(&member.organization, Change::SetUp);
    Ok(())
}

/// Sees to it that exactly one webhook of ours exists in Lever whose token we hold.
pub(super) async fn ensure(engine: &Engine, organization: &OrganizationId, by: &UserId) -> Result<(), LeverError> {
    let api = Api::new(engine, organization);
    let url = our_url(engine, organization).await?.ok_or(LeverError::NotConnected)?;
    let held = stored::made_by_api(engine, organization).await?;
    let known = |hook: &RemoteWebhook| held.contains(&hook.id);
    let ours = api.webhooks().await?.into_iter().filter(|hook| known(hook) || is_ours(hook, &url));
    let (keep, surplus): (Vec<_>, Vec<_>) = ours.partition(|hook| known(hook) && is_right(hook, &url));
    // Lever tells a token only once: a webhook without one we hold is of no use, and would deliver too.
    for hook in surplus.iter().chain(keep.iter().skip(1)) {
        api.delete_webhook(&hook.id).await?;
    }
    if keep.is_empty() {
        create(engine, &api, &url, by).await?;
    }
    Ok(looks::keep(&engine.db, organization, HookFound::InOrder, engine.clock.now()).await?)
}

pub(super) async fn our_url(engine: &Engine, organization: &OrganizationId) -> Result<Option<String>, StoreError> {
    Ok(stored::endpoint(engine, organization).await?.map(|endpoint| super::webhook_url(engine, &endpoint)))
}

fn is_ours(hook: &RemoteWebhook, url: &str) -> bool {
    hook.url == url && hook.event == EVENT
}

async fn create(engine: &Engine, api: &Api, url: &str, by: &UserId) -> Result<(), LeverError> {
    let begun = engine.clock.now();
    let made = match api.create_webhook(EVENT, url, Verify::Connection).await {
        // Whether a failed ping refuses the webhook is not documented; without it a real event proves it.
        Err(LeverError::Refused { .. }) => api.create_webhook(EVENT, url, Verify::Later).await?,
        made => made?,
    };
    let Some(token) = made.signature_token else {
        api.delete_webhook(&made.id).await?;
        return Err(LeverError::BadAnswer("a new webhook without its signature token".into()));
    };
    remember(engine, &api.organization, &stored::NewWebhook { lever_id: Some(&made.id), token: &token, by }, begun)
        .await?;
    Ok(())
}

/// Stores the token, and lets it confirm the ping that came while Lever made the webhook.
async fn remember(
    engine: &Engine,
    organization: &OrganizationId,
    new: &stored::NewWebhook<'_>,
    begun: Moment,
) -> Result<(), StoreError> {
    let now = engine.clock.now();
    let mut tx = engine.db.write().await?;
    stored::retire_made_by_api(&mut tx, organization, now).await?;
    let id = stored::insert(engine, &mut tx, organization, new, now).await?;
    let ping = stored::unverified_ping(&mut tx, organization, begun).await?;
    let ping = ping.and_then(|part| serde_json::from_str::<SignedPart>(&part).ok());
    if ping.is_some_and(|ping| confirms(new.token, &ping)) {
        store::confirm_ping(&mut tx, organization, &id, now).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Takes the signature token of a webhook made by hand in Lever. Tokens taken before stay valid; a
/// ping that came before proves nothing: the next one does.
///
/// # Errors
/// Refused when it is empty or too long.
pub async fn paste_signature_token(engine: &Engine, member: &Member, token: &str) -> Result<(), FlowError> {
    member.require(Permission::ManageConnection)?;
    let token = token.trim();
    let fits = (1..=LONGEST_TOKEN).contains(&token.len()) && !token.contains(char::is_control);
    if !fits {
        return Err(FlowError::Refused(Refusal::Key));
    }
    let organization = &member.organization;
    let endpoint = stored::endpoint(engine, organization).await?.ok_or(FlowError::NotConnected)?;
    if is_held(engine, &endpoint, token).await?.is_some() {
        return Ok(());
    }
    let token = SecretString::from(token);
    let mut tx = engine.db.write().await?;
    let new = stored::NewWebhook { lever_id: None, token: &token, by: &member.user };
    let now = engine.clock.now();
    let id = stored::insert(engine, &mut tx, organization, &new, now).await?;
    audit::record(&mut tx, member, &Deed::plain(Action::SignatureTokenAdded, id.as_str()), now).await?;
    tx.commit().await?;
    engine.live.tell(organization, Change::SetUp);
    Ok(())
}

/// Forgets the signature token of a webhook made by hand: what Lever signs with it is refused from now on. One
/// made by API is replaced by making the webhook again.
///
/// # Errors
/// Forbidden unless the role manages the connection; not found where the organization has no such token.
pub async fn forget_signature_token(engine: &Engine, member: &Member, id: &WebhookId) -> Result<(), FlowError> {
    member.require(Permission::ManageConnection)?;
    let mut tx = engine.db.write().await?;
    if !stored::forget_made_by_hand(&mut tx, &member.organization, id).await? {
        return Err(FlowError::NotFound);
    }
    let deed = Deed::plain(Action::SignatureTokenForgotten, id.as_str());
    audit::record(&mut tx, member, &deed, engine.clock.now()).await?;
    tx.commit().await?;
    engine.live.tell(&member.organization, Change::SetUp);
    Ok(())
}

async fn is_held(engine: &Engine, endpoint: &str, token: &str) -> Result<Option<WebhookId>, StoreError> {
    use secrecy::ExposeSecret as _;
    let held = super::signature_tokens(engine, endpoint).await?.map(|endpoint| endpoint.tokens).unwrap_or_default();
    Ok(held.into_iter().find(|(_, known)| is_same(known.expose_secret(), token)).map(|(id, _)| id))
}

/// Deletes our webhooks in Lever.
pub(crate) async fn delete_ours(engine: &Engine, organization: &OrganizationId) -> Result<(), LeverError> {
    let Some(url) = our_url(engine, organization).await? else { return Ok(()) };
    let api = Api::new(engine, organization);
    for hook in api.webhooks().await?.iter().filter(|hook| is_ours(hook, &url)) {
        api.delete_webhook(&hook.id).await?;
    }
    Ok(())
}
