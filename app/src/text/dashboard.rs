//! The words of the dashboard.

use super::{decision, integrations::not_offered};
use crate::page::{
    activity::work_words,
    dashboard::server::{RemedyView, TroubleView},
};

pub const TITLE: &str = "Dashboard";
pub const SET_UP: &str = "Set up Candilever";
pub const SET_UP_LEAD: &str = "Once, step by step. Candidates are invited by themselves from then on.";
pub const SET_UP_OTHERS: &str =
    "Your organization is not set up yet. A Super Admin does that; candidates appear here from then on.";
pub const OPEN_STEP: &str = "Open";
pub const NEEDS_YOU: &str = "Needs you";
pub const NOTHING: &str = "Nothing needs you now";
pub const NOTHING_MEANS: &str = "Invites that wait or fail, and results without a verdict, appear here.";
pub const LOOK: &str = "See what to do";
pub const DECIDE: &str = "Give a verdict";
pub const SINCE: &str = "since";
pub const ALL_ATTENTION: &str = "All that need attention";
pub const ALL_AWAITING: &str = "All that await a verdict";
pub const FUNNEL: &str = "Last 30 days";
pub const INVITED: &str = "Invited";
pub const STARTED: &str = "Started";
pub const COMPLETED: &str = "Completed";
pub const PASSED: &str = "Passed";
pub const SUPER_ADMIN: &str = "A Super Admin can mend it.";

/// What a remedy's button says.
#[must_use]
pub fn remedy(remedy: &RemedyView) -> &'static str {
    match remedy {
        RemedyView::Decide(decision) => decision::word(*decision),
        RemedyView::OpenInLever(_) => "Open in Lever",
        RemedyView::Connect => "Reconnect Lever",
        RemedyView::Provider => "Open the Canditech settings",
        RemedyView::Resume(_) => "Resume the attachment",
        RemedyView::ChangeAttachment(_) => "Change the assessment",
    }
}

/// What stands in the way: what happened, what it means, and what its button says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TroubleWords {
    pub what: String,
    pub means: String,
    pub mend: &'static str,
}

/// A trouble in words.
#[must_use]
pub fn trouble(trouble: &TroubleView) -> TroubleWords {
    let words = |what: &str, means: String, mend| TroubleWords { what: what.to_owned(), means, mend };
    let or = |reason: &Option<String>, otherwise: &str| reason.clone().unwrap_or_else(|| otherwise.to_owned());
    match trouble {
        TroubleView::Lever { reason, .. } => words(
            "Lever is not connected",
            or(reason, "What is due waits, and goes on by itself after connecting again."),
            "Reconnect Lever",
        ),
        TroubleView::Provider { reason, .. } => words(
            "Canditech cannot send",
            or(reason, "What is due waits, and goes on when the account is corrected."),
            "Open the Canditech settings",
        ),
        TroubleView::Attachment { assessment, stage, not_offered: None, .. } => words(
            "An attachment sends nothing",
            format!("The stage {stage} is no longer in Lever: {assessment} reaches nobody."),
            "Open the attachment",
        ),
        TroubleView::Attachment { assessment, stage, not_offered: Some(why), .. } => words(
            "An attachment sends nothing",
            format!("{assessment}: {}. Whoever enters {stage} gets nothing.", not_offered(*why).0),
            "Change the assessment",
        ),
        TroubleView::Work { kind, error, .. } => words(
            "Work was given up",
            format!("{}. {}", work_words(kind), or(error, "")).trim_end().to_owned(),
            "Do it again",
        ),
        TroubleView::Note { candidate, problem, .. } => {
            words("A note is not in step", format!("{}: {problem}", super::candidate_name(candidate)), "Write it again")
        }
    }
}
