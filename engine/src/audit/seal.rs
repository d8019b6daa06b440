//! Sealing: entries take their places in the chain in the background, each organization's in one line
//! whichever server does it.

use super::{chain, store};
use crate::{Engine, fault::StoreError, id::OrganizationId};

/// How many are sealed in one transaction.
const AT_ONCE: i64 = 200;

/// Seals what is not sealed yet; answers how many.
pub(crate) async fn seal(engine: &Engine) -> Result<u64, StoreError> {
    let mut sealed = 0;
    for organization in store::unsealed_organizations(&engine.db).await? {
        loop {
            let some = seal_some(engine, &organization).await?;
            sealed += some;
            if some < AT_ONCE.unsigned_abs() {
                break;
            }
        }
    }
    Ok(sealed)
}

async fn seal_some(engine: &Engine, organization: &OrganizationId) -> Result<u64, StoreError> {
    let mut tx = engine.db.write().await?;
    // Held until the end: no other server takes the same numbers.
    let (mut number, mut hash) = store::hold_chain(&mut tx, organization).await?;
    let entries = store::unsealed(&mut tx, organization, AT_ONCE).await?;
    for entry in &entries {
        number += 1;
        hash = chain::next(&hash, number, entry);
        store::insert_seal(&mut tx, entry, number, &hash).await?;
    }
    store::end_chain(&mut tx, organization, number, &hash).await?;
    tx.commit().await?;
    for entry in &entries {
        tracing::info!(
            target: "audit",
            organization = %organization, id = entry.id, at = entry.at, by = entry.by_user.as_deref().unwrap_or(&entry.by_kind),
            from = entry.from_address.as_deref(), action = entry.action, subject = entry.subject,
            before = entry.before.as_deref(), after = entry.after.as_deref(),
            "audit"
        );
    }
    Ok(entries.len() as u64)
}
