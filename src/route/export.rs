//! All that is held about one candidate, as a file.

use app::server::ClientAddress;
use axum::{
    Extension, Form,
    extract::{State, rejection::FormRejection},
    http::{HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use engine::{fault::FlowError, invite};
use serde::Deserialize;
use tower_sessions::Session;

use super::answer;
use crate::{
    layer::{gate, session},
    router::Site,
};

/// Whose data.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    invite: String,
}

/// Exports it.
pub async fn candidate(
    State(site): State<Site>,
    session: Session,
    from: Option<Extension<ClientAddress>>,
    wish: Result<Form<Wish>, FormRejection>,
) -> Response {
    let member = match session::member(&session, &site.engine, from.map(|Extension(address)| address.0)).await {
        Ok(Some(member)) => member,
        Ok(None) => return gate::sign_in_first(&Uri::from_static(app::route::CANDIDATES)),
        Err(session::Unavailable) => return answer::unavailable(),
    };
    let Ok(Form(wish)) = wish else { return StatusCode::BAD_REQUEST.into_response() };
    match invite::export(&site.engine, &member, &wish.invite.as_str().into()).await {
        Ok(json) => (
            [
                (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
                (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"candidate.json\"")),
            ],
            json,
        )
            .into_response(),
        Err(FlowError::NotFound) => answer::not_found_page(),
        Err(FlowError::Forbidden(_)) => StatusCode::FORBIDDEN.into_response(),
        Err(error) => {
            tracing::error!(%error, "a candidate's data were not exported");
            answer::unavailable()
        }
    }
}
