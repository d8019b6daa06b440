//! Mail by SMTP: one connection a mail, encrypted unless the server is this machine.

use std::time::{Duration, SystemTime};

use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    address::Envelope,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::{authentication::Credentials, extension::ClientId},
};
use secrecy::ExposeSecret as _;
use thiserror::Error;

use crate::{
    clock::Moment,
    fault::StartError,
    id::NoticeId,
    settings::{Encryption, MailSettings, Settings},
};

/// For all of a mail: the library's own time-out is that of connecting.
const TIME: Duration = Duration::from_secs(20);
/// The mail server wants to know us, or knows us no more: an operator's to mend, and no word about the mail.
const WHO_ARE_YOU: [u16; 4] = [530, 534, 535, 538];

/// What a mail says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mail {
    pub subject: String,
    pub body: String,
}

/// The way out for mail.
#[derive(Debug, Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    host: String,
}

/// A mail was not taken. What it says holds nothing of the mail server's words: they may name people.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Undelivered {
    #[error("The mail server refused our credentials ({0})")]
    Credentials(u16),
    #[error("The mail server said not now ({0})")]
    NotNow(u16),
    #[error("The mail server refused it ({0})")]
    Refused(u16),
    #[error("The mail server's certificate or encryption cannot be trusted")]
    Encryption,
    #[error("The mail server did not answer in time")]
    Late,
    #[error("There was no answer of the mail server")]
    NoAnswer,
    #[error("The address cannot be mailed")]
    Address,
}

impl Undelivered {
    /// Whether it is of use to try again.
    pub(super) fn is_for_now(&self) -> bool {
        !matches!(self, Self::Refused(_) | Self::Address)
    }
}

/// Whether mail can be from this: an address, or `Name <address>`.
#[must_use]
pub fn is_sender(text: &str) -> bool {
    text.parse::<Mailbox>().is_ok()
}

impl Mailer {
    /// The one that the settings name; none where they name none.
    pub(crate) fn of(settings: &Settings) -> Result<Option<Self>, StartError> {
        let host = settings.public_url.host_str().unwrap_or_default().to_owned();
        settings.mail.as_ref().map(|mail| Self::new(mail, host)).transpose()
    }

    fn new(mail: &MailSettings, host: String) -> Result<Self, StartError> {
        let wrong = |what: String| StartError::Settings(what);
        let from = mail.from.parse().map_err(|_| wrong("CANDILEVER_MAIL_FROM is no address".into()))?;
        let builder = match mail.encryption {
            Encryption::Tls => AsyncSmtpTransport::<Tokio1Executor>::relay(&mail.host),
            Encryption::StartTls => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(&mail.host),
            Encryption::None => Ok(AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&mail.host)),
        };
        let builder =
            builder.map_err(|error| wrong(format!("encryption to the mail server cannot be set up: {error}")))?;
        let builder = builder.port(mail.port).timeout(Some(TIME)).hello_name(ClientId::Domain(host.clone()));
        let transport = match &mail.credentials {
            Some((name, password)) => {
                builder.credentials(Credentials::new(name.clone(), password.expose_secret().to_owned())).build()
            }
            None => builder.build(),
        };
        Ok(Self { transport, from, host })
    }

    /// The address that mail comes from.
    pub(super) fn sender(&self) -> String {
        self.from.to_string()
    }

    /// Whether the mail server answers and takes our credentials; nothing is mailed.
    pub(crate) async fn answers(&self) -> Result<(), Undelivered> {
        match in_time(self.transport.test_connection()).await? {
            true => Ok(()),
            false => Err(Undelivered::NoAnswer),
        }
    }

    /// Mails it. The same notice has the same id whenever it is sent, so that mailboxes know it again.
    pub(super) async fn send(&self, id: &NoticeId, to: &str, mail: &Mail, now: Moment) -> Result<(), Undelivered> {
        let to: Mailbox = to.parse().map_err(|_| Undelivered::Address)?;
        let envelope = Envelope::new(Some(self.from.email.clone()), vec![to.email.clone()]);
        let automatic = HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".into());
        let message = Message::builder()
            .envelope(envelope.map_err(|_| Undelivered::Address)?)
            .from(self.from.clone())
            .to(to)
            .subject(one_line(&mail.subject))
            .date(time(now))
            .message_id(Some(format!("<{id}@{}>", self.host)))
            .raw_header(automatic)
            .header(ContentType::TEXT_PLAIN)
            .body(mail.body.clone())
            .map_err(|_| Undelivered::Address)?;
        in_time(self.transport.send(message)).await.map(drop)
    }
}

async fn in_time<T>(talk: impl Future<Output = Result<T, lettre::transport::smtp::Error>>) -> Result<T, Undelivered> {
    let answer = tokio::time::timeout(TIME, talk).await.map_err(|_| Undelivered::Late)?;
    answer.map_err(|error| undelivered(&error))
}

fn time(moment: Moment) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(moment.0).unwrap_or(0))
}

/// Names are others' words.
fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

fn undelivered(error: &lettre::transport::smtp::Error) -> Undelivered {
    match error.status().map(u16::from) {
        Some(code) if WHO_ARE_YOU.contains(&code) => Undelivered::Credentials(code),
        Some(code) if error.is_permanent() => Undelivered::Refused(code),
        Some(code) => Undelivered::NotNow(code),
        None if error.is_timeout() => Undelivered::Late,
        None if error.is_tls() => Undelivered::Encryption,
        None => Undelivered::NoAnswer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_an_address_with_or_without_a_name() {
        for (text, expected) in [
            ("candilever@halden.example", true),
            ("Candilever <candilever@halden.example>", true),
            ("\"Halden, Inc.\" <candilever@halden.example>", true),
            ("candilever", false),
            ("", false),
            ("a@b.example\r\nBcc: c@d.example", false),
        ] {
            assert_eq!(is_sender(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_name_makes_no_line_of_its_own() {
        assert_eq!(one_line("Halden\r\nBcc: x@y.example"), "Halden  Bcc: x@y.example");
    }

    #[test]
    fn what_is_refused_for_good_is_not_tried_again() {
        for (undelivered, again) in [
            (Undelivered::Refused(550), false),
            (Undelivered::Address, false),
            (Undelivered::NotNow(451), true),
            (Undelivered::Credentials(535), true),
            (Undelivered::NoAnswer, true),
            (Undelivered::Late, true),
            (Undelivered::Encryption, true),
        ] {
            assert_eq!(undelivered.is_for_now(), again, "{undelivered}");
        }
    }
}
