//! What a request began goes on to its end, also when its browser leaves in the middle: a call to Lever or to
//! the provider that was made is also written down, and no part of a page goes on in a page that is gone. The
//! stop of the server waits for it.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use tracing::Instrument as _;

use crate::{route::answer, router::Site};

/// So many at a time outlive their connections; beyond, a browser that leaves ends what it began.
const MOST_AT_A_TIME: usize = 1024;

/// Makes the answer apart from the request's connection; what the answer streams is the connection's again.
pub async fn run_to_the_end(State(site): State<Site>, request: Request, next: Next) -> Response {
    if site.under_way.len() >= MOST_AT_A_TIME {
        return next.run(request).await;
    }
    match site.under_way.spawn(next.run(request).in_current_span()).await {
        Ok(response) => response,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        // Only the end of the program ends it early.
        Err(_) => answer::unavailable(),
    }
}
