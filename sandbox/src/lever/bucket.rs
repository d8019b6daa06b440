//! Lever's rate limit: 10 requests a second for each credential, in bursts of up to 20.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use serde::{Deserialize, Serialize};

/// What Lever grants each credential.
const LEVERS: Limit = Limit { per_second: 10.0, burst: 20.0 };

/// How many requests a second, and how many at once after a rest.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Limit {
    per_second: f64,
    burst: f64,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    filled_at: Instant,
}

/// One bucket for each credential. They fill by real time, whatever the sandbox clock says.
#[derive(Debug)]
pub(super) struct Buckets(Mutex<(Limit, BTreeMap<String, Bucket>)>);

impl Default for Buckets {
    fn default() -> Self {
        Self(Mutex::new((LEVERS, BTreeMap::new())))
    }
}

impl Buckets {
    /// Takes a token, where there is one.
    pub(super) fn take(&self, credential: &str) -> bool {
        let now = Instant::now();
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (limit, buckets) = &mut *held;
        let bucket = buckets.entry(credential.to_owned()).or_insert(Bucket { tokens: limit.burst, filled_at: now });
        let elapsed = now.duration_since(bucket.filled_at).as_secs_f64();
        let tokens = elapsed.mul_add(limit.per_second, bucket.tokens).min(limit.burst);
        let granted = tokens >= 1.0;
        *bucket = Bucket { tokens: if granted { tokens - 1.0 } else { tokens }, filled_at: now };
        granted
    }

    /// Fills all of them.
    pub(super) fn refill(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1.clear();
    }

    /// Grants another rate than Lever does, for tests of many candidates.
    pub(super) fn set(&self, limit: Limit) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (limit, BTreeMap::new());
    }
}
