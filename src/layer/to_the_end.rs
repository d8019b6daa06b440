//! What a request began goes on to its end, also when its browser leaves in the middle: a call to Lever or to
//! the provider that was made is also written down, and no part of a page goes on in a page that is gone. The
//! stop of the server waits for it.

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::header,
    middleware::Next,
    response::Response,
};
use tracing::Instrument as _;

use crate::{route::answer, router::Site};

/// So many at a time outlive their connections; beyond, a browser that leaves ends what it began.
const MOST_AT_A_TIME: usize = 1024;

/// Makes the answer apart from the request's connection, of a page all of it; what others stream is the connection's
/// again.
pub async fn run_to_the_end(State(site): State<Site>, request: Request, next: Next) -> Response {
    if site.under_way.len() >= MOST_AT_A_TIME {
        return next.run(request).await;
    }
    let answer = async move { whole(next.run(request).await).await };
    match site.under_way.spawn(answer.in_current_span()).await {
        Ok(response) => response,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        // Only the end of the program ends it early.
        Err(_) => answer::unavailable(),
    }
}

/// A page with all that its text waits for: parts of it would go on without it otherwise.
async fn whole(answer: Response) -> Response {
    let kind = answer.headers().get(header::CONTENT_TYPE);
    if !kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html")) {
        return answer;
    }
    let (head, body) = answer.into_parts();
    match to_bytes(body, usize::MAX).await {
        Ok(text) => Response::from_parts(head, Body::from(text)),
        Err(error) => {
            tracing::error!(%error, "a page broke off");
            answer::broken()
        }
    }
}
