//! Events and work as a person reads them; what we do not know is shown as it came.

use super::server::{MessageView, Show};

/// A message in one line.
pub fn message(message: &MessageView) -> String {
    let source = if message.is_from_lever { "Lever" } else { "Canditech" };
    format!("{source}: {}", event(&message.event))
}

/// What was done about a message.
pub fn outcome(message: &MessageView) -> String {
    match &message.outcome {
        None => "Being handled".to_owned(),
        Some(outcome) => outcome.clone(),
    }
}

/// A filter of the messages.
pub fn show(show: Show) -> &'static str {
    match show {
        Show::All => "All",
        Show::Waiting => "Waiting",
        Show::Problem => "With a problem",
    }
}

/// The filter found nothing.
pub fn nothing(show: Show) -> &'static str {
    match show {
        Show::All => "Nothing came in",
        Show::Waiting => "Nothing waits",
        Show::Problem => "No problems",
    }
}

/// An event of Lever's or the provider's.
fn event(event: &str) -> String {
    match event {
        "candidateStageChange" => "a candidate changed stage".to_owned(),
        "assessment.sent" => "an assessment was sent".to_owned(),
        "assessment.started" => "a candidate started the assessment".to_owned(),
        "assessment.completed" => "a candidate completed the assessment".to_owned(),
        "assessment.score_changed" => "a score was given or changed".to_owned(),
        "assessment.verdict_changed" => "a verdict was given".to_owned(),
        "assessment.expired" => "an invite expired".to_owned(),
        "assessment.declined" => "a candidate declined".to_owned(),
        "assessment.cancelled" => "an invite was cancelled".to_owned(),
        "assessment.error" => "an assessment failed on their side".to_owned(),
        other => other.to_owned(),
    }
}

/// A kind of work.
pub fn work(kind: &str) -> String {
    match kind {
        "reconcile" => "Read an opportunity from Lever and act on it".to_owned(),
        "look_again" => "Look whether a candidate was anonymised or deleted in Lever".to_owned(),
        "send" => "Send an assessment".to_owned(),
        "fetch" => "Read a result from Canditech".to_owned(),
        "write_note" => "Write the note in Lever".to_owned(),
        "tell_verdict" => "Tell Canditech of a verdict".to_owned(),
        "carry_out" => "Resend, extend or cancel an assessment".to_owned(),
        "erase_note" => "Take the note of an erased candidate away in Lever".to_owned(),
        "erase_at_provider" => "Ask Canditech to forget an erased candidate".to_owned(),
        "catch_up" => "Look for moves that no webhook told".to_owned(),
        "sync_lever" => "Read people, positions and stages from Lever".to_owned(),
        "sync_provider" => "Read the assessments from Canditech".to_owned(),
        "check_chain" => "Ask Lever and Canditech whether they still let us in".to_owned(),
        "notify" => "Mail somebody, or tell your own systems".to_owned(),
        other => other.to_owned(),
    }
}

/// Where a piece of work stands.
pub fn state(state: &str) -> &str {
    match state {
        "open" => "Under way",
        "waiting" => "Waits for a connection",
        "dead" => "Given up",
        other => other,
    }
}
