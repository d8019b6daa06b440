//! The first step: which position.

use std::time::Duration;

use leptos::{leptos_dom::helpers::debounce, prelude::*};
use leptos_router::components::Form;

use super::{
    actions::{Carried, Foot, replace_address},
    options::Options,
    query::{Step, Wizard},
    view::StepView,
};
use crate::{
    route,
    ui::{Button, Glyph, Icon},
};

/// How long a person pauses before the list follows what they typed.
const PAUSE: Duration = Duration::from_millis(200);

/// Search, a list, Next.
#[component]
pub fn PositionStep(wizard: Memo<Wizard>, view: Memo<StepView>) -> impl IntoView {
    view! {
        <Form method="GET" action=route::ATTACH attr:class="wizard">
            <Carried wizard step=Step::Position/>
            <fieldset class="wizard-step">
                <legend id="step-question" tabindex="-1">"For which position?"</legend>
                <Search wizard/>
                <Options wizard view step=Step::Position name="posting"/>
                <p class="hint" role="status">{move || view.with(found)}</p>
            </fieldset>
            <Foot back=route::LEVER back_label="Cancel" next=Step::Stage/>
        </Form>
    }
}

/// What the list leaves out.
fn found(view: &StepView) -> String {
    match (view.more, view.options.len()) {
        (0, 0 | 1) => "No position matches. Search by title, team or location.".to_owned(),
        (0, _) => String::new(),
        (more, _) => format!("{more} more, search to narrow the list."),
    }
}

/// The search field; the list follows it at once where the page lives, and at the button without.
#[component]
fn Search(wizard: Memo<Wizard>) -> impl IntoView {
    let replace = replace_address();
    let mut follow = debounce(PAUSE, move |q: String| {
        let narrowed = wizard.with_untracked(|wizard| Wizard { q, ..wizard.at(Step::Position) });
        replace(&narrowed);
    });
    view! {
        <div class="search-line">
            <label for="q">"Search positions"</label>
            <div class="search-field">
                <Glyph icon=Icon::Search/>
                <input
                    id="q"
                    name="q"
                    type="search"
                    autocomplete="off"
                    value=wizard.with_untracked(|wizard| wizard.q.clone())
                    on:input:target=move |event| follow(event.target().value())
                />
                <Button name="step" value="position" attr:formnovalidate=true>"Search"</Button>
            </div>
        </div>
    }
}
