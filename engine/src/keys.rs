//! Another data key while servers run: they learn of it first, then every secret is sealed anew.

use std::{collections::BTreeSet, time::Duration};

use crate::{
    Engine, access, connection,
    db::Db,
    erasure,
    fault::StoreError,
    provider,
    vault::{SealedColumn, key_of},
};

/// How soon every server that runs knows a new key: they look every twenty seconds.
pub const KNOWN_WITHIN: Duration = Duration::from_secs(45);
/// Whoever changes a secret meanwhile seals it with the new key: a second look finds next to nothing.
const LOOKS: usize = 3;

fn columns() -> impl Iterator<Item = &'static SealedColumn> {
    access::SEALED.iter().chain(&connection::SEALED).chain(&provider::SEALED).chain(&erasure::SEALED)
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
    let newest = engine.vault.renew(&engine.db, &engine.settings.master_key, engine.clock.now()).await?;
    let mut tx = engine.db.write().await?;
    for old in (1..newest.saturating_sub(1)).filter(|old| !used.contains(old)) {
        sqlx::query("DELETE FROM data_keys WHERE id = $1").bind(i64::from(old)).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    Ok(newest)
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
