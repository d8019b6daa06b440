//! Another protocol for an account that has sent already. Nothing is lost by it: what was sent before keeps
//! its id, is asked for no more while the account speaks another protocol, and again after a switch back.

use super::Protocol;
use crate::{
    db::{Db, Tx},
    fault::{FlowError, Refusal, StoreError},
    id::{OrganizationId, ProviderAccountId, ProviderInviteId},
};

/// What to do when the account speaks another protocol already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherProtocol {
    /// Refuse it while invites are under way.
    Ask,
    /// The person knows of the invites under way.
    Confirmed,
}

/// Refuses a switch that would make an outcome unknowable, and one that leaves invites behind that nobody
/// confirmed. What was sent over the protocol that is switched to is not left behind.
pub(super) async fn allow(
    tx: &mut Tx,
    organization: &OrganizationId,
    account: &ProviderAccountId,
    to: Protocol,
    other: OtherProtocol,
) -> Result<(), FlowError> {
    let under_way: Vec<(String, Option<ProviderInviteId>)> = sqlx::query_as(
        "SELECT state, provider_invite_id
         FROM invites
         WHERE organization_id = $1 AND provider_account_id = $2
               AND (state IN ('sent', 'started', 'unclear') OR (state = 'queued' AND send_intent_at IS NOT NULL))",
    )
    .bind(organization.as_str())
    .bind(account.as_str())
    .fetch_all(&mut **tx)
    .await
    .map_err(StoreError::from)?;
    if under_way.iter().any(|(state, _)| state == "queued") {
        return Err(FlowError::Refused(Refusal::SendUnderWay));
    }
    let leaves_some = under_way.iter().any(|(_, invite)| !invite.as_ref().is_some_and(|invite| to.sent(invite)));
    match other {
        OtherProtocol::Ask if leaves_some => Err(FlowError::Refused(Refusal::InvitesUnderWay)),
        OtherProtocol::Ask | OtherProtocol::Confirmed => Ok(()),
    }
}

/// How many invites under way were sent over another protocol than the account speaks now.
pub(super) async fn elsewhere(
    db: &Db,
    organization: &OrganizationId,
    account: &ProviderAccountId,
    protocol: Protocol,
) -> Result<i64, StoreError> {
    let open: Vec<(ProviderInviteId,)> = sqlx::query_as(
        "SELECT provider_invite_id
         FROM invites
         WHERE organization_id = $1 AND provider_account_id = $2 AND state IN ('sent', 'started')
               AND provider_invite_id IS NOT NULL",
    )
    .bind(organization.as_str())
    .bind(account.as_str())
    .fetch_all(db.read())
    .await?;
    let others = open.iter().filter(|(invite,)| !protocol.sent(invite)).count();
    Ok(i64::try_from(others).unwrap_or(i64::MAX))
}
