//! The errors that cross from the engine to the program and the interface.
//!
//! Vendors' errors are `lever::LeverError` and `provider::ProviderError`; a flow that a person
//! asked for answers with [`FlowError`], whose variants the interface turns into words.

use thiserror::Error;

use crate::{access::Permission, lever::LeverError, provider::ProviderError};

/// The database did not do what was asked.
#[derive(Debug, Error)]
pub enum StoreError {
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    #[error("database migration: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A newer program was here: what this one writes might be wrong for it.
    #[error("its schema {there} is newer than {known}, the newest that this program knows")]
    Newer { there: i64, known: i64 },
    #[error("inconsistent data: {table}.{column} of {id}")]
    Inconsistent { table: &'static str, column: &'static str, id: String },
    #[error("a sealed value could not be opened: {0}")]
    Sealed(&'static str),
    #[error("not stored: {0}")]
    NotStored(&'static str),
}

/// The program cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    Settings(String),
}

/// What a person asked for could not be done.
#[derive(Debug, Error)]
pub enum FlowError {
    /// The person's role does not allow it.
    #[error("not permitted: {0:?}")]
    Forbidden(Permission),
    /// It is not there, or not for this person to see: the two are the same answer.
    #[error("not found")]
    NotFound,
    /// Somebody changed it first; the page shows what is true now.
    #[error("it was changed meanwhile")]
    Conflict,
    /// The input cannot be accepted; the code names what is wrong with which field.
    #[error("refused: {0:?}")]
    Refused(Refusal),
    /// Not possible before something else is set up.
    #[error("no working connection to Lever")]
    NotConnected,
    #[error(transparent)]
    Lever(#[from] LeverError),
    #[error(transparent)]
    Provider(#[from] ProviderError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for FlowError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Why an input was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The posting is not (or no longer) in Lever.
    PostingGone,
    /// The stage is not (or no longer) in Lever's pipeline.
    StageGone,
    /// The assessment is not (or no longer) offered, or is not published.
    AssessmentGone,
    /// The same position, stage and assessment are attached already.
    AlreadyAttached,
    /// No provider account yet.
    NoProvider,
    /// The base URL is not an http(s) address, or its host is not on the allow-list.
    BaseUrl,
    /// An outgoing webhook's address is none, or its host is not on the allow-list.
    WebhookUrl,
    /// Another protocol for the account while invites are under way: a person must confirm it.
    InvitesUnderWay,
    /// Another protocol for the account while the outcome of a send is still to be learnt over this one.
    SendUnderWay,
    /// A key or token is empty or malformed.
    Key,
    /// The comment is too long.
    CommentTooLong,
    /// The password is too short, too long or too easily guessed.
    Password,
    /// The present password is not the one that was given.
    PresentPassword,
    /// The code of the second factor is not right.
    Code,
    /// Without passwords nobody could sign in: no OpenID provider is configured.
    NoSignOn,
    /// Nobody in Lever's list has this role.
    NoSuchRole,
    /// The person is a member already.
    AlreadyMember,
    /// The e-mail is no address.
    Email,
    /// Neither an e-mail address nor a Lever link or id.
    LookUp,
    /// A name is missing.
    Name,
    /// An extension by no day, or by too many.
    Days,
}
