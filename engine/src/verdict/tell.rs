//! Telling the provider of a verdict given here, where it takes one.

use super::{VerdictSource, store};
use crate::{
    Engine,
    clock::Moment,
    db::Tx,
    fault::StoreError,
    id::{InviteId, OrganizationId},
    invite::{self, entry},
    job::{Outcome, Run},
    live::Change,
    provider::Account,
    timeline,
};

/// Writes the standing verdict to the provider, if it was given here.
pub(crate) async fn tell(engine: &Engine, organization: &OrganizationId, id: &InviteId) -> Run {
    let Some(invite) = invite::get(&engine.db, organization, id).await? else { return Ok(Outcome::Done) };
    let Some(theirs) = invite.provider_invite.clone().filter(|_| invite.anonymized_at.is_none()) else {
        return Ok(Outcome::Done);
    };
    let history = store::of(engine.db.read(), organization, id).await?;
    let Some(act) = history.first().filter(|act| act.source == VerdictSource::Candilever) else {
        return Ok(Outcome::Done);
    };
    let account = Account::open(engine, &invite.account).await?;
    if !account.capabilities().verdict_write || !account.sent(&theirs) {
        return Ok(Outcome::Done);
    }
    match account.set_verdict(&theirs, act.value, &act.by, act.at).await {
        Ok(()) => Ok(Outcome::Done),
        Err(error) if error.may_pass() => Err(error.into()),
        Err(error) => {
            let mut tx = engine.db.write().await?;
            say_untold(&mut tx, organization, id, engine.clock.now(), Some(error.to_string())).await?;
            tx.commit().await?;
            Ok(Outcome::Done)
        }
    }
}

async fn say_untold(
    tx: &mut Tx,
    organization: &OrganizationId,
    id: &InviteId,
    now: Moment,
    cause: Option<String>,
) -> Result<(), StoreError> {
    let sentence = "The provider was not told of the verdict. It stands here and in Lever.";
    timeline::add(tx, organization, id, &entry(now, "problem", sentence, cause)).await
}

/// The job was given up after a day: the timeline says so.
pub(crate) async fn give_up(
    tx: &mut Tx,
    organization: &OrganizationId,
    id: &InviteId,
    now: Moment,
) -> Result<Option<Change>, StoreError> {
    say_untold(tx, organization, id, now, None).await?;
    Ok(None)
}
