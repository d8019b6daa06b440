//! The note's text. Pure: the same facts make the same text, so that "in step" is a comparison.

use crate::{
    invite::{Invite, InviteState, WaitingFor, score_in_words},
    settings::Settings,
    verdict::Verdict,
};

/// The line that tells our note from everybody else's; it carries the invite's id.
pub(super) fn marker(invite: &Invite) -> String {
    format!("Candilever {}", invite.id)
}

/// The note as it should be; `None` while there is nothing to say in Lever.
pub(super) fn desired(invite: &Invite, settings: &Settings) -> Option<String> {
    compose(invite, &settings.address(&format!("/r/{}", invite.report_token)))
}

fn compose(invite: &Invite, report_link: &str) -> Option<String> {
    let mut lines = vec![title(invite), format!("Status: {}", status(invite)?)];
    if let Some(score) = score(invite) {
        lines.push(format!("Score: {score}"));
    }
    if is_live(invite) || invite.verdict != Verdict::NotGiven {
        lines.push(format!("Verdict: {}", invite.verdict.word()));
    }
    if invite.state == InviteState::Completed {
        lines.push(report_link.to_owned());
    }
    lines.push(marker(invite));
    Some(lines.join("\n"))
}

/// A retake has a note of its own beside that of the round before.
fn title(invite: &Invite) -> String {
    let name = one_line(&invite.assessment_name);
    if invite.round > 1 { format!("{name}, round {}", invite.round) } else { name }
}

const REPLACES: &str = "This note replaces the earlier one.";

/// The note where the earlier one has to stay.
pub(super) fn replacing(text: &str) -> String {
    if replaces(text) { text.to_owned() } else { format!("{text}\n{REPLACES}") }
}

/// Whether a text says that there is an earlier note.
pub(super) fn replaces(text: &str) -> bool {
    text.trim_end().ends_with(REPLACES)
}

/// The status line's words; `None` for what does not belong in Lever (yet).
pub(super) fn status(invite: &Invite) -> Option<String> {
    let was_sent = !is_unsent(invite);
    Some(match invite.state {
        InviteState::Sent => "Sent".into(),
        InviteState::Started => "Started".into(),
        InviteState::Completed => "Completed".into(),
        InviteState::Expired => "Expired".into(),
        InviteState::Declined => "Declined".into(),
        InviteState::Cancelled if was_sent => "Cancelled".into(),
        InviteState::Failed if was_sent => format!("Failed ({})", reason(invite)),
        InviteState::Failed | InviteState::Cancelled => format!("Not sent ({})", reason(invite)),
        InviteState::Waiting => format!("Not sent ({})", missing(invite)),
        InviteState::Unclear => "Unclear (nobody can tell whether it was sent, see Candilever)".into(),
        InviteState::Queued => return None,
    })
}

/// Nothing of it has reached the candidate, as far as is known.
pub(super) fn is_unsent(invite: &Invite) -> bool {
    let unsent = matches!(
        invite.state,
        InviteState::Waiting
            | InviteState::Queued
            | InviteState::Failed
            | InviteState::Cancelled
            | InviteState::Unclear
    );
    unsent && invite.sent_at.is_none()
}

/// What a waiting one waits for, shorter than where it can be mended.
fn missing(invite: &Invite) -> String {
    let what = match invite.waiting_for {
        Some(WaitingFor::Email) => "no e-mail address in Lever",
        Some(WaitingFor::OtherEmail) => "the provider does not accept the e-mail address",
        Some(WaitingFor::Posting) => "no position in Lever",
        Some(WaitingFor::Lever) => "Lever was not connected",
        Some(WaitingFor::Provider) => "the assessment provider does not let us send",
        Some(WaitingFor::Paused) => "the attachment is paused",
        Some(WaitingFor::Approval) => "late, it waits for somebody's word in Candilever",
        None => return reason(invite),
    };
    what.into()
}

fn reason(invite: &Invite) -> String {
    let reason = one_line(invite.reason.as_deref().unwrap_or("see Candilever"));
    reason.trim_end_matches('.').to_owned()
}

/// It may still come to a score and a verdict, or has.
fn is_live(invite: &Invite) -> bool {
    matches!(invite.state, InviteState::Sent | InviteState::Started | InviteState::Completed)
}

fn score(invite: &Invite) -> Option<String> {
    match invite.score {
        Some(score) => Some(score_in_words(score)),
        None => is_live(invite).then(|| "pending".into()),
    }
}

/// Others' words on one line, short, and without what would notify somebody in Lever.
fn one_line(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let short: String = plain.take(200).collect();
    short.replace('@', "(at)").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Moment, invite::sample, provider::Score};

    fn lines(invite: &Invite) -> Vec<String> {
        compose(invite, "https://candilever.example/r/tok")
            .map_or(Vec::new(), |t| t.lines().map(str::to_owned).collect())
    }

    fn in_state(state: InviteState) -> Invite {
        Invite { state, sent_at: Some(Moment(1)), ..sample() }
    }

    #[test]
    fn a_completed_one_carries_score_verdict_and_link() {
        let mut invite = in_state(InviteState::Completed);
        invite.score = Some(Score { value: 87_000, max: Some(100_000) });
        invite.verdict = Verdict::Passed;
        let marker = format!("Candilever {}", invite.id);
        assert_eq!(
            lines(&invite),
            [
                "Python, 60 min",
                "Status: Completed",
                "Score: 87/100",
                "Verdict: passed",
                "https://candilever.example/r/tok",
                &marker,
            ]
        );
    }

    #[test]
    fn a_retake_says_which_round_it_is() {
        assert_eq!(lines(&Invite { round: 2, ..in_state(InviteState::Sent) })[0], "Python, 60 min, round 2");
    }

    #[test]
    fn a_score_not_yet_known_is_pending_never_zero() {
        assert_eq!(lines(&in_state(InviteState::Completed))[2], "Score: pending");
        assert_eq!(lines(&in_state(InviteState::Completed))[3], "Verdict: n/a");
    }

    #[test]
    fn the_link_stands_only_under_what_was_submitted() {
        assert!(!lines(&in_state(InviteState::Sent)).iter().any(|line| line.contains("/r/")));
    }

    #[test]
    fn what_is_not_sent_says_why() {
        let failed = Invite { state: InviteState::Failed, reason: Some("The quota is used up.".into()), ..sample() };
        assert_eq!(lines(&failed)[1], "Status: Not sent (The quota is used up)");
        let waiting = Invite { state: InviteState::Waiting, waiting_for: Some(WaitingFor::Email), ..sample() };
        assert_eq!(lines(&waiting)[1], "Status: Not sent (no e-mail address in Lever)");
        assert_eq!(lines(&waiting).len(), 3, "no score and no verdict may follow");
        let unclear = Invite { state: InviteState::Unclear, ..sample() };
        assert!(lines(&unclear)[1].starts_with("Status: Unclear ("));
        assert_eq!(lines(&sample()), Vec::<String>::new(), "what is on its way says nothing yet");
    }

    #[test]
    fn others_words_stay_on_their_line_and_mention_nobody() {
        let mut invite = in_state(InviteState::Sent);
        invite.assessment_name = "SQL\nStatus: Completed @everyone".into();
        assert_eq!(lines(&invite)[0], "SQL Status: Completed (at)everyone");
        assert_eq!(lines(&invite)[1], "Status: Sent");
    }
}
