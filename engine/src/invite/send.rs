//! Sending an invite to the provider: the intent is on disk before the call, an unclear answer is
//! looked up before anything is repeated, and what nobody can tell is put before a person.

mod failure;

use std::time::Duration;

use super::{
    InviteState,
    change::{self, News},
    entity::{Invite, WaitingFor, entry},
    fetch, reconcile,
    state::Event,
    store,
};
use crate::{
    Engine, attachment,
    attachment::AttachmentState,
    clock::Moment,
    db::Tx,
    erasure::absence::Found,
    fault::StoreError,
    id::{InviteId, OrganizationId},
    job::{self, Outcome, Run, Work},
    lever::{Api, LeverError},
    live::Change,
    provider::{Account, InviteRequest, ProviderError, ProviderStatus, Report},
};

/// How long a look at the opportunity is good for: whoever left longer ago gets nothing.
const FRESH: Duration = Duration::from_secs(2);
/// When the first poll follows a send.
pub(super) const FIRST_POLL: Duration = Duration::from_secs(15 * 60);

/// Sends a queued invite.
pub(crate) async fn send(engine: &Engine, organization: &OrganizationId, id: &InviteId, attempt: i64) -> Run {
    let Some(mut invite) = wake(engine, organization, id).await? else { return Ok(Outcome::Done) };
    let account = match Account::open(engine, &invite.account).await {
        Ok(account) => account,
        Err(error) => return failure::handle(engine, &invite, error).await,
    };
    if invite.may_have_been_sent() {
        match look_up(&account, &invite).await {
            Ok(LookedUp::There(report)) => return accept(engine, &invite, &report).await,
            Ok(LookedUp::Never) => {
                failure::withdraw_intent(engine, &invite).await?;
                invite.was_never_sent();
                // That it was looked up says nothing about whether it is due.
                invite.read_at = Moment(0);
            }
            Ok(LookedUp::Repeatable) => {}
            Ok(LookedUp::CannotTell) => return failure::lose(engine, &invite).await,
            Err(error) => return failure::handle(engine, &invite, error).await,
        }
    }
    if !invite.may_have_been_sent() && !is_still_due(engine, &invite, attempt).await? {
        return Ok(Outcome::Done);
    }
    let Some(invite) = intend(engine, organization, id).await? else { return Ok(Outcome::Done) };
    let Some(request) = request(engine, &invite, &account).await? else {
        return failure::hold(engine, &invite, WaitingFor::Email).await;
    };
    match account.invite(&request).await {
        Ok(report) => accept(engine, &invite, &report).await,
        Err(error) => failure::of_send(engine, &invite, error).await,
    }
}

/// Whether it is to be sent now: its attachment active, and the opportunity as it was, by a look that is
/// recent. A look that finds otherwise acts on that by itself.
async fn is_still_due(engine: &Engine, invite: &Invite, attempt: i64) -> Result<bool, Outcome> {
    let organization = &invite.organization;
    let attachment = attachment::store::get(&engine.db, organization, &invite.attachment).await?;
    let active = invite.chosen_by.is_some() || attachment.is_some_and(|it| it.state == AttachmentState::Active);
    let now = engine.clock.now();
    if active && attempt <= 1 && now.since(invite.read_at) <= FRESH {
        return Ok(true);
    }
    match Api::new(engine, organization).opportunity(&invite.opportunity).await {
        Ok((opportunity, asked_at)) => {
            reconcile::act_on(engine, organization, &opportunity, asked_at, None).await?;
        }
        Err(LeverError::NotFound | LeverError::Forbidden) => {
            reconcile::gone(engine, organization, &invite.opportunity, now, Found::Hidden(None)).await?;
        }
        Err(LeverError::NotConnected) => {
            failure::hold(engine, invite, WaitingFor::Lever).await?;
            return Err(LeverError::NotConnected.into());
        }
        Err(error) => return Err(error.into()),
    }
    let again = store::get(&engine.db, organization, &invite.id).await?;
    Ok(again.is_some_and(|invite| invite.state == InviteState::Queued))
}

/// Queues again what waited for the connection or the account, as this job is what was woken.
async fn wake(engine: &Engine, organization: &OrganizationId, id: &InviteId) -> Result<Option<Invite>, Outcome> {
    let Some(invite) = store::get(&engine.db, organization, id).await? else { return Ok(None) };
    match (invite.state, invite.waiting_for) {
        (InviteState::Queued, _) => return Ok(Some(invite)),
        (InviteState::Waiting, Some(WaitingFor::Lever | WaitingFor::Provider)) => {}
        (InviteState::Waiting, Some(WaitingFor::Approval))
            if store::count_for_approval(&engine.db, organization).await?
                <= i64::from(engine.settings.late_at_once) => {}
        _ => return Ok(None),
    }
    let now = engine.clock.now();
    let changed = alter(engine, &invite, |invite| {
        let woken = invite.state == InviteState::Waiting && invite.take(Event::Go, None);
        woken.then(|| vec![entry(now, "due", "Goes on: it can be sent now.", None)])
    })
    .await?;
    Ok(changed.filter(|invite| invite.state == InviteState::Queued))
}

/// Changes an invite in a transaction of its own, as `what` decides on the present row; nothing is
/// written when it answers `None`. Answers the row as it is then.
async fn alter(
    engine: &Engine,
    invite: &Invite,
    what: impl FnOnce(&mut Invite) -> Option<Vec<crate::timeline::Entry>>,
) -> Result<Option<Invite>, StoreError> {
    let mut tx = engine.db.write().await?;
    let Some(mut held) = store::hold(&mut tx, &invite.organization, &invite.id).await? else { return Ok(None) };
    let Some(entries) = what(&mut held) else { return Ok(Some(held)) };
    change::keep(&mut tx, &mut held, &entries, engine.clock.now()).await?;
    tx.commit().await?;
    let mut news = News::default();
    news.of(&held);
    news.tell(engine, &held.organization);
    Ok(Some(held))
}

/// Puts the intent on disk; `None` when the invite is to be sent no more.
async fn intend(engine: &Engine, organization: &OrganizationId, id: &InviteId) -> Result<Option<Invite>, StoreError> {
    let mut tx = engine.db.write().await?;
    let held = store::hold(&mut tx, organization, id).await?;
    let Some(mut invite) = held.filter(|invite| invite.state == InviteState::Queued) else { return Ok(None) };
    if invite.send_intent_at.is_none() {
        invite.send_intent_at = Some(engine.clock.now());
        store::save(&mut tx, &invite).await?;
        tx.commit().await?;
    }
    Ok(Some(invite))
}

/// What a look-up of an earlier try says.
enum LookedUp {
    There(Box<Report>),
    /// The provider never got it.
    Never,
    /// The provider would answer a repeat with the same invite.
    Repeatable,
    CannotTell,
}

async fn look_up(account: &Account, invite: &Invite) -> Result<LookedUp, ProviderError> {
    let can = account.capabilities();
    if can.find_by_reference {
        return Ok(account.find(&invite.id).await?.map_or(LookedUp::Never, |report| LookedUp::There(Box::new(report))));
    }
    Ok(if can.idempotency { LookedUp::Repeatable } else { LookedUp::CannotTell })
}

async fn request(engine: &Engine, invite: &Invite, account: &Account) -> Result<Option<InviteRequest>, StoreError> {
    let Some(candidate_email) = invite.candidate_email.clone() else { return Ok(None) };
    let attachment = attachment::store::get(&engine.db, &invite.organization, &invite.attachment).await?;
    Ok(Some(InviteRequest {
        invite: invite.id.clone(),
        assessment: invite.assessment.clone(),
        candidate_name: invite.candidate_name.clone(),
        candidate_email,
        profile_url: invite.lever_url.clone(),
        callback_url: account.callback_url(&invite.id),
        valid_days: attachment.and_then(|it| it.valid_days),
        retake_of: invite.retake_of.clone().filter(|earlier| account.sent(earlier)),
    }))
}

/// The provider has it: whatever it says beyond that counts too.
async fn accept(engine: &Engine, invite: &Invite, report: &Report) -> Run {
    let now = engine.clock.now();
    let mut report = report.clone();
    report.status = report.status.filter(|status| *status != ProviderStatus::Unknown).or(Some(ProviderStatus::Sent));
    let mut tx = engine.db.write().await?;
    let Some(mut held) = store::hold(&mut tx, &invite.organization, &invite.id).await? else {
        return Ok(Outcome::Done);
    };
    let heard = fetch::hear(engine, &mut tx, &mut held, &report, now).await?;
    if heard.changed {
        change::keep(&mut tx, &mut held, &heard.entries, now).await?;
    }
    let due = fetch::next_poll(&held, now).unwrap_or(now.after(FIRST_POLL));
    job::enqueue(&mut tx, &held.organization, &Work::Fetch { invite: held.id.clone() }, due, None).await?;
    tx.commit().await?;
    let mut news = News::default();
    news.of(&held);
    news.tell(engine, &held.organization);
    Ok(Outcome::Done)
}

/// The job was given up after a day: a person is asked.
pub(crate) async fn give_up(
    tx: &mut Tx,
    organization: &OrganizationId,
    id: &InviteId,
    now: Moment,
) -> Result<Option<Change>, StoreError> {
    let held = store::hold(tx, organization, id).await?;
    let Some(mut invite) = held.filter(|invite| invite.state == InviteState::Queued) else { return Ok(None) };
    let (event, why) = if invite.send_intent_at.is_some() {
        (Event::Lost, failure::CANNOT_TELL)
    } else {
        (Event::Failed, "It could not be sent in spite of many tries. Look at Activity for the cause, then try again.")
    };
    invite.take(event, Some(why.to_owned()));
    let entries = [entry(now, invite.state.slug(), why, None)];
    change::keep(tx, &mut invite, &entries, now).await?;
    Ok(Some(Change::Invite { invite: invite.id, version: invite.version }))
}
