//! Erasing a candidate: what named them goes here at once and in one transaction, and a receipt says so. What is
//! elsewhere follows as work of its own, which waits and goes on like all work: our note in Lever, and the provider's
//! copy.

pub(crate) mod absence;
mod provider;
mod request;
mod retention;
pub(crate) mod store;

use std::net::IpAddr;

use crate::{
    Engine,
    access::{Member, Permission},
    audit::{self, Action, By, Deed},
    clock::Moment,
    db::Tx,
    delivery,
    fault::{FlowError, StoreError},
    id::{InviteId, OpportunityId, ProviderInviteId},
    invite::{self, ANONYMOUS, Invite, InviteState},
    job::{self, Work},
    note, timeline, verdict,
};

pub(crate) use provider::ask;
pub use request::on_request;
pub(crate) use retention::erase_old;
pub use retention::{Months, keep_for, kept_for};
pub(crate) use store::SEALED;

/// What an invite says that was not sent by then.
pub(crate) const UNSENT: &str = "The candidate was erased before the assessment was sent.";

/// Why a candidate is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Lever anonymised the candidate.
    Anonymised,
    /// The candidate is in Lever no more.
    Deleted,
    /// The organization keeps candidates for so long.
    Retention,
    /// Somebody here wanted it.
    Request,
}

impl Cause {
    const ALL: [Self; 4] = [Self::Anonymised, Self::Deleted, Self::Retention, Self::Request];

    fn slug(self) -> &'static str {
        match self {
            Self::Anonymised => "anonymised",
            Self::Deleted => "deleted",
            Self::Retention => "retention",
            Self::Request => "request",
        }
    }

    fn parse(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.slug() == slug)
    }

    fn sentence(self) -> &'static str {
        match self {
            Self::Anonymised => "The candidate was anonymised in Lever; personal data was removed here too.",
            Self::Deleted => "The candidate was deleted in Lever; personal data was removed here too.",
            Self::Retention => "The time for which candidates are kept is over; personal data was removed here.",
            Self::Request => "A Super Admin had the candidate erased; personal data was removed here.",
        }
    }
}

/// What became of our note in Lever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteFate {
    /// It is still to be taken away.
    Open,
    Deleted,
    /// Lever did not let us delete it: it says nothing any more.
    Emptied,
    /// Lever has no note of ours.
    NotThere,
    /// Lever lets us neither delete nor change it, or it is in an account that is connected no more.
    Refused,
    /// Only our own period is over: the note is Lever's record.
    Left,
}

impl NoteFate {
    const ALL: [Self; 6] = [Self::Open, Self::Deleted, Self::Emptied, Self::NotThere, Self::Refused, Self::Left];

    fn slug(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Deleted => "deleted",
            Self::Emptied => "emptied",
            Self::NotThere => "none",
            Self::Refused => "refused",
            Self::Left => "left",
        }
    }

    fn parse(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fate| fate.slug() == slug)
    }
}

/// What became of the provider's copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderFate {
    /// It is still to be asked, or has not answered yet.
    Open,
    /// It took the request.
    Accepted,
    /// It never had anything.
    NeverSent,
    /// Its protocol has no call for it, or it was not asked in time: a person must ask.
    NotOffered,
    /// It was asked and refused: a person must ask.
    Refused,
    /// Not asked: somebody here who is not erased has the same address, and it is by address that it erases.
    Shared,
}

impl ProviderFate {
    const ALL: [Self; 6] = [Self::Open, Self::Accepted, Self::NeverSent, Self::NotOffered, Self::Refused, Self::Shared];

    fn slug(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::NeverSent => "never_sent",
            Self::NotOffered => "not_offered",
            Self::Refused => "refused",
            Self::Shared => "shared",
        }
    }

    fn parse(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fate| fate.slug() == slug)
    }
}

/// What was erased of one invite, when, and what became of the rest: ids and times only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub opportunity: OpportunityId,
    pub cause: Cause,
    /// When it was found that the candidate was to be erased.
    pub found_at: Moment,
    /// When they were, here.
    pub erased_at: Moment,
    pub note: NoteFate,
    /// When the note was settled.
    pub note_at: Option<Moment>,
    pub provider: ProviderFate,
    /// When the provider was first asked.
    pub asked_at: Option<Moment>,
    /// When that was settled.
    pub provider_at: Option<Moment>,
    /// The assessment's id there, for whoever must ask by hand.
    pub provider_invite: Option<ProviderInviteId>,
}

/// The receipt of an invite, for those who may take away what is held about candidates; `None` for everybody else,
/// and of a candidate who is not erased.
///
/// # Errors
/// When the database fails.
pub async fn receipt(engine: &Engine, member: &Member, invite: &InviteId) -> Result<Option<Receipt>, FlowError> {
    if !member.may(Permission::ExportCandidates) {
        return Ok(None);
    }
    Ok(store::receipt(&engine.db, &member.organization, invite).await?)
}

/// Removes what names the candidate of an invite that this transaction holds, writes the receipt, and has the rest
/// done elsewhere. False for who is erased already: that stays as it was.
pub(crate) async fn erase(
    engine: &Engine,
    tx: &mut Tx,
    invite: &mut Invite,
    (cause, by, from): (Cause, &By, Option<IpAddr>),
    found_at: Moment,
) -> Result<bool, StoreError> {
    if invite.anonymized_at.is_some() {
        return Ok(false);
    }
    let now = engine.clock.now();
    let opened = open_receipt(invite, (cause, found_at), now);
    let address = invite.candidate_email.take().filter(|_| opened.provider == ProviderFate::Open);
    store::insert(engine, tx, invite, &opened, address.as_deref()).await?;
    forget(tx, invite, now).await?;
    // Nobody who looks for what is new looks for this: the invite keeps its place in the lists.
    invite.version += 1;
    invite::save(tx, invite).await?;
    invite::replace_words(tx, invite).await?;
    let entry = invite::entry(now, "anonymized", cause.sentence(), None);
    timeline::add(tx, &invite.organization, &invite.id, &entry).await?;
    let after = vec![("cause", cause.slug().to_owned()), ("opportunity", invite.opportunity.to_string())];
    let deed = Deed { after, ..Deed::plain(Action::CandidateErased, invite.id.as_str()) };
    audit::record_of(tx, &invite.organization, (by, from), &deed, now).await?;
    if opened.note == NoteFate::Open {
        let work = Work::EraseNote { invite: invite.id.clone() };
        job::enqueue(tx, &invite.organization, &work, now, None).await?;
    }
    if opened.provider == ProviderFate::Open {
        let work = Work::EraseAtProvider { invite: invite.id.clone() };
        job::enqueue(tx, &invite.organization, &work, now, None).await?;
    }
    Ok(true)
}

/// Lever anonymised somebody who was erased here before, by age: it keeps no record of them any more, so the note that
/// was left goes too.
pub(crate) async fn follow_lever(tx: &mut Tx, invite: &Invite, now: Moment) -> Result<(), StoreError> {
    if store::reopen_note(tx, &invite.id).await? {
        let work = Work::EraseNote { invite: invite.id.clone() };
        job::enqueue(tx, &invite.organization, &work, now, None).await?;
    }
    Ok(())
}

/// The receipt as it begins.
fn open_receipt(invite: &Invite, (cause, found_at): (Cause, Moment), now: Moment) -> Receipt {
    let note = if cause == Cause::Retention { NoteFate::Left } else { NoteFate::Open };
    let may_be_there = invite.was_sent() || invite.may_have_been_sent() || invite.state == InviteState::Unclear;
    let provider = match (may_be_there, &invite.candidate_email) {
        (false, _) => ProviderFate::NeverSent,
        (true, Some(_)) => ProviderFate::Open,
        (true, None) => ProviderFate::NotOffered,
    };
    Receipt {
        opportunity: invite.opportunity.clone(),
        cause,
        found_at,
        erased_at: now,
        note,
        note_at: (note != NoteFate::Open).then_some(now),
        provider,
        asked_at: None,
        provider_at: (provider != ProviderFate::Open).then_some(now),
        provider_invite: invite.provider_invite.clone(),
    }
}

/// What named the candidate goes from everywhere here.
async fn forget(tx: &mut Tx, invite: &mut Invite, now: Moment) -> Result<(), StoreError> {
    ANONYMOUS.clone_into(&mut invite.candidate_name);
    invite.candidate_email = None;
    invite.candidate_url = None;
    invite.lever_url = None;
    invite.report_url = None;
    invite.integrity.clear();
    // Why it failed may be said in the provider's words.
    if invite.state == InviteState::Failed {
        invite.reason = None;
    }
    invite.anonymized_at = Some(now);
    timeline::store::forget_causes(tx, &invite.organization, &invite.id).await?;
    verdict::store::forget_comments(tx, &invite.organization, &invite.id).await?;
    note::forget_standing(tx, &invite.organization, &invite.id).await?;
    invite::verb::forget(tx, invite, now).await?;
    delivery::forget_bodies(tx, &invite.organization, invite.id.as_str()).await?;
    delivery::forget_bodies(tx, &invite.organization, invite.opportunity.as_str()).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invite::sample;

    #[test]
    fn the_provider_is_asked_about_whatever_may_be_there() {
        let fate = |invite: &Invite| open_receipt(invite, (Cause::Anonymised, Moment(1)), Moment(2)).provider;
        assert_eq!(fate(&sample()), ProviderFate::NeverSent);
        let sent = Invite { provider_invite: Some("pi_1".into()), ..sample() };
        assert_eq!(fate(&sent), ProviderFate::Open);
        assert_eq!(fate(&Invite { candidate_email: None, ..sent }), ProviderFate::NotOffered, "by which address?");
        assert_eq!(fate(&Invite { send_intent_at: Some(Moment(1)), ..sample() }), ProviderFate::Open);
        assert_eq!(fate(&Invite { restored_at: Some(Moment(1)), ..sample() }), ProviderFate::Open);
        assert_eq!(fate(&Invite { state: InviteState::Unclear, ..sample() }), ProviderFate::Open);
    }

    #[test]
    fn our_note_stays_where_only_our_own_time_is_over() {
        let note = |cause| open_receipt(&sample(), (cause, Moment(1)), Moment(2)).note;
        assert_eq!(Cause::ALL.map(note), [NoteFate::Open, NoteFate::Open, NoteFate::Left, NoteFate::Open]);
    }
}
