//! What can go wrong at a provider, whatever protocol it speaks.

use std::time::Duration;

use thiserror::Error;

use crate::fault::StoreError;

/// A call to a provider did not succeed.
#[derive(Debug, Clone, Error)]
pub enum ProviderError {
    #[error("the provider does not accept the key")]
    Credentials,
    #[error("the provider forbids it")]
    Forbidden,
    #[error("the provider does not have it")]
    NotFound,
    #[error("the assessment is not published")]
    NotPublished,
    #[error("the provider does not accept the candidate's {field}")]
    InvalidCandidate { field: String },
    #[error("the candidate was invited already")]
    Duplicate,
    #[error("no invites are left")]
    Quota,
    /// The provider's own words, length-limited, for people.
    #[error("refused: {0}")]
    Refused(String),
    #[error("too late")]
    TooLate,
    #[error("the provider's rate limit")]
    RateLimited { retry_after: Option<Duration> },
    /// There was no connection: nothing can have happened there.
    #[error("the provider could not be reached: {0}")]
    Unreached(String),
    /// 5xx, network, time-out: the outcome of a send is unknown.
    #[error("the provider did not answer properly: {0}")]
    Temporary(String),
    #[error("an unexpected answer from the provider: {0}")]
    BadAnswer(String),
    #[error("the provider cannot do that")]
    Unsupported,
    #[error("no provider account")]
    NoAccount,
    #[error("storage: {0}")]
    Store(String),
}

impl ProviderError {
    /// Whether the same call may succeed later, by itself or once a person has mended the account.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Credentials
            | Self::Forbidden
            | Self::Quota
            | Self::NoAccount
            | Self::RateLimited { .. }
            | Self::Unreached(_)
            | Self::Temporary(_)
            | Self::BadAnswer(_)
            | Self::Store(_) => true,
            Self::NotFound
            | Self::NotPublished
            | Self::InvalidCandidate { .. }
            | Self::Duplicate
            | Self::Refused(_)
            | Self::TooLate
            | Self::Unsupported => false,
        }
    }
}

impl From<StoreError> for ProviderError {
    fn from(error: StoreError) -> Self {
        Self::Store(error.to_string())
    }
}
