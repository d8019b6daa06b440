//! Numbers for whoever watches, as OpenMetrics, on a listener of their own. They name kinds, routes and outcomes, and
//! nobody.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    http::{Method, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::get,
};
use engine::{Engine, counts::Standing};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::Registry,
};

use crate::{route::answer, router::Site};

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Upper bounds in seconds.
const SECONDS: [f64; 7] = [0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0];

/// The route is its pattern: what is filled in is in no number.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: String,
    status: u16,
}

/// The requests that this process answered.
#[derive(Debug, Clone)]
pub struct Requests {
    answered: Family<Answered, Counter>,
    seconds: Histogram,
}

impl Default for Requests {
    fn default() -> Self {
        Self { answered: Family::default(), seconds: Histogram::new(SECONDS) }
    }
}

impl Requests {
    /// One more.
    pub fn count(&self, method: &Method, route: &str, status: StatusCode, took: Duration) {
        // Whoever asks may make methods up.
        let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
        let method = known.into_iter().find(|known| method == known).unwrap_or("other");
        let answered = Answered { method, route: route.to_owned(), status: status.as_u16() };
        self.answered.get_or_create(&answered).inc();
        self.seconds.observe(took.as_secs_f64());
    }
}

struct Told {
    engine: Engine,
    standing: Standing,
    registry: Registry,
}

/// The route.
pub fn routes(site: &Site) -> Router<Site> {
    let (engine, requests) = (site.engine.clone(), &site.counted);
    let mut registry = Registry::with_prefix("candilever");
    registry.register("http_requests", "Requests that were answered", requests.answered.clone());
    registry.register("http_request_seconds", "How long answers took to begin", requests.seconds.clone());
    engine.counts.register(&mut registry);
    let standing = Standing::default();
    standing.register(&mut registry);
    let told = Arc::new(Told { engine, standing, registry });
    Router::new().route("/metrics", get(move || tell(Arc::clone(&told))))
}

async fn tell(told: Arc<Told>) -> Response {
    if let Err(error) = told.standing.read(&told.engine).await {
        tracing::error!(%error, "the numbers could not be read");
        return answer::unavailable();
    }
    let mut text = String::new();
    encode(&mut text, &told.registry).expect("text takes text");
    ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response()
}
