//! The third step: which assessment. Its Next is the one that attaches.

use leptos::{form::ActionForm, prelude::*};

use super::{
    actions::Foot,
    options::Options,
    query::{Step, Wizard},
    server::Attach,
    view::{StepView, WarningView},
};
use crate::{
    page::integrations::{Failure, problem_of},
    text,
    ui::{Field, Notice, Tone},
};

/// A list, the time to complete, what to know first, Next.
#[component]
pub fn AssessmentStep(wizard: Memo<Wizard>, view: Memo<StepView>, attach: ServerAction<Attach>) -> impl IntoView {
    let back = Signal::derive(move || wizard.with(|wizard| wizard.at(Step::Stage).href()));
    let days = wizard.with_untracked(|wizard| wizard.valid_days.clone());
    view! {
        <ActionForm action=attach attr:class="wizard">
            <input type="hidden" name="posting" value=move || wizard.with(|wizard| wizard.posting.clone())/>
            <input type="hidden" name="stage" value=move || wizard.with(|wizard| wizard.stage.clone())/>
            <fieldset class="wizard-step">
                <legend id="step-question" tabindex="-1">"Send which assessment?"</legend>
                <Options wizard view step=Step::Assessment name="assessment"/>
            </fieldset>
            <Field
                label="Days to complete (optional)"
                name="valid_days"
                kind="number"
                value=days
                hint="From 1 to 365. Empty leaves it to Canditech."
            />
            <Warnings view/>
            <p class="hint">"Attaching invites nobody: it counts for candidates who enter the stage from now on."</p>
            <Failure problem=problem_of(attach)/>
            <Foot back pending=attach.pending()/>
        </ActionForm>
    }
}

#[component]
fn Warnings(view: Memo<StepView>) -> impl IntoView {
    let warnings = Memo::new(move |_| view.with(|view| view.warnings.clone()));
    move || {
        let warnings = warnings.get();
        (!warnings.is_empty()).then(|| {
            let line = |warning: &WarningView| view! { <li>{text::attach::warning(warning)}</li> };
            view! {
                <Notice tone=Tone::Warn title="Before you press Next">
                    <ul>{warnings.iter().map(line).collect_view()}</ul>
                </Notice>
            }
        })
    }
}
