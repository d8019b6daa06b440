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
};
use crate::{
    clock::Moment,
    connection,
    db::{Db, Flavour},
    fault::StoreError,
    id::{OrganizationId, ProviderAccountId},
    live::{Change, Live},
    provider,
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
const DEADLINE: Duration = Duration::from_secs(5);
/// A dead connection shows only when it is used; and of two batches that wait for each other in a circle,
/// the server breaks one off.
const TRIES: usize = 2;
const SILENT: &str = "the database does not answer";

/// Who was sent something that nothing of theirs confirms.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Deceived {
    Connection(OrganizationId),
    Account(ProviderAccountId),
}

enum What {
    Keep(Box<NewDelivery>, oneshot::Sender<Kept>),
    Refuse(Deceived, Moment, oneshot::Sender<()>),
}

/// Something to write; it takes up room until it is written.
struct Entry {
    what: What,
    room: OwnedSemaphorePermit,
}

/// The way in: a queue with an end, in front of the tasks that write.
#[derive(Clone)]
pub struct Inbox {
    queue: mpsc::UnboundedSender<Entry>,
    room: Arc<Semaphore>,
    pub(super) remembered: Arc<Remembered>,
}

impl Inbox {
    /// Starts the writers; they end when the last copy of the inbox is gone.
    #[must_use]
    pub fn open(db: Db, live: Live, wake: Arc<Notify>) -> Self {
        let (queue, entries) = mpsc::unbounded_channel();
        let (entries, writer) = (Arc::new(Mutex::new(entries)), Writer { db, live, wake });
        for _ in 0..writer.db.inbox_writers() {
            let writer = writer.clone();
            tokio::spawn(take_turns(Arc::clone(&entries), move |taken| writer.clone().commit(taken)));
        }
        Self { queue, room: Arc::new(Semaphore::new(ROOM)), remembered: Arc::default() }
    }

    /// Keeps a message; answers once that is on disk.
    pub(super) async fn keep(&self, new: NewDelivery) -> Result<Kept, StoreError> {
        let size = new.body.len();
        let (answer, answered) = oneshot::channel();
        self.put(What::Keep(Box::new(new), answer), size)?;
        wait(answered).await
    }

    /// Counts a message that nothing confirms.
    pub(super) async fn refuse(&self, deceived: Deceived, now: Moment) -> Result<(), StoreError> {
        let (answer, answered) = oneshot::channel();
        self.put(What::Refuse(deceived, now, answer), 0)?;
        wait(answered).await
    }

    fn put(&self, what: What, size: usize) -> Result<(), StoreError> {
        let units = u32::try_from(1 + size / 1024).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.room).try_acquire_many_owned(units);
        let room = room.map_err(|_| StoreError::NotStored("too much waits to be written"))?;
        let gone = |_| StoreError::NotStored("nothing is written any more");
        self.queue.send(Entry { what, room }).map_err(gone)
    }

    /// Waits until all that was taken is written; what comes meanwhile is refused.
    pub async fn settle(&self) {
        let all = u32::try_from(ROOM).expect("a small number");
        let _room = self.room.acquire_many(all).await.expect("the semaphore is never closed");
    }
}

async fn wait<T>(answer: oneshot::Receiver<T>) -> Result<T, StoreError> {
    let late = |_| StoreError::NotStored("the database takes too long");
    // The reason is in the log, once for the whole batch.
    timeout(PATIENCE, answer).await.map_err(late)?.map_err(|_| StoreError::NotStored("the batch failed"))
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
        let (mut kept, mut refused, mut rooms) = (Vec::new(), Vec::new(), Vec::new());
        for Entry { what, room } in taken {
            rooms.push(room);
            match what {
                What::Keep(new, answer) => kept.push((new, answer)),
                What::Refuse(deceived, now, answer) => refused.push((deceived, now, answer)),
            }
        }
        while !kept.is_empty() {
            let later = kept.split_off(fitting(&kept));
            self.keep(kept).await;
            kept = later;
        }
        self.refuse(refused).await;
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

    async fn refuse(&self, refused: Vec<(Deceived, Moment, oneshot::Sender<()>)>) {
        if refused.is_empty() {
            return;
        }
        let mut counts: HashMap<&Deceived, (i64, Moment)> = HashMap::new();
        for (deceived, at, _) in &refused {
            let (count, last) = counts.entry(deceived).or_insert((0, *at));
            *count += 1;
            *last = (*last).max(*at);
        }
        let counted = timeout(DEADLINE, self.count(&counts)).await;
        if let Err(error) = counted.unwrap_or(Err(StoreError::NotStored(SILENT))) {
            tracing::error!(%error, messages = refused.len(), "refused messages were not counted");
            return;
        }
        for deceived in counts.keys() {
            if let Deceived::Connection(organization) = deceived {
                self.live.tell(organization, Change::SetUp);
            }
        }
        for (_, _, answer) in refused {
            let _unheard = answer.send(());
        }
    }

    async fn count(&self, counts: &HashMap<&Deceived, (i64, Moment)>) -> Result<(), StoreError> {
        let mut tx = self.db.write().await?;
        for (deceived, (count, at)) in counts {
            match deceived {
                Deceived::Connection(organization) => {
                    connection::count_refused(&mut tx, organization, *count, *at).await?;
                }
                Deceived::Account(account) => provider::note_refused(&mut tx, account, *at).await?,
            }
        }
        tx.commit().await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_batch_that_panics_is_told_as_a_failure_and_the_next_one_is_written() {
        let (queue, entries) = mpsc::unbounded_channel();
        let inbox = Inbox { queue, room: Arc::new(Semaphore::new(ROOM)), remembered: Arc::default() };
        tokio::spawn(take_turns(Arc::new(Mutex::new(entries)), |taken: Vec<Entry>| async {
            for Entry { what, room } in taken {
                let What::Refuse(_, at, answer) = what else { panic!("none is to be kept") };
                assert_ne!(at, Moment(1), "a batch that no code was made for");
                drop(room);
                answer.send(()).expect("somebody waits");
            }
        }));
        let send = async |at| inbox.refuse(Deceived::Connection("org".into()), Moment(at)).await;
        assert!(matches!(send(1).await, Err(StoreError::NotStored(why)) if why == "the batch failed"));
        send(2).await.expect("written");
        // The room of the one that failed is free again.
        timeout(PATIENCE, inbox.settle()).await.expect("nothing is left behind");
    }
}
