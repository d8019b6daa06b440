//! The rows of the Candidates tab as they cross to the browser.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::filter::Filter;
#[cfg(feature = "ssr")]
use crate::server;
use crate::{
    problem::Problem,
    ui::{InviteState, ScoreView, Verdict},
};

/// One invite as a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteRow {
    pub id: String,
    pub candidate: String,
    pub position: Option<String>,
    pub assessment: String,
    pub state: InviteState,
    pub reason: Option<String>,
    pub score: Option<ScoreView>,
    pub verdict: Verdict,
    pub changed_at: i64,
    pub version: i64,
}

#[cfg(feature = "ssr")]
impl From<engine::invite::Row> for InviteRow {
    fn from(row: engine::invite::Row) -> Self {
        Self {
            id: row.id.0,
            candidate: row.candidate_name,
            position: row.posting_title,
            assessment: row.assessment_name,
            state: row.state.into(),
            reason: row.reason,
            score: row.score.map(Into::into),
            verdict: row.verdict.into(),
            changed_at: row.changed_at.0,
            version: row.version,
        }
    }
}

/// One page of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CandidatesView {
    pub rows: Vec<InviteRow>,
    pub next: Option<String>,
    pub count: i64,
    pub more: bool,
    /// Whether the person may attach assessments, for the empty list.
    pub may_attach: bool,
}

/// A position to filter by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    pub id: String,
    pub title: String,
}

/// The invites that match and that this person may see.
#[server(prefix = "/api", endpoint = "list_candidates")]
pub async fn list_candidates(#[server(default)] filter: Filter) -> Result<CandidatesView, Problem> {
    let member = server::member().await?;
    let page = engine::invite::page(&server::engine(), &member, &filter.into()).await?;
    Ok(CandidatesView {
        rows: page.rows.into_iter().map(Into::into).collect(),
        next: page.next,
        count: page.count,
        more: page.more,
        may_attach: member.may(engine::access::Permission::ManageAttachments),
    })
}

/// The positions that have invites this person may see.
#[server(prefix = "/api", endpoint = "list_positions")]
pub async fn list_positions() -> Result<Vec<Position>, Problem> {
    let member = server::member().await?;
    let positions = engine::invite::positions(&server::engine(), &member).await?;
    Ok(positions.into_iter().map(|(id, title)| Position { id: id.0, title }).collect())
}
