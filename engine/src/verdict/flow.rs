//! Giving a verdict here, and taking over one that was given in the provider's session.

use std::time::Duration;

use super::{LONGEST_COMMENT, Verdict, VerdictEntry, VerdictSource, store};
use crate::{
    Engine,
    access::{Member, Permission},
    audit::{self, Action, By, Deed},
    clock::Moment,
    db::Tx,
    fault::{FlowError, Refusal, StoreError},
    id::InviteId,
    invite::{self, Invite, InviteState, News, entry},
    job::{self, Work},
    plain::is_plain,
    provider::ReportedVerdict,
    timeline::Entry,
};

/// Clicks so close to each other are of the same moment: a page takes as long to show the other's.
const SAME_MOMENT: Duration = Duration::from_secs(5);

pub(super) async fn give(
    engine: &Engine,
    member: &Member,
    id: &InviteId,
    value: Verdict,
    comment: Option<&str>,
    version: Option<i64>,
) -> Result<i64, FlowError> {
    member.require(Permission::UseCandidates)?;
    let comment = comment.map(in_plain_lines).filter(|comment| !comment.is_empty());
    let comment = comment.as_deref();
    if comment.is_some_and(|comment| comment.chars().count() > LONGEST_COMMENT) {
        return Err(FlowError::Refused(Refusal::CommentTooLong));
    }
    if !invite::is_visible(engine, member, id).await? {
        return Err(FlowError::NotFound);
    }
    let mut tx = engine.db.write().await?;
    let held = invite::hold(&mut tx, &member.organization, id).await?;
    let mut held = held.ok_or(FlowError::NotFound)?;
    if held.state != InviteState::Completed {
        return Err(FlowError::Conflict);
    }
    if held.verdict == value && comment.is_none() {
        return Ok(held.version);
    }
    if let Some(seen) = version
        && !is_up_to_date(&mut tx, &held, value, seen, engine.clock.now()).await?
    {
        return Err(FlowError::Conflict);
    }
    let (before, now) = (held.verdict, engine.clock.now());
    record(&mut tx, &mut held, member, value, comment, now).await?;
    audit::record(&mut tx, member, &given(id, before, value), now).await?;
    tx.commit().await?;
    let version = held.version;
    let mut news = News::default();
    news.of(&held);
    news.tell(engine, &member.organization);
    Ok(version)
}

/// A comment in lines, of signs that can be stored and shown.
fn in_plain_lines(comment: &str) -> String {
    comment.trim().chars().filter(|sign| *sign == '\n' || is_plain(*sign)).collect()
}

/// Whether a verdict on the version that the person saw counts. Of several clicks in the same moment the last
/// one does: nobody could have seen the others'. What a withdrawal takes back has to be what was seen.
async fn is_up_to_date(
    tx: &mut Tx,
    invite: &Invite,
    value: Verdict,
    seen: i64,
    now: Moment,
) -> Result<bool, StoreError> {
    if seen == invite.version {
        return Ok(true);
    }
    if value == Verdict::NotGiven || seen > invite.version {
        return Ok(false);
    }
    let since = now.before(SAME_MOMENT);
    let acts = store::recorded_since(tx, &invite.organization, &invite.id, since).await?;
    Ok(invite.version - seen <= acts)
}

/// Writes the act, the standing verdict, the entry and the provider's job, in the caller's transaction.
async fn record(
    tx: &mut Tx,
    invite: &mut Invite,
    member: &Member,
    value: Verdict,
    comment: Option<&str>,
    now: Moment,
) -> Result<(), StoreError> {
    // The act of a person who sees the standing verdict is later than it, whatever the clocks say.
    let at = invite.verdict_at.map_or(now, |standing| now.max(Moment(standing.0 + 1)));
    let act = VerdictEntry {
        value,
        by: member.name.clone(),
        source: VerdictSource::Candilever,
        at,
        comment: comment.map(str::to_owned),
    };
    store::insert(tx, &invite.organization, &invite.id, &act, now).await?;
    invite.verdict = value;
    invite.verdict_at = Some(at);
    let told = entry(now, "verdict", sentence(value, &member.name), act.comment);
    invite::keep(tx, invite, &[told], now).await?;
    let work = Work::TellVerdict { invite: invite.id.clone() };
    job::enqueue(tx, &invite.organization, &work, now, None).await
}

/// A change of the standing verdict as the audit log has it.
fn given(id: &InviteId, before: Verdict, after: Verdict) -> Deed<'_> {
    let facts = |verdict: Verdict| vec![("verdict", verdict.word().to_owned())];
    Deed { action: Action::VerdictGiven, subject: id.as_str(), before: facts(before), after: facts(after) }
}

fn sentence(value: Verdict, by: &str) -> String {
    match value {
        Verdict::NotGiven => format!("{by} withdrew the verdict."),
        Verdict::Passed | Verdict::Failed => format!("{by} gave the verdict: {}.", value.word()),
    }
}

/// Takes over a verdict from the provider's session. A repeated, echoed or older one changes nothing
/// that stands; the entry is answered when something did change, for the caller to keep with the invite.
pub(crate) async fn reported(
    tx: &mut Tx,
    invite: &mut Invite,
    reported: &ReportedVerdict,
    now: Moment,
) -> Result<Option<Entry>, StoreError> {
    let history = store::of(&mut **tx, &invite.organization, &invite.id).await?;
    let Some(at) = moment_of(reported, invite, &history, now) else { return Ok(None) };
    // What we told the provider comes back as its own word, perhaps to the second only.
    let same = |act: &VerdictEntry| act.value == reported.value && act.at.0 / 1_000 == at.0 / 1_000;
    if history.iter().any(same) {
        return Ok(None);
    }
    let standing = invite.verdict_at.is_some_and(|standing| standing >= at);
    if reported.value == invite.verdict && !standing {
        return Ok(None);
    }
    let by = reported.by.clone().unwrap_or_else(|| "Somebody at the provider".into());
    let sentence = sentence(reported.value, &by);
    let act = VerdictEntry { value: reported.value, by, source: VerdictSource::Provider, at, comment: None };
    let is_new = store::insert(tx, &invite.organization, &invite.id, &act, now).await?;
    if standing || !is_new {
        return Ok(None);
    }
    let deed = given(&invite.id, invite.verdict, reported.value);
    audit::record_of(tx, &invite.organization, (&By::Provider, None), &deed, now).await?;
    invite.verdict = reported.value;
    invite.verdict_at = Some(at);
    Ok(Some(entry(now, "verdict", sentence, Some("Given in the provider's session".into()))))
}

/// When the act happened. A provider that does not say so is believed only when its verdict differs from
/// the one it reported last: otherwise every poll would be an act.
fn moment_of(reported: &ReportedVerdict, invite: &Invite, history: &[VerdictEntry], now: Moment) -> Option<Moment> {
    if reported.at.is_some() {
        return reported.at;
    }
    let last = history.iter().find(|act| act.source == VerdictSource::Provider);
    let known = last.map_or(Verdict::NotGiven, |act| act.value);
    (reported.value != known && reported.value != invite.verdict).then_some(now)
}
