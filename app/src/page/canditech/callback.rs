//! The callback's address and secret, to hand to the provider.

use leptos::{either::Either, form::ActionForm, prelude::*};

use super::server::{AccountView, CanditechView, EndFormerCallbackSecret, RenewCallbackSecret};
use crate::{
    page::integrations::{Failure, problem_of},
    ui::{Button, Copy, Icon, Status, Time, Tone},
};

/// What is done about the secret.
#[derive(Clone, Copy)]
pub struct Forms {
    renew: ServerAction<RenewCallbackSecret>,
    end: ServerAction<EndFormerCallbackSecret>,
}

impl Forms {
    /// Nothing is done yet.
    #[must_use]
    pub fn new() -> Self {
        Self { renew: ServerAction::new(), end: ServerAction::new() }
    }

    /// Grows with each that is done.
    pub fn done(&self) -> usize {
        self.renew.version().get() + self.end.version().get()
    }
}

/// The section; nothing before there is an account.
#[component]
pub fn Callback(view: Memo<CanditechView>, forms: Forms) -> impl IntoView {
    let exists = Memo::new(move |_| view.with(|view| view.account.is_some()));
    let account = Memo::new(move |_| view.with(|view| view.account.clone()).unwrap_or_default());
    move || {
        exists.get().then(|| {
            view! {
                <section class="panel" id="callback" aria-labelledby="callback-title">
                    <h2 id="callback-title">"Callback"</h2>
                    {move || if account.with(|account| account.can.signed_callbacks) {
                        Either::Left(view! { <HandOver account forms/> })
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
fn HandOver(account: Memo<AccountView>, forms: Forms) -> impl IntoView {
    view! {
        <p>
            "Give these two to Canditech, so that results arrive at once. Without them Candilever asks for results by itself every few minutes."
        </p>
        <Fields account forms/>
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
fn Fields(account: Memo<AccountView>, forms: Forms) -> impl IntoView {
    let handed_over =
        Memo::new(move |_| account.with(|a| a.callback_secret.clone().map(|secret| (a.callback_url.clone(), secret))));
    move || match handed_over.get() {
        Some((url, secret)) => Either::Left(view! {
            <Copy label="Callback address" name="callback-address" value=url/>
            <Copy label="Callback secret" name="callback-secret" value=secret hint="Signs the callbacks. Hand it over by a safe way, not by e-mail."/>
            <Another account forms/>
        }),
        None => Either::Right(view! { <p class="hint">"Only a Super Admin sees the address and the secret."</p> }),
    }
}

/// Another secret, for when somebody may have seen this one; two count while it is handed over.
#[component]
fn Another(account: Memo<AccountView>, forms: Forms) -> impl IntoView {
    let former = Memo::new(move |_| account.with(|account| account.former_secret_until));
    view! {
        {move || match former.get() {
            None => Either::Left(view! {
                <ActionForm action=forms.renew attr:class="form">
                    <p class="hint">"When somebody may have seen it, make another one and hand that over. This one counts for another 24 hours, so that no callback is refused meanwhile."</p>
                    <Button pending=forms.renew.pending()>"Make another secret"</Button>
                </ActionForm>
            }),
            Some(until) => Either::Right(view! {
                <ActionForm action=forms.end attr:class="form">
                    <p class="hint">"The secret before this one counts as well, so that Canditech can change without a gap. That ends " <Time at=until/> "."</p>
                    <Button pending=forms.end.pending()>"End the former secret now"</Button>
                </ActionForm>
            }),
        }}
        <Failure problem=problem_of(forms.renew)/>
        <Failure problem=problem_of(forms.end)/>
    }
}

fn last(at: Option<i64>) -> impl IntoView {
    let (tone, icon, word) = match at {
        Some(_) => (Tone::Good, Icon::CheckCircle, "The last callback came"),
        None => (Tone::Neutral, Icon::Circle, "No callback has come yet"),
    };
    view! { <Status tone icon word/> {at.map(|at| view! { " "<Time at/> })} }
}
