//! What is told beyond the pages: by mail to a person, and by a signed webhook to the organization's own systems.
//!
//! A notice is made in the transaction of what it tells of, once, and goes out as a job; its text is made only then,
//! of what is true and allowed at that moment. A mailbox cannot be erased: no mail names a candidate.

mod choice;
mod digest;
mod mail;
mod outage;
mod store;
mod tell;
mod text;
mod watch;
mod webhook;

use std::time::Duration;

use crate::{
    Engine,
    access::{Member, Permission},
    clock::Moment,
    db::Tx,
    fault::{FlowError, StoreError},
    id::{NoticeId, OrganizationId, UserId},
    job::{self, Work},
};

pub use choice::{Choices, choices, choose};
pub use mail::{Mailer, is_sender};
pub(crate) use store::SEALED;
pub(crate) use tell::{completed, notify};
pub(crate) use watch::check_chain;
pub use watch::watch;
pub use webhook::{Outgoing, outgoing, remove_outgoing, save_outgoing, test_outgoing};

/// What was told is shown nowhere after this.
const KEPT: Duration = Duration::from_hours(90 * 24);

/// By which way something is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    Mail,
    Webhook,
}

impl Channel {
    fn slug(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Webhook => "webhook",
        }
    }

    fn parse(slug: &str) -> Option<Self> {
        [Self::Mail, Self::Webhook].into_iter().find(|channel| channel.slug() == slug)
    }
}

/// What is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Somebody is invited.
    Invitation,
    /// Somebody asked for another password.
    PasswordReset,
    /// A link of the chain broke.
    Broken,
    /// It holds again.
    Restored,
    /// What needs attention, once a day.
    Digest,
    /// A candidate has completed, and awaits a verdict.
    Completed,
}

impl Kind {
    const ALL: [Self; 6] =
        [Self::Invitation, Self::PasswordReset, Self::Broken, Self::Restored, Self::Digest, Self::Completed];

    fn slug(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::PasswordReset => "password_reset",
            Self::Broken => "broken",
            Self::Restored => "restored",
            Self::Digest => "digest",
            Self::Completed => "completed",
        }
    }

    fn parse(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.slug() == slug)
    }
}

/// Something to tell.
#[derive(Debug)]
pub(crate) struct New<'a> {
    pub channel: Channel,
    pub kind: Kind,
    /// Whom to mail, where it is a person who is known here.
    pub user: Option<&'a UserId>,
    /// The id of what it is about.
    pub about: &'a str,
    /// Besides these, what makes it another notice and not the same again.
    pub time: &'a str,
}

impl New<'_> {
    fn once(&self, organization: &OrganizationId) -> String {
        let user = self.user.map_or("", UserId::as_str);
        format!("{organization}:{}:{}:{user}:{}:{}", self.channel.slug(), self.kind.slug(), self.about, self.time)
    }
}

/// A notice as it is stored.
#[derive(Debug)]
struct Stored {
    id: NoticeId,
    channel: Channel,
    kind: Kind,
    user: Option<UserId>,
    about: String,
    created_at: Moment,
    told_at: Option<Moment>,
}

/// Has something told, in the caller's transaction, unless that was done before or there is no such way out.
pub(crate) async fn tell(
    engine: &Engine,
    tx: &mut Tx,
    organization: &OrganizationId,
    new: &New<'_>,
    now: Moment,
) -> Result<(), StoreError> {
    let may = match new.channel {
        Channel::Mail => engine.mailer.is_some(),
        Channel::Webhook => store::has_outgoing(tx, organization).await?,
    };
    if !may {
        return Ok(());
    }
    let id = NoticeId::new();
    if store::insert(tx, organization, &id, new, now).await? {
        job::enqueue(tx, organization, &Work::Notify { notice: id }, now, None).await?;
    }
    Ok(())
}

/// What was told long ago goes, and links that nobody used.
pub(crate) async fn forget_old(tx: &mut Tx, now: Moment) -> Result<(), StoreError> {
    store::forget(tx, now.before(KEPT), now).await
}

/// Whether anybody can be mailed.
#[must_use]
pub fn has_mail(engine: &Engine) -> bool {
    engine.mailer.is_some()
}

/// The address that mail comes from; `None` where nobody can be mailed.
#[must_use]
pub fn sender(engine: &Engine) -> Option<String> {
    engine.mailer.as_ref().map(Mailer::sender)
}

/// Mails the person who asks, at once; answers what the mail server said where that was no yes.
///
/// # Errors
/// Forbidden for everybody but Super Admins; conflict where there is no mail server.
pub async fn try_mail(engine: &Engine, member: &Member) -> Result<Result<(), String>, FlowError> {
    member.require(Permission::ManageConnection)?;
    let mailer = engine.mailer.as_ref().ok_or(FlowError::Conflict)?;
    let mail = text::trial(engine, member);
    let sent = mailer.send(&NoticeId::new(), &member.email, &mail, engine.clock.now()).await;
    Ok(sent.map_err(|error| error.to_string()))
}
