//! The words of what a person has done to an invite.

use crate::{
    page::candidate::verb::{Verb, Why},
    ui::InviteState,
};

pub const TITLE: &str = "Actions";
pub const DAYS: &str = "More days";
pub const EMAIL: &str = "E-mail of the candidate";
pub const KEEP: &str = "Leave it as it is";
pub const UNDER_WAY: &str = "On its way. It is repeated until Canditech answers.";

/// What a button says.
#[must_use]
pub fn word(verb: Verb) -> &'static str {
    match verb {
        Verb::Resend => "Resend",
        Verb::Extend => "Extend",
        Verb::Cancel => "Cancel",
        Verb::Retake => "Retake",
        Verb::CorrectEmail => "Correct the e-mail",
    }
}

/// What it does, beside its button.
#[must_use]
pub fn does(verb: Verb) -> &'static str {
    match verb {
        Verb::Resend => "The candidate gets the same link once more.",
        Verb::Extend => "From the deadline, or from now where that is over.",
        Verb::Cancel => "The candidate can no longer take it.",
        Verb::Retake => "A new round with a new link.",
        Verb::CorrectEmail => "It goes to another address.",
    }
}

/// Why it cannot be done.
#[must_use]
pub fn why(why: Why) -> &'static str {
    match why {
        Why::Provider => "Canditech cannot do this over the protocol of your account.",
        Why::OtherProtocol => "It was sent over another protocol than your account speaks now.",
        Why::NotKnown => "Canditech's own id of it is not known here. Do it in Canditech.",
        Why::NotSent => "It was not sent yet.",
        Why::BeingSent => "It may be on its way already. Try again when that is known.",
        Why::Unclear => "Say first whether it was sent.",
        Why::Started => "The candidate has started.",
        Why::Expired => "It has expired. Extend it first.",
        Why::Over => "It is over.",
        Why::StillOpen => "It is still open. Resend it instead.",
        Why::NewerRound => "There is a newer round.",
        Why::BeingTakenBack => "It is being taken back.",
        Why::Anonymized => "The candidate was erased.",
    }
}

/// The question before it is done.
#[must_use]
pub fn question(verb: Verb) -> &'static str {
    match verb {
        Verb::Cancel => "Cancel this invite?",
        Verb::Retake => "Have it taken once more?",
        Verb::CorrectEmail => "Send it to which address?",
        Verb::Resend | Verb::Extend => "Go on?",
    }
}

/// What follows from it.
#[must_use]
pub fn follows(verb: Verb, state: InviteState) -> &'static str {
    match verb {
        Verb::Cancel => {
            "The link stops working, and the note in Lever says that it was cancelled. The candidate is not told."
        }
        Verb::Retake => {
            "The candidate gets a mail with a new link. This round and its result stay as they are; the new one has a note of its own in Lever."
        }
        Verb::CorrectEmail => match state {
            InviteState::Waiting | InviteState::Queued => "It goes to this address when it is sent.",
            InviteState::Sent => {
                "The invite that went to the present address is cancelled, then a new one goes to this address."
            }
            _ => "A new invite goes to this address.",
        },
        Verb::Resend | Verb::Extend => "",
    }
}
