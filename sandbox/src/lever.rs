//! A stand-in for Lever: consent and tokens, the data API, signed webhooks, and the pages people use.
//!
//! All state is in memory behind one lock, which is never held over an await. Every change goes
//! through `Lever::change`, which tells open pages and the sender of webhooks.

mod account;
mod account_setting;
mod admin;
mod admin_setting;
mod api;
mod api_directory;
mod api_note;
mod api_opportunity;
mod api_webhook;
mod api_write;
mod bucket;
mod dispatch;
mod event;
mod grant;
mod model;
mod oauth;
mod oauth_token;
mod page_app;
mod page_candidate;
mod page_hook;
mod page_pipeline;
mod page_posting;
mod page_profile;
mod pager;
mod refusal;
mod scope;
mod seed;
mod session;
mod shape;
mod token;
mod webhook;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use tokio::sync::Notify;

use crate::client::client;
use crate::clock::Clock;
use crate::ledger::Ledger;
use crate::{Config, Seed};
use account::Account;
use bucket::Buckets;
use grant::Grants;
use model::Millis;

/// The one app that this Lever knows.
const APP: &str = "Candilever";

/// The stand-in's state and what it needs to call out.
pub(crate) struct Lever {
    account: Mutex<Account>,
    grants: Mutex<Grants>,
    buckets: Buckets,
    seed: Seed,
    url: String,
    client_id: String,
    client_secret: String,
    redirect_uris: Vec<String>,
    clock: Clock,
    client: reqwest::Client,
    wake: Arc<Notify>,
    version: AtomicU64,
}

impl Lever {
    /// Opens an account and starts sending its webhooks; call it inside a Tokio runtime.
    pub(crate) fn new(config: Config, url: String, clock: Clock) -> Arc<Self> {
        let account = seed::account(config.seed, &url, clock.now_ms());
        let lever = Arc::new(Self {
            account: Mutex::new(account),
            grants: Mutex::default(),
            buckets: Buckets::default(),
            seed: config.seed,
            url,
            client_id: config.client_id,
            client_secret: config.client_secret,
            redirect_uris: config.redirect_uris,
            clock,
            client: client("Lever-Stand-In/1", Duration::from_secs(10)),
            wake: Arc::default(),
            version: AtomicU64::new(1),
        });
        tokio::spawn(dispatch::run(Arc::downgrade(&lever)));
        lever
    }

    fn now(&self) -> Millis {
        self.clock.now_ms()
    }

    fn version(&self) -> u64 {
        self.version.load(Ordering::Relaxed)
    }

    /// Reads the account.
    fn account(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads or changes who may do what through the API.
    fn grants(&self) -> MutexGuard<'_, Grants> {
        self.grants.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the account; pages show it and the webhooks that it causes are sent.
    fn change<T>(&self, change: impl FnOnce(&mut Account, Millis) -> T) -> T {
        let outcome = change(&mut self.account(), self.now());
        self.version.fetch_add(1, Ordering::Relaxed);
        self.wake.notify_one();
        outcome
    }

    /// Back to the start: nobody has access, and nothing has happened.
    fn reset(&self) {
        *self.grants() = Grants::default();
        self.buckets.refill();
        self.change(|account, now| *account = seed::account(self.seed, &self.url, now));
    }

    /// The `audience` that makes a token good for the API.
    fn audience(&self) -> String {
        format!("{}/v1/", self.url)
    }
}

/// Everything the stand-in serves: consent and tokens, `/v1`, its pages, and `/sandbox` for tests.
pub(crate) fn router(lever: Arc<Lever>, ledger: Ledger) -> Router {
    Router::new()
        .merge(oauth::router())
        .merge(oauth_token::router())
        .nest("/v1", api::router(&lever))
        .merge(session::router())
        .merge(page_candidate::router())
        .merge(page_profile::router())
        .merge(page_hook::router())
        .merge(page_pipeline::router())
        .merge(page_posting::router())
        .merge(page_app::router())
        .nest("/sandbox", admin::router(ledger).merge(admin_setting::router()))
        .with_state(lever)
}
