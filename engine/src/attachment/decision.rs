//! The one decision: which attachments match an opportunity, which do not, and why. Pure. Sending, the
//! preview and "why did this candidate get nothing?" all ask here.

use super::AttachmentState;
use crate::{
    clock::Moment,
    id::{AssessmentId, AttachmentId, PostingId, ProviderAccountId, StageId},
    invite::WaitingFor,
    lever::Opportunity,
};

/// An attachment that is not removed, as the decision sees it.
#[derive(Debug, Clone)]
pub(crate) struct Attachment {
    pub id: AttachmentId,
    /// `None` is "any position".
    pub posting: Option<PostingId>,
    pub stage: StageId,
    pub account: ProviderAccountId,
    pub assessment: AssessmentId,
    pub assessment_name: String,
    pub state: AttachmentState,
    /// Entries before this moment, by Lever's clock, are not due by themselves.
    pub active_from: Moment,
    pub valid_days: Option<i64>,
}

impl Attachment {
    fn gives(&self) -> Given {
        (self.account.clone(), self.assessment.clone())
    }
}

/// What a candidate has been given: an account's assessment.
pub(crate) type Given = (ProviderAccountId, AssessmentId);

/// What is decided about one attachment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Match(Start),
    No(Reason),
}

/// How a matching one begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    Now,
    Waits(WaitingFor),
}

/// Why an attachment does not match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    OtherStage,
    Anonymized,
    Archived,
    OtherPosition,
    NoPosition,
    Replaced,
    HasItAlready,
    SameAssessment,
    EnteredBefore,
}

impl Reason {
    /// The reason for people.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::OtherStage => "is in another stage",
            Self::Anonymized => "was anonymised in Lever",
            Self::Archived => "is archived in Lever",
            Self::OtherPosition => "applied to another position",
            Self::NoPosition => "has no position in Lever",
            Self::Replaced => "the position has an attachment of its own on this stage",
            Self::HasItAlready => "has it already",
            Self::SameAssessment => "gets the same assessment from another attachment",
            Self::EnteredBefore => "entered the stage before the attachment became active",
        }
    }
}

/// Decides about every attachment, in the order given. `had` is what the candidate has from before;
/// `chosen` is an attachment that a person chose the candidate for, whenever they entered the stage.
pub(crate) fn decide<'a>(
    opportunity: &Opportunity,
    attachments: &'a [Attachment],
    had: &[Given],
    chosen: Option<&AttachmentId>,
) -> Vec<(&'a Attachment, Answer)> {
    let mut given: Vec<Given> = Vec::new();
    let mut waits_for_position = false;
    let mut decided = Vec::with_capacity(attachments.len());
    for attachment in attachments {
        let answer = consider(opportunity, attachments, attachment)
            .and_then(|start| refuse_repetition(attachment, had, &given).map(|()| start))
            .and_then(|start| refuse_old_entry(opportunity, attachment, chosen).map(|()| start))
            .and_then(|start| wait_once_for_position(start, &mut waits_for_position));
        if answer.is_ok() {
            given.push(attachment.gives());
        }
        decided.push((attachment, answer.map_or_else(Answer::No, Answer::Match)));
    }
    decided
}

/// Whether it fits at all, and how it would begin.
fn consider(opportunity: &Opportunity, all: &[Attachment], attachment: &Attachment) -> Result<Start, Reason> {
    if attachment.stage != opportunity.stage {
        return Err(Reason::OtherStage);
    }
    if opportunity.anonymized {
        return Err(Reason::Anonymized);
    }
    if opportunity.archived {
        return Err(Reason::Archived);
    }
    let waits_for_position = fits_position(opportunity, all, attachment)?;
    Ok(match attachment.state {
        AttachmentState::Paused => Start::Waits(WaitingFor::Paused),
        AttachmentState::Active | AttachmentState::Removed if waits_for_position => Start::Waits(WaitingFor::Posting),
        AttachmentState::Active | AttachmentState::Removed if email(opportunity).is_none() => {
            Start::Waits(WaitingFor::Email)
        }
        AttachmentState::Active | AttachmentState::Removed => Start::Now,
    })
}

/// Whether the positions agree; true when the candidate has none yet and so waits for one.
fn fits_position(opportunity: &Opportunity, all: &[Attachment], attachment: &Attachment) -> Result<bool, Reason> {
    let on_stage = || all.iter().filter(|other| other.stage == opportunity.stage);
    match &attachment.posting {
        Some(posting) if opportunity.postings.contains(posting) => Ok(false),
        Some(_) if !opportunity.postings.is_empty() => Err(Reason::OtherPosition),
        // A lead without a position is served by "any position", where there is one.
        Some(_) if on_stage().any(|other| other.posting.is_none()) => Err(Reason::NoPosition),
        Some(_) => Ok(true),
        None => {
            let own = |other: &Attachment| other.posting.as_ref().is_some_and(|p| opportunity.postings.contains(p));
            if on_stage().any(own) { Err(Reason::Replaced) } else { Ok(false) }
        }
    }
}

fn refuse_repetition(attachment: &Attachment, had: &[Given], given: &[Given]) -> Result<(), Reason> {
    let gives = attachment.gives();
    if had.contains(&gives) {
        return Err(Reason::HasItAlready);
    }
    if given.contains(&gives) { Err(Reason::SameAssessment) } else { Ok(()) }
}

/// An entry in the very millisecond in which the attachment became active counts as after it.
fn refuse_old_entry(
    opportunity: &Opportunity,
    attachment: &Attachment,
    chosen: Option<&AttachmentId>,
) -> Result<(), Reason> {
    let due = opportunity.entered_stage_at >= attachment.active_from || chosen == Some(&attachment.id);
    if due { Ok(()) } else { Err(Reason::EnteredBefore) }
}

/// Which position a lead will get nobody knows: one invite waits for it, not one for each attachment.
fn wait_once_for_position(start: Start, waits_already: &mut bool) -> Result<Start, Reason> {
    if start != Start::Waits(WaitingFor::Posting) {
        return Ok(start);
    }
    if std::mem::replace(waits_already, true) { Err(Reason::NoPosition) } else { Ok(start) }
}

/// The address an assessment goes to: the first in Lever that is one.
pub(crate) fn email(opportunity: &Opportunity) -> Option<&str> {
    opportunity.emails.iter().map(|text| text.trim()).find(|text| is_address(text))
}

/// Whether a mail can be sent to it, as far as its form says.
pub(crate) fn is_address(text: &str) -> bool {
    let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';');
    let parts = text.split_once('@').filter(|(local, host)| !local.is_empty() && !host.is_empty());
    text.len() <= 254 && !text.contains(odd) && parts.is_some_and(|(_, host)| !host.contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ada() -> Opportunity {
        Opportunity {
            id: "o1".into(),
            contact: "c1".into(),
            name: "Ada Example".into(),
            emails: vec!["ada@example.test".into()],
            stage: "test".into(),
            entered_stage_at: Moment(1_000),
            moved: true,
            postings: vec!["python".into()],
            owner: None,
            followers: Vec::new(),
            archived: false,
            anonymized: false,
            confidential: false,
            url: None,
        }
    }

    fn attachment(id: &str, posting: Option<&str>, assessment: &str) -> Attachment {
        Attachment {
            id: id.into(),
            posting: posting.map(PostingId::from),
            stage: "test".into(),
            account: "pac_1".into(),
            assessment: assessment.into(),
            assessment_name: assessment.to_owned(),
            state: AttachmentState::Active,
            active_from: Moment(500),
            valid_days: None,
        }
    }

    fn answers(opportunity: &Opportunity, attachments: &[Attachment]) -> Vec<Answer> {
        decide(opportunity, attachments, &[], None).into_iter().map(|(_, answer)| answer).collect()
    }

    #[test]
    fn an_entry_after_the_attachment_became_active_is_due() {
        assert_eq!(answers(&ada(), &[attachment("a", Some("python"), "t")]), [Answer::Match(Start::Now)]);
    }

    #[test]
    fn an_entry_in_the_same_millisecond_is_due_and_one_before_is_not() {
        let mut it = attachment("a", None, "t");
        it.active_from = Moment(1_000);
        assert_eq!(answers(&ada(), std::slice::from_ref(&it)), [Answer::Match(Start::Now)]);
        it.active_from = Moment(1_001);
        assert_eq!(answers(&ada(), std::slice::from_ref(&it)), [Answer::No(Reason::EnteredBefore)]);
        let chosen = decide(&ada(), std::slice::from_ref(&it), &[], Some(&it.id));
        assert_eq!(chosen[0].1, Answer::Match(Start::Now));
    }

    #[test]
    fn a_positions_own_attachment_replaces_any_position() {
        let all = [attachment("any", None, "t1"), attachment("own", Some("python"), "t2")];
        assert_eq!(answers(&ada(), &all), [Answer::No(Reason::Replaced), Answer::Match(Start::Now)]);
        let mut other = ada();
        other.postings = vec!["design".into()];
        assert_eq!(answers(&other, &all), [Answer::Match(Start::Now), Answer::No(Reason::OtherPosition)]);
    }

    #[test]
    fn two_assessments_on_one_stage_are_both_given_but_none_twice() {
        let all = [attachment("a", None, "t1"), attachment("b", None, "t2"), attachment("c", None, "t1")];
        assert_eq!(
            answers(&ada(), &all),
            [Answer::Match(Start::Now), Answer::Match(Start::Now), Answer::No(Reason::SameAssessment)]
        );
        let had = [("pac_1".into(), "t2".into())];
        assert_eq!(decide(&ada(), &all, &had, None)[1].1, Answer::No(Reason::HasItAlready));
    }

    #[test]
    fn what_is_missing_is_waited_for() {
        let mut without = ada();
        without.emails = vec!["not an address".into()];
        assert_eq!(answers(&without, &[attachment("a", None, "t")]), [Answer::Match(Start::Waits(WaitingFor::Email))]);
        let mut paused = attachment("a", None, "t");
        paused.state = AttachmentState::Paused;
        assert_eq!(answers(&ada(), &[paused]), [Answer::Match(Start::Waits(WaitingFor::Paused))]);
    }

    #[test]
    fn a_lead_waits_once_for_a_position_unless_any_position_serves_it() {
        let mut lead = ada();
        lead.postings.clear();
        let own = [attachment("a", Some("python"), "t1"), attachment("b", Some("design"), "t2")];
        assert_eq!(
            answers(&lead, &own),
            [Answer::Match(Start::Waits(WaitingFor::Posting)), Answer::No(Reason::NoPosition)]
        );
        let with_any = [own[0].clone(), attachment("any", None, "t3")];
        assert_eq!(answers(&lead, &with_any), [Answer::No(Reason::NoPosition), Answer::Match(Start::Now)]);
    }

    #[test]
    fn archived_anonymised_and_moved_on_get_nothing() {
        let it = [attachment("a", None, "t")];
        let archived = Opportunity { archived: true, ..ada() };
        assert_eq!(answers(&archived, &it), [Answer::No(Reason::Archived)]);
        let anonymized = Opportunity { anonymized: true, ..ada() };
        assert_eq!(answers(&anonymized, &it), [Answer::No(Reason::Anonymized)]);
        let elsewhere = Opportunity { stage: "offer".into(), ..ada() };
        assert_eq!(answers(&elsewhere, &it), [Answer::No(Reason::OtherStage)]);
    }

    #[test]
    fn the_first_real_address_is_taken() {
        let mut two = ada();
        two.emails = vec![format!("{}@example.test", "x".repeat(320)), "ada@bücher.example".into(), "b@c.d".into()];
        assert_eq!(email(&two), Some("ada@bücher.example"));
    }
}
