//! A server function gets the fields that it has, from a form, and no others: a form that holds one more
//! is none of ours, and is refused before anything is done with it.

use app::{
    problem::{Problem, Refused},
    server::fields_of,
};
use axum::{
    Json,
    body::{Body, Bytes, to_bytes},
    extract::{MatchedPath, Request},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use leptos::server_fn::error::ServerFnUrlError;
use url::form_urlencoded;

use crate::router::FORM;

/// Refuses a form with a field that its server function does not have, or a body that is no form.
pub async fn known_alone(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let Some(function) = route.as_ref().map(MatchedPath::as_str).filter(|route| route.starts_with("/api/")) else {
        return next.run(request).await;
    };
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, FORM).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    if !body.is_empty() && !head.headers.contains_key(header::CONTENT_TYPE) {
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, "This body does not say what it is.\n").into_response();
    }
    if !has_known_fields_alone(function, &body) {
        return refused(function, &head.headers);
    }
    next.run(Request::from_parts(head, Body::from(body))).await
}

/// A name goes as far as its first bracket; what is within, the function's own types know.
fn has_known_fields_alone(function: &str, body: &Bytes) -> bool {
    let Some(known) = fields_of(function) else { return false };
    form_urlencoded::parse(body).all(|(name, _)| known.contains(&name.split('[').next().unwrap_or_default()))
}

/// As the functions themselves refuse: a script is told by a status, a form is led back to its page.
fn refused(function: &str, headers: &HeaderMap) -> Response {
    let problem = Problem::Refused(Refused::Form);
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !text(header::ACCEPT).contains("text/html") {
        return (StatusCode::BAD_REQUEST, Json(problem)).into_response();
    }
    let page = ServerFnUrlError::new(function, problem).to_url(text(header::REFERER));
    let page = page.map_or_else(|_| app::route::DASHBOARD.to_owned(), |page| page.to_string());
    (StatusCode::FOUND, [(header::LOCATION, page)]).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_known_by_its_whole_name() {
        let is_known = |function: &str, body: &'static str| has_known_fields_alone(function, &Bytes::from(body));
        for (function, body) in [
            ("/api/read_frame", ""),
            ("/api/give_verdict", "invite=i&version=1&verdict=passed"),
            ("/api/decide_late", "invites[]=a&invites%5B%5D=b&decision=send"),
            ("/api/list_candidates", "filter[state]=sent"),
        ] {
            assert!(is_known(function, body), "{function} {body}");
        }
        for (function, body) in [
            ("/api/read_frame", "role=Super+Admin"),
            ("/api/read_frame", "=x"),
            ("/api/give_verdict", "invite=i&version=1&verdict=passed&organization=o"),
            ("/api/give_verdict", "invite=i&r%6Fle=x"),
            ("/api/give_verdict", "invite ]=i"),
            ("/api/give_verdict", "[role]=x"),
            ("/api/give_verdict", "%5Brole%5D=x"),
            ("/api/give_verdict", "Invite=i"),
            ("/api/none", "a=b"),
        ] {
            assert!(!is_known(function, body), "{function} {body}");
        }
    }
}
