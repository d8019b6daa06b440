//! The provider's callbacks: a genuine one is kept and causes a fetch; what it says is only a hint.

use super::{
    Received,
    batch::{Kept, NewDelivery, Proof},
    is_plain,
    refused::Deceived,
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
    address: &str,
    headers: &CallbackHeaders,
    body: &[u8],
) -> Result<Received, StoreError> {
    let Some(text) = text(body) else { return Ok(Received::Malformed) };
    let (endpoint, named) = match address.split_once('/') {
        Some((endpoint, invite)) => (endpoint, Some(InviteId::from(invite))),
        None => (address, None),
    };
    // PostgreSQL takes no NUL; and none of ours is like that.
    if !is_plain(endpoint) {
        return Ok(Received::Refused);
    }
    let account = provider::by_endpoint(engine, endpoint).await?.filter(|account| account.protocol == protocol);
    let Some(account) = account else { return Ok(Received::Refused) };
    let now = engine.clock.now();
    if !provider::callback_is_genuine(&account, headers, body, now) {
        engine.inbox.refused.count(Deceived::Account(account.id), now);
        return Ok(Received::Refused);
    }
    if protocol == Protocol::Canditech && !is_sound(text) {
        return Ok(Received::Malformed);
    }
    let Ok(message) = provider::parse_callback(protocol, named.as_ref(), body) else { return Ok(Received::Malformed) };
    let ids =
        [message.invite.as_ref().map(InviteId::as_str), message.provider_invite.as_ref().map(ProviderInviteId::as_str)];
    if !is_plain(&message.event) || !ids.into_iter().flatten().all(is_plain) {
        return Ok(Received::Malformed);
    }
    let invite =
        invite::of_callback(&engine.db, &account.id, message.invite.as_ref(), message.provider_invite.as_ref()).await?;
    let id = DeliveryId::new();
    let kept = engine.inbox.keep(NewDelivery {
        dedup_key: random::digest(&format!("{}|{}", account.id, message_id(protocol, headers, &id))),
        id,
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

/// What tells a message from its repetition. Where messages have no id, a repeated one is a hint like the
/// first: the invite is read again, and nothing changes by that.
fn message_id<'a>(protocol: Protocol, headers: &'a CallbackHeaders, delivery: &'a DeliveryId) -> &'a str {
    match protocol {
        Protocol::Canditech => &headers.id,
        Protocol::GreenhousePartner => delivery.as_str(),
    }
}
