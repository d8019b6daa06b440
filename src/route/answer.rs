//! The answers that several routes give. What they say tells nobody more than the status does.

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse as _, Response},
};

/// The first parts of the addresses that only machines ask for.
const MACHINES: [&str; 3] = ["webhooks", "callbacks", "pkg"];
/// Seconds after which it makes sense to try again.
const AGAIN_IN: HeaderValue = HeaderValue::from_static("5");

/// Nothing was stored: try again.
pub fn unavailable() -> Response {
    let body = "This is not possible at the moment. Try again in a few seconds.\n";
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, AGAIN_IN)], body).into_response()
}

/// Nothing was done: others have a right to be served too.
pub fn too_many() -> Response {
    let body = "Too much of yours is under way at the same time. Try again in a few seconds.\n";
    (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, AGAIN_IN)], body).into_response()
}

/// A refusal is its status and no more: what a library would say beside it tells how we read. The connection
/// ends with it: a body may be unread, and where senders and proxies read a request's end otherwise than we
/// do, nothing behind it is taken for another one.
pub async fn refuse_by_status(answer: Response) -> Response {
    if !answer.status().is_client_error() {
        return answer;
    }
    let (mut head, _) = answer.into_parts();
    for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
        head.headers.remove(name);
    }
    head.headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    Response::from_parts(head, Body::empty())
}

/// There is nothing here for machines.
pub async fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "Not found.\n").into_response()
}

/// What no route took below the addresses of machines is not there; it leads to no page.
pub async fn no_pages_for_machines(request: Request, next: Next) -> Response {
    let first = request.uri().path().split('/').nth(1).unwrap_or_default();
    if MACHINES.contains(&first) { not_found().await } else { next.run(request).await }
}

/// There is nothing here that this person may see.
pub fn not_found_page() -> Response {
    (StatusCode::NOT_FOUND, Html(page("Not found", "There is nothing here, or nothing that you may see.")))
        .into_response()
}

/// A page that needs neither styles nor scripts. Both texts are our own words and ids.
fn page(title: &str, sentence: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title} · Candilever</title>\n</head>\n\
         <body>\n<main>\n<h1>{title}</h1>\n<p>{sentence}</p>\n<p><a href=\"/\">To the dashboard</a></p>\n\
         </main>\n</body>\n</html>\n"
    )
}

/// Marks the answer of a handler that panicked.
#[derive(Debug, Clone, Copy)]
pub struct Broken;

/// What is answered when a handler panicked; [`tell_the_id`] says the rest.
pub fn broken() -> Response {
    let mut answer = StatusCode::INTERNAL_SERVER_ERROR.into_response();
    answer.extensions_mut().insert(Broken);
    answer
}

/// Where a handler panicked, says so, and under which id the log tells why.
pub fn tell_the_id(answer: Response, id: &str) -> Response {
    if answer.extensions().get::<Broken>().is_none() {
        return answer;
    }
    let sentence =
        format!("Something went wrong on our side; nothing was half done. The log tells why, under request {id}.");
    (StatusCode::INTERNAL_SERVER_ERROR, Html(page("Something went wrong", &sentence))).into_response()
}
