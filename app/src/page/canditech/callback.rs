//! The callback's address and secret, to hand to the provider.

use leptos::{either::Either, prelude::*};

use super::server::{AccountView, CanditechView};
use crate::ui::{Copy, Icon, Status, Time, Tone};

/// The section; nothing before there is an account.
#[component]
pub fn Callback(view: Memo<CanditechView>) -> impl IntoView {
    let exists = Memo::new(move |_| view.with(|view| view.account.is_some()));
    let account = Memo::new(move |_| view.with(|view| view.account.clone()).unwrap_or_default());
    move || {
        exists.get().then(|| {
            view! {
                <section class="panel" aria-labelledby="callback-title">
                    <h2 id="callback-title">"Callback"</h2>
                    {move || if account.with(|account| account.can.signed_callbacks) {
                        Either::Left(view! { <HandOver account/> })
                    } else {
                        Either::Right(view! { <PerInvite account/> })
                    }}
                    <p>{move || last(account.with(|account| account.last_callback_at))}</p>
                </section>
            }
        })
    }
}

#[component]
fn HandOver(account: Memo<AccountView>) -> impl IntoView {
    view! {
        <p>
            "Give these two to Canditech, so that results arrive at once. Without them Candilever asks for results by itself every few minutes."
        </p>
        <Fields account/>
    }
}

/// Nothing to hand over: each invite brings its own address, and the key proves who calls.
#[component]
fn PerInvite(account: Memo<AccountView>) -> impl IntoView {
    view! {
        <p>
            "There is nothing to hand over: each invite is sent with an address of its own, below the one here, and the provider calls it with the API key. Where it does not, Candilever asks for results by itself every few minutes."
        </p>
        <p><code>{move || account.with(|account| format!("{}/…", account.callback_url))}</code></p>
    }
}

#[component]
fn Fields(account: Memo<AccountView>) -> impl IntoView {
    let handed_over =
        Memo::new(move |_| account.with(|a| a.callback_secret.clone().map(|secret| (a.callback_url.clone(), secret))));
    move || match handed_over.get() {
        Some((url, secret)) => Either::Left(view! {
            <Copy label="Callback address" name="callback-address" value=url/>
            <Copy label="Callback secret" name="callback-secret" value=secret hint="Signs the callbacks. Hand it over by a safe way, not by e-mail."/>
        }),
        None => Either::Right(view! { <p class="hint">"Only a Super Admin sees the address and the secret."</p> }),
    }
}

fn last(at: Option<i64>) -> impl IntoView {
    let (tone, icon, word) = match at {
        Some(_) => (Tone::Good, Icon::CheckCircle, "The last callback came"),
        None => (Tone::Neutral, Icon::Circle, "No callback has come yet"),
    };
    view! { <Status tone icon word/> {at.map(|at| view! { " "<Time at/> })} }
}
