//! Lever's rate limit: 10 requests a second for each credential, in bursts of up to 20.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

const PER_SECOND: f64 = 10.0;
const BURST: f64 = 20.0;

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    filled_at: Instant,
}

/// One bucket for each credential. They fill by real time, whatever the sandbox clock says.
#[derive(Debug, Default)]
pub(super) struct Buckets(Mutex<BTreeMap<String, Bucket>>);

impl Buckets {
    /// Takes a token, where there is one.
    pub(super) fn take(&self, credential: &str) -> bool {
        let now = Instant::now();
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.entry(credential.to_owned()).or_insert(Bucket { tokens: BURST, filled_at: now });
        let elapsed = now.duration_since(bucket.filled_at).as_secs_f64();
        let tokens = elapsed.mul_add(PER_SECOND, bucket.tokens).min(BURST);
        let granted = tokens >= 1.0;
        *bucket = Bucket { tokens: if granted { tokens - 1.0 } else { tokens }, filled_at: now };
        granted
    }

    /// Fills all of them.
    pub(super) fn refill(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
