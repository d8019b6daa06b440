//! The catch-up poll: finds entries into an attached stage that no webhook told, and hands them to the
//! same job that a webhook would have caused. What no webhook told is itself a fact on the connection.

use std::time::Duration;

use super::{
    decision::{self, Answer},
    store,
};
use crate::{
    Engine,
    clock::Moment,
    connection, delivery,
    fault::StoreError,
    id::{OpportunityId, OrganizationId, StageId},
    invite,
    job::{self, Outcome, Run, Work},
    lever::{Api, Opportunity},
    live::Change,
};

/// Lever's clock and ours may differ, and its list moves while it is read.
const OVERLAP: Duration = Duration::from_secs(10 * 60);
/// How far back is asked where the bookmark is a wrong clock's: what happened while the clock was wrong was not asked for.
const MENDED: Duration = Duration::from_secs(7 * 24 * 3600);
/// A webhook may still be on its way for so long; well within [`OVERLAP`], so that the move is seen again.
const GRACE: Duration = Duration::from_secs(2 * 60);

pub(crate) async fn catch_up(engine: &Engine, organization: &OrganizationId, stage: &StageId) -> Run {
    let began = engine.clock.now();
    let attachments = store::on_stage(engine.db.read(), organization, stage).await?;
    if attachments.is_empty() {
        return Ok(Outcome::Done);
    }
    let by_lever = engine.levers_clock.at(began);
    let since = asks_from(store::polled_through(&engine.db, organization, stage).await?.unwrap_or(by_lever), by_lever);
    let api = Api::new(engine, organization);
    let mut untold = Untold::new(engine, organization, began).await?;
    let mut missed = Vec::new();
    for opportunity in api.opportunities_in(stage, None, Some(since)).await? {
        untold.weigh(engine, organization, &opportunity).await?;
        let had = invite::given(&engine.db, organization, &opportunity.id, opportunity.entered_stage_at).await?;
        let decided = decision::decide(&opportunity, &attachments, &had, None);
        if decided.iter().any(|(_, answer)| matches!(answer, Answer::Match(_))) {
            missed.push(opportunity.id);
        }
    }
    keep(engine, organization, stage, (missed, &untold), began).await?;
    if let Err(error) = connection::look_when_due(engine, organization).await {
        tracing::warn!(%error, "Lever's list of webhooks could not be looked at");
    }
    Ok(Outcome::Again(untold.look_again(engine.clock.now(), engine.settings.catch_up)))
}

/// From when moves are asked for, by Lever's clock, which stamps them.
fn asks_from(polled_through: Moment, now: Moment) -> Moment {
    if polled_through > now.after(store::AHEAD) { now.before(MENDED) } else { polled_through.before(OVERLAP) }
}

async fn keep(
    engine: &Engine,
    organization: &OrganizationId,
    stage: &StageId,
    (missed, untold): (Vec<OpportunityId>, &Untold),
    began: Moment,
) -> Result<(), StoreError> {
    let mut tx = engine.db.write().await?;
    for opportunity in missed {
        job::enqueue(&mut tx, organization, &Work::Reconcile { opportunity }, began, None).await?;
    }
    if let Some(first) = untold.first {
        connection::record_gap(&mut tx, organization, first).await?;
    }
    store::bookmark(&mut tx, organization, stage, engine.levers_clock.at(began)).await?;
    tx.commit().await?;
    if untold.first.is_some() {
        engine.live.tell(organization, Change::SetUp);
    }
    Ok(())
}

/// The moves that a webhook should have told of and did not.
struct Untold {
    now: Moment,
    /// Since when there is a webhook that should have.
    expected_since: Option<Moment>,
    /// The first of those for which no webhook is on its way any more.
    first: Option<Moment>,
    /// The first of those for which one may be.
    young: Option<Moment>,
}

impl Untold {
    async fn new(engine: &Engine, organization: &OrganizationId, now: Moment) -> Result<Self, StoreError> {
        let expected_since = connection::telling_since(&engine.db, organization).await?;
        Ok(Self { now, expected_since, first: None, young: None })
    }

    async fn weigh(
        &mut self,
        engine: &Engine,
        organization: &OrganizationId,
        opportunity: &Opportunity,
    ) -> Result<(), StoreError> {
        let at = engine.levers_clock.by_ours(opportunity.entered_stage_at);
        let expected = opportunity.moved && self.expected_since.is_some_and(|since| at >= since);
        if !expected || delivery::came_since(&engine.db, organization, &opportunity.id, at.before(OVERLAP)).await? {
            return Ok(());
        }
        let earliest = if at.after(GRACE) <= self.now { &mut self.first } else { &mut self.young };
        *earliest = Some(earliest.map_or(at, |other| other.min(at)));
        Ok(())
    }

    /// Sooner than usual where a webhook that is late now will be missing by then.
    fn look_again(&self, now: Moment, usual: Duration) -> Moment {
        let usual = now.after(usual);
        self.young.map_or(usual, |at| at.after(GRACE).max(now.after(Duration::from_secs(1))).min(usual))
    }
}
