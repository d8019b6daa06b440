//! For those who watch: is the process alive, and can it take requests?

use std::time::Duration;

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};

use crate::router::Site;

/// A database that takes longer than this is not ready.
const WITHIN: Duration = Duration::from_millis(90);

/// The process is alive, whatever the database does.
pub async fn alive() -> &'static str {
    "alive\n"
}

/// Requests can be taken: the database answers, and nobody has told the server to stop.
pub async fn ready(State(site): State<Site>) -> Response {
    // Taking a connection pings the database.
    let answers = tokio::time::timeout(WITHIN, site.engine.db.read().acquire()).await;
    let ready = matches!(answers, Ok(Ok(_))) && !site.stopping.is_cancelled();
    if ready { "ready\n".into_response() } else { (StatusCode::SERVICE_UNAVAILABLE, "not ready\n").into_response() }
}
