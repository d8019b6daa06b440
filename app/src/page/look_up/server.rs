//! Looking somebody up, as it crosses to the browser.

#[cfg(feature = "ssr")]
use engine::fault::{FlowError, Refusal};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{page::candidates::server::InviteRow, problem::Problem};
#[cfg(feature = "ssr")]
use crate::{problem::Trouble, server};

/// A page does not wait longer for somebody else's server.
#[cfg(feature = "ssr")]
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

/// One opportunity in Lever; times are unix milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutlookView {
    pub opportunity: String,
    pub name: String,
    pub positions: Vec<String>,
    pub stage: String,
    pub entered_at: i64,
    pub archived: bool,
    pub lever_url: Option<String>,
    /// The attachments on the stage where it stands.
    pub here: Vec<DecidedView>,
    pub elsewhere: Vec<DecidedView>,
    pub invites: Vec<InviteRow>,
    /// Whether the person may open attachments.
    pub may_attach: bool,
}

/// What is decided about one attachment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecidedView {
    pub attachment: String,
    pub position: Option<String>,
    pub stage: String,
    pub assessment: String,
    pub answer: Answer,
    pub why: String,
    pub next: String,
    pub invite: Option<String>,
}

/// The decision's first word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    Match,
    /// It was given before, by this attachment or another.
    Given,
    No,
}

/// What came of looking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LookUpView {
    /// Whom Lever shows, as far as this person may see them; nobody is an answer too.
    Found(Vec<OutlookView>),
    /// The text can name nobody.
    NamesNobody,
}

/// Looks in Lever for whomever the text names, among those whom this person may see.
#[server(prefix = "/api", endpoint = "look_up")]
pub async fn look_up(text: String) -> Result<LookUpView, Problem> {
    let member = server::member().await?;
    let engine = server::engine();
    let found = engine::attachment::look_up(&engine, &member, &text);
    let Ok(found) = tokio::time::timeout(PATIENCE, found).await else {
        return Err(server::told(Problem::Lever(Trouble::Down)));
    };
    let may_attach = member.may(engine::access::Permission::ManageAttachments);
    match found {
        Err(FlowError::Refused(Refusal::LookUp)) => Ok(LookUpView::NamesNobody),
        found => {
            Ok(LookUpView::Found(found?.into_iter().map(|outlook| from_engine::outlook(outlook, may_attach)).collect()))
        }
    }
}

#[cfg(feature = "ssr")]
mod from_engine {
    use engine::attachment::{Decided, Outlook};

    use super::{Answer, DecidedView, OutlookView};

    pub fn outlook(outlook: Outlook, may_attach: bool) -> OutlookView {
        let (here, elsewhere): (Vec<_>, Vec<_>) = outlook.decided.into_iter().partition(|decided| decided.on_stage);
        // Lever's text becomes a link only where it is one.
        OutlookView {
            opportunity: outlook.opportunity.0,
            name: outlook.name,
            positions: outlook.positions,
            stage: outlook.stage_name,
            entered_at: outlook.entered_at.0,
            archived: outlook.archived,
            lever_url: outlook.url.filter(|url| crate::server::is_levers(url)),
            here: here.into_iter().map(Into::into).collect(),
            elsewhere: elsewhere.into_iter().map(Into::into).collect(),
            invites: outlook.invites.into_iter().map(Into::into).collect(),
            may_attach,
        }
    }

    impl From<Decided> for DecidedView {
        fn from(decided: Decided) -> Self {
            let answer = match (decided.matches, decided.invite.is_some()) {
                (true, _) => Answer::Match,
                (false, true) => Answer::Given,
                (false, false) => Answer::No,
            };
            Self {
                attachment: decided.attachment.0,
                position: decided.position,
                stage: decided.stage_name,
                assessment: decided.assessment_name,
                answer,
                why: decided.why,
                next: decided.next,
                invite: decided.invite.map(|id| id.0),
            }
        }
    }
}
