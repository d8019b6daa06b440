//! The SQL of which environment a connection is of.

use crate::{clock::Moment, db::Tx, fault::StoreError, id::OrganizationId};

/// What is not known to be of another environment is of this one.
pub(in crate::connection) async fn learn(tx: &mut Tx, audience: &str) -> Result<(), StoreError> {
    sqlx::query("UPDATE connections SET audience = $1 WHERE audience IS NULL")
        .bind(audience)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Has those of other environments rest; answers whose they are.
pub(in crate::connection) async fn lay_to_rest(
    tx: &mut Tx,
    audience: &str,
    reason: &str,
    now: Moment,
) -> Result<Vec<OrganizationId>, StoreError> {
    let resting = sqlx::query_scalar(
        "UPDATE connections
         SET state = 'revoked', state_reason = $2, state_at = $3,
             refresh_lease_token = NULL, refresh_lease_until = NULL
         WHERE state = 'connected' AND audience <> $1
         RETURNING organization_id",
    );
    Ok(resting.bind(audience).bind(reason).bind(now.0).fetch_all(&mut **tx).await?)
}

/// Wakes those of this environment that were laid to rest; answers whose they are.
pub(in crate::connection) async fn wake(
    tx: &mut Tx,
    audience: &str,
    reason: &str,
    now: Moment,
) -> Result<Vec<OrganizationId>, StoreError> {
    let back = sqlx::query_scalar(
        "UPDATE connections
         SET state = 'connected', state_reason = NULL, state_at = $3
         WHERE state = 'revoked' AND state_reason = $2 AND audience = $1
         RETURNING organization_id",
    );
    Ok(back.bind(audience).bind(reason).bind(now.0).fetch_all(&mut **tx).await?)
}
