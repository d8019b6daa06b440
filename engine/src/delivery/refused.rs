//! Messages that nothing confirms: counted in memory, and all counts written together now and then, so that
//! whoever sends them causes no write.

use std::{
    collections::HashMap,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};

use super::inbox::{DEADLINE, SILENT};
use crate::{
    clock::Moment,
    connection,
    db::Db,
    fault::StoreError,
    id::{OrganizationId, ProviderAccountId},
    live::{Change, Live},
    provider,
};

/// How long counts gather before they are written.
const GATHER: Duration = Duration::from_secs(3);

/// Who was sent something that nothing of theirs confirms.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Deceived {
    Connection(OrganizationId),
    Account(ProviderAccountId),
}

/// How many, and when the last one came.
type Counts = HashMap<Deceived, (i64, Moment)>;

/// The counts that are not written yet: as many as there are connections and accounts at most.
struct Ledger {
    counts: Mutex<Counts>,
    db: Db,
    live: Live,
}

#[derive(Clone)]
pub(super) struct Refused {
    ledger: Arc<Ledger>,
    /// One word is enough: it says that there is something to write.
    begun: mpsc::Sender<()>,
}

impl Refused {
    /// Starts what writes; it ends when the last copy is gone.
    pub fn open(db: Db, live: Live) -> Self {
        let (begun, begins) = mpsc::channel(1);
        let ledger = Arc::new(Ledger { counts: Mutex::default(), db, live });
        tokio::spawn(write_now_and_then(Arc::clone(&ledger), begins));
        Self { ledger, begun }
    }

    /// Counts one.
    pub fn count(&self, deceived: Deceived, now: Moment) {
        add(&mut self.ledger.counts(), deceived, 1, now);
        // Where there is no room for the word, it has been said.
        let _said = self.begun.try_send(());
    }

    /// Writes what is counted, now.
    pub async fn settle(&self) {
        self.ledger.write().await;
    }
}

async fn write_now_and_then(ledger: Arc<Ledger>, mut begins: mpsc::Receiver<()>) {
    while begins.recv().await.is_some() {
        sleep(GATHER).await;
        ledger.write().await;
    }
}

fn add(counts: &mut Counts, deceived: Deceived, more: i64, at: Moment) {
    let (count, last) = counts.entry(deceived).or_insert((0, at));
    *count += more;
    *last = (*last).max(at);
}

impl Ledger {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What cannot be written is counted with what comes next.
    async fn write(&self) {
        let taken = mem::take(&mut *self.counts());
        if taken.is_empty() {
            return;
        }
        let stored = timeout(DEADLINE, self.store(&taken)).await.unwrap_or(Err(StoreError::NotStored(SILENT)));
        if let Err(error) = stored {
            tracing::error!(%error, "refused messages are not counted in the database yet");
            let mut counts = self.counts();
            for (deceived, (count, last)) in taken {
                add(&mut counts, deceived, count, last);
            }
            return;
        }
        for deceived in taken.keys() {
            if let Deceived::Connection(organization) = deceived {
                self.live.tell(organization, Change::SetUp);
            }
        }
    }

    async fn store(&self, counts: &Counts) -> Result<(), StoreError> {
        let mut tx = self.db.write().await?;
        for (deceived, (count, last)) in counts {
            match deceived {
                Deceived::Connection(organization) => {
                    connection::count_refused(&mut tx, organization, *count, *last).await?;
                }
                Deceived::Account(account) => provider::note_refused(&mut tx, account, *last).await?,
            }
        }
        tx.commit().await?;
        Ok(())
    }
}
