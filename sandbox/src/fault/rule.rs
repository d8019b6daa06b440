//! Rules that make things go wrong: which events they strike and how often, whatever goes wrong then.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::random;

/// Which events, how often, and what then.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Rule<Which, Kind> {
    #[serde(default)]
    id: u64,
    #[serde(flatten)]
    which: Which,
    kind: Kind,
    #[serde(default = "always")]
    rate: f64,
    /// The same seed strikes the same ones of the events that match, in their order.
    seed: Option<u64>,
    #[serde(skip)]
    matched: u64,
    /// How many more events it strikes; without it, it never ends.
    times: Option<u32>,
}

fn always() -> f64 {
    1.0
}

impl<Which, Kind> Rule<Which, Kind> {
    /// Whether it strikes this one of the events that match.
    fn strikes(&mut self) -> bool {
        self.matched += 1;
        let dice = self.seed.map_or_else(random::fraction, |seed| random::drawn(seed, self.matched));
        dice <= self.rate
    }
}

#[derive(Debug)]
struct Rules<Which, Kind> {
    last_id: u64,
    rules: Vec<Rule<Which, Kind>>,
}

/// The rules of one stand-in; clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Faults<Which, Kind>(Arc<Mutex<Rules<Which, Kind>>>);

impl<Which, Kind> Default for Faults<Which, Kind> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Rules { last_id: 0, rules: Vec::new() })))
    }
}

impl<Which, Kind: Clone> Faults<Which, Kind> {
    fn rules(&self) -> MutexGuard<'_, Rules<Which, Kind>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the first rule that strikes this event does; its turn is spent.
    pub(crate) fn strike(&self, matches: impl Fn(&Which) -> bool) -> Option<Kind> {
        let mut rules = self.rules();
        let mut left = rules.rules.iter_mut().filter(|rule| rule.times != Some(0) && matches(&rule.which));
        let struck = left.find_map(|rule| rule.strikes().then_some(rule))?;
        struck.times = struck.times.map(|times| times - 1);
        Some(struck.kind.clone())
    }
}

/// `GET`, `POST` and `DELETE /sandbox/faults`.
pub(crate) fn router<Which, Kind>(faults: Faults<Which, Kind>) -> Router
where
    Which: Clone + Serialize + DeserializeOwned + Send + 'static,
    Kind: Clone + Serialize + DeserializeOwned + Send + 'static,
{
    let routes = get(list::<Which, Kind>).post(add::<Which, Kind>).delete(clear::<Which, Kind>);
    Router::new().route("/sandbox/faults", routes).with_state(faults)
}

async fn list<Which: Serialize, Kind: Clone + Serialize>(State(faults): State<Faults<Which, Kind>>) -> Json<Value> {
    Json(json!({ "data": faults.rules().rules }))
}

async fn add<Which: Clone + Serialize, Kind: Clone + Serialize>(
    State(faults): State<Faults<Which, Kind>>,
    Json(rule): Json<Rule<Which, Kind>>,
) -> (StatusCode, Json<Value>) {
    let mut rules = faults.rules();
    rules.last_id += 1;
    let rule = Rule { id: rules.last_id, ..rule };
    rules.rules.push(rule.clone());
    (StatusCode::CREATED, Json(json!({ "data": rule })))
}

async fn clear<Which: Serialize, Kind: Clone + Serialize>(State(faults): State<Faults<Which, Kind>>) -> Json<Value> {
    faults.rules().rules.clear();
    list(State(faults)).await
}
