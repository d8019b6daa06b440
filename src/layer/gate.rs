//! Pages are for people who are signed in: others are asked to, and come back to where they were
//! going. Server functions are closed alike, before the guard that each has of its own; a script is
//! told by a status, a form by the sign-in page.

use axum::{
    Json,
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use tower_sessions::Session;
use url::form_urlencoded;

use super::session;
use crate::{route::answer, router::Site};

/// The pages that anybody may open, as the router names them; the last is the page of addresses that
/// lead nowhere.
const OPEN: [&str; 7] = [
    "/sign-in",
    "/sign-in/code",
    "/set-up/{token}",
    "/invitation/{token}",
    "/forgotten",
    "/new-password/{token}",
    "/{*any}",
];

/// The server functions of people who are not signed in, or no longer.
const OPEN_FUNCTIONS: [&str; 12] = [
    "/api/sign_in",
    "/api/sign_in_providers",
    "/api/sign_out",
    "/api/set_up",
    "/api/read_set_up_link",
    "/api/read_invitation",
    "/api/accept_invitation",
    "/api/can_mail_links",
    "/api/ask_for_password_link",
    "/api/read_password_link",
    "/api/use_password_link",
    "/api/enter_code",
];

/// Asks those who are not signed in to do so first.
pub async fn signed_in(State(site): State<Site>, session: Session, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    if OPEN.contains(&route) || OPEN_FUNCTIONS.contains(&route) {
        return next.run(request).await;
    }
    match session::member(&session, &site.engine, None).await {
        Ok(Some(_)) => next.run(request).await,
        Ok(None) if route.starts_with("/api/") => signed_out(request.headers()),
        Ok(None) => sign_in_first(request.uri()),
        Err(session::Unavailable) => answer::unavailable(),
    }
}

/// Says to a script that nobody is signed in, and leads a form's browser back to its page by way of
/// the sign-in page.
fn signed_out(headers: &HeaderMap) -> Response {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if text(header::ACCEPT).is_some_and(|accepted| accepted.contains("text/html")) {
        let page = text(header::REFERER).and_then(|page| page.parse::<Uri>().ok());
        return sign_in_first(&page.unwrap_or_else(|| Uri::from_static(app::route::DASHBOARD)));
    }
    (StatusCode::UNAUTHORIZED, Json(app::problem::Problem::SignedOut)).into_response()
}

/// Leads to the sign-in page, which leads back.
pub fn sign_in_first(uri: &Uri) -> Response {
    let here = uri.path_and_query().map_or("/", |path| path.as_str());
    let next: String = form_urlencoded::byte_serialize(here.as_bytes()).collect();
    let to = if here == "/" { app::route::SIGN_IN.to_owned() } else { format!("{}?next={next}", app::route::SIGN_IN) };
    Redirect::to(&to).into_response()
}
