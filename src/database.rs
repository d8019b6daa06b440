//! What belongs to a database in files: the embedded database's own file, the key beside it, and the
//! lock that keeps a second server away.

mod key;

use std::{
    fs::{File, OpenOptions, Permissions, TryLockError},
    io,
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use crate::command::Failure;

pub use key::{change, master_key};

/// Only the user that runs the program may read or write it.
pub const PRIVATE: u32 = 0o600;

/// No database is shorter.
const SHORTEST: u64 = 512;

/// A database's address, and its file where it is the embedded one.
#[derive(Debug, Clone)]
pub struct DatabaseUrl {
    pub url: String,
    pub file: Option<PathBuf>,
    /// Something is known to be in it, so that its key must be there too.
    pub is_ours: bool,
}

impl DatabaseUrl {
    /// The embedded database in `file`.
    #[cfg(feature = "sandbox")]
    pub fn embedded(file: &Path) -> Result<Self, Failure> {
        check_database_url(&format!("sqlite://{}", file.display()))
    }

    /// Whether there is an embedded database with something in it.
    pub fn is_new(&self) -> bool {
        let is_empty = |file: &PathBuf| file.metadata().map_or(true, |data| data.len() == 0);
        !self.is_ours && self.file.as_ref().is_some_and(is_empty)
    }
}

/// Checks the database's address.
///
/// # Errors
/// When it names neither a file nor a PostgreSQL server.
pub fn check_database_url(text: &str) -> Result<DatabaseUrl, Failure> {
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        return Ok(DatabaseUrl { url: text.to_owned(), file: None, is_ours: false });
    }
    let path = text.strip_prefix("sqlite://").or_else(|| text.strip_prefix("sqlite:"));
    let path = path.map(|path| path.split('?').next().unwrap_or(path)).filter(|path| !path.is_empty());
    let path = path.ok_or_else(|| wrong("it must begin with sqlite:// and name a file, or with postgres://"))?;
    if path.contains(":memory:") {
        return Err(wrong(
            "a database in memory would forget whom it invited: name a file, as in sqlite://candilever.db",
        ));
    }
    if path.contains('%') {
        return Err(wrong("a percent sign in the file's name is not understood: choose another name"));
    }
    Ok(DatabaseUrl { url: format!("sqlite://{path}"), file: Some(PathBuf::from(path)), is_ours: false })
}

fn wrong(why: &str) -> Failure {
    Failure::Usage(format!("CANDILEVER_DATABASE_URL: {why}."))
}

/// Makes the embedded database's file readable for this user alone, before anything is in it.
///
/// # Errors
/// When its folder is not there, it may not be written, or it was cut off.
pub fn prepare_file(file: &Path) -> Result<(), Failure> {
    let opened = OpenOptions::new().create(true).append(true).mode(PRIVATE).open(file);
    let opened = opened.map_err(|e| unusable(file, &e))?;
    let data = opened.metadata().map_err(|e| unusable(file, &e))?;
    // SQLite would take it for one that nothing is in yet.
    if (1..SHORTEST).contains(&data.len()) {
        return Err(Failure::damaged());
    }
    if data.permissions().mode() & 0o077 != 0 {
        tighten(file);
    }
    Ok(())
}

fn tighten(file: &Path) {
    match std::fs::set_permissions(file, Permissions::from_mode(PRIVATE)) {
        Ok(()) => tracing::info!(file = %file.display(), "the database's file is now readable for this user alone"),
        Err(error) => tracing::warn!(file = %file.display(), %error, "others may read the database's file"),
    }
}

fn unusable(file: &Path, error: &io::Error) -> Failure {
    Failure::Database(format!(
        "The database file {} cannot be opened: {error}. Check that its folder exists and that this user may write there.",
        file.display()
    ))
}

/// The lock on an embedded database; it ends with the process.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "holding the file open is what locks")] File);

/// Keeps a second server away from the embedded database.
///
/// # Errors
/// When a server holds it, or the lock's file cannot be written.
pub fn lock(file: &Path) -> Result<Lock, Failure> {
    // A file of its own: SQLite has its own locks on the database.
    let path = beside(file, "lock");
    let lock =
        OpenOptions::new().create(true).append(true).mode(PRIVATE).open(&path).map_err(|e| unusable(file, &e))?;
    match lock.try_lock() {
        Ok(()) => Ok(Lock(lock)),
        Err(TryLockError::WouldBlock) => Err(Failure::Database(format!(
            "Another candilever serves the database {} already: stop that one first, or give this one a database of \
             its own with CANDILEVER_DATABASE_URL.",
            file.display()
        ))),
        Err(TryLockError::Error(error)) => Err(unusable(&path, &error)),
    }
}

/// The file of this name with one more extension.
pub fn beside(file: &Path, extension: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_lock_on_the_same_database_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.db");
        let first = lock(&file).expect("free");
        assert!(lock(&file).is_err());
        drop(first);
        assert!(lock(&file).is_ok());
    }

    #[test]
    fn addresses_that_name_no_lasting_database_are_refused() {
        for text in
            ["", "mysql://a", "sqlite://", "sqlite::memory:", "sqlite://:memory:", "candilever.db", "sqlite://a%20b"]
        {
            assert!(check_database_url(text).is_err(), "{text}");
        }
        assert_eq!(check_database_url("sqlite:a.db?mode=ro").expect("a file").url, "sqlite://a.db");
    }
}
