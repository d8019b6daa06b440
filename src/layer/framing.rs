//! Where a request ends must not be read in two ways: a proxy in front that reads it otherwise would let a
//! second request through, hidden in the first. Most of this hyper sees to; it takes an encoding that is
//! named twice, or that chunks are only the last of.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

/// Refuses what may end elsewhere than we think, and whatever comes behind it.
pub async fn one_reading(request: Request, next: Next) -> Response {
    if is_plain(request.headers()) {
        return next.run(request).await;
    }
    (StatusCode::BAD_REQUEST, [(header::CONNECTION, HeaderValue::from_static("close"))]).into_response()
}

fn is_plain(headers: &HeaderMap) -> bool {
    let mut encodings = headers.get_all(header::TRANSFER_ENCODING).iter();
    let is_chunked = |encoding: &HeaderValue| encoding.as_bytes().eq_ignore_ascii_case(b"chunked");
    encodings.next().is_none_or(is_chunked) && encodings.next().is_none()
}
