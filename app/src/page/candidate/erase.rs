//! Erasing a candidate who asks for it: a question at an address of its own, so that it works without JavaScript.

use leptos::{form::ActionForm, prelude::*};
use leptos_router::hooks::use_query_map;

use super::server::CandidateView;
#[cfg(feature = "ssr")]
use crate::server;
use crate::{
    problem::RowProblem,
    route, text,
    ui::{Button, ButtonKind, ButtonLink, ProblemNotice, Tone},
};

/// The question's word in addresses.
const ASK: &str = "erase";

/// Erases the candidate of an invite.
#[server(prefix = "/api", endpoint = "erase_candidate")]
pub async fn erase_candidate(invite: String) -> Result<(), RowProblem> {
    let member = server::member().await.map_err(RowProblem::of(&invite))?;
    let id = invite.as_str().into();
    engine::erasure::on_request(&server::engine(), &member, &id).await.map_err(RowProblem::of(&invite))?;
    server::go_to(&route::candidate(&invite));
    Ok(())
}

/// The way to the question, and the question, for whoever may.
#[component]
pub fn Erase(view: Memo<CandidateView>, given: WriteSignal<u32>) -> impl IntoView {
    let id = StoredValue::new(view.with_untracked(|view| view.row.id.clone()));
    let action = ServerAction::<EraseCandidate>::new();
    super::count_answers(action.version(), given);
    let problem = Memo::new(move |_| match action.value().get() {
        Some(Err(problem)) if id.with_value(|id| problem.is_of(id)) => Some(problem.problem),
        Some(_) | None => None,
    });
    let query = use_query_map();
    let may = Memo::new(move |_| view.with(|view| view.may_erase));
    let asked = Memo::new(move |_| query.with(|query| query.get("ask")).is_some_and(|asked| asked == ASK));
    let page = move || route::candidate(&id.get_value());
    let link = move || {
        let href = format!("{}?ask={ASK}#{ASK}", page());
        (may.get() && !asked.get()).then(|| {
            view! { <div class="row"><ButtonLink href>{text::candidate::ERASE}</ButtonLink></div> }
        })
    };
    let question = move || {
        (may.get() && asked.get()).then(|| {
            view! {
                <div class="question" data-tone=Tone::Danger.word() id=ASK role="group" aria-labelledby="erase-title">
                    <h3 id="erase-title">{text::candidate::ERASE_TITLE}</h3>
                    <p>{text::candidate::ERASE_FOLLOWS}</p>
                    <p>{text::candidate::ERASE_IN_LEVER}</p>
                    <ActionForm action attr:class="row">
                        <input type="hidden" name="invite" value=id.get_value()/>
                        <Button kind=ButtonKind::Danger pending=action.pending()>{text::candidate::ERASE}</Button>
                        <ButtonLink href=page() kind=ButtonKind::Quiet>{text::candidate::KEEP}</ButtonLink>
                    </ActionForm>
                </div>
            }
        })
    };
    view! {
        {link}
        {question}
        {move || problem.get().map(|problem| view! { <ProblemNotice problem/> })}
    }
}
