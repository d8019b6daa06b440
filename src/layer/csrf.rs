//! Requests that change something come from our own pages: tower-http's layer checks what browsers
//! say of the origin; this guard refuses what it lets through, and kinds of body no page of ours sends.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use url::Url;

use super::session::COOKIE_NAMES;
use crate::router::Site;

/// The kind of body that our own forms and scripts send.
const FORM: &str = "application/x-www-form-urlencoded";

/// Refuses a changing request that carries a session but no word of where it comes from.
pub async fn guard(State(site): State<Site>, request: Request, next: Next) -> Response {
    if !changes_something(request.method()) {
        return next.run(request).await;
    }
    let headers = request.headers();
    if !says_origin(headers) && has_session(headers) {
        return (StatusCode::FORBIDDEN, "This request does not say which page it comes from.\n").into_response();
    }
    if is_of_another_scheme(headers, &site.engine.settings.public_url) {
        return (StatusCode::FORBIDDEN, "This request comes from another page than ours.\n").into_response();
    }
    if !has_known_body(headers) {
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, "This kind of body is not understood here.\n").into_response();
    }
    next.run(request).await
}

fn changes_something(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn says_origin(headers: &HeaderMap) -> bool {
    let given = |name: &str| headers.get(name).is_some_and(|value| !value.is_empty());
    given("sec-fetch-site") || given(header::ORIGIN.as_str())
}

/// The layer compares hosts; a page over plain http is not ours where we are https.
fn is_of_another_scheme(headers: &HeaderMap, ours: &Url) -> bool {
    let origin = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok()).and_then(|it| Url::parse(it).ok());
    origin.is_some_and(|origin| origin.scheme() != ours.scheme())
}

fn has_session(headers: &HeaderMap) -> bool {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies.flat_map(|line| line.split(';')).any(|cookie| {
        let name = cookie.trim().split('=').next().unwrap_or_default();
        COOKIE_NAMES.contains(&name)
    })
}

fn has_known_body(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(header::CONTENT_TYPE) else { return true };
    kind.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(FORM)
}
