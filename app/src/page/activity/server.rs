//! What came in, and the work that is not done yet.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::problem::Problem;
#[cfg(feature = "ssr")]
use crate::server;

/// How many messages a page shows.
#[cfg(feature = "ssr")]
const SHOWN: i64 = 50;
/// How much unfinished work is shown.
#[cfg(feature = "ssr")]
const WORK_SHOWN: i64 = 100;

/// The page.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ActivityView {
    pub messages: Vec<MessageView>,
    /// The id after which the older ones begin; `None` at the end.
    pub older: Option<String>,
    pub work: Vec<WorkView>,
}

/// One webhook or callback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageView {
    pub id: String,
    pub is_from_lever: bool,
    pub event: String,
    pub at: i64,
    /// What was done about it; `None` while it is being handled.
    pub outcome: Option<String>,
}

/// One piece of work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkView {
    pub id: String,
    pub kind: String,
    pub state: String,
    pub attempts: i64,
    pub due_at: Option<i64>,
    pub error: Option<String>,
    pub at: i64,
}

/// What came in before `before` (everything where it is empty), and the work that is not done yet.
#[server(endpoint = "activity_page")]
pub async fn activity_page(before: String) -> Result<ActivityView, Problem> {
    let member = server::member().await?;
    let engine = server::engine();
    let before = Some(before).filter(|id| !id.is_empty()).map(Into::into);
    let messages = engine::delivery::list(&engine, &member, before.as_ref(), SHOWN + 1).await?;
    let work = match before {
        None => engine::job::unfinished(&engine, &member, WORK_SHOWN).await?,
        Some(_) => Vec::new(),
    };
    Ok(activity_view(messages, work))
}

#[cfg(feature = "ssr")]
fn activity_view(rows: Vec<engine::delivery::DeliveryRow>, work: Vec<engine::job::JobRow>) -> ActivityView {
    let shown = usize::try_from(SHOWN).unwrap_or(usize::MAX);
    let has_older = rows.len() > shown;
    let messages: Vec<_> = rows.into_iter().take(shown).map(MessageView::from).collect();
    let older = messages.last().filter(|_| has_older).map(|message| message.id.clone());
    ActivityView { messages, older, work: work.into_iter().map(WorkView::from).collect() }
}

#[cfg(feature = "ssr")]
impl From<engine::delivery::DeliveryRow> for MessageView {
    fn from(row: engine::delivery::DeliveryRow) -> Self {
        Self {
            id: row.id.to_string(),
            is_from_lever: row.from_lever,
            event: row.event,
            at: row.received_at.0,
            outcome: row.outcome,
        }
    }
}

#[cfg(feature = "ssr")]
impl From<engine::job::JobRow> for WorkView {
    fn from(row: engine::job::JobRow) -> Self {
        Self {
            id: row.id.to_string(),
            kind: row.kind,
            state: row.state,
            attempts: row.attempt,
            due_at: row.due_at.map(|at| at.0),
            error: row.last_error,
            at: row.created_at.0,
        }
    }
}
