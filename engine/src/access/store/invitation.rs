//! The SQL of invitations.

use secrecy::{ExposeSecret as _, SecretString};

use super::super::{
    Member, Role,
    invitation::{Found, Invitation, Invited},
};
use crate::{
    Engine,
    clock::Moment,
    db::{Tx, fold},
    fault::StoreError,
    id::{InvitationId, OrganizationId, UserId},
    random,
    vault::SealedColumn,
};

/// What is sealed here.
pub(crate) const SEALED: [SealedColumn; 1] = [SealedColumn {
    all: "SELECT id, token FROM invitations",
    replace: "UPDATE invitations SET token = $1 WHERE id = $2 AND token = $3",
    place,
}];

fn place(id: &str) -> String {
    format!("invitations|{id}|token")
}

fn inconsistent(id: &InvitationId) -> StoreError {
    StoreError::Inconsistent { table: "invitations", column: "role", id: id.to_string() }
}

/// An invitation to store.
pub(in crate::access) struct New<'a> {
    pub id: InvitationId,
    pub email: &'a str,
    pub role: Role,
    pub token: &'a SecretString,
    pub expires_at: Moment,
}

/// Stores it in place of an earlier one of the same address; those that have expired go meanwhile.
pub(in crate::access) async fn replace(
    engine: &Engine,
    tx: &mut Tx,
    by: &Member,
    new: &New<'_>,
    now: Moment,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM invitations WHERE organization_id = $1 AND (email_fold = $2 OR expires_at <= $3)")
        .bind(by.organization.as_str())
        .bind(fold(new.email))
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    sqlx::query(
        "INSERT INTO invitations (
             id, organization_id, email, email_fold, role, token_hash, token, invited_by, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(new.id.as_str())
    .bind(by.organization.as_str())
    .bind(new.email)
    .bind(fold(new.email))
    .bind(new.role.slug())
    .bind(random::digest(new.token.expose_secret()))
    .bind(engine.vault.seal(&place(new.id.as_str()), new.token))
    .bind(by.user.as_str())
    .bind(now.0)
    .bind(new.expires_at.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Those that can be accepted, newest first.
pub(in crate::access) async fn open(
    engine: &Engine,
    organization: &OrganizationId,
    now: Moment,
) -> Result<Vec<Invitation>, StoreError> {
    let rows: Vec<(InvitationId, String, String, Vec<u8>, i64)> = sqlx::query_as(
        "SELECT id, email, role, token, expires_at FROM invitations
         WHERE organization_id = $1 AND expires_at > $2
         ORDER BY id DESC",
    )
    .bind(organization.as_str())
    .bind(now.0)
    .fetch_all(engine.db.read())
    .await?;
    let read = |(id, email, role, token, expires_at): (InvitationId, String, String, Vec<u8>, i64)| {
        let token = engine.vault.open_sealed(&place(id.as_str()), &token)?;
        let link = engine.settings.address(&format!("/invitation/{}", token.expose_secret()));
        let role = Role::parse(&role).ok_or_else(|| inconsistent(&id))?;
        Ok(Invitation { id, email, role, link, expires_at: Moment(expires_at) })
    };
    rows.into_iter().map(read).collect()
}

/// One that can be accepted, and the name of who made it.
pub(in crate::access) async fn get(
    engine: &Engine,
    organization: &OrganizationId,
    id: &str,
    now: Moment,
) -> Result<Option<(Invitation, String)>, StoreError> {
    let by: Option<String> = sqlx::query_scalar(
        "SELECT u.name FROM invitations i JOIN users u ON u.id = i.invited_by
         WHERE i.organization_id = $1 AND i.id = $2",
    )
    .bind(organization.as_str())
    .bind(id)
    .fetch_optional(engine.db.read())
    .await?;
    let found = open(engine, organization, now).await?.into_iter().find(|open| open.id.as_str() == id);
    Ok(found.zip(by))
}

/// The one that a token opens, while it can be accepted.
pub(in crate::access) async fn find(
    executor: impl sqlx::Executor<'_, Database = sqlx::Any>,
    token_hash: &str,
    now: Moment,
) -> Result<Option<Found>, StoreError> {
    let row: Option<(InvitationId, OrganizationId, String, String, String)> = sqlx::query_as(
        "SELECT i.id, i.organization_id, o.name, i.email, i.role
         FROM invitations i JOIN organizations o ON o.id = i.organization_id
         WHERE i.token_hash = $1 AND i.expires_at > $2",
    )
    .bind(token_hash)
    .bind(now.0)
    .fetch_optional(executor)
    .await?;
    let Some((id, organization, organization_name, email, role)) = row else { return Ok(None) };
    let role = Role::parse(&role).ok_or_else(|| inconsistent(&id))?;
    Ok(Some(Found { id, organization, invited: Invited { organization_name, email, role } }))
}

/// False when it is not there (any more).
pub(in crate::access) async fn delete(
    tx: &mut Tx,
    organization: &OrganizationId,
    id: &InvitationId,
) -> Result<bool, StoreError> {
    let done = sqlx::query("DELETE FROM invitations WHERE organization_id = $1 AND id = $2")
        .bind(organization.as_str())
        .bind(id.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Whoever may invite nobody any more leaves no way back for themselves: what they made stops working.
pub(super) async fn forget_unless_they_may_invite(
    tx: &mut Tx,
    organization: &OrganizationId,
    user: &UserId,
    role: Option<Role>,
) -> Result<(), StoreError> {
    if role != Some(Role::SuperAdmin) {
        sqlx::query("DELETE FROM invitations WHERE organization_id = $1 AND invited_by = $2")
            .bind(organization.as_str())
            .bind(user.as_str())
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

/// Those of an address that can be accepted, whichever organization's.
pub(in crate::access) async fn all_for(tx: &mut Tx, email_fold: &str, now: Moment) -> Result<Vec<Found>, StoreError> {
    let hashes: Vec<String> =
        sqlx::query_scalar("SELECT token_hash FROM invitations WHERE email_fold = $1 AND expires_at > $2 ORDER BY id")
            .bind(email_fold)
            .bind(now.0)
            .fetch_all(&mut **tx)
            .await?;
    let mut all = Vec::new();
    for hash in hashes {
        all.extend(find(&mut **tx, &hash, now).await?);
    }
    Ok(all)
}
