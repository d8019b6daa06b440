//! What came in from Lever and Canditech, one message of it, and the work that is not done yet, in words.

mod message;
pub mod server;
mod words;
mod work;

use leptos::{
    either::{Either, EitherOf3},
    prelude::*,
};
use leptos_router::hooks::use_query_map;

pub use self::words::work as work_words;
use self::{
    message::OneMessage,
    server::{ActivityView, Asked, MessageView, Show, activity_page},
    work::Work,
};
use crate::{
    live::Live,
    problem::Problem,
    ui::{ButtonLink, Empty, Icon, Notice, PageHead, ProblemNotice, Ready, Status, Time, Tone},
};

/// What came in and what went out, in words.
#[component]
pub fn ActivityPage() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|query| Asked {
            show: query.get("show").as_deref().map(Show::read).unwrap_or_default(),
            before: query.get("before").unwrap_or_default(),
            message: query.get("message").unwrap_or_default(),
        })
    });
    let was_replayed = move || query.with(|query| query.get("replayed").is_some());
    let (invites, set_up) = (expect_context::<Live>().invites(), expect_context::<Live>().set_up());
    let answer = Resource::new(move || (asked.get(), invites.get(), set_up.get()), |(asked, ..)| activity_page(asked));
    view! {
        <PageHead title="Activity" lead="What came in, what was done about it, and what is not done yet."/>
        {move || was_replayed().then(|| view! {
            <Notice tone=Tone::Info title="It is being done again">
                <p>"What was done already is not done twice: nobody is invited a second time."</p>
            </Notice>
        })}
        <Ready answer rows=10>
            <Content answer asked/>
        </Ready>
    }
}

#[component]
fn Content(answer: Resource<Result<ActivityView, Problem>>, asked: Memo<Asked>) -> impl IntoView {
    move || match answer.get() {
        None => EitherOf3::A(()),
        Some(Err(problem)) => EitherOf3::B(view! { <ProblemNotice problem/> }),
        Some(Ok(view)) => {
            let asked = asked.get();
            EitherOf3::C(view! {
                {view.message.map(|message| view! { <OneMessage message back=asked.list().address()/> })}
                {asked.is_first().then(|| view! { <Work work=view.work/> })}
                <Messages messages=view.messages asked=asked.clone()/>
                <nav class="row" aria-label="Pages">
                    {(!asked.before.is_empty()).then(|| view! { <ButtonLink href=asked.newest().address()>"Newest"</ButtonLink> })}
                    {view.older.map(|id| view! { <ButtonLink href=asked.older(&id).address()>"Older"</ButtonLink> })}
                </nav>
            })
        }
    }
}

#[component]
fn Messages(messages: Vec<MessageView>, asked: Asked) -> impl IntoView {
    let list = match messages.is_empty() {
        true => Either::Left(view! { <NoMessages show=asked.show/> }),
        false => {
            let row = |message| view! { <MessageRow message asked=asked.clone()/> };
            Either::Right(view! { <ul class="log">{messages.into_iter().map(row).collect_view()}</ul> })
        }
    };
    let chips = Show::ALL.map(|show| view! { <Chip show asked=asked.clone()/> }).into_iter().collect_view();
    view! {
        <section class="panel" aria-labelledby="messages-title">
            <h2 id="messages-title">"What came in"</h2>
            <ul class="chips" aria-label="Show">{chips}</ul>
            {list}
        </section>
    }
}

#[component]
fn Chip(show: Show, asked: Asked) -> impl IntoView {
    let href = Asked { show, ..Asked::default() }.address();
    view! {
        <li>
            <a class="chip" href=href aria-current=(show == asked.show).then_some("true")>{words::show(show)}</a>
        </li>
    }
}

#[component]
fn NoMessages(show: Show) -> impl IntoView {
    view! {
        <Empty title=words::nothing(show)>
            <p>"Stage changes from Lever and results from Canditech are listed here as they arrive."</p>
        </Empty>
    }
}

#[component]
fn MessageRow(message: MessageView, asked: Asked) -> impl IntoView {
    let what = words::message(&message);
    view! {
        <li class="log-row">
            <span class="log-time hint"><Time at=message.at/></span>
            <span class="log-what"><a href=asked.opened(&message.id).address()>{what}</a></span>
            <span class="log-outcome hint">
                {message.has_problem.then(|| view! { <Status tone=Tone::Danger icon=Icon::Alert word="Given up"/> })}
                <span>{words::outcome(&message)}</span>
            </span>
        </li>
    }
}
