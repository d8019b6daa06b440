//! What Lever tells other systems about.

use serde::{Deserialize, Serialize};

/// A kind of webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Event {
    ApplicationCreated,
    CandidateHired,
    CandidateStageChange,
    CandidateArchiveChange,
    CandidateDeleted,
    InterviewCreated,
    InterviewUpdated,
    InterviewDeleted,
    ContactCreated,
    ContactUpdated,
}

impl Event {
    /// Those that something on the pages here can cause.
    pub(super) const SHOWN: [Self; 7] = [
        Self::CandidateStageChange,
        Self::CandidateArchiveChange,
        Self::CandidateHired,
        Self::ApplicationCreated,
        Self::CandidateDeleted,
        Self::ContactCreated,
        Self::ContactUpdated,
    ];

    /// Its name in settings.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::ApplicationCreated => "Application Created",
            Self::CandidateHired => "Candidate Hired",
            Self::CandidateStageChange => "Candidate Stage Change",
            Self::CandidateArchiveChange => "Candidate Archive State Change",
            Self::CandidateDeleted => "Candidate Deleted",
            Self::InterviewCreated => "Interview Created",
            Self::InterviewUpdated => "Interview Updated",
            Self::InterviewDeleted => "Interview Deleted",
            Self::ContactCreated => "Contact Created",
            Self::ContactUpdated => "Contact Updated",
        }
    }

    /// Its name in the API.
    pub(super) fn name(self) -> String {
        let text = serde_json::to_value(self).expect("a plain enum is a string");
        text.as_str().unwrap_or_default().to_owned()
    }

    /// The event of that name in the API.
    pub(super) fn parse(name: &str) -> Option<Self> {
        serde_json::from_value(name.into()).ok()
    }

    /// Whether a webhook for it can be limited to some origins.
    pub(super) fn takes_origins(self) -> bool {
        matches!(
            self,
            Self::ApplicationCreated | Self::CandidateHired | Self::CandidateStageChange | Self::CandidateArchiveChange
        )
    }
}
