//! The return from Lever's consent page. Whatever came of it, the browser goes on to the Lever page,
//! so that the code is in no address that stays.

use app::server::ClientAddress;
use axum::{
    Extension,
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderValue, Uri, header},
    response::{IntoResponse as _, Redirect, Response},
};
use engine::{
    connection::{self, ConnectError, Return},
    fault::FlowError,
};
use tower_sessions::Session;

use super::answer;
use crate::{
    layer::{gate, session},
    router::Site,
};

/// Completes the connection that this session began.
pub async fn complete(
    State(site): State<Site>,
    session: Session,
    from: Option<Extension<ClientAddress>>,
    returned: Result<Query<Return>, QueryRejection>,
) -> Response {
    let member = match session::member(&session, &site.engine, from.map(|Extension(address)| address.0)).await {
        Ok(Some(member)) => member,
        Ok(None) => return gate::sign_in_first(&Uri::from_static(app::route::LEVER)),
        Err(session::Unavailable) => return answer::unavailable(),
    };
    // One that cannot be read is of no flow of ours.
    let returned = returned.map(|Query(returned)| returned).unwrap_or_default();
    let id = session.id().map(|id| id.to_string()).unwrap_or_default();
    let outcome = connection::complete(&site.engine, &member, &id, &returned).await;
    let query = match &outcome {
        Ok(_) => "connected=1".to_owned(),
        Err(error) => format!("problem={}", code(error)),
    };
    if let Err(error) = outcome {
        tracing::warn!(%error, organization = %member.organization, "Lever was not connected");
        if app::page::lever::keep_return(&session, &error).await.is_err() {
            tracing::warn!("the page tells less than it could: the session was not written");
        }
    }
    leave(&format!("{}?{query}", app::route::LEVER))
}

fn leave(to: &str) -> Response {
    let mut response = Redirect::to(to).into_response();
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// The closed set of codes that the Lever page turns into words.
fn code(error: &ConnectError) -> &'static str {
    match error {
        ConnectError::State => "state",
        ConnectError::Denied { .. } => "denied",
        ConnectError::MissingScopes(_) => "scopes",
        ConnectError::OtherAccount { .. } => "account",
        ConnectError::Flow(FlowError::Forbidden(_)) => "forbidden",
        ConnectError::Flow(FlowError::Lever(_) | FlowError::NotConnected) => "lever",
        ConnectError::Flow(_) => "unavailable",
    }
}
