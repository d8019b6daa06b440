//! The words of the wizard: why a step is shown again, and what to know before the last Next.

use super::integrations::position_state;
use crate::{
    page::attach::view::{Hitch, WarningView},
    route,
};

/// What the article says when it is done.
pub const SUCCESS: &str = "Your assessment has successfully been attached to your Lever pipeline stage.";

/// Where the provider's protocol carries no days to complete.
pub const NO_DAYS: &str =
    "Days to complete cannot be set: the partner protocol does not carry them, and Canditech's own rule holds.";

/// Why a step is shown again: what happened, what to do, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HitchWords {
    pub what: &'static str,
    pub next: &'static str,
    pub link: Option<(&'static str, &'static str)>,
}

/// Why a step is shown again, in words.
#[must_use]
pub fn hitch(hitch: Hitch) -> HitchWords {
    let words = |what, next| HitchWords { what, next, link: None };
    match hitch {
        Hitch::ChoosePosition => words("No position is chosen", "Choose one, or “Any position”, then press Next."),
        Hitch::ChooseStage => words("No stage is chosen", "Choose one, then press Next."),
        Hitch::ChooseAssessment => words("No assessment is chosen", "Choose one, then press Next."),
        Hitch::PositionGone => {
            words("This position is no longer in Lever", "Choose another one. Your other choices are kept.")
        }
        Hitch::StageGone => {
            words("This stage is no longer in Lever's pipeline", "Choose another one. Your other choices are kept.")
        }
        Hitch::AssessmentGone => words(
            "This assessment can no longer be sent",
            "It was removed in Canditech, or is not published. Choose another one.",
        ),
        Hitch::AlreadyAttached => words(
            "This assessment is attached to this position and stage already",
            "There is nothing to do. You can choose another assessment.",
        ),
        Hitch::Days => words("The days cannot be used", "Enter a whole number from 1 to 365, or leave it empty."),
        Hitch::NoProvider => HitchWords {
            link: Some((route::CANDITECH, "Open Settings, Integrations, Canditech")),
            ..words("Canditech is not set up yet", "A Super Admin enters the organization-level key first.")
        },
        Hitch::NothingOffered => HitchWords {
            link: Some((route::CANDITECH, "Open Settings, Integrations, Canditech")),
            ..words("Canditech offers no assessment", "Make one in Canditech, then press Save and test.")
        },
        Hitch::NothingInLever => HitchWords {
            link: Some((route::LEVER, "Open Settings, Integrations, Lever")),
            ..words("No stages of Lever are known here yet", "Connect Lever, or press Sync now on its page.")
        },
    }
}

/// Something worth knowing before the last Next.
#[must_use]
pub fn warning(warning: &WarningView) -> String {
    match warning {
        WarningView::PositionNotOpen(state) => {
            format!("In Lever the position is {}: candidates may never reach the stage.", position_state(state))
        }
        WarningView::AlreadyAttached => "This is attached already, exactly so.".to_owned(),
        WarningView::AlsoAttached(assessments) => format!(
            "Also attached to this position and stage: {}. Each candidate gets all of them.",
            assessments.join(", ")
        ),
        WarningView::ReplacesAnyPosition(assessment) => {
            format!("“Any position” sends {assessment} from this stage. For this position, yours replaces it.")
        }
        WarningView::ProviderCannotSend => {
            "The Canditech key may list assessments but not send them: nothing goes out until it may.".to_owned()
        }
    }
}
