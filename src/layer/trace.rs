//! One span a request, named by the route's pattern: an address with a token in it is never logged,
//! nor is a query string.

use app::server::ClientAddress;
use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue, StatusCode},
    middleware::Next,
    response::Response,
};
use engine::random;
use tracing::Instrument as _;

use crate::route::answer;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Opens the span, and tells the answer's status and time when it is known.
pub async fn in_span(request: Request, next: Next) -> Response {
    let id = random::token();
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str);
    // Of the highest level, so that every line carries the id, however little is logged.
    let span = tracing::error_span!("request", request_id = %id, method = %request.method(), route);
    let from = request.extensions().get::<ClientAddress>().map(|address| address.0);
    let began = tokio::time::Instant::now();
    let mut response = answer::tell_the_id(next.run(request).instrument(span.clone()).await, &id);
    let status = response.status();
    let milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| {
        if status.is_server_error() {
            tracing::error!(status = status.as_u16(), milliseconds, "answered");
        } else if status == StatusCode::FORBIDDEN {
            // A role that does not allow it, or a form of another site.
            tracing::info!(status = status.as_u16(), milliseconds, ?from, "refused");
        } else {
            tracing::debug!(status = status.as_u16(), milliseconds, "answered");
        }
    });
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}
