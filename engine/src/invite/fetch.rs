//! Reading an invite's state and result from the provider: after each callback, and by itself while
//! something may still come.

use std::time::Duration;

use super::{
    InviteState,
    change::{self, News},
    entity::{Invite, entry},
    report::apply,
    send::FIRST_POLL,
    store,
};
use crate::{
    Engine,
    clock::Moment,
    db::Tx,
    delivery,
    fault::StoreError,
    id::{InviteId, OrganizationId},
    job::{Outcome, Run},
    notice,
    provider::{Account, ProviderError, ProviderStatus, Report},
    timeline::Entry,
    verdict,
};

const YOUNG: Duration = Duration::from_secs(48 * 3600);
const SLOW_POLL: Duration = Duration::from_secs(6 * 3600);
const HOUR: Duration = Duration::from_secs(3600);
const DAILY: Duration = Duration::from_secs(24 * 3600);
const WEEKLY: Duration = Duration::from_secs(7 * 24 * 3600);
const HEARD_OF: &str = "The provider reports on it, so it was sent. Its answer was lost and it cannot be asked: look for the result there.";
/// So long after its end a result may still come or be corrected without a callback that tells of it.
const LATE_RESULTS: Duration = Duration::from_secs(90 * 24 * 3600);

/// Reads the provider's word and applies it.
pub(crate) async fn fetch(engine: &Engine, organization: &OrganizationId, id: &InviteId) -> Run {
    let began = engine.clock.now();
    let Some(invite) = store::get(&engine.db, organization, id).await? else { return Ok(Outcome::Done) };
    if invite.anonymized_at.is_some() {
        return forget_what_came(engine, organization, id, began).await;
    }
    let account = Account::open(engine, &invite.account).await?;
    let can = account.capabilities();
    let report = match &invite.provider_invite {
        Some(theirs) if !account.sent(theirs) => return not_here(engine, &invite, began).await,
        Some(theirs) if can.fetch => account.fetch(theirs).await,
        Some(_) => return note_handled(engine, organization, id, began, "The provider cannot be asked").await,
        None if !can.find_by_reference => return heard_of(engine, &invite, began).await,
        None => account.find(id).await.and_then(|found| found.ok_or(ProviderError::NotFound)),
    };
    match report {
        Ok(report) => take_over(engine, &invite, &report, began).await,
        Err(ProviderError::NotFound) => vanished(engine, &invite, began).await,
        Err(error) => Err(error.into()),
    }
}

/// What a report changed of an invite.
pub(super) struct Heard {
    pub entries: Vec<Entry>,
    pub changed: bool,
    /// What nobody sees changed.
    pub counted: bool,
}

/// Takes over all of a report, the verdict too, and has an end told; the caller keeps the invite.
pub(super) async fn hear(
    engine: &Engine,
    tx: &mut Tx,
    held: &mut Invite,
    report: &Report,
    now: Moment,
) -> Result<Heard, StoreError> {
    let was = held.state;
    let applied = apply(held, report, now);
    let mut entries = applied.entries;
    let judged = match &report.verdict {
        Some(reported) => verdict::reported(tx, held, reported, now).await?,
        None => None,
    };
    let changed = applied.changed || judged.is_some();
    entries.extend(judged);
    if was != InviteState::Completed && held.state == InviteState::Completed {
        notice::completed(engine, tx, &held.organization, &held.id, now).await?;
    }
    Ok(Heard { entries, changed, counted: applied.counted })
}

async fn take_over(engine: &Engine, invite: &Invite, report: &Report, began: Moment) -> Run {
    let now = engine.clock.now();
    let mut tx = engine.db.write().await?;
    let Some(mut held) = store::hold(&mut tx, &invite.organization, &invite.id).await? else {
        return Ok(Outcome::Done);
    };
    let heard = hear(engine, &mut tx, &mut held, report, now).await?;
    let changed = heard.changed;
    if changed {
        change::keep(&mut tx, &mut held, &heard.entries, now).await?;
    } else if heard.counted {
        store::save(&mut tx, &held).await?;
    }
    let outcome = if changed { "Taken over" } else { "Nothing new" };
    let mut news = News::default();
    news.of_messages(delivery::handled(&mut tx, &held.organization, held.id.as_str(), (began, now), outcome).await?);
    tx.commit().await?;
    if changed {
        news.of(&held);
    }
    news.tell(engine, &held.organization);
    Ok(next_poll(&held, now).map_or(Outcome::Done, Outcome::Again))
}

/// Sent over another protocol than the account speaks now: it is asked for again after a switch back.
async fn not_here(engine: &Engine, invite: &Invite, began: Moment) -> Run {
    note_handled(engine, &invite.organization, &invite.id, began, "Sent over another protocol").await?;
    Ok(next_poll(invite, engine.clock.now()).map_or(Outcome::Done, Outcome::Again))
}

/// The provider calls back about one whose answer was lost: so it was sent. Its id there is not known, and
/// the provider cannot be asked by ours.
async fn heard_of(engine: &Engine, invite: &Invite, began: Moment) -> Run {
    let now = engine.clock.now();
    let mut tx = engine.db.write().await?;
    let Some(mut held) = store::hold(&mut tx, &invite.organization, &invite.id).await? else {
        return Ok(Outcome::Done);
    };
    let lost = held.state == InviteState::Unclear || held.send_intent_at.is_some();
    let is_news = lost && held.provider_invite.is_none() && held.reason.as_deref() != Some(HEARD_OF);
    let mut news = News::default();
    if is_news {
        let report = Report { status: Some(ProviderStatus::Sent), ..Report::default() };
        let mut entries = apply(&mut held, &report, now).entries;
        held.reason = Some(HEARD_OF.to_owned());
        entries.push(entry(now, "problem", HEARD_OF, None));
        change::keep(&mut tx, &mut held, &entries, now).await?;
        news.of(&held);
    }
    let outcome = "It was sent";
    news.of_messages(delivery::handled(&mut tx, &held.organization, held.id.as_str(), (began, now), outcome).await?);
    tx.commit().await?;
    news.tell(engine, &held.organization);
    Ok(Outcome::Done)
}

/// The provider does not have it: what was under way there cannot come to an end by itself.
async fn vanished(engine: &Engine, invite: &Invite, began: Moment) -> Run {
    let under_way = matches!(invite.state, InviteState::Sent | InviteState::Started);
    if under_way {
        let report = Report { status: Some(ProviderStatus::Error), ..Report::default() };
        return take_over(engine, invite, &report, began).await;
    }
    note_handled(engine, &invite.organization, &invite.id, began, "The provider does not have it").await
}

async fn note_handled(
    engine: &Engine,
    organization: &OrganizationId,
    id: &InviteId,
    began: Moment,
    outcome: &str,
) -> Run {
    let (mut tx, mut news) = (engine.db.write().await?, News::default());
    let times = (began, engine.clock.now());
    news.of_messages(delivery::handled(&mut tx, organization, id.as_str(), times, outcome).await?);
    tx.commit().await?;
    news.tell(engine, organization);
    Ok(Outcome::Done)
}

/// A provider that still has the candidate tells of them: what names them goes from its message as well.
async fn forget_what_came(engine: &Engine, organization: &OrganizationId, id: &InviteId, began: Moment) -> Run {
    let (mut tx, mut news) = (engine.db.write().await?, News::default());
    delivery::forget_bodies(&mut tx, organization, id.as_str()).await?;
    let times = (began, engine.clock.now());
    let outcome = "The candidate was anonymised";
    news.of_messages(delivery::handled(&mut tx, organization, id.as_str(), times, outcome).await?);
    tx.commit().await?;
    news.tell(engine, organization);
    Ok(Outcome::Done)
}

/// When to ask the provider by ourselves: often while the invite is young, seldom while it is old. After its
/// end scores and verdicts may follow or be corrected: that is asked about ever more seldom, some twenty
/// times in all. Callbacks are faster than that, and are heard for ever.
pub(super) fn next_poll(invite: &Invite, now: Moment) -> Option<Moment> {
    let ended = invite.completed_at.or(invite.expires_at).unwrap_or(invite.changed_at);
    let late = |part: u32, shortest: Duration, longest: Duration| {
        let since = now.since(ended);
        (invite.provider_invite.is_some() && since < LATE_RESULTS).then(|| (since / part).clamp(shortest, longest))
    };
    let wait = match invite.state {
        InviteState::Sent | InviteState::Started => {
            Some(if now.since(invite.created_at) < YOUNG { FIRST_POLL } else { SLOW_POLL })
        }
        // The score is awaited.
        InviteState::Completed if invite.score.is_none() => late(4, HOUR, DAILY),
        InviteState::Completed
        | InviteState::Expired
        | InviteState::Cancelled
        | InviteState::Declined
        | InviteState::Failed => late(2, SLOW_POLL, WEEKLY),
        InviteState::Waiting | InviteState::Queued | InviteState::Unclear => None,
    }?;
    Some(now.after(wait))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{invite::sample, provider::Score};

    const DONE: Moment = Moment(1_790_000_000_000);

    fn completed(score: Option<Score>) -> Invite {
        Invite {
            state: InviteState::Completed,
            score,
            completed_at: Some(DONE),
            provider_invite: Some("pi_1".into()),
            ..sample()
        }
    }

    /// The moments at which it is asked about, from its end on.
    fn polls(invite: &Invite) -> Vec<Duration> {
        let next = |at: &Moment| next_poll(invite, *at);
        std::iter::successors(next_poll(invite, DONE), next).map(|at| at.since(DONE)).collect()
    }

    #[test]
    fn a_result_is_asked_about_ever_more_seldom_for_three_months() {
        let polls = polls(&completed(Some(Score { value: 87_000, max: None })));
        assert_eq!(polls[0], SLOW_POLL);
        assert!((15..=25).contains(&polls.len()), "{} calls", polls.len());
        assert!(polls.last().is_some_and(|last| *last >= LATE_RESULTS));
        assert!(polls.windows(2).all(|two| two[1] - two[0] <= WEEKLY));
    }

    #[test]
    fn a_missing_score_is_asked_about_at_least_daily() {
        let polls = polls(&completed(None));
        assert_eq!(polls[0], HOUR);
        assert!(polls.windows(2).all(|two| two[1] - two[0] <= DAILY));
    }

    #[test]
    fn what_never_reached_the_provider_is_not_asked_about() {
        let unsent = Invite { provider_invite: None, ..completed(None) };
        assert_eq!(next_poll(&unsent, DONE), None);
    }
}
