//! The dashboard: the set-up of a new organization; afterwards what needs a person, and the funnel.

mod funnel;
mod late;
mod needs;
mod remedy;
pub mod server;
mod set_up;
mod troubles;

use leptos::prelude::*;

use self::{
    funnel::Funnel,
    late::Late,
    needs::NeedsYou,
    remedy::Acts,
    server::{DashboardView, DecideLate, read_dashboard},
    set_up::SetUp,
};
use crate::{
    live,
    problem::Problem,
    text,
    ui::{PageHead, ProblemNotice, Ready},
};

/// The dashboard.
#[component]
pub fn DashboardPage() -> impl IntoView {
    let (invites, set_up) = (live::invite_changes(), live::set_up_changes());
    let decide = ServerAction::new();
    let acts = Acts::new();
    let source = move || (invites.get(), set_up.get(), decide.version().get(), acts.version());
    let answer = Resource::new(source, |_| read_dashboard());
    view! {
        <PageHead title=text::dashboard::TITLE/>
        <Ready answer>
            <Loaded answer decide acts/>
        </Ready>
    }
}

/// What there is to show; it stays when a later reading fails, and each part changes by itself.
#[component]
fn Loaded(
    answer: Resource<Result<DashboardView, Problem>>,
    decide: ServerAction<DecideLate>,
    acts: Acts,
) -> impl IntoView {
    let view = Memo::new(move |before: Option<&Option<DashboardView>>| match answer.get() {
        Some(Ok(view)) => Some(view),
        Some(Err(_)) | None => before.cloned().flatten(),
    });
    let problem = Memo::new(move |_| answer.get().and_then(Result::err).or_else(|| acts.problem("")));
    let set_up = part(view, |view| view.set_up.clone().map(|steps| (steps, view.may_set_up)));
    let late = part(view, |view| view.late.clone());
    let needs = part(view, |view| {
        view.set_up.is_none().then(|| (view.troubles.clone(), view.attention.clone(), view.awaiting.clone()))
    });
    let funnel = part(view, |view| view.set_up.is_none().then_some(view.funnel));
    view! {
        <div class="stack">
            {move || problem.get().map(|problem| view! { <ProblemNotice problem/> })}
            {move || set_up.get().flatten().map(|(steps, may_set_up)| view! { <SetUp steps may_set_up/> })}
            <Late late=Memo::new(move |_| late.get().unwrap_or_default()) decide/>
            {move || needs.get().flatten().map(|(troubles, attention, awaiting)| view! {
                <NeedsYou troubles attention awaiting acts/>
            })}
            {move || funnel.get().flatten().map(|funnel| view! { <Funnel funnel/> })}
        </div>
    }
}

/// One part of the dashboard, which changes only when it does.
fn part<T: Clone + PartialEq + Send + Sync + 'static>(
    view: Memo<Option<DashboardView>>,
    read: impl Fn(&DashboardView) -> T + Send + Sync + 'static,
) -> Memo<Option<T>> {
    Memo::new(move |_| view.with(|view| view.as_ref().map(&read)))
}
