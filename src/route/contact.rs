//! Whom to tell of a weakness (RFC 9116), where the settings name somebody.

use std::time::Duration;

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse as _, Response},
};

use super::answer;
use crate::router::Site;

/// What it says is looked at again by then.
const GOOD_FOR: Duration = Duration::from_hours(180 * 24);

/// Tells whom.
pub async fn tell(State(site): State<Site>) -> Response {
    let Some(contact) = &site.contact else { return answer::not_found().await };
    let expires = site.engine.clock.now().after(GOOD_FOR).rfc3339();
    let canonical = site.engine.settings.address("/.well-known/security.txt");
    let text = format!("Contact: {contact}\nExpires: {expires}\nPreferred-Languages: en\nCanonical: {canonical}\n");
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}
