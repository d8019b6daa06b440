//! Which notes Lever gets: the organization's choice.

use leptos::{either::Either, form::ActionForm, prelude::*};

use super::{server::ChooseNotes, view::LeverView};
use crate::{
    page::integrations::{Failure, problem_of},
    ui::{Button, Icon, Status, Tone},
};

/// What is written, and the choice for what could not be sent.
#[component]
pub fn Notes(view: Memo<LeverView>, choose: ServerAction<ChooseNotes>) -> impl IntoView {
    let is_told = Memo::new(move |_| view.with(|view| view.tells_unsent));
    let may = Memo::new(move |_| view.with(|view| view.may_connect));
    let (value, words) = (
        move || if is_told.get() { "not_told" } else { "told" },
        move || if is_told.get() { "Write no such notes" } else { "Write a note when something is not sent" },
    );
    let form = move || match may.get() {
        true => Either::Left(view! {
            <ActionForm action=choose>
                <input type="hidden" name="unsent" value=value/>
                <Button pending=choose.pending()>{words}</Button>
            </ActionForm>
        }),
        false => Either::Right(view! { <p class="hint">"A Super Admin can change this."</p> }),
    };
    view! {
        <section class="panel" id="notes" aria-labelledby="notes-title">
            <h2 id="notes-title">"Notes in Lever"</h2>
            <p>"Each assessment that is sent has one note on the candidate\u{2019}s opportunity, kept in step with what comes of it."</p>
            <p>
                "Where an assessment could not be sent for five minutes, Lever can get a note that says why, for example \u{201C}Not sent (no e-mail address in Lever)\u{201D}. It becomes \u{201C}Sent\u{201D} when it is sent. This counts from the moment it is chosen."
            </p>
            <p>{move || standing(is_told.get())}</p>
            {form}
            <Failure problem=problem_of(choose)/>
        </section>
    }
}

fn standing(is_told: bool) -> impl IntoView {
    let (tone, icon, word) = match is_told {
        true => (Tone::Good, Icon::CheckCircle, "Notes about what is not sent: on"),
        false => (Tone::Neutral, Icon::Circle, "Notes about what is not sent: off"),
    };
    view! { <Status tone icon word/> }
}
