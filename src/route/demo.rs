//! The demo's sign-in link: one click, and the person is signed in. The route exists in the demo only.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use engine::access;
use tower_sessions::Session;

use super::answer;
use crate::{layer::session, router::Site};

/// Signs in whom the link is for.
pub async fn sign_in(State(site): State<Site>, session: Session, Path(token): Path<String>) -> Response {
    let user = match access::demo_user(&site.engine, &token).await {
        Ok(Some(user)) => user,
        Ok(None) => return answer::not_found_page(),
        Err(error) => {
            session::Unavailable::logged(&error);
            return answer::unavailable();
        }
    };
    match session::begin(&session, &user).await {
        Ok(()) => Redirect::to(app::route::DASHBOARD).into_response(),
        Err(error) => {
            session::Unavailable::logged(&error);
            answer::unavailable()
        }
    }
}
