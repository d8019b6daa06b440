//! The words of the integrations' pages: steps, problems of the return from Lever, and what was done.

use crate::page::{
    canditech::server::{Abilities, TestState},
    lever::view::{NotOffered, StepKind, StepState},
};

/// A step's name.
#[must_use]
pub fn step_title(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Connected => "Connected to Lever",
        StepKind::WebhookCreated => "Webhook created",
        StepKind::Verified => "Verified",
        StepKind::StageChangesArrive => "Stage changes arrive",
        StepKind::Stage => "A stage to send from",
        StepKind::Provider => "Canditech is set up",
        StepKind::FirstAttachment => "An assessment is attached",
        StepKind::FirstInvite => "A first invite went out",
    }
}

/// Where a step stands, in a word.
#[must_use]
pub fn step_state(state: StepState) -> &'static str {
    match state {
        StepState::Done => "Done",
        StepState::Open => "To do",
        StepState::Attention => "Needs attention",
    }
}

/// Who may do what a step asks for.
#[must_use]
pub fn step_who(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Connected | StepKind::WebhookCreated | StepKind::Verified | StepKind::StageChangesArrive => {
            "A Super Admin, here and in Lever."
        }
        StepKind::Stage => "In Lever, whoever may change the pipeline: usually a Super Admin.",
        StepKind::Provider => "A Super Admin.",
        StepKind::FirstAttachment => "An Admin or a Super Admin.",
        StepKind::FirstInvite => "Whoever moves candidates in Lever.",
    }
}

/// What came of the visit to Lever's consent page: a closed set, because an address can be written by
/// anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReturnProblem {
    State,
    Denied,
    Scopes,
    Account,
    Forbidden,
    Lever,
    Unavailable,
}

impl ReturnProblem {
    /// Reads the code of the address.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Some(match code {
            "state" => Self::State,
            "denied" => Self::Denied,
            "scopes" => Self::Scopes,
            "account" => Self::Account,
            "forbidden" => Self::Forbidden,
            "lever" => Self::Lever,
            "unavailable" => Self::Unavailable,
            _ => return None,
        })
    }

    /// What happened; what it means; what to do.
    #[must_use]
    pub fn words(self) -> [&'static str; 3] {
        match self {
            Self::State => [
                "This return from Lever could not be matched to your session",
                "Nothing was connected. It was used already, it expired, or it was begun in another browser.",
                "Try again: press Connect, and stay in this browser until you are back here.",
            ],
            Self::Denied => [
                "Consent was not given in Lever",
                "Nothing was connected. It was declined, or Lever did not let this person grant it.",
                "Only a Super Admin in Lever, or a role that manages API credentials and integrations, can grant it. \
                 Log in to Lever as one, then press Connect.",
            ],
            Self::Scopes => [
                "Lever granted less than is needed",
                "Nothing was connected: with these permissions results could not be written or stage changes seen.",
                "Press Connect again and accept all permissions. If some are missing on Lever's page, ask a \
                 Super Admin in Lever.",
            ],
            Self::Account => [
                "You logged in to another Lever account than before",
                "Nothing was changed yet. Attachments and invites belong to the Lever account they were made for.",
                "Press Connect to go back to the same account, or confirm that you want the other one.",
            ],
            Self::Forbidden => [
                "Your role here does not allow connecting",
                "Nothing was connected.",
                "Ask a Super Admin of your organization to press Connect.",
            ],
            Self::Lever => [
                "Lever did not answer properly",
                "Nothing was connected. Candidates are not affected.",
                "Try again in a few minutes: press Connect.",
            ],
            Self::Unavailable => [
                "Something went wrong on our side",
                "Nothing was connected. Candidates are not affected.",
                "Try again in a minute: press Connect. The log has the cause.",
            ],
        }
    }
}

/// What a form of the Lever page did, by the code in the address.
#[must_use]
pub fn done(code: &str) -> Option<&'static str> {
    Some(match code {
        "webhook" => "The webhook was created in Lever.",
        "looked" => "Lever's list of webhooks was looked at.",
        "token" => "The signature token is saved. Now press Verify Connection in Lever, beside our address.",
        "forgotten" => "The signature token is forgotten.",
        "synced" => "People, positions and stages were read from Lever.",
        "removed" => "The attachment was removed. Invites that went out stay, and their results are still noted.",
        _ => return None,
    })
}

/// How the test of the Canditech key went: what happened, and what it means.
#[must_use]
pub fn test_words(state: TestState) -> [&'static str; 2] {
    match state {
        TestState::Ok => ["The key was accepted", "It may list assessments and send them. "],
        TestState::CannotSend => [
            "This key may not send assessments",
            "It lists them, but no invite will go out with it. Ask Canditech for an organization-level key that may send.",
        ],
        TestState::Refused => [
            "Canditech did not accept the key",
            "No invite can go out; what is due waits. Check the key with Canditech and save it again.",
        ],
        TestState::Unreachable => [
            "Canditech does not answer at this address",
            "It is stored. Check the address, then press Save and test again.",
        ],
        TestState::Untested => ["Not tested yet", "Press Save and test."],
    }
}

/// What a protocol carries and what it does not, a sentence each.
#[must_use]
pub fn abilities(can: Abilities) -> [&'static str; 5] {
    [
        if can.recognises {
            "Sending: a send whose answer was lost is looked up or recognised. Nobody is invited twice."
        } else {
            "Sending: a send whose answer was lost cannot be looked up. It is never repeated by guess: a person is asked."
        },
        match (can.verdict_read, can.verdict_write) {
            (true, true) => "Verdict: given here or in the provider's session, it is the same in both and in Lever.",
            (true, false) => {
                "Verdict: one given in the provider's session arrives here; one given here stays here and in Lever."
            }
            (false, true) => {
                "Verdict: one given here is told to the provider; one given in the provider's session does not arrive."
            }
            (false, false) => {
                "Verdict: this protocol has none. One given in the provider's session does not arrive: give it here."
            }
        },
        if can.deadline {
            "Time to complete: sent with each invite where the attachment names one."
        } else {
            "Time to complete: cannot be sent. What an attachment says of it has no effect; the provider's own rule holds."
        },
        if can.erases {
            "Erasure: the provider is asked to forget a candidate who was erased here."
        } else {
            "Erasure: this protocol has no call for it. The receipt on an erased candidate's page says what to ask for by hand."
        },
        if can.signed_callbacks {
            "Callbacks: signed with a secret, to one address."
        } else {
            "Callbacks: to one address for each invite, with the API key; they tell of completed assessments only."
        },
    ]
}

/// What to do where an attachment's stage is gone.
pub const STAGE_GONE_NEXT: &str =
    "Whoever should get it gets nothing. Attach the assessment to another stage, and remove this one.";

/// Why an assessment cannot be sent, and what to do.
#[must_use]
pub fn not_offered(why: NotOffered) -> (&'static str, &'static str) {
    match why {
        NotOffered::Deleted => (
            "the assessment is no longer at Canditech",
            "Whoever enters the stage gets nothing. Choose another assessment under Edit.",
        ),
        NotOffered::Archived => (
            "the assessment was archived at Canditech",
            "Whoever enters the stage gets nothing. Choose another under Edit, or have it taken out of the archive.",
        ),
        NotOffered::Draft => (
            "the assessment is not published at Canditech",
            "Whoever enters the stage gets nothing. Have it published there, or choose another under Edit.",
        ),
    }
}

/// The positions' states of Lever, as a person reads them.
#[must_use]
pub fn position_state(state: &str) -> &str {
    match state {
        "published" => "open",
        "internal" => "open internally",
        other => other,
    }
}

/// Who can do what this person cannot: the names, or the role where nobody has it.
#[must_use]
pub fn ask(managers: &[String]) -> String {
    match managers {
        [] => "a Super Admin".to_owned(),
        [one] => format!("{one} (Super Admin)"),
        [first, second] => format!("{first} or {second} (Super Admins)"),
        [first, second, rest @ ..] => format!("{first}, {second} or {} other Super Admins", rest.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::{ReturnProblem, ask};

    #[test]
    fn an_unknown_code_says_nothing() {
        assert_eq!(ReturnProblem::parse("<b>you won</b>"), None);
        assert_eq!(super::done("anything"), None);
    }

    #[test]
    fn whom_to_ask_is_named_where_possible() {
        let names =
            |n: usize| ["Nora", "Tomas", "Priya", "Ken"][..n].iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        assert_eq!(ask(&names(0)), "a Super Admin");
        assert_eq!(ask(&names(2)), "Nora or Tomas (Super Admins)");
        assert_eq!(ask(&names(4)), "Nora, Tomas or 2 other Super Admins");
    }
}
