//! The look at every organization's chain, a minute after the other: what broke and stands is told, and its end; and
//! once a day what needs attention.

use std::time::Duration;

use super::{
    Channel, Kind, New, digest,
    outage::{Next, Outage, Standing, next},
    store, tell,
};
use crate::{
    Engine,
    checklist::{self, Link},
    clock::Moment,
    connection,
    db::Tx,
    fault::StoreError,
    id::{OrganizationId, UserId},
    job::{self, Outcome, Run, Work},
    organization, provider,
};

/// With a look each minute: every second one.
const CHECK_EVERY: Duration = Duration::from_secs(90);

/// Looks at everybody. Harmless to repeat, and for several servers to do at once.
///
/// # Errors
/// When the database fails; one organization's trouble is logged, and is no other's.
pub async fn watch(engine: &Engine) -> Result<(), StoreError> {
    for (organization, _) in organization::all(&engine.db).await? {
        if let Err(error) = look(engine, &organization).await {
            tracing::error!(%organization, %error, "what is to be told was put off by a minute");
        }
    }
    Ok(())
}

async fn look(engine: &Engine, organization: &OrganizationId) -> Result<(), StoreError> {
    let now = engine.clock.now();
    let broken = checklist::broken(engine, organization).await?;
    for link in Link::ALL {
        let standing = match broken.iter().find(|broken| broken.link == link) {
            None => Standing::Holds,
            Some(broken) if broken.is_sure => Standing::Broken,
            Some(_) => Standing::Silent,
        };
        // What begins may be told at once.
        for _ in 0..2 {
            let outage = store::outage(&engine.db, organization, link.slug()).await?;
            let next = next(outage.as_ref(), standing, now);
            if next == Next::Nothing {
                break;
            }
            take(engine, organization, link, (next, outage.as_ref()), now).await?;
        }
    }
    have_checked(engine, organization, now).await?;
    digest::begin(engine, organization, now).await
}

/// Has the chain asked whether it holds, where somebody is told when it does not: a break that nothing else would
/// meet for a while is told in time all the same.
async fn have_checked(engine: &Engine, organization: &OrganizationId, now: Moment) -> Result<(), StoreError> {
    if !store::is_check_due(engine, organization, now.before(CHECK_EVERY)).await? {
        return Ok(());
    }
    let mut tx = engine.db.write().await?;
    if store::begin_check(&mut tx, organization, (now, now.before(CHECK_EVERY))).await? {
        job::enqueue(&mut tx, organization, &Work::CheckChain, now, None).await?;
    }
    tx.commit().await?;
    engine.wake.notify_one();
    Ok(())
}

/// Asks Lever and the provider whether they still let us in. What they say shows where every call's answer shows.
pub(crate) async fn check_chain(engine: &Engine, organization: &OrganizationId) -> Run {
    if let Err(error) = connection::check(engine, organization).await {
        tracing::debug!(%error, "Lever did not answer a check");
    }
    if let Err(error) = provider::check_account(engine, organization).await {
        tracing::debug!(%error, "the provider did not answer a check");
    }
    Ok(Outcome::Done)
}

async fn take(
    engine: &Engine,
    organization: &OrganizationId,
    link: Link,
    (next, outage): (Next, Option<&Outage>),
    now: Moment,
) -> Result<(), StoreError> {
    let mut tx = engine.db.write().await?;
    match (next, outage) {
        (Next::Begin, _) => store::begin_outage(&mut tx, organization, link.slug(), now).await?,
        (Next::TellBroken, Some(outage)) if store::note_told(&mut tx, &outage.id, now).await? => {
            tell_all(engine, &mut tx, organization, (Kind::Broken, outage), now).await?;
        }
        (Next::TellRestored, Some(outage)) if store::end_outage(&mut tx, &outage.id, now).await? => {
            tell_all(engine, &mut tx, organization, (Kind::Restored, outage), now).await?;
        }
        (Next::Holds, Some(outage)) => store::holds_since(&mut tx, &outage.id, Some(now)).await?,
        (Next::BrokeAgain, Some(outage)) => store::holds_since(&mut tx, &outage.id, None).await?,
        (Next::Forget, Some(outage)) => {
            store::end_outage(&mut tx, &outage.id, now).await?;
        }
        _ => {}
    }
    tx.commit().await?;
    engine.wake.notify_one();
    Ok(())
}

/// Tells those who can mend it, and the organization's own systems.
async fn tell_all(
    engine: &Engine,
    tx: &mut Tx,
    organization: &OrganizationId,
    (kind, outage): (Kind, &Outage),
    now: Moment,
) -> Result<(), StoreError> {
    let about = outage.id.as_str();
    let by_webhook = New { channel: Channel::Webhook, kind, user: None, about, time: "" };
    tell(engine, tx, organization, &by_webhook, now).await?;
    let readers: Vec<UserId> = store::super_admins(tx, organization).await?;
    for user in &readers {
        let by_mail = New { channel: Channel::Mail, kind, user: Some(user), about, time: "" };
        tell(engine, tx, organization, &by_mail, now).await?;
    }
    Ok(())
}
