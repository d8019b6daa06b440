//! Asking the provider to forget an erased candidate, where its protocol has a call for that.

use std::time::Duration;

use secrecy::ExposeSecret;

use super::{ProviderFate, store};
use crate::{
    Engine,
    fault::StoreError,
    id::{InviteId, OrganizationId},
    invite::{self, Invite, InviteState},
    job::{Outcome, Run},
    live::Change,
    provider::{Account, ProviderError},
};

/// Another candidacy of the same person is found to be erased within that time too, and is not in the way then.
const OTHERS_FOLLOW: Duration = Duration::from_hours(48);
const LOOK_AGAIN: Duration = Duration::from_hours(1);
const SETTLES: Duration = Duration::from_mins(5);

/// Asks it, unless that is settled.
pub(crate) async fn ask(engine: &Engine, organization: &OrganizationId, id: &InviteId) -> Run {
    let Some(invite) = invite::get(&engine.db, organization, id).await? else { return Ok(Outcome::Done) };
    let receipt = store::receipt(&engine.db, organization, id).await?;
    let Some(receipt) = receipt.filter(|receipt| receipt.provider == ProviderFate::Open) else {
        return Ok(Outcome::Done);
    };
    let now = engine.clock.now();
    if is_being_sent(&invite) {
        return Ok(Outcome::Again(now.after(SETTLES)));
    }
    let account = Account::open(engine, &invite.account).await?;
    let address = store::address(engine, id).await?.filter(|_| is_offered(&account, &invite));
    let Some(address) = address else { return settle(engine, &invite, ProviderFate::NotOffered).await };
    if store::is_in_use(&engine.db, organization, address.expose_secret()).await? {
        if now.since(receipt.erased_at) < OTHERS_FOLLOW {
            return Ok(Outcome::Again(now.after(LOOK_AGAIN)));
        }
        return settle(engine, &invite, ProviderFate::Shared).await;
    }
    begin(engine, id).await?;
    let fate = fate(account.erase(address.expose_secret()).await)?;
    settle(engine, &invite, fate).await
}

/// It may arrive there after the request: whether it did is found out by the work that sends it.
fn is_being_sent(invite: &Invite) -> bool {
    invite.state == InviteState::Queued && invite.send_intent_at.is_some()
}

/// Whether the protocol that it was sent over is the one that is spoken now, and has a call for it.
fn is_offered(account: &Account, invite: &Invite) -> bool {
    account.capabilities().erase && invite.provider_invite.as_ref().is_none_or(|theirs| account.sent(theirs))
}

/// What an answer means; what may pass is tried again, or waits for a person at the account.
fn fate(answer: Result<(), ProviderError>) -> Result<ProviderFate, Outcome> {
    match answer {
        Ok(()) => Ok(ProviderFate::Accepted),
        Err(error) if error.may_pass() => Err(error.into()),
        // Whether it has no such candidate or no such call cannot be told: it did not say that they are gone.
        Err(_) => Ok(ProviderFate::Refused),
    }
}

async fn begin(engine: &Engine, id: &InviteId) -> Result<(), StoreError> {
    let mut tx = engine.db.write().await?;
    store::begin_asking(&mut tx, id, engine.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

async fn settle(engine: &Engine, invite: &Invite, fate: ProviderFate) -> Run {
    let mut tx = engine.db.write().await?;
    store::settle_provider(&mut tx, &invite.id, fate, engine.clock.now()).await?;
    tx.commit().await?;
    let change = Change::Invite { invite: invite.id.clone(), version: invite.version };
    engine.live.tell(&invite.organization, change);
    Ok(Outcome::Done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::WaitsFor;

    #[test]
    fn only_a_yes_is_one_and_what_may_pass_is_tried_again() {
        assert_eq!(fate(Ok(())), Ok(ProviderFate::Accepted));
        for no in [ProviderError::NotFound, ProviderError::Unsupported, ProviderError::Refused("no".into())] {
            assert_eq!(fate(Err(no)), Ok(ProviderFate::Refused));
        }
        for waits in [ProviderError::Credentials, ProviderError::Forbidden, ProviderError::NoAccount] {
            assert!(matches!(fate(Err(waits)), Err(Outcome::Wait(WaitsFor::Provider, _))));
        }
        for passes in [ProviderError::Temporary("503".into()), ProviderError::Unreached("refused".into())] {
            assert!(matches!(fate(Err(passes)), Err(Outcome::Retry { .. })));
        }
    }
}
