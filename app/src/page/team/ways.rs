//! How people sign in: with the company's own sign-in, and whether with a password too.

use leptos::{form::ActionForm, prelude::*};

use super::server::{ChoosePasswords, WaysView};
use crate::{
    page::integrations::{Failure, problem_of},
    text::team as words,
    ui::Button,
};

/// The choice, where there is one.
#[component]
pub fn Ways(ways: WaysView) -> impl IntoView {
    let WaysView { providers, passwords } = ways;
    let choose = ServerAction::<ChoosePasswords>::new();
    view! {
        <section class="panel" id="ways" aria-labelledby="ways-title">
            <h2 id="ways-title">{words::WAYS}</h2>
            <p>{words::WAYS_LEAD} " " <bdi>{providers.join(", ")}</bdi> "."</p>
            <Failure problem=problem_of(choose)/>
            <ActionForm action=choose attr:class="form">
                <label class="choice">
                    <input type="checkbox" name="passwords" value="true" checked=passwords/>
                    <span>{words::PASSWORDS}</span>
                </label>
                <p class="hint">{words::PASSWORDS_HINT}</p>
                <Button pending=choose.pending()>"Save"</Button>
            </ActionForm>
        </section>
    }
}
