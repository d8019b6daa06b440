//! The words of a person's own page.

pub const TITLE: &str = "Your account";
pub const SESSIONS: &str = "Where you are signed in";
pub const SESSIONS_HINT: &str = "A session ends after eight hours without use, and after seven days in any case. One that you do not know: sign it out and change the password.";
pub const THIS: &str = "This one";
pub const END: &str = "Sign out there";
pub const END_OTHERS: &str = "Sign out everywhere else";
pub const PASSWORD: &str = "Password";
pub const PASSWORD_LEAD: &str = "Changing it signs you out everywhere else.";
pub const PRESENT: &str = "Present password";
pub const NEW: &str = "New password";
pub const CHANGE: &str = "Change the password";
pub const CHANGED: &str = "The password is changed";
pub const CHANGED_MEANS: &str = "You are signed out everywhere else.";
pub const ORGANIZATIONS: &str = "Your organizations";
pub const SWITCH: &str = "Go there";
pub const HERE: &str = "You are here";

/// What is wrong with a password, by code.
#[must_use]
pub fn refusal(code: &str) -> String {
    match code {
        "new" => super::PASSWORD_UNFIT,
        "often" => "Too many attempts. Wait a few minutes, then try again.",
        _ => "Your present password is another.",
    }
    .to_owned()
}
