//! The provider's callbacks: a genuine one is kept and causes a fetch; what it says is only a hint.

use super::{Received, is_plain, store, store::NewDelivery, text};
use crate::{
    Engine,
    fault::StoreError,
    id::{DeliveryId, InviteId, ProviderInviteId},
    invite,
    job::{self, Work},
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
        let mut tx = engine.db.write().await?;
        store::count_refused_callback(&mut tx, &account.id, now).await?;
        tx.commit().await?;
        return Ok(Received::Refused);
    }
    let Ok(message) = provider::parse_callback(protocol, body) else { return Ok(Received::Malformed) };
    let ids =
        [message.invite.as_ref().map(InviteId::as_str), message.provider_invite.as_ref().map(ProviderInviteId::as_str)];
    if !is_plain(&message.event) || !ids.into_iter().flatten().all(is_plain) {
        return Ok(Received::Malformed);
    }
    let invite =
        invite::of_callback(&engine.db, &account.id, message.invite.as_ref(), message.provider_invite.as_ref()).await?;
    let delivery = NewDelivery {
        id: DeliveryId::new(),
        source: "provider",
        dedup_key: random::digest(&format!("{}|{}", account.id, headers.id)),
        twin_key: None,
        event: &message.event,
        subject: invite.as_ref().map(InviteId::as_str),
        body: text,
        ignored: invite.is_none().then_some("Unknown invite"),
    };
    let mut tx = engine.db.write().await?;
    if !store::insert(&mut tx, &account.organization, &delivery, now).await? {
        return Ok(Received::Repeated);
    }
    store::count_callback(&mut tx, &account.id, now).await?;
    if let Some(invite) = &invite {
        let work = Work::Fetch { invite: invite.clone() };
        job::enqueue(&mut tx, &account.organization, &work, now, Some(&delivery.id)).await?;
    }
    tx.commit().await?;
    engine.wake.notify_one();
    Ok(Received::Accepted)
}
