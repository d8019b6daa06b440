//! The server functions of one attachment.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{page::lever::view::AttachmentLine, problem::Problem};
#[cfg(feature = "ssr")]
use crate::{route, server};

/// One attachment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachmentView {
    pub line: AttachmentLine,
    pub is_removed: bool,
    pub assessment_id: String,
    pub created_by: String,
    pub created_at: i64,
    /// What can be sent instead: id and name.
    pub assessments: Vec<(String, String)>,
    /// The provider's protocol carries the days to complete.
    pub takes_days: bool,
}

/// A candidate who stands in the stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingView {
    pub opportunity: String,
    pub name: String,
    pub entered_at: i64,
    /// Why an invite would not go out.
    pub why_not: Option<String>,
}

/// The page.
#[server(endpoint = "attachment_page")]
pub async fn attachment_page(id: String) -> Result<AttachmentView, Problem> {
    let member = server::member().await?;
    let engine = server::engine();
    let row = engine::attachment::get(&engine, &member, &id.as_str().into()).await?;
    let offered = engine::provider::assessments(&engine, &member).await?;
    let account = engine::provider::account(&engine, &member).await?;
    let takes_days = account.is_some_and(|account| account.protocol.capabilities().deadline);
    Ok(AttachmentView { takes_days, ..attachment_view(row, offered) })
}

/// Who stands in the stage now, read from Lever.
#[server(endpoint = "standing")]
pub async fn standing(id: String) -> Result<Vec<StandingView>, Problem> {
    let member = server::member().await?;
    let rows = engine::attachment::standing(&server::engine(), &member, &id.as_str().into()).await?;
    Ok(rows.into_iter().map(StandingView::from).collect())
}

/// Invites those of them whom a person chose.
#[server(endpoint = "invite_standing")]
pub async fn invite_standing(id: String, #[server(default)] chosen: Vec<String>) -> Result<(), Problem> {
    let member = server::member().await?;
    let chosen: Vec<_> = chosen.into_iter().map(Into::into).collect();
    let due = engine::attachment::invite_standing(&server::engine(), &member, &id.as_str().into(), &chosen).await?;
    server::go_to(&format!("{}?sent={due}", route::attachment(&id)));
    Ok(())
}

/// Changes what is sent and how long it may take; for future entries only.
#[server(endpoint = "edit_attachment")]
pub async fn edit_attachment(
    id: String,
    assessment: String,
    #[server(default)] valid_days: String,
    version: i64,
) -> Result<(), Problem> {
    let member = server::member().await?;
    let Some(days) = crate::page::attach::assemble::valid_days(&valid_days) else {
        server::go_to(&format!("{}?problem=days", route::attachment(&id)));
        return Ok(());
    };
    let (engine, id) = (server::engine(), id.as_str().into());
    let holds = engine::attachment::edit(&engine, &member, &id, assessment.into(), days, version).await?;
    server::go_to(&format!("{}?saved=1", route::attachment(holds.as_str())));
    Ok(())
}

/// Removes an attachment; invites that went out stay.
#[server(endpoint = "remove_attachment")]
pub async fn remove_attachment(id: String, version: i64) -> Result<(), Problem> {
    let member = server::member().await?;
    let removed = engine::attachment::AttachmentState::Removed;
    engine::attachment::set_state(&server::engine(), &member, &id.as_str().into(), removed, version).await?;
    server::go_to(&format!("{}?done=removed", route::LEVER));
    Ok(())
}

#[cfg(feature = "ssr")]
fn attachment_view(
    row: engine::attachment::AttachmentRow,
    offered: Vec<engine::provider::Assessment>,
) -> AttachmentView {
    use engine::{attachment::AttachmentState, provider::AssessmentState};
    let current = row.assessment.clone();
    let can_be_sent = |a: &engine::provider::Assessment| a.state == AssessmentState::Active || a.id == current;
    let choice = |assessment: engine::provider::Assessment| (assessment.id.to_string(), assessment.name);
    let mut assessments: Vec<_> = offered.into_iter().filter(can_be_sent).map(choice).collect();
    // Nobody shall choose another by not choosing.
    if !assessments.iter().any(|(id, _)| *id == row.assessment.0) {
        assessments.insert(0, (row.assessment.to_string(), row.assessment_name.clone()));
    }
    AttachmentView {
        is_removed: row.state == AttachmentState::Removed,
        assessment_id: row.assessment.to_string(),
        created_by: row.created_by.clone(),
        created_at: row.created_at.0,
        assessments,
        takes_days: false,
        line: row.into(),
    }
}

#[cfg(feature = "ssr")]
impl From<engine::attachment::Standing> for StandingView {
    fn from(row: engine::attachment::Standing) -> Self {
        Self {
            opportunity: row.opportunity.to_string(),
            name: row.name,
            entered_at: row.entered_at.0,
            why_not: row.why_not,
        }
    }
}
