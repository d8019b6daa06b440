//! The look at every organization's chain, a minute after the other: what broke and stands is told, and its end; and
//! once a day what needs attention.

use super::{
    Channel, Kind, New, digest,
    outage::{Next, Outage, next},
    store, tell,
};
use crate::{
    Engine,
    checklist::{self, Link},
    clock::Moment,
    db::Tx,
    fault::StoreError,
    id::{OrganizationId, UserId},
    organization,
};

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
        let outage = store::outage(&engine.db, organization, link.slug()).await?;
        let next = next(outage.as_ref(), broken.contains(&link), now);
        if next != Next::Nothing {
            take(engine, organization, link, (next, outage.as_ref()), now).await?;
        }
    }
    digest::begin(engine, organization, now).await
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
