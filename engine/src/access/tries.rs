//! Guessing passwords takes long: tries are counted per account and per network, by all servers together. Each count
//! is one number, the moment at which all its tries are made good.

mod store;

use std::{
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};

use crate::{
    Engine,
    clock::Moment,
    db::{Tx, fold},
    fault::StoreError,
    random,
};

/// How many tries may come at once; each is made good in its time.
#[derive(Debug, Clone, Copy)]
struct Measure {
    at_once: u32,
    each: Duration,
}

/// No more than ten are heard in any minute.
const ACCOUNT: Measure = Measure { at_once: 8, each: Duration::from_secs(30) };
/// A network may be an office's.
const NETWORK: Measure = Measure { at_once: 50, each: Duration::from_secs(6) };

/// Counts a try at an account; false when the account or the network has tried too often. A refused one costs nothing,
/// so that waiting always helps.
///
/// # Errors
/// When the database fails.
pub async fn may_try(engine: &Engine, account: &str, from: Option<IpAddr>) -> Result<bool, StoreError> {
    let now = engine.clock.now();
    // The network first: one that has tried too often can neither use up an account's tries nor fill the table.
    if let Some(from) = from {
        let network = random::digest(&format!("network|{}", network_of(from)));
        if !store::count(&engine.db, &network, NETWORK, now).await? {
            return Ok(false);
        }
    }
    store::count(&engine.db, &of_account(account), ACCOUNT, now).await
}

/// Forgets the tries at an account whose password was right; those of the network stay.
///
/// # Errors
/// When the database fails.
pub async fn forgive(engine: &Engine, account: &str) -> Result<(), StoreError> {
    store::forget(&engine.db, &of_account(account)).await
}

/// Forgets what is made good.
pub(crate) async fn forget_made_good(tx: &mut Tx, now: Moment) -> Result<(), StoreError> {
    store::forget_before(tx, now).await
}

/// One account, however it is written: who it is stands nowhere.
fn of_account(account: &str) -> String {
    random::digest(&format!("account|{}", fold(account)))
}

/// What one customer has: an address, or a network of IPv6.
#[must_use]
pub fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from(u128::from(address) >> 64 << 64).into(),
    }
}
