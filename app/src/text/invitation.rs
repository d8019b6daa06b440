//! The words for somebody who opens an invitation.

pub const TITLE: &str = "Join Candilever";
pub const NAME: &str = "Your name";
pub const PASSWORD_HINT: &str =
    "A new one of at least 12 characters; or, if you sign in here already, the password that you have.";
pub const BUTTON: &str = "Join";
pub const CLOSED: &str = "This invitation cannot be used any more";
pub const CLOSED_MEANS: &str =
    "An invitation works once, within 24 hours, and may be taken back. Whoever invited you can make a new one.";

/// What is wrong with a field, by code.
#[must_use]
pub fn refusal(code: &str) -> String {
    match code {
        "password" => {
            "The password is too short or too easy to guess, or, if you sign in here already, not the one that you have. New ones have at least 12 characters."
        }
        "often" => "Too many attempts. Wait a few minutes, then try again.",
        _ => "This cannot be used as a name.",
    }
    .to_owned()
}
