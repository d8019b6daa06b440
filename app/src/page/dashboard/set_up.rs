//! The set-up of a new organization: what is done, and a link for each thing that is not.

use leptos::{either::Either, prelude::*};

use crate::{
    page::lever::view::{StepKind, StepState, StepView},
    route,
    text::{self, integrations::step_title},
    ui::{ButtonKind, ButtonLink, Empty, Glyph, Icon},
};

/// The steps, the next of them with its button.
#[component]
pub fn SetUp(steps: Vec<StepView>, may_set_up: bool) -> impl IntoView {
    if !may_set_up {
        return Either::Left(view! {
            <Empty title=text::dashboard::SET_UP><p>{text::dashboard::SET_UP_OTHERS}</p></Empty>
        });
    }
    let next = steps.iter().find(|step| step.state != StepState::Done).map(|step| step.kind);
    let rows = steps.into_iter().map(|step| {
        let is_next = Some(step.kind) == next;
        view! { <Step step is_next/> }
    });
    Either::Right(view! {
        <section class="panel" aria-labelledby="set-up-title">
            <h2 id="set-up-title">{text::dashboard::SET_UP}</h2>
            <p class="page-lead">{text::dashboard::SET_UP_LEAD}</p>
            <ol class="set-up">{rows.collect_view()}</ol>
        </section>
    })
}

#[component]
fn Step(step: StepView, is_next: bool) -> impl IntoView {
    let (slug, icon, word) = look(step.state);
    let kind = if is_next { ButtonKind::Primary } else { ButtonKind::Quiet };
    let link = (step.state != StepState::Done).then(|| {
        let label = format!("{}: {}", text::dashboard::OPEN_STEP, step_title(step.kind));
        view! { <ButtonLink href=place(step.kind) kind attr:aria-label=label>{text::dashboard::OPEN_STEP}</ButtonLink> }
    });
    view! {
        <li class="set-up-step" data-state=slug aria-current=is_next.then_some("step")>
            <Glyph icon/>
            <div>
                <p><strong>{step_title(step.kind)}</strong> <span class="unseen">{format!(": {word}")}</span></p>
                <p class="hint">{step.proof}</p>
            </div>
            {link}
        </li>
    }
}

fn look(state: StepState) -> (&'static str, Icon, &'static str) {
    match state {
        StepState::Done => ("done", Icon::CheckCircle, text::integrations::step_state(StepState::Done)),
        StepState::Open => ("open", Icon::Circle, text::integrations::step_state(StepState::Open)),
        StepState::Attention => ("attention", Icon::Alert, text::integrations::step_state(StepState::Attention)),
    }
}

/// Where a step is done.
fn place(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Provider => route::CANDITECH,
        StepKind::FirstAttachment => route::ATTACH,
        StepKind::Connected
        | StepKind::WebhookCreated
        | StepKind::Verified
        | StepKind::StageChangesArrive
        | StepKind::Stage
        | StepKind::FirstInvite => route::LEVER,
    }
}
