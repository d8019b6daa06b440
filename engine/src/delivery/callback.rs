//! The provider's callbacks: a genuine one is kept and causes a fetch; what it says is only a hint.

use super::{
    Received,
    batch::{Kept, NewDelivery, Proof},
    inbox::Deceived,
    is_plain,
    sound::is_sound,
    text,
};
use crate::{
    Engine,
    fault::StoreError,
    id::{DeliveryId, InviteId, ProviderInviteId},
    invite,
    job::Work,
    provider::{self, CallbackHeaders, Protocol},
    random,
};

pub(super) async fn receive(
    engine: &Engine,
    protocol: Protocol,
    endpoint: &str,
    headers: &CallbackHeaders,
    body: &[u8],
) -> Result<Received, StoreError> {
    let Some(text) = text(body) else { return Ok(Received::Malformed) };
    let Some(account) = provider::by_endpoint(engine, endpoint).await? else { return Ok(Received::Refused) };
    let now = engine.clock.now();
    if !provider::callback_is_genuine(&account.secrets, headers, body, now) {
        if let Err(error) = engine.inbox.refuse(Deceived::Account(account.id), now).await {
            tracing::warn!(%error, "a refused callback was not counted");
        }
        return Ok(Received::Refused);
    }
    if !is_sound(text) {
        return Ok(Received::Malformed);
    }
    let Ok(message) = provider::parse_callback(protocol, body) else { return Ok(Received::Malformed) };
    let ids =
        [message.invite.as_ref().map(InviteId::as_str), message.provider_invite.as_ref().map(ProviderInviteId::as_str)];
    if !is_plain(&message.event) || !ids.into_iter().flatten().all(is_plain) {
        return Ok(Received::Malformed);
    }
    let invite =
        invite::of_callback(&engine.db, &account.id, message.invite.as_ref(), message.provider_invite.as_ref()).await?;
    let kept = engine.inbox.keep(NewDelivery {
        id: DeliveryId::new(),
        dedup_key: random::digest(&format!("{}|{}", account.id, headers.id)),
        organization: account.organization,
        proof: Proof::Account(account.id),
        twin_key: None,
        event: message.event,
        subject: invite.as_ref().map(|invite| invite.as_str().to_owned()),
        body: text.to_owned(),
        received_at: now,
        ignored: invite.is_none().then_some("Unknown invite"),
        work: invite.into_iter().map(|invite| Work::Fetch { invite }).collect(),
    });
    Ok(match kept.await? {
        Kept::New => Received::Accepted,
        Kept::Known => Received::Repeated,
        Kept::Unconfirmed => Received::Refused,
    })
}
