//! The mails that Canditech would send to a candidate.

use super::ORGANIZATION;
use super::model::{Invite, Mail, Millis, rfc3339};

/// The first mail, with the link to the test.
pub(crate) fn invitation(invite: &Invite, public_url: &str, number: usize, now: Millis) -> Mail {
    let subject = format!("{ORGANIZATION} invites you to an assessment: {}", invite.assessment_name);
    write(invite, public_url, number, now, subject)
}

/// The same link again.
pub(crate) fn reminder(invite: &Invite, public_url: &str, number: usize, now: Millis) -> Mail {
    let subject = format!("Reminder: your assessment for {ORGANIZATION}: {}", invite.assessment_name);
    write(invite, public_url, number, now, subject)
}

fn write(invite: &Invite, public_url: &str, number: usize, now: Millis, subject: String) -> Mail {
    let link = format!("{public_url}/test/{}", invite.token);
    let name = match invite.candidate.first_name.trim() {
        "" => invite.candidate.name(),
        first => first.to_owned(),
    };
    let message = invite.message.as_deref().map(|text| format!("{text}\n\n")).unwrap_or_default();
    let body = format!(
        "Hello {name},\n\n{message}{ORGANIZATION} would like to see how you work and invites you to the assessment \
         \"{}\". It takes up to {} minutes. Find a quiet place; once you start, finish it in one go.\n\n\
         Open your assessment: {link}\n\nThe link is yours alone and works until {}.\n\n\
         Good luck\n{ORGANIZATION}",
        invite.assessment_name,
        invite.minutes,
        day(invite.expires_at),
    );
    Mail { number, invite_id: invite.id.clone(), to: invite.candidate.email.clone(), subject, body, link, at: now }
}

/// A day as a person reads it: 5 January 2026.
pub(crate) fn day(at: Millis) -> String {
    match jiff::Timestamp::from_millisecond(at) {
        Ok(time) => time.strftime("%-d %B %Y").to_string(),
        Err(_) => rfc3339(at),
    }
}
