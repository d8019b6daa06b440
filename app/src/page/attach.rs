//! The wizard: position, stage, assessment, done. Its state is its address; the first two Next are
//! GET forms, the third is the one POST.

mod actions;
#[cfg(feature = "ssr")]
pub(crate) mod assemble;
pub mod assessment;
mod done;
mod options;
mod position;
pub mod query;
mod sentence;
pub mod server;
mod stage;
pub mod view;

use leptos::{
    either::{Either, EitherOf5},
    prelude::*,
};
use leptos_router::hooks::{use_location, use_query_map};

pub use self::sentence::Sentence;
use self::{
    actions::HitchNotice,
    assessment::AssessmentStep,
    done::Done,
    position::PositionStep,
    query::{Step, Wizard},
    server::{Attach, attach_step},
    stage::StageStep,
    view::StepView,
};
use crate::{
    live::Live,
    problem::Problem,
    route,
    ui::{PageHead, ProblemNotice, Ready, Trail, TrailStep},
};

/// The wizard: position, stage, assessment, done.
#[component]
pub fn AttachPage() -> impl IntoView {
    let query = use_query_map();
    let path = use_location().pathname;
    let attached = Memo::new(move |_| query.with(|query| attached(&Wizard::read(query))));
    // It stands still while the page is being left: what is about to go must not follow the address.
    let wizard = Memo::new(move |old: Option<&Wizard>| {
        let now = query.with(Wizard::read);
        let stays = attached.get().is_none() && path.with(|path| path == route::ATTACH);
        if stays { now } else { old.cloned().unwrap_or(now) }
    });
    move || match attached.get() {
        Some(id) => Either::Left(view! { <Done id/> }),
        None => Either::Right(view! { <Steps wizard/> }),
    }
}

/// The attachment that was made, on the last step.
fn attached(wizard: &Wizard) -> Option<String> {
    (wizard.reachable() == Step::Done).then(|| wizard.attachment.clone())
}

/// What there is to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Loading,
    Failed(Problem),
    Step(Step),
}

#[component]
fn Steps(wizard: Memo<Wizard>) -> impl IntoView {
    let attach = ServerAction::<Attach>::new();
    let changes = expect_context::<Live>().set_up();
    let answer = Resource::new(move || (wizard.get(), changes.get()), |(wizard, _)| attach_step(wizard));
    view! {
        <PageHead title="Attach Assessment to Stage"/>
        <Ready answer rows=8>
            <Content answer wizard attach/>
        </Ready>
    }
}

#[component]
fn Content(
    answer: Resource<Result<StepView, Problem>>,
    wizard: Memo<Wizard>,
    attach: ServerAction<Attach>,
) -> impl IntoView {
    let phase = Memo::new(move |_| match answer.get() {
        None => Phase::Loading,
        Some(Err(problem)) => Phase::Failed(problem),
        Some(Ok(view)) => Phase::Step(view.step),
    });
    let view = Memo::new(move |old: Option<&StepView>| match answer.get() {
        Some(Ok(view)) => view,
        Some(Err(_)) | None => old.cloned().unwrap_or_default(),
    });
    let is_shown = Memo::new(move |_| matches!(phase.get(), Phase::Step(_)));
    actions::focus_new_step(phase);
    view! {
        {move || is_shown.get().then(|| view! { <Progress wizard view/> })}
        {move || match phase.get() {
            Phase::Loading => EitherOf5::A(()),
            Phase::Failed(problem) => EitherOf5::B(view! { <ProblemNotice problem/> }),
            Phase::Step(Step::Position) => EitherOf5::C(view! { <PositionStep wizard view/> }),
            Phase::Step(Step::Stage) => EitherOf5::D(view! { <StageStep wizard view/> }),
            Phase::Step(Step::Assessment | Step::Done) => EitherOf5::E(view! { <AssessmentStep wizard view attach/> }),
        }}
    }
}

/// Where one is, the sentence so far, and why the step is shown again.
#[component]
fn Progress(wizard: Memo<Wizard>, view: Memo<StepView>) -> impl IntoView {
    let position = Signal::derive(move || view.with(|view| view.position.clone()));
    let stage = Signal::derive(move || view.with(|view| view.stage.clone()));
    let assessment = Signal::derive(move || view.with(|view| view.assessment.clone()));
    view! {
        <Trail
            label="Steps"
            steps=Signal::derive(move || trail(&wizard.get()))
            current=Signal::derive(move || view.with(|view| view.step as usize))
        />
        <div class="wizard-sentence" role="status"><Sentence position stage assessment/></div>
        <HitchNotice view/>
    }
}

fn trail(wizard: &Wizard) -> Vec<TrailStep> {
    let step = |label: &str, step| TrailStep { label: label.to_owned(), href: Some(wizard.at(step).href()) };
    vec![
        step("Position", Step::Position),
        step("Stage", Step::Stage),
        step("Assessment", Step::Assessment),
        TrailStep { label: "Done".to_owned(), href: None },
    ]
}
