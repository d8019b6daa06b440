//! The work that is not done yet; what was given up says why, and can be done again.

use leptos::{
    either::{Either, EitherOf3},
    form::ActionForm,
    prelude::*,
};

use super::{
    server::{ReplayWork, WorkView},
    words,
};
use crate::{
    page::integrations::{Failure, problem_of},
    route,
    ui::{Button, ButtonKind, ButtonLink, Icon, Status, Time, Tone},
};

/// The list.
#[component]
pub fn Work(work: Vec<WorkView>) -> impl IntoView {
    let replay = ServerAction::<ReplayWork>::new();
    let list = match work.is_empty() {
        true => Either::Left(view! { <p class="hint">"Nothing is under way, and nothing waits."</p> }),
        false => Either::Right(
            view! { <ul class="log">{work.into_iter().map(|work| view! { <Row work replay/> }).collect_view()}</ul> },
        ),
    };
    view! {
        <section class="panel" aria-labelledby="work-title">
            <h2 id="work-title">"Not done yet"</h2>
            <Failure problem=problem_of(replay)/>
            {list}
        </section>
    }
}

#[component]
fn Row(work: WorkView, replay: ServerAction<ReplayWork>) -> impl IntoView {
    let (tone, icon) = match work.state.as_str() {
        "dead" => (Tone::Danger, Icon::Alert),
        "waiting" => (Tone::Warn, Icon::Hourglass),
        _ => (Tone::Neutral, Icon::Clock),
    };
    let tries = (work.attempts > 1).then(|| format!("Tried {} times. ", work.attempts));
    view! {
        <li class="log-row">
            <span class="log-time hint"><Time at=work.at/></span>
            <span class="log-what">{words::work(&work.kind)}</span>
            <span class="log-outcome">
                <Status tone icon word=words::state(&work.state)/>
                <span class="hint">{tries} {work.error.clone()}</span>
                {work.due_at.filter(|_| work.attempts > 0).map(|at| view! { <span class="hint">"Next try " <Time at/></span> })}
                <Way work replay/>
            </span>
        </li>
    }
}

/// What a person can do about it: a send is decided on the candidate's page, where its outcome shows.
#[component]
fn Way(work: WorkView, replay: ServerAction<ReplayWork>) -> impl IntoView {
    match (work.state.as_str(), work.kind.as_str(), work.invite) {
        ("dead", "send", Some(invite)) => EitherOf3::A(view! {
            <ButtonLink href=route::candidate(&invite) kind=ButtonKind::Quiet>"Decide on the candidate's page"</ButtonLink>
        }),
        ("dead", ..) => EitherOf3::B(view! {
            <ActionForm action=replay>
                <input type="hidden" name="id" value=work.id/>
                <Button kind=ButtonKind::Quiet>"Replay"</Button>
            </ActionForm>
        }),
        _ => EitherOf3::C(()),
    }
}
