//! One name for the site: a page asked for under another host is asked for again under PUBLIC_URL's,
//! so that cookies, forms and links agree; a changing request under another host is refused.

use axum::{
    extract::{Request, State},
    http::{Method, StatusCode},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use url::Position;

use super::client::AskedHost;
use crate::router::Site;

/// Sends the browser to the right host.
pub async fn right_host(State(site): State<Site>, request: Request, next: Next) -> Response {
    let asked = request.extensions().get::<AskedHost>().map(|host| host.0.as_str());
    let ours = &site.engine.settings.public_url[Position::BeforeHost..Position::AfterPort];
    if asked == Some(ours) {
        return next.run(request).await;
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return (StatusCode::MISDIRECTED_REQUEST, "This is not the address of this site.\n").into_response();
    }
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    Redirect::to(&site.engine.settings.address(path)).into_response()
}
