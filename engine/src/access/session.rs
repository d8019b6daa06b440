//! Web sessions, by hashed id; the program's session layer stores through these.

use std::time::Duration;

use super::Member;
use crate::{
    Engine,
    audit::{self, Action, Deed},
    clock::Moment,
    db::Tx,
    fault::{FlowError, StoreError},
    id::UserId,
    random,
};

/// A session that nobody uses ends after this long.
pub const IDLE: Duration = Duration::from_hours(8);

/// What is stored of a session.
#[derive(Debug, Clone, Copy)]
pub struct Stored<'a> {
    pub user: Option<&'a str>,
    /// The person's when they were admitted.
    pub epoch: i64,
    pub data: &'a str,
    /// Where and with what the person signed in.
    pub from: Option<&'a str>,
    pub agent: Option<&'a str>,
    pub expires: Moment,
}

/// A session of a person's, for them to know it by.
#[derive(Debug, Clone)]
pub struct Session {
    /// What tells it from the others; it opens nothing.
    pub id_hash: String,
    pub since: Option<Moment>,
    pub used_at: Moment,
    pub from: Option<String>,
    pub agent: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id_hash: String,
    created_at: Option<i64>,
    expires_at: i64,
    from_address: Option<String>,
    agent: Option<String>,
}

impl Row {
    fn session(self) -> Session {
        Session {
            id_hash: self.id_hash,
            since: self.created_at.map(Moment),
            used_at: Moment(self.expires_at).before(IDLE),
            from: self.from_address,
            agent: self.agent,
        }
    }
}

/// Replaces a session's data. One that was ended meanwhile stays ended, and its epoch stays what it is: another
/// request may have brought it to the present one.
///
/// # Errors
/// When the database fails.
pub async fn save(engine: &Engine, id: &str, stored: &Stored<'_>) -> Result<(), StoreError> {
    let mut tx = engine.db.write().await?;
    sqlx::query("UPDATE sessions SET user_id = $2, data = $3, expires_at = $4 WHERE id_hash = $1")
        .bind(random::digest(id))
        .bind(stored.user)
        .bind(stored.data)
        .bind(stored.expires.0)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Stores a new session; false when the id is taken. Those that have expired go meanwhile.
///
/// # Errors
/// When the database fails.
pub async fn create(engine: &Engine, id: &str, stored: &Stored<'_>) -> Result<bool, StoreError> {
    let now = engine.clock.now();
    let mut tx = engine.db.write().await?;
    sqlx::query("DELETE FROM sessions WHERE expires_at <= $1").bind(now.0).execute(&mut *tx).await?;
    tx.commit().await?;
    let mut tx = engine.db.write().await?;
    let done = sqlx::query(
        "INSERT INTO sessions (id_hash, user_id, data, from_address, agent, created_at, expires_at, epoch)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (id_hash) DO NOTHING",
    )
    .bind(random::digest(id))
    .bind(stored.user)
    .bind(stored.data)
    .bind(stored.from)
    .bind(stored.agent)
    .bind(now.0)
    .bind(stored.expires.0)
    .bind(stored.epoch)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(done.rows_affected() == 1)
}

/// The data and the epoch of a session that has not expired, and whose person was not signed out everywhere since
/// they were admitted: a request that was under way then may have stored it afterwards.
///
/// # Errors
/// When the database fails.
pub async fn load(engine: &Engine, id: &str) -> Result<Option<(String, i64)>, StoreError> {
    let found = sqlx::query_as(
        "SELECT s.data, s.epoch FROM sessions s LEFT JOIN users u ON u.id = s.user_id
         WHERE s.id_hash = $1 AND s.expires_at > $2 AND (s.user_id IS NULL OR s.epoch = u.epoch)",
    )
    .bind(random::digest(id))
    .bind(engine.clock.now().0)
    .fetch_optional(engine.db.read())
    .await?;
    Ok(found)
}

/// Ends a session; false when it had ended. Of two at once, one ends it.
///
/// # Errors
/// When the database fails.
pub async fn delete(engine: &Engine, id: &str) -> Result<bool, StoreError> {
    let mut tx = engine.db.write().await?;
    let done =
        sqlx::query("DELETE FROM sessions WHERE id_hash = $1").bind(random::digest(id)).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(done.rows_affected() == 1)
}

/// Where the person is signed in, the last used first; and which of them is the one with this id.
///
/// # Errors
/// When the database fails.
pub async fn of_person(engine: &Engine, member: &Member, present: &str) -> Result<Vec<(Session, bool)>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT s.id_hash, s.created_at, s.expires_at, s.from_address, s.agent
         FROM sessions s JOIN users u ON u.id = s.user_id AND u.epoch = s.epoch
         WHERE s.user_id = $1 AND s.expires_at > $2
         ORDER BY s.expires_at DESC, s.id_hash",
    )
    .bind(member.user.as_str())
    .bind(engine.clock.now().0)
    .fetch_all(engine.db.read())
    .await?;
    let present = random::digest(present);
    Ok(rows
        .into_iter()
        .map(|row| (row.id_hash == present, row))
        .map(|(is_present, row)| (row.session(), is_present))
        .collect())
}

/// Ends one of the person's sessions.
///
/// # Errors
/// Not found for one that is not theirs, or has ended.
pub async fn end(engine: &Engine, member: &Member, id_hash: &str) -> Result<(), FlowError> {
    let mut tx = engine.db.write().await?;
    let done = sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND id_hash = $2")
        .bind(member.user.as_str())
        .bind(id_hash)
        .execute(&mut *tx)
        .await?;
    if done.rows_affected() == 0 {
        return Err(FlowError::NotFound);
    }
    note_end(&mut tx, member, engine.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends all of the person's sessions but the one with this id.
///
/// # Errors
/// When the database fails.
pub async fn end_others(engine: &Engine, member: &Member, present: &str) -> Result<(), StoreError> {
    let mut tx = engine.db.write().await?;
    end_but(&mut tx, member, present, engine.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// The same in a transaction of something else.
pub(super) async fn end_but(tx: &mut Tx, member: &Member, present: &str, now: Moment) -> Result<(), StoreError> {
    let (user, present) = (member.user.as_str(), random::digest(present));
    raise(tx, &member.user).await?;
    sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND id_hash <> $2")
        .bind(user)
        .bind(&present)
        .execute(&mut **tx)
        .await?;
    sqlx::query(
        "UPDATE sessions SET epoch = (SELECT epoch FROM users WHERE id = $1) WHERE user_id = $1 AND id_hash = $2",
    )
    .bind(user)
    .bind(&present)
    .execute(&mut **tx)
    .await?;
    note_end(tx, member, now).await
}

async fn note_end(tx: &mut Tx, member: &Member, now: Moment) -> Result<(), StoreError> {
    audit::record(tx, member, &Deed::plain(Action::SessionsEnded, member.user.as_str()), now).await
}

/// Ends every session of a person's, in the transaction that takes something away from them.
pub(crate) async fn end_all(tx: &mut Tx, user: &UserId) -> Result<(), StoreError> {
    raise(tx, user).await?;
    sqlx::query("DELETE FROM sessions WHERE user_id = $1").bind(user.as_str()).execute(&mut **tx).await?;
    Ok(())
}

/// Ends as well what is not stored yet: a session that a request under way goes on with, and a password that was
/// looked at and has signed nobody in so far.
async fn raise(tx: &mut Tx, user: &UserId) -> Result<(), StoreError> {
    sqlx::query("UPDATE users SET epoch = epoch + 1 WHERE id = $1").bind(user.as_str()).execute(&mut **tx).await?;
    Ok(())
}
