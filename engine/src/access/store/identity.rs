//! The SQL of ways to sign in: who somebody is at an OpenID provider, and whether passwords count.

use super::super::Admitted;
use crate::{
    clock::Moment,
    db::{Db, Tx},
    fault::StoreError,
    id::{OrganizationId, UserId},
};

pub(in crate::access) async fn find(tx: &mut Tx, issuer: &str, subject: &str) -> Result<Option<UserId>, StoreError> {
    let found = sqlx::query_scalar("SELECT user_id FROM identities WHERE issuer = $1 AND subject = $2")
        .bind(issuer)
        .bind(subject)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(found)
}

pub(in crate::access) async fn insert(
    tx: &mut Tx,
    issuer: &str,
    subject: &str,
    user: &UserId,
    now: Moment,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO identities (issuer, subject, user_id, created_at) VALUES ($1, $2, $3, $4)")
        .bind(issuer)
        .bind(subject)
        .bind(user.as_str())
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Whether the person has an identity at this provider already.
pub(in crate::access) async fn has_one(tx: &mut Tx, issuer: &str, user: &UserId) -> Result<bool, StoreError> {
    let found: Option<String> = sqlx::query_scalar("SELECT subject FROM identities WHERE issuer = $1 AND user_id = $2")
        .bind(issuer)
        .bind(user.as_str())
        .fetch_optional(&mut **tx)
        .await?;
    Ok(found.is_some())
}

pub(in crate::access) async fn passwords(
    executor: impl sqlx::Executor<'_, Database = sqlx::Any>,
    organization: &OrganizationId,
) -> Result<bool, StoreError> {
    let allowed: i64 = sqlx::query_scalar("SELECT passwords FROM organizations WHERE id = $1")
        .bind(organization.as_str())
        .fetch_one(executor)
        .await?;
    Ok(allowed != 0)
}

pub(in crate::access) async fn choose_passwords(
    tx: &mut Tx,
    organization: &OrganizationId,
    allowed: bool,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE organizations SET passwords = $2 WHERE id = $1")
        .bind(organization.as_str())
        .bind(i64::from(allowed))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Whether one of the person's organizations lets them in with a password.
pub(in crate::access) async fn may_use_a_password(db: &Db, user: &UserId) -> Result<bool, StoreError> {
    let found: Option<String> = sqlx::query_scalar(
        "SELECT o.id FROM memberships m JOIN organizations o ON o.id = m.organization_id
         WHERE m.user_id = $1 AND (o.passwords = 1 OR m.role_source = 'creator')
         LIMIT 1",
    )
    .bind(user.as_str())
    .fetch_optional(db.read())
    .await?;
    Ok(found.is_some())
}

/// Whose address this is.
pub(in crate::access) async fn user_by_email(tx: &mut Tx, email_fold: &str) -> Result<Option<UserId>, StoreError> {
    let found = sqlx::query_scalar("SELECT id FROM users WHERE email_fold = $1")
        .bind(email_fold)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(found)
}

/// The role that our copy of Lever's list gives an active person with this address.
pub(in crate::access) async fn lever_role(
    tx: &mut Tx,
    organization: &OrganizationId,
    email_fold: &str,
) -> Result<Option<String>, StoreError> {
    let found = sqlx::query_scalar(
        "SELECT access_role FROM lever_users
         WHERE organization_id = $1 AND email_fold = $2 AND deactivated_at IS NULL
         ORDER BY id LIMIT 1",
    )
    .bind(organization.as_str())
    .bind(email_fold)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(found)
}

/// Who signs in with an address, and the hash of their password.
pub(in crate::access) struct Known {
    pub admitted: Admitted,
    pub hash: String,
}

/// Who signs in with that address.
///
/// One row in any case: that there is none must not take another time than that there is one.
pub(in crate::access) async fn password_of(db: &Db, email_fold: &str) -> Result<Option<Known>, StoreError> {
    let (user, hash, epoch): (Option<UserId>, Option<String>, Option<i64>) = sqlx::query_as(
        "SELECT (SELECT id FROM users WHERE email_fold = $1), (SELECT password_hash FROM users WHERE email_fold = $1),
                (SELECT epoch FROM users WHERE email_fold = $1)",
    )
    .bind(email_fold)
    .fetch_one(db.read())
    .await?;
    Ok(user.zip(hash).zip(epoch).map(|((user, hash), epoch)| Known { admitted: Admitted { user, epoch }, hash }))
}

/// The person as of now, for whom no password was looked at.
pub(in crate::access) async fn admit(
    executor: impl sqlx::Executor<'_, Database = sqlx::Any>,
    user: UserId,
) -> Result<Admitted, StoreError> {
    let epoch =
        sqlx::query_scalar("SELECT epoch FROM users WHERE id = $1").bind(user.as_str()).fetch_one(executor).await?;
    Ok(Admitted { user, epoch })
}

/// Holds the person, whose password is still the one with this hash; false when it was replaced meanwhile.
pub(in crate::access) async fn hold_password(tx: &mut Tx, user: &UserId, hash: &str) -> Result<bool, StoreError> {
    let done = sqlx::query("UPDATE users SET password_hash = $2 WHERE id = $1 AND password_hash = $2")
        .bind(user.as_str())
        .bind(hash)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets the link for another one too. What was begun with the former one is for the caller to end.
pub(in crate::access) async fn set_password(tx: &mut Tx, user: &UserId, hash: &str) -> Result<(), StoreError> {
    sqlx::query("UPDATE users SET password_hash = $2 WHERE id = $1")
        .bind(user.as_str())
        .bind(hash)
        .execute(&mut **tx)
        .await?;
    sqlx::query("DELETE FROM password_resets WHERE user_id = $1").bind(user.as_str()).execute(&mut **tx).await?;
    Ok(())
}

/// Whether the person made an organization.
pub(in crate::access) async fn is_creator(tx: &mut Tx, user: &UserId) -> Result<bool, StoreError> {
    let found: Option<String> = sqlx::query_scalar(
        "SELECT organization_id FROM memberships WHERE user_id = $1 AND role_source = 'creator' LIMIT 1",
    )
    .bind(user.as_str())
    .fetch_optional(&mut **tx)
    .await?;
    Ok(found.is_some())
}
