//! Giving a verdict: one server function for the thumbs of the list and of the candidate's page.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::server;
use crate::{problem::RowProblem, ui::Verdict};

/// A verdict that was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    pub verdict: Verdict,
    /// The invite's version from now on.
    pub version: i64,
}

/// Gives or withdraws a verdict on the version of the invite that the person saw.
#[server(prefix = "/api", endpoint = "give_verdict")]
pub async fn give_verdict(
    invite: String,
    version: i64,
    verdict: Verdict,
    #[server(default)] comment: Option<String>,
) -> Result<Given, RowProblem> {
    let member = server::member().await.map_err(RowProblem::of(&invite))?;
    let comment = comment.as_deref().map(str::trim).filter(|comment| !comment.is_empty());
    let id = invite.as_str().into();
    let given = engine::verdict::give(&server::engine(), &member, &id, verdict.into(), comment, Some(version)).await;
    Ok(Given { verdict, version: given.map_err(RowProblem::of(&invite))? })
}

/// A form that gives a verdict on one invite: what it shows, and what went wrong.
#[derive(Clone, Copy)]
pub struct VerdictForm {
    pub action: ServerAction<GiveVerdict>,
    /// What to show: what is being sent, else the newer of what was answered and what was read.
    pub verdict: Memo<Verdict>,
    /// The version to give the next verdict on.
    pub version: Memo<i64>,
    /// What went wrong, if it went wrong here: every form of the page hears of it without JavaScript.
    pub problem: Memo<Option<RowProblem>>,
}

impl VerdictForm {
    /// The form of the invite `id`, whose verdict and version were `read`.
    pub fn new(id: String, read: Signal<(Verdict, i64)>) -> Self {
        let action = ServerAction::<GiveVerdict>::new();
        let known = Memo::new(move |_| {
            let (verdict, version) = read.get();
            match action.value().get() {
                Some(Ok(given)) if given.version > version => (given.verdict, given.version),
                Some(_) | None => (verdict, version),
            }
        });
        Self {
            action,
            verdict: Memo::new(move |_| {
                let sent = action.input().get().filter(|_| action.pending().get());
                sent.map_or_else(|| known.get().0, |sent| sent.verdict)
            }),
            version: Memo::new(move |_| known.get().1),
            problem: Memo::new(move |_| match action.value().get() {
                Some(Err(problem)) if problem.is_of(&id) => Some(problem),
                Some(_) | None => None,
            }),
        }
    }
}
