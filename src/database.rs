//! What belongs to a database in files: the embedded database's own file, the key beside it, and the
//! lock that keeps a second server away.

use std::{
    fs::{File, OpenOptions, Permissions, TryLockError},
    io::{self, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use engine::vault::MasterKey;
use secrecy::{ExposeSecret as _, SecretString};

use crate::{command::Failure, terminal};

/// Only the user that runs the program may read or write it.
const PRIVATE: u32 = 0o600;

/// A database's address, and its file where it is the embedded one.
#[derive(Debug, Clone)]
pub struct DatabaseUrl {
    pub url: String,
    pub file: Option<PathBuf>,
}

impl DatabaseUrl {
    /// The embedded database in `file`.
    #[cfg(feature = "sandbox")]
    pub fn embedded(file: &Path) -> Result<Self, Failure> {
        check_database_url(&format!("sqlite://{}", file.display()))
    }

    /// Whether there is an embedded database with something in it.
    pub fn is_new(&self) -> bool {
        self.file.as_ref().is_some_and(|file| file.metadata().map_or(true, |data| data.len() == 0))
    }
}

/// Checks the database's address.
///
/// # Errors
/// When it names neither a file nor a PostgreSQL server.
pub fn check_database_url(text: &str) -> Result<DatabaseUrl, Failure> {
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        return Ok(DatabaseUrl { url: text.to_owned(), file: None });
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
    Ok(DatabaseUrl { url: format!("sqlite://{path}"), file: Some(PathBuf::from(path)) })
}

fn wrong(why: &str) -> Failure {
    Failure::Usage(format!("CANDILEVER_DATABASE_URL: {why}."))
}

/// Makes the embedded database's file readable for this user alone, before anything is in it.
///
/// # Errors
/// When its folder is not there, or it may not be written.
pub fn prepare_file(file: &Path) -> Result<(), Failure> {
    let opened = OpenOptions::new().create(true).append(true).mode(PRIVATE).open(file);
    let opened = opened.map_err(|e| unusable(file, &e))?;
    let mode = opened.metadata().map_err(|e| unusable(file, &e))?.permissions().mode();
    if mode & 0o077 != 0 {
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

fn beside(file: &Path, extension: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    PathBuf::from(name)
}

/// The master key: the one given, or the one in the key file beside the embedded database. A new
/// database gets a new key file, and says so.
///
/// # Errors
/// When there is none, or it is not 32 bytes in base64.
pub fn master_key(given: Option<&SecretString>, database: &DatabaseUrl) -> Result<MasterKey, Failure> {
    let Some(given) = given else { return key_file(database) };
    MasterKey::parse(given.expose_secret()).map_err(|_| {
        Failure::Usage(
            "CANDILEVER_MASTER_KEY: it must be 32 bytes in base64; `openssl rand -base64 32` makes one.".into(),
        )
    })
}

fn key_file(database: &DatabaseUrl) -> Result<MasterKey, Failure> {
    let Some(file) = &database.file else {
        return Err(Failure::Usage(
            "CANDILEVER_MASTER_KEY: it is missing, and PostgreSQL has no key file beside it; `openssl rand -base64 32` \
             makes one."
                .into(),
        ));
    };
    let path = beside(file, "key");
    match std::fs::read_to_string(&path) {
        Ok(text) => MasterKey::parse(&text).map_err(|_| {
            Failure::Usage(format!(
                "The key file {} does not hold 32 bytes in base64: restore it from a backup.",
                path.display()
            ))
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound && database.is_new() => make_key_file(&path),
        Err(error) => Err(Failure::Usage(format!(
            "The key file {} cannot be read ({error}), and without it the stored secrets cannot be opened: restore it \
             from a backup, or set CANDILEVER_MASTER_KEY.",
            path.display()
        ))),
    }
}

fn make_key_file(path: &Path) -> Result<MasterKey, Failure> {
    let key = MasterKey::generate();
    let written = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(PRIVATE)
        .open(path)
        .and_then(|mut file| writeln!(file, "{}", key.to_base64()).and_then(|()| file.sync_all()));
    written.map_err(|e| unusable(path, &e))?;
    terminal::say(&format!(
        "Made the key file {}: keep a copy of it away from the database's backups.",
        path.display()
    ));
    Ok(key)
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
    fn a_new_database_gets_a_key_file_once_and_keeps_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = check_database_url(&format!("sqlite://{}/a.db", folder.path().display())).expect("a database");
        let first = master_key(None, &database).expect("a new key").to_base64();
        assert_eq!(master_key(None, &database).expect("the same key").to_base64(), first);
        let mode = folder.path().join("a.db.key").metadata().expect("a key file").permissions().mode();
        assert_eq!(mode & 0o777, PRIVATE);
    }

    #[test]
    fn a_lost_key_file_is_not_replaced_by_a_useless_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = check_database_url(&format!("sqlite://{}/a.db", folder.path().display())).expect("a database");
        std::fs::write(folder.path().join("a.db"), "something").expect("written");
        assert!(master_key(None, &database).is_err());
        assert!(!folder.path().join("a.db.key").exists());
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
