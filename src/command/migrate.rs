//! `candilever migrate`: brings the schema up to date, as `serve` does at its start.

use crate::{command::Failure, config::Config, database, terminal};

/// Brings the schema up to date.
///
/// # Errors
/// When the database cannot be used, or a server holds it.
pub async fn run(config: &Config) -> Result<(), Failure> {
    let checked = config.check()?;
    // The key file is made with the database, so that what follows finds both.
    let _key = database::master_key(checked.master_key.as_ref(), &checked.database)?.announced();
    let _lock = checked.database.file.as_deref().map(database::lock).transpose()?;
    let db = super::open_database(&checked).await?;
    db.migrate().await?;
    db.close().await;
    terminal::say("The database's schema is up to date.");
    Ok(())
}
