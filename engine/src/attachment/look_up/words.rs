//! A decision in words: why, and what happens next or what to do. Pure.

use super::{Answer, AttachmentRow, Row, Start, WaitingFor};
use crate::{attachment::decision::Reason, invite::InviteState};

/// Why it is so, and what comes next.
pub(super) fn of(answer: Answer, attachment: &AttachmentRow, invite: Option<&Row>) -> (String, String) {
    match (answer, invite) {
        (Answer::No(Reason::HasItAlready), Some(invite)) => {
            (format!("has it already: {}", invite.state.slug()), of_invite(invite))
        }
        // The sentence's subject is the candidate.
        (Answer::No(reason @ Reason::Replaced), _) => {
            (format!("is not meant by it: {}", reason.words()), reason.next().to_owned())
        }
        (Answer::No(reason), _) => (reason.words().to_owned(), reason.next().to_owned()),
        (Answer::Match(_), _) if attachment.not_offered.is_some() => (
            "fits, but the provider no longer offers the assessment".to_owned(),
            "Attach another assessment to the stage: this one cannot be sent.".to_owned(),
        ),
        (Answer::Match(start), _) => (start.why().to_owned(), start.next().to_owned()),
    }
}

impl Start {
    fn why(self) -> &'static str {
        match self {
            Self::Now => "fits: entered the stage after the attachment became active, and never had it",
            Self::Waits(what) => match what {
                WaitingFor::Email | WaitingFor::OtherEmail => "fits, but has no e-mail address in Lever",
                WaitingFor::Posting => "fits, but has no position in Lever yet",
                WaitingFor::Paused => "fits, but the attachment is paused",
                WaitingFor::Approval => "fits, but entered the stage more than a day ago",
                WaitingFor::Lever => "fits, but Lever is not connected",
                WaitingFor::Provider => "fits, but the assessment provider does not let us send",
            },
        }
    }

    fn next(self) -> &'static str {
        match self {
            Self::Now => "It is sent by itself, within minutes.",
            Self::Waits(WaitingFor::Approval) => {
                "A few late ones go out by themselves; where there are many, the dashboard asks an Admin first."
            }
            Self::Waits(what) => what.words(),
        }
    }
}

impl Reason {
    fn next(self) -> &'static str {
        match self {
            Self::OtherStage => "It is sent when the candidate enters that stage.",
            Self::Anonymized => "Nothing can be sent.",
            Self::Archived => {
                "Nothing is sent. Take the candidate out of the archive in Lever, then move them into the stage anew."
            }
            Self::OtherPosition => "Nothing to do, unless the position in Lever is wrong.",
            Self::NoPosition => "Add the candidate to a position in Lever.",
            Self::Replaced => "Nothing to do: the position's own attachment counts.",
            Self::HasItAlready => "Nothing is sent twice.",
            Self::SameAssessment => "Nothing to do: one of the two is enough.",
            Self::EnteredBefore => {
                "It does not go out by itself. An Admin can choose the candidate on the attachment's page, or move them out of the stage and in again."
            }
        }
    }
}

fn of_invite(invite: &Row) -> String {
    let what = match invite.state {
        InviteState::Waiting | InviteState::Failed | InviteState::Unclear | InviteState::Cancelled => {
            return invite.reason.clone().unwrap_or_else(|| "The invite says what can be done.".to_owned());
        }
        InviteState::Queued => "It is on its way.",
        InviteState::Sent => "The candidate has it and has not started.",
        InviteState::Started => "The candidate is at it.",
        InviteState::Completed => "The result is there.",
        InviteState::Expired => "The candidate's time is over. The invite says what can be done.",
        InviteState::Declined => "The candidate declined it.",
    };
    what.to_owned()
}
