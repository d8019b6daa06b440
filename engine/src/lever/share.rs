//! Our share of the rate that Lever allows an account, by an organization's choice; the server's setting until then.

use std::num::NonZeroU32;

use super::store;
use crate::{
    Engine,
    access::{Member, Permission},
    fault::{FlowError, StoreError},
    live::Change,
};

/// Calls a second that Lever allows an account, all its integrations together (Lever's developer documentation,
/// "Rate limits").
pub const LEVERS_OWN: u32 = 10;

/// So many calls a second: at least one, at most all that Lever allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share(NonZeroU32);

impl Share {
    /// `None` when it is nothing, or more than Lever allows.
    #[must_use]
    pub fn new(calls_per_second: u32) -> Option<Self> {
        NonZeroU32::new(calls_per_second).filter(|calls| calls.get() <= LEVERS_OWN).map(Self)
    }

    /// The number.
    #[must_use]
    pub fn calls_per_second(self) -> NonZeroU32 {
        self.0
    }
}

/// Calls a second at most, as it stands.
///
/// # Errors
/// When the database fails.
pub async fn share(engine: &Engine, member: &Member) -> Result<i64, StoreError> {
    let chosen = store::share::chosen(engine, &member.organization).await?;
    Ok(chosen.unwrap_or_else(|| i64::from(engine.settings.lever.calls_per_second.get())))
}

/// Chooses the share, in force from the next call on for all who are connected to the same account.
///
/// # Errors
/// Without the right, before the first connection, or when the database fails.
pub async fn choose_share(engine: &Engine, member: &Member, share: Share) -> Result<(), FlowError> {
    member.require(Permission::ManageConnection)?;
    let of_same_account = store::share::choose(engine, member, share.0).await?;
    if of_same_account.is_empty() {
        return Err(FlowError::NotConnected);
    }
    for organization in &of_same_account {
        engine.live.tell(organization, Change::SetUp);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_one_to_all_of_what_lever_allows() {
        assert_eq!([0, 11, u32::MAX].map(Share::new), [None; 3]);
        assert_eq!(
            [1, 10].map(|calls| Share::new(calls).map(|share| share.calls_per_second().get())),
            [Some(1), Some(10)]
        );
    }
}
