//! What a fresh look at the opportunity means for an invite that exists.

use super::{
    super::{
        InviteState, change,
        entity::{Invite, WaitingFor, entry},
        state::Event,
        store,
    },
    GATHER, Look, end, enqueue_send, is_late,
};
use crate::{
    attachment::{
        AttachmentState,
        decision::{self, Attachment},
    },
    audit::By,
    clock::Moment,
    db::Tx,
    erasure::{self, Cause},
    fault::StoreError,
};

/// What an unsent invite is to do.
enum Advance {
    End(&'static str),
    Hold(WaitingFor),
    Go,
    Stay,
}

impl Look<'_> {
    /// Whether somebody looked later and was done sooner. (A look from a time that is not yet tells of a clock.)
    pub(super) fn is_older_than(&self, invite: &Invite) -> bool {
        self.read_at < invite.read_at && invite.read_at <= self.engine.clock.now()
    }

    /// Brings an invite up to date; whether it is on its way now and was not before.
    pub(super) async fn revisit(
        &mut self,
        tx: &mut Tx,
        invite: &mut Invite,
        attachments: &[Attachment],
    ) -> Result<bool, StoreError> {
        let now = self.engine.clock.now();
        let before = invite.version;
        let person = known_as(invite);
        let details_changed = self.refresh(invite);
        if self.opportunity.anonymized {
            let cause = (Cause::Anonymised, &By::Lever, None);
            if !erasure::erase(self.engine, tx, invite, cause, self.read_at).await? {
                erasure::follow_lever(tx, invite, now).await?;
            }
        }
        let returned = self.returns(tx, invite, attachments, now).await?;
        let moved_on = invite.is_unsent() && self.move_on(tx, invite, attachments, now).await?;
        let goes = moved_on || (returned && self.go_anew(tx, invite, now).await?);
        if invite.version == before {
            if details_changed {
                change::keep(tx, invite, &[], now).await?;
            } else if invite.is_unsent() {
                invite.read_at = self.read_at;
                store::save(tx, invite).await?;
            }
        }
        if known_as(invite) != person {
            store::words::replace(tx, invite).await?;
        }
        if invite.version != before {
            self.news.of(invite);
        }
        Ok(goes)
    }

    /// Whoever left before anything was sent and entered again is due anew, by the same invite.
    async fn returns(
        &self,
        tx: &mut Tx,
        invite: &mut Invite,
        attachments: &[Attachment],
        now: Moment,
    ) -> Result<bool, StoreError> {
        let entered = self.opportunity.entered_stage_at;
        let again = entered > invite.entered_stage_at && invite.ended_unsent() && invite.chosen_by.is_none();
        let fits = again && !self.opportunity.anonymized && !self.opportunity.archived;
        let due = |attachment: &Attachment| entered >= attachment.active_from;
        if !fits || !self.serving(invite, attachments).is_some_and(due) || !invite.take(Event::Returned, None) {
            return Ok(false);
        }
        invite.stage = self.opportunity.stage.clone();
        invite.entered_stage_at = entered;
        change::keep(tx, invite, &[entry(now, "due", "Due: entered the stage again.", None)], now).await?;
        Ok(true)
    }

    /// Sends on its way what returned and misses nothing; what is late gathers first, as everybody's does.
    async fn go_anew(&self, tx: &mut Tx, invite: &mut Invite, now: Moment) -> Result<bool, StoreError> {
        if invite.state != InviteState::Queued {
            return Ok(false);
        }
        if !is_late(invite.entered_stage_at, now) {
            return enqueue_send(tx, invite, now).await.map(|()| true);
        }
        invite.hold(WaitingFor::Approval);
        let sentence = format!("Waiting. {}", WaitingFor::Approval.words());
        change::keep(tx, invite, &[entry(now, "waiting", sentence, None)], now).await?;
        enqueue_send(tx, invite, now.after(GATHER)).await.map(|()| false)
    }

    /// Takes over what Lever says about the person and the position; whether anything visible changed.
    fn refresh(&self, invite: &mut Invite) -> bool {
        if self.opportunity.anonymized || invite.anonymized_at.is_some() {
            return false;
        }
        let before = (invite.candidate_name.clone(), invite.candidate_email.clone(), invite.posting_title.clone());
        let rights_before = (invite.confidential, invite.posting.clone(), invite.contact.clone());
        invite.contact = self.opportunity.contact.clone();
        invite.confidential = self.opportunity.confidential;
        invite.lever_url.clone_from(&self.opportunity.url);
        if !self.opportunity.name.trim().is_empty() {
            invite.candidate_name.clone_from(&self.opportunity.name);
        }
        // Once sent, the address is the one it went to.
        if invite.is_unsent() && invite.waiting_for != Some(WaitingFor::OtherEmail) {
            invite.candidate_email = self.address(invite);
        }
        if let Some((posting, title)) = &self.position {
            if invite.posting.as_ref() != Some(posting) || title.is_some() {
                invite.posting_title.clone_from(title);
            }
            invite.posting = Some(posting.clone());
        }
        before != (invite.candidate_name.clone(), invite.candidate_email.clone(), invite.posting_title.clone())
            || rights_before != (invite.confidential, invite.posting.clone(), invite.contact.clone())
    }

    /// Moves an unsent invite on; whether it is on its way now and was not before.
    async fn move_on(
        &self,
        tx: &mut Tx,
        invite: &mut Invite,
        attachments: &[Attachment],
        now: Moment,
    ) -> Result<bool, StoreError> {
        invite.read_at = self.read_at;
        match self.advance(invite, attachments) {
            Advance::Stay => Ok(false),
            Advance::End(why) => end(tx, invite, why, now).await.map(|()| false),
            Advance::Hold(what) => {
                if invite.hold(what) {
                    let sentence = format!("Waiting. {}", invite.words_for(what));
                    change::keep(tx, invite, &[entry(now, "waiting", sentence, None)], now).await?;
                }
                Ok(false)
            }
            Advance::Go => {
                if !invite.take(Event::Go, None) {
                    return Ok(false);
                }
                change::keep(tx, invite, &[entry(now, "due", "Goes on: nothing is missing any more.", None)], now)
                    .await?;
                enqueue_send(tx, invite, now).await?;
                Ok(true)
            }
        }
    }

    fn advance(&self, invite: &mut Invite, attachments: &[Attachment]) -> Advance {
        if self.opportunity.anonymized {
            return Advance::End("The candidate was anonymised in Lever before the assessment was sent.");
        }
        if invite.anonymized_at.is_some() {
            return Advance::End(erasure::UNSENT);
        }
        if self.opportunity.archived {
            return Advance::End("Archived in Lever before the assessment was sent.");
        }
        // What a person asked for goes out wherever the candidate stands by now.
        if invite.chosen_by.is_some() {
            return self.advance_by_details(invite);
        }
        if self.gone_stages.contains(&invite.stage) {
            return Advance::End("The stage was removed in Lever before the assessment was sent.");
        }
        if self.opportunity.stage != invite.stage {
            return Advance::End("Left the stage before the assessment was sent.");
        }
        let Some(attachment) = self.serving(invite, attachments) else {
            return Advance::End("The candidate's position has this assessment on the stage no more.");
        };
        invite.attachment = attachment.id.clone();
        if attachment.state == AttachmentState::Paused {
            return Advance::Hold(WaitingFor::Paused);
        }
        if attachment.posting.is_some() && self.opportunity.postings.is_empty() {
            return Advance::Hold(WaitingFor::Posting);
        }
        self.advance_by_details(invite)
    }

    fn advance_by_details(&self, invite: &mut Invite) -> Advance {
        let address = self.address(invite);
        match invite.waiting_for {
            // Their own jobs go on when the connection or the account works again, or a person says so.
            Some(WaitingFor::Lever | WaitingFor::Provider | WaitingFor::Approval) => Advance::Stay,
            Some(WaitingFor::OtherEmail) if address.is_none() || address == invite.candidate_email => Advance::Stay,
            Some(WaitingFor::OtherEmail | WaitingFor::Email | WaitingFor::Posting | WaitingFor::Paused) | None => {
                invite.candidate_email = address;
                match (&invite.candidate_email, invite.state) {
                    (None, _) => Advance::Hold(WaitingFor::Email),
                    (Some(_), InviteState::Waiting) => Advance::Go,
                    (Some(_), _) => Advance::Stay,
                }
            }
        }
    }

    /// Where it is to go: to the address that a person gave it, or to Lever's.
    fn address(&self, invite: &Invite) -> Option<String> {
        if invite.has_own_address() {
            return invite.candidate_email.clone();
        }
        decision::email(self.opportunity).map(str::to_owned)
    }

    /// The attachment that an unsent invite belongs to: its own while that fits, else another one that
    /// gives the same assessment to the candidate's position.
    fn serving<'b>(&self, invite: &Invite, attachments: &'b [Attachment]) -> Option<&'b Attachment> {
        let gives_same = |a: &&Attachment| a.account == invite.account && a.assessment == invite.assessment;
        let fits = |a: &&Attachment| {
            let postings = &self.opportunity.postings;
            a.posting.as_ref().is_none_or(|posting| postings.is_empty() || postings.contains(posting))
        };
        let own = attachments.iter().find(|a| a.id == invite.attachment);
        // An edit to another assessment hands its unsent invites to the new attachment as they are.
        own.filter(fits).or_else(|| attachments.iter().find(|a| gives_same(a) && fits(a)))
    }
}

/// What the person is found by.
fn known_as(invite: &Invite) -> (String, Option<String>) {
    (invite.candidate_name.clone(), invite.candidate_email.clone())
}
