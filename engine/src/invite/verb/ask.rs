//! Asking for a verb: who may, what the invite allows, and its change, entry and job in one transaction.

use std::time::Duration;

use super::{
    Offered, Request, Standing, Verb, Why,
    offer::{self, Facts, Way},
    round,
    store::{self as verbs, Asked},
};
use crate::{
    Engine,
    access::Member,
    audit::{self, Action, Deed},
    clock::Moment,
    db::Tx,
    fault::{FlowError, StoreError},
    id::{InviteId, VerbId},
    invite::{
        InviteState, News, change,
        entity::{Invite, WaitingFor, entry},
        reconcile,
        state::Event,
        store, view,
    },
    job::{self, Work},
    provider::{Account, Capabilities, ProviderError},
};

const DAY: Duration = Duration::from_secs(24 * 3600);

pub(super) async fn offered(engine: &Engine, member: &Member, id: &InviteId) -> Result<Vec<Offered>, FlowError> {
    let invite = visible(engine, member, id).await?;
    let (can, same_protocol) = provider(engine, &invite).await;
    let has_newer = verbs::newest_after(engine.db.read(), &invite).await?.is_some();
    let open = open_verbs(&verbs::open(engine.db.read(), &member.organization, id).await?);
    let facts = Facts { invite: &invite, can, same_protocol, has_newer, open: &open };
    Ok(Verb::ALL.into_iter().map(|verb| Offered { verb, standing: offer::standing(verb, &facts) }).collect())
}

pub(super) async fn ask(
    engine: &Engine,
    member: &Member,
    id: &InviteId,
    version: i64,
    request: Request,
) -> Result<InviteId, FlowError> {
    let (can, same_protocol) = provider(engine, &visible(engine, member, id).await?).await;
    let request = request.check().map_err(FlowError::Refused)?;
    let now = engine.clock.now();
    let mut tx = engine.db.write().await?;
    let held = store::hold(&mut tx, &member.organization, id).await?;
    let mut invite = held.ok_or(FlowError::NotFound)?;
    let newer = verbs::newest_after(&mut *tx, &invite).await?;
    if let Some(there) = already_so(&invite, &request, newer.as_ref()) {
        return Ok(there);
    }
    if verbs::is_repeated(&mut tx, &invite, request.verb(), version).await? {
        return Ok(invite.id);
    }
    let open = open_verbs(&verbs::open(&mut *tx, &member.organization, id).await?);
    let facts = Facts { invite: &invite, can, same_protocol, has_newer: newer.is_some(), open: &open };
    if offer::standing(request.verb(), &facts) == Standing::UnderWay {
        return under_way(&request).map(|()| invite.id);
    }
    let way = offer::way(request.verb(), &facts).map_err(refusal)?;
    if version != invite.version {
        return Err(FlowError::Conflict);
    }
    let deed = Deed { after: asked(&request), ..Deed::plain(Action::VerbAsked, id.as_str()) };
    audit::record(&mut tx, member, &deed, now).await?;
    let by = &member.name;
    let shown = match way {
        Way::Here => here(&mut tx, &mut invite, &request, by, now).await?,
        Way::AtProvider => at_provider(&mut tx, &mut invite, request, (by, version), now).await?,
        Way::NewRound => new_round(&mut tx, &mut invite, request, by, now).await?,
    };
    tx.commit().await?;
    let mut news = News::default();
    news.of(&invite);
    news.tell(engine, &member.organization);
    Ok(shown)
}

/// What is asked for, for the audit log: never an address.
fn asked(request: &Request) -> audit::Facts {
    let mut facts = vec![("verb", request.verb().slug().to_owned())];
    if let Request::Extend { days } = request {
        facts.push(("days", days.to_string()));
    }
    facts
}

/// The invite, if this person may see it.
async fn visible(engine: &Engine, member: &Member, id: &InviteId) -> Result<Invite, FlowError> {
    if !view::is_visible(engine, member, id).await? {
        return Err(FlowError::NotFound);
    }
    store::get(&engine.db, &member.organization, id).await?.ok_or(FlowError::NotFound)
}

/// What the provider can do, and whether the invite was sent over the protocol that the account speaks.
async fn provider(engine: &Engine, invite: &Invite) -> (Option<Capabilities>, bool) {
    let Ok(account) = Account::open(engine, &invite.account).await else { return (None, true) };
    let same = invite.provider_invite.as_ref().is_none_or(|theirs| account.sent(theirs));
    (Some(account.capabilities()), same)
}

fn open_verbs(open: &[Asked]) -> Vec<Verb> {
    open.iter().map(|asked| asked.verb).collect()
}

/// The invite to look at where there is nothing left to do: what came of an earlier click.
fn already_so(invite: &Invite, request: &Request, newer: Option<&InviteId>) -> Option<InviteId> {
    let same = || Some(invite.id.clone());
    match request {
        Request::Cancel if invite.state == InviteState::Cancelled => same(),
        Request::CorrectEmail { .. } | Request::Retake if newer.is_some() => newer.cloned(),
        Request::CorrectEmail { email } if invite.candidate_email.as_ref() == Some(email) => same(),
        Request::Resend | Request::Extend { .. } | Request::Cancel | Request::Retake | Request::CorrectEmail { .. } => {
            None
        }
    }
}

/// The same from somebody else is no second wish; other days or another address would be lost without a word.
fn under_way(request: &Request) -> Result<(), FlowError> {
    match request {
        Request::Resend | Request::Cancel | Request::Retake => Ok(()),
        Request::Extend { .. } | Request::CorrectEmail { .. } => Err(FlowError::Conflict),
    }
}

fn refusal(why: Why) -> FlowError {
    match why {
        Why::Provider | Why::OtherProtocol => FlowError::Provider(ProviderError::Unsupported),
        Why::NotKnown
        | Why::NotSent
        | Why::BeingSent
        | Why::Unclear
        | Why::Started
        | Why::Expired
        | Why::Over
        | Why::StillOpen
        | Why::NewerRound
        | Why::BeingTakenBack
        | Why::Anonymized => FlowError::Conflict,
    }
}

/// Nothing of it is at the provider: it is done as it is asked for.
async fn here(
    tx: &mut Tx,
    invite: &mut Invite,
    request: &Request,
    by: &str,
    now: Moment,
) -> Result<InviteId, StoreError> {
    if let Request::CorrectEmail { email } = request {
        correct(tx, invite, email, by, now).await?;
    } else {
        reconcile::cancel(tx, invite, &format!("{by} cancelled it before it was sent."), now).await?;
    }
    Ok(invite.id.clone())
}

async fn correct(tx: &mut Tx, invite: &mut Invite, email: &str, by: &str, now: Moment) -> Result<(), StoreError> {
    invite.candidate_email = Some(email.to_owned());
    invite.email_by = Some(by.to_owned());
    // The provider would send a retake to the address of the earlier round.
    invite.retake_of = None;
    let waited = matches!(invite.waiting_for, Some(WaitingFor::Email | WaitingFor::OtherEmail));
    let goes = (waited || invite.state == InviteState::Failed) && invite.take(Event::Go, None);
    let told = entry(now, "asked", format!("{by} corrected the e-mail address."), None);
    change::keep(tx, invite, &[told], now).await?;
    store::words::replace(tx, invite).await?;
    if goes {
        reconcile::enqueue_send(tx, invite, now).await?;
    }
    Ok(())
}

/// Writes the wish down; its job carries it out.
async fn at_provider(
    tx: &mut Tx,
    invite: &mut Invite,
    request: Request,
    (by, version): (&str, i64),
    now: Moment,
) -> Result<InviteId, StoreError> {
    let sentence = sentence(&request, by);
    let mut asked = Asked {
        id: VerbId::new(),
        verb: request.verb(),
        by: by.to_owned(),
        expires_at: None,
        email: None,
        begun_at: None,
    };
    match request {
        Request::Extend { days } => asked.expires_at = Some(longer(invite, days, now)),
        Request::CorrectEmail { email } => asked.email = Some(email),
        Request::Resend | Request::Cancel | Request::Retake => {}
    }
    verbs::insert(tx, invite, &asked, version, now).await?;
    change::keep(tx, invite, &[entry(now, "asked", sentence, None)], now).await?;
    let work = Work::CarryOut { invite: invite.id.clone() };
    job::enqueue(tx, &invite.organization, &work, now, None).await?;
    Ok(invite.id.clone())
}

fn longer(invite: &Invite, days: i64, now: Moment) -> Moment {
    let from = invite.expires_at.map_or(now, |deadline| deadline.max(now));
    from.after(DAY * u32::try_from(days).unwrap_or(1))
}

fn sentence(request: &Request, by: &str) -> String {
    match request {
        Request::Resend => format!("{by} asked to send it again."),
        Request::Extend { days: 1 } => format!("{by} asked for one more day."),
        Request::Extend { days } => format!("{by} asked for {days} more days."),
        Request::Cancel => format!("{by} asked to cancel it."),
        Request::Retake => format!("{by} asked for a retake."),
        Request::CorrectEmail { .. } => format!("{by} asked to send it to another address instead."),
    }
}

/// What was sent is over: the next round begins, with the same address or another.
async fn new_round(
    tx: &mut Tx,
    invite: &mut Invite,
    request: Request,
    by: &str,
    now: Moment,
) -> Result<InviteId, FlowError> {
    let sentence = sentence(&request, by);
    let mut next = invite.next_round(by, now);
    if let Request::CorrectEmail { email } = request {
        next.candidate_email = Some(email);
        next.email_by = Some(by.to_owned());
    } else {
        next.retake_of.clone_from(&invite.provider_invite);
    }
    if !round::begin(tx, &next, &sentence, now).await? {
        return Err(FlowError::Conflict);
    }
    change::keep(tx, invite, &[entry(now, "asked", sentence, None)], now).await?;
    Ok(next.id)
}
