//! Problems in words: what happened, what it means, what to do. Nothing here comes from outside.

use crate::{
    problem::{Need, Problem, Refused, Trouble},
    route,
};

/// A problem in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProblemWords {
    pub what: &'static str,
    pub means: &'static str,
    pub next: &'static str,
    /// Where to do it, and the link's words.
    pub link: Option<(&'static str, &'static str)>,
}

const fn words(what: &'static str, means: &'static str, next: &'static str) -> ProblemWords {
    ProblemWords { what, means, next, link: None }
}

const fn linked(words: ProblemWords, href: &'static str, label: &'static str) -> ProblemWords {
    ProblemWords { link: Some((href, label)), ..words }
}

/// What happened, what it means, what to do.
#[must_use]
pub fn problem(problem: Problem) -> ProblemWords {
    match problem {
        Problem::SignedOut => words(
            "You are signed out.",
            "Nothing was changed, and what you typed is still here.",
            "Sign in in another tab, then try again.",
        ),
        Problem::Forbidden(need) => forbidden(need),
        Problem::NotFound => words(
            "This is not here.",
            "It was removed, or it belongs to a position that you are not associated with in Lever.",
            "Whoever owns the position in Lever can add you to it.",
        ),
        Problem::Conflict => words(
            "Somebody changed this first.",
            "Your change was not made.",
            "Look at what is true now, then try again.",
        ),
        Problem::Refused(refused) => refusal(refused),
        Problem::NotConnected => linked(
            words(
                "There is no working connection to Lever.",
                "Invites that are due wait; none is lost.",
                "A Super Admin can connect again.",
            ),
            route::LEVER,
            "Open Settings, Integrations, Lever",
        ),
        Problem::Lever(trouble) => lever(trouble),
        Problem::Provider(trouble) => provider(trouble),
        Problem::Unavailable => words(
            "Something went wrong on our side.",
            "Candidates are not affected: what was under way goes on by itself.",
            "Try again in a minute. The log has the cause.",
        ),
    }
}

fn forbidden(need: Need) -> ProblemWords {
    match need {
        Need::ManageConnection => {
            words("Your role does not allow this.", "Nothing was changed.", "A Super Admin can do it.")
        }
        Need::ManageAttachments => {
            words("Your role does not allow this.", "Nothing was changed.", "An Admin or a Super Admin can do it.")
        }
        Need::UseCandidates => words(
            "Your role has no access to candidates.",
            "Nothing was changed.",
            "A Super Admin can give you a role in Lever that has.",
        ),
    }
}

fn refusal(refused: Refused) -> ProblemWords {
    const NOTHING: &str = "Nothing was changed.";
    match refused {
        Refused::PostingGone => words("This position is no longer in Lever.", NOTHING, "Choose another position."),
        Refused::StageGone => words("This stage is no longer in Lever's pipeline.", NOTHING, "Choose another stage."),
        Refused::AssessmentGone => words(
            "This assessment is no longer offered, or not published.",
            NOTHING,
            "Publish it in Canditech, or choose another.",
        ),
        Refused::AlreadyAttached => {
            words("This assessment is attached to this position and stage already.", NOTHING, "There is nothing to do.")
        }
        Refused::NoProvider => linked(
            words("There is no assessment provider yet.", NOTHING, "Set Canditech up first."),
            route::CANDITECH,
            "Open Settings, Integrations, Canditech",
        ),
        Refused::BaseUrl => words(
            "This address cannot be used.",
            NOTHING,
            "It starts with https:// and its host is one that this server may call (CANDILEVER_PROVIDER_HOSTS).",
        ),
        Refused::WebhookUrl => words(
            "This address cannot be used.",
            NOTHING,
            "It starts with https:// and its host is one that this server may tell (CANDILEVER_WEBHOOK_HOSTS).",
        ),
        Refused::InvitesUnderWay => words(
            "Invites are under way over the protocol that is stored.",
            "Nothing was changed. After a switch their results would wait until you switch back.",
            "Wait until they are completed, or enter the key again, confirm the switch below and save.",
        ),
        Refused::SendUnderWay => words(
            "An assessment is being sent over the protocol that is stored.",
            "Nothing was changed: whether it went out can only be learnt over that protocol.",
            "Try again in a few minutes.",
        ),
        Refused::Key => words("This is not a key.", NOTHING, "Copy the whole key, without spaces."),
        Refused::CommentTooLong => words("The comment is too long.", NOTHING, "Shorten it."),
        Refused::Password => words(
            "The password is too short or too easy to guess.",
            NOTHING,
            "Use at least 12 characters, such as a few words.",
        ),
        Refused::PresentPassword => words("Your present password is another.", NOTHING, "Check it for a typing error."),
        Refused::NoSignOn => {
            words("Nobody could sign in then.", NOTHING, "Have a sign-in of your company configured first.")
        }
        Refused::Code => words("This code is not right.", NOTHING, "Enter the one that the app shows now."),
        Refused::NoSuchRole => words("Nobody in Lever has this role any more.", NOTHING, "There is nothing to do."),
        Refused::AlreadyMember => words("This person has access already.", NOTHING, "There is nothing to do."),
        Refused::Email => words("This is not an e-mail address.", NOTHING, "Check it for a typing error."),
        Refused::LookUp => words(
            "This is no e-mail address, link or id.",
            "Lever can be asked for an e-mail address, a profile or an id, not for a name.",
            "Copy the address of the candidate's profile in Lever, and paste it here.",
        ),
        Refused::Name => words("A name is missing.", NOTHING, "Fill it in."),
        Refused::Days => words("The deadline was not moved.", NOTHING, "Give a number of days, from 1 to 365."),
        Refused::Form => words("This form could not be read.", NOTHING, "Load the page again, then repeat it."),
    }
}

fn lever(trouble: Trouble) -> ProblemWords {
    match trouble {
        Trouble::Credentials => linked(
            words(
                "Lever no longer accepts our access.",
                "Invites that are due wait.",
                "A Super Admin can connect again.",
            ),
            route::LEVER,
            "Open Settings, Integrations, Lever",
        ),
        Trouble::Forbidden => words(
            "Lever does not let us do this.",
            "The person who connected Lever may lack a right, or the record is confidential.",
            "A Super Admin of Lever can connect again with full rights.",
        ),
        Trouble::NotFound => {
            words("Lever no longer has this.", "It was deleted there.", "There is nothing to do here.")
        }
        Trouble::Busy => {
            words("Lever asks us to slow down.", "Nothing is lost; work goes on by itself.", "Try again in a minute.")
        }
        Trouble::Refused | Trouble::Unsupported => {
            words("Lever refused this.", "Nothing was changed.", "Try again; if it stays so, the log has the answer.")
        }
        Trouble::Paused => words(
            "The installation is paused, so Lever is not asked.",
            "What comes in is kept.",
            "Try again when whoever runs it has resumed it.",
        ),
        Trouble::Down => words(
            "Lever does not answer.",
            "Candidates are not affected: what is under way is repeated by itself.",
            "Try again in a few minutes.",
        ),
    }
}

fn provider(trouble: Trouble) -> ProblemWords {
    match trouble {
        Trouble::Credentials => linked(
            words("Canditech does not accept the key.", "No assessment can be sent.", "Enter a valid key."),
            route::CANDITECH,
            "Open Settings, Integrations, Canditech",
        ),
        Trouble::Forbidden => words(
            "The Canditech key does not allow this.",
            "Nothing was changed.",
            "Ask Canditech for a key that may send.",
        ),
        Trouble::NotFound => {
            words("Canditech no longer has this.", "It was deleted there.", "There is nothing to do here.")
        }
        Trouble::Busy => words(
            "Canditech asks us to slow down.",
            "Nothing is lost; work goes on by itself.",
            "Try again in a minute.",
        ),
        Trouble::Refused => words(
            "Canditech refused this.",
            "Nothing was changed.",
            "Try again; if it stays so, write to support@canditech.io.",
        ),
        Trouble::Unsupported | Trouble::Paused => {
            words("Canditech cannot do this.", "Nothing was changed.", "There is nothing to do here.")
        }
        Trouble::Down => words(
            "Canditech does not answer.",
            "Invites that are due are repeated by themselves for 24 hours.",
            "Try again in a few minutes.",
        ),
    }
}
