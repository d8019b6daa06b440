//! The audit log: who did what, when and from where.

pub mod server;

use leptos::{
    either::{Either, EitherOf3},
    prelude::*,
};
use leptos_router::{components::Form, hooks::use_query_map};

use self::server::{Asked, AuditView, EntryView, audit_page};
use super::integrations::SettingsTabs;
use crate::{
    live::Live,
    problem::Problem,
    route,
    text::audit as words,
    ui::{Button, ButtonLink, Choice, Empty, Notice, PageHead, ProblemNotice, Ready, Select, Time, Tone},
};

/// The page.
#[component]
pub fn AuditPage() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|query| {
            let text = |name| query.get(name).unwrap_or_default();
            Asked { area: text("area"), by: text("by"), before: text("before"), check: query.get("check").is_some() }
        })
    });
    let (invites, set_up) = (expect_context::<Live>().invites(), expect_context::<Live>().set_up());
    // A check goes through the whole log: not anew with each change.
    let follows = move |asked: &Asked| (!asked.check).then(|| (invites.get(), set_up.get()));
    let wanted = move || {
        let asked = asked.get();
        let follows = follows(&asked);
        (asked, follows)
    };
    let answer = Resource::new(wanted, |(asked, _)| audit_page(asked));
    view! {
        <PageHead title="Audit log" lead=words::LEAD/>
        <SettingsTabs/>
        <Ready answer rows=10>
            <Content answer asked/>
        </Ready>
    }
}

#[component]
fn Content(answer: Resource<Result<AuditView, Problem>>, asked: Memo<Asked>) -> impl IntoView {
    // Made anew only for other choices: what somebody is choosing stays while entries come.
    let lists = Memo::new(move |_| answer.get()?.ok().map(|view| (view.areas, view.people)));
    let filter = move || lists.get().map(|(areas, people)| view! { <Filter asked=asked.get() areas people/> });
    let check = move || {
        let (is_whole, sentence) = answer.get()?.ok()?.check?;
        Some(view! { <Check is_whole sentence/> })
    };
    view! {
        {check}
        {filter}
        {move || match answer.get() {
            None => EitherOf3::A(()),
            Some(Err(problem)) => EitherOf3::B(view! { <ProblemNotice problem/> }),
            Some(Ok(view)) => {
                let asked = asked.get();
                let older = view.older.map(|before| Asked { before, ..asked.newest() }.address());
                EitherOf3::C(view! {
                    <Entries entries=view.entries is_all=asked.newest() == Asked::default()/>
                    <nav class="row" aria-label="Pages">
                        {(!asked.before.is_empty()).then(|| view! { <ButtonLink href=asked.newest().address()>"Newest"</ButtonLink> })}
                        {older.map(|href| view! { <ButtonLink href>"Older"</ButtonLink> })}
                    </nav>
                    <Ways asked/>
                })
            }
        }}
    }
}

#[component]
fn Check(is_whole: bool, sentence: String) -> impl IntoView {
    let (tone, title) = if is_whole { (Tone::Good, words::WHOLE) } else { (Tone::Danger, words::BROKEN) };
    view! { <Notice tone title><p class="id">{sentence}</p></Notice> }
}

#[component]
fn Filter(asked: Asked, areas: Vec<(String, String)>, people: Vec<(String, String)>) -> impl IntoView {
    let choices = |all: &str, list: Vec<(String, String)>| {
        let list = list.into_iter().map(|(value, label)| Choice::new(value, label));
        std::iter::once(Choice::new("", all)).chain(list).collect::<Vec<_>>()
    };
    view! {
        <div class="filters">
            <Form action=route::AUDIT attr:class="filter-form" attr:aria-label="Filter">
                <Select label="About" name="area" choices=choices("Everything", areas) selected=asked.area/>
                <Select label="By" name="by" choices=choices("Everybody", people) selected=asked.by/>
                <Button>"Show"</Button>
            </Form>
        </div>
    }
}

#[component]
fn Entries(entries: Vec<EntryView>, is_all: bool) -> impl IntoView {
    match entries.is_empty() {
        true => Either::Left(view! {
            <Empty title=if is_all { words::NOTHING } else { words::NOTHING_HERE }>
                <p>"What people change here is listed as they do it."</p>
            </Empty>
        }),
        false => Either::Right(view! {
            <section class="panel" aria-label="Entries">
                <ul class="log">{entries.into_iter().map(|entry| view! { <Row entry/> }).collect_view()}</ul>
            </section>
        }),
    }
}

#[component]
fn Row(entry: EntryView) -> impl IntoView {
    let subject = match entry.link {
        Some(href) => Either::Left(view! { <a href=href>{entry.subject}</a> }),
        None => Either::Right(entry.subject),
    };
    let from = entry.from.map(|from| format!("from {from}"));
    let number = entry.number.map(|number| format!("no. {number}"));
    let place = [from, number].into_iter().flatten().collect::<Vec<_>>().join(", ");
    view! {
        <li class="log-row">
            <span class="log-time hint"><Time at=entry.at/></span>
            <span class="log-what">
                <bdi>{entry.who}</bdi> " " {entry.what}
                <span class="hint id">" " {subject}</span>
            </span>
            <span class="log-outcome hint">
                {entry.changes.into_iter().map(|change| view! { <span class="id">{change}</span> }).collect_view()}
                <span>{place}</span>
            </span>
        </li>
    }
}

/// What can be done with the log as a whole.
#[component]
fn Ways(asked: Asked) -> impl IntoView {
    let check = Asked { check: true, ..asked.newest() }.address();
    view! {
        <div class="row">
            <ButtonLink href=check>{words::CHECK}</ButtonLink>
            // Not a link: whoever takes the log away is written into it.
            <form method="post" action=route::AUDIT_EXPORT>
                <input type="hidden" name="area" value=asked.area/>
                <input type="hidden" name="by" value=asked.by/>
                <Button>{words::EXPORT}</Button>
            </form>
        </div>
    }
}
