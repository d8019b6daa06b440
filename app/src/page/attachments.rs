//! One attachment: pause, edit, remove, and who stands in its stage already.

mod edit;
mod remove;
pub mod server;
pub mod standing;

use leptos::{
    either::{Either, EitherOf3},
    prelude::*,
};
use leptos_router::{
    hooks::{use_params_map, use_query_map},
    params::ParamsMap,
};

use self::{
    edit::Edit,
    remove::Remove,
    server::{AttachmentView, attachment_page},
    standing::{Preview, StandingSection},
};
use super::attach::{Sentence, view::Hitch};
use crate::{
    live::Live,
    page::lever::attachments::{SwitchForm, days, next, status},
    problem::Problem,
    route,
    text::{self, count},
    ui::{ButtonLink, Icon, Notice, PageHead, ProblemNotice, Ready, Status, Time, Tone},
};

/// One attachment.
#[component]
pub fn AttachmentPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let changed = RwSignal::new(0_u32);
    let live = expect_context::<Live>();
    let (set_up, invites) = (live.set_up(), live.invites());
    let answer =
        Resource::new(move || (id.get(), changed.get(), set_up.get(), invites.get()), |(id, ..)| attachment_page(id));
    view! {
        <PageHead title="Attachment"/>
        <p class="back"><a href=route::LEVER>"Back to Lever"</a></p>
        <Arrival/>
        <Ready answer rows=6>
            <Content answer changed/>
        </Ready>
        <Candidates id/>
    }
}

/// What a form of this page did.
#[component]
fn Arrival() -> impl IntoView {
    let query = use_query_map();
    let sent = Memo::new(move |_| query.with(|query| query.get("sent")).and_then(|sent| sent.parse::<u32>().ok()));
    let saved = Memo::new(move |_| query.with(|query| query.get("saved").is_some()));
    let words = move || match (sent.get(), saved.get()) {
        (Some(sent), _) => Some(format!("{} on the way.", count(sent.into(), "invite is", "invites are"))),
        (None, true) => Some("Saved. It counts for candidates who enter the stage from now on.".to_owned()),
        (None, false) => None,
    };
    let days_refused = Memo::new(move |_| query.with(|query| query.get_str("problem") == Some("days")));
    move || match days_refused.get() {
        true => {
            let hitch = text::attach::hitch(Hitch::Days);
            Either::Left(view! { <Notice tone=Tone::Danger title=hitch.what><p>{hitch.next}</p></Notice> })
        }
        false => Either::Right(words().map(|words| view! { <Notice tone=Tone::Good><p>{words}</p></Notice> })),
    }
}

#[component]
fn Content(answer: Resource<Result<AttachmentView, Problem>>, changed: RwSignal<u32>) -> impl IntoView {
    let failed = Memo::new(move |_| {
        answer.with(|answer| match answer {
            Some(Err(problem)) => Some(*problem),
            Some(Ok(_)) | None => None,
        })
    });
    let view = Memo::new(move |_| answer.get().and_then(Result::ok));
    let exists = Memo::new(move |_| view.with(Option::is_some));
    move || match (failed.get(), exists.get()) {
        (Some(problem), _) => EitherOf3::A(view! { <ProblemNotice problem/> }),
        (None, true) => EitherOf3::B(view! { <Attachment view changed/> }),
        (None, false) => EitherOf3::C(()),
    }
}

#[component]
fn Attachment(view: Memo<Option<AttachmentView>>, changed: RwSignal<u32>) -> impl IntoView {
    let line = Memo::new(move |_| view.with(|view| view.as_ref().map(|view| view.line.clone())));
    let position = Signal::derive(move || line.with(|line| line.as_ref().map(position_words)));
    let stage = Signal::derive(move || line.with(|line| line.as_ref().map(|line| line.stage.clone())));
    let assessment = Signal::derive(move || line.with(|line| line.as_ref().map(|line| line.assessment.clone())));
    let is_removed = Memo::new(move |_| view.with(|view| view.as_ref().is_some_and(|view| view.is_removed)));
    let id = line.with_untracked(|line| line.as_ref().map(|line| line.id.clone())).unwrap_or_default();
    let made = move || {
        view.get()
            .map(|view| view! { <p class="hint">"Attached by " {view.created_by} ", "<Time at=view.created_at/></p> })
    };
    view! {
        <section class="panel" aria-label="This attachment">
            <div id="this-sentence"><Sentence position stage assessment/></div>
            <p class="attachment-facts">
                {move || match is_removed.get() {
                    true => Either::Left(view! { <Status tone=Tone::Neutral icon=Icon::Ban word="Removed"/> }),
                    false => Either::Right(line.with(|line| line.as_ref().map(status))),
                }}
                <span class="hint">{move || line.with(|line| line.as_ref().map(|line| count(line.invites, "invite", "invites")))}</span>
                <span class="hint">{move || line.with(|line| line.as_ref().map(days))}</span>
            </p>
            {move || line.with(|line| line.as_ref().and_then(next)).map(|next| view! { <p class="hint">{next}</p> })}
            {made}
            {move || (!is_removed.get()).then(|| view! { <SwitchForm line id=id.clone() changed described_by="this-sentence".to_owned()/> })}
        </section>
        {move || (!is_removed.get()).then(|| view! { <Edit view/> <Remove view/> })}
    }
}

fn position_words(line: &crate::page::lever::view::AttachmentLine) -> String {
    line.position.clone().unwrap_or_else(|| "any position".to_owned())
}

/// Whom the person chose to preview.
fn chosen(query: &ParamsMap) -> Option<Vec<String>> {
    query.get("preview").map(|_| query.get_all("chosen").unwrap_or_default())
}

/// Who stands in the stage: asked for first, for it is read from Lever.
#[component]
fn Candidates(id: Memo<String>) -> impl IntoView {
    let query = use_query_map();
    let chosen = Memo::new(move |_| query.with(chosen));
    let shows = Memo::new(move |_| query.with(|query| query.get("standing").is_some()));
    move || match (chosen.get(), shows.get()) {
        (Some(chosen), _) => EitherOf3::A(view! { <Preview id=id.get() chosen/> }),
        (None, true) => EitherOf3::B(view! { <StandingSection id=id.get()/> }),
        (None, false) => EitherOf3::C(view! {
            <section class="panel" aria-labelledby="who-title">
                <h2 id="who-title">"Who stands in the stage already"</h2>
                <p>"They are not invited by themselves. You can choose whom to invite."</p>
                <div class="row"><ButtonLink href=format!("{}?standing=1", route::attachment(&id.get()))>"Show who stands there"</ButtonLink></div>
            </section>
        }),
    }
}
