//! `candilever restore`: puts a backup back, and puts in doubt what may have happened since it was made.

use std::path::{Path, PathBuf};

use clap::Args;
use engine::{Engine, clock::Clock, db::Db, restore};

use super::{backup, postgres};
use crate::{
    command::Failure,
    config::{Checked, Config},
    database::{self, DatabaseUrl},
    terminal,
};

/// Where from.
#[derive(Debug, Args)]
pub struct Restore {
    /// The file that `candilever backup` wrote
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Put it in the place of a database that is there; an embedded one is kept beside the restored
    #[arg(long)]
    replace: bool,
}

impl Restore {
    /// Restores, with every server stopped.
    ///
    /// # Errors
    /// When the backup is damaged, newer than this program or sealed with another key, or the place is taken. What
    /// was there stays then; on PostgreSQL not where the key is another.
    pub async fn run(self, config: &Config) -> Result<(), Failure> {
        let checked = config.check()?;
        if !self.file.is_file() {
            return Err(Failure::Usage(format!("{} is not there: name a backup.", self.file.display())));
        }
        let restored = match checked.database.file.clone() {
            Some(place) => self.to_file(&checked, &place).await?,
            None => self.to_postgres(&checked).await?,
        };
        terminal::say(&format!(
            "Restored, and paused: start the servers, look through it, and let it go on with `candilever resume`. Do not \
             resume a copy whose original still works. Invites that were unsent in the backup ({}) are looked up before they are sent; whoever entered \
             a stage before now is offered on the attachment's page and not sent to by itself. Everybody signs in again, \
             and Lever must be connected again where its token was renewed since the backup.",
            restored.unsent
        ));
        Ok(())
    }

    /// All is done on a copy beside the place, which takes the place at the end.
    async fn to_file(&self, checked: &Checked, place: &Path) -> Result<restore::Restored, Failure> {
        let _lock = database::lock(place)?;
        if !checked.database.is_new() && !self.replace {
            return Err(Failure::Refused(format!(
                "There is a database at {} already: restore with --replace to keep it beside the restored one.",
                place.display()
            )));
        }
        let part = database::beside(place, "restoring");
        backup::private(&part)?;
        let outcome = self.prepare(checked, &part).await;
        if outcome.is_err() {
            remove(&part);
        }
        let restored = outcome?;
        set_aside(place)?;
        backup::keep(&part, place)?;
        Ok(restored)
    }

    async fn prepare(&self, checked: &Checked, part: &Path) -> Result<restore::Restored, Failure> {
        std::fs::copy(&self.file, part).map_err(|error| backup::unwritable(part, &error))?;
        let name = part.to_str().ok_or_else(|| Failure::Usage("The database's name must be UTF-8.".into()))?;
        let db = Db::open(&format!("sqlite://{name}")).await.map_err(|_| damaged(&self.file))?;
        if !db.is_whole().await.unwrap_or(false) {
            return Err(damaged(&self.file));
        }
        doubt(checked, db).await
    }

    async fn to_postgres(&self, checked: &Checked) -> Result<restore::Restored, Failure> {
        let db = Db::open(&checked.database.url).await?;
        let taken = db.is_current().await.is_ok();
        db.close().await;
        if taken && !self.replace {
            return Err(Failure::Refused(
                "There is a database of Candilever's already: stop every server, back it up, and restore with --replace."
                    .into(),
            ));
        }
        engine::db::knows(postgres::schema_of(&self.file).await?)?;
        postgres::restore(&checked.database.url, &self.file).await?;
        doubt(checked, Db::open(&checked.database.url).await?).await
    }
}

/// Brings the schema up to date, puts in doubt, and opens the secrets to see that the key is the right one.
async fn doubt(checked: &Checked, db: Db) -> Result<restore::Restored, Failure> {
    db.migrate().await?;
    let restored = restore::after_restore(&db, Clock::System.now()).await?;
    let key = database::master_key(checked.master_key.as_ref(), &kept(&checked.database))?.announced();
    let engine = Engine::on(db, checked.settings(super::unknown_address(), key), Clock::shared(Clock::System)).await?;
    engine.db.close().await;
    Ok(restored)
}

/// The database as one that must have its key already: a new key would open nothing in a backup.
fn kept(database: &DatabaseUrl) -> DatabaseUrl {
    DatabaseUrl { is_ours: true, ..database.clone() }
}

fn damaged(file: &Path) -> Failure {
    Failure::Refused(format!("{} is no backup of an embedded database, or it is damaged.", file.display()))
}

/// Moves what is in the place aside, with what SQLite keeps beside it.
fn set_aside(place: &Path) -> Result<(), Failure> {
    if !place.exists() {
        return Ok(());
    }
    let aside = database::beside(place, &format!("before-{}", Clock::System.now().0));
    for tail in ["", "-wal", "-shm"] {
        let (from, to) = (with_tail(place, tail), with_tail(&aside, tail));
        if from.exists() {
            std::fs::rename(&from, &to).map_err(|error| backup::unwritable(&to, &error))?;
        }
    }
    terminal::say(&format!("What was there is kept as {}.", aside.display()));
    Ok(())
}

fn with_tail(path: &Path, tail: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(tail);
    PathBuf::from(name)
}

fn remove(part: &Path) {
    for tail in ["", "-wal", "-shm"] {
        // It may not have come so far.
        drop(std::fs::remove_file(with_tail(part, tail)));
    }
}
