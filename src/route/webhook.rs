//! Lever's webhooks. 200 means that it is on disk; whatever is not confirmed by a token of ours gets
//! one and the same answer.

use axum::{
    body::Bytes,
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use engine::delivery::{self, Received};

use super::answer;
use crate::router::Site;

/// Takes a webhook for the connection that `endpoint` names.
pub async fn receive(
    State(site): State<Site>,
    endpoint: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    // An address that is no text is as unknown as any other.
    let Ok(Path(endpoint)) = endpoint else { return StatusCode::UNAUTHORIZED.into_response() };
    if !site.throttle.may_send(&endpoint, site.engine.clock.now()) {
        return answer::too_many();
    }
    if is_encoded(&headers) {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    match delivery::receive_lever(&site.engine, &endpoint, &body).await {
        Ok(received) => status(received, StatusCode::OK).into_response(),
        Err(error) => {
            tracing::error!(%error, "a webhook was not stored; the sender repeats it");
            answer::unavailable()
        }
    }
}

/// A compressed body could be a thousand times larger than it looks; no sender needs one.
pub fn is_encoded(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity")
}

/// What the sender is told.
pub fn status(received: Received, taken: StatusCode) -> StatusCode {
    match received {
        Received::Accepted | Received::Repeated | Received::Ping => taken,
        Received::Refused => StatusCode::UNAUTHORIZED,
        Received::Malformed => StatusCode::BAD_REQUEST,
    }
}
