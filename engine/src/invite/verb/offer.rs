//! Which verb an invite allows, and by which way. Pure: the page shows it and the flow obeys it.

use super::{Standing, Verb, Why};
use crate::{
    invite::{InviteState, entity::Invite},
    provider::Capabilities,
};

/// How a verb is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Nothing of it is at the provider.
    Here,
    AtProvider,
    /// What was sent is over: the next round begins.
    NewRound,
}

/// What the answer depends on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts<'a> {
    pub invite: &'a Invite,
    /// `None` when the account cannot be opened.
    pub can: Option<Capabilities>,
    /// Whether the account still speaks the protocol that it was sent over.
    pub same_protocol: bool,
    pub has_newer: bool,
    /// What was asked for and is not done.
    pub open: &'a [Verb],
}

/// What the page says of a verb.
pub(super) fn standing(verb: Verb, facts: &Facts) -> Standing {
    if facts.open.contains(&verb) {
        return Standing::UnderWay;
    }
    way(verb, facts).map_or_else(Standing::Not, |_| Standing::Possible)
}

/// How it is done, or why it cannot be.
pub(super) fn way(verb: Verb, facts: &Facts) -> Result<Way, Why> {
    if facts.invite.anonymized_at.is_some() {
        return Err(Why::Anonymized);
    }
    if facts.open.iter().any(|open| open.takes_back()) {
        return Err(Why::BeingTakenBack);
    }
    // What it never can do is said before what is not its turn.
    if !has(verb, facts) {
        return Err(Why::Provider);
    }
    let way = by_state(verb, facts.invite)?;
    match way {
        Way::Here => {}
        Way::AtProvider => check_provider(verb, facts)?,
        Way::NewRound => check_round(verb, facts)?,
    }
    Ok(way)
}

/// Whether the protocol has what the verb always needs.
fn has(verb: Verb, facts: &Facts) -> bool {
    let Some(can) = facts.can else { return false };
    match verb {
        Verb::Resend => can.resend,
        Verb::Extend => can.extend,
        Verb::Retake => can.retake,
        // Before the send there is nothing to take back at the provider.
        Verb::Cancel | Verb::CorrectEmail => true,
    }
}

fn check_provider(verb: Verb, facts: &Facts) -> Result<(), Why> {
    if verb.takes_back() && !facts.can.is_some_and(|can| can.cancel) {
        return Err(Why::Provider);
    }
    if facts.invite.provider_invite.is_none() {
        return Err(Why::NotKnown);
    }
    if !facts.same_protocol {
        return Err(Why::OtherProtocol);
    }
    // A newer round went to the other address already.
    if verb == Verb::CorrectEmail && facts.has_newer { Err(Why::NewerRound) } else { Ok(()) }
}

fn check_round(verb: Verb, facts: &Facts) -> Result<(), Why> {
    if facts.has_newer {
        return Err(Why::NewerRound);
    }
    let elsewhere = verb == Verb::Retake && facts.invite.provider_invite.is_some() && !facts.same_protocol;
    if elsewhere { Err(Why::OtherProtocol) } else { Ok(()) }
}

/// The table: a verb and a state.
fn by_state(verb: Verb, invite: &Invite) -> Result<Way, Why> {
    match verb {
        Verb::Resend => resend(invite),
        Verb::Extend => extend(invite),
        Verb::Cancel => cancel(invite),
        Verb::Retake => retake(invite),
        Verb::CorrectEmail => correct_email(invite),
    }
}

fn resend(invite: &Invite) -> Result<Way, Why> {
    use InviteState as S;
    match invite.state {
        S::Sent | S::Started => Ok(Way::AtProvider),
        S::Waiting | S::Queued => Err(Why::NotSent),
        S::Failed if !invite.was_sent() => Err(Why::NotSent),
        S::Expired => Err(Why::Expired),
        S::Completed | S::Declined | S::Cancelled | S::Failed => Err(Why::Over),
        S::Unclear => Err(Why::Unclear),
    }
}

fn extend(invite: &Invite) -> Result<Way, Why> {
    use InviteState as S;
    match invite.state {
        S::Sent | S::Started | S::Expired => Ok(Way::AtProvider),
        S::Waiting | S::Queued => Err(Why::NotSent),
        S::Failed if !invite.was_sent() => Err(Why::NotSent),
        S::Completed | S::Declined | S::Cancelled | S::Failed => Err(Why::Over),
        S::Unclear => Err(Why::Unclear),
    }
}

fn cancel(invite: &Invite) -> Result<Way, Why> {
    use InviteState as S;
    match invite.state {
        S::Waiting | S::Queued => unless_on_its_way(invite),
        S::Sent => Ok(Way::AtProvider),
        S::Started => Err(Why::Started),
        S::Completed | S::Expired | S::Declined | S::Cancelled | S::Failed => Err(Why::Over),
        S::Unclear => Err(Why::Unclear),
    }
}

fn retake(invite: &Invite) -> Result<Way, Why> {
    use InviteState as S;
    match invite.state {
        S::Completed | S::Expired | S::Declined | S::Cancelled => Ok(Way::NewRound),
        S::Failed if invite.was_sent() => Ok(Way::NewRound),
        S::Waiting | S::Queued | S::Failed => Err(Why::NotSent),
        S::Sent | S::Started => Err(Why::StillOpen),
        S::Unclear => Err(Why::Unclear),
    }
}

fn correct_email(invite: &Invite) -> Result<Way, Why> {
    use InviteState as S;
    match invite.state {
        S::Waiting | S::Queued => unless_on_its_way(invite),
        S::Failed if !invite.was_sent() => unless_on_its_way(invite),
        S::Sent => Ok(Way::AtProvider),
        S::Started => Err(Why::Started),
        S::Expired | S::Declined | S::Failed => Ok(Way::NewRound),
        S::Cancelled if invite.was_sent() => Ok(Way::NewRound),
        S::Completed | S::Cancelled => Err(Why::Over),
        S::Unclear => Err(Why::Unclear),
    }
}

fn unless_on_its_way(invite: &Invite) -> Result<Way, Why> {
    if invite.may_have_been_sent() { Err(Why::BeingSent) } else { Ok(Way::Here) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Moment, invite::sample, provider::Protocol};

    /// A row a state, a column a verb: resend, extend, cancel, retake, e-mail. `h` is here, `p` at the
    /// provider, `n` a new round, `.` not.
    const TABLE: [(InviteState, &str); 10] = [
        (InviteState::Waiting, "   . . h . h"),
        (InviteState::Queued, "    . . h . h"),
        (InviteState::Sent, "      p p p . p"),
        (InviteState::Started, "   p p . . ."),
        (InviteState::Completed, " . . . n ."),
        (InviteState::Expired, "   . p . n n"),
        (InviteState::Declined, "  . . . n n"),
        (InviteState::Cancelled, " . . . n n"),
        (InviteState::Failed, "    . . . n n"),
        (InviteState::Unclear, "   . . . . ."),
    ];
    const COLUMNS: [Verb; 5] = [Verb::Resend, Verb::Extend, Verb::Cancel, Verb::Retake, Verb::CorrectEmail];

    fn in_state(state: InviteState) -> Invite {
        let unsent = matches!(state, InviteState::Waiting | InviteState::Queued);
        let provider_invite = (!unsent).then(|| "pi_1".into());
        Invite { state, provider_invite, sent_at: (!unsent).then_some(Moment(1)), ..sample() }
    }

    fn facts(invite: &Invite) -> Facts<'_> {
        let can = Some(Protocol::Canditech.capabilities());
        Facts { invite, can, same_protocol: true, has_newer: false, open: &[] }
    }

    #[test]
    fn every_pair_of_state_and_verb_is_as_the_table_says() {
        for (state, row) in TABLE {
            let invite = in_state(state);
            let expected: Vec<char> = row.chars().filter(|c| !c.is_whitespace()).collect();
            assert_eq!(expected.len(), COLUMNS.len());
            for (verb, expected) in COLUMNS.into_iter().zip(expected) {
                let got = match way(verb, &facts(&invite)) {
                    Ok(Way::Here) => 'h',
                    Ok(Way::AtProvider) => 'p',
                    Ok(Way::NewRound) => 'n',
                    Err(_) => '.',
                };
                assert_eq!(got, expected, "{state:?} {verb:?}");
            }
        }
    }

    #[test]
    fn what_a_protocol_cannot_do_is_said_first() {
        let partner = Some(Protocol::GreenhousePartner.capabilities());
        for state in InviteState::ALL {
            let invite = in_state(state);
            let facts = Facts { can: partner, ..facts(&invite) };
            for verb in [Verb::Resend, Verb::Extend, Verb::Retake] {
                assert_eq!(way(verb, &facts), Err(Why::Provider), "{state:?} {verb:?}");
            }
        }
        let sent = in_state(InviteState::Sent);
        let facts = Facts { can: partner, ..facts(&sent) };
        assert_eq!(way(Verb::Cancel, &facts), Err(Why::Provider));
        assert_eq!(way(Verb::CorrectEmail, &facts), Err(Why::Provider));
        let queued = in_state(InviteState::Queued);
        let facts = Facts { invite: &queued, ..facts };
        assert_eq!(way(Verb::Cancel, &facts), Ok(Way::Here), "nothing of it is there yet");
    }

    #[test]
    fn what_may_be_on_its_way_is_left_alone() {
        for state in [InviteState::Waiting, InviteState::Queued, InviteState::Failed] {
            let intended = Invite { send_intent_at: Some(Moment(1)), state, ..sample() };
            let restored = Invite { restored_at: Some(Moment(1)), state, ..sample() };
            for invite in [intended, restored] {
                assert_eq!(way(Verb::CorrectEmail, &facts(&invite)), Err(Why::BeingSent));
            }
        }
    }

    #[test]
    fn a_new_round_begins_only_from_the_newest() {
        let completed = in_state(InviteState::Completed);
        let facts = Facts { has_newer: true, ..facts(&completed) };
        assert_eq!(way(Verb::Retake, &facts), Err(Why::NewerRound));
    }

    #[test]
    fn while_one_thing_is_on_its_way_it_is_not_asked_for_again() {
        let sent = in_state(InviteState::Sent);
        let resent = Facts { open: &[Verb::Resend], ..facts(&sent) };
        assert_eq!(standing(Verb::Resend, &resent), Standing::UnderWay);
        assert_eq!(standing(Verb::Extend, &resent), Standing::Possible);
        let taken_back = Facts { open: &[Verb::CorrectEmail], ..facts(&sent) };
        assert_eq!(standing(Verb::Extend, &taken_back), Standing::Not(Why::BeingTakenBack));
        assert_eq!(standing(Verb::CorrectEmail, &taken_back), Standing::UnderWay);
    }

    #[test]
    fn nothing_is_done_to_whom_lever_has_forgotten() {
        for state in InviteState::ALL {
            let invite = Invite { anonymized_at: Some(Moment(1)), ..in_state(state) };
            for verb in Verb::ALL {
                assert_eq!(way(verb, &facts(&invite)), Err(Why::Anonymized), "{state:?} {verb:?}");
            }
        }
    }
}
