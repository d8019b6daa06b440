//! The top line: search from anywhere, and the person's menu.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::{components::Form, hooks::use_url};

use super::server::{FrameView, SignOut};
use crate::{
    problem::Problem,
    route, text,
    ui::{Glyph, Icon},
};

/// Search and person.
#[component]
pub fn Top(frame: Resource<Result<FrameView, Problem>>) -> impl IntoView {
    let url = use_url();
    // The Candidates page has a search of its own, with its filters.
    let has_search = move || url.with(|url| url.path() != route::CANDIDATES);
    view! {
        <div class="top">
            <Show when=has_search>
                <Form action=route::CANDIDATES attr:class="search" attr:role="search">
                    <Glyph icon=Icon::Search/>
                    <input type="search" name="q" aria-label=text::frame::SEARCH placeholder=text::frame::SEARCH data-search=""/>
                </Form>
            </Show>
            <Transition>{move || frame.get().and_then(Result::ok).map(|frame| view! { <Person frame/> })}</Transition>
        </div>
    }
}

#[component]
fn Person(frame: FrameView) -> impl IntoView {
    view! {
        <details class="person-menu">
            <summary>
                <Glyph icon=Icon::Person/>
                <span>{frame.person.clone()}</span>
            </summary>
            <div class="menu">
                <p class="menu-title">{frame.person}</p>
                <p>{frame.email}</p>
                <p>{frame.role}</p>
                <p><a href=route::ACCOUNT>{text::frame::ACCOUNT}</a></p>
                <form method="post" action=SignOut::url()>
                    <button class="button" type="submit" data-kind="secondary">{text::frame::SIGN_OUT}</button>
                </form>
            </div>
        </details>
    }
}
