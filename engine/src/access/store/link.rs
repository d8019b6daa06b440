//! The SQL of sign-in links.

use super::super::link::Purpose;
use crate::{
    clock::Moment,
    db::{Db, Tx},
    fault::StoreError,
    id::UserId,
};

pub(in crate::access) async fn insert_link(
    tx: &mut Tx,
    token_hash: &str,
    purpose: Purpose,
    user: Option<&UserId>,
    expires: Moment,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO sign_in_links (token_hash, purpose, user_id, expires_at) VALUES ($1, $2, $3, $4)")
        .bind(token_hash)
        .bind(purpose.slug())
        .bind(user.map(UserId::as_str))
        .bind(expires.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(in crate::access) async fn forget_links(tx: &mut Tx, purpose: Purpose) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM sign_in_links WHERE purpose = $1").bind(purpose.slug()).execute(&mut **tx).await?;
    Ok(())
}

/// A link that can still be used, with the person it is for.
pub(in crate::access) async fn open_link(
    db: &Db,
    token_hash: &str,
    purpose: Purpose,
    now: Moment,
) -> Result<Option<Option<UserId>>, StoreError> {
    let found: Option<(Option<UserId>,)> = sqlx::query_as(
        "SELECT user_id FROM sign_in_links
         WHERE token_hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3",
    )
    .bind(token_hash)
    .bind(purpose.slug())
    .bind(now.0)
    .fetch_optional(db.read())
    .await?;
    Ok(found.map(|(user,)| user))
}

/// False when it was used or has expired: of two at once, one uses it.
pub(in crate::access) async fn use_link(
    tx: &mut Tx,
    token_hash: &str,
    purpose: Purpose,
    now: Moment,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE sign_in_links SET used_at = $3
         WHERE token_hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3",
    )
    .bind(token_hash)
    .bind(purpose.slug())
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}
