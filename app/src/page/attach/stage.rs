//! The second step: which stage.

use leptos::prelude::*;
use leptos_router::components::Form;

use super::{
    actions::{Carried, Foot},
    options::Options,
    query::{Step, Wizard},
    view::StepView,
};
use crate::route;

/// A list, what cannot be read from Lever, Next.
#[component]
pub fn StageStep(wizard: Memo<Wizard>, view: Memo<StepView>) -> impl IntoView {
    let back = Signal::derive(move || wizard.with(|wizard| wizard.at(Step::Position).href()));
    view! {
        <Form method="GET" action=route::ATTACH attr:class="wizard">
            <Carried wizard step=Step::Stage/>
            <fieldset class="wizard-step">
                <legend id="step-question" tabindex="-1">"When they enter which stage?"</legend>
                <Options wizard view step=Step::Stage name="stage"/>
                <p class="hint">
                    "In Lever, "<strong>"Stage used for interviews"</strong>
                    " must be on for this stage. Check that it is on; Lever does not let us read it. Is the stage not here? Add it under "
                    <strong>"Settings > Pipeline > Customize > + Add stage"</strong>", then press Sync now on the "
                    <a href=route::LEVER>"Lever page"</a>"."
                </p>
            </fieldset>
            <Foot back next=Step::Assessment/>
        </Form>
    }
}
