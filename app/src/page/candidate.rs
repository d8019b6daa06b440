//! One invite: who, where it stands, the verdict with its two thumbs, the result, what happened, and
//! the note as Lever has it.

pub mod decision;
pub mod erase;
mod head;
mod note;
pub mod receipt;
mod result;
pub mod server;
mod timeline;
pub mod verb;
mod verb_box;
pub mod verdict;
mod verdict_box;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use self::{
    decision::DecisionBox,
    erase::Erase,
    head::Head,
    note::Note,
    receipt::Receipt,
    result::{Integrity, Sections},
    server::{CandidateView, NoteView, read_candidate, read_note},
    timeline::{Others, Timeline},
    verb_box::VerbBox,
    verdict_box::VerdictBox,
};
use crate::{
    live::Live,
    problem::Problem,
    route, text,
    ui::{Button, PageHead, ProblemNotice, Ready},
};

type Answer = Resource<Result<CandidateView, Problem>>;
type NoteAnswer = Resource<Result<NoteView, Problem>>;

/// One invite.
#[component]
pub fn CandidatePage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("invite")).unwrap_or_default());
    let (given, set_given) = signal(0);
    let changes = expect_context::<Live>().invite(id);
    let source = move || (id.get(), given.get(), changes.get());
    let answer: Answer = Resource::new(source, |(id, _, _)| read_candidate(id));
    let note: NoteAnswer = Resource::new(source, |(id, _, _)| read_note(id));
    view! {
        <Ready answer rows=10>
            <Loaded answer note given=set_given/>
        </Ready>
    }
}

/// The invite once it is there; what is shown stays when a later reading fails.
#[component]
fn Loaded(answer: Answer, note: NoteAnswer, given: WriteSignal<u32>) -> impl IntoView {
    let known = Memo::new(move |before: Option<&Option<CandidateView>>| match answer.get() {
        Some(Ok(view)) => Some(view),
        Some(Err(Problem::NotFound)) => None,
        Some(Err(_)) | None => before.cloned().flatten(),
    });
    let problem = Memo::new(move |_| answer.get().and_then(Result::err));
    let ids = move || known.with(|known| known.iter().map(|view| view.row.id.clone()).collect::<Vec<_>>());
    // One element around all: what is shown and hidden inside needs a place in the page at all times.
    view! {
        <div>
        {move || problem.get().map(|problem| view! {
            {known.with(Option::is_none).then(|| view! { <PageHead title=text::candidate::TITLE/> })}
            <ProblemNotice problem/>
        })}
        // Keyed by id, so that nothing of one candidate's forms is left on the page of the next.
        <For each=ids key=String::clone let:id>
            <Known id known note given/>
        </For>
        </div>
    }
}

#[component]
fn Known(id: String, known: Memo<Option<CandidateView>>, note: NoteAnswer, given: WriteSignal<u32>) -> impl IntoView {
    let first = known.get_untracked().filter(|view| view.row.id == id);
    first.map(|first| {
        let view = Memo::new(move |before: Option<&CandidateView>| {
            let read = known.get().filter(|view| view.row.id == id);
            read.unwrap_or_else(|| before.unwrap_or(&first).clone())
        });
        view! { <Invite view note given/> }
    })
}

#[component]
fn Invite(view: Memo<CandidateView>, note: NoteAnswer, given: WriteSignal<u32>) -> impl IntoView {
    // The title is written last, when what it was read from may be gone.
    let first = view.with_untracked(tab);
    let tab = move || view.try_with(tab).unwrap_or_else(|| first.clone());
    view! {
        <Title text=tab/>
        <Head view/>
        <div class="columns">
            <div class="column">
                <DecisionBox view given/>
                <VerdictBox view given/>
                <Receipt view/>
                <Sections view/>
                <Integrity view/>
            </div>
            <div class="column">
                <VerbBox view given/>
                <Note note/>
                <Timeline view/>
            </div>
        </div>
        <Others view/>
        <Held view given/>
    }
}

/// Counts each answer of an action as given, so that the page is read anew.
fn count_answers(answered: RwSignal<usize>, given: WriteSignal<u32>) {
    Effect::new(move |before: Option<usize>| {
        let version = answered.get();
        if before.is_some_and(|before| before != version) {
            given.update(|count| *count += 1);
        }
        version
    });
}

/// What is held about the candidate, for whoever may take it away or have it erased.
#[component]
fn Held(view: Memo<CandidateView>, given: WriteSignal<u32>) -> impl IntoView {
    let may = Memo::new(move |_| view.with(|view| view.may_export));
    move || {
        may.get().then(|| {
            view! {
                <section class="panel" aria-labelledby="held-title">
                    <h2 id="held-title">{text::candidate::HELD}</h2>
                    // Not a link: whoever takes it away is written into the audit log.
                    <form class="row" method="post" action=route::EXPORT>
                        <input type="hidden" name="invite" value=view.with_untracked(|view| view.row.id.clone())/>
                        <Button>{text::candidate::EXPORT}</Button>
                    </form>
                    <Erase view given/>
                </section>
            }
        })
    }
}

/// "Maya Chen · Python Developer".
fn tab(view: &CandidateView) -> String {
    let name = text::candidate_name(&view.row.candidate);
    view.row.position.iter().fold(name, |name, position| format!("{name} · {position}"))
}
