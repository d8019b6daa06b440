//! The store's foundation: one type over SQLite and PostgreSQL, through sqlx `Any`.
//!
//! One query text serves both (see the portable subset in `docs/ARCHITECTURE.md`). SQLite has one
//! writer connection and read-only readers; PostgreSQL one pool for each. A transaction never spans a
//! network call.

use std::{str::FromStr, sync::Once, time::Duration};

use sqlx::{
    Any, AnyConnection, AnyPool, Connection as _, Transaction,
    any::{AnyConnectOptions, AnyPoolOptions},
    migrate::{MigrateError, Migrator},
    pool::PoolConnection,
};
use tokio::time::{Instant, sleep};

use crate::{audit, clock::Moment, fault::StoreError};

/// How long a writer waits for its turn in all: senders of webhooks give up soon after.
const TURN_WITHIN: Duration = Duration::from_millis(4_500);

/// The pause before a database that others are opening is opened again.
const TRY_AGAIN: Duration = Duration::from_millis(10);
/// How many connections to PostgreSQL are the inbox's own: one gathers while the other waits for the disk, and
/// more only make the batches smaller.
const INBOX_WRITERS: u32 = 2;
/// How many are for reading, and as many for writing.
const OTHERS: u32 = 8;
/// After so long without use a connection may have been cut off unnoticed.
const REST: Duration = Duration::from_millis(250);
/// The server gives a batch up before the inbox does, so that none is written that nobody waits for. Its one
/// statement is the same for each batch: to plan it anew takes longer than to carry it out.
const INBOX: &str = "SET statement_timeout = 4800; SET jit = off; SET plan_cache_mode = force_generic_plan";

/// An embedded database of at most so many bytes is looked through at the start: it takes a second or two.
const LOOKED_THROUGH: i64 = 512 << 20;

static MIGRATOR: Migrator = sqlx::migrate!("../migrations");
static DRIVERS: Once = Once::new();

/// A write transaction; dropped without [`Tx::commit`] it rolls back.
pub type Tx = Transaction<'static, Any>;

/// Which of the two databases is behind the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    Sqlite,
    Postgres,
}

/// The database.
#[derive(Debug, Clone)]
pub struct Db {
    read: AnyPool,
    write: AnyPool,
    inbox: AnyPool,
    flavour: Flavour,
}

// A checkpoint holds up the commit it falls on: each 64 MB of log that is less than one commit in a hundred,
// and each page is written fewer times; a log that grew behind a long reader is cut back to that. The cache
// holds the indexes that every message touches. What was erased must not stay readable in the file, nor what
// a statement would be undone with in a temporary one.
const SQLITE_WRITER: &str = "PRAGMA busy_timeout=4000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
    PRAGMA foreign_keys=ON; PRAGMA wal_autocheckpoint=16000;
    PRAGMA journal_size_limit=64000000; PRAGMA cache_size=-8192; PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY;";
// No transaction waits for anything but the database: one that is idle belongs to a server that was stopped
// in the middle, and its locks would hold up all the others.
// Our statements read few rows: compiling one takes longer than it saves.
const POSTGRES: &str = "SET idle_in_transaction_session_timeout = '10s'; SET jit = off";
// A read transaction that turns into a write fails at once instead of waiting.
const BEGIN_SQLITE: &str = "BEGIN IMMEDIATE";
const SQLITE_READER: &str = "PRAGMA busy_timeout=4000; PRAGMA foreign_keys=ON;";

impl Db {
    /// Opens (for SQLite: creates) the database that `url` names.
    ///
    /// # Errors
    /// When it cannot be reached, or PostgreSQL does not order text by bytes.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        DRIVERS.call_once(sqlx::any::install_default_drivers);
        if url.starts_with("sqlite:") { Self::open_sqlite(url).await } else { Self::open_postgres(url).await }
    }

    async fn open_sqlite(url: &str) -> Result<Self, StoreError> {
        let path = url.split('?').next().unwrap_or(url);
        open_alone(&format!("{path}?mode=rwc")).await?;
        let write = sqlite_pool(1, SQLITE_WRITER, &format!("{path}?mode=rwc")).await?;
        let read = sqlite_pool(4, SQLITE_READER, &format!("{path}?mode=ro")).await?;
        Ok(Self { read, inbox: write.clone(), write, flavour: Flavour::Sqlite })
    }

    async fn open_postgres(url: &str) -> Result<Self, StoreError> {
        let options = AnyConnectOptions::from_str(url)?;
        let write = pool_of(OTHERS, POSTGRES)
            .test_before_acquire(false)
            .before_acquire(|connection, _| Box::pin(async move { may_write(connection).await }));
        let write = write.connect_with(options.clone()).await?;
        // A demoted server may be read from, and what fails to be read is read again: only after a rest is
        // a connection asked whether it still stands.
        let read = pool_of(OTHERS, POSTGRES).test_before_acquire(false).before_acquire(|connection, meta| {
            Box::pin(async move { if meta.idle_for < REST { Ok(true) } else { may_write(connection).await } })
        });
        let read = read.connect_lazy_with(options.clone());
        // The inbox asks once a batch and not whether the connection still stands: it repeats what failed.
        let inbox = pool_of(INBOX_WRITERS, INBOX).test_before_acquire(false).connect_lazy_with(options);
        let db = Self { read, write, inbox, flavour: Flavour::Postgres };
        db.refuse_linguistic_order().await?;
        Ok(db)
    }

    /// Keyset pages and prefix ranges need byte order.
    async fn refuse_linguistic_order(&self) -> Result<(), StoreError> {
        let linguistic: i64 = sqlx::query_scalar("SELECT CAST(CASE WHEN 'a' < 'B' THEN 1 ELSE 0 END AS BIGINT)")
            .fetch_one(&self.read)
            .await?;
        if linguistic == 0 {
            return Ok(());
        }
        let why = "this PostgreSQL database sorts text by language; create it with LC_COLLATE 'C' or 'C.UTF-8'";
        Err(StoreError::Database(sqlx::Error::Configuration(why.into())))
    }

    /// Brings the schema up to date; safe to run by several processes at once.
    ///
    /// # Errors
    /// When a migration fails; nothing of it remains then.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        match self.flavour {
            // sqlx takes no lock on SQLite: an immediate transaction is the lock.
            Flavour::Sqlite => {
                let mut connection = self.write.acquire().await?;
                let mut tx = connection.begin_with(BEGIN_SQLITE).await?;
                MIGRATOR.run(&mut *tx).await.map_err(unless_newer)?;
                audit::guard(&mut tx, self.flavour).await?;
                tx.commit().await?;
            }
            Flavour::Postgres => {
                MIGRATOR.run(&self.write).await.map_err(unless_newer)?;
                let mut connection = self.write.acquire().await?;
                let mut tx = connection.begin().await?;
                audit::guard(&mut tx, self.flavour).await?;
                tx.commit().await?;
            }
        }
        Ok(())
    }

    /// Refuses a schema that a newer program made.
    ///
    /// # Errors
    /// When it is one, when there is none yet, or when the database cannot be asked.
    pub async fn refuse_newer(&self) -> Result<(), StoreError> {
        let there: Option<i64> =
            sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations").fetch_one(&self.read).await?;
        knows(there.unwrap_or_default())
    }

    /// The pool for reads.
    #[must_use]
    pub fn read(&self) -> &AnyPool {
        &self.read
    }

    /// One of the inbox's own connections, to write on without a transaction of sqlx's.
    ///
    /// # Errors
    /// When none is free in time, or the database is gone.
    pub(crate) async fn inbox(&self) -> Result<PoolConnection<Any>, StoreError> {
        Ok(self.inbox.acquire().await?)
    }

    /// How many may write to the inbox at once: on PostgreSQL those who commit together share a flush.
    pub(crate) fn inbox_writers(&self) -> u32 {
        match self.flavour {
            Flavour::Sqlite => 1,
            Flavour::Postgres => INBOX_WRITERS,
        }
    }

    /// Opens a write transaction.
    ///
    /// # Errors
    /// When the database is busy beyond the time-out, or gone.
    pub async fn write(&self) -> Result<Tx, StoreError> {
        self.begin(self.pick(BEGIN_SQLITE, "BEGIN")).await
    }

    /// Opens a write transaction for what would only be done again if the database's server died right after
    /// it: leases, turns, the ends of jobs. PostgreSQL does not wait for its disk then; whatever is committed
    /// after it by [`Db::write`] takes it along, so no effect outlives the lease that it was made under.
    ///
    /// # Errors
    /// As of [`Db::write`].
    pub(crate) async fn write_what_can_be_redone(&self) -> Result<Tx, StoreError> {
        self.begin(self.pick(BEGIN_SQLITE, "BEGIN; SET LOCAL synchronous_commit = off")).await
    }

    async fn begin(&self, begin: &'static str) -> Result<Tx, StoreError> {
        // In a task of its own: dropped between BEGIN and its answer, the connection would go back to the pool
        // with the transaction open, and whoever got it next would commit nothing.
        let pool = self.write.clone();
        let begun = tokio::spawn(async move { pool.begin_with(begin).await });
        // The pool's wait and the database's own would add up, and to many times that in a queue.
        let begun = tokio::time::timeout(TURN_WITHIN, begun).await.map_err(|_| sqlx::Error::PoolTimedOut)?;
        Ok(begun.map_err(|_| sqlx::Error::WorkerCrashed)??)
    }

    /// Lets no file keep what was deleted or replaced: SQLite's log goes into the database, which overwrites
    /// it, and is cut off. While somebody reads an older state nothing happens; the next time does it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_deleted(&self) -> Result<(), StoreError> {
        if self.flavour == Flavour::Sqlite {
            sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)").execute(&self.write).await?;
        }
        Ok(())
    }

    /// What time it is for PostgreSQL's server, which several of ours share; nothing for an embedded database.
    ///
    /// # Errors
    /// When it does not answer.
    pub(crate) async fn its_time(&self) -> Result<Option<Moment>, StoreError> {
        if self.flavour == Flavour::Sqlite {
            return Ok(None);
        }
        let now = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";
        Ok(Some(Moment(sqlx::query_scalar(now).fetch_one(&self.read).await?)))
    }

    /// Which database this is.
    #[must_use]
    pub fn flavour(&self) -> Flavour {
        self.flavour
    }

    /// Of two query texts, the one for this database: for the few that cannot be said alike.
    #[must_use]
    pub fn pick(&self, sqlite: &'static str, postgres: &'static str) -> &'static str {
        match self.flavour {
            Flavour::Sqlite => sqlite,
            Flavour::Postgres => postgres,
        }
    }

    /// Copies the embedded database as it is at one moment into `file`, which must be empty or not there, while
    /// others go on reading and writing it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn copy_to(&self, file: &str) -> Result<(), StoreError> {
        sqlx::query("VACUUM INTO $1").bind(file).execute(&self.write).await?;
        Ok(())
    }

    /// Whether the embedded database's file is whole.
    ///
    /// # Errors
    /// When it is too broken to be asked.
    pub async fn is_whole(&self) -> Result<bool, StoreError> {
        let verdict: String = sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(&self.write).await?;
        Ok(verdict == "ok")
    }

    /// Whether the embedded database's file is sound as far as a look through its pages tells; a large one is not
    /// looked through.
    ///
    /// # Errors
    /// When it is too broken to be asked.
    pub async fn looks_whole(&self) -> Result<bool, StoreError> {
        let size: i64 = sqlx::query_scalar("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
            .fetch_one(&self.write)
            .await?;
        if size > LOOKED_THROUGH {
            return Ok(true);
        }
        let verdict: String = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&self.read).await?;
        Ok(verdict == "ok")
    }

    /// Whether the schema is the one that this program was made for.
    ///
    /// # Errors
    /// When the database cannot be asked, or never had a schema of ours.
    pub async fn is_current(&self) -> Result<bool, StoreError> {
        let applied: Vec<i64> =
            sqlx::query_scalar("SELECT version FROM _sqlx_migrations ORDER BY version").fetch_all(&self.read).await?;
        Ok(MIGRATOR.iter().map(|migration| migration.version).eq(applied))
    }

    /// Closes all connections.
    pub async fn close(&self) {
        // The writer goes last: on SQLite whoever goes last carries the log into the file, and readers may not.
        self.read.close().await;
        self.inbox.close().await;
        self.write.close().await;
    }
}

/// Whether this program knows a schema of that version.
///
/// # Errors
/// When it is newer than the newest that this program knows.
pub fn knows(there: i64) -> Result<(), StoreError> {
    let known = newest_known();
    if there > known { Err(StoreError::Newer { there, known }) } else { Ok(()) }
}

fn newest_known() -> i64 {
    MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or_default()
}

fn unless_newer(error: MigrateError) -> StoreError {
    match (error, newest_known()) {
        (MigrateError::VersionMissing(there), known) if there > known => StoreError::Newer { there, known },
        (error, _) => error.into(),
    }
}

/// Opens the file once before any pool does, which would try again and again to connect to what is no database.
/// Of several that do so at once on a new one, SQLite refuses some instead of letting them wait.
async fn open_alone(url: &str) -> Result<(), StoreError> {
    let began = Instant::now();
    loop {
        match try_alone(url).await {
            Err(error) if is_locked(&error) && began.elapsed() < TURN_WITHIN => sleep(TRY_AGAIN).await,
            tried => return Ok(tried?),
        }
    }
}

async fn try_alone(url: &str) -> Result<(), sqlx::Error> {
    let mut connection = AnyConnection::connect(url).await?;
    sqlx::raw_sql(SQLITE_WRITER).execute(&mut connection).await?;
    connection.close().await
}

/// SQLITE_BUSY, in whichever of its kinds: the lowest byte of the code tells.
fn is_locked(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
    code.is_some_and(|code| code & 0xff == 5)
}

async fn sqlite_pool(size: u32, pragmas: &'static str, url: &str) -> Result<AnyPool, StoreError> {
    let options = pool_of(size, pragmas).test_before_acquire(false);
    Ok(options.connect_with(AnyConnectOptions::from_str(url)?).await?)
}

/// Whether the connection stands and leads to a server that takes writes. One that leads to a server that was
/// demoted is closed, and the next one finds whoever took its place.
async fn may_write(connection: &mut AnyConnection) -> Result<bool, sqlx::Error> {
    let only_reads: String = sqlx::query_scalar("SHOW transaction_read_only").fetch_one(connection).await?;
    Ok(only_reads == "off")
}

/// A pool of so many connections, each of which begins with these settings.
fn pool_of(size: u32, settings: &'static str) -> AnyPoolOptions {
    AnyPoolOptions::new().max_connections(size).acquire_timeout(TURN_WITHIN).after_connect(move |connection, _| {
        Box::pin(async move {
            sqlx::raw_sql(settings).execute(&mut *connection).await?;
            Ok(())
        })
    })
}

/// The folded form that names and e-mail addresses are compared and searched by.
#[must_use]
pub fn fold(text: &str) -> String {
    text.trim().to_lowercase()
}

/// One statement over the JSON list in `$1`, around the one place where the two databases unfold it
/// differently: each item is `j.value`, a JSON list whose parts are `j.value->>0` and so on.
macro_rules! unfolding {
    ($db:expr, $head:literal, $tail:literal) => {
        $db.pick(
            concat!($head, " FROM json_each($1) AS j ", $tail),
            concat!($head, " FROM json_array_elements(CAST($1 AS json)) AS j(value) ", $tail),
        )
    };
}
pub(crate) use unfolding;
