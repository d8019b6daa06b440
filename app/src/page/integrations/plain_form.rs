//! Where a plain form leads.

use http::{header, request::Parts};
use leptos::prelude::use_context;

use crate::server;

/// Goes to `path` after a plain form. A live page stays where the person is by now, and tells by itself.
pub(crate) fn go_on_from_plain_form(path: &str) {
    let wants_html = |value: &http::HeaderValue| value.to_str().is_ok_and(|value| value.contains("text/html"));
    let accept = use_context::<Parts>().and_then(|parts| parts.headers.get(header::ACCEPT).cloned());
    if accept.is_some_and(|accept| wants_html(&accept)) {
        server::go_to(path);
    }
}
