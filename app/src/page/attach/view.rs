//! What a step of the wizard shows, as it crosses to the browser.

use serde::{Deserialize, Serialize};

use super::query::Step;

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StepView {
    /// The step that is shown: an earlier one than asked for where a choice is missing or gone.
    pub step: Step,
    pub hitch: Option<Hitch>,
    pub position: Option<String>,
    pub stage: Option<String>,
    pub assessment: Option<String>,
    pub options: Vec<OptionView>,
    /// How many positions match beyond those shown.
    pub more: i64,
    pub warnings: Vec<WarningView>,
    /// The provider's protocol carries the days to complete.
    pub takes_days: bool,
}

/// Why a step is shown again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hitch {
    ChoosePosition,
    ChooseStage,
    ChooseAssessment,
    PositionGone,
    StageGone,
    AssessmentGone,
    AlreadyAttached,
    NoProvider,
    Days,
    /// The provider is set up, but it offers nothing.
    NothingOffered,
    /// Lever was never synced, or has no stages.
    NothingInLever,
}

impl Hitch {
    /// Reads the code of the address.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Some(match code {
            "position" => Self::PositionGone,
            "stage" => Self::StageGone,
            "assessment" => Self::AssessmentGone,
            "attached" => Self::AlreadyAttached,
            "provider" => Self::NoProvider,
            "choose" => Self::ChooseAssessment,
            "days" => Self::Days,
            _ => return None,
        })
    }
}

/// One thing to choose, with what tells it from its equals.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OptionView {
    pub value: String,
    pub name: String,
    pub details: Vec<String>,
    /// A mark such as "suggested".
    pub mark: Option<String>,
    /// Why it cannot be chosen.
    pub refused: Option<String>,
}

/// Something worth knowing before the last Next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum WarningView {
    PositionNotOpen(String),
    AlreadyAttached,
    AlsoAttached(Vec<String>),
    ReplacesAnyPosition(String),
    ProviderCannotSend,
}
