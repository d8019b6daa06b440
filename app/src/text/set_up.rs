//! The words of the first set-up.

pub const TITLE: &str = "Set up Candilever";
pub const LEAD: &str = "You become the first Super Admin. Colleagues follow from Lever once it is connected.";
pub const ORGANIZATION: &str = "Organization";
pub const NAME: &str = "Your name";
pub const PASSWORD_HINT: &str = "At least 12 characters; 15 or more are better.";
pub const BUTTON: &str = "Create the organization";
pub const CLOSED: &str = "This link cannot be used any more";
pub const CLOSED_MEANS: &str = "A set-up link works once and for a limited time. If nobody can sign in yet, start the server again: it prints a new one.";

/// What is wrong with a field, by code.
#[must_use]
pub fn refusal(code: &str) -> String {
    match code {
        "email" => "This is not an e-mail address, or somebody uses it already.",
        "password" => super::PASSWORD_UNFIT,
        _ => "This cannot be used as a name.",
    }
    .to_owned()
}
