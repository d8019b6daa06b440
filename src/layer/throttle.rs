//! Guessing passwords takes long: tries to sign in are counted per account and per address, each as
//! one number, the moment at which all its tries are made good.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use engine::{clock::Moment, db::fold, random};

use super::client::network_of;

/// Tries that may come at once.
const TRIES: i64 = 10;
/// The time in which that many are made good again.
const WITHIN: Duration = Duration::from_secs(5 * 60);
/// An address may stand for an office: it gets as many times more.
const OFFICE: i64 = 5;
/// So many may go from one network to a provider, in the same time.
const COMERS: u32 = 1_000;
/// Above this many, those that are made good are forgotten.
const REMEMBERED: usize = 10_000;

/// Who tries.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Who {
    /// The digest of the address that the person signs in with, however it is written: no longer than any other.
    Account(String),
    /// An address, or the network that one customer has of IPv6.
    Network(IpAddr),
    /// The same, for those who go to a provider.
    Comer(IpAddr),
}

impl Who {
    fn account(email: &str) -> Self {
        Self::Account(random::digest(&fold(email)))
    }

    fn network(address: IpAddr) -> Self {
        Self::Network(network_of(address))
    }
}

/// The counts of this process.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<HashMap<Who, Moment>>);

impl Throttle {
    /// Counts a try; false when the account or the address has tried too often.
    pub fn may_try(&self, account: &str, address: Option<IpAddr>, now: Moment) -> bool {
        // A panic elsewhere leaves numbers behind, which stay usable.
        let mut tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if tries.len() > REMEMBERED {
            tries.retain(|_, good_at| *good_at > now);
        }
        let cost = Duration::from_millis(u64::try_from(WITHIN.as_millis()).unwrap_or(0) / TRIES.unsigned_abs());
        // The address first: one that has tried too often can neither use up an account's tries nor fill the memory.
        let by_address = address.is_none_or(|address| {
            count(&mut tries, Who::network(address), cost / u32::try_from(OFFICE).unwrap_or(1), now)
        });
        by_address && count(&mut tries, Who::account(account), cost, now)
    }

    /// Counts somebody who goes to a provider to sign in, which takes room here and calls there: far more may come
    /// from one network than may try passwords.
    pub fn may_come(&self, address: Option<IpAddr>, now: Moment) -> bool {
        let Some(address) = address else { return true };
        let mut tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if tries.len() > REMEMBERED {
            tries.retain(|_, good_at| *good_at > now);
        }
        count(&mut tries, Who::Comer(network_of(address)), WITHIN / COMERS, now)
    }

    /// Forgets the tries on an account whose password was right; those of the address stay.
    pub fn forgive(&self, account: &str) {
        let mut tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tries.remove(&Who::account(account));
    }
}

/// Adds one try; a refused one costs nothing, so that waiting always helps.
fn count(tries: &mut HashMap<Who, Moment>, who: Who, cost: Duration, now: Moment) -> bool {
    let good_at = tries.get(&who).copied().unwrap_or(now).max(now).after(cost);
    let allowed = good_at.since(now) <= WITHIN;
    if allowed {
        tries.insert(who, good_at);
    }
    allowed
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment(1_700_000_000_000);

    #[test]
    fn the_eleventh_try_on_an_account_waits_half_a_minute() {
        let throttle = Throttle::default();
        for _ in 0..10 {
            assert!(throttle.may_try("nora@halden.example", None, NOW));
        }
        assert!(!throttle.may_try("nora@halden.example", None, NOW));
        assert!(throttle.may_try("tomas@halden.example", None, NOW), "another account is not touched");
        let later = NOW.after(Duration::from_secs(30));
        assert!(throttle.may_try("nora@halden.example", None, later));
        assert!(!throttle.may_try("nora@halden.example", None, later));
    }

    #[test]
    fn an_address_that_tries_many_accounts_is_stopped_too() {
        let throttle = Throttle::default();
        let address = Some(IpAddr::from([192, 0, 2, 1]));
        let allowed = (0..200).filter(|n| throttle.may_try(&format!("{n}@halden.example"), address, NOW)).count();
        assert_eq!(allowed, 50);
        assert!(throttle.may_try("nora@halden.example", Some(IpAddr::from([192, 0, 2, 2])), NOW));
    }

    #[test]
    fn an_account_is_one_however_it_is_written_and_a_network_one_wherever_it_is_used() {
        let throttle = Throttle::default();
        let spelt = ["nora@halden.example", "NORA@halden.example", " nora@Halden.Example ", "Nora@HALDEN.example\t"];
        let allowed = (0..40).filter(|n| throttle.may_try(spelt[n % spelt.len()], None, NOW)).count();
        assert_eq!(allowed, 10);
        throttle.forgive("NORA@HALDEN.EXAMPLE");
        assert!(throttle.may_try("nora@halden.example", None, NOW));

        let network = |n: usize| format!("2001:db8:1:2:{n:x}::{n:x}").parse::<IpAddr>().ok();
        let allowed = (1..200).filter(|n| throttle.may_try(&format!("{n}@x.example"), network(*n), NOW)).count();
        assert_eq!(allowed, 50);
        assert!(throttle.may_try("kim@x.example", "2001:db8:1:3::1".parse().ok(), NOW), "the network beside it");
        let mapped = "::ffff:192.0.2.9".parse().ok();
        let allowed = (0..200).filter(|n| throttle.may_try(&format!("{n}@y.example"), mapped, NOW)).count();
        assert_eq!(allowed, 50);
        assert!(!throttle.may_try("kim@y.example", "192.0.2.9".parse().ok(), NOW));
    }

    #[test]
    fn who_is_stopped_by_the_address_uses_up_nothing_else() {
        let throttle = Throttle::default();
        let address = Some(IpAddr::from([192, 0, 2, 1]));
        for n in 0..200 {
            throttle.may_try(&format!("{n}@halden.example"), address, NOW);
        }
        let remembered = throttle.0.lock().expect("nobody panicked").len();
        assert_eq!(remembered, 51, "fifty accounts and the address");
        for _ in 0..20 {
            throttle.may_try("nora@halden.example", address, NOW);
        }
        assert!(throttle.may_try("nora@halden.example", Some(IpAddr::from([192, 0, 2, 2])), NOW));
    }

    #[test]
    fn of_ten_thousand_tries_an_account_hears_two_a_minute_and_is_never_locked_for_good() {
        let throttle = Throttle::default();
        // Seven a second, each from another address, for some twenty-four minutes.
        let step = Duration::from_millis(143);
        let (mut now, mut heard) = (NOW, Vec::new());
        for n in 0..10_000_u32 {
            if throttle.may_try("nora@halden.example", Some(IpAddr::from(n.to_be_bytes())), now) {
                heard.push(now);
            }
            now = now.after(step);
        }
        let most =
            heard.iter().map(|from| heard.iter().filter(|at| *at >= from && at.since(*from).as_secs() < 60).count());
        let most = most.max().unwrap_or_default();
        assert!(most <= 12, "ten that may come at once, and two made good in that minute: {most}");
        assert!(heard.len() <= 10 + 2 * 24, "{}", heard.len());
        assert!(throttle.may_try("nora@halden.example", None, now.after(Duration::from_secs(30))), "waiting helps");
    }

    #[test]
    fn made_good_tries_are_forgotten() {
        let throttle = Throttle::default();
        for n in 0..=REMEMBERED {
            throttle.may_try(&n.to_string(), None, NOW);
        }
        throttle.may_try("nora@halden.example", None, NOW.after(WITHIN));
        assert_eq!(throttle.0.lock().expect("nobody panicked").len(), 1);
    }
}
