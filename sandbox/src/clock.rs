//! The stand-ins' clock: the world's time plus what a test has added.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

/// Wall time that can be moved forward; clones share the same time.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    offset_ms: Arc<AtomicI64>,
}

impl Clock {
    /// Milliseconds since 1970 by this clock.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        jiff::Timestamp::now().as_millisecond() + self.offset_ms.load(Ordering::Relaxed)
    }

    /// What has been added to the world's time, shared: whoever goes by it too moves with the stand-ins.
    #[must_use]
    pub fn offset(&self) -> Arc<AtomicI64> {
        Arc::clone(&self.offset_ms)
    }

    /// Moves the clock; a negative number moves it back.
    pub fn advance(&self, milliseconds: i64) {
        self.offset_ms.fetch_add(milliseconds, Ordering::Relaxed);
    }
}

/// `GET` and `POST /sandbox/clock`.
pub(crate) fn router(clock: Clock) -> Router {
    Router::new().route("/sandbox/clock", get(show).post(advance)).with_state(clock)
}

async fn show(State(clock): State<Clock>) -> Json<Value> {
    Json(json!({ "now_ms": clock.now_ms() }))
}

#[derive(Deserialize)]
struct Advance {
    advance_ms: i64,
}

async fn advance(State(clock): State<Clock>, Json(request): Json<Advance>) -> Json<Value> {
    clock.advance(request.advance_ms);
    show(State(clock)).await
}
