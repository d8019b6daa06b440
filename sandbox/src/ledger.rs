//! What was asked of a stand-in and what it answered, in order: `GET /sandbox/ledger`.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Query, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::fault::Injected;

/// More than a test asks for, and little enough for a demo that runs for weeks.
const KEPT: usize = 50_000;

/// One request and its answer.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Entry {
    at: i64,
    method: String,
    path: String,
    query: Option<String>,
    status: u16,
    /// The fault that was injected.
    note: Option<String>,
}

/// The requests of one stand-in; clones share the same list.
#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    clock: Clock,
    entries: Arc<Mutex<VecDeque<Entry>>>,
}

impl Ledger {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { clock, entries: Arc::default() }
    }

    /// How many requests are on record.
    pub(crate) fn len(&self) -> usize {
        self.entries().len()
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        self.entries().clear();
    }

    fn entries(&self) -> MutexGuard<'_, VecDeque<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, entry: Entry) {
        let mut entries = self.entries();
        if entries.len() == KEPT {
            entries.pop_front();
        }
        entries.push_back(entry);
    }
}

/// `GET /sandbox/ledger?method=&path_prefix=` and `DELETE`.
pub(crate) fn router(ledger: Ledger) -> Router {
    Router::new().route("/sandbox/ledger", get(show).delete(clear)).with_state(ledger)
}

#[derive(Deserialize)]
struct Filter {
    method: Option<String>,
    path_prefix: Option<String>,
}

async fn show(State(ledger): State<Ledger>, Query(filter): Query<Filter>) -> Json<Value> {
    let asked = |entry: &&Entry| {
        filter.method.as_ref().is_none_or(|method| entry.method.eq_ignore_ascii_case(method))
            && filter.path_prefix.as_ref().is_none_or(|prefix| entry.path.starts_with(prefix))
    };
    let entries: Vec<Entry> = ledger.entries().iter().filter(asked).cloned().collect();
    Json(json!({ "data": entries }))
}

async fn clear(State(ledger): State<Ledger>) -> Json<Value> {
    ledger.clear();
    Json(json!({ "data": [] }))
}

/// Records every request but those of the tests and of the pages' style.
pub(crate) async fn record(State(ledger): State<Ledger>, request: Request, next: Next) -> Response {
    let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
    let query = request.uri().query().map(str::to_owned);
    let answer = next.run(request).await;
    if !path.starts_with("/sandbox/") && !path.starts_with("/stand-in.") {
        let note = answer.extensions().get::<Injected>().map(|fault| fault.0.clone());
        ledger.push(Entry { at: ledger.clock.now_ms(), method, path, query, status: answer.status().as_u16(), note });
    }
    answer
}
