//! The checklist as a vertical track: each step with its proof and its time, and for what is missing
//! where to click in Lever, and who may do it.

use leptos::prelude::*;

use super::view::{LeverView, StepKind, StepState, StepView};
use crate::{
    route,
    text::integrations::{step_state, step_title, step_who},
    ui::{Glyph, Icon, Time},
};

/// The track.
#[component]
pub fn Checklist(view: Memo<LeverView>) -> impl IntoView {
    let kinds = Memo::new(move |_| view.with(|view| view.steps.iter().map(|step| step.kind).collect::<Vec<_>>()));
    let first = Memo::new(move |_| view.with(|view| first_missing(&view.steps)));
    let done = move || view.with(|view| view.steps.iter().filter(|step| step.state == StepState::Done).count());
    view! {
        <section class="panel" aria-labelledby="checklist-title">
            <header class="panel-head">
                <h2 id="checklist-title">"Set-up"</h2>
                <p class="hint">{done} " of " {move || kinds.with(Vec::len)} " steps"</p>
            </header>
            <ol class="track">
                <For each=move || kinds.get() key=|kind| *kind let:kind>
                    <Step view kind first/>
                </For>
            </ol>
        </section>
    }
}

fn first_missing(steps: &[StepView]) -> Option<StepKind> {
    steps.iter().find(|step| step.state != StepState::Done).map(|step| step.kind)
}

fn slug(state: StepState) -> &'static str {
    match state {
        StepState::Done => "done",
        StepState::Open => "open",
        StepState::Attention => "attention",
    }
}

fn glyph(state: StepState) -> Icon {
    match state {
        StepState::Done => Icon::CheckCircle,
        StepState::Open => Icon::Circle,
        StepState::Attention => Icon::Alert,
    }
}

#[component]
fn Step(view: Memo<LeverView>, kind: StepKind, first: Memo<Option<StepKind>>) -> impl IntoView {
    let step = Memo::new(move |_| view.with(|view| view.steps.iter().find(|step| step.kind == kind).cloned()));
    let state = Memo::new(move |_| step.with(|step| step.as_ref().map_or(StepState::Open, |step| step.state)));
    let at = move || step.with(|step| step.as_ref().and_then(|step| step.at));
    view! {
        <li class="track-step" data-state=move || slug(state.get())>
            {move || view! { <Glyph icon=glyph(state.get())/> }}
            <div class="track-body">
                <p class="track-head">
                    <strong>{step_title(kind)}</strong>
                    " "
                    <span class="track-state">{move || step_state(state.get())}</span>
                    " "
                    {move || at().map(|at| view! { <span class="track-time"><Time at/></span> })}
                </p>
                <p class="track-proof">{move || step.with(|step| step.as_ref().map(|step| step.proof.clone()))}</p>
                {move || (state.get() != StepState::Done).then(|| {
                    view! { <HowTo kind is_first=first.get_untracked() == Some(kind)/> }
                })}
            </div>
        </li>
    }
}

/// What to do, with where to click in Lever as Lever names it; open for the step that is next.
#[component]
fn HowTo(kind: StepKind, is_first: bool) -> impl IntoView {
    view! {
        <details class="track-how" open=is_first>
            <summary>"What to do"</summary>
            {how_to(kind)}
            <p class="hint">"Who can do it: " {step_who(kind)}</p>
        </details>
    }
}

fn how_to(kind: StepKind) -> AnyView {
    match kind {
        StepKind::Connected => view! { <p>"Press "<strong>"Connect"</strong>" above and log in at Lever as a Super Admin."</p> }.into_any(),
        StepKind::WebhookCreated => view! { <p><a href="#webhook">"Create the webhook"</a>": by one button here, or by hand in Lever."</p> }.into_any(),
        StepKind::Verified => view! {
            <p>
                "In Lever, open "<strong>"Settings > Integrations and API > Webhooks"</strong>" and press "
                <strong>"Verify Connection"</strong>" beside our address. This step turns to Done as Lever's signed ping arrives. If Lever says that it worked and this step stays open, "
                <a href="#webhook">"save the signature token"</a>" of that webhook."
            </p>
        }.into_any(),
        StepKind::StageChangesArrive => view! {
            <p>
                "In Lever, open "<strong>"Settings > Integrations and API > Webhooks"</strong>" and see that the toggle "
                <strong>"Candidate Stage Change"</strong>" is on: Lever sends its ping even when it is off. A webhook that Candilever created needs no toggle: press "
                <a href="#webhook">"Check now"</a>", and create it again where it is missing. Then move any candidate to another stage; this step turns to Done as the message arrives. Until then nobody is left out: Candilever asks Lever every few minutes."
            </p>
        }.into_any(),
        StepKind::Stage => view! {
            <p>
                "In Lever, open "<strong>"Settings > Pipeline > Customize > + Add stage"</strong>", name it “Canditech Stage”, and switch "
                <strong>"Stage used for interviews"</strong>" on. Check that it is on; Lever does not let us read it. Then press "
                <a href="#connection">"Sync now"</a>". Any other stage will do as well."
            </p>
        }.into_any(),
        StepKind::Provider => view! { <p><a href=route::CANDITECH>"Open Canditech"</a>" and enter the organization-level key."</p> }.into_any(),
        StepKind::FirstAttachment => view! { <p><a href=route::ATTACH>"Choose a position, a stage and an assessment"</a>"."</p> }.into_any(),
        StepKind::FirstInvite => view! { <p>"In Lever, move a candidate who has an e-mail address and applied to the position into the attached stage."</p> }.into_any(),
    }
}
