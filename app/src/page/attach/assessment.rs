//! The third step: which assessment. Its Next is the one that attaches.

use leptos::{either::Either, form::ActionForm, prelude::*};

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
    let days = StoredValue::new(wizard.with_untracked(|wizard| wizard.valid_days.clone()));
    let takes_days = Memo::new(move |_| view.with(|view| view.takes_days));
    view! {
        <ActionForm action=attach attr:class="wizard">
            <input type="hidden" name="posting" value=move || wizard.with(|wizard| wizard.posting.clone())/>
            <input type="hidden" name="stage" value=move || wizard.with(|wizard| wizard.stage.clone())/>
            <fieldset class="wizard-step">
                <legend id="step-question" tabindex="-1">"Send which assessment?"</legend>
                <Options wizard view step=Step::Assessment name="assessment"/>
            </fieldset>
            {move || match takes_days.get() {
                true => days_to_complete(true, days.get_value()),
                false => days_to_complete(false, String::new()),
            }}
            <Warnings view/>
            <p class="hint">"Attaching invites nobody: it counts for candidates who enter the stage from now on."</p>
            <Failure problem=problem_of(attach)/>
            <Foot back pending=attach.pending()/>
        </ActionForm>
    }
}

/// The field; where the provider's protocol carries no such thing, that is said instead, and `days` stay for
/// the day it does.
pub(crate) fn days_to_complete(takes_days: bool, days: String) -> impl IntoView {
    if takes_days {
        Either::Left(view! {
            <Field
                label="Days to complete (optional)"
                name="valid_days"
                kind="number"
                value=days
                hint="From 1 to 365. Empty leaves it to Canditech."
            />
        })
    } else {
        Either::Right(view! {
            <input type="hidden" name="valid_days" value=days/>
            <p class="hint">{text::attach::NO_DAYS}</p>
        })
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
