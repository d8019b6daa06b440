//! Pages are for people who are signed in: others are asked to, and come back to where they were
//! going. Server functions have a guard of their own: a script wants a status, not a redirect.

use axum::{
    extract::{MatchedPath, Request, State},
    http::Uri,
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use tower_sessions::Session;
use url::form_urlencoded;

use super::session;
use crate::{route::answer, router::Site};

/// The pages that anybody may open, as the router names them; the last is the page of addresses that
/// lead nowhere.
const OPEN: [&str; 3] = ["/sign-in", "/set-up/{token}", "/{*any}"];

/// Asks those who are not signed in to do so first.
pub async fn signed_in(State(site): State<Site>, session: Session, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    if OPEN.contains(&route) || route.starts_with("/api/") {
        return next.run(request).await;
    }
    match session::member(&session, &site.engine).await {
        Ok(Some(_)) => next.run(request).await,
        Ok(None) => sign_in_first(request.uri()),
        Err(session::Unavailable) => answer::unavailable(),
    }
}

/// Leads to the sign-in page, which leads back.
pub fn sign_in_first(uri: &Uri) -> Response {
    let here = uri.path_and_query().map_or("/", |path| path.as_str());
    let next: String = form_urlencoded::byte_serialize(here.as_bytes()).collect();
    let to = if here == "/" { app::route::SIGN_IN.to_owned() } else { format!("{}?next={next}", app::route::SIGN_IN) };
    Redirect::to(&to).into_response()
}
