//! The note's text. Pure: the same facts make the same text, so that "in step" is a comparison.

use crate::{
    invite::{Invite, InviteState, score_in_words},
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
    let mut lines = vec![one_line(&invite.assessment_name), format!("Status: {}", status(invite)?)];
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
    let was_sent = invite.sent_at.is_some();
    Some(match invite.state {
        InviteState::Sent => "Sent".into(),
        InviteState::Started => "Started".into(),
        InviteState::Completed => "Completed".into(),
        InviteState::Expired => "Expired".into(),
        InviteState::Declined => "Declined".into(),
        InviteState::Cancelled if was_sent => "Cancelled".into(),
        InviteState::Failed if was_sent => format!("Failed ({})", reason(invite)),
        InviteState::Failed => format!("Not sent ({})", reason(invite)),
        InviteState::Cancelled | InviteState::Waiting | InviteState::Queued | InviteState::Unclear => return None,
    })
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
    fn a_score_not_yet_known_is_pending_never_zero() {
        assert_eq!(lines(&in_state(InviteState::Completed))[2], "Score: pending");
        assert_eq!(lines(&in_state(InviteState::Completed))[3], "Verdict: n/a");
    }

    #[test]
    fn the_link_stands_only_under_what_was_submitted() {
        assert!(!lines(&in_state(InviteState::Sent)).iter().any(|line| line.contains("/r/")));
    }

    #[test]
    fn what_is_not_sent_says_why_and_what_ended_before_the_send_says_nothing() {
        let failed = Invite { state: InviteState::Failed, reason: Some("The quota is used up.".into()), ..sample() };
        assert_eq!(lines(&failed)[1], "Status: Not sent (The quota is used up)");
        for state in [InviteState::Waiting, InviteState::Queued, InviteState::Cancelled, InviteState::Unclear] {
            assert_eq!(lines(&Invite { state, ..sample() }), Vec::<String>::new());
        }
    }

    #[test]
    fn others_words_stay_on_their_line_and_mention_nobody() {
        let mut invite = in_state(InviteState::Sent);
        invite.assessment_name = "SQL\nStatus: Completed @everyone".into();
        assert_eq!(lines(&invite)[0], "SQL Status: Completed (at)everyone");
        assert_eq!(lines(&invite)[1], "Status: Sent");
    }
}
