//! When a broken link of the chain is told of: once it has stood, once, and again when it has held.

use std::time::Duration;

use crate::{
    clock::Moment,
    id::{OrganizationId, OutageId},
};

/// What lasts shorter is a hiccup.
pub(super) const STANDS: Duration = Duration::from_mins(2);

/// An outage that goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outage {
    pub id: OutageId,
    pub began_at: Moment,
    pub told_at: Option<Moment>,
    pub held_since: Option<Moment>,
}

/// An outage with whose it is and how it ended.
#[derive(Debug)]
pub(super) struct Known {
    pub organization: OrganizationId,
    pub link: String,
    pub began_at: Moment,
    pub ended_at: Option<Moment>,
}

/// What is to be done about a link now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    Nothing,
    Begin,
    /// It has stood: those who can mend it are told.
    TellBroken,
    /// It holds, as it may for a moment only.
    Holds,
    /// It broke again before that was believed: the same outage.
    BrokeAgain,
    /// It was a hiccup that nobody was told of.
    Forget,
    /// It has held: whoever was told of the outage hears of its end.
    TellRestored,
}

/// Decides, of the outage that goes on and of the link as it is.
pub(super) fn next(outage: Option<&Outage>, is_broken: bool, now: Moment) -> Next {
    let stood = |since: Moment| now.since(since) >= STANDS;
    match (outage, is_broken) {
        (None, false) => Next::Nothing,
        (None, true) => Next::Begin,
        (Some(outage), true) if outage.held_since.is_some() => Next::BrokeAgain,
        (Some(outage), true) if outage.told_at.is_none() && stood(outage.began_at) => Next::TellBroken,
        (Some(_), true) => Next::Nothing,
        (Some(outage), false) if outage.told_at.is_none() => Next::Forget,
        (Some(outage), false) => match outage.held_since {
            None => Next::Holds,
            Some(since) if stood(since) => Next::TellRestored,
            Some(_) => Next::Nothing,
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TICK: Duration = Duration::from_mins(1);
    const BEGIN: Moment = Moment(1_790_000_000_000);

    /// What is told, and when, while a link is broken as `states` say, a minute each.
    fn told(states: &[bool]) -> Vec<(Moment, Next)> {
        let (mut outage, mut now, mut told) = (None::<Outage>, BEGIN, Vec::new());
        for is_broken in states {
            let next = next(outage.as_ref(), *is_broken, now);
            match (&mut outage, next) {
                (outage @ None, Next::Begin) => {
                    *outage = Some(Outage { id: OutageId::new(), began_at: now, told_at: None, held_since: None });
                }
                (Some(it), Next::TellBroken) => it.told_at = Some(now),
                (Some(it), Next::Holds) => it.held_since = Some(now),
                (Some(it), Next::BrokeAgain) => it.held_since = None,
                (outage @ Some(_), Next::Forget | Next::TellRestored) => *outage = None,
                (_, Next::Nothing) => {}
                (outage, next) => panic!("{next:?} of {outage:?}"),
            }
            if matches!(next, Next::TellBroken | Next::TellRestored) {
                told.push((now, next));
            }
            now = now.after(TICK);
        }
        told
    }

    #[test]
    fn a_break_that_stands_is_told_once_and_so_is_its_end() {
        let states: Vec<bool> = [[true; 10].as_slice(), &[false; 10], &[true, false, true, false]].concat();
        let told = told(&states);
        assert_eq!(told, [(BEGIN.after(TICK * 2), Next::TellBroken), (BEGIN.after(TICK * 12), Next::TellRestored)]);
    }

    proptest! {
        #[test]
        fn broken_and_restored_take_turns_and_neither_comes_late(states in prop::collection::vec(any::<bool>(), 0..200)) {
            let told = told(&states);
            for (at, (_, next)) in told.iter().enumerate() {
                prop_assert_eq!(*next == Next::TellBroken, at % 2 == 0);
            }
            // Whatever stands for three looks is told by then.
            for (at, three) in states.windows(3).enumerate() {
                let by = BEGIN.after(TICK * u32::try_from(at + 2).expect("few"));
                let last = told.iter().rfind(|(when, _)| *when <= by).map(|(_, next)| *next);
                if three == [true; 3] {
                    prop_assert_eq!(last, Some(Next::TellBroken));
                }
                if three == [false; 3] {
                    prop_assert_ne!(last, Some(Next::TellBroken));
                }
            }
        }
    }
}
