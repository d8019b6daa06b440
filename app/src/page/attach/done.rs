//! The last step: it is attached; who stands in the stage already can be invited, by choice.

use leptos::{either::EitherOf3, prelude::*};

use super::Sentence;
use crate::{
    page::attachments::{
        server::{AttachmentView, attachment_page},
        standing::StandingSection,
    },
    problem::Problem,
    route,
    text::attach::SUCCESS,
    ui::{ButtonKind, ButtonLink, Notice, PageHead, ProblemNotice, Ready, Tone, Trail, TrailStep},
};

/// The article's sentence, and what can be done next.
#[component]
pub fn Done(id: String) -> impl IntoView {
    let of = id.clone();
    let answer = Resource::new(move || of.clone(), attachment_page);
    let steps =
        ["Position", "Stage", "Assessment", "Done"].map(|label| TrailStep { label: label.to_owned(), href: None });
    view! {
        <PageHead title="Attach Assessment to Stage"/>
        <Trail label="Steps" steps=steps.to_vec() current=3_usize/>
        <Ready answer rows=3>
            <Attached answer/>
        </Ready>
        <StandingSection id/>
    }
}

#[component]
fn Attached(answer: Resource<Result<AttachmentView, Problem>>) -> impl IntoView {
    move || match answer.get() {
        None => EitherOf3::A(()),
        Some(Err(problem)) => EitherOf3::B(view! { <ProblemNotice problem/> }),
        Some(Ok(view)) => EitherOf3::C(view! {
            <Notice tone=Tone::Good title=SUCCESS>
                <Sentence
                    position=Some(view.line.position.unwrap_or_else(|| "any position".to_owned()))
                    stage=Some(view.line.stage)
                    assessment=Some(view.line.assessment)
                />
            </Notice>
            <div class="row">
                <ButtonLink href=route::ATTACH>"Attach another"</ButtonLink>
                <ButtonLink href=route::LEVER kind=ButtonKind::Quiet>"Back to Lever"</ButtonLink>
            </div>
        }),
    }
}
