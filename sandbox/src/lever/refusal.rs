//! How the API says no: a status and `{code, message}`, nothing more.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::account::Missing;

/// An error answer of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refusal {
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequestError", message)
    }

    pub(super) fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "UnauthorizedError", "The request requires authentication.")
    }

    pub(super) fn forbidden() -> Self {
        let message = "The account settings do not allow this operation.";
        Self::new(StatusCode::FORBIDDEN, "ForbiddenError", message)
    }

    pub(super) fn wrong_environment() -> Self {
        Self::new(StatusCode::FORBIDDEN, "ForbiddenError", "Unable to find a signing key that matches")
    }

    pub(super) fn not_found(resource: &str, id: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "ResourceNotFound", format!("{resource} {id} was not found"))
    }

    pub(super) fn no_such_path(path: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "ResourceNotFound", format!("{path} does not exist"))
    }

    pub(super) fn too_many_requests() -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", "Rate limit exceeded")
    }

    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }
}

/// A body that names something which is not there is malformed.
impl From<Missing> for Refusal {
    fn from(missing: Missing) -> Self {
        let what = match missing {
            Missing::Opportunity => "opportunity",
            Missing::Contact => "contact",
            Missing::Stage => "stage",
            Missing::Posting => "posting",
            Missing::Reason => "archive reason",
            Missing::User => "user",
            Missing::Note => "note",
        };
        Self::bad_request(format!("There is no such {what}"))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "code": self.code, "message": self.message }))).into_response()
    }
}
