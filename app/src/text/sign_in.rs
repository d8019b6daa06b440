//! The words of signing in.

pub const TITLE: &str = "Sign in";
pub const EMAIL: &str = "E-mail";
pub const PASSWORD: &str = "Password";
pub const BUTTON: &str = "Sign in";
/// The code of a wrong e-mail or password: one answer for both.
pub const WRONG: &str = "wrong";
/// The code of too many attempts.
pub const TOO_OFTEN: &str = "often";

/// What happened and what to do, by code; nothing for a code that is not ours.
#[must_use]
pub fn refusal(code: &str) -> Option<(&'static str, &'static str)> {
    match code {
        WRONG => Some((
            "E-mail or password is not right.",
            "Check both. A Super Admin of your organization can give you access again.",
        )),
        TOO_OFTEN => Some(("Too many attempts.", "Wait a few minutes, then try again.")),
        _ => None,
    }
}
