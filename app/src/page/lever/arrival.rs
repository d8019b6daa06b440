//! What the person came back with: from Lever's consent page, or from a form of this page.

use leptos::{either::EitherOf4, form::ActionForm, prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_query_map;

use super::{
    server::{ConnectLever, lever_return},
    view::ReturnDetail,
};
use crate::{
    page::integrations::{Failure, problem_of},
    problem::Problem,
    text::integrations::{ReturnProblem, done},
    ui::{Button, Notice, Tone},
};

/// The code of an attachment that was removed on a page that is gone with it.
const REMOVED: &str = "removed";

/// What a form did, beside it: from its answer, or from the address where there is no JavaScript.
#[component]
pub fn Told<S>(
    /// The form's action.
    action: ServerAction<S>,
    /// The code of what it does.
    code: &'static str,
) -> impl IntoView
where
    S: ServerFn<Output = (), Error = Problem> + Clone + Send + Sync + 'static,
{
    let query = use_query_map();
    let is_done = Memo::new(move |_| {
        action.value().with(|value| match value {
            Some(answer) => answer.is_ok(),
            None => query.with(|query| query.get_str("done") == Some(code)),
        })
    });
    move || {
        is_done.get().then(|| done(code)).flatten().map(|words| {
            view! { <Notice tone=Tone::Good><p>{words}</p></Notice> }
        })
    }
}

/// The detail of a failed return, for the person who tried.
#[cfg(feature = "ssr")]
pub(super) fn detail_of(error: &engine::connection::ConnectError) -> ReturnDetail {
    use engine::connection::ConnectError;
    match error {
        ConnectError::Denied { description } => {
            ReturnDetail { detail: Some(description.clone()), ..ReturnDetail::default() }
        }
        ConnectError::MissingScopes(scopes) => {
            ReturnDetail { detail: Some(scopes.join(", ")), ..ReturnDetail::default() }
        }
        ConnectError::OtherAccount { before, now } => {
            ReturnDetail { detail: None, account_before: Some(before.clone()), account_now: Some(now.clone()) }
        }
        ConnectError::State | ConnectError::Flow(_) => ReturnDetail::default(),
    }
}

/// A notice by the codes in the address; nothing without one.
#[component]
pub fn Arrival(connect: ServerAction<ConnectLever>) -> impl IntoView {
    let query = use_query_map();
    let code = move |name: &str| query.with(|query| query.get(name)).unwrap_or_default();
    move || {
        if let Some(problem) = ReturnProblem::parse(&code("problem")) {
            return EitherOf4::A(view! { <ReturnFailed problem connect/> });
        }
        if !code("connected").is_empty() {
            return EitherOf4::B(view! {
                <Notice tone=Tone::Good title="Lever is connected">
                    <p>"What is still missing is marked below."</p>
                </Notice>
            });
        }
        match done(REMOVED).filter(|_| code("done") == REMOVED) {
            Some(words) => EitherOf4::C(view! { <Notice tone=Tone::Good><p>{words}</p></Notice> }),
            None => EitherOf4::D(()),
        }
    }
}

#[component]
fn ReturnFailed(problem: ReturnProblem, connect: ServerAction<ConnectLever>) -> impl IntoView {
    let [what, means, next] = problem.words();
    let detail = Resource::new(|| (), |()| lever_return());
    view! {
        <Notice tone=Tone::Danger title=what>
            <Transition fallback=|| ()>
                {move || Suspend::new(async move {
                    let detail = detail.await.ok().flatten().unwrap_or_default();
                    view! { <Detail problem detail/> }
                })}
            </Transition>
            <p>{means}</p>
            <p>{next}</p>
            {(problem == ReturnProblem::Account).then(|| view! {
                <ActionForm action=connect>
                    <input type="hidden" name="account" value="other"/>
                    <Button pending=connect.pending()>"Connect the other account"</Button>
                </ActionForm>
            })}
            <Failure problem=problem_of(connect)/>
        </Notice>
    }
}

#[component]
fn Detail(problem: ReturnProblem, detail: ReturnDetail) -> impl IntoView {
    let said = detail.detail.filter(|words| !words.is_empty()).map(|words| match problem {
        ReturnProblem::Scopes => format!("Missing: {words}."),
        _ => format!("Lever said: “{words}”"),
    });
    let accounts = detail.account_before.zip(detail.account_now).map(|(before, now)| {
        view! { <p>"Connected before: "<strong>{before}</strong>". You logged in to: "<strong>{now}</strong>"."</p> }
    });
    view! {
        {said.map(|said| view! { <p>{said}</p> })}
        {accounts}
    }
}
