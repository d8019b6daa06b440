//! The job that does at the provider what a person asked for. The intent is on disk before the call; where
//! a call may have gone out already, the provider is asked how the invite stands before it is repeated.

use super::{
    Verb, round,
    store::{self as verbs, Asked},
};
use crate::{
    Engine,
    clock::Moment,
    db::Tx,
    fault::StoreError,
    id::{InviteId, OrganizationId, ProviderInviteId},
    invite::{
        InviteState, News, change,
        entity::{Invite, entry},
        fetch,
        state::Event,
        store,
    },
    job::{self, Outcome, Run, Work},
    live::Change,
    provider::{Account, ProviderError, ProviderStatus, Report},
    timeline::Entry,
};

/// Carries out whatever is open for an invite, one after the other.
pub(crate) async fn carry_out(engine: &Engine, organization: &OrganizationId, id: &InviteId) -> Run {
    while let Some((invite, asked)) = begin(engine, organization, id).await? {
        let account = Account::open(engine, &invite.account).await?;
        match call(&account, &invite, &asked).await {
            Ok(report) => succeed(engine, &invite, &asked, &report).await?,
            Err(error) => fail(engine, &invite, &asked, error).await?,
        }
    }
    Ok(Outcome::Done)
}

/// The next thing to do, as it was before it is marked as begun.
async fn begin(
    engine: &Engine,
    organization: &OrganizationId,
    id: &InviteId,
) -> Result<Option<(Invite, Asked)>, StoreError> {
    let mut tx = engine.db.write().await?;
    let Some(invite) = store::hold(&mut tx, organization, id).await? else { return Ok(None) };
    let open = verbs::open(&mut *tx, organization, id).await?;
    let Some(asked) = open.into_iter().next() else { return Ok(None) };
    if asked.begun_at.is_none() {
        verbs::begin(&mut tx, &asked, engine.clock.now()).await?;
        tx.commit().await?;
    }
    Ok(Some((invite, asked)))
}

async fn call(account: &Account, invite: &Invite, asked: &Asked) -> Result<Report, ProviderError> {
    let theirs = invite.provider_invite.as_ref().filter(|theirs| account.sent(theirs));
    let theirs = theirs.ok_or(ProviderError::Unsupported)?;
    if asked.begun_at.is_some()
        && let Some(report) = look_up(account, theirs, asked).await?
    {
        return Ok(report);
    }
    let report = match asked.verb {
        Verb::Resend => account.resend(theirs, &asked.id).await?,
        Verb::Extend => {
            let until = asked.expires_at.ok_or(ProviderError::Unsupported)?;
            account.extend(theirs, &asked.id, until).await?
        }
        Verb::Cancel | Verb::CorrectEmail => account.cancel(theirs, &asked.id).await?,
        // It has no call of its own: its send is the call.
        Verb::Retake => return Err(ProviderError::Unsupported),
    };
    // A good answer is no proof that it was done: the invite itself is.
    if asked.verb == Verb::Resend || is_so(asked, &report) { Ok(report) } else { Err(ProviderError::TooLate) }
}

/// Whether an earlier call was heard. That a mail went out cannot be seen; its key guards against a second.
async fn look_up(account: &Account, theirs: &ProviderInviteId, asked: &Asked) -> Result<Option<Report>, ProviderError> {
    if asked.verb == Verb::Resend || !account.capabilities().fetch {
        return Ok(None);
    }
    Ok(Some(account.fetch(theirs).await?).filter(|report| is_so(asked, report)))
}

/// Whether the invite is as it was to become.
fn is_so(asked: &Asked, report: &Report) -> bool {
    match asked.verb {
        Verb::Resend | Verb::Retake => false,
        // The protocol's moments are whole seconds.
        Verb::Extend => match (report.expires_at, asked.expires_at) {
            (Some(is), Some(wanted)) => is.0 / 1_000 >= wanted.0 / 1_000 && is_open(report.status),
            (None, _) => is_open(report.status),
            (Some(_), None) => false,
        },
        Verb::Cancel | Verb::CorrectEmail => report.status == Some(ProviderStatus::Cancelled),
    }
}

fn is_open(status: Option<ProviderStatus>) -> bool {
    matches!(status, Some(ProviderStatus::Sent | ProviderStatus::Started | ProviderStatus::Abandoned))
}

/// It is done there: the invite, its entries, and what follows, at once.
async fn succeed(engine: &Engine, invite: &Invite, asked: &Asked, report: &Report) -> Result<(), StoreError> {
    let now = engine.clock.now();
    let mut tx = engine.db.write().await?;
    let Some(mut held) = store::hold(&mut tx, &invite.organization, &invite.id).await? else { return Ok(()) };
    if !verbs::end(&mut tx, asked, now).await? {
        return Ok(());
    }
    let mut entries = vec![take(&mut held, asked, report, now)];
    entries.extend(fetch::hear(engine, &mut tx, &mut held, report, now).await?.entries);
    if asked.verb.takes_back() {
        verbs::end_all(&mut tx, &held, now).await?;
    }
    if let Some(email) = asked.email.as_ref().filter(|_| held.state == InviteState::Cancelled) {
        send_anew(&mut tx, &held, email, &asked.by, now).await?;
    }
    change::keep(&mut tx, &mut held, &entries, now).await?;
    if let Some(due) = fetch::next_poll(&held, now) {
        let work = Work::Fetch { invite: held.id.clone() };
        job::enqueue(&mut tx, &held.organization, &work, due, None).await?;
    }
    tx.commit().await?;
    tell(engine, &held);
    Ok(())
}

/// Takes the step, unless the invite went on to where it cannot be taken: then the entry says so.
fn take(held: &mut Invite, asked: &Asked, report: &Report, now: Moment) -> Entry {
    let by = &asked.by;
    match asked.verb {
        Verb::Resend | Verb::Retake => entry(now, "sent", "Sent again: the same link went out once more.", None),
        Verb::Extend => {
            if held.state == InviteState::Expired {
                let began = matches!(report.status, Some(ProviderStatus::Started | ProviderStatus::Abandoned));
                held.take(if began { Event::Started } else { Event::Sent }, None);
            }
            entry(now, "extended", "The deadline was moved.", None)
        }
        Verb::Cancel | Verb::CorrectEmail => {
            let (why, sentence) = match asked.verb {
                Verb::CorrectEmail => (
                    format!("{by} had it sent to another address instead."),
                    "Cancelled: it goes to another address instead.".to_owned(),
                ),
                _ => (format!("{by} cancelled it."), format!("Cancelled: {by} took it back.")),
            };
            held.take(Event::Cancelled, None);
            if held.state != InviteState::Cancelled {
                return entry(now, "problem", "It was cancelled at the provider, but a result had come in.", None);
            }
            held.reason = Some(why);
            entry(now, "cancelled", sentence, None)
        }
    }
}

async fn send_anew(tx: &mut Tx, held: &Invite, email: &str, by: &str, now: Moment) -> Result<(), StoreError> {
    let mut next = held.next_round(by, now);
    next.candidate_email = Some(email.to_owned());
    next.email_by = Some(by.to_owned());
    let why = format!("{by} corrected the e-mail address.");
    round::begin(tx, &next, &why, now).await.map(|_| ())
}

/// What the provider does not do is over and said; what may pass stays open and is tried again.
async fn fail(engine: &Engine, invite: &Invite, asked: &Asked, error: ProviderError) -> Result<(), Outcome> {
    let why = match &error {
        ProviderError::Credentials
        | ProviderError::Forbidden
        | ProviderError::Quota
        | ProviderError::NoAccount
        | ProviderError::RateLimited { .. }
        | ProviderError::Unreached(_)
        | ProviderError::Temporary(_)
        | ProviderError::BadAnswer(_)
        | ProviderError::Store(_) => return Err(error.into()),
        ProviderError::TooLate => "it is too late for that",
        ProviderError::NotFound => "the provider does not have the invite any more",
        ProviderError::Unsupported => "the provider cannot do that",
        ProviderError::NotPublished => "the assessment is not published",
        ProviderError::Refused(_) | ProviderError::InvalidCandidate { .. } | ProviderError::Duplicate => {
            "the provider refused it"
        }
    };
    let now = engine.clock.now();
    let mut tx = engine.db.write().await?;
    let Some(mut held) = store::hold(&mut tx, &invite.organization, &invite.id).await? else { return Ok(()) };
    if !verbs::end(&mut tx, asked, now).await? {
        return Ok(());
    }
    let sentence = format!("{}: {why}.", not_done(asked.verb));
    change::keep(&mut tx, &mut held, &[entry(now, "problem", sentence, Some(error.to_string()))], now).await?;
    // It stands otherwise there than we thought.
    let work = Work::Fetch { invite: held.id.clone() };
    job::enqueue(&mut tx, &held.organization, &work, now, None).await?;
    tx.commit().await?;
    tell(engine, &held);
    Ok(())
}

fn not_done(verb: Verb) -> &'static str {
    match verb {
        Verb::Resend | Verb::Retake => "It was not sent again",
        Verb::Extend => "The deadline was not moved",
        Verb::Cancel => "It was not cancelled",
        Verb::CorrectEmail => "It was not cancelled, so nothing goes to the other address",
    }
}

fn tell(engine: &Engine, held: &Invite) {
    let mut news = News::default();
    news.of(held);
    news.tell(engine, &held.organization);
}

/// The job was given up after a day: what was asked for is over, and the timeline says so.
pub(crate) async fn give_up(
    tx: &mut Tx,
    organization: &OrganizationId,
    id: &InviteId,
    now: Moment,
) -> Result<Option<Change>, StoreError> {
    let Some(mut held) = store::hold(tx, organization, id).await? else { return Ok(None) };
    let open = verbs::open(&mut **tx, organization, id).await?;
    let entries: Vec<Entry> = open
        .iter()
        .map(|asked| {
            let told = format!(
                "{}, as far as is known: the provider gave no clear answer for 24 hours. Look there, then ask again.",
                not_done(asked.verb)
            );
            entry(now, "problem", told, None)
        })
        .collect();
    verbs::end_all(tx, &held, now).await?;
    change::keep(tx, &mut held, &entries, now).await?;
    Ok(Some(Change::Invite { invite: held.id, version: held.version }))
}
