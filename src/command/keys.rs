//! `candilever keys …`: the data keys that secrets are sealed with; also beside running servers.

use clap::Subcommand;
use engine::keys;

use crate::{command::Failure, config::Config, database, terminal};

/// What can be done with keys.
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Make a new data key and seal every token and key with it, while servers run
    Rotate,
}

impl Keys {
    /// Does it.
    ///
    /// # Errors
    /// When the database or the master key cannot be used, or a secret does not open.
    pub async fn run(&self, config: &Config) -> Result<(), Failure> {
        match self {
            Self::Rotate => rotate(config).await,
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
