//! Another callback secret. The present one counts for another day, so that no callback is refused while the new
//! one is handed over.

use std::time::Duration;

use super::{signature, store};
use crate::{
    Engine,
    access::{Member, Permission},
    audit::{self, Action, Deed},
    fault::FlowError,
    live::Change,
    organization,
};

/// How long the former secret counts.
const FORMER_LASTS: Duration = Duration::from_hours(24);

/// Makes another one; the present one becomes the former.
///
/// # Errors
/// Forbidden unless the role manages the connection; not found before there is an account; conflict while a former
/// one still counts: which of the two the provider has, nobody here knows.
pub async fn renew_callback_secret(engine: &Engine, member: &Member) -> Result<(), FlowError> {
    member.require(Permission::ManageConnection)?;
    let now = engine.clock.now();
    let mut tx = engine.db.write().await?;
    organization::hold(&mut tx, &member.organization).await?;
    let known = store::secret::of(engine, &mut tx, &member.organization).await?.ok_or(FlowError::NotFound)?;
    if known.former_until.is_some_and(|until| until > now) {
        return Err(FlowError::Conflict);
    }
    let new = signature::new_secret();
    store::secret::replace(engine, &mut tx, &known, &new, now.after(FORMER_LASTS)).await?;
    audit::record(&mut tx, member, &Deed::plain(Action::CallbackSecretMade, known.account.as_str()), now).await?;
    tx.commit().await?;
    engine.live.tell(&member.organization, Change::SetUp);
    Ok(())
}

/// Ends the former one before its time.
///
/// # Errors
/// Forbidden unless the role manages the connection; conflict when none counts.
pub async fn end_former_callback_secret(engine: &Engine, member: &Member) -> Result<(), FlowError> {
    member.require(Permission::ManageConnection)?;
    let now = engine.clock.now();
    let mut tx = engine.db.write().await?;
    let account = store::secret::end_former(&mut tx, &member.organization, now).await?.ok_or(FlowError::Conflict)?;
    audit::record(&mut tx, member, &Deed::plain(Action::CallbackSecretEnded, account.as_str()), now).await?;
    tx.commit().await?;
    engine.live.tell(&member.organization, Change::SetUp);
    Ok(())
}
