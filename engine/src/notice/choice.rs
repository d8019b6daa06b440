//! What somebody wants to be mailed.

use super::store;
use crate::{
    Engine,
    access::{Member, Role},
    fault::FlowError,
};

/// What somebody is mailed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choices {
    /// What needs attention, once a day.
    pub digest: bool,
    /// That a candidate whose opportunity they own in Lever awaits a verdict.
    pub verdicts: bool,
}

impl Choices {
    /// Of whoever never chose: those who can mend what is wrong hear of it.
    pub(super) fn usual(role: Role) -> Self {
        Self { digest: role >= Role::Admin, verdicts: false }
    }
}

/// What the person is mailed in this organization.
///
/// # Errors
/// When the database fails.
pub async fn choices(engine: &Engine, member: &Member) -> Result<Choices, FlowError> {
    Ok(store::choices(&engine.db, member).await?)
}

/// Chooses it.
///
/// # Errors
/// When the database fails.
pub async fn choose(engine: &Engine, member: &Member, choices: Choices) -> Result<(), FlowError> {
    let mut tx = engine.db.write().await?;
    store::choose(&mut tx, member, choices).await?;
    tx.commit().await?;
    Ok(())
}
