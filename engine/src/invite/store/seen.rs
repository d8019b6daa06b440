//! More of what a person may see: the condition is that of [`super::visible`], as part of each query.

use sqlx::FromRow as _;
use sqlx::Row as _;

use super::visible::person;
use crate::{access::Member, attachment::decision::Given, db::Db, fault::StoreError, id::OpportunityId, invite::Row};

/// The invites of an opportunity, newest first, each with what it gives.
pub(crate) async fn of_opportunity(
    db: &Db,
    member: &Member,
    opportunity: &OpportunityId,
) -> Result<Vec<(Given, Row)>, StoreError> {
    let found = sqlx::query(concat!(
        "SELECT i.provider_account_id, i.assessment_id, ",
        row_columns!(),
        " FROM invites i WHERE ",
        visible!(),
        " AND i.opportunity_id = $4
         ORDER BY i.created_at DESC, i.id DESC
         LIMIT 100"
    ))
    .bind(member.organization.as_str())
    .bind(person(member))
    .bind(member.scope().slug())
    .bind(opportunity.as_str())
    .fetch_all(db.read())
    .await?;
    let read = |row: &sqlx::any::AnyRow| {
        Ok(((row.try_get("provider_account_id")?, row.try_get("assessment_id")?), Row::from_row(row)?))
    };
    Ok(found.iter().map(read).collect::<Result<_, sqlx::Error>>()?)
}

/// The invites whose note Lever did not take, newest first, each with why.
pub(crate) async fn with_note_problem(db: &Db, member: &Member, most: i64) -> Result<Vec<(Row, String)>, StoreError> {
    let found = sqlx::query(concat!(
        "SELECT n.problem, ",
        row_columns!(),
        " FROM notes n
         JOIN invites i ON i.id = n.invite_id
         WHERE n.organization_id = $1 AND n.problem IS NOT NULL AND i.anonymized_at IS NULL AND ",
        visible!(),
        " ORDER BY n.invite_id DESC
         LIMIT $4"
    ))
    .bind(member.organization.as_str())
    .bind(person(member))
    .bind(member.scope().slug())
    .bind(most)
    .fetch_all(db.read())
    .await?;
    let read = |row: &sqlx::any::AnyRow| Ok((Row::from_row(row)?, row.try_get("problem")?));
    Ok(found.iter().map(read).collect::<Result<_, sqlx::Error>>()?)
}
