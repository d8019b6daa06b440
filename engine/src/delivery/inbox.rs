//! Group commit: messages that arrive together are written together. A writer (PostgreSQL has several) takes
//! what has gathered and commits it; whoever brought a message hears of it after the commit, so no 2xx goes
//! out before. Writers are never cancelled: a sender that goes away takes nothing with it, and a batch that
//! panics takes nobody else's with it.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::{
    sync::{Mutex, Notify, OwnedSemaphorePermit, Semaphore, mpsc, oneshot},
    time::timeout,
};

use super::{
    batch::{self, Kept, NewDelivery},
    endpoint::Remembered,
    refused::Refused,
};
use crate::{
    db::{Db, Flavour},
    fault::StoreError,
    id::OrganizationId,
    live::{Change, Live},
};

/// Most messages, bytes and jobs of one commit: no batch may take so long that its deadline comes.
const MOST_TOGETHER: usize = 256;
const MOST_BYTES: usize = 2 * 1024 * 1024;
const MOST_JOBS: usize = 1024;
/// What may wait to be written, in units of a kilobyte; more is refused for the sender to repeat.
const ROOM: usize = 16 * 1024;
/// How long a message waits for its commit before its sender is told to repeat it. Senders give up
/// after five seconds or more.
const PATIENCE: Duration = Duration::from_secs(4);
/// How long a server may take for a batch before its connection counts as dead. (SQLite is on this machine,
/// has a time-out of its own, and must not be left half-way.)
pub(super) const DEADLINE: Duration = Duration::from_secs(5);
/// A dead connection shows only when it is used; and of two batches that wait for each other in a circle,
/// the server breaks one off.
const TRIES: usize = 2;
pub(super) const SILENT: &str = "the database does not answer";

/// Something to write; it takes up room until it is written.
struct Entry {
    new: Box<NewDelivery>,
    answer: oneshot::Sender<Kept>,
    room: OwnedSemaphorePermit,
}

/// The way in: a queue with an end, in front of the tasks that write.
#[derive(Clone)]
pub struct Inbox {
    queue: mpsc::UnboundedSender<Entry>,
    room: Arc<Semaphore>,
    pub(super) remembered: Arc<Remembered>,
    pub(super) refused: Refused,
}

impl Inbox {
    /// Starts the writers; they end when the last copy of the inbox is gone.
    #[must_use]
    pub fn open(db: Db, live: Live, wake: Arc<Notify>) -> Self {
        let (queue, entries) = mpsc::unbounded_channel();
        let refused = Refused::open(db.clone(), live.clone());
        let (entries, writer) = (Arc::new(Mutex::new(entries)), Writer { db, live, wake });
        for _ in 0..writer.db.inbox_writers() {
            let writer = writer.clone();
            tokio::spawn(take_turns(Arc::clone(&entries), move |taken| writer.clone().commit(taken)));
        }
        Self { queue, room: Arc::new(Semaphore::new(ROOM)), remembered: Arc::default(), refused }
    }

    /// Keeps a message; answers once that is on disk.
    pub(super) async fn keep(&self, new: NewDelivery) -> Result<Kept, StoreError> {
        let units = u32::try_from(1 + new.body.len() / 1024).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.room).try_acquire_many_owned(units);
        let room = room.map_err(|_| StoreError::NotStored("too much waits to be written"))?;
        let (answer, answered) = oneshot::channel();
        let gone = |_| StoreError::NotStored("nothing is written any more");
        self.queue.send(Entry { new: Box::new(new), answer, room }).map_err(gone)?;
        let late = |_| StoreError::NotStored("the database takes too long");
        // The reason is in the log, once for the whole batch.
        timeout(PATIENCE, answered).await.map_err(late)?.map_err(|_| StoreError::NotStored("the batch failed"))
    }

    /// Waits until all that was taken is written; what comes meanwhile is refused.
    pub async fn settle(&self) {
        let all = u32::try_from(ROOM).expect("a small number");
        let _room = self.room.acquire_many(all).await.expect("the semaphore is never closed");
        self.refused.settle().await;
    }
}

/// Takes what has gathered and has it worked on, again and again. A panic ends only that work: whoever waits
/// for it hears that it failed.
async fn take_turns<W>(entries: Arc<Mutex<mpsc::UnboundedReceiver<Entry>>>, work: impl Fn(Vec<Entry>) -> W)
where
    W: Future<Output = ()> + Send + 'static,
{
    loop {
        let mut taken = Vec::new();
        if entries.lock().await.recv_many(&mut taken, MOST_TOGETHER).await == 0 {
            return;
        }
        if let Err(error) = tokio::spawn(work(taken)).await {
            tracing::error!(%error, "the inbox met an error of its own; those who wait repeat their messages");
        }
    }
}

/// A message and who waits for it.
type Waiting = (Box<NewDelivery>, oneshot::Sender<Kept>);

/// How many of the first go into one commit; one does in any case.
fn fitting(batch: &[Waiting]) -> usize {
    let (mut bytes, mut jobs) = (0, 0);
    let fits = |(new, _): &&Waiting| {
        bytes += new.body.len();
        jobs += new.work.len();
        bytes <= MOST_BYTES && jobs <= MOST_JOBS
    };
    batch.iter().take_while(fits).count().max(1)
}

#[derive(Clone)]
struct Writer {
    db: Db,
    live: Live,
    wake: Arc<Notify>,
}

impl Writer {
    async fn commit(self, taken: Vec<Entry>) {
        let (mut kept, mut rooms) = (Vec::new(), Vec::new());
        for Entry { new, answer, room } in taken {
            rooms.push(room);
            kept.push((new, answer));
        }
        while !kept.is_empty() {
            let later = kept.split_off(fitting(&kept));
            self.keep(kept).await;
            kept = later;
        }
    }

    /// Commits; on an error nothing is stored, and each sender is told to repeat.
    async fn keep(&self, batch: Vec<Waiting>) {
        let rows: Vec<&NewDelivery> = batch.iter().map(|(new, _)| &**new).collect();
        let kept = match self.keep_in_time(&rows).await {
            Ok(kept) => kept,
            Err(error) => {
                tracing::error!(%error, messages = batch.len(), "messages were not stored; their senders repeat them");
                return;
            }
        };
        self.tell(&rows, &kept);
        for (new, answer) in batch {
            // Its sender may have gone away; the message is kept all the same.
            let _unheard = answer.send(kept.get(new.id.as_str()).copied().unwrap_or(Kept::Unconfirmed));
        }
    }

    /// What is written twice is there once, so whatever became of the first try, a second may follow.
    async fn keep_in_time(&self, rows: &[&NewDelivery]) -> Result<HashMap<String, Kept>, StoreError> {
        if self.db.flavour() == Flavour::Sqlite {
            return batch::keep(&self.db, rows).await;
        }
        let mut failed = StoreError::NotStored(SILENT);
        for _ in 0..TRIES {
            failed = match timeout(DEADLINE, batch::keep(&self.db, rows)).await {
                Ok(Ok(kept)) => return Ok(kept),
                Ok(Err(error)) => error,
                Err(_) => StoreError::NotStored(SILENT),
            };
        }
        Err(failed)
    }

    fn tell(&self, rows: &[&NewDelivery], kept: &HashMap<String, Kept>) {
        let mut told: Vec<&OrganizationId> = Vec::new();
        for new in rows.iter().filter(|new| kept.get(new.id.as_str()) == Some(&Kept::New)) {
            if !told.contains(&&new.organization) {
                self.live.tell(&new.organization, Change::SetUp);
                told.push(&new.organization);
            }
        }
        if !told.is_empty() {
            self.wake.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Moment, delivery::batch::Proof, id::DeliveryId};

    fn message(event: &str) -> Box<NewDelivery> {
        Box::new(NewDelivery {
            id: DeliveryId::new(),
            organization: "org".into(),
            proof: Proof::Account("account".into()),
            dedup_key: event.into(),
            twin_key: None,
            event: event.into(),
            subject: None,
            body: "{}".into(),
            received_at: Moment(1),
            ignored: None,
            work: Vec::new(),
        })
    }

    #[tokio::test]
    async fn a_batch_that_panics_is_told_as_a_failure_and_the_next_one_is_written() {
        let (queue, entries) = mpsc::unbounded_channel();
        tokio::spawn(take_turns(Arc::new(Mutex::new(entries)), |taken: Vec<Entry>| async {
            for Entry { new, answer, room } in taken {
                assert_ne!(new.event, "first", "a batch that no code was made for");
                drop(room);
                answer.send(Kept::New).expect("somebody waits");
            }
        }));
        let rooms = Arc::new(Semaphore::new(1));
        let send = async |event| {
            let (answer, answered) = oneshot::channel();
            // The room of the one that failed is free again.
            let room = timeout(PATIENCE, Arc::clone(&rooms).acquire_owned()).await.expect("nothing is left behind");
            let entry = Entry { new: message(event), answer, room: room.expect("it is open") };
            queue.send(entry).unwrap_or_else(|_| panic!("somebody takes it"));
            answered.await
        };
        assert!(send("first").await.is_err(), "whoever waits hears that it failed");
        assert_eq!(send("second").await, Ok(Kept::New));
    }
}
