//! The link in the Lever note: after sign-in, and if this person may see this candidate, on to the
//! provider's report.

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderValue, Uri, header},
    response::{IntoResponse as _, Redirect, Response},
};
use engine::{fault::FlowError, invite};
use tower_sessions::Session;

use super::answer;
use crate::{
    layer::{gate, session},
    router::Site,
};

/// Leads to the report.
pub async fn open(
    State(site): State<Site>,
    session: Session,
    uri: Uri,
    token: Result<Path<String>, PathRejection>,
) -> Response {
    let member = match session::member(&session, &site.engine, None).await {
        Ok(Some(member)) => member,
        Ok(None) => return gate::sign_in_first(&uri),
        Err(session::Unavailable) => return answer::unavailable(),
    };
    let Ok(Path(token)) = token else { return answer::not_found_page() };
    match invite::report(&site.engine, &member, &token).await {
        Ok(report) => leave(report.as_str()),
        Err(FlowError::NotFound | FlowError::Forbidden(_)) => answer::not_found_page(),
        Err(error) => {
            tracing::error!(%error, "a report's link did not open");
            answer::unavailable()
        }
    }
}

/// The provider need not learn the link's token.
fn leave(to: &str) -> Response {
    let mut response = Redirect::to(to).into_response();
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
