//! The words of looking somebody up in Lever.

pub const LINK: &str = "Look in Lever";
pub const NOT_HERE: &str = "Not here?";
pub const TITLE: &str = "Look in Lever";
pub const LEAD: &str = "What is decided about any candidate in Lever, and why. Nothing is sent or changed by looking.";
pub const FIELD: &str = "E-mail address, Lever link or id";
pub const HINT: &str = "A link is the address of the candidate's profile in Lever. Lever cannot be searched by name.";
pub const BUTTON: &str = "Look up";
pub const NOBODY: &str = "Lever shows nobody for this";
pub const NOBODY_MEANS: &str = "There is no such candidate in Lever, or none that you may see here. Check the address, or ask whoever owns the position in Lever to add you to it.";
pub const NO_POSITION: &str = "No position";
pub const ANY_POSITION: &str = "any position";
pub const STAGE: &str = "Stage";
pub const SINCE: &str = "since";
pub const ARCHIVED: &str = "Archived in Lever";
pub const MATCH: &str = "Match";
pub const GIVEN: &str = "Has it";
pub const NO_MATCH: &str = "No match";
pub const NEXT: &str = "Next:";
pub const NOTHING_ATTACHED: &str = "No assessment is attached to this stage.";
pub const INVITES: &str = "Invites of this candidate";
pub const OPEN_INVITE: &str = "Open the invite";
pub const OPEN_ATTACHMENT: &str = "Open the attachment";

/// "Python Developer", or that there is none.
#[must_use]
pub fn positions(positions: &[String]) -> String {
    if positions.is_empty() { NO_POSITION.to_owned() } else { positions.join(", ") }
}

/// "Python, 60 min for Python Developer, in Canditech Stage".
#[must_use]
pub fn attachment(assessment: &str, position: Option<&str>, stage: &str) -> String {
    format!("{assessment} for {}, in {stage}", position.unwrap_or(ANY_POSITION))
}

/// "The candidate is in another stage."
#[must_use]
pub fn why(why: &str) -> String {
    format!("The candidate {why}.")
}

/// "1 attachment on another stage", "4 attachments on other stages".
#[must_use]
pub fn elsewhere(number: usize) -> String {
    if number == 1 {
        "1 attachment on another stage".to_owned()
    } else {
        format!("{number} attachments on other stages")
    }
}
