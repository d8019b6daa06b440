//! An opportunity as Lever has it now, against what we have: what is due begins, what is unsent and no
//! longer due ends, what was missing goes on. Webhooks, the catch-up poll and people all end up here.

mod advance;

use std::time::Duration;

use super::{
    InviteState, catalogue,
    change::{self, News},
    entity::{Invite, WaitingFor, entry},
    state::Event,
    store,
};
use crate::{
    Engine,
    attachment::{
        self,
        decision::{self, Answer, Attachment, Start},
    },
    clock::Moment,
    db::Tx,
    delivery,
    erasure::absence::{self, Found},
    fault::StoreError,
    id::{AttachmentId, InviteId, OpportunityId, OrganizationId, PostingId, StageId},
    job::{self, Outcome, Run, Work},
    lever::{self, Api, Opportunity, Seen},
    live::Change,
    random,
    verdict::Verdict,
};

pub(super) const LOOK_AGAIN_SOON: Duration = Duration::from_secs(15 * 60);
const LOOK_AGAIN: Duration = Duration::from_secs(6 * 3600);
const SOON: Duration = Duration::from_secs(48 * 3600);
/// An entry that is older when it becomes an invite is late.
const LATE: Duration = Duration::from_secs(24 * 3600);
/// How long late ones gather before it is clear whether they are many.
const GATHER: Duration = Duration::from_secs(5 * 60);
const STAGE_GONE: &str = "The stage is no longer in Lever's pipeline";
const STOP_LOOKING: Duration = Duration::from_secs(30 * 24 * 3600);

/// Reads the opportunity and acts on the difference.
pub(crate) async fn reconcile(engine: &Engine, organization: &OrganizationId, id: &OpportunityId) -> Run {
    let began = engine.clock.now();
    let acted = match Api::new(engine, organization).look(id).await? {
        Seen::There(opportunity, asked_at) => act_on(engine, organization, &opportunity, asked_at, None).await?,
        Seen::Absent(absence, at) => {
            let found = absence::weigh(engine, organization, id, (absence, at)).await?;
            gone(engine, organization, id, began, found).await?
        }
    };
    Ok(acted.look_again.map_or(Outcome::Done, Outcome::Again))
}

/// What came of looking at an opportunity.
#[derive(Debug, Default)]
pub(crate) struct Acted {
    /// How many invites are on their way now because of it.
    pub due: usize,
    /// Something is missing in Lever that no webhook may tell of.
    pub look_again: Option<Moment>,
}

/// Acts on an opportunity that was read at `read_at`. `chosen` is an attachment that a person chose it for.
pub(crate) async fn act_on(
    engine: &Engine,
    organization: &OrganizationId,
    opportunity: &Opportunity,
    read_at: Moment,
    chosen: Option<&AttachmentId>,
) -> Result<Acted, StoreError> {
    let position = position(engine, organization, opportunity).await?;
    let gone_stages = lever::gone_stages(engine, organization, &opportunity.stage).await?;
    let is_there = !gone_stages.contains(&opportunity.stage);
    let mut tx = engine.db.write().await?;
    let mut look =
        Look { engine, organization, opportunity, position, gone_stages, read_at, chosen, news: News::default() };
    absence::forget(&mut tx, organization, &opportunity.id).await?;
    store::replace_associations(
        &mut tx,
        organization,
        &opportunity.id,
        opportunity.owner.as_ref(),
        &opportunity.followers,
    )
    .await?;
    let attachments = attachment::store::on_stage_held(&mut tx, organization, &opportunity.stage).await?;
    let mut invites = store::hold_of_opportunity(&mut tx, organization, &opportunity.id).await?;
    let mut due = 0;
    for invite in &mut invites {
        if look.is_older_than(invite) {
            let work = Work::Reconcile { opportunity: opportunity.id.clone() };
            job::enqueue(&mut tx, organization, &work, engine.clock.now(), None).await?;
        } else {
            due += usize::from(look.revisit(&mut tx, invite, &attachments).await?);
        }
    }
    let had: Vec<_> = invites.iter().map(|i| (i.account.clone(), i.assessment.clone())).collect();
    let decided = decision::decide(opportunity, &attachments, &had, chosen);
    for (attachment, answer) in &decided {
        if let Answer::Match(start) = answer
            && is_there
            && let Some(invite) = look.begin(&mut tx, attachment, *start).await?
        {
            due += usize::from(invite.state == InviteState::Queued);
            invites.push(invite);
        }
    }
    let outcome = if is_there { in_words(&decided, due) } else { STAGE_GONE.to_owned() };
    let times = (read_at, engine.clock.now());
    let handled = delivery::handled(&mut tx, organization, opportunity.id.as_str(), times, &outcome).await?;
    look.news.of_messages(handled);
    tx.commit().await?;
    look.news.tell(engine, organization);
    Ok(Acted { due, look_again: look_again(&invites, engine.clock.now()) })
}

/// What one look at an opportunity needs at every step.
struct Look<'a> {
    engine: &'a Engine,
    organization: &'a OrganizationId,
    opportunity: &'a Opportunity,
    position: Option<(PostingId, Option<String>)>,
    gone_stages: Vec<StageId>,
    read_at: Moment,
    chosen: Option<&'a AttachmentId>,
    news: News,
}

impl Look<'_> {
    /// Makes the invite of a match, with its entry and its job; `None` when somebody was faster.
    async fn begin(
        &mut self,
        tx: &mut Tx,
        attachment: &Attachment,
        start: Start,
    ) -> Result<Option<Invite>, StoreError> {
        let now = self.engine.clock.now();
        let start = self.unless_late(attachment, start, now);
        let invite = self.new_invite(attachment, start, now);
        if !store::insert(tx, &invite).await? {
            return Ok(None);
        }
        let sentence = format!("Due: entered the stage. Assessment: {}.", invite.assessment_name);
        let mut entries = vec![entry(now, "due", sentence, None)];
        if let Some(reason) = &invite.reason {
            entries.push(entry(now, "waiting", format!("Waiting. {reason}"), None));
        }
        change::follow(tx, &invite, &entries, now).await?;
        if invite.state == InviteState::Queued {
            enqueue_send(tx, &invite, now).await?;
        }
        if invite.waiting_for == Some(WaitingFor::Approval) {
            enqueue_send(tx, &invite, now.after(GATHER)).await?;
        }
        self.news.of(&invite);
        Ok(Some(invite))
    }

    /// Late entries gather first: few go out by themselves, many wait for a person.
    fn unless_late(&self, attachment: &Attachment, start: Start, now: Moment) -> Start {
        let late = is_late(self.opportunity.entered_stage_at, now) && self.chosen != Some(&attachment.id);
        if late && start == Start::Now { Start::Waits(WaitingFor::Approval) } else { start }
    }

    fn new_invite(&self, attachment: &Attachment, start: Start, now: Moment) -> Invite {
        let waiting_for = match start {
            Start::Now => None,
            Start::Waits(what) => Some(what),
        };
        let (posting, posting_title) = self.position.clone().unzip();
        Invite {
            id: InviteId::new(),
            organization: self.organization.clone(),
            opportunity: self.opportunity.id.clone(),
            contact: self.opportunity.contact.clone(),
            attachment: attachment.id.clone(),
            account: attachment.account.clone(),
            assessment: attachment.assessment.clone(),
            assessment_name: attachment.assessment_name.clone(),
            round: 1,
            posting,
            posting_title: posting_title.flatten(),
            confidential: self.opportunity.confidential,
            stage: self.opportunity.stage.clone(),
            entered_stage_at: self.opportunity.entered_stage_at,
            candidate_name: self.opportunity.name.clone(),
            candidate_email: decision::email(self.opportunity).map(str::to_owned),
            email_by: None,
            lever_url: self.opportunity.url.clone(),
            chosen_by: None,
            retake_of: None,
            state: if waiting_for.is_some() { InviteState::Waiting } else { InviteState::Queued },
            reason: waiting_for.map(|what| what.words().to_owned()),
            waiting_for,
            read_at: self.read_at,
            send_intent_at: None,
            restored_at: None,
            provider_invite: None,
            candidate_url: None,
            sent_at: None,
            started_at: None,
            completed_at: None,
            expires_at: None,
            score: None,
            sections: Vec::new(),
            integrity: Vec::new(),
            report_url: None,
            report_token: random::token(),
            revision: 0,
            verdict: Verdict::NotGiven,
            verdict_at: None,
            anonymized_at: None,
            created_at: now,
            changed_at: now,
            version: 1,
        }
    }
}

pub(super) async fn enqueue_send(tx: &mut Tx, invite: &Invite, now: Moment) -> Result<(), StoreError> {
    job::enqueue(tx, &invite.organization, &Work::Send { invite: invite.id.clone() }, now, None).await
}

/// Whether an entry is late when it becomes an invite: late ones gather first.
pub(crate) fn is_late(entered: Moment, now: Moment) -> bool {
    now.since(entered) > LATE
}

/// The candidate's position with its title from our copy. Lever gives at most one.
async fn position(
    engine: &Engine,
    organization: &OrganizationId,
    opportunity: &Opportunity,
) -> Result<Option<(PostingId, Option<String>)>, StoreError> {
    let Some(id) = opportunity.postings.first() else { return Ok(None) };
    let copy = lever::posting(engine, organization, id).await?;
    let posting = match copy {
        Some(posting) => Some(posting),
        // Newer than our copy; without its title the invite is no worse off.
        None => Api::new(engine, organization).posting(id).await.ok().flatten(),
    };
    Ok(Some((id.clone(), posting.map(|posting| posting.title))))
}

/// When to look again for what no webhook may tell of.
fn look_again(invites: &[Invite], now: Moment) -> Option<Moment> {
    let waits = |invite: &&Invite| {
        invite.state == InviteState::Waiting && invite.waiting_for.is_some_and(WaitingFor::shows_in_lever)
    };
    let youngest = invites.iter().filter(waits).map(|invite| invite.created_at).max()?;
    let age = now.since(youngest);
    (age < STOP_LOOKING).then(|| now.after(if age < SOON { LOOK_AGAIN_SOON } else { LOOK_AGAIN }))
}

/// What Activity says about the message that led here.
fn in_words(decided: &[(&Attachment, Answer)], due: usize) -> String {
    if due > 0 {
        let names: Vec<&str> = decided
            .iter()
            .filter(|(_, answer)| matches!(answer, Answer::Match(_)))
            .map(|(attachment, _)| attachment.assessment_name.as_str())
            .collect();
        return if names.is_empty() { "Goes on".into() } else { format!("Invite: {}", names.join(", ")) };
    }
    if decided.is_empty() {
        return "No attachment on this stage".into();
    }
    let why = decided.iter().map(|(attachment, answer)| match answer {
        Answer::Match(_) => format!("{}: waits", attachment.assessment_name),
        Answer::No(reason) => format!("{}: {}", attachment.assessment_name, reason.words()),
    });
    format!("Nothing to send. {}", why.collect::<Vec<_>>().join("; "))
}

/// Lever no longer shows the opportunity: what is unsent ends, what is under way stays open, and all of it is
/// shown to nobody who would not see a confidential candidate. Who was deleted is erased.
pub(super) async fn gone(
    engine: &Engine,
    organization: &OrganizationId,
    id: &OpportunityId,
    read_at: Moment,
    found: Found,
) -> Result<Acted, StoreError> {
    let now = engine.clock.now();
    let mut news = News::default();
    let mut tx = engine.db.write().await?;
    for mut invite in store::hold_of_opportunity(&mut tx, organization, id).await? {
        let is_hidden = catalogue::hide(&mut tx, &mut invite, now).await?;
        let is_unsent = invite.is_unsent();
        if is_unsent {
            let why = "Lever no longer shows this candidate.";
            match found {
                Found::Deleted(_) => cancel(&mut tx, &mut invite, why, now).await?,
                Found::Hidden(_) => end(&mut tx, &mut invite, why, now).await?,
            }
        }
        let is_erased = match found {
            Found::Deleted(since) => absence::erase_deleted(engine, &mut tx, &mut invite, since).await?,
            Found::Hidden(_) => false,
        };
        if is_hidden || is_unsent || is_erased {
            news.of(&invite);
        }
    }
    let (outcome, look_again) = match found {
        Found::Hidden(look_again) => ("Lever no longer shows this candidate", look_again),
        Found::Deleted(_) => {
            absence::forget(&mut tx, organization, id).await?;
            ("The candidate was deleted in Lever, and erased here", None)
        }
    };
    news.of_messages(delivery::handled(&mut tx, organization, id.as_str(), (read_at, now), outcome).await?);
    tx.commit().await?;
    news.tell(engine, organization);
    Ok(Acted { due: 0, look_again })
}

/// Ends an unsent invite that is due no more. What a restored backup holds as unsent may have been sent since: its send
/// looks that up first, and ends it where it was not.
pub(super) async fn end(tx: &mut Tx, invite: &mut Invite, why: &str, now: Moment) -> Result<(), StoreError> {
    if invite.restored_at.is_none() || invite.anonymized_at.is_some() {
        return cancel(tx, invite, why, now).await;
    }
    if invite.take(Event::Go, None) {
        let sentence = "A backup was put back: whether it was sent is looked up at the provider.";
        change::keep(tx, invite, &[entry(now, "due", sentence, None)], now).await?;
    }
    enqueue_send(tx, invite, now).await
}

/// Ends an invite that was not sent.
pub(crate) async fn cancel(tx: &mut Tx, invite: &mut Invite, why: &str, now: Moment) -> Result<(), StoreError> {
    if invite.take(Event::Cancelled, Some(why.to_owned())) {
        change::keep(tx, invite, &[entry(now, "cancelled", format!("Cancelled. {why}"), None)], now).await?;
    }
    Ok(())
}

/// The job was given up: the messages that asked for it say so.
pub(crate) async fn give_up(
    tx: &mut Tx,
    organization: &OrganizationId,
    id: &OpportunityId,
    reason: &str,
    now: Moment,
) -> Result<Option<Change>, StoreError> {
    delivery::given_up(tx, organization, id.as_str(), reason, now).await?;
    Ok(None)
}
