//! How the account stands: the last test in words, and the facts.

use leptos::{either::Either, prelude::*};

use super::{
    protocol::Elsewhere,
    server::{AccountView, CanditechView, TestState},
};
use crate::{
    text::{count, integrations::test_words},
    ui::{Notice, Time, Tone},
};

/// The last test's result in words, and the account's facts; nothing before there is an account.
#[component]
pub fn TestResult(view: Memo<CanditechView>) -> impl IntoView {
    let account = Memo::new(move |_| view.with(|view| view.account.clone()));
    move || match account.get() {
        Some(account) => Either::Left(
            view! { <Result account=account.clone()/> <Elsewhere invites=account.elsewhere/> <Facts account/> },
        ),
        None => Either::Right(view! {
            <p>"Enter the address and the organization-level key that Canditech gave you. A personal key of one recruiter is not enough."</p>
        }),
    }
}

fn tone(state: TestState) -> Tone {
    match state {
        TestState::Ok => Tone::Good,
        TestState::Untested => Tone::Neutral,
        TestState::CannotSend | TestState::Unreachable => Tone::Warn,
        TestState::Refused => Tone::Danger,
    }
}

#[component]
fn Result(account: AccountView) -> impl IntoView {
    let [what, means] = test_words(account.state);
    let offered = (account.state == TestState::Ok)
        .then(|| format!("{} offered.", count(account.assessments, "assessment is", "assessments are")));
    view! {
        <Notice tone=tone(account.state) title=what>
            <p>
                {means} {offered} " "
                {account.checked_at.map(|at| view! { <span class="hint">"Tested " <Time at/> "."</span> })}
            </p>
            {account.reason.map(|reason| view! { <p class="hint">{reason}</p> })}
        </Notice>
    }
}

#[component]
fn Facts(account: AccountView) -> impl IntoView {
    view! {
        <dl class="facts">
            {account.name.map(|name| view! { <div><dt>"Account"</dt><dd>{name}</dd></div> })}
            <div>
                <dt>"Protocol"</dt>
                <dd>{account.protocol.words()}</dd>
            </div>
            <div>
                <dt>"Address"</dt>
                <dd><code>{account.base_url}</code></dd>
            </div>
            <div>
                <dt>"Stored key"</dt>
                <dd>"ends in " <code>{account.key_hint}</code></dd>
            </div>
            <div>
                <dt>"Assessments"</dt>
                <dd>{account.assessments}</dd>
            </div>
        </dl>
    }
}
