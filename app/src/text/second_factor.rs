//! The words of the second factor.

pub const CODE_TITLE: &str = "Your code";
pub const CODE_LEAD: &str = "Your password is right. Enter the code that your app shows for Candilever.";
pub const CODE: &str = "Code";
pub const CODE_HINT: &str = "Six digits, or one of your recovery codes.";
pub const BEGIN_AGAIN: &str = "Begin again";

pub const TITLE: &str = "Second factor";
pub const OFF: &str =
    "A code of an app on your phone besides your password: whoever learns the password alone cannot sign in.";
pub const SET_UP: &str = "Set it up";
pub const SCAN: &str = "1. Scan this with an authenticator app, or enter the key there.";
pub const PICTURE: &str = "The key as a picture for an app's camera";
pub const KEY: &str = "Key";
pub const KEEP: &str = "2. Keep these recovery codes somewhere safe. Each signs you in once without the app, and they are not shown again.";
pub const ENTER: &str = "3. Enter the code that the app shows now.";
pub const TURN_ON: &str = "Turn it on";
pub const ON: &str = "Signing in with your password asks for a code";
pub const CODES_LEFT: &str = "Recovery codes left:";
pub const TURN_OFF: &str = "Turn it off";
pub const LOST: &str = "Without app and codes: a Super Admin can turn it off for you.";
pub const RESET: &str = "Turn the second factor off";
pub const RESET_MEANS: &str =
    "For who has lost the app and the recovery codes. It signs them out everywhere; be sure who asks.";

/// What happened and what to do, by code.
#[must_use]
pub fn refusal(code: &str) -> (&'static str, &'static str) {
    match code {
        "often" => ("Too many attempts.", "Wait a few minutes, then try again."),
        _ => (
            "This code is not right.",
            "Enter the one that the app shows now. Each counts once: wait for the next one.",
        ),
    }
}
