//! The dashboard as it crosses to the browser.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::{page::candidates::filter::RECENT_DAYS, server};
use crate::{
    page::{candidate::decision::Decision, candidates::server::InviteRow, lever::view::StepView},
    problem::Problem,
};

/// How many rows of each kind the dashboard shows; the rest is a link away.
#[cfg(feature = "ssr")]
const ROWS: usize = 6;

/// The dashboard: the set-up as long as no invite went out, what needs a person from then on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DashboardView {
    /// The steps of the set-up; `None` once the first invite went out.
    pub set_up: Option<Vec<StepView>>,
    /// Whether this person may carry the set-up on.
    pub may_set_up: bool,
    /// Late invites that wait for this person's word.
    pub late: Vec<InviteRow>,
    pub attention: Needs,
    pub awaiting: Needs,
    pub funnel: FunnelView,
}

/// The newest of the rows that need a person, and how many there are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Needs {
    pub rows: Vec<InviteRow>,
    pub count: i64,
    pub more: bool,
}

/// How many came how far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunnelView {
    pub invited: i64,
    pub started: i64,
    pub completed: i64,
    pub passed: i64,
}

/// Reads the dashboard.
#[server(prefix = "/api", endpoint = "read_dashboard")]
pub async fn read_dashboard() -> Result<DashboardView, Problem> {
    let member = server::member().await?;
    let engine = server::engine();
    let attention = engine::invite::Filter { needs_attention: true, ..Default::default() };
    let awaiting = engine::invite::Filter { awaiting_verdict: true, ..Default::default() };
    let steps = engine::checklist::checklist(&engine, &member).await?;
    Ok(DashboardView {
        set_up: from_engine::open_set_up(steps),
        may_set_up: member.may(engine::access::Permission::ManageAttachments),
        late: from_engine::late(&engine, &member).await?,
        attention: engine::invite::page(&engine, &member, &attention).await?.into(),
        awaiting: engine::invite::page(&engine, &member, &awaiting).await?.into(),
        funnel: engine::invite::funnel(&engine, &member, RECENT_DAYS).await?.into(),
    })
}

/// Carries out what a person decided about late invites.
#[server(prefix = "/api", endpoint = "decide_late")]
pub async fn decide_late(#[server(default)] invites: Vec<String>, decision: Decision) -> Result<(), Problem> {
    let member = server::member().await?;
    let invites: Vec<_> = invites.into_iter().map(Into::into).collect();
    engine::invite::decide(&server::engine(), &member, &invites, decision.into()).await?;
    Ok(())
}

#[cfg(feature = "ssr")]
mod from_engine {
    use engine::{
        Engine,
        access::{Member, Permission},
        checklist::{Step, StepKind, StepState},
        fault::FlowError,
        invite::{self, Funnel, Page},
    };

    use super::{FunnelView, Needs, ROWS};
    use crate::page::{candidates::server::InviteRow, lever::view::StepView};

    /// The late invites that this person may decide about.
    pub async fn late(engine: &Engine, member: &Member) -> Result<Vec<InviteRow>, FlowError> {
        if !member.may(Permission::ManageAttachments) {
            return Ok(Vec::new());
        }
        Ok(invite::awaiting_approval(engine, member).await?.into_iter().map(Into::into).collect())
    }

    /// The set-up is over when the first invite went out.
    pub fn open_set_up(steps: Vec<Step>) -> Option<Vec<StepView>> {
        let is_over = |step: &Step| step.kind == StepKind::FirstInvite && step.state == StepState::Done;
        (!steps.iter().any(is_over)).then(|| steps.into_iter().map(Into::into).collect())
    }

    impl From<Page> for Needs {
        fn from(page: Page) -> Self {
            let rows = page.rows.into_iter().take(ROWS).map(Into::into).collect();
            Self { rows, count: page.count, more: page.more }
        }
    }

    impl From<Funnel> for FunnelView {
        fn from(funnel: Funnel) -> Self {
            Self {
                invited: funnel.invited,
                started: funnel.started,
                completed: funnel.completed,
                passed: funnel.passed,
            }
        }
    }
}
