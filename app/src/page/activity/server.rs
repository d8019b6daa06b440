//! What came in, and the work that is not done yet.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::problem::Problem;
use crate::route;
#[cfg(feature = "ssr")]
use crate::server;

/// How many messages a page shows.
#[cfg(feature = "ssr")]
const SHOWN: i64 = 50;
/// How much unfinished work is shown.
#[cfg(feature = "ssr")]
const WORK_SHOWN: i64 = 100;

/// Which messages to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Show {
    #[default]
    All,
    Waiting,
    Problem,
}

impl Show {
    /// All of them, in the order of their links.
    pub const ALL: [Self; 3] = [Self::All, Self::Waiting, Self::Problem];

    /// The value in addresses.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Waiting => "waiting",
            Self::Problem => "problem",
        }
    }

    /// From an address, which anybody may write.
    #[must_use]
    pub fn read(slug: &str) -> Self {
        Self::ALL.into_iter().find(|show| show.slug() == slug).unwrap_or_default()
    }
}

/// What the address asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    pub show: Show,
    /// The id after which the page begins; empty for the newest.
    pub before: String,
    /// The message that is opened; empty for none.
    pub message: String,
}

impl Asked {
    /// The same list with no message open.
    #[must_use]
    pub fn list(&self) -> Self {
        Self { message: String::new(), ..self.clone() }
    }

    /// The list's first page.
    #[must_use]
    pub fn newest(&self) -> Self {
        Self { show: self.show, ..Self::default() }
    }

    /// The page after this message.
    #[must_use]
    pub fn older(&self, last: &str) -> Self {
        Self { before: last.to_owned(), ..self.list() }
    }

    /// The same list with one message open.
    #[must_use]
    pub fn opened(&self, message: &str) -> Self {
        Self { message: message.to_owned(), ..self.clone() }
    }

    /// Whether it is the page itself: everything, from the newest, with nothing opened.
    #[must_use]
    pub fn is_first(&self) -> bool {
        *self == Self::default()
    }

    /// Its address.
    #[must_use]
    pub fn address(&self) -> String {
        let show = (self.show != Show::All).then(|| self.show.slug());
        let text = |text: &'_ String| (!text.is_empty()).then(|| route::encode(text));
        let parts =
            [("show", show.map(str::to_owned)), ("before", text(&self.before)), ("message", text(&self.message))];
        let query: Vec<_> =
            parts.into_iter().filter_map(|(name, value)| value.map(|value| format!("{name}={value}"))).collect();
        if query.is_empty() { route::ACTIVITY.to_owned() } else { format!("{}?{}", route::ACTIVITY, query.join("&")) }
    }
}

/// The page.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ActivityView {
    pub message: Option<OneMessageView>,
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
    /// The work was given up; the outcome says why.
    pub has_problem: bool,
    pub can_replay: bool,
}

/// One message, opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OneMessageView {
    pub row: MessageView,
    pub parts: Vec<PartView>,
    /// The invite that it is about, or led to.
    pub invite: Option<String>,
}

/// A part of a message; `None` where its value is not to be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartView {
    pub name: String,
    pub value: Option<String>,
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
    /// The invite it is about.
    pub invite: Option<String>,
}

/// What came in, one message of it where the address opens one, and the work that is not done yet.
#[server(endpoint = "activity_page")]
pub async fn activity_page(asked: Asked) -> Result<ActivityView, Problem> {
    let member = server::member().await?;
    let engine = server::engine();
    let before = Some(asked.before.as_str()).filter(|id| !id.is_empty()).map(Into::into);
    let rows = engine::delivery::list_only(&engine, &member, asked.show.into(), before.as_ref(), SHOWN + 1).await?;
    let work = match asked.is_first() {
        true => engine::job::unfinished(&engine, &member, WORK_SHOWN).await?,
        false => Vec::new(),
    };
    let message = match asked.message.as_str() {
        "" => None,
        id => Some(engine::delivery::inspect(&engine, &member, &id.into()).await?.into()),
    };
    Ok(ActivityView { message, ..activity_view(rows, work) })
}

/// Has the work that a message asked for done again.
#[server(endpoint = "replay_message")]
pub async fn replay_message(id: String) -> Result<(), Problem> {
    let member = server::member().await?;
    engine::delivery::replay(&server::engine(), &member, &id.as_str().into()).await?;
    server::go_to(&format!("{}&replayed=1", Asked::default().opened(&id).address()));
    Ok(())
}

/// Has work that was given up done again.
#[server(endpoint = "replay_work")]
pub async fn replay_work(id: String) -> Result<(), Problem> {
    let member = server::member().await?;
    engine::job::replay(&server::engine(), &member, &id.as_str().into()).await?;
    server::go_to(&format!("{}?replayed=1", route::ACTIVITY));
    Ok(())
}

#[cfg(feature = "ssr")]
fn activity_view(rows: Vec<engine::delivery::DeliveryRow>, work: Vec<engine::job::JobRow>) -> ActivityView {
    let shown = usize::try_from(SHOWN).unwrap_or(usize::MAX);
    let has_older = rows.len() > shown;
    let messages: Vec<_> = rows.into_iter().take(shown).map(MessageView::from).collect();
    let older = messages.last().filter(|_| has_older).map(|message| message.id.clone());
    ActivityView { message: None, messages, older, work: work.into_iter().map(WorkView::from).collect() }
}

#[cfg(feature = "ssr")]
impl From<Show> for engine::delivery::Show {
    fn from(show: Show) -> Self {
        match show {
            Show::All => Self::All,
            Show::Waiting => Self::Waiting,
            Show::Problem => Self::Problem,
        }
    }
}

#[cfg(feature = "ssr")]
impl From<engine::delivery::Inspected> for OneMessageView {
    fn from(seen: engine::delivery::Inspected) -> Self {
        Self {
            row: seen.row.into(),
            parts: seen.parts.into_iter().map(|(name, value)| PartView { name, value }).collect(),
            invite: seen.invite.map(|id| id.to_string()),
        }
    }
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
            has_problem: row.has_problem,
            can_replay: row.subject.is_some(),
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
            invite: row.invite.map(|id| id.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_no_more_than_it_must() {
        assert_eq!(Asked::default().address(), "/activity");
        let waiting = Asked { show: Show::Waiting, ..Asked::default() };
        assert_eq!(
            waiting.older("dlv_1").opened("dlv_0").address(),
            "/activity?show=waiting&before=dlv_1&message=dlv_0"
        );
        assert_eq!(waiting.older("dlv_1").newest(), waiting);
        assert_eq!(Show::read("anything"), Show::All);
    }
}
