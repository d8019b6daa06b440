//! One row: the candidate, where the invite stands, and the thumbs once it is completed.

use std::time::Duration;

use leptos::{form::ActionForm, prelude::*};

use super::server::InviteRow;
use crate::{
    page::candidate::verdict::VerdictForm,
    problem::Problem,
    route, text,
    ui::{Again, InviteState, InviteStatus, Score, TakeBack, Thumbs, Time, Verdict},
};

/// How long "Undo" is offered.
const UNDO: Duration = Duration::from_secs(10);

/// One row of the table.
#[component]
pub fn Row(
    /// What is known of the invite.
    row: Memo<InviteRow>,
    /// To say that the verdict changed.
    given: WriteSignal<u32>,
) -> impl IntoView {
    let id = row.with_untracked(|row| row.id.clone());
    let name_id = format!("{id}-name");
    let columns = text::candidates::COLUMNS;
    view! {
        <tr data-invite=id.clone()>
            <th scope="row" data-column=columns[0]>
                <a class="row-link" dir="auto" id=name_id.clone() href=route::candidate(&id) data-row="">
                    {move || row.with(|row| text::candidate_name(&row.candidate))}
                </a>
            </th>
            <td data-column=columns[1] title=move || row.with(|row| row.position.clone())>
                {move || row.with(|row| row.position.clone()).unwrap_or_else(|| "–".to_owned())}
            </td>
            <td data-column=columns[2] title=move || row.with(|row| row.assessment.clone())>
                {move || row.with(|row| row.assessment.clone())}
            </td>
            <td data-column=columns[3]>
                <InviteStatus
                    state=Signal::derive(move || row.with(|row| row.state))
                    reason=Signal::derive(move || row.with(|row| row.reason.clone()))
                />
            </td>
            <td data-column=columns[4]>
                <Score score=Signal::derive(move || row.with(|row| row.score))/>
            </td>
            <td data-column=columns[5]>
                <RowVerdict row given name_id/>
            </td>
            <td data-column=columns[6]>
                <Time at=Signal::derive(move || row.with(|row| row.changed_at))/>
            </td>
        </tr>
    }
}

/// The verdict's word, and the thumbs where a verdict can be given.
#[component]
fn RowVerdict(row: Memo<InviteRow>, given: WriteSignal<u32>, name_id: String) -> impl IntoView {
    let id = row.with_untracked(|row| row.id.clone());
    let form = VerdictForm::new(id.clone(), Signal::derive(move || row.with(|row| (row.verdict, row.version))));
    let undo = offer_undo(form, given);
    let takes_verdict = Memo::new(move |_| row.with(|row| row.state) == InviteState::Completed);
    let thumbs = move || {
        let (id, name_id) = (id.clone(), name_id.clone());
        view! {
            <ActionForm action=form.action attr:class="row-thumbs">
                <input type="hidden" name="invite" value=id/>
                <input type="hidden" name="version" value=move || form.version.get().to_string()/>
                <Thumbs verdict=form.verdict again=Again::Withdraws described_by=name_id/>
                <UndoButton undo/>
            </ActionForm>
        }
    };
    view! {
        <div class="row-verdict">
            <span class="row-word">{move || form.verdict.get().word()}</span>
            <Show when=move || takes_verdict.get()>{thumbs.clone()}</Show>
        </div>
        {move || form.problem.get().map(|problem| view! { <RowFailed problem=problem.problem/> })}
    }
}

/// A second verdict that takes the first one back; offered for a moment.
#[component]
fn UndoButton(undo: ReadSignal<Option<Verdict>>) -> impl IntoView {
    move || undo.get().map(|before| view! { <TakeBack gives=before words=text::candidates::UNDO/> })
}

#[component]
fn RowFailed(problem: Problem) -> impl IntoView {
    let words = text::problem(problem);
    view! { <p class="row-problem" role="alert">{words.what} " " {words.next}</p> }
}

/// Follows what this row's form did: tells the list, and offers what was there before for a moment.
fn offer_undo(form: VerdictForm, given: WriteSignal<u32>) -> ReadSignal<Option<Verdict>> {
    let (undo, set_undo) = signal(None);
    Effect::new(move |before: Option<(usize, Verdict)>| {
        let version = form.action.version().get();
        let now = form.verdict.get();
        let (last_version, last_verdict) = before.unwrap_or((version, now));
        if version == last_version {
            // Still what it was before the form is answered.
            let is_sending = form.action.pending().get();
            return (version, if is_sending { last_verdict } else { now });
        }
        given.update(|count| *count += 1);
        let is_undo = undo.get_untracked() == Some(now);
        set_undo.set((last_verdict != now && !is_undo).then_some(last_verdict));
        set_timeout(
            move || {
                let _left = set_undo.try_set(None);
            },
            UNDO,
        );
        (version, now)
    });
    undo
}
