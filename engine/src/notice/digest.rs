//! The daily digest: what needs attention, in counts. Made for each reader of what they may see; nothing to say, no mail.

use super::{Channel, Kind, New, store, tell};
use crate::{
    Engine,
    access::Member,
    checklist,
    clock::Moment,
    fault::{FlowError, StoreError},
    id::OrganizationId,
    invite::{self, Filter, InviteState},
    trouble::{self, Trouble},
};

/// What a digest says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Digest {
    /// The first fault of the chain.
    pub chain: Option<String>,
    /// Assessments and stages that are gone, work that was given up.
    pub attachments: usize,
    pub work: usize,
    /// Candidates by what stands in their way.
    pub waiting: String,
    pub failed: String,
    pub unclear: String,
    pub awaiting_verdict: String,
}

impl Digest {
    fn is_empty(&self) -> bool {
        let counts = [&self.waiting, &self.failed, &self.unclear, &self.awaiting_verdict];
        self.chain.is_none() && self.attachments == 0 && self.work == 0 && counts.iter().all(|count| count.is_empty())
    }
}

/// The day and the hour in UTC.
fn day_and_hour(now: Moment) -> (String, i8) {
    let (day, time) =
        now.rfc3339().split_once('T').map(|(day, time)| (day.to_owned(), time.to_owned())).unwrap_or_default();
    (day, time.get(..2).and_then(|hour| hour.parse().ok()).unwrap_or_default())
}

/// Today, when its hour has come and its digest is not begun.
fn due(last: Option<&str>, now: Moment, from: i8) -> Option<String> {
    let (day, hour) = day_and_hour(now);
    (hour >= from && last.is_none_or(|last| *last < *day)).then_some(day)
}

/// Begins today's when its hour has come.
pub(super) async fn begin(engine: &Engine, organization: &OrganizationId, now: Moment) -> Result<(), StoreError> {
    if engine.mailer.is_none() {
        return Ok(());
    }
    let last = store::last_digest(&engine.db, organization).await?;
    let Some(day) = due(last.as_deref(), now, engine.settings.digest_hour) else { return Ok(()) };
    let mut tx = engine.db.write().await?;
    // Whoever begins today has just seen how things stand: their first one is tomorrow's.
    if store::begin_digest(&mut tx, organization, &day).await? && last.is_some() {
        for user in store::digest_readers(&mut tx, organization).await? {
            let new = New { channel: Channel::Mail, kind: Kind::Digest, user: Some(&user), about: &day, time: "" };
            tell(engine, &mut tx, organization, &new, now).await?;
        }
    }
    tx.commit().await?;
    engine.wake.notify_one();
    Ok(())
}

/// What there is to say to this person; `None` when nothing needs attention.
pub(super) async fn of(engine: &Engine, member: &Member) -> Result<Option<Digest>, FlowError> {
    let chain = checklist::chain(engine, member).await?;
    let troubles = trouble::standing(engine, member).await?;
    let of_state = async |state| {
        let filter = Filter { state: Some(state), needs_attention: true, ..Filter::default() };
        counted(engine, member, &filter).await
    };
    let digest = Digest {
        chain: (!chain.well).then_some(chain.sentence),
        attachments: troubles.iter().filter(|it| matches!(it, Trouble::Attachment { .. })).count(),
        work: troubles.iter().filter(|it| matches!(it, Trouble::Work { .. })).count(),
        waiting: of_state(InviteState::Waiting).await?,
        failed: of_state(InviteState::Failed).await?,
        unclear: of_state(InviteState::Unclear).await?,
        awaiting_verdict: counted(engine, member, &Filter { awaiting_verdict: true, ..Filter::default() }).await?,
    };
    Ok((!digest.is_empty()).then_some(digest))
}

/// "3", "more than 1000", or nothing.
async fn counted(engine: &Engine, member: &Member, filter: &Filter) -> Result<String, FlowError> {
    Ok(match invite::count(engine, member, filter).await? {
        (0, _) => String::new(),
        (count, false) => count.to_string(),
        (count, true) => format!("more than {count}"),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_day_has_its_digest_once_over_the_year_s_end_and_a_leap_day_too() {
        let start = Moment::parse_rfc3339("2027-12-20T00:00:00Z").expect("a moment");
        for from in [0, 6, 23] {
            let mut begun: Vec<String> = Vec::new();
            for hour in 0..400 * 24 {
                let now = start.after(Duration::from_hours(hour));
                begun.extend(due(begun.last().map(String::as_str), now, from));
            }
            assert_eq!(begun.len(), 400, "from {from} o'clock");
            assert!(begun.is_sorted_by(|one, next| one < next), "{begun:?}");
            assert!(["2027-12-31", "2028-02-29"].iter().all(|day| begun.iter().any(|begun| begun == day)));
        }
    }

    #[test]
    fn a_day_is_a_day_in_utc() {
        let at = |text| Moment::parse_rfc3339(text).expect("a moment");
        assert_eq!(day_and_hour(at("2026-11-29T23:59:59Z")), ("2026-11-29".to_owned(), 23));
        assert_eq!(day_and_hour(at("2026-11-30T00:00:00Z")), ("2026-11-30".to_owned(), 0));
    }
}
