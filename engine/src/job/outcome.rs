//! How a run ended, and what the vendors' errors mean for the work that met them.

use std::time::Duration;

use super::WaitsFor;
use crate::{clock::Moment, fault::StoreError, lever::LeverError, provider::ProviderError};

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    /// Done for now; the same work falls due again then.
    Again(Moment),
    /// Failed for now: back off and try again, not before `after` where the other side said so.
    Retry {
        after: Option<Duration>,
        reason: String,
    },
    /// The same, because that gave no proper answer: due at once when it answers again.
    Unanswered(WaitsFor, String),
    /// Not carried out, through no fault of its own: due again after that, and no attempt was made.
    NotNow(Duration),
    /// Cannot go on until something outside happens.
    Wait(WaitsFor, String),
    /// Trying again is useless.
    Dead(String),
}

/// A run: what broke it off is an outcome too, so that `?` says what becomes of the job.
pub(crate) type Run = Result<Outcome, Outcome>;

impl Outcome {
    pub(crate) fn retry(reason: impl Into<String>) -> Self {
        Self::Retry { after: None, reason: reason.into() }
    }
}

impl From<StoreError> for Outcome {
    fn from(error: StoreError) -> Self {
        Self::retry(error.to_string())
    }
}

impl From<sqlx::Error> for Outcome {
    fn from(error: sqlx::Error) -> Self {
        StoreError::from(error).into()
    }
}

impl From<LeverError> for Outcome {
    fn from(error: LeverError) -> Self {
        match error {
            LeverError::NotConnected => Self::Wait(WaitsFor::Lever, "Lever is not connected".into()),
            LeverError::Busy { wait } | LeverError::Down { wait } => Self::NotNow(wait),
            // It is taken up again when the pause ends, however soon it is due.
            LeverError::Paused => Self::NotNow(Duration::ZERO),
            LeverError::RateLimited { retry_after } => {
                Self::Retry { after: retry_after, reason: "Lever's rate limit".into() }
            }
            LeverError::Temporary(_) => Self::Unanswered(WaitsFor::Lever, error.to_string()),
            LeverError::BadAnswer(_) | LeverError::Store(_) => Self::retry(error.to_string()),
            LeverError::Forbidden | LeverError::NotFound | LeverError::Refused { .. } => Self::Dead(error.to_string()),
        }
    }
}

impl From<ProviderError> for Outcome {
    fn from(error: ProviderError) -> Self {
        match error {
            ProviderError::Credentials | ProviderError::Forbidden | ProviderError::Quota | ProviderError::NoAccount => {
                Self::Wait(WaitsFor::Provider, error.to_string())
            }
            ProviderError::RateLimited { retry_after } => Self::Retry { after: retry_after, reason: error.to_string() },
            ProviderError::Unreached(_)
            | ProviderError::Temporary(_)
            | ProviderError::BadAnswer(_)
            | ProviderError::Store(_) => Self::retry(error.to_string()),
            ProviderError::NotFound
            | ProviderError::NotPublished
            | ProviderError::InvalidCandidate { .. }
            | ProviderError::Duplicate
            | ProviderError::Refused(_)
            | ProviderError::TooLate
            | ProviderError::Unsupported => Self::Dead(error.to_string()),
        }
    }
}
