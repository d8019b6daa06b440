//! Secrets at rest: XChaCha20-Poly1305 under data keys that live in the database, wrapped by a
//! master key that does not. A sealed value is bound to its row and column: moved elsewhere it
//! does not open.

use std::sync::{Arc, RwLock};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use subtle::ConstantTimeEq as _;

use crate::{
    clock::Moment,
    db::{Db, Tx},
    fault::{StartError, StoreError},
    random,
};

const NONCE: usize = 24;
const VERSION: u8 = 1;

/// Whether two secrets are the same, in a time that tells nothing of where they differ.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// The key outside the database; 32 bytes, which are wiped with its last copy.
///
/// No secret can be printed or sent by mistake:
///
/// ```compile_fail
/// println!("{}", engine::vault::MasterKey::generate());
/// ```
/// ```compile_fail
/// println!("{}", secrecy::SecretString::from("a token"));
/// ```
/// ```compile_fail
/// serde_json::to_string(&secrecy::SecretString::from("a token"));
/// ```
/// ```compile_fail
/// serde_json::to_string(&engine::vault::MasterKey::generate());
/// ```
/// Where it is printed among other things, for whoever looks for a fault, it is not there:
///
/// ```
/// let key = engine::vault::MasterKey::generate();
/// assert_eq!(format!("{key:?}"), "MasterKey(…)");
/// assert!(!format!("{:?}", secrecy::SecretString::from("a token")).contains("token"));
/// assert!(serde_json::to_string("a token").is_ok(), "the one that compiles");
/// ```
#[derive(Clone)]
pub struct MasterKey(Arc<SecretBox<[u8; 32]>>);

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

impl MasterKey {
    /// Reads 32 bytes in base64.
    ///
    /// # Errors
    /// When it is not exactly that.
    pub fn parse(text: &str) -> Result<Self, StartError> {
        let bytes = STANDARD.decode(text.trim()).ok().and_then(|b| <[u8; 32]>::try_from(b).ok());
        bytes.map(Self::of).ok_or_else(|| StartError::Settings("the master key must be 32 bytes in base64".into()))
    }

    fn of(bytes: [u8; 32]) -> Self {
        Self(Arc::new(SecretBox::new(Box::new(bytes))))
    }

    /// A new random key.
    #[must_use]
    pub fn generate() -> Self {
        Self::of(random::bytes())
    }

    /// The key in base64, for the key file.
    #[must_use]
    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.0.expose_secret())
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&(*self.0.expose_secret()).into())
    }
}

/// A column of sealed values: how to read all with the ids of their rows, how to replace one that is still what it
/// was (`$1` for `$3` in row `$2`), and the place that each is bound to.
pub(crate) struct SealedColumn {
    pub all: &'static str,
    pub replace: &'static str,
    pub place: fn(&str) -> String,
}

/// Seals and opens secrets.
pub struct Vault {
    keys: RwLock<Vec<(u8, XChaCha20Poly1305)>>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(…)")
    }
}

impl Vault {
    /// Loads the data keys, making the first one on a new database.
    ///
    /// # Errors
    /// When the master key is not the one the database was made with.
    pub async fn open(db: &Db, master: &MasterKey, now: Moment) -> Result<Self, StartError> {
        let first = random::bytes::<32>();
        let wrapped = seal(&master.cipher(), "data_keys|1|wrapped", &first);
        let mut tx = db.write().await?;
        sqlx::query("INSERT INTO data_keys (id, wrapped, created_at) VALUES (1, $1, $2) ON CONFLICT (id) DO NOTHING")
            .bind(wrapped)
            .bind(now.0)
            .execute(&mut *tx)
            .await
            .map_err(StoreError::from)?;
        tx.commit().await.map_err(StoreError::from)?;
        let keys = load(db, master, 0).await?;
        Ok(Self { keys: RwLock::new(keys) })
    }

    /// Makes another data key, in the caller's transaction; answers its number. It counts once it is learned of.
    ///
    /// # Errors
    /// When the database fails, or has had 255 of them.
    pub(crate) async fn renew(&self, tx: &mut Tx, master: &MasterKey, now: Moment) -> Result<u8, StoreError> {
        let newest: i64 = sqlx::query_scalar("SELECT MAX(id) FROM data_keys").fetch_one(&mut **tx).await?;
        let next = u8::try_from(newest + 1).map_err(|_| StoreError::Sealed("there were 255 data keys"))?;
        let wrapped = seal(&master.cipher(), &wrapped_place(next.into()), &random::bytes::<32>());
        sqlx::query("INSERT INTO data_keys (id, wrapped, created_at) VALUES ($1, $2, $3)")
            .bind(i64::from(next))
            .bind(wrapped)
            .bind(now.0)
            .execute(&mut **tx)
            .await?;
        Ok(next)
    }

    /// Learns of the data keys that others made since.
    ///
    /// # Errors
    /// When the database fails, or a key is wrapped with another master key.
    ///
    /// # Panics
    /// Never: nobody panics while holding the keys.
    pub(crate) async fn follow(&self, db: &Db, master: &MasterKey) -> Result<(), StoreError> {
        let newer = load(db, master, self.newest()).await.map_err(|error| match error {
            StartError::Store(error) => error,
            _ => StoreError::Sealed("a data key of another master key"),
        })?;
        let mut keys = self.keys.write().expect("nobody panics while holding the keys");
        for (id, cipher) in newer {
            if keys.iter().all(|(known, _)| *known != id) {
                keys.push((id, cipher));
            }
        }
        Ok(())
    }

    fn newest(&self) -> u8 {
        let keys = self.keys.read().expect("nobody panics while holding the keys");
        keys.last().expect("a vault has at least one key").0
    }

    /// Whether a value is sealed with the newest key.
    pub(crate) fn is_current(&self, sealed: &[u8]) -> bool {
        key_of(sealed) == Some(self.newest())
    }

    /// Seals `secret` for one place, named like `connections|con_…|refresh_token`.
    ///
    /// # Panics
    /// Never: a vault is not opened without a key.
    #[must_use]
    pub fn seal(&self, place: &str, secret: &SecretString) -> Vec<u8> {
        let keys = self.keys.read().expect("nobody panics while holding the keys");
        let (id, cipher) = keys.last().expect("a vault has at least one key");
        let mut out = vec![VERSION, *id];
        out.extend(seal(cipher, place, secret.expose_secret().as_bytes()));
        out
    }

    /// Opens what was sealed for the same place.
    ///
    /// # Errors
    /// When it was made elsewhere, with another key, or altered.
    ///
    /// # Panics
    /// Never: nobody panics while holding the keys.
    pub fn open_sealed(&self, place: &str, sealed: &[u8]) -> Result<SecretString, StoreError> {
        let (head, rest) = sealed.split_at_checked(2).ok_or(StoreError::Sealed("too short"))?;
        let keys = self.keys.read().expect("nobody panics while holding the keys");
        let (_, cipher) = keys
            .iter()
            .find(|(id, _)| head[0] == VERSION && *id == head[1])
            .ok_or(StoreError::Sealed("unknown key"))?;
        let plain = unseal(cipher, place, rest).ok_or(StoreError::Sealed("wrong key or place"))?;
        String::from_utf8(plain).map(SecretString::from).map_err(|_| StoreError::Sealed("not text"))
    }
}

/// Wraps every data key with another master key, in the caller's transaction; those that are wrapped with it
/// already stay as they are. Answers how many were wrapped anew.
///
/// # Errors
/// When the database fails, or a key is wrapped with neither.
pub(crate) async fn rewrap(tx: &mut Tx, old: &MasterKey, new: &MasterKey) -> Result<u64, StartError> {
    let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as("SELECT id, wrapped FROM data_keys ORDER BY id")
        .fetch_all(&mut **tx)
        .await
        .map_err(StoreError::from)?;
    let mut count = 0;
    for (id, wrapped) in rows {
        let place = wrapped_place(id);
        if unseal(&new.cipher(), &place, &wrapped).is_some() {
            continue;
        }
        let plain = unseal(&old.cipher(), &place, &wrapped).ok_or_else(wrong_master)?;
        sqlx::query("UPDATE data_keys SET wrapped = $2 WHERE id = $1")
            .bind(id)
            .bind(seal(&new.cipher(), &place, &plain))
            .execute(&mut **tx)
            .await
            .map_err(StoreError::from)?;
        count += 1;
    }
    Ok(count)
}

fn wrapped_place(id: i64) -> String {
    format!("data_keys|{id}|wrapped")
}

fn wrong_master() -> StartError {
    StartError::Settings("the master key is not the one this database was made with".into())
}

/// The number of the key that a value is sealed with.
pub(crate) fn key_of(sealed: &[u8]) -> Option<u8> {
    sealed.get(1).copied()
}

async fn load(db: &Db, master: &MasterKey, after: u8) -> Result<Vec<(u8, XChaCha20Poly1305)>, StartError> {
    let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as("SELECT id, wrapped FROM data_keys WHERE id > $1 ORDER BY id")
        .bind(i64::from(after))
        .fetch_all(db.read())
        .await
        .map_err(StoreError::from)?;
    rows.iter().map(|(id, wrapped)| unwrap(master, *id, wrapped)).collect()
}

fn unwrap(master: &MasterKey, id: i64, wrapped: &[u8]) -> Result<(u8, XChaCha20Poly1305), StartError> {
    let plain = unseal(&master.cipher(), &wrapped_place(id), wrapped).ok_or_else(wrong_master)?;
    let key = <[u8; 32]>::try_from(plain).map_err(|_| wrong_master())?;
    Ok((u8::try_from(id).map_err(|_| wrong_master())?, XChaCha20Poly1305::new(&key.into())))
}

fn seal(cipher: &XChaCha20Poly1305, place: &str, plain: &[u8]) -> Vec<u8> {
    let nonce = random::bytes::<NONCE>();
    let payload = Payload { msg: plain, aad: place.as_bytes() };
    let mut out = nonce.to_vec();
    out.extend(cipher.encrypt(&XNonce::from(nonce), payload).expect("a short message always encrypts"));
    out
}

fn unseal(cipher: &XChaCha20Poly1305, place: &str, sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, rest) = sealed.split_at_checked(NONCE)?;
    let nonce = XNonce::from(<[u8; NONCE]>::try_from(nonce).ok()?);
    cipher.decrypt(&nonce, Payload { msg: rest, aad: place.as_bytes() }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cipher() -> XChaCha20Poly1305 {
        MasterKey::generate().cipher()
    }

    #[test]
    fn a_sealed_value_opens_only_in_its_place() {
        let cipher = cipher();
        let sealed = seal(&cipher, "connections|con_1|refresh_token", b"secret");
        assert_eq!(unseal(&cipher, "connections|con_1|refresh_token", &sealed).as_deref(), Some(&b"secret"[..]));
        assert_eq!(unseal(&cipher, "connections|con_2|refresh_token", &sealed), None);
    }

    #[test]
    fn a_million_nonces_are_all_different() {
        let nonces: std::collections::HashSet<[u8; NONCE]> = (0..1_000_000).map(|_| random::bytes()).collect();
        assert_eq!(nonces.len(), 1_000_000);
        let cipher = cipher();
        assert_ne!(seal(&cipher, "p", b"secret")[..NONCE], seal(&cipher, "p", b"secret")[..NONCE]);
    }

    #[test]
    fn an_altered_value_does_not_open() {
        let cipher = cipher();
        let mut sealed = seal(&cipher, "p", b"secret");
        *sealed.last_mut().expect("not empty") ^= 1;
        assert_eq!(unseal(&cipher, "p", &sealed), None);
    }
}
