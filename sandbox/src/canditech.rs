//! A stand-in for Canditech: its API, its callbacks, the candidate's test and the recruiter's report.
//!
//! Canditech publishes no contract; `/api` follows the `generic` protocol that Candilever assumes, and
//! `/greenhouse` shows the same account over the published Greenhouse partner protocol.
//! All state is in memory behind one lock, which is never held over an await.

mod account;
mod admin;
mod api;
mod api_invite;
mod callback;
mod dispatch;
mod greenhouse_partner;
mod invite;
mod mail;
mod marking;
mod model;
mod page;
mod question;
mod refusal;
mod score;
mod seed;
mod signature;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use tokio::sync::Notify;

use crate::client::client;
use crate::clock::Clock;
use account::Account;
use callback::Due;
use model::Millis;

/// The company whose account this is.
const ORGANIZATION: &str = "Halden Instruments";

/// The stand-in's state and what it needs to call out.
pub struct Canditech {
    account: Mutex<Account>,
    clock: Clock,
    client: reqwest::Client,
    wake: Arc<Notify>,
}

impl Canditech {
    /// Opens an account and starts sending its callbacks; call it inside a Tokio runtime.
    #[must_use]
    pub fn new(key: String, public_url: String, clock: Clock) -> Arc<Self> {
        let account = Mutex::new(Account::new(key, public_url));
        let canditech = Arc::new(Self {
            account,
            clock,
            client: client("Canditech-Stand-In/1", Duration::from_secs(20)),
            wake: Arc::default(),
        });
        tokio::spawn(dispatch::run(Arc::downgrade(&canditech)));
        canditech
    }

    fn now(&self) -> Millis {
        self.clock.now_ms()
    }

    /// Reads or changes the account as of now; whatever has expired by then has expired.
    fn account(&self) -> MutexGuard<'_, Account> {
        let mut account = self.account.lock().unwrap_or_else(PoisonError::into_inner);
        account.expire_due(self.now());
        account
    }

    /// Changes the account and has the callbacks sent that this causes.
    fn change<T>(&self, change: impl FnOnce(&mut Account, Millis) -> T) -> T {
        let outcome = change(&mut self.account(), self.now());
        self.wake.notify_one();
        outcome
    }

    fn take_due(&self) -> Vec<Due> {
        let now = self.now();
        self.account().callbacks.take_due(now)
    }

    fn settle(&self, index: usize, status: u16) {
        self.change(|account, now| {
            account.version += 1;
            account.callbacks.settle(index, status, now);
        });
    }
}

/// Everything the stand-in serves: `/api`, `/greenhouse`, its pages, and `/sandbox` for tests.
pub fn router(canditech: Arc<Canditech>) -> Router {
    Router::new()
        .nest("/api", api::router().merge(api_invite::router()))
        .nest("/greenhouse", greenhouse_partner::router())
        .merge(page::router())
        .nest("/sandbox", admin::router())
        .with_state(canditech)
}
