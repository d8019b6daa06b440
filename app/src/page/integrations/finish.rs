//! What a form began goes on to its end on the server, also when the browser goes away meanwhile.

use engine::fault::FlowError;
use http::{header, request::Parts};
use leptos::prelude::use_context;

use crate::{problem::Problem, server};

/// Runs to its end whether or not somebody still waits for the answer: a call to Lever or to the
/// provider that was begun is also written down.
///
/// # Errors
/// Our own failure; the outer result is that of the run itself.
pub(crate) async fn finish<T: Send + 'static>(
    work: impl Future<Output = Result<T, FlowError>> + Send + 'static,
) -> Result<Result<T, FlowError>, Problem> {
    tokio::spawn(work).await.map_err(|error| {
        tracing::error!(%error, "what a form began did not come to its end");
        server::answer_with(Problem::Unavailable);
        Problem::Unavailable
    })
}

/// Goes to `path` after a plain form. A live page stays where the person is by now, and tells by itself.
pub(crate) fn go_on_from_plain_form(path: &str) {
    let wants_html = |value: &http::HeaderValue| value.to_str().is_ok_and(|value| value.contains("text/html"));
    let accept = use_context::<Parts>().and_then(|parts| parts.headers.get(header::ACCEPT).cloned());
    if accept.is_some_and(|accept| wants_html(&accept)) {
        server::go_to(path);
    }
}
