//! The words of what a person decides about invites that do not go on by themselves.

use crate::{page::candidate::decision::Decision, ui::InviteState};

pub const TITLE: &str = "This needs your word";
pub const LATE: &str = "Late invites wait for your word";
pub const LATE_MEANS: &str = "These candidates entered the stage more than a day ago, and nothing was sent since. They wait together, so that nobody is surprised by a late e-mail.";
pub const SEND_CHOSEN: &str = "Send to the chosen";
pub const DROP_CHOSEN: &str = "Do not send to the chosen";

pub const CHOOSE: &str = "Choose";

/// "12 more come after these."
#[must_use]
pub fn more(number: usize) -> String {
    format!("{number} more come after these.")
}

/// What a button says.
#[must_use]
pub fn word(decision: Decision) -> &'static str {
    match decision {
        Decision::Send => "Send it",
        Decision::WasSent => "It was sent",
        Decision::Drop => "Do not send it",
    }
}

/// What is asked.
#[must_use]
pub fn question(state: InviteState) -> &'static str {
    match state {
        InviteState::Unclear => {
            "Canditech did not answer when this was sent, and nobody can tell whether the candidate got it. Look in Canditech, or ask the candidate, then say what is true."
        }
        InviteState::Failed => "This was not sent. When the cause above is mended, it can be sent.",
        _ => "This waits. It goes on by itself when the reason above is gone; you can also drop it.",
    }
}
