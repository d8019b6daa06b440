//! The result: sections with their bars, and integrity signals in neutral words.

use leptos::{either::Either, prelude::*};

use super::server::{CandidateView, SectionView};
use crate::{
    text,
    ui::{InviteState, ScoreBar, ScoreView},
};

/// The sections of the assessment, each with its score.
#[component]
pub fn Sections(view: Memo<CandidateView>) -> impl IntoView {
    let rows = move || {
        let sections = view.with(|view| view.sections.clone());
        if sections.is_empty() {
            let words = view.with(|view| nothing_yet(view.row.state));
            return Either::Left(view! { <p class="hint">{words}</p> });
        }
        Either::Right(view! {
            <dl class="sections">{sections.into_iter().map(|section| view! { <Section section/> }).collect_view()}</dl>
        })
    };
    view! {
        <section class="panel" aria-labelledby="sections-title">
            <h2 id="sections-title">{text::candidate::RESULT}</h2>
            {rows}
        </section>
    }
}

fn nothing_yet(state: InviteState) -> &'static str {
    if state == InviteState::Completed { text::candidate::NO_SECTIONS } else { text::candidate::NO_RESULT_YET }
}

#[component]
fn Section(section: SectionView) -> impl IntoView {
    let words = section.score.map_or_else(|| text::candidate::PENDING.to_owned(), ScoreView::words);
    view! {
        <div>
            <dt><bdi>{section.name.clone()}</bdi></dt>
            <dd>
                {section.score.map(|score| view! { <ScoreBar score label=section.name/> })}
                <span class="score-words">{words}</span>
            </dd>
        </div>
    }
}

/// What the provider noticed while the test was taken; nothing where it noticed nothing.
#[component]
pub fn Integrity(view: Memo<CandidateView>) -> impl IntoView {
    move || {
        let signals = view.with(|view| view.integrity.clone());
        (!signals.is_empty()).then(|| {
            let rows = signals.into_iter().map(|signal| view! { <li><bdi>{signal.note}</bdi></li> }).collect_view();
            view! {
                <section class="panel" aria-labelledby="integrity-title">
                    <h2 id="integrity-title">{text::candidate::INTEGRITY}</h2>
                    <ul class="plain">{rows}</ul>
                    <p class="hint">{text::candidate::INTEGRITY_MEANS}</p>
                </section>
            }
        })
    }
}
