//! The provider's word on an invite, applied to what we know. Pure: monotone in status, bound to the
//! revision, and indifferent to repetition.

use url::Url;

use super::{
    InviteState,
    entity::{Invite, entry},
    state::Event,
};
use crate::{
    clock::Moment,
    provider::{ProviderStatus, Report, Score},
    timeline::Entry,
};

/// What a report changed.
#[derive(Debug, Default)]
pub(crate) struct Applied {
    pub changed: bool,
    /// Nothing but the provider's count of its own changes: worth keeping, and no news to anybody.
    pub counted: bool,
    pub entries: Vec<Entry>,
}

/// Applies a report. Its verdict is not this function's: a verdict has a history of its own.
pub(crate) fn apply(invite: &mut Invite, report: &Report, now: Moment) -> Applied {
    let mut applied = Applied::default();
    if report.revision.is_some_and(|revision| revision < invite.revision) {
        return applied;
    }
    let before = seen(invite);
    let revision = report.revision.unwrap_or(invite.revision).max(invite.revision);
    applied.counted = revision != invite.revision;
    invite.revision = revision;
    take_details(invite, report);
    take_status(invite, report, now, &mut applied.entries);
    take_score(invite, report, now, &mut applied.entries);
    applied.changed = !applied.entries.is_empty() || before != seen(invite);
    applied
}

/// What decides whether anything changed at all.
fn seen(invite: &Invite) -> String {
    format!(
        "{:?}",
        (
            (&invite.state, &invite.reason, &invite.provider_invite, &invite.candidate_url),
            (invite.started_at, invite.completed_at, invite.expires_at, invite.score),
            (&invite.sections, &invite.integrity, &invite.report_url),
        )
    )
}

fn take_details(invite: &mut Invite, report: &Report) {
    if report.provider_invite.is_some() {
        invite.provider_invite.clone_from(&report.provider_invite);
    }
    if invite.anonymized_at.is_some() {
        return;
    }
    let taken = |new: &Option<String>| new.clone().filter(|url| is_safe_link(url));
    invite.candidate_url = taken(&report.candidate_url).or(invite.candidate_url.take());
    invite.report_url = taken(&report.report_url).or(invite.report_url.take());
    invite.expires_at = report.expires_at.or(invite.expires_at);
    if !report.sections.is_empty() {
        invite.sections.clone_from(&report.sections);
    }
    if !report.integrity.is_empty() {
        invite.integrity.clone_from(&report.integrity);
    }
}

/// Links go to people's browsers: https only, and plain http on this machine.
fn is_safe_link(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    text.len() <= 2_048 && (url.scheme() == "https" || (url.scheme() == "http" && loopback))
}

fn take_status(invite: &mut Invite, report: &Report, now: Moment, entries: &mut Vec<Entry>) {
    let Some((event, reason)) = report.status.and_then(meaning) else { return };
    let (before, reason) = (invite.state, reason.map(str::to_owned));
    if !invite.take(event, reason.clone()) {
        if invite.state == InviteState::Started && reason.is_some() && invite.reason != reason {
            invite.reason = reason.clone();
            entries.push(entry(now, "abandoned", reason.unwrap_or_default(), None));
        }
        return;
    }
    let at = match invite.state {
        InviteState::Sent => *invite.sent_at.get_or_insert(now),
        InviteState::Started => *invite.started_at.insert(report.started_at.or(invite.started_at).unwrap_or(now)),
        InviteState::Completed => {
            *invite.completed_at.insert(report.completed_at.or(invite.completed_at).unwrap_or(now))
        }
        InviteState::Waiting
        | InviteState::Queued
        | InviteState::Expired
        | InviteState::Declined
        | InviteState::Cancelled
        | InviteState::Failed
        | InviteState::Unclear => now,
    };
    // Whatever the provider says of it first, it was sent once, and the timeline has that too.
    if invite.sent_at.is_none() {
        let sent_at = *invite.sent_at.insert(now.min(at));
        entries.push(entry(sent_at, InviteState::Sent.slug(), sent(invite), None));
    }
    invite.started_at = invite.started_at.or(report.started_at);
    entries.push(entry(now, invite.state.slug(), sentence(before, invite), None));
}

/// The provider's vocabulary in events, with a reason where the state alone would not say enough.
fn meaning(status: ProviderStatus) -> Option<(Event, Option<&'static str>)> {
    Some(match status {
        ProviderStatus::Sent => (Event::Sent, None),
        ProviderStatus::Started => (Event::Started, None),
        ProviderStatus::Abandoned => (Event::Started, Some("The candidate left the assessment before its end.")),
        ProviderStatus::Completed => (Event::Completed, None),
        ProviderStatus::Expired => (Event::Expired, Some("The candidate did not take it in time.")),
        ProviderStatus::Declined => (Event::Declined, Some("The candidate declined.")),
        ProviderStatus::Cancelled => (Event::Cancelled, Some("Cancelled at the provider.")),
        ProviderStatus::Error => (Event::Failed, Some("The provider reports an error. Look at the session there.")),
        ProviderStatus::Unknown => return None,
    })
}

fn sentence(before: InviteState, invite: &Invite) -> String {
    match invite.state {
        InviteState::Sent if before == InviteState::Expired => "Open again: the deadline was moved.".into(),
        InviteState::Sent => sent(invite),
        InviteState::Started => "The candidate started.".into(),
        InviteState::Completed => "The candidate submitted the assessment.".into(),
        InviteState::Expired => "It expired.".into(),
        InviteState::Declined => "The candidate declined.".into(),
        InviteState::Cancelled => "Cancelled at the provider.".into(),
        InviteState::Failed => "The provider reports an error.".into(),
        InviteState::Waiting | InviteState::Queued | InviteState::Unclear => "Changed.".into(),
    }
}

fn sent(invite: &Invite) -> String {
    format!("Sent: {}.", invite.assessment_name)
}

fn take_score(invite: &mut Invite, report: &Report, now: Moment, entries: &mut Vec<Entry>) {
    let Some(score) = report.score.filter(|score| invite.score != Some(*score)) else { return };
    if invite.state == InviteState::Completed {
        let sentence = match invite.score {
            None => format!("Score: {}.", in_words(score)),
            Some(before) => format!("Score changed from {} to {}.", in_words(before), in_words(score)),
        };
        entries.push(entry(now, "score", sentence, None));
    }
    invite.score = Some(score);
}

/// `87/100`, `87.5/100`, or `87` where the provider names no maximum.
pub(crate) fn in_words(score: Score) -> String {
    let value = decimal(score.value);
    score.max.map_or(value.clone(), |max| format!("{value}/{}", decimal(max)))
}

fn decimal(thousandths: i64) -> String {
    let sign = if thousandths < 0 { "-" } else { "" };
    let (whole, rest) = (thousandths.unsigned_abs() / 1_000, thousandths.unsigned_abs() % 1_000);
    if rest == 0 {
        return format!("{sign}{whole}");
    }
    format!("{sign}{whole}.{rest:03}").trim_end_matches('0').to_owned()
}

#[cfg(test)]
mod tests;
