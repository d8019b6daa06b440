//! After a backup was put back: nothing is sent by itself on the strength of what the backup knows.

use crate::{
    access, attachment,
    audit::{self, Action},
    clock::Moment,
    connection,
    db::Db,
    fault::StoreError,
    invite, note, pause,
};

/// What was put in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restored {
    /// Invites that were unsent in the backup: each is looked up at the provider before it is sent.
    pub unsent: u64,
    /// Attachments: whoever entered their stage before now is offered to a person, not sent to.
    pub attachments: u64,
}

/// Puts in doubt what may have happened since the backup was made, ends all sessions, and pauses.
///
/// # Errors
/// When the database fails; nothing was changed then.
pub async fn after_restore(db: &Db, now: Moment) -> Result<Restored, StoreError> {
    let mut tx = db.write().await?;
    let attachments = attachment::store::begin_anew(&mut tx, now).await?;
    let unsent = invite::doubt_unsent(&mut tx, now).await?;
    invite::verb::doubt_open(&mut tx, now).await?;
    note::doubt_unwritten(&mut tx, now).await?;
    // A session or a link that was ended or used since must not live again.
    access::end_sessions(&mut tx).await?;
    connection::forget_flows(&mut tx).await?;
    pause::begin_restored(&mut tx, now).await?;
    audit::record_everywhere(&mut tx, Action::Restored, now).await?;
    tx.commit().await?;
    Ok(Restored { unsent, attachments })
}
