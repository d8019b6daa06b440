//! The one table of an invite's transitions. Pure; what is not in it cannot happen.
//!
//! Late, repeated and reordered messages are ordinary input: an event that is behind what we know is
//! [`Step::Behind`] and changes nothing.

use super::InviteState;

/// What may happen to an invite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// It cannot go on for now.
    Hold,
    /// What it waited for is there, or a person wants another try.
    Go,
    /// The provider has it, or extended it.
    Sent,
    Started,
    Completed,
    Expired,
    Declined,
    Cancelled,
    /// It cannot be done.
    Failed,
    /// Nobody can tell whether it was sent.
    Lost,
    /// The candidate entered anew, and nothing had been sent.
    Returned,
}

impl Event {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 11] = [
        Self::Hold,
        Self::Go,
        Self::Sent,
        Self::Started,
        Self::Completed,
        Self::Expired,
        Self::Declined,
        Self::Cancelled,
        Self::Failed,
        Self::Lost,
        Self::Returned,
    ];
}

/// What an event means in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    To(InviteState),
    /// It is so already; details may still be news.
    Stay,
    /// Late or impossible: nothing changes.
    Behind,
}

/// The table.
pub(crate) fn step(state: InviteState, event: Event) -> Step {
    use InviteState as S;
    match event {
        Event::Hold => match state {
            S::Waiting => Step::Stay,
            S::Queued => Step::To(S::Waiting),
            S::Sent | S::Started | S::Completed | S::Expired | S::Declined | S::Cancelled | S::Failed | S::Unclear => {
                Step::Behind
            }
        },
        Event::Go => match state {
            S::Queued => Step::Stay,
            S::Waiting | S::Failed | S::Unclear => Step::To(S::Queued),
            S::Sent | S::Started | S::Completed | S::Expired | S::Declined | S::Cancelled => Step::Behind,
        },
        Event::Sent => match state {
            S::Sent => Step::Stay,
            S::Queued | S::Unclear | S::Expired | S::Failed => Step::To(S::Sent),
            S::Waiting | S::Started | S::Completed | S::Declined | S::Cancelled => Step::Behind,
        },
        Event::Started => match state {
            S::Started => Step::Stay,
            S::Queued | S::Sent | S::Unclear | S::Expired | S::Failed => Step::To(S::Started),
            S::Waiting | S::Completed | S::Declined | S::Cancelled => Step::Behind,
        },
        Event::Completed => match state {
            S::Completed => Step::Stay,
            S::Queued | S::Sent | S::Started | S::Expired | S::Declined | S::Cancelled | S::Failed | S::Unclear => {
                Step::To(S::Completed)
            }
            S::Waiting => Step::Behind,
        },
        Event::Expired => from_open(state, S::Expired),
        Event::Declined => from_open(state, S::Declined),
        Event::Cancelled => match state {
            S::Waiting => Step::To(S::Cancelled),
            S::Failed => Step::Behind,
            S::Queued | S::Sent | S::Started | S::Completed | S::Expired | S::Declined | S::Cancelled | S::Unclear => {
                from_open(state, S::Cancelled)
            }
        },
        Event::Failed => match state {
            S::Waiting => Step::To(S::Failed),
            S::Queued
            | S::Sent
            | S::Started
            | S::Completed
            | S::Expired
            | S::Declined
            | S::Cancelled
            | S::Failed
            | S::Unclear => from_open(state, S::Failed),
        },
        Event::Returned => match state {
            S::Cancelled => Step::To(S::Queued),
            S::Waiting
            | S::Queued
            | S::Sent
            | S::Started
            | S::Completed
            | S::Expired
            | S::Declined
            | S::Failed
            | S::Unclear => Step::Behind,
        },
        Event::Lost => match state {
            S::Unclear => Step::Stay,
            S::Queued => Step::To(S::Unclear),
            S::Waiting | S::Sent | S::Started | S::Completed | S::Expired | S::Declined | S::Cancelled | S::Failed => {
                Step::Behind
            }
        },
    }
}

/// An end that anything at the provider can come to, as long as it has not come to another.
fn from_open(state: InviteState, end: InviteState) -> Step {
    use InviteState as S;
    match state {
        S::Queued | S::Sent | S::Started | S::Unclear => Step::To(end),
        S::Failed if end != S::Failed => Step::To(end),
        S::Waiting | S::Completed | S::Expired | S::Declined | S::Cancelled | S::Failed => {
            if state == end {
                Step::Stay
            } else {
                Step::Behind
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A row a state, a column an event, in the order of `Event::ALL`: the letter of the state it leads
    /// to, `=` for stay, `.` for behind.
    const TABLE: [(InviteState, &str); 10] = [
        //                         H G S s C E D c F L R
        (InviteState::Waiting, "   = Q . . . . . c F . ."),
        (InviteState::Queued, "    W = S s C E D c F U ."),
        (InviteState::Sent, "      . . = s C E D c F . ."),
        (InviteState::Started, "   . . . = C E D c F . ."),
        (InviteState::Completed, " . . . . = . . . . . ."),
        (InviteState::Expired, "   . . S s C = . . . . ."),
        (InviteState::Declined, "  . . . . C . = . . . ."),
        (InviteState::Cancelled, " . . . . C . . = . . Q"),
        (InviteState::Failed, "    . Q S s C E D . = . ."),
        (InviteState::Unclear, "   . Q S s C E D c F = ."),
    ];

    fn letter(state: InviteState) -> char {
        match state {
            InviteState::Waiting => 'W',
            InviteState::Queued => 'Q',
            InviteState::Sent => 'S',
            InviteState::Started => 's',
            InviteState::Completed => 'C',
            InviteState::Expired => 'E',
            InviteState::Declined => 'D',
            InviteState::Cancelled => 'c',
            InviteState::Failed => 'F',
            InviteState::Unclear => 'U',
        }
    }

    #[test]
    fn every_pair_of_state_and_event_is_as_the_table_says() {
        for (state, row) in TABLE {
            let expected: Vec<char> = row.chars().filter(|c| !c.is_whitespace()).collect();
            assert_eq!(expected.len(), Event::ALL.len());
            for (event, expected) in Event::ALL.into_iter().zip(expected) {
                let got = match step(state, event) {
                    Step::To(next) => letter(next),
                    Step::Stay => '=',
                    Step::Behind => '.',
                };
                assert_eq!(got, expected, "{state:?} {event:?}");
            }
        }
    }

    fn walk(events: &[usize]) -> Vec<InviteState> {
        let mut states = vec![InviteState::Waiting];
        for event in events {
            let now = *states.last().expect("not empty");
            states.push(match step(now, Event::ALL[*event]) {
                Step::To(next) => next,
                Step::Stay | Step::Behind => now,
            });
        }
        states
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn completed_never_regresses(events in prop::collection::vec(0_usize..11, 0..40)) {
            let states = walk(&events);
            if let Some(at) = states.iter().position(|s| *s == InviteState::Completed) {
                prop_assert!(states[at..].iter().all(|s| *s == InviteState::Completed));
            }
        }

        #[test]
        fn what_was_sent_is_never_queued_again_without_an_end_first(events in prop::collection::vec(0_usize..11, 0..40)) {
            let states = walk(&events);
            for pair in states.windows(2) {
                if pair[1] == InviteState::Queued && pair[0] != InviteState::Queued {
                    prop_assert!(matches!(
                        pair[0],
                        InviteState::Waiting | InviteState::Failed | InviteState::Unclear | InviteState::Cancelled
                    ));
                }
            }
        }

        #[test]
        fn what_completes_was_never_still_waiting(events in prop::collection::vec(0_usize..11, 0..40)) {
            let states = walk(&events);
            for pair in states.windows(2) {
                prop_assert!(!(pair[0] == InviteState::Waiting && pair[1] == InviteState::Completed));
            }
        }
    }
}
