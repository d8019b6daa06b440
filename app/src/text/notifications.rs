//! The words of Settings, Notifications.

pub const TITLE: &str = "Notifications";
pub const LEAD: &str = "What you hear of without looking here.";
pub const NO_MAIL: &str = "Nobody is mailed";
pub const NO_MAIL_MEANS: &str = "This installation has no mail server, so invitations are handed on by hand, and nobody is told when the connection breaks. Whoever runs it names one with CANDILEVER_SMTP_URL and CANDILEVER_MAIL_FROM.";
pub const MINE: &str = "Mail to you";
pub const MINE_TO: &str = "It goes to";
pub const NO_NAMES: &str = "No mail names a candidate: mailboxes are not erased with them.";
pub const DIGEST: &str = "What needs attention, once a day, if anything does: from";
pub const VERDICTS: &str = "When a candidate whose opportunity you own in Lever has completed, and awaits a verdict";
pub const SAVE: &str = "Save what is mailed";
pub const ALWAYS: &str = "Super Admins are always told when the connection to Lever or Canditech breaks, within five minutes and once, and when it works again.";
pub const MAIL: &str = "Mail";
pub const FROM: &str = "Mail is from";
pub const TRY_MAIL: &str = "Send me a test mail";
pub const SENT: &str = "The test mail is on its way";
pub const SENT_MEANS: &str = "The mail server took it. If it does not arrive, look into the folder for unwanted mail.";
pub const NOT_SENT: &str = "The test mail was not sent";
pub const NOT_SENT_MEANS: &str = "Whoever runs this installation finds the mail server in CANDILEVER_SMTP_URL.";
pub const WEBHOOK: &str = "Webhook to your own systems";
pub const WEBHOOK_LEAD: &str = "Your systems are told when a candidate has completed, when the connection breaks, and when it works again: ids alone, signed as Standard Webhooks has it.";
pub const ADDRESS: &str = "Address";
pub const HOSTS: &str = "Its host must be one of these:";
pub const NO_HOSTS: &str =
    "This installation names no host that may be told. Whoever runs it lists some with CANDILEVER_WEBHOOK_HOSTS.";
pub const NAME: &str = "Tell this address";
pub const NAME_ANOTHER: &str = "Tell this address, with a new secret";
pub const SECRET: &str = "Signing secret";
pub const SECRET_HINT: &str = "Whoever reads the messages checks them with it. Hand it over by a safe way.";
pub const TAKEN: &str = "The last message was taken";
pub const NOTHING_YET: &str = "Nothing was told yet";
pub const FAILING: &str = "The address takes no messages";
pub const FAILING_MEANS: &str = "Each message is tried again for a day.";
pub const TEST: &str = "Send a test message";
pub const REMOVE: &str = "Tell it nothing more";
