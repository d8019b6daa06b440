//! The dashboard: the set-up of a new organization; afterwards what needs a person, and the funnel.

mod funnel;
mod needs;
pub mod server;
mod set_up;

use leptos::prelude::*;

use self::{
    funnel::Funnel,
    needs::NeedsYou,
    server::{DashboardView, read_dashboard},
    set_up::SetUp,
};
use crate::{
    live,
    problem::Problem,
    split::Page,
    text,
    ui::{PageHead, ProblemNotice, Skeleton},
};

/// The dashboard.
pub struct DashboardPage {
    answer: Resource<Result<DashboardView, Problem>>,
}

impl Page for DashboardPage {
    fn data() -> Self {
        let (invites, set_up) = (live::invite_changes(), live::set_up_changes());
        Self { answer: Resource::new(move || (invites.get(), set_up.get()), |_| read_dashboard()) }
    }

    fn view(this: Self) -> AnyView {
        let answer = this.answer;
        view! {
            <PageHead title=text::dashboard::TITLE/>
            <Transition fallback=|| view! { <Skeleton/> }>
                {move || answer.get().map(|answer| match answer {
                    Ok(view) => view! { <Dashboard view/> }.into_any(),
                    Err(problem) => view! { <ProblemNotice problem/> }.into_any(),
                })}
            </Transition>
        }
        .into_any()
    }
}

#[component]
fn Dashboard(view: DashboardView) -> impl IntoView {
    match view.set_up {
        Some(steps) => view! { <SetUp steps may_set_up=view.may_set_up/> }.into_any(),
        None => view! {
            <NeedsYou attention=view.attention awaiting=view.awaiting/>
            <Funnel funnel=view.funnel/>
        }
        .into_any(),
    }
}
