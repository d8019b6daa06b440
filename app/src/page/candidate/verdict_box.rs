//! The verdict: two thumbs, a comment, who gave it and where, and what was given before.

use leptos::{either::Either, form::ActionForm, prelude::*};

use super::{
    server::{CandidateView, VerdictView},
    verdict::VerdictForm,
};
use crate::{
    text,
    ui::{Again, InviteState, ProblemNotice, TakeBack, Thumbs, Time, Verdict, VerdictWord},
};

/// The verdict and the form that gives it.
#[component]
pub fn VerdictBox(view: Memo<CandidateView>, given: WriteSignal<u32>) -> impl IntoView {
    let id = view.with_untracked(|view| view.row.id.clone());
    let read = Signal::derive(move || view.with(|view| (view.row.verdict, view.row.version)));
    let form = VerdictForm::new(id.clone(), read);
    super::count_answers(form.action.version(), given);
    let is_completed = Memo::new(move |_| view.with(|view| view.row.state) == InviteState::Completed);
    view! {
        <section class="panel verdict" aria-labelledby="verdict-title">
            <header class="panel-head">
                <h2 id="verdict-title">{text::candidate::VERDICT}</h2>
                <VerdictWord verdict=form.verdict/>
            </header>
            <Show when=move || is_completed.get() fallback=|| view! { <p class="hint">{text::candidate::NO_VERDICT_YET}</p> }>
                <GiveForm id=id.clone() form/>
            </Show>
            {move || form.problem.get().map(|problem| view! { <ProblemNotice problem=problem.problem/> })}
            <History view/>
        </section>
    }
}

#[component]
fn GiveForm(id: String, form: VerdictForm) -> impl IntoView {
    let is_given = move || form.verdict.get() != Verdict::NotGiven;
    let comment = NodeRef::<leptos::html::Textarea>::new();
    Effect::new(move || {
        // A comment belongs to the act it was given with.
        if matches!(form.action.value().get(), Some(Ok(_)))
            && let Some(comment) = comment.get_untracked()
        {
            comment.set_value("");
        }
    });
    view! {
        <ActionForm action=form.action attr:class="verdict-form">
            <input type="hidden" name="invite" value=id/>
            <input type="hidden" name="version" value=move || form.version.get().to_string()/>
            <Thumbs verdict=form.verdict again=Again::Gives/>
            <div class="field">
                <label for="comment">{text::candidate::COMMENT}</label>
                <textarea node_ref=comment id="comment" name="comment" rows="2" maxlength="2000"></textarea>
            </div>
            <Show when=is_given>
                <TakeBack gives=Verdict::NotGiven words=text::candidate::WITHDRAW/>
            </Show>
        </ActionForm>
    }
}

/// The present verdict in a sentence; the ones before it behind a disclosure.
#[component]
fn History(view: Memo<CandidateView>) -> impl IntoView {
    move || {
        let mut entries = view.with(|view| view.verdicts.clone()).into_iter();
        let present = entries.next().map(|entry| view! { <Act entry/> });
        let before: Vec<_> = entries.map(|entry| view! { <li><Act entry/></li> }).collect();
        let before = match before.is_empty() {
            true => Either::Left(()),
            false => Either::Right(view! {
                <details>
                    <summary>{text::candidate::EARLIER}</summary>
                    <ul class="plain">{before}</ul>
                </details>
            }),
        };
        view! { {present} {before} }
    }
}

#[component]
fn Act(entry: VerdictView) -> impl IntoView {
    let place = if entry.at_provider { text::candidate::AT_PROVIDER } else { text::candidate::HERE };
    view! {
        <div class="act">
            <p>
                <strong>{text::candidate::act(entry.verdict)}</strong>
                {format!(" {} {} {place}, ", text::candidate::BY, entry.by)}
                <Time at=entry.at/>
            </p>
            {entry.comment.map(|comment| view! { <blockquote dir="auto">{comment}</blockquote> })}
        </div>
    }
}
