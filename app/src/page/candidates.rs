//! The Candidates tab: every invite as a row, with filters in the address, thumbs in completed rows,
//! and changes as they happen.

pub mod filter;
mod filters;
mod heir;
mod keys;
mod list;
mod row;
pub mod server;

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use self::{
    filter::Filter,
    filters::Filters,
    heir::focus_search,
    list::{Answer, List, Shown},
    server::{CandidatesView, list_candidates, list_positions},
};
use crate::{
    live, route, text,
    ui::{ButtonLink, Empty, PageHead, Ready},
};

/// The Candidates tab.
#[component]
pub fn CandidatesPage() -> impl IntoView {
    let query = use_query_map();
    let filter = Memo::new(move |_| query.with(Filter::read));
    let (given, set_given) = signal(0);
    let changes = live::invite_changes();
    let source = move || (filter.get(), given.get(), changes.get());
    let answer: Resource<Answer> = Resource::new(source, |(filter, _, _)| async move {
        let page = list_candidates(filter.clone()).await;
        (filter, page)
    });
    let positions = Resource::new(|| (), |()| list_positions());
    keys::provide_keys();
    view! {
        <PageHead title=text::candidates::TITLE>
            <Transition>{move || count(answer).map(|count| view! { <p class="count">{count}</p> })}</Transition>
            <a href=route::LOOK_UP>{text::look_up::LINK}</a>
        </PageHead>
        <Filters filter positions/>
        <Ready answer rows=8>
            <Rows filter answer given=set_given/>
        </Ready>
        <p class="keys-hint">{text::candidates::KEYS}</p>
    }
}

fn count(answer: Resource<Answer>) -> Option<String> {
    answer.get().and_then(|(_, page)| page.ok()).map(|page| text::candidates::count(page.count, page.more))
}

/// The list, or why there is none, and the way to older rows.
#[component]
fn Rows(filter: Memo<Filter>, answer: Resource<Answer>, given: WriteSignal<u32>) -> impl IntoView {
    let (turn, show_new) = signal(0);
    let shown = Memo::new(move |before: Option<&Shown>| {
        let nothing = Shown::default();
        let before = before.unwrap_or(&nothing);
        let turn = turn.get();
        answer.with(|answer| answer.as_ref().map_or_else(|| before.clone(), |answer| before.after(answer, turn)))
    });
    let page = Memo::new(move |_| answer.get().and_then(|(_, page)| page.ok()));
    let is_empty = move || shown.with(|shown| shown.is_loaded && shown.ids.is_empty() && shown.problem.is_none());
    view! {
        <div>
            <List shown show_new given/>
            <Show when=is_empty>
                <Nothing filter page/>
            </Show>
            <Pager filter page/>
        </div>
    }
}

/// Why the list is empty, and the one thing to do.
#[component]
fn Nothing(filter: Memo<Filter>, page: Memo<Option<CandidatesView>>) -> impl IntoView {
    let may_attach = move || page.with(|page| page.as_ref().is_some_and(|page| page.may_attach));
    move || match (filter.with(Filter::is_open), may_attach()) {
        (false, _) => view! {
            <Empty title=text::candidates::NO_MATCH>
                <ButtonLink href=route::CANDIDATES.to_owned() on:click=|_| focus_search()>
                    {text::candidates::CLEAR}
                </ButtonLink>
                <NotHere filter/>
            </Empty>
        },
        (true, true) => view! {
            <Empty title=text::candidates::NONE>
                <p>{text::candidates::NONE_MEANS}</p>
                <ButtonLink href=route::LEVER.to_owned()>{text::candidates::SET_UP}</ButtonLink>
                <NotHere filter/>
            </Empty>
        },
        (true, false) => view! {
            <Empty title=text::candidates::NONE>
                <p>{text::candidates::NONE_MEANS}</p>
                <NotHere filter/>
            </Empty>
        },
    }
}

/// The way to whoever has no invite. Lever finds nobody by name: only what it does find goes along.
#[component]
fn NotHere(filter: Memo<Filter>) -> impl IntoView {
    let href = move || {
        let typed = filter.with(|filter| filter.name.clone()).unwrap_or_default();
        route::look_up(if typed.contains(['@', '/']) { &typed } else { "" })
    };
    view! { <p>{text::look_up::NOT_HERE} " " <a href=href>{text::look_up::LINK}</a></p> }
}

#[component]
fn Pager(filter: Memo<Filter>, page: Memo<Option<CandidatesView>>) -> impl IntoView {
    let newest = move || filter.with(|filter| filter.after.is_some().then(|| filter.from(None).address()));
    let older = move || {
        let next = page.with(|page| page.as_ref().and_then(|page| page.next.clone()))?;
        Some(filter.with(|filter| filter.from(Some(next)).address()))
    };
    let words = move |of_list, of_search| if filter.with(|filter| filter.name.is_some()) { of_search } else { of_list };
    let first_words = move || words(text::candidates::NEWEST, text::candidates::FIRST_PAGE);
    let next_words = move || words(text::candidates::OLDER, text::candidates::NEXT_PAGE);
    let link = |href: String, words: &'static str| view! { <ButtonLink href>{words}</ButtonLink> };
    view! {
        <nav class="pager" aria-label=text::candidates::PAGES>
            {move || newest().map(|href| link(href, first_words()))}
            {move || older().map(|href| link(href, next_words()))}
        </nav>
    }
}
