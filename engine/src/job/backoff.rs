//! How long to wait before trying again, and when to stop trying.

use std::time::Duration;

use crate::clock::Moment;

const SHORTEST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(3600);
/// An outage of minutes is over five minutes after its end; only what lasts longer is asked about seldom.
const LONGEST_AT_FIRST: Duration = Duration::from_secs(300);
const AT_FIRST: i64 = 12;
const PATIENCE: Duration = Duration::from_secs(24 * 3600);

/// The wait before the next attempt: exponential from 5 s to 5 min, and after a dozen of them to 1 h, with
/// full jitter, and never shorter than the other side asked for. `dice` is random.
pub(super) fn wait(attempt: i64, asked: Option<Duration>, dice: u32) -> Duration {
    let doublings = u32::try_from(attempt.clamp(1, 16)).unwrap_or(1);
    let longest = if attempt <= AT_FIRST { LONGEST_AT_FIRST } else { LONGEST };
    let ceiling = SHORTEST.saturating_mul(1 << doublings).min(longest);
    let spread = ceiling - SHORTEST;
    let own = SHORTEST + spread.mul_f64(f64::from(dice) / f64::from(u32::MAX));
    asked.map_or(own, |asked| own.max(asked.min(LONGEST)))
}

/// Whether the effort that began at `since` has lasted long enough.
pub(super) fn is_exhausted(since: Moment, now: Moment) -> bool {
    now.since(since) >= PATIENCE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_from_seconds_to_an_hour() {
        assert_eq!(wait(1, None, 0), Duration::from_secs(5));
        assert_eq!(wait(1, None, u32::MAX), Duration::from_secs(10));
        assert_eq!(wait(3, None, u32::MAX), Duration::from_secs(40));
        assert_eq!(wait(12, None, u32::MAX), LONGEST_AT_FIRST);
        assert_eq!(wait(500, None, u32::MAX), LONGEST);
    }

    #[test]
    fn the_other_side_may_ask_for_longer_but_not_for_ever() {
        assert_eq!(wait(1, Some(Duration::from_secs(90)), 0), Duration::from_secs(90));
        assert_eq!(wait(1, Some(Duration::from_secs(1)), 0), SHORTEST);
        assert_eq!(wait(1, Some(Duration::from_secs(1_000_000)), 0), LONGEST);
    }

    #[test]
    fn a_day_is_enough() {
        let began = Moment(0);
        assert!(!is_exhausted(began, Moment(24 * 3_600_000 - 1)));
        assert!(is_exhausted(began, Moment(24 * 3_600_000)));
    }
}
