//! The master key, which must not lie in the database whose secrets it opens.

use std::{
    fs::OpenOptions,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use engine::vault::MasterKey;
use secrecy::{ExposeSecret as _, SecretString};

use super::{DatabaseUrl, PRIVATE, beside, unusable};
use crate::{command::Failure, terminal};

/// What a key file is called, beside the database's own, until it takes its place.
const NEXT: &str = "key.next";

/// The master key, and the file it was just made in, if it was.
pub struct Found {
    pub key: MasterKey,
    made: Option<PathBuf>,
}

impl Found {
    /// The key; a new key file is made known to whoever must keep it.
    pub fn announced(self) -> MasterKey {
        if let Some(path) = &self.made {
            let keep = "keep a copy of it away from the database's backups";
            terminal::say(&format!("Made the key file {}: {keep}.", path.display()));
        }
        self.key
    }
}

impl From<MasterKey> for Found {
    fn from(key: MasterKey) -> Self {
        Self { key, made: None }
    }
}

/// The master key: the one given, or the one in the key file beside the embedded database. A new
/// database gets a new key file.
///
/// # Errors
/// When there is none, or it is not 32 bytes in base64.
pub fn master_key(given: Option<&SecretString>, database: &DatabaseUrl) -> Result<Found, Failure> {
    let Some(given) = given else { return key_file(database) };
    MasterKey::parse(given.expose_secret()).map(Found::from).map_err(|_| {
        Failure::Usage(
            "CANDILEVER_MASTER_KEY: it must be 32 bytes in base64; `openssl rand -base64 32` makes one.".into(),
        )
    })
}

fn key_file(database: &DatabaseUrl) -> Result<Found, Failure> {
    let Some(file) = &database.file else {
        return Err(Failure::Usage(
            "CANDILEVER_MASTER_KEY: it is missing, and PostgreSQL has no key file beside it; `openssl rand -base64 32` \
             makes one."
                .into(),
        ));
    };
    let path = beside(file, "key");
    if beside(file, NEXT).exists() {
        return Err(Failure::Refused(
            "A change of the master key was interrupted: `candilever keys rewrap` ends it.".into(),
        ));
    }
    match std::fs::read_to_string(&path) {
        Ok(text) => MasterKey::parse(&text).map(Found::from).map_err(|_| {
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

fn make_key_file(path: &Path) -> Result<Found, Failure> {
    let key = MasterKey::generate();
    write_key_file(path, &key)?;
    Ok(Found { key, made: Some(path.to_owned()) })
}

fn write_key_file(path: &Path, key: &MasterKey) -> Result<(), Failure> {
    let written = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(PRIVATE)
        .open(path)
        .and_then(|mut file| writeln!(file, "{}", key.to_base64()).and_then(|()| file.sync_all()));
    written.map_err(|e| unusable(path, &e))
}

/// A key file on its way to be another: the next one is beside it until the database knows it.
#[derive(Debug)]
pub struct Change {
    place: PathBuf,
    beside_it: PathBuf,
    pub present: MasterKey,
    pub next: MasterKey,
}

/// Begins to change the key in the file beside an embedded database, or goes on where that was interrupted.
///
/// # Errors
/// When there is no key file, or the next one cannot be written beside it.
pub fn change(file: &Path) -> Result<Change, Failure> {
    let (place, beside_it) = (beside(file, "key"), beside(file, NEXT));
    let read = |path: &Path| -> Result<MasterKey, Failure> {
        let text = std::fs::read_to_string(path).map_err(|e| unusable(path, &e))?;
        MasterKey::parse(&text)
            .map_err(|_| Failure::Usage(format!("{} does not hold 32 bytes in base64.", path.display())))
    };
    let present = read(&place)?;
    let next = if beside_it.exists() { read(&beside_it)? } else { MasterKey::generate() };
    if !beside_it.exists() {
        write_key_file(&beside_it, &next)?;
    }
    Ok(Change { place, beside_it, present, next })
}

impl Change {
    /// Puts the next key into the present one's place: the database knows it.
    ///
    /// # Errors
    /// When the file cannot be replaced; to be called again then.
    pub fn end(&self) -> Result<(), Failure> {
        std::fs::rename(&self.beside_it, &self.place).map_err(|e| unusable(&self.place, &e))?;
        let folder = self.place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let synced = std::fs::File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(|e| unusable(&self.place, &e))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::database::check_database_url;

    #[test]
    fn a_new_database_gets_a_key_file_once_and_keeps_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = check_database_url(&format!("sqlite://{}/a.db", folder.path().display())).expect("a database");
        let first = master_key(None, &database).expect("a new key").key.to_base64();
        assert_eq!(master_key(None, &database).expect("the same key").key.to_base64(), first);
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
}
