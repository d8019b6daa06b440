//! What happens and how things stand, as numbers for whoever watches an installation: by kinds and outcomes, never by
//! whom. Counted is what this process did; how things stand is the database's word, for all of its servers.

use std::time::Duration;

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

use crate::{Engine, fault::StoreError, job::Outcome};

/// Upper bounds in seconds: from what needs nobody else to what a vendor may take.
const SECONDS: [f64; 8] = [0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Call {
    to: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    kind: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    kind: &'static str,
}

/// What this process did.
#[derive(Debug, Clone)]
pub struct Counts {
    calls: Family<Call, Counter>,
    jobs: Family<Ended, Counter>,
    job_seconds: Family<Kind, Histogram, fn() -> Histogram>,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            calls: Family::default(),
            jobs: Family::default(),
            job_seconds: Family::new_with_constructor(|| Histogram::new(SECONDS)),
        }
    }
}

impl Counts {
    /// Adds the numbers to what is told.
    pub fn register(&self, registry: &mut Registry) {
        registry.register("upstream_calls", "Calls to Lever and to providers", self.calls.clone());
        registry.register("jobs_ended", "Runs of jobs that ended", self.jobs.clone());
        registry.register("job_seconds", "How long runs of jobs took", self.job_seconds.clone());
    }

    /// A call to somebody outside was answered with this status, or not at all.
    pub(crate) fn call(&self, to: &'static str, status: Option<u16>) {
        let outcome = match status {
            None => "none",
            Some(429) => "429",
            Some(200..=299) => "2xx",
            Some(300..=399) => "3xx",
            Some(400..=499) => "4xx",
            Some(_) => "5xx",
        };
        self.calls.get_or_create(&Call { to, outcome }).inc();
    }

    /// A run of a job ended.
    pub(crate) fn job(&self, kind: &'static str, outcome: &Outcome, took: Duration) {
        let outcome = match outcome {
            Outcome::Done | Outcome::Again(_) => "done",
            Outcome::Retry { .. } | Outcome::Unanswered(..) => "again",
            Outcome::NotNow(_) => "not_now",
            Outcome::Wait(..) => "waits",
            Outcome::Dead(_) => "given_up",
        };
        self.jobs.get_or_create(&Ended { kind, outcome }).inc();
        self.job_seconds.get_or_create(&Kind { kind }).observe(took.as_secs_f64());
    }
}

/// How things stand in the database, as they were last read.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    due: Gauge,
    overdue_seconds: Gauge,
    waiting: Gauge,
    given_up: Gauge,
    messages: Gauge,
    connected: Gauge,
    revoked: Gauge,
    paused: Gauge,
}

#[derive(sqlx::FromRow)]
struct StandingRow {
    due: i64,
    oldest: Option<i64>,
    waiting: i64,
    given_up: i64,
    messages: i64,
    connected: i64,
    revoked: i64,
    paused: i64,
}

impl Standing {
    /// Adds the numbers to what is told.
    pub fn register(&self, registry: &mut Registry) {
        for (name, help, gauge) in [
            ("jobs_due", "Jobs that are due and not taken up", &self.due),
            ("jobs_overdue_seconds", "For how long the oldest of them has been due", &self.overdue_seconds),
            ("jobs_waiting", "Jobs that wait for Lever or a provider to be connected again", &self.waiting),
            ("jobs_given_up", "Jobs that were given up and not done again", &self.given_up),
            ("messages_waiting", "Webhooks and callbacks that are not acted on yet", &self.messages),
            ("connections_connected", "Organizations whose connection to Lever works", &self.connected),
            ("connections_revoked", "Organizations whose connection Lever ended", &self.revoked),
            ("paused", "1 while the installation is paused", &self.paused),
        ] {
            registry.register(name, help, gauge.clone());
        }
    }

    /// Reads how things stand now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn read(&self, engine: &Engine) -> Result<(), StoreError> {
        let now = engine.clock.now();
        let row: StandingRow = sqlx::query_as(
            "SELECT (SELECT COUNT(*) FROM jobs WHERE due_at <= $1 AND lease_token IS NULL) AS due,
                    (SELECT MIN(due_at) FROM jobs WHERE due_at <= $1 AND lease_token IS NULL) AS oldest,
                    (SELECT COUNT(*) FROM jobs WHERE waits_for IS NOT NULL AND state = 'waiting') AS waiting,
                    (SELECT COUNT(*) FROM jobs WHERE state = 'dead') AS given_up,
                    (SELECT COUNT(*) FROM deliveries WHERE handled_at IS NULL) AS messages,
                    (SELECT COUNT(*) FROM connections WHERE state = 'connected') AS connected,
                    (SELECT COUNT(*) FROM connections WHERE state = 'revoked') AS revoked,
                    (SELECT COUNT(*) FROM pauses) AS paused",
        )
        .bind(now.0)
        .fetch_one(engine.db.read())
        .await?;
        self.due.set(row.due);
        self.overdue_seconds.set(row.oldest.map_or(0, |oldest| (now.0 - oldest) / 1000));
        self.waiting.set(row.waiting);
        self.given_up.set(row.given_up);
        self.messages.set(row.messages);
        self.connected.set(row.connected);
        self.revoked.set(row.revoked);
        self.paused.set(row.paused);
        Ok(())
    }
}
