//! Changes between the processes that share a PostgreSQL database, by its NOTIFY. They are hints: one
//! that is lost with a connection is made up for by having every page read anew. Each process sends a beat
//! now and then and must hear it: a connection on which nothing comes is dead, whatever it says of itself.

use std::{future::Future, time::Duration};

use serde::{Deserialize, Serialize};
use sqlx::postgres::PgListener;
use tokio::{
    sync::broadcast::{
        Receiver,
        error::{RecvError, TryRecvError},
    },
    time::MissedTickBehavior,
};
use tokio_util::sync::CancellationToken;

use super::{Change, Told, store};
use crate::{
    Engine,
    db::Flavour,
    fault::StoreError,
    id::{InviteId, OrganizationId},
    random,
};

/// How long to wait before the database is asked again.
const BREATHER: Duration = Duration::from_secs(1);
/// How many go in one statement.
const AT_ONCE: usize = 100;

/// How a dead connection is told from one on which nothing happens.
#[derive(Debug, Clone, Copy)]
pub struct Pulse {
    /// How often a process says that it is there.
    pub every: Duration,
    /// After so long a silence, also from ourselves, the connection is given up.
    pub silence: Duration,
}

impl Default for Pulse {
    fn default() -> Self {
        Self { every: Duration::from_secs(15), silence: Duration::from_secs(40) }
    }
}

#[derive(Serialize, Deserialize)]
struct Message {
    /// Which process says so: it has told its own pages already.
    from: String,
    news: News,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum News {
    Invite(OrganizationId, InviteId, i64),
    SetUp(OrganizationId),
    /// Some changes were not sent: whoever shows anything reads it anew.
    Missed,
    /// Nothing happened.
    Beat,
}

impl From<Told> for News {
    fn from((organization, change): Told) -> Self {
        match change {
            Change::Invite { invite, version } => Self::Invite(organization, invite, version),
            Change::SetUp => Self::SetUp(organization),
        }
    }
}

/// Carries changes to and from the other processes until told to stop; what was told by then is still
/// sent. Ends at once on SQLite, which has one process.
pub fn relay(engine: Engine, stop: CancellationToken) -> impl Future<Output = ()> + Send {
    relay_at(engine, Pulse::default(), stop)
}

/// The same at another pulse than the usual.
pub fn relay_at(engine: Engine, pulse: Pulse, stop: CancellationToken) -> impl Future<Output = ()> + Send {
    // Here and not within: whatever is told from now on is sent.
    let told = engine.live.told.subscribe();
    async move {
        if engine.db.flavour() == Flavour::Sqlite {
            return;
        }
        let me = random::token();
        tokio::select! {
            () = send(&engine, &me, told, (pulse, &stop)) => {}
            () = hear(&engine, &me, pulse) => {}
        }
    }
}

async fn send(engine: &Engine, me: &str, mut told: Receiver<Told>, (pulse, stop): (Pulse, &CancellationToken)) {
    let mut beat = tokio::time::interval(pulse.every);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let first = tokio::select! {
            biased;
            first = told.recv() => first.map(News::from),
            () = stop.cancelled() => return,
            _ = beat.tick() => Ok(News::Beat),
        };
        let mut batch = match first {
            Ok(first) => vec![first],
            Err(RecvError::Lagged(_)) => vec![News::Missed],
            Err(RecvError::Closed) => return,
        };
        gather(&mut told, &mut batch);
        while let Err(error) = notify(engine, me, &batch).await {
            tracing::warn!(%error, "other processes cannot be told of changes");
            if stop.is_cancelled() {
                return;
            }
            batch = vec![News::Missed];
            tokio::time::sleep(BREATHER).await;
        }
    }
}

/// Adds what else was told meanwhile.
fn gather(told: &mut Receiver<Told>, batch: &mut Vec<News>) {
    while batch.len() < AT_ONCE {
        match told.try_recv() {
            Ok(next) => batch.push(next.into()),
            Err(TryRecvError::Lagged(_)) => batch.push(News::Missed),
            Err(TryRecvError::Empty | TryRecvError::Closed) => return,
        }
    }
}

async fn notify(engine: &Engine, me: &str, batch: &[News]) -> Result<(), StoreError> {
    let message = |news: &News| Message { from: me.to_owned(), news: news.clone() };
    let texts = batch.iter().map(|news| serde_json::to_string(&message(news)).expect("plain data"));
    let list = serde_json::to_string(&texts.collect::<Vec<_>>()).expect("a list of texts");
    store::notify(&engine.db, &list).await
}

async fn hear(engine: &Engine, me: &str, pulse: Pulse) {
    let mut was_cut_off = false;
    loop {
        match tokio::time::timeout(pulse.silence, store::listen(&engine.settings.database_url)).await {
            Ok(Ok(mut listener)) => {
                if was_cut_off {
                    read_anew(engine).await;
                }
                listen(engine, me, &mut listener, pulse).await;
            }
            Ok(Err(error)) => tracing::warn!(%error, "changes that other processes make are not heard"),
            Err(_) => tracing::warn!("changes that other processes make are not heard: the database does not answer"),
        }
        was_cut_off = true;
        tokio::time::sleep(BREATHER).await;
    }
}

/// Passes on what is heard, until the connection is lost for good or silent for too long.
async fn listen(engine: &Engine, me: &str, listener: &mut PgListener, pulse: Pulse) {
    loop {
        match tokio::time::timeout(pulse.silence, listener.try_recv()).await {
            Ok(Ok(Some(notification))) => match serde_json::from_str::<Message>(notification.payload()) {
                Ok(message) if message.from != me => pass_on(engine, message.news).await,
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "a message of another process was not understood"),
            },
            // The connection was lost and is there again.
            Ok(Ok(None)) => read_anew(engine).await,
            Ok(Err(error)) => {
                tracing::warn!(%error, "the connection that hears of changes was lost");
                return;
            }
            Err(_) => {
                tracing::warn!("the connection that hears of changes is silent, and is taken for dead");
                return;
            }
        }
    }
}

async fn pass_on(engine: &Engine, news: News) {
    match news {
        News::Invite(organization, invite, version) => {
            engine.live.pass_on(&organization, Change::Invite { invite, version });
        }
        News::SetUp(organization) => engine.live.pass_on(&organization, Change::SetUp),
        News::Missed => read_anew(engine).await,
        News::Beat => {}
    }
}

/// Has every page that is open here read anew.
async fn read_anew(engine: &Engine) {
    match store::organizations(&engine.db).await {
        Ok(organizations) => {
            for organization in organizations {
                engine.live.pass_on(&organization, Change::SetUp);
            }
        }
        Err(error) => tracing::warn!(%error, "open pages may show what is old"),
    }
}
