//! Other keys while servers run. Of another data key they learn first, then every secret is sealed anew; another
//! master key they need at their next start.

use std::{collections::BTreeSet, time::Duration};

use crate::{
    Engine, access,
    audit::{self, Action},
    clock::Moment,
    connection,
    db::Db,
    erasure,
    fault::{StartError, StoreError},
    notice, provider,
    vault::{self, MasterKey, SealedColumn, key_of},
};

/// How soon every server that runs knows a new key: they look every twenty seconds.
pub const KNOWN_WITHIN: Duration = Duration::from_secs(45);
/// Whoever changes a secret meanwhile seals it with the new key: a second look finds next to nothing.
const LOOKS: usize = 3;

fn columns() -> impl Iterator<Item = &'static SealedColumn> {
    access::sealed().chain(&connection::SEALED).chain(&provider::SEALED).chain(&notice::SEALED).chain(&erasure::SEALED)
}

/// Makes another data key; answers its number. Those from before the present one, with which nothing is sealed any
/// more, are forgotten; the present one stays until the next time, since a server that sleeps may still seal with it.
///
/// # Errors
/// When the database fails, or has had 255 of them.
pub async fn renew(engine: &Engine) -> Result<u8, StoreError> {
    let mut used = BTreeSet::new();
    for column in columns() {
        used.extend(sealed(&engine.db, column).await?.iter().filter_map(|(_, value)| key_of(value)));
    }
    let (master, now) = (&engine.settings.master_key, engine.clock.now());
    let mut tx = engine.db.write().await?;
    let newest = engine.vault.renew(&mut tx, master, now).await?;
    for old in (1..newest.saturating_sub(1)).filter(|old| !used.contains(old)) {
        sqlx::query("DELETE FROM data_keys WHERE id = $1").bind(i64::from(old)).execute(&mut *tx).await?;
    }
    audit::record_everywhere(&mut tx, Action::DataKeyMade, now).await?;
    tx.commit().await?;
    engine.vault.follow(&engine.db, master).await?;
    Ok(newest)
}

/// Wraps the data keys with another master key; answers how many. Servers that run go on: they need the new one at
/// their next start, and before the next rotation.
///
/// # Errors
/// When the database fails, or the present master key is not the one it was made with.
pub async fn rewrap(db: &Db, present: &MasterKey, new: &MasterKey, now: Moment) -> Result<u64, StartError> {
    let mut tx = db.write().await?;
    let wrapped = vault::rewrap(&mut tx, present, new).await?;
    if wrapped > 0 {
        audit::record_everywhere(&mut tx, Action::MasterKeyChanged, now).await?;
    }
    tx.commit().await.map_err(StoreError::from)?;
    Ok(wrapped)
}

/// Seals with the newest key whatever is sealed with an older one; answers how many secrets. To be called once
/// every server knows the key ([`KNOWN_WITHIN`]).
///
/// # Errors
/// When the database fails, or a secret does not open.
pub async fn seal_anew(engine: &Engine) -> Result<u64, StoreError> {
    let mut count = 0;
    for _ in 0..LOOKS {
        for column in columns() {
            for (id, old) in sealed(&engine.db, column).await? {
                if !engine.vault.is_current(&old) {
                    count += replace(engine, column, &id, &old).await?;
                }
            }
        }
    }
    Ok(count)
}

async fn sealed(db: &Db, column: &SealedColumn) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
    Ok(sqlx::query_as(column.all).fetch_all(db.read()).await?)
}

/// Replaces a value that is still the same: nobody's newer one is written over.
async fn replace(engine: &Engine, column: &SealedColumn, id: &str, old: &[u8]) -> Result<u64, StoreError> {
    let place = (column.place)(id);
    let new = engine.vault.seal(&place, &engine.vault.open_sealed(&place, old)?);
    let mut tx = engine.db.write().await?;
    let replaced = sqlx::query(column.replace).bind(new).bind(id).bind(old.to_vec()).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(replaced.rows_affected())
}
