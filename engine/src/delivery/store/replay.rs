//! The SQL of looking at one message and of having it done again.

use super::{
    super::{DeliveryRow, Show},
    Row,
};
use crate::{
    clock::Moment,
    db::{Db, Tx},
    fault::StoreError,
    id::{DeliveryId, InviteId, OpportunityId, OrganizationId},
};

/// One text a filter: each has an index that serves it.
macro_rules! listing {
    ($only:literal) => {
        concat!(
            "SELECT id, source, event, received_at, handled_at, outcome, problem, subject_id
             FROM deliveries
             WHERE organization_id = $1 AND id < $2 ",
            $only,
            " ORDER BY id DESC LIMIT $3"
        )
    };
}

pub(super) fn listing(show: Show) -> &'static str {
    match show {
        Show::All => listing!(""),
        Show::Waiting => listing!("AND handled_at IS NULL"),
        Show::Problem => listing!("AND problem = 1"),
    }
}

pub(super) fn row((id, source, event, received, handled, outcome, problem, subject): Row) -> DeliveryRow {
    DeliveryRow {
        id: id.into(),
        from_lever: source == "lever",
        event,
        received_at: Moment(received),
        handled_at: handled.map(Moment),
        outcome,
        has_problem: problem == 1,
        subject,
    }
}

/// One message and its body.
pub(in crate::delivery) async fn get(
    db: &Db,
    organization: &OrganizationId,
    id: &DeliveryId,
) -> Result<Option<(DeliveryRow, String)>, StoreError> {
    let found: Option<Row> = sqlx::query_as(
        "SELECT id, source, event, received_at, handled_at, outcome, problem, subject_id
         FROM deliveries
         WHERE organization_id = $1 AND id = $2",
    )
    .bind(organization.as_str())
    .bind(id.as_str())
    .fetch_optional(db.read())
    .await?;
    let Some(found) = found else { return Ok(None) };
    let body: String = sqlx::query_scalar("SELECT body FROM deliveries WHERE organization_id = $1 AND id = $2")
        .bind(organization.as_str())
        .bind(id.as_str())
        .fetch_one(db.read())
        .await?;
    Ok(Some((row(found), body)))
}

/// The newest invite of an opportunity.
pub(in crate::delivery) async fn invite_of(
    db: &Db,
    organization: &OrganizationId,
    opportunity: &OpportunityId,
) -> Result<Option<InviteId>, StoreError> {
    let found: Option<(InviteId,)> = sqlx::query_as(
        "SELECT id FROM invites WHERE organization_id = $1 AND opportunity_id = $2 ORDER BY id DESC LIMIT 1",
    )
    .bind(organization.as_str())
    .bind(opportunity.as_str())
    .fetch_optional(db.read())
    .await?;
    Ok(found.map(|(id,)| id))
}

/// Opens a message again, as if it had just come.
pub(in crate::delivery) async fn open_again(
    tx: &mut Tx,
    organization: &OrganizationId,
    id: &DeliveryId,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE deliveries SET handled_at = NULL, outcome = NULL, problem = 0 WHERE organization_id = $1 AND id = $2",
    )
    .bind(organization.as_str())
    .bind(id.as_str())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Opens again what was given up on a subject.
pub(crate) async fn open_given_up(tx: &mut Tx, organization: &OrganizationId, subject: &str) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE deliveries
         SET handled_at = NULL, outcome = NULL, problem = 0
         WHERE organization_id = $1 AND subject_id = $2 AND problem = 1",
    )
    .bind(organization.as_str())
    .bind(subject)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Says of the unhandled messages on a subject that the work was given up, and why.
pub(crate) async fn given_up(
    tx: &mut Tx,
    organization: &OrganizationId,
    subject: &str,
    reason: &str,
    now: Moment,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE deliveries
         SET handled_at = $4, outcome = $3, problem = 1
         WHERE organization_id = $1 AND subject_id = $2 AND handled_at IS NULL",
    )
    .bind(organization.as_str())
    .bind(subject)
    .bind(reason)
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}
