//! What a form began goes on to its end, also when its browser leaves in the middle: a call to Lever
//! or to the provider that was made is also written down. The stop of the server waits for it.

use axum::{
    extract::{Request, State},
    http::Method,
    middleware::Next,
    response::Response,
};
use tracing::Instrument as _;

use crate::{route::answer, router::Site};

/// So many at a time outlive their connections; beyond, a browser that leaves ends what it began.
const MOST_AT_A_TIME: usize = 1024;

/// Runs what a person's request began apart from its connection.
pub async fn run_to_the_end(State(site): State<Site>, request: Request, next: Next) -> Response {
    if !begins_work(&request) || site.under_way.len() >= MOST_AT_A_TIME {
        return next.run(request).await;
    }
    match site.under_way.spawn(next.run(request).in_current_span()).await {
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
