//! Time as the engine sees it: unix milliseconds from a clock that tests can move.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{db::Db, fault::StoreError};

/// A moment: unix milliseconds, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(pub i64);

impl Moment {
    /// The moment `duration` later.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(millis(duration)))
    }

    /// The moment `duration` earlier.
    #[must_use]
    pub fn before(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(millis(duration)))
    }

    /// How long it is from `earlier` to this moment; zero when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// RFC 3339 in UTC, to the second.
    #[must_use]
    pub fn rfc3339(self) -> String {
        jiff::Timestamp::from_millisecond(self.0)
            .map(|t| t.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
            .unwrap_or_default()
    }

    /// Reads RFC 3339; `None` when it is not.
    #[must_use]
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|t| Self(t.as_millisecond()))
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// What a server's own clock lacks to the one it shares with others.
#[derive(Debug)]
pub struct Shared {
    own: Clock,
    behind: AtomicI64,
}

impl Shared {
    /// A difference of less is how long an answer took.
    const WORTH_IT: u64 = 250;
    /// Only a quick answer tells the time.
    const QUICK: Duration = Duration::from_secs(1);

    /// Follows the shared clock, which said `there` between these two moments of our own.
    fn follow(&self, asked: Moment, there: Moment, answered: Moment) {
        let behind = there.0 - asked.0.midpoint(answered.0);
        let is_news = behind.abs_diff(self.behind.load(Ordering::SeqCst)) > Self::WORTH_IT;
        if is_news && answered.since(asked) <= Self::QUICK {
            tracing::info!(milliseconds = behind, "this server's clock is behind the database's, which counts");
            self.behind.store(behind, Ordering::SeqCst);
        }
    }
}

/// The wall clock, the wall clock with something added, or one that stands still until it is moved.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    #[default]
    System,
    /// The wall clock and so many milliseconds, which others share and may change.
    Shifted(Arc<AtomicI64>),
    /// A clock that is put right by the database's, since leases and the rate are several servers'.
    Shared(Arc<Shared>),
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `start` until [`Clock::advance`] moves it.
    #[must_use]
    pub fn manual(start: Moment) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(start.0)))
    }

    /// A clock that follows the database's once it is asked; until then it is `own`.
    #[must_use]
    pub fn shared(own: Self) -> Self {
        Self::Shared(Arc::new(Shared { own, behind: AtomicI64::new(0) }))
    }

    /// Puts a shared clock right by the database's.
    ///
    /// # Errors
    /// When the database does not say.
    pub(crate) async fn follow(&self, db: &Db) -> Result<(), StoreError> {
        let Self::Shared(shared) = self else { return Ok(()) };
        let asked = shared.own.now();
        if let Some(there) = db.its_time().await? {
            shared.follow(asked, there, shared.own.now());
        }
        Ok(())
    }

    /// By how many milliseconds this server's own clock is behind the database's, as far as that is known.
    #[must_use]
    pub fn behind(&self) -> i64 {
        match self {
            Self::Shared(shared) => shared.behind.load(Ordering::SeqCst),
            Self::System | Self::Shifted(_) | Self::Manual(_) => 0,
        }
    }

    /// What the clock on the wall says, also where a test's stands still.
    pub(crate) fn on_the_wall(&self) -> Moment {
        if matches!(self, Self::Shared(_)) { self.now() } else { Self::System.now() }
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Moment {
        match self {
            Self::System => Moment(jiff::Timestamp::now().as_millisecond()),
            Self::Shifted(by) => {
                Moment(jiff::Timestamp::now().as_millisecond().saturating_add(by.load(Ordering::SeqCst)))
            }
            Self::Shared(shared) => Moment(shared.own.now().0.saturating_add(shared.behind.load(Ordering::SeqCst))),
            Self::Manual(at) => Moment(at.load(Ordering::SeqCst)),
        }
    }

    /// Moves a manual clock forward; the wall clock is not ours to move.
    pub fn advance(&self, by: Duration) {
        if let Self::Manual(at) = self {
            at.fetch_add(millis(by), Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn nothing_panics_over_times(
            text in prop_oneof!["[0-9+:TZ. -]{0,40}", "-?[0-9]{4,6}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})", ".*"],
            (at, other) in any::<(i64, i64)>(),
            by in any::<u64>(),
        ) {
            // What was before the year 0 is written as nobody reads it.
            if let Some(moment) = Moment::parse_rfc3339(&text).filter(|_| !text.starts_with('-')) {
                let again = Moment::parse_rfc3339(&moment.rfc3339());
                prop_assert!(again.is_some_and(|again| moment.since(again) < Duration::from_secs(1)), "{text}");
            }
            let (at, by) = (Moment(at), Duration::from_millis(by));
            prop_assert!(at.before(by) <= at && at <= at.after(by));
            prop_assert_eq!(at.since(Moment(other)).is_zero(), at.0 <= other);
            let _written = at.rfc3339();
        }
    }

    fn behind(asked: i64, there: i64, answered: i64) -> i64 {
        let shared = Shared { own: Clock::System, behind: AtomicI64::new(0) };
        shared.follow(Moment(asked), Moment(there), Moment(answered));
        shared.behind.load(Ordering::SeqCst)
    }

    #[test]
    fn a_clock_that_is_wrong_is_put_right_in_the_middle_of_the_answers_way() {
        assert_eq!(behind(1_000, 301_100, 1_200), 300_000);
        assert_eq!(behind(301_000, 1_100, 301_200), -300_000);
    }

    #[test]
    fn a_slow_answer_and_a_small_difference_change_nothing() {
        assert_eq!(behind(1_000, 301_100, 3_000), 0);
        assert_eq!(behind(1_000, 1_300, 1_200), 0);
    }
}
