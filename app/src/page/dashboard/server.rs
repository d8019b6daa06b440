//! The dashboard as it crosses to the browser.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::{page::candidates::filter::RECENT_DAYS, server};
use crate::{
    page::{
        candidate::decision::Decision,
        candidates::server::InviteRow,
        lever::view::{NotOffered, StepView},
    },
    problem::{Problem, RowProblem},
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
    /// What stands in the organization's way as a whole.
    pub troubles: Vec<TroubleView>,
    pub attention: Needs,
    pub awaiting: Needs,
    pub funnel: FunnelView,
}

/// The newest of the rows that need a person, and how many there are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Needs {
    pub rows: Vec<NeedView>,
    pub count: i64,
    pub more: bool,
}

/// One of them, and what this person may do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NeedView {
    pub row: InviteRow,
    pub remedies: Vec<RemedyView>,
}

/// What mends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RemedyView {
    Decide(Decision),
    OpenInLever(String),
    Connect,
    Provider,
    /// By the attachment's id.
    Resume(String),
    ChangeAttachment(String),
}

/// What stands in the organization's way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TroubleView {
    /// Why, in words of ours; whether this person may connect.
    Lever {
        reason: Option<String>,
        may_connect: bool,
    },
    Provider {
        reason: Option<String>,
        may_connect: bool,
    },
    Attachment {
        id: String,
        assessment: String,
        stage: String,
        /// Why the assessment cannot be sent; `None` where the stage is gone.
        not_offered: Option<NotOffered>,
    },
    Work {
        id: String,
        kind: String,
        error: Option<String>,
        invite: Option<String>,
    },
    /// Lever did not take the note of an invite.
    Note {
        invite: String,
        candidate: String,
        problem: String,
    },
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
    let awaiting = engine::invite::Filter { awaiting_verdict: true, ..Default::default() };
    let steps = engine::checklist::checklist(&engine, &member).await?;
    Ok(DashboardView {
        set_up: from_engine::open_set_up(steps),
        may_set_up: member.may(engine::access::Permission::ManageAttachments),
        late: from_engine::late(&engine, &member).await?,
        troubles: from_engine::troubles(&engine, &member).await?,
        attention: from_engine::needs(&engine, &member).await?,
        awaiting: engine::invite::page(&engine, &member, &awaiting).await?.into(),
        funnel: engine::invite::funnel(&engine, &member, RECENT_DAYS).await?.into(),
    })
}

/// Goes on with what waits for a paused attachment.
#[server(prefix = "/api", endpoint = "resume_for_invite")]
pub async fn resume_for_invite(invite: String, attachment: String) -> Result<(), RowProblem> {
    let member = server::member().await.map_err(RowProblem::of(&invite))?;
    let resumed = engine::invite::resume(&server::engine(), &member, &attachment.as_str().into()).await;
    resumed.map_err(RowProblem::of(&invite))
}

/// Has the note of an invite written that Lever did not take.
#[server(prefix = "/api", endpoint = "try_note_again")]
pub async fn try_note_again(invite: String) -> Result<(), RowProblem> {
    // Told in the note's own line: the invite may have another.
    let line = format!("note-{invite}");
    let member = server::member().await.map_err(RowProblem::of(&line))?;
    let again = engine::note::try_again(&server::engine(), &member, &invite.into()).await;
    again.map_err(RowProblem::of(&line))
}

/// Has work done again that was given up.
#[server(prefix = "/api", endpoint = "do_work_again")]
pub async fn do_work_again(id: String) -> Result<(), RowProblem> {
    let member = server::member().await.map_err(RowProblem::of(&id))?;
    let again = engine::job::replay(&server::engine(), &member, &id.as_str().into()).await;
    again.map_err(RowProblem::of(&id))
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
        invite::{self, Funnel, Need, Page, Remedy},
        note,
        trouble::{self, Gone, Trouble},
    };

    use super::{FunnelView, NeedView, Needs, ROWS, RemedyView, TroubleView};
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

    /// What needs a person, with its remedies.
    pub async fn needs(engine: &Engine, member: &Member) -> Result<Needs, FlowError> {
        let (needs, page) = invite::needs(engine, member, ROWS).await?;
        Ok(Needs { rows: needs.into_iter().map(Into::into).collect(), count: page.count, more: page.more })
    }

    /// What stands in the way as a whole, then the notes that Lever did not take.
    pub async fn troubles(engine: &Engine, member: &Member) -> Result<Vec<TroubleView>, FlowError> {
        let may_connect = member.may(Permission::ManageConnection);
        let most = i64::try_from(ROWS).unwrap_or(i64::MAX);
        let standing = trouble::standing(engine, member).await?;
        let notes = note::problems(engine, member, most).await?;
        let notes = notes.into_iter().map(|(row, problem)| TroubleView::Note {
            invite: row.id.0,
            candidate: row.candidate_name,
            problem,
        });
        Ok(standing.into_iter().map(|one| trouble_view(one, may_connect)).chain(notes).collect())
    }

    fn trouble_view(trouble: Trouble, may_connect: bool) -> TroubleView {
        match trouble {
            Trouble::Lever { reason, .. } => TroubleView::Lever { reason, may_connect },
            Trouble::Provider { reason, .. } => TroubleView::Provider { reason, may_connect },
            Trouble::Attachment { id, assessment, stage, gone } => {
                let not_offered = match gone {
                    Gone::Stage => None,
                    Gone::Assessment(why) => Some(why.into()),
                };
                TroubleView::Attachment { id: id.0, assessment, stage, not_offered }
            }
            Trouble::Work { id, kind, error, invite } => {
                TroubleView::Work { id: id.0, kind, error, invite: invite.map(|id| id.0) }
            }
        }
    }

    impl From<Need> for NeedView {
        fn from(need: Need) -> Self {
            // Lever's text becomes a link only where it is one.
            let view = |remedy| match remedy {
                Remedy::Decide(decision) => Some(RemedyView::Decide(decision.into())),
                Remedy::OpenInLever(url) => crate::server::is_levers(&url).then_some(RemedyView::OpenInLever(url)),
                Remedy::Connect => Some(RemedyView::Connect),
                Remedy::Provider => Some(RemedyView::Provider),
                Remedy::Resume(id) => Some(RemedyView::Resume(id.0)),
                Remedy::ChangeAttachment(id) => Some(RemedyView::ChangeAttachment(id.0)),
            };
            Self { row: need.row.into(), remedies: need.remedies.into_iter().filter_map(view).collect() }
        }
    }

    impl From<Page> for Needs {
        fn from(page: Page) -> Self {
            let row = |row: invite::Row| NeedView { row: row.into(), remedies: Vec::new() };
            Self { rows: page.rows.into_iter().take(ROWS).map(row).collect(), count: page.count, more: page.more }
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
