//! The funnel of the last days: how many were invited, started, completed, passed.

use leptos::prelude::*;

use super::server::FunnelView;
use crate::{
    page::candidates::filter::{Filter, Reached},
    text,
    ui::Verdict,
};

/// Four numbers, each a link to exactly its rows, each with its share of the invited as a bar.
#[component]
pub fn Funnel(funnel: FunnelView) -> impl IntoView {
    let recent = Filter { recent: true, ..Filter::default() };
    let reached = |step: Reached| Filter { reached: Some(step), ..recent.clone() }.address();
    let passed = Filter { verdict: Some(Verdict::Passed), ..recent.clone() }.address();
    let steps = [
        (text::dashboard::INVITED, funnel.invited, reached(Reached::Invited)),
        (text::dashboard::STARTED, funnel.started, reached(Reached::Started)),
        (text::dashboard::COMPLETED, funnel.completed, reached(Reached::Completed)),
        (text::dashboard::PASSED, funnel.passed, passed),
    ];
    let step = move |(word, number, href): (&'static str, i64, String)| {
        view! {
            <li>
                <a href=href>
                    <span class="funnel-number">{number}</span>
                    <span>{word}</span>
                </a>
                <meter class="bar" min="0" max=funnel.invited.max(1).to_string() value=number.to_string() aria-label=word></meter>
            </li>
        }
    };
    view! {
        <section class="panel" aria-labelledby="funnel-title">
            <h2 id="funnel-title">{text::dashboard::FUNNEL}</h2>
            <ul class="funnel">{steps.map(step).into_iter().collect_view()}</ul>
        </section>
    }
}
