//! A word of confirmation that survives the redirect after a form, and is shown once.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};

const COOKIE: &str = "standin_canditech";

/// What can be confirmed: the cookie's value and the words.
const NOTICES: &[(&str, &str)] = &[
    ("verdict", "Verdict saved."),
    ("callbacks", "Callbacks saved."),
    ("retry", "Waiting callbacks are sent again."),
    ("key", "Key generated."),
    ("revoked", "Key revoked."),
];

/// Goes to a page that will say so.
pub(super) fn redirect(address: &str, notice: &str) -> Response {
    with_cookie(Redirect::to(address).into_response(), &format!("{COOKIE}={notice}; Path=/; HttpOnly; SameSite=Lax"))
}

/// What the last form brought, if anything.
pub(super) fn read(headers: &HeaderMap) -> Option<&'static str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, given) = pairs.find(|(name, _)| *name == COOKIE)?;
    NOTICES.iter().find(|(value, _)| *value == given).map(|(_, words)| *words)
}

/// Says it only this once.
pub(super) fn spent(page: impl IntoResponse) -> Response {
    with_cookie(page.into_response(), &format!("{COOKIE}=; Path=/; Max-Age=0"))
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}
