//! What can go wrong as the browser hears it: a closed set of codes, never text, because without
//! JavaScript an error travels in an address that anybody can write. Its words are in [`crate::text`].

use leptos::{
    prelude::{FromServerFnError, ServerFnErrorErr},
    server_fn::codec::JsonEncoding,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why something could not be shown or done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Error)]
#[error("{self:?}")]
pub enum Problem {
    /// Nobody is signed in (any more).
    SignedOut,
    /// The person's role does not allow it.
    Forbidden(Need),
    /// Not there, or not theirs to see.
    NotFound,
    /// Somebody changed it first.
    Conflict,
    /// An input was refused.
    Refused(Refused),
    /// There is no working connection to Lever.
    NotConnected,
    Lever(Trouble),
    Provider(Trouble),
    /// Our own failure; the log has the cause.
    Unavailable,
}

/// What a role would have to allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Need {
    ManageConnection,
    ManageAttachments,
    UseCandidates,
}

/// Which input was refused, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refused {
    PostingGone,
    StageGone,
    AssessmentGone,
    AlreadyAttached,
    NoProvider,
    BaseUrl,
    WebhookUrl,
    InvitesUnderWay,
    SendUnderWay,
    Key,
    CommentTooLong,
    Password,
    PresentPassword,
    NoSignOn,
    Code,
    NoSuchRole,
    AlreadyMember,
    Email,
    LookUp,
    Name,
    Days,
    /// The form holds something that our own pages never send.
    Form,
}

/// How Lever or the provider failed us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trouble {
    /// The credentials are not accepted.
    Credentials,
    /// A right or a scope is missing.
    Forbidden,
    /// It is gone on their side.
    NotFound,
    /// Too many calls; it passes.
    Busy,
    /// Refused for good.
    Refused,
    /// No proper answer: the network, a time-out, an error of theirs.
    Down,
    /// They cannot do that.
    Unsupported,
    /// They are not asked: the installation is paused.
    Paused,
}

impl FromServerFnError for Problem {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let problem = of_transport(&error);
        #[cfg(feature = "ssr")]
        crate::server::answer_with(problem);
        problem
    }
}

/// What failed around a server function. On the server these are arguments that no page of ours
/// sends; in the browser an answer that cannot be read is our own failure.
fn of_transport(error: &ServerFnErrorErr) -> Problem {
    match error {
        ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_)
            if cfg!(feature = "ssr") =>
        {
            Problem::Refused(Refused::Form)
        }
        _ => Problem::Unavailable,
    }
}

/// A problem with one row of a list. Without JavaScript every form of a page that calls the same
/// function receives the error: rows compare `row` with their own id and show only theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Error)]
#[error("{problem}")]
#[serde(from = "Heard")]
pub struct RowProblem {
    /// Empty where the form was not read so far as to its row: nobody was signed in, or nothing answered.
    pub row: String,
    pub problem: Problem,
}

/// A problem as it comes: of a row, or of whatever answered before the row was known.
#[derive(Deserialize)]
#[serde(untagged)]
enum Heard {
    OfRow { row: String, problem: Problem },
    Plain(Problem),
}

impl From<Heard> for RowProblem {
    fn from(heard: Heard) -> Self {
        match heard {
            Heard::OfRow { row, problem } => Self { row, problem },
            Heard::Plain(problem) => Self { row: String::new(), problem },
        }
    }
}

impl FromServerFnError for RowProblem {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        Self { row: String::new(), problem: Problem::from_server_fn_error(error) }
    }
}

impl RowProblem {
    /// Whether it is for the form of this row to tell. In the browser an action hears only of itself.
    #[must_use]
    pub fn is_of(&self, row: &str) -> bool {
        self.row == row || (self.row.is_empty() && !cfg!(feature = "ssr"))
    }

    /// A problem found here and not by the engine: the answer has its status.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn told(row: &str, problem: Problem) -> Self {
        crate::server::answer_with(problem);
        Self { row: row.to_owned(), problem }
    }

    /// Ties a problem to its row; for `map_err(RowProblem::of(&id))`.
    pub fn of<P: Into<Problem>>(row: &str) -> impl FnOnce(P) -> Self {
        let row = row.to_owned();
        move |problem| Self { row, problem: problem.into() }
    }
}

#[cfg(feature = "ssr")]
mod from_engine {
    use engine::{
        access::Permission,
        fault::{FlowError, Refusal, StoreError},
        lever::LeverError,
        provider::ProviderError,
    };

    use super::{Need, Problem, Refused, Trouble};

    impl From<FlowError> for Problem {
        /// Logs what is our own failure, and tells the answer's status.
        fn from(error: FlowError) -> Self {
            let problem = match error {
                FlowError::Forbidden(permission) => {
                    tracing::info!(?permission, from = ?crate::server::client_address(), "a role did not allow it");
                    Self::Forbidden(permission.into())
                }
                FlowError::NotFound => Self::NotFound,
                FlowError::Conflict => Self::Conflict,
                FlowError::Refused(refusal) => Self::Refused(refusal.into()),
                FlowError::NotConnected => Self::NotConnected,
                FlowError::Lever(error) => from_lever(&error),
                FlowError::Provider(error) => from_provider(&error),
                FlowError::Store(error) => from_store(&error),
            };
            crate::server::answer_with(problem);
            problem
        }
    }

    impl From<StoreError> for Problem {
        fn from(error: StoreError) -> Self {
            FlowError::Store(error).into()
        }
    }

    fn from_store(error: &StoreError) -> Problem {
        tracing::error!(%error, "a page could not be served");
        Problem::Unavailable
    }

    fn from_lever(error: &LeverError) -> Problem {
        let trouble = match error {
            LeverError::NotConnected => return Problem::NotConnected,
            LeverError::Store(error) => return from_store(error),
            LeverError::Forbidden => Trouble::Forbidden,
            LeverError::NotFound => Trouble::NotFound,
            LeverError::RateLimited { .. } | LeverError::Busy { .. } => Trouble::Busy,
            LeverError::Refused { .. } => Trouble::Refused,
            LeverError::Paused => Trouble::Paused,
            LeverError::Temporary(_) | LeverError::BadAnswer(_) | LeverError::Down { .. } => Trouble::Down,
        };
        tracing::warn!(%error, "lever did not do what a person asked for");
        Problem::Lever(trouble)
    }

    fn from_provider(error: &ProviderError) -> Problem {
        let trouble = match error {
            ProviderError::NoAccount => return Problem::Refused(Refused::NoProvider),
            ProviderError::NotPublished => return Problem::Refused(Refused::AssessmentGone),
            ProviderError::Store(_) => {
                tracing::error!(%error, "a page could not be served");
                return Problem::Unavailable;
            }
            ProviderError::Credentials => Trouble::Credentials,
            ProviderError::Forbidden => Trouble::Forbidden,
            ProviderError::NotFound => Trouble::NotFound,
            ProviderError::RateLimited { .. } => Trouble::Busy,
            ProviderError::Unsupported => Trouble::Unsupported,
            ProviderError::Unreached(_) | ProviderError::Temporary(_) | ProviderError::BadAnswer(_) => Trouble::Down,
            ProviderError::InvalidCandidate { .. }
            | ProviderError::Duplicate
            | ProviderError::Quota
            | ProviderError::Refused(_)
            | ProviderError::TooLate => Trouble::Refused,
        };
        tracing::warn!(%error, "the provider did not do what a person asked for");
        Problem::Provider(trouble)
    }

    impl From<Permission> for Need {
        fn from(permission: Permission) -> Self {
            match permission {
                Permission::ManageConnection => Self::ManageConnection,
                Permission::ManageAttachments => Self::ManageAttachments,
                Permission::UseCandidates => Self::UseCandidates,
                Permission::ReadAudit
                | Permission::ManagePeople
                | Permission::ExportCandidates
                | Permission::EraseCandidates => Self::ManageConnection,
            }
        }
    }

    impl From<Refusal> for Refused {
        fn from(refusal: Refusal) -> Self {
            match refusal {
                Refusal::PostingGone => Self::PostingGone,
                Refusal::StageGone => Self::StageGone,
                Refusal::AssessmentGone => Self::AssessmentGone,
                Refusal::AlreadyAttached => Self::AlreadyAttached,
                Refusal::NoProvider => Self::NoProvider,
                Refusal::BaseUrl => Self::BaseUrl,
                Refusal::WebhookUrl => Self::WebhookUrl,
                Refusal::InvitesUnderWay => Self::InvitesUnderWay,
                Refusal::SendUnderWay => Self::SendUnderWay,
                Refusal::Key => Self::Key,
                Refusal::CommentTooLong => Self::CommentTooLong,
                Refusal::Password => Self::Password,
                Refusal::PresentPassword => Self::PresentPassword,
                Refusal::NoSignOn => Self::NoSignOn,
                Refusal::Code => Self::Code,
                Refusal::NoSuchRole => Self::NoSuchRole,
                Refusal::AlreadyMember => Self::AlreadyMember,
                Refusal::Email => Self::Email,
                Refusal::LookUp => Self::LookUp,
                Refusal::Name => Self::Name,
                Refusal::Days => Self::Days,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Problem, RowProblem};

    #[test]
    fn what_answers_before_the_row_is_known_is_heard_all_the_same() {
        let read = |text: &str| serde_json::from_str::<RowProblem>(text).expect("a problem");
        let (none, row) = (String::new(), "inv_1".to_owned());
        assert_eq!(read(r#""SignedOut""#), RowProblem { row: none, problem: Problem::SignedOut });
        let conflict = RowProblem { row, problem: Problem::Conflict };
        assert_eq!(read(&serde_json::to_string(&conflict).expect("text")), conflict);
        assert!(conflict.is_of("inv_1") && !conflict.is_of("inv_2"));
    }
}
