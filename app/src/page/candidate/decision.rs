//! What a person decides about an invite that does not go on by itself: send it, say that it was sent,
//! or drop it.

use leptos::{form::ActionForm, prelude::*};
use serde::{Deserialize, Serialize};

use super::server::CandidateView;
#[cfg(feature = "ssr")]
use crate::{problem::Problem, server};
use crate::{problem::RowProblem, text, ui::ProblemNotice};

/// What can be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    Send,
    WasSent,
    Drop,
}

impl Decision {
    /// The value in forms.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::WasSent => "was-sent",
            Self::Drop => "drop",
        }
    }
}

#[cfg(feature = "ssr")]
impl From<engine::invite::Decision> for Decision {
    fn from(decision: engine::invite::Decision) -> Self {
        match decision {
            engine::invite::Decision::Send => Self::Send,
            engine::invite::Decision::WasSent => Self::WasSent,
            engine::invite::Decision::Drop => Self::Drop,
        }
    }
}

#[cfg(feature = "ssr")]
impl From<Decision> for engine::invite::Decision {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Send => Self::Send,
            Decision::WasSent => Self::WasSent,
            Decision::Drop => Self::Drop,
        }
    }
}

/// Carries out what a person decided about one invite.
#[server(prefix = "/api", endpoint = "decide_invite")]
pub async fn decide_invite(invite: String, decision: Decision) -> Result<(), RowProblem> {
    let member = server::member().await.map_err(RowProblem::of(&invite))?;
    let chosen = [invite.as_str().into()];
    let done = engine::invite::decide(&server::engine(), &member, &chosen, decision.into()).await;
    match done.map_err(RowProblem::of(&invite))? {
        0 => Err(RowProblem::told(&invite, Problem::Conflict)),
        _ => Ok(()),
    }
}

/// The question, where there is one that this person may answer.
#[component]
pub fn DecisionBox(view: Memo<CandidateView>, given: WriteSignal<u32>) -> impl IntoView {
    let id = view.with_untracked(|view| view.row.id.clone());
    let action = ServerAction::<DecideInvite>::new();
    super::count_answers(action.version(), given);
    let decisions = Memo::new(move |_| view.with(|view| view.decisions.clone()));
    let own = id.clone();
    let problem = Memo::new(move |_| match action.value().get() {
        Some(Err(problem)) if problem.is_of(&own) => Some(problem.problem),
        Some(_) | None => None,
    });
    let buttons = move || decisions.get().into_iter().map(|decision| view! { <Choice decision/> }).collect_view();
    view! {
        <section class="panel" aria-labelledby="decision-title" hidden=move || decisions.with(Vec::is_empty)>
            <h2 id="decision-title">{text::decision::TITLE}</h2>
            <p>{move || view.with(|view| text::decision::question(view.row.state))}</p>
            <ActionForm action attr:class="row">
                <input type="hidden" name="invite" value=id/>
                {buttons}
            </ActionForm>
        </section>
        {move || problem.get().map(|problem| view! { <ProblemNotice problem/> })}
    }
}

#[component]
fn Choice(decision: Decision) -> impl IntoView {
    view! {
        <button class="button" type="submit" data-kind="secondary" name="decision" value=decision.slug()>
            {text::decision::word(decision)}
        </button>
    }
}
