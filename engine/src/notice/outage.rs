//! When a broken link of the chain is told of: once it has stood, once, and again when it has held.

use std::time::Duration;

use crate::{
    clock::Moment,
    id::{OrganizationId, OutageId},
};

/// A silence that lasts shorter is a hiccup, and so is an end of it.
const STANDS: Duration = Duration::from_mins(2);

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

/// A link as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Holds,
    /// No answer comes.
    Silent,
    /// Somebody said that it is broken: that is no hiccup.
    Broken,
}

/// Decides, of the outage that goes on and of the link as it is.
pub(super) fn next(outage: Option<&Outage>, standing: Standing, now: Moment) -> Next {
    let stood = |since: Moment| now.since(since) >= STANDS;
    let is_sure = standing == Standing::Broken;
    match (outage, standing) {
        (None, Standing::Holds) => Next::Nothing,
        (None, Standing::Silent | Standing::Broken) => Next::Begin,
        (Some(outage), Standing::Holds) if outage.told_at.is_none() => Next::Forget,
        (Some(outage), Standing::Silent | Standing::Broken) if outage.held_since.is_some() => Next::BrokeAgain,
        (Some(outage), Standing::Silent | Standing::Broken) => {
            let is_due = is_sure || stood(outage.began_at);
            if outage.told_at.is_none() && is_due { Next::TellBroken } else { Next::Nothing }
        }
        (Some(outage), Standing::Holds) => match outage.held_since {
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

    /// What is told, and when, while a link stands as `states` say, a minute each.
    fn told(states: &[Standing]) -> Vec<(Moment, Next)> {
        let (mut outage, mut now, mut told) = (None::<Outage>, BEGIN, Vec::new());
        for standing in states {
            // What begins is looked at once more in the same minute, as by the next look.
            for _ in 0..2 {
                let next = next(outage.as_ref(), *standing, now);
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
            }
            now = now.after(TICK);
        }
        told
    }

    #[test]
    fn a_silence_that_lasts_is_told_once_and_so_is_its_end() {
        use Standing::{Holds, Silent};
        let states = [[Silent; 10].as_slice(), &[Holds; 10], &[Silent, Holds, Silent, Holds]].concat();
        let told = told(&states);
        assert_eq!(told, [(BEGIN.after(TICK * 2), Next::TellBroken), (BEGIN.after(TICK * 12), Next::TellRestored)]);
    }

    #[test]
    fn what_somebody_said_is_told_at_once() {
        use Standing::{Broken, Holds};
        assert_eq!(told(&[Holds, Broken, Broken, Holds]), [(BEGIN.after(TICK), Next::TellBroken)]);
    }

    fn standing() -> impl Strategy<Value = Standing> {
        prop_oneof![Just(Standing::Holds), Just(Standing::Silent), Just(Standing::Broken)]
    }

    proptest! {
        #[test]
        fn broken_and_restored_take_turns_and_neither_comes_late(states in prop::collection::vec(standing(), 0..200)) {
            let told = told(&states);
            for (at, (_, next)) in told.iter().enumerate() {
                prop_assert_eq!(*next == Next::TellBroken, at % 2 == 0);
            }
            let last_by = |minute: usize| {
                let by = BEGIN.after(TICK * u32::try_from(minute).expect("few"));
                told.iter().rfind(|(when, _)| *when <= by).map(|(_, next)| *next)
            };
            for (at, standing) in states.iter().enumerate() {
                if *standing == Standing::Broken {
                    prop_assert_eq!(last_by(at), Some(Next::TellBroken));
                }
            }
            // Whatever lasts for three looks is told by then.
            for (at, three) in states.windows(3).enumerate() {
                if three.iter().all(|one| *one != Standing::Holds) {
                    prop_assert_eq!(last_by(at + 2), Some(Next::TellBroken));
                }
                if three == [Standing::Holds; 3] {
                    prop_assert_ne!(last_by(at + 2), Some(Next::TellBroken));
                }
            }
        }
    }
}
