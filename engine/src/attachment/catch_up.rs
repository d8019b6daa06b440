//! The catch-up poll: finds entries into an attached stage that no webhook told, and hands them to the
//! same job that a webhook would have caused.

use std::time::Duration;

use super::{
    decision::{self, Answer},
    store,
};
use crate::{
    Engine,
    id::{OrganizationId, StageId},
    invite,
    job::{self, Outcome, Run, Work},
    lever::Api,
};

/// Lever's clock and ours may differ, and its list moves while it is read.
const OVERLAP: Duration = Duration::from_secs(10 * 60);

pub(crate) async fn catch_up(engine: &Engine, organization: &OrganizationId, stage: &StageId) -> Run {
    let began = engine.clock.now();
    let attachments = store::on_stage(engine.db.read(), organization, stage).await?;
    if attachments.is_empty() {
        return Ok(Outcome::Done);
    }
    let since = store::polled_through(&engine.db, organization, stage).await?.unwrap_or(began).before(OVERLAP);
    let api = Api::new(engine, organization);
    let mut missed = Vec::new();
    for opportunity in api.opportunities_in(stage, None, Some(since)).await? {
        let had = invite::given(&engine.db, organization, &opportunity.id, opportunity.entered_stage_at).await?;
        let decided = decision::decide(&opportunity, &attachments, &had, None);
        if decided.iter().any(|(_, answer)| matches!(answer, Answer::Match(_))) {
            missed.push(opportunity.id);
        }
    }
    let mut tx = engine.db.write().await?;
    for opportunity in missed {
        job::enqueue(&mut tx, organization, &Work::Reconcile { opportunity }, began, None).await?;
    }
    store::bookmark(&mut tx, organization, stage, began).await?;
    tx.commit().await?;
    Ok(Outcome::Again(engine.clock.now().after(engine.settings.catch_up)))
}
