//! The frame around every page of a signed-in person: where they are, where they can go, and one
//! line that is always true of the whole chain.

mod keys;
pub mod server;
mod top;

use leptos::prelude::*;
use leptos_router::{components::Outlet, hooks::use_url};

pub use self::server::FrameView;
use self::{
    server::{ChainView, read_frame},
    top::Top,
};
use crate::{
    live,
    problem::Problem,
    route, text,
    ui::{Glyph, Icon, Mark, Notice, ProblemNotice, Time, Tone},
};

/// The frame: rail, top line, banner, and the page.
#[component]
pub fn Frame() -> impl IntoView {
    let live = live::listen();
    let (invites, set_up) = (live.invites(), live.set_up());
    let frame = Resource::new(move || (invites.get(), set_up.get()), |_| read_frame());
    keys::provide_keys();
    provide_context(frame);
    view! {
        <a class="skip" href="#content" rel="external">{text::frame::SKIP}</a>
        <div class="frame">
            <header class="rail">
                <a class="brand" href=route::DASHBOARD>
                    <Mark/>
                    <span>"Candilever"</span>
                </a>
                <Transition>{move || frame.get().map(|frame| view! { <Organization frame/> })}</Transition>
                <Places/>
                <Transition>{move || frame.get().and_then(Result::ok).map(|frame| view! { <Chain chain=frame.chain/> })}</Transition>
            </header>
            <div class="page">
                <Top frame/>
                <Outdated outdated=live.outdated()/>
                <Transition>{move || frame.get().map(|frame| view! { <Banner frame/> })}</Transition>
                <main class="content" id="content" tabindex="-1">
                    <Outlet/>
                </main>
            </div>
        </div>
    }
}

#[component]
fn Organization(frame: Result<FrameView, Problem>) -> impl IntoView {
    frame.ok().map(|frame| view! { <p class="organization">{frame.organization}</p> })
}

/// The four places, the present one marked.
#[component]
fn Places() -> impl IntoView {
    // The frame's own address: while the page is still coming alive, the browser's may be another already.
    let url = use_url();
    let places = [
        (route::DASHBOARD, "/", Icon::Dashboard, text::frame::DASHBOARD),
        (route::CANDIDATES, "/candidates", Icon::People, text::frame::CANDIDATES),
        (route::ACTIVITY, "/activity", Icon::Pulse, text::frame::ACTIVITY),
        (route::SETTINGS, "/settings", Icon::Settings, text::frame::SETTINGS),
    ];
    let item = |(href, root, icon, word): (&'static str, &'static str, Icon, &'static str)| {
        let is_here =
            move || url.with(|url| if root == "/" { url.path() == root } else { url.path().starts_with(root) });
        view! {
            <li>
                <a href=href aria-current=move || is_here().then_some("page")>
                    <Glyph icon/>
                    <span>{word}</span>
                </a>
            </li>
        }
    };
    view! {
        <nav class="places" aria-label=text::frame::PLACES>
            <ul>{places.map(item).into_iter().collect_view()}</ul>
        </nav>
    }
}

/// The chain in one line; it leads to the page that explains it.
#[component]
fn Chain(chain: ChainView) -> impl IntoView {
    let tone = if chain.well { Tone::Good } else { Tone::Warn };
    let icon = if chain.well { Icon::CheckCircle } else { Icon::Alert };
    view! {
        <a class="chain" href=route::LEVER data-tone=tone.word()>
            <Glyph icon/>
            <span>
                {chain.sentence}
                {chain.last_event_at.map(|at| view! { <span class="chain-last">{text::frame::LAST_EVENT} " " <Time at/></span> })}
            </span>
        </a>
    }
}

/// Another build of the server is there than this page came from.
#[component]
fn Outdated(outdated: ReadSignal<bool>) -> impl IntoView {
    let url = use_url();
    let here = move || url.with(|url| format!("{}?{}", url.path(), url.search()).trim_end_matches('?').to_owned());
    move || {
        outdated.get().then(|| {
            view! {
                <Notice tone=Tone::Info>
                    <p>{text::frame::UPDATED} " " <a href=here rel="external">{text::frame::RELOAD}</a></p>
                </Notice>
            }
        })
    }
}

/// Only for what stops the product, and for a frame that cannot be read.
#[component]
fn Banner(frame: Result<FrameView, Problem>) -> impl IntoView {
    match frame {
        Err(problem) => view! { <ProblemNotice problem/> }.into_any(),
        Ok(frame) => {
            let ChainView { stopped, paused, .. } = frame.chain;
            let (tone, why) = if paused { (Tone::Warn, None) } else { (Tone::Danger, Some(text::frame::SEE_WHY)) };
            let why = why.map(|why| view! { " " <a href=route::LEVER>{why}</a> });
            stopped.map(|stopped| view! { <Notice tone><p>{stopped} {why}</p></Notice> }).into_any()
        }
    }
}
