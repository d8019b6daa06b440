//! What Lever's webhook address proves: which tokens confirm a message, and when pings, events and
//! strangers came. Called for each delivery, so each function is one or two statements.

use secrecy::SecretString;

use super::{ConnectionState, store};
use crate::{
    Engine,
    clock::Moment,
    db::Tx,
    fault::StoreError,
    id::{OrganizationId, WebhookId},
    lever::{WebhookBody, signature_is_genuine},
    live::Change,
};

/// The connection behind a webhook address, with the signature tokens that are valid for it.
#[derive(Debug, Clone)]
pub struct Endpoint {
    pub organization: OrganizationId,
    pub state: ConnectionState,
    pub tokens: Vec<(WebhookId, SecretString)>,
}

impl Endpoint {
    /// Which of our tokens confirms the message, if any.
    #[must_use]
    pub fn confirming(&self, body: &WebhookBody) -> Option<&WebhookId> {
        self.tokens.iter().find(|(_, token)| confirms(token, body)).map(|(id, _)| id)
    }
}

pub(super) fn confirms(token: &SecretString, body: &WebhookBody) -> bool {
    use secrecy::ExposeSecret as _;
    signature_is_genuine(token.expose_secret(), &body.token, &body.triggered_at_text(), &body.signature)
}

/// The connection that the unguessable part of a webhook address names.
///
/// # Errors
/// When the database fails.
pub async fn signature_tokens(engine: &Engine, endpoint: &str) -> Result<Option<Endpoint>, StoreError> {
    store::endpoint(engine, endpoint).await
}

/// Counts a verification ping, confirmed by one of our tokens or not. An unconfirmed one is kept as
/// it signed itself: a webhook made by API pings before Lever has told us its token.
///
/// # Errors
/// When the database fails.
pub async fn record_ping(
    engine: &Engine,
    organization: &OrganizationId,
    confirmed_by: Option<&WebhookId>,
    ping: &WebhookBody,
) -> Result<(), StoreError> {
    let now = engine.clock.now();
    let mut tx = engine.db.write().await?;
    match confirmed_by {
        Some(webhook) => store::confirm_ping(&mut tx, organization, webhook, now).await?,
        None => store::keep_unverified_ping(&mut tx, organization, &ping.signed_part(), now).await?,
    }
    tx.commit().await?;
    engine.live.tell(organization, Change::SetUp);
    Ok(())
}

/// Counts a genuine event, in the transaction that stores it. Tell [`Change::SetUp`] after the commit.
///
/// # Errors
/// When the database fails.
pub async fn record_event(
    tx: &mut Tx,
    organization: &OrganizationId,
    confirmed_by: &WebhookId,
    now: Moment,
) -> Result<(), StoreError> {
    store::count_event(tx, organization, confirmed_by, now).await
}

/// Counts a message that no token of ours confirmed.
///
/// # Errors
/// When the database fails.
pub async fn record_refused(engine: &Engine, organization: &OrganizationId) -> Result<(), StoreError> {
    let mut tx = engine.db.write().await?;
    store::count_refused(&mut tx, organization, engine.clock.now()).await?;
    tx.commit().await?;
    engine.live.tell(organization, Change::SetUp);
    Ok(())
}
