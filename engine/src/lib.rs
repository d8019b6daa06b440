//! The business of Candilever: one module per noun, no HTTP server, no HTML.
//!
//! Dependence runs one way: `invite`, `attachment`, `verdict`, `note` → `lever`, `provider` →
//! `db`, `vault`, `clock`. Each noun keeps its SQL in its own `store.rs`. Whatever a person may do
//! goes through `access`: a function that takes a [`access::Member`] checks it first.

pub mod access;
pub mod attachment;
pub mod audit;
pub mod checklist;
pub mod clock;
pub mod connection;
pub mod counts;
pub mod db;
pub mod delivery;
pub mod doctor;
pub mod erasure;
pub mod fault;
pub mod http;
pub mod id;
pub mod invite;
pub mod job;
pub mod keys;
pub mod lever;
pub mod live;
pub mod note;
pub mod notice;
pub mod organization;
pub mod pause;
mod plain;
pub mod provider;
pub mod random;
pub mod restore;
pub mod settings;
#[cfg(test)]
mod strange;
pub mod timeline;
pub mod trouble;
pub mod vault;
pub mod verdict;

use std::sync::Arc;

/// Everything the business needs to act: storage, secrets, time, the way out, and who listens.
#[derive(Clone)]
pub struct Engine {
    pub db: db::Db,
    pub vault: Arc<vault::Vault>,
    pub clock: clock::Clock,
    pub levers_clock: Arc<lever::LeversClock>,
    pub http: http::Client,
    pub settings: Arc<settings::Settings>,
    pub live: live::Live,
    pub wake: Arc<tokio::sync::Notify>,
    pub inbox: delivery::Inbox,
    pub counts: counts::Counts,
    pub sign_on: Arc<access::single_sign_on::Known>,
    /// The way out for mail, where there is one.
    pub mailer: Option<notice::Mailer>,
}

impl Engine {
    /// Opens the database (migrating it), loads the data keys, and puts the engine together.
    ///
    /// # Errors
    /// Says what is wrong with the database or the master key, and what to do.
    pub async fn open(settings: settings::Settings, clock: clock::Clock) -> Result<Self, fault::StartError> {
        let db = db::Db::open(&settings.database_url).await?;
        db.migrate().await?;
        Self::on(db, settings, clock).await
    }

    /// Puts the engine together on a database that is already migrated.
    ///
    /// # Errors
    /// Says what is wrong with the master key, or that a newer program made the schema.
    pub async fn on(db: db::Db, settings: settings::Settings, clock: clock::Clock) -> Result<Self, fault::StartError> {
        db.refuse_newer().await?;
        clock.follow(&db).await?;
        let vault = vault::Vault::open(&db, &settings.master_key, clock.now()).await?;
        let (live, wake) = (live::Live::default(), Arc::default());
        Ok(Self {
            inbox: delivery::Inbox::open(db.clone(), live.clone(), Arc::clone(&wake)),
            db,
            vault: Arc::new(vault),
            clock,
            levers_clock: Arc::default(),
            http: http::Client::new(&settings)?,
            mailer: notice::Mailer::of(&settings)?,
            settings: Arc::new(settings),
            live,
            wake,
            sign_on: Arc::default(),
            counts: counts::Counts::default(),
        })
    }
}
