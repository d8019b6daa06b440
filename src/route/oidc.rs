//! Signing in at the company's OpenID provider: the way there, and the way back.

use app::server::{self, ClientAddress, Visitor};
use axum::{
    Extension,
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse as _, Redirect, Response},
};
use engine::access::{
    Way,
    single_sign_on::{self, Returned, SignOnError},
};
use serde::Deserialize;
use tower_sessions::Session;

use super::answer;
use crate::{layer::session, router::Site};

/// What the session keeps of a sign-in under way.
const FLOW: &str = "sign_on";
/// Where the person wanted to go.
const NEXT: &str = "sign_on_next";

const LONGEST_NEXT: usize = 2_000;

/// Where the person wants to go after signing in.
#[derive(Debug, Default, Deserialize)]
pub struct Wish {
    #[serde(default)]
    next: String,
}

/// Leads to the provider's sign-in page.
pub async fn begin(
    State(site): State<Site>,
    session: Session,
    from: Option<Extension<ClientAddress>>,
    provider: Result<Path<String>, PathRejection>,
    wish: Result<Query<Wish>, QueryRejection>,
) -> Response {
    let Ok(Path(provider)) = provider else { return answer::not_found_page() };
    let wish = wish.map(|Query(wish)| wish).unwrap_or_default();
    let from = from.map(|Extension(address)| address.0);
    if !site.throttle.may_come(from, site.engine.clock.now()) {
        return leave(&format!("{}?refused=often", app::route::SIGN_IN));
    }
    let (url, flow) = match single_sign_on::begin(&site.engine, &provider).await {
        Ok(Some(begun)) => begun,
        Ok(None) => return answer::not_found_page(),
        Err(error) => return refused(&error, &wish.next),
    };
    let kept = async {
        session.insert(FLOW, flow).await?;
        session.insert(NEXT, kept_next(&wish.next)).await
    };
    match kept.await {
        Ok(()) => leave(url.as_str()),
        Err(error) => {
            session::Unavailable::logged(&error);
            answer::unavailable()
        }
    }
}

/// Signs in whom the provider vouches for. What the session keeps works once, whatever comes of it.
pub async fn complete(
    State(site): State<Site>,
    session: Session,
    headers: HeaderMap,
    from: Option<Extension<ClientAddress>>,
    provider: Result<Path<String>, PathRejection>,
    returned: Result<Query<Returned>, QueryRejection>,
) -> Response {
    let Ok(Path(provider)) = provider else { return answer::not_found_page() };
    let kept = async {
        Ok::<_, tower_sessions::session::Error>((
            session.remove::<String>(FLOW).await?,
            session.remove::<String>(NEXT).await?,
        ))
    };
    let (flow, next) = match kept.await {
        Ok((flow, next)) => (flow.unwrap_or_default(), next.unwrap_or_default()),
        Err(error) => {
            session::Unavailable::logged(&error);
            return answer::unavailable();
        }
    };
    // One that cannot be read is of no flow of ours.
    let returned = returned.map(|Query(returned)| returned).unwrap_or_default();
    let admitted = match single_sign_on::complete(&site.engine, &provider, &flow, &returned).await {
        Ok(admitted) => admitted,
        Err(error) => return refused(&error, &next),
    };
    let visitor = Visitor::of(&headers, from.map(|Extension(address)| address.0));
    match server::begin_in(&site.engine, &session, &visitor, &admitted, Way::Vouched).await {
        Ok(()) => leave(app::route::safe_next(&next)),
        Err(_) => answer::unavailable(),
    }
}

/// No longer than any address of ours.
fn kept_next(next: &str) -> &str {
    let next = app::route::safe_next(next);
    if next.len() <= LONGEST_NEXT { next } else { app::route::DASHBOARD }
}

/// Neither the code nor the state is to be told to whoever comes next.
fn leave(to: &str) -> Response {
    let mut response = Redirect::to(to).into_response();
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// Back to the sign-in page, which says what happened.
fn refused(error: &SignOnError, next: &str) -> Response {
    tracing::warn!(%error, "nobody was signed in");
    let code = match error {
        SignOnError::State => "sso-state",
        SignOnError::Denied(_) => "sso-denied",
        SignOnError::Invalid(_) => "sso-invalid",
        SignOnError::Unreached(_) => "sso-unreached",
        SignOnError::NoEmail => "sso-email",
        SignOnError::NoAccess => "sso-access",
        SignOnError::Store(_) => return answer::unavailable(),
    };
    leave(&format!("{}?refused={code}&next={}", app::route::SIGN_IN, app::route::encode(next)))
}
