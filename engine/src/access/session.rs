//! Web sessions, by hashed id; the program's session layer stores through these.

use crate::{Engine, clock::Moment, fault::StoreError, random};

const SAVE: &str = "
    UPDATE sessions
    SET user_id = $2, data = $3, expires_at = $4
    WHERE id_hash = $1";

const CREATE: &str = "
    INSERT INTO sessions (id_hash, user_id, data, expires_at)
    VALUES ($1, $2, $3, $4)
    ON CONFLICT (id_hash) DO NOTHING";

/// Replaces a session's data. One that was ended meanwhile stays ended.
///
/// # Errors
/// When the database fails.
pub async fn save(
    engine: &Engine,
    id: &str,
    user: Option<&str>,
    data: &str,
    expires: Moment,
) -> Result<(), StoreError> {
    write(engine, SAVE, id, user, data, expires).await?;
    Ok(())
}

/// Stores a new session; false when the id is taken. Those that have expired go meanwhile.
///
/// # Errors
/// When the database fails.
pub async fn create(
    engine: &Engine,
    id: &str,
    user: Option<&str>,
    data: &str,
    expires: Moment,
) -> Result<bool, StoreError> {
    let mut tx = engine.db.write().await?;
    sqlx::query("DELETE FROM sessions WHERE expires_at <= $1").bind(engine.clock.now().0).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(write(engine, CREATE, id, user, data, expires).await? == 1)
}

async fn write(
    engine: &Engine,
    statement: &'static str,
    id: &str,
    user: Option<&str>,
    data: &str,
    expires: Moment,
) -> Result<u64, StoreError> {
    let mut tx = engine.db.write().await?;
    let done =
        sqlx::query(statement).bind(random::digest(id)).bind(user).bind(data).bind(expires.0).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(done.rows_affected())
}

/// The data of a session that has not expired.
///
/// # Errors
/// When the database fails.
pub async fn load(engine: &Engine, id: &str) -> Result<Option<String>, StoreError> {
    let data = sqlx::query_scalar("SELECT data FROM sessions WHERE id_hash = $1 AND expires_at > $2")
        .bind(random::digest(id))
        .bind(engine.clock.now().0)
        .fetch_optional(engine.db.read())
        .await?;
    Ok(data)
}

/// Ends a session.
///
/// # Errors
/// When the database fails.
pub async fn delete(engine: &Engine, id: &str) -> Result<(), StoreError> {
    let mut tx = engine.db.write().await?;
    sqlx::query("DELETE FROM sessions WHERE id_hash = $1").bind(random::digest(id)).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(())
}
