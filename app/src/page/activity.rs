//! What came in from Lever and Canditech, and the work that is not done yet, in words.

pub mod server;
mod words;

use leptos::{
    either::{Either, EitherOf3},
    prelude::*,
};
use leptos_router::hooks::use_query_map;

use self::server::{ActivityView, MessageView, WorkView, activity_page};
use crate::{
    live::Live,
    problem::Problem,
    route,
    ui::{ButtonLink, Empty, Icon, PageHead, ProblemNotice, Ready, Status, Time, Tone},
};

/// What came in and what went out, in words.
#[component]
pub fn ActivityPage() -> impl IntoView {
    let query = use_query_map();
    let before = Memo::new(move |_| query.with(|query| query.get("before")).unwrap_or_default());
    let (invites, set_up) = (expect_context::<Live>().invites(), expect_context::<Live>().set_up());
    let answer =
        Resource::new(move || (before.get(), invites.get(), set_up.get()), |(before, ..)| activity_page(before));
    view! {
        <PageHead title="Activity" lead="What came in, what was done about it, and what is not done yet."/>
        <Ready answer rows=10>
            <Content answer before/>
        </Ready>
    }
}

#[component]
fn Content(answer: Resource<Result<ActivityView, Problem>>, before: Memo<String>) -> impl IntoView {
    move || match answer.get() {
        None => EitherOf3::A(()),
        Some(Err(problem)) => EitherOf3::B(view! { <ProblemNotice problem/> }),
        Some(Ok(view)) => EitherOf3::C(view! {
            {before.with(String::is_empty).then(|| view! { <Work work=view.work/> })}
            <Messages messages=view.messages is_first=before.with(String::is_empty)/>
            <nav class="row" aria-label="Pages">
                {(!before.with(String::is_empty)).then(|| view! { <ButtonLink href=route::ACTIVITY>"Newest"</ButtonLink> })}
                {view.older.map(|id| view! { <ButtonLink href=format!("{}?before={id}", route::ACTIVITY)>"Older"</ButtonLink> })}
            </nav>
        }),
    }
}

#[component]
fn Work(work: Vec<WorkView>) -> impl IntoView {
    let list = match work.is_empty() {
        true => Either::Left(view! { <p class="hint">"Nothing is under way, and nothing waits."</p> }),
        false => Either::Right(
            view! { <ul class="log">{work.into_iter().map(|work| view! { <WorkRow work/> }).collect_view()}</ul> },
        ),
    };
    view! {
        <section class="panel" aria-labelledby="work-title">
            <h2 id="work-title">"Not done yet"</h2>
            {list}
        </section>
    }
}

#[component]
fn WorkRow(work: WorkView) -> impl IntoView {
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
                <span class="hint">{tries} {work.error}</span>
                {work.due_at.filter(|_| work.attempts > 0).map(|at| view! { <span class="hint">"Next try " <Time at/></span> })}
            </span>
        </li>
    }
}

#[component]
fn Messages(messages: Vec<MessageView>, is_first: bool) -> impl IntoView {
    let list = match messages.is_empty() {
        true => Either::Left(view! {
            <Empty title=if is_first { "Nothing has come in yet" } else { "Nothing older" }>
                <p>"Stage changes from Lever and results from Canditech are listed here as they arrive."</p>
            </Empty>
        }),
        false => Either::Right(view! {
            <ul class="log">{messages.into_iter().map(|message| view! { <MessageRow message/> }).collect_view()}</ul>
        }),
    };
    view! {
        <section class="panel" aria-labelledby="messages-title">
            <h2 id="messages-title">"What came in"</h2>
            {list}
        </section>
    }
}

#[component]
fn MessageRow(message: MessageView) -> impl IntoView {
    let source = if message.is_from_lever { "Lever: " } else { "Canditech: " };
    view! {
        <li class="log-row">
            <span class="log-time hint"><Time at=message.at/></span>
            <span class="log-what">{source} {words::event(&message.event)}</span>
            <span class="log-outcome hint">{message.outcome.unwrap_or_else(|| "Being handled".to_owned())}</span>
        </li>
    }
}
