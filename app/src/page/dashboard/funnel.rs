//! The funnel of the last days: how many were invited, started, completed, passed.

use leptos::prelude::*;

use super::server::FunnelView;
use crate::{page::candidates::filter::Filter, text, ui::InviteState};

/// Four numbers, each a link to rows, each with its share of the invited as a bar.
#[component]
pub fn Funnel(funnel: FunnelView) -> impl IntoView {
    let all = Filter::default();
    let completed = Filter { state: Some(InviteState::Completed), ..Filter::default() };
    let started = Filter { state: Some(InviteState::Started), ..Filter::default() };
    let steps = [
        (text::dashboard::INVITED, funnel.invited, all.address()),
        (text::dashboard::STARTED, funnel.started, started.address()),
        (text::dashboard::COMPLETED, funnel.completed, completed.address()),
        (text::dashboard::PASSED, funnel.passed, completed.address()),
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
