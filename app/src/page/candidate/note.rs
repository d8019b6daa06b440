//! The note exactly as Lever has it now, and whether it says what it should.

use leptos::prelude::*;

use super::{
    NoteAnswer,
    server::{NoteStanding, NoteView},
};
use crate::{
    problem::Problem,
    text,
    ui::{Icon, ProblemNotice, Status, Time, Tone},
};

/// The note; Lever being down is told here and breaks nothing else.
#[component]
pub fn Note(note: NoteAnswer) -> impl IntoView {
    view! {
        <section class="panel" aria-labelledby="note-title">
            <Transition fallback=|| view! { <h2 id="note-title">{text::candidate::NOTE}</h2> }>
                {move || note.get().map(|note| view! { <NoteBody note/> })}
            </Transition>
        </section>
    }
}

#[component]
fn NoteBody(note: Result<NoteView, Problem>) -> impl IntoView {
    match note {
        Err(problem) => view! {
            <h2 id="note-title">{text::candidate::NOTE}</h2>
            <ProblemNotice problem/>
        }
        .into_any(),
        Ok(note) => view! {
            <header class="panel-head">
                <h2 id="note-title">{text::candidate::NOTE}</h2>
                {standing(&note.standing)}
            </header>
            {means(&note).map(|words| view! { <p class="hint">{words}</p> })}
            {note.text.map(|text| view! { <pre class="note" tabindex="0">{text}</pre> })}
            {note.written_at.map(|at| view! { <p class="hint">{text::candidate::WRITTEN} " " <Time at/></p> })}
        }
        .into_any(),
    }
}

fn standing(standing: &NoteStanding) -> impl IntoView {
    let (tone, icon, word) = match standing {
        NoteStanding::InStep => (Tone::Good, Icon::CheckCircle, text::candidate::IN_STEP),
        NoteStanding::Updating => (Tone::Info, Icon::Clock, text::candidate::UPDATING),
        NoteStanding::Problem(_) => (Tone::Danger, Icon::Alert, text::candidate::NOT_IN_STEP),
        NoteStanding::ChangedInLever => (Tone::Warn, Icon::Alert, text::candidate::CHANGED),
        NoteStanding::Erased => (Tone::Neutral, Icon::Ban, text::candidate::ERASED),
        NoteStanding::NoAnswer => (Tone::Warn, Icon::Question, text::candidate::NO_ANSWER),
    };
    view! { <Status tone icon word/> }
}

fn means(note: &NoteView) -> Option<String> {
    match &note.standing {
        NoteStanding::Problem(why) => Some(why.clone()),
        NoteStanding::ChangedInLever => Some(text::candidate::CHANGED_MEANS.to_owned()),
        NoteStanding::Erased => Some(text::candidate::ERASED_MEANS.to_owned()),
        NoteStanding::NoAnswer => Some(text::candidate::NO_ANSWER_MEANS.to_owned()),
        NoteStanding::InStep | NoteStanding::Updating if note.text.is_none() => {
            Some(text::candidate::NO_NOTE.to_owned())
        }
        NoteStanding::InStep | NoteStanding::Updating => None,
    }
}
