//! The next round of an assessment: a row of its own, and with it a key of its own at the provider.

use crate::{
    clock::Moment,
    db::Tx,
    fault::StoreError,
    invite::{
        change,
        entity::{Invite, entry},
        reconcile, store,
    },
};

/// Begins a round that was prepared, with its entry and its send; false when there is one of this number.
pub(super) async fn begin(tx: &mut Tx, next: &Invite, why: &str, now: Moment) -> Result<bool, StoreError> {
    if !store::insert(tx, next).await? {
        return Ok(false);
    }
    let sentence = format!("Due: {why} This is round {}.", next.round);
    change::follow(tx, next, &[entry(now, "due", sentence, None)], now).await?;
    reconcile::enqueue_send(tx, next, now).await?;
    Ok(true)
}
