//! One span a request, named by the route's pattern: an address with a token in it is never logged,
//! nor is a query string. Whose session it came with is told by [`told_user`].

use app::server::ClientAddress;
use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, StatusCode},
    middleware::Next,
    response::Response,
};
use engine::random;
use tracing::{Instrument as _, Span};

use crate::{route::answer, router::Site};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The span of a request, among its extensions: layers on the way open others.
#[derive(Debug, Clone)]
struct RequestSpan(Span);

/// Says in the request's span, and so in each of its lines, who is signed in.
pub fn told_user(request: &Request, id: &str) {
    if let Some(RequestSpan(span)) = request.extensions().get() {
        span.record("user", id);
    }
}

/// Opens the span, and tells the answer's status and time when it is known.
pub async fn in_span(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    let id = random::token();
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let (route, method) = (matched.as_ref().map_or("none", MatchedPath::as_str), request.method().clone());
    // Of the highest level, so that every line carries the id, however little is logged.
    let user = tracing::field::Empty;
    let span = tracing::error_span!("request", request_id = %id, %method, route, user);
    request.extensions_mut().insert(RequestSpan(span.clone()));
    let from = request.extensions().get::<ClientAddress>().map(|address| address.0);
    let began = tokio::time::Instant::now();
    let mut response = answer::tell_the_id(next.run(request).instrument(span.clone()).await, &id);
    let status = response.status();
    let took = began.elapsed();
    site.counted.count(&method, route, status, took);
    let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
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
