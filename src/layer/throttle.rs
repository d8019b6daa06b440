//! Guessing passwords takes long: tries to sign in are counted per account and per address, each as
//! one number, the moment at which all its tries are made good.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use app::server::USER;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use engine::clock::Moment;
use tower_sessions::Session;

use crate::router::Site;

/// Tries that may come at once.
const TRIES: i64 = 10;
/// The time in which that many are made good again.
const WITHIN: Duration = Duration::from_secs(5 * 60);
/// An address may stand for an office: it gets as many times more.
const OFFICE: i64 = 5;
/// Above this many, those that are made good are forgotten.
const REMEMBERED: usize = 10_000;

/// Who tries.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Who {
    Account(String),
    Address(IpAddr),
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
        let by_account = count(&mut tries, Who::Account(account.to_owned()), cost, now);
        let by_address = address.is_none_or(|address| {
            count(&mut tries, Who::Address(address), cost / u32::try_from(OFFICE).unwrap_or(1), now)
        });
        by_account && by_address
    }

    /// Forgets the tries on an account; those of the address stay.
    fn forgive(&self, account: &str) {
        let mut tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tries.remove(&Who::Account(account.to_owned()));
    }
}

/// The account that a request tries to sign in to; what is right is not held against it.
#[derive(Debug, Clone, Default)]
pub struct Attempt(Arc<OnceLock<String>>);

impl Attempt {
    /// Notes the account.
    pub fn is_on(&self, account: &str) {
        // A request tries one account; a second one would only be forgiven less.
        let _already_noted = self.0.set(account.to_owned());
    }
}

/// Forgets the tries on an account whose person has signed in.
pub async fn forgive_the_right(
    State(site): State<Site>,
    session: Session,
    mut request: Request,
    next: Next,
) -> Response {
    let attempt = Attempt::default();
    request.extensions_mut().insert(attempt.clone());
    let response = next.run(request).await;
    if let Some(account) = attempt.0.get()
        && session.get_value(USER).await.is_ok_and(|user| user.is_some())
    {
        site.throttle.forgive(account);
    }
    response
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
    fn made_good_tries_are_forgotten() {
        let throttle = Throttle::default();
        for n in 0..=REMEMBERED {
            throttle.may_try(&n.to_string(), None, NOW);
        }
        throttle.may_try("nora@halden.example", None, NOW.after(WITHIN));
        assert_eq!(throttle.0.lock().expect("nobody panicked").len(), 1);
    }
}
