//! What stands against giving a candidate an assessment again.

use crate::{
    attachment::decision::Given,
    clock::Moment,
    db::Db,
    fault::StoreError,
    id::{OpportunityId, OrganizationId},
};

/// What a candidate has been given, in whatever state it is; not what ended unsent before they `entered` anew.
pub(crate) async fn given(
    db: &Db,
    organization: &OrganizationId,
    opportunity: &OpportunityId,
    entered: Moment,
) -> Result<Vec<Given>, StoreError> {
    let rows = sqlx::query_as(
        "SELECT provider_account_id, assessment_id
         FROM invites
         WHERE organization_id = $1 AND opportunity_id = $2
             AND NOT (state = 'cancelled' AND send_intent_at IS NULL AND restored_at IS NULL AND sent_at IS NULL
                 AND entered_stage_at < $3)",
    )
    .bind(organization.as_str())
    .bind(opportunity.as_str())
    .bind(entered.0)
    .fetch_all(db.read())
    .await?;
    Ok(rows)
}
