//! The words for who knows their password no more.

pub const TITLE: &str = "Choose another password";
pub const LEAD: &str = "A link comes by mail, if this address may sign in here with a password.";
pub const ASK: &str = "Mail me a link";
pub const ASKED: &str = "Look into your mailbox";
pub const ASKED_MEANS: &str = "If the address may sign in here with a password, a link is on its way. It works once, for an hour. If nothing comes, a Super Admin of your organization can help.";
pub const NO_MAIL: &str = "This installation sends no mail";
pub const NO_MAIL_MEANS: &str =
    "Whoever runs it can give you another password at the server: candilever user password.";
pub const OFTEN: &str = "Too many attempts";
pub const OFTEN_MEANS: &str = "Wait a few minutes, then try again.";
pub const CLOSED: &str = "This link works no more";
pub const CLOSED_MEANS: &str = "It works once, for an hour, and a newer one takes its place.";
pub const ASK_AGAIN: &str = "Ask for another link";
pub const NEW: &str = "New password";
pub const SAVE: &str = "Use this password";
