//! Lever's clock, as its answers tell it. It stamps who enters a stage: what such a stamp is compared with must be
//! by the same clock, or whoever enters soon after an assessment was attached counts as an earlier entry.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use crate::clock::Moment;

/// Answers are dated to the second and take up to that on their way: so little is no difference, in milliseconds.
const NO_DIFFERENCE: i64 = 2_000;
/// An answer that took longer does not tell.
const PROMPT: Duration = Duration::from_secs(1);

/// How far apart the two clocks were at the last answer.
#[derive(Debug, Default)]
pub struct LeversClock {
    /// By how many milliseconds ours is ahead; below zero it is behind.
    ahead: AtomicI64,
}

impl LeversClock {
    /// Takes note of an answer that was dated by Lever, by when it was asked for and came by our clock.
    pub(super) fn note(&self, dated: Moment, (asked, came): (Moment, Moment)) {
        if came.since(asked) <= PROMPT {
            self.ahead.store(came.0.saturating_sub(dated.0), Ordering::Relaxed);
        }
    }

    /// A moment of our clock by Lever's.
    pub(crate) fn at(&self, ours: Moment) -> Moment {
        let ahead = self.ahead.load(Ordering::Relaxed);
        if ahead.abs() <= NO_DIFFERENCE { ours } else { Moment(ours.0.saturating_sub(ahead)) }
    }

    /// A moment of Lever's clock by ours.
    pub(crate) fn by_ours(&self, levers: Moment) -> Moment {
        let ahead = self.ahead.load(Ordering::Relaxed);
        if ahead.abs() <= NO_DIFFERENCE { levers } else { Moment(levers.0.saturating_add(ahead)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_answer_tells_by_how_much_and_a_slow_one_nothing() {
        let clock = LeversClock::default();
        assert_eq!(clock.at(Moment(50_000)), Moment(50_000));
        clock.note(Moment(40_000), (Moment(50_000), Moment(50_500)));
        assert_eq!(clock.at(Moment(51_000)), Moment(40_500), "ahead by ten seconds and a half at most");
        clock.note(Moment(40_000), (Moment(50_000), Moment(51_001)));
        assert_eq!(clock.at(Moment(51_000)), Moment(40_500));
        clock.note(Moment(60_000), (Moment(50_000), Moment(50_000)));
        assert_eq!(clock.at(Moment(51_000)), Moment(61_000), "behind by ten seconds");
        assert_eq!(clock.by_ours(Moment(61_000)), Moment(51_000));
        clock.note(Moment(60_000), (Moment(61_500), Moment(62_000)));
        assert_eq!(clock.at(Moment(63_000)), Moment(63_000), "what the seconds and the way may hide");
    }
}
