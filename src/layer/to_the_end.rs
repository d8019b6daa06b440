//! What a form began goes on to its end, also when its browser leaves in the middle: a call to Lever
//! or to the provider that was made is also written down. A form that did not arrive whole begins
//! nothing.

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{Method, StatusCode},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use tracing::Instrument as _;

use crate::{
    route::answer,
    router::{FORM, Site},
};

/// Most of them at a time; browsers that wait for their turn may still leave.
pub const MOST_AT_A_TIME: usize = 512;

/// Runs what a person's request began apart from its connection.
pub async fn run_to_the_end(State(site): State<Site>, request: Request, next: Next) -> Response {
    if !begins_work(&request) {
        return next.run(request).await;
    }
    let (head, body) = request.into_parts();
    let Ok(form) = to_bytes(body, FORM).await else {
        return (StatusCode::BAD_REQUEST, "The form did not arrive whole, or is too large.\n").into_response();
    };
    let place = site.room.acquire_owned().await.expect("the semaphore is never closed");
    let run = async move {
        let _place = place;
        next.run(Request::from_parts(head, Body::from(form))).await
    };
    match site.under_way.spawn(run.in_current_span()).await {
        Ok(response) => response,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        // Only the end of the program ends it early.
        Err(_) => answer::unavailable(),
    }
}

/// Forms, and the return from Lever's consent page, whose code is good for one use.
fn begins_work(request: &Request) -> bool {
    request.method() == Method::POST || request.uri().path() == "/oauth/lever/callback"
}
