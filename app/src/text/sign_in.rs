//! The words of signing in.

pub const TITLE: &str = "Sign in";
pub const EMAIL: &str = "E-mail";
pub const PASSWORD: &str = "Password";
pub const BUTTON: &str = "Sign in";
/// Before the name of a company's own sign-in.
pub const WITH: &str = "Sign in with";
pub const FORGOTTEN: &str = "Password forgotten?";
pub const CHANGED: &str = "Your password is changed.";
pub const CHANGED_MEANS: &str = "Sign in with the new one.";
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
        "sso-state" => Some(("This sign-in is over.", "It took too long, or was begun elsewhere. Begin again.")),
        "sso-denied" => Some(("You were not signed in there.", "Begin again, or ask who manages that sign-in.")),
        "sso-invalid" => {
            Some(("The answer of the sign-in does not hold.", "The log has the cause for who runs this server."))
        }
        "sso-unreached" => Some(("The sign-in does not answer.", "Try again in a few minutes.")),
        "sso-email" => Some((
            "The sign-in does not say that the e-mail address is yours.",
            "Ask who manages it to send a verified address of your company.",
        )),
        "sso-access" => Some(("You have no access here.", "A Super Admin of your organization can invite you.")),
        _ => None,
    }
}
