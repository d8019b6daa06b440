//! What Lever's webhook address proves: which tokens confirm a message, and when pings, events and
//! strangers came.

use secrecy::SecretString;

use super::{ConnectionState, store};
use crate::{
    Engine,
    clock::Moment,
    db::Tx,
    fault::StoreError,
    id::{OrganizationId, WebhookId},
    lever::{SignedPart, signature_is_genuine},
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
    pub fn confirming(&self, signed: &SignedPart) -> Option<&WebhookId> {
        // All of them, whichever it is: the time tells nothing.
        let judged = self.tokens.iter().map(|(id, token)| confirms(token, signed).then_some(id));
        judged.fold(None, Option::or)
    }
}

pub(super) fn confirms(token: &SecretString, signed: &SignedPart) -> bool {
    use secrecy::ExposeSecret as _;
    signature_is_genuine(token.expose_secret(), &signed.token, &signed.triggered_at_text(), &signed.signature)
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
    ping: &SignedPart,
) -> Result<(), StoreError> {
    let now = engine.clock.now();
    let mut tx = engine.db.write().await?;
    match confirmed_by {
        Some(webhook) => store::confirm_ping(&mut tx, organization, webhook, now).await?,
        None => {
            let signed = serde_json::to_string(ping).expect("a ping is plain data");
            store::keep_unverified_ping(&mut tx, organization, &signed, now).await?;
        }
    }
    tx.commit().await?;
    engine.live.tell(organization, Change::SetUp);
    Ok(())
}

/// Counts messages that no token of ours confirmed. Tell [`Change::SetUp`] after the commit.
pub(crate) async fn count_refused(
    tx: &mut Tx,
    organization: &OrganizationId,
    count: i64,
    last: Moment,
) -> Result<(), StoreError> {
    store::count_refused(tx, organization, count, last).await
}
