//! What can go wrong with a mail, on demand: `POST /sandbox/faults`.
//!
//! A rule is `{at?, recipient?, kind, rate?, seed?, times?}`; `at` is a step of the conversation (`connect`,
//! `hello`, `auth`, `mail`, `recipient`, `data`, `message`), and without it each of them. Kinds are
//! `{"answer":{"code":451,"text"?}}` instead of the effect (421 closes the connection), `{"delay":{"ms":300}}`,
//! `{"delay_after":{"ms":300}}`, `{"drip":{"ms":20}}`, `"drop_before"` (closed without effect) and
//! `"drop_after"` (the effect is done, the answer is lost: at `message`, the mail is kept).

use serde::{Deserialize, Serialize};

use crate::fault::rule;

/// Where a conversation is: before each of these, something can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    /// Somebody called and waits to be greeted.
    Connect,
    /// `HELO` or `EHLO`.
    Hello,
    /// `AUTH`, with user and password there.
    Auth,
    /// `MAIL FROM`.
    Mail,
    /// `RCPT TO`, once for each.
    Recipient,
    /// `DATA`, before the message.
    Data,
    /// The message is there.
    Message,
}

/// Which steps of which mails.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Which {
    at: Option<Step>,
    /// Only for this address; the steps before `RCPT TO` are for nobody yet.
    recipient: Option<String>,
}

impl Which {
    pub(super) fn matches(&self, step: Step, recipients: &[String]) -> bool {
        let named = |wanted: &String| recipients.iter().any(|one| one.eq_ignore_ascii_case(wanted));
        self.at.is_none_or(|at| at == step) && self.recipient.as_ref().is_none_or(named)
    }
}

/// What goes wrong.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// This answer instead of the effect.
    Answer { code: u16, text: Option<String> },
    /// Everything works, later.
    Delay { ms: u64 },
    /// It is done at once, and the answer comes later.
    DelayAfter { ms: u64 },
    /// It is done, and the answer comes byte by byte, one in so many milliseconds.
    Drip { ms: u64 },
    /// The connection closes; nothing was done.
    DropBefore,
    /// The connection closes; it was done.
    DropAfter,
}

/// The rules of the mail server.
pub(super) type Faults = rule::Faults<Which, Kind>;
