//! The SQL of our copy of Lever's catalogue. Lists go in as one JSON text a statement: the two databases
//! differ only in how they unfold it.

pub(super) mod share;

use super::{PostingChoice, StageChoice};
use crate::{
    Engine,
    clock::Moment,
    db::{Db, Tx, unfolding},
    fault::StoreError,
    id::{OrganizationId, PostingId, StageId},
};

/// Notes how the sync went; a failed one leaves the time of the last good one.
pub(super) async fn note_sync(
    engine: &Engine,
    organization: &OrganizationId,
    problem: Option<&str>,
) -> Result<(), StoreError> {
    let mut tx = engine.db.write().await?;
    sqlx::query(
        "UPDATE connections
         SET sync_error = $2, synced_at = CASE WHEN $3 = 1 THEN $4 ELSE synced_at END
         WHERE organization_id = $1",
    )
    .bind(organization.as_str())
    .bind(problem)
    .bind(i64::from(problem.is_none()))
    .bind(engine.clock.now().0)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Makes our list of users the one in `rows`: `[id, name, email, access role, deactivated at]` each.
pub(super) async fn replace_users(
    db: &Db,
    tx: &mut Tx,
    organization: &OrganizationId,
    rows: &str,
    now: Moment,
) -> Result<(), StoreError> {
    let upsert = unfolding!(
        db,
        "INSERT INTO lever_users (organization_id, id, name, email_fold, access_role, deactivated_at, seen_at)
         SELECT $2, j.value->>0, j.value->>1, j.value->>2, j.value->>3, CAST(j.value->>4 AS BIGINT), $3",
        "WHERE true
         ON CONFLICT (organization_id, id) DO UPDATE
         SET name = excluded.name, email_fold = excluded.email_fold, access_role = excluded.access_role,
             deactivated_at = excluded.deactivated_at, seen_at = excluded.seen_at"
    );
    sqlx::query(upsert).bind(rows).bind(organization.as_str()).bind(now.0).execute(&mut **tx).await?;
    let delete =
        unfolding!(db, "DELETE FROM lever_users WHERE organization_id = $2 AND id NOT IN (SELECT j.value->>0", ")");
    sqlx::query(delete).bind(rows).bind(organization.as_str()).execute(&mut **tx).await?;
    Ok(())
}

/// Makes our pipeline the one in `rows`: `[id, name, position]` each; what is not there is gone.
pub(super) async fn replace_stages(
    db: &Db,
    tx: &mut Tx,
    organization: &OrganizationId,
    rows: &str,
    now: Moment,
) -> Result<(), StoreError> {
    let upsert = unfolding!(
        db,
        "INSERT INTO lever_stages (organization_id, id, name, position, seen_at, gone_at)
         SELECT $2, j.value->>0, j.value->>1, CAST(j.value->>2 AS BIGINT), $3, NULL",
        "WHERE true
         ON CONFLICT (organization_id, id) DO UPDATE
         SET name = excluded.name, position = excluded.position, seen_at = excluded.seen_at, gone_at = NULL"
    );
    sqlx::query(upsert).bind(rows).bind(organization.as_str()).bind(now.0).execute(&mut **tx).await?;
    let gone = unfolding!(
        db,
        "UPDATE lever_stages SET gone_at = $3
         WHERE organization_id = $2 AND gone_at IS NULL AND id NOT IN (SELECT j.value->>0",
        ")"
    );
    sqlx::query(gone).bind(rows).bind(organization.as_str()).bind(now.0).execute(&mut **tx).await?;
    Ok(())
}

/// The postings that are not gone.
pub(super) async fn present_postings(db: &Db, organization: &OrganizationId) -> Result<Vec<String>, StoreError> {
    let found = sqlx::query_scalar("SELECT id FROM lever_postings WHERE organization_id = $1 AND gone_at IS NULL")
        .bind(organization.as_str())
        .fetch_all(db.read())
        .await?;
    Ok(found)
}

/// What a sync learnt of the postings, as JSON lists.
pub(super) struct PostingBatch<'a> {
    /// `[id, title, folded title, search text, state, team, department, location, code, confidential]` each.
    pub rows: &'a str,
    /// `[posting, user, kind]` each.
    pub associations: &'a str,
    /// `[id]` each.
    pub gone: &'a str,
}

/// Makes our postings those of the batch; answers those that everybody may see from now on, and not before.
pub(super) async fn replace_postings(
    db: &Db,
    tx: &mut Tx,
    organization: &OrganizationId,
    batch: &PostingBatch<'_>,
    now: Moment,
) -> Result<Vec<PostingId>, StoreError> {
    let opened = opened_postings(db, tx, organization, batch.rows).await?;
    let upsert = unfolding!(
        db,
        "INSERT INTO lever_postings
             (organization_id, id, title, title_fold, search_fold, state, team, department, location, req_code,
              confidential, seen_at, gone_at)
         SELECT $2, j.value->>0, j.value->>1, j.value->>2, j.value->>3, j.value->>4, j.value->>5, j.value->>6,
                j.value->>7, j.value->>8, CAST(j.value->>9 AS BIGINT), $3, NULL",
        "WHERE true
         ON CONFLICT (organization_id, id) DO UPDATE
         SET title = excluded.title, title_fold = excluded.title_fold, search_fold = excluded.search_fold,
             state = excluded.state, team = excluded.team, department = excluded.department,
             location = excluded.location, req_code = excluded.req_code, confidential = excluded.confidential,
             seen_at = excluded.seen_at, gone_at = NULL"
    );
    sqlx::query(upsert).bind(batch.rows).bind(organization.as_str()).bind(now.0).execute(&mut **tx).await?;
    let gone = unfolding!(
        db,
        "UPDATE lever_postings SET gone_at = $3 WHERE organization_id = $2 AND id IN (SELECT j.value->>0",
        ")"
    );
    sqlx::query(gone).bind(batch.gone).bind(organization.as_str()).bind(now.0).execute(&mut **tx).await?;
    replace_associations(db, tx, organization, batch.associations).await?;
    Ok(opened)
}

/// Those of `rows` that everybody may see now, and that were confidential or gone before.
async fn opened_postings(
    db: &Db,
    tx: &mut Tx,
    organization: &OrganizationId,
    rows: &str,
) -> Result<Vec<PostingId>, StoreError> {
    let query = unfolding!(
        db,
        "SELECT p.id FROM lever_postings p
         WHERE p.organization_id = $2 AND (p.confidential = 1 OR p.gone_at IS NOT NULL)
             AND p.id IN (SELECT j.value->>0",
        "WHERE CAST(j.value->>9 AS BIGINT) = 0)"
    );
    let found: Vec<(PostingId,)> =
        sqlx::query_as(query).bind(rows).bind(organization.as_str()).fetch_all(&mut **tx).await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}

async fn replace_associations(
    db: &Db,
    tx: &mut Tx,
    organization: &OrganizationId,
    associations: &str,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM associations WHERE organization_id = $1 AND subject_kind = 'posting'")
        .bind(organization.as_str())
        .execute(&mut **tx)
        .await?;
    let insert = unfolding!(
        db,
        "INSERT INTO associations (organization_id, subject_kind, subject_id, lever_user_id, kind)
         SELECT $2, 'posting', j.value->>0, j.value->>1, j.value->>2",
        "WHERE true
         ON CONFLICT (organization_id, subject_kind, subject_id, lever_user_id, kind) DO NOTHING"
    );
    sqlx::query(insert).bind(associations).bind(organization.as_str()).execute(&mut **tx).await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct PostingRow {
    id: PostingId,
    title: String,
    state: String,
    team: Option<String>,
    department: Option<String>,
    location: Option<String>,
    req_code: Option<String>,
    confidential: i64,
    found: i64,
}

impl From<PostingRow> for PostingChoice {
    fn from(row: PostingRow) -> Self {
        Self {
            id: row.id,
            title: row.title,
            state: row.state,
            team: row.team,
            department: row.department,
            location: row.location,
            req_code: row.req_code,
            confidential: row.confidential != 0,
        }
    }
}

/// Postings that match all three patterns, open ones first, and how many there are.
pub(super) async fn search_postings(
    db: &Db,
    organization: &OrganizationId,
    patterns: &[String; 3],
    limit: i64,
) -> Result<(Vec<PostingChoice>, i64), StoreError> {
    let rows: Vec<PostingRow> = sqlx::query_as(
        r"SELECT id, title, state, team, department, location, req_code, confidential, COUNT(*) OVER () AS found
          FROM lever_postings
          WHERE organization_id = $1 AND gone_at IS NULL
            AND search_fold LIKE $2 ESCAPE '\' AND search_fold LIKE $3 ESCAPE '\' AND search_fold LIKE $4 ESCAPE '\'
          ORDER BY CASE state WHEN 'published' THEN 0 WHEN 'internal' THEN 1 WHEN 'closed' THEN 3 WHEN 'rejected' THEN 3
                   ELSE 2 END, title_fold, id
          LIMIT $5",
    )
    .bind(organization.as_str())
    .bind(&patterns[0])
    .bind(&patterns[1])
    .bind(&patterns[2])
    .bind(limit)
    .fetch_all(db.read())
    .await?;
    let found = rows.first().map_or(0, |row| row.found);
    Ok((rows.into_iter().map(PostingChoice::from).collect(), found))
}

pub(super) async fn posting(
    db: &Db,
    organization: &OrganizationId,
    id: &PostingId,
) -> Result<Option<PostingChoice>, StoreError> {
    let row: Option<PostingRow> = sqlx::query_as(
        "SELECT id, title, state, team, department, location, req_code, confidential, CAST(1 AS BIGINT) AS found
         FROM lever_postings
         WHERE organization_id = $1 AND id = $2 AND gone_at IS NULL",
    )
    .bind(organization.as_str())
    .bind(id.as_str())
    .fetch_optional(db.read())
    .await?;
    Ok(row.map(PostingChoice::from))
}

/// Which of the stages that were there once are gone.
pub(super) async fn gone_stages(db: &Db, organization: &OrganizationId) -> Result<Vec<StageId>, StoreError> {
    let rows: Vec<(StageId,)> =
        sqlx::query_as("SELECT id FROM lever_stages WHERE organization_id = $1 AND gone_at IS NOT NULL")
            .bind(organization.as_str())
            .fetch_all(db.read())
            .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

pub(super) async fn stages(db: &Db, organization: &OrganizationId) -> Result<Vec<StageChoice>, StoreError> {
    let rows: Vec<(StageId, String)> = sqlx::query_as(
        "SELECT id, name FROM lever_stages WHERE organization_id = $1 AND gone_at IS NULL ORDER BY position, id",
    )
    .bind(organization.as_str())
    .fetch_all(db.read())
    .await?;
    Ok(rows.into_iter().map(|(id, name)| StageChoice::new(id, name)).collect())
}
