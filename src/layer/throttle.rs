//! Nobody takes all places: those who go to a provider to sign in are counted per network, messages per address that
//! they are sent to; each as one number, the moment at which all of them are made good.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use engine::{access::tries::network_of, clock::Moment, random};

/// How much of a thing may come at once, and the time in which that much is made good again.
#[derive(Debug, Clone, Copy)]
struct Measure {
    at_once: u32,
    within: Duration,
}

/// Those who go from one network to a provider, which takes room here and calls there.
const COMERS: Measure = Measure { at_once: 1_000, within: Duration::from_mins(5) };
/// Messages to one address, a thousand a second: far more than anybody has candidates, far fewer than can be taken.
const MESSAGES: Measure = Measure { at_once: 10_000, within: Duration::from_secs(10) };
/// Above this many, those that are made good are forgotten.
const REMEMBERED: usize = 10_000;

/// Who comes, or what is sent to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Who {
    /// An address, or the network that one customer has of IPv6.
    Comer(IpAddr),
    /// The digest of the address that a message is sent to: no longer than any other.
    Message(String),
}

/// The counts of this process.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<HashMap<Who, Moment>>);

impl Throttle {
    /// Counts somebody who goes to a provider; false when too many come from there.
    pub fn may_come(&self, address: Option<IpAddr>, now: Moment) -> bool {
        address.is_none_or(|address| self.count(Who::Comer(network_of(address)), COMERS, now))
    }

    /// Counts a message to this address of ours, whether or not there is such a one; false when too many come.
    pub fn may_send(&self, address: &str, now: Moment) -> bool {
        self.count(Who::Message(random::digest(address)), MESSAGES, now)
    }

    /// Adds one; a refused one costs nothing, so that waiting always helps.
    fn count(&self, who: Who, measure: Measure, now: Moment) -> bool {
        // A panic elsewhere leaves numbers behind, which stay usable.
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() > REMEMBERED {
            counts.retain(|_, good_at| *good_at > now);
        }
        let good_at = counts.get(&who).copied().unwrap_or(now).max(now).after(measure.within / measure.at_once);
        let allowed = good_at.since(now) <= measure.within;
        if allowed {
            counts.insert(who, good_at);
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment(1_700_000_000_000);

    #[test]
    fn an_address_that_is_flooded_is_refused_and_no_other_is() {
        let throttle = Throttle::default();
        let taken = (0..20_000).filter(|_| throttle.may_send("/webhooks/lever/a", NOW)).count();
        assert_eq!(taken, 10_000);
        assert!(throttle.may_send("/webhooks/lever/b", NOW), "another organization's");
        let later = NOW.after(Duration::from_secs(1));
        let taken = (0..20_000).filter(|_| throttle.may_send("/webhooks/lever/a", later)).count();
        assert_eq!(taken, 1_000);
    }

    #[test]
    fn a_network_that_sends_very_many_to_a_provider_is_stopped_and_another_is_not() {
        let throttle = Throttle::default();
        let from = |n: u32| format!("2001:db8:1:2:{n:x}::{n:x}").parse::<IpAddr>().ok();
        assert_eq!((1..3_000).filter(|n| throttle.may_come(from(*n), NOW)).count(), 1_000);
        assert!(throttle.may_come("2001:db8:1:3::1".parse().ok(), NOW), "the network beside it");
        assert!(throttle.may_come(None, NOW));
    }

    #[test]
    fn what_is_made_good_is_forgotten() {
        let throttle = Throttle::default();
        for n in 0..=REMEMBERED {
            throttle.may_send(&n.to_string(), NOW);
        }
        throttle.may_send("one more", NOW.after(MESSAGES.within));
        assert_eq!(throttle.0.lock().expect("nobody panicked").len(), 1);
    }
}
