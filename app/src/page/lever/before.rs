//! What is needed before Connect, what is asked for, and connecting again.

use leptos::{either::Either, form::ActionForm, prelude::*};

use super::{
    server::ConnectLever,
    view::{ConnectionView, LeverView, Link, ScopeView},
};
use crate::{
    page::integrations::{Failure, problem_of},
    text::integrations::ask,
    ui::{Button, ButtonKind, Notice, Time, Tone},
};

/// The page before the first connection.
#[component]
pub fn Before(view: Memo<LeverView>, connect: ServerAction<ConnectLever>) -> impl IntoView {
    view! {
        <section class="panel prose" aria-labelledby="before-title">
            <h2 id="before-title">"What you need"</h2>
            <ul>
                <li>
                    "You are a "<strong>"Super Admin in Lever"</strong>
                    ", or your role there manages API credentials and integrations. Anybody else gets to the end of Lever's pages and is refused there."
                </li>
                <li>
                    "A "<strong>"LeverTRM"</strong>
                    " package, if you want to add the webhook by hand in Lever. Candilever can also create it for you."
                </li>
                <li>"An "<strong>"organization-level key of Canditech"</strong>", for the step after this one."</li>
            </ul>
            <h2>"What Lever will ask you to allow"</h2>
            <Scopes view/>
            <p>
                "You log in at Lever and accept there; Candilever never sees your password. A consent lasts a year and can be taken back in Lever at any time."
            </p>
            <ConnectForm view connect/>
        </section>
    }
}

#[component]
fn Scopes(view: Memo<LeverView>) -> impl IntoView {
    let row = |scope: ScopeView| view! { <div><dt>{scope.words}</dt><dd><code>{scope.scope}</code></dd></div> };
    view! { <dl class="facts scopes">{move || view.with(|view| view.scopes.clone()).into_iter().map(row).collect_view()}</dl> }
}

/// The button, or who may press it.
#[component]
fn ConnectForm(view: Memo<LeverView>, connect: ServerAction<ConnectLever>) -> impl IntoView {
    move || match view.with(|view| view.may_connect) {
        true => Either::Left(view! {
            <ActionForm action=connect>
                <Button kind=ButtonKind::Primary pending=connect.pending()>"Connect"</Button>
            </ActionForm>
            <Failure problem=problem_of(connect)/>
        }),
        false => Either::Right(view! {
            <p class="hint">"Only a Super Admin can connect. Ask " {view.with(|view| ask(&view.managers))} "."</p>
        }),
    }
}

/// The connection is gone: since when, what waits, who can connect again.
#[component]
pub fn Reconnect(
    view: Memo<LeverView>,
    facts: Memo<ConnectionView>,
    connect: ServerAction<ConnectLever>,
) -> impl IntoView {
    let title = match facts.with_untracked(|facts| facts.link) {
        Link::Revoked => "Access to Lever was revoked",
        Link::Connected | Link::Disconnected => "Lever is disconnected",
    };
    view! {
        <Notice tone=Tone::Danger title=title>
            <p>
                {move || view.with(|view| view.chain.clone())} ". Since " <Time at=Signal::derive(move || facts.with(|f| f.link_at))/> "."
            </p>
            {move || facts.with(|facts| facts.reason.clone()).map(|reason| view! { <p>{reason}</p> })}
            <p>
                "Nothing is lost: what is due waits, and goes on by itself after connecting again. Any Super Admin in Lever can do it, not only the one who connected before."
            </p>
            <ConnectForm view connect/>
        </Notice>
    }
}
