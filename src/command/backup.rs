//! `candilever backup`: one file with everything in it but the master key, made while the server runs.

use std::{
    fs::{File, OpenOptions},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use clap::Args;

use super::postgres;
use crate::{
    command::Failure,
    config::Config,
    database::{self, PRIVATE},
    terminal,
};

/// Where to.
#[derive(Debug, Args)]
pub struct Backup {
    /// The file to write; it must not be there yet
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Backup {
    /// Writes the backup.
    ///
    /// # Errors
    /// When the database cannot be read or the file not be written; nothing is left behind then.
    pub async fn run(self, config: &Config) -> Result<(), Failure> {
        let checked = config.check()?;
        if self.file.exists() {
            return Err(Failure::Usage(format!("{} is there already: name a new file.", self.file.display())));
        }
        let part = database::beside(&self.file, "part");
        // Made first, so that it is never readable for others.
        private(&part)?;
        let made = match &checked.database.file {
            Some(file) if checked.database.is_new() => {
                Err(Failure::Database(format!("There is nothing to back up: {} is not there.", file.display())))
            }
            Some(_) => copy(&checked.database.url, &part).await,
            None => postgres::dump(&checked.database.url, &part).await,
        };
        let kept = made.and_then(|()| keep(&part, &self.file));
        if kept.is_err() {
            // Half a backup is worse than none.
            drop(std::fs::remove_file(&part));
        }
        kept?;
        terminal::say(&format!(
            "Wrote {}. Without the master key its secrets cannot be opened: keep a copy of the key somewhere else.",
            self.file.display()
        ));
        Ok(())
    }
}

async fn copy(url: &str, part: &Path) -> Result<(), Failure> {
    let name = part.to_str().ok_or_else(|| Failure::Usage("The file's name must be UTF-8.".into()))?;
    let db = engine::db::Db::open(url).await?;
    db.copy_to(name).await?;
    db.close().await;
    let copy = engine::db::Db::open(&format!("sqlite://{name}")).await?;
    let whole = copy.is_whole().await?;
    copy.close().await;
    if whole { Ok(()) } else { Err(Failure::Database("The copy is not whole: the database's file is damaged.".into())) }
}

/// Makes an empty file that only this user can read.
pub(super) fn private(file: &Path) -> Result<(), Failure> {
    let made = OpenOptions::new().create(true).write(true).truncate(true).mode(PRIVATE).open(file);
    made.map(drop).map_err(|error| unwritable(file, &error))
}

/// Gives a finished file its name, so that it lasts.
pub(super) fn keep(part: &Path, file: &Path) -> Result<(), Failure> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(part)
        .and_then(|written| written.sync_all())
        .and_then(|()| std::fs::rename(part, file))
        .and_then(|()| File::open(folder)?.sync_all())
        .map_err(|error| unwritable(file, &error))
}

pub(super) fn unwritable(file: &Path, error: &std::io::Error) -> Failure {
    Failure::Usage(format!("{} cannot be written: {error}.", file.display()))
}
