//! `candilever keys …`: the data keys that secrets are sealed with; also beside running servers.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use engine::{clock::Clock, keys, vault::MasterKey};

use crate::{command::Failure, config::Config, database, terminal};

/// What can be done with keys.
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Make a new data key and seal every token and key with it, while servers run
    Rotate,
    /// Wrap the data keys with another master key. Servers that run go on, and need it at their next start
    Rewrap {
        /// File with the new master key, 32 bytes in base64; default: the key file beside an embedded database gets
        /// a new one
        #[arg(long, env = "CANDILEVER_NEW_MASTER_KEY_FILE", value_name = "FILE")]
        new_master_key_file: Option<PathBuf>,
    },
}

impl Keys {
    /// Does it.
    ///
    /// # Errors
    /// When the database or the master key cannot be used, or a secret does not open.
    pub async fn run(&self, config: &Config) -> Result<(), Failure> {
        match self {
            Self::Rotate => rotate(config).await,
            Self::Rewrap { new_master_key_file: Some(file) } => rewrap(config, file).await,
            Self::Rewrap { new_master_key_file: None } => rewrap_key_file(config).await,
        }
    }
}

async fn rotate(config: &Config) -> Result<(), Failure> {
    let engine = super::open_beside(config).await?;
    let database = config.check()?.database;
    // Whoever holds the lock of an embedded database is alone with it.
    let alone = database.file.as_deref().and_then(|file| database::lock(file).ok());
    let key = keys::renew(&engine).await?;
    terminal::say(&format!("Data key {key} is made."));
    if alone.is_none() {
        let seconds = keys::KNOWN_WITHIN.as_secs();
        terminal::say(&format!("Waiting {seconds} seconds: servers that run learn of it within that time."));
        tokio::time::sleep(keys::KNOWN_WITHIN).await;
    }
    let secrets = keys::seal_anew(&engine).await?;
    engine.db.close().await;
    terminal::say(&format!("Secrets sealed with it: {secrets}. The key before is forgotten at the next rotation."));
    Ok(())
}

/// The master key comes from elsewhere, and so does the new one.
async fn rewrap(config: &Config, file: &Path) -> Result<(), Failure> {
    let checked = config.check()?;
    let unusable = |why: String| Failure::Usage(format!("CANDILEVER_NEW_MASTER_KEY_FILE: {why}."));
    let text = std::fs::read_to_string(file).map_err(|error| unusable(format!("it cannot be read ({error})")))?;
    let new = MasterKey::parse(&text);
    let new =
        new.map_err(|_| unusable("it must hold 32 bytes in base64; `openssl rand -base64 32` makes them".into()))?;
    if checked.master_key.is_none() {
        return Err(Failure::Usage(
            "The master key in use is the key file beside the database: leave CANDILEVER_NEW_MASTER_KEY_FILE away, and \
             that file gets a new one."
                .into(),
        ));
    }
    let present = database::master_key(checked.master_key.as_ref(), &checked.database)?.announced();
    let db = super::open_database(&checked).await?;
    let wrapped = keys::rewrap(&db, &present, &new, Clock::System.now()).await?;
    db.close().await;
    terminal::say(&format!(
        "Data keys wrapped with the new master key: {wrapped}. Set CANDILEVER_MASTER_KEY (or its file) to it and start \
         every server anew, before the next `keys rotate`. Backups from before open with the old one: keep it with them."
    ));
    Ok(())
}

/// The file beside an embedded database gets another key.
async fn rewrap_key_file(config: &Config) -> Result<(), Failure> {
    let checked = config.check()?;
    let file = checked.database.file.as_deref().filter(|_| checked.master_key.is_none());
    let file = file.ok_or_else(|| {
        let why =
            "CANDILEVER_NEW_MASTER_KEY_FILE: it is missing, and there is no key file in use that could be renewed.";
        Failure::Usage(why.into())
    })?;
    if checked.database.is_new() {
        return Err(Failure::Database(format!("There is no database at {} yet.", file.display())));
    }
    let change = database::change(file)?;
    let db = super::open_database(&checked).await?;
    keys::rewrap(&db, &change.present, &change.next, Clock::System.now()).await?;
    db.close().await;
    change.end()?;
    terminal::say(
        "The key file has a new master key. Servers that run need it at their next start and read it there. Backups \
         from before open with the old one: keep it with them.",
    );
    Ok(())
}
