//! Late invites that wait together behind one question: send, choose, or drop.

use leptos::{form::ActionForm, prelude::*};

use super::server::DecideLate;
use crate::{
    page::{candidate::decision::Decision, candidates::server::InviteRow},
    problem::Problem,
    route, text,
    ui::{ProblemNotice, Time},
};

/// How many can be decided at once; the next ones come after them.
const SHOWN: usize = 100;

/// The question with its candidates; nothing where none is late.
#[component]
pub fn Late(late: Memo<Vec<InviteRow>>, decide: ServerAction<DecideLate>) -> impl IntoView {
    let problem = move || decide.value().get().and_then(Result::err);
    move || {
        let rows = late.get();
        (!rows.is_empty()).then(|| view! { <Question rows decide problem=Signal::derive(problem)/> })
    }
}

#[component]
fn Question(rows: Vec<InviteRow>, decide: ServerAction<DecideLate>, problem: Signal<Option<Problem>>) -> impl IntoView {
    let more = rows.len().saturating_sub(SHOWN);
    let button = |decision: Decision, words: &'static str| {
        view! {
            <button class="button" type="submit" data-kind="secondary" name="decision" value=decision.slug()>{words}</button>
        }
    };
    view! {
        <section class="panel" aria-labelledby="late-title">
            <h2 id="late-title">{text::decision::LATE}</h2>
            <p class="prose">{text::decision::LATE_MEANS}</p>
            <ActionForm action=decide>
                <ul class="lines">{rows.into_iter().take(SHOWN).map(|row| view! { <Line row/> }).collect_view()}</ul>
                {(more > 0).then(|| view! { <p class="hint">{text::decision::more(more)}</p> })}
                <div class="row">
                    {button(Decision::Send, text::decision::SEND_CHOSEN)}
                    {button(Decision::Drop, text::decision::DROP_CHOSEN)}
                </div>
            </ActionForm>
            {move || problem.try_get().flatten().map(|problem| view! { <ProblemNotice problem/> })}
        </section>
    }
}

#[component]
fn Line(row: InviteRow) -> impl IntoView {
    let href = route::candidate(&row.id);
    let name = text::candidate_name(&row.candidate);
    let label = format!("{}: {name}", text::decision::CHOOSE);
    view! {
        <li>
            <input type="checkbox" name="invites[]" value=row.id checked aria-label=label/>
            <a href=href dir="auto">{name}</a>
            <span class="hint">{row.assessment}</span>
            <span class="hint">{text::dashboard::SINCE} " " <Time at=row.changed_at/></span>
        </li>
    }
}
