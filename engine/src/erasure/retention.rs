//! For how long an organization keeps candidates: until Lever erases them, or for some months after the last change of
//! what is at an end. Then what is held here goes, as when Lever anonymises somebody, and the provider is asked to
//! forget them; our note stays, for it is Lever's record.

mod store;

use jiff::{Span, Timestamp, tz::TimeZone};

use super::Cause;
use crate::{
    Engine,
    access::{Member, Permission},
    audit::{self, Action, By, Deed, Facts},
    clock::Moment,
    fault::{FlowError, StoreError},
    id::{ContactId, OrganizationId},
    invite::{self, Invite, InviteState, News},
    live::Change,
};

/// So many people are erased in an hour: choosing a period that is over for many must not hold up other work.
const AN_HOUR: i64 = 200;

/// A number of months that can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Months(u32);

impl Months {
    /// What there is to choose.
    pub const ALL: [Self; 5] = [Self(3), Self(6), Self(12), Self(24), Self(36)];

    /// That many, where they can be chosen.
    #[must_use]
    pub fn new(months: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.0 == months)
    }

    /// How many they are.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }

    /// So long before `now`, by the calendar.
    fn before(self, now: Moment) -> Option<Moment> {
        let now = Timestamp::from_millisecond(now.0).ok()?.to_zoned_datetime(TimeZone::UTC);
        let then = now.checked_sub(Span::new().months(i64::from(self.0))).ok()?;
        Some(Moment(then.timestamp().as_millisecond()))
    }
}

/// For how long candidates are kept; `None` until Lever erases them.
///
/// # Errors
/// When the database fails.
pub async fn kept_for(engine: &Engine, member: &Member) -> Result<Option<Months>, FlowError> {
    let chosen = store::chosen(engine.db.read(), &member.organization).await?;
    Ok(chosen.map(|(months, _)| months))
}

/// Chooses it. Who is over the time is erased within the next hours.
///
/// # Errors
/// Forbidden unless the role manages the connection.
pub async fn keep_for(engine: &Engine, member: &Member, months: Option<Months>) -> Result<(), FlowError> {
    member.require(Permission::ManageConnection)?;
    let organization = &member.organization;
    let mut tx = engine.db.write().await?;
    let before = store::chosen(&mut *tx, organization).await?.map(|(months, _)| months);
    store::choose(&mut tx, organization, months, &member.user).await?;
    let deed = Deed {
        action: Action::RetentionChosen,
        subject: organization.as_str(),
        before: facts(before),
        after: facts(months),
    };
    audit::record(&mut tx, member, &deed, engine.clock.now()).await?;
    tx.commit().await?;
    engine.live.tell(organization, Change::SetUp);
    Ok(())
}

fn facts(months: Option<Months>) -> Facts {
    vec![("months", months.map_or_else(|| "until erased in Lever".to_owned(), |months| months.0.to_string()))]
}

/// Erases the next of those whose time is over; to be called once an hour.
pub(crate) async fn erase_old(engine: &Engine, organization: &OrganizationId) -> Result<(), StoreError> {
    let Some((months, chosen_by)) = store::chosen(engine.db.read(), organization).await? else { return Ok(()) };
    let Some(before) = months.before(engine.clock.now()) else { return Ok(()) };
    for contact in store::overdue(&engine.db, organization, before, AN_HOUR).await? {
        erase_person(engine, organization, &contact, before, &By::Person(chosen_by.clone())).await?;
    }
    Ok(())
}

/// All that is held about a person, at once, unless something of theirs changed meanwhile.
async fn erase_person(
    engine: &Engine,
    organization: &OrganizationId,
    contact: &ContactId,
    before: Moment,
    by: &By,
) -> Result<(), StoreError> {
    let mut news = News::default();
    let mut tx = engine.db.write().await?;
    let mut invites = invite::hold_of_contact(&mut tx, organization, contact).await?;
    if !invites.iter().all(|invite| is_over(invite, before)) {
        return Ok(());
    }
    for invite in &mut invites {
        if super::erase(engine, &mut tx, invite, (Cause::Retention, by, None), engine.clock.now()).await? {
            news.of(invite);
        }
    }
    tx.commit().await?;
    news.tell(engine, organization);
    Ok(())
}

/// It is at an end, and has been for so long.
fn is_over(invite: &Invite, before: Moment) -> bool {
    let ended = match invite.state {
        InviteState::Completed
        | InviteState::Expired
        | InviteState::Declined
        | InviteState::Cancelled
        | InviteState::Failed => true,
        InviteState::Waiting
        | InviteState::Queued
        | InviteState::Sent
        | InviteState::Started
        | InviteState::Unclear => false,
    };
    invite.anonymized_at.is_some() || (ended && invite.changed_at < before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invite::sample;

    fn moment(text: &str) -> Moment {
        Moment::parse_rfc3339(text).expect("a moment")
    }

    #[test]
    fn months_are_those_of_the_calendar() {
        let before = |months, now| Months::new(months).and_then(|months| months.before(moment(now)));
        assert_eq!(before(3, "2026-05-31T10:00:00Z"), Some(moment("2026-02-28T10:00:00Z")));
        assert_eq!(before(36, "2028-02-29T10:00:00Z"), Some(moment("2025-02-28T10:00:00Z")));
        assert_eq!([0, 1, 4, 120].map(Months::new), [None; 4]);
    }

    #[test]
    fn only_what_ended_long_ago_is_over() {
        let at = |state, changed_at| is_over(&Invite { state, changed_at: Moment(changed_at), ..sample() }, Moment(10));
        let over: Vec<_> = InviteState::ALL.into_iter().filter(|state| at(*state, 9)).collect();
        let ends = [
            InviteState::Completed,
            InviteState::Expired,
            InviteState::Declined,
            InviteState::Cancelled,
            InviteState::Failed,
        ];
        assert_eq!(over, ends);
        assert!(InviteState::ALL.into_iter().all(|state| !at(state, 10)), "changed since");
    }
}
