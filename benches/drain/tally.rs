//! What the stand-in Lever's ledger says of a run.

use std::time::Duration;

use serde_json::Value;

/// What was asked of Lever, beside what might have been.
pub struct Tally {
    pub calls: usize,
    pub refused: usize,
    /// From the first call to the last.
    pub lasted: Duration,
    /// How much of the share was used in between: after the burst at the start, before the last few calls.
    pub used: f64,
    /// The most calls of any second, beside the share of a second.
    pub peak: f64,
    pub per_invite: f64,
}

impl Tally {
    pub fn of(ledger: &Value, rate: u32, invites: usize) -> Self {
        let entries = ledger["data"].as_array().expect("a list");
        let to_the_api = |entry: &&Value| entry["path"].as_str().is_some_and(|path| path.starts_with("/v1/"));
        let calls: Vec<&Value> = entries.iter().filter(to_the_api).collect();
        let refused = calls.iter().filter(|entry| entry["status"] == 429).count();
        let mut times: Vec<i64> = calls.iter().map(|entry| entry["at"].as_i64().expect("a time")).collect();
        times.sort_unstable();
        let rate = f64::from(rate);
        Self {
            calls: times.len(),
            refused,
            lasted: milliseconds(times[times.len() - 1] - times[0]),
            used: per_second(steady(&times)) / rate,
            peak: number(peak(&times)) / rate,
            per_invite: number(times.len()) / number(invites),
        }
    }
}

/// The calls from two seconds after the first, which went out at once, to the last but a few.
fn steady(times: &[i64]) -> &[i64] {
    let from = times.iter().position(|at| *at > times[0] + 2_000).unwrap_or(0);
    &times[from..times.len() - times.len() / 50]
}

fn per_second(times: &[i64]) -> f64 {
    number(times.len() - 1) / milliseconds(times[times.len() - 1] - times[0]).as_secs_f64()
}

fn peak(times: &[i64]) -> usize {
    let within_a_second = |(n, at): (usize, &i64)| times[n..].iter().take_while(|other| **other < at + 1_000).count();
    times.iter().enumerate().map(within_a_second).max().unwrap_or(0)
}

fn milliseconds(number: i64) -> Duration {
    Duration::from_millis(u64::try_from(number).expect("time goes on"))
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).expect("a small number"))
}
