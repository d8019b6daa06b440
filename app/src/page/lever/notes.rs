//! Which notes Lever gets: the organization's choice.

use leptos::{either::Either, form::ActionForm, prelude::*};

use super::{
    server::ChooseNotes,
    view::{LeverView, NotesView},
};
use crate::{
    page::integrations::{Failure, problem_of},
    ui::{Button, Icon, Status, Tone},
};

/// What is written, and the choice.
#[component]
pub fn Notes(view: Memo<LeverView>, choose: ServerAction<ChooseNotes>) -> impl IntoView {
    let notes = Memo::new(move |_| view.with(|view| view.notes));
    let may = Memo::new(move |_| view.with(|view| view.may_connect));
    let form = move || match may.get() {
        true => Either::Left(view! { <Choice notes choose/> }),
        false => Either::Right(view! { <p class="hint">"A Super Admin can change this."</p> }),
    };
    view! {
        <section class="panel" id="notes" aria-labelledby="notes-title">
            <h2 id="notes-title">"Notes in Lever"</h2>
            <p>"Each assessment has one note on the candidate\u{2019}s opportunity, kept in step with what comes of it. A note that is there stays in step whatever is chosen."</p>
            <p>{move || start(notes.get())}</p>
            <p>{move || unsent(notes.get())}</p>
            {form}
            <Failure problem=problem_of(choose)/>
        </section>
    }
}

/// The choice as a form: it shows what stands, and counts from the moment it is saved.
#[component]
fn Choice(notes: Memo<NotesView>, choose: ServerAction<ChooseNotes>) -> impl IntoView {
    let only_completed = move || notes.get().only_completed;
    view! {
        <ActionForm action=choose attr:class="form">
            <fieldset>
                <legend>"A note is written"</legend>
                <label class="choice">
                    <input type="radio" name="only_completed" value="false" checked=move || !only_completed()/>
                    <span>"when the assessment is sent"</span>
                </label>
                <label class="choice">
                    <input type="radio" name="only_completed" value="true" checked=only_completed/>
                    <span>"only when it is completed"</span>
                </label>
            </fieldset>
            <label class="choice">
                <input type="checkbox" name="unsent" value="true" checked=move || notes.get().unsent/>
                <span>
                    "also when an assessment could not be sent for five minutes, with the reason, for example \u{201C}Not sent (no e-mail address in Lever)\u{201D}"
                </span>
            </label>
            <Button pending=choose.pending()>"Save what is noted"</Button>
        </ActionForm>
    }
}

fn start(notes: NotesView) -> impl IntoView {
    let word = match notes.only_completed {
        true => "Notes begin when an assessment is completed",
        false => "Notes begin when an assessment is sent",
    };
    view! { <Status tone=Tone::Good icon=Icon::CheckCircle word/> }
}

fn unsent(notes: NotesView) -> impl IntoView {
    let (tone, icon, word) = match notes.unsent {
        true => (Tone::Good, Icon::CheckCircle, "Notes about what is not sent: on"),
        false => (Tone::Neutral, Icon::Circle, "Notes about what is not sent: off"),
    };
    view! { <Status tone icon word/> }
}
