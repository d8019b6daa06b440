//! A batch: deliveries, the jobs they cause and the facts they prove, in one call and one durable commit.
//! A delivery whose token was retired meanwhile is left out, and known ones are skipped. What a batch
//! writes is known by ids of its own, so one whose outcome is unknown may be written again.

mod postgres;
mod sqlite;

use std::collections::{BTreeSet, HashMap};

use sqlx::{Any, pool::PoolConnection};

use crate::{
    clock::Moment,
    db::{Db, Flavour},
    fault::StoreError,
    id::{DeliveryId, JobId, OrganizationId, ProviderAccountId, WebhookId},
    job::Work,
};

/// What confirmed a message.
#[derive(Debug, Clone)]
pub(super) enum Proof {
    /// A signature token of Lever's, remembered: it must still stand when the message is written.
    Token { webhook: WebhookId, endpoint: String },
    /// The provider account's secret, read for this message.
    Account(ProviderAccountId),
}

/// A message to keep, and what it causes.
#[derive(Debug)]
pub(super) struct NewDelivery {
    pub id: DeliveryId,
    pub organization: OrganizationId,
    pub proof: Proof,
    pub dedup_key: String,
    pub twin_key: Option<String>,
    pub event: String,
    pub subject: Option<String>,
    pub body: String,
    pub received_at: Moment,
    /// Why nothing is done about it, where that is clear at once.
    pub ignored: Option<&'static str>,
    pub work: Vec<Work>,
}

/// What became of a message that was to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    /// It is on disk, with its jobs.
    New,
    /// It was there already.
    Known,
    /// What confirmed it stands no more: nothing was stored.
    Unconfirmed,
}

/// How long a fact (when something was heard last) is good for, in milliseconds: several writers would
/// wait for each other at its row, for each message.
const FRESH_FOR: i64 = 1000;

/// What is stored of a message's proof.
struct Proven<'a> {
    source: &'static str,
    webhook: Option<&'a str>,
    endpoint: Option<&'a str>,
    account: Option<&'a str>,
}

impl Proof {
    fn proven(&self) -> Proven<'_> {
        match self {
            Self::Token { webhook, endpoint } => {
                Proven { source: "lever", webhook: Some(webhook.as_str()), endpoint: Some(endpoint), account: None }
            }
            Self::Account(account) => {
                Proven { source: "provider", webhook: None, endpoint: None, account: Some(account.as_str()) }
            }
        }
    }
}

/// A job as it is stored.
struct NewJob<'a> {
    id: JobId,
    delivery: &'a NewDelivery,
    kind: &'static str,
    payload: String,
    key: String,
    priority: i64,
}

fn jobs<'a>(batch: &[&'a NewDelivery]) -> Vec<NewJob<'a>> {
    let of = |new: &'a NewDelivery| {
        new.work.iter().map(move |work| NewJob {
            id: JobId::new(),
            delivery: new,
            kind: work.kind(),
            payload: serde_json::to_string(work).expect("work is plain data"),
            key: work.dedup_key(&new.organization),
            priority: work.priority(),
        })
    };
    batch.iter().copied().flat_map(of).collect()
}

/// The connections, webhooks and provider accounts whose facts the batch may prove.
fn facts<'a>(batch: &[&'a NewDelivery]) -> [BTreeSet<&'a str>; 3] {
    let [mut connections, mut webhooks, mut accounts] = [const { BTreeSet::new() }; 3];
    for new in batch {
        match &new.proof {
            Proof::Token { webhook, .. } => {
                connections.insert(new.organization.as_str());
                webhooks.insert(webhook.as_str());
            }
            Proof::Account(account) => {
                accounts.insert(account.as_str());
            }
        }
    }
    [connections, webhooks, accounts]
}

fn last_of(batch: &[&NewDelivery]) -> i64 {
    batch.iter().map(|new| new.received_at.0).max().unwrap_or(0)
}

/// A connection that is only given back whole: whatever broke off on it may have left a transaction open.
struct Borrowed {
    connection: PoolConnection<Any>,
    is_whole: bool,
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        if !self.is_whole {
            self.connection.close_on_drop();
        }
    }
}

/// Keeps all of them or, on an error, none. On SQLite never to be dropped half-way; on PostgreSQL nobody
/// knows the outcome then.
pub(super) async fn keep(db: &Db, batch: &[&NewDelivery]) -> Result<HashMap<String, Kept>, StoreError> {
    let mut borrowed = Borrowed { connection: db.inbox().await?, is_whole: false };
    let kept = match db.flavour() {
        Flavour::Sqlite => sqlite::keep(&mut borrowed.connection, batch).await?,
        Flavour::Postgres => postgres::keep(&mut borrowed.connection, batch).await?,
    };
    borrowed.is_whole = true;
    let kept_as = |is_new: i64| if is_new == 0 { Kept::Known } else { Kept::New };
    Ok(kept.into_iter().map(|(id, is_new)| (id, kept_as(is_new))).collect())
}
