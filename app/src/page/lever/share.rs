//! How much of Lever's rate is ours: Lever counts the calls of all of a company's integrations together.

use leptos::{form::ActionForm, prelude::*};

use super::{
    server::ChooseShare,
    view::{ConnectionView, LeverView, Link, ShareView},
};
use crate::{
    page::integrations::{Failure, problem_of},
    ui::{Button, Choice, Select},
};

/// What stands.
pub fn in_words(share: ShareView) -> String {
    let ShareView { ours, levers } = share;
    format!("At most {ours} a second, of the {levers} that Lever allows all integrations together")
}

const HINT: &str = "More sends a crowd of candidates sooner; less leaves more to your other integrations.";

/// The choice, for who manages the connection.
#[component]
pub fn Share(view: Memo<LeverView>, facts: Memo<ConnectionView>, choose: ServerAction<ChooseShare>) -> impl IntoView {
    let may =
        Memo::new(move |_| view.with(|view| view.may_connect) && facts.with(|facts| facts.link == Link::Connected));
    let share = Memo::new(move |_| facts.with(|facts| facts.share));
    move || {
        may.get().then(|| {
            let ShareView { ours, levers } = share.get();
            let choices = (1..=levers).map(|calls| Choice::new(calls.to_string(), calls.to_string())).collect();
            view! {
                <details>
                    <summary>"Change how many calls a second are ours"</summary>
                    <ActionForm action=choose attr:class="form">
                        <Select
                            label="Calls a second"
                            name="calls_per_second"
                            choices
                            selected=ours.to_string()
                            hint=HINT
                        />
                        <Button pending=choose.pending()>"Save the share"</Button>
                    </ActionForm>
                </details>
                <Failure problem=problem_of(choose)/>
            }
        })
    }
}
