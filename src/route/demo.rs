//! The demo's sign-in link: one click, and the person is signed in. The route exists in the demo only.

use app::server::{self, ClientAddress, Visitor};
use axum::{
    Extension,
    extract::{Path, State},
    http::HeaderMap,
    response::{IntoResponse as _, Redirect, Response},
};
use engine::access::{self, Way};
use tower_sessions::Session;

use super::answer;
use crate::{layer::session, router::Site};

/// Signs in whom the link is for.
pub async fn sign_in(
    State(site): State<Site>,
    session: Session,
    headers: HeaderMap,
    from: Option<Extension<ClientAddress>>,
    Path(token): Path<String>,
) -> Response {
    let admitted = match access::demo_user(&site.engine, &token).await {
        Ok(Some(admitted)) => admitted,
        Ok(None) => return answer::not_found_page(),
        Err(error) => {
            session::Unavailable::logged(&error);
            return answer::unavailable();
        }
    };
    let visitor = Visitor::of(&headers, from.map(|Extension(address)| address.0));
    match server::begin_in(&site.engine, &session, &visitor, &admitted, Way::Vouched).await {
        Ok(()) => Redirect::to(app::route::DASHBOARD).into_response(),
        Err(_) => answer::unavailable(),
    }
}
