//! What happened, in order, and the other invites of the same person.

use leptos::prelude::*;

use super::server::{CandidateView, EntryView};
use crate::{
    page::candidates::server::InviteRow,
    route, text,
    ui::{Glyph, Icon, InviteStatus, Score, Time, VerdictWord},
};

/// The timeline, newest first.
#[component]
pub fn Timeline(view: Memo<CandidateView>) -> impl IntoView {
    let entries = move || {
        let mut entries = view.with(|view| view.timeline.clone());
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.at));
        entries.into_iter().map(|entry| view! { <Entry entry/> }).collect_view()
    };
    view! {
        <section class="panel" aria-labelledby="timeline-title">
            <h2 id="timeline-title">{text::candidate::TIMELINE}</h2>
            <ol class="timeline">{entries}</ol>
        </section>
    }
}

#[component]
fn Entry(entry: EntryView) -> impl IntoView {
    view! {
        <li>
            <Glyph icon=icon(&entry.kind)/>
            <div>
                <p>{entry.sentence}</p>
                <p class="hint"><Time at=entry.at/></p>
                {entry.cause.map(|cause| view! {
                    <details>
                        <summary>{text::candidate::WHY}</summary>
                        <p class="hint">{cause}</p>
                    </details>
                })}
            </div>
        </li>
    }
}

/// Kinds are the engine's words; a new one is a dot, not an error.
fn icon(kind: &str) -> Icon {
    match kind {
        "sent" => Icon::Send,
        "due" => Icon::ArrowRight,
        "started" => Icon::Half,
        "completed" | "score" => Icon::CheckCircle,
        "verdict" => Icon::ThumbUp,
        "note" => Icon::Note,
        "asked" => Icon::ArrowRight,
        "waiting" | "expired" | "extended" => Icon::Hourglass,
        "cancelled" | "declined" | "abandoned" | "anonymized" => Icon::Ban,
        "failed" | "problem" => Icon::Alert,
        "unclear" => Icon::Question,
        _ => Icon::Circle,
    }
}

/// Other invites of the same person; nothing where there are none.
#[component]
pub fn Others(view: Memo<CandidateView>) -> impl IntoView {
    move || {
        let others = view.with(|view| view.others.clone());
        (!others.is_empty()).then(|| {
            view! {
                <section class="panel" aria-labelledby="others-title">
                    <h2 id="others-title">{text::candidate::OTHERS}</h2>
                    <ul class="lines">{others.into_iter().map(|row| view! { <Other row/> }).collect_view()}</ul>
                </section>
            }
        })
    }
}

#[component]
fn Other(row: InviteRow) -> impl IntoView {
    let position = row.position.map(|position| format!(" · {position}"));
    view! {
        <li>
            <a href=route::candidate(&row.id)>{row.assessment}</a>
            <span class="hint">{position}</span>
            <InviteStatus state=row.state/>
            <Score score=Signal::stored(row.score)/>
            <VerdictWord verdict=row.verdict/>
            <Time at=row.changed_at/>
        </li>
    }
}
