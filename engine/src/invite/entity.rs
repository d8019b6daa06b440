//! An invite as the flows handle it, and the steps that keep its state, reason and times together.

use super::{
    InviteState,
    state::{Event, Step, step},
};
use crate::{
    clock::Moment,
    id::{
        AssessmentId, AttachmentId, ContactId, InviteId, OpportunityId, OrganizationId, PostingId, ProviderAccountId,
        ProviderInviteId, StageId,
    },
    provider::{Score, Section, Signal},
    random,
    timeline::Entry,
    verdict::Verdict,
};

/// The name that stands where an anonymised candidate's stood.
pub(crate) const ANONYMOUS: &str = "Anonymised candidate";

const CORRECT_AGAIN: &str = "The provider does not accept this e-mail address either. Correct it here once more.";

/// What a waiting invite waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WaitingFor {
    Email,
    /// The provider does not take the e-mail address we have.
    OtherEmail,
    Posting,
    Lever,
    Provider,
    Paused,
    /// It is more than a day late, with many others.
    Approval,
}

impl WaitingFor {
    const ALL: [Self; 7] =
        [Self::Email, Self::OtherEmail, Self::Posting, Self::Lever, Self::Provider, Self::Paused, Self::Approval];

    pub(crate) fn slug(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::OtherEmail => "other_email",
            Self::Posting => "posting",
            Self::Lever => "lever",
            Self::Provider => "provider",
            Self::Paused => "paused",
            Self::Approval => "approval",
        }
    }

    pub(crate) fn parse(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.slug() == slug)
    }

    /// What it means and what to do, for people.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Email => "No e-mail address in Lever. Add one there and it goes on by itself.",
            Self::OtherEmail => {
                "The provider does not accept the e-mail address. Correct it here, or in Lever, and it goes on by itself."
            }
            Self::Posting => "No position in Lever yet. It goes on by itself when the candidate has one.",
            Self::Lever => "Lever is not connected. It goes on by itself when a Super Admin has connected it again.",
            Self::Provider => {
                "The assessment provider does not let us send. It goes on when a Super Admin has corrected the account."
            }
            Self::Paused => "The attachment is paused. It goes on when somebody resumes it.",
            Self::Approval => "It is more than a day late, as others are. It goes out when somebody says so.",
        }
    }

    /// Only a look at Lever can tell that it is there.
    pub(crate) fn shows_in_lever(self) -> bool {
        matches!(self, Self::Email | Self::OtherEmail | Self::Posting)
    }
}

/// One assessment for one opportunity, whole.
#[derive(Debug, Clone)]
pub(crate) struct Invite {
    pub id: InviteId,
    pub organization: OrganizationId,
    pub opportunity: OpportunityId,
    pub contact: ContactId,
    pub attachment: AttachmentId,
    pub account: ProviderAccountId,
    pub assessment: AssessmentId,
    pub assessment_name: String,
    pub round: i64,
    pub posting: Option<PostingId>,
    pub posting_title: Option<String>,
    pub confidential: bool,
    pub stage: StageId,
    pub entered_stage_at: Moment,
    pub candidate_name: String,
    pub candidate_email: Option<String>,
    /// Who corrected the address here: it holds, whatever Lever says.
    pub email_by: Option<String>,
    pub lever_url: Option<String>,
    /// Who asked for this round.
    pub chosen_by: Option<String>,
    pub retake_of: Option<ProviderInviteId>,
    pub state: InviteState,
    pub reason: Option<String>,
    pub waiting_for: Option<WaitingFor>,
    pub read_at: Moment,
    pub send_intent_at: Option<Moment>,
    pub restored_at: Option<Moment>,
    pub provider_invite: Option<ProviderInviteId>,
    pub candidate_url: Option<String>,
    pub sent_at: Option<Moment>,
    pub started_at: Option<Moment>,
    pub completed_at: Option<Moment>,
    pub expires_at: Option<Moment>,
    pub score: Option<Score>,
    pub sections: Vec<Section>,
    pub integrity: Vec<Signal>,
    pub report_url: Option<String>,
    pub report_token: String,
    pub revision: i64,
    pub verdict: Verdict,
    pub verdict_at: Option<Moment>,
    pub anonymized_at: Option<Moment>,
    pub created_at: Moment,
    pub changed_at: Moment,
    pub version: i64,
}

impl Invite {
    /// Takes a step of the table; whether the state is another one now.
    pub(crate) fn take(&mut self, event: Event, reason: Option<String>) -> bool {
        let Step::To(next) = step(self.state, event) else { return false };
        self.state = next;
        self.reason = reason;
        self.waiting_for = None;
        true
    }

    /// Makes it wait; whether that is news. What waits for a person's word waits for nothing else before it.
    pub(crate) fn hold(&mut self, what: WaitingFor) -> bool {
        if self.waiting_for == Some(WaitingFor::Approval) {
            return false;
        }
        let moved = self.take(Event::Hold, None);
        if self.state != InviteState::Waiting || self.waiting_for == Some(what) {
            return moved;
        }
        self.waiting_for = Some(what);
        self.reason = Some(self.words_for(what).to_owned());
        true
    }

    /// What waiting for it means here.
    pub(crate) fn words_for(&self, what: WaitingFor) -> &'static str {
        if what == WaitingFor::OtherEmail && self.has_own_address() { CORRECT_AGAIN } else { what.words() }
    }

    /// The address is this invite's own, and no longer whichever Lever names first.
    pub(crate) fn has_own_address(&self) -> bool {
        self.email_by.is_some() || self.retake_of.is_some()
    }

    /// Nothing of it can have reached the provider.
    pub(crate) fn is_unsent(&self) -> bool {
        matches!(self.state, InviteState::Waiting | InviteState::Queued) && self.send_intent_at.is_none()
    }

    /// Whether it may have been sent all the same: a call went out, or a backup knows no better.
    pub(crate) fn may_have_been_sent(&self) -> bool {
        self.send_intent_at.is_some() || self.restored_at.is_some()
    }

    /// The provider does not have it.
    pub(crate) fn was_never_sent(&mut self) {
        self.send_intent_at = None;
        self.restored_at = None;
    }

    /// It ended before anything of it can have reached the provider.
    pub(crate) fn ended_unsent(&self) -> bool {
        let untold = !self.may_have_been_sent() && !self.was_sent();
        self.state == InviteState::Cancelled && untold && self.anonymized_at.is_none()
    }

    /// It reached the provider, as far as is known.
    pub(crate) fn was_sent(&self) -> bool {
        self.sent_at.is_some() || self.provider_invite.is_some()
    }

    /// The same assessment once more, because somebody asked for it.
    pub(crate) fn next_round(&self, by: &str, now: Moment) -> Self {
        Self {
            id: InviteId::new(),
            round: self.round + 1,
            chosen_by: Some(by.to_owned()),
            retake_of: None,
            state: InviteState::Queued,
            reason: None,
            waiting_for: None,
            // Lever is looked at before it goes out, however fresh the look for the earlier round was.
            read_at: Moment(0),
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
            created_at: now,
            changed_at: now,
            version: 1,
            ..self.clone()
        }
    }

    /// Marks that something people see changed.
    pub(crate) fn touch(&mut self, now: Moment) {
        self.version += 1;
        // Later than before even when the clock stands still, so that pages by change are stable.
        self.changed_at = now.max(self.changed_at);
    }
}

/// An entry of the timeline.
pub(crate) fn entry(at: Moment, kind: &str, sentence: impl Into<String>, cause: Option<String>) -> Entry {
    Entry { at, kind: kind.to_owned(), sentence: sentence.into(), cause }
}

/// A queued invite for tests of pure code.
#[cfg(test)]
pub(crate) fn sample() -> Invite {
    Invite {
        id: InviteId::new(),
        organization: "org_1".into(),
        opportunity: "o1".into(),
        contact: "c1".into(),
        attachment: "att_1".into(),
        account: "pac_1".into(),
        assessment: "as_1".into(),
        assessment_name: "Python, 60 min".into(),
        round: 1,
        posting: None,
        posting_title: None,
        confidential: false,
        stage: "s1".into(),
        entered_stage_at: Moment(0),
        candidate_name: "Ada Example".into(),
        candidate_email: Some("ada@example.test".into()),
        email_by: None,
        lever_url: None,
        chosen_by: None,
        retake_of: None,
        state: InviteState::Queued,
        reason: None,
        waiting_for: None,
        read_at: Moment(0),
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
        report_token: "tok".into(),
        revision: 0,
        verdict: Verdict::NotGiven,
        verdict_at: None,
        anonymized_at: None,
        created_at: Moment(0),
        changed_at: Moment(0),
        version: 1,
    }
}
